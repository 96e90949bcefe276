"""Measuring a site that runs already, from outside: what its readers get, and nothing counted."""

import argparse
import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from bench import load, report
from bench.cases import CODINGS, READING
from bench.figures import Figures
from bench.load import WrongAnswer
from bench.visitors import get


def measure(options: argparse.Namespace) -> int:
    """Ask a site on this machine for its front page and an article, and print the table."""
    parts = urlsplit(options.target)
    port, host = parts.port or 80, parts.netloc
    if parts.scheme != "http" or parts.hostname not in {"127.0.0.1", "localhost"}:
        raise WrongAnswer("--target is http://127.0.0.1:PORT, on this machine")
    home = load.ask(port, get("/", Host=host, Accept_Encoding="identity"), 200)
    page = options.page or _first_story(home.body.decode())
    measured = {}
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        for title, path in (("Front page", "/"), ("Article page", page)):
            for name, accepted in CODINGS.items():
                request = get(path, Host=host, Accept_Encoding=accepted)
                load.one_by_one(port, [request] * 5, 200)
                answer = load.ask(port, request, 200)
                run = load.together(port, [request], Path(folder), READING, options.seconds)
                figures = Figures(
                    f"{title}, {name}", run.requests, per_second=run.per_second, p50=run.p50,
                    p99=run.p99, bytes=len(answer.body),
                )  # fmt: skip
                measured[f"{path}-{name}"] = figures
    print(report.table(measured))
    return 0


def _first_story(html: str) -> str:
    found = re.search(r'href="(/\d{4}/\d\d/\d\d/[^/"]+/)"', html)
    if not found:
        raise WrongAnswer("the front page names no story: name one with --page")
    return found[1]
