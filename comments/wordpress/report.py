"""What became of a WordPress export, and what one holds, for the terminal."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from articles.wordpress import wxr
from articles.wordpress.tally import Tally


class ImportReport(Tally):
    """What became of an export, as a table for the terminal."""

    def __init__(self, path: Path, is_dry_run: bool) -> None:
        super().__init__()
        self.path = path
        self.is_dry_run = is_dry_run
        self.site = wxr.Site("", "")
        self.comment_types: Counter[str] = Counter()
        self.deepest = 0

    def count_comments(self, item: wxr.Item) -> None:
        """Note what kinds of comments an item came with, and how deep they go."""
        for source in item.comments:
            kind = "readers’" if source.is_readers else f"{source.type[:40]}s"
            self.comment_types[kind] += 1
        self.deepest = max(self.deepest, wxr.thread_depth(item.comments))
        if item.comments_left_out:
            label = "Comments: beyond what one article may bring"
            self.skip(label, "too many", item.comments_left_out)

    def lines(self) -> Iterator[str]:
        """Yield the report, a line each."""
        yield f"{self.path.name}: {self.site.title} {self.site.url}".rstrip(": ")
        yield ""
        labels = sorted(self.rows, key=_rank)
        width = max([len(label) for label in labels] + [10])
        yield f"{'':{width}}  {'read':>7}  {'new':>7}  {'here':>7}  {'skipped':>7}"
        for label in labels:
            row = self.rows[label]
            why = ", ".join(
                f"{count} {reason}" if len(row.skipped) > 1 else reason
                for reason, count in sorted(row.skipped.items())
            )
            yield (
                f"{label:{width}}  {row.read:>7}  {row.new:>7}  {row.known:>7}  "
                f"{row.skipped.total():>7}  {why}"
            ).rstrip()
        if self.comment_types:
            kinds = ", ".join(
                f"{kind} {count}" for kind, count in sorted(self.comment_types.items())
            )
            yield f"Comments by kind: {kinds}. Levels of the deepest thread: {self.deepest}."
        if self.notes:
            yield ""
            yield "Worth knowing:"
            for remark, count in sorted(self.notes.items()):
                yield f"  {count} × {remark}"
        if self.failures:
            yield ""
            yield "Could not be taken:"
            yield from (f"  {failure}" for failure in self.failures)
        yield ""
        yield self.conclusion()

    def conclusion(self) -> str:
        if self.is_unchanged:
            return "Nothing changed: everything in this file was here already."
        if self.is_dry_run:
            return "Nothing changed: this was a dry run. Without --dry-run it comes in as above."
        return "Imported."


class ExportReport(Tally):
    """What an export holds, as a table for the terminal."""

    def __init__(self, path: Path, for_readers: bool) -> None:
        super().__init__()
        self.path = path
        self.for_readers = for_readers
        self.size = 0  # bytes

    def lines(self) -> Iterator[str]:
        """Yield the report, a line each."""
        yield f"{self.path.name}: {settings.SITE_NAME} {settings.SITE_URL}"
        yield ""
        labels = sorted(self.rows, key=_rank)
        width = max([len(label) for label in labels] + [10])
        yield f"{'':{width}}  {'written':>8}"
        for label in labels:
            yield f"{label:{width}}  {self.rows[label].new:>8}"
        if self.notes:
            yield ""
            yield "Worth knowing:"
            for remark, count in sorted(self.notes.items()):
                yield f"  {count} × {remark}"
        yield ""
        if self.for_readers:
            yield "It holds what readers see, and nothing else."
        else:
            yield (
                "It holds what readers never see: drafts, comments that wait or were refused, "
                "guests’ addresses. Keep it as you keep the database."
            )
        yield f"Written: {self.path}, {filesizeformat(self.size)}."


ORDER = ("Authors", "Sections", "Topics", "Series", "Pictures", "Posts", "Pages", "Comments",
         "Old addresses", "Addresses", "Other items", "Other terms", "Files")  # fmt: skip


def _rank(label: str) -> tuple[int, str]:
    for place, start in enumerate(ORDER):
        if label.startswith(start):
            return place, label
    return len(ORDER), label
