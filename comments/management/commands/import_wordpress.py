"""``manage.py import_wordpress FILE [--dry-run] [--fetch-files]``: move in from WordPress."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from articles.wordpress.wxr import UnreadableExport
from comments import text, wordpress
from comments.management.progress import Progress


class Command(BaseCommand):
    help = "Import a WordPress export (WXR). A second run of the same file changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="report what would come in, and change nothing"
        )
        parser.add_argument(
            "--fetch-files", action="store_true", help="fetch the pictures from the old site"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        progress = Progress(sys.stderr)
        try:
            report, arrivals = wordpress.import_file(path, options["dry_run"], progress)
        except UnreadableExport as error:
            raise CommandError(f"{path.name} was not imported. {error}") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
        except DatabaseError as error:
            raise CommandError(f"Nothing was imported. The database says: {error}") from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. Nothing was imported.") from error
        finally:
            progress.end()
        if options["fetch_files"] and not options["dry_run"]:
            try:
                wordpress.fetch_files(report, arrivals, progress)
            finally:
                progress.end()
        for line in report.lines():
            # A stranger's title may hold what a terminal obeys.
            self.stdout.write(text.DROPPED.sub("", line))
