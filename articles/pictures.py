"""Pictures: what an upload must be, and the sizes and formats that readers are sent.

Every upload is decoded and encoded again under our own name: what is served is what we wrote,
without the camera's metadata and whatever else the file carried. Our files carry the words of
credit (``photo_metadata``), and nothing more.

Of each picture a master is kept, which is served to nobody: from it the files are made anew when
the words or the focal point change.
"""

import errno
import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from PIL import Image as Pixels
from PIL import ImageChops, ImageCms

from articles import photo_metadata

if TYPE_CHECKING:
    from articles.models import Image

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
# Unpacked, a pixel takes four bytes and more: a file of these sizes needs up to 450 MB, as was
# measured. The decoders of WebP and AVIF keep several copies. Cameras make up to 61 million.
MAX_PIXELS = 64_000_000
MAX_PIXELS_OF = {"WEBP": 24_000_000, "AVIF": 24_000_000}
MAX_BYTES = 30 * 1024 * 1024
MAX_PROFILE = 4 * 1024 * 1024  # bytes; those of printing presses have up to three million
MASTER_WIDTH = 2400
WIDTHS = (480, 960, 1600)
TALLEST = 16_000  # pixels of a rendition; WebP ends at 16,383
# Encoder settings: AVIF at speed 9 takes two fifths of the time of 8, WebP at method 2 half that of
# the default 4, and neither is more than a fiftieth larger.
ENCODERS: dict[str, dict[str, int]] = {
    "avif": {"quality": 60, "speed": 9},
    "webp": {"quality": 76, "method": 2},
    "jpeg": {"quality": 80},
}
MASTER = {"quality": 95, "subsampling": 0}
MIME = {"avif": "image/avif", "webp": "image/webp"}
# The three that Google asks for beside an article; the first is what a shared link shows.
RATIOS = {"16:9": (16, 9), "4:3": (4, 3), "1:1": (1, 1)}
CROP_WIDTH = 1200  # Google's least for a large preview
TURNS = {
    2: Pixels.Transpose.FLIP_LEFT_RIGHT,
    3: Pixels.Transpose.ROTATE_180,
    4: Pixels.Transpose.FLIP_TOP_BOTTOM,
    5: Pixels.Transpose.TRANSPOSE,
    6: Pixels.Transpose.ROTATE_270,
    7: Pixels.Transpose.TRANSVERSE,
    8: Pixels.Transpose.ROTATE_90,
}
TEXT_PICTURE = re.compile(r'src="/media/images/(\d+)/[^"]*"')
HEIC = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1"}


class NotStored(OSError):
    """A picture whose files could not all be written; none of them is left."""

    def __init__(self, cause: OSError) -> None:
        full = cause.errno in {errno.ENOSPC, errno.EDQUOT}
        why = "there is no room left for pictures" if full else "the pictures’ storage fails"
        super().__init__(f"Nothing is saved: {why}. What you wrote is still here.")


@dataclass
class Photo:
    """An upload that is a picture: its pixels and what its file says of it."""

    pixels: Pixels.Image  # upright, in sRGB, no wider than a master
    words: dict[str, str] = field(default_factory=dict)  # by field of ``Image``
    is_moving: bool = False  # of which the first frame was taken


class Crop(NamedTuple):
    """A picture cut to a ratio around its focal point."""

    ratio: str  # "16:9"
    url: str
    width: int  # pixels
    height: int


# Taking in


def decode(upload: IO[bytes]) -> Pixels.Image:
    """Return the upload's picture, upright, in sRGB, no wider than a master. Raises as ``read``."""
    return read(upload).pixels


def read(upload: IO[bytes]) -> Photo:
    """Return the picture in the upload, with what its file says.

    Raises ``ValidationError`` for what is too large, too tall, or no picture of a known format. The
    size is read from the header, so that a bomb is refused before it is unpacked; of a moving
    picture the first frame alone is.
    """
    upload.seek(0, io.SEEK_END)
    if upload.tell() > MAX_BYTES:
        raise ValidationError("This file is larger than 30 MB.", "too-heavy")
    upload.seek(0)
    beginning = upload.read(12)
    if beginning[4:8] == b"ftyp" and beginning[8:12] in HEIC:
        raise ValidationError(
            "This file is in the telephone’s own format (HEIC). Send it as JPEG.", "heic"
        )
    upload.seek(0)
    try:
        return _read(upload)
    except (Pixels.DecompressionBombError, Pixels.DecompressionBombWarning) as error:
        raise _too_many(MAX_PIXELS) from error  # Pillow's own bound, which is wider
    except photo_metadata.BROKEN as error:
        raise ValidationError(
            "This file is not a picture we can read. JPEG, PNG, WebP, AVIF and GIF work.",
            "no-picture",
        ) from error


def _read(upload: IO[bytes]) -> Photo:
    picture = Pixels.open(upload, formats=FORMATS)
    most = MAX_PIXELS_OF.get(picture.format or "", MAX_PIXELS)
    if picture.width * picture.height > most:
        raise _too_many(most)
    turn = photo_metadata.orientation(picture)
    width, height = picture.size if turn < 5 else picture.size[::-1]
    scale = min(1, MASTER_WIDTH / width)
    if height * min(1, WIDTHS[-1] / width) > TALLEST:
        raise ValidationError("This picture is too tall for its width.", "too-tall")
    fitting = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    # A JPEG is unpacked no larger than it is needed.
    picture.draft(None, (2 * fitting[0], 2 * fitting[1]))
    picture.load()
    words = photo_metadata.read(picture)
    pixels = _resized(_plain(picture), fitting)
    pixels = _in_srgb(pixels, picture.info.get("icc_profile") or b"")
    if turn in TURNS:
        pixels = pixels.transpose(TURNS[turn])
    pixels.info = {}  # comments and more, which Pillow would write into every copy
    is_moving = picture.format != "MPO" and getattr(picture, "is_animated", False)
    return Photo(pixels, words, is_moving)


def _too_many(most: int) -> ValidationError:
    return ValidationError(
        f"This picture has more than {most // 1_000_000} million pixels.", "too-large"
    )


def _plain(picture: Pixels.Image) -> Pixels.Image:
    """Return the picture in RGB, grey or CMYK; what was transparent is white, as on paper."""
    if picture.has_transparency_data:
        opaque = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        opaque.paste((255, 255, 255, 255), mask=ImageChops.invert(opaque.getchannel("A")))
        return opaque
    if picture.mode.startswith("I"):
        # 16 bits of grey: ``convert`` alone would cut off what is brighter than 255.
        return picture.convert("I").point(lambda level: level / 256).convert("L")
    if picture.mode in {"RGB", "L", "CMYK"}:
        return picture
    return picture.convert("RGB")


def _resized(picture: Pixels.Image, size: tuple[int, int]) -> Pixels.Image:
    if picture.mode == "RGBA":
        # Each colour by itself: a second whole copy of a large picture has no room in memory.
        colours = (_resized(picture.getchannel(colour), size) for colour in "RGB")
        return Pixels.merge("RGB", list(colours))
    if picture.size == size:
        return picture
    return picture.resize(size, Pixels.Resampling.LANCZOS)


def _in_srgb(picture: Pixels.Image, profile: bytes) -> Pixels.Image:
    """Return the picture in the web's colours; a profile that says nonsense is passed over."""
    if profile and len(profile) <= MAX_PROFILE:
        with suppress(ImageCms.PyCMSError, *photo_metadata.BROKEN):
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            ours = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(picture, theirs, ours, outputMode="RGB")
            if converted is not None:
                converted.info.pop("icc_profile", None)
                return converted
    return picture.convert("RGB")


def name_of(file_name: str | None) -> str:
    """Return a file's name as a title for finding it: without folders, ending and underscores."""
    stem = re.split(r"[/\\]", file_name or "")[-1].rpartition(".")[0] or (file_name or "")
    return photo_metadata.clean(re.sub(r"[_-]+", " ", stem))[:200]


# Files


_written: ContextVar[list[str] | None] = ContextVar("written", default=None)


@contextmanager
def all_or_nothing() -> Iterator[list[str]]:
    """Delete the files that were written inside, if it ends with an exception.

    It stands around a transaction, so that neither a row without its files nor files without
    their row are left. Yields the names of what was written so far.
    """
    outer = _written.get()
    written = [] if outer is None else outer
    before = len(written)
    token = _written.set(written)
    try:
        yield written
    except BaseException:
        for name in written[before:]:
            delete(name)
        del written[before:]
        raise
    finally:
        _written.reset(token)


def delete(name: str) -> None:
    """Delete a file. One that will not go is left to ``check_pictures``."""
    with suppress(OSError):
        default_storage.delete(name)


def store(image: "Image", pixels: Pixels.Image, standing: frozenset[str] = frozenset()) -> None:
    """Write the master and the files for readers, and note them on ``image`` (which has its id).

    Names carry a digest of the pixels and one of the words that the files carry, so that a file's
    content never changes under its address and caches may keep it for ever. Of ``standing``, the
    names of the files that the image has already, those that fit are left as they are.

    Raises ``NotStored``; nothing is left then.
    """
    master = _fitted(pixels, MASTER_WIDTH)
    image.digest = hashlib.sha256(pixels.tobytes()).hexdigest()[:12]
    _write_all(image, master, standing)


def renew(image: "Image", standing: frozenset[str] = frozenset()) -> None:
    """Write the files of ``image`` anew, with its words and its focal point as they are now.

    Raises ``NotStored``, and ``FileNotFoundError`` if neither the master nor a file is left.
    """
    _write_all(image, _master(image), standing)


def _master(image: "Image") -> Pixels.Image:
    for name in (image.master_path, image.path(image.widths[-1], "jpeg")):
        with suppress(FileNotFoundError), default_storage.open(name) as file:
            picture = Pixels.open(file, formats=("JPEG",))
            picture.load()
            return picture.convert("RGB")
    raise FileNotFoundError(f"Picture {image.pk} has lost its files.")


def _write_all(image: "Image", master: Pixels.Image, standing: frozenset[str]) -> None:
    image.width, image.height = master.size
    image.digest = f"{image.pixel_digest}-{photo_metadata.words_digest(image)}"
    image.widths = sorted({min(width, master.width) for width in WIDTHS})
    carried = photo_metadata.embedded(image)
    with all_or_nothing():
        _write(image.master_path, master, "jpeg", MASTER, standing)
        for width in image.widths:
            names = {kind: image.path(width, kind) for kind in ENCODERS}
            rendition = _fitted(master, width)
            for kind, options in ENCODERS.items():
                _write(names[kind], rendition, kind, options | carried, standing)
        for ratio in RATIOS:
            name, (box, size) = image.crop_path(ratio), crop_box(image, ratio)
            crop = master.resize(size, Pixels.Resampling.LANCZOS, box=box)
            _write(name, crop, "jpeg", ENCODERS["jpeg"] | carried, standing)


def _write(
    name: str, pixels: Pixels.Image, kind: str, options: dict[str, Any], standing: frozenset[str]
) -> None:
    try:
        if default_storage.exists(name):
            if name in standing:
                return
            default_storage.delete(name)  # the rest of a process that died while it wrote
        buffer = io.BytesIO()
        pixels.save(buffer, kind.upper(), **options)
        if (written := _written.get()) is not None:
            written.append(name)
        default_storage.save(name, ContentFile(buffer.getvalue()))
    except OSError as error:
        raise NotStored(error) from error


def _fitted(pixels: Pixels.Image, width: int) -> Pixels.Image:
    if pixels.width <= width:
        return pixels
    height = max(1, round(pixels.height * width / pixels.width))
    return pixels.resize((width, height), Pixels.Resampling.LANCZOS)


def crop_box(
    image: "Image", ratio: str
) -> tuple[tuple[float, float, float, float], tuple[int, int]]:
    """Return what a crop takes of the master (left, top, right, bottom) and its size, in pixels.

    The focal point is in its middle, or as near to it as the picture's edges let it be.
    """
    across, down = RATIOS[ratio]
    width = min(image.width, image.height * across / down)
    height = min(image.height, image.width * down / across)
    # To a thousandth, as in the crop's name.
    across_to, down_to = round(image.focal_x, 3), round(image.focal_y, 3)
    left = min(max(across_to * image.width - width / 2, 0), image.width - width)
    top = min(max(down_to * image.height - height / 2, 0), image.height - height)
    size = min(CROP_WIDTH, max(1, int(width)))
    box = (left, top, left + width, top + height)
    return box, (size, max(1, round(size * down / across)))


# Showing


def with_addresses(html: str, images: dict[int, "Image"]) -> str:
    """Return a sanitised text with the addresses that its pictures have now.

    Readers get theirs by the picture's id; this is for the editor, which shows the text's own.
    """

    def now(match: re.Match[str]) -> str:
        image = images.get(int(match[1]))
        return f'src="{image.largest_url}"' if image and image.has_file else match[0]

    return TEXT_PICTURE.sub(now, html)


def picture_html(image: "Image", alt: str, sizes: str, eager: bool = False) -> SafeString:
    """Return a ``<picture>`` with every format and width of ``image``.

    ``sizes`` is the HTML attribute: how wide the picture stands in the layout. ``eager`` is for
    the one picture above the fold.
    """
    sources = format_html_join(
        "",
        '<source type="{}" srcset="{}" sizes="{}">',
        ((MIME[kind], _srcset(image, kind), sizes) for kind in ("avif", "webp")),
    )
    loading = 'fetchpriority="high"' if eager else 'loading="lazy"'
    fallback = image.widths[min(1, len(image.widths) - 1)]
    return format_html(
        '<picture>{}<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}" '
        f'decoding="async" {loading}></picture>',
        sources,
        image.url(fallback, "jpeg"),
        _srcset(image, "jpeg"),
        sizes,
        image.width,
        image.height,
        alt,
    )


def _srcset(image: "Image", kind: str) -> str:
    return ", ".join(f"{image.url(width, kind)} {width}w" for width in image.widths)


def figure_html(
    image: "Image", sizes: str, alt: str = "", caption: str = "", eager: bool = False
) -> SafeString:
    """Return the picture with its caption and credit in one ``figcaption``.

    ``caption`` is sanitised HTML that stands for the library's own caption in one story.
    """
    # Safe: a caption comes out of the sanitised body; the library's own is escaped here.
    words = mark_safe(caption) if caption else format_html("{}", image.caption)
    credit = format_html('<span class="credit">{}</span>', image.credit_line)
    return format_html(
        '<figure class="picture">{}<figcaption>{} {}</figcaption></figure>',
        picture_html(image, "" if image.is_decorative else alt or image.alt, sizes, eager),
        words,
        credit if image.credit_line else "",
    )
