"""What the desk did in a time: arrivals, decisions, waits, reasons, checks, people, hours.

Counted from the comments and the record of decisions, for a range of days and a section or all,
in the same number of queries whatever there is. Comments that came from another system count
nowhere: they waited there.
"""

import datetime
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone

from accounts.models import User
from comments import queues
from comments.models import Comment, Decision, Finding, Reason, SecondLook
from comments.transparency import AGAINST

MOST_WAITS = 50_000  # the latest, of which median and percentile are taken
MOST_STEPS = 62  # along an axis; longer ranges are told by week
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass
class Step:
    """A day, or a week from this day."""

    day: datetime.date
    arrived: int = 0
    decided: int = 0
    waits: list[int] = field(default_factory=list)  # seconds

    @property
    def median(self) -> float | None:
        return share_of(self.waits, 0.5)

    @property
    def late(self) -> float | None:
        return share_of(self.waits, 0.9)


@dataclass(frozen=True)
class Spoken:
    """What came of the comments that one check marked."""

    name: str
    found: int
    decided: int
    stood: int  # let stand, or shown, by a person: the check was overturned

    @property
    def overturned(self) -> int | None:
        return round(100 * self.stood / self.decided) if self.decided else None


@dataclass(frozen=True)
class Moderator:
    """What one moderator decided."""

    who: User
    decided: int
    approved: int
    appealed: int
    reversed: int

    @property
    def approved_share(self) -> int:
        return round(100 * self.approved / self.decided) if self.decided else 0


@dataclass(frozen=True)
class Agreement:
    """How often a second moderator, who did not know the first verdict, came to the same."""

    label: str
    looked: int
    same_verdict: int
    same_reason: int

    @property
    def share(self) -> int:
        return round(100 * self.same_verdict / self.looked)


@dataclass
class Figures:
    """The statistics of a range."""

    steps: list[Step]
    is_by_week: bool
    arrived: int = 0
    decided: int = 0
    approved: int = 0
    waits: list[int] = field(default_factory=list)
    oldest: datetime.datetime | None = None  # since when the oldest waits now
    reasons: list[tuple[str, int]] = field(default_factory=list)
    checks: list[Spoken] = field(default_factory=list)
    moderators: list[Moderator] = field(default_factory=list)
    agreement: list[Agreement] = field(default_factory=list)
    hours: list[tuple[str, list[int]]] = field(default_factory=list)

    @property
    def approved_share(self) -> int | None:
        return round(100 * self.approved / self.decided) if self.decided else None

    @property
    def median(self) -> float | None:
        return share_of(self.waits, 0.5)

    @property
    def late(self) -> float | None:
        return share_of(self.waits, 0.9)

    @property
    def is_empty(self) -> bool:
        return not (self.arrived or self.decided)


def share_of(values: Sequence[float], share: float) -> float | None:
    """Return the value that ``share`` of the values do not exceed (nearest rank)."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def of(
    start: datetime.date, end: datetime.date, section: int | None, moderator: User | None
) -> Figures:
    """Return the figures of the days from ``start`` to ``end``, both included.

    With ``moderator`` that person alone is among the moderators; else everybody is. Nine queries.
    """
    begun, over = _moment(start), _moment(end + datetime.timedelta(days=1))
    within_section = Q(comment__article__section=section) if section else Q()
    decisions = (
        Decision.objects.filter(within_section, at__gte=begun, at__lt=over, by__isnull=False)
        .exclude(after=Comment.Status.REMOVED)
        .filter(undone_by__isnull=True, act__in=[Decision.Act.DECIDE, Decision.Act.REVERSE])
        .filter(comment__import_key__isnull=True)
        .order_by()
    )
    figures = _steps(start, end)
    _arrivals(figures, begun, over, section)
    _decisions(figures, decisions)
    figures.oldest = _oldest(section)
    counted = decisions.filter(after__in=AGAINST).values_list("reason", "after")
    figures.reasons = [
        (Reason(reason).label if reason else Comment.Status(after).label, count)
        for reason, after, count in counted.annotate(count=Count("pk")).order_by("-count", "reason")
    ]
    figures.checks = _checks(begun, over, within_section)
    figures.moderators = _moderators(decisions, moderator)
    figures.agreement = _agreement(begun, over, section)
    return figures


def _moment(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _steps(start: datetime.date, end: datetime.date) -> Figures:
    days = (end - start).days + 1
    width = 1 if days <= MOST_STEPS else 7
    count = math.ceil(days / width)
    steps = [Step(start + datetime.timedelta(days=width * index)) for index in range(count)]
    return Figures(steps=steps, is_by_week=width == 7)


def _step(figures: Figures, moment: datetime.datetime) -> Step:
    days = (timezone.localdate(moment) - figures.steps[0].day).days
    return figures.steps[days // 7 if figures.is_by_week else days]


def _arrivals(
    figures: Figures, begun: datetime.datetime, over: datetime.datetime, section: int | None
) -> None:
    rows = Comment.objects.filter(
        status__in=Comment.Status.values,  # as the index has them
        created_at__gte=begun,
        created_at__lt=over,
        import_key__isnull=True,
    )
    if section:
        rows = rows.filter(article__section=section)
    by_hour = (rows.order_by().annotate(hour=TruncHour("created_at")).values_list("hour")).annotate(
        count=Count("pk")
    )
    load = [[0] * 24 for _ in WEEKDAYS]
    for hour, count in by_hour:
        _step(figures, hour).arrived += count
        local = timezone.localtime(hour)
        load[local.weekday()][local.hour] += count
        figures.arrived += count
    figures.hours = list(zip(WEEKDAYS, load, strict=True))


def _decisions(figures: Figures, decisions: QuerySet[Decision]) -> None:
    by_day = (
        decisions.annotate(day=TruncDay("at"))
        .values_list("day")
        .annotate(count=Count("pk"), approved=Count("pk", filter=Q(after=Comment.Status.APPROVED)))
    )
    for day, count, approved in by_day:
        _step(figures, day).decided += count
        figures.decided += count
        figures.approved += approved
    waited = decisions.filter(waited__isnull=False).order_by("-at").values_list("at", "waited")
    for at, seconds in waited[:MOST_WAITS]:
        if seconds is not None:
            _step(figures, at).waits.append(seconds)
            figures.waits.append(seconds)


def _oldest(section: int | None) -> datetime.datetime | None:
    waiting = Comment.objects.filter(status=Comment.Status.PENDING)
    if section:
        waiting = waiting.filter(article__section=section)
    return waiting.order_by("created_at", "pk").values_list("created_at", flat=True).first()


def _checks(begun: datetime.datetime, over: datetime.datetime, within: Q) -> list[Spoken]:
    judged = Decision.objects.filter(
        comment=OuterRef("comment"), by__isnull=False, revision__isnull=True
    ).exclude(act__in=[Decision.Act.CLOSE, Decision.Act.REOPEN])
    rows = (
        Finding.objects.filter(within, at__gte=begun, at__lt=over, revision__isnull=True)
        .filter(comment__import_key__isnull=True)
        .annotate(judged=Exists(judged))
        .order_by()
        .values_list("check_name")
        .annotate(
            found=Count("comment", distinct=True),
            decided=Count("comment", distinct=True, filter=Q(judged=True)),
            stood=Count(
                "comment",
                distinct=True,
                filter=Q(judged=True, comment__status=Comment.Status.APPROVED),
            ),
        )
        .order_by("-found", "check_name")
    )
    names = queues.CHECK_NAMES
    return [
        Spoken(names.get(name, name.replace("-", " ")), found, decided, stood)
        for name, found, decided, stood in rows
    ]


def _moderators(decisions: QuerySet[Decision], only: User | None) -> list[Moderator]:
    if only is not None:
        decisions = decisions.filter(by=only)
    answered = Q(appeal__answered_at__isnull=False)
    rows = list(
        decisions.values("by")
        .annotate(
            decided=Count("pk"),
            approved=Count("pk", filter=Q(after=Comment.Status.APPROVED)),
            appealed=Count("pk", filter=answered),
            reversed=Count("pk", filter=Q(appeal__is_granted=True)),
        )
        .order_by("-decided")[:200]
    )
    people = User.objects.in_bulk([row["by"] for row in rows])
    return [
        Moderator(
            people[row["by"]], row["decided"], row["approved"], row["appealed"], row["reversed"]
        )
        for row in rows
    ]


def _agreement(
    begun: datetime.datetime, over: datetime.datetime, section: int | None
) -> list[Agreement]:
    looks = SecondLook.objects.filter(at__gte=begun, at__lt=over).exclude(verdict="")
    if section:
        looks = looks.filter(decision__comment__article__section=section)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    rows: Any = looks.values_list("decision__after", "decision__reason", "verdict", "reason")
    for after, first_reason, verdict, reason in rows[:MOST_WAITS]:
        label = Reason(first_reason).label if first_reason else Comment.Status(after).label
        found[label]["looked"] += 1
        found[label]["verdict"] += after == verdict
        found[label]["reason"] += (after, first_reason) == (verdict, reason)
    return [
        Agreement(label, count["looked"], count["verdict"], count["reason"])
        for label, count in sorted(found.items(), key=lambda item: -item[1]["looked"])
    ]
