"""The comments of a WordPress export on their way under their articles.

Nobody gets an account: who wrote a comment there is a guest here, with the name, the address and
the site given there, never the IP. What was visible stays visible, what waited waits.
"""

import hashlib
import heapq

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from articles.models import Article
from articles.wordpress import cut, import_key, own, prose, web_address, wxr
from articles.wordpress.own import Own
from comments import counters, text
from comments.models import Comment, CommentQuerySet, Decision, Revision
from comments.wordpress.report import ImportReport
from comments.wordpress.transcript import COMMENT

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
# What a comment in an export of ours may be that WordPress has in one of its states.
OURS = {"trash": {Comment.Status.REJECTED, Comment.Status.REMOVED}}
# As many characters as a reader's comment may have tell two texts apart.
FOLDED = text.MAX_LENGTH


def label_of(source: wxr.Comment) -> str:
    """Return the label of the row in the report that counts this comment."""
    return f"Comments: {STATES.get(source.approved, (source.approved[:20] or '(none)', ''))[0]}"


class Conversation:
    """The comments of one item on their way under their article."""

    def __init__(
        self,
        article: Article,
        item: wxr.Item,
        key: str,
        report: ImportReport,
        is_new: bool = False,
    ) -> None:
        """``is_new``: the article came with this file, and no reader has said anything here."""
        self.article = article
        self.is_new = is_new
        self.item = item
        self.key = key
        self.report = report
        self.sources: dict[str, wxr.Comment] = {}  # all that are taken, by their key
        self.rows: dict[str, Comment] = {}  # new ones, by their key
        self.skipped: list[tuple[str, str]] = []

    def take(self) -> None:
        here = self._here()
        sources = self.sources
        for source in self.item.comments:
            key = self._key_of(source)
            if why := self._reason_to_skip(source):
                self.skipped.append((label_of(source), why))
            elif key in sources:
                self.skipped.append((label_of(source), "the same id a second time"))
            else:
                sources[key] = source
        new = {key: source for key, source in sources.items() if key not in here}
        if new:
            self._add(new)
        for key, source in sources.items():
            if key not in here and key not in self.rows:
                self.report.skip(label_of(source), "nothing to read in it")
            elif key in here:
                self.report.known(label_of(source))
            else:
                self.report.new(label_of(source))
        for label, why in self.skipped:
            self.report.skip(label, why)

    def _here(self) -> set[str]:
        """Return the keys of the article's comments that the file may mean."""
        rows = self._meant().only("import_key", "created_at")
        return {own.key_of(row) for row in rows.iterator()}

    def _meant(self) -> CommentQuerySet:
        """Comments that the file may name: what was written here only in an export of ours."""
        rows = self.article.comments.all()
        is_ours = any(Own.read(source.own).key for source in self.item.comments)
        return rows if is_ours else rows.filter(import_key__isnull=False)

    def _key_of(self, source: wxr.Comment) -> str:
        if ours := Own.read(source.own).key:
            return ours
        name = source.id
        if not name:
            said = f"{source.author}/{source.date}/{source.content}"
            name = hashlib.sha256(said.encode("utf-8", "ignore")).hexdigest()[:32]
        return import_key(self.key.removeprefix("wordpress:"), "comment", name)

    def _reason_to_skip(self, source: wxr.Comment) -> str:
        if not source.is_readers:
            return f"{source.type[:40]}s"
        if label_of(source) == "Comments: trash" and not _own_status(source):
            return "in the bin"
        return ""

    def _add(self, new: dict[str, wxr.Comment]) -> None:
        for key, source in new.items():
            row = self._row(key, source)
            if text.is_blank(row.body_html):
                continue
            self.rows[key] = row
        known = self._known()
        self._keep_numbers(new, known)
        unnumbered = [row for row in known.values() if row.number is None]
        self._hang(new, known)
        self._number([*known.values(), *self.rows.values()])
        self._save([row for row in unnumbered if row.number is not None])
        self._keep_edits(new)
        counters.recount(self.article)

    def _known(self) -> dict[str | None, Comment]:
        """Return the comments here that new ones may answer, by key, hung together."""
        rows = self._meant()
        known = rows.defer("body", "body_html", "fingerprint").in_bulk()
        for row in known.values():
            if row.parent_id in known:
                row.parent = known[row.parent_id]
            if row.root_id in known:
                row.root = known[row.root_id]
        return {own.key_of(row): row for row in known.values()}

    def _keep_numbers(self, new: dict[str, wxr.Comment], known: dict[str | None, Comment]) -> None:
        """Give new comments the numbers that they had in an export of ours.

        A number that somebody has already, or may have had before, is not given again.
        """
        last = 0
        if not self.is_new:
            last = Article.objects.values_list("last_number", flat=True).get(pk=self.article.pk)
        taken = {row.number for row in known.values()}
        for key, row in self.rows.items():
            number = Own.read(new[key].own).number("number")
            row.number = None
            if number > last and number not in taken:
                row.number = number
                taken.add(number)

    def _keep_edits(self, new: dict[str, wxr.Comment]) -> None:
        """Keep the later texts that an export of ours brings: those that wait go on waiting."""
        edits = []
        for key, row in self.rows.items():
            waits = False
            for part in Own.read(new[key].own).parts("edits"):
                status = part.text("status")
                if status not in Revision.Status.values or (
                    status == Revision.Status.PENDING and (waits or not row.is_visible)
                ):
                    continue
                waits = waits or status == Revision.Status.PENDING
                as_row = Comment(body=part.text("body"))
                self._set_words(as_row, as_row.body, is_ours=bool(part.number("renderer")))
                if not text.is_blank(as_row.body_html):
                    at = part.moment("at") or row.created_at
                    edits.append(Revision.of(as_row, status=status, at=at))
                    edits[-1].comment = row
        Revision.objects.bulk_create(edits, batch_size=BATCH)

    def _row(self, key: str, source: wxr.Comment) -> Comment:
        ours = Own.read(source.own)
        status = STATES.get(source.approved, ("", None))[1] or Comment.Status.PENDING
        if ours.key and (own_status := _own_status(source)):
            status = own_status
        if source.date is None:
            self.report.note("comment without a date: dated as its article")
        if source.approved not in STATES:
            self.report.note("comment in a state we do not know: it waits for a moderator")
        at = source.date or self.article.published_at or timezone.now()
        row = Comment(
            article=self.article,
            guest_name=cut(_name(source.author), 245) or "Anonymous",
            guest_email=_mail_address(source.email),
            guest_url=self._web_address(source.url),
            status=status,
            version=1 if status == Comment.Status.PENDING else 2,
            created_at=at,
            visible_at=at if status == Comment.Status.APPROVED else None,
            import_key=key,
        )
        if ours.key:
            row.created_at = ours.moment("created_at") or at
            if "name" in ours:
                row.guest_name = cut(ours.text("name"), 245)
            ours.fill(row, COMMENT)
            if row.is_visible and row.visible_at is None:
                row.visible_at = row.created_at
        is_ours = bool(ours.key and ours.number("renderer"))
        read = text.plain(source.content) if is_ours else source.content
        self._set_words(row, ours.text("body", read) if ours.key else read, is_ours)
        return row

    @staticmethod
    def _set_words(row: Comment, body: str, is_ours: bool) -> None:
        """Take ``body`` as a comment's text: as we write it, or HTML as another system keeps it."""
        if is_ours:
            language = row.language
            row.set_body(body)
            row.language = language or row.language
            return
        # A paragraph comes around what stands in none.
        html = text.render_html(prose.paragraphs(prose.shallow(body, text.MAX_DEPTH - 1)))
        row.body, row.body_html, row.renderer = body, html, NOT_OURS
        row.fingerprint = text.fingerprint(text.plain(html)[:FOLDED])

    def _web_address(self, url: str) -> str:
        address = web_address(url)
        self.report.note(
            "commenter’s site whose address is none of the web, left out", bool(url and not address)
        )
        return address

    def _hang(self, new: dict[str, wxr.Comment], known: dict[str | None, Comment]) -> None:
        """Set each new row's parent, root and depth, whatever the order in the file."""
        by_id = {source.id: key for key, source in self.sources.items()}
        parents: dict[str, Comment] = {}
        for key, row in self.rows.items():
            wanted = new[key].parent
            if not wanted:
                continue
            # One that came with an earlier item of ours, or with an earlier file.
            elsewhere = Own.read(new[key].own).text("parent") or import_key(
                self.key.removeprefix("wordpress:"), "comment", wanted
            )
            parent_key = by_id.get(wanted, elsewhere)
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
        number = max([number, *(row.number for row in rows if row.number is not None)])
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
                    reason=row.reason,
                    comment_version=row.version,
                )
                for row in self.rows.values()
                if row.status != Comment.Status.PENDING
            ),
            batch_size=BATCH,
        )


def _own_status(source: wxr.Comment) -> Comment.Status | None:
    """Return which of our states an export of ours means by one of WordPress's.

    It says more, never anything else: what waits there does not stand here.
    """
    ours = Own.read(source.own)
    found = [one for one in OURS.get(source.approved, ()) if one == ours.text("status")]
    return found[0] if found and ours.key else None


def _name(source: str) -> str:
    """Return a guest's name without signs that hide, or that turn what stands beside it."""
    return " ".join(text.DROPPED.sub("", prose.words(source)).split())


def _mail_address(address: str) -> str:
    """Return an address in small letters, as accounts' are: a guest claims by it what they said."""
    address = address.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= 254 else ""
