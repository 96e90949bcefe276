"""Care for who moderates: how the day went so far, and a word when a pause is due.

Moderating what is uncivil wears people down. The desk shows each moderator, and nobody else, their
own day, and suggests a pause; it never locks anybody out.
"""

import datetime
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import User
from comments import charts
from comments.models import Comment, Decision, DeskSettings, Finding

PAUSE = datetime.timedelta(minutes=10)  # so long without a decision is a pause
# From so many severe ones in a day on a colleague should take the next.
SEVERE_A_DAY = 20
MOST = 3000  # decisions of a day that are looked at


@dataclass(frozen=True)
class Day:
    """One moderator's day at the desk."""

    approved: int
    rejected: int
    spam: int
    severe: int
    stretch: datetime.timedelta  # at work without a pause, up to now
    hint: str  # a word about a pause, or ""

    @property
    def decided(self) -> int:
        return self.approved + self.rejected + self.spam

    @property
    def picture(self) -> SafeString:
        words = f"{self.approved} approved, {self.rejected} rejected, {self.spam} spam"
        shares = [("good", self.approved), ("stop", self.rejected), ("spam", self.spam)]
        return charts.parts(words, shares)


def day_of(by: User) -> Day:
    """Return how the day of ``by`` went so far, on the paper's clock. Three queries."""
    now = timezone.localtime()
    morning = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = list(
        Decision.objects.about_visibility()
        .filter(by=by, at__gte=morning, undone_by__isnull=True)
        .exclude(act=Decision.Act.UNDO)
        .order_by("-at")
        .values_list("at", "after", "batch")[:MOST]
    )
    verdicts = [after for _, after, _ in rows]
    is_severe = Exists(Finding.objects.filter(comment=OuterRef("comment"), is_severe=True))
    read = Decision.objects.filter(is_severe, by=by, at__gte=morning, batch__isnull=True)
    severe = read.order_by().values("comment").distinct().count()
    # What was decided in bulk took one look.
    stretch = _stretch([at for at, _, batch in rows if batch is None], now)
    return Day(
        approved=verdicts.count(Comment.Status.APPROVED),
        rejected=verdicts.count(Comment.Status.REJECTED),
        spam=verdicts.count(Comment.Status.SPAM),
        severe=severe,
        stretch=stretch,
        hint=_hint(stretch, severe, DeskSettings.current().pause_after),
    )


def _stretch(moments: list[datetime.datetime], now: datetime.datetime) -> datetime.timedelta:
    """Return how long somebody works without a pause. ``moments`` are newest first."""
    begun = now
    for at in moments:
        if begun - at > PAUSE:
            break
        begun = at
    return now - begun


def _hint(stretch: datetime.timedelta, severe: int, pause_after: int) -> str:
    if pause_after and stretch >= datetime.timedelta(minutes=pause_after):
        minutes = int(stretch.total_seconds() // 60)
        return (
            f"You have been at it for {minutes} minutes without a pause. The queue keeps; "
            "ten minutes away from it do you good."
        )
    if severe >= SEVERE_A_DAY:
        return (
            f"You have read {severe} severe comments today. Leave the next ones veiled, and ask "
            "a colleague to take them."
        )
    return ""
