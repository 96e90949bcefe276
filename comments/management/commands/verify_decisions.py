"""Prove that nobody touched the record of decisions."""

import csv
from argparse import FileType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments import chain
from comments.models import Link

SHOWN = 20


class Command(BaseCommand):
    help = "Check the chain over all decisions; with --file, over an exported log."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=FileType(encoding="utf-8"), help="an exported log")
        parser.add_argument("--head", default="", help="a digest published before")

    def handle(self, *args: Any, file: Any, head: str, **options: Any) -> None:
        found = []
        steps = chain.verify_file(csv.DictReader(file)) if file else chain.verify(head)
        for step in steps:
            if isinstance(step, int):
                self.stderr.write(f"{step:,} links", ending="\r")
            else:
                found.append(step)
                if len(found) <= SHOWN:
                    self.stdout.write(f"Link {step.position}: {step.what}.")
        if found:
            raise CommandError(f"The record does not hold: {len(found)} places are wrong.")
        if file:
            self.stdout.write("The log holds: every row follows the one before it.")
            return
        last = chain.head()
        waiting = sum(chain.unsealed(kind, None).count() for kind in Link.Kind.values)
        self.stdout.write(
            f"The record holds: {last.position if last else 0:,} links, "
            f"{waiting:,} rows not sealed yet."
        )
        if last:
            self.stdout.write(f"Head: {last.digest}")
