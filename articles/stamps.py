"""What a kept page is of: the edition, and the versions of the stories that stand on it.

A page with the same stamp says the same, until the clock changes it (``until``). All of it is
read in one statement, before what is shown is, so that a change in between makes the page old.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, QuerySet, Subquery
from django.utils import timezone

from articles.models import Article
from newsroom import prepared
from newsroom.models import Edition
from newsroom.page_cache import Stamp, ask

# By hand: this is asked for every page that is served from the cache, and nothing else is.
EDITION = "(SELECT number FROM newsroom_edition WHERE id = 1)"
OF_ONE = f"SELECT {EDITION}, 1, (SELECT page_version FROM articles_article WHERE id = %s)"  # noqa: S608
OF_MANY = f"SELECT {EDITION}, count(*), coalesce(sum(page_version), 0) FROM articles_article WHERE "  # noqa: S608
AMONG = {
    "postgresql": "id = ANY(%s::bigint[])",
    "sqlite": "id IN (SELECT value FROM json_each(%s))",
}
# A ranking of stories by what is said under them moves without any of them being read anew.
RANKING = datetime.timedelta(seconds=30)


def beginning() -> tuple[int, datetime.datetime | None]:
    """Return the edition, and when the clock next publishes a story or ends one. One query.

    A list asks it before anything that it shows, so that a change in between makes it old.
    """
    now = timezone.now()
    found = _BEGINNING.first(now=now)
    if found is None:
        # Before there is any edition nothing can be told, and nothing is kept.
        return 0, now
    edition, next_story_at, next_end_at = found
    return edition, min(filter(None, [next_story_at, next_end_at]), default=None)


def _write_beginning() -> "QuerySet[Any, tuple[Any, ...]]":
    following = Article.objects.scheduled_after(prepared.moment("now")).values("published_at")[:1]
    ending = Article.objects.ending_after(prepared.moment("now")).values("expires_at")[:1]
    return Edition.objects.annotate(
        next_story_at=Subquery(following, output_field=DateTimeField()),
        next_end_at=Subquery(ending, output_field=DateTimeField()),
    ).values_list("number", "next_story_at", "next_end_at")


_BEGINNING = prepared.Query(_write_beginning, is_page=True)


def stamp(
    edition: int,
    shown: Iterable[Article],
    until: Iterable[datetime.datetime | None] = (),
) -> Stamp:
    """Return the stamp of a page of ``edition`` that shows these stories.

    It is good at most to midnight, when the date in the masthead changes, and to the earliest of
    ``until``.
    """
    versions = {article.pk: article.page_version for article in shown}
    known = f"{edition}.{len(versions)}.{sum(versions.values())}"
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    midnight = timezone.make_aware(datetime.datetime.combine(tomorrow, datetime.time()))
    end = min([midnight, *(one for one in until if one is not None)])
    return Stamp(tuple(sorted(versions)), known, end.timestamp())


def read(rows: tuple[int, ...]) -> str:
    """Return what the stamp of a page of these stories is now. One statement."""
    if len(rows) == 1:
        return "{}.{}.{}".format(*ask(OF_ONE, rows))
    kind = connection.vendor
    asked = list(rows) if kind == "postgresql" else str(list(rows))
    return "{}.{}.{}".format(*ask(OF_MANY + AMONG[kind], (asked,)))
