"""What the desk did, for everybody; and the rules of the conversation, as they were and are."""

import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from comments import chain, export, pipeline, reasons, transparency
from comments.desk import REASONS
from comments.diff import word_diff
from comments.models import Appeal, Report, Terms
from comments.transparency import Period
from newsroom import pace
from newsroom.addresses import client_address
from newsroom.shared_pages import FOR_ONE, shared_page

Days = tuple[datetime.date, datetime.date]  # the first and the last

FIRST = datetime.date(1990, 1, 1)  # no paper had comments before
LONGEST = 366 * 2  # days of a period
USUAL = 365  # days, where none are asked for
YEARS = 4  # that are offered
# Periods of their own choice that one address can have counted in a time.
PACE = (20, datetime.timedelta(minutes=10))


class TooOften(Exception):
    """Somebody had too much counted. Says in how many seconds they may again."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"Wait {wait} seconds.")
        self.wait = wait


def period(request: HttpRequest, days: int = USUAL) -> Days:
    """Return the days that an address asks for, both included; the last ``days`` if none.

    Raises ``Http404`` for what is no period, or begins before 1990 or ends after tomorrow.
    """
    today = timezone.localdate()
    asked = [request.GET.get(name, "") for name in ("from", "to")]
    try:
        start, end = (parse_date(day) if day else None for day in asked)
    except ValueError as error:
        raise Http404("There is no such day.") from error
    if any(day and found is None for day, found in zip(asked, (start, end), strict=True)):
        raise Http404("There is no such day.")
    end = end or today
    if not (start or FIRST) >= FIRST <= end <= today + datetime.timedelta(days=1):
        raise Http404("Nobody decided anything on such a day.")
    start = start or max(FIRST, end - datetime.timedelta(days=days - 1))
    if not datetime.timedelta() <= end - start <= datetime.timedelta(days=LONGEST):
        raise Http404("A period has a beginning before its end, and two years at most.")
    return start, end


def bounds(start: datetime.date, end: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    """Return the moments between which these days lie, on the paper's clock."""
    after = end + datetime.timedelta(days=1)
    return tuple(  # type: ignore[return-value]
        timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
        for day in (start, after)
    )


def offered() -> list[tuple[int, Days]]:
    """Return the years that the page offers, this one as far as it has come."""
    today = timezone.localdate()
    years = range(today.year, today.year - YEARS, -1)
    return [
        (year, (datetime.date(year, 1, 1), min(today, datetime.date(year, 12, 31))))
        for year in years
    ]


def _told(request: HttpRequest, start: datetime.date, end: datetime.date) -> Period:
    """Return what happened on these days. Raises ``TooOften``.

    What the page itself offers is a handful, counted for everybody together. Whoever chooses days
    of their own could choose others without end, each of them a walk through the record.
    """
    moments = bounds(start, end)
    if found := transparency.known(*moments):
        return found
    today = timezone.localdate()
    usual = (today - datetime.timedelta(days=USUAL - 1), today)
    if (start, end) not in [usual, *(days for _, days in offered())]:
        who = client_address(request) or "nowhere"
        if wait := pace.wait_for_turn("transparency", who, *PACE):
            raise TooOften(wait)
    return transparency.counted(*moments)


def _later(request: HttpRequest, wait: int) -> HttpResponse:
    response = render(request, "429.html", {"retry_after": wait}, status=429)
    response["Retry-After"] = str(wait)
    response["Cache-Control"] = FOR_ONE  # nobody else has to wait
    return response


@require_safe
@shared_page
def page(request: HttpRequest) -> HttpResponse:
    """Show what the desk did in a time."""
    start, end = period(request)
    try:
        found = _told(request, start, end)
    except TooOften as refused:
        return _later(request, refused.wait)
    context = {
        "period": found,
        "start": start,
        "end": end,
        "first": FIRST,
        "today": timezone.localdate(),
        "years": [(year, *days) for year, days in offered()],
        "head": chain.head(),
    }
    return render(request, "comments/transparency.html", context)


@require_safe
@shared_page
def table(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    start, end = period(request)
    try:
        found = _told(request, start, end)
    except TooOften as refused:
        return _later(request, refused.wait)
    lines = export.lines(("section", "what", "number"), found.rows())
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="transparency-{start}-{end}.csv"'
    return response


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Show the rules that hold, how they are kept, and what one can do."""
    versions = list(Terms.objects.in_force()[:50])
    return render(
        request,
        "comments/terms.html",
        {
            "current": versions[0] if versions else None,
            "earlier": versions[1:],
            "reasons": [(reason.value, reason.label, reasons.rule(reason)) for reason in REASONS],
            "stages": pipeline.STAGES,
            "report": Report,
            "appeal_days": Appeal.OPEN_FOR.days,
            "contact": settings.SITE_CONTACT,
        },
    )


@require_safe
def terms_version(request: HttpRequest, number: int) -> HttpResponse:
    """Show one version of the rules, and how it differs from the one before."""
    found = get_object_or_404(Terms.objects.in_force(), number=number)
    before = Terms.objects.in_force().filter(number__lt=number).order_by("-number").first()
    return render(
        request,
        "comments/terms_version.html",
        {
            "version": found,
            "before": before,
            "changes": word_diff(before.text, found.text) if before else [],
        },
    )


@require_safe
def terms_json(request: HttpRequest) -> HttpResponse:
    """The rules for machines (DSA Art. 14(5))."""
    current = Terms.objects.in_force().first()
    return JsonResponse(
        {
            "version": current.number if current else 1,
            "in_force_at": current.in_force_at.isoformat() if current else None,
            "text": current.text if current else "",
            "rules": [
                {"id": reason.value, "name": reason.label, "rule": reasons.rule(reason)}
                for reason in REASONS
            ],
            "checks": [
                {"id": stage.name, "name": stage.title, "does": stage.does}
                for stage in pipeline.STAGES
            ],
            "appeal_days": Appeal.OPEN_FOR.days,
            "contact": settings.SITE_CONTACT,
        }
    )
