"""Pictures: what an upload must be, and the sizes and formats that readers are sent.

Every upload is decoded and encoded again under our own name: what is served is what we wrote,
without the camera's metadata and whatever else the file carried.
"""

import hashlib
import io
from typing import IO, TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from PIL import Image as Pixels
from PIL import ImageOps, UnidentifiedImageError

if TYPE_CHECKING:
    from articles.models import Image

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
MAX_PIXELS = 60_000_000
MAX_BYTES = 30 * 1024 * 1024
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
MIME = {"avif": "image/avif", "webp": "image/webp"}


def decode(upload: IO[bytes]) -> Pixels.Image:
    """Return the upload's picture, upright and in RGB.

    Raises ``ValidationError`` for what is too large, too tall, or no picture of a known format. The
    size is read from the header, so that a bomb is refused before it is unpacked.
    """
    upload.seek(0, io.SEEK_END)
    if upload.tell() > MAX_BYTES:
        raise ValidationError("This file is larger than 30 MB.", "too-heavy")
    upload.seek(0)
    try:
        picture = Pixels.open(upload, formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise Pixels.DecompressionBombError
        upright = ImageOps.exif_transpose(picture)
        if upright.height * min(1, WIDTHS[-1] / upright.width) > TALLEST:
            raise ValidationError("This picture is too tall for its width.", "too-tall")
        return _on_white(upright)
    except (Pixels.DecompressionBombError, Pixels.DecompressionBombWarning) as error:
        raise ValidationError(
            "This picture has more than 60 million pixels.", "too-large"
        ) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError) as error:
        raise ValidationError(
            "This file is not a picture we can read. JPEG, PNG, WebP, AVIF and GIF work.",
            "no-picture",
        ) from error


def _on_white(picture: Pixels.Image) -> Pixels.Image:
    """Return the picture in RGB; what was transparent is white, as on paper."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    opaque = picture.convert("RGBA")
    paper = Pixels.new("RGBA", opaque.size, "white")
    paper.alpha_composite(opaque)
    return paper.convert("RGB")


def store(image: "Image", pixels: Pixels.Image) -> None:
    """Write the master and its renditions, and note them on ``image`` (which has its id).

    Names carry a digest of the pixels, so that a file's content never changes under its address
    and caches may keep it for ever.
    """
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()[:12]
    master = _fitted(pixels, MASTER_WIDTH)
    image.width, image.height = master.size
    image.digest = digest
    image.widths = sorted({min(width, master.width) for width in WIDTHS})
    for width in image.widths:
        rendition = _fitted(master, width)
        for kind, options in ENCODERS.items():
            _save(image.path(width, kind), rendition, kind, options)


def _fitted(pixels: Pixels.Image, width: int) -> Pixels.Image:
    if pixels.width <= width:
        return pixels
    height = max(1, round(pixels.height * width / pixels.width))
    return pixels.resize((width, height), Pixels.Resampling.LANCZOS)


def _save(name: str, pixels: Pixels.Image, kind: str, options: dict[str, int]) -> None:
    if default_storage.exists(name):
        return
    buffer = io.BytesIO()
    pixels.save(buffer, kind.upper(), **options)
    default_storage.save(name, ContentFile(buffer.getvalue()))


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
