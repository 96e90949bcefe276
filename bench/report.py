"""What was measured, written down: a table for the terminal, Markdown, JSON and a chart."""

import datetime
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import chart
from bench.figures import Figures
from bench.machine import BASE, found
from bench.targets import TARGETS

COLUMNS = (
    "", "CPU ms", "database ms", "statements", "a second", "p50 ms", "p99 ms", "bytes",
    "bare view", "of it", "nginx", "of it", "targets",
)  # fmt: skip


def about(sizes: Mapping[str, Any], database: str) -> dict[str, Any]:
    """Return what was measured on: machine, versions, commit, sizes."""
    return {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _said(["git", "-C", str(BASE), "describe", "--always", "--dirty"]),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()} GB",
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("django", "granian", "psycopg")},
            "postgresql": database,
            "nginx": _number(["nginx", "-v"]),
            "wrk": _number(["wrk", "-v"]),
            "redis": _number(["redis-server", "--version"]),
        },
        "sizes": dict(sizes),
    }


def in_one_line(known: Mapping[str, Any]) -> str:
    sizes = ", ".join(f"{value:,} {name}" for name, value in known["sizes"].items())
    return f"{known['machine']}; {sizes}; {known['commit']}, {known['at'][:10]}"


def verdicts(name: str, measured: Mapping[str, Figures]) -> str:
    """Return of each target of a case whether it is met, in words."""
    words = []
    for target in TARGETS:
        verdict = target.verdict(measured) if target.case == name else None
        if verdict is not None:
            words.append(f"{'met' if verdict else 'MISSED'}: {target}")
    return "; ".join(words)


def rows(measured: Mapping[str, Figures]) -> list[list[str]]:
    """Return the cells of the table, a row for each case."""
    return [
        [one.title, f"not measured: {one.skipped}", *[""] * (len(COLUMNS) - 2)]
        if one.skipped
        else [
            one.title,
            f"{one.memory:.0f} MB" if one.memory else _decimals(one.cpu_ms, 2),
            _decimals(one.database_ms, 2), _decimals(one.statements, 1),
            _decimals(one.per_second, 0), _decimals(one.p50, 1), _decimals(one.p99, 1),
            _decimals(one.bytes, 0),
            _decimals(one.bare, 0), _decimals(one.of_bare, 2),
            _decimals(one.nginx, 0), _decimals(one.of_nginx, 2),
            verdicts(name, measured),
        ]
        for name, one in measured.items()
    ]  # fmt: skip


def table(measured: Mapping[str, Figures]) -> str:
    """Return the table as plain text, its columns under one another."""
    whole = [list(COLUMNS), *rows(measured)]
    narrow = [row[:-1] for row in whole]
    widths = [
        max(len(row[column]) for row in narrow if not row[1].startswith("not measured"))
        for column in range(len(COLUMNS) - 1)
    ]
    lines = []
    for row, ends in zip(narrow, whole, strict=True):
        cells = [f"{row[0]:<{widths[0]}}"]
        cells += [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([*cells, ends[-1]]).rstrip())
    return "\n".join(lines)


def markdown(measured: Mapping[str, Figures], known: Mapping[str, Any]) -> str:
    lines = [
        "# What the site costs", "", in_one_line(known), "",
        "Versions: " + ", ".join(f"{name} {number}" for name, number in known["versions"].items()),
        "",
        "| " + " | ".join(column or "case" for column in COLUMNS) + " |",
        "| --- |" + " ---: |" * (len(COLUMNS) - 2) + " --- |",
        *("| " + " | ".join(row) + " |" for row in rows(measured)),
        "",
        "Bare view and nginx answer with the same bytes; theirs are requests a second, and “of it” "
        "is the site’s share of that, measured in the same minute.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def write(folder: Path, measured: Mapping[str, Figures], known: Mapping[str, Any]) -> list[Path]:
    """Write the result in all its forms. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "full" if known["sizes"].get("comments", 0) >= 5_000_000 else "latest"
    whole = {
        **known,
        "cases": {
            key: asdict(one) | {"of_bare": one.of_bare, "of_nginx": one.of_nginx}
            for key, one in measured.items()
        },
        "targets": [
            {"target": f"{target.case}: {target}", "is_met": target.verdict(measured)}
            for target in TARGETS
        ],
    }
    texts = {
        "json": json.dumps(whole, indent=2, ensure_ascii=False) + "\n",
        "md": markdown(measured, known),
        "svg": chart.draw(measured, in_one_line(known)),
    }
    files = []
    for ending, text in texts.items():
        files.append(folder / f"{name}.{ending}")
        files[-1].write_text(text)
    return files


def missed(measured: Mapping[str, Figures]) -> Sequence[str]:
    return [f"{one.case}: {one}" for one in TARGETS if one.verdict(measured) is False]


def _decimals(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:,.{places}f}"


def _said(command: list[str]) -> str:
    program = found(command[0])
    if not program:
        return ""
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True)  # noqa: S603
    return (done.stdout + done.stderr).strip()


def _number(command: list[str]) -> str:
    match = re.search(r"\d+\.\d+(?:\.\d+)?", _said(command))
    return match[0] if match else "not here"


def _processor() -> str:
    match = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return match[1] if match else platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)
