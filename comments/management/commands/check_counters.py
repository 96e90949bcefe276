"""``manage.py check_counters [--fix]``: count again what the counters count."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles.models import Article
from comments import counters
from comments.management.progress import Progress

SHOWN = 100  # lines of drift


class Command(BaseCommand):
    help = "Recompute the counters of articles and comments from their rows, and report drift."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="set the counters right")

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        progress = Progress(sys.stderr)
        whole = max(1, Article.objects.count())
        looked_at = drifts = 0
        for count, articles in counters.suspects():
            looked_at += count
            progress(f"{looked_at} articles", min(1, looked_at / whole))
            for article in articles:
                found = counters.recount(article) if fix else counters.drift(article)
                for line in found[: max(0, SHOWN - drifts)]:
                    progress.end()
                    self.stdout.write(line)
                drifts += len(found)
        progress.end()
        if drifts > SHOWN:
            self.stdout.write(f"… and {drifts - SHOWN} more.")
        if drifts and not fix:
            raise CommandError(
                f"{drifts} counters are wrong in {looked_at} articles. --fix sets them right."
            )
        done = f"{drifts} set right" if drifts else "all are right"
        self.stdout.write(f"Counters of {looked_at} articles: {done}.")
