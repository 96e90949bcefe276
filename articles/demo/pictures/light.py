"""Air, weather and light: skies, mist, rain, water that mirrors, and the finish of the print."""

import math
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageFilter, ImageOps

from .canvas import SCALE, Canvas, Colour, Point, mix, rgb, veil


def sky(
    c: Canvas,
    horizon: float,
    colours: Sequence[Colour],
    cloud: Colour | None = None,
    amount: float = 0.5,
    streaky: bool = True,
) -> None:
    """A graded sky down to the horizon, with bands or heaps of cloud."""
    c.ramp(0, horizon, [(i / (len(colours) - 1), colour) for i, colour in enumerate(colours)])
    # Whatever a scene leaves bare below the horizon shows as far haze instead of a black hole.
    c.rect(0, horizon, c.width, c.height, mix(colours[-1], "#1c2233", 0.3))
    if cloud is None:
        return
    noise = c.cloud(3, 12 if streaky else 5)
    floor = 150 - 60 * amount
    mask = noise.point(
        [round(min(1, max(0, (v - floor) / 90)) * 190 * amount + 0.49) for v in range(256)]
    )
    c.wash(mask, cloud, 0, horizon)


def stars(c: Canvas, count: int, bottom: float) -> None:
    """Small stars, fewer and fainter towards the horizon."""
    for _ in range(count):
        y = bottom * c.rng.random() ** 1.4
        size = c.rng.choice((0.6, 0.8, 0.8, 1.3))
        c.oval(c.rng.uniform(0, c.width), y, size, size, veil("#f4efdc", 0.9 - 0.7 * y / bottom))


def moon(c: Canvas, x: float, y: float, radius: float, colour: Colour = "#f6ecd0") -> None:
    """A moon with its halo and a few faint seas."""
    c.glow(x, y, radius * 9, colour="#8fa3c4", power=0.5)
    c.glow(x, y, radius * 3, colour=colour, power=0.55)
    c.oval(x, y, radius, radius, colour)
    for dx, dy, size in ((-0.3, -0.2, 0.28), (0.25, 0.15, 0.34), (-0.1, 0.5, 0.2)):
        c.oval(
            x + dx * radius,
            y + dy * radius,
            size * radius,
            size * radius * 0.8,
            veil("#b9b199", 0.35),
        )


def mist(c: Canvas, y: float, height: float, colour: Colour, strength: float = 0.6) -> None:
    """A drifting bank of mist, thickest in its middle."""
    noise = c.cloud(3, 3, 3)
    profile = Image.linear_gradient("L").point(
        [round(255 * math.sin(math.pi * v / 255) ** 1.3 * strength) for v in range(256)]
    )
    mask = ImageChops.multiply(
        noise.point([min(255, round(v * 1.5)) for v in range(256)]), profile.resize(noise.size)
    )
    c.wash(mask, colour, max(0, y - height / 2), min(c.height, y + height / 2))


def shaft(
    c: Canvas,
    top: Sequence[Point],
    bottom: Sequence[Point],
    colour: Colour,
    opacity: float,
    blur: float = 14,
) -> None:
    """A beam of light between an opening and what it falls upon."""
    c.soft([top[0], top[1], bottom[1], bottom[0]], colour, blur, opacity)


def rain(
    c: Canvas, count: int, colour: Colour = "#cfd9e2", slant: float = 0.16, top: float = 0
) -> None:
    """Streaks of rain, the near ones longer and brighter."""
    for _ in range(count):
        near = c.rng.random() ** 3
        length = 14 + 70 * near
        x, y = c.rng.uniform(-60, c.width + 60), c.rng.uniform(top - 40, c.height)
        c.line(
            [(x, y), (x - slant * length, y + length)],
            veil(colour, 0.12 + 0.3 * near),
            0.5 + 1.1 * near,
        )


def reflect(
    c: Canvas,
    waterline: float,
    tint: Colour,
    tinting: float = 0.35,
    ripple: float = 14,
    bottom: float | None = None,
) -> None:
    """Fill the sheet below the waterline with what stands above it, upside down and broken."""
    bottom = c.height if bottom is None else bottom
    depth = round(bottom - waterline)
    above = c.image.crop(
        (0, round((waterline - depth) * SCALE), c.image.width, round(waterline * SCALE))
    ).reduce(SCALE)
    lay_water(c, ImageOps.flip(above), waterline, tint, tinting, ripple)


def ripple_band(c: Canvas, top: float, tint: Colour, tinting: float, ripple: float) -> None:
    """Turn what is already painted below `top` into its reflection in moving water."""
    painted = c.image.crop((0, round(top * SCALE), c.image.width, c.image.height)).reduce(SCALE)
    lay_water(c, painted, top, tint, tinting, ripple)


def lay_water(
    c: Canvas, mirror: Image.Image, top: float, tint: Colour, tinting: float, ripple: float
) -> None:
    """Shift the rows of a mirrored picture about, tint it and lay it on the sheet."""
    mirror = Image.blend(mirror, Image.new("RGB", mirror.size, rgb(tint)), tinting)
    broken = mirror.copy()
    phase, drift = c.rng.uniform(0, 6), 0.0
    for y in range(0, mirror.height, 2):
        nearness = y / mirror.height
        drift = 0.7 * drift + c.rng.gauss(0, 0.5)
        # Waves look longer the nearer they are, so the wave number falls with the distance.
        wave = math.sin(phase + 46 * math.log(1.05 + 3 * nearness)) + drift
        shift = round(wave * ripple * (0.08 + nearness))
        row = mirror.crop((0, y, mirror.width, y + 2))
        broken.paste(ImageChops.offset(row, shift, 0), (0, y))
    broken = broken.filter(ImageFilter.GaussianBlur((1.2, 2.2)))
    c.image.paste(
        broken.resize((mirror.width * SCALE, mirror.height * SCALE)), (0, round(top * SCALE))
    )


def ripples(
    c: Canvas,
    top: float,
    bottom: float,
    colour: Colour,
    count: int,
    opacity: float = 0.3,
    left: float = 0,
    right: float | None = None,
) -> None:
    """Flat flecks of light or shade on water, closer and finer towards the far shore."""
    right = c.width if right is None else right
    for _ in range(count):
        near = c.rng.random() ** 1.5
        x, y = c.rng.uniform(left, right), top + (bottom - top) * near
        half = (8 + 60 * near) * c.rng.uniform(0.4, 1.2)
        c.oval(x, y, half, 0.5 + 2.0 * near, veil(colour, opacity * c.rng.uniform(0.3, 1)))


def glitter(
    c: Canvas,
    x: float,
    top: float,
    bottom: float,
    colour: Colour,
    width: float,
    count: int = 160,
    opacity: float = 0.7,
) -> None:
    """The broken path that a light lays across water."""
    for _ in range(count):
        near = c.rng.random()
        spread = width * (0.25 + near)
        half = (3 + 20 * near) * c.rng.uniform(0.4, 1.3)
        c.oval(
            x + c.rng.gauss(0, spread / 2),
            top + (bottom - top) * near,
            half,
            0.7 + 1.7 * near,
            veil(colour, opacity * c.rng.uniform(0.2, 1) * (1 - 0.5 * near)),
        )


def finish(
    c: Canvas,
    vignette: float = 0.4,
    grain: float = 0.085,
    bloom: float = 0.45,
    warmth: Colour = "#fff4e2",
) -> Image.Image:
    """Halve the sheet and give it bloom, the tooth of the paper, grain and darker corners."""
    image = c.image.reduce(SCALE)
    image = _bloom(image, bloom)
    image = ImageChops.multiply(image, Image.new("RGB", image.size, rgb(warmth)))
    tooth = c.cloud(24, 16, 3).resize(image.size, Image.Resampling.BICUBIC)
    fleck = Image.frombytes("L", image.size, c.rng.randbytes(image.width * image.height))
    texture = ImageChops.add(
        tooth.point([round(128 + (v - 128) * 0.05) for v in range(256)]),
        fleck.point([round((v - 128) * grain + 128) for v in range(256)]),
        1,
        -128,
    )
    image = ImageChops.add(image, Image.merge("RGB", [texture] * 3), 1, -128)
    return ImageChops.multiply(image, _corners(image.size, vignette))


def _bloom(image: Image.Image, strength: float) -> Image.Image:
    """Let the brightest parts bleed a little into what surrounds them."""
    bright = image.reduce(4).point(
        [max(0, round((v - 150) * 1.6 * strength)) for v in range(256)] * 3
    )
    bright = bright.filter(ImageFilter.GaussianBlur(7))
    return ImageChops.screen(image, bright.resize(image.size, Image.Resampling.BILINEAR))


def _corners(size: tuple[int, int], strength: float) -> Image.Image:
    """A mask to multiply with, darker away from the middle."""
    shade = Image.radial_gradient("L").point(
        [round(255 * (1 - strength * (v / 255) ** 2.6)) for v in range(256)]
    )
    wide = shade.resize((size[0] * 4 // 3, size[1] * 4 // 3), Image.Resampling.BILINEAR)
    wide = wide.crop((size[0] // 6, size[1] // 6, size[0] // 6 + size[0], size[1] // 6 + size[1]))
    return Image.merge("RGB", [wide] * 3)
