"""One look at the database before a new comment's checks: which of them must look closer.

Most comments give no check anything to look at: nobody suspended their author, who said this
nowhere else, and posts at a walker's pace. One query says so for all checks at once. Where there
may be something its check asks again, exactly, as it does of an edit. So a glance may see
something where there is nothing, and never the other way round. It took fifteen statements from an
ordinary post.
"""

import functools
from dataclasses import dataclass, fields
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    GenericIPAddressField,
    Q,
    QuerySet,
    UUIDField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.utils import timezone

from accounts.models import User
from comments import checks, likeness, pipeline, rulebook, surge, threads
from comments.models import Comment, CommentQuerySet, Follow, RuleVersion, Sanction, TextMark
from newsroom.prepared import Given, Query, moment, number, text


@dataclass(frozen=True)
class Glance:
    """What there may be. The names of its fields are those of the query's columns."""

    rules: str | None  # the version of what the desk has set
    sent_before: bool  # the same form
    is_sanctioned: bool
    is_trusted: bool  # exact: as many comments were approved as the first ones need
    was_rejected: bool
    posts_fast: bool
    said_before: bool
    is_like_others: bool
    is_pressed: bool
    is_followed: bool  # exact, as are those below
    # Of an answer: whether what it answers is visible, its thread closed; and where it will stand.
    parent_stands: bool
    is_thread_closed: bool
    is_thread_placed: bool
    is_far_down: bool  # beyond the replies that the article shows of a thread
    is_on_later_page: bool  # its thread


COLUMNS = [field.name for field in fields(Glance)]


def take(comment: Comment) -> Glance:
    """Return what the database has on a new comment, under the locks that its caller holds.

    One query, and those that it takes to read what the desk has set where that changed.
    """
    comment.rulebook = comment.rulebook or rulebook.last_known()
    while True:
        shape = _shape(comment)
        row = _prepared(*shape).first(**_values(comment))
        if row is None:
            raise User.DoesNotExist("Nobody writes this comment.")
        seen = Glance(row[0], *map(bool, row[1:]))
        if seen.rules is not None and seen.rules == rulebook.of(comment).version:
            return seen
        comment.rulebook, comment.check_settings = rulebook.at(seen.rules), None
        if _shape(comment) == shape:
            return seen
        # How far to look had been told by what the desk had set before: look again.


def _shape(comment: Comment) -> tuple[bool, int, int, int]:
    first, pressure = pipeline.of(comment, "first-comment"), pipeline.of(comment, "surge")
    is_reply = comment.parent_id is not None
    return is_reply, first.threshold, pressure.threshold, pressure.sample


def _values(comment: Comment) -> dict[str, Any]:
    now = timezone.now()
    root = comment.root
    # A mark is never negative: in the place of those that a short text lacks, one that nobody has.
    marks = likeness.marks(comment)
    marks += [-1] * (likeness.KEPT - len(marks))
    return {
        "author": comment.author_id,
        "article": comment.article_id,
        "address": comment.ip_address,
        "key": comment.form_key,
        "words": comment.fingerprint,
        "parent": comment.parent_id,
        "root": comment.root_id,
        "root_number": root.number if root else None,
        "now": now,
        "day": now - checks.SAME_TEXT_FOR,
        "short": now - checks.PACE[0][1],
        "long": now - checks.PACE[1][1],
        "under_pressure": now - surge.WINDOW,
        "joined": now - surge.NEW_FOR,
        "lately": now - likeness.LATELY,
        **{f"mark{place}": mark for place, mark in enumerate(marks)},
    }


@functools.cache
def _prepared(is_reply: bool, trusted_from: int, pressed_from: int, newcomers: int) -> Query:
    """Return the query; ``pressed_from`` counts comments, and ``newcomers`` those who write them.

    There is one for each way in which the desk has set these, and that are few.
    """
    return Query(lambda: _query(is_reply, trusted_from, pressed_from, newcomers))


def _query(is_reply: bool, trusted_from: int, pressed_from: int, newcomers: int) -> Any:
    own, fresh = (
        _comments(author=number("author")),
        _comments(article=number("article")),
    )
    there = Comment.objects.filter(
        ip_address=Given("address", GenericIPAddressField()),
        created_at__gt=moment("long"),
    )
    fresh = fresh.filter(created_at__gt=moment("under_pressure"))
    (few, _), (many, _) = checks.PACE
    (few_there, _), (many_there, _) = checks.PACE_OF_ADDRESS
    holding = Sanction.objects.filter(
        Q(until__isnull=True) | Q(until__gt=moment("now")),
        person=number("author"),
        kind__in=Sanction.HOLDING,
    )
    like = TextMark.objects.filter(
        mark__in=[number(f"mark{place}") for place in range(likeness.KEPT)],
        at__gt=moment("lately"),
        author__isnull=False,
    ).exclude(author=number("author"))
    story = Q(article=number("article"), thread__isnull=True)
    thread = Q(thread=number("root")) if is_reply else Q(pk__in=[])
    key = Given("key", UUIDField())
    columns: dict[str, Any] = {
        "rules": RuleVersion.current(),
        "sent_before": Exists(Comment.objects.filter(author=number("author"), form_key=key)),
        "is_sanctioned": Exists(holding),
        "is_trusted": _has(Comment.objects.visible().filter(author=number("author")), trusted_from),
        # A rejection that stands is where its comment stands.
        "was_rejected": Exists(
            Comment.objects.filter(
                author=number("author"),
                status__in=[Comment.Status.REJECTED, Comment.Status.SPAM],
            )
        ),
        "posts_fast": _any(
            _has(own.filter(created_at__gt=moment("short")), few),
            _has(own.filter(created_at__gt=moment("long")), many),
            _has(there.filter(created_at__gt=moment("short")), few_there),
            _has(there, many_there),
        ),
        "said_before": Exists(
            own.filter(
                article=number("article"),
                fingerprint=text("words"),
                created_at__gt=moment("day"),
            )
        ),
        "is_like_others": Exists(like),
        # The comment itself counts, and is in no row yet.
        "is_pressed": _any(
            _has(fresh, pressed_from - 1),
            _has(fresh.filter(author__date_joined__gt=moment("joined")), newcomers - 1),
        ),
        "is_followed": Exists(
            Follow.objects.filter(story | thread).exclude(reader=number("author"))
        ),
        "parent_stands": _true(),
        "is_thread_closed": _true(),
        "is_thread_placed": _true(),
        "is_far_down": _true(),
        "is_on_later_page": _true(),
    }
    if is_reply:
        root = Comment.objects.filter(pk=number("root"))
        before = Comment.objects.placed().filter(
            article=number("article"),
            root__isnull=True,
            number__lt=number("root_number"),
        )
        columns |= {
            "parent_stands": Exists(
                Comment.objects.visible().filter(pk=number("parent"), article=number("article"))
            ),
            "is_thread_closed": Exists(root.filter(closed_at__isnull=False)),
            "is_thread_placed": Exists(root.placed()),
            "is_far_down": _has(
                Comment.objects.placed().filter(root=number("root")),
                threads.REPLIES_PER_THREAD,
            ),
            "is_on_later_page": _has(before, threads.THREADS_PER_PAGE),
        }
    person = User.objects.filter(pk=number("author")).order_by()
    return person.annotate(**columns).values_list(*COLUMNS)


def _comments(**of: Any) -> CommentQuerySet:
    """Return comments of a person or under a story, as the indexes of both have them."""
    return Comment.objects.filter(**of, status__in=Comment.Status.values)


def _has(rows: QuerySet[Any, Any], count: int) -> Combinable:
    """Tell whether there are so many rows; nobody counts further."""
    return Exists(rows[count - 1 : count]) if count > 0 else _true()


def _any(*conditions: Any) -> Any:
    """Tell whether one of them holds."""
    return Case(When(reduce(or_, map(Q, conditions)), then=Value(True)), default=Value(False))


def _true() -> Value:
    return Value(True, output_field=BooleanField())
