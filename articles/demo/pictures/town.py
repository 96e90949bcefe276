"""Built things: streets in perspective, house fronts, towers, lamps, boats and vehicles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from .canvas import Canvas, Colour, Point, mix, veil


@dataclass(frozen=True)
class Lens:
    """One-point perspective: metres across, up and away become picture units.

    `mirrored` shows everything upside down below the ground, as still water does.
    """

    vx: float
    vy: float
    focal: float = 1000
    eye: float = 1.7
    mirrored: bool = False

    def at(self, x: float, y: float, z: float) -> Point:
        """Where a point in space lands in the picture."""
        up = -y if self.mirrored else y
        return self.vx + x * self.focal / z, self.vy + (self.eye - up) * self.focal / z

    def wall(self, x: float, y0: float, y1: float, z0: float, z1: float) -> list[Point]:
        """A patch of a wall that runs away from the viewer."""
        return [self.at(x, y0, z0), self.at(x, y1, z0), self.at(x, y1, z1), self.at(x, y0, z1)]

    def floor(self, x0: float, x1: float, z0: float, z1: float, y: float = 0) -> list[Point]:
        """A patch of floor, ceiling or table."""
        return [self.at(x0, y, z0), self.at(x1, y, z0), self.at(x1, y, z1), self.at(x0, y, z1)]

    def front(self, x0: float, x1: float, y0: float, y1: float, z: float) -> list[Point]:
        """A patch that faces the viewer."""
        return [self.at(x0, y0, z), self.at(x1, y0, z), self.at(x1, y1, z), self.at(x0, y1, z)]

    def size(self, metres: float, z: float) -> float:
        """How large a length is at a distance."""
        return metres * self.focal / z

    def mirror(self) -> "Lens":
        """The same view, looking into the water."""
        return replace(self, mirrored=True)


@dataclass(frozen=True)
class StreetTone:
    """The colours of a street: walls to choose from, the roofs, the air and the window light."""

    walls: Sequence[Colour]
    roof: Colour
    haze: Colour
    lamp: Colour = "#ffc56b"
    dark_glass: Colour = "#26354a"
    lit: float = 0.5
    reach: float = 60.0


def street_side(
    c: Canvas,
    lens: Lens,
    side: int,
    x: float,
    near: float,
    far: float,
    tone: StreetTone,
    seed: str,
    width: float = 5.0,
    shade: float = 0,
) -> None:
    """A terrace along one side of a street, from its far end towards the viewer."""
    rng = Random(seed)
    houses = []
    z = near
    while z < far:
        deep = width * rng.uniform(0.85, 1.15)
        houses.append(
            (
                z,
                z + deep,
                rng.uniform(5.4, 6.7),
                rng.choice(tone.walls),
                [rng.random() < tone.lit for _ in range(4)],
                rng.uniform(0.65, 1),
            )
        )
        z += deep
    for z0, z1, height, wall, lit, warmth in reversed(houses):
        air = min(0.9, (z0 / tone.reach) ** 0.8)
        _terrace_house(
            c,
            lens,
            side * x,
            side,
            (z0, z1),
            height,
            mix(mix(wall, "#0a1020", shade), tone.haze, air),
            air,
            tone,
            lit,
            warmth,
        )


def _terrace_house(
    c: Canvas,
    lens: Lens,
    x: float,
    side: int,
    span: tuple[float, float],
    height: float,
    wall: Colour,
    air: float,
    tone: StreetTone,
    lit: Sequence[bool],
    warmth: float,
) -> None:
    """One house of a terrace: chimney, roof, wall, then windows and door."""
    z0, z1 = span
    roof = mix(tone.roof, tone.haze, air)
    ridge_x, ridge_y = x + side * 3, height + 2.4
    for shift in (0.1, 1.1):
        c.poly(
            lens.front(ridge_x - 0.35, ridge_x + 0.35, ridge_y - 1.4, ridge_y + 0.9, z0 + shift),
            mix(wall, "#000000", 0.25 if shift > 1 else 0.1),
        )
    for pot in (-0.2, 0.15):
        c.poly(
            lens.front(
                ridge_x + pot - 0.1, ridge_x + pot + 0.1, ridge_y + 0.9, ridge_y + 1.3, z0 + 0.1
            ),
            mix("#8c4b34", tone.haze, air),
        )
    c.poly(
        [
            lens.at(x - side * 0.25, height - 0.1, z0),
            lens.at(ridge_x, ridge_y, z0),
            lens.at(ridge_x, ridge_y, z1),
            lens.at(x - side * 0.25, height - 0.1, z1),
        ],
        roof,
    )
    c.shaded(
        lens.wall(x, 0, height, z0, z1), mix(wall, "#fff0d8", 0.07), mix(wall, "#05080f", 0.22)
    )
    c.poly(lens.wall(x, height - 0.3, height - 0.08, z0, z1), mix(roof, "#000000", 0.3))
    deep = z1 - z0
    _window(c, lens, x, (0.9, 2.3), (z0 + 0.42 * deep, z0 + 0.86 * deep), lit[0], warmth, air, tone)
    for index, place in enumerate((0.12, 0.56)):
        _window(
            c,
            lens,
            x,
            (3.4, 4.9),
            (z0 + place * deep, z0 + (place + 0.3) * deep),
            lit[index + 1],
            warmth,
            air,
            tone,
        )
    _door(c, lens, x, (z0 + 0.08 * deep, z0 + 0.29 * deep), lit[3], air, tone, wall)


def _window(
    c: Canvas,
    lens: Lens,
    x: float,
    y: tuple[float, float],
    z: tuple[float, float],
    lit: bool,
    warmth: float,
    air: float,
    tone: StreetTone,
) -> None:
    """A sash window in a receding wall."""
    stone = mix(mix("#cbbfa6", tone.haze, air), tone.dark_glass, 0.45)
    c.poly(lens.wall(x, y[0] - 0.16, y[1] + 0.18, z[0] - 0.1, z[1] + 0.1), stone)
    if lit:
        lamp = mix(tone.lamp, tone.haze, air * 0.6)
        c.shaded(
            lens.wall(x, *y, *z),
            mix(lamp, "#b4602a", 0.5 * (1 - warmth)),
            mix(lamp, "#fff3cf", 0.35),
        )
        c.poly(lens.wall(x, *y, z[0], z[0] + 0.18 * (z[1] - z[0])), veil("#a5552c", 0.55))
        c.poly(lens.wall(x, *y, z[1] - 0.15 * (z[1] - z[0]), z[1]), veil("#a5552c", 0.55))
    else:
        glass = mix(tone.dark_glass, tone.haze, air * 0.8)
        c.shaded(lens.wall(x, *y, *z), mix(glass, tone.haze, 0.35), glass)
    bar = mix(tone.dark_glass, tone.haze, 0.2 + air * 0.6)
    middle_z, middle_y = (z[0] + z[1]) / 2, (y[0] + y[1]) / 2
    thick = max(0.7, lens.size(0.06, z[0]))
    c.line([lens.at(x, y[0], middle_z), lens.at(x, y[1], middle_z)], bar, thick)
    c.line([lens.at(x, middle_y, z[0]), lens.at(x, middle_y, z[1])], bar, thick)


def _door(
    c: Canvas,
    lens: Lens,
    x: float,
    z: tuple[float, float],
    lit: bool,
    air: float,
    tone: StreetTone,
    wall: Colour,
) -> None:
    """A front door with a fanlight over it."""
    paint = mix(mix(wall, tone.dark_glass, 0.75), tone.haze, air * 0.7)
    c.poly(lens.wall(x, 0, 2.75, z[0] - 0.1, z[1] + 0.1), mix(paint, "#d8ccb2", 0.35))
    c.poly(lens.wall(x, 0, 2.1, *z), paint)
    c.poly(
        lens.wall(x, 2.2, 2.6, *z),
        mix(tone.lamp, tone.haze, air * 0.6) if lit else mix(tone.dark_glass, tone.haze, 0.3),
    )


def facade(
    c: Canvas,
    x: float,
    base: float,
    width: float,
    height: float,
    wall: Colour,
    roof: Colour,
    lamp: Colour | None,
    style: str = "eaves",
    lit: float = 0.5,
    dark: Colour = "#2a3443",
    shop: bool = False,
) -> None:
    """A house front seen square on. Style is eaves, gable, step or flat."""
    top = base - height
    rise = height * 0.28
    chimney = x + width * c.rng.choice((0.12, 0.74))
    if style in ("eaves", "gable"):
        c.rect(chimney, top - rise * 1.25, chimney + width * 0.14, top, mix(wall, "#000000", 0.25))
        for pot in (0.01, 0.08):
            c.rect(
                chimney + pot * width,
                top - rise * 1.45,
                chimney + (pot + 0.045) * width,
                top - rise * 1.2,
                mix("#8c4b34", dark, 0.3),
            )
    if style == "eaves":
        c.shaded(
            [
                (x - 2, top),
                (x + width * 0.05, top - rise),
                (x + width * 0.95, top - rise),
                (x + width + 2, top),
            ],
            mix(roof, "#ffffff", 0.06),
            mix(roof, "#000000", 0.18),
        )
    elif style == "gable":
        c.poly(
            [
                (x - width * 0.05, top + 2),
                (x + width / 2, top - rise * 1.6),
                (x + width * 1.05, top + 2),
            ],
            roof,
        )
        c.poly([(x, top + 2), (x + width / 2, top - rise * 1.35), (x + width, top + 2)], wall)
        c.oval(
            x + width / 2,
            top - rise * 0.45,
            width * 0.07,
            width * 0.07,
            lamp if lamp and c.rng.random() < lit else dark,
        )
    elif style == "step":
        for i in range(4):
            c.rect(
                x + width * 0.12 * i,
                top - rise * 0.42 * i,
                x + width * (1 - 0.12 * i),
                top - rise * 0.42 * (i - 1) + 1,
                wall,
            )
    c.shaded(
        [(x, top), (x + width, top), (x + width, base), (x, base)],
        mix(wall, "#fff2dc", 0.08),
        mix(wall, "#000000", 0.16),
    )
    c.rect(x, top, x + width, top + max(1.5, height * 0.02), mix(wall, "#000000", 0.3))
    floors, bays = max(2, round(height / 75)), max(2, round(width / 44))
    storey, bay = height / floors, width / bays
    for floor in range(floors):
        ground = floor == floors - 1
        if ground and shop:
            _shop_front(c, x, base, width, storey, lamp, dark)
            continue
        for place in range(bays):
            left = x + bay * (place + 0.28)
            upper = top + storey * (floor + 0.24)
            if ground and place == bays // 2:
                c.rect(left, upper, left + bay * 0.44, base, mix(wall, dark, 0.8))
                continue
            pane(
                c,
                left,
                upper,
                bay * 0.44,
                storey * 0.54,
                lamp if lamp and c.rng.random() < lit else None,
                dark,
                wall,
            )


def pane(
    c: Canvas,
    x: float,
    y: float,
    width: float,
    height: float,
    lamp: Colour | None,
    dark: Colour,
    frame: Colour,
) -> None:
    """A window seen square on, lit when it has a lamp."""
    edge = max(0.8, width * 0.09)
    c.rect(
        x - edge, y - edge, x + width + edge, y + height + edge * 1.8, mix(frame, "#efe6d2", 0.3)
    )
    box = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    if lamp:
        c.shaded(box, mix(lamp, "#b4602a", c.rng.uniform(0.05, 0.45)), mix(lamp, "#fff6da", 0.3))
    else:
        c.shaded(box, mix(dark, frame, 0.35), dark)
    bar = mix(dark, frame, 0.3)
    c.line([(x + width / 2, y), (x + width / 2, y + height)], bar, edge * 0.7)
    c.line([(x, y + height * 0.46), (x + width, y + height * 0.46)], bar, edge * 0.7)


def _shop_front(
    c: Canvas, x: float, base: float, width: float, storey: float, lamp: Colour | None, dark: Colour
) -> None:
    """A ground floor with a wide window under an awning."""
    pane(
        c, x + width * 0.1, base - storey * 0.66, width * 0.52, storey * 0.52, lamp, dark, "#6b5a48"
    )
    c.rect(x + width * 0.7, base - storey * 0.7, x + width * 0.88, base, dark)
    paint = c.rng.choice(("#a8483a", "#3f6a66", "#c08a3e", "#4a5d80"))
    stripes = 8
    for i in range(stripes):
        left, right = x + width * i / stripes, x + width * (i + 1) / stripes
        c.poly(
            [
                (left, base - storey * 0.95),
                (right, base - storey * 0.95),
                (right + 2, base - storey * 0.72),
                (left - 2, base - storey * 0.72),
            ],
            paint if i % 2 else mix(paint, "#efe3cb", 0.75),
        )


def house_row(
    c: Canvas,
    base: float,
    left: float,
    right: float,
    height: float,
    walls: Sequence[Colour],
    roof: Colour,
    lamp: Colour | None,
    lit: float = 0.4,
    styles: Sequence[str] = ("eaves", "gable", "eaves", "step"),
    dark: Colour = "#2a3443",
    shops: float = 0.0,
) -> None:
    """A row of house fronts along the foot line."""
    x = left
    while x < right:
        tall = height * c.rng.uniform(0.8, 1.2)
        wide = height * c.rng.uniform(0.55, 0.95)
        facade(
            c,
            x,
            base,
            wide,
            tall,
            c.rng.choice(walls),
            mix(roof, "#000000", c.rng.uniform(0, 0.2)),
            lamp,
            c.rng.choice(styles),
            lit,
            dark,
            c.rng.random() < shops,
        )
        x += wide


def skyline(
    c: Canvas,
    base: float,
    left: float,
    right: float,
    height: float,
    colour: Colour,
    lamp: Colour | None = None,
    lit: float = 0.2,
) -> None:
    """A distant town: overlapping roofs and chimneys in one tone, with a few lights."""
    x = left
    while x < right:
        wide, tall = height * c.rng.uniform(0.35, 0.8), height * c.rng.uniform(0.45, 1)
        tone = mix(colour, "#ffffff", c.rng.uniform(0, 0.05))
        peak = height * c.rng.uniform(0.12, 0.3)
        c.poly(
            [
                (x, base),
                (x, base - tall),
                (x + wide * c.rng.choice((0.12, 0.5)), base - tall - peak),
                (x + wide * c.rng.choice((0.55, 0.88)), base - tall - peak),
                (x + wide, base - tall),
                (x + wide, base),
            ],
            tone,
        )
        if c.rng.random() < 0.7:
            stack = x + wide * c.rng.uniform(0.2, 0.7)
            c.rect(stack, base - tall - peak * 1.7, stack + height * 0.06, base - tall, tone)
        for _ in range(round(wide / 9)):
            if lamp and c.rng.random() < lit:
                wx, wy = x + wide * c.rng.uniform(0.1, 0.85), base - tall * c.rng.uniform(0.15, 0.9)
                size = height * 0.045
                c.rect(wx, wy, wx + size, wy + size * 1.4, mix(lamp, colour, c.rng.uniform(0, 0.4)))
        x += wide * 0.8


def church(
    c: Canvas, x: float, base: float, height: float, colour: Colour, window: Colour | None = None
) -> None:
    """A parish church from the side: a square tower with a spire, then the nave."""
    wide = height * 0.2
    dim = mix(colour, "#000000", 0.14)
    c.poly(
        [
            (x + wide * 0.6, base),
            (x + wide * 0.6, base - height * 0.26),
            (x + wide * 1.1, base - height * 0.4),
            (x + wide * 3.0, base - height * 0.4),
            (x + wide * 3.4, base - height * 0.26),
            (x + wide * 3.4, base),
        ],
        dim,
    )
    c.rect(x - wide / 2, base - height * 0.58, x + wide / 2, base, colour)
    c.poly(
        [
            (x - wide * 0.5, base - height * 0.58),
            (x, base - height),
            (x + wide * 0.5, base - height * 0.58),
        ],
        dim,
    )
    for i in range(5):
        left = x - wide * 0.54 + wide * 0.24 * i
        c.rect(left, base - height * 0.615, left + wide * 0.13, base - height * 0.57, colour)
    glass = window or mix(colour, "#000000", 0.4)
    for i in range(5):
        lancet(
            c, x + wide * (0.9 + 0.55 * i), base - height * 0.06, wide * 0.2, height * 0.15, glass
        )
    lancet(c, x, base - height * 0.4, wide * 0.3, height * 0.13, mix(colour, "#000000", 0.45))


def lancet(c: Canvas, x: float, base: float, width: float, height: float, fill: Colour) -> None:
    """A window with a pointed arch."""
    half = width / 2
    c.poly(
        [
            (x - half, base),
            (x - half, base - height * 0.62),
            (x - half * 0.62, base - height * 0.85),
            (x, base - height),
            (x + half * 0.62, base - height * 0.85),
            (x + half, base - height * 0.62),
            (x + half, base),
        ],
        fill,
    )


def street_lamp(
    c: Canvas,
    x: float,
    base: float,
    height: float,
    colour: Colour,
    light: Colour | None = "#ffcf86",
    power: float = 0.8,
) -> None:
    """A lamp post with a lantern, and the light around it."""
    top = base - height
    c.limb((x, base), (x, top + height * 0.1), height * 0.028, height * 0.014, colour)
    c.limb((x, base), (x, base - height * 0.1), height * 0.045, height * 0.03, colour)
    size = height * 0.042
    c.poly(
        [
            (x - size * 0.6, top + height * 0.1),
            (x - size, top + height * 0.02),
            (x + size, top + height * 0.02),
            (x + size * 0.6, top + height * 0.1),
        ],
        light or mix(colour, "#ffffff", 0.4),
    )
    c.poly(
        [
            (x - size * 1.25, top + height * 0.02),
            (x, top - height * 0.025),
            (x + size * 1.25, top + height * 0.02),
        ],
        colour,
    )
    if light:
        c.glow(x, top + height * 0.06, height * 0.75, colour=light, power=power * 0.5)
        c.glow(x, top + height * 0.06, height * 0.2, colour=light, power=power)


def boat(
    c: Canvas,
    x: float,
    y: float,
    length: float,
    hull: Colour,
    band: Colour,
    face: int = 1,
    cabin: bool = True,
    lamp: Colour | None = None,
) -> None:
    """A small fishing boat afloat, wheelhouse aft, with mast and derrick."""

    def spot(u: float, v: float) -> Point:
        return x + face * u * length, y - v * length

    rig = mix(hull, "#11151c", 0.6)
    c.line([spot(0.1, 0.1), spot(0.1, 0.72)], rig, max(1, length * 0.014))
    c.line([spot(0.1, 0.68), spot(0.5, 0.2)], rig, max(0.6, length * 0.005))
    c.line([spot(0.1, 0.68), spot(-0.44, 0.2)], rig, max(0.6, length * 0.005))
    c.line([spot(0.1, 0.3), spot(-0.2, 0.58)], rig, max(0.8, length * 0.009))
    if cabin:
        house = mix("#e9e0cb", hull, 0.25)
        c.poly([spot(-0.34, 0.1), spot(-0.34, 0.34), spot(-0.06, 0.34), spot(-0.03, 0.1)], house)
        c.poly([spot(-0.37, 0.34), spot(-0.36, 0.37), spot(-0.03, 0.37), spot(-0.02, 0.34)], band)
        for left in (-0.31, -0.22, -0.13):
            c.poly(
                [
                    spot(left, 0.22),
                    spot(left, 0.3),
                    spot(left + 0.065, 0.3),
                    spot(left + 0.065, 0.22),
                ],
                lamp or mix(hull, "#0d1420", 0.7),
            )
    outline = [
        spot(-0.48, 0.15),
        spot(-0.2, 0.105),
        spot(0.15, 0.11),
        spot(0.4, 0.17),
        spot(0.54, 0.235),
        spot(0.44, 0.02),
        spot(0.3, -0.035),
        spot(-0.4, -0.035),
    ]
    c.shaded(outline, mix(hull, "#fff2da", 0.1), mix(hull, "#05080d", 0.35))
    c.poly(
        [
            spot(-0.48, 0.15),
            spot(-0.2, 0.105),
            spot(0.15, 0.11),
            spot(0.4, 0.17),
            spot(0.54, 0.235),
            spot(0.53, 0.205),
            spot(0.4, 0.14),
            spot(0.15, 0.08),
            spot(-0.2, 0.075),
            spot(-0.475, 0.12),
        ],
        band,
    )
    for u in (-0.3, -0.05, 0.2):
        c.oval(*spot(u, 0.045), length * 0.022, length * 0.028, mix(rig, "#000000", 0.3))


def rowing_boat(c: Canvas, x: float, y: float, length: float, hull: Colour) -> None:
    """An open boat seen from the side and a little above."""
    outline = [
        (x - length * 0.5, y - length * 0.12),
        (x + length * 0.52, y - length * 0.15),
        (x + length * 0.4, y + length * 0.03),
        (x, y + length * 0.06),
        (x - length * 0.42, y + length * 0.03),
    ]
    c.shaded(outline, mix(hull, "#fff2da", 0.18), mix(hull, "#000000", 0.35))
    c.blob(
        [
            (x - length * 0.48, y - length * 0.12),
            (x, y - length * 0.15),
            (x + length * 0.5, y - length * 0.145),
            (x, y - length * 0.085),
        ],
        mix(hull, "#000000", 0.5),
    )
    for u in (-0.22, 0.14):
        c.line(
            [(x + u * length, y - length * 0.14), (x + (u + 0.02) * length, y - length * 0.09)],
            mix(hull, "#fff2da", 0.35),
            length * 0.035,
        )


def railing(
    c: Canvas, x0: float, x1: float, base: float, height: float, colour: Colour, gap: float = 60
) -> None:
    """A railing along a quay or a bridge."""
    for level in (1.0, 0.55):
        c.line([(x0, base - height * level), (x1, base - height * level)], colour, height * 0.06)
    x = x0
    while x <= x1:
        c.line([(x, base), (x, base - height * 1.04)], colour, height * 0.09)
        x += gap


def bench(c: Canvas, x: float, base: float, width: float, colour: Colour) -> None:
    """A park bench seen from the front."""
    for level in (0.26, 0.4, 0.5, 0.6):
        c.line(
            [(x - width / 2, base - width * level), (x + width / 2, base - width * level)],
            colour,
            width * 0.045,
        )
    for side in (-0.42, 0.42):
        c.line(
            [(x + side * width, base), (x + side * width, base - width * 0.62)],
            colour,
            width * 0.04,
        )


def crane(c: Canvas, x: float, base: float, height: float, jib: float, colour: Colour) -> None:
    """A lattice tower crane; a negative jib points to the left."""
    width = height * 0.035
    top = base - height
    _lattice(c, (x, base), (x, top), width, colour)
    _lattice(c, (x - jib * 0.3, top), (x + jib, top), width * 0.8, colour)
    peak = (x, top - height * 0.11)
    c.line([(x - width / 2, top), peak, (x + width / 2, top)], colour, 1.6)
    c.line([(x + jib * 0.75, top), peak, (x - jib * 0.28, top)], colour, 1.1)
    c.rect(
        min(x - jib * 0.3, x - jib * 0.2),
        top,
        max(x - jib * 0.3, x - jib * 0.2),
        top + height * 0.06,
        colour,
    )
    c.rect(x - width, top, x + width, top + height * 0.055, colour)
    hook = x + jib * 0.62
    c.line([(hook, top), (hook, top + height * 0.34)], colour, 1)
    c.rect(hook - 5, top + height * 0.34, hook + 5, top + height * 0.36, colour)


def _lattice(c: Canvas, a: Point, b: Point, width: float, colour: Colour) -> None:
    """Two parallel rails with diagonals between them."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = (dx * dx + dy * dy) ** 0.5
    nx, ny = -dy / length * width / 2, dx / length * width / 2
    for sign in (1, -1):
        c.line(
            [(a[0] + sign * nx, a[1] + sign * ny), (b[0] + sign * nx, b[1] + sign * ny)],
            colour,
            1.6,
        )
    steps = max(2, round(length / width))
    zigzag = [
        (
            a[0] + dx * i / steps + (nx if i % 2 else -nx),
            a[1] + dy * i / steps + (ny if i % 2 else -ny),
        )
        for i in range(steps + 1)
    ]
    c.line(zigzag, colour, 1)
