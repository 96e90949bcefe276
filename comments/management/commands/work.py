"""Do what waits in the background: send mail, keep the clock."""

import logging
import os
import signal
import socket
import threading
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from comments import tasks
from newsroom import replicas

log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between looks into an empty queue
TICK = 15.0  # seconds between looks at what the clock made due
TEND = 60.0
TIDY = 60 * 60.0
REST = 5.0  # seconds to leave a database alone that does not answer


class Command(BaseCommand):
    help = "Run the background worker and its clock, until stopped. Several may run at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="do everything that is due now, then end"
        )
        parser.add_argument(
            "--with-parent",
            action="store_true",
            help="end when the process that started this one does",
        )

    def handle(self, *args: Any, once: bool, with_parent: bool, **options: Any) -> None:
        if once:
            tasks.tick()
            queue().run()
            tasks.tend()
            tasks.tidy()
            return
        self.stopping = threading.Event()
        self.queue = queue()
        signal.signal(signal.SIGTERM, self.stop)
        # Beside a server, a Ctrl-C is the server's, which then stops this.
        signal.signal(signal.SIGINT, signal.SIG_IGN if with_parent else self.stop)
        parent = os.getppid()
        next_tick = next_tend = next_tidy = time.monotonic()
        while not self.stopping.is_set() and (not with_parent or os.getppid() == parent):
            rest = LOOK
            try:
                now = time.monotonic()
                # Noted first: what fails here does not keep the queue from its turn.
                if now >= next_tidy:
                    next_tidy = now + TIDY
                    tasks.tidy()
                if now >= next_tick:
                    next_tick = now + TICK
                    tasks.tick()
                if now >= next_tend:
                    next_tend = now + TEND
                    tasks.tend()
                # Looked at first, since to take a task locks the whole of an SQLite database.
                if DBTaskResult.objects.ready().exists():
                    self.queue = queue()
                    self.queue.run()
                    # A task may have taken something away.
                    replicas.removed()
            except DatabaseError as error:
                log.warning("The worker rests: the database does not answer (%s).", error)
                connection.close()
                rest = REST
            except Exception:
                log.exception("The clock stumbled.")
            close_old_connections()
            self.stopping.wait(rest)

    def stop(self, signum: int, frame: FrameType | None) -> None:
        """End after the task that runs; at a second signal, now."""
        if self.stopping.is_set():
            raise SystemExit(1)
        self.stopping.set()
        self.queue.running = False


def queue() -> Worker:
    """Return what runs the tasks that wait, each once however many workers there are."""
    return Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}",
        excluded_queue_names=[],
    )
