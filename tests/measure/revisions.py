"""What a save of a long story adds to the database: one word changed, three hundred times.

A command, not a test, since its numbers are those of the machine it runs on:

    [DATABASE_URL=postgres://…] .venv/bin/python -m tests.measure.revisions [--saves 300]

The database must be new: it is migrated, filled and left behind. Without ``DATABASE_URL`` it is
SQLite in a folder of its own. Prints JSON: bytes for each revision as it is kept, and as it would
be if each held the whole story; milliseconds of this process for each save.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

from tests.measure.conversation import BASE

PARAGRAPHS, WORDS = 84, 60  # five thousand words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--saves", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsroom-measure-") as folder:
        os.environ |= {"VAR_DIR": folder, "LIMITS": "off"}
        os.environ.setdefault("DATABASE_URL", "")
        os.environ["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
        os.chdir(BASE)
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], check=True, cwd=BASE)
        import django

        django.setup()
        print(json.dumps(measured(options.saves), indent=1))


def measured(saves: int) -> dict[str, object]:
    """Save a story so often, and return what that took."""
    from django.db import connection

    from articles import revisions
    from articles.models import Article

    chance = random.Random(4)  # noqa: S311 - the same text each time
    known = ["".join(chance.choices("abcdefghilmnoprstu", k=chance.randint(2, 9)))
             for _ in range(3000)]  # fmt: skip
    text = [[chance.choice(known) for _ in range(WORDS)] for _ in range(PARAGRAPHS)]
    story = Article.objects.create(headline="Measured", slug="measured")

    def save() -> None:
        chance.choice(text)[chance.randrange(WORDS)] = chance.choice(known)
        story.set_body("".join(f"<p>{' '.join(paragraph)}.</p>" for paragraph in text))
        story.save_edit(story.version)
        revisions.take(story, None)

    save()
    before, began = size(), time.process_time()
    for _ in range(saves):
        save()
    took = (time.process_time() - began) / saves
    return {
        "database": connection.vendor,
        "words": story.word_count,
        "bytes a revision": round((size() - before) / saves),
        "bytes of the whole story": len(json.dumps(revisions.content_of(story))),
        "ms of this process a save": round(took * 1000, 1),
    }


def size() -> int:
    """Return the bytes that revisions take: on PostgreSQL their table, else the whole file."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size('articles_revision')")
        else:
            cursor.execute(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
