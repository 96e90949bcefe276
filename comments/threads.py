"""The conversation under an article, a page of threads at a time.

A page costs a constant number of queries however long the conversation is: one for the threads'
first comments by keyset, one for their replies with a cap per thread. Nesting happens here.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, Window, prefetch_related_objects
from django.db.models.functions import RowNumber

from articles.models import Article, Byline
from comments import tree
from comments.models import Comment, Respect

if TYPE_CHECKING:
    from accounts.models import User
    from comments.models import CommentQuerySet

THREADS_PER_PAGE = 20
REPLIES_PER_THREAD = 10
REPLIES_PER_PAGE = 60
ANCESTORS_PER_PAGE = 20
# Replies below this depth stand flat, with a line that says what they answer.
MAX_INDENT = 4

ORDERS = {
    "oldest": "In the order in which they were published.",
    "newest": "The latest threads first; replies in the order in which they were published.",
    "respected": "Threads whose first comment most readers respect, first.",
}


@dataclass(eq=False)
class Node:
    """A comment and what is shown below it."""

    comment: Comment
    level: int = 0
    # The node in whose list this one stands; ``None`` for a thread's first comment.
    holder: "Node | None" = None
    replies: list["Node"] = field(default_factory=list)
    # What it answers, where its place on the page does not say so.
    in_reply_to: Comment | None = None
    more: int = 0  # visible replies of this thread that are not on the page
    more_after: int = 0  # the number of the last reply shown


@dataclass(frozen=True)
class Line:
    """A step of a rendered thread: a comment that opens, or one that closes after its replies."""

    node: Node
    opens: bool


@dataclass
class Threads:
    """A page of threads, with the cursors of this page and the next, and what its reader did."""

    nodes: list[Node]
    order: str = "oldest"
    after: str = ""  # empty for the first page
    next_after: str = ""
    # The reader's own comments that wait and whose place is not on this page.
    waiting: list[Node] = field(default_factory=list)
    # The ids of the comments that the reader respects.
    respected: set[int] = field(default_factory=set)
    # The ids of the accounts of those who wrote the story.
    story_authors: set[int] = field(default_factory=set)
    # Names the reader's next comment from this page, so that a second send of it is the same.
    form_key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def orders(self) -> dict[str, str]:
        return ORDERS

    @property
    def lines(self) -> Iterator[Line]:
        return lines(self.nodes)


def load(
    article: Article, order: str = "oldest", after: str = "", reader: "User | None" = None
) -> Threads:
    """Return the page of threads after the cursor ``after``, in ``order`` (a key of ``ORDERS``).

    ``reader`` also sees the own comments that wait for a moderator, in their places. An unknown
    order or a broken cursor gives the beginning.
    """
    order = order if order in ORDERS else "oldest"
    wanted = article.comments.placed().filter(root__isnull=True).with_people()
    keyset = _cursor_values(order, after)
    roots = list(_sorted(wanted, order, keyset)[: THREADS_PER_PAGE + 1])
    threads = Threads([], order, after if keyset else "", story_authors=_authors(article))
    if len(roots) > THREADS_PER_PAGE:
        roots.pop()
        threads.next_after = cursor(roots[-1], order)
    nodes = nest(article, roots, _first_replies(roots))
    threads.nodes = [nodes[root.pk] for root in roots]
    for node in threads.nodes:
        _count_rest(node)
    if reader is not None:
        threads.waiting = _place_held(nodes, article, reader)
        threads.respected = respected_by(reader, nodes)
    return threads


def nest(article: Article, roots: Iterable[Comment], replies: Iterable[Comment]) -> dict[int, Node]:
    """Return every comment's node by its id, with ``replies`` (by number) in their places."""
    nodes: dict[int, Node] = {}
    for comment in (*roots, *replies):
        comment.article = article
        nodes[comment.pk] = place(nodes, comment)
    return nodes


def place(nodes: dict[int, Node], comment: Comment, top: Node | None = None) -> Node:
    """Hang ``comment`` under what it answers, or as deep as the page indents.

    What it answers may not be on the page: it then stands under its thread's first comment, or
    under ``top``.
    """
    node = Node(comment)
    parent = nodes.get(comment.parent_id or 0)
    above = parent or nodes.get(comment.root_id or 0) or top
    if parent is None and Comment.parent.is_cached(comment):
        node.in_reply_to = comment.parent
    if above is None:
        return node
    if above.level < MAX_INDENT:
        node.holder = above
    else:
        node.holder = above.holder
        node.in_reply_to = node.in_reply_to or (parent.comment if parent else None)
    if node.holder is not None:
        node.level = node.holder.level + 1
        node.holder.replies.append(node)
    return node


def lines(nodes: Iterable[Node]) -> Iterator[Line]:
    """Yield the nodes in reading order, each opened and closed around its replies.

    A loop over these renders nested lists without a template that calls itself.
    """
    for node in nodes:
        yield Line(node, opens=True)
        yield from lines(node.replies)
        yield Line(node, opens=False)


def cursor(root: Comment, order: str) -> str:
    """Return the cursor of the page that begins after this thread."""
    if order == "respected":
        return f"{root.respect_count}.{root.number}"
    return str(root.number)


def page_of(comment: Comment) -> str:
    """Return the cursor of a page, oldest first, on which this comment's thread stands.

    Empty for the first page. A later page begins with the thread itself.
    """
    root = comment.root or comment
    if root.number is None:
        return ""
    before = comment.article.comments.placed().filter(root__isnull=True, number__lt=root.number)
    if before[THREADS_PER_PAGE - 1 : THREADS_PER_PAGE].exists():
        return str(root.number - 1)
    return ""


def is_on_article_page(comment: Comment) -> bool:
    """Tell whether the article shows this comment, and not only a link to further replies."""
    if comment.root_id is None or comment.number is None:
        return True
    earlier = Comment.objects.placed().filter(root=comment.root_id, number__lt=comment.number)
    return not earlier[REPLIES_PER_THREAD - 1 : REPLIES_PER_THREAD].exists()


def conversation(
    comment: Comment, after: int = 0, reader: "User | None" = None
) -> tuple[list[Comment], Threads]:
    """Return a comment's ancestors (topmost first), and it with its replies as a page.

    ``after`` is the number after which the replies begin. Of many ancestors the nearest are
    given; what they answer in turn is one step up, at the first one's own address.
    """
    people = Comment.objects.with_people()
    above = people.in_bulk(tree.ancestor_ids(comment)[:ANCESTORS_PER_PAGE])
    ancestors = sorted(above.values(), key=lambda one: one.depth)
    ids = tree.descendant_ids(comment, after, REPLIES_PER_PAGE + 1)
    more = len(ids) > REPLIES_PER_PAGE
    replies = (
        people.select_related("parent", "parent__author")
        .filter(pk__in=ids[:REPLIES_PER_PAGE])
        .order_by("number")
    )
    for one in ancestors:
        one.article = comment.article
    nodes = nest(comment.article, [comment], [])
    top = nodes[comment.pk]
    for reply in replies:
        reply.article = comment.article
        # One whose parent is on an earlier page stands directly under the comment.
        nodes[reply.pk] = place(nodes, reply, top)
    threads = Threads([top], story_authors=_authors(comment.article))
    if more:
        threads.next_after = str(max(node.comment.number or 0 for node in nodes.values()))
    if reader is not None:
        threads.waiting = _place_held(nodes, comment.article, reader)
        threads.respected = respected_by(reader, nodes)
    return ancestors, threads


def respected_by(reader: "User", ids: Iterable[int]) -> set[int]:
    """Return those of the comments' ids that ``reader`` respects."""
    return set(
        Respect.objects.filter(reader=reader, comment__in=list(ids)).values_list(
            "comment", flat=True
        )
    )


def _sorted(
    roots: "CommentQuerySet", order: str, keyset: tuple[int, ...] | None
) -> "CommentQuerySet":
    if order == "newest":
        page = roots.order_by("-number")
        return page.filter(number__lt=keyset[0]) if keyset else page
    if order == "respected":
        page = roots.order_by("-respect_count", "number")
        if not keyset:
            return page
        respect, number = keyset
        return page.filter(respect_count__lte=respect).filter(
            Q(respect_count__lt=respect) | Q(number__gt=number)
        )
    page = roots.order_by("number")
    return page.filter(number__gt=keyset[0]) if keyset else page


def _cursor_values(order: str, after: str) -> tuple[int, ...] | None:
    parts = after.split(".")
    wanted = 2 if order == "respected" else 1
    if len(parts) != wanted or not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        return None
    return tuple(int(part) for part in parts)


def _first_replies(roots: list[Comment]) -> list[Comment]:
    """Return the first ``REPLIES_PER_THREAD`` replies of each thread, by number."""
    return list(
        Comment.objects.placed()
        .filter(root__in=[root.pk for root in roots if root.visible_replies])
        .annotate(rank=Window(RowNumber(), partition_by="root", order_by="number"))
        .filter(rank__lte=REPLIES_PER_THREAD)
        .with_people()
        .order_by("number")
    )


def _count_rest(root: Node) -> None:
    shown = 0
    waiting = list(root.replies)
    while waiting:
        node = waiting.pop()
        waiting.extend(node.replies)
        shown += node.comment.is_visible
        root.more_after = max(root.more_after, node.comment.number or 0)
    root.more = root.comment.visible_replies - shown


def _authors(article: Article) -> set[int]:
    # Costs nothing where the page has loaded them already.
    prefetch_related_objects(
        [article], Prefetch("bylines", Byline.objects.select_related("author"))
    )
    return {byline.author.user_id for byline in article.bylines.all() if byline.author.user_id}


def _place_held(nodes: dict[int, Node], article: Article, reader: "User") -> list[Node]:
    """Add the reader's held comments where they answer; return those that have no place here."""
    elsewhere = []
    held = article.comments.held_for(reader).with_people().select_related("parent__author")
    for comment in held:
        comment.article = article
        node = place(nodes, comment)
        nodes[comment.pk] = node
        if node.holder is None:
            elsewhere.append(node)
    return elsewhere
