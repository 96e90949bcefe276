"""Pictures: what an upload may be, and what of it readers are sent."""

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pixels

from articles import pictures
from articles.models import Image

ADD = "/admin/articles/image/add/"
FORM = {"title": "Quay", "alt": "A quay", "credit": "A. B.", "focal_x": "0.5", "focal_y": "0.5"}


def photo(kind="JPEG", size=(640, 400), **options):
    buffer = io.BytesIO()
    Pixels.effect_noise(size, 60).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


def gps_photo():
    exif = Pixels.Exif()
    exif[0x010F] = "SpyCam Deluxe"
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    return photo(exif=exif)


def png_header(width, height):
    """A PNG that claims a size and holds nothing."""

    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0"))


def test_uploaded_photo_is_served_without_what_the_camera_noted(client, editor):
    client.force_login(editor)
    raw = gps_photo()
    assert Pixels.open(io.BytesIO(raw)).getexif().get_ifd(0x8825)
    upload = SimpleUploadedFile("IMG_1.jpg", raw, "image/jpeg")
    response = client.post(ADD, FORM | {"upload": upload})
    assert response.status_code == 302, response.context["errors"]
    image = Image.objects.get()
    assert image.uploaded_by == editor
    assert (image.width, image.height) == (400, 640)  # upright
    for width in image.widths:
        for kind in ("avif", "webp", "jpeg"):
            stored = default_storage.open(image.path(width, kind)).read()
            assert b"SpyCam" not in stored
            exif = Pixels.open(io.BytesIO(stored)).getexif()
            assert dict(exif) == {0x013B: "A. B."}  # who made it, and nothing else
            assert not exif.get_ifd(0x8825)
    served = client.get(image.largest_url)
    assert served.status_code == 200
    assert served.headers["Content-Type"] == "image/jpeg"
    assert "IMG_1" not in image.largest_url


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("notes.jpg", b"These are notes, not a picture.", "not a picture we can read"),
        ("empty.jpg", b"", "empty"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not a picture we can read"),
        ("page.jpg", b"GIF89a<script>alert(1)</script>", "not a picture we can read"),
        ("bomb.png", png_header(20_000, 20_000), "more than 64 million pixels"),
        ("large.png", png_header(10_000, 10_000), "more than 64 million pixels"),
        ("cut.jpg", photo()[:3000], "not a picture we can read"),
        ("scan.tiff", photo("TIFF"), "not a picture we can read"),
        ("page.pdf", photo("PDF"), "not a picture we can read"),
    ],
    ids=["text", "empty", "svg", "gif-script", "bomb", "large", "cut", "tiff", "pdf"],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(client, editor, name, content, told):
    client.force_login(editor)
    response = client.post(ADD, FORM | {"upload": SimpleUploadedFile(name, content)})
    assert response.status_code == 200
    assert told in response.text
    assert not Image.objects.exists()


def test_a_new_picture_needs_a_file(client, editor):
    client.force_login(editor)
    assert "Choose a picture’s file" in client.post(ADD, FORM).text.replace("&#x27;", "’")
    assert not Image.objects.exists()


def test_a_telephones_own_format_is_named():
    heic = io.BytesIO(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
    with pytest.raises(ValidationError, match="Send it as JPEG"):
        pictures.decode(heic)


def test_a_file_of_more_than_30_mb_is_refused():
    heavy = io.BytesIO(photo() + bytes(pictures.MAX_BYTES))
    with pytest.raises(ValidationError, match="30 MB"):
        pictures.decode(heavy)


def test_what_was_transparent_is_white(db):
    buffer = io.BytesIO()
    Pixels.new("RGBA", (10, 10), (0, 0, 0, 0)).save(buffer, "PNG")
    assert pictures.decode(buffer).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "GIF"])
def test_each_known_format_is_taken(db, kind):
    image = Image(title=kind)
    image.take(io.BytesIO(photo(kind)))
    assert image.widths == [480, 640]
    assert default_storage.exists(image.path(480, "avif"))


def test_missing_words_are_shown_in_the_list(client, editor):
    Image.objects.create(title="Bare")
    client.force_login(editor)
    page = client.get("/admin/articles/image/").text
    assert "alternative text</span>" in page
    assert "credit</span>" in page


def test_deleted_picture_takes_its_files_along(client, editor, django_capture_on_commit_callbacks):
    image = Image(title="Quay")
    image.take(io.BytesIO(photo()))
    name = image.path(480, "jpeg")
    client.force_login(editor)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/admin/articles/image/{image.pk}/delete/", {"post": "yes"})
    assert not Image.objects.exists()
    assert not default_storage.exists(name)
