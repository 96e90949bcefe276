"""People: small figures in the scenes, and the flat portraits of the author pages."""

from dataclasses import dataclass

from .canvas import Canvas, Colour, Point, mix, veil

# Joints in heights of the figure: across (the way it faces is positive) and up from the ground.
# Order: head, neck, hip, then knee and foot, elbow and hand of the far and the near side.
Pose = dict[str, Point]


def _pose(
    head: Point,
    neck: Point,
    hip: Point,
    far_leg: tuple[Point, Point],
    near_leg: tuple[Point, Point],
    far_arm: tuple[Point, Point],
    near_arm: tuple[Point, Point],
) -> Pose:
    """Name the joints of one posture."""
    return {
        "head": head,
        "neck": neck,
        "hip": hip,
        "far_knee": far_leg[0],
        "far_foot": far_leg[1],
        "near_knee": near_leg[0],
        "near_foot": near_leg[1],
        "far_elbow": far_arm[0],
        "far_hand": far_arm[1],
        "near_elbow": near_arm[0],
        "near_hand": near_arm[1],
    }


POSES: dict[str, Pose] = {
    "stand": _pose(
        (0.01, 0.925),
        (0, 0.83),
        (0, 0.5),
        ((0.03, 0.26), (0.035, 0.02)),
        ((-0.03, 0.26), (-0.04, 0.02)),
        ((0.08, 0.66), (0.07, 0.5)),
        ((-0.08, 0.66), (-0.07, 0.5)),
    ),
    "talk": _pose(
        (0.02, 0.925),
        (0, 0.83),
        (0, 0.5),
        ((0.04, 0.26), (0.05, 0.02)),
        ((-0.03, 0.26), (-0.05, 0.02)),
        ((0.09, 0.68), (0.19, 0.72)),
        ((-0.06, 0.65), (0.04, 0.57)),
    ),
    "walk": _pose(
        (0.03, 0.925),
        (0.01, 0.83),
        (0, 0.5),
        ((-0.03, 0.27), (-0.14, 0.06)),
        ((0.08, 0.28), (0.12, 0.02)),
        ((0.07, 0.66), (0.13, 0.54)),
        ((-0.07, 0.66), (-0.1, 0.52)),
    ),
    "run": _pose(
        (0.13, 0.9),
        (0.08, 0.81),
        (0, 0.5),
        ((-0.1, 0.34), (-0.3, 0.3)),
        ((0.15, 0.37), (0.13, 0.1)),
        ((0.18, 0.68), (0.28, 0.76)),
        ((-0.06, 0.68), (-0.03, 0.54)),
    ),
    "kick": _pose(
        (-0.07, 0.92),
        (-0.07, 0.82),
        (0, 0.5),
        ((-0.04, 0.26), (-0.07, 0.02)),
        ((0.16, 0.36), (0.36, 0.27)),
        ((0.08, 0.72), (0.2, 0.76)),
        ((-0.2, 0.7), (-0.3, 0.76)),
    ),
    "slide": _pose(
        (-0.16, 0.5),
        (-0.12, 0.42),
        (0, 0.14),
        ((0.2, 0.17), (0.42, 0.06)),
        ((0.12, 0.24), (0.2, 0.04)),
        ((-0.2, 0.26), (-0.28, 0.06)),
        ((-0.02, 0.36), (0.1, 0.46)),
    ),
    "point": _pose(
        (0.02, 0.925),
        (0, 0.83),
        (0, 0.5),
        ((0.05, 0.26), (0.07, 0.02)),
        ((-0.05, 0.26), (-0.08, 0.02)),
        ((0.14, 0.8), (0.32, 0.86)),
        ((-0.07, 0.66), (-0.05, 0.52)),
    ),
    "sit": _pose(
        (0.03, 0.74),
        (0, 0.64),
        (0, 0.32),
        ((0.2, 0.32), (0.21, 0.02)),
        ((0.19, 0.31), (0.17, 0.02)),
        ((0.07, 0.47), (0.18, 0.42)),
        ((0.02, 0.46), (0.15, 0.4)),
    ),
    "pull": _pose(
        (0.03, 0.88),
        (-0.03, 0.8),
        (-0.09, 0.48),
        ((-0.01, 0.25), (-0.12, 0.02)),
        ((0.09, 0.26), (0.13, 0.02)),
        ((0.13, 0.66), (0.26, 0.6)),
        ((0.07, 0.62), (0.22, 0.58)),
    ),
    "carry": _pose(
        (0.02, 0.92),
        (0.0, 0.83),
        (-0.02, 0.5),
        ((-0.04, 0.27), (-0.12, 0.04)),
        ((0.07, 0.28), (0.1, 0.02)),
        ((0.06, 0.64), (0.2, 0.58)),
        ((0.03, 0.62), (0.19, 0.56)),
    ),
    "bend": _pose(
        (0.3, 0.68),
        (0.22, 0.64),
        (0, 0.48),
        ((0.04, 0.25), (0.02, 0.02)),
        ((-0.01, 0.25), (-0.07, 0.02)),
        ((0.24, 0.44), (0.28, 0.27)),
        ((0.2, 0.42), (0.24, 0.24)),
    ),
    "raise": _pose(
        (0.0, 0.925),
        (0, 0.83),
        (0, 0.5),
        ((0.04, 0.26), (0.06, 0.02)),
        ((-0.04, 0.26), (-0.06, 0.02)),
        ((0.13, 0.84), (0.17, 1.02)),
        ((-0.12, 0.78), (-0.15, 0.95)),
    ),
    "blow": _pose(
        (0.03, 0.925),
        (0, 0.83),
        (0, 0.5),
        ((0.04, 0.26), (0.05, 0.02)),
        ((-0.03, 0.26), (-0.04, 0.02)),
        ((0.12, 0.7), (0.2, 0.86)),
        ((0.08, 0.68), (0.13, 0.84)),
    ),
}


@dataclass(frozen=True)
class Outfit:
    """What a figure wears. `skirt` is how far a coat reaches below the hip, 0 for none."""

    coat: Colour = "#27313f"
    legs: Colour = "#1c222c"
    skin: Colour = "#c08a68"
    hair: Colour = "#2a1f1a"
    hat: str = ""
    skirt: float = 0.0
    bare_legs: bool = False


def silhouette(colour: Colour, hat: str = "", skirt: float = 0.0) -> Outfit:
    """Dress a figure in one colour from head to foot."""
    return Outfit(colour, colour, colour, colour, hat, skirt)


def figure(
    c: Canvas,
    x: float,
    y: float,
    height: float,
    pose: str = "stand",
    face: int = 1,
    outfit: Outfit | None = None,
    rim: Colour | None = None,
) -> dict[str, Point]:
    """A person with the feet at (x, y); returns where the joints came to lie.

    `rim` is the colour of a light behind, which shows as a thin edge.
    """
    wear = outfit or Outfit()
    if rim is not None:
        edge = max(0.8, height * 0.012)
        figure(
            c,
            x - face * edge,
            y - edge * 0.6,
            height,
            pose,
            face,
            silhouette(rim, wear.hat, wear.skirt),
        )
    at = {name: (x + face * u * height, y - v * height) for name, (u, v) in POSES[pose].items()}
    _leg(c, at, "far", height, wear, 0.22)
    _arm(c, at, "far", height, wear, 0.22)
    _leg(c, at, "near", height, wear, 0)
    _trunk(c, at, height, wear)
    _head(c, at, height, face, wear)
    _arm(c, at, "near", height, wear, 0)
    return at


def _leg(
    c: Canvas, at: dict[str, Point], side: str, height: float, wear: Outfit, dark: float
) -> None:
    """One leg with its shoe."""
    cloth = mix(wear.legs, "#0b0d12", dark)
    lower = mix(wear.skin, "#0b0d12", dark) if wear.bare_legs else cloth
    knee, foot = at[f"{side}_knee"], at[f"{side}_foot"]
    c.limb(knee, foot, height * 0.062, height * 0.042, lower)
    c.limb(at["hip"], knee, height * 0.1, height * 0.068, cloth)
    toe = 1 if at["near_hand"][0] + at["far_hand"][0] >= 2 * at["hip"][0] else -1
    c.limb(
        (foot[0] - toe * height * 0.01, foot[1]),
        (foot[0] + toe * height * 0.06, foot[1]),
        height * 0.042,
        height * 0.03,
        mix(cloth, "#0b0d12", 0.45),
    )


def _arm(
    c: Canvas, at: dict[str, Point], side: str, height: float, wear: Outfit, dark: float
) -> None:
    """One arm with its hand."""
    cloth = mix(wear.coat, "#0b0d12", dark) if dark else mix(wear.coat, "#fff4e0", 0.06)
    neck, elbow, hand = at["neck"], at[f"{side}_elbow"], at[f"{side}_hand"]
    lean = 0.045 if elbow[0] > neck[0] else -0.045
    shoulder = (neck[0] + lean * height, neck[1] + height * 0.035)
    c.limb(shoulder, elbow, height * 0.066, height * 0.054, cloth)
    c.limb(elbow, hand, height * 0.054, height * 0.042, cloth)
    c.oval(*hand, height * 0.024, height * 0.024, wear.skin)


def _trunk(c: Canvas, at: dict[str, Point], height: float, wear: Outfit) -> None:
    """The body from the shoulders down, with the skirts of a coat when it has any."""
    (nx, ny), (hx, hy) = at["neck"], at["hip"]
    wide, waist = height * 0.088, height * 0.07
    shape = [
        (nx - height * 0.03, ny - height * 0.02),
        (nx + height * 0.03, ny - height * 0.02),
        (nx + wide, ny + height * 0.04),
        (hx + waist, hy),
    ]
    if wear.skirt:
        down = height * wear.skirt
        shape += [(hx + waist * 1.5, hy + down), (hx - waist * 1.6, hy + down)]
    else:
        shape += [(hx + waist * 0.9, hy + height * 0.05), (hx - waist * 0.9, hy + height * 0.05)]
    shape += [(hx - waist, hy), (nx - wide, ny + height * 0.04)]
    c.poly(smooth_trunk(shape), wear.coat)


def smooth_trunk(shape: list[Point]) -> list[Point]:
    """Cut the corners of an outline once, which keeps hems straight and rounds shoulders."""
    result: list[Point] = []
    for (ax, ay), (bx, by) in zip(shape, [*shape[1:], shape[0]], strict=True):
        result += [
            (ax + (bx - ax) * 0.18, ay + (by - ay) * 0.18),
            (ax + (bx - ax) * 0.82, ay + (by - ay) * 0.82),
        ]
    return result


def _head(c: Canvas, at: dict[str, Point], height: float, face: int, wear: Outfit) -> None:
    """Neck, head, hair and hat."""
    (hx, hy), size = at["head"], height * 0.058
    c.limb(at["neck"], (hx, hy), size * 0.95, size * 0.9, wear.skin)
    c.oval(hx - face * size * 0.12, hy - size * 0.12, size * 1.02, size * 1.14, wear.hair)
    c.oval(hx + face * size * 0.2, hy + size * 0.12, size * 0.78, size * 0.98, wear.skin)
    if wear.hat == "cap":
        c.poly(
            [
                (hx - size * 1.1, hy - size * 0.2),
                (hx - size * 0.9, hy - size * 1.1),
                (hx + size * 0.7, hy - size * 1.15),
                (hx + size * 1.05, hy - size * 0.3),
            ],
            wear.coat,
        )
        c.limb(
            (hx, hy - size * 0.3),
            (hx + face * size * 1.6, hy - size * 0.2),
            size * 0.3,
            size * 0.2,
            wear.coat,
        )
    elif wear.hat == "beanie":
        c.blob(
            [
                (hx - size * 1.1, hy - size * 0.1),
                (hx - size * 0.9, hy - size * 1.2),
                (hx, hy - size * 1.5),
                (hx + size * 0.9, hy - size * 1.2),
                (hx + size * 1.1, hy - size * 0.1),
            ],
            wear.coat,
        )
    elif wear.hat == "hood":
        c.blob(
            [
                (hx - size * 1.35, hy + size),
                (hx - size * 1.25, hy - size * 0.8),
                (hx, hy - size * 1.5),
                (hx + size * 1.1, hy - size * 0.9),
                (hx + size * 0.9, hy + size),
            ],
            wear.coat,
        )
        c.oval(hx + face * size * 0.3, hy, size * 0.6, size * 0.8, wear.skin)
    elif wear.hat == "long":
        c.blob(
            [
                (hx - size, hy - size * 0.8),
                (hx - face * size * 1.5, hy + size * 1.6),
                (hx - face * size * 0.3, hy + size * 1.9),
                (hx - face * size * 0.1, hy - size),
            ],
            wear.hair,
        )
    elif wear.hat == "tail":
        c.blob(
            [
                (hx - face * size * 0.7, hy - size * 0.8),
                (hx - face * size * 2.1, hy - size * 0.2),
                (hx - face * size * 1.7, hy + size * 1.2),
                (hx - face * size * 0.9, hy),
            ],
            wear.hair,
        )
    elif wear.hat == "helmet":
        c.poly(
            [
                (hx - size * 1.2, hy - size * 0.25),
                (hx - size, hy - size * 0.9),
                (hx, hy - size * 1.4),
                (hx + size, hy - size * 0.9),
                (hx + size * 1.3, hy - size * 0.25),
            ],
            "#e8b23a",
        )


def umbrella(c: Canvas, hand: Point, size: float, colour: Colour) -> None:
    """An open umbrella held above a hand."""
    x, y = hand
    top = y - size * 0.95
    c.line([(x, y + size * 0.1), (x, top)], mix(colour, "#000000", 0.5), max(0.8, size * 0.03))
    ribs = [
        (x + size * 0.62 * (i / 4 - 1), top + size * 0.3 + (size * 0.06 if i % 2 else 0))
        for i in range(8, -1, -1)
    ]
    dome = [
        (x - size * 0.62, top + size * 0.3),
        (x - size * 0.5, top + size * 0.06),
        (x - size * 0.2, top - size * 0.1),
        (x + size * 0.2, top - size * 0.1),
        (x + size * 0.5, top + size * 0.06),
        (x + size * 0.62, top + size * 0.3),
    ]
    c.poly([*dome, *ribs], colour)
    c.poly(
        [
            (x - size * 0.05, top - size * 0.1),
            (x + size * 0.2, top - size * 0.1),
            dome[4],
            dome[5],
            ribs[2],
            ribs[4],
        ],
        veil("#fff2d8", 0.13),
    )


def cast_shadow(
    c: Canvas,
    x: float,
    y: float,
    height: float,
    slant: float,
    colour: Colour,
    length: float = 1.2,
    opacity: float = 0.5,
) -> None:
    """The long shadow of somebody standing in low light, thrown towards the viewer."""
    reach = height * length
    end = (x + slant * reach, y + reach * 0.34)
    wide = height * 0.06
    c.poly(
        [
            (x - wide, y),
            (x + wide, y),
            (end[0] + wide * 1.4, end[1]),
            (end[0] - wide * 1.4, end[1]),
        ],
        veil(colour, opacity),
    )
    c.oval(
        end[0] + slant * wide, end[1] + wide * 0.3, wide * 1.3, wide * 0.7, veil(colour, opacity)
    )


def dog(c: Canvas, x: float, y: float, size: float, colour: Colour, face: int = 1) -> None:
    """A small dog trotting along."""
    body = [
        (x - face * 0.5 * size, y - 0.55 * size),
        (x, y - 0.62 * size),
        (x + face * 0.42 * size, y - 0.66 * size),
        (x + face * 0.45 * size, y - 0.4 * size),
        (x, y - 0.34 * size),
        (x - face * 0.48 * size, y - 0.36 * size),
    ]
    c.blob(body, colour)
    for dx, reach in ((-0.42, -0.1), (-0.36, 0.08), (0.32, -0.06), (0.38, 0.14)):
        c.limb(
            (x + face * dx * size, y - 0.42 * size),
            (x + face * (dx + reach) * size, y),
            size * 0.13,
            size * 0.07,
            colour,
        )
    c.limb(
        (x + face * 0.4 * size, y - 0.58 * size),
        (x + face * 0.58 * size, y - 0.82 * size),
        size * 0.2,
        size * 0.18,
        colour,
    )
    c.limb(
        (x + face * 0.58 * size, y - 0.82 * size),
        (x + face * 0.82 * size, y - 0.76 * size),
        size * 0.22,
        size * 0.1,
        colour,
    )
    c.limb(
        (x - face * 0.48 * size, y - 0.52 * size),
        (x - face * 0.72 * size, y - 0.82 * size),
        size * 0.08,
        size * 0.04,
        colour,
    )
