"""The chart: for each case the CPU time of one request, beside what it may be, as SVG.

Drawn here, as the site's own charts are (``comments.charts``): plain bars in the ink of the page
around them, readable in light and dark, each with its words for those who do not see it.
"""

import math
from collections.abc import Mapping
from html import escape

from bench.figures import Figures
from bench.targets import TARGETS

WIDTH, ROW, LABEL, END = 900, 22, 330, 90
TOP, BOTTOM = 64, 34
TICKS = (0.1, 1, 10, 100)  # milliseconds; each ten times the one before
STYLE = """
  svg { font: 13px system-ui, sans-serif; color: #1a1a1a; background: #fff }
  text { fill: currentColor } .quiet { opacity: .7; font-size: 11px }
  .title { font-size: 17px; font-weight: 600 } .grid { stroke: currentColor; opacity: .18 }
  .bar { fill: #2b6cb0 } .missed { fill: #c05621 } .floor { stroke: currentColor; stroke-width: 2 }
  .target { fill: none; stroke: currentColor; stroke-dasharray: 3 2 }
  @media (prefers-color-scheme: dark) {
    svg { color: #eee; background: #16181c } .bar { fill: #63a4e8 } .missed { fill: #ed8936 }
  }
"""


def draw(found: Mapping[str, Figures], about: str) -> str:
    """Return the chart of all cases whose CPU time was measured."""
    rows = {name: one for name, one in found.items() if one.cpu_ms}
    height = TOP + ROW * len(rows) + BOTTOM
    drawn = [_row(index, name, one, found) for index, (name, one) in enumerate(rows.items())]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="CPU time of one request, by case">\n'
        f"<title>CPU time of one request, by case</title>\n<style>{STYLE}</style>\n"
        f'<text class="title" x="12" y="24">CPU time of one request</text>\n'
        f'<text class="quiet" x="12" y="42">{escape(about)}</text>\n'
        f"{_grid(height)}{''.join(drawn)}"
        f'<text class="quiet" x="12" y="{height - 10}">Milliseconds of all the site’s processes, '
        "on a logarithmic scale. Upright line: a bare Django view with the same bytes. Dashed: the "
        "target; orange where it is missed.</text>\n</svg>\n"
    )


def _place(milliseconds: float) -> float:
    """Return how far to the right so many milliseconds are."""
    share = math.log10(max(milliseconds, 0.02) / 0.02) / math.log10(TICKS[-1] / 0.02)
    return round(LABEL + (WIDTH - LABEL - END) * min(1, share), 1)


def _grid(height: int) -> str:
    return "".join(
        f'<line class="grid" x1="{_place(tick)}" x2="{_place(tick)}" y1="{TOP - 4}" '
        f'y2="{height - BOTTOM}"/><text class="quiet" x="{_place(tick)}" y="{TOP - 8}" '
        f'text-anchor="middle">{tick:g}</text>\n'
        for tick in TICKS
    )


def _row(index: int, name: str, one: Figures, found: Mapping[str, Figures]) -> str:
    top, cpu = TOP + ROW * index, one.cpu_ms or 0
    bounds = [target for target in TARGETS if (target.case, target.figure) == (name, "cpu_ms")]
    is_missed = any(target.verdict(found) is False for target in bounds)
    words = f"{one.title}: {cpu:.2f} ms"
    marks = ""
    if one.bare_cpu_ms:
        at = _place(one.bare_cpu_ms)
        words += f"; a bare view {one.bare_cpu_ms:.2f} ms"
        marks += f'<line class="floor" x1="{at}" x2="{at}" y1="{top + 1}" y2="{top + 17}"/>'
    for target in bounds:
        words += f"; target {target}"
        if not target.of:
            end = _place(target.bound)
            marks += (
                f'<rect class="target" x="{LABEL}" y="{top + 2}" width="{end - LABEL}" '
                'height="14"/>'
            )
    end = _place(cpu)
    return (
        f'<g><title>{escape(words)}</title><text x="{LABEL - 8}" y="{top + 13}" '
        f'text-anchor="end">{escape(one.title)}</text><rect class="bar{" missed" * is_missed}" '
        f'x="{LABEL}" y="{top + 4}" width="{max(1, end - LABEL):.1f}" height="10"/>{marks}'
        f'<text x="{WIDTH - END + 12}" y="{top + 13}">{cpu:.2f}</text></g>\n'
    )
