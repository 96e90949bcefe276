"""What the desk did in a time, told to everybody: counted from the record alone.

The sections follow the reports that the Digital Services Act, Art. 15, asks for; the template of
Implementing Regulation (EU) 2024/2835 is what their shape is taken from.
"""

import datetime
import statistics
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from comments.models import Appeal, Comment, Decision, LegalNotice, Reason, Sanction
from newsroom import cached

AGAINST = (Comment.Status.REJECTED, Comment.Status.SPAM)
MOST_WAITS = 20_000  # of which a median is taken: the latest
# Seconds for which a period is kept: one that is over hardly changes any more.
KEPT_FOR, OVER_KEPT_FOR = 10 * 60, 24 * 60 * 60
# What somebody decided and took back again happened to nobody. That a row undoes one stands twice,
# so that the few that do are found by their index.
UNDONE = Exists(Decision.objects.filter(undoes=OuterRef("pk"), undoes__isnull=False))


@dataclass
class Period:
    """What happened from ``start`` to before ``end``."""

    start: datetime.datetime
    end: datetime.datetime
    decided: int = 0
    approved: int = 0
    removed: int = 0
    # What went, each as label, all, and how many of these a check had marked: by the reason, by
    # who told the desk, and by the reason of what nobody had told.
    by_reason: list[tuple[str, int, int]] = field(default_factory=list)
    by_source: list[tuple[str, int, int]] = field(default_factory=list)
    own_by_reason: list[tuple[str, int, int]] = field(default_factory=list)
    on_law: int = 0
    by_rule: int = 0  # without a person
    rules: list[tuple[str, int, int]] = field(default_factory=list)  # name, published, hidden
    detected: int = 0
    detected_kept: int = 0
    median_wait: float | None = None  # seconds
    notices: list[tuple[str, int, int, int]] = field(default_factory=list)  # removed, kept, other
    notice_hours: float | None = None
    appeals: int = 0
    granted: int = 0
    appeal_hours: float | None = None
    sanctions: list[tuple[str, int]] = field(default_factory=list)
    moderators: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.decided or self.by_rule or self.notices or self.appeals or self.sanctions)

    @property
    def error_share(self) -> int | None:
        """Of what a check had marked: how much people let stand, in percent."""
        return round(100 * self.detected_kept / self.detected) if self.detected else None

    @property
    def granted_share(self) -> int | None:
        return round(100 * self.granted / self.appeals) if self.appeals else None

    def rows(self) -> Iterable[tuple[str, str, str | int]]:
        """The report as rows: section, what, number."""
        yield "period", "from", self.start.date().isoformat()
        yield "period", "to", (self.end - datetime.timedelta(seconds=1)).date().isoformat()
        for label, removed, kept, other in self.notices:
            yield "notices of illegal content", f"{label}: removed", removed
            yield "notices of illegal content", f"{label}: kept", kept
            yield "notices of illegal content", f"{label}: passed on", other
        yield "notices of illegal content", "median hours to the answer", _said(self.notice_hours)
        yield "decisions by people", "all", self.decided
        yield "decisions by people", "published or kept", self.approved
        yield "decisions by people", "removed or not published", self.removed
        yield "decisions by people", "of these because of the law", self.on_law
        for label, count, detected in self.by_reason:
            yield "removals by reason", label, count
            yield "removals by reason, marked by a check before", label, detected
        for label, count, detected in self.by_source:
            yield "removals by source", label, count
            yield "removals by source, marked by a check before", label, detected
        for label, count, detected in self.own_by_reason:
            yield "own-initiative removals by reason", label, count
            yield "own-initiative removals by reason, marked by a check before", label, detected
        yield "automation", "decided by a rule, without a person", self.by_rule
        for name, published, hidden in self.rules:
            yield "automation by rule", f"{name}: published", published
            yield "automation by rule", f"{name}: hidden until a person looked", hidden
        yield "automation", "marked by a check, then decided by a person", self.detected
        yield "automation", "of these let stand (errors of the checks)", self.detected_kept
        yield "automation", "errors of the checks, percent", _said(self.error_share)
        yield (
            "times",
            "median wait for a person, minutes",
            _said(self.median_wait and self.median_wait / 60),
        )
        yield "appeals", "answered", self.appeals
        yield "appeals", "granted", self.granted
        yield "appeals", "median hours to the answer", _said(self.appeal_hours)
        for label, count in self.sanctions:
            yield "decisions about people", label, count
        yield "resources", "people who decided", self.moderators


def _said(number: float | int | None) -> str | int:
    if number is None:
        return ""
    return number if isinstance(number, int) else f"{number:.1f}"


# What was kept by a program with other fields is not found by this one.
SHAPE = f"{zlib.crc32(repr(Period.__annotations__).encode()):x}"


def _key(start: datetime.datetime, end: datetime.datetime) -> str:
    return f"transparency-{SHAPE}-{start.timestamp():.0f}-{end.timestamp():.0f}"


def known(start: datetime.datetime, end: datetime.datetime) -> Period | None:
    """Return what ``counted`` found of these days lately; ``None`` where nobody asked."""
    return cached.get(_key(start, end))


def counted(start: datetime.datetime, end: datetime.datetime) -> Period:
    """Return what happened from ``start`` to before ``end``, and keep it for whoever asks next.

    A cache that is down costs the counting and nothing else.
    """
    found = of(start, end)
    is_over = end <= timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    cached.put(_key(start, end), found, OVER_KEPT_FOR if is_over else KEPT_FOR)
    return found


def of(start: datetime.datetime, end: datetime.datetime) -> Period:
    """Return what happened from ``start`` to before ``end``. Nine queries, whatever happened."""
    found = Period(start, end)
    rows = Decision.objects.about_visibility().filter(at__gte=start, at__lt=end).order_by()
    # What its author took back nobody judged; what is hidden for a look is judged after it.
    aside = [Comment.Status.REMOVED, Comment.Status.PENDING]
    by_people = rows.filter(by__isnull=False).exclude(after__in=aside)
    # What was upheld had happened before.
    judged = by_people.exclude(act__in=[Decision.Act.UNDO, Decision.Act.UPHOLD])
    judged = judged.filter(~UNDONE)
    kept, gone = Q(after=Comment.Status.APPROVED), Q(after__in=AGAINST)
    counted = judged.aggregate(
        decided=Count("pk"),
        approved=Count("pk", filter=kept),
        removed=Count("pk", filter=gone),
        on_law=Count("pk", filter=gone & Q(ground=Decision.Ground.ILLEGAL)),
        detected=Count("pk", filter=Q(is_detected_by_rule=True)),
        detected_kept=Count("pk", filter=kept & Q(is_detected_by_rule=True)),
        moderators=Count("by", distinct=True),
    )
    for name, value in counted.items():
        setattr(found, name, value)
    rules = (
        rows.filter(by__isnull=True, rule__gt="")
        .exclude(rule="import")
        .values_list("rule")
        .annotate(published=Count("pk", filter=kept), hidden=Count("pk", filter=~kept))
    )
    found.rules = sorted(rules, key=lambda rule: (-rule[1] - rule[2], rule[0]))
    found.by_rule = sum(published + hidden for _, published, hidden in found.rules)
    removals = list(
        judged.filter(gone)
        .values_list("reason", "after", "source")
        .annotate(count=Count("pk"), marked=Count("pk", filter=Q(is_detected_by_rule=True)))
    )
    found.by_reason = _summed((_why(*row[:2]), *row[3:]) for row in removals)
    found.by_source = _summed((Decision.Source(row[2]).label, *row[3:]) for row in removals)
    found.own_by_reason = _summed(
        (_why(*row[:2]), *row[3:]) for row in removals if row[2] == Decision.Source.OWN
    )
    waits = judged.filter(waited__isnull=False).order_by("-at").values_list("waited", flat=True)
    found.median_wait = _median(wait for wait in waits[:MOST_WAITS] if wait is not None)
    _notices(found, start, end)
    _appeals(found, start, end)
    kinds = (
        Sanction.objects.filter(at__gte=start, at__lt=end)
        .order_by("kind")
        .values_list("kind")
        .annotate(count=Count("pk"))
    )
    found.sanctions = [(Sanction.Kind(kind).label, count) for kind, count in kinds]
    return found


def _why(reason: str, after: str) -> str:
    return str(Reason(reason).label if reason else Comment.Status(after).label)


def _summed(rows: Iterable[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Return label, all and marked, summed by label, the most first."""
    counted: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for label, count, detected in rows:
        counted[label] += count
        marked[label] += detected
    most_first = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [(label, count, marked[label]) for label, count in most_first]


def _notices(found: Period, start: datetime.datetime, end: datetime.datetime) -> None:
    rows = LegalNotice.objects.filter(answered_at__gte=start, answered_at__lt=end).order_by()
    Outcome = LegalNotice.Outcome
    counted = (
        rows.values("category")
        .annotate(
            removed=Count("pk", filter=Q(outcome=Outcome.REMOVED)),
            kept=Count("pk", filter=Q(outcome=Outcome.KEPT)),
            other=Count("pk", filter=Q(outcome=Outcome.PASSED_ON)),
        )
        .order_by("category")
    )
    found.notices = [
        (
            LegalNotice.Category(row["category"]).label,
            row["removed"], row["kept"], row["other"],
        )
        for row in counted
    ]  # fmt: skip
    times = rows.order_by("-answered_at").values_list("at", "answered_at")[:MOST_WAITS]
    found.notice_hours = _median(_hours(times))


def _appeals(found: Period, start: datetime.datetime, end: datetime.datetime) -> None:
    rows = Appeal.objects.filter(answered_at__gte=start, answered_at__lt=end)
    times = list(rows.order_by("-answered_at").values_list("at", "answered_at")[:MOST_WAITS])
    counted = rows.order_by().aggregate(
        appeals=Count("pk"), granted=Count("pk", filter=Q(is_granted=True))
    )
    found.appeals, found.granted = counted["appeals"], counted["granted"]
    found.appeal_hours = _median(_hours(times))


def _median(values: Iterable[float]) -> float | None:
    known = list(values)
    return float(statistics.median(known)) if known else None


def _hours(times: Iterable[tuple[datetime.datetime, datetime.datetime | None]]) -> Iterable[float]:
    return ((done - at).total_seconds() / 3600 for at, done in times if done is not None)
