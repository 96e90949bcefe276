"""Things that grow, lie or fly: hills, trees, reeds, grass, gulls."""

import math
from collections.abc import Sequence

from .canvas import Canvas, Colour, Point, mix, veil


def ridge(c: Canvas, y: float, height: float, waves: float = 2.0) -> list[Point]:
    """The line of a range of hills from the left edge to the right."""
    terms = [
        (c.rng.uniform(0, 6.3), waves * 2**i * c.rng.uniform(0.8, 1.2), 0.52**i) for i in range(5)
    ]
    return [
        (
            x,
            y
            - height
            * (
                0.5
                + 0.33
                * sum(
                    size * math.sin(phase + rate * math.pi * x / c.width)
                    for phase, rate, size in terms
                )
            ),
        )
        for x in range(-8, c.width + 9, 8)
    ]


def hills(
    c: Canvas,
    y: float,
    height: float,
    top: Colour,
    foot: Colour,
    waves: float = 2.0,
    wooded: float = 0,
) -> list[Point]:
    """A range of hills standing on y, dusted from one colour to the other; returns its line."""
    line = ridge(c, y, height, waves)
    if wooded:
        for x, edge in line:
            if c.rng.random() < 0.8:
                size = wooded * c.rng.uniform(0.4, 1)
                c.oval(x, edge, size, size * 1.1, top)
    c.shaded([*line, (c.width + 8, y), (-8, y)], top, foot)
    return line


def range_of_hills(
    c: Canvas,
    y: float,
    height: float,
    far: Colour,
    near: Colour,
    count: int,
    drop: float = 26,
    wooded: float = 0,
) -> None:
    """Several ranges one before the other, each a step nearer, lower and clearer."""
    for index in range(count):
        tone = mix(far, near, index / max(1, count - 1))
        foot = y + drop * index
        hills(
            c,
            foot,
            height * (1 - 0.6 * index / count),
            tone,
            mix(tone, far, 0.45),
            1.5 + index,
            wooded * index / count,
        )


def bare_tree(
    c: Canvas, x: float, y: float, height: float, colour: Colour, lean: float = 0
) -> list[Point]:
    """A leafless tree; returns the tips of its twigs."""
    tips: list[Point] = []

    def grow(start: Point, angle: float, length: float, width: float) -> None:
        end = (start[0] + math.sin(angle) * length, start[1] - math.cos(angle) * length)
        c.limb(start, end, width, width * 0.66, colour)
        if length < height * 0.045 or width < 0.5:
            tips.append(end)
            return
        for _ in range(3 if c.rng.random() < 0.35 else 2):
            grow(
                end,
                angle + c.rng.uniform(-0.62, 0.62),
                length * c.rng.uniform(0.62, 0.82),
                width * 0.64,
            )

    grow((x, y), lean, height * 0.27, height * 0.06)
    return tips


def leafy_tree(
    c: Canvas,
    x: float,
    y: float,
    height: float,
    trunk: Colour,
    leaves: Sequence[Colour],
    light_from: float = -1,
    spread: float = 0.36,
) -> None:
    """A full tree: a trunk, then dabs of leaf from the shaded side to the lit one.

    `leaves` runs from the darkest tone to the lightest.
    """
    c.limb((x, y - height * 0.1), (x, y - height * 0.5), height * 0.06, height * 0.04, trunk)
    c.blob(
        [
            (x - height * 0.055, y + height * 0.004),
            (x - height * 0.03, y - height * 0.1),
            (x + height * 0.03, y - height * 0.1),
            (x + height * 0.055, y + height * 0.004),
            (x, y - height * 0.012),
        ],
        trunk,
    )
    for side in (-1, 1):
        c.limb(
            (x, y - height * 0.32),
            (x + side * height * 0.17, y - height * 0.56),
            height * 0.035,
            height * 0.015,
            trunk,
        )
    # A tree near the viewer shows more and, for its height, smaller leaves.
    fine = min(2.2, max(1.0, height / 260))
    clumps = [(c.rng.gauss(0, spread * 0.5), 0.66 + c.rng.gauss(0, 0.13)) for _ in range(16)]
    for tone, colour in enumerate(leaves):
        share = tone / max(1, len(leaves) - 1)
        for u, v in clumps:
            for _ in range(round((30 - 12 * share) * fine)):
                reach = 0.13 - 0.04 * share
                du, dv = c.rng.gauss(0, reach * 0.62), c.rng.gauss(0, reach * 0.55)
                size = height * c.rng.uniform(0.011, 0.026) / fine**0.7
                c.oval(
                    x + height * (u + du + light_from * 0.05 * share),
                    y - height * (v + dv + 0.045 * share),
                    size * 1.15,
                    size * 0.8,
                    colour,
                )


def tufts(
    c: Canvas,
    y0: float,
    y1: float,
    colours: Sequence[Colour],
    count: int,
    size: float = 18,
    left: float = 0,
    right: float | None = None,
) -> None:
    """Blades of grass over a band of ground, taller towards the foot of the picture."""
    right = c.width if right is None else right
    for index in range(count):
        near = index / count
        x, y = c.rng.uniform(left, right), y0 + (y1 - y0) * near
        length = size * (0.3 + near) * c.rng.uniform(0.5, 1.2)
        lean = c.rng.uniform(-0.5, 0.5) * length
        c.line(
            [(x, y), (x + lean * 0.3, y - length * 0.6), (x + lean, y - length)],
            veil(c.rng.choice(colours), 0.75),
            0.7 + near,
        )


def reeds(
    c: Canvas,
    y: float,
    height: float,
    colour: Colour,
    count: int,
    left: float = 0,
    right: float | None = None,
) -> None:
    """A stand of reeds with their plumes bent by one wind."""
    right = c.width if right is None else right
    for _ in range(count):
        x = c.rng.uniform(left, right)
        tall = height * c.rng.uniform(0.45, 1)
        lean = tall * c.rng.uniform(0.02, 0.22)
        tone = mix(colour, "#000000", c.rng.uniform(0, 0.3))
        c.line(
            [(x, y), (x + lean * 0.3, y - tall * 0.5), (x + lean, y - tall)],
            tone,
            c.rng.uniform(0.8, 1.8),
        )
        if c.rng.random() < 0.45:
            c.blob(
                [
                    (x + lean, y - tall * 0.86),
                    (x + lean - 3, y - tall * 0.98),
                    (x + lean * 1.2, y - tall * 1.1),
                    (x + lean + 4, y - tall * 0.97),
                ],
                tone,
            )
        if c.rng.random() < 0.5:
            c.line(
                [
                    (x, y - tall * 0.3),
                    (x + tall * 0.14, y - tall * 0.55),
                    (x + tall * 0.26, y - tall * 0.5),
                ],
                tone,
                1.2,
            )


def gull(
    c: Canvas,
    x: float,
    y: float,
    span: float,
    body: Colour = "#f1eee4",
    tip: Colour = "#5b6068",
    tilt: float = 0.2,
) -> None:
    """A gull on the wing, seen from the side and a little below."""
    for side in (-1, 1):
        lift = 0.34 + side * tilt * 0.5
        wing = [
            (x - 0.03 * span, y),
            (x + side * 0.2 * span, y - lift * 0.5 * span),
            (x + side * 0.5 * span, y - lift * 0.38 * span),
            (x + side * 0.22 * span, y - lift * 0.2 * span),
            (x + 0.05 * span, y + 0.03 * span),
        ]
        c.blob(wing, body if side > 0 else mix(body, tip, 0.25))
        c.blob(
            [
                wing[2],
                (x + side * 0.41 * span, y - lift * 0.46 * span),
                (x + side * 0.39 * span, y - lift * 0.36 * span),
            ],
            tip,
        )
    c.blob(
        [
            (x - 0.18 * span, y - 0.01 * span),
            (x, y - 0.04 * span),
            (x + 0.17 * span, y),
            (x + 0.2 * span, y + 0.02 * span),
            (x, y + 0.06 * span),
        ],
        body,
    )


def far_birds(c: Canvas, x: float, y: float, spread: float, count: int, colour: Colour) -> None:
    """A few distant birds, two strokes each."""
    for _ in range(count):
        bx, by = x + c.rng.gauss(0, spread), y + c.rng.gauss(0, spread * 0.3)
        size = c.rng.uniform(5, 11)
        c.line([(bx - size, by - size * 0.4), (bx, by), (bx + size, by - size * 0.5)], colour, 1.1)


def leaves_on_ground(
    c: Canvas,
    y0: float,
    y1: float,
    colours: Sequence[Colour],
    count: int,
    left: float = 0,
    right: float | None = None,
) -> None:
    """Fallen leaves, larger towards the foot of the picture."""
    right = c.width if right is None else right
    for _ in range(count):
        near = c.rng.random() ** 1.3
        size = 1 + 4.5 * near
        c.oval(
            c.rng.uniform(left, right),
            y0 + (y1 - y0) * near,
            size * 1.5,
            size * 0.6,
            veil(c.rng.choice(colours), 0.85),
        )
