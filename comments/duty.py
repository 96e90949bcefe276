"""When somebody is at the desk, and what happens when nobody is."""

import datetime

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from comments import waits
from comments.letters import absolute
from comments.models import Comment, DeskSettings, Dispatch, DutyHours, LegalNotice
from comments.rulebook import Rulebook

MOST_CALLED = 100  # people whom an alarm reaches


def outside_hours(book: Rulebook) -> str:
    """Return what happens to comments now: a ``DeskSettings.OutsideHours``; "" on duty.

    Where no hours are set, somebody always is.
    """
    hours = list(book.hours)
    if not (book.outside_hours and hours) or is_on_duty(hours, timezone.localtime()):
        return ""
    return book.outside_hours


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
    """Mail the moderators when the oldest comment waits too long. Returns how many mails.

    While nobody is on duty nobody is called. At most two alarms go out in a day; a notice of
    illegal content that waits as long calls as well.
    """
    limit = DeskSettings.current().alarm_after
    if not limit:
        return 0
    now = timezone.now()
    before = now - datetime.timedelta(minutes=limit)
    oldest = (
        Comment.objects.pending()
        .filter(waits_since__lt=before)
        .values_list("waits_since", flat=True)
        .first()
    )
    notice = LegalNotice.objects.open().filter(at__lt=before)
    since = min(filter(None, [oldest, notice.values_list("at", flat=True).first()]), default=None)
    if since is None or _is_quiet():
        return 0
    half = "morning" if timezone.localtime(now).hour < 12 else "afternoon"
    event = f"alarm:{timezone.localdate(now)}:{half}"
    if Dispatch.objects.filter(key__startswith=f"{event}:").exists():
        return 0
    waiting = Comment.objects.filter(status=Comment.Status.PENDING).count()
    may = Q(groups__permissions__codename="moderate_comment")
    may |= Q(user_permissions__codename="moderate_comment")
    people = User.objects.filter(may, is_active=True).exclude(email="").distinct()[:MOST_CALLED]
    context = {
        "wait": waits.in_words(now - since),
        "since": since,
        "waiting": waiting,
        "has_notice": notice.exists(),
        "desk_url": absolute(reverse("admin:comments_comment_desk")),
        "limit": waits.in_words(datetime.timedelta(minutes=limit)),
        "site_name": settings.SITE_NAME,
        "site_contact": settings.SITE_CONTACT,
    }
    text = render_to_string("mail/alarm.txt", context).strip() + "\n"
    for person in people:
        Dispatch.send(
            f"{event}:{person.pk}", person.email, f"A comment waits for {context['wait']}", text
        )
    return len(people)


def _is_quiet() -> bool:
    """Tell whether nobody is on duty now. One query."""
    hours = list(DutyHours.objects.all())
    return bool(hours) and not is_on_duty(hours, timezone.localtime())
