"""Moving in from WordPress: the comments, and the report on the whole import.

Nobody gets an account: who wrote a comment there is a guest here, with the name, the address and
the site given there, never the IP. What was visible stays visible, what waited waits.
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from articles.models import Article
from articles.wordpress import Arrivals, cut, files, import_key, prose, web_address, wxr
from articles.wordpress.tally import Tally
from comments import counters, text
from comments.models import Comment, Decision

# No version of our renderer: ``body`` is HTML as another system kept it, not markdown.
NOT_OURS = 0
BATCH = 500
# A reply below this depth answers the comment that stands there.
MAX_DEPTH = 1000
# What WordPress calls the states; one that is none of these waits for a moderator.
STATES = {
    "1": ("approved", Comment.Status.APPROVED),
    "0": ("pending", Comment.Status.PENDING),
    "spam": ("spam", Comment.Status.SPAM),
    "trash": ("trash", None),
    "post-trashed": ("trash", None),
}
# As many characters as a reader's comment may have tell two texts apart.
FOLDED = text.MAX_LENGTH

Progress = Callable[[str, float], None]


class Report(Tally):
    """What became of an export, as a table for the terminal."""

    def __init__(self, path: Path, is_dry_run: bool) -> None:
        super().__init__()
        self.path = path
        self.is_dry_run = is_dry_run
        self.site = wxr.Site("", "")
        self.comment_types: Counter[str] = Counter()
        self.deepest = 0

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


ORDER = ("Authors", "Sections", "Topics", "Pictures", "Posts", "Pages", "Comments", "Old addresses",
         "Other items", "Other terms", "Files")  # fmt: skip


def _rank(label: str) -> tuple[int, str]:
    for place, start in enumerate(ORDER):
        if label.startswith(start):
            return place, label
    return len(ORDER), label


def import_file(
    path: Path, is_dry_run: bool = False, progress: Progress = lambda what, part: None
) -> tuple[Report, Arrivals]:
    """Import a WXR file, whole or not at all.

    Raises ``wxr.UnreadableExport`` for a file that is no sound export, and ``OSError`` where it
    cannot be opened; the database is then as it was. A record that cannot be taken is reported and
    does not stop the rest. ``progress`` is told what was read and which part of the file it is.
    """
    report = Report(path, is_dry_run)
    arrivals = Arrivals(report)
    size = max(1, path.stat().st_size)
    with transaction.atomic():
        for count, (record, position) in enumerate(wxr.read_with_position(path), start=1):
            _take(record, arrivals, report)
            progress(f"{count} records", position / size)
        arrivals.finish()
        report.site = arrivals.site
        if is_dry_run:
            transaction.set_rollback(True)
    return report, arrivals


def fetch_files(
    report: Report, arrivals: Arrivals, progress: Progress = lambda what, part: None
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
    report.note("article whose text now shows the library's pictures", changed)


def _take(record: wxr.Record, arrivals: Arrivals, report: Report) -> None:
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
    if article is None:
        why = "their item was not taken" if failed or record.type else "their item has no type"
        _count_read(record, report)
        for source in record.comments:
            report.skip(_label(source), why)
        return
    _count_read(record, report)
    try:
        with transaction.atomic():
            _Conversation(article, record, arrivals.key(record), report).take()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001
        for source in record.comments:
            report.skip(_label(source), "could not be taken, see below")
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


def _count_read(item: wxr.Item, report: Report) -> None:
    for source in item.comments:
        kind = "readers’" if source.is_readers else f"{source.type[:40]}s"
        report.comment_types[kind] += 1
    report.deepest = max(report.deepest, wxr.thread_depth(item.comments))
    if item.comments_left_out:
        label = "Comments: beyond what one article may bring"
        report.skip(label, "too many", item.comments_left_out)


def _label(source: wxr.Comment) -> str:
    return f"Comments: {STATES.get(source.approved, (source.approved[:20] or '(none)', ''))[0]}"


class _Conversation:
    """The comments of one item on their way under their article."""

    def __init__(self, article: Article, item: wxr.Item, key: str, report: Report) -> None:
        self.article = article
        self.item = item
        self.key = key
        self.report = report
        self.rows: dict[str, Comment] = {}  # new ones, by their key
        self.skipped: list[tuple[str, str]] = []

    def take(self) -> None:
        here = dict(
            self.article.comments.filter(import_key__isnull=False).values_list("import_key", "pk")
        )
        sources: dict[str, wxr.Comment] = {}
        for source in self.item.comments:
            key = self._key_of(source)
            if why := self._reason_to_skip(source):
                self.skipped.append((_label(source), why))
            elif key in sources:
                self.skipped.append((_label(source), "the same id a second time"))
            else:
                sources[key] = source
        new = {key: source for key, source in sources.items() if key not in here}
        if new:
            self._add(new)
        for key, source in sources.items():
            if key not in here and key not in self.rows:
                self.report.skip(_label(source), "nothing to read in it")
            elif key in here:
                self.report.known(_label(source))
            else:
                self.report.new(_label(source))
        for label, why in self.skipped:
            self.report.skip(label, why)

    def _key_of(self, source: wxr.Comment) -> str:
        name = source.id
        if not name:
            said = f"{source.author}/{source.date}/{source.content}"
            name = hashlib.sha256(said.encode("utf-8", "ignore")).hexdigest()[:32]
        return import_key(self.key.removeprefix("wordpress:"), "comment", name)

    def _reason_to_skip(self, source: wxr.Comment) -> str:
        if not source.is_readers:
            return f"{source.type[:40]}s"
        if _label(source) == "Comments: trash":
            return "in the bin"
        return ""

    def _add(self, new: dict[str, wxr.Comment]) -> None:
        for key, source in new.items():
            row = self._row(key, source)
            if text.is_blank(row.body_html):
                continue
            self.rows[key] = row
        known = self._known()
        unnumbered = [row for row in known.values() if row.number is None]
        self._hang(new, known)
        self._number([*known.values(), *self.rows.values()])
        self._save([row for row in unnumbered if row.number is not None])
        counters.recount(self.article)

    def _known(self) -> dict[str | None, Comment]:
        """Return the comments here that new ones may answer, by key, hung together."""
        rows = self.article.comments.filter(import_key__isnull=False)
        known = rows.defer("body", "body_html", "fingerprint").in_bulk()
        for row in known.values():
            if row.parent_id in known:
                row.parent = known[row.parent_id]
            if row.root_id in known:
                row.root = known[row.root_id]
        return {row.import_key: row for row in known.values()}

    def _row(self, key: str, source: wxr.Comment) -> Comment:
        status = STATES.get(source.approved, ("", None))[1] or Comment.Status.PENDING
        # A paragraph comes around what stands in none.
        shallow = prose.shallow(source.content, text.MAX_DEPTH - 1)
        html = text.render_html(prose.paragraphs(shallow))
        if source.date is None:
            self.report.note("comment without a date: dated as its article")
        if source.approved not in STATES:
            self.report.note("comment in a state we do not know: it waits for a moderator")
        at = source.date or self.article.published_at or timezone.now()
        visible = status == Comment.Status.APPROVED
        return Comment(
            article=self.article,
            guest_name=cut(_name(source.author), 245) or "Anonymous",
            guest_email=_mail_address(source.email),
            guest_url=self._web_address(source.url),
            status=status,
            version=1 if status == Comment.Status.PENDING else 2,
            body=source.content,
            body_html=html,
            renderer=NOT_OURS,
            fingerprint=text.fingerprint(text.plain(html)[:FOLDED]),
            created_at=at,
            visible_at=at if visible else None,
            import_key=key,
        )

    def _web_address(self, url: str) -> str:
        address = web_address(url)
        self.report.note(
            "commenter’s site whose address is none of the web, left out", bool(url and not address)
        )
        return address

    def _hang(self, new: dict[str, wxr.Comment], known: dict[str | None, Comment]) -> None:
        """Set each new row's parent, root and depth, whatever the order in the file."""
        by_id = {source.id: key for key, source in new.items() if key in self.rows}
        parents: dict[str, Comment] = {}
        for key, row in self.rows.items():
            wanted = new[key].parent
            if not wanted:
                continue
            parent_key = by_id.get(wanted) or import_key(
                self.key.removeprefix("wordpress:"), "comment", wanted
            )
            parent = self.rows.get(parent_key) or known.get(parent_key)
            if parent is None or parent is row:
                self.report.note("reply whose comment did not come: it begins a thread")
            else:
                parents[key] = parent
        done: set[str] = set()
        for start in self.rows:
            chain: dict[str, None] = {}
            here: str | None = start
            while here in self.rows and here not in done and here not in chain:
                chain[here] = None
                above = parents.get(here)
                here = above.import_key if above is not None else None
            if here in chain:
                # A circle: the last on the way round is the one that gives way.
                self.report.note("reply in a circle: it begins a thread")
                parents.pop(next(reversed(chain)))
            for one in reversed(chain):
                row, parent = self.rows[one], parents.get(one)
                if parent is not None and parent.depth >= MAX_DEPTH:
                    self.report.note("reply deeper than we go: it answers the last that fits")
                    parent = parent.parent
                row.answer_to(parent)
            done.update(chain)

    def _number(self, rows: list[Comment]) -> None:
        """Give places and numbers: by date, and every comment after the one it answers.

        A comment that was never visible and has visible replies takes its place as a stub, so
        that the thread keeps its shape.
        """
        placed: set[int] = {id(row) for row in rows if row.is_placed}
        for row in rows:
            above: Comment | None = row if row.is_visible else None
            while above is not None and id(above) not in placed:
                placed.add(id(above))
                above.is_placed = True
                above = above.parent
        replies: dict[int, list[int]] = {}
        waiting = []
        for index, row in enumerate(rows):
            if id(row) not in placed or row.number is not None:
                continue
            parent = row.parent
            if parent is None or parent.number is not None:
                waiting.append((row.created_at, index))
            else:
                replies.setdefault(id(parent), []).append(index)
        heapq.heapify(waiting)
        number = Article.objects.values_list("last_number", flat=True).get(pk=self.article.pk)
        while waiting:
            _, index = heapq.heappop(waiting)
            number += 1
            rows[index].number = number
            for reply in replies.get(id(rows[index]), []):
                heapq.heappush(waiting, (rows[reply].created_at, reply))

    def _save(self, known: list[Comment]) -> None:
        Comment.objects.bulk_update(known, ["number", "is_placed"], batch_size=BATCH)
        levels: dict[int, list[Comment]] = {}
        for row in self.rows.values():
            levels.setdefault(row.depth, []).append(row)
        for depth in sorted(levels):
            # A row's parent stands a level above, so it has its id by now.
            Comment.objects.bulk_create(levels[depth], batch_size=BATCH)
        Decision.objects.bulk_create(
            (
                Decision(
                    comment=row,
                    rule="import",
                    before=Comment.Status.PENDING,
                    after=row.status,
                    comment_version=row.version,
                )
                for row in self.rows.values()
                if row.status != Comment.Status.PENDING
            ),
            batch_size=BATCH,
        )


def _name(source: str) -> str:
    """Return a guest's name without signs that hide, or that turn what stands beside it."""
    return " ".join(text.DROPPED.sub("", prose.words(source)).split())


def _mail_address(address: str) -> str:
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= 254 else ""
