"""Run everything that proves the project: what `make test` and CI call.

What a bare machine lacks (PostgreSQL, Chromium) is left out and named at the end. With
``CI=true`` nothing may be left out. ``TEST_DATABASE_URL`` names the PostgreSQL to test on.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WORKERS = str(min(4, os.cpu_count() or 1))
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "only-for-the-deployment-check-" + "k3Jw9-Zq7xV_aP0r" * 3,
    "ALLOWED_HOSTS": "news.example",
    "SITE_URL": "https://news.example",
}


def run(*command: str, **environment: str) -> Callable[[], bool]:
    """Return a step that runs ``command`` in the project and tells whether it passed."""

    def step() -> bool:
        env = {**os.environ, **environment}
        return subprocess.run(command, cwd=BASE, env=env).returncode == 0

    return step


def tool(name: str) -> str:
    """Return the path of a command of this environment."""
    return str(BIN / name)


def manage(*words: str) -> tuple[str, ...]:
    """Return the command line of one of Django's commands."""
    return (sys.executable, "manage.py", *words)


def chromium() -> str | None:
    """Return the browser's path, or ``None`` where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def steps() -> tuple[Mapping[str, Callable[[], bool]], list[str]]:
    """Return the steps by name, and what this machine has to leave out."""
    pytest = (sys.executable, "-m", "pytest")
    side_by_side = (*pytest, "-n", WORKERS, "--dist", "loadfile", "-m")
    suite = (*side_by_side, "not browser")
    planned = {
        "lint": run(tool("ruff"), "check", "-q", "."),
        "format": run(tool("ruff"), "format", "--check", "-q", "."),
        "types": run(tool("mypy"), "--no-error-summary"),
        "migrations": run(*manage("makemigrations", "--check", "--dry-run", "-v", "0")),
        "deployment check": run(
            *manage("check", "--deploy", "--fail-level", "WARNING"), **PRODUCTION
        ),
        "suite on SQLite": run(*suite, DATABASE_URL=""),
    }
    left_out = []
    if url := os.environ.get("TEST_DATABASE_URL"):
        planned["suite on PostgreSQL"] = run(*suite, DATABASE_URL=url)
    else:
        left_out.append("the suite on PostgreSQL (set TEST_DATABASE_URL=postgres://…)")
    if browser := chromium():
        # Each worker has a newsroom of its own; they mostly wait for it.
        planned["browser"] = run(*side_by_side, "browser", DATABASE_URL="", CHROMIUM=browser)
    else:
        left_out.append("the browser tests (no Chromium was found)")
    return planned, left_out


def main() -> int:
    """Take the steps in their order, up to the first that fails; return the exit status."""
    planned, left_out = steps()
    if left_out and os.environ.get("CI") == "true":
        print("In CI nothing may be left out, but: " + "; ".join(left_out))
        return 1
    for name, step in planned.items():
        print(f"— {name}", flush=True)
        start = time.monotonic()
        if not step():
            print(f"FAILED: {name}")
            return 1
        print(f"  passed in {time.monotonic() - start:.0f} s", flush=True)
    for what in left_out:
        print(f"Left out: {what}.")
    print("Everything that ran passed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
