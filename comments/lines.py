"""How comments are written on a page: the same lines two hundred times over, so quickly.

Two things make it quick, and both stand here alone.

Forms: ``comments/_comment.html`` is rendered once for each *shape* that a comment can have, with a
badge or without, one's own or somebody else's, and with a mark in place of every value. Filling
comments into such forms takes a twentieth of the time that rendering the template for each did,
and the template stays the one place that says how a comment looks. What a form depends on is which
values there are, never what they say.

Threads as they were written: a thread whose rows read the same as last time, for a reader who did
nothing in it, is written the same. The rows are compared, whole, so that nothing has to be told of
a change; who made the last comment under a story has one thread written anew, and the others
joined. It halved what a page costs that was made before.
"""

import datetime
import functools
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from articles.models import Article
from comments import shown
from comments.models import Comment
from comments.nodes import Node
from comments.threads import Thread, Threads
from newsroom.memory import fragments
from newsroom.templatetags.newsroom import counted, time_tag

SPECIAL = re.compile("[&<>\"']")
PLAIN_IN_PATHS = "!$&'()*+,;=/~:@"  # as Django has it in ``reverse``
# What stands in a form for a value: private characters around its name, which no template has.
MARK = "\ue000{}\ue001"
# Forms kept; a page has a dozen.
FORMS = 2000
_forms: dict[tuple[object, ...], str] = {}
NOTHING_QUOTED = dict.fromkeys(
    ("shows_quote", "quote_changed", "quote_address", "quote_number", "quote_name"), ""
)


@dataclass
class Writer:
    """Writes comments as ``reader`` sees them, ``None`` for whoever is not logged in.

    ``posted`` and ``marked`` are the ids of the comment that its reader has just sent, and of the
    one that a page is about.
    """

    article: Article
    threads: Threads
    reader: User | None = None
    posted: int | None = None
    marked: int | None = None
    # Of one page, by the id of an account: its name and address, escaped.
    _people: dict[int | None, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._zone = timezone.get_current_timezone()
        self._takes_comments = self.article.takes_comments
        self._back = escape(self.threads.back)
        self._carried = escape(self.threads.carried)
        self._wait = escape(self.threads.usual_wait)
        self._respect = escape(settings.RESPECT_LABEL)
        # What all lines of the page hang on, beside their rows.
        self._of_all = (
            self._takes_comments,
            self._back,
            self._carried,
            self._respect,
            frozenset(self.threads.story_authors),
            # Whether a passage still stands in the story.
            self.article.version,
        )

    def page(self) -> list[bytes]:
        """Return the page's threads, as the items of a list in UTF-8."""
        if self.threads.made is not None:
            # Somebody's held comments stand among the others.
            return [self._item(node).encode() for node in self.threads.made]
        return [self._thread(thread) for thread in self.threads.read]

    def _thread(self, thread: Thread) -> bytes:
        """Return a thread, as it was written for somebody else where it may be."""
        if self.reader is not None and self._is_personal(thread):
            return self._item(self.threads.made_thread(thread)).encode()
        key = ("thread", thread.root[shown.ID], self.reader is not None, self.threads.may_pick)
        surroundings = (self._of_all, thread.next_address)
        known = fragments.get(key)
        if known is not None and known[:2] == (surroundings, thread.rows):
            return known[2]
        written = self._item(self.threads.made_thread(thread)).encode()
        # The rows take as much again: their texts, and a kilobyte each.
        size = 2 * len(written) + 1000 * len(thread.rows)
        fragments.put(key, (surroundings, thread.rows, written), size)
        return written

    def _is_personal(self, thread: Thread) -> bool:
        """Tell whether it says anything of what its reader did, wrote or wants."""
        threads, reader = self.threads, self.reader
        ids = {row[shown.ID] for row in thread.rows}
        authors = {row[shown.AUTHOR_ID] for row in thread.rows}
        return bool(
            (reader and reader.pk in authors)
            or not ids.isdisjoint(threads.respected)
            or not ids.isdisjoint(threads.waiting_edits)
            or not authors.isdisjoint(threads.muted)
            or not ids.isdisjoint(threads.followed)
            or not ids.isdisjoint((self.posted, self.marked))
        )

    def written(self, nodes: Iterable[Node]) -> SafeString:
        """Return the nodes with all below them as the items of a list."""
        # Safe: each is made from a template and values that are escaped below.
        return mark_safe("".join([self._item(node) for node in nodes]))

    def more(self, node: Node) -> SafeString:
        """Return the item that stands for the replies which are not on the page, if any."""
        if not node.more:
            return SafeString("")
        line = {
            "pk": str(node.comment.pk),
            "after": str(node.more_after),
            "carried": self._carried,
            "more": counted(node.more, "more reply,more replies"),
        }
        return mark_safe(_form("comments/_more.html", line) % line)

    def _item(self, node: Node) -> str:
        line = self.line(node)
        return _form("comments/_comment.html", line) % line

    def line(self, node: Node) -> dict[str, Any]:
        """Return what the template says of a comment, by name: yes, no, or words as HTML."""
        threads = self.threads
        comment: Any = node.comment  # with its record, which is no part of the model
        pk, author = comment.pk, comment.author
        is_visible, is_pending = comment.is_visible, comment.is_pending
        is_own = (
            self.reader is not None
            and comment.author_id is not None
            and comment.author_id == self.reader.pk
        )
        who, profile = self._person(comment)
        answers = node.in_reply_to
        is_marked = pk == self.marked
        is_open = is_visible and self._takes_comments and not comment.thread_closed_at
        has_below = bool(node.below or node.more)
        replies = "".join([self._item(reply) for reply in node.replies])
        may_mute = self.reader is not None and author is not None and not author.is_staff
        return {
            "pk": str(pk),
            "number": str(comment.number or ""),
            "kinds": node.kinds,
            "is_marked": is_marked or pk == self.posted,
            "posted": pk == self.posted,
            "is_muted": node.is_muted and not is_marked,
            "folded": node.folded if has_below or replies else "",
            "has_below": has_below,
            # A held comment may hold a place where visible replies hang on it: its text is for
            # its author alone, who is nobody for a guest's.
            "is_shown": is_visible or (is_pending and is_own),
            "is_visible": is_visible,
            "is_pending": is_pending,
            "was_held_back": comment.was_held_back,
            "wait": self._wait,
            "edit_waits": pk in threads.waiting_edits,
            "back": self._back,
            "who": who,
            "profile": profile,
            "answers": escape(node.answers) if node.parent else "",
            "badge": escape(node.badge),
            "badge_kind": node.badge_kind,
            "when": _posted(comment.created_at.astimezone(self._zone)),
            "is_edited": bool(comment.edited_at),
            "has_history": bool(comment.edited_at and comment.has_history),
            "is_new": node.is_new,
            "next_new": escape(node.next_new),
            "next_thread": escape(node.next_thread),
            "parent_address": escape(node.parent_address),
            "in_reply_to": escape(node.parent_address or f"/comments/{answers.pk}/{threads.back}")
            if answers
            else "",
            "reply_number": str(answers.number or "") if answers else "",
            "reply_name": escape(answers.author_name)
            if answers and answers.number and answers.is_visible
            else "",
            "quote": escape(comment.quote),
            **(self._quoted(node) if comment.quote else NOTHING_QUOTED),
            "body": comment.body_html,
            "pick_reason": escape(comment.pick_reason),
            "is_closed": bool(comment.closed_at),
            "stub": "" if is_visible else escape(node.stub),
            # What can be done with it, and by whom.
            "is_reader": self.reader is not None,
            "is_open": is_open,
            "respect_label": self._respect,
            "respect_count": str(comment.respect_count or ""),
            "is_respected": pk in threads.respected,
            "is_first": comment.root_id is None,
            "is_followed": pk in threads.followed,
            "is_own": is_own,
            "may_be_edited": is_own and comment.may_be_edited,
            "mutes": f"{profile}mute/?from={pk}" if may_mute else "",
            "is_by_muted": comment.author_id in threads.muted,
            "may_pick": threads.may_pick,
            "replies": replies,
            "more": self.more(node) if replies else "",
        }

    def _person(self, comment: Comment) -> tuple[str, str]:
        """Return who wrote it, and the address of their page; that is empty for guests."""
        author = comment.author
        if author is None:
            return escape(comment.author_name), ""
        known = self._people.get(author.pk)
        if known is None:
            known = escape(author.name), escape(_profile(author.username))
            self._people[author.pk] = known
        return known

    def _quoted(self, node: Node) -> dict[str, Any]:
        """Return what is said of a passage quoted: whose it is, and whether it still stands."""
        said = NOTHING_QUOTED | {
            "shows_quote": node.shows_quote,
            "quote_changed": node.quote_changed,
        }
        parent = node.parent
        is_of_comment = node.comment.quote_source == Comment.QuoteSource.COMMENT
        if not node.shows_quote or not is_of_comment or parent is None:
            return said
        return said | {
            "quote_address": escape(node.parent_address or parent.get_absolute_url()),
            "quote_number": str(parent.number or ""),
            "quote_name": escape(parent.author_name),
        }


def escape(text: str) -> str:
    """Return ``text`` as HTML. Most names and none of our addresses need anything done."""
    return html.escape(text) if SPECIAL.search(text) else text


def _posted(local: datetime.datetime) -> str:
    return time_tag(local, "M j, Y, H:i").replace("<time", '<time itemprop="datePublished"', 1)


def _profile(username: str) -> str:
    """Return the address of a person's page: ``reverse`` for each took a fifth of the time."""
    before, after = _profile_address()
    return f"{before}{quote(username, safe=PLAIN_IN_PATHS)}{after}"


@functools.cache
def _profile_address() -> tuple[str, str]:
    before, _, after = reverse("accounts:person", args=["-"]).rpartition("-")
    return before, after


def _form(template: str, line: dict[str, Any]) -> str:
    """Return the template as a format for lines of this one's shape: the same values are there."""
    shape = (template, *map(bool, line.values()))
    form = _forms.get(shape)
    if form is None:
        form = _written_form(template, line)
        if len(_forms) >= FORMS:
            _forms.clear()
        if not settings.DEBUG:  # the developer's server shows a template as it was saved last
            _forms[shape] = form
    return form


def _written_form(template: str, line: dict[str, Any]) -> str:
    marks = {name: MARK.format(name) if value else "" for name, value in line.items()}
    form = get_template(template).render({"line": marks}).replace("%", "%%")
    for name, mark in marks.items():
        if mark:
            form = form.replace(mark, f"%({name})s")
    return form
