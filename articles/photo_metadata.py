"""What a photo's file says of itself, and what ours say: who made it and whose it is.

Read are the three places in which it is written: XMP, IPTC's older IIM, and Exif, in this order
where they differ, as the Metadata Working Group has it. The names and their meaning are the IPTC
Photo Metadata Standard's. What else a file tells (place, time, device, serial numbers, earlier
versions) is neither read nor kept.

Written into the files that readers get are the words of credit alone, since search engines and
whoever saves the picture find them there.
"""

import hashlib
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from PIL import Image as Pixels
from PIL import IptcImagePlugin

if TYPE_CHECKING:
    from articles.models import Image

# Whatever else reading a hostile file may end with: its parts are read by many hands.
BROKEN = (
    OSError, ValueError, SyntaxError, RuntimeError, struct.error, zlib.error, LookupError,
    TypeError, AttributeError, ArithmeticError, EOFError, MemoryError,
)  # fmt: skip

MAX_XMP = 512 * 1024  # bytes; a program's history of its own work is longer, and not ours to read
MAX_WORDS = 4000  # characters of one value
ORIENTATION, DESCRIPTION, ARTIST, COPYRIGHT = 0x0112, 0x010E, 0x013B, 0x8298

DC = "{http://purl.org/dc/elements/1.1/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
IPTC = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
PLUS = "{http://ns.useplus.org/ldf/xmp/1.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

# Of each of our fields the properties that fill it, the better one first.
XMP = {
    "title": [f"{PHOTOSHOP}Headline", f"{DC}title"],
    "alt": [f"{IPTC}AltTextAccessibility"],
    "caption": [f"{DC}description"],
    "creator": [f"{DC}creator"],
    "credit": [f"{PHOTOSHOP}Credit"],
    "agency": [f"{PHOTOSHOP}Source"],
    "copyright_notice": [f"{DC}rights"],
    "licence_url": [f"{RIGHTS}WebStatement"],
    "acquire_licence_url": [f"{PLUS}LicensorURL"],
}
# The data sets of IIM's record 2.
IIM = {
    "title": [105, 5],
    "caption": [120],
    "creator": [80],
    "credit": [110],
    "agency": [115],
    "copyright_notice": [116],
}
EXIF = {"caption": DESCRIPTION, "creator": ARTIST, "copyright_notice": COPYRIGHT}
# What cameras write where a caption should stand.
NO_CAPTION = re.compile(
    r"(?i)^(olympus|minolta|konica|sony|samsung|kodak|ricoh|pentax|casio|canon|nikon|dsc|dcim|"
    r"img|untitled|default|screenshot)[ _\d][\w .-]{0,40}$"
)
# Control characters, noncharacters, halves of characters, and marks that turn the text's direction.
NO_WORDS = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)


# Reading


def read(picture: Pixels.Image) -> dict[str, str]:
    """Return what the file says for the fields of ``Image``, cleaned; nothing for the others.

    Never raises: a part that cannot be read says nothing. ``picture`` is loaded.
    """
    found: dict[str, str] = {}
    for part in (_xmp, _iim, _exif):
        try:
            words = part(picture)
        except (*BROKEN, DefusedXmlException):
            continue
        for name, text in words.items():
            if (cleaned := clean(text, is_url=name.endswith("_url"))) and name not in found:
                found[name] = cleaned
    if NO_CAPTION.match(found.get("caption", "")):
        del found["caption"]
    if "creator" in found:
        # Who made it is to be named, where the file asks for nobody else.
        found.setdefault("credit", found["creator"])
    return found


def orientation(picture: Pixels.Image) -> int:
    """Return how the picture has to be turned: 1 to 8 as Exif counts."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except BROKEN:
        return 1


def clean(text: str, is_url: bool = False) -> str:
    """Return a stranger's words as one line; of an address nothing, if it is none of the web."""
    line = " ".join(NO_WORDS.sub(" ", unicodedata.normalize("NFC", text[:MAX_WORDS])).split())
    if not is_url or not line:
        return line
    try:
        URLValidator(schemes=["http", "https"])(line)
    except ValidationError:
        return ""
    return line


def _xmp(picture: Pixels.Image) -> dict[str, str]:
    packet = picture.info.get("xmp") or b""
    if isinstance(packet, str):
        packet = packet.encode()
    if not packet or len(packet) > MAX_XMP:
        return {}
    try:
        root = fromstring(packet.strip(b"\0 \r\n\t"), forbid_dtd=True)
    except ParseError:
        return {}
    values: dict[str, str] = {}
    for name, value in _properties(root):
        if value.strip():
            values.setdefault(name, value)
    return {
        field: next((values[name] for name in names if name in values), "")
        for field, names in XMP.items()
    }


def _properties(root: Element) -> Iterator[tuple[str, str]]:
    """Yield the properties of a packet with their text, in whichever of RDF's ways it is written.

    The licensor's address stands in a structure of its own, hence the look at every element.
    """
    wanted = {name for names in XMP.values() for name in names}
    for element in root.iter():
        for name in wanted & element.attrib.keys():
            yield name, element.attrib[name]
        if element.tag in wanted:
            yield element.tag, _value(element)


def _value(element: Element) -> str:
    items = [item for part in element for item in part if item.tag == f"{RDF}li"]
    if not items:
        return element.text or element.get(f"{RDF}resource") or ""
    if element[0].tag == f"{RDF}Alt":
        items.sort(key=lambda item: item.get(LANGUAGE) != "x-default")
        return items[0].text or ""
    return ", ".join(text for item in items if (text := (item.text or "").strip()))


def _iim(picture: Pixels.Image) -> dict[str, str]:
    record = IptcImagePlugin.getiptcinfo(picture) or {}  # type: ignore[arg-type]
    is_utf8 = record.get((1, 90)) == b"\x1b%G"

    def text(number: int) -> str:
        value = record.get((2, number)) or b""
        values = value if isinstance(value, list) else [value]
        return ", ".join(_decoded(each, is_utf8) for each in values if each)

    return {
        field: next((words for number in numbers if (words := text(number))), "")
        for field, numbers in IIM.items()
    }


def _decoded(raw: bytes, is_utf8: bool) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("utf-8" if is_utf8 else "cp1252", "replace")


def _exif(picture: Pixels.Image) -> dict[str, str]:
    exif = picture.getexif()
    found = {}
    for field, tag in EXIF.items():
        value = exif.get(tag, "")
        raw = value if isinstance(value, bytes) else str(value).encode("latin-1", "replace")
        # Photographer and editor stand apart by a null.
        parts = [part.strip() for part in _decoded(raw, is_utf8=False).split("\0")]
        found[field] = " / ".join(filter(None, parts))
    return found


# Writing


def embedded(image: "Image") -> dict[str, bytes]:
    """Return what our files of this picture carry, as Pillow's encoders take it."""
    words = {
        "creator": image.creator,
        "credit": image.credit_line,
        "caption": image.caption,
        "rights": image.copyright_notice,
        "statement": image.licence_url,
        "licensor": image.acquire_licence_url,
    }
    words = {name: NO_WORDS.sub(" ", text) for name, text in words.items() if text}
    if not words:
        return {}
    exif = Pixels.Exif()
    for tag, text in (
        (ARTIST, words.get("creator") or words.get("credit")),
        (COPYRIGHT, words.get("rights")),
        (DESCRIPTION, words.get("caption")),
    ):
        if text:
            exif[tag] = text.encode()  # as bytes: Pillow knows no letters beyond ASCII here
    return {"exif": exif.tobytes(), "xmp": _packet(words)}


def _packet(words: dict[str, str]) -> bytes:
    def alternatives(text: str) -> str:
        return f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>'

    parts = {
        "creator": lambda text: (
            f"<dc:creator><rdf:Seq><rdf:li>{escape(text)}</rdf:li></rdf:Seq></dc:creator>"
        ),
        "credit": lambda text: f"<photoshop:Credit>{escape(text)}</photoshop:Credit>",
        "caption": lambda text: f"<dc:description>{alternatives(text)}</dc:description>",
        "rights": lambda text: f"<dc:rights>{alternatives(text)}</dc:rights>",
        "statement": lambda text: (
            f"<xmpRights:WebStatement>{escape(text)}</xmpRights:WebStatement>"
        ),
        "licensor": lambda text: (
            '<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource">'
            f"<plus:LicensorURL>{escape(text)}</plus:LicensorURL>"
            "</rdf:li></rdf:Seq></plus:Licensor>"
        ),
    }
    spaces = {"dc": DC, "photoshop": PHOTOSHOP, "xmpRights": RIGHTS, "plus": PLUS}
    names = "".join(f' xmlns:{short}="{name.strip("{}")}"' for short, name in spaces.items())
    inside = "".join(parts[name](text) for name, text in words.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{RDF.strip("{}")}"><rdf:Description rdf:about=""{names}>{inside}'
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def words_digest(image: "Image") -> str:
    """Return six characters that change with what our files would carry."""
    carried = embedded(image)
    return hashlib.sha256(carried.get("exif", b"") + carried.get("xmp", b"")).hexdigest()[:6]
