"""What a search of stories costs: with two hundred and with two hundred thousand of them.

A command, not a test, since its numbers are those of the machine it runs on:

    [DATABASE_URL=postgres://…] .venv/bin/python -m tests.measure.search \\
        [--few 200] [--many 200000] [--words 50000] [--rounds 9]

The database must be new: it is migrated, filled and left behind. Without ``DATABASE_URL`` it is
SQLite in a folder of its own. Prints JSON: per search the milliseconds of the whole page with few
and with many (medians of the rounds, by the clock and by this process's own work). ``--words`` are
invented names that are put among the known words, since the synthetic newsroom has but some
hundreds. ``--filled`` measures a database, here ``VAR_DIR``'s too, that a run has left behind.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from tests.measure.conversation import BASE

# A word that one story of a thousand has, and no synthetic one.
RARE = "quartzite"
SEARCHES = {
    "rare word": {"q": RARE},
    "frequent word": {"q": "harbour"},
    "two frequent words": {"q": "harbour ferry"},
    "frequent words together": {"q": '"sea wall"'},
    "frequent but not another": {"q": "ferry -lighthouse"},
    "frequent, in a section": {"q": "harbour", "section": "county"},
    "frequent, by an author": {"q": "harbour", "author": "ruth-amberley-1"},
    "frequent, of a month": {"q": "harbour", "from": "2026-03-01", "to": "2026-03-31"},
    "frequent, oldest first": {"q": "harbour", "sort": "oldest"},
    "a slip of typing": {"q": "quartizte"},
    "nothing like it": {"q": "xylographically"},
    "page 50 of frequent": {"q": "harbour", "page": "50"},
    "section alone": {"section": "county"},
}
AT_DESK = {"desk, rare": RARE, "desk, frequent": "harbour", "desk, a beginning": "quartz"}
HOST = {"headers": {"host": "127.0.0.1"}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--few", type=int, default=200)
    parser.add_argument("--many", type=int, default=200_000)
    parser.add_argument("--words", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--filled", action="store_true", help="the database holds them already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsroom-measure-") as folder:
        os.environ.setdefault("DATABASE_URL", "")
        os.environ["LIMITS"] = "off"
        if not options.filled:
            os.environ["VAR_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
        os.chdir(BASE)
        sys.path.insert(0, str(BASE))
        subprocess.run(
            [sys.executable, "manage.py", "prepare"], check=True, stdout=subprocess.DEVNULL
        )
        import django

        django.setup()
        from django.db import connection

        few = {}
        if options.filled:
            spice(options.words)
        else:
            fill(options.few, options.words)
            few = measured(options.rounds)
            say(f"with {options.few} measured; filling up to {options.many}")
            fill(options.many - options.few, 0)
        many = measured(options.rounds)
        result: dict[str, Any] = {"database": connection.vendor, "many": options.many}
        for name, times in many.items():
            result[name] = {"many": times} | ({"few": few[name]} if name in few else {})
        print(json.dumps(result, indent=2))


def fill(count: int, words: int) -> None:
    """Add so many stories, and ``spice`` them."""
    from django.core.management import call_command

    began = time.perf_counter()
    call_command("seed_scale", articles=count, comments=300, add=True, stdout=sys.stderr)
    say(f"filled with {count} in {time.perf_counter() - began:.0f} s")
    spice(words)


def spice(words: int) -> None:
    """Have one story of a thousand say the rare word, and so many other words be known."""
    from django.db import connection, transaction
    from django.db.models import F, Value
    from django.db.models.functions import Concat

    from articles.models import Article

    with transaction.atomic():
        some = [pk for pk in Article.objects.values_list("pk", flat=True) if pk % 1000 == 7]
        Article.objects.filter(pk__in=some).exclude(headline__startswith=RARE).update(
            headline=Concat(Value(RARE + " "), F("headline"))
        )
        chance = random.Random(1)  # noqa: S311
        letters = "abcdefghijklmnopqrstuvwxyz"
        names = [
            "".join(chance.choice(letters) for _ in range(chance.randint(4, 12)))
            for _ in range(words)
        ]
        table = "(words)" if connection.vendor == "sqlite" else "(word)"
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute(f"INSERT INTO articles_spelling{table} VALUES (%s)", [name])  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measured(rounds: int) -> dict[str, dict[str, float]]:
    """Return of each search what it takes; see ``timed``."""
    from django.test import Client

    from articles import search
    from articles.models import Article

    newest = Article.objects.listed()[:1].get()
    SEARCHES["frequent, by an author"]["author"] = newest.authors.all()[0].slug
    client = Client()
    result = {}
    for name, query in SEARCHES.items():

        def page(query: dict[str, str] = query) -> None:
            answer = client.get("/search/", query, **HOST)
            assert answer.status_code in {200, 404, 503}, answer.status_code

        result[name] = timed(page, rounds)
    for name, text in AT_DESK.items():

        def rows(text: str = text) -> None:
            found = search.matching(Article.objects.order_by("-saved_at"), text)
            list(found.defer("body", "body_html")[:50])
            found.count()

        result[name] = timed(rows, rounds)
    return result


def timed(work: Any, rounds: int) -> dict[str, float]:
    """Return the medians of milliseconds, and of those in which this process itself computed.

    On SQLite the second are all the work; they say more where others use the machine.
    """
    work()
    times = []
    for _ in range(rounds):
        began, worked = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - began, time.process_time() - worked))
    ms, own = (round(statistics.median(column) * 1000, 1) for column in zip(*times, strict=True))
    return {"ms": ms, "own": own}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
