"""Moving in from WordPress: a whole export, its articles and its comments.

Articles are the business of ``articles.wordpress``, comments of ``conversation`` here; ``report``
tells what became of both.
"""

from collections.abc import Callable
from pathlib import Path

from django.db import InterfaceError, OperationalError, transaction

from articles.wordpress import Arrivals, files, prose, wxr
from comments.wordpress.conversation import Conversation, label_of
from comments.wordpress.report import ImportReport
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
            Conversation(article, record, arrivals.key(record), report).take()
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
