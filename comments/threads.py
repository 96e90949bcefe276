"""The conversation under an article, a page of threads at a time.

A page costs a constant number of queries however long the conversation is: one for the threads'
first comments by keyset, one for their replies with a cap per thread, one for what the story's
authors said where they have accounts. Nesting happens in ``comments.nodes``.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
    Window,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, RowNumber
from django.utils.http import urlencode

from articles.models import Article, Byline
from comments import formkeys, quoting, text, tree, waits
from comments import nodes as places
from comments.models import Comment, Follow, Mute, Respect, Revision, Visit
from comments.nodes import Line, Node

if TYPE_CHECKING:
    from accounts.models import User
    from comments.models import CommentQuerySet

THREADS_PER_PAGE = 20
REPLIES_PER_THREAD = 10
REPLIES_PER_PAGE = 60
ANCESTORS_PER_PAGE = 20
AUTHOR_REPLIES = 5
EXCERPT = 150  # letters

ORDERS = {
    "oldest": "In the order in which they were published.",
    "newest": "The latest threads first; replies in the order in which they were published.",
    "respected": "Threads whose first comment most readers respect, first.",
    "picks": "Threads with most editors’ picks first. A pick says that a comment is worth your "
    "time, not that we agree with it.",
}


@dataclass(frozen=True)
class Voice:
    """A comment gathered above the threads: its beginning, and the way to its place."""

    comment: Comment
    excerpt: str
    address: str


@dataclass
class Threads:
    """A page of threads, with the cursors of this page and the next, and what its reader did."""

    article: Article
    nodes: list[Node]
    order: str = "oldest"
    after: str = ""  # empty for the first page
    next_after: str = ""
    has_picks: bool = False
    # The reader's own comments that wait and whose place is not on this page.
    waiting: list[Node] = field(default_factory=list)
    # What the story's authors said of late, and on the page of picks the picks.
    author_replies: list[Comment] = field(default_factory=list)
    picks: list[Comment] = field(default_factory=list)
    # The ids of the accounts of those who wrote the story.
    story_authors: set[int] = field(default_factory=set)

    # Of the reader: the ids of comments they respect and of their own whose change waits, of
    # people they mute, of threads they follow.
    respected: set[int] = field(default_factory=set)
    waiting_edits: set[int] = field(default_factory=set)
    muted: set[int] = field(default_factory=set)
    followed: set[int] = field(default_factory=set)
    follows_story: bool = False
    may_pick: bool = False
    usual_wait: str = ""  # in words; empty if unknown, or if nothing of theirs waits here
    # Comments with higher numbers are new to them; ``None`` where nothing is marked.
    new_after: int | None = None
    new_count: int = 0  # in the whole conversation
    new_numbers: list[int] = field(default_factory=list)  # on this page, in reading order
    first_new: str = ""  # where they begin

    # Names the reader's next comment from this page, so that a second send of it is the same.
    form_key: uuid.UUID = field(default_factory=formkeys.fresh)

    @property
    def orders(self) -> dict[str, str]:
        """The orders that make sense here, each with what it means."""
        if self.has_picks or self.order == "picks":
            return ORDERS
        return {order: meaning for order, meaning in ORDERS.items() if order != "picks"}

    @property
    def meaning(self) -> str:
        return ORDERS[self.order]

    @property
    def lines(self) -> Iterator[Line]:
        return places.lines(self.nodes)

    @property
    def author_voices(self) -> list[Voice]:
        return self._voices(self.author_replies)

    @property
    def author_title(self) -> str:
        one = len(self.story_authors) == 1
        return f"From the {'author' if one else 'authors'} of this story"

    @property
    def pick_voices(self) -> list[Voice]:
        return self._voices(self.picks)

    def _voices(self, comments: list[Comment]) -> list[Voice]:
        here = {node.comment.pk for node in places.in_order(self.nodes)}
        return [
            Voice(
                one,
                excerpt(one),
                f"#{one.anchor}" if one.pk in here else one.get_absolute_url() + self.back,
            )
            for one in comments
        ]

    @property
    def carried(self) -> str:
        """The order and the page, as further parameters of links that lead back here."""
        values = {}
        if self.order != "oldest":
            values["order"] = self.order
        if self.after:
            values["from"] = self.after
        return "&" + urlencode(values) if values else ""

    @property
    def back(self) -> str:
        """The same as the whole query of an address; empty where that is the usual page."""
        return self.carried.replace("&", "?", 1)

    def mark_new(self, after: int | None, reader: "User") -> None:
        """Mark what is new to ``reader``, who has read up to the number ``after``."""
        self.new_after = after
        if after is None or self.article.last_number <= after:
            return
        news = self.article.comments.visible().filter(number__gt=after).exclude(author=reader)
        self.new_count = news.exclude(author__in=self.muted).count()
        new = [node for node in places.in_order(self.nodes) if self._is_new(node, after, reader)]
        self.new_numbers = [node.comment.number or 0 for node in new]
        anchors = [f"#{node.comment.anchor}" for node in new]
        all_new = f"{self.article.get_absolute_url()}comments/?since={after}"
        if self.new_count > len(new):
            anchors.append(all_new)
        self.first_new = anchors[0] if anchors else ""
        for node, following in zip(new, [*anchors[1:], ""], strict=False):
            node.is_new, node.next_new = True, following

    @staticmethod
    def _is_new(node: Node, after: int, reader: "User") -> bool:
        comment = node.comment
        return (
            (comment.number or 0) > after
            and comment.is_visible
            and comment.author_id != reader.pk
            and not node.is_muted
        )

    def note_visit(self, reader: "User") -> None:
        """Record that ``reader`` reads the conversation now, and mark what is new to them."""
        self.mark_new(Visit.record(reader, self.article), reader)

    def mark_as_before(self, reader: "User") -> None:
        """Mark what was new to ``reader`` when they opened the page this is a part of."""
        seen = Visit.objects.filter(reader=reader, article=self.article).values_list("seen")
        self.mark_new(next((number for (number,) in seen), 0) or None, reader)


def load(
    article: Article, order: str = "oldest", after: str = "", reader: "User | None" = None
) -> Threads:
    """Return the page of threads after the cursor ``after``, in ``order`` (a key of ``ORDERS``).

    ``reader`` also sees the own comments that wait for a moderator, in their places. An unknown
    order or a broken cursor gives the beginning.
    """
    order = order if order in ORDERS else "oldest"
    wanted = with_record(article.comments.placed().filter(root__isnull=True)).annotate(
        story_has_picks=Exists(article.comments.picked())
    )
    keyset = _cursor_values(order, after)
    roots = list(_sorted(wanted, order, keyset)[: THREADS_PER_PAGE + 1])
    threads = Threads(article, [], order, after if keyset else "", story_authors=_authors(article))
    threads.has_picks = any(getattr(root, "story_has_picks", False) for root in roots)
    if len(roots) > THREADS_PER_PAGE:
        roots.pop()
        threads.next_after = cursor(roots[-1], order)
    nodes = places.nest(roots, _first_replies(roots))
    threads.nodes = [nodes[root.pk] for root in roots]
    for node in threads.nodes:
        _count_rest(node)
    _bring_reader(threads, nodes, reader)
    if not threads.after:
        _gather(threads)
    _finish(threads, nodes)
    _link_threads(threads)
    return threads


def since(
    article: Article, number: int, reader: "User | None" = None, limit: int = REPLIES_PER_PAGE
) -> Threads:
    """Return the comments after ``number``, flat and in order, each with what it answers.

    ``next_after`` is the number after which there are more.
    """
    found = list(
        with_record(article.comments.visible().filter(number__gt=number))
        .select_related("parent__author")
        .order_by("number")[: limit + 1]
    )
    threads = Threads(article, [], story_authors=_authors(article))
    if len(found) > limit:
        found.pop()
        threads.next_after = str(found[-1].number)
    nodes = {comment.pk: places.place({}, comment) for comment in found}
    threads.nodes = list(nodes.values())
    _bring_reader(threads, nodes, reader, with_held=False)
    _finish(threads, nodes)
    return threads


def sent(comment: Comment, reader: "User") -> Threads:
    """Return a comment by itself, as its author sees it where its form stood."""
    article = comment.article
    found = with_record(article.comments.filter(pk=comment.pk))
    shown = found.select_related("parent__author").get()
    threads = Threads(article, [], story_authors=_authors(article))
    node = places.place({}, shown)
    if comment.parent_id:
        # Right under what it answers.
        node.in_reply_to, node.parent_address, node.level = None, f"#comment-{comment.parent_id}", 1
    threads.nodes = [node]
    _bring_reader(threads, {shown.pk: node}, reader, with_held=False)
    _finish(threads, {shown.pk: node})
    return threads


def conversation(
    comment: Comment, after: int = 0, reader: "User | None" = None, with_held: bool = True
) -> tuple[list[Comment], Threads]:
    """Return a comment's ancestors (topmost first), and it with its replies as a page.

    ``after`` is the number after which the replies begin. Of many ancestors the nearest are
    given; what they answer in turn is one step up, at the first one's own address.
    """
    article = comment.article
    above = with_record(Comment.objects.all()).in_bulk(
        tree.ancestor_ids(comment)[:ANCESTORS_PER_PAGE]
    )
    ancestors = sorted(above.values(), key=lambda one: one.depth)
    replies = _replies(comment, after)
    is_cut = len(replies) > REPLIES_PER_PAGE
    nodes = places.nest([comment], [])
    top = nodes[comment.pk]
    top.parent = comment.parent
    if comment.parent_id in above:
        top.parent_address = f"#comment-{comment.parent_id}"
    for reply in replies[:REPLIES_PER_PAGE]:
        # One whose parent is on an earlier page stands directly under the comment.
        nodes[reply.pk] = places.place(nodes, reply, top)
    threads = Threads(article, [top], story_authors=_authors(article))
    if is_cut:
        # The first page knows by the counter how many there are.
        rest = tree.count_below(comment, after) if after else comment.visible_replies
        _count_rest(top, rest)
        threads.next_after = str(top.more_after)
    _bring_reader(threads, nodes, reader, with_held)
    _finish(threads, nodes, above)
    return ancestors, threads


def with_record(comments: "CommentQuerySet") -> "CommentQuerySet":
    """With what a comment's line shows: its people, its thread's end, whether it has a history.

    The last is looked up for the few comments that it can be said of, in the same query.
    """
    texts = Revision.objects.readable().filter(comment=OuterRef("pk")).order_by()
    return comments.with_people().annotate(
        # Since when its thread takes no answers.
        thread_closed_at=Coalesce("closed_at", "root__closed_at"),
        has_history=Case(
            When(edited_at__isnull=False, then=Exists(texts)),
            default=Value(False),
            output_field=BooleanField(),
        ),
    )


def cursor(root: Comment, order: str) -> str:
    """Return the cursor of the page that begins after this thread."""
    if order == "respected":
        return f"{root.respect_count}.{root.number}"
    if order == "picks":
        return f"{root.thread_picks}.{root.number}"
    return str(root.number)


def is_cursor(order: str, after: str) -> bool:
    """Tell whether ``after`` can be the cursor of a page in ``order``."""
    return order in ORDERS and _cursor_values(order, after) is not None


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


def excerpt(comment: Comment) -> str:
    """Return the beginning of what a comment says, without its quotations."""
    said = re.sub(r"(?s)<blockquote>.*?</blockquote>|<pre>.*?</pre>", "", comment.body_html)
    return text.beginning(text.plain(said or comment.body_html), EXCERPT)


# Which comments a page shows


def _sorted(
    roots: "CommentQuerySet", order: str, keyset: tuple[int, ...] | None
) -> "CommentQuerySet":
    if order == "newest":
        page = roots.order_by("-number")
        return page.filter(number__lt=keyset[0]) if keyset else page
    if order in {"respected", "picks"}:
        rank = "respect_count" if order == "respected" else "thread_picks"
        page = roots.order_by(f"-{rank}", "number")
        if not keyset:
            return page
        ranked, number = keyset
        return page.filter(**{f"{rank}__lte": ranked}).filter(
            Q(**{f"{rank}__lt": ranked}) | Q(number__gt=number)
        )
    page = roots.order_by("number")
    return page.filter(number__gt=keyset[0]) if keyset else page


def _cursor_values(order: str, after: str) -> tuple[int, ...] | None:
    parts = after.split(".")
    wanted = 2 if order in {"respected", "picks"} else 1
    if len(parts) != wanted or not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        return None
    return tuple(int(part) for part in parts)


def _first_replies(roots: list[Comment]) -> list[Comment]:
    """Return the first ``REPLIES_PER_THREAD`` replies of each thread, by number."""
    found = (
        Comment.objects.placed()
        .filter(root__in=[root.pk for root in roots if root.visible_replies])
        .annotate(rank=Window(RowNumber(), partition_by="root", order_by="number"))
        .filter(rank__lte=REPLIES_PER_THREAD)
    )
    return list(with_record(found).order_by("number"))


def _replies(comment: Comment, after: int) -> list[Comment]:
    """Return a page of the replies below a comment, by number, and one more if there are more."""
    found = with_record(Comment.objects.all()).select_related("parent__author").order_by("number")
    if comment.root_id is None:
        below = found.placed().filter(root=comment.pk, number__gt=after)
        return list(below[: REPLIES_PER_PAGE + 1])
    ids = tree.descendant_ids(comment, after, REPLIES_PER_PAGE + 1)
    return list(found.filter(pk__in=ids))


def _count_rest(root: Node, total: int | None = None) -> None:
    """Note how many of the visible replies below are not shown, and where they begin."""
    shown = 0
    for node in places.in_order(root.replies):
        shown += node.comment.is_visible
        root.more_after = max(root.more_after, node.comment.number or 0)
    root.more = (root.comment.visible_replies if total is None else total) - shown


# What stands beside them


def _authors(article: Article) -> set[int]:
    # Costs nothing where the page has loaded them already.
    prefetch_related_objects(
        [article], Prefetch("bylines", Byline.objects.select_related("author"))
    )
    return {byline.author.user_id for byline in article.bylines.all() if byline.author.user_id}


def _gather(threads: Threads) -> None:
    """Bring what stands above the threads: what the story's authors said, or the picks."""
    comments = threads.article.comments.with_people().select_related("parent__author")
    if threads.order == "picks":
        threads.picks = list(comments.picked())
    elif threads.story_authors:
        wrote = comments.visible().filter(author__in=threads.story_authors)
        threads.author_replies = list(wrote.order_by("-number")[:AUTHOR_REPLIES])[::-1]
    # Not by whom its reader muted.
    for gathered in (threads.picks, threads.author_replies):
        gathered[:] = [one for one in gathered if one.author_id not in threads.muted]


def _bring_reader(
    threads: Threads, nodes: dict[int, Node], reader: "User | None", with_held: bool = True
) -> None:
    """Bring what only ``reader`` sees: their held comments in place, and what they did here."""
    if reader is None:
        return
    if with_held:
        threads.waiting = _place_held(nodes, threads.article, reader)
    own = [node.comment for node in nodes.values() if node.comment.author_id == reader.pk]
    if any(comment.is_pending for comment in own):
        wait = waits.usual_wait()
        threads.usual_wait = f"usually {waits.in_words(wait)}" if wait else ""
    did = _done_by(reader, threads.article, nodes)
    threads.respected, threads.muted = did["respected"], did["muted"]
    threads.waiting_edits = did["edited"]
    threads.follows_story = None in did["followed"]
    threads.followed = did["followed"] - {None}
    # Only staff pick, so that a reader's page need not look their permissions up.
    threads.may_pick = reader.is_staff and reader.has_perm("comments.pick_comment")


def _done_by(reader: "User", article: Article, ids: Iterable[int]) -> dict[str, set[Any]]:
    """Return what ``reader`` did that a page of these comments shows, each as a set of ids.

    A follow of the whole story names no thread: it is ``None`` among those. One query for all of
    it, since most readers did hardly any of it.
    """
    shown = list(ids)
    respects = Respect.objects.filter(reader=reader, comment__in=shown)
    mutes = Mute.objects.filter(reader=reader)
    follows = Follow.objects.filter(reader=reader, article=article)
    edits = Revision.objects.pending().filter(comment__in=shown, comment__author=reader)
    rows = _named("respected", respects, "comment").union(
        _named("muted", mutes, "muted"),
        _named("followed", follows, "thread"),
        _named("edited", edits, "comment"),
        all=True,
    )
    did = defaultdict(set)
    for what, pk in rows:
        did[what].add(pk)
    return did


def _named(what: str, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    return rows.order_by().values_list(Value(what), column)


def _place_held(nodes: dict[int, Node], article: Article, reader: "User") -> list[Node]:
    """Add the reader's held comments where they answer; return those that have no place here."""
    elsewhere = []
    held = article.comments.held_for(reader).with_people().select_related("parent__author")
    for comment in held:
        # One that keeps a place stands in it already, with its text for its author.
        if comment.pk in nodes:
            continue
        node = places.place(nodes, comment)
        nodes[comment.pk] = node
        if node.holder is None:
            elsewhere.append(node)
    return elsewhere


def _finish(
    threads: Threads, nodes: dict[int, Node], above: dict[int, Comment] | None = None
) -> None:
    """Give every comment of the page what its line says."""
    for node in nodes.values():
        node.comment.article = threads.article
    for comment in (above or {}).values():
        comment.article = threads.article
    places.dress(threads.nodes, threads.story_authors, threads.muted)
    places.dress(threads.waiting, threads.story_authors, set())
    _check_quotes(threads.article, nodes)


def _check_quotes(article: Article, nodes: dict[int, Node]) -> None:
    """Note of every passage quoted whether it still stands there, and may be shown."""
    story = ""
    for node in nodes.values():
        comment, parent = node.comment, node.parent
        if not comment.quote:
            continue
        if comment.quote_source == Comment.QuoteSource.STORY:
            node.shows_quote = True
            if comment.quote_version != article.version:
                story = story or quoting.plain_story(article)
                node.quote_changed = not quoting.still_says(story, comment.quote)
        elif parent is not None and parent.is_visible:
            # What was taken down is not kept up in somebody's quotation.
            node.shows_quote = True
            if comment.quote_version != parent.version:
                said = text.plain(parent.body_html)
                node.quote_changed = not quoting.still_says(said, comment.quote)


def _link_threads(threads: Threads) -> None:
    """Have each thread lead to the next one; the last to the next page, or to the end."""
    address = "#comments-end"
    if threads.next_after:
        order = {"order": threads.order} if threads.order != "oldest" else {}
        query = urlencode(order | {"after": threads.next_after})
        address = f"{threads.article.get_absolute_url()}?{query}#comments"
    for node in reversed(threads.nodes):
        node.next_thread = address
        address = f"#{node.comment.anchor}"
