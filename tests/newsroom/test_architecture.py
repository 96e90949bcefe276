"""Imports run one way: from comments to articles to accounts, and newsroom wires."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
BELOW = {
    "accounts": {"accounts", "newsroom"},
    "articles": {"accounts", "articles", "newsroom"},
    "comments": {"accounts", "articles", "comments", "newsroom"},
    "newsroom": {"newsroom"},
}
# The frame around every page names the sections and counts one's notices; the page for a lost
# reader shows the latest stories.
WIRES = {
    ("newsroom/context.py", "articles"),
    ("newsroom/context.py", "comments"),
    ("newsroom/errors.py", "articles"),
}


def imports(path: Path) -> Iterator[str]:
    """Yield the first name of every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("app", BELOW)
def test_an_app_imports_only_what_is_below_it(app):
    found = {
        (path.relative_to(BASE).as_posix(), name)
        for path in (BASE / app).rglob("*.py")
        for name in imports(path)
        if name in BELOW.keys() - BELOW[app]
    }
    assert found - WIRES == set()


def test_every_wire_that_is_named_is_still_there():
    assert {(file, name) for file, name in WIRES if name in imports(BASE / file)} == WIRES
