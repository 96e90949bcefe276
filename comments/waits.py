"""How long a comment waits for a moderator: told to authors from what happened, not from a wish."""

import datetime
import math
import statistics

from django.db.models import Exists, OuterRef
from django.utils import timezone

from comments.models import Appeal, Comment, Decision
from newsroom import cached

SPAN = datetime.timedelta(days=30)
APPEALS_SPAN = datetime.timedelta(days=90)
LATEST = 1000  # decisions looked at, and no more
FEWEST = 3  # from fewer waits nobody can say what is usual
KEPT_FOR = 10 * 60  # seconds
KEY = "comments-usual-wait"
UNKNOWN = -1.0  # kept where there is no usual wait; ``None`` from the cache means not kept


def usual_wait() -> datetime.timedelta | None:
    """Return how long held comments of the last 30 days waited for a person: the median.

    ``None`` if fewer than ``FEWEST`` did. It is worked out once in ten minutes; a cache that is
    down costs the query and nothing else.
    """
    seconds = cached.get(KEY)
    if seconds is None:
        seconds = _median()
        cached.put(KEY, seconds, KEPT_FOR)
    return None if seconds == UNKNOWN else datetime.timedelta(seconds=seconds)


def usual_appeal() -> datetime.timedelta | None:
    """Return how long the appeals of the last 90 days waited for their answer: the median.

    ``None`` if fewer than ``FEWEST`` did. One query.
    """
    answered = Appeal.objects.filter(answered_at__gt=timezone.now() - APPEALS_SPAN)
    times = answered.order_by("-answered_at").values_list("at", "answered_at")[:LATEST]
    known = [(done - at).total_seconds() for at, done in times if done is not None]
    if len(known) < FEWEST:
        return None
    return datetime.timedelta(seconds=statistics.median(known))


def in_words(wait: datetime.timedelta) -> str:
    """Return a wait as one says it: ``under a minute``, ``40 minutes``, ``3 hours``, ``2 days``.

    Rounded to what a person needs to know, minutes upwards: better told too long than too short.
    """
    minutes = wait.total_seconds() / 60
    if minutes < 1:
        return "under a minute"
    if minutes <= 10:
        return _counted(math.ceil(minutes), "minute")
    if minutes <= 55:
        return f"{5 * math.ceil(minutes / 5)} minutes"
    hours = max(1, _nearest(minutes / 60))
    if hours < 24:
        return _counted(hours, "hour")
    return _counted(max(1, _nearest(minutes / 60 / 24)), "day")


def _nearest(number: float) -> int:
    return math.floor(number + 0.5)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _median() -> float:
    """Return the median in seconds, or ``UNKNOWN``."""
    earlier = Decision.objects.filter(
        comment=OuterRef("comment"), revision__isnull=True, pk__lt=OuterRef("pk")
    )
    # As the index has them. What its author took back waited for no moderator; what came from
    # another system waited there.
    latest = (
        Decision.objects.filter(
            before=Comment.Status.PENDING,
            by__isnull=False,
            revision__isnull=True,
            at__gt=timezone.now() - SPAN,
        )
        .exclude(after=Comment.Status.REMOVED)
        .filter(comment__import_key__isnull=True)
        .order_by("-at")
        # A comment that readers reported waits a second time, from an hour that is not on it.
        .annotate(is_second=Exists(earlier))
        .values_list("at", "comment__created_at", "is_second")[:LATEST]
    )
    waits = [(at - sent).total_seconds() for at, sent, is_second in latest if not is_second]
    if len(waits) < FEWEST:
        return UNKNOWN
    return max(0.0, statistics.median(waits))
