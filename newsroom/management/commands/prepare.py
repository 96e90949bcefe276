"""Make a start possible: port free, folder writable, database migrated, static files in place."""

import errno
import hashlib
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = "Check port and folder, migrate the database, collect the static files."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help="the port that must be free")

    def handle(self, *args: Any, port: int | None, **options: Any) -> None:
        if port is not None:
            refuse_taken_port(port)
        refuse_read_only(settings.VAR_DIR)
        self._migrate()
        self._collect_static()

    def _migrate(self) -> None:
        try:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError as error:
            raise CommandError(f"The database cannot be reached: {error}") from error
        if plan:
            self.stdout.write(f"Database: {len(plan)} steps …", ending="")
            self.stdout.flush()
            call_command("migrate", verbosity=0)
            self.stdout.write(" done.")

    def _collect_static(self) -> None:
        if settings.DEBUG:
            return
        # Beside the folder, not in it: what lies in it is served.
        stamp = settings.VAR_DIR / ".collected"
        now = fingerprint(settings.BASE_DIR)
        if settings.STATIC_ROOT.exists() and stamp.exists() and stamp.read_text() == now:
            return
        self.stdout.write("Static files: hashing and compressing …", ending="")
        self.stdout.flush()
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(now)
        self.stdout.write(" done.")


def refuse_taken_port(port: int) -> None:
    """Raise ``CommandError`` with what to do if nobody can listen on ``port`` here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(
                    f"Port {port} is in use. Choose another one, for example: "
                    f"make demo PORT={port + 1}"
                ) from error
            raise CommandError(f"Port {port} cannot be used: {error.strerror}.") from error
        except OverflowError as error:
            raise CommandError("A port is a number from 1 to 65535.") from error


def refuse_read_only(folder: Path) -> None:
    """Raise ``CommandError`` if ``folder`` cannot be written."""
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise CommandError(
            f"{folder} cannot be written ({error.strerror}). "
            "Make it writable, or name another folder with VAR_DIR."
        ) from error


def fingerprint(base: Path) -> str:
    """Return what changes when a static file or an installed package does."""
    digest = hashlib.sha256()
    for path in [*sorted((base / "static").rglob("*")), base / "requirements.txt"]:
        if path.is_file():
            status = path.stat()
            digest.update(f"{path}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
