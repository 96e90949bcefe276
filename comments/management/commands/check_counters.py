"""``manage.py check_counters [--fix]``: count again what the counters count."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments import counters
from comments.progress import Progress

SHOWN = 50  # lines of drift


class Command(BaseCommand):
    help = "Recompute every counter from the rows and report drift."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="set the counters right")

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        pass
