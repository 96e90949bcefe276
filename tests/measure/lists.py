"""What the article desk costs: with few and with two hundred thousand stories.

A command, not a test, since its numbers are those of the machine it runs on:

    [DATABASE_URL=postgres://…] .venv/bin/python -m tests.measure.lists \\
        [--few 200] [--many 200000] [--rounds 15]

The database must be new: it is migrated, filled and left behind. Without ``DATABASE_URL`` it is
SQLite in a folder of its own. Prints JSON: for each page statements, and milliseconds with few,
with many, and the ratio of the two (medians of the rounds).
"""

import argparse
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from typing import Any

from tests.measure.conversation import BASE
from tests.measure.desk import HOST, beside, measured, say

WRITERS = 40
SLOW = 1000  # milliseconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--few", type=int, default=200)
    parser.add_argument("--many", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsroom-measure-") as folder:
        os.environ |= {"VAR_DIR": folder, "LIMITS": "off"}
        os.environ.setdefault("DATABASE_URL", "")
        os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
        os.chdir(BASE)
        sys.path.insert(0, str(BASE))
        subprocess.run(
            [sys.executable, "manage.py", "prepare"], check=True, stdout=subprocess.DEVNULL
        )
        import django

        django.setup()
        from django.db import connection

        people = staff()
        fill(options.few, people)
        few = pages(options.rounds)
        say(f"with {options.few} measured; filling up to {options.many}")
        began = time.perf_counter()
        fill(options.many - options.few, people)
        say(f"filled in {time.perf_counter() - began:.0f} s")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        many = pages(options.rounds)
        result = {
            "database": connection.vendor,
            "stories": [options.few, options.many],
            "pages": beside(few, many),
        }
    print(json.dumps(result, indent=2))


def staff() -> list[int]:
    """Make an editor, and the reporters; return the ids of the reporters' accounts."""
    from django.contrib.auth.models import Group

    from accounts.models import User

    made = []
    for name, role in [("editor", "editor"), *((f"writer{n}", "reporter") for n in range(WRITERS))]:
        user = User.objects.create_user(name, f"{name}@example.org", "measured", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        made.append(user.pk)
    return made[1:]


def fill(count: int, reporters: list[int]) -> None:
    """Write so many stories, and bring some of the unpublished into review and to readiness."""
    from django.utils import timezone

    from articles import scale
    from articles.models import Article, Author, Step
    from newsroom import bulk

    chance = random.Random(5)  # noqa: S311 - the same stories every time
    now = timezone.now()
    known = Author.objects.filter(user__in=reporters).values_list("pk", "user")
    with bulk.loading(scale.TABLES, lambda *_: None):
        writers = [scale.Writer(*pair) for pair in known] or scale.writers_of(reporters)
        scale.write(scale.plan(count, writers, now, chance), {}, now, chance, lambda done: None)
    drafts = Article.objects.filter(status=Article.Status.DRAFT).values_list("pk", flat=True)
    for status, verb, ids in (
        (Article.Status.REVIEW, Article.Verb.SUBMIT, list(drafts[: count // 2000])),
        (Article.Status.READY, Article.Verb.READY, list(drafts[: count // 4000])),
    ):
        Article.objects.filter(pk__in=ids).update(status=status)
        Step.objects.bulk_create(
            Step(article_id=pk, verb=verb, before="draft", after=status, by_id=reporters[0])
            for pk in ids
        )
    published = Article.objects.filter(status=Article.Status.PUBLISHED)
    rare = published.filter(pk__in=published.order_by("pk").values_list("pk", flat=True)[7:17])
    rare.update(label=Article.Label.LETTER)
    soon = now + datetime.timedelta(days=2)
    some = Article.objects.filter(status=Article.Status.SCHEDULED).order_by("pk")
    for place, pk in enumerate(list(some.values_list("pk", flat=True)[:12])):
        at = soon + datetime.timedelta(hours=place, seconds=pk % 60)
        some.filter(pk=pk).update(published_at=at)


def pages(rounds: int) -> dict[str, dict[str, float]]:
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from accounts.models import User
    from articles.models import Article, Author, Section

    stories = reverse("admin:articles_article_changelist")
    section = Section.objects.earliest("pk").pk
    author = Author.objects.earliest("pk").name.replace(" ", "+")
    once = Article.objects.earliest("pk").headline.split()[1]
    year = timezone.localdate().year
    asked = {
        "the desk": ("editor", reverse("admin:index")),
        "the desk, a reporter’s": ("writer1", reverse("admin:index")),
        "calendar": ("editor", reverse("admin:articles_article_calendar")),
        "list": ("editor", stories),
        "list, a reporter’s": ("writer1", stories),
        "page 2": ("editor", f"{stories}?p=2"),
        "page 50": ("editor", f"{stories}?p=50"),
        "by time of saving": ("editor", f"{stories}?o=-8"),
        "oldest first": ("editor", f"{stories}?o=7"),
        "mine": ("writer1", f"{stories}?desk=mine"),
        "waiting for me": ("editor", f"{stories}?desk=waiting"),
        "drafts": ("editor", f"{stories}?status__exact=draft"),
        "in review": ("editor", f"{stories}?status__exact=review"),
        "scheduled": ("editor", f"{stories}?status__exact=scheduled"),
        "published": ("editor", f"{stories}?status__exact=published"),
        "withdrawn": ("editor", f"{stories}?status__exact=withdrawn"),
        "killed": ("editor", f"{stories}?status__exact=killed"),
        "ended": ("editor", f"{stories}?status__exact=ended"),
        "one section": ("editor", f"{stories}?section__id__exact={section}"),
        "drafts of a section": (
            "editor",
            f"{stories}?section__id__exact={section}&status__exact=draft",
        ),
        "a common type": ("editor", f"{stories}?label__exact=news"),
        "a rare type": ("editor", f"{stories}?label__exact=letter"),
        "a type of none": ("editor", f"{stories}?label__exact=sponsored"),
        "standing pages": ("editor", f"{stories}?label__exact=page"),
        "a year": ("editor", f"{stories}?published={year - 1}"),
        "a month": ("editor", f"{stories}?published={year - 1}-03"),
        "the last week": ("editor", f"{stories}?published=7"),
        "an author": ("editor", f"{stories}?author={author}"),
        "an author in a section": (
            "editor",
            f"{stories}?author={author}&section__id__exact={section}",
        ),
        "nobody’s": ("editor", f"{stories}?author=Nobody+Whatsoever"),
        "words that are everywhere": ("editor", f"{stories}?q=council+{once}"),
        "words that are nowhere": ("editor", f"{stories}?q=zebrafinch"),
        "words, in drafts": ("editor", f"{stories}?q=council&status__exact=draft"),
    }
    clients = {}
    for name in ("editor", "writer1"):
        clients[name] = Client(raise_request_exception=False)
        clients[name].force_login(User.objects.get(username=name))
    found = {}
    for name, (who, url) in asked.items():

        def act(who: str = who, url: str = url) -> None:
            answer: Any = clients[who].get(url, **HOST)  # type: ignore[arg-type]
            # A page that is not there with few leads back to the list.
            assert answer.status_code in {200, 302}, (url, answer.status_code)

        began = time.perf_counter()
        act()
        took = 1000 * (time.perf_counter() - began)
        found[name] = measured(act, rounds if took < SLOW else 3)
        say(f"{name}: {found[name]}")
    return found


if __name__ == "__main__":
    main()
