"""Note that mail to an address came back, so that none goes there any more."""

import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from comments import bounces
from comments.models import MailStop


class Command(BaseCommand):
    help = (
        "Record a bounce or a complaint: of ADDRESS, or as the report on standard input tells it "
        "(a mail server can pipe what comes back to this command)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="?", metavar="ADDRESS")
        parser.add_argument("--kind", choices=MailStop.Kind.values, default=MailStop.Kind.HARD)
        parser.add_argument("--detail", default="", help="what the server said")
        parser.add_argument("--lift", action="store_true", help="let mail go there again")

    def handle(
        self, *args: Any, address: str | None, kind: str, detail: str, lift: bool, **options: Any
    ) -> None:
        if address is None:
            try:
                found = bounces.from_message(sys.stdin.buffer.read())
            except bounces.Unreadable as error:
                raise CommandError(str(error)) from error
        else:
            try:
                validate_email(address)
            except ValidationError as error:
                raise CommandError(f"{address} is no mail address.") from error
            if lift:
                was_stopped = MailStop.lift(address)
                said = "gets mail again" if was_stopped else "was not stopped"
                self.stdout.write(f"{address} {said}.")
                return
            found = [bounces.Bounce(address, kind, detail)]
        for bounce in found:
            stop = bounce.record()
            is_standing = MailStop.objects.standing().filter(pk=stop.pk).exists()
            effect = "no mail goes there" if is_standing else "noted; mail still goes there"
            self.stdout.write(f"{stop.address}: {stop.get_kind_display()} ({effect}).")
