"""The moderation desk: queues of comments, each with why it is there, and a decision for each.

A page of the desk costs the same number of queries whatever waits: a queue is read by keyset,
its length is counted to ``COUNTED`` and no further, and what a card shows is read for all cards
at once. Decisions are the model's verbs; this file asks, and says what happened.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from articles.models import Article, Section
from comments import text
from comments.marks import marked
from comments.models import (
    Comment,
    Decision,
    Finding,
    InvalidMove,
    Reason,
    Report,
    StaleDecision,
)

PER_PAGE = 20
COUNTED = 1000  # a queue longer than this is "1000+"
RECORD_DAYS = 90
CURSOR = re.compile(r"(\d{1,17})-(\d{1,18})")  # microseconds since 1970, and a row's id

# The order of the buttons and of the digits that press them: what comes up most stands first,
# and it never changes under a moderator's fingers.
REASONS = (
    Reason.ATTACK, Reason.OFF_TOPIC, Reason.HATE, Reason.LANGUAGE, Reason.ADVERT,
    Reason.DEFAMATION, Reason.DISINFORMATION, Reason.PRIVATE_DATA, Reason.DUPLICATE,
    Reason.THREAT, Reason.SCAM, Reason.COPIED, Reason.HARM,
)  # fmt: skip
# What a moderator may narrow a queue to, by the check that spoke.
CHECK_NAMES = {
    "first-comment": "First comments",
    "word-list": "Words on the list",
    "links": "Links",
    "private-data": "Private data",
    "premoderated": "Moderated stories",
}
_FOR_MODERATORS = permission_required("comments.moderate_comment", raise_exception=True)


# Queues


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


QUEUES = (
    Queue(
        "pending",
        "Waiting",
        Comment.objects.pending,
        "Nobody waits. Reports come next, or a look at what was approved lately.",
        oldest_first=True,
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
        "appeals",
        "Appeals",
        Comment.objects.none,
        "Authors cannot appeal yet. When they can, a rejected comment whose author asks for a "
        "second look comes here, to a moderator other than the one who decided.",
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


@dataclass(frozen=True)
class Bell:
    """How much waits at the desk, and since when."""

    count: int
    oldest: datetime.datetime | None
    reported: int

    @property
    def said(self) -> str:
        return capped(self.count)

    @property
    def reported_said(self) -> str:
        return capped(self.reported)


def bell() -> Bell:
    pending = Comment.objects.pending()
    return Bell(
        count=length(pending),
        oldest=pending.values_list("created_at", flat=True).first(),
        reported=length(Report.objects.longest_open()),
    )


# Where on the desk a moderator is


@dataclass(frozen=True)
class Place:
    """A queue, what it is narrowed to, and how far down it somebody has read."""

    queue: Queue
    check: str = ""
    ids: Mapping[str, int] = field(default_factory=dict)  # of section, article and author
    after: str = ""

    @classmethod
    def asked_for(cls, query: Mapping[str, str]) -> "Place":
        """Return the place that an address names. Raises ``Http404`` for one that is none."""
        queue = QUEUE.get(query.get("queue") or "pending")
        check, after = query.get("check", ""), query.get("after", "")
        ids = {name: query[name] for name in ("section", "article", "author") if query.get(name)}
        if (
            queue is None
            or not re.fullmatch(r"[a-z_-]{0,40}", check)
            or (after and not CURSOR.fullmatch(after))
            or not all(re.fullmatch(r"[0-9]{1,18}", value) for value in ids.values())
        ):
            raise Http404("There is no such place on the desk.")
        return cls(queue, check, {name: int(value) for name, value in ids.items()}, after)

    def with_(self, **changes: Any) -> "Place":
        """Return the place that differs in this, read from its start unless told otherwise."""
        return replace(self, **{"after": "", **changes})

    @property
    def query(self) -> str:
        """The place as an address's query."""
        parts: dict[str, str | int] = {"queue": self.queue.key, "check": self.check}
        parts |= {**self.ids, "after": self.after}
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def url(self) -> str:
        return f"{reverse('admin:comments_comment_desk')}?{self.query}"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.check or self.ids)

    def rows(self) -> QuerySet[Any]:
        """Return the rows of the queue that belong here, from its start."""
        way = self.queue.to_comment
        rows = self.queue.rows()
        columns = {"section": "article__section", "article": "article", "author": "author"}
        for name, pk in self.ids.items():
            rows = rows.filter(**{f"{way}{columns[name]}": pk})
        if self.check:
            said = Finding.objects.filter(check_name=self.check)
            rows = rows.filter(Exists(said.filter(comment=OuterRef(f"{way}pk"))))
        return rows

    def page(self) -> tuple[list[tuple[datetime.datetime, int]], str]:
        """Return when each comment of this page came to wait, with its id; and the next cursor."""
        moment, rows = self.queue.moment, self.rows()
        if self.after:
            micros, pk = map(int, self.after.split("-"))
            try:
                at = EPOCH + datetime.timedelta(microseconds=micros)
            except OverflowError as error:
                raise Http404("There is no such place on the desk.") from error
            side = "gt" if self.queue.oldest_first else "lt"
            rows = rows.filter(
                Q(**{f"{moment}__{side}": at}) | Q(**{moment: at, f"pk__{side}": pk}),
                # The same bound again, alone: an index is entered with it.
                **{f"{moment}__{side}e": at},
            )
        found = list(rows.values_list(moment, "pk", f"{self.queue.to_comment}pk")[: PER_PAGE + 1])
        further = ""
        if len(found) > PER_PAGE:
            at, pk, _ = found[PER_PAGE - 1]
            further = f"{(at - EPOCH) // datetime.timedelta(microseconds=1)}-{pk}"
        return [(at, comment) for at, _, comment in found[:PER_PAGE]], further

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
        return names


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


# Cards


@dataclass
class Record:
    """What a reader has said here, and what became of it."""

    approved: int = 0
    rejected: int = 0
    spam: int = 0
    pending: int = 0
    removed: int = 0
    # Moderators' decisions against them within ``RECORD_DAYS``, most frequent first.
    against: list[tuple[str, int]] = field(default_factory=list)

    @property
    def bar(self) -> list[tuple[str, float, float]]:
        """The parts of a bar 100 wide: name, start and width."""
        parts = {"good": self.approved, "stop": self.rejected, "spam": self.spam}
        whole, at, bar = sum(parts.values()), 0.0, []
        for name, count in parts.items():
            if count:
                width = round(100 * count / whole, 2)
                bar.append((name, round(at, 2), width))
                at += width
        return bar


def records(author_ids: set[int]) -> dict[int, Record]:
    """Return the record of each of these people; two queries however many."""
    found = {pk: Record() for pk in author_ids}
    counts = (
        Comment.objects.filter(author__in=author_ids)
        .order_by()
        .values_list("author", "status")
        .annotate(count=Count("pk"))
    )
    for author, status, count in counts:
        setattr(found[author], status, count)
    since = timezone.now() - datetime.timedelta(days=RECORD_DAYS)
    against = (
        Decision.objects.filter(
            comment__author__in=author_ids,
            after__in=[Comment.Status.REJECTED, Comment.Status.SPAM],
            at__gt=since,
        )
        .values_list("comment__author", "after", "reason")
        .annotate(count=Count("pk"))
        .order_by("-count")
    )
    for author, after, reason, count in against:
        label = Reason(reason).label if reason else Comment.Status(after).label
        found[author].against.append((label, count))
    return found


@dataclass
class Card:
    """A comment with what a moderator wants to know before deciding."""

    comment: Comment
    since: datetime.datetime  # when it came to wait
    record: Record | None
    is_own: bool
    # What the last attempt to decide came to, and what was typed for it.
    problem: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def findings(self) -> list[Finding]:
        return list(self.comment.findings.all())

    @cached_property
    def reports(self) -> list[Report]:
        """The open ones."""
        return [report for report in self.comment.reports.all() if report.decision_id is None]

    @cached_property
    def decisions(self) -> list[Decision]:
        """Newest first."""
        return list(reversed(self.comment.decisions.all()))

    @property
    def text(self) -> SafeString:
        matches = [match for finding in self.findings for match in finding.matches]
        return marked(self.comment.body_html, matches)

    @property
    def answered(self) -> str:
        """The comment it answers, shortened."""
        return shortened(self.comment.parent) if self.comment.parent else ""

    @property
    def thread_start(self) -> str:
        """The thread's first comment, shortened, where that is not the one it answers."""
        root = self.comment.root
        return shortened(root) if root and root.pk != self.comment.parent_id else ""

    @property
    def age(self) -> str:
        """How long it waits, as a shade: fresh, hours, day or days."""
        hours = (timezone.now() - self.since).total_seconds() / 3600
        steps = ((2, "fresh"), (12, "hours"), (48, "day"))
        return next((name for limit, name in steps if hours < limit), "days")

    @property
    def can_approve(self) -> bool:
        return not self.comment.is_visible or bool(self.reports)

    @property
    def can_reject(self) -> bool:
        return self.comment.status in Comment.FOLLOWS[Comment.Status.REJECTED]

    @property
    def can_be_spam(self) -> bool:
        return self.comment.status in Comment.FOLLOWS[Comment.Status.SPAM]


def shortened(comment: Comment, length: int = 240) -> str:
    """Return the comment's text in one line, cut at a word."""
    # Cut before anything walks over it: an imported comment has any length.
    beginning = re.sub(r"<[^>]*$", "", comment.body_html[: 8 * length])
    line = " ".join(text.plain(beginning).split())
    if len(line) <= length:
        return line
    return line[:length].rpartition(" ")[0] + " …"


def cards(waits: Iterable[tuple[datetime.datetime, int]], by: User) -> list[Card]:
    """Return the cards of these comments, in this order; the same few queries for any number."""
    since = {pk: at for at, pk in waits}
    comments = {
        comment.pk: comment
        for comment in Comment.objects.filter(pk__in=since)
        .select_related("author__byline", "article__section", "parent__author", "root__author")
        .defer("article__body", "article__body_html", "article__withdrawal_notice")
        .prefetch_related(
            "findings",
            Prefetch("reports", Report.objects.select_related("reporter")),
            Prefetch("decisions", Decision.objects.select_related("by")),
        )
    }
    known = records({comment.author_id for comment in comments.values() if comment.author_id})
    return [
        Card(
            comment=comments[pk],
            since=at,
            record=known.get(comments[pk].author_id or 0),
            is_own=comments[pk].author_id == by.pk,
        )
        for pk, at in since.items()
        if pk in comments
    ]


def card_of(comment: Comment, by: User) -> Card | None:
    """Return one comment's card, as it stands now."""
    return next(iter(cards([(comment.created_at, comment.pk)], by)), None)


# Views


def _frame(request: HttpRequest, place: Place) -> dict[str, Any]:
    """Return what the desk shows around its cards."""
    return {
        "place": place,
        "queues": [(queue, capped(length(queue.rows())), Place(queue).url) for queue in QUEUES],
        "reasons": [(reason.value, reason.label) for reason in REASONS],
    }


def _desk_page(
    request: HttpRequest, place: Place, first: Card | None = None, status: int = 200
) -> HttpResponse:
    """Show the place, with the card ``first`` above it."""
    waits, further = place.page()
    if first:
        waits = [wait for wait in waits if wait[1] != first.comment.pk]
    context = {
        **admin.site.each_context(request),
        **_frame(request, place),
        "title": "Moderation desk",
        "opts": Comment._meta,
        "cards": cards(waits, person(request)),
        "first": first,
        "further": place.with_(after=further) if further else None,
        "start": place.with_(after="") if place.after else None,
        "checks": [
            (name, place.with_(check=key), key == place.check) for key, name in CHECK_NAMES.items()
        ],
        "sections": [
            (section, place.with_(ids={**place.ids, "section": section.pk}))
            for section in Section.objects.all()
        ],
        # What was decided last, without scripts: it can be reversed from here.
        "done": _named(request, "done"),
    }
    return render(request, "admin/comments/comment/desk.html", context, status=status)


def _named(request: HttpRequest, name: str) -> Comment | None:
    """Return the comment that the address names, if it does."""
    if request.method == "POST" or not re.fullmatch(r"[0-9]{1,18}", request.GET.get(name, "")):
        return None
    comments = Comment.objects.select_related("author", "article")
    return (
        comments.defer("article__body", "article__body_html").filter(pk=request.GET[name]).first()
    )


def person(request: HttpRequest) -> User:
    """Return who moderates; the admin has let in nobody without an account."""
    return cast(User, request.user)


@require_safe
@_FOR_MODERATORS
def desk(request: HttpRequest) -> HttpResponse:
    """Show a queue, a page at a time; with ``comment``, that comment above it."""
    named = _named(request, "comment")
    first = card_of(named, person(request)) if named else None
    return _desk_page(request, Place.asked_for(request.GET), first)


class DecisionForm(forms.Form):
    """What a moderator sends. Whether it makes sense is the model's to say."""

    action = forms.ChoiceField(choices=[(name, name) for name in ("approve", "reject", "spam")])
    reason = forms.CharField(max_length=20, required=False)
    note = forms.CharField(max_length=500, required=False)
    message = forms.CharField(max_length=2000, required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)

    def problem(self) -> str:
        """Return what is wrong with it, in one sentence."""
        for name, words in (("note", "note for the desk"), ("message", "message")):
            if name in self.errors:
                limit = self.fields[name].max_length  # type: ignore[attr-defined]
                return f"The {words} is too long; {limit:,} characters are the most."
        return "This form was not whole, so nothing was decided. Please try again."

    def decide(self, comment: Comment, by: User) -> Decision:
        """Raises ``InvalidMove`` and ``StaleDecision``."""
        said = self.cleaned_data
        version, note = said["version"], said["note"]
        if said["action"] == "approve":
            return comment.approve(by, version=version, note=note)
        if said["action"] == "spam":
            return comment.mark_spam(by, version=version, note=note)
        return comment.reject(
            by, said["reason"], version=version, note=note, message=said["message"]
        )


@require_POST
@_FOR_MODERATORS
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one decision on one comment, at the version its moderator saw."""
    place = Place.asked_for(request.GET)
    comment = get_object_or_404(Comment.objects.select_related("author"), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _refused(request, place, comment, form.problem(), status=400)
    try:
        decision = form.decide(comment, by=person(request))
    except StaleDecision as stale:
        return _refused(request, place, comment, f"{stale} Nothing was changed by you.", 409)
    except InvalidMove as problem:
        return _refused(request, place, comment, str(problem), 409)
    if "HX-Request" in request.headers:
        return render(
            request,
            "admin/comments/comment/_decided.html",
            {**_frame(request, place), "comment": comment, "decision": decision},
        )
    messages.success(request, what_happened(comment, decision))
    return redirect(f"{place.url}&done={comment.pk}")


def _refused(
    request: HttpRequest, place: Place, comment: Comment, problem: str, status: int
) -> HttpResponse:
    """Answer with the comment as it stands now, why nothing was done, and what was typed."""
    card = card_of(comment, person(request))
    if card is None:
        raise Http404("This comment is gone.")
    card.problem = problem
    card.typed = {name: request.POST.get(name, "")[:2000] for name in ("note", "message")}
    if "HX-Request" in request.headers:
        context = {**_frame(request, place), "card": card}
        name = "admin/comments/comment/_refused.html"
        return render(request, name, context, status=status)
    return _desk_page(request, place, first=card, status=status)


def what_happened(comment: Comment, decision: Decision) -> str:
    """Return a decision in words, as the desk's lines and messages say it."""
    if decision.before == decision.after:
        return f"The comment by {comment.author_name} stays; its reports are answered."
    words = {
        Comment.Status.APPROVED: f"is approved and is number {comment.number} of its story",
        Comment.Status.SPAM: "is spam",
    }
    reason = f" ({decision.get_reason_display().lower()})" if decision.reason else ""
    became = words.get(Comment.Status(decision.after), f"is rejected{reason}")
    return f"The comment by {comment.author_name} {became}."
