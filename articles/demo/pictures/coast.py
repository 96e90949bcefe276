"""Scenes of the sea, the harbour and the river."""

import math

from PIL import Image

from .canvas import Canvas, Point, mix, smooth, veil
from .land import bare_tree, far_birds, gull, hills, range_of_hills, reeds, tufts
from .light import (
    finish,
    glitter,
    mist,
    moon,
    rain,
    reflect,
    ripples,
    sky,
    stars,
)
from .people import Outfit, figure, silhouette
from .town import boat, church, house_row, railing, rowing_boat, skyline, street_lamp


def lighthouse(c: Canvas) -> Image.Image:
    """The lighthouse on its headland after sunset, its beam over the sea, one window lit."""
    sky(c, 640, ("#16284a", "#2f4f78", "#7d8ba0", "#e6b08c", "#f9cf95"), "#20345a", 0.6)
    stars(c, 110, 330)
    c.glow(430, 640, 640, 250, "#ffab6b", 0.5)
    c.ramp(640, 1067, [(0, "#e3b296"), (0.14, "#8a8fa3"), (0.5, "#3b5878"), (1, "#142440")])
    hills(c, 642, 46, "#7d7f97", "#9a8f9c", 1.3)
    glitter(c, 430, 646, 1000, "#ffe0b0", 200, 330, 0.6)
    ripples(c, 650, 1060, "#14284a", 260, 0.4)
    lantern = (1120, 222)
    for end, power in (((-700, 30), 0.5), ((-700, 180), 0.34), ((2600, 330), 0.34)):
        c.soft([lantern, (end[0], end[1]), (end[0], end[1] + 210)], "#ffeebc", 12, power)
    _headland(c)
    _tower(c, 1120, 612, 400)
    c.glow(*lantern, 330, colour="#ffe7a4", power=0.75)
    c.glow(*lantern, 90, colour="#fffbe6", power=1)
    _surf(c)
    figure(c, 878, 690, 62, "stand", -1, silhouette("#1c2436", "beanie", 0.16), "#f0b48a")
    rowing_boat(c, 300, 770, 92, "#3a2f3a")
    figure(c, 296, 768, 66, "sit", 1, silhouette("#1c2232", "cap"), "#ffc898")
    far_birds(c, 620, 420, 70, 8, "#33425f")
    return finish(c, 0.45)


def _headland(c: Canvas) -> None:
    """The cliff, with turf on top and rock in facets below."""
    edge = [
        (640, 800),
        (690, 765),
        (742, 752),
        (800, 716),
        (860, 690),
        (930, 668),
        (1010, 630),
        (1090, 612),
        (1180, 608),
        (1300, 624),
        (1420, 600),
        (1610, 574),
    ]
    c.shaded([*edge, (1610, 1075), (760, 1075), (700, 960), (655, 880)], "#4d4a58", "#151a2b")
    c.shaded(
        [
            *edge,
            (1610, 690),
            (1420, 690),
            (1240, 700),
            (1050, 706),
            (930, 740),
            (810, 775),
            (700, 795),
        ],
        "#6d6f58",
        "#2f3d40",
    )
    for _ in range(34):
        x, y = c.rng.uniform(700, 1560), c.rng.uniform(800, 1060)
        layer = [(x, y)]
        for _ in range(c.rng.randint(3, 7)):
            x, y = x + c.rng.uniform(20, 60), y + c.rng.uniform(-14, 7)
            layer.append((x, y))
        c.line(
            layer, veil(c.rng.choice(("#9a7f74", "#12162a", "#12162a")), 0.4), c.rng.uniform(1.5, 4)
        )
    for _ in range(15):
        x, y = c.rng.uniform(720, 1580), c.rng.uniform(770, 860)
        wide, deep = c.rng.uniform(18, 54), c.rng.uniform(140, 330)
        c.soft(
            [(x, y), (x + wide, y), (x + wide * 0.5 - 40, y + deep), (x - wide - 40, y + deep)],
            "#0c1022",
            9,
            0.42,
        )
    for shift in range(0, 60, 6):
        c.line(
            [
                (880 + shift, 694 - shift * 0.3),
                (960 + shift, 672 - shift * 0.1),
                (1060, 640),
                (1100, 616),
            ],
            veil("#c9ab86", 0.08),
            5,
        )
    tufts(c, 640, 760, ("#8a8462", "#3b4a46", "#b79c70"), 420, 16, 830, 1600)


def _tower(c: Canvas, x: float, base: float, height: float) -> None:
    """The tower with its gallery and lantern, and the keeper's cottage beside it."""
    top = base - height * 0.9
    c.shaded(
        [(x + 70, base - 74), (x + 250, base - 74), (x + 250, base + 14), (x + 70, base + 14)],
        "#d6c3b0",
        "#8d8690",
    )
    c.poly(
        [(x + 56, base - 70), (x + 92, base - 122), (x + 228, base - 122), (x + 264, base - 70)],
        "#4a3f50",
    )
    c.rect(x + 200, base - 150, x + 222, base - 112, "#7d6a6a")
    for left in (92, 196):
        c.shaded(
            [
                (x + left, base - 52),
                (x + left + 32, base - 52),
                (x + left + 32, base - 14),
                (x + left, base - 14),
            ],
            "#f6b95e",
            "#ffe3a0",
        )
        c.line([(x + left + 16, base - 52), (x + left + 16, base - 14)], "#5d4438", 2)
    c.glow(x + 160, base - 30, 190, 110, "#ffbb62", 0.45)
    c.rect(x + 146, base - 50, x + 172, base + 12, "#3b3448")
    half_foot, half_top = height * 0.105, height * 0.066
    for band in range(5):
        low, high = band / 5, (band + 1) / 5
        wide0 = half_foot + (half_top - half_foot) * low
        wide1 = half_foot + (half_top - half_foot) * high
        y0, y1 = base + 8 - (base + 8 - top) * low, base + 8 - (base + 8 - top) * high
        light, dark = ("#efdfc8", "#7d7688") if band % 2 == 0 else ("#b94d3c", "#5d2a38")
        c.shaded(
            [(x - wide0, y0), (x + wide0, y0), (x + wide1, y1), (x - wide1, y1)], light, dark, True
        )
    for level in (0.24, 0.5, 0.74):
        y = base - height * 0.9 * level
        c.rect(x - 6, y - 20, x + 7, y, "#ffcf7a" if level == 0.5 else "#2d3348")
    c.rect(x - half_top * 1.5, top - 8, x + half_top * 1.5, top + 4, "#2a2b3c")
    for i in range(9):
        px = x - half_top * 1.45 + half_top * 2.9 * i / 8
        c.line([(px, top - 8), (px, top - 26)], "#2a2b3c", 1.6)
    c.line([(x - half_top * 1.45, top - 26), (x + half_top * 1.45, top - 26)], "#2a2b3c", 2)
    c.rect(x - half_top * 0.72, top - 56, x + half_top * 0.72, top - 8, "#fff0bf")
    for i in range(4):
        px = x - half_top * 0.72 + half_top * 1.44 * i / 3
        c.line([(px, top - 56), (px, top - 8)], "#4a4148", 2)
    c.poly(
        [
            (x - half_top * 0.95, top - 54),
            (x - half_top * 0.5, top - 76),
            (x, top - 88),
            (x + half_top * 0.5, top - 76),
            (x + half_top * 0.95, top - 54),
        ],
        "#a3402f",
    )
    c.line([(x, top - 86), (x, top - 108)], "#2a2b3c", 2)


def _surf(c: Canvas) -> None:
    """Foam about the foot of the cliff."""
    for _ in range(260):
        share = c.rng.random()
        x, y = 640 + 130 * share + c.rng.gauss(0, 14), 800 + 262 * share + c.rng.gauss(0, 9)
        c.oval(
            x,
            y,
            c.rng.uniform(4, 22),
            c.rng.uniform(1, 4),
            veil("#f3e6da", c.rng.uniform(0.15, 0.6)),
        )
    for rock in ((560, 842, 40), (610, 900, 58), (520, 880, 22)):
        x, y, size = rock
        c.blob(
            [
                (x - size, y),
                (x - size * 0.5, y - size * 0.6),
                (x + size * 0.2, y - size * 0.75),
                (x + size, y),
                (x, y + size * 0.1),
            ],
            "#232739",
        )
        c.oval(x, y + 2, size * 1.4, 5, veil("#f3e6da", 0.5))


def fish_auction(c: Canvas) -> Image.Image:
    """First light on the fish quay: boxes of fish, boats alongside and a greedy sky of gulls."""
    y: float
    x: float
    sky(c, 560, ("#51708a", "#8aa3ac", "#d9c9b0", "#f6d6a2"), "#e9dcc6", 0.6)
    c.glow(360, 540, 520, 280, "#ffd390", 0.6)
    hills(c, 548, 56, "#8399a2", "#a8ada6", 1.6)
    skyline(c, 552, 700, 1650, 60, "#7f8d96", "#ffe0a0", 0.15)
    c.ramp(550, 780, [(0, "#e6cfaa"), (0.4, "#93a7ab"), (1, "#47677a")])
    glitter(c, 360, 556, 770, "#fff2d0", 170, 200, 0.7)
    ripples(c, 556, 780, "#3a5a6c", 130, 0.4)
    for x, y, length, hull, band, face in (
        (210, 690, 300, "#2f5d6b", "#e0b45c", 1),
        (700, 716, 400, "#8c3b32", "#ead9b8", -1),
        (1270, 712, 380, "#2d4a70", "#d98e4a", 1),
    ):
        c.soft(
            [
                (x - length * 0.45, y),
                (x + length * 0.5, y),
                (x + length * 0.4, y + 70),
                (x - length * 0.4, y + 70),
            ],
            "#1d3442",
            10,
            0.6,
        )
        boat(c, x, y, length, hull, band, face, lamp="#ffd58a")
    c.shaded([(-5, 772), (1605, 758), (1605, 1075), (-5, 1075)], "#a89c8c", "#4d5258")
    c.shaded([(-5, 764), (1605, 750), (1605, 768), (-5, 784)], "#d8c8a8", "#8a8478", True)
    for _ in range(46):
        x, y = c.rng.uniform(0, 1600), c.rng.uniform(800, 1060)
        c.oval(x, y, c.rng.uniform(30, 120), c.rng.uniform(2, 7), veil("#f0dcb4", 0.16))
    for x in (118, 980, 1540):
        c.shaded(
            [(x - 15, 738), (x + 15, 738), (x + 12, 792), (x - 12, 792)], "#4a4a50", "#23262c", True
        )
        c.oval(x, 738, 22, 8, "#5c5a5c")
    for x, y, tall, pose, face, coat, hat in (
        (498, 870, 226, "talk", 1, "#c98a2c", "beanie"),
        (610, 878, 218, "stand", -1, "#3a4c5c", "cap"),
        (700, 872, 206, "stand", -1, "#7a4038", "tail"),
        (1180, 880, 226, "bend", 1, "#d39a35", "beanie"),
    ):
        c.soft(
            [(x - 50, y - 6), (x + 60, y - 6), (x + 190, y + 30), (x + 80, y + 34)],
            "#2a3036",
            8,
            0.5,
        )
        figure(
            c,
            x,
            y,
            tall,
            pose,
            face,
            Outfit(coat, "#2f3a44", "#c08c6c", "#3a2a22", hat, 0.1),
            "#ffe2ac",
        )
    for row, (y, size, left) in enumerate(((868, 112, 820), (950, 140, 90), (1046, 172, -60))):
        for i in range(13):
            x = left + i * size * 1.12
            if row == 0 and not 840 < x < 1120 and x < 1300:
                continue
            fish_box(c, x + c.rng.uniform(-4, 4), y + c.rng.uniform(-3, 3), size)
    for _ in range(15):
        span = c.rng.uniform(40, 150)
        gull(
            c,
            c.rng.uniform(60, 1560),
            c.rng.uniform(70, 470),
            span,
            "#f7f2e6",
            "#6b7680",
            c.rng.uniform(-0.4, 0.4),
        )
    gull(c, 1000, 250, 230, "#fbf6ea", "#596470", 0.25)
    return finish(c, 0.38)


def fish_box(c: Canvas, x: float, y: float, size: float) -> None:
    """A shallow box of fish on ice, standing on its foot line."""
    tone = c.rng.choice(("#c07a3a", "#5f7f86", "#b8603e", "#d0a860"))
    back, front, rim = y - size * 0.46, y - size * 0.26, size * 0.035
    c.poly(
        [(x + size * 0.08, back), (x + size * 0.92, back), (x + size, front), (x, front)], "#e4ebea"
    )
    for i in range(9):
        fx = x + size * (0.13 + 0.086 * i)
        lean = c.rng.uniform(-0.05, 0.05) * size
        belly = c.rng.choice(("#9fb0b6", "#c4ccca", "#7d929c", "#b0a898"))
        c.blob(
            [
                (fx, back + size * 0.01),
                (fx + size * 0.045, back + size * 0.08),
                (fx + lean + size * 0.02, front - size * 0.01),
                (fx - size * 0.03, back + size * 0.09),
            ],
            belly,
        )
        c.line(
            [(fx - size * 0.012, back + size * 0.04), (fx + lean, front - size * 0.04)],
            veil("#42545e", 0.6),
            size * 0.012,
        )
    c.shaded(
        [(x, front), (x + size, front), (x + size * 0.97, y), (x + size * 0.03, y)],
        mix(tone, "#fff0d8", 0.12),
        mix(tone, "#0c1218", 0.35),
    )
    c.rect(x - rim, front - rim, x + size + rim, front + rim, mix(tone, "#fff0d8", 0.35))
    c.rect(
        x + size * 0.38,
        front + size * 0.08,
        x + size * 0.62,
        front + size * 0.12,
        mix(tone, "#000000", 0.6),
    )


def starlings(c: Canvas) -> Image.Image:
    """A murmuration turning above the reeds at sunset, and the crowd that came to see it."""
    sky(c, 720, ("#3b4a70", "#7d7391", "#d98f7c", "#f8b56c", "#ffdb94"), "#5a5478", 0.5)
    c.glow(1130, 715, 620, 330, "#ffcf7a", 0.7)
    c.oval(1130, 700, 44, 44, "#fff0bf")
    hills(c, 726, 70, "#8f6d78", "#b98576", 1.4, 5)
    c.ramp(724, 1067, [(0, "#f3b97e"), (0.4, "#b3787a"), (1, "#333a58")])
    _flock(c)
    reflect(c, 724, "#7d5d70", 0.25, 10)
    glitter(c, 1130, 730, 1000, "#fff0c0", 120, 220, 0.6)
    ripples(c, 735, 1067, "#3a3552", 130, 0.35)
    c.soft([(-50, 722), (1650, 716), (1650, 742), (-50, 740)], "#6d4a58", 6, 0.6)
    for left, right, y, tall in ((-20, 520, 830, 90), (1240, 1640, 822, 80)):
        reeds(c, y, tall, "#5d4450", 260, left, right)
    c.blob([(-60, 1000), (120, 946), (420, 940), (720, 985), (760, 1100), (-60, 1100)], "#241f30")
    crowd = (
        (150, 950, 150, "point", 1, ""),
        (212, 952, 142, "stand", 1, "beanie"),
        (268, 950, 96, "stand", 1, "hood"),
        (330, 950, 146, "stand", 1, "long"),
        (420, 956, 150, "raise", 1, "cap"),
        (508, 966, 138, "stand", 1, "hood"),
        (560, 972, 90, "point", 1, "beanie"),
        (70, 958, 148, "stand", 1, "hood"),
    )
    for x, y, tall, pose, face, hat in crowd:
        figure(c, x, y, tall, pose, face, silhouette("#1d1a2a", hat, 0.16), "#ffb877")
    reeds(c, 1080, 190, "#231d2c", 420, -20, 1640)
    reeds(c, 1085, 320, "#1b1724", 90, 1200, 1640)
    return finish(c, 0.45)


def _flock(c: Canvas) -> None:
    """Thousands of birds along a twisting ribbon, thick where it folds upon itself."""

    def spine(t: float) -> Point:
        return (
            170 + 1160 * t + 130 * math.sin(7.4 * t + 0.4),
            355 + 125 * math.cos(5.4 * t + 0.5) - 90 * t,
        )

    for _ in range(13500):
        t = min(1, max(0, c.rng.betavariate(1.5, 1.7)))
        x, y = spine(t)
        wide = 18 + 140 * math.sin(math.pi * t) ** 1.1 * (0.6 + 0.4 * math.sin(8 * t - 0.8))
        angle, out = c.rng.uniform(0, 6.283), c.rng.random() ** 0.62
        x += math.cos(angle) * wide * 1.5 * out
        y += math.sin(angle) * wide * out + 0.25 * math.cos(angle) * wide
        size = c.rng.uniform(1.1, 2.6)
        tone = veil("#2b2438", c.rng.uniform(0.4, 0.95))
        tilt = c.rng.uniform(-0.6, 0.6)
        c.poly(
            [
                (x - size * 1.5, y - size * tilt),
                (x, y - size * 0.5),
                (x + size * 1.5, y + size * tilt),
                (x, y + size * 0.6),
            ],
            tone,
        )
    for _ in range(220):
        x, y = c.rng.uniform(120, 1500), c.rng.gauss(380, 130)
        c.oval(x, y, 1.6, 1, veil("#2b2438", 0.6))


def tide_chart(c: Canvas) -> Image.Image:
    """The tide board on a pier leg, with the water high on it and weed below the mark."""
    sky(c, 600, ("#6f8793", "#a3b1b2", "#d3d0c0", "#e6d8b8"), "#c4c9c4", 0.8)
    hills(c, 604, 40, "#8c9aa0", "#a3a9a6", 1.2)
    skyline(c, 603, 980, 1420, 40, "#8a969c")
    c.ramp(600, 1067, [(0, "#cfd0c0"), (0.3, "#7f979c"), (1, "#2d4852")])
    ripples(c, 608, 1067, "#2c4a54", 260, 0.4)
    ripples(c, 608, 1067, "#f0ead2", 130, 0.4)
    for x, wide in ((1010, 30), (1180, 36), (1420, 46)):
        _pile(c, x, 440, 690 + (x - 1010) * 0.35, wide)
    c.shaded([(820, 390), (1605, 320), (1605, 436), (820, 450)], "#6a5a4e", "#2f2c2e")
    for i in range(12):
        x = 830 + i * 68
        c.line([(x, 390 - (x - 820) * 0.09), (x, 450 - (x - 820) * 0.018)], "#29262a", 3)
    railing(c, 850, 1610, 374, 92, "#3c3a3e", 84)
    figure(
        c,
        1250,
        362,
        210,
        "stand",
        -1,
        Outfit("#c99a35", "#2f3b45", "#b98768", "#3a2c26", "beanie", 0.12),
        "#f4e8cc",
    )
    _pile(c, 560, 150, 860, 150)
    _gauge(c, 512, 190, 96, 800)
    c.soft([(430, 845), (700, 845), (720, 900), (420, 900)], "#1f3942", 10, 0.7)
    for i in range(6):
        c.ring(562, 862 + i * 9, 120 + i * 44, 12 + i * 7, veil("#eef0de", 0.34 - 0.05 * i), 1.6)
    gull(c, 240, 260, 150, "#f6f4ea", "#66727a", 0.3)
    gull(c, 120, 420, 70, "#eef0ea", "#7a868c", -0.2)
    settled_gull(c, 560, 150)
    rain(c, 120, "#e8ece8", 0.1)
    return finish(c, 0.4)


def settled_gull(c: Canvas, x: float, y: float) -> None:
    """A gull that has settled on something."""
    c.line([(x - 8, y), (x - 8, y - 24)], "#c98a4a", 3)
    c.line([(x + 8, y), (x + 8, y - 24)], "#c98a4a", 3)
    c.blob(
        [
            (x - 74, y - 34),
            (x - 20, y - 66),
            (x + 30, y - 76),
            (x + 46, y - 52),
            (x + 14, y - 20),
            (x - 30, y - 22),
        ],
        "#f4f1e6",
    )
    c.blob([(x - 78, y - 36), (x - 30, y - 60), (x + 12, y - 56), (x - 10, y - 34)], "#8c979e")
    c.oval(x + 42, y - 80, 19, 17, "#f8f5ea")
    c.poly([(x + 56, y - 86), (x + 82, y - 76), (x + 56, y - 74)], "#dca03c")
    c.oval(x + 47, y - 84, 2.4, 2.4, "#22252a")


def _pile(c: Canvas, x: float, top: float, water: float, wide: float) -> None:
    """A timber pile standing in the water, weedy towards its foot."""
    left, right = x - wide / 2, x + wide / 2
    c.shaded([(left, top), (right, top), (right, water), (left, water)], "#8a7460", "#3c3230", True)
    for _ in range(round(wide / 4)):
        gx = c.rng.uniform(left, right)
        c.line([(gx, top), (gx + c.rng.uniform(-3, 3), water)], veil("#2a2220", 0.35), 1.4)
    c.shaded(
        [(left, water - wide * 1.3), (right, water - wide * 1.1), (right, water), (left, water)],
        "#5d5f42",
        "#26322a",
    )
    for _ in range(round(wide * 1.4)):
        gx, gy = c.rng.uniform(left - 2, right), water - wide * c.rng.uniform(0, 1.25)
        c.limb(
            (gx, gy),
            (gx + c.rng.uniform(-6, 6), gy + wide * 0.16),
            3.4,
            1.4,
            c.rng.choice(("#3f4a2c", "#586038", "#26321f")),
        )
    c.oval(x, water, wide * 0.7, wide * 0.06, veil("#e4e8d8", 0.5))


def _gauge(c: Canvas, x: float, top: float, width: float, bottom: float) -> None:
    """The board: black and white steps, a red mark for the flood, weed where it is often wet."""
    c.rect(x + 8, top + 8, x + width + 8, bottom + 6, veil("#17191c", 0.5))
    c.shaded([(x, top), (x + width, top), (x + width, bottom), (x, bottom)], "#f3ecd8", "#c4bfae")
    step = 25
    for i in range(int((bottom - top) / step)):
        y = top + i * step
        if i % 2 == 0:
            reach = 0.72 if i % 10 == 0 else 0.42
            c.rect(
                x + (1 - reach) * width if i % 20 < 10 else x,
                y,
                x + width if i % 20 < 10 else x + reach * width,
                y + step,
                "#25282b",
            )
    c.rect(x - 12, top + 176, x + width + 12, top + 188, "#c5402f")
    c.poly([(x - 12, top + 182), (x - 52, top + 160), (x - 52, top + 204)], "#c5402f")
    c.shaded(
        [(x, bottom - 190), (x + width, bottom - 160), (x + width, bottom), (x, bottom)],
        "#8a8560",
        "#39442f",
    )
    for y in range(int(bottom - 150), int(bottom), 50):
        c.rect(x + width * 0.3, y, x + width, y + 24, veil("#1d231c", 0.5))


def ice_swim(c: Canvas) -> Image.Image:
    """The tidal pool under ice at daybreak, a hole cut at the steps, and swimmers steaming."""
    sky(c, 522, ("#8fa6bd", "#bcc6d0", "#ecd2c2", "#ffdcb0"), "#e6dcd8", 0.5)
    c.glow(1180, 490, 520, 260, "#ffcf98", 0.6)
    range_of_hills(c, 506, 90, "#b3bdca", "#8d9db0", 2, 10)
    c.ramp(520, 1067, [(0, "#e9d9cf"), (0.3, "#c2d0da"), (1, "#8aa5b8")])
    c.glow(1180, 560, 420, 120, "#ffe2b8", 0.6)
    for _ in range(70):
        x, y = c.rng.uniform(-50, 1600), c.rng.uniform(560, 1060)
        points = [(x, y)]
        for _ in range(4):
            x, y = x + c.rng.uniform(30, 120), y + c.rng.uniform(-16, 16)
            points.append((x, y))
        c.line(points, veil("#f8fafa", 0.45), c.rng.uniform(0.8, 2))
    c.shaded([(-5, 520), (1605, 506), (1605, 548), (-5, 566)], "#9a9aa2", "#676e7c")
    _bathing_huts(c)
    railing(c, -10, 1610, 520, 66, "#4d5666", 92)
    hole = [
        (480, 720),
        (700, 668),
        (980, 672),
        (1180, 728),
        (1210, 830),
        (980, 908),
        (660, 900),
        (470, 820),
    ]
    c.blob([(x, y + 14) for x, y in hole], "#f6f9f8")
    c.shaded(smooth(hole), "#55788c", "#16303f")
    for _ in range(60):
        c.oval(
            c.rng.uniform(540, 1140),
            c.rng.uniform(720, 870),
            c.rng.uniform(10, 50),
            1.6,
            veil("#c7dbe2", 0.3),
        )
    for x, y, size in ((620, 780, 90), (1040, 850, 70), (560, 730, 40)):
        c.poly(
            [
                (x, y),
                (x + size, y - size * 0.2),
                (x + size * 1.3, y + size * 0.12),
                (x + size * 0.3, y + size * 0.3),
            ],
            "#e8f0f2",
        )
        c.line(
            [(x, y), (x + size * 0.3, y + size * 0.3), (x + size * 1.3, y + size * 0.12)],
            "#9fbac8",
            4,
        )
    for x, y, cap in ((800, 762, "#c2463a"), (905, 800, "#e3a93c"), (1010, 748, "#2f5c78")):
        _swimmer(c, x, y, cap)
    _pool_steps(c)
    return finish(c, 0.3, bloom=0.3)


def _bathing_huts(c: Canvas) -> None:
    """A row of huts along the promenade, snow on every roof."""
    for index, x in enumerate(range(60, 960, 112)):
        tone = ("#c2604e", "#e3b868", "#5f8a94", "#efe6d2", "#7d9478")[index % 5]
        c.shaded(
            [(x, 400), (x + 92, 400), (x + 92, 516), (x, 516)], tone, mix(tone, "#33405c", 0.35)
        )
        c.poly([(x - 10, 404), (x + 46, 338), (x + 102, 404)], mix(tone, "#33405c", 0.45))
        c.poly(
            [
                (x - 14, 404),
                (x + 46, 328),
                (x + 106, 404),
                (x + 94, 404),
                (x + 46, 346),
                (x - 2, 404),
            ],
            "#fdfcf8",
        )
        c.rect(x + 28, 430, x + 64, 516, mix(tone, "#1f2a40", 0.5))
        for plank in range(12, 92, 13):
            c.line([(x + plank, 404), (x + plank, 516)], veil("#2c3650", 0.2), 1.2)


def _swimmer(c: Canvas, x: float, y: float, cap: str) -> None:
    """A head and shoulders in the water, with rings and a cloud of breath."""
    for i in range(4):
        c.ring(x, y + 8, 52 + 24 * i, 11 + 6 * i, veil("#dcebf0", 0.5 - 0.1 * i), 1.6)
    c.blob(
        [(x - 44, y + 10), (x - 34, y - 10), (x, y - 18), (x + 34, y - 10), (x + 44, y + 10)],
        "#d29a7c",
    )
    c.limb((x, y - 16), (x, y - 34), 18, 18, "#c48c6e")
    c.oval(x, y - 46, 19, 23, "#d8a384")
    c.blob(
        [(x - 20, y - 50), (x - 16, y - 68), (x, y - 75), (x + 16, y - 68), (x + 20, y - 50)], cap
    )
    for i in range(6):
        c.soft(
            [
                (x + 24 + 20 * i, y - 48 - 12 * i),
                (x + 60 + 24 * i, y - 66 - 14 * i),
                (x + 70 + 20 * i, y - 40 - 12 * i),
            ],
            "#ffffff",
            10,
            0.5 - 0.07 * i,
        )


def _pool_steps(c: Canvas) -> None:
    """The stone steps in the near corner, with towels, boots and two people deciding."""
    for i in range(6):
        y = 880 + i * 36
        c.shaded(
            [(-5, y), (560 - i * 76, y), (580 - i * 80, y + 36), (-5, y + 36)], "#e9e6e2", "#8791a0"
        )
        c.line([(-5, y), (560 - i * 76, y)], "#fbfaf6", 3)
    c.line([(430, 900), (430, 700), (520, 690), (560, 790)], "#46566a", 8)
    for x, y, tall, coat, hat, pose, face in (
        (180, 884, 300, "#8f3f3a", "beanie", "talk", 1),
        (318, 888, 282, "#33506c", "hood", "stand", -1),
    ):
        figure(
            c,
            x,
            y,
            tall,
            pose,
            face,
            Outfit(coat, "#caa080", "#d09c7c", "#4a3428", hat, 0.2, True),
            "#fff0d8",
        )
        c.soft(
            [
                (x + 40 * face, y - tall * 0.93),
                (x + 100 * face, y - tall),
                (x + 110 * face, y - tall * 0.88),
            ],
            "#ffffff",
            12,
            0.6,
        )


def eel_river(c: Canvas) -> Image.Image:
    """The weir by moonlight with the eel pass down its side, and a counter with a lantern."""
    sky(c, 520, ("#0c1a33", "#193252", "#3a5d78", "#6d8c98"), "#2c4a68", 0.6)
    stars(c, 150, 360)
    moon(c, 1050, 170, 46)
    range_of_hills(c, 486, 120, "#3f5f76", "#213a4c", 3, 16, 16)
    c.ramp(500, 690, [(0, "#7ba0aa"), (1, "#3b6076")])
    ripples(c, 504, 680, "#10243a", 120, 0.4)
    glitter(c, 1050, 504, 680, "#f7f1d2", 110, 190, 0.8)
    c.shaded([(-5, 676), (1605, 664), (1605, 800), (-5, 836)], "#b5ccd2", "#27475c")
    for _ in range(620):
        x = c.rng.uniform(0, 1600)
        y = 672 + c.rng.uniform(0, 70)
        c.line(
            [(x, y), (x + c.rng.uniform(-8, 8), y + c.rng.uniform(24, 78))],
            veil("#eef6f2", c.rng.uniform(0.08, 0.4)),
            c.rng.uniform(0.8, 2.4),
        )
    c.ramp(798, 1067, [(0, "#4a7286"), (0.4, "#1f3f55"), (1, "#0b1a2b")])
    for _ in range(420):
        x, near = c.rng.uniform(0, 1600), c.rng.random() ** 2
        c.oval(
            x,
            812 + 110 * near,
            c.rng.uniform(6, 40),
            c.rng.uniform(1, 6),
            veil("#f2f8f4", (1 - near) * 0.5),
        )
    glitter(c, 1040, 830, 1067, "#f7f1d2", 200, 190, 0.55)
    _eel_pass(c)
    for x, tall in ((60, 520), (1510, 600)):
        bare_tree(c, x, 690, tall, "#0b1726", 0.1 if x < 500 else -0.1)
    c.blob([(-40, 1100), (-40, 700), (140, 690), (330, 760), (380, 900), (300, 1100)], "#0c1828")
    figure(c, 250, 786, 250, "bend", 1, silhouette("#101b2a", "beanie", 0.08), "#e6a75a")
    c.oval(352, 776, 10, 14, "#ffe9b0")
    c.glow(352, 776, 240, colour="#ffb45a", power=0.9)
    tufts(c, 760, 1060, ("#16283a", "#22384a"), 220, 30, -10, 330)
    reeds(c, 1085, 190, "#091422", 120, 1180, 1620)
    mist(c, 500, 130, "#a5c0c8", 0.45)
    return finish(c, 0.5, bloom=0.55)


def _eel_pass(c: Canvas) -> None:
    """A sloping trough with bristles up the face of the weir."""
    c.shaded([(430, 650), (520, 646), (640, 900), (500, 912)], "#5d6a6c", "#202e38")
    c.shaded([(446, 654), (506, 650), (606, 892), (520, 900)], "#7f9690", "#2f4a50")
    for i in range(15):
        for j in range(5):
            t = i / 15
            left, right = 450 + 74 * t, 506 + 96 * t
            x, y = left + (right - left) * (j + 0.5) / 5, 662 + 232 * t
            c.line([(x, y), (x - 2, y - 10)], "#16262c", 2.4)
    for x, y in ((520, 760), (556, 838)):
        c.line([(x, y), (x + 10, y + 14), (x + 4, y + 28), (x + 14, y + 42)], "#0c151b", 5)


def oyster_beds(c: Canvas) -> Image.Image:
    """Low tide: trestles and sacks of oysters on wet sand, and a tractor far out."""
    sky(c, 430, ("#8fa9ae", "#bfc9c0", "#e6d9bb", "#f3dcae"), "#e2ddca", 0.6)
    c.glow(520, 420, 520, 230, "#ffe0a0", 0.55)
    hills(c, 436, 50, "#93a5a4", "#b3b5a4", 1.3)
    c.ramp(430, 1067, [(0, "#dcd3b3"), (0.3, "#b3a98c"), (1, "#6f6a5c")])
    for _ in range(90):
        near = c.rng.random() ** 1.6
        x, y = c.rng.uniform(-100, 1700), 440 + 620 * near
        c.oval(
            x,
            y,
            40 + 240 * near,
            2 + 14 * near,
            veil(c.rng.choice(("#eef0e0", "#8fa3a4", "#5a574c")), 0.28),
        )
    c.glow(520, 470, 300, 60, "#fff2cc", 0.7)
    vanish = (560, 405)
    for lane in (-4.4, -2.6, -0.8, 1.0, 2.8, 4.8, 7.2):
        for step in range(15, -1, -1):
            scale = 1 / (1 + step * 0.42)
            _trestle(
                c, vanish[0] + lane * 250 * scale, vanish[1] + 600 * scale, 190 * scale, step / 15
            )
    for x, y, tall, pose, face, coat in (
        (760, 860, 290, "bend", 1, "#c7852f"),
        (1060, 640, 150, "carry", -1, "#3d5a64"),
        (360, 560, 92, "stand", 1, "#8a4a3a"),
    ):
        c.oval(x, y + 2, tall * 0.34, tall * 0.04, veil("#3c3a34", 0.5))
        figure(
            c,
            x,
            y,
            tall,
            pose,
            face,
            Outfit(coat, "#3b4a44", "#bd8a68", "#3a2d26", "beanie"),
            "#fff0cc",
        )
    _tractor(c, 1330, 520, 120)
    for x, y, s in ((220, 190, 90), (340, 240, 60), (1180, 170, 74)):
        gull(c, x, y, s, "#f7f3e6", "#70797a", c.rng.uniform(-0.3, 0.3))
    return finish(c, 0.36)


def _trestle(c: Canvas, x: float, y: float, size: float, air: float) -> None:
    """One iron trestle with two sacks on it, and its reflection in the wet."""
    iron = mix("#3f3a34", "#c4bc9e", air)
    sack = mix(c.rng.choice(("#55584c", "#666352", "#494c46")), "#cdc5a6", air)
    c.oval(x, y + size * 0.06, size * 0.66, size * 0.08, veil("#45443a", 0.4 * (1 - air)))
    for dx in (-0.5, -0.12, 0.12, 0.5):
        c.line([(x + dx * size, y), (x + dx * size * 0.96, y - size * 0.34)], iron, size * 0.03)
    for shift in (-0.3, 0.28):
        c.blob(
            [
                (x + (shift - 0.3) * size, y - size * 0.31),
                (x + (shift - 0.26) * size, y - size * 0.43),
                (x + shift * size, y - size * 0.46),
                (x + (shift + 0.26) * size, y - size * 0.42),
                (x + (shift + 0.3) * size, y - size * 0.3),
            ],
            sack,
        )
        c.line(
            [
                (x + (shift - 0.2) * size, y - size * 0.4),
                (x + (shift + 0.2) * size, y - size * 0.41),
            ],
            veil("#f4ebcc", 0.35),
            size * 0.02,
        )


def _tractor(c: Canvas, x: float, y: float, size: float) -> None:
    """An old tractor with a flat trailer."""
    c.rect(x + size * 0.5, y - size * 0.3, x + size * 1.6, y - size * 0.22, "#5a4a3e")
    for i in range(5):
        c.blob(
            [
                (x + size * (0.55 + 0.2 * i), y - size * 0.3),
                (x + size * (0.6 + 0.2 * i), y - size * 0.44),
                (x + size * (0.74 + 0.2 * i), y - size * 0.3),
            ],
            "#545648",
        )
    c.oval(x + size * 1.3, y - size * 0.12, size * 0.12, size * 0.12, "#2d2a28")
    c.shaded(
        [
            (x - size * 0.7, y - size * 0.62),
            (x, y - size * 0.62),
            (x, y - size * 0.22),
            (x - size * 0.7, y - size * 0.26),
        ],
        "#a3483a",
        "#64302c",
    )
    c.line([(x - size * 0.45, y - size * 0.62), (x - size * 0.45, y - size * 0.9)], "#33302e", 4)
    figure(c, x + size * 0.08, y - size * 0.18, size * 0.9, "sit", -1, silhouette("#3a3a3a", "cap"))
    c.oval(x + size * 0.14, y - size * 0.28, size * 0.3, size * 0.3, "#2d2a28")
    c.oval(x + size * 0.14, y - size * 0.28, size * 0.14, size * 0.14, "#b58a4a")
    c.oval(x - size * 0.56, y - size * 0.14, size * 0.16, size * 0.16, "#2d2a28")


def strand(c: Canvas) -> Image.Image:
    """The Strand across the harbour on a clear morning: gables, masts, and all of it twice."""
    x: float
    sky(c, 660, ("#6ba0b4", "#a6c4c2", "#ead9b8", "#f7dcae"), "#f8ead0", 0.6)
    church(c, 1130, 640, 420, "#9aa5a8", "#75858c")
    skyline(c, 650, -20, 1640, 230, "#a9aba4", "#fff0c0", 0.05)
    house_row(
        c,
        668,
        -40,
        1660,
        250,
        ("#c9785a", "#e0b878", "#efe0c4", "#8fa39a", "#b8584a", "#d9a58a", "#6f8c9c"),
        "#6b4840",
        "#ffe0a0",
        0.06,
        ("gable", "step", "eaves", "gable"),
        "#46586a",
        0.45,
    )
    c.shaded([(-5, 664), (1605, 664), (1605, 716), (-5, 716)], "#cdb694", "#6f6560")
    for x in range(30, 1600, 66):
        c.line([(x, 668), (x, 716)], veil("#4a4444", 0.3), 2)
    crowd = [
        (x, c.rng.choice(("walk", "stand", "talk", "walk")), c.rng.choice((-1, 1)))
        for x in sorted(c.rng.uniform(20, 1580) for _ in range(34))
    ]
    for x, pose, face in crowd:
        coat = c.rng.choice(("#38506a", "#a1483c", "#4f5f4a", "#d09a48", "#5d4252"))
        figure(
            c,
            x,
            672,
            c.rng.uniform(44, 56),
            pose,
            face,
            Outfit(coat, "#2f3540", hat=c.rng.choice(("", "long", "cap")), skirt=0.12),
        )
    for x, length, hull, band, face in (
        (250, 230, "#2f5a6a", "#efd9a8", 1),
        (860, 270, "#9c3f35", "#efe2c4", -1),
        (1330, 220, "#2f6450", "#e5b45a", 1),
    ):
        boat(c, x, 716, length, hull, band, face)
    reflect(c, 722, "#5c8a98", 0.3, 8)
    ripples(c, 726, 1067, "#e9f0e4", 150, 0.4)
    ripples(c, 726, 1067, "#2f5a6c", 170, 0.35)
    rowing_boat(c, 640, 940, 240, "#c9923e")
    figure(c, 620, 950, 150, "sit", 1, Outfit("#33506a", "#3a3d44", hat="cap"), "#fff0d0")
    c.line([(650, 872), (800, 960)], "#8a6a48", 5)
    for x, y, s in ((420, 160, 80), (520, 220, 54), (1380, 130, 66)):
        gull(c, x, y, s)
    return finish(c, 0.32)


def harbour(c: Canvas) -> Image.Image:
    """Boats at anchor at first light, the sun just clear of the far bank."""
    sky(c, 520, ("#44597c", "#8b88a0", "#e5a58c", "#ffc98a", "#ffe2a8"), "#f6b994", 0.55)
    c.glow(760, 520, 620, 330, "#ffd489", 0.75)
    c.oval(760, 488, 38, 38, "#fff6d0")
    range_of_hills(c, 530, 110, "#c9948e", "#8a6f84", 3, 6, 4)
    c.ramp(542, 1067, [(0, "#f6c694"), (0.2, "#b88f90"), (1, "#5a5a7c")])
    skyline(c, 546, 1080, 1620, 70, "#6f5b74", "#ffdf9a", 0.12)
    church(c, 1260, 546, 190, "#6a566f")
    for x, y, length, face in (
        (330, 600, 200, 1),
        (980, 590, 150, -1),
        (640, 572, 90, 1),
        (1450, 604, 190, -1),
    ):
        boat(
            c,
            x,
            y,
            length,
            mix("#3b3650", "#8a6a78", 0.25 if length > 120 else 0.5),
            "#c98a6c",
            face,
        )
    reflect(c, 606, "#8a6f88", 0.25, 14)
    glitter(c, 760, 612, 1067, "#fff0bd", 150, 380, 0.75)
    ripples(c, 612, 1067, "#2f3354", 200, 0.35)
    c.soft([(120, 862), (640, 862), (600, 960), (180, 960)], "#1d2038", 14, 0.6)
    boat(c, 380, 860, 520, "#2b2f48", "#c9704e", 1, lamp="#ffcf80")
    c.glow(255, 730, 120, colour="#ffc46a", power=0.6)
    figure(c, 430, 808, 150, "pull", 1, silhouette("#1f2238", "beanie"), "#ffc48a")
    mist(c, 600, 120, "#ffe0b8", 0.5)
    for x, y, s in ((980, 300, 80), (1080, 250, 56), (1190, 330, 48), (560, 220, 44)):
        gull(c, x, y, s, "#6a6078", "#4a4664", c.rng.uniform(-0.3, 0.3))
    return finish(c, 0.42)


def boatshed(c: Canvas) -> Image.Image:
    """The open end of the boatshed at dusk: the band at practice inside, dark against the lamps."""
    sky(c, 700, ("#1c2f4c", "#3f5a78", "#8b8c9c", "#d8a68a"), "#2b4060", 0.6)
    c.glow(150, 690, 460, 220, "#ff9d62", 0.45)
    hills(c, 706, 80, "#4a5a70", "#6d6f80", 1.5, 6)
    c.ramp(700, 1067, [(0, "#b08f88"), (0.3, "#4d6078"), (1, "#14223a")])
    c.shaded([(370, 330), (860, 120), (1370, 330), (1370, 800), (370, 800)], "#3c3a44", "#1f222e")
    for x in range(380, 1370, 28):
        c.line([(x, 330), (x, 800)], veil("#0e111a", 0.45), 2)
    c.poly([(330, 352), (860, 96), (1410, 352), (1386, 372), (860, 130), (352, 372)], "#1a1c28")
    opening = [
        (460, 800),
        (460, 400),
        (620, 318),
        (860, 262),
        (1100, 318),
        (1280, 400),
        (1280, 800),
    ]
    c.shaded(opening, "#5d3220", "#b8702e")
    c.glow(870, 560, 520, 320, "#ffb75c", 0.4)
    for x0, x1 in ((460, 640), (1280, 1090)):
        c.line([(x0, 400), (x1, 800)], veil("#5a3420", 0.5), 8)
    for level in (330, 420):
        c.line([(470, level + 90), (1270, level + 90)], veil("#5a3420", 0.5), 7)
    c.blob([(560, 420), (860, 376), (1180, 420), (1080, 462), (640, 462)], veil("#5d3420", 0.75))
    for x in (640, 870, 1090):
        c.line([(x, 300), (x, 430)], "#3a2018", 2)
        c.oval(x, 438, 13, 15, "#fff4cc")
        c.glow(x, 438, 170, colour="#ffd27a", power=0.8)
    _band(c)
    reflect(c, 812, "#1f3450", 0.4, 18)
    ripples(c, 818, 1067, "#0f1b30", 170, 0.45)
    ripples(c, 818, 1067, "#ffcf8c", 60, 0.35, 430, 1320)
    c.shaded([(340, 796), (1400, 796), (1440, 822), (300, 822)], "#5a4438", "#231d22")
    rowing_boat(c, 180, 880, 230, "#6a3c34")
    for x in (330, 1405):
        c.limb((x, 900), (x, 740), 20, 17, "#1a1a24")
    return finish(c, 0.48, bloom=0.6)


def _band(c: Canvas) -> None:
    """Nine players in silhouette with their brass."""
    dark = "#1d1018"
    for index, x in enumerate((530, 615, 700, 785, 880, 975, 1060, 1145, 1215)):
        tall = 228 + (index * 37) % 26
        face = 1 if x < 880 else -1
        hat = ("cap", "", "tail", "", "cap", "long", "", "cap", "")[index]
        pose = "raise" if index == 4 else "blow"
        at = figure(c, x, 798, tall, pose, face, silhouette(dark, hat, 0.05), "#ffcf86")
        mouth = (at["head"][0] + face * 12, at["head"][1] + 5)
        if index in (0, 8):
            tuba(c, at["near_hand"], face, 92)
        elif index in (2, 6):
            slide = (mouth[0] + face * 92, mouth[1] + 34)
            for shift in (0, 12):
                c.line([(mouth[0], mouth[1] + shift), (slide[0], slide[1] + shift)], "#e8b04c", 3.4)
            c.poly(
                [
                    (mouth[0] + face * 34, mouth[1] - 2),
                    (mouth[0] + face * 74, mouth[1] - 22),
                    (mouth[0] + face * 74, mouth[1] + 22),
                ],
                "#d89a3a",
            )
        elif index == 4:
            c.line([at["far_hand"], (at["far_hand"][0] + 34, at["far_hand"][1] - 36)], "#fff0d0", 3)
        else:
            bell = (mouth[0] + face * 62, mouth[1] + 3)
            c.line([mouth, bell], "#e8b04c", 5)
            c.line(
                [(mouth[0] + face * 14, mouth[1] + 13), (mouth[0] + face * 46, mouth[1] + 13)],
                "#b87a2c",
                4,
            )
            c.poly(
                [
                    (bell[0] - face * 16, bell[1]),
                    (bell[0] + face * 6, bell[1] - 15),
                    (bell[0] + face * 6, bell[1] + 15),
                ],
                "#f2c05c",
            )


def tuba(c: Canvas, hand: Point, face: int, size: float) -> None:
    """A tuba, bell upwards."""
    x, y = hand[0] + face * 6, hand[1] + size * 0.35
    c.ring(x, y, size * 0.3, size * 0.44, "#c98a34", size * 0.1)
    c.line([(x, y + size * 0.2), (x + face * size * 0.04, y - size * 0.5)], "#dca044", size * 0.13)
    c.poly(
        [
            (x - size * 0.08, y - size * 0.45),
            (x + size * 0.12, y - size * 0.45),
            (x + size * 0.42, y - size * 0.86),
            (x - size * 0.34, y - size * 0.86),
        ],
        "#e8b04c",
    )
    c.oval(x + size * 0.04, y - size * 0.86, size * 0.38, size * 0.09, "#8a5624")


def flood_wall(c: Canvas) -> Image.Image:
    """The flood wall at high water, with the low town behind it going about its business."""
    sky(c, 560, ("#71838f", "#9fabad", "#c9c7b8", "#ddd0b0"), "#8c999e", 0.9, False)
    church(c, 1180, 640, 430, "#8a9296", "#6f7a80")
    skyline(c, 640, -20, 1640, 190, "#8f9496", "#ffe3a4", 0.14)
    house_row(
        c,
        690,
        -30,
        1640,
        190,
        ("#94695a", "#a88c70", "#7d7f7c", "#b59a80", "#7a5a54"),
        "#4f4a4e",
        "#ffcf86",
        0.25,
        ("eaves", "eaves", "gable"),
        "#3f4b55",
    )
    for x in (150, 620, 1080, 1500):
        street_lamp(c, x, 690, 250, "#3a4046", None)
    for x, pose, face in (
        (330, "walk", 1),
        (378, "walk", 1),
        (870, "stand", -1),
        (1330, "walk", -1),
    ):
        figure(
            c,
            x,
            640,
            108,
            pose,
            face,
            Outfit(
                c.rng.choice(("#c2813a", "#39506a", "#8a4038")),
                hat=c.rng.choice(("beanie", "hood")),
                skirt=0.12,
            ),
        )
    c.shaded([(-5, 604), (1605, 604), (1605, 830), (-5, 830)], "#b9b09c", "#6a6864")
    c.shaded([(-5, 590), (1605, 590), (1605, 616), (-5, 616)], "#d5cbb4", "#99917f")
    for x in range(-40, 1640, 132):
        c.line([(x, 616), (x, 830)], veil("#3c3c3a", 0.5), 3)
        for y in range(640, 830, 38):
            shift = 44 if (y // 38) % 2 else 0
            c.line([(x + shift, y), (x + shift + 80, y)], veil("#4a4a46", 0.22), 2)
    c.shaded([(-5, 742), (1605, 734), (1605, 832), (-5, 832)], "#737159", "#39443a")
    c.shaded([(690, 590), (850, 590), (850, 830), (690, 830)], "#5f7480", "#33444e")
    for y in (640, 700, 760):
        c.line([(690, y), (850, y)], "#2a3840", 5)
    for x in (706, 834):
        for y in range(606, 820, 30):
            c.oval(x, y, 4, 4, "#93a4ac")
    reflect(c, 824, "#4c5e62", 0.5, 20)
    ripples(c, 828, 1067, "#dfe0cc", 190, 0.35)
    ripples(c, 828, 1067, "#26383c", 190, 0.45)
    for x, y, length in ((300, 930, 150), (1240, 990, 190)):
        c.limb((x, y), (x + length, y - 12), 12, 7, "#33322c")
        c.line([(x + length * 0.5, y - 4), (x + length * 0.62, y - 34)], "#33322c", 4)
    rain(c, 300, "#e6ebe8", 0.22)
    return finish(c, 0.42)
