"""How often one person may do a thing: counted from the rows that doing it leaves."""

import datetime
import logging
import math
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone

log = logging.getLogger(__name__)

WITHOUT_COUNTING = 60  # seconds to wait where turns cannot be counted


def wait(rows: QuerySet[Any], count: int, span: datetime.timedelta, moment: str = "at") -> int:
    """Return in how many seconds there is room for one more of ``rows``, 0 for now.

    There is room for ``count`` of them in a ``span``, told by their field ``moment``.
    """
    if not settings.LIMITS:
        return 0
    now = timezone.now()
    times = rows.filter(**{f"{moment}__gt": now - span}).order_by(f"-{moment}")
    # The one that must leave the span before there is room for another.
    for first in times.values_list(moment, flat=True)[count - 1 : count]:
        return max(1, math.ceil((first + span - now).total_seconds()))
    return 0


def wait_for_turn(what: str, who: int | str, count: int, span: datetime.timedelta) -> int:
    """Count a turn of a thing that can be done and undone, and so leaves no row behind.

    Returns in how many seconds there is room for it, 0 for now.
    """
    if not settings.LIMITS:
        return 0
    seconds = int(span.total_seconds())
    window, passed = divmod(int(timezone.now().timestamp()), seconds)
    key = f"turns:{what}:{who}:{window}"
    try:
        if cache.add(key, 1, timeout=seconds):
            return 0
        turns = cache.incr(key)
    except ValueError:  # it ran out between the two
        return 0
    except Exception:
        # Each cache has errors of its own. What nobody can count waits until somebody can.
        log.warning("Turns cannot be counted: the cache is away", exc_info=True)
        return WITHOUT_COUNTING
    return seconds - passed if turns > count else 0


def in_words(seconds: int) -> str:
    """Return a wait as it is said, rounded up: who waits that long is not refused again."""
    if seconds <= 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
