"""The desk's queues, how much waits in them, and where in one a moderator is.

A queue is read by keyset and its length counted to ``COUNTED`` and no further, so that it costs
the same whatever waits.
"""

import datetime
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode

from accounts.models import User
from articles.models import Article, Section
from comments import language, search
from comments.models import Appeal, Comment, Finding, LegalNotice, Reason, Report, Revision
from newsroom import cached
from newsroom.rows import beyond

PER_PAGE = 20
COUNTS = "desk-counts"
KEPT_FOR = 5  # seconds
COUNTED = 1000  # a queue longer than this is "1000+"
CURSOR = re.compile(r"(\d{1,17})-(\d{1,18})")  # microseconds since 1970, and a row's id
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
# What a moderator may narrow a queue to, by the check that spoke.
CHECK_NAMES = {
    "first-comment": "First comments",
    "word-list": "Words on the list",
    "links": "Links",
    "private-data": "Private data",
    "premoderated": "Moderated stories",
    "reported": "Hidden by reports",
    "late-edit": "Late edits",
    "machine": "Sent by a machine",
    "similar": "Said by several",
    "surge": "Stories under pressure",
    "record": "Many rejections before",
    "premoderated-person": "Moderated people",
    "source": "Where it comes from",
    "off-duty": "Sent off hours",
    "outside": "Outside checks",
}
# At least so old, by the name in the address.
AGES = {
    "1h": ("An hour", datetime.timedelta(hours=1)),
    "6h": ("Six hours", datetime.timedelta(hours=6)),
    "1d": ("A day", datetime.timedelta(days=1)),
    "3d": ("Three days", datetime.timedelta(days=3)),
    "7d": ("A week", datetime.timedelta(days=7)),
}
SORTS = {"oldest": "Longest wait first", "risk": "Highest risk first"}
RISK_CURSOR = re.compile(r"(\d{1,3})-(\d{1,17})-(\d{1,18})")


@dataclass(frozen=True)
class Queue:
    """A list of comments that the desk shows, and what to say when nothing is in it."""

    key: str
    name: str
    # The rows of the queue in its order: comments, or what leads to them.
    rows: Callable[[], QuerySet[Any]]
    nothing: str
    oldest_first: bool = False
    moment: str = "created_at"  # the field of the rows that orders them
    to_comment: str = ""  # how a row's query reaches its comment: "" or "comment__"
    of_edits: bool = False  # rows are edits: the decision is on the edit, not on its comment
    has_page: bool = False  # what is in it are no comments; it has a page of its own


QUEUES = (
    Queue(
        "pending",
        "Waiting",
        Comment.objects.pending,
        "Nobody waits. Reports come next, or a look at what was approved lately.",
        oldest_first=True,
        moment="waits_since",
    ),
    Queue(
        "reported",
        "Reported",
        Report.objects.longest_open,
        "No reader has a complaint that is open. What waits comes next.",
        oldest_first=True,
        moment="at",
        to_comment="comment__",
    ),
    Queue(
        "edits",
        "Edits",
        Revision.objects.pending,
        "No edit waits. What an author changes after the first minutes comes here, and readers see "
        "the text as it was until somebody decides.",
        oldest_first=True,
        moment="at",
        to_comment="comment__",
        of_edits=True,
    ),
    Queue(
        "legal",
        "Legal notices",
        LegalNotice.objects.open,
        "Nobody says that something here is against the law. Such a notice comes here, before all "
        "else, from whoever sends one.",
        oldest_first=True,
        moment="at",
        has_page=True,
    ),
    Queue(
        "appeals",
        "Appeals",
        Appeal.objects.open,
        "Nobody appeals. When somebody does, it comes here, to a moderator other than the one who "
        "decided.",
        oldest_first=True,
        moment="at",
        has_page=True,
    ),
    Queue(
        "flagged",
        "Flagged",
        Comment.objects.flagged,
        "Nothing is marked for a look. What a check lets through with a mark comes here.",
        oldest_first=True,
        moment="flagged_at",
    ),
    Queue(
        "spam",
        "Spam",
        lambda: Comment.objects.standing(Comment.Status.SPAM),
        "Nothing was marked as spam. What is comes here, and can be approved after all.",
    ),
    Queue(
        "approved",
        "Approved",
        lambda: Comment.objects.standing(Comment.Status.APPROVED),
        "Nothing is approved yet. The first comment waits in the queue, or is still to come.",
    ),
    Queue(
        "rejected",
        "Rejected",
        lambda: Comment.objects.standing(Comment.Status.REJECTED),
        "Nothing was rejected. What is comes here, and can be approved after all.",
    ),
)
QUEUE = {queue.key: queue for queue in QUEUES}


def capped(number: int) -> str:
    """Return a count as the desk says it: ``"41"``, or ``"1000+"``."""
    return f"{COUNTED}+" if number > COUNTED else str(number)


def length(rows: QuerySet[Any]) -> int:
    """Return how many rows there are, counted to one more than ``COUNTED`` and no further."""
    return rows[: COUNTED + 1].count()


def counts(fresh: bool = False) -> dict[str, str]:
    """Return how much is in each queue, as the desk says it. One query for all.

    It is counted once in ``KEPT_FOR`` seconds for everybody, and anew with ``fresh``: after a
    decision. A cache that is down costs the counting and nothing else.
    """
    if not fresh and (known := cached.get(COUNTS)) is not None:
        return known
    sql, params = _counting()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchone()
    said = {queue.key: capped(count) for queue, count in zip(QUEUES, found, strict=True)}
    cached.put(COUNTS, said, KEPT_FOR)
    return said


@functools.cache
def _counting() -> tuple[str, list[Any]]:
    """Return the query for the lengths of all queues; written once, as none depends on the time.

    The ORM has no count of the first so many rows within another query.
    """
    parts: list[str] = []
    params: list[Any] = []
    for queue in QUEUES:
        rows, values = queue.rows().values("pk")[: COUNTED + 1].query.sql_with_params()
        parts.append(f"(SELECT COUNT(*) FROM ({rows}) AS {queue.key})")  # noqa: S608
        params += values
    return f"SELECT {', '.join(parts)}", params


def forget_counts() -> None:
    """Have the next page count anew, for whoever just decided on something."""
    cached.forget(COUNTS)


@dataclass(frozen=True)
class Bell:
    """How much waits at the desk, and since when."""

    count: int
    oldest: datetime.datetime | None
    reported: int
    edits: int
    legal: int
    appeals: int

    @property
    def said(self) -> str:
        return capped(self.count)

    @property
    def reported_said(self) -> str:
        return capped(self.reported)

    @property
    def edits_said(self) -> str:
        return capped(self.edits)


def bell() -> Bell:
    pending = Comment.objects.pending()
    return Bell(
        count=length(pending),
        oldest=pending.values_list("waits_since", flat=True).first(),
        reported=length(Report.objects.longest_open()),
        edits=length(Revision.objects.pending()),
        legal=length(LegalNotice.objects.open()),
        appeals=length(Appeal.objects.open()),
    )


@dataclass(frozen=True)
class Place:
    """A queue, what it is narrowed to, and how far down it somebody has read."""

    queue: Queue
    check: str = ""
    ids: Mapping[str, int] = field(default_factory=dict)  # of section, article and author
    reason: str = ""
    age: str = ""
    first: str = ""
    language: str = ""
    q: str = ""  # words that stand in the comment
    sort: str = ""
    after: str = ""

    @classmethod
    def asked_for(cls, query: Mapping[str, str]) -> "Place":
        """Return the place that an address names. Raises ``Http404`` for one that is none."""
        queue = QUEUE.get(query.get("queue") or "pending")
        check, after = query.get("check", ""), query.get("after", "")
        sort = query.get("sort", "")
        chosen = {name: query.get(name, "") for name in ("reason", "age", "first", "language")}
        ids = {name: query[name] for name in ("section", "article", "author") if query.get(name)}
        if (
            queue is None
            or not re.fullmatch(r"[a-z_-]{0,40}", check)
            or (after and not (RISK_CURSOR if sort == "risk" else CURSOR).fullmatch(after))
            or (chosen["reason"] and chosen["reason"] not in Reason.values)
            or (chosen["age"] and chosen["age"] not in AGES)
            or chosen["first"] not in {"", "1"}
            or not re.fullmatch(r"[a-z]{0,3}", chosen["language"])
            or (sort and (sort not in SORTS or queue.key != "pending"))
            or not all(re.fullmatch(r"[0-9]{1,18}", value) for value in ids.values())
        ):
            raise Http404("There is no such place on the desk.")
        return cls(
            queue,
            check,
            {name: int(value) for name, value in ids.items()},
            **chosen,
            q=search.tidy(query.get("q", "")),
            sort="" if sort == "oldest" else sort,
            after=after,
        )

    def with_(self, **changes: Any) -> "Place":
        """Return the place that differs in this, read from its start unless told otherwise."""
        return replace(self, **{"after": "", **changes})

    @property
    def query(self) -> str:
        """The place as an address's query."""
        parts: dict[str, str | int] = {"queue": self.queue.key, "check": self.check}
        parts |= {
            **self.ids, "reason": self.reason, "age": self.age, "first": self.first,
            "language": self.language, "q": self.q, "sort": self.sort, "after": self.after,
        }  # fmt: skip
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def url(self) -> str:
        return f"{reverse('admin:comments_comment_desk')}?{self.query}"

    @property
    def is_narrowed(self) -> bool:
        return bool(
            self.check
            or self.ids
            or self.reason
            or self.age
            or self.first
            or self.language
            or self.q
        )

    def rows(self) -> QuerySet[Any]:
        """Return the rows of the queue that belong here, from its start."""
        way = self.queue.to_comment
        rows = self.queue.rows()
        columns = {"section": "article__section", "article": "article", "author": "author"}
        for name, pk in self.ids.items():
            rows = rows.filter(**{f"{way}{columns[name]}": pk})
        if self.check:
            rows = rows.filter(self._found(self.check))
        if self.first:
            rows = rows.filter(self._found("first-comment"))
        if self.reason:
            rows = rows.filter(**{f"{way}reason": self.reason})
        if self.age:
            rows = rows.filter(**{f"{self.queue.moment}__lte": timezone.now() - AGES[self.age][1]})
        if self.language:
            rows = rows.filter(**{f"{way}language": self.language})
        if self.q:
            rows = rows.filter(search.condition(self.q, f"{way}pk"))
        return rows

    def _found(self, check: str) -> Exists:
        """Tell of a row whether a check of that name spoke of it."""
        said = Finding.objects.filter(check_name=check)
        if self.queue.of_edits:
            return Exists(said.filter(revision=OuterRef("pk")))
        way = self.queue.to_comment
        return Exists(said.filter(revision__isnull=True, comment=OuterRef(f"{way}pk")))

    def comments(self) -> QuerySet[Comment]:
        """Return the comments that stand here, all of them, in the order of the queue."""
        if self.queue.has_page or self.queue.of_edits:
            return Comment.objects.none()
        if not self.queue.to_comment:
            return self.rows()
        return Comment.objects.filter(pk__in=self.rows().order_by().values("comment"))

    def new_since(self, moment: datetime.datetime) -> int:
        """Return how many rows came here after ``moment``, counted to ``PER_PAGE`` times five."""
        rows = self.rows().filter(**{f"{self.queue.moment}__gt": moment})
        return rows.order_by()[: 5 * PER_PAGE].count()

    def page(self) -> tuple[list[tuple[datetime.datetime, int]], str]:
        """Return when each comment of this page came to wait, with its id; and the next cursor."""
        if self.sort == "risk":
            return self._page_by_risk()
        moment, rows = self.queue.moment, self.rows()
        if self.after:
            micros, pk = map(int, self.after.split("-"))
            try:
                at = EPOCH + datetime.timedelta(microseconds=micros)
            except OverflowError as error:
                raise Http404("There is no such place on the desk.") from error
            side = "gt" if self.queue.oldest_first else "lt"
            rows = rows.filter(beyond(moment, at, pk, side))
        found = list(rows.values_list(moment, "pk", f"{self.queue.to_comment}pk")[: PER_PAGE + 1])
        further = ""
        if len(found) > PER_PAGE:
            at, pk, _ = found[PER_PAGE - 1]
            further = f"{(at - EPOCH) // datetime.timedelta(microseconds=1)}-{pk}"
        return [(at, comment) for at, _, comment in found[:PER_PAGE]], further

    def _page_by_risk(self) -> tuple[list[tuple[datetime.datetime, int]], str]:
        """The same, with the highest risk first, and of equal risks the longest wait."""
        rows = self.rows().order_by("-risk", "waits_since", "pk")
        if self.after:
            risk, micros, pk = map(int, self.after.split("-"))
            try:
                at = EPOCH + datetime.timedelta(microseconds=micros)
            except OverflowError as error:
                raise Http404("There is no such place on the desk.") from error
            later = Q(waits_since__gt=at) | Q(waits_since=at, pk__gt=pk)
            # The first condition alone is what the index is read by.
            rows = rows.filter(risk__lte=risk).filter(Q(risk__lt=risk) | later)
        found = list(rows.values_list("waits_since", "pk", "risk")[: PER_PAGE + 1])
        further = ""
        if len(found) > PER_PAGE:
            at, pk, risk = found[PER_PAGE - 1]
            further = f"{risk}-{(at - EPOCH) // datetime.timedelta(microseconds=1)}-{pk}"
        return [(at, pk) for at, pk, _ in found[:PER_PAGE]], further

    @cached_property
    def narrowed_to(self) -> list[tuple[str, "Place"]]:
        """What the queue is narrowed to, in words, each with the place without it."""
        names = []
        if self.check:
            names.append((CHECK_NAMES.get(self.check, self.check), self.with_(check="")))
        models = {"section": Section, "article": Article, "author": User}
        for name, pk in self.ids.items():
            others = {other: value for other, value in self.ids.items() if other != name}
            known = models[name]._default_manager.filter(pk=pk).first()
            words = str(known) if known else f"{name} {pk}"
            names.append((words, self.with_(ids=others)))
        if self.reason:
            names.append((Reason(self.reason).label, self.with_(reason="")))
        if self.age:
            names.append((f"{AGES[self.age][0]} or older", self.with_(age="")))
        if self.first:
            names.append(("First comments", self.with_(first="")))
        if self.language:
            names.append((language.name(self.language), self.with_(language="")))
        if self.q:
            names.append((f"“{self.q}”", self.with_(q="")))
        return names
