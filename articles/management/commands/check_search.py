"""``manage.py check_search [--fix]``: does the index of words say what the articles do?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from articles import wording

SHOWN = 20  # ids of articles


class Command(BaseCommand):
    help = (
        "Compare the index of words, by which articles are found, with the articles. Reads every "
        "text. --fix makes the index anew: after a change of LANGUAGE_CODE too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="make the whole index anew")

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        if fix:
            wording.rebuild()
            self.stdout.write("The index of words was made anew.")
            return
        if found := wording.out_of_step():
            some = ", ".join(map(str, found[:SHOWN])) + (" …" if len(found) > SHOWN else "")
            raise CommandError(
                f"The index of words is out of step with {len(found)} articles: {some}. "
                "--fix makes it anew."
            )
        self.stdout.write("The index of words says what the articles do.")
