"""The statistics of the desk as a page of charts, each with its table, and as CSV."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from articles.models import Section
from comments import charts, statistics, waits
from comments.charts import Series
from comments.desk import FOR_MODERATORS, NUMBER, person
from comments.exports import csv_response
from comments.models import Comment
from comments.statistics import Figures
from comments.views.transparency import period

DAYS = 28  # shown where no range is asked for
# Up to which wait, in seconds, an axis is told in a unit: the unit's seconds, its name, its sign.
UNITS = ((2 * 3600, (60, "minutes", "min")), (72 * 3600, (3600, "hours", "h")))
LARGEST_UNIT = (24 * 3600, "days", "days")
SPANS = ((7, "a week"), (28, "four weeks"), (91, "three months"), (365, "a year"))
Row = tuple[str | int, ...]


@dataclass(frozen=True)
class Chart:
    """A picture and the table of its numbers."""

    key: str
    title: str
    picture: SafeString | str
    head: tuple[str, ...]
    rows: list[Row]
    nothing: str = "Nothing in that time."


def _minutes(seconds: float | None) -> int | str:
    return "" if seconds is None else round(seconds / 60)


def _said(seconds: float | None) -> str:
    return "" if seconds is None else waits.in_words(datetime.timedelta(seconds=seconds))


def _waits(figures: Figures, names: list[str]) -> SafeString:
    """Return the waits over time, in minutes, hours or days as the longest asks for."""
    longest = max(step.late or 0 for step in figures.steps)
    fitting = (unit for most, unit in UNITS if longest <= most)
    seconds, unit, sign = next(fitting, LARGEST_UNIT)

    def told(values: Iterable[float | None]) -> list[float | None]:
        return [None if value is None else value / seconds for value in values]

    return charts.lines(
        f"{unit.capitalize()} until a decision, over time: the median and the 90th percentile",
        names,
        [
            Series("half", told(step.median for step in figures.steps)),
            Series("9 of 10", told(step.late for step in figures.steps), "second"),
        ],
        f" {sign}",
    )


def drawn(figures: Figures) -> list[Chart]:
    """Return the charts of a range, in the order in which one asks."""
    steps = figures.steps
    names = [f"{step.day:%-d %b}" for step in steps]
    days = [f"{step.day:%Y-%m-%d}" for step in steps]
    step = "Week from" if figures.is_by_week else "Day"
    hours = [f"{hour:02}" for hour in range(24)]
    load = figures.hours
    return [
        Chart(
            "arrivals", "What came, and what was decided",
            charts.lines(
                "Comments that came and decisions that were taken, over time", names,
                [Series("came", [one.arrived for one in steps]),
                 Series("decided", [one.decided for one in steps], "second")],
            ),
            (step, "Came", "Decided"),
            [(day, one.arrived, one.decided) for day, one in zip(days, steps, strict=True)],
        ),
        Chart(
            "waits", "How long comments waited for a person",
            _waits(figures, names) if figures.waited else "",
            (step, "Median, minutes", "90th percentile, minutes", "Waited"),
            [(day, _minutes(one.median), _minutes(one.late), one.waited)
             for day, one in zip(days, steps, strict=True)] if figures.waited else [],
            "Nothing had to wait for a person in that time.",
        ),
        Chart(
            "hours", "When comments come",
            charts.squares("Comments by weekday and hour", load, hours) if figures.arrived else "",
            ("", *hours),
            [(name, *values) for name, values in load] if figures.arrived else [],
        ),
        Chart(
            "reasons", "Why comments went",
            charts.across(
                "Rejections by reason",
                [(label, count, f"{count:,}") for label, count in figures.reasons],
            ) if figures.reasons else "",
            ("Reason", "Comments"),
            list(figures.reasons), "Nothing was rejected in that time.",
        ),
        Chart(
            "checks", "What the checks marked, and how much of it people let stand",
            charts.across(
                "Comments that each check marked, with the share that people let stand",
                [(one.name, one.found,
                  f"{one.found:,}, {one.overturned} % stood" if one.decided else f"{one.found:,}")
                 for one in figures.checks],
            ) if figures.checks else "",
            ("Check", "Marked", "Decided on", "Let stand", "Let stand, %"),
            [(one.name, one.found, one.decided, one.stood,
              "" if one.overturned is None else one.overturned) for one in figures.checks],
            "No check had a finding in that time.",
        ),
        Chart(
            "moderators", "By moderator",
            charts.across(
                "Decisions by moderator",
                [(one.who.name, one.decided, f"{one.decided:,}") for one in figures.moderators],
            ) if figures.moderators else "",
            ("Moderator", "Decisions", "Approved, %", "Appeals answered", "Of these reversed"),
            [(one.who.name, one.decided, one.approved_share, one.appealed, one.reversed)
             for one in figures.moderators],
            "Nobody decided anything in that time.",
        ),
        Chart(
            "agreement", "Second looks: how far two of us agree",
            charts.across(
                "Share of second looks that came to the same verdict, by the first one’s reason",
                [(one.label, one.share, f"{one.share} % of {one.looked}")
                 for one in figures.agreement],
                whole=100,
            ) if figures.agreement else "",
            ("First verdict", "Looked at twice", "Same verdict", "Same reason too", "Same, %"),
            [(one.label, one.looked, one.same_verdict, one.same_reason, one.share)
             for one in figures.agreement],
            "Nobody took a second look in that time.",
        ),
    ]  # fmt: skip


@require_safe
@FOR_MODERATORS
def page(request: HttpRequest) -> HttpResponse:
    """Show what the desk did; who may not compare colleagues sees only their own row."""
    start, end = period(request, days=DAYS)
    figures, section = _figures(request, start, end)
    today = timezone.localdate()
    context = {
        **admin.site.each_context(request),
        "title": "Statistics",
        "opts": Comment._meta,
        "figures": figures,
        "charts": drawn(figures),
        "median": _said(figures.median),
        "late": _said(figures.late),
        "start": start,
        "end": end,
        "section": section,
        "sections": Section.objects.values_list("pk", "name"),
        "spans": [
            (words, today - datetime.timedelta(days=days - 1), today) for days, words in SPANS
        ],
        "compares": request.user.has_perm("comments.compare_decision"),
        "asked": _asked(request),
    }
    return render(request, "admin/comments/comment/statistics.html", context)


@require_safe
@FOR_MODERATORS
def table(request: HttpRequest) -> StreamingHttpResponse:
    """The same numbers as CSV, chart by chart."""
    start, end = period(request, days=DAYS)
    figures, _ = _figures(request, start, end)
    return csv_response(_rows(figures), f"desk-{start}-{end}")


def _rows(figures: Figures) -> Iterable[Row]:
    yield "total", "came", figures.arrived
    yield "total", "decided", figures.decided
    yield "total", "approved, %", "" if figures.approved_share is None else figures.approved_share
    yield "total", "median wait, minutes", _minutes(figures.median)
    yield "total", "90th percentile of waits, minutes", _minutes(figures.late)
    for chart in drawn(figures):
        yield (chart.key, *chart.head)
        for row in chart.rows:
            yield (chart.key, *row)


def _figures(
    request: HttpRequest, start: datetime.date, end: datetime.date
) -> tuple[Figures, int | None]:
    asked = request.GET.get("section", "")
    section = int(asked) if NUMBER.fullmatch(asked) else None
    only = None if request.user.has_perm("comments.compare_decision") else person(request)
    return statistics.of(start, end, section, only, fresh="fresh" in request.GET), section


def _asked(request: HttpRequest) -> str:
    """Return the address's query, but for the wish to count anew."""
    query = request.GET.copy()
    query.pop("fresh", None)
    return query.urlencode()
