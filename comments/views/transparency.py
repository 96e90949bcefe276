"""What the desk did, for everybody; and the rules of the conversation, as they were and are."""

import datetime

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from comments import chain, export, pipeline, reasons, transparency
from comments.desk import REASONS
from comments.diff import word_diff
from comments.models import Appeal, Report, Terms

LONGEST = 366 * 2  # days of a period
YEARS = 4  # that are offered


def period(request: HttpRequest, days: int = 365) -> tuple[datetime.date, datetime.date]:
    """Return the days that an address asks for, both included; the last ``days`` if none.

    Raises ``Http404`` for what is no period.
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
    start = start or end - datetime.timedelta(days=days - 1)
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


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show what the desk did in a time."""
    start, end = period(request)
    this_year = timezone.localdate().year
    context = {
        "period": transparency.of(*bounds(start, end)),
        "start": start,
        "end": end,
        "years": [
            (year, f"{year}-01-01", f"{year}-12-31")
            for year in range(this_year, this_year - YEARS, -1)
        ],
        "head": chain.head(),
    }
    return render(request, "comments/transparency.html", context)


@require_safe
def table(request: HttpRequest) -> StreamingHttpResponse:
    """The same as CSV."""
    start, end = period(request)
    found = transparency.of(*bounds(start, end))
    lines = export.lines(("section", "what", "number"), found.rows())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
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
            "versions": versions,
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
