"""Run the production server, and beside it what works in the background."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from granian import Granian
from granian.constants import Interfaces

from newsroom.management.commands.prepare import refuse_taken_port

log = logging.getLogger(__name__)

WORK = (sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--with-parent")
AGAIN = 3.0  # seconds until a worker that died is started again
PATIENCE = 15.0  # seconds that a worker has to end its task


class Command(BaseCommand):
    help = "Serve the site with the production server (Granian, WSGI) and its background worker."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("port", type=int, nargs="?", default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
        parser.add_argument(
            "--no-worker",
            action="store_true",
            help="do not start `manage.py work`: it runs elsewhere",
        )

    def handle(
        self, *args: Any, port: int, host: str, workers: int, no_worker: bool, **options: Any
    ) -> None:
        refuse_taken_port(port)
        # Threads that share their arenas leave a third less of a worker's memory in pieces.
        os.environ.setdefault("MALLOC_ARENA_MAX", "2")
        server = Granian(
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
        )
        if no_worker:
            server.serve()
            return
        with kept_running(WORK):
            server.serve()


@contextmanager
def kept_running(command: tuple[str, ...], again: float = AGAIN) -> Iterator[None]:
    """Run ``command`` for as long as the block does, from the beginning whenever it ends."""
    stopping = threading.Event()

    def watch() -> None:
        while not stopping.is_set():
            child = subprocess.Popen(command)  # noqa: S603 - our own command
            while child.poll() is None and not stopping.wait(0.2):
                pass
            if child.returncode is not None:
                if not stopping.wait(again):
                    log.error("The worker ended (%s); starting it again.", child.returncode)
                continue
            child.terminate()
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                # What it was at is done again by the next one.
                child.kill()
                child.wait()

    watcher = threading.Thread(target=watch, name="worker", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stopping.set()
        watcher.join(PATIENCE + 5)
