"""Scenes on grass, in gardens and on the hill, and buildings that stand apart."""

import math
from random import Random

from PIL import Image

from .canvas import Canvas, Colour, Point, mix, smooth, veil
from .land import (
    bare_tree,
    far_birds,
    hills,
    leafy_tree,
    leaves_on_ground,
    range_of_hills,
    tufts,
)
from .light import finish, mist, moon, rain, ripples, sky, stars
from .people import Outfit, cast_shadow, dog, figure, silhouette
from .town import (
    Lens,
    StreetTone,
    bench,
    church,
    house_row,
    lancet,
    pane,
    railing,
    skyline,
    street_lamp,
    street_side,
)


def _floodlight(c: Canvas, x: float, base: float, height: float, face: int, power: float) -> None:
    """A floodlight mast with its bank of lamps and the light it throws into the air."""
    top = base - height
    c.limb((x, base), (x, top), height * 0.022, height * 0.014, "#1a2028")
    for row in range(3):
        for col in range(4):
            lx, ly = x + (col - 1.5) * height * 0.034, top + (row - 1) * height * 0.036
            c.rect(
                lx - height * 0.013,
                ly - height * 0.013,
                lx + height * 0.013,
                ly + height * 0.013,
                "#fbf8e4",
            )
    c.soft(
        [
            (x - 20, top),
            (x + 20, top),
            (x + face * height * 1.7, base + 260),
            (x + face * height * 0.3, base + 300),
        ],
        "#e9eede",
        34,
        0.2 * power,
    )
    c.glow(x, top, height * 0.95, colour="#e6ecd8", power=0.6 * power)
    c.glow(x, top, height * 0.28, colour="#ffffff", power=power)


def football_mud(c: Canvas) -> Image.Image:
    """A night match in rain under the floodlights, the pitch mostly mud, a tackle going in."""
    y: float
    x: float
    sky(c, 560, ("#0c1520", "#182a36", "#33505a"), "#0a121a", 0.7)
    c.shaded([(-5, 430), (1605, 400), (1605, 560), (-5, 560)], "#131b24", "#27343a")
    c.poly([(-5, 340), (620, 372), (620, 392), (-5, 372)], "#0d141b")
    for x in range(20, 620, 118):
        c.line([(x, 350 + x * 0.05), (x, 545)], "#0d141b", 5)
    for _ in range(760):
        x = c.rng.uniform(0, 1600)
        y = c.rng.uniform(452, 548)
        size = c.rng.uniform(4, 6.4)
        tone = mix(
            c.rng.choice(("#24323c", "#34302e", "#2c3c4a", "#5a2a2c", "#6a5a3a")),
            "#aab8a8",
            c.rng.random() * 0.2,
        )
        c.oval(x, y + size * 1.9, size * 1.25, size * 1.5, tone)
        c.oval(x, y, size * 0.7, size * 0.85, mix(tone, "#b98d6c", 0.4))
    c.shaded([(-5, 548), (1605, 548), (1605, 588), (-5, 588)], "#c9c3a8", "#6d7064")
    for x in range(0, 1600, 200):
        c.rect(
            x + 6,
            554,
            x + 190,
            582,
            c.rng.choice(("#8f3a34", "#2f5060", "#a8863c", "#3c5a48", "#4a4458")),
        )
    c.ramp(586, 1067, [(0, "#5f7448"), (0.35, "#5a5a38"), (1, "#3a3124")])
    noise = c.cloud(6, 14, 4)
    c.wash(noise.point([min(235, max(0, (v - 118) * 5)) for v in range(256)]), "#5a4028", 600, 1067)
    c.wash(
        c.cloud(9, 20, 4).point([min(190, max(0, (v - 150) * 6)) for v in range(256)]),
        "#2c2119",
        620,
        1067,
    )
    for _ in range(40):
        near = c.rng.random()
        x, y = c.rng.uniform(0, 1600), 640 + 420 * near
        c.oval(x, y, 24 + 90 * near, 2 + 9 * near, veil("#b9c4b4", 0.2))
    c.poly([(-5, 664), (1605, 640), (1605, 647), (-5, 672)], veil("#e9ead6", 0.5))
    c.line([(1000, 1080), (1180, 650)], veil("#e9ead6", 0.4), 9)
    _goal(c)
    for x, base, tall, face, power in (
        (140, 470, 400, 1, 0.9),
        (1420, 450, 380, -1, 0.9),
        (760, 452, 250, 1, 0.5),
    ):
        _floodlight(c, x, base, tall, face, power)
    amber, blue = ("#d98f2c", "#26282e"), ("#38587e", "#e0dcc8")
    players = (
        (340, 690, 120, "run", 1, amber),
        (1330, 676, 112, "stand", -1, blue),
        (1080, 700, 126, "run", -1, blue),
        (560, 742, 150, "run", 1, blue),
        (1240, 800, 176, "run", -1, amber),
        (214, 884, 230, "walk", 1, amber),
        (905, 936, 300, "slide", -1, blue),
        (690, 930, 318, "kick", 1, amber),
    )
    for x, y, tall, pose, face, (shirt, shorts) in players:
        for side in (-1, 1):
            c.poly(
                [
                    (x - tall * 0.06, y),
                    (x + tall * 0.06, y),
                    (x + side * tall * 0.7, y + tall * 0.16),
                    (x + side * tall * 0.56, y + tall * 0.18),
                ],
                veil("#15120e", 0.34),
            )
        skin = c.rng.choice(("#c48c6a", "#8a5a40", "#d8a582"))
        at = figure(
            c,
            x,
            y,
            tall,
            pose,
            face,
            Outfit(shirt, shorts, skin, "#241a16", bare_legs=True),
            "#eef0dc",
        )
        for name in ("near_foot", "far_foot"):
            fx, fy = at[name]
            c.oval(fx, fy, tall * 0.04, tall * 0.03, "#3a2a1c")
        for _ in range(14):
            hx, hy = at["hip"]
            c.oval(
                hx + c.rng.gauss(0, tall * 0.06),
                hy + c.rng.uniform(-0.1, 0.42) * tall,
                tall * 0.012,
                tall * 0.01,
                veil("#3f2c1c", 0.8),
            )
    for _ in range(190):
        angle, reach = c.rng.uniform(3.3, 6.1), c.rng.random() ** 1.5 * 190
        x, y = 812 + reach * math.cos(angle), 918 + reach * 0.8 * math.sin(angle)
        size = c.rng.uniform(1, 5.5) * (1.2 - reach / 230)
        c.oval(x, y, size * 1.3, size, veil(c.rng.choice(("#4a3422", "#6b5034", "#a89c84")), 0.85))
    c.oval(838, 862, 27, 27, "#ece6d2")
    c.blob([(822, 876), (838, 866), (856, 872), (846, 888), (830, 887)], "#5d452e")
    c.poly([(834, 852), (846, 850), (850, 860), (840, 866), (831, 860)], "#2c2a2c")
    rain(c, 760, "#e6ece2", 0.24)
    mist(c, 540, 300, "#c4d0c2", 0.26)
    return finish(c, 0.5, 0.1, 0.6)


def _goal(c: Canvas) -> None:
    """The far goal with a net, the keeper on his line."""
    for i in range(13):
        x = 1262 + i * 22
        c.line([(x, 500), (x + 22, 630)], veil("#e8ece0", 0.25), 1)
    for i in range(8):
        c.line(
            [(1262 + i * 3, 500 + i * 18), (1530 + i * 3, 498 + i * 18)], veil("#e8ece0", 0.25), 1
        )
    c.line([(1250, 654), (1250, 494), (1540, 490), (1540, 648)], "#f4f2e2", 6)
    figure(c, 1400, 650, 104, "raise", -1, Outfit("#3f7a54", "#22252a", bare_legs=True), "#eef0dc")


def referee(c: Canvas) -> Image.Image:
    """A park pitch late in the day: small players, very long shadows, the referee pointing."""
    sky(c, 430, ("#7fa3b5", "#bccabd", "#f0d8a2", "#ffcf80"), "#f6e6c4", 0.5)
    c.glow(1240, 420, 620, 330, "#ffd27c", 0.75)
    range_of_hills(c, 436, 110, "#b5a98c", "#7d8a68", 3, 10, 12)
    skyline(c, 450, 60, 560, 44, "#9a8f80")
    for x in range(40, 1600, 130):
        leafy_tree(
            c,
            x + c.rng.uniform(-30, 30),
            476,
            c.rng.uniform(90, 150),
            "#4a3a2c",
            ("#4f5c38", "#8a8440", "#d0a848"),
            1,
        )
    c.ramp(468, 1067, [(0, "#c9b85c"), (0.3, "#8ea04a"), (1, "#4d6a38")])
    for i in range(9):
        if i % 2:
            x0, x1 = -700 + i * 340, -700 + (i + 1) * 340
            c.poly(
                [
                    (800 + (x0 - 800) * 0.42, 468),
                    (800 + (x1 - 800) * 0.42, 468),
                    (x1, 1067),
                    (x0, 1067),
                ],
                veil("#f0e08c", 0.13),
            )
    c.line([(-10, 560), (1610, 548)], veil("#fbf6dc", 0.8), 4)
    c.line([(230, 1075), (470, 554)], veil("#fbf6dc", 0.75), 7)
    for i in range(60):
        angle = i * math.tau / 60
        a, b = angle, angle + math.tau / 60
        c.line(
            [
                (900 + 300 * math.cos(a), 800 + 120 * math.sin(a)),
                (900 + 300 * math.cos(b), 800 + 120 * math.sin(b)),
            ],
            veil("#fbf6dc", 0.75),
            5,
        )
    c.line([(1120, 560), (1120, 480), (1300, 478), (1300, 556)], "#fbf6e4", 4)
    people = (
        (240, 600, 96, "run", 1, "#b8433a", "#f0ead6"),
        (560, 590, 92, "stand", 1, "#2f5a86", "#22304a"),
        (1010, 596, 94, "run", -1, "#2f5a86", "#22304a"),
        (1420, 640, 112, "walk", -1, "#b8433a", "#f0ead6"),
        (700, 690, 146, "talk", 1, "#b8433a", "#f0ead6"),
        (1230, 720, 152, "talk", -1, "#2f5a86", "#22304a"),
        (330, 800, 176, "walk", 1, "#2f5a86", "#22304a"),
    )
    for x, y, tall, pose, face, shirt, shorts in people:
        cast_shadow(c, x, y, tall, -1.5, "#25381f", 1.3, 0.5)
        figure(
            c,
            x,
            y,
            tall,
            pose,
            face,
            Outfit(shirt, shorts, c.rng.choice(("#c98f6c", "#8a5a40")), bare_legs=True),
            "#ffe6a4",
        )
    cast_shadow(c, 900, 930, 330, -1.5, "#25381f", 1.3, 0.55)
    at = figure(
        c,
        900,
        930,
        330,
        "point",
        1,
        Outfit("#26262c", "#1c1c22", "#c48c68", "#5a3420", "tail", bare_legs=True),
        "#ffe6a4",
    )
    c.limb(at["near_hand"], (at["near_hand"][0] + 4, at["near_hand"][1] - 12), 6, 5, "#f0c040")
    tufts(c, 960, 1067, ("#3f5a2c", "#a8a84a", "#6a7f3c"), 420, 24)
    c.oval(1010, 924, 17, 17, "#f7f2e0")
    c.poly([(1006, 918), (1014, 917), (1016, 924), (1009, 928)], "#2c2a2c")
    return finish(c, 0.38)


def main_pitch(c: Canvas) -> Image.Image:
    """The ground on a still morning, mist on the mown stripes, a team walking out."""
    sky(c, 440, ("#86a8bd", "#bfd0d0", "#f3dfc0", "#ffd9a4"), "#f8efe0", 0.5)
    c.glow(330, 400, 520, 300, "#ffe0a4", 0.7)
    range_of_hills(c, 420, 80, "#b9c2bc", "#93a698", 2, 8, 8)
    c.ramp(436, 520, [(0, "#93a698"), (1, "#8a9a88")])
    c.shaded([(700, 250), (1605, 170), (1605, 540), (700, 500)], "#5f6f7c", "#33414e")
    c.poly([(650, 262), (1605, 120), (1605, 186), (664, 286)], "#8f3a34")
    for i in range(11):
        x = 740 + i * 88
        c.line([(x, 262 - i * 11), (x, 508)], "#26323c", 5)
    for row in range(9):
        for i in range(60):
            x = 712 + i * 15
            y = 352 + row * 17 - (i - 30) * 0.4
            c.rect(x, y, x + 11, y + 9, c.rng.choice(("#c9a040", "#d8b04c", "#b8903a", "#8f3a34")))
    c.poly([(690, 500), (1605, 522), (1605, 556), (690, 526)], "#e9e0c8")
    _floodlight_off(c, 560, 506, 330)
    _floodlight_off(c, 120, 500, 300)
    c.ramp(506, 1067, [(0, "#a9b878"), (0.3, "#7d9a54"), (1, "#3f6a3c")])
    lens = Lens(520, 440, 900, 3.0)
    for i in range(-14, 15):
        if i % 2:
            c.poly(lens.floor(i * 3.2, i * 3.2 + 3.2, 4, 36), veil("#f0eea4", 0.17))
    c.shaded([(690, 524), (1605, 554), (1605, 600), (690, 540)], "#b9a58c", "#8f7f70")
    for a, b in (((-14, 6), (-14, 34)), ((-14, 12), (16, 12)), ((-14, 30), (16, 30))):
        c.line([lens.at(a[0], 0, a[1]), lens.at(b[0], 0, b[1])], veil("#fbf8e8", 0.85), 5)
    c.line(
        [lens.at(-3.6, 0, 30), lens.at(-3.6, 2.4, 30), lens.at(3.6, 2.4, 30), lens.at(3.6, 0, 30)],
        "#fbf8e8",
        4,
    )
    mist(c, 560, 190, "#f8efdc", 0.75)
    squad = ((1360, 700), (1250, 714), (1150, 730), (1040, 752), (920, 782), (790, 818), (640, 868))
    for index, (x, y) in enumerate(squad):
        tall = 120 + (y - 700) * 0.95
        cast_shadow(c, x, y, tall, 0.9, "#2c4a30", 1.0, 0.4)
        figure(
            c,
            x,
            y,
            tall,
            "walk" if index != 5 else "carry",
            -1,
            Outfit(
                "#d9982f",
                "#26303c",
                ("#c98f6e", "#8a5a42", "#e0b090", "#a8704e")[index % 4],
                ("#2a1c16", "#7d4a26", "#c9a060")[index % 3],
                ("tail", "", "long", "tail")[index % 4],
                bare_legs=True,
            ),
            "#fff0c8",
        )
    c.oval(560, 892, 19, 19, "#f7f2e0")
    tufts(c, 980, 1067, ("#3f6a3c", "#8aa456", "#c4c87c"), 360, 20)
    far_birds(c, 420, 180, 90, 8, "#6a7f88")
    return finish(c, 0.34)


def _floodlight_off(c: Canvas, x: float, base: float, height: float) -> None:
    """A floodlight mast in daylight."""
    c.limb((x, base), (x, base - height), 7, 4, "#54626c")
    c.rect(x - 34, base - height - 34, x + 34, base - height + 18, "#54626c")
    for row in range(2):
        for col in range(4):
            c.oval(x - 24 + col * 16, base - height - 20 + row * 22, 6, 7, "#dfe6e2")


def chestnuts(c: Canvas) -> Image.Image:
    """The avenue on Gallows Hill in October, the town far below at its end."""
    sky(c, 600, ("#7d97a5", "#b5bfb5", "#ecd9ac", "#f6d08c"), "#efe2c4", 0.6)
    c.glow(800, 540, 560, 330, "#ffdc90", 0.7)
    hills(c, 560, 90, "#a9a894", "#c0b08c", 1.6)
    skyline(c, 580, 560, 1060, 40, "#9a8c7c")
    church(c, 850, 582, 110, "#8a7f74")
    c.ramp(572, 1067, [(0, "#d9b468"), (0.3, "#b08440"), (1, "#5a3f28")])
    lens = Lens(800, 560, 900, 1.9)
    c.shaded(
        [lens.at(-2.1, 0, 3), lens.at(2.1, 0, 3), lens.at(1.6, 0, 70), lens.at(-1.6, 0, 70)],
        "#f3d49a",
        "#a8784c",
    )
    for z in (60, 44, 33, 25, 19, 14.2, 10.4, 7.4):
        for side in (-1, 1):
            x, y = lens.at(side * 4.6, 0, z)
            air = min(0.75, z / 70)
            tones = [
                mix(tone, "#f0cf94", air) for tone in ("#6b3a1e", "#a3561f", "#cf7f28", "#ecb24a")
            ]
            c.poly(
                [
                    (x, y),
                    (x + 10, y),
                    (x - side * lens.size(3.4, z), y + lens.size(0.5, z)),
                    (x - side * lens.size(3.6, z), y + lens.size(0.42, z)),
                ],
                veil("#3f2a1c", 0.4 * (1 - air)),
            )
            leafy_tree(c, x, y, lens.size(8.2, z), mix("#33241e", "#c9a878", air), tones, -side)
    leaves_on_ground(c, 590, 1067, ("#c9702a", "#e3a23c", "#8f4a20", "#f0c464"), 1500)
    for x, z, pose, face, coat in (
        (-0.5, 15, "walk", 1, "#2f4a5c"),
        (0.3, 15.4, "walk", -1, "#7a2f2c"),
        (0.8, 30, "walk", 1, "#4a4248"),
    ):
        px, py = lens.at(x, 0, z)
        tall = lens.size(1.72, z)
        cast_shadow(c, px, py, tall, 0.25, "#3f2a1c", 1, 0.4)
        figure(
            c, px, py, tall, pose, face, Outfit(coat, "#2a2a30", hat="long", skirt=0.2), "#ffe4a8"
        )
    px, py = lens.at(-1.5, 0, 12.4)
    dog(c, px, py, 52, "#3a2620", 1)
    px, py = lens.at(-3.3, 0, 9)
    bench(c, px, py, 170, "#3a2a24")
    for _ in range(46):
        x, y = c.rng.uniform(0, 1600), c.rng.uniform(120, 900)
        size = c.rng.uniform(3, 8)
        c.blob(
            [(x - size, y), (x, y - size * 0.6), (x + size, y + size * 0.2), (x, y + size * 0.5)],
            c.rng.choice(("#e3a23c", "#cf7f28", "#b8601f")),
        )
    return finish(c, 0.44)


def hospital(c: Canvas) -> Image.Image:
    """The district hospital at blue hour: wards lit, the car park wet and half empty."""
    sky(c, 660, ("#152848", "#2c4a78", "#6a7fa5", "#c9a5a5"), "#1f3a62", 0.5)
    stars(c, 60, 240)
    hills(c, 664, 80, "#3f5578", "#5a6a88", 1.5, 6)
    _wards(c, 180, 250, 640, 420, 6, 12, "#7d8494")
    _wards(c, 820, 360, 560, 310, 4, 10, "#8f8a8c")
    c.shaded([(700, 210), (830, 210), (830, 670), (700, 670)], "#9c948f", "#5a5a68")
    for y in range(236, 600, 44):
        c.rect(744, y, 786, y + 30, "#ffdb98")
    c.rect(752, 150, 760, 212, "#3a3f50")
    c.oval(756, 150, 5, 5, "#ff5040")
    c.glow(756, 150, 70, colour="#ff4030", power=0.7)
    c.shaded([(560, 586), (980, 586), (1000, 612), (540, 612)], "#d8d0c4", "#8a8890")
    c.shaded([(600, 612), (940, 612), (940, 676), (600, 676)], "#ffe9b0", "#e9b468")
    for x in range(600, 941, 57):
        c.line([(x, 612), (x, 676)], "#5a5560", 4)
    c.glow(770, 660, 420, 150, "#ffd28a", 0.6)
    c.ramp(672, 1067, [(0, "#8a8a9a"), (0.2, "#4f5c78"), (1, "#18243c")])
    c.soft([(600, 680), (940, 680), (1080, 900), (500, 900)], "#ffd28a", 40, 0.4)
    for i in range(12):
        x = -100 + i * 160
        c.line([(800 + (x - 800) * 0.7, 820), (x, 1010)], veil("#e6e2d4", 0.5), 4)
    for x, y, size, tone in (
        (190, 780, 150, "#7a3036"),
        (1180, 770, 140, "#5d7484"),
        (1400, 790, 156, "#3a4050"),
        (330, 930, 230, "#33506a"),
        (1240, 950, 240, "#8a7a5a"),
    ):
        car(c, x, y, size, tone)
    for x, base, tall in ((90, 760, 330), (1120, 740, 280), (1520, 800, 380), (520, 730, 250)):
        street_lamp(c, x, base, tall, "#1a2338", "#ffd9a0", 0.7)
    for x, y, tall, pose, face in (
        (720, 742, 90, "walk", 1),
        (770, 744, 88, "walk", 1),
        (905, 720, 78, "stand", -1),
    ):
        figure(c, x, y, tall, pose, face, silhouette("#1c2438", "", 0.16), "#ffd9a0")
    for x in (60, 1470):
        bare_tree(c, x, 700, 250, "#141d30")
    ripples(c, 800, 1067, "#ffe0b0", 40, 0.2)
    return finish(c, 0.45, bloom=0.55)


def _wards(
    c: Canvas, x: float, y: float, width: float, height: float, floors: int, bays: int, wall: str
) -> None:
    """A block of wards in courses of concrete and glass."""
    c.shaded(
        [(x, y), (x + width, y), (x + width, y + height), (x, y + height)],
        wall,
        mix(wall, "#1a2338", 0.45),
    )
    c.rect(x - 8, y - 12, x + width + 8, y + 4, mix(wall, "#1a2338", 0.3))
    storey, bay = height / floors, width / bays
    for floor in range(floors):
        top = y + storey * floor + storey * 0.24
        c.rect(x, top + storey * 0.62, x + width, top + storey * 0.68, mix(wall, "#1a2338", 0.35))
        for i in range(bays):
            lit = c.rng.random() < 0.56
            lamp = c.rng.choice(("#ffd993", "#ffe7b8", "#f3c274", "#d9e6dc")) if lit else None
            pane(c, x + bay * (i + 0.16), top, bay * 0.68, storey * 0.52, lamp, "#22304e", wall)
            if lit and c.rng.random() < 0.25:
                px = x + bay * (i + 0.5)
                c.oval(px, top + storey * 0.24, 5, 6, "#4a3a44")
                c.blob(
                    [
                        (px - 10, top + storey * 0.52),
                        (px - 8, top + storey * 0.36),
                        (px, top + storey * 0.31),
                        (px + 8, top + storey * 0.36),
                        (px + 10, top + storey * 0.52),
                    ],
                    "#4a3a44",
                )


def car(c: Canvas, x: float, y: float, size: float, tone: str) -> None:
    """A parked car from the side, wet and catching the light."""
    c.soft(
        [
            (x - size * 0.55, y - 4),
            (x + size * 0.55, y - 4),
            (x + size * 0.5, y + size * 0.1),
            (x - size * 0.5, y + size * 0.1),
        ],
        "#0a101c",
        6,
        0.7,
    )
    c.shaded(
        [
            (x - size * 0.5, y - size * 0.06),
            (x - size * 0.5, y - size * 0.2),
            (x - size * 0.34, y - size * 0.24),
            (x - size * 0.2, y - size * 0.39),
            (x + size * 0.14, y - size * 0.39),
            (x + size * 0.3, y - size * 0.24),
            (x + size * 0.5, y - size * 0.19),
            (x + size * 0.52, y - size * 0.06),
        ],
        mix(tone, "#fff0dc", 0.25),
        mix(tone, "#0a101c", 0.4),
    )
    c.poly(
        [
            (x - size * 0.27, y - size * 0.24),
            (x - size * 0.18, y - size * 0.36),
            (x - size * 0.02, y - size * 0.36),
            (x - size * 0.02, y - size * 0.24),
        ],
        "#1d2a40",
    )
    c.poly(
        [
            (x + size * 0.01, y - size * 0.24),
            (x + size * 0.01, y - size * 0.36),
            (x + size * 0.12, y - size * 0.36),
            (x + size * 0.24, y - size * 0.24),
        ],
        "#2c3e58",
    )
    for dx in (-0.31, 0.31):
        c.oval(x + dx * size, y - size * 0.05, size * 0.09, size * 0.09, "#0d1018")
        c.oval(x + dx * size, y - size * 0.05, size * 0.045, size * 0.045, "#7d8490")


def postcode_map(c: Canvas) -> Image.Image:
    """The town from straight above as a map: river, streets and blocks shaded by what they pay."""
    c.ramp(0, 1067, [(0, "#eee3c8"), (1, "#e3d4b4")])
    scale = ("#f3dca4", "#eebf7a", "#e09a5c", "#cf6f4a", "#a8453f", "#742f3c")
    half = 118

    def bank(x: float, side: int) -> float:
        """The river's edge: it widens to the right, towards the sea."""
        middle = 640 + 110 * math.sin(x / 330 + 0.6) - x * 0.05
        return middle + side * (half * 0.35 + x * 0.085)

    across = list(range(-20, 1640, 20))
    for row in range(17):
        for col in range(25):
            x0, y0 = -40 + col * 68, -40 + row * 68
            bend = 26 * math.sin(y0 / 190) + 14 * math.sin(x0 / 240)
            x, y = x0 + bend, y0 + 22 * math.sin(x0 / 210)
            centre = (x + 30, y + 30)
            gap = min(abs(centre[1] - bank(centre[0], -1)), abs(centre[1] - bank(centre[0], 1)))
            inside = bank(centre[0], -1) < centre[1] < bank(centre[0], 1)
            risk = max(0.0, 5.2 - gap / 62) + c.rng.uniform(-0.7, 0.7)
            tone = scale[min(5, max(0, round(0 if inside else risk)))]
            if math.hypot(centre[0] - 420, (centre[1] - 230) * 1.2) < 128:
                continue
            _map_block(c, x, y, 60, tone)
    for _ in range(70):
        x, y = c.rng.gauss(420, 62), c.rng.gauss(230, 44)
        c.oval(x, y, 13, 12, c.rng.choice(("#8fa068", "#a4b07c", "#76895a")))
    water = [(x, bank(x, -1)) for x in across] + [(x, bank(x, 1)) for x in reversed(across)]
    c.poly([(x + 5, y + 8) for x, y in water], veil("#5a4a3a", 0.25))
    c.shaded(water, "#7fb0b8", "#4a8296")
    for lane in range(1, 7):
        c.line(
            [(x, bank(x, -1) + (bank(x, 1) - bank(x, -1)) * lane / 7) for x in across],
            veil("#d9ecea", 0.3),
            1.6,
        )
    for points in (
        [(-20, 180), (300, 360), (700, 372), (1150, 250), (1620, 190)],
        [(760, -20), (742, 400), (800, 1090)],
        [(-20, 930), (400, 880), (900, 900), (1620, 850)],
        [(1220, -20), (1180, 330), (1240, 1090)],
    ):
        path = smooth(points, closed=False, steps=14)
        c.line(path, "#a8957a", 19)
        c.line(path, "#fbf4e0", 14)
    tram = [(-20, 470), (330, 452), (742, 396), (1180, 330), (1620, 300)]
    c.line(tram, "#3a4a5c", 5)
    for t in range(0, 100, 3):
        i = min(3, t // 25)
        share = (t - i * 25) / 25
        x = tram[i][0] + (tram[i + 1][0] - tram[i][0]) * share
        y = tram[i][1] + (tram[i + 1][1] - tram[i][1]) * share
        c.line([(x - 2, y - 8), (x + 2, y + 8)], "#3a4a5c", 3)
    for x, y, tall in ((600, 300, 62), (1040, 770, 54)):
        church(c, x, y, tall, "#3a3440")
    for x in (1300, 1400, 1500):
        boat_y = (bank(x, -1) + bank(x, 1)) / 2 + c.rng.uniform(-30, 30)
        c.blob([(x - 20, boat_y), (x, boat_y - 7), (x + 22, boat_y), (x, boat_y + 7)], "#fbf4e0")
    for x, y in ((330, 640), (905, 470), (1130, 830)):
        c.oval(x + 3, y + 6, 24, 9, veil("#3a2a24", 0.4))
        c.blob(
            [
                (x, y + 4),
                (x - 24, y - 40),
                (x - 16, y - 64),
                (x, y - 70),
                (x + 16, y - 64),
                (x + 24, y - 40),
            ],
            "#2c3a4c",
        )
        c.oval(x, y - 45, 10, 10, "#fbf4e0")
    return finish(c, 0.3, 0.08, 0.2)


def _map_block(c: Canvas, x: float, y: float, size: float, tone: Colour) -> None:
    """One block of houses as a tile with a lit edge, cut by a lane now and then."""
    c.rect(x + 4, y + 5, x + size + 4, y + size + 5, veil("#5a4636", 0.28))
    c.shaded(
        [(x, y), (x + size, y), (x + size, y + size), (x, y + size)],
        mix(tone, "#ffffff", 0.08),
        mix(tone, "#5a2a2a", 0.08),
    )
    if c.rng.random() < 0.5:
        c.line([(x + size * 0.5, y), (x + size * 0.5, y + size)], "#eee3c8", 4)
    if c.rng.random() < 0.4:
        c.line([(x, y + size * 0.45), (x + size, y + size * 0.45)], "#eee3c8", 4)
    for _ in range(5):
        hx, hy = x + c.rng.uniform(4, size - 14), y + c.rng.uniform(4, size - 14)
        c.rect(hx, hy, hx + 10, hy + 8, mix(tone, "#4a2a2a", 0.22))


def school_garden(c: Canvas) -> Image.Image:
    """Raised beds in June, the greenhouse behind, children with a barrow and a can."""
    sky(c, 430, ("#7fb0bc", "#b9d0c0", "#f0e2b8"), "#fbf3dc", 0.6)
    range_of_hills(c, 440, 90, "#a9bf9c", "#7d9c6c", 2, 8, 10)
    house_row(
        c,
        452,
        940,
        1640,
        150,
        ("#b5704f", "#c9966c"),
        "#6a4a44",
        None,
        0,
        ("eaves", "gable"),
        "#5a7480",
    )
    for x in (60, 210, 880, 1560):
        leafy_tree(
            c, x, 480, c.rng.uniform(210, 300), "#5a4230", ("#3f6238", "#6a8f46", "#a9b95c"), 1
        )
    c.ramp(450, 1067, [(0, "#a9b866"), (0.4, "#8f9a50"), (1, "#6a6a38")])
    _greenhouse(c, 300, 520, 520, 250)
    c.shaded([(700, 470), (830, 470), (1120, 1075), (620, 1075)], "#e6cc96", "#b08a5c")
    for row, (y, size) in enumerate(((600, 0.62), (742, 0.86), (930, 1.2))):
        for side in (-1, 1):
            x0 = 770 + row * 22 + side * (70 + 70 * row)
            x1 = x0 + side * 560 * size
            _bed(c, min(x0, x1), max(x0, x1), y, size)
    for x, y, tall, pose, face, coat, hat in (
        (760, 770, 190, "carry", -1, "#c2503a", "tail"),
        (905, 640, 128, "walk", 1, "#3f6f94", ""),
        (1180, 830, 200, "bend", 1, "#e0ac3c", "long"),
        (420, 720, 150, "bend", 1, "#7d5276", "beanie"),
    ):
        cast_shadow(c, x, y, tall, -0.5, "#3a4424", 0.7, 0.4)
        figure(
            c,
            x,
            y,
            tall,
            pose,
            face,
            Outfit(coat, "#39506a", c.rng.choice(("#d9a482", "#9a6446")), "#3a241a", hat),
            "#fff4cc",
        )
    figure(
        c,
        640,
        640,
        200,
        "point",
        -1,
        Outfit("#5a7a5c", "#4a4650", "#c99070", "#8a8078", "", 0.16),
        "#fff4cc",
    )
    return finish(c, 0.34)


def _greenhouse(c: Canvas, x: float, base: float, width: float, height: float) -> None:
    """A greenhouse with tomato plants showing through the glass."""
    eaves, peak = base - height * 0.55, base - height
    c.poly(
        [
            (x, base),
            (x, eaves),
            (x + width * 0.14, peak),
            (x + width * 0.86, peak),
            (x + width, eaves),
            (x + width, base),
        ],
        "#bcd6cc",
    )
    for _ in range(150):
        px, py = c.rng.uniform(x + 8, x + width - 8), base - 14 - abs(c.rng.gauss(0, height * 0.2))
        c.oval(px, max(eaves - 8, py), 14, 12, c.rng.choice(("#5a8a4c", "#7da45c", "#3f6a42")))
    for _ in range(34):
        c.oval(
            c.rng.uniform(x + 20, x + width - 20),
            base - c.rng.uniform(20, height * 0.45),
            5,
            5,
            "#d0432f",
        )
    c.poly(
        [
            (x, base),
            (x, eaves),
            (x + width * 0.14, peak),
            (x + width * 0.86, peak),
            (x + width, eaves),
            (x + width, base),
        ],
        veil("#eef6ea", 0.35),
    )
    for i in range(9):
        t = i / 8
        c.line(
            [(x + width * t, base), (x + width * t, eaves), (x + width * (0.14 + 0.72 * t), peak)],
            "#fbf8ea",
            5,
        )
    for y in (base, eaves, peak):
        inset = 0.14 if y == peak else 0
        c.line([(x + width * inset, y), (x + width * (1 - inset), y)], "#fbf8ea", 7)
    c.poly(
        [
            (x + width * 0.2, peak),
            (x + width * 0.4, peak),
            (x + width * 0.2, eaves),
            (x + width * 0.05, eaves),
        ],
        veil("#ffffff", 0.3),
    )


def _bed(c: Canvas, x0: float, x1: float, y: float, size: float) -> None:
    """A raised bed planted in rows."""
    deep = 70 * size
    c.shaded([(x0 + 16, y - deep), (x1 - 16, y - deep), (x1, y), (x0, y)], "#5a4030", "#38281f")
    kind = c.rng.choice(("cabbage", "bean", "flower", "cabbage"))
    for row in range(3):
        py = y - deep * (0.82 - row * 0.34)
        px = x0 + 30 * size
        while px < x1 - 24 * size:
            if kind == "bean":
                c.line([(px, py), (px + 4, py - 96 * size)], "#8a6a44", 3 * size)
                for _ in range(9):
                    c.oval(
                        px + c.rng.gauss(2, 9 * size),
                        py - c.rng.uniform(5, 90) * size,
                        7 * size,
                        6 * size,
                        c.rng.choice(("#4f7f3c", "#76a04c", "#3a6434")),
                    )
            else:
                for ring in range(3):
                    r = (19 - 5 * ring) * size
                    c.oval(
                        px,
                        py - 7 * size - 4 * ring,
                        r,
                        r * 0.7,
                        ("#3f6f42", "#6a9a54", "#a4c474")[ring],
                    )
                if kind == "flower":
                    c.oval(
                        px,
                        py - 30 * size,
                        9 * size,
                        8 * size,
                        c.rng.choice(("#d9583c", "#eab03c", "#c46a94")),
                    )
            px += (44 if kind == "bean" else 50) * size
    c.shaded([(x0, y), (x1, y), (x1, y + 34 * size), (x0, y + 34 * size)], "#b58654", "#7d5636")
    c.line([(x0, y), (x1, y)], "#dcb47c", 4 * size)


def ropewalk(c: Canvas) -> Image.Image:
    """The lane of old workshops after rain, signs and doors, a barrow going home."""
    sky(c, 560, ("#6f8796", "#a9b3ac", "#e6d3a8", "#f6cf90"), "#e0d6bc", 0.7)
    c.glow(640, 540, 480, 330, "#ffd794", 0.7)
    tone = StreetTone(
        ("#7d5a48", "#8f7058", "#6a564e", "#a07c58", "#5a5250"),
        "#3f3638",
        "#e3bf8c",
        lit=0.3,
        reach=64,
        dark_glass="#33424a",
    )
    lens = Lens(640, 540, 950, 1.7)
    church(c, 650, 556, 180, "#a8957c")
    c.ramp(552, 1067, [(0, "#e6c48c"), (0.35, "#947a62"), (1, "#3a3236")])
    street_side(c, lens, -1, 3.4, 1.9, 62, tone, "rope-left", 6.5, 0.28)
    street_side(c, lens, 1, 3.8, 2.2, 62, tone, "rope-right", 7.0, 0.08)
    rng = Random("cobbles")
    z = 30.0
    while z > 2.4:
        x = -3.3 + rng.uniform(0, 0.2)
        while x < 3.7:
            wide = rng.uniform(0.2, 0.34)
            tone_here = mix("#4a3f40", "#d9b482", 0.15 + 0.5 * rng.random() * (1 - abs(x) / 6))
            c.poly(
                lens.floor(x, x + wide * 0.9, z, z + 0.02 * z + 0.06),
                mix(tone_here, "#e3bf8c", z / 46),
            )
            x += wide
        z *= 0.962
    for px, pz, r in ((0.4, 7, 1.5), (-1.2, 11, 1.3), (0.9, 17, 1.6)):
        x, y = lens.at(px, 0, pz)
        c.oval(x, y, lens.size(r, pz), lens.size(r, pz) * 0.1, veil("#ffe6b4", 0.22))
    for side, z, shape in ((1, 7.4, 0), (1, 14, 1), (-1, 8, 1), (-1, 17, 0), (1, 24, 0)):
        _hanging_sign(c, lens, side, z, shape)
    for x, z, pose, face, coat, hat in (
        (0.9, 13, "talk", 1, "#3f5668", "cap"),
        (1.7, 13.2, "stand", -1, "#8a4034", ""),
        (-1.6, 24, "walk", 1, "#4a4248", "long"),
    ):
        px, py = lens.at(x, 0, z)
        cast_shadow(c, px, py, lens.size(1.75, z), 0.3, "#2c2426", 1, 0.4)
        figure(
            c,
            px,
            py,
            lens.size(1.75, z),
            pose,
            face,
            Outfit(coat, "#2a2a30", hat=hat, skirt=0.18),
            "#ffe0a4",
        )
    px, py = lens.at(-1.0, 0, 8)
    at = figure(
        c,
        px,
        py,
        lens.size(1.75, 8),
        "pull",
        1,
        Outfit("#9a6a34", "#33303a", "#b8805c", "#4a4440", "cap", 0.1),
        "#ffe0a4",
    )
    hand = at["near_hand"]
    c.line([hand, (hand[0] + 78, py - 34), (hand[0] + 96, py - 60)], "#3a2a22", 6)
    c.poly(
        [
            (hand[0] + 20, hand[1] + 14),
            (hand[0] + 140, hand[1] + 10),
            (hand[0] + 122, py - 34),
            (hand[0] + 54, py - 34),
        ],
        "#6a4a34",
    )
    for i in range(3):
        c.ring(hand[0] + 82, hand[1] + 4 - i * 12, 44 - i * 6, 13, "#d8b078", 8)
    c.oval(hand[0] + 112, py - 20, 24, 24, "#2a2022")
    c.oval(hand[0] + 112, py - 20, 13, 13, "#8a6a4c")
    return finish(c, 0.48)


def _hanging_sign(c: Canvas, lens: Lens, side: int, z: float, shape: int) -> None:
    """A trade sign on a bracket: a coil or an anchor of sorts, no lettering."""
    wall = 3.8 if side > 0 else -3.4
    inner = wall - side * 1.1
    c.line([lens.at(wall, 3.3, z), lens.at(inner, 3.3, z)], "#2a2224", max(1.5, lens.size(0.05, z)))
    x, y = lens.at(inner + side * 0.35, 2.75, z)
    r = lens.size(0.38, z)
    c.line([(x, y - r), (x, lens.at(0, 3.3, z)[1])], "#2a2224", 2)
    c.oval(x, y, r, r, "#33424a" if shape else "#7d3a30")
    c.ring(x, y, r, r, "#d8b078", r * 0.1)
    if shape:
        c.line([(x, y - r * 0.5), (x, y + r * 0.5)], "#d8b078", r * 0.12)
        c.line(
            [(x - r * 0.45, y + r * 0.2), (x, y + r * 0.55), (x + r * 0.45, y + r * 0.2)],
            "#d8b078",
            r * 0.12,
        )
    else:
        for i in range(3):
            c.ring(x, y, r * (0.66 - 0.2 * i), r * (0.66 - 0.2 * i), "#d8b078", r * 0.09)


def bells(c: Canvas) -> Image.Image:
    """St Osyth's tower by moonlight, the louvres lit from within, roofs asleep below."""
    sky(c, 1067, ("#0a1430", "#16294c", "#2f4a70", "#51688a"), "#0c1836", 0.6)
    stars(c, 260, 700)
    moon(c, 1180, 240, 92)
    for _ in range(3):
        mist(c, c.rng.uniform(240, 420), 110, "#6f86a8", 0.3)
    x, half = 640, 150
    c.shaded(
        [(x - half, 300), (x + half, 300), (x + half + 14, 1075), (x - half - 14, 1075)],
        "#3f4a66",
        "#1a2340",
        True,
    )
    c.shaded(
        [(x + 40, 300), (x + half, 300), (x + half + 14, 1075), (x + 40, 1075)],
        "#39476a",
        "#7285a5",
        True,
    )
    for side in (-1, 1):
        c.poly(
            [
                (x + side * (half - 10), 320),
                (x + side * (half + 26), 420),
                (x + side * (half + 40), 1075),
                (x + side * (half - 10), 1075),
            ],
            "#27335a" if side < 0 else "#8496b2",
        )
    for y in range(330, 1060, 34):
        for i in range(8):
            bx = x - half + 12 + i * 36 + (18 if (y // 34) % 2 else 0)
            if c.rng.random() < 0.55 and bx < x + half - 30:
                c.rect(bx, y, bx + 30, y + 26, veil(c.rng.choice(("#8a9ab8", "#0f1830")), 0.12))
    c.rect(x - half - 20, 286, x + half + 20, 312, "#55658a")
    for i in range(7):
        left = x - half - 18 + i * 49
        c.rect(left, 252, left + 30, 290, "#46557a")
    c.poly([(x - half + 22, 254), (x, -60), (x + half - 22, 254)], "#2c3b64")
    c.poly([(x + 16, 20), (x, -60), (x + half - 22, 254), (x + 60, 254)], "#4f648c")
    for dx in (-62, 62):
        lancet(c, x + dx, 570, 96, 220, "#131b34")
        lancet(c, x + dx, 564, 78, 200, "#f0a94c")
        for y in range(400, 560, 20):
            c.line([(x + dx - 38, y + 8), (x + dx + 38, y)], "#3a2a34", 7)
        c.glow(x + dx, 480, 190, colour="#ffb550", power=0.55)
    _clock(c, x, 700, 72)
    lancet(c, x, 1010, 90, 190, "#101832")
    for turn in (-1, 1):
        for i in range(3):
            r = 240 + i * 70
            arc = [
                (x + turn * r * math.cos(a / 20), 480 - r * 0.7 * math.sin(a / 20))
                for a in range(-7, 8)
            ]
            c.line(arc, veil("#ffd08a", 0.22 - 0.05 * i), 3)
    house_row(
        c,
        1085,
        -60,
        430,
        190,
        ("#232f4e", "#1c2744", "#2c3858"),
        "#141c36",
        "#ffc46c",
        0.16,
        ("eaves", "gable"),
        "#0f1730",
    )
    house_row(
        c,
        1085,
        850,
        1660,
        210,
        ("#2c3a5c", "#232f50", "#35436a"),
        "#18213c",
        "#ffc46c",
        0.18,
        ("eaves", "gable"),
        "#0f1730",
    )
    for bx, by, s in ((900, 330, 13), (960, 300, 10), (1010, 360, 11), (330, 260, 9)):
        c.blob(
            [
                (bx - s * 2, by - s * 0.4),
                (bx - s, by - s * 0.9),
                (bx, by),
                (bx + s, by - s * 0.9),
                (bx + s * 2, by - s * 0.4),
                (bx + s * 0.8, by),
                (bx, by + s * 0.7),
                (bx - s * 0.8, by),
            ],
            "#0a1026",
        )
    return finish(c, 0.45, bloom=0.55)


def _clock(c: Canvas, x: float, y: float, r: float) -> None:
    """A tower clock at ten to two in the morning."""
    c.oval(x, y, r, r, "#16203c")
    c.oval(x, y, r * 0.88, r * 0.88, "#f6dfa8")
    c.glow(x, y, r * 2.4, colour="#ffd890", power=0.4)
    for hour in range(12):
        a = hour * math.pi / 6
        c.line(
            [
                (x + r * 0.7 * math.sin(a), y - r * 0.7 * math.cos(a)),
                (x + r * 0.82 * math.sin(a), y - r * 0.82 * math.cos(a)),
            ],
            "#2a2430",
            5,
        )
    for angle, length, width in ((math.radians(300), 0.66, 4), (math.radians(55), 0.44, 6)):
        c.line(
            [(x, y), (x + r * length * math.sin(angle), y - r * length * math.cos(angle))],
            "#2a2430",
            width,
        )


def cemetery(c: Canvas) -> Image.Image:
    """Plain wooden crosses in thin snow, low winter sun, one person with a few flowers."""
    x: float
    sky(c, 560, ("#8fa0b2", "#b9c2c8", "#e6d8cc", "#f6e2c0"), "#dfe0e0", 0.6)
    c.glow(380, 520, 560, 300, "#fff0cc", 0.7)
    range_of_hills(c, 570, 100, "#c2c8cc", "#98a4ac", 2, 12, 8)
    church(c, 1330, 590, 250, "#a9aeb2", "#8f969c")
    c.ramp(580, 1067, [(0, "#e9e4dc"), (0.4, "#d0d4d6"), (1, "#97a3ae")])
    c.wash(
        c.cloud(6, 18, 4).point([min(120, max(0, (v - 140) * 4)) for v in range(256)]),
        "#8f9280",
        590,
        1067,
    )
    c.shaded([(-5, 560), (1605, 566), (1605, 616), (-5, 608)], "#a3a5a6", "#7d8388")
    for x in range(0, 1600, 46):
        c.line([(x, 568), (x + c.rng.uniform(-8, 8), 606)], veil("#4f565c", 0.3), 2)
    for x, tall in ((140, 420), (1180, 330), (1500, 460)):
        bare_tree(c, x, 616, tall, "#4f545c")
    lens = Lens(700, 520, 900, 2.4)
    for z in (30, 23, 17.6, 13.4, 10.2):
        x = -9.0
        while x < 11:
            px, py = lens.at(x + 0.2 * math.sin(z), 0, z)
            size = lens.size(0.95, z)
            if not (z == 10.2 and -1.2 < x < 1.2):
                _wooden_cross(c, px, py, size, mix("#453c3a", "#b5b5b2", z / 44))
            x += 2.1
    px, py = lens.at(0.0, 0, 10.2)
    cast_shadow(c, px + 30, py, 150, 1.0, "#6a7684", 1.1, 0.5)
    _wooden_cross(c, px, py, 92, "#3f3634")
    for _ in range(16):
        c.oval(
            px + c.rng.gauss(0, 14),
            py - c.rng.uniform(-2, 10),
            5,
            4,
            c.rng.choice(("#b8473f", "#e9d9a4", "#c98a94", "#5a6a4a")),
        )
    cast_shadow(c, px + 130, py + 14, 190, 1.0, "#6a7684", 1.1, 0.5)
    figure(
        c,
        px + 118,
        py + 14,
        196,
        "stand",
        -1,
        Outfit("#2f3844", "#262a32", "#b98a70", "#8a847c", "", 0.26),
        "#fff2d4",
    )
    tufts(c, 720, 1067, ("#a39c80", "#857f68", "#e9e6de"), 420, 22)
    return finish(c, 0.36, bloom=0.3)


def _wooden_cross(c: Canvas, x: float, base: float, size: float, tone: Colour) -> None:
    """A plain cross with snow along its arms, and its shadow."""
    c.poly(
        [
            (x - size * 0.05, base),
            (x + size * 0.07, base),
            (x + size * 1.0, base + size * 0.3),
            (x + size * 0.86, base + size * 0.32),
        ],
        veil("#6a7684", 0.4),
    )
    c.poly(
        [
            (x + size * 0.42, base + size * 0.1),
            (x + size * 0.8, base + size * 0.17),
            (x + size * 0.78, base + size * 0.21),
            (x + size * 0.4, base + size * 0.14),
        ],
        veil("#6a7684", 0.3),
    )
    c.rect(x - size * 0.05, base - size, x + size * 0.05, base, tone)
    c.rect(x - size * 0.3, base - size * 0.76, x + size * 0.3, base - size * 0.66, tone)
    c.rect(x - size * 0.3, base - size * 0.79, x + size * 0.3, base - size * 0.75, "#f8f6f0")
    c.rect(x - size * 0.06, base - size * 1.02, x + size * 0.06, base - size * 0.98, "#f8f6f0")
    c.oval(x, base, size * 0.16, size * 0.05, "#f4f2ec")


def evening_classes(c: Canvas) -> Image.Image:
    """The Institute at dusk in winter, every window a different class."""
    sky(c, 760, ("#1a2444", "#3a4570", "#85708c", "#e0a48c"), "#27305a", 0.6)
    for x, tall in ((80, 520), (1540, 560)):
        bare_tree(c, x, 800, tall, "#161b32")
    wall = "#5a4550"
    c.rect(0, 770, 1600, 840, "#4a3f58")
    c.shaded([(200, 250), (1400, 250), (1400, 800), (200, 800)], "#75545a", "#3a2e44")
    c.poly([(170, 256), (290, 130), (1310, 130), (1430, 256)], "#2a2a44")
    c.shaded([(660, 190), (940, 190), (940, 800), (660, 800)], "#85605f", "#453448")
    c.poly([(636, 196), (800, 60), (964, 196)], "#24243c")
    c.poly([(672, 190), (800, 86), (928, 190)], "#75545a")
    c.oval(800, 152, 26, 26, "#ffd890")
    for x in (330, 540, 1060, 1270):
        c.rect(x - 20, 70, x + 20, 150, "#4f3a44")
        for dx in (-11, 7):
            c.rect(x + dx, 52, x + dx + 9, 72, "#7a4a40")
    for row, y in enumerate((300, 470, 630)):
        for i, x in enumerate((236, 384, 532, 690, 822, 960, 1108, 1256)):
            if row == 2 and i in (3, 4):
                continue
            lamp = c.rng.choice(("#ffd284", "#ffc066", "#ffe2a8", "#f4b45c"))
            pane(c, x, y, 98, 118, lamp if c.rng.random() < 0.84 else None, "#252c4a", wall)
            if row < 3:
                _class_in_window(c, x, y + 118, 98, c.rng.randrange(4))
    c.shaded([(730, 640), (870, 640), (870, 800), (730, 800)], "#ffe2a0", "#e9a04c")
    c.line([(800, 640), (800, 800)], "#3a2a34", 6)
    c.poly([(710, 640), (800, 600), (890, 640)], "#3a2e40")
    for step in range(4):
        c.rect(
            710 - step * 16,
            796 + step * 11,
            890 + step * 16,
            808 + step * 11,
            mix("#a88a80", "#4a3f50", step / 4),
        )
    for y in (360, 540, 700):
        c.glow(800, y, 720, 170, "#ffbe6a", 0.28)
    c.ramp(836, 1067, [(0, "#6a566a"), (0.3, "#3f3c58"), (1, "#171c34")])
    c.soft([(736, 842), (864, 842), (1010, 1067), (590, 1067)], "#ffc878", 26, 0.5)
    railing(c, -20, 640, 850, 96, "#1a1c30", 26)
    railing(c, 970, 1620, 850, 96, "#1a1c30", 26)
    for x in (664, 936):
        c.shaded([(x - 20, 730), (x + 20, 730), (x + 20, 860), (x - 20, 860)], "#6f5660", "#33293c")
        c.oval(x, 720, 17, 17, "#fff0c4")
        c.glow(x, 720, 150, colour="#ffd084", power=0.7)
    for x, y, tall, pose, face, hat in (
        (760, 900, 150, "walk", 1, "beanie"),
        (826, 912, 156, "walk", -1, "long"),
        (480, 960, 200, "walk", 1, "cap"),
        (1110, 950, 190, "walk", -1, "hood"),
        (1180, 956, 196, "talk", -1, "tail"),
    ):
        figure(c, x, y, tall, pose, face, silhouette("#1a1a2e", hat, 0.2), "#ffc880")
    for _ in range(260):
        size = c.rng.uniform(1, 3)
        c.oval(c.rng.uniform(0, 1600), c.rng.uniform(0, 1060), size, size, veil("#f6f0e8", 0.55))
    return finish(c, 0.46, bloom=0.6)


def _class_in_window(c: Canvas, x: float, sill: float, width: float, kind: int) -> None:
    """Who is seen in a lit window: an easel, a dancer's arms, two heads, a plant."""
    tone = veil("#4a2a2c", 0.8)
    cx = x + width * c.rng.uniform(0.35, 0.65)
    if kind < 3:
        c.oval(cx, sill - 62, 12, 14, tone)
        c.blob(
            [
                (cx - 27, sill),
                (cx - 21, sill - 36),
                (cx, sill - 47),
                (cx + 21, sill - 36),
                (cx + 27, sill),
            ],
            tone,
        )
    if kind == 0:
        c.line([(x + 14, sill), (x + 22, sill - 70), (x + 32, sill)], tone, 3)
        c.rect(x + 10, sill - 62, x + 36, sill - 26, tone)
    elif kind == 1:
        c.limb((cx + 16, sill - 34), (cx + 34, sill - 86), 10, 7, tone)
        c.limb((cx - 16, sill - 34), (cx - 34, sill - 86), 10, 7, tone)
    elif kind == 3:
        c.rect(cx - 12, sill - 20, cx + 12, sill, tone)
        for lean in (-22, -8, 8, 22):
            c.line([(cx, sill - 20), (cx + lean * 0.6, sill - 46), (cx + lean, sill - 54)], tone, 4)


def allotments(c: Canvas) -> Image.Image:
    """Gallows Hill in plots, sheds leaning, the estuary beyond, somebody digging."""
    sky(c, 420, ("#86a9b8", "#c2cdbd", "#f3deae"), "#faf0d8", 0.6)
    c.glow(1180, 400, 520, 260, "#ffe0a0", 0.5)
    hills(c, 412, 70, "#a9b9b5", "#b9c0a8", 1.4)
    c.ramp(400, 470, [(0, "#dfe0c8"), (1, "#9fb8b8")])
    skyline(c, 470, 120, 900, 56, "#a59a8a")
    church(c, 560, 472, 150, "#968c80")
    ground = [(-10, 520), (300, 476), (760, 470), (1200, 440), (1610, 390)]
    c.shaded([*ground, (1610, 1075), (-10, 1075)], "#a3ac5c", "#5f6a34")
    tones = ("#6a4a34", "#7d8f48", "#8aa452", "#5a4030", "#b5a55a", "#4f7a42", "#96723f")
    rows = ((480, 570, 0.5), (574, 690, 0.75), (696, 850, 1.05), (858, 1090, 1.5))
    for y0, y1, size in rows:
        x = -220.0
        while x < 1640:
            wide = c.rng.uniform(200, 290) * size
            rise0, rise1 = (x - 800) * -0.05, (x + wide - 800) * -0.05
            plot = [
                (x + 30 * size, y0 + rise0),
                (x + wide, y0 + rise1),
                (x + wide - 34 * size, y1 + rise1),
                (x, y1 + rise0),
            ]
            _plot(c, plot, c.rng.choice(tones), size)
            if c.rng.random() < 0.42:
                _shed(c, x + wide * 0.55, y0 + rise0 + 26 * size, 96 * size)
            x += wide + 24 * size
    for x, y, tall, pose, face, coat, hat in (
        (520, 806, 172, "bend", 1, "#3f5f7c", "cap"),
        (1080, 640, 118, "pull", -1, "#a8483a", ""),
        (1230, 880, 220, "carry", -1, "#c99034", "beanie"),
        (300, 610, 92, "talk", 1, "#5a4a52", ""),
    ):
        cast_shadow(c, x, y, tall, -0.7, "#33401f", 0.8, 0.4)
        at = figure(
            c, x, y, tall, pose, face, Outfit(coat, "#3a3c44", "#c08a68", "#8a8078", hat), "#fff0c4"
        )
        if pose == "bend":
            c.line(
                [
                    (at["near_hand"][0] - 10, at["near_hand"][1] - 60),
                    (at["near_hand"][0] + 26, y + 6),
                ],
                "#5a4230",
                6,
            )
        elif pose == "carry":
            hx, hy = at["near_hand"]
            c.poly(
                [(hx - 60, hy - 8), (hx + 26, hy - 8), (hx + 14, hy + 40), (hx - 48, hy + 40)],
                "#a8784a",
            )
            for _ in range(14):
                c.oval(
                    hx - 16 + c.rng.gauss(0, 18),
                    hy - 12 - c.rng.uniform(0, 14),
                    12,
                    10,
                    c.rng.choice(("#d9742f", "#6a9a48", "#b8433a")),
                )
    c.line([(700, 640), (700, 512), (712, 500)], "#5a4a40", 4)
    c.soft([(690, 500), (730, 500), (830, 330), (760, 320)], "#e6e2d4", 22, 0.5)
    far_birds(c, 900, 200, 110, 9, "#5f6f70")
    return finish(c, 0.36)


def _plot(c: Canvas, corners: list[Point], tone: str, size: float) -> None:
    """One plot in rows of crops."""
    c.shaded(corners, mix(tone, "#fff0c8", 0.12), mix(tone, "#1c1410", 0.15))
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    crop = c.rng.choice((mix(tone, "#c4cc6c", 0.5), "#3f6a38", "#86a850", "#a85a3c"))
    for row in range(5):
        u = (row + 0.5) / 5
        for i in range(11):
            v = (i + 0.5) / 11
            x = (ax + (bx - ax) * u) * (1 - v) + (dx + (cx - dx) * u) * v
            y = (ay + (by - ay) * u) * (1 - v) + (dy + (cy - dy) * u) * v
            r = size * (5 + 6 * v) * c.rng.uniform(0.7, 1.2)
            c.oval(x, y, r * 1.2, r * 0.7, mix(crop, "#1f2a18", 0.3))
            c.oval(x + 1, y - r * 0.3, r * 0.9, r * 0.5, crop)


def _shed(c: Canvas, x: float, base: float, size: float) -> None:
    """A shed made of what was to hand."""
    tone = c.rng.choice(("#6f8a86", "#8a6a4c", "#a3544a", "#5f7048", "#b59a6c"))
    c.soft(
        [
            (x - size * 0.9, base),
            (x, base - 4),
            (x, base + size * 0.16),
            (x - size * 0.9, base + size * 0.2),
        ],
        "#2c331c",
        8,
        0.5,
    )
    c.shaded(
        [
            (x - size * 0.4, base),
            (x - size * 0.4, base - size * 0.72),
            (x + size * 0.4, base - size * 0.8),
            (x + size * 0.4, base),
        ],
        mix(tone, "#fff0d0", 0.15),
        mix(tone, "#000000", 0.25),
    )
    for i in range(1, 8):
        px = x - size * 0.4 + size * 0.1 * i
        c.line([(px, base), (px, base - size * 0.75)], veil("#1c1814", 0.28), 1.4)
    c.poly(
        [
            (x - size * 0.5, base - size * 0.68),
            (x - size * 0.46, base - size * 0.82),
            (x + size * 0.5, base - size * 0.94),
            (x + size * 0.48, base - size * 0.8),
        ],
        "#4a4444",
    )
    c.rect(x - size * 0.28, base - size * 0.56, x - size * 0.02, base, mix(tone, "#1c1814", 0.4))
    pane(c, x + size * 0.1, base - size * 0.54, size * 0.2, size * 0.22, None, "#3f5660", tone)


def bandstand(c: Canvas) -> Image.Image:
    """The bandstand in the park in spring rain-light, spades against the rail, a small crowd."""
    sky(c, 560, ("#6f95a8", "#a9c0b5", "#e6dfb4", "#f6d896"), "#f3ead0", 0.5)
    c.glow(800, 540, 620, 330, "#ffe2a0", 0.6)
    range_of_hills(c, 560, 90, "#a9b59c", "#7f9470", 2, 8, 10)
    for x in (40, 240, 420, 1180, 1370, 1560):
        leafy_tree(
            c,
            x,
            640,
            c.rng.uniform(330, 470),
            "#4a3a2e",
            ("#3c5a38", "#668a46", "#a9b456", "#d8cc74"),
            1 if x < 800 else -1,
        )
    c.ramp(600, 1067, [(0, "#c0c06c"), (0.3, "#93a854"), (1, "#4d6a38")])
    c.shaded([(720, 640), (880, 640), (1250, 1075), (350, 1075)], "#eed9a8", "#b5905f")
    c.soft([(420, 830), (1180, 830), (1120, 890), (480, 890)], "#2c3a20", 20, 0.5)
    c.shaded([(450, 770), (1150, 770), (1130, 852), (470, 852)], "#c9a585", "#8a6658")
    c.shaded([(430, 752), (1170, 752), (1170, 776), (430, 776)], "#efe2c4", "#b5a084")
    for x in range(466, 1140, 44):
        c.line([(x, 780), (x, 850)], veil("#5a4238", 0.35), 3)
    c.shaded([(480, 470), (1120, 470), (1120, 752), (480, 752)], "#8fa98a", "#c9c48c")
    for x, tall, pose, face, coat in (
        (610, 220, "blow", 1, "#7d2f34"),
        (720, 214, "blow", 1, "#7d2f34"),
        (800, 226, "raise", 1, "#2f3444"),
        (890, 214, "blow", -1, "#7d2f34"),
        (1000, 220, "blow", -1, "#7d2f34"),
    ):
        at = figure(c, x, 754, tall, pose, face, Outfit(coat, "#2a2a34", hat="cap"), "#fff0c0")
        if pose == "blow":
            mx, my = at["head"][0] + face * 12, at["head"][1] + 5
            c.line([(mx, my), (mx + face * 52, my + 4)], "#d9a440", 5)
            c.poly(
                [(mx + face * 40, my + 4), (mx + face * 60, my - 10), (mx + face * 60, my + 18)],
                "#f0c460",
            )
    for x in (474, 640, 960, 1126):
        c.shaded(
            [(x - 8, 440), (x + 8, 440), (x + 8, 756), (x - 8, 756)], "#f3ead0", "#a89a84", True
        )
        for side in (-1, 1):
            c.line([(x, 486), (x + side * 26, 462), (x + side * 46, 450)], "#e3d8bc", 5)
    for x in range(486, 1120, 22):
        if not 740 < x < 860:
            c.line([(x, 690), (x, 752)], "#e3d8bc", 4)
    for left, right in ((476, 740), (862, 1124)):
        c.line([(left, 688), (right, 688)], "#f3ead0", 8)
    roof = [(420, 446), (560, 356), (720, 270), (800, 236), (880, 270), (1040, 356), (1180, 446)]
    c.shaded(roof, "#5f8f86", "#2f5a5c")
    for a, b in (((800, 236), (640, 446)), ((800, 236), (800, 446)), ((800, 236), (960, 446))):
        c.line([a, b], veil("#1f3a40", 0.4), 4)
    c.poly([(800, 236), (640, 446), (420, 446), (560, 356), (720, 270)], veil("#fff0c4", 0.14))
    c.shaded([(410, 440), (1190, 440), (1190, 466), (410, 466)], "#f3ead0", "#c0ae8c")
    for i in range(26):
        c.oval(425 + i * 30, 468, 12, 12, "#e3d8bc")
    c.line([(800, 236), (800, 180)], "#2f4a4c", 6)
    c.oval(800, 196, 10, 12, "#e3b45c")
    for step in range(3):
        c.rect(
            740 - step * 14,
            776 + step * 26,
            860 + step * 14,
            802 + step * 26,
            mix("#e3d0b0", "#a08468", step / 3),
        )
    for x, y, tall, pose, face, coat, hat in (
        (330, 900, 190, "stand", 1, "#38506a", "long"),
        (400, 906, 120, "point", 1, "#c2503a", ""),
        (1200, 900, 186, "talk", -1, "#5a6a48", "cap"),
        (1290, 910, 192, "stand", -1, "#8a4a52", "tail"),
        (600, 980, 230, "walk", 1, "#3f3a4c", ""),
    ):
        cast_shadow(c, x, y, tall, 0.5 if x > 800 else -0.5, "#2c3a20", 0.8, 0.4)
        figure(
            c,
            x,
            y,
            tall,
            pose,
            face,
            Outfit(coat, "#2f3440", c.rng.choice(("#c98f6e", "#8a5a42")), "#3a261c", hat, 0.16),
            "#fff0c0",
        )
    bench(c, 1330, 1000, 230, "#4a382c")
    tufts(c, 880, 1067, ("#3f5a30", "#b5b45c", "#6f8a40"), 300, 20, 0, 380)
    tufts(c, 880, 1067, ("#3f5a30", "#b5b45c", "#6f8a40"), 300, 20, 1230, 1600)
    return finish(c, 0.38)
