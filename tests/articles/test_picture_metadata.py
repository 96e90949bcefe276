"""What a photo's file says: it fills empty fields, and only words of credit go on to readers."""

import io
import re

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pixels
from PIL import IptcImagePlugin

from articles import photo_metadata, pictures
from articles.models import Image

ADD = "/admin/articles/image/add/"
FORM = {"focal_x": "0.5", "focal_y": "0.5"}
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
 photoshop:Credit="Jürgen Ähr/Coast Pictures" photoshop:Source="Coast Pictures"
 photoshop:Headline="Auction at dawn" aux:SerialNumber="SERIAL-4711"
 exif:GPSLatitude="52,31.2N" xmpRights:WebStatement="https://coast.example/terms">
<dc:creator><rdf:Seq><rdf:li>Jürgen Ähr</rdf:li><rdf:li>Ida Moe</rdf:li></rdf:Seq></dc:creator>
<dc:rights><rdf:Alt><rdf:li xml:lang="de">Rechte</rdf:li><rdf:li xml:lang="x-default">© 2026 Coast
 Pictures</rdf:li></rdf:Alt></dc:rights>
<dc:description><rdf:Alt>
<rdf:li xml:lang="x-default">Crabs on the &lt;quay&gt;</rdf:li></rdf:Alt></dc:description>
<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">A crate of crabs</rdf:li>
</rdf:Alt></Iptc4xmpCore:AltTextAccessibility><plus:Licensor><rdf:Seq>
<rdf:li rdf:parseType="Resource"><plus:LicensorURL>https://coast.example/buy</plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
SAID = {
    "title": "Auction at dawn",
    "alt": "A crate of crabs",
    "caption": "Crabs on the <quay>",
    "creator": "Jürgen Ähr, Ida Moe",
    "credit": "Jürgen Ähr/Coast Pictures",
    "agency": "Coast Pictures",
    "copyright_notice": "© 2026 Coast Pictures",
    "licence_url": "https://coast.example/terms",
    "acquire_licence_url": "https://coast.example/buy",
}


def photo(kind="JPEG", size=(640, 400), **options):
    buffer = io.BytesIO()
    Pixels.effect_noise(size, 60).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


def told_by(raw):
    return pictures.read(io.BytesIO(raw)).words


def spied(**words):
    """A photo that tells more than anybody should know, beside who made it."""
    exif = Pixels.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "SpyCam", "Deluxe 3", "Darkroom 9"
    exif[0x0132] = "2026:03:01 04:12:00"
    exif.get_ifd(0x8769).update({0xA431: "SERIAL-4711", 0x9003: "2026:03:01 04:12:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    for tag, text in words.items():
        exif[int(tag[1:], 16)] = text
    return exif


def with_iim(raw, **records):
    """``raw`` (a JPEG) with IPTC's older records, as picture desks' programs write them."""
    data = b"\x1c\x01\x5a\x00\x03\x1b%G" if records.pop("utf8", False) else b""
    for name, value in records.items():
        data += b"\x1c\x02" + bytes([int(name[1:])]) + len(value).to_bytes(2, "big") + value
    block = b"8BIM\x04\x04\0\0" + len(data).to_bytes(4, "big") + data + b"\0" * (len(data) % 2)
    segment = b"Photoshop 3.0\0" + block
    return raw[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + raw[2:]


# Reading


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "PNG"])
def test_xmp_is_read_in_every_format_that_carries_it(kind):
    if kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP)
        raw = photo(kind, pnginfo=info)
    else:
        raw = photo(kind, xmp=XMP.encode())
    assert told_by(raw) == SAID


def test_iim_is_read_in_its_alphabets():
    told = told_by(
        with_iim(photo(), r80="Zoë".encode(), r120="Kräne".encode("cp1252"), r116=b"(c) Z")
    )
    assert told == {
        "creator": "Zoë", "credit": "Zoë", "caption": "Kräne", "copyright_notice": "(c) Z",
    }  # fmt: skip
    told = told_by(with_iim(photo(), utf8=True, r110="Дом".encode(), r105=b"Cranes", r115=b"Coast"))
    assert told == {"credit": "Дом", "title": "Cranes", "agency": "Coast"}


def test_exif_is_read_with_both_its_names_and_letters_of_any_kind():
    exif = spied(x013b="Zoë Lind".encode(), x8298=b"Z. Lind\0The Courier", x010e="Cranes")
    assert told_by(photo(exif=exif)) == {
        "creator": "Zoë Lind", "credit": "Zoë Lind", "caption": "Cranes",
        "copyright_notice": "Z. Lind / The Courier",
    }  # fmt: skip


def test_xmp_stands_before_iim_and_iim_before_exif():
    raw = photo(exif=spied(x013b="Exif", x8298="Exif", x010e="Exif"), xmp=b"")
    both = with_iim(raw, r80=b"Iim", r110=b"Iim", r120=b"Iim")
    assert told_by(both)["creator"] == "Iim"
    assert told_by(both)["copyright_notice"] == "Exif"
    packet = XMP.replace("<dc:creator>", "<dc:creator  >").encode()
    whole = with_iim(photo(exif=spied(x013b="Exif"), xmp=packet), r80=b"Iim", r110=b"Iim")
    assert told_by(whole)["credit"] == SAID["credit"]


@pytest.mark.parametrize("words", ["OLYMPUS DIGITAL CAMERA", "SONY DSC", "DCIM 100", "IMG_2311"])
def test_what_a_camera_writes_by_itself_is_no_caption(words):
    assert told_by(photo(exif=spied(x010e=words))) == {}


BOMB = b"""<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>"""
FILE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x xmlns:p="http://ns.adobe.com/photoshop/1.0/"><p:Credit>&a;</p:Credit></x>"""


@pytest.mark.parametrize(
    "packet",
    [
        BOMB, FILE, b"<x>", b"\xff\xfe\x00", b"", b"<a>" * 15_000,
        XMP.encode("utf-16")[:3000], XMP[:700].encode(),
    ],
    ids=["entities", "file", "open", "bytes", "nothing", "deep", "utf-16", "cut"],
)  # fmt: skip
def test_hostile_xmp_says_nothing_and_the_picture_is_taken(packet):
    assert told_by(photo(xmp=packet)) == {}


def test_xmp_of_megabytes_is_passed_over():
    packet = XMP.replace("</x:xmpmeta>", f"<y>{'x' * 3_000_000}</y></x:xmpmeta>").encode()
    assert told_by(photo("WEBP", xmp=packet)) == {}


def test_strangers_words_are_one_line_and_their_addresses_of_the_web():
    packet = XMP.replace("https://coast.example/terms", "javascript:alert(1)")
    packet = packet.replace("https://coast.example/buy", "//coast.example")
    packet = packet.replace("Auction at dawn", "Auc&#9;tion&#10;\u202eat\u2066 dawn")
    told = told_by(photo(xmp=packet.encode()))
    assert told["title"] == "Auc tion at dawn"
    assert "licence_url" not in told
    assert "acquire_licence_url" not in told


def test_broken_records_do_not_keep_a_picture_out():
    cut = with_iim(photo(), r80=b"Zoe").replace(b"\x1c\x02P\0\x03", b"\x1c\x02P\x7f\xff")
    odd = with_iim(photo(), r80=b"Zoe").replace(b"\x1c\x02P\0\x03", b"\x1c\x09P\xff\xff")
    exif = photo(exif=spied(x013b="A"))
    lost = exif.replace(b"MM\0*\0\0\0\x08", b"MM\0*\xff\xff\xff\xff", 1)
    lost = lost.replace(b"II*\0\x08\0\0\0", b"II*\0\xff\xff\xff\xff", 1)
    assert lost != exif
    for raw in (cut, odd, lost):
        assert pictures.read(io.BytesIO(raw)).pixels.size == (640, 400)


# Filling in


def test_the_file_fills_empty_fields_and_the_editor_is_told_which(client, editor):
    client.force_login(editor)
    upload = SimpleUploadedFile("a.jpg", photo(xmp=XMP.encode()))
    page = client.post(ADD, FORM | {"upload": upload}, follow=True).text
    image = Image.objects.get()
    assert {name: getattr(image, name) for name in SAID} == SAID
    assert "Read from the file: title, alternative text, caption, creator" in page
    assert "Crabs on the &lt;quay&gt;" in page


def test_the_editors_words_win_over_the_files_also_in_the_same_form(client, editor):
    client.force_login(editor)
    upload = SimpleUploadedFile("a.jpg", photo(xmp=XMP.encode()))
    typed = {"credit": "The Courier", "is_decorative": "on"}
    page = client.post(ADD, FORM | typed | {"upload": upload}, follow=True).text
    image = Image.objects.get()
    assert (image.credit, image.alt, image.agency) == ("The Courier", "", "Coast Pictures")
    assert "though the file says otherwise: alternative text and credit" in page


def test_words_too_long_for_a_field_are_cut_and_addresses_left_out(db):
    packet = XMP.replace("Crabs on the", "Crabs " * 300)
    packet = packet.replace("https://coast.example/terms", "https://coast.example/" + "t" * 300)
    image = Image()
    image.take(io.BytesIO(photo(xmp=packet.encode())))
    assert len(image.caption) == 600
    assert image.caption.endswith("…")
    assert image.licence_url == ""
    image.full_clean()


# What readers' files carry


def stored_files(image):
    for name in sorted(image.names()):
        with default_storage.open(name) as file:
            yield name, file.read()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_files_for_readers_carry_the_credit_and_nothing_else(db, kind):
    raw = photo(kind, exif=spied(x013b="Exif"), xmp=XMP.encode(), icc_profile=b"")
    image = Image(alt="Ours", title="Where it was hidden", permission="By telephone")
    image.take(io.BytesIO(raw))
    files = dict(stored_files(image))
    assert len(files) == 1 + 2 * 3 + 3
    for name, content in files.items():
        for told in (
            b"SpyCam",
            b"Deluxe",
            b"SERIAL",
            b"GPS",
            b"2026:03:01",
            b"hidden",
            b"telephone",
        ):
            assert told not in content, (name, told)
        file = Pixels.open(io.BytesIO(content))
        exif = file.getexif()
        assert not exif.get_ifd(0x8825)
        assert not exif.get_ifd(0x8769)
        assert IptcImagePlugin.getiptcinfo(file) is None
        assert "icc_profile" not in file.info
        if name.startswith("masters/"):
            assert not dict(exif)
            assert "xmp" not in file.info
            continue
        words = {tag: str(text).encode("latin-1").decode() for tag, text in exif.items()}
        assert words == {
            0x013B: "Jürgen Ähr, Ida Moe",
            0x8298: "© 2026 Coast Pictures",
            0x010E: "Crabs on the <quay>",
        }
        carried = photo_metadata.read(file)
        assert carried == {
            "creator": SAID["creator"],
            "credit": "Jürgen Ähr/Coast Pictures / Coast Pictures",
            "caption": SAID["caption"],
            "copyright_notice": SAID["copyright_notice"],
            "licence_url": SAID["licence_url"],
            "acquire_licence_url": SAID["acquire_licence_url"],
        }
        tags = set(re.findall(rb"<([\w:]+)", file.info["xmp"]))
        assert tags == {
            b"x:xmpmeta", b"rdf:RDF", b"rdf:Description", b"rdf:Seq", b"rdf:Alt", b"rdf:li",
            b"dc:creator", b"dc:description", b"dc:rights", b"photoshop:Credit",
            b"xmpRights:WebStatement", b"plus:Licensor", b"plus:LicensorURL",
        }  # fmt: skip


def test_a_picture_without_words_carries_none(db):
    image = Image(title="Bare")
    image.take(io.BytesIO(photo(exif=spied())))
    for _, content in stored_files(image):
        file = Pixels.open(io.BytesIO(content))
        assert not dict(file.getexif())
        assert "xmp" not in file.info


def test_changed_words_are_in_the_files_under_a_new_address(
    client, editor, django_capture_on_commit_callbacks
):
    image = Image(title="Quay", alt="A quay", credit="Old Name")
    image.take(io.BytesIO(photo()))
    before, url = image.names(), image.largest_url
    client.force_login(editor)
    form = FORM | {"title": "Quay", "alt": "A quay", "credit": "New & <Name>"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/admin/articles/image/{image.pk}/change/", form)
    image.refresh_from_db()
    assert image.largest_url != url
    for name, content in stored_files(image):
        assert b"Old Name" not in content
        if not name.startswith("masters/"):
            assert photo_metadata.read(Pixels.open(io.BytesIO(content)))["credit"] == "New & <Name>"
    for name in before - image.names():
        assert not default_storage.exists(name)
    assert image.master_path in before  # the master has no words, and stays


def test_words_that_the_files_do_not_carry_leave_them_alone(client, editor):
    image = Image(title="Quay", alt="A quay", credit="A. B.")
    image.take(io.BytesIO(photo()))
    client.force_login(editor)
    form = FORM | {"title": "Pier", "alt": "A pier", "credit": "A. B."}
    client.post(f"/admin/articles/image/{image.pk}/change/", form)
    before = image.names()
    image.refresh_from_db()
    assert image.alt == "A pier"
    assert image.names() == before
