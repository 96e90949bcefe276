"""Run the production server."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from granian import Granian
from granian.constants import Interfaces

from newsroom.management.commands.prepare import refuse_taken_port


class Command(BaseCommand):
    help = "Serve the site with the production server (Granian, WSGI)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("port", type=int, nargs="?", default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))

    def handle(self, *args: Any, port: int, host: str, workers: int, **options: Any) -> None:
        refuse_taken_port(port)
        Granian(
            "newsroom.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=4,
            websockets=False,
            # A worker that dies is replaced; the others go on.
            respawn_failed_workers=True,
            log_access=False,
        ).serve()
