"""Moving in from WordPress and out again: a whole file, its articles and its comments.

Articles are the business of ``articles.wordpress``, comments of ``conversation`` here on their way
in and of ``transcript`` on their way out; ``report`` tells what became of both.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from django.db import InterfaceError, OperationalError, connection, transaction

from articles.wordpress import Arrivals, files, prose, wxr
from articles.wordpress.departures import Departures
from comments.wordpress.conversation import Conversation, label_of
from comments.wordpress.report import ExportReport, ImportReport
from comments.wordpress.transcript import Transcript
from newsroom.models import Edition

Progress = Callable[[str, float], None]


def import_file(
    path: Path, is_dry_run: bool = False, progress: Progress = lambda what, part: None
) -> tuple[ImportReport, Arrivals]:
    """Import a WXR file, whole or not at all.

    Raises ``wxr.UnreadableExport`` for a file that is no sound export, and ``OSError`` where it
    cannot be opened; the database is then as it was. A record that cannot be taken is reported and
    does not stop the rest. ``progress`` is told what was read and which part of the file it is.
    """
    report = ImportReport(path, is_dry_run)
    arrivals = Arrivals(report)
    size = max(1, path.stat().st_size)
    with transaction.atomic():
        for count, (record, position) in enumerate(wxr.read_with_position(path), start=1):
            _take(record, arrivals, report)
            progress(f"{count} records", position / size)
        arrivals.finish()
        report.site = arrivals.site
        Edition.move()
        if is_dry_run:
            transaction.set_rollback(True)
    return report, arrivals


def fetch_files(
    report: ImportReport, arrivals: Arrivals, progress: Progress = lambda what, part: None
) -> None:
    """Fetch the pictures' files, after the import: it holds no lock while it waits for a server."""
    label = "Files of pictures"
    pictures = arrivals.picture_ids()
    for count, (image, problem) in enumerate(files.fetch_all(pictures), start=1):
        progress(f"{count} pictures", count / len(pictures))
        if problem:
            report.skip(label, "not fetched, see below")
            report.failures.append(f"{image.source_url}: {problem}")
        else:
            report.new(label)
    changed = files.show_in_bodies(sorted(arrivals.article_ids), pictures)
    Edition.move()
    report.note("article whose text now shows the library's pictures", changed)


def export_file(
    path: Path,
    for_readers: bool = False,
    overwrite: bool = False,
    progress: Progress = lambda what, part: None,
) -> ExportReport:
    """Write the paper into a WXR file: all of it, or only what readers see.

    The file is there whole or not at all. Raises ``FileExistsError`` for one that is there already,
    unless it may be overwritten, and any other ``OSError`` as it comes. ``progress`` is told how
    many articles were written and which part of all that is.
    """
    report = ExportReport(path, for_readers)
    transcript = Transcript(report, for_readers)
    with one_moment(), whole_file(path, overwrite) as file:
        departures = Departures(report, for_readers)
        count = max(1, departures.articles.count())
        pieces = departures.file(
            transcript.of, lambda done: progress(f"{done} articles", done / count)
        )
        for piece in pieces:
            report.size += file.write(piece.encode())
    return report


@contextlib.contextmanager
def whole_file(path: Path, overwrite: bool) -> Iterator[IO[bytes]]:
    """Give a file to write that takes its name once it is complete; for nobody else to read."""
    if not overwrite and path.exists():
        raise FileExistsError(path)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            os.replace(name, path)
        else:
            os.link(name, path)  # unlike a renaming, it stops at a file that came meanwhile
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


@contextlib.contextmanager
def one_moment() -> Iterator[None]:
    """Have all that is read within be as it was at its beginning; nobody waits for it."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            # Django's own would take the lock of those who write.
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _take(record: wxr.Record, arrivals: Arrivals, report: ImportReport) -> None:
    article = None
    failed = False
    try:
        article = arrivals.take(record)
    except (OperationalError, InterfaceError):
        raise  # the database is gone or full: that is no matter of one record
    except Exception as error:  # noqa: BLE001 - one bad record does not stop the rest
        failed = True
        report.fail(*_named(record), error)
    if not isinstance(record, wxr.Item) or not (record.comments or record.comments_left_out):
        return
    report.count_comments(record)
    if article is None:
        why = "their item was not taken" if failed or record.type else "their item has no type"
        for source in record.comments:
            report.skip(label_of(source), why)
        return
    try:
        with transaction.atomic():
            is_new = article.pk in arrivals.new_ids
            Conversation(article, record, arrivals.key(record), report, is_new).take()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001
        for source in record.comments:
            report.skip(label_of(source), "could not be taken, see below")
        report.explain("comments of " + _named(record)[1], error)


def _named(record: wxr.Record) -> tuple[str, str]:
    if isinstance(record, wxr.Item):
        kind = {"post": "Posts", "page": "Pages", "attachment": "Pictures (attachments)"}
        label = kind.get(record.type, "Other items")
        if record.type in {"post", "page"}:
            label += f": {record.status[:60] or '(none)'}"
        return label, f"line {record.line}, “{prose.words(record.get('title'))[:80]}”"
    if isinstance(record, wxr.Author):
        return "Authors", record.login[:80]
    return "Sections and topics", getattr(record, "name", "")[:80]
