"""Scenes indoors."""

import math

from PIL import Image

from .canvas import Canvas, Point, mix, veil
from .light import finish, mist, shaft
from .people import Outfit, figure, silhouette
from .town import Lens, lancet


def _hall(
    c: Canvas,
    lens: Lens,
    half: float,
    tall: float,
    near: float,
    far: float,
    floor: tuple[str, str],
    walls: tuple[str, str],
    ceiling: tuple[str, str],
    end: str,
) -> None:
    """A long room seen down its length: floor, ceiling, two walls and the end."""
    c.shaded(lens.floor(-half, half, near, far), floor[1], floor[0])
    c.shaded(lens.floor(-half, half, near, far, tall), ceiling[0], ceiling[1])
    c.shaded(lens.wall(-half, 0, tall, near, far), walls[0], walls[1], True)
    c.shaded(lens.wall(half, 0, tall, near, far), walls[1], walls[0], True)
    c.poly(lens.front(-half, half, 0, tall, far), end)


def _boards(
    c: Canvas,
    lens: Lens,
    half: float,
    near: float,
    far: float,
    colour: str,
    step: float,
    opacity: float = 0.3,
) -> None:
    """The joints of floorboards running down a room."""
    x = -half
    while x <= half:
        c.line([lens.at(x, 0, near), lens.at(x, 0, far)], veil(colour, opacity), 1.3)
        x += step


def workshop(c: Canvas) -> Image.Image:
    """The ropewalk from inside: sun through a row of windows, strands running to the far end."""
    lens = Lens(700, 440, 900, 2.3)
    half, tall, near, far = 3.4, 4.0, 1.2, 60
    _hall(
        c,
        lens,
        half,
        tall,
        near,
        far,
        ("#6a4a34", "#c58f58"),
        ("#2f2429", "#7d5b40"),
        ("#1d191f", "#5a4234"),
        "#f0c98a",
    )
    c.glow(700, 470, 300, 220, "#ffdc9c", 0.75)
    _boards(c, lens, half, near, far, "#2a1c1a", 0.36)
    for z in range(56, 1, -3):
        air = min(1, z / 50)
        beam = mix("#241c20", "#c99b68", air)
        c.poly(lens.front(-half, half, tall - 0.55, tall - 0.3, z), beam)
        for side in (-1, 1):
            c.poly(
                [
                    lens.at(side * half, 2.7, z),
                    lens.at(side * (half - 1), tall - 0.5, z),
                    lens.at(side * (half - 1.25), tall - 0.5, z),
                    lens.at(side * half, 2.4, z),
                ],
                beam,
            )
            c.poly(lens.front(side * half - 0.12, side * half + 0.12, 0, tall, z), beam)
    for z in range(47, 1, -3):
        _workshop_window(c, lens, half, z + 0.6, z + 2.4)
    for z in range(20, 2, -3):
        opening = (lens.at(half, 3.0, z + 0.6), lens.at(half, 3.0, z + 2.4))
        landing = (lens.at(-1.9, 0, z - 0.6), lens.at(-1.9, 0, z + 1.4))
        shaft(c, opening, landing, "#ffdf9f", 0.2, 10)
        c.soft(lens.floor(-2.4, -0.3, z - 0.4, z + 1.2), "#ffd488", 6, 0.42)
    _coils(c, lens)
    _rope_people(c, lens)
    _ropes(c, lens)
    _rope_maker(c, lens)
    for _ in range(240):
        x, y = c.rng.gauss(820, 300), c.rng.gauss(480, 190)
        size = c.rng.uniform(0.7, 2.2)
        c.oval(x, y, size, size, veil("#fff0c4", c.rng.uniform(0.2, 0.7)))
    return finish(c, 0.5, bloom=0.55)


def _workshop_window(c: Canvas, lens: Lens, x: float, z0: float, z1: float) -> None:
    """A many-paned window full of morning."""
    c.poly(lens.wall(x, 1.25, 3.3, z0 - 0.1, z1 + 0.1), "#3a2a26")
    c.shaded(lens.wall(x, 1.4, 3.2, z0, z1), "#fff6d8", "#f4c987")
    for i in range(1, 4):
        z = z0 + (z1 - z0) * i / 4
        c.line([lens.at(x, 1.4, z), lens.at(x, 3.2, z)], "#4a362c", max(0.8, lens.size(0.05, z)))
    for y in (2.0, 2.6):
        c.line([lens.at(x, y, z0), lens.at(x, y, z1)], "#4a362c", max(0.8, lens.size(0.05, z0)))
    c.glow(*lens.at(x, 2.3, (z0 + z1) / 2), lens.size(1.8, z0), colour="#ffd890", power=0.4)


def _coils(c: Canvas, lens: Lens) -> None:
    """Coils of rope hung along the left wall and piled on the floor, and bales of hemp."""
    z: float
    x: float
    size: float
    for z in range(24, 2, -2):
        for y in (1.5, 2.5):
            x, up = lens.at(-3.3, y, z + 0.3 * (y > 2))
            size = lens.size(0.42, z)
            tone = mix(c.rng.choice(("#c99a5c", "#a8763e", "#d8b078")), "#8a6848", z / 40)
            for ring in range(4):
                c.ring(
                    x,
                    up,
                    size * (0.34 - 0.03 * ring),
                    size * (1 - 0.1 * ring),
                    mix(tone, "#3a2a20", 0.16 * ring),
                    max(1, size * 0.1),
                )
    for x, z, size in (
        (-2.5, 5.6, 0.52),
        (-2.7, 4.2, 0.5),
        (2.5, 5.2, 0.56),
        (2.7, 9, 0.5),
        (-2.6, 11, 0.5),
    ):
        for layer in range(6):
            px, py = lens.at(x, 0.075 * layer, z)
            r = lens.size(size * (1 - 0.05 * layer), z)
            c.oval(px, py, r, r * 0.36, mix("#6a4526", "#b98a50", layer / 6))
            for ring in range(4):
                c.ring(
                    px,
                    py - 1,
                    r * (1 - 0.16 * ring),
                    r * 0.36 * (1 - 0.16 * ring),
                    mix("#dcb67c", "#8a6236", ring / 4),
                    max(1, r * 0.05),
                )
        c.oval(px, py, r * 0.32, r * 0.11, "#2f2018")


def _ropes(c: Canvas, lens: Lens) -> None:
    """The strands under way, over their trestles, gathered at the twisting frame."""
    for z in (40, 28, 19, 12.6):
        dark = mix("#2e2220", "#b98d60", z / 60)
        for x in (-0.75, 0.75):
            c.line([lens.at(x, 0, z), lens.at(x * 0.8, 1.12, z)], dark, lens.size(0.09, z))
        c.line([lens.at(-0.95, 1.1, z), lens.at(0.95, 1.1, z)], dark, lens.size(0.1, z))
        for i in range(5):
            px, py = lens.at(-0.8 + 0.4 * i, 1.1, z)
            c.line([(px, py), (px, py - lens.size(0.16, z))], dark, lens.size(0.04, z))
    for x in (-0.6, -0.2, 0.2, 0.6):
        points = [
            lens.at(x, 1.16 - 0.05 * math.sin(z * 0.9), z)
            for z in (4.6, 6, 8, 12.6, 19, 28, 40, 58)
        ]
        c.line([(px, py + 2.5) for px, py in points], "#5c3d24", 5)
        c.line(points, "#edcb90", 3)
    frame = "#32252a"
    for x in (-0.95, 0.95):
        c.poly(lens.front(x - 0.08, x + 0.08, 0, 1.28, 4.6), frame)
    c.poly(lens.front(-1.1, 1.1, 0.84, 1.14, 4.6), "#4a3630")
    c.poly(lens.front(-1.1, 1.1, 1.1, 1.15, 4.6), "#b58654")
    for x in (-0.6, -0.2, 0.2, 0.6):
        px, py = lens.at(x, 0.98, 4.6)
        c.oval(px, py, 22, 22, "#1f181c")
        c.oval(px, py, 14, 14, "#a8794a")
        c.oval(px, py, 5, 5, "#f0d29a")


def _rope_people(c: Canvas, lens: Lens) -> None:
    """The apprentice walking beside the strands, and somebody far down the room."""
    x, y = lens.at(-1.5, 0, 8.4)
    figure(
        c,
        x,
        y,
        lens.size(1.66, 8.4),
        "carry",
        1,
        Outfit("#9c4a34", "#33303a", "#8a5a40", "#1f1614", "tail", 0.14),
        "#ffdc9c",
    )
    x, y = lens.at(1.6, 0, 22)
    figure(c, x, y, lens.size(1.75, 22), "walk", -1, silhouette("#6a4a3a"), "#ffdc9c")


def _rope_maker(c: Canvas, lens: Lens) -> None:
    """The rope maker at the crank of the twisting frame."""
    x, y = lens.at(1.85, 0, 5)
    at = figure(
        c,
        x,
        y,
        lens.size(1.78, 5),
        "pull",
        -1,
        Outfit("#3f5566", "#2c2a30", "#bb8058", "#d8cfc0", "cap", 0.22),
        "#ffdc9c",
    )
    hub = lens.at(1.0, 1.0, 4.6)
    c.line([hub, at["near_hand"]], "#1f181c", 6)


def organ(c: Canvas) -> Image.Image:
    """The organ of the Corn Hall lit from below, the player a small figure at the console."""
    c.ramp(0, 1067, [(0, "#17131f"), (0.45, "#33232c"), (1, "#241a22")])
    c.shaded([(0, 0), (1600, 0), (1600, 830), (0, 830)], "#1c1826", "#5a3a36")
    c.blob(
        [(280, 880), (240, 400), (420, 90), (800, -40), (1180, 90), (1360, 400), (1320, 880)],
        "#2c1f29",
    )
    c.glow(800, 520, 760, 620, "#c9803c", 0.5)
    for side in (-1, 1):
        for i in range(3):
            x = 800 + side * (610 + i * 92)
            lancet(c, x, 640, 54, 420, "#27385a")
            lancet(c, x, 632, 40, 396, mix("#4f74a0", "#24365a", i / 3))
            c.line([(x, 240), (x, 632)], "#1a1a2a", 4)
            c.line([(x - 20, 440), (x + 20, 440)], "#1a1a2a", 3)
            c.soft(
                [
                    (x - 22, 300),
                    (x + 22, 300),
                    (x - side * 130 + 60, 900),
                    (x - side * 130 - 60, 900),
                ],
                "#6f90bb",
                18,
                0.13,
            )
    c.shaded([(390, 560), (1210, 560), (1230, 880), (370, 880)], "#6b4029", "#2c1a1a")
    for flat, (centre, wide, count, low, tall) in enumerate(
        (
            (800, 172, 9, 566, 470),
            (588, 150, 9, 566, 300),
            (1012, 150, 9, 566, 300),
            (440, 100, 5, 566, 420),
            (1160, 100, 5, 566, 420),
        )
    ):
        _pipes(c, centre, wide, count, low, tall, flat)
    for x in (384, 492, 510, 668, 708, 892, 932, 1090, 1108, 1216):
        c.shaded([(x - 8, 200), (x + 8, 200), (x + 8, 570), (x - 8, 570)], "#5a3423", "#9a6236")
        c.poly([(x - 12, 202), (x, 172), (x + 12, 202)], "#c08a48")
    c.shaded([(376, 560), (1224, 560), (1224, 590), (376, 590)], "#c48a4a", "#6b4026")
    for i in range(8):
        x = 420 + i * 97
        c.poly([(x, 612), (x + 78, 612), (x + 78, 740), (x, 740)], "#3d2420")
        c.poly([(x + 8, 620), (x + 70, 620), (x + 70, 732), (x + 8, 732)], "#54301f")
        c.line([(x + 8, 732), (x + 8, 620), (x + 70, 620)], "#a06a3a", 2)
    _console(c)
    c.shaded([(-5, 868), (1605, 868), (1605, 1075), (-5, 1075)], "#4d3024", "#1a1216")
    c.shaded([(300, 858), (1300, 858), (1350, 900), (250, 900)], "#8a5a36", "#4a2d22")
    for row, y in enumerate((960, 1030, 1110)):
        for i in range(19 - row * 2):
            x = (i - 9 + row) * (88 + row * 14) + 800 + (40 if row % 2 else 0)
            size = 36 + 10 * row
            if c.rng.random() < 0.16:
                continue
            tone = mix("#17111a", "#3d2526", c.rng.random() * 0.6)
            c.blob(
                [
                    (x - size * 1.15, y + 60),
                    (x - size * 0.95, y - size * 0.1),
                    (x, y - size * 0.45),
                    (x + size * 0.95, y - size * 0.1),
                    (x + size * 1.15, y + 60),
                ],
                tone,
            )
            c.oval(x, y - size * 0.98 - 2, size * 0.44, size * 0.56, "#c98a50")
            c.oval(x, y - size * 0.95, size * 0.44, size * 0.56, mix(tone, "#4a2f22", 0.3))
    mist(c, 520, 700, "#d99a5c", 0.13)
    return finish(c, 0.55, bloom=0.6)


def _pipes(
    c: Canvas, centre: float, wide: float, count: int, foot: float, tall: float, field: int
) -> None:
    """One field of pipes, each with its mouth; the middle field rises to a point, others sweep."""
    step = wide / count
    for i in range(count):
        across = abs(i - (count - 1) / 2) / (count / 2)
        share = 1 - 0.34 * across if field in (0, 3, 4) else 0.66 + 0.34 * across
        x, top = centre - wide / 2 + step * (i + 0.5), foot - tall * share
        half = step * 0.44
        c.shaded(
            [(x - half, top), (x, top), (x, foot - 70), (x - half, foot - 70)],
            "#5d4736",
            "#f3d9a2",
            True,
        )
        c.shaded(
            [(x, top), (x + half, top), (x + half, foot - 70), (x, foot - 70)],
            "#f3d9a2",
            "#4a372e",
            True,
        )
        c.oval(x, top, half, half * 0.4, "#2a1c1c")
        c.poly(
            [
                (x - half, foot - 70),
                (x + half, foot - 70),
                (x + half * 0.3, foot),
                (x - half * 0.3, foot),
            ],
            "#a87c4c",
        )
        mouth = foot - 74 - 24 * share
        c.poly(
            [(x - half * 0.7, mouth), (x, mouth - half * 1.9), (x + half * 0.7, mouth)], "#fbe9bd"
        )
        c.rect(x - half * 0.7, mouth, x + half * 0.7, mouth + half * 0.55, "#1f1416")
    c.soft(
        [
            (centre - wide / 2, foot - tall),
            (centre + wide / 2, foot - tall),
            (centre + wide / 2, foot - tall * 0.55),
            (centre - wide / 2, foot - tall * 0.55),
        ],
        "#1c1420",
        40,
        0.42,
    )


def _console(c: Canvas) -> None:
    """Keyboards, music lit by a lamp, and the player seen from behind."""
    c.shaded([(640, 690), (960, 690), (990, 870), (610, 870)], "#7a4a2c", "#2f1c1a")
    for i, y in enumerate((742, 762, 784)):
        c.poly(
            [(668 - i * 8, y), (932 + i * 8, y), (938 + i * 8, y + 14), (662 - i * 8, y + 14)],
            "#f4e6c4",
        )
        for k in range(30):
            x = 672 - i * 8 + k * (256 + i * 16) / 30
            if k % 7 not in (2, 6):
                c.rect(x + 3, y, x + 7, y + 8, "#241a1a")
    c.poly([(716, 640), (884, 640), (896, 728), (704, 728)], "#fff2cc")
    c.line([(800, 640), (800, 728)], "#c9a878", 2)
    for y in range(652, 722, 14):
        c.line([(722, y), (790, y)], veil("#5a4636", 0.5), 1.4)
        c.line([(810, y), (878, y)], veil("#5a4636", 0.5), 1.4)
    c.glow(800, 676, 330, 230, "#ffd486", 0.7)
    c.rect(724, 858, 876, 872, "#2a1a18")
    c.blob(
        [(742, 862), (736, 780), (752, 742), (800, 728), (848, 742), (864, 780), (858, 862)],
        "#241b2a",
    )
    c.limb((752, 764), (706, 796), 30, 20, "#2d2233")
    c.limb((848, 764), (894, 790), 30, 20, "#2d2233")
    c.limb((800, 736), (800, 712), 24, 24, "#9a6a4c")
    c.oval(800, 694, 27, 32, "#c9bca6")
    for x in (752, 848):
        c.line([(x + (8 if x < 800 else -8), 872), (x, 900)], "#1d1418", 7)


def bakery(c: Canvas) -> Image.Image:
    """The bakehouse before dawn: the oven's mouth, the peel going in, and the loaves cooling."""
    y: float
    x: float
    c.ramp(0, 1067, [(0, "#1a1520"), (0.7, "#4a2c24"), (1, "#2a1c1c")])
    for row in range(17):
        for i in range(-1, 13):
            x, y = i * 134 + (67 if row % 2 else 0), row * 48
            tone = mix("#3a2426", "#7a4a34", c.rng.random() * 0.5)
            c.rect(x, y, x + 128, y + 43, tone)
    c.shaded([(-5, 800), (1605, 800), (1605, 1075), (-5, 1075)], "#6b4832", "#241819")
    arch = [(330, 690), (330, 480), (390, 390), (540, 340), (690, 390), (750, 480), (750, 690)]
    c.poly([(x + (x - 540) * 0.2, y + (y - 690) * 0.17) for x, y in arch], "#8a5a40")
    for i in range(13):
        angle = math.pi * (1 + i / 12)
        x, y = 540 + 238 * math.cos(angle), 560 + 242 * math.sin(angle)
        c.line([(540 + 212 * math.cos(angle), 545 + 215 * math.sin(angle)), (x, y)], "#4a2c24", 4)
    c.shaded(arch, "#ffb34a", "#d9481f")
    c.glow(540, 590, 300, 200, "#fff0a8", 0.8)
    for _ in range(16):
        x = c.rng.uniform(380, 710)
        tall = c.rng.uniform(40, 130)
        c.blob(
            [
                (x - 18, 640),
                (x - 6, 640 - tall * 0.6),
                (x + c.rng.uniform(-16, 16), 640 - tall),
                (x + 12, 640 - tall * 0.5),
                (x + 20, 640),
            ],
            veil("#fff3b8", 0.5),
        )
    for x in (400, 480, 570, 660):
        loaf(c, x, 676, 46, "#c9712c")
    c.poly([(280, 690), (800, 690), (830, 726), (250, 726)], "#a8765a")
    c.glow(540, 620, 860, 620, "#ff8a34", 0.55)
    c.soft([(330, 726), (750, 726), (1010, 1067), (130, 1067)], "#ffae5a", 60, 0.32)
    at = figure(
        c,
        940,
        960,
        520,
        "pull",
        -1,
        Outfit("#e9dfcc", "#4a4650", "#b87c5a", "#3a2620", "cap", 0.2),
        "#ffb866",
    )
    hand = at["near_hand"]
    c.limb((hand[0] + 190, hand[1] + 40), (610, 668), 13, 11, "#a8784a")
    c.poly([(620, 656), (500, 652), (490, 676), (616, 684)], "#c99a62")
    loaf(c, 555, 658, 50, "#e0a050")
    for shelf, y in enumerate((330, 500, 670, 850)):
        c.rect(1150, y, 1610, y + 16, "#5a3a2a")
        c.rect(1150, y, 1610, y + 4, "#b57f4c")
        for i in range(5):
            loaf(
                c,
                1200 + i * 92 + c.rng.uniform(-6, 6),
                y,
                50 if shelf % 2 else 42,
                c.rng.choice(("#b8702f", "#c98340", "#a35f28")),
            )
    for x in (1152, 1590):
        c.limb((x, 240), (x, 1010), 14, 14, "#3a2620")
    c.shaded([(-10, 850), (330, 850), (380, 930), (-10, 930)], "#d8b184", "#8a6040")
    c.rect(-10, 930, 372, 960, "#5a3a2a")
    for x, y, s in ((60, 868, 56), (180, 874, 60), (284, 880, 52)):
        c.blob(
            [
                (x - s, y),
                (x - s * 0.8, y - s * 0.6),
                (x, y - s * 0.85),
                (x + s * 0.8, y - s * 0.6),
                (x + s, y),
                (x, y + s * 0.16),
            ],
            "#f0dfbd",
        )
    mist(c, 350, 500, "#ffc88a", 0.2)
    return finish(c, 0.55, bloom=0.6)


def loaf(c: Canvas, x: float, base: float, size: float, crust: str) -> None:
    """A round loaf with its cuts."""
    c.blob(
        [
            (x - size * 0.9, base),
            (x - size * 0.86, base - size * 0.42),
            (x - size * 0.3, base - size * 0.78),
            (x + size * 0.3, base - size * 0.78),
            (x + size * 0.86, base - size * 0.42),
            (x + size * 0.9, base),
        ],
        mix(crust, "#3a1c10", 0.25),
    )
    c.blob(
        [
            (x - size * 0.84, base - size * 0.2),
            (x - size * 0.7, base - size * 0.5),
            (x - size * 0.1, base - size * 0.74),
            (x + size * 0.4, base - size * 0.6),
            (x + size * 0.2, base - size * 0.3),
        ],
        crust,
    )
    for shift in (-0.36, 0, 0.36):
        c.line(
            [
                (x + (shift - 0.1) * size, base - size * 0.4),
                (x + (shift + 0.12) * size, base - size * 0.64),
            ],
            "#f0d29a",
            size * 0.07,
        )


def theatre_ferry(c: Canvas) -> Image.Image:
    """A stage with a ferry of plywood on painted waves, one actress in the spotlight."""
    c.ramp(0, 1067, [(0, "#0f0c18"), (1, "#1a121c")])
    c.shaded([(180, 90), (1420, 90), (1420, 780), (180, 780)], "#1b3350", "#7d98a0")
    c.oval(430, 260, 66, 66, "#e9dfbd")
    c.glow(430, 260, 230, colour="#cfd6c8", power=0.5)
    c.shaded([(120, 776), (1480, 776), (1700, 960), (-100, 960)], "#7a5238", "#2c1b1a")
    for i in range(-12, 13):
        c.line([(800 + i * 58, 776), (800 + i * 80, 960)], veil("#1c1214", 0.5), 2)
    for layer, (y, tone) in enumerate(((640, "#3c6a80"), (690, "#2c5570"))):
        _painted_waves(c, y, tone, layer)
    _stage_ship(c)
    for layer, (y, tone) in enumerate(((744, "#234a66"), (786, "#173850"))):
        _painted_waves(c, y, tone, layer + 1)
    c.soft([(1240, 40), (1290, 40), (640, 872), (380, 872)], "#fff0c8", 16, 0.26)
    c.oval(510, 866, 136, 34, veil("#fff0c8", 0.5))
    figure(
        c,
        510,
        872,
        216,
        "raise",
        1,
        Outfit("#b23a3a", "#3a2a34", "#c98f6e", "#2a1a18", "long", 0.3),
        "#fff2d0",
    )
    for x, pose, face in ((1010, "stand", -1), (1090, "talk", -1), (1180, "sit", -1)):
        figure(
            c,
            x,
            880,
            196,
            pose,
            face,
            Outfit("#2f4258", "#232a38", "#7d5c50", "#1c1518", "cap", 0.2),
            "#7f9cb0",
        )
    for side in (-1, 1):
        for fold in range(7):
            x = 800 + side * (800 - fold * 34)
            inner = x - side * 40
            c.shaded(
                [(x, -5), (inner, -5), (inner - side * (16 - fold * 6), 900), (x, 900)],
                "#5a1620" if fold % 2 else "#8f2a2c",
                "#2a0c16",
            )
    for i in range(15):
        x = 30 + i * 110
        c.blob(
            [(x - 70, -20), (x + 70, -20), (x + 56, 90), (x, 132), (x - 56, 90)],
            "#7a2026" if i % 2 else "#942c2e",
        )
        c.line([(x - 52, 96), (x, 130), (x + 52, 96)], "#d9a24c", 4)
    for i in range(11):
        x = 170 + i * 126
        c.blob([(x - 26, 972), (x - 22, 944), (x, 936), (x + 22, 944), (x + 26, 972)], "#e3b45e")
        c.glow(x, 936, 110, 70, "#ffd27c", 0.45)
    c.shaded([(-5, 962), (1605, 962), (1605, 1075), (-5, 1075)], "#35201f", "#0c0910")
    for row, y in enumerate((1010, 1068)):
        for i in range(18):
            x = i * 96 + (48 if row else 0)
            if c.rng.random() < 0.15:
                continue
            c.oval(x, y - 26, 24 + row * 5, 30 + row * 5, "#0d0a12")
            c.blob(
                [(x - 52, y + 50), (x - 42, y + 6), (x, y - 8), (x + 42, y + 6), (x + 52, y + 50)],
                "#0d0a12",
            )
    return finish(c, 0.45, bloom=0.55)


def _painted_waves(c: Canvas, y: float, tone: str, phase: int) -> None:
    """A cut-out row of waves such as stage hands rock to and fro."""
    points: list[Point] = [(150, y + 70)]
    for i in range(27):
        x = 150 + i * 50 + phase * 22
        points += [(x, y + 18), (x + 20, y - 12), (x + 36, y - 8), (x + 44, y + 16)]
    points.append((1520, y + 70))
    c.poly(points, tone)
    for i in range(27):
        x = 150 + i * 50 + phase * 22
        c.line([(x + 6, y + 14), (x + 20, y - 8), (x + 36, y - 6)], mix(tone, "#e9f0e4", 0.5), 3)


def _stage_ship(c: Canvas) -> None:
    """The ferry, with its funnel, flags and lit portholes."""
    x: float
    c.shaded([(560, 590), (1300, 560), (1226, 760), (630, 760)], "#e3d4b4", "#7a6a62")
    c.poly([(560, 590), (1300, 560), (1290, 586), (568, 616)], "#a5392f")
    c.shaded([(690, 470), (1130, 452), (1130, 572), (690, 590)], "#f0e4c8", "#9a8a78")
    c.poly([(670, 474), (1150, 452), (1150, 438), (670, 460)], "#3a4a5c")
    for i in range(8):
        c.rect(716 + i * 51, 500 - i * 2, 744 + i * 51, 536 - i * 2, "#ffd37c")
        c.oval(676 + i * 70, 664 - i * 2, 15, 15, "#ffcf70")
        c.ring(676 + i * 70, 664 - i * 2, 17, 17, "#5a4438", 4)
    c.shaded([(880, 330), (980, 326), (976, 456), (876, 460)], "#c2452f", "#6a2426", True)
    c.poly([(880, 330), (980, 326), (979, 356), (879, 360)], "#1c1a24")
    for x, top in ((640, 300), (1190, 280)):
        c.line([(x, 600), (x, top)], "#4a3a34", 6)
    c.line([(640, 304), (930, 240), (1190, 284)], "#d8c8a0", 1.6)
    for i in range(14):
        t = i / 13
        x = 640 + 550 * t
        y = 304 - 20 * t - 46 * math.sin(math.pi * t)
        c.poly(
            [(x, y), (x + 24, y + 3), (x + 10, y + 28)],
            ("#d9a24c", "#b8443a", "#4f7f8c", "#e9dfc0")[i % 4],
        )


def library(c: Canvas) -> Image.Image:
    """The reading room: bays of books to the far window, green lamps, a sewing machine at work."""
    z: float
    lens = Lens(820, 440, 900, 1.7)
    _hall(
        c,
        lens,
        5.2,
        6.2,
        1.4,
        26,
        ("#4a3026", "#a8744a"),
        ("#2a1e22", "#6a4630"),
        ("#241c22", "#5a4236"),
        "#c99a68",
    )
    _boards(c, lens, 5.2, 1.4, 26, "#21161a", 0.5)
    x0, y1 = lens.at(-2, 5.4, 26)
    x1, y0 = lens.at(2, 1.4, 26)
    lancet(c, (x0 + x1) / 2, y0, x1 - x0, y0 - y1, "#6f93ac")
    for i in (-1, 0, 1):
        c.line([((x0 + x1) / 2 + i * 34, y0), ((x0 + x1) / 2 + i * 34, y1 + 24)], "#3a3238", 3)
    c.glow(820, (y0 + y1) / 2, 330, colour="#a9cbe0", power=0.5)
    for z in range(24, 1, -3):
        for side in (-1, 1):
            _bookcase(c, lens, side * 5.0, z, z + 2.5)
            px, py = lens.at(side * 5.0, 0, z + 2.75)
            c.poly(lens.wall(side * 4.7, 0, 4.6, z + 2.5, z + 3), mix("#3a2520", "#9a6a48", z / 30))
    for z in (17, 12.4, 8.6, 5.6, 3.7):
        for x in (-2.3, 2.3):
            _reading_table(c, lens, x, z)
    for z in (20, 13, 8):
        px, py = lens.at(0, 5.2, z)
        c.line([lens.at(0, 6.2, z), (px, py)], "#2a2024", 2)
        r = lens.size(0.32, z)
        c.oval(px, py, r, r, "#fff0c4")
        c.glow(px, py, r * 8, colour="#ffd08a", power=0.55)
    x, y = lens.at(0.25, 0, 10.5)
    figure(
        c,
        x,
        y,
        lens.size(1.7, 10.5),
        "carry",
        1,
        Outfit("#7d3a3a", "#2f2c38", "#a87050", "#1f1614", "tail", 0.3),
        "#ffd9a0",
    )
    x, y = lens.at(-0.6, 0, 19)
    figure(c, x, y, lens.size(1.75, 19), "stand", -1, Outfit("#3f5a52", "#2f2c38"), "#ffd9a0")
    return finish(c, 0.5, bloom=0.5)


def _bookcase(c: Canvas, lens: Lens, x: float, z0: float, z1: float) -> None:
    """One bay of shelves with its books."""
    air = min(0.75, z0 / 34)
    c.poly(lens.wall(x, 0, 4.6, z0, z1), mix("#1d1417", "#9a6a48", air))
    for shelf in range(7):
        low = 0.25 + shelf * 0.62
        z = z0 + 0.06
        while z < z1 - 0.1:
            thick = c.rng.uniform(0.06, 0.16)
            tone = c.rng.choice(
                ("#8a3a30", "#3f5d66", "#b5854a", "#5a6a4a", "#d6c29a", "#4a3a52", "#a85c38")
            )
            c.poly(
                lens.wall(x, low, low + c.rng.uniform(0.34, 0.52), z, min(z1, z + thick)),
                mix(mix(tone, "#20151a", 0.2 + 0.05 * shelf), "#c08a58", air * 0.8),
            )
            z += thick + 0.015 + (0.2 if c.rng.random() < 0.04 else 0)
        c.poly(lens.wall(x, low - 0.07, low, z0, z1), mix("#6a4530", "#c08a58", air))


def _reading_table(c: Canvas, lens: Lens, x: float, z: float) -> None:
    """A table with a green lamp, a reader, and on the nearer ones a sewing machine."""
    for dx in (-1.1, 1.1):
        c.line([lens.at(x + dx, 0, z), lens.at(x + dx, 0.74, z)], "#2a1a18", lens.size(0.08, z))
    tone = c.rng.choice(("#8a4a3a", "#3f566a", "#5a6248", "#b5854a"))
    bx, by = lens.at(x + 0.55, 0.74, z + 0.5)
    size = lens.size(0.5, z)
    c.blob(
        [
            (bx - size * 0.6, by),
            (bx - size * 0.5, by - size * 0.8),
            (bx, by - size),
            (bx + size * 0.5, by - size * 0.8),
            (bx + size * 0.6, by),
        ],
        tone,
    )
    c.oval(bx, by - size * 1.35, size * 0.26, size * 0.34, "#b07a58")
    c.oval(bx, by - size * 1.46, size * 0.28, size * 0.28, "#2f201c")
    c.shaded(lens.floor(x - 1.2, x + 1.2, z, z + 1, 0.76), "#c58a54", "#7a4a30")
    c.poly(lens.front(x - 1.2, x + 1.2, 0.68, 0.76, z), "#4f2f24")
    lx, ly = lens.at(x - 0.35, 0.76, z + 0.5)
    s = lens.size(0.42, z)
    c.line([(lx, ly), (lx, ly - s)], "#c9a050", s * 0.08)
    c.oval(lx, ly, s * 0.25, s * 0.08, "#c9a050")
    c.poly(
        [
            (lx - s * 0.5, ly - s * 0.82),
            (lx - s * 0.34, ly - s * 1.12),
            (lx + s * 0.34, ly - s * 1.12),
            (lx + s * 0.5, ly - s * 0.82),
        ],
        "#2f7a5c",
    )
    c.glow(lx, ly - s * 0.6, s * 2.6, s * 1.8, "#ffd890", 0.75)
    if z < 9:
        mx, my = lens.at(x + 0.35, 0.76, z + 0.35)
        m = lens.size(0.5, z)
        c.poly(
            [
                (mx - m * 0.5, my),
                (mx + m * 0.5, my),
                (mx + m * 0.5, my - m * 0.12),
                (mx - m * 0.5, my - m * 0.12),
            ],
            "#2a2226",
        )
        c.blob(
            [
                (mx + m * 0.24, my - m * 0.1),
                (mx + m * 0.24, my - m * 0.5),
                (mx - m * 0.3, my - m * 0.6),
                (mx - m * 0.5, my - m * 0.5),
                (mx - m * 0.46, my - m * 0.26),
                (mx - m * 0.3, my - m * 0.4),
                (mx + m * 0.06, my - m * 0.36),
                (mx + m * 0.1, my - m * 0.1),
            ],
            "#1c181e",
        )
        c.oval(mx + m * 0.46, my - m * 0.46, m * 0.07, m * 0.18, "#c9a050")
        c.blob(
            [
                (mx - m, my + m * 0.1),
                (mx - m * 0.7, my - m * 0.06),
                (mx - m * 0.1, my),
                (mx - m * 0.3, my + m * 0.2),
            ],
            "#b8503f",
        )


def launderette(c: Canvas) -> Image.Image:
    """Round doors in a row, drums turning, and two players bent over a chess board."""
    c.ramp(0, 1067, [(0, "#d9e0d0"), (0.6, "#b9ccc4"), (1, "#8fa9a8")])
    c.rect(0, 0, 1600, 96, "#f0ecd8")
    for x in (300, 800, 1300):
        c.rect(x - 170, 40, x + 170, 58, "#fffdf0")
        c.glow(x, 54, 360, 180, "#fff8dc", 0.5)
    for row in range(6):
        for i in range(27):
            c.rect(
                i * 62 + 2,
                110 + row * 40,
                i * 62 + 58,
                146 + row * 40,
                mix("#8fb5ac", "#a9c8bc", c.rng.random()),
            )
    for i in range(6):
        _machine(c, 40 + i * 262, 340, 248, 400)
    for y0, y1, tone in ((740, 1067, "#c9b795"),):
        c.rect(0, y0, 1600, y1, tone)
    for row in range(5):
        y0, y1 = 740 + 327 * (row / 5) ** 1.5, 740 + 327 * ((row + 1) / 5) ** 1.5
        for i in range(-14, 15):
            if (i + row) % 2:
                s0, s1 = 62 + 46 * (row / 5) ** 1.5 * 1.6, 62 + 46 * ((row + 1) / 5) ** 1.5 * 1.6
                c.poly(
                    [
                        (800 + i * s0, y0),
                        (800 + (i + 1) * s0, y0),
                        (800 + (i + 1) * s1, y1),
                        (800 + i * s1, y1),
                    ],
                    "#a5473a",
                )
    c.soft([(360, 960), (1240, 960), (1300, 1040), (300, 1040)], "#3a2a2c", 18, 0.5)
    for x, face, coat, hat, hair in (
        (520, 1, "#3f5f7c", "cap", "#b8b0a4"),
        (1080, -1, "#c27a34", "tail", "#2a1c18"),
    ):
        c.rect(x - 74, 836, x + 74, 858, "#3f4a50")
        for dx in (-56, 56):
            c.line([(x + dx, 858), (x + dx, 996)], "#3f4a50", 9)
        skin = "#b57e5e" if face > 0 else "#8a5a42"
        figure(c, x, 1010, 520, "sit", face, Outfit(coat, "#2f3540", skin, hair, hat))
    c.rect(690, 810, 910, 828, "#8a6a48")
    c.limb((800, 828), (800, 1000), 22, 22, "#5a4634")
    c.poly([(730, 1000), (870, 1000), (890, 1018), (710, 1018)], "#5a4634")
    for row in range(8):
        for col in range(8):
            t0, t1 = row / 8, (row + 1) / 8
            w0, w1 = 84 + 22 * t0, 84 + 22 * t1
            c.poly(
                [
                    (800 - w0 + 2 * w0 * col / 8, 774 + 36 * t0),
                    (800 - w0 + 2 * w0 * (col + 1) / 8, 774 + 36 * t0),
                    (800 - w1 + 2 * w1 * (col + 1) / 8, 774 + 36 * t1),
                    (800 - w1 + 2 * w1 * col / 8, 774 + 36 * t1),
                ],
                "#f0e2c0" if (row + col) % 2 else "#4f3428",
            )
    for _ in range(15):
        _chessman(
            c,
            800 + c.rng.uniform(-84, 84),
            c.rng.uniform(778, 806),
            c.rng.choice(("#fbf4de", "#221a1c")),
            c.rng.uniform(20, 38),
        )
    c.shaded([(1290, 900), (1500, 900), (1470, 1010), (1320, 1010)], "#e9dcc0", "#a8906c")
    for x, tone in ((1330, "#c2463a"), (1390, "#f4efe0"), (1450, "#4f7a94")):
        c.blob([(x - 50, 904), (x - 30, 868), (x + 20, 860), (x + 50, 904)], tone)
    return finish(c, 0.4, bloom=0.3)


def _machine(c: Canvas, x: float, y: float, width: float, height: float) -> None:
    """A washing machine, its round door full of somebody's colours."""
    c.shaded(
        [(x, y), (x + width, y), (x + width, y + height), (x, y + height)], "#f6f2e4", "#b5c0bc"
    )
    c.rect(x, y, x + width, y + 60, "#6f8f94")
    for dx in (0.68, 0.84):
        c.oval(x + width * dx, y + 30, 15, 15, "#f0ead6")
        c.line([(x + width * dx, y + 30), (x + width * dx + 7, y + 20)], "#3a4a50", 3)
    c.rect(x + width * 0.08, y + 18, x + width * 0.46, y + 42, "#e8dfc4")
    cx, cy, r = x + width / 2, y + height * 0.56, width * 0.36
    c.oval(cx + 4, cy + 6, r * 1.08, r * 1.08, veil("#3a4a50", 0.35))
    c.oval(cx, cy, r * 1.06, r * 1.06, "#93a3a6")
    c.oval(cx, cy, r * 0.94, r * 0.94, "#dfe4de")
    c.oval(cx, cy, r * 0.8, r * 0.8, "#22343e")
    turn = c.rng.uniform(0, 6)
    for i in range(5):
        angle = turn + i * 0.75
        tone = c.rng.choice(("#c2463a", "#e3b04c", "#f0e8d4", "#5a86a0", "#7a5a7c", "#4f7a5c"))
        px, py = cx + r * 0.4 * math.cos(angle), cy + r * 0.4 * math.sin(angle)
        c.blob(
            [
                (px - r * 0.3, py),
                (px - r * 0.1, py - r * 0.26),
                (px + r * 0.26, py - r * 0.14),
                (px + r * 0.24, py + r * 0.2),
                (px - r * 0.14, py + r * 0.26),
            ],
            tone,
        )
    for _ in range(26):
        angle = c.rng.uniform(0.2, 2.9)
        c.oval(
            cx + r * 0.68 * math.cos(angle),
            cy + r * 0.68 * math.sin(angle),
            6,
            5,
            veil("#f4f8f4", 0.7),
        )
    c.blob(
        [
            (cx - r * 0.6, cy - r * 0.2),
            (cx - r * 0.36, cy - r * 0.62),
            (cx - r * 0.1, cy - r * 0.66),
            (cx - r * 0.42, cy - r * 0.1),
        ],
        veil("#ffffff", 0.3),
    )
    c.rect(cx + r * 0.9, cy - 20, cx + r * 1.12, cy + 20, "#6f7f84")


def _chessman(c: Canvas, x: float, base: float, tone: str, size: float) -> None:
    """A pawn or something taller."""
    c.oval(x, base, size * 0.26, size * 0.1, tone)
    c.poly(
        [
            (x - size * 0.2, base),
            (x - size * 0.07, base - size * 0.6),
            (x + size * 0.07, base - size * 0.6),
            (x + size * 0.2, base),
        ],
        tone,
    )
    c.oval(x, base - size * 0.72, size * 0.15, size * 0.17, tone)


def classroom(c: Canvas) -> Image.Image:
    """A primary classroom: sun on the tables, paintings on a line, hands up."""
    c.ramp(0, 1067, [(0, "#f0e0bc"), (0.7, "#e0bf8c"), (1, "#a8784c")])
    c.shaded([(-5, 760), (1605, 760), (1605, 1075), (-5, 1075)], "#cf9c62", "#7d5236")
    for i in range(4):
        x = 70 + i * 390
        c.rect(x - 14, 96, x + 304, 534, "#f8f1dc")
        c.shaded([(x, 110), (x + 290, 110), (x + 290, 520), (x, 520)], "#9fc8d0", "#f6efcf")
        rise = c.rng.uniform(-40, 40)
        hill = [(x + 4, 510), (x + 30, 430 + rise), (x + 110, 380 - rise), (x + 190, 430)]
        c.blob(
            [*hill, (x + 262, 420 + rise), (x + 284, 512)],
            mix("#8fae7c", "#d8c878", i / 4),
        )
        for dx in (97, 193):
            c.line([(x + dx, 110), (x + dx, 520)], "#f8f1dc", 9)
        c.line([(x, 250), (x + 290, 250)], "#f8f1dc", 9)
        c.soft([(x + 20, 530), (x + 270, 530), (x + 400, 1060), (x + 60, 1060)], "#fff2c0", 22, 0.3)
    c.line([(-10, 46), (400, 84), (800, 92), (1200, 84), (1610, 46)], "#7a5a44", 3)
    for i in range(13):
        x = 30 + i * 125
        y = 92 - 44 * ((x - 800) / 800) ** 2
        _child_painting(c, x, y, 92, i)
    for row, (y, scale) in enumerate(((760, 0.86), (930, 1.15))):
        for i in range(5):
            x = 130 + i * 340 - row * 70
            tone = c.rng.choice(("#b8473a", "#3f6f86", "#d9a03c", "#5a7a4c", "#7d5276"))
            pose = "raise" if (i + row) % 3 == 0 else "sit"
            _pupil(c, x + 60, y, 130 * scale, tone, pose == "raise")
            c.shaded(
                [
                    (x - 50 * scale, y),
                    (x + 180 * scale, y),
                    (x + 210 * scale, y + 44 * scale),
                    (x - 80 * scale, y + 44 * scale),
                ],
                "#eecb94",
                "#c08a54",
            )
            c.rect(x - 80 * scale, y + 44 * scale, x + 210 * scale, y + 56 * scale, "#7d5434")
            for dx in (-66, 190):
                c.line(
                    [(x + dx * scale, y + 56 * scale), (x + dx * scale, y + 190 * scale)],
                    "#4f4a4c",
                    7 * scale,
                )
            c.poly(
                [
                    (x + 20 * scale, y + 10 * scale),
                    (x + 80 * scale, y + 8 * scale),
                    (x + 88 * scale, y + 32 * scale),
                    (x + 16 * scale, y + 34 * scale),
                ],
                "#fdf8e8",
            )
    return finish(c, 0.36, bloom=0.35)


def _child_painting(c: Canvas, x: float, y: float, size: float, index: int) -> None:
    """A sheet of paper on the line: a house, a boat, a sun, or somebody with a gold chain."""
    lean = c.rng.uniform(-5, 5)
    c.poly(
        [
            (x, y),
            (x + size, y + lean),
            (x + size - lean, y + size * 0.74 + lean),
            (x - lean, y + size * 0.74),
        ],
        c.rng.choice(("#fdf8e8", "#f4e6c4", "#e3ecec")),
    )
    cx, cy = x + size / 2, y + size * 0.4
    kind = index % 4
    if kind == 0:
        c.rect(cx - 18, cy - 4, cx + 18, cy + 22, "#c2503f")
        c.poly([(cx - 24, cy - 4), (cx, cy - 26), (cx + 24, cy - 4)], "#5a4a52")
    elif kind == 1:
        c.poly(
            [(cx - 28, cy + 6), (cx + 28, cy + 6), (cx + 16, cy + 22), (cx - 16, cy + 22)],
            "#3f6f94",
        )
        c.poly([(cx, cy - 26), (cx, cy + 2), (cx + 22, cy + 2)], "#d98a3c")
    elif kind == 2:
        c.oval(cx, cy, 18, 18, "#eab03c")
        for i in range(8):
            a = i * math.pi / 4
            c.line(
                [
                    (cx + 22 * math.cos(a), cy + 22 * math.sin(a)),
                    (cx + 31 * math.cos(a), cy + 31 * math.sin(a)),
                ],
                "#eab03c",
                4,
            )
    else:
        c.oval(cx, cy - 10, 11, 12, "#d9a07c")
        c.blob(
            [(cx - 20, cy + 26), (cx - 14, cy + 4), (cx + 14, cy + 4), (cx + 20, cy + 26)],
            "#a5392f",
        )
        c.line([(cx - 9, cy + 4), (cx, cy + 18), (cx + 9, cy + 4)], "#eab03c", 3)
    c.rect(cx - 4, y - 5, cx + 4, y + 9, "#c9a070")


def _pupil(c: Canvas, x: float, y: float, size: float, tone: str, hand_up: bool) -> None:
    """A child at a table, seen from behind."""
    skin = c.rng.choice(("#d9a482", "#a8704e", "#8a5840", "#e6b898"))
    if hand_up:
        c.limb(
            (x + size * 0.28, y - size * 0.3),
            (x + size * 0.4, y - size * 1.15),
            size * 0.17,
            size * 0.13,
            tone,
        )
        c.oval(x + size * 0.41, y - size * 1.24, size * 0.08, size * 0.1, skin)
    c.blob(
        [
            (x - size * 0.42, y + size * 0.1),
            (x - size * 0.38, y - size * 0.3),
            (x, y - size * 0.48),
            (x + size * 0.38, y - size * 0.3),
            (x + size * 0.42, y + size * 0.1),
        ],
        tone,
    )
    c.limb((x, y - size * 0.4), (x, y - size * 0.55), size * 0.16, size * 0.16, skin)
    hair = c.rng.choice(("#2a1c18", "#5a3a22", "#a8703a", "#1a1416"))
    c.oval(x, y - size * 0.76, size * 0.24, size * 0.28, hair)
    if c.rng.random() < 0.5:
        for side in (-1, 1):
            c.limb(
                (x + side * size * 0.2, y - size * 0.7),
                (x + side * size * 0.32, y - size * 0.42),
                size * 0.12,
                size * 0.06,
                hair,
            )


def council_chamber(c: Canvas) -> Image.Image:
    """The chamber on a winter afternoon: tall windows, curved benches, one member standing."""
    x: float
    c.ramp(0, 1067, [(0, "#4a3a38"), (0.5, "#7d5c48"), (1, "#3a2628")])
    c.shaded([(-5, -5), (1605, -5), (1605, 640), (-5, 640)], "#8a7a6c", "#b08e6c")
    c.rect(0, 0, 1600, 54, "#d8c8a8")
    for x in range(0, 1600, 40):
        c.rect(x, 54, x + 24, 72, "#c0ac8a")
    for i in range(5):
        x = 170 + i * 315
        lancet(c, x, 560, 176, 470, "#d9c6a0")
        lancet(c, x, 552, 148, 442, "#cfdcdc")
        c.shaded([(x - 74, 330), (x + 74, 330), (x + 74, 552), (x - 74, 552)], "#cfdcdc", "#f8e6bc")
        for dx in (-37, 0, 37):
            c.line([(x + dx, 130 + abs(dx)), (x + dx, 552)], "#8a7458", 5)
        for y in (260, 360, 460):
            c.line([(x - 74, y), (x + 74, y)], "#8a7458", 4)
        c.soft([(x - 70, 200), (x + 70, 200), (x + 330, 1060), (x + 90, 1060)], "#fff0c8", 20, 0.17)
    c.shaded([(-5, 560), (1605, 560), (1605, 690), (-5, 690)], "#6b4430", "#452a22")
    for x in range(20, 1600, 104):
        c.line([(x, 580), (x + 80, 580), (x + 80, 672), (x, 672), (x, 580)], "#8f6244", 3)
    c.shaded([(660, 470), (940, 470), (940, 690), (660, 690)], "#7d4a30", "#3f2420")
    c.poly([(640, 474), (800, 410), (960, 474)], "#9a643e")
    c.oval(800, 452, 17, 17, "#d9ae5c")
    figure(c, 790, 760, 290, "sit", 1, Outfit("#7d2430", "#2a1c20", "#b8835e", "#cfc6b8"))
    c.line([(776, 572), (800, 612), (822, 574)], "#e9bf5c", 5)
    c.shaded([(600, 650), (1000, 650), (1020, 740), (580, 740)], "#8a5636", "#4a2a20")
    for row, (y, size) in enumerate(((790, 96), (890, 124), (1010, 160))):
        for i in range(13):
            x = 800 + (i - 6) * size * 1.32 + (size * 0.5 if row % 2 else 0)
            dip = -(((x - 800) / 800) ** 2) * 66
            if abs(x - 800) < 60 + row * 12 or c.rng.random() < 0.14:
                continue
            if row == 1 and i == 3:
                figure(
                    c,
                    x,
                    y + dip + 110,
                    330,
                    "point",
                    1,
                    Outfit("#2f4660", "#242a36", "#a87250", "#2a1c18", "tail", 0.1),
                    "#fff0cc",
                )
                continue
            tone = c.rng.choice(("#33363f", "#4a3038", "#2f4148", "#5a4a44", "#8a4a3a", "#3f3a52"))
            c.blob(
                [
                    (x - size * 0.48, y + dip + size * 0.4),
                    (x - size * 0.4, y + dip - size * 0.1),
                    (x, y + dip - size * 0.3),
                    (x + size * 0.4, y + dip - size * 0.1),
                    (x + size * 0.48, y + dip + size * 0.4),
                ],
                tone,
            )
            hair = c.rng.choice(("#2a1f1c", "#8a8078", "#c9c0b2", "#5a3a26", "#1a1518"))
            c.oval(x, y + dip - size * 0.46, size * 0.19, size * 0.25, hair)
        points = [(x, y + size * 0.24 - ((x - 800) / 800) ** 2 * 66) for x in range(-40, 1680, 40)]
        c.poly(
            [*points, *[(x, py + size * 0.5) for x, py in reversed(points)]],
            mix("#6a3f2a", "#3a2220", row / 3),
        )
        c.line(points, "#b5804c", 7)
        c.line([(x, py + 9) for x, py in points], "#38201c", 3)
    return finish(c, 0.48, bloom=0.45)
