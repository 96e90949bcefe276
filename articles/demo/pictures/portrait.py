"""Flat head-and-shoulders portraits for the author pages."""

from PIL import Image

from .canvas import Canvas, Colour, mix, rgb, smooth, veil
from .light import finish

SIDE = 400

BACKDROPS = (
    ("#33506a", "#7d98a0"),
    ("#7a4a3c", "#d9a06c"),
    ("#3f5a48", "#a9b888"),
    ("#5a4560", "#c094a0"),
    ("#8a6a34", "#e6c27c"),
    ("#2f4a52", "#c9a884"),
)
SKINS = ("#f0c8a8", "#dca684", "#c48a64", "#a06a48", "#7d4e36", "#5e3a2a")
HAIRS = ("#1c1618", "#3a261c", "#6a4226", "#a86a34", "#c9a060", "#8f8a84", "#d8d2c6", "#8a3a22")
DARK_HAIRS = ("#1c1618", "#2a1c18", "#8f8a84", "#d8d2c6")
CLOTHES = ("#27364a", "#7a2f34", "#3f5a4a", "#c08a3a", "#4a4a54", "#5a3f5c", "#b5563a", "#2f5a6a")
CUTS = ("short", "bob", "long", "bun", "curls", "parting", "bald")


def thumbnail_portrait(name: str, cut: str | None = None, beard: bool = False) -> Image.Image:
    """A portrait, 400 by 400, that belongs to the name: nobody's likeness, but always the same.

    A name does not say who wears a beard, so the caller does; `cut` may fix the hair likewise.
    """
    c = Canvas(f"portrait of {name}", SIDE, SIDE)
    rng = c.rng
    top, bottom = rng.choice(BACKDROPS)
    c.ramp(0, SIDE, [(0, top), (1, bottom)])
    c.glow(rng.choice((90, 310)), 110, 260, colour=bottom, power=0.7)
    skin, cloth = rng.choice(SKINS), rng.choice(CLOTHES)
    hair = rng.choice([tone for tone in _hairs_for(skin) if _contrast(tone, skin) > 90])
    cut = cut or rng.choice(CUTS if beard else CUTS[:-1])
    lit = rng.choice((-1, 1))
    _hair_behind(c, cut, hair)
    _shoulders(c, cloth, skin, lit)
    _face(c, skin, hair, lit)
    _hair_in_front(c, cut, hair, skin)
    if rng.random() < 0.4:
        _glasses(c)
    if beard:
        _beard(c, hair, skin)
    return finish(c, 0.28, 0.07, 0.2)


def _hairs_for(skin: Colour) -> tuple[str, ...]:
    """The hair colours that commonly go with a skin."""
    return HAIRS if rgb(skin)[1] > 120 else DARK_HAIRS


def _contrast(first: Colour, second: Colour) -> int:
    """How far apart two colours are, summed over red, green and blue."""
    return sum(abs(a - b) for a, b in zip(rgb(first), rgb(second), strict=True))


def _shoulders(c: Canvas, cloth: Colour, skin: Colour, lit: int) -> None:
    """Neck, shoulders, and a collar, a scarf or a round neck."""
    body = [
        (40, 410),
        (58, 340),
        (120, 304),
        (170, 290),
        (230, 290),
        (280, 304),
        (342, 340),
        (360, 410),
    ]
    c.poly([(168, 230), (232, 230), (238, 300), (200, 326), (162, 300)], mix(skin, "#4a2018", 0.25))
    c.shaded(smooth(body), mix(cloth, "#fff0dc", 0.12), mix(cloth, "#0c0f16", 0.25))
    style = c.rng.choice(("collar", "scarf", "round", "jacket"))
    if style == "scarf":
        scarf = mix(c.rng.choice(CLOTHES), "#fff0dc", 0.25)
        c.blob([(148, 286), (200, 312), (252, 286), (262, 318), (200, 346), (138, 318)], scarf)
        c.poly([(226, 326), (258, 318), (268, 400), (236, 406)], mix(scarf, "#000000", 0.15))
        return
    c.blob([(160, 284), (240, 284), (228, 312), (200, 324), (172, 312)], mix(skin, "#4a2018", 0.12))
    if style in ("collar", "jacket"):
        shirt = "#efe6d4" if style == "jacket" else mix(cloth, "#fff4e0", 0.35)
        for side in (-1, 1):
            c.poly(
                [
                    (200 + side * 46, 276),
                    (200, 334),
                    (200 + side * 34, 352),
                    (200 + side * 64, 300),
                ],
                shirt,
            )
    if style == "jacket":
        for side in (-1, 1):
            c.poly(
                [
                    (200 + side * 60, 290),
                    (200 + side * 4, 410),
                    (200 + side * 70, 410),
                    (200 + side * 96, 312),
                ],
                mix(cloth, "#000000", 0.2 if side == lit else 0.34),
            )


def _face(c: Canvas, skin: Colour, hair: Colour, lit: int) -> None:
    """Head, ears, the shaded side, and features kept to a few marks."""
    wide = c.rng.uniform(64, 72)
    for side in (-1, 1):
        c.oval(200 + side * wide, 182, 12, 19, mix(skin, "#4a2018", 0.18 if side == lit else 0.3))
    head = [
        (200 - wide, 160),
        (200 - wide * 0.86, 108),
        (200, 84),
        (200 + wide * 0.86, 108),
        (200 + wide, 160),
        (200 + wide * 0.86, 222),
        (200 + wide * 0.4, 260),
        (200, 270),
        (200 - wide * 0.4, 260),
        (200 - wide * 0.86, 222),
    ]
    c.blob(head, skin)
    shade = [
        (200 - lit * wide * 0.24, 90),
        (200 - lit * wide * 0.9, 108),
        (200 - lit * wide, 160),
        (200 - lit * wide * 0.86, 222),
        (200 - lit * wide * 0.4, 260),
        (200 - lit * 6, 268),
        (200 - lit * wide * 0.36, 214),
        (200 - lit * wide * 0.44, 150),
    ]
    c.blob(shade, veil(mix(skin, "#4a1c18", 0.55), 0.32))
    brow = mix(hair, "#2a1c18", 0.4)
    for side in (-1, 1):
        x = 200 + side * 29
        c.oval(x, 174, 5.5, 6.5, "#241a1a")
        c.oval(x + 1.6, 172, 1.6, 1.8, "#ffffff")
        c.line([(x - 15, 156), (x, 151), (x + 14, 156)], brow, 5)
        c.oval(200 + side * 38, 208, 15, 10, veil("#d0503c", 0.15))
    c.line(
        [(200, 178), (200 + lit * 11, 206), (200 - lit * 2, 210)], mix(skin, "#4a1c18", 0.4), 3.4
    )
    smile = c.rng.uniform(3, 9)
    c.line(
        [(180, 232), (192, 232 + smile), (208, 232 + smile), (220, 232)],
        mix(skin, "#7a1c1c", 0.6),
        4,
    )


def _hair_behind(c: Canvas, cut: str, hair: Colour) -> None:
    """The hair that hangs behind the neck."""
    dark = mix(hair, "#000000", 0.2)
    if cut == "long":
        c.blob(
            [
                (118, 170),
                (136, 92),
                (200, 62),
                (264, 92),
                (284, 170),
                (294, 300),
                (262, 336),
                (138, 336),
                (106, 300),
            ],
            dark,
        )
    elif cut == "bob":
        c.blob(
            [
                (116, 170),
                (132, 92),
                (200, 62),
                (268, 92),
                (284, 170),
                (280, 248),
                (250, 262),
                (150, 262),
                (120, 248),
            ],
            dark,
        )
    elif cut == "bun":
        c.oval(200, 62, 36, 34, dark)
    elif cut == "curls":
        for _ in range(70):
            c.oval(200 + c.rng.gauss(0, 42), 132 + c.rng.gauss(0, 34), 20, 20, dark)


def _hair_in_front(c: Canvas, cut: str, hair: Colour, skin: Colour) -> None:
    """The hair over the brow."""
    light = mix(hair, "#fff0d0", 0.12)
    if cut == "bald":
        c.blob([(170, 98), (196, 88), (222, 96), (196, 104)], veil(mix(skin, "#ffffff", 0.6), 0.5))
        return
    if cut == "curls":
        for _ in range(46):
            x = c.rng.uniform(136, 264)
            y = 104 + ((x - 200) / 64) ** 2 * 34 + c.rng.gauss(0, 9)
            c.oval(x, y - 8, 14, 13, mix(hair, light, c.rng.random()))
        return
    part = c.rng.choice((160, 200, 238)) if cut != "short" else 188
    fringe = 122 if cut in ("short", "parting") else 136
    c.blob(
        [
            (126, 178),
            (130, 112),
            (160, 76),
            (200, 66),
            (240, 76),
            (270, 112),
            (274, 178),
            (262, 148),
            (250, fringe),
            (part, 106),
            (150, fringe),
            (138, 148),
        ],
        hair,
    )
    turn = 1 if part < 200 else -1
    c.line([(part, 104), (part + turn * 20, 88), (part + turn * 42, 92)], veil(light, 0.8), 4)


def _glasses(c: Canvas) -> None:
    """Round glasses."""
    for side in (-1, 1):
        c.oval(200 + side * 30, 175, 23, 22, veil("#ffffff", 0.16))
        c.ring(200 + side * 30, 175, 24, 23, "#2a2226", 3.6)
        c.line([(200 + side * 53, 172), (200 + side * 70, 168)], "#2a2226", 3.6)
    c.line([(193, 172), (200, 169), (207, 172)], "#2a2226", 3.6)


def _beard(c: Canvas, hair: Colour, skin: Colour) -> None:
    """A short beard around the mouth."""
    tone = mix(hair, skin, 0.15)
    c.blob(
        [
            (136, 200),
            (152, 212),
            (176, 214),
            (200, 218),
            (224, 214),
            (248, 212),
            (264, 200),
            (256, 244),
            (230, 276),
            (200, 284),
            (170, 276),
            (144, 244),
        ],
        tone,
    )
    c.line([(182, 238), (200, 243), (218, 238)], mix(skin, "#7a1c1c", 0.6), 5)
