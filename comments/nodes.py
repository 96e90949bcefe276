"""Comments in their places on a page: who stands under whom, and what each line says of itself.

What a comment's line says is worked out here, once, rather than in the template, where it would
take most of the time of a page with hundreds of them.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from comments.models import Comment, Reason

# Replies below this depth stand flat, with a line that says what they answer.
MAX_INDENT = 4
NAMES_TOLD = 3  # of those who answered, where they fold


@dataclass(eq=False)
class Node:
    """A comment and what is shown below it."""

    comment: Comment
    level: int = 0
    # The node in whose list this one stands; ``None`` for a thread's first comment.
    holder: "Node | None" = None
    replies: list["Node"] = field(default_factory=list)
    # What it answers, where that is known; on the page or not.
    parent: Comment | None = None
    # What it answers, where its place on the page does not say so.
    in_reply_to: Comment | None = None
    more: int = 0  # visible replies that are not on the page
    more_after: int = 0  # the number of the last reply shown

    # Where its links lead, and the words beside its name.
    parent_address: str = ""
    next_thread: str = ""
    next_new: str = ""
    is_new: bool = False
    badge: str = ""
    badge_kind: str = ""
    kinds: str = ""  # what its edge shows, as names of classes
    # Its reader hears no more of its author: it folds, with all that hangs on it.
    is_muted: bool = False
    # Visible replies on the page at any depth, and who wrote them: no name for the muted.
    below: int = 0
    people: dict[object, str] = field(default_factory=dict)
    # Of the passage it quotes: whether its readers may see it, and whether it still stands there.
    shows_quote: bool = False
    quote_changed: bool = False

    @property
    def answers(self) -> str:
        """Who is answered, for the heading of a reply."""
        if self.parent is None:
            return ""
        if self.parent.is_visible:
            return self.parent.author_name
        return f"#{self.parent.number}" if self.parent.number else ""

    @property
    def stub(self) -> str:
        """What stands in the place of a comment that readers cannot see: who ended it, and why."""
        words = self.comment.stub_words
        reason = self.comment.reason
        if self.comment.status == Comment.Status.SPAM:
            return f"{words} Reason: Spam."
        return f"{words} Reason: {Reason(reason).label}." if reason in Reason.values else words

    @property
    def folded(self) -> SafeString:
        """What the summary of its replies says: how many, and from whom."""
        total = self.below + self.more
        if not total:
            return SafeString("Your reply")
        names = [name for name in self.people.values() if name]
        are_all = len(names) == len(self.people) <= NAMES_TOLD and not self.more
        told = [f"<bdi>{escape(name)}</bdi>" for name in names[: NAMES_TOLD if are_all else 2]]
        others = len(self.people) - len(told)
        if self.more:
            told.append("others")
        elif others:
            told.append(f"{others} other{'s' if others > 1 else ''}")
        count = f"{total:,} {'reply' if total == 1 else 'replies'}"
        if not names:
            return SafeString(count)
        who = f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
        # Safe: the names are escaped above.
        return mark_safe(f'{count}<span class="from"> from {who}</span>')


def nest(roots: Iterable[Comment], replies: Iterable[Comment]) -> dict[int, Node]:
    """Return every comment's node by its id, with ``replies`` (by number) in their places."""
    nodes: dict[int, Node] = {}
    for comment in (*roots, *replies):
        nodes[comment.pk] = place(nodes, comment)
    return nodes


def place(nodes: dict[int, Node], comment: Comment, top: Node | None = None) -> Node:
    """Hang ``comment`` under what it answers, or as deep as the page indents.

    What it answers may not be on the page: it then stands under its thread's first comment, or
    under ``top``.
    """
    node = Node(comment)
    if comment.parent_id is None:
        return node
    parent = nodes.get(comment.parent_id)
    above = parent or nodes.get(comment.root_id or 0) or top
    if parent is not None:
        node.parent = parent.comment
        node.parent_address = f"#comment-{comment.parent_id}"
    elif Comment.parent.is_cached(comment):
        node.parent = node.in_reply_to = comment.parent
    else:
        node.in_reply_to = Comment(pk=comment.parent_id, article_id=comment.article_id)
    if above is None:
        return node
    if above.level < MAX_INDENT:
        node.holder = above
    else:
        node.holder = above.holder
        node.in_reply_to = node.in_reply_to or node.parent
    if node.holder is not None:
        node.level = node.holder.level + 1
        node.holder.replies.append(node)
    return node


def in_order(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield the nodes and all below them in reading order."""
    for node in nodes:
        yield node
        yield from in_order(node.replies)


def dress(nodes: Iterable[Node], authors: Collection[int], muted: Collection[int]) -> None:
    """Give each node, and all below it, what its line says of it.

    ``authors`` and ``muted`` are the ids of those who wrote the story, and of those whom its
    reader does not want to hear.
    """
    for node in nodes:
        comment = node.comment
        if comment.is_visible:
            _give_badge(node, authors)
        node.is_muted = comment.author_id in muted
        kinds = [f"level-{node.level}"]
        if comment.is_pending:
            kinds.append("is-held")
        elif comment.is_visible:
            if comment.pick_reason:
                kinds.append("is-pick")
            if node.badge_kind == "author":
                kinds.append("by-author")
        node.kinds = " ".join(kinds)
        dress(node.replies, authors, muted)
        for reply in node.replies:
            node.below += reply.below + reply.comment.is_visible
            if reply.comment.is_visible:
                said_by = reply.comment.author_id or reply.comment.guest_name
                name = "" if reply.is_muted else reply.comment.author_name
                node.people.setdefault(said_by, name)
            for key, name in reply.people.items():
                node.people.setdefault(key, name)


def _give_badge(node: Node, authors: Collection[int]) -> None:
    """Say in a word who speaks, where that matters to what is said."""
    author = node.comment.author
    if author is None:
        if node.comment.guest_name:
            node.badge, node.badge_kind = "Guest", "guest"
    elif author.pk in authors:
        node.badge, node.badge_kind = "Wrote this story", "author"
    elif author.is_staff:
        node.badge, node.badge_kind = "Staff", "staff"
    elif author.expertise:
        node.badge, node.badge_kind = f"Expert: {author.expertise}", "expert"
