"""The conversation under an article, a page of threads at a time.

A page costs a constant number of queries however long the conversation is: one for the threads'
first comments by keyset, one for their replies with a cap per thread, one for what the story's
authors said where they have accounts. Nesting happens in ``comments.nodes``.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Exists,
    Q,
    QuerySet,
    Value,
    Window,
)
from django.db.models.functions import RowNumber
from django.utils.http import urlencode

from articles.models import Article
from comments import formkeys, quoting, shown, text, tree, waits
from comments import nodes as places
from comments.models import Comment, Follow, Mute, Respect, Revision, Visit
from comments.nodes import Node
from newsroom import prepared, replicas
from newsroom.prepared import Among, Query

if TYPE_CHECKING:
    from accounts.models import User
    from comments.models import CommentQuerySet

Row = tuple[Any, ...]  # of a comment, as ``shown.as_rows`` has it
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


@dataclass(frozen=True)
class Thread:
    """A thread as it was read: the rows of its first comment and of the replies shown below."""

    root: Row
    replies: tuple[Row, ...]
    # What its first comment leads on to.
    next_address: str

    @property
    def rows(self) -> tuple[Row, ...]:
        return (self.root, *self.replies)


@dataclass
class Threads:
    """A page of threads, with the cursors of this page and the next, and what its reader did.

    Its nodes are made from ``read`` where somebody asks for them. Most of a page is written as it
    was for the reader before, who saw the same: see ``comments.lines``.
    """

    article: Article
    made: list[Node] | None = None
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

    read: list[Thread] = field(default_factory=list)

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
    def nodes(self) -> list[Node]:
        """The threads' first comments with all that is shown below each."""
        if self.made is None:
            self.made = [self.made_thread(thread) for thread in self.read]
        return self.made

    def made_thread(self, thread: Thread) -> Node:
        """Return the node of one thread's first comment, with what its lines say."""
        nodes = _nested(self, thread)
        _finish(self, nodes, [nodes[thread.root[shown.ID]]])
        return nodes[thread.root[shown.ID]]

    @property
    def count(self) -> int:
        """How many threads are on the page."""
        return len(self.read) or len(self.made or ())

    @property
    def ids(self) -> set[int]:
        """The ids of all comments on the page."""
        if self.made is not None:
            return {node.comment.pk for node in places.in_order(self.made)}
        return {row[shown.ID] for thread in self.read for row in thread.rows}

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
    def in_order(self) -> list[Node]:
        """All comments of the page, in reading order."""
        return list(places.in_order(self.nodes))

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
        here = self.ids
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
        with replicas.aside():  # nobody has to see at once that they were here
            seen = Visit.record(reader, self.article)
        self.mark_new(seen, reader)

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
    keyset = _cursor_values(order, after)
    first, second = (*(keyset or ()), 0, 0)[:2]
    page = _PAGES[order, bool(keyset)]
    roots = page.all(article=article.pk, first=first, second=second)
    threads = Threads(article, order=order, after=after if keyset else "")
    threads.story_authors = _authors(article)
    threads.has_picks = any(root[HAS_PICKS] for root in roots)
    if len(roots) > THREADS_PER_PAGE:
        roots.pop()
        threads.next_after = cursor(shown.made(roots[-1:], "default")[0], order)
    threads.read = _threads(roots, _first_replies(roots), _address_after(threads))
    _bring_reader(threads, reader)
    if not threads.after:
        _gather(threads)
    return threads


def since(
    article: Article, number: int, reader: "User | None" = None, limit: int = REPLIES_PER_PAGE
) -> Threads:
    """Return the comments after ``number``, flat and in order, each with what it answers.

    ``next_after`` is the number after which there are more.
    """
    found = list(
        shown.with_record(article.comments.visible().filter(number__gt=number))
        .with_people()
        .select_related("parent__author")
        .order_by("number")[: limit + 1]
    )
    threads = Threads(article, story_authors=_authors(article))
    if len(found) > limit:
        found.pop()
        threads.next_after = str(found[-1].number)
    nodes = {comment.pk: places.place({}, comment) for comment in found}
    threads.made = list(nodes.values())
    _bring_reader(threads, reader, with_held=False)
    _finish(threads, nodes, threads.made)
    return threads


def sent(comment: Comment, reader: "User") -> Threads:
    """Return a comment by itself, as its author sees it where its form stood."""
    article = comment.article
    found = shown.with_record(article.comments.filter(pk=comment.pk)).with_people()
    alone = found.select_related("parent__author").get()
    threads = Threads(article, story_authors=_authors(article))
    node = places.place({}, alone)
    if comment.parent_id:
        # Right under what it answers.
        node.in_reply_to, node.parent_address, node.level = None, f"#comment-{comment.parent_id}", 1
    threads.made = [node]
    _bring_reader(threads, reader, with_held=False)
    _finish(threads, {alone.pk: node}, threads.made)
    return threads


def conversation(
    comment: Comment, after: int = 0, reader: "User | None" = None, with_held: bool = True
) -> tuple[list[Comment], Threads]:
    """Return a comment's ancestors (topmost first), and it with its replies as a page.

    ``after`` is the number after which the replies begin. Of many ancestors the nearest are
    given; what they answer in turn is one step up, at the first one's own address.
    """
    article = comment.article
    above = shown.with_record(Comment.objects.with_people()).in_bulk(
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
    for one in above.values():
        one.article = article
    if is_cut:
        # The first page knows by the counter how many there are.
        rest = tree.count_below(comment, after) if after else comment.visible_replies
        _count_rest(top, rest)
        threads.next_after = str(top.more_after)
    _bring_reader(threads, reader, with_held)
    _finish(threads, nodes, [top])
    return ancestors, threads


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
    roots: "CommentQuerySet", order: str, keyset: Sequence[Any] | None
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


def _page_query(order: str, has_keyset: bool) -> Query:
    """Return the query for a page's first comments, by their story and what they come after."""

    def write() -> "QuerySet[Any, tuple[Any, ...]]":
        picked = Comment.objects.picked().filter(article=prepared.number("article"))
        roots = Comment.objects.placed().filter(
            article=prepared.number("article"), root__isnull=True
        )
        keyset = (prepared.number("first"), prepared.number("second")) if has_keyset else None
        page = _sorted(roots.annotate(story_has_picks=Exists(picked)), order, keyset)
        return shown.as_rows(page, "story_has_picks")[: THREADS_PER_PAGE + 1]

    return Query(write, is_page=True)


_PAGES = {
    (order, has_keyset): _page_query(order, has_keyset)
    for order in ORDERS
    for has_keyset in (False, True)
}
HAS_PICKS = shown.END


def _write_replies() -> "QuerySet[Any, tuple[Any, ...]]":
    found = (
        Comment.objects.placed()
        .filter(Among("root_id", "roots"))
        .annotate(rank=Window(RowNumber(), partition_by="root", order_by="number"))
        .filter(rank__lte=REPLIES_PER_THREAD)
    )
    return shown.as_rows(found.order_by("number"))


_REPLIES = Query(_write_replies, is_page=True)


def _cursor_values(order: str, after: str) -> tuple[int, ...] | None:
    parts = after.split(".")
    wanted = 2 if order in {"respected", "picks"} else 1
    if len(parts) != wanted or not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        return None
    return tuple(int(part) for part in parts)


def _first_replies(roots: list[Row]) -> dict[int, list[Row]]:
    """Return the first ``REPLIES_PER_THREAD`` replies of each thread, by number, by its id."""
    replies: dict[int, list[Row]] = defaultdict(list)
    answered = [root[shown.ID] for root in roots if root[shown.VISIBLE_REPLIES]]
    if answered:
        for row in _REPLIES.all(roots=answered):
            replies[row[shown.ROOT_ID]].append(row)
    return replies


def _threads(roots: list[Row], replies: dict[int, list[Row]], end: str) -> list[Thread]:
    """Return the threads, each leading to the next one; the last to ``end``."""
    threads: list[Thread] = []
    address = end
    for root in reversed(roots):
        pk = root[shown.ID]
        threads.append(Thread(root, tuple(replies.get(pk, ())), address))
        address = f"#comment-{pk}"
    return threads[::-1]


def _address_after(threads: Threads) -> str:
    """Return where the last thread of a page leads: to the next page, or to the end."""
    if not threads.next_after:
        return "#comments-end"
    order = {"order": threads.order} if threads.order != "oldest" else {}
    query = urlencode(order | {"after": threads.next_after})
    return f"{threads.article.get_absolute_url()}?{query}#comments"


def _nested(threads: Threads, thread: Thread) -> dict[int, Node]:
    """Return the nodes of a thread by the ids of their comments, each in its place."""
    comments = shown.made(thread.rows, "default")
    nodes = places.nest(comments[:1], comments[1:])
    top = nodes[comments[0].pk]
    _count_rest(top)
    top.next_thread = thread.next_address
    return nodes


def _replies(comment: Comment, after: int) -> list[Comment]:
    """Return a page of the replies below a comment, by number, and one more if there are more."""
    found = shown.with_record(Comment.objects.with_people()).select_related("parent__author")
    found = found.order_by("number")
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
    return set(article.author_accounts)


def _gather(threads: Threads) -> None:
    """Bring what stands above the threads: what the story's authors said, or the picks."""
    if threads.order == "picks":
        comments = threads.article.comments.with_people().select_related("parent__author")
        threads.picks = list(comments.picked())
    elif threads.story_authors:
        rows = _AUTHOR_VOICES.all(article=threads.article.pk, authors=sorted(threads.story_authors))
        threads.author_replies = shown.made(rows[::-1], "default")
        _bring_answered(threads)
    # Not by whom its reader muted.
    for gathered in (threads.picks, threads.author_replies):
        gathered[:] = [one for one in gathered if one.author_id not in threads.muted]


def _said_by_authors() -> "QuerySet[Any, tuple[Any, ...]]":
    wrote = Comment.objects.visible().filter(Among("author_id", "authors"))
    latest = wrote.filter(article=prepared.number("article")).order_by("-number")
    return shown.as_rows(latest)[:AUTHOR_REPLIES]


_AUTHOR_VOICES = Query(_said_by_authors, is_page=True)


def _bring_answered(threads: Threads) -> None:
    """Bring what the authors answered: mostly it stands on the page; one query for the rest."""
    wanted = {one.parent_id for one in threads.author_replies if one.parent_id}
    rows = [row for thread in threads.read for row in thread.rows if row[shown.ID] in wanted]
    known = {one.pk: one for one in shown.made(rows, "default")}
    if missing := wanted - known.keys():
        known |= Comment.objects.with_people().in_bulk(missing)
    for one in threads.author_replies:
        one.parent = known.get(one.parent_id or 0)


def _bring_reader(threads: Threads, reader: "User | None", with_held: bool = True) -> None:
    """Bring what only ``reader`` sees: their held comments in place, and what they did here."""
    if reader is None:
        return
    did = _done_by(reader, threads.article, threads.ids)
    threads.respected, threads.muted = did["respected"], did["muted"]
    threads.waiting_edits = did["edited"]
    threads.follows_story = None in did["followed"]
    threads.followed = did["followed"] - {None}
    # Only staff pick, so that a reader's page need not look their permissions up.
    threads.may_pick = reader.is_staff and reader.has_perm("comments.pick_comment")
    held = did["held"] if with_held else set()
    if held:
        _place_held(threads, list(_held(threads.article, reader)))
    if held or _has_own_held(threads, reader):
        wait = waits.usual_wait()
        threads.usual_wait = f"usually {waits.in_words(wait)}" if wait else ""


def _has_own_held(threads: Threads, reader: "User") -> bool:
    """Tell whether a comment of theirs waits that keeps a place on the page."""
    if threads.made is not None:
        comments = [node.comment for node in places.in_order(threads.made)]
        return any(one.is_pending and one.author_id == reader.pk for one in comments)
    return any(
        row[shown.AUTHOR_ID] == reader.pk and row[shown.STATUS] == Comment.Status.PENDING
        for thread in threads.read
        for row in thread.rows
    )


def _done_by(reader: "User", article: Article, ids: Iterable[int]) -> dict[str, set[Any]]:
    """Return what ``reader`` did that a page of these comments shows, each as a set of ids.

    A follow of the whole story names no thread: it is ``None`` among those. Held and edited are
    the own comments under the story that wait, or whose change does. One query for all of it,
    since most readers did hardly any of it.
    """
    did = defaultdict(set)
    for what, pk in _DONE_BY.all(reader=reader.pk, article=article.pk, ids=ids):
        did[what].add(pk)
    return did


def _what_was_done() -> "QuerySet[Any, tuple[Any, ...]]":
    reader, article = prepared.number("reader"), prepared.number("article")
    respects = Respect.objects.filter(Among("comment_id", "ids"), reader=reader)
    follows = Follow.objects.filter(reader=reader, article=article)
    own = Comment.objects.filter(author=reader, article=article)
    edits = Revision.objects.pending().filter(comment__author=reader, comment__article=article)
    return _named("respected", respects, "comment").union(
        _named("muted", Mute.objects.filter(reader=reader), "muted"),
        _named("followed", follows, "thread"),
        _named("edited", edits, "comment"),
        _named("held", own.filter(status=Comment.Status.PENDING), "pk"),
        all=True,
    )


def _named(what: str, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    return rows.order_by().values_list(Value(what), column)


_DONE_BY = Query(_what_was_done, is_page=True)


def _held(article: Article, reader: "User") -> "CommentQuerySet":
    return article.comments.held_for(reader).with_people().select_related("parent__author")


def _place_held(threads: Threads, held: list[Comment]) -> None:
    """Add the reader's held comments where they answer; keep those that have no place here."""
    if threads.made is None:
        nodes: dict[int, Node] = {}
        threads.made = []
        for thread in threads.read:
            of_thread = _nested(threads, thread)
            nodes |= of_thread
            threads.made.append(of_thread[thread.root[shown.ID]])
    else:
        nodes = {node.comment.pk: node for node in places.in_order(threads.made)}
    for comment in held:
        # One that keeps a place stands in it already, with its text for its author.
        if comment.pk in nodes:
            continue
        node = nodes[comment.pk] = places.place(nodes, comment)
        if node.holder is None:
            threads.waiting.append(node)
    _finish(threads, nodes, threads.made)
    places.dress(threads.waiting, threads.story_authors, set())


def _finish(threads: Threads, nodes: dict[int, Node], tops: list[Node]) -> None:
    """Give every comment of ``nodes``, which stand at or below ``tops``, what its line says."""
    for node in nodes.values():
        node.comment.article = threads.article
    places.dress(tops, threads.story_authors, threads.muted)
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
