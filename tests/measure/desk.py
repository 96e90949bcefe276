"""What the moderation desk costs: with few and with a million comments waiting.

A command, not a test, since its numbers are those of the machine it runs on:

    [DATABASE_URL=postgres://…] .venv/bin/python -m tests.measure.desk \\
        [--few 21] [--many 1000000] [--bulk 10000] [--keys 120] [--rounds 15]

The database must be new: it is migrated, filled and left behind. Without ``DATABASE_URL`` it is
SQLite in a folder of its own. Prints JSON:

``desk``      per page of the desk: statements, and milliseconds with few, with many, and the ratio
              of the two (medians of the rounds, counts not from the cache)
``decision``  the same for one decision, sent to its address
``bulk``      seconds for a batch of ``--bulk`` rejections whose worker is killed half way with
              SIGKILL and begun again, how far it was, and what was decided twice (nothing)
``keys``      decisions a minute that a browser sustains by single keys, each after the last is on
              the page
"""

import argparse
import contextlib
import datetime
import itertools
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from tests.measure.conversation import BASE, WORDS, browser, served

CHUNK = 5000
STORIES, SECTIONS = 200, 8
EACH = 50  # comments of one person
CHECKS = (("first-comment", "first comment of this reader", []), ("links", "3 links", ["https://"]))
RARE = "outside"  # a check that spoke of very few
HOST = {"headers": {"host": "127.0.0.1"}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--few", type=int, default=21)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--bulk", type=int, default=10_000)
    parser.add_argument("--keys", type=int, default=120)
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

        seeder = Seeder(options.many // EACH)
        seeder.wait_in_line(options.few)
        few = pages(options.rounds), decisions(options.rounds)
        say(f"with {options.few} measured; filling up to {options.many}")
        began = time.perf_counter()
        seeder.wait_in_line(options.many - options.few)
        say(f"filled in {time.perf_counter() - began:.0f} s")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        many = pages(options.rounds), decisions(options.rounds)
        result: dict[str, Any] = {
            "database": connection.vendor,
            "waiting": [options.few, options.many],
            "desk": beside(few[0], many[0]),
            "decision": beside(few[1], many[1]),
            "bulk": bulk(options.bulk),
        }
        connection.close()
        with served() as url, browser() as chromium:
            result["keys"] = keyboard(chromium, url, options.keys)
    print(json.dumps(result, indent=2))


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


class Seeder:
    """A newsroom of stories and people, and comments that wait under them."""

    def __init__(self, people: int) -> None:
        from allauth.account.models import EmailAddress
        from django.contrib.auth.models import Group
        from django.utils import timezone

        from accounts.models import User
        from articles.models import Article, Section

        self.now = timezone.now()
        self.chance = random.Random(7)  # noqa: S311 - the same desk every time
        self.vocabulary = WORDS.split()
        self.places = itertools.count()
        moderator = User.objects.create_user(
            "moderator", "moderator@example.org", "measured", is_staff=True
        )
        moderator.groups.add(Group.objects.get(name="moderator"))
        EmailAddress.objects.create(
            user=moderator, email=moderator.email, verified=True, primary=True
        )
        self.people = [
            User(username=f"speaker{n}", email=f"speaker{n}@example.org", display_name=f"Ada {n}")
            for n in range(people)
        ]
        User.objects.bulk_create(self.people, batch_size=CHUNK)
        sections = [
            Section.objects.create(name=f"Section {n}", slug=f"section-{n}")
            for n in range(SECTIONS)
        ]
        self.stories = []
        for n in range(STORIES):
            at = self.now - datetime.timedelta(days=3, minutes=n)
            story = Article(
                headline=f"Story {n}", slug=f"story-{n}", section=sections[n % SECTIONS],
                status=Article.Status.PUBLISHED, published_at=at,
                published_on=timezone.localdate(at),
            )  # fmt: skip
            story.set_body("<p>The river rose at four.</p>")
            self.stories.append(story)
        Article.objects.bulk_create(self.stories)

    def wait_in_line(self, count: int) -> None:
        """Add so many comments that wait, with what held them."""
        from comments.models import Finding

        done = 0
        while done < count:
            rows = [self._comment() for _ in range(min(CHUNK, count - done))]
            type(rows[0]).objects.bulk_create(rows)
            findings = [self._finding(row) for row in rows]
            Finding.objects.bulk_create(findings)
            done += len(rows)
            if done % 100_000 == 0:
                say(f"  {done:,}")

    def _comment(self) -> Any:
        from comments.models import Comment

        place = next(self.places)
        said = " ".join(self.chance.choice(self.vocabulary) for _ in range(20))
        body = f"{said}. Word {place}."
        return Comment(
            article=self.stories[place % STORIES],
            author=self.people[self.chance.randrange(len(self.people))],
            status=Comment.Status.PENDING,
            body=body, body_html=f"<p>{body}</p>", fingerprint=body, renderer=1,
            created_at=self.now - datetime.timedelta(days=2, seconds=-place / 10),
            risk=self.chance.randrange(90),
            language="cy" if place % 200_000 == 7 else self.chance.choice(("en", "en", "de", "")),
        )  # fmt: skip

    def _finding(self, comment: Any) -> Any:
        from comments.models import Finding

        name, reason, matches = CHECKS[comment.pk % len(CHECKS)]
        if comment.pk % 200_000 == 9:
            name, reason, matches = RARE, "an outside check spoke", []
        return Finding(
            comment=comment, check_name=name, reason=reason, matches=matches, at=comment.created_at
        )


def as_moderator() -> Any:
    from django.test import Client

    from accounts.models import User

    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="moderator"))
    return client


def measured(act: Any, rounds: int) -> dict[str, float]:
    """Return the statements of one ``act()`` and the median of its milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as taken:
        act()
    ours = [one for one in taken.captured_queries if not is_frame(one["sql"])]
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - began))
    return {"statements": len(ours), "ms": round(statistics.median(took), 1)}


def is_frame(sql: str) -> bool:
    return bool(re.match(r"(BEGIN|COMMIT|SAVEPOINT|RELEASE SAVEPOINT)\b", sql))


def pages(rounds: int) -> dict[str, dict[str, float]]:
    """Measure the desk's pages, with the counts never from the cache."""
    from django.core.cache import cache
    from django.urls import reverse

    from articles.models import Article, Section
    from comments.models import Comment
    from comments.queues import Place

    client, desk = as_moderator(), reverse("admin:comments_comment_desk")
    _, further = Place.asked_for({"queue": "pending"}).page()
    once = Comment.objects.pending().last().body.rpartition(" ")[2]
    story, section = Article.objects.earliest("pk").pk, Section.objects.latest("pk").pk
    asked = {
        "waiting, oldest first": "queue=pending",
        "waiting, second page": f"queue=pending&after={further}" if further else "queue=pending",
        "waiting, by risk": "queue=pending&sort=risk",
        "one story": f"queue=pending&article={story}",
        "one section": f"queue=pending&section={section}",
        "one check": "queue=pending&check=links",
        "a rare check": f"queue=pending&check={RARE}",
        "first comments": "queue=pending&first=1",
        "an hour old": "queue=pending&age=1h",
        "a language": "queue=pending&language=de",
        "a rare language": "queue=pending&language=cy",
        "words that are everywhere": "queue=pending&q=river",
        "a word that is once": f"queue=pending&q={once}",
        "approved": "queue=approved",
        "rejected for one reason": "queue=rejected&reason=hate",
    }
    found = {}
    for name, query in asked.items():

        def act(query: str = query) -> None:
            cache.clear()
            answer = client.get(f"{desk}?{query}", **HOST)
            assert answer.status_code == 200, (query, answer.status_code)

        found[name] = measured(act, rounds)
    index = reverse("admin:index")
    found["the admin’s first page"] = measured(lambda: client.get(index, **HOST), rounds)
    return found


def decisions(rounds: int) -> dict[str, dict[str, float]]:
    """Measure decisions, and what undoes one, as the page sends them."""
    from django.urls import reverse

    from comments.models import Comment

    client = as_moderator()
    rows = iter(list(Comment.objects.pending()[: 2 * rounds + 4]))
    decided: list[int] = []

    def decide(**said: str) -> None:
        row = next(rows, None)
        if row is None:  # of few, all are decided on: turn back to the first
            row = Comment.objects.get(pk=decided[len(decided) % 2])
        address = reverse("admin:comments_comment_decide", args=[row.pk])
        version = Comment.objects.values_list("version", flat=True).get(pk=row.pk)
        answer = client.post(
            address, {**said, "version": str(version)},
            headers={"host": "127.0.0.1", "hx-request": "true"},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text[:500]
        decided.append(row.pk)

    return {
        "approve": measured(lambda: decide(action="approve"), min(rounds, 3)),
        "reject": measured(lambda: decide(action="reject", reason="hate"), min(rounds, 3)),
    }


def beside(few: dict[str, Any], many: dict[str, Any]) -> dict[str, Any]:
    """Put the figures of the two sizes in one row."""
    return {
        name: {
            "statements": [few[name]["statements"], many[name]["statements"]],
            "ms": [few[name]["ms"], many[name]["ms"]],
            "ratio": round(many[name]["ms"] / few[name]["ms"], 2),
        }
        for name in few
    }


# In bulk


@contextlib.contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "manage.py", "work"], stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def bulk(count: int) -> dict[str, Any]:
    """Reject so many by a task, whose worker is killed half way; tell what came of it."""
    from django.db.models import Count

    from accounts.models import User
    from comments.models import Batch, Comment, Decision

    moderator = User.objects.get(username="moderator")
    began = time.perf_counter()
    waiting = Comment.objects.pending()
    last = waiting[count - 1]
    batch = Batch.of(
        moderator,
        Batch.Action.REJECT,
        waiting.filter(created_at__lte=last.created_at),
        reason="advert",
    )
    chosen = time.perf_counter() - began

    def until(is_there: Any) -> float:
        began = time.perf_counter()
        while not is_there():
            time.sleep(0.05)
            batch.refresh_from_db()
        return time.perf_counter() - began

    with worker() as process:
        first = until(lambda: batch.done >= count // 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    batch.refresh_from_db()
    at_kill = batch.done
    with worker():
        second = until(lambda: batch.status == Batch.Status.DONE)
    rows = Decision.objects.filter(batch=batch)
    twice = rows.values("comment").annotate(times=Count("pk")).filter(times__gt=1).count()
    return {
        "comments": count,
        "chosen_in_s": round(chosen, 1),
        "done_when_killed": at_kill,
        "seconds": [round(first, 1), round(second, 1)],
        "done": batch.done,
        "refused": batch.refused,
        "decisions": rows.count(),
        "decided_twice": twice,
    }


# By keys


def keyboard(chromium: Any, url: str, count: int) -> dict[str, Any]:
    """Decide on so many by single keys; return how many a minute, and how long one takes."""
    context = chromium.new_context(base_url=url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "moderator")
    page.fill("input[name=password]", "measured")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/account/")
    page.goto("/admin/comments/comment/desk/")
    took = []
    began = time.perf_counter()
    for turn in range(count):
        if not page.locator("[data-card]").count():
            page.keyboard.press("Tab")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            page.wait_for_selector(".card.is-current")
        at = time.perf_counter()
        current = page.locator(".card.is-current").get_attribute("id")
        for key in ("r", "1") if turn % 4 == 3 else ("s",) if turn % 9 == 8 else ("a",):
            page.keyboard.press(key)
        page.wait_for_selector(f"#{current}[data-line]")
        took.append(1000 * (time.perf_counter() - at))
    whole = time.perf_counter() - began
    context.close()
    return {
        "decisions": count,
        "a_minute": round(60 * count / whole),
        "ms_from_key_to_line": [round(statistics.median(took)), round(max(took))],
    }


if __name__ == "__main__":
    main()
