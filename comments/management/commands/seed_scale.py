"""Fill the database with a large synthetic newsroom, for measuring."""

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from articles.models import Article
from comments import scale
from comments.scale.meter import Meter
from comments.scale.plan import Impossible, Plan


class Command(BaseCommand):
    help = (
        "Fill the database with a large synthetic newsroom, for measuring. All or nothing: stopped "
        "half way, it leaves the database as it was. Others wait for its tables meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--articles", type=int, default=2_000, metavar="N")
        parser.add_argument("--comments", type=int, default=200_000, metavar="M")
        parser.add_argument(
            "--biggest", type=int, default=0, metavar="K",
            help="of the comments, exactly so many under one more article",
        )  # fmt: skip
        parser.add_argument(
            "--pending", type=int, metavar="P",
            help="of the comments, so many that wait for a moderator (else one of 500)",
        )  # fmt: skip
        parser.add_argument(
            "--add", action="store_true", help="beside the articles that are here already"
        )
        parser.add_argument(
            "--yes", action="store_true", help="in production too, though its password is known"
        )
        parser.add_argument(
            "--json", action="store_true", help="print addresses and logins as JSON"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEVELOPMENT or options["yes"]):
            raise CommandError(
                "This is a production site, and everybody knows the password of the moderator that "
                "would be made. Say --yes if nobody can reach it."
            )
        if not options["add"] and (count := Article.objects.count()):
            raise CommandError(
                f"This database holds {count:,} articles already. Name an empty one with "
                "DATABASE_URL or VAR_DIR, or say --add to put the synthetic ones beside them."
            )
        plan = Plan(
            options["articles"], options["comments"], options["biggest"], options["pending"]
        )
        try:
            guide = scale.fill(plan, Meter(sys.stderr))
        except Impossible as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"Nothing was written. The database says: {error}") from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. Nothing was written.") from error
        self.stdout.write(json.dumps(guide, indent=2) if options["json"] else in_words(plan, guide))


def in_words(plan: Plan, guide: dict[str, Any]) -> str:
    pages = (f"  {int(size):>9,} comments  {address}" for size, address in guide["pages"].items())
    return "\n".join(
        [
            f"{plan.articles:,} articles and {plan.comments:,} comments are written. Of a known "
            "size are:",
            *pages,
            f"Log in as {guide['reader']} or {guide['moderator']}, password {guide['password']}.",
        ]
    )
