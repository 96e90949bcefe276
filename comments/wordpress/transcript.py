"""Comments on their way out, as WordPress writes them.

What readers wrote goes with the name they wrote under: never with an account's address, and with
none that a comment was sent from. A guest's own address goes along, as it came: it is by that they
claim what they said.
"""

import datetime
from collections.abc import Iterator

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from articles.wordpress import departures, own, prose
from articles.wordpress.tally import Tally
from comments import text
from comments.models import Comment, Revision

CHUNK = 1000  # comments read at once
# What each status is on WordPress. There too, only what is approved is shown.
STATES = {
    Comment.Status.APPROVED: "1",
    Comment.Status.PENDING: "0",
    Comment.Status.SPAM: "spam",
    Comment.Status.REJECTED: "trash",
    Comment.Status.REMOVED: "trash",
}
LABELS = {"1": "approved", "0": "pending"}
# What of a comment is carried by its column's name.
COMMENT = (
    "number", "quote", "quote_source", "quote_version", "pick_reason", "picked_at", "visible_at",
    "edited_at", "held_at", "flagged_at", "closed_at", "reason", "language",
)  # fmt: skip
FOR_READERS = (
    "number", "quote", "quote_source", "quote_version", "pick_reason", "picked_at", "visible_at",
    "edited_at", "closed_at", "language",
)  # fmt: skip


class Transcript:
    """Gives the comments under articles and counts what it gave."""

    def __init__(self, tally: Tally, for_readers: bool = False) -> None:
        """``for_readers``: nothing but what readers see."""
        self.tally = tally
        self.for_readers = for_readers

    def of(self, article_ids: list[int]) -> Iterator[tuple[int, str]]:
        """Yield the comments of these articles, which come by their ids, each with its article's.

        They are read some at a time, however many one article has.
        """
        for comment in self._rows(article_ids).iterator(chunk_size=CHUNK):
            yield comment.article_id, self._comment(comment)

    def _rows(self, article_ids: list[int]) -> "QuerySet[Comment]":
        rows = Comment.objects.filter(article__in=article_ids).order_by("article_id", "pk")
        rows = rows.select_related("author", "parent").only(
            *COMMENT, "article", "author__username", "author__display_name", "guest_name",
            "guest_email", "guest_url", "parent", "status", "body", "body_html", "renderer",
            "created_at", "import_key", "parent__created_at", "parent__import_key",
        )  # fmt: skip
        if self.for_readers:
            return rows.readable()
        edits = Revision.objects.defer("body_html").order_by("pk")
        return rows.prefetch_related(Prefetch("revisions", edits))

    def _comment(self, comment: Comment) -> str:
        state = STATES[Comment.Status(comment.status)]
        self.tally.new(f"Comments: {LABELS.get(state, state)}")
        is_guest = comment.author is None
        email = comment.guest_email if is_guest and not self.for_readers else ""
        element, at = departures.element, comment.created_at
        content, values = self._words(comment)
        return (
            f"<wp:comment>\n<wp:comment_id>{comment.pk}</wp:comment_id>\n"
            + element("wp:comment_author", departures.escape_words(comment.author_name))
            + element("wp:comment_author_email", email)
            + element("wp:comment_author_url", comment.guest_url if is_guest else "")
            + element("wp:comment_author_IP", "")
            + element("wp:comment_date", departures.clock(timezone.localtime(at)))
            + element("wp:comment_date_gmt", departures.clock(at.astimezone(datetime.UTC)))
            + element("wp:comment_content", content)
            + element("wp:comment_approved", state)
            + element("wp:comment_type", "comment")
            + f"<wp:comment_parent>{comment.parent_id or 0}</wp:comment_parent>\n"
            + "<wp:comment_user_id>0</wp:comment_user_id>\n"
            + departures.meta_element("commentmeta", departures.own_meta(values))
            + "</wp:comment>\n"
        )

    def _words(self, comment: Comment) -> tuple[str, dict[str, object]]:
        """Return a comment's text as WordPress may show it, and what stands in JSON beside it."""
        values: dict[str, object] = {
            "key": own.key_of(comment),
            "created_at": comment.created_at.isoformat(),
            "status": comment.status,
        }
        if comment.parent is not None:
            values["parent"] = own.key_of(comment.parent)
        values |= own.carried(comment, FOR_READERS if self.for_readers else COMMENT)
        content = comment.body_html
        if comment.renderer:
            values["renderer"] = comment.renderer
            # Mostly words alone, which its HTML gives back.
            values |= own.differing(body=(comment.body, text.plain(content)))
        elif "<" not in comment.body:
            content = comment.body
        else:
            values["body"] = comment.body
        name = comment.author_name
        read = " ".join(text.DROPPED.sub("", prose.words(departures.escape_words(name))).split())
        values |= own.differing(name=(name, read))
        if comment.author is None and not comment.guest_name:
            values["name"] = ""
        if not self.for_readers and (edits := list(comment.revisions.all())):
            values["edits"] = [_edit(edit) for edit in edits]
        return content, values


def _edit(edit: Revision) -> dict[str, object]:
    return {"status": edit.status, "body": edit.body, "at": edit.at.isoformat()} | (
        {"renderer": edit.renderer} if edit.renderer else {}
    )
