"""Charts as SVG, drawn here: plain lines, bars and squares in the ink of the page around them.

Each has a name for those who do not see it, and stands beside a table of its numbers. Colours come
from the stylesheet by class; a drawing carries no style of its own, so that no policy has to allow
one. Lengths are in the drawing's own units, which the page scales.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 92, 12, 24  # room for the axes and for the name at a line's end
NAMED = 7  # names under the axis, at most
ROW = 22  # height of one bar across
CELL_W, CELL_H = 24, 20


@dataclass(frozen=True)
class Series:
    """Numbers of one kind along the axis; ``None`` where there is none."""

    name: str
    values: Sequence[float | None]
    kind: str = "first"  # the class its ink hangs on: ``first`` or ``second``


def lines(title: str, names: Sequence[str], series: Sequence[Series], unit: str = "") -> SafeString:
    """Return a chart of lines over the ``names`` of the axis, each named at its end."""
    top = _round_up(max((value for one in series for value in one.values if value), default=1))
    inner, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    step = inner / max(1, len(names) - 1)

    def place(index: int, value: float) -> tuple[float, float]:
        return round(LEFT + index * step, 1), round(TOP + high * (1 - value / top), 1)

    drawn = []
    ends: list[float] = []
    for one in series:
        spots = [place(i, value) for i, value in enumerate(one.values) if value is not None]
        if not spots:
            continue
        path = "M" + " L".join(f"{x},{y}" for x, y in spots)
        end = spots[-1]
        # Two lines that end at one height have their names above each other.
        label = next(
            y for y in (end[1] + 4 + shift for shift in (0, 14, -14, 28, -28))
            if all(abs(y - other) >= 13 for other in ends)
        )  # fmt: skip
        ends.append(label)
        drawn.append((one.kind, path, one.kind, *end, one.kind, WIDTH - RIGHT + 8, label, one.name))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        title,
        _grid(top, unit, high),
        _names(names, step),
        format_html_join(
            "",
            '<path class="line {}" d="{}"/><circle class="dot {}" cx="{}" cy="{}" r="2.5"/>'
            '<text class="name {}" x="{}" y="{}">{}</text>',
            drawn,
        ),
    )


def _grid(top: float, unit: str, high: float) -> SafeString:
    ticks = [top * part / 2 for part in range(3)]
    return format_html_join(
        "",
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="tick" x="{}" y="{}" text-anchor="end">{}{}</text>',
        (
            (
                LEFT, WIDTH - RIGHT, y := round(TOP + high * (1 - tick / top), 1), y,
                LEFT - 6, y + 4, _written(tick), unit if tick else "",
            )
            for tick in ticks
        ),
    )  # fmt: skip


def _names(names: Sequence[str], step: float) -> SafeString:
    every = max(1, math.ceil(len(names) / NAMED))
    return format_html_join(
        "",
        '<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (round(LEFT + index * step, 1), HEIGHT - 6, name)
            for index, name in enumerate(names)
            if index % every == 0
        ),
    )


def across(
    title: str, rows: Sequence[tuple[str, float, str]], whole: float | None = None
) -> SafeString:
    """Return bars from left to right. ``rows`` are name, length, and what is written at its end.

    A bar of the length ``whole`` is as long as can be; if it is not given, the longest one is.
    """
    longest = whole or max((length for _, length, _ in rows), default=0) or 1
    start, room = 190, WIDTH - 190 - 110
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH,
        ROW * len(rows) + 6,
        title,
        format_html_join(
            "",
            '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
            '<rect class="bar" x="{}" y="{}" width="{}" height="14"/>'
            '<text class="tick" x="{}" y="{}">{}</text>',
            (
                (
                    start - 8, ROW * index + 15, name, start, ROW * index + 4,
                    width := round(max(1, room * length / longest), 1), start + width + 6,
                    ROW * index + 15, note,
                )
                for index, (name, length, note) in enumerate(rows)
            ),
        ),
    )  # fmt: skip


def squares(
    title: str, rows: Sequence[tuple[str, Sequence[int]]], names: Sequence[str]
) -> SafeString:
    """Return a field of squares, the darker the more. ``rows`` are name and one number a column."""
    most = max((value for _, values in rows for value in values), default=0) or 1
    left = 44
    cells = (
        (
            left + CELL_W * column, CELL_H * line + 2, CELL_W - 2, CELL_H - 2,
            round(0.12 + 0.88 * value / most, 3), name, names[column], value,
        )
        for line, (name, values) in enumerate(rows)
        for column, value in enumerate(values)
        if value
    )  # fmt: skip
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        left + CELL_W * len(names),
        CELL_H * len(rows) + 20,
        title,
        format_html_join(
            "",
            '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>',
            ((left - 6, CELL_H * line + 15, name) for line, (name, _) in enumerate(rows)),
        ),
        format_html_join(
            "",
            '<rect class="bar" x="{}" y="{}" width="{}" height="{}" fill-opacity="{}">'
            "<title>{} {}: {}</title></rect>",
            cells,
        ),
        format_html_join(
            "",
            '<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>',
            (
                (left + CELL_W * column + CELL_W / 2, CELL_H * len(rows) + 15, name)
                for column, name in enumerate(names)
                if column % 3 == 0
            ),
        ),
    )


def parts(title: str, shares: Sequence[tuple[str, int]]) -> SafeString:
    """Return one bar in parts. ``shares`` are the class of a part and its number."""
    whole = sum(number for _, number in shares) or 1
    at, drawn = 0.0, []
    for kind, number in shares:
        width = round(100 * number / whole, 2)
        drawn.append((kind, round(at, 2), width))
        at += width
    return format_html(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>',
        title,
        format_html_join(
            "", '<rect class="{}" x="{}" y="0" width="{}" height="6"/>', (one for one in drawn)
        ),
    )


def _round_up(value: float) -> float:
    """Return the next round number that halves well."""
    if value <= 2:
        return 2
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if value <= step * power)


def _written(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
