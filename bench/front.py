"""nginx as ``deploy/nginx`` has it, with the ports and folders of a measurement."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import machine
from bench.machine import BASE, CannotRun
from bench.measure import Server

SHIPPED = BASE / "deploy" / "nginx" / "newsroom.conf"


@contextmanager
def nginx(folder: Path, var: Path, site: Server, workers: int) -> Iterator[Server]:
    """Run the shipped configuration before a site, whose files lie in ``var``."""
    if not SHIPPED.exists():
        raise CannotRun(f"{SHIPPED.relative_to(BASE)} is not there")
    port = machine.free_port()
    folder.mkdir(parents=True, exist_ok=True)
    http = adapted(SHIPPED.read_text(), folder, var, port, site.port)
    with machine.nginx(folder, port, http, workers) as process:
        yield Server(port, (process.pid, *site.started))


def adapted(text: str, folder: Path, var: Path, port: int, behind: int) -> str:
    """Return the configuration for this machine. Raises ``CannotRun`` where it has changed."""
    for pattern, replacement in (
        (r"listen 80 default_server;", ""),
        (r"listen 80;", f"listen 127.0.0.1:{port};"),
        (r"server_name news\.example[^;]*;", "server_name 127.0.0.1;"),
        (r"server 127\.0\.0\.1:8000\b", f"server 127.0.0.1:{behind}"),
        (r"/var/cache/nginx/newsroom", f"{folder}/cache"),
        (r"access_log /var/log/nginx/[^;]*;", f"access_log {folder}/access.log;"),
        (r"/srv/newsroom/", f"{BASE}/"),
        (r"/var/lib/newsroom/", f"{var}/"),
    ):
        text, count = re.subn(pattern, replacement, text)
        if not count:
            raise CannotRun(f"{SHIPPED.name} has no “{pattern}”: bench/front.py must follow it")
    # The server that listened on port 80 for everybody else has no port of its own here.
    return re.sub(r"server \{\s*\n\s*server_name _;\s*return 444;\s*\}", "", text)
