"""One stylesheet for readers, written as a few.

The files under ``static/css`` are read by people, a file per component; a page should cost one
request. This finder joins them, in the order of ``PAPER``, wherever static files are looked up.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

NAME = "css/paper.css"
PAPER = (
    "tokens",
    "base",
    "forms",
    "lists",
    "article",
    "versions",
    "conversation",
    "writing",
    "accounts",
    "own",
    "print",
)


class PaperStylesheet(BaseFinder):
    """Finds ``css/paper.css``, joined anew when one of its parts changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.VAR_DIR / "joined")
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != NAME:
            return []
        joined = str(self._join())
        return [joined] if find_all else joined

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        self._join()
        yield NAME, self.storage

    def _join(self) -> Path:
        folder = Path(settings.BASE_DIR) / "static" / "css"
        parts = [folder / f"{name}.css" for name in PAPER]
        target = Path(self.storage.path(NAME))
        newest = max(part.stat().st_mtime for part in parts)
        if not target.exists() or target.stat().st_mtime < newest:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Written aside and moved: a second process never reads half a stylesheet.
            aside = target.with_suffix(".new")
            aside.write_text("\n".join(part.read_text() for part in parts))
            aside.replace(target)
        return target
