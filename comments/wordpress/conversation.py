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
from articles.wordpress import cut, import_key, prose, web_address, wxr
from comments import counters, text
from comments.models import Comment, Decision
from comments.wordpress.report import ImportReport

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


def label_of(source: wxr.Comment) -> str:
    """Return the label of the row in the report that counts this comment."""
    return f"Comments: {STATES.get(source.approved, (source.approved[:20] or '(none)', ''))[0]}"


class Conversation:
    """The comments of one item on their way under their article."""

    def __init__(self, article: Article, item: wxr.Item, key: str, report: ImportReport) -> None:
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

    def _key_of(self, source: wxr.Comment) -> str:
        name = source.id
        if not name:
            said = f"{source.author}/{source.date}/{source.content}"
            name = hashlib.sha256(said.encode("utf-8", "ignore")).hexdigest()[:32]
        return import_key(self.key.removeprefix("wordpress:"), "comment", name)

    def _reason_to_skip(self, source: wxr.Comment) -> str:
        if not source.is_readers:
            return f"{source.type[:40]}s"
        if label_of(source) == "Comments: trash":
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
    """Return an address in small letters, as accounts' are: a guest claims by it what they said."""
    address = address.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= 254 else ""
