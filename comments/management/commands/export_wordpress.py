"""``manage.py export_wordpress FILE [--published] [--force]``: move out, to WordPress or a copy."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from comments import text, wordpress
from comments.management.progress import Progress


class Command(BaseCommand):
    help = (
        "Write the paper into a file that WordPress reads (WXR), and import_wordpress reads back "
        "equal. It holds everything: drafts and what was withdrawn or killed, comments that wait "
        "or were refused. With --published it holds what readers see, and nothing else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--published", action="store_true", help="only what readers see, for others to have"
        )
        parser.add_argument(
            "--force", action="store_true", help="overwrite a file that is there already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        progress = Progress(sys.stderr)
        before = signal.signal(signal.SIGTERM, _stop)
        try:
            report = wordpress.export_file(path, options["published"], options["force"], progress)
        except FileExistsError as error:
            raise CommandError(
                f"{path} is there already. Name another file, or say --force to overwrite it."
            ) from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror or error}.") from error
        except DatabaseError as error:
            raise CommandError(f"Nothing was written. The database says: {error}") from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. Nothing was written.") from error
        finally:
            progress.end()
            signal.signal(signal.SIGTERM, before)
        for line in report.lines():
            self.stdout.write(text.DROPPED.sub("", line))


def _stop(number: int, frame: FrameType | None) -> None:
    """End as at the keyboard, so that no half of a file stays."""
    raise KeyboardInterrupt
