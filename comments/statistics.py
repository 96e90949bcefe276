"""What the desk did in a time: arrivals, decisions, waits, reasons, checks, people, hours.

Counted from the comments and the record of decisions, for a range of days and a section or all,
in the same number of queries whatever there is. Comments that came from another system count
nowhere: they waited there. What was counted of a long range is kept for a while.
"""

import datetime
import math
import zlib
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
from comments.transparency import AGAINST, UNDONE
from newsroom import cached

MOST_WAITS = 50_000  # the latest, of which median and percentile are taken
MOST_STEPS = 62  # along an axis; longer ranges are told by week
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KEPT_FOR = 10 * 60  # seconds
LONG = 31  # days; what is told of more of them is kept
MOST_PEOPLE = 200
# Those few comments by an index of their own: a join would read the row of each of all the others.
IMPORTED = Exists(Comment.objects.filter(pk=OuterRef("comment"), import_key__isnull=False))


@dataclass
class Step:
    """A day, or a week from this day."""

    day: datetime.date
    arrived: int = 0
    decided: int = 0
    waited: int = 0  # of what was decided
    median: float | None = None  # seconds
    late: float | None = None  # seconds, that nine of ten did not exceed


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
    waited: int = 0  # of what was decided
    median: float | None = None  # seconds
    late: float | None = None
    oldest: datetime.datetime | None = None  # since when the oldest waits now
    reasons: list[tuple[str, int]] = field(default_factory=list)
    checks: list[Spoken] = field(default_factory=list)
    # By the moderators' ids, most decisions first; the people themselves are never kept.
    by_moderator: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    moderators: list[Moderator] = field(default_factory=list)
    agreement: list[Agreement] = field(default_factory=list)
    hours: list[tuple[str, list[int]]] = field(default_factory=list)
    kept_at: datetime.datetime | None = None  # when what is kept was counted; else it is of now

    @property
    def approved_share(self) -> int | None:
        return round(100 * self.approved / self.decided) if self.decided else None

    @property
    def is_empty(self) -> bool:
        return not (self.arrived or self.decided)


def share_of(values: Sequence[float], share: float) -> float | None:
    """Return the value that ``share`` of the values do not exceed (nearest rank)."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


# What was kept by a program with other fields is not found by this one.
SHAPE = zlib.crc32(
    repr([kind.__annotations__ for kind in (Figures, Step, Spoken, Agreement)]).encode()
)


def of(
    start: datetime.date,
    end: datetime.date,
    section: int | None,
    moderator: User | None,
    fresh: bool = False,
) -> Figures:
    """Return the figures of the days from ``start`` to ``end``, both included.

    With ``moderator`` that person alone is among the moderators; else everybody is. Of a range
    longer than ``LONG`` days they may be ``KEPT_FOR`` seconds old, but for what waits now; with
    ``fresh`` they never are. Nine queries, and two for what is kept; a cache that is down costs the
    counting and nothing else.
    """
    is_long = (end - start).days >= LONG
    key = f"desk-statistics-{SHAPE:x}-{start}-{end}-{section or 0}"
    figures: Figures | None = cached.get(key) if is_long and not fresh else None
    if figures is None:
        figures = _count(start, end, section)
        if is_long:
            figures.kept_at = timezone.now()
            cached.put(key, figures, KEPT_FOR)
    figures.oldest = _oldest(section)
    figures.moderators = _moderators(figures.by_moderator, moderator)
    return figures


def _count(start: datetime.date, end: datetime.date, section: int | None) -> Figures:
    begun, over = _moment(start), _moment(end + datetime.timedelta(days=1))
    within_section = Q(comment__article__section=section) if section else Q()
    decisions = (
        Decision.objects.filter(within_section, at__gte=begun, at__lt=over, by__isnull=False)
        .exclude(after__in=[Comment.Status.REMOVED, Comment.Status.PENDING])
        .filter(~UNDONE, ~IMPORTED, act__in=[Decision.Act.DECIDE, Decision.Act.REVERSE])
        .order_by()
    )
    figures = _steps(start, end)
    _arrivals(figures, begun, over, section)
    _decisions(figures, decisions)
    figures.checks = _checks(begun, over, within_section)
    figures.by_moderator = _by_moderator(decisions)
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
        .values_list("day", "after", "reason")
        .annotate(count=Count("pk"))
    )
    reasons: Counter[tuple[str, str]] = Counter()
    for day, after, reason, count in by_day:
        _step(figures, day).decided += count
        figures.decided += count
        if after == Comment.Status.APPROVED:
            figures.approved += count
        elif after in AGAINST:
            reasons[reason, after] += count
    figures.reasons = [
        (str(Reason(reason).label if reason else Comment.Status(after).label), count)
        for (reason, after), count in sorted(reasons.items(), key=lambda row: (-row[1], row[0]))
    ]
    rows = decisions.filter(waited__isnull=False).order_by("-at").values_list("at", "waited")
    # To find the local day of each is slow. It changes with a quarter of an hour, in every zone.
    of_quarter: dict[datetime.datetime, list[int]] = defaultdict(list)
    for at, seconds in rows[:MOST_WAITS]:
        quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
        of_quarter[quarter].append(seconds or 0)
    of_step: dict[datetime.date, list[int]] = defaultdict(list)
    for quarter, some in of_quarter.items():
        of_step[_step(figures, quarter).day] += some
    for step in figures.steps:
        step.waited, step.median, step.late = _told(of_step[step.day])
    everything = [seconds for some in of_step.values() for seconds in some]
    figures.waited, figures.median, figures.late = _told(everything)


def _told(waits: list[int]) -> tuple[int, float | None, float | None]:
    return len(waits), share_of(waits, 0.5), share_of(waits, 0.9)


def _oldest(section: int | None) -> datetime.datetime | None:
    waiting = Comment.objects.filter(status=Comment.Status.PENDING)
    if section:
        waiting = waiting.filter(article__section=section)
    return waiting.order_by("waits_since", "pk").values_list("waits_since", flat=True).first()


def _checks(begun: datetime.datetime, over: datetime.datetime, within: Q) -> list[Spoken]:
    spoken = (
        Finding.objects.filter(within, at__gte=begun, at__lt=over, revision__isnull=True)
        .filter(~IMPORTED)
        .order_by()
        .values_list("check_name")
    )
    of_people = Decision.objects.about_visibility().filter(
        comment=OuterRef("comment"), by__isnull=False, revision__isnull=True, at__gte=begun
    )
    # A second query, for what is asked of every row of the first is asked row by row.
    judged = {
        name: (decided, stood)
        for name, decided, stood in spoken.filter(Exists(of_people)).annotate(
            decided=Count("comment", distinct=True),
            stood=Count(
                "comment", distinct=True, filter=Q(comment__status=Comment.Status.APPROVED)
            ),
        )
    }
    found = spoken.annotate(found=Count("comment", distinct=True)).order_by("-found", "check_name")
    names = queues.CHECK_NAMES
    return [
        Spoken(names.get(name, name.replace("-", " ")), count, *judged.get(name, (0, 0)))
        for name, count in found
    ]


def _by_moderator(decisions: QuerySet[Decision]) -> list[tuple[int, int, int, int, int]]:
    """Return who decided how much, approved, was appealed against, and was reversed."""
    rows = decisions.values_list("by").annotate(
        decided=Count("pk"),
        approved=Count("pk", filter=Q(after=Comment.Status.APPROVED)),
        appealed=Count("pk", filter=Q(appeal__answered_at__isnull=False)),
        reversed=Count("pk", filter=Q(appeal__is_granted=True)),
    )
    return list(rows.order_by("-decided", "by"))


def _moderators(rows: list[tuple[int, int, int, int, int]], only: User | None) -> list[Moderator]:
    shown = [row for row in rows if only is None or row[0] == only.pk][:MOST_PEOPLE]
    people = User.objects.in_bulk([row[0] for row in shown])
    return [Moderator(people[pk], *numbers) for pk, *numbers in shown if pk in people]


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
