"""The article that a reader opens: one row with all that says what it is and of which edition.

The most asked question of all, and asked as one prepared query.
"""

import datetime
from collections.abc import Callable
from typing import Any

from django.db.models import DateField, DateTimeField, Exists, OuterRef, Subquery
from django.http import Http404
from django.utils import timezone

from articles.models import Article, ArticleQuerySet, Correction, RelatedStory
from newsroom import prepared
from newsroom.models import Edition


class Killed(Http404):
    """What stood there was killed: nothing of it is to be told but that it is gone."""


def story(year: str, month: str, day: str, slug: str) -> Article:
    """Return the published story at a reader's address, a withdrawn one too; else ``Http404``."""
    try:
        published_on = datetime.date(int(year), int(month), int(day))
    except ValueError as error:
        raise Http404("No such date.") from error
    return _readable(_STORY.first(day=published_on, slug=slug, now=timezone.now()))


def page(slug: str) -> Article:
    """Return the published standing page at a reader's address; else ``Http404``."""
    return _readable(_PAGE.first(slug=slug, now=timezone.now()))


def _readable(opened: Article | None) -> Article:
    # The rule of ``published()``, asked of the row: what it says of the time is no part of a
    # query that is written once.
    if opened is not None and opened.is_killed:
        raise Killed
    if opened is None or not opened.is_published:
        raise Http404("No such article.")
    return opened


def _query(find: Callable[[], ArticleQuerySet]) -> prepared.Query:
    def write() -> Any:
        found: Any = find().for_page()
        following = Article.objects.scheduled_after(prepared.moment("now"))
        ending = Article.objects.ending_after(prepared.moment("now"))
        return found.annotate(
            edition=Edition.current(),
            # When the clock publishes the next story, and when it ends one.
            next_story_at=Subquery(
                following.values("published_at")[:1], output_field=DateTimeField()
            ),
            next_end_at=Subquery(ending.values("expires_at")[:1], output_field=DateTimeField()),
            has_corrections=Exists(Correction.objects.filter(article=OuterRef("pk"))),
            has_related_stories=Exists(RelatedStory.objects.filter(article=OuterRef("pk"))),
        )

    return prepared.Query(write, is_page=True)


_STORY = _query(
    lambda: Article.objects.filter(
        kind=Article.Kind.STORY,
        published_on=prepared.Given("day", DateField()),
        slug=prepared.text("slug"),
    )
)
_PAGE = _query(lambda: Article.objects.page_at(prepared.text("slug")))
