"""The sheet a picture is painted on, and the handling of its colours.

Scenes paint in picture units (1600 by 1067 for a scene). The sheet itself is twice as large,
because Pillow draws hard edges: halving the finished sheet is what makes them smooth.
"""

import itertools
from collections.abc import Iterable, Sequence
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageOps

WIDTH, HEIGHT = 1600, 1067
SCALE = 2
# What Pillow's radial gradient holds in the middle of each edge of its square.
EDGE = 180

Colour = str | tuple[int, ...]
Point = tuple[float, float]


def rgb(colour: Colour) -> tuple[int, int, int]:
    """The red, green and blue of a colour, whichever way it was written."""
    parts = ImageColor.getrgb(colour) if isinstance(colour, str) else colour
    return parts[0], parts[1], parts[2]


def mix(first: Colour, second: Colour, share: float) -> tuple[int, int, int]:
    """A colour that is `share` of the way from the first to the second."""
    share = min(1.0, max(0.0, share))
    pairs = zip(rgb(first), rgb(second), strict=True)
    red, green, blue = (round(a + (b - a) * share) for a, b in pairs)
    return red, green, blue


def veil(colour: Colour, opacity: float) -> tuple[int, int, int, int]:
    """The colour as a transparent wash; opacity runs from 0 to 1."""
    return *rgb(colour), round(255 * min(1.0, max(0.0, opacity)))


def smooth(points: Sequence[Point], closed: bool = True, steps: int = 6) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    count = len(points)
    result: list[Point] = []
    for index in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (points[(index + shift) % count] for shift in (-1, 0, 1, 2))
        else:
            p0, p1 = points[max(0, index - 1)], points[index]
            p2, p3 = points[index + 1], points[min(count - 1, index + 2)]
        for step in range(steps):
            t = step / steps
            result.append(
                (_spline(p0[0], p1[0], p2[0], p3[0], t), _spline(p0[1], p1[1], p2[1], p3[1], t))
            )
    if not closed:
        result.append(points[-1])
    return result


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    """One coordinate of a Catmull-Rom curve between b and c."""
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
    )


class Canvas:
    """A sheet with brushes. Coordinates are picture units, the origin is the top left corner."""

    def __init__(self, seed: str, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.rng = Random(seed)
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE))
        self._pen = ImageDraw.Draw(self.image, "RGBA")
        self._noise = Image.frombytes("L", (width, height), self.rng.randbytes(width * height))

    def poly(self, points: Iterable[Point], fill: Colour) -> None:
        """A filled polygon."""
        self._pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def blob(self, points: Sequence[Point], fill: Colour) -> None:
        """A filled shape with a smooth outline through the points."""
        self.poly(smooth(points), fill)

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: Colour) -> None:
        """A filled upright rectangle."""
        self.poly([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """A filled ellipse around a centre."""
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self._pen.ellipse(box, fill=fill)

    def ring(self, x: float, y: float, rx: float, ry: float, fill: Colour, width: float) -> None:
        """The outline of an ellipse."""
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self._pen.ellipse(box, outline=fill, width=max(1, round(width * SCALE)))

    def line(self, points: Sequence[Point], fill: Colour, width: float = 1.0) -> None:
        """A stroke of even width through the points."""
        self._pen.line(
            [(x * SCALE, y * SCALE) for x, y in points],
            fill=fill,
            width=max(1, round(width * SCALE)),
            joint="curve",
        )

    def limb(self, a: Point, b: Point, wide: float, narrow: float, fill: Colour) -> None:
        """A tapering rounded stroke, for arms, legs and branches."""
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = max(0.01, (dx * dx + dy * dy) ** 0.5)
        nx, ny = -dy / length / 2, dx / length / 2
        self.poly(
            [
                (a[0] + nx * wide, a[1] + ny * wide),
                (b[0] + nx * narrow, b[1] + ny * narrow),
                (b[0] - nx * narrow, b[1] - ny * narrow),
                (a[0] - nx * wide, a[1] - ny * wide),
            ],
            fill,
        )
        self.oval(*a, wide / 2, wide / 2, fill)
        self.oval(*b, narrow / 2, narrow / 2, fill)

    def ramp(self, y0: float, y1: float, stops: Sequence[tuple[float, Colour]]) -> None:
        """A vertical gradient across the sheet; the stops run from 0 (at y0) to 1 (at y1)."""
        top, bottom = round(y0 * SCALE), round(y1 * SCALE)
        rows = [ramp_colour(stops, row / (bottom - top)) for row in range(bottom - top)]
        column = Image.frombytes("RGB", (1, bottom - top), bytes(v for row in rows for v in row))
        self.image.paste(column.resize((self.image.width, bottom - top)), (0, top))

    def shaded(
        self, points: Sequence[Point], start: Colour, end: Colour, sideways: bool = False
    ) -> None:
        """A polygon that goes from one colour to another through a sprinkle of grain."""
        box = self._box(points)
        if box is None:
            return
        size = (box[2] - box[0], box[3] - box[1])
        gradient = Image.linear_gradient("L")
        if sideways:
            gradient = gradient.transpose(Image.Transpose.TRANSPOSE)
        gradient = gradient.resize(size, Image.Resampling.BILINEAR)
        speckle = self.noise(size).point([round(128 + (v - 128) * 0.62) for v in range(256)])
        grainy = ImageChops.add(gradient, speckle, 1, -128)
        fill = ImageOps.colorize(grainy, rgb(start), rgb(end))
        self.image.paste(fill, box[:2], self._stencil(points, box))

    def soft(self, points: Sequence[Point], fill: Colour, blur: float, opacity: float = 1) -> None:
        """A shape with blurred edges: a shadow, a shaft of light, a bank of mist."""
        box = self._box(points, blur * 2.5)
        if box is None:
            return
        # An eighth of the size is enough for something without edges, and very much quicker.
        small = (max(1, (box[2] - box[0]) // 8), max(1, (box[3] - box[1]) // 8))
        mask = Image.new("L", small)
        outline = [((x * SCALE - box[0]) / 8, (y * SCALE - box[1]) / 8) for x, y in points]
        ImageDraw.Draw(mask).polygon(outline, fill=round(255 * opacity))
        mask = mask.filter(ImageFilter.GaussianBlur(blur * SCALE / 8))
        mask = mask.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.BILINEAR)
        self.image.paste(rgb(fill), box, mask)

    def glow(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float | None = None,
        colour: Colour = "#ffc876",
        power: float = 1.0,
    ) -> None:
        """Light added to what is already there, strongest in the middle."""
        ry = rx if ry is None else ry
        box = (
            round((x - rx) * SCALE),
            round((y - ry) * SCALE),
            round((x + rx) * SCALE),
            round((y + ry) * SCALE),
        )
        size = (max(1, box[2] - box[0]), max(1, box[3] - box[1]))
        disc = Image.radial_gradient("L")
        bands = [
            disc.point([round(part * power * max(0, 1 - v / EDGE) ** 1.7) for v in range(256)])
            for part in rgb(colour)
        ]
        lamp = Image.merge("RGB", bands).resize(size, Image.Resampling.BILINEAR)
        seen = (
            max(0, box[0]),
            max(0, box[1]),
            min(self.image.width, box[2]),
            min(self.image.height, box[3]),
        )
        if seen[0] >= seen[2] or seen[1] >= seen[3]:
            return
        lamp = lamp.crop((seen[0] - box[0], seen[1] - box[1], seen[2] - box[0], seen[3] - box[1]))
        self.image.paste(ImageChops.screen(self.image.crop(seen), lamp), seen[:2])

    def noise(self, size: tuple[int, int]) -> Image.Image:
        """A patch of the sheet's own white noise, in pixels of the sheet."""
        half = (size[0] // 2 + 1, size[1] // 2 + 1)
        patch = self._noise.crop((0, 0, *half))
        return patch.resize((half[0] * 2, half[1] * 2), Image.Resampling.NEAREST).crop(
            (0, 0, *size)
        )

    def cloud(self, across: int, down: int, octaves: int = 4) -> Image.Image:
        """Soft fractal noise the size of the sheet; more cells make smaller clouds."""
        size = (self.width // 4, self.height // 4)
        result = Image.new("L", size, 128)
        for octave in range(octaves):
            cells = (across * 2**octave + 1, down * 2**octave + 1)
            layer = Image.frombytes("L", cells, self.rng.randbytes(cells[0] * cells[1]))
            layer = layer.resize(size, Image.Resampling.BICUBIC)
            weight = 0.9 * 0.55**octave
            result = ImageChops.add(
                result, layer.point([round(128 + (v - 128) * weight) for v in range(256)]), 1, -128
            )
        return result

    def wash(self, mask: Image.Image, fill: Colour, y0: float, y1: float) -> None:
        """Lay a colour through a mask stretched over the band between y0 and y1."""
        top, bottom = round(y0 * SCALE), round(y1 * SCALE)
        mask = mask.resize((self.image.width, bottom - top), Image.Resampling.BILINEAR)
        self.image.paste(rgb(fill), (0, top, self.image.width, bottom), mask)

    def _box(self, points: Sequence[Point], margin: float = 0) -> tuple[int, int, int, int] | None:
        """The pixels of the sheet that the points span, or None when all lie outside."""
        across, down = [p[0] for p in points], [p[1] for p in points]
        left = max(0, int((min(across) - margin) * SCALE))
        top = max(0, int((min(down) - margin) * SCALE))
        right = min(self.image.width, int((max(across) + margin) * SCALE) + 1)
        bottom = min(self.image.height, int((max(down) + margin) * SCALE) + 1)
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _stencil(self, points: Sequence[Point], box: tuple[int, int, int, int]) -> Image.Image:
        """A mask of the polygon, cut to the box."""
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        outline = [(x * SCALE - box[0], y * SCALE - box[1]) for x, y in points]
        ImageDraw.Draw(mask).polygon(outline, fill=255)
        return mask


def ramp_colour(stops: Sequence[tuple[float, Colour]], place: float) -> tuple[int, int, int]:
    """The colour of a gradient at a place between 0 and 1."""
    for (low, first), (high, second) in itertools.pairwise(stops):
        if place <= high:
            return mix(first, second, (place - low) / max(1e-6, high - low))
    return rgb(stops[-1][1])
