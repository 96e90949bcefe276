"""Scenes in the streets of the town."""

from PIL import Image

from .canvas import Canvas, mix, veil
from .land import far_birds, gull
from .light import finish, glitter, mist, rain, reflect, ripple_band, ripples, sky
from .people import Outfit, cast_shadow, dog, figure, silhouette, umbrella
from .town import (
    Lens,
    StreetTone,
    bench,
    church,
    crane,
    house_row,
    skyline,
    street_lamp,
    street_side,
)


def flooded_street(c: Canvas) -> Image.Image:
    """Dusk over a terrace that stands in water, with a rowing boat and somebody wading."""
    tone = StreetTone(
        ("#8a5a4c", "#7a5f5c", "#96705a", "#6b5a66", "#a08068"),
        "#35384a",
        "#c98f78",
        lit=0.5,
        reach=75,
    )
    lens = Lens(880, 560, 980, 2.1)
    sky(c, 600, ("#1d2c4d", "#3d4a72", "#9a6f80", "#f0a36c", "#ffd08c"), "#27304f", 0.75)
    c.glow(880, 570, 520, 260, "#ff9c52", 0.6)
    church(c, 905, 566, 150, "#6d5568")
    far = c.image.crop((0, 0, c.image.width, 1120)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    c.image.paste(far, (0, 1120))
    for view in (lens.mirror(), lens):
        street_side(c, view, -1, 5.2, 2.2, 66, tone, "left", shade=0.12)
        street_side(c, view, 1, 5.2, 2.6, 66, tone, "right", 5.4, 0.3)
        for z in (40, 26, 15):
            _kerb_lamp(c, view, 4.2, z)
        _wader(c, view)
        if view.mirrored:
            ripple_band(c, 574, "#22304f", 0.3, 13)
    ripples(c, 590, 1067, "#0f1930", 190, 0.4)
    ripples(c, 600, 1067, "#ffca94", 130, 0.3)
    glitter(c, 880, 585, 1000, "#ffdca0", 170, 150, 0.5)
    _moored_rowing_boat(c)
    mist(c, 590, 120, "#f2b98f", 0.35)
    return finish(c, 0.5)


def _kerb_lamp(c: Canvas, view: Lens, x: float, z: float) -> None:
    """A street lamp that stands in the water."""
    tall = 4.4
    c.line([view.at(x, 0, z), view.at(x, tall, z)], "#191d2b", max(1.2, view.size(0.11, z)))
    c.line(
        [view.at(x, tall, z), view.at(x - 0.8, tall + 0.2, z)],
        "#191d2b",
        max(1, view.size(0.08, z)),
    )
    bulb = view.at(x - 0.8, tall + 0.1, z)
    c.glow(*bulb, view.size(3.4, z), colour="#ffb45e", power=0.8)
    c.oval(*bulb, view.size(0.17, z), view.size(0.14, z), "#fff0c8")


def _wader(c: Canvas, view: Lens) -> None:
    """A man up to his shins in the street with a box in his arms, seen against the light."""
    z = 13.5
    x, y = view.at(-0.9, -0.35, z)
    tall = view.size(1.8, z)
    if view.mirrored:
        # His reflection only has to be a dark shape of the right length.
        c.limb(view.at(-0.9, 0, z), view.at(-0.9, 1.1, z), tall * 0.15, tall * 0.2, "#1b2134")
        c.oval(*view.at(-0.9, 1.35, z), tall * 0.07, tall * 0.08, "#1b2134")
        return
    at = figure(c, x, y, tall, "carry", 1, silhouette("#1b2134", "beanie", 0.08), "#e79a6a")
    hand = at["near_hand"]
    c.rect(
        hand[0] - tall * 0.06,
        hand[1] - tall * 0.15,
        hand[0] + tall * 0.15,
        hand[1] + tall * 0.03,
        "#3a2c30",
    )
    waterline = view.at(0, 0, z)[1]
    c.oval(x, waterline + tall * 0.07, tall * 0.34, tall * 0.085, mix("#5f4f62", "#22304f", 0.3))
    c.ring(x, waterline + tall * 0.05, tall * 0.36, tall * 0.06, veil("#ffca94", 0.5), 1)


def _moored_rowing_boat(c: Canvas) -> None:
    """The boat that was tied to a door handle."""
    c.soft([(330, 872), (640, 868), (600, 935), (380, 935)], "#0c1326", 12, 0.7)
    c.shaded([(318, 815), (650, 800), (612, 868), (500, 886), (362, 872)], "#86503e", "#2b1f28")
    c.blob([(322, 815), (480, 792), (646, 801), (500, 836)], "#1e1a24")
    for u in (400, 495, 580):
        c.line([(u - 12, 803), (u + 6, 828)], "#8e6a50", 9)
    c.line([(318, 815), (390, 834), (500, 836), (590, 822), (650, 800)], "#d89a6c", 2.4)
    c.line([(318, 815), (236, 790), (150, 730)], "#d8b48c", 1.5)
    ripples(c, 868, 900, "#ffca94", 14, 0.5, 330, 640)


def tram_works(c: Canvas) -> Image.Image:
    """A main street dug open for new rails, under cranes, on a bright cold evening."""
    sky(c, 620, ("#3f6d86", "#7fa3a5", "#d9cfa8", "#f6c886"), "#f7e6c4", 0.6)
    c.glow(1010, 560, 620, 420, "#ffbb66", 0.55)
    skyline(c, 590, 560, 1300, 70, "#a79a8a", "#ffe2a0", 0.1)
    crane(c, 1130, 590, 440, -430, "#6f4a35")
    crane(c, 700, 592, 300, 240, "#9a7a5a")
    tone = StreetTone(
        ("#b08560", "#c09a70", "#9c6a52", "#a8907a", "#7f7468"),
        "#5a4a48",
        "#ecc48e",
        lit=0.2,
        reach=80,
        dark_glass="#4a5f6a",
    )
    lens = Lens(960, 560, 950, 3.4)
    c.ramp(586, 1067, [(0, "#e0bb88"), (0.3, "#a98a6c"), (1, "#5b4c46")])
    street_side(c, lens, -1, 9, 4.5, 78, tone, "tram-left", 6.4, 0.05)
    street_side(c, lens, 1, 8, 5, 78, tone, "tram-right", 6.4, 0.3)
    c.shaded(lens.floor(-9, -6, 5, 80, 0.15), "#b79c7a", "#8f7a66")
    c.shaded(lens.floor(5, 8, 5, 80, 0.15), "#a08a70", "#6d5f58")
    _trench(c, lens)
    _rails(c, lens)
    _fences(c, lens)
    _digger(c, lens.at(-3.4, 0, 15.5), 205)
    _works_people(c, lens)
    _rubble(c, lens)
    c.soft([(700, 560), (1250, 560), (1350, 690), (620, 690)], "#ffd595", 40, 0.3)
    far_birds(c, 420, 180, 90, 9, "#4b5b66")
    return finish(c, 0.42)


def _trench(c: Canvas, lens: Lens) -> None:
    """The bed of the tracks, half a metre below the road, with its cut edge."""
    c.shaded(lens.floor(-1.9, 4.6, 3.0, 80), "#b08a62", "#4d3a30")
    c.shaded(lens.wall(-1.9, -0.5, 0, 3.0, 80), "#8a6a4c", "#33272a")
    c.poly(lens.floor(-2.15, -1.9, 3.0, 80), "#c9ad84")
    for _ in range(420):
        z = 4 + 30 * c.rng.random() ** 2
        x, y = lens.at(c.rng.uniform(-1.7, 4.4), 0, z)
        size = lens.size(c.rng.uniform(0.03, 0.1), z)
        c.oval(x, y, size, size * 0.55, c.rng.choice(("#7a6250", "#3d2f2c", "#a88c6c", "#5d4a40")))


def _rails(c: Canvas, lens: Lens) -> None:
    """Sleepers, then four rails that catch the sun."""
    z = 42.0
    while z > 4.2:
        for left in (-1.1, 1.9):
            c.poly(
                lens.floor(left, left + 2.1, z, z + 0.26), mix("#8c7660", "#403436", 10 / (z + 8))
            )
        z -= 0.8
    for x in (-0.75, 0.65, 2.25, 3.65):
        ends = (9.0 if x == 3.65 else 3.0, 80.0)
        c.poly(lens.floor(x - 0.05, x + 0.09, *ends, 0.02), "#3b2b28")
        c.shaded(lens.floor(x - 0.03, x + 0.03, *ends, 0.16), "#fff0c4", "#a8866a")


def _fences(c: Canvas, lens: Lens) -> None:
    """Red and white boards on both sides of the hole."""
    for x, near in ((-5.4, 6.0), (4.95, 7.0)):
        z = 40.0
        while z > near:
            for level in (0.45, 0.85):
                for part in range(4):
                    start = z + part * 0.5
                    c.poly(
                        lens.wall(x, level, level + 0.22, start, start + 0.5),
                        mix("#c2452f" if part % 2 else "#f0e4cc", "#e0b98a", z / 60),
                    )
            c.line([lens.at(x, 0, z), lens.at(x, 1.15, z)], "#4a3a34", max(1, lens.size(0.06, z)))
            z -= 2.25


def _digger(c: Canvas, foot: tuple[float, float], size: float) -> None:
    """An excavator with its arm raised over the trench."""
    x, y = foot

    def spot(u: float, v: float) -> tuple[float, float]:
        return x + u * size, y - v * size

    c.soft(
        [spot(-0.7, -0.05), spot(0.7, -0.05), spot(0.9, -0.16), spot(-0.5, -0.16)],
        "#2a2022",
        8,
        0.6,
    )
    c.blob(
        [
            spot(-0.62, 0.12),
            spot(-0.55, 0.24),
            spot(0.5, 0.24),
            spot(0.58, 0.12),
            spot(0.5, 0),
            spot(-0.55, 0),
        ],
        "#2c2628",
    )
    for i in range(5):
        c.oval(*spot(-0.45 + 0.22 * i, 0.12), size * 0.07, size * 0.07, "#57493f")
    c.shaded(
        [spot(-0.66, 0.28), spot(-0.66, 0.58), spot(-0.2, 0.64), spot(0.36, 0.5), spot(0.4, 0.28)],
        "#eab04a",
        "#b06f24",
    )
    c.poly([spot(-0.12, 0.5), spot(-0.08, 1.02), spot(0.26, 1.02), spot(0.36, 0.5)], "#d8952f")
    c.poly([spot(-0.04, 0.6), spot(-0.02, 0.95), spot(0.22, 0.95), spot(0.29, 0.6)], "#41525a")
    c.poly([spot(-0.04, 0.6), spot(-0.02, 0.95), spot(0.08, 0.95)], veil("#fbe8c0", 0.4))
    c.limb(spot(0.34, 0.46), spot(0.86, 1.3), size * 0.15, size * 0.12, "#d99a33")
    c.limb(spot(0.86, 1.3), spot(1.5, 1.02), size * 0.12, size * 0.1, "#c5832a")
    c.limb(spot(1.5, 1.02), spot(1.58, 0.56), size * 0.09, size * 0.07, "#b87526")
    c.line([spot(0.42, 0.62), spot(0.78, 0.98)], "#e9dfcc", size * 0.03)
    c.blob(
        [spot(1.5, 0.56), spot(1.72, 0.54), spot(1.76, 0.3), spot(1.52, 0.24), spot(1.4, 0.38)],
        "#3a302e",
    )


def _works_people(c: Canvas, lens: Lens) -> None:
    """Four of the gang in orange, and two passers-by who stopped to look."""
    z: float
    x: float
    crew = Outfit("#d9622b", "#36404e", "#b8805e", "#2a1f1a", "helmet")
    for x, z, pose, face in (
        (1.2, 17, "bend", 1),
        (3.0, 20, "point", -1),
        (0.2, 27, "stand", 1),
        (2.6, 12, "pull", -1),
    ):
        px, py = lens.at(x, 0, z)
        tall = lens.size(1.75, z)
        at = figure(c, px, py, tall, pose, face, crew, "#ffd08a")
        (nx, ny), (hx, hy) = at["neck"], at["hip"]
        for share in (0.5, 0.72):
            bx, by = nx + (hx - nx) * share, ny + (hy - ny) * share
            c.line([(bx - tall * 0.07, by), (bx + tall * 0.07, by)], "#f6ecb0", tall * 0.022)
        if pose == "pull":
            c.line([at["near_hand"], (px - tall * 0.5, py - tall * 0.02)], "#5d4632", tall * 0.03)
    for x, z, coat in ((6.3, 11, "#2f3d52"), (6.9, 11.6, "#7c3b38")):
        px, py = lens.at(x, 0.15, z)
        figure(c, px, py, lens.size(1.7, z), "stand", -1, Outfit(coat, skirt=0.16), "#ffd08a")


def _rubble(c: Canvas, lens: Lens) -> None:
    """Cobbles stacked in a heap in the near left corner, and two barriers' worth of shadow."""
    for index in range(150):
        row = index // 15
        x = -4.9 + c.rng.gauss(0, 0.55 - row * 0.04)
        px, py = lens.at(x, 0.02 + row * 0.09, 7.2 - row * 0.03)
        size = lens.size(c.rng.uniform(0.09, 0.13), 7.2)
        tone = mix("#4f4440", "#a88c6c", c.rng.random() * 0.8)
        c.rect(
            px - size, py - size * 0.5, px + size * 0.9, py + size * 0.6, mix(tone, "#1c1618", 0.35)
        )
        c.poly(
            [
                (px - size, py - size * 0.5),
                (px - size * 0.6, py - size * 1.1),
                (px + size * 1.2, py - size * 1.1),
                (px + size * 0.9, py - size * 0.5),
            ],
            mix(tone, "#ffe6b8", 0.3),
        )


def quay_promenade(c: Canvas) -> Image.Image:
    """An early evening on the quay: facades, lamps and people walking beside the water."""
    z: float
    sky(c, 470, ("#35507c", "#6f86a6", "#d8a99a", "#ffcf9a"), "#f3c3a4", 0.6)
    c.glow(300, 470, 560, 330, "#ffb878", 0.55)
    skyline(c, 472, -20, 620, 44, "#8d84a0", "#ffdf9c", 0.12)
    c.ramp(470, 1067, [(0, "#e9b795"), (0.25, "#9a94ac"), (1, "#35507c")])
    glitter(c, 300, 476, 900, "#fff0cf", 230, 420, 0.75)
    ripples(c, 480, 1060, "#2c4570", 230, 0.35, 0, 900)
    ripples(c, 480, 1060, "#ffd9b0", 120, 0.35, 0, 900)
    from_quay = Lens(520, 470, 1000, 2.4)
    tone = StreetTone(
        ("#b9705a", "#d1a06c", "#8f7f86", "#c9b08a", "#7d8f94", "#a85f52"),
        "#5b4350",
        "#dfae97",
        lit=0.32,
        reach=90,
        dark_glass="#43506c",
    )
    street_side(c, from_quay, 1, 9.5, 6.5, 95, tone, "quay", 6.2, 0.08)
    c.shaded(
        [
            from_quay.at(0.6, 0, 3),
            from_quay.at(9.5, 0, 3),
            from_quay.at(9.5, 0, 100),
            from_quay.at(0.6, 0, 100),
        ],
        "#ecc6a0",
        "#6d5a62",
    )
    for z in range(4, 40):
        c.line(
            [from_quay.at(0.6, 0, z * 1.2), from_quay.at(9.5, 0, z * 1.2)],
            veil("#4b3b4a", 0.22),
            max(0.6, 14 / z),
        )
    c.shaded(from_quay.wall(0.6, -1.5, 0, 3.2, 100), "#6c5560", "#2b2d44")
    c.poly(from_quay.floor(0.6, 1.1, 3, 100, 0.02), "#d9b290")
    for z in (52, 38, 28, 20.5, 15, 10.6):
        x, y = from_quay.at(1.5, 0, z)
        street_lamp(c, x, y, from_quay.size(4.2, z), "#2b2a3c", "#ffd592", 0.6)
    _promenaders(c, from_quay)
    for x, y, span in ((180, 210, 90), (330, 150, 60), (690, 120, 46), (90, 330, 44)):
        gull(c, x, y, span, "#f7ece0", "#7b7c90", c.rng.uniform(-0.3, 0.3))
    return finish(c, 0.42)


def _promenaders(c: Canvas, lens: Lens) -> None:
    """People on the quay with the low sun behind them, farthest first."""
    walkers = [
        (4.2, 46, "walk", 1, "#5a4a5c"),
        (2.9, 42, "walk", -1, "#62505a"),
        (6.0, 34, "stand", 1, "#4a4258"),
        (2.6, 30, "walk", -1, "#703f44"),
        (3.2, 30.4, "walk", -1, "#3d4a66"),
        (5.4, 22, "talk", 1, "#3c4a62"),
        (6.2, 22.3, "talk", -1, "#8a4a40"),
        (2.5, 15.5, "walk", 1, "#33405c"),
        (6.9, 14, "walk", -1, "#5c3b46"),
        (3.6, 10.8, "walk", -1, "#2c3650"),
        (4.35, 11, "walk", -1, "#93473a"),
        (2.2, 6.6, "walk", 1, "#2b3450"),
        (2.85, 6.8, "walk", 1, "#7d4038"),
    ]
    for index, (x, z, pose, face, coat) in enumerate(walkers):
        px, py = lens.at(x, 0, z)
        tall = lens.size((1.72, 1.62, 1.8)[index % 3], z)
        cast_shadow(c, px, py, tall, 0.75, "#3a2c44", 1.0, 0.4)
        hat = ("", "long", "cap", "tail")[index % 4]
        figure(
            c,
            px,
            py,
            tall,
            pose,
            face,
            Outfit(coat, "#2a2a3c", "#b98468", "#32241f", hat, 0.14 if index % 3 else 0.26),
            "#ffd0a0",
        )
    px, py = lens.at(5.6, 0, 11)
    cast_shadow(c, px, py, 60, 0.75, "#3a2c44", 1.0, 0.35)
    dog(c, px - 30, py + 4, 66, "#3b2a2a", -1)
    bench(c, *lens.at(5.4, 0, 6.6), 250, "#3a2e3c")
    px, py = lens.at(7.4, 0, 27)
    child = Outfit("#c2603c", "#2c3548", "#c79274", "#4a2f22")
    figure(c, px, py, lens.size(1.15, 27), "run", -1, child, "#ffd0a0")


def night_bus(c: Canvas) -> Image.Image:
    """The last bus at its stop in the rain, windows lit, the road a sheet of colour."""
    x: float
    sky(c, 700, ("#0b1424", "#13233a", "#27405a"), "#0a111e", 0.7)
    house_row(
        c,
        690,
        -60,
        1700,
        330,
        ("#1c2a3c", "#22303f", "#182436", "#2a3440"),
        "#131c2a",
        "#e9a955",
        0.14,
        dark="#101a28",
    )
    c.soft([(0, 520), (1600, 520), (1600, 720), (0, 720)], "#2c4660", 50, 0.45)
    c.rect(0, 686, 1600, 712, "#1f2d3c")
    for x in (130, 1480):
        street_lamp(c, x, 704, 420, "#0c121c", "#ffb765", 1.0)
    bus_top, bus_foot = 360, 716
    _bus(c, 330, bus_top, 880, bus_foot - bus_top)
    _bus_stop(c, 1330, 712)
    reflect(c, 718, "#0d1828", 0.32, 26)
    c.glow(770, 760, 620, 60, "#ffcf7e", 0.35)
    ripples(c, 724, 1067, "#070d17", 220, 0.5)
    ripples(c, 724, 1067, "#ffd691", 90, 0.22, 250, 1300)
    for _ in range(150):
        x, near = c.rng.uniform(0, 1600), c.rng.random()
        y = 726 + 330 * near
        c.ring(x, y, 4 + 12 * near, 1 + 3 * near, veil("#c6d6e4", 0.28), 0.7)
    rain(c, 620, "#c9d8e6", 0.2)
    mist(c, 640, 260, "#5b7690", 0.25)
    return finish(c, 0.55, 0.1, 0.75)


def _bus(c: Canvas, x: float, y: float, width: float, height: float) -> None:
    """A double-decker from its side, facing right, with the passengers in its windows."""
    right, foot = x + width, y + height
    body = [
        (x + 12, y + 4),
        (x + width * 0.94, y),
        (right - 8, y + height * 0.16),
        (right, y + height * 0.56),
        (right, foot - 40),
        (x, foot - 40),
        (x, y + 30),
    ]
    c.shaded(body, "#a2382f", "#4d1d24")
    c.rect(x, y + height * 0.44, right - 2, y + height * 0.53, "#d9b478")
    c.rect(x, foot - 62, right, foot - 40, "#2c1319")
    for deck, (top, tall) in enumerate(((0.1, 0.29), (0.55, 0.28))):
        windows = 8 if deck == 0 else 6
        for i in range(windows):
            left = x + 26 + i * (width * 0.915 - 20) / 8
            w = (width * 0.915 - 20) / 8 - 10
            box = [
                (left, y + height * top),
                (left + w, y + height * top),
                (left + w, y + height * (top + tall)),
                (left, y + height * (top + tall)),
            ]
            c.shaded(box, "#fff2c6", "#e8a953")
            c.rect(
                left,
                y + height * (top + tall * 0.72),
                left + w,
                y + height * (top + tall),
                "#9b5f38",
            )
            if (deck, i) in ((0, 1), (0, 4), (0, 5), (1, 2), (1, 4)):
                _passenger(c, left + w * 0.5, y + height * (top + tall), height * 0.2)
            c.line(
                [(left + w * 0.15, box[2][1]), (left + w * 0.55, box[0][1])],
                veil("#ffffff", 0.18),
                7,
            )
    door = x + width * 0.8
    c.shaded(
        [
            (door, y + height * 0.56),
            (door + width * 0.075, y + height * 0.56),
            (door + width * 0.075, foot - 46),
            (door, foot - 46),
        ],
        "#fff0c2",
        "#d99848",
    )
    c.line(
        [(door + width * 0.037, y + height * 0.56), (door + width * 0.037, foot - 46)], "#4d1d24", 4
    )
    c.poly(
        [
            (right - 84, y + height * 0.56),
            (right - 16, y + height * 0.56),
            (right - 8, y + height * 0.8),
            (right - 84, y + height * 0.8),
        ],
        "#e9b869",
    )
    figure(
        c,
        right - 62,
        y + height * 1.06,
        height * 0.52,
        "sit",
        1,
        Outfit("#22304a", skin="#8a5a40", hat="cap"),
    )
    c.rect(right - 90, y + height * 0.8, right - 4, foot - 62, "#7d2a29")
    for wheel in (x + width * 0.17, x + width * 0.74):
        c.oval(wheel, foot - 36, 60, 56, "#1a0f16")
        c.oval(wheel, foot - 30, 44, 44, "#0b0d12")
        c.oval(wheel, foot - 30, 20, 20, "#57606a")
    c.oval(right - 14, foot - 76, 11, 13, "#fff8dc")
    c.glow(right + 10, foot - 76, 250, 130, "#fff0c0", 0.9)
    c.rect(x - 2, foot - 110, x + 8, foot - 78, "#ff4a34")
    c.glow(x, foot - 94, 110, colour="#ff3a26", power=0.7)
    c.glow(x + width / 2, y + height * 0.26, width * 0.62, 150, "#ffc568", 0.35)
    c.glow(x + width / 2, y + height * 0.7, width * 0.6, 140, "#ffc568", 0.35)


def _passenger(c: Canvas, x: float, base: float, size: float) -> None:
    """Head and shoulders behind glass."""
    tone = mix("#3b2430", "#5f3a34", c.rng.random())
    c.blob(
        [
            (x - size * 0.3, base),
            (x - size * 0.26, base - size * 0.28),
            (x, base - size * 0.4),
            (x + size * 0.26, base - size * 0.28),
            (x + size * 0.3, base),
        ],
        tone,
    )
    c.oval(
        x + size * 0.03, base - size * 0.55, size * 0.17, size * 0.21, mix(tone, "#b07a58", 0.35)
    )
    c.oval(x - size * 0.02, base - size * 0.63, size * 0.17, size * 0.16, tone)


def _bus_stop(c: Canvas, x: float, base: float) -> None:
    """The stop, and two people under one umbrella."""
    c.line([(x + 110, base), (x + 110, base - 260)], "#0b111a", 6)
    c.oval(x + 110, base - 272, 26, 26, "#b84335")
    c.oval(x + 110, base - 272, 13, 13, "#e9dcc0")
    at = figure(c, x - 30, base + 4, 205, "walk", -1, silhouette("#0d141f", "", 0.2), "#d99c55")
    umbrella(c, (at["near_hand"][0] - 6, at["near_hand"][1] - 40), 150, "#233248")
    figure(c, x + 34, base + 4, 188, "stand", -1, silhouette("#121a26", "long", 0.26), "#b98448")
