"""The floor below the site: a Django view that does nothing but answer, on the same server.

Settings, addresses, view and start in one file: there is nothing more to it. It has no middleware
and no database. The server is started by the site's own command, so that it is set the same.
"""

import functools
import json
import os
import sys
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

# Settings, for DJANGO_SETTINGS_MODULE=bench.bare.
BASE_DIR = Path(__file__).resolve().parents[1]
SECRET_KEY = "of no use to anybody"  # noqa: S105 - it signs nothing
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.bare"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
USE_TZ = True


@functools.cache
def kept(name: str) -> tuple[int, dict[str, str], bytes]:
    """Return the answer that was kept under a name: status, headers, body."""
    folder = Path(os.environ["BENCH_PAGES"])
    said = json.loads((folder / f"{name}.json").read_text())
    return said["status"], said["headers"], (folder / name).read_bytes()


def answer(request: HttpRequest, name: str) -> HttpResponse:
    """Answer as the site once did."""
    status, headers, body = kept(name)
    return HttpResponse(body, status=status, headers=headers)


urlpatterns = [path("<str:name>", answer)]


def serve(port: int) -> None:
    """Run the site's ``serve`` with this application in the place of the site's."""
    import django
    from django.core.management import call_command

    from newsroom.management.commands import serve as command

    django.setup()
    started = command.Granian

    def instead(target: str, **settings: Any) -> Any:
        return started("bench.bare_wsgi:application", **settings)

    command.Granian = instead  # type: ignore[assignment]
    call_command(command.Command(), port, no_worker=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
