"""The files of pictures: crops, replacement, no orphans, a full disk, and what uploads may be."""

import contextlib
import errno
import io
import random
import tracemalloc

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from PIL import Image as Pixels
from PIL import ImageCms, ImageDraw

from articles import pictures
from articles.models import Article, Author, Image
from articles.models.image import StillUsed

ADD = "/admin/articles/image/add/"
FORM = {"title": "Quay", "alt": "A quay", "credit": "A. B.", "focal_x": "0.5", "focal_y": "0.5"}


def encoded(picture, kind="JPEG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(size=(640, 400)):
    return Pixels.effect_noise(size, 60).convert("RGB")


def photo(kind="JPEG", size=(640, 400), **options):
    return encoded(noise(size), kind, **options)


def opened(name):
    with default_storage.open(name) as file:
        picture = Pixels.open(io.BytesIO(file.read()))
    picture.load()
    return picture


def on_disk(settings):
    root = settings.MEDIA_ROOT
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def image(db):
    made = Image(title="Quay", alt="A quay", credit="A. B.")
    made.take(io.BytesIO(photo()))
    return made


def change(image):
    return f"/admin/articles/image/{image.pk}/change/"


# Crops


def marked(size, spot):
    """A grey picture with a red square around ``spot``."""
    picture = Pixels.new("RGB", size, "grey")
    x, y = spot
    ImageDraw.Draw(picture).rectangle([x - 20, y - 20, x + 20, y + 20], fill="red")
    return picture


@pytest.mark.parametrize("spot", [(60, 60), (1940, 60), (60, 1440), (1940, 1440), (1000, 750)])
def test_every_crop_keeps_the_focal_point_in_view(db, spot):
    image = Image(focal_x=spot[0] / 2000, focal_y=spot[1] / 1500)
    image.take(io.BytesIO(encoded(marked((2000, 1500), spot))))
    for crop in image.crops():
        across, down = map(int, crop.ratio.split(":"))
        picture = opened(crop.url.removeprefix("/media/"))
        assert picture.size == (crop.width, crop.height)
        assert abs(crop.width / crop.height - across / down) < 0.01
        red = [colour for _, colour in picture.getcolors(2**24) if colour[0] > 200 > 90 > colour[1]]
        assert red, crop.ratio
    assert [crop.ratio for crop in image.crops()] == ["16:9", "4:3", "1:1"]
    assert image.share_url == image.crops()[0].url


@pytest.mark.parametrize("size", [(300, 200), (90, 400), (1, 1), (2, 700), (700, 2)])
def test_small_pictures_are_not_enlarged(db, size):
    image = Image()
    image.take(io.BytesIO(photo(size=size)))
    assert (image.width, image.height) == size
    assert image.widths == [min(size[0], 480)] if size[0] <= 480 else [480, size[0]]
    for crop in image.crops():
        assert crop.width <= size[0]
        assert crop.height <= size[1]
        assert opened(crop.url.removeprefix("/media/")).size == (crop.width, crop.height)


def test_a_moved_focal_point_makes_new_crops_and_leaves_the_rest(
    client, editor, image, settings, django_capture_on_commit_callbacks
):
    old, url = image.crops(), image.largest_url
    client.force_login(editor)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(change(image), FORM | {"focal_x": "0.1", "focal_y": "0.9004"})
    assert answer.status_code == 302
    image.refresh_from_db()
    assert (image.focal_x, image.focal_y) == (0.1, 0.9)
    assert image.largest_url == url
    assert not {crop.url for crop in old} & {crop.url for crop in image.crops()}
    assert on_disk(settings) == image.names()
    for crop in image.crops():
        assert client.get(crop.url).status_code == 200


@pytest.mark.parametrize("value", ["-0.1", "1.1", "nan", "x", ""])
def test_a_focal_point_outside_is_refused(client, editor, image, value):
    client.force_login(editor)
    answer = client.post(change(image), FORM | {"focal_x": value})
    assert answer.status_code == 200
    assert "focal_x" in answer.context["adminform"].form.errors


def test_the_form_shows_the_point_and_three_crops(client, editor, image):
    client.force_login(editor)
    page = client.get(change(image)).text
    assert 'cx="320.0" cy="200.0"' in page
    for ratio in pictures.RATIOS:
        assert f'data-ratio="{ratio}"' in page
    assert " style=" not in page.partition('class="focus"')[2].partition("</div>")[0]


def test_an_old_name_leads_to_the_same_picture_with_its_words_of_now(client, image):
    old, crop = image.url(480, "webp"), image.crops()[0].url
    width = image.url(480).replace("-480.", "-481.")
    image.credit, image.focal_x = "C. D.", 0.1
    image.save_words()
    for was, now in [(old, image.url(480, "webp")), (crop, image.share_url)]:
        default_storage.delete(was.removeprefix("/media/"))
        answer = client.get(was)
        assert (answer.status_code, answer["Location"]) == (302, now)
        assert client.get(now).status_code == 200
    other = old.replace(image.pixel_digest, "0" * 12)
    for nothing in (width, other, old.replace(f"/{image.pk}/", "/999999/")):
        assert client.get(nothing).status_code == 404


# Colours and shapes


def test_every_kind_of_pixels_becomes_rgb():
    grey16 = Pixels.new("I;16", (40, 30), 40_000)
    for picture, kind, seen in [
        (Pixels.new("CMYK", (40, 30), (0, 255, 255, 0)), "JPEG", (255, 0, 0)),
        (Pixels.new("L", (40, 30), 128), "JPEG", (128, 128, 128)),
        (Pixels.new("1", (40, 30), 1), "PNG", (255, 255, 255)),
        (Pixels.new("RGB", (40, 30), "red").quantize(4), "PNG", (255, 0, 0)),
        (Pixels.new("LA", (40, 30), (0, 128)), "PNG", (127, 127, 127)),
        (Pixels.new("RGBA", (40, 30), (255, 0, 0, 0)), "WEBP", (255, 255, 255)),
        (grey16, "PNG", (156, 156, 156)),
    ]:
        pixels = pictures.decode(io.BytesIO(encoded(picture, kind)))
        assert pixels.mode == "RGB"
        assert max(abs(a - b) for a, b in zip(pixels.getpixel((9, 9)), seen, strict=True)) < 4, kind


def test_wide_colours_become_the_webs():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = pictures.decode(io.BytesIO(photo("PNG", icc_profile=lab)))
    assert "icc_profile" not in same.info
    # A profile whose red is the web's green: what is converted is seen to be.
    swapped = lab.replace(b"rXYZ", b"tmp1").replace(b"gXYZ", b"rXYZ").replace(b"tmp1", b"gXYZ")
    red = encoded(Pixels.new("RGB", (40, 30), (255, 0, 0)), "PNG", icc_profile=swapped)
    r, g, _ = pictures.decode(io.BytesIO(red)).getpixel((9, 9))
    assert g > 240 > 30 > r


def test_a_profile_of_nonsense_is_passed_over():
    for profile in (b"nonsense" * 40, bytes(200)):
        raw = encoded(Pixels.new("RGB", (40, 30), "red"), "PNG", icc_profile=profile)
        assert pictures.decode(io.BytesIO(raw)).getpixel((9, 9)) == (255, 0, 0)


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_is_put_upright(turn):
    corner = Pixels.new("RGB", (60, 40), "white")
    corner.paste("red", (0, 0, 20, 20))
    upright = corner.convert("RGB")
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # what undoes each
    lying = upright.transpose(Pixels.Transpose(back[turn])) if turn in back else upright
    exif = Pixels.Exif()
    exif[0x0112] = turn
    pixels = pictures.decode(io.BytesIO(encoded(lying, quality=95, exif=exif)))
    assert pixels.size == (60, 40)
    r, g, _ = pixels.getpixel((5, 5))
    assert r > 200 > 60 > g


def test_a_large_photo_is_taken_at_the_size_of_a_master():
    pixels = pictures.decode(io.BytesIO(photo(size=(6000, 4000), quality=50)))
    assert pixels.size == (2400, 1600)
    exif = Pixels.Exif()
    exif[0x0112] = 6
    assert pictures.decode(io.BytesIO(photo(size=(5000, 3000), exif=exif))).size == (2400, 4000)


# Hostile files


@pytest.mark.parametrize(
    "tail", [b"<script>alert(1)</script>", b"PK\x03\x04classes.jar", b"<?php system('id'); ?>"]
)
def test_what_hangs_on_a_picture_is_gone(db, tail):
    image = Image()
    image.take(io.BytesIO(photo(comment=tail) + tail))
    for name in image.names():
        with default_storage.open(name) as file:
            assert tail not in file.read()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_a_picture_that_moves_the_first_frame_is_taken(kind):
    frames = [Pixels.new("RGB", (40, 30), (0, 0, n % 256)) for n in range(1, 2000)]
    first = Pixels.new("RGB", (40, 30), (255, 0, 0))
    raw = encoded(first, kind, save_all=True, append_images=frames)
    told = pictures.read(io.BytesIO(raw))
    assert told.is_moving
    assert told.pixels.getpixel((9, 9))[0] > 240
    assert not pictures.read(io.BytesIO(photo(kind))).is_moving


def test_the_editor_is_told_of_a_moving_picture(client, editor):
    client.force_login(editor)
    raw = encoded(noise((40, 30)), "GIF", save_all=True, append_images=[noise((40, 30))])
    page = client.post(ADD, FORM | {"upload": SimpleUploadedFile("a.gif", raw)}, follow=True).text
    assert "It moves: readers see its first frame." in page


def test_mangled_files_are_refused_or_taken_and_never_a_fault():
    chance = random.Random(6)  # noqa: S311 - the same mischief every time
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF"):
        whole = photo(kind, (90, 60))
        for _ in range(60):
            raw = bytearray(whole)
            for _ in range(chance.randint(1, 12)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            if chance.random() < 0.3:
                del raw[chance.randrange(len(raw)) :]
            with contextlib.suppress(ValidationError):
                assert pictures.read(io.BytesIO(bytes(raw))).pixels.mode == "RGB"


def test_header_of_a_bomb_costs_no_memory():
    from tests.articles.test_pictures import png_header

    tracemalloc.start()
    with pytest.raises(ValidationError, match="64 million"):
        pictures.read(io.BytesIO(png_header(30_000, 10_000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_formats_that_unpack_in_several_copies_may_have_fewer_pixels(kind):
    with pytest.raises(ValidationError, match="24 million"):
        pictures.read(io.BytesIO(encoded(Pixels.new("L", (6100, 4000)), kind, quality=1)))


@pytest.mark.parametrize(
    "path",
    ["1/a.svg", "1/a.html", "1/a.php", "1/a.jpeg.php", "1/a.jpeg%00.php", "../masters/1/a.jpeg",
     "1/../../masters/1/a.jpeg", "..%2fmasters/1/a.jpeg", "%2e%2e/masters/1/a.jpeg", "1/A.JPEG",
     "1//a.jpeg", "/etc/passwd", "1/a.jpeg/", "1\\a.jpeg", "x/a.jpeg", "1/.jpeg", "a.jpeg"],
)  # fmt: skip
def test_nothing_but_our_own_names_is_served(db, client, settings, path):
    for folder in ("images/1", "masters/1", "images/x"):
        (settings.MEDIA_ROOT / folder).mkdir(parents=True)
        for name in ("a.svg", "a.html", "a.php", "a.jpeg.php", "a.jpeg", "A.JPEG", ".jpeg"):
            (settings.MEDIA_ROOT / folder / name).write_bytes(b"<script>alert(1)</script>")
    assert client.get("/media/images/1/a.jpeg").status_code == 200
    answer = client.get(f"/media/images/{path}")
    assert answer.status_code in {301, 400, 404}
    assert b"alert(1)" not in answer.content
    assert client.get("/media/masters/1/a.jpeg").status_code == 404


def test_a_picture_is_sent_as_one_and_does_nothing(client, image):
    answer = client.get(image.url(480, "webp"))
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "; sandbox" in answer["Content-Security-Policy"]
    assert "immutable" in answer["Cache-Control"]


# Replacement and deletion


def test_a_replaced_picture_is_shown_at_once_and_its_words_ask_for_a_look(
    client, editor, image, make_article, settings, django_capture_on_commit_callbacks
):
    figure = f'<figure><img src="{image.largest_url}" alt=""></figure><p>x</p>'
    lead, inside = make_article(lead_image=image), make_article(body=figure)
    addresses = [story.get_absolute_url() for story in (lead, inside)]
    old = image.largest_url
    for address in addresses:
        assert old.rpartition("-")[0] in client.get(address).text
    client.force_login(editor)
    upload = SimpleUploadedFile("b.jpg", photo(size=(500, 500)))
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(change(image), FORM | {"upload": upload}, follow=True)
    assert "It is another picture now" in page.text
    assert "words to check" in client.get("/admin/articles/image/?show=stale").text
    client.logout()
    image.refresh_from_db()
    assert image.has_stale_words
    for address in addresses:
        text = client.get(address).text
        assert old.rpartition("-")[0] not in text
        assert image.largest_url.rpartition("-")[0] in text
    assert client.get(old).status_code == 404
    assert on_disk(settings) == image.names()
    inside.refresh_from_db()
    assert image.largest_url in inside.body  # what the editor shows
    client.force_login(editor)
    client.post(change(image), FORM)
    image.refresh_from_db()
    assert not image.has_stale_words


def test_the_same_file_again_changes_nothing(image, django_capture_on_commit_callbacks):
    with default_storage.open(image.master_path) as file:
        raw = file.read()
    image.take(io.BytesIO(raw))
    names = image.names()
    with django_capture_on_commit_callbacks(execute=True):
        image.take(io.BytesIO(raw))
    assert image.names() == names
    assert all(default_storage.exists(name) for name in names)


def test_a_used_picture_stays(client, editor, image, make_article, reporter):
    text = f'<figure><img src="{image.largest_url}" alt=""></figure><p>x</p>'
    for use in (
        lambda: make_article(lead_image=image),
        lambda: make_article(body=text, status="draft"),
        lambda: Author.objects.create(name="Ida Moe", slug="ida", portrait=image),
    ):
        used_by = use()
        with pytest.raises(StillUsed, match="stays"):
            image.discard()
        client.force_login(editor)
        page = client.get(change(image)).text
        assert "It is used, so it cannot be deleted." in page
        assert str(used_by) in page
        delete = f"/admin/articles/image/{image.pk}/delete/"
        assert client.post(delete, {"post": "yes"}).status_code == 403
        used_by.bylines.all().delete()
        used_by.delete()
    image.discard()
    assert not Image.objects.exists()


def test_a_picture_in_a_text_that_nobody_noted_stays_too(image, make_article):
    story = make_article()
    body = f'<figure><img src="{image.largest_url}" alt=""></figure>'
    Article.objects.filter(pk=story.pk).update(body=body)
    with pytest.raises(StillUsed):
        image.discard()


def test_a_reporter_reads_no_headline_of_colleagues_in_the_list_of_uses(
    client, reporter, image, make_article
):
    make_article(lead_image=image, status="draft", headline="The takeover")
    Image.objects.update(uploaded_by=reporter)
    client.force_login(reporter)
    page = client.get(change(image)).text
    assert "The takeover" not in page
    assert "1 of colleagues, not out yet" in page


def test_a_picture_in_print_keeps_what_it_was_printed_with(client, editor, image, make_article):
    make_article(lead_image=image)
    client.force_login(editor)
    for lost in ({"credit": ""}, {"alt": ""}, {"is_from_source": "on"}):
        answer = client.post(change(image), FORM | lost)
        assert answer.status_code == 200
        assert "Readers see this picture" in answer.text
    given = {"is_from_source": "on", "permission": "Ida Moe, by letter, 1 March"}
    assert client.post(change(image), FORM | given).status_code == 302


def test_deleted_picture_leaves_no_file_and_no_folder(
    image, settings, django_capture_on_commit_callbacks
):
    assert on_disk(settings) == image.names()
    with django_capture_on_commit_callbacks(execute=True):
        image.discard()
    assert on_disk(settings) == set()
    assert not list((settings.MEDIA_ROOT / "images").iterdir())


# A disk that is full


@pytest.fixture
def full_disk(monkeypatch):
    """A storage with room for a few files: of the last it keeps half."""
    left = [4]
    save = FileSystemStorage._save

    def refuse(storage, name, content):
        if left[0] == 0:
            save(storage, name, io_of(content))
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= 1
        return save(storage, name, content)

    def io_of(content):
        from django.core.files.base import ContentFile

        return ContentFile(content.read()[:100])

    monkeypatch.setattr(FileSystemStorage, "_save", refuse)
    return left


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_leaves_the_words_in_the_form_and_nothing_else(
    client, make_user, settings, full_disk
):
    client.force_login(make_user(role="editor"))
    answer = client.post(ADD, FORM | {"upload": SimpleUploadedFile("a.jpg", photo())})
    assert answer.status_code == 200
    assert "there is no room left for pictures" in answer.text
    assert 'value="A. B."' in answer.text
    assert not Image.objects.exists()
    assert on_disk(settings) == set()
    full_disk[0] = 1000
    answer = client.post(ADD, FORM | {"upload": SimpleUploadedFile("a.jpg", photo())})
    assert answer.status_code == 302
    assert on_disk(settings) == Image.objects.get().names()


@pytest.mark.django_db(transaction=True)
def test_a_replacement_that_finds_no_room_leaves_the_old_picture(
    client, make_user, settings, full_disk
):
    full_disk[0] = 1000
    image = Image(title="Quay", alt="A quay", credit="A. B.")
    image.take(io.BytesIO(photo()))
    client.force_login(make_user(role="editor"))
    full_disk[0] = 3
    upload = SimpleUploadedFile("a.jpg", photo())
    for sent in ({"upload": upload}, {"credit": "Another"}, {"focal_x": "0.1"}):
        full_disk[0] = min(full_disk[0], 2)
        answer = client.post(change(image), FORM | sent)
        assert "there is no room left for pictures" in answer.text
        row = Image.objects.get()
        assert row.digest == image.digest
        assert (row.credit, row.focal_x) == ("A. B.", 0.5)
        assert on_disk(settings) == image.names()


@pytest.mark.django_db(transaction=True)
def test_a_save_that_fails_after_its_files_leaves_none(client, make_user, settings, monkeypatch):
    from articles.admin.picture import ImageAdmin

    def broken(*args, **kwargs):
        raise RuntimeError("The log is full.")

    monkeypatch.setattr(ImageAdmin, "log_addition", broken)
    client.force_login(make_user(role="editor"))
    with pytest.raises(RuntimeError):
        client.post(ADD, FORM | {"upload": SimpleUploadedFile("a.jpg", photo())})
    assert not Image.objects.exists()
    assert on_disk(settings) == set()


def test_what_a_killed_process_left_under_a_name_is_written_over(image, settings):
    with default_storage.open(image.master_path) as file:
        raw = file.read()
    names = image.names()
    Image.objects.all().delete()
    for name in names:
        (settings.MEDIA_ROOT / name).write_bytes(b"half")
    again = Image(pk=image.pk, credit="A. B.")
    again.take(io.BytesIO(photo()))
    again.take(io.BytesIO(raw))
    for name in again.names():
        opened(name)


# The check


def checked(*options):
    out = io.StringIO()
    call_command("check_pictures", *options, stdout=out)
    return out.getvalue()


def test_the_check_finds_and_mends_what_is_off(image, settings, make_article):
    assert "all is right" in checked()
    stray = settings.MEDIA_ROOT / "images/999/abc-480.jpeg"
    stray.parent.mkdir()
    stray.write_bytes(b"x")
    old = settings.MEDIA_ROOT / f"images/{image.pk}/abc-480.jpeg"
    old.write_bytes(b"x")
    (settings.MEDIA_ROOT / image.path(480, "avif")).unlink()
    story = make_article(body=f'<figure><img src="{image.largest_url}" alt=""></figure><p>x</p>')
    story.text_pictures.clear()
    with pytest.raises(CommandError, match="--fix"):
        checked()
    said = checked("--fix")
    assert "images/999/abc-480.jpeg" in said
    assert image.path(480, "avif") in said
    assert f"article {story.pk}" in said
    assert on_disk(settings) == image.names()
    assert list(story.text_pictures.all()) == [image]
    assert "all is right" in checked()


def test_the_check_names_a_picture_that_cannot_be_mended(image, settings):
    for name in image.names():
        (settings.MEDIA_ROOT / name).unlink()
    with pytest.raises(CommandError, match="cannot be made again"):
        checked("--fix")


def test_the_check_leaves_young_files_alone(image, settings):
    young = settings.MEDIA_ROOT / f"images/{image.pk}/abc-480.jpeg"
    young.write_bytes(b"x")
    assert "all is right" in checked("--older-than", "1")
    assert young.exists()
