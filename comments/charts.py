"""Charts as SVG, drawn here: plain lines, bars and squares in the ink of the page around them.

Each has a name for those who do not see it, and stands beside a table of its numbers. Colours come
from the stylesheet by class; a drawing carries no style of its own, so that no policy has to allow
one. Lengths are in the drawing's own units, which the page scales.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 480, 180
TOP, BOTTOM = 14, 26
LETTER = 8.5  # the width of one, at the largest that the stylesheet has them: on telephones
NAMED = 5  # names under the axis, at most
ROW = 40  # height of one bar across, with its name above it
CELL = 18
MIDDLE = 0.3 * CELL  # from a row's middle down to the line that its name stands on


Spot = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """Numbers of one kind along the axis; ``None`` where there is none."""

    name: str
    values: Sequence[float | None]
    kind: str = "first"  # the class its ink hangs on: ``first`` or ``second``


def lines(title: str, names: Sequence[str], series: Sequence[Series], unit: str = "") -> SafeString:
    """Return a chart of lines over the ``names`` of the axis, each named at its end.

    A line ends where a number is missing, and begins again behind it.
    """
    top = _round_up(max((value for one in series for value in one.values if value), default=1))
    ticks = [(tick, f"{_written(tick)}{unit if tick else ''}") for tick in (0, top / 2, top)]
    left = _room(words for _, words in ticks)
    right = WIDTH - _room(one.name for one in series)
    high = HEIGHT - TOP - BOTTOM
    step = (right - left) / max(1, len(names) - 1)

    def height(value: float) -> float:
        return round(TOP + high * (1 - value / top), 1)

    def place(index: int, value: float) -> tuple[float, float]:
        return round(left + index * step, 1), height(value)

    drawn = []
    ends: list[float] = []
    for one in series:
        pieces = _pieces([
            None if value is None else place(index, value)
            for index, value in enumerate(one.values)
        ])  # fmt: skip
        if not pieces:
            continue
        end = pieces[-1][-1]
        # Two lines that end at one height have their names above each other.
        label = next(
            y for y in (end[1] + 4 + shift for shift in (0, 16, -16, 32, -32))
            if all(abs(y - other) >= 15 for other in ends)
        )  # fmt: skip
        ends.append(label)
        path = " ".join("M" + " L".join(f"{x},{y}" for x, y in piece) for piece in pieces)
        # A number without neighbours would be a line without a length.
        dots = {end, *(piece[0] for piece in pieces if len(piece) == 1)}
        drawn.append((one.kind, path, _dots(one.kind, dots), one.kind, right + 8, label, one.name))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        title,
        format_html_join(
            "",
            '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>',
            (
                (left, right, height(tick), height(tick), left - 6, height(tick) + 4, words)
                for tick, words in ticks
            ),
        ),
        _names(names, left, step),
        format_html_join(
            "",
            '<path class="line {}" d="{}"/>{}<text class="name {}" x="{}" y="{}">{}</text>',
            drawn,
        ),
    )


def _room(words: Iterable[str]) -> float:
    """Return how much room the longest of these words takes beside a drawing."""
    return round(LETTER * max(map(len, words), default=0) + 10, 1)


def _pieces(spots: Iterable[Spot | None]) -> list[list[Spot]]:
    """Return the spots in pieces that hang together."""
    runs = itertools.groupby(spots, key=lambda spot: spot is not None)
    return [[spot for spot in run if spot] for is_known, run in runs if is_known]


def _dots(kind: str, spots: Iterable[Spot]) -> SafeString:
    return format_html_join(
        "",
        '<circle class="dot {}" cx="{}" cy="{}" r="2.5"/>',
        ((kind, *spot) for spot in sorted(spots)),
    )


def _names(names: Sequence[str], left: float, step: float) -> SafeString:
    every = max(1, math.ceil(len(names) / NAMED))
    return format_html_join(
        "",
        '<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (round(left + index * step, 1), HEIGHT - 6, name)
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
    room = WIDTH - _room(note for _, _, note in rows)
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        WIDTH,
        ROW * len(rows) + 6,
        title,
        format_html_join(
            "",
            '<text class="tick" x="0" y="{}">{}</text>'
            '<rect class="bar" x="0" y="{}" width="{}" height="14"/>'
            '<text class="tick" x="{}" y="{}">{}</text>',
            (
                (
                    ROW * index + 14, name, ROW * index + 19,
                    width := round(max(1, room * length / longest), 1), width + 6,
                    ROW * index + 31, note,
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
    left = _room(name for name, _ in rows)
    cells = (
        (
            left + CELL * column, CELL * line + 1, CELL - 2, CELL - 2,
            round(0.12 + 0.88 * value / most, 3), name, names[column], value,
        )
        for line, (name, values) in enumerate(rows)
        for column, value in enumerate(values)
        if value
    )  # fmt: skip
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        left + CELL * len(names),
        CELL * len(rows) + 20,
        title,
        format_html_join(
            "",
            '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>',
            (
                (left - 6, CELL * line + CELL / 2 + MIDDLE, name)
                for line, (name, _) in enumerate(rows)
            ),
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
                (left + CELL * column + CELL / 2, CELL * len(rows) + 15, name)
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
