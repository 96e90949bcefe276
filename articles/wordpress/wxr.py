"""Reading WXR, the file WordPress exports, into plain records.

The file is a stranger's: no document type, no entity, nothing from elsewhere is taken from it,
and what is kept in memory is one item with its comments, bounded whatever the file holds.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError
from django.utils import timezone

# In characters, for each field; what is longer is cut, and the record says so.
LONG, SHORT = 2_000_000, 10_000
MAX_COMMENT = 65_535  # what WordPress's own column holds
# For one item with its comments; comments beyond are left out, and the record says how many.
MAX_ITEM, MAX_COMMENTS = 40_000_000, 100_000
MAX_TOKEN = 16 * 1024 * 1024  # bytes of one tag or one XML comment
CHUNK = 128 * 1024

# The version stands in the namespace's address, which some exports write with https.
NAMESPACES = (
    (re.compile(r"https?://wordpress\.org/export/1\.\d+/excerpt/"), "excerpt:"),
    (re.compile(r"https?://wordpress\.org/export/1\.\d+/"), "wp:"),
    (re.compile(r"http://purl\.org/rss/1\.0/modules/content/"), "content:"),
    (re.compile(r"http://purl\.org/dc/elements/1\.1/"), "dc:"),
    (re.compile(r"urn:newsroom:export:1"), "newsroom:"),
)
ITEM_FIELDS = {
    "title", "link", "pubDate", "guid", "dc:creator", "content:encoded", "excerpt:encoded",
    "wp:post_id", "wp:post_date", "wp:post_date_gmt", "wp:comment_status", "wp:post_name",
    "wp:status", "wp:post_type", "wp:post_password", "wp:is_sticky", "wp:attachment_url",
}  # fmt: skip
COMMENT_FIELDS = {
    "wp:comment_id", "wp:comment_author", "wp:comment_author_email", "wp:comment_author_url",
    "wp:comment_date", "wp:comment_date_gmt", "wp:comment_content", "wp:comment_approved",
    "wp:comment_type", "wp:comment_parent",
}  # fmt: skip
LENGTHS = {
    "content:encoded": LONG, "excerpt:encoded": LONG, "wp:comment_content": MAX_COMMENT,
    "newsroom:own": LONG,
}  # fmt: skip
# What plug-ins and themes keep beside an item stays there, PHP's serialised values above all.
META_KEYS = {"_thumbnail_id", "_wp_attachment_image_alt", "_wp_old_slug"}
# What an export of ours says beside all that, as JSON; see ``articles.wordpress.own``.
OWN = "_newsroom"


class UnreadableExport(Exception):
    """A file that is no sound WordPress export, with why and where."""


@dataclass(frozen=True)
class Site:
    """Where the export comes from."""

    title: str
    url: str  # of the front page; empty where the file does not say

    @property
    def host(self) -> str:
        return host_of(self.url)

    @property
    def base_path(self) -> str:
        """Under which path of its host the site lay; empty for the top."""
        return urlsplit(self.url).path.rstrip("/") if self.host else ""


@dataclass(frozen=True)
class Author:
    login: str
    name: str
    own: str = ""


@dataclass(frozen=True)
class Term:
    """A category or a tag. Its ``slug`` may be empty where only the name was given."""

    domain: str  # "category", "tag" (or "post_tag"), or whatever a plug-in calls its own
    slug: str
    name: str
    description: str = ""
    own: str = ""


@dataclass(frozen=True)
class Gone:
    """An address at which nothing stands any more."""

    path: str


@dataclass(slots=True)
class Comment:
    id: str
    author: str
    email: str
    url: str
    date: datetime.datetime | None
    content: str
    approved: str
    type: str
    parent: str
    own: str = ""

    @property
    def is_readers(self) -> bool:
        return self.type in {"", "comment"}


@dataclass
class Item:
    """A post, a page, an attachment, or whatever else the site kept as one."""

    line: int
    fields: dict[str, str] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    meta: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    comments: list[Comment] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)  # names of fields that were too long
    comments_left_out: int = 0
    own: str = ""

    def get(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def type(self) -> str:
        return self.get("wp:post_type")

    @property
    def status(self) -> str:
        return self.get("wp:status")

    @property
    def creator(self) -> str:
        # Damaged exports have a stray bracket here; no login has one.
        return self.get("dc:creator").strip("<> \t\r\n")

    @property
    def date(self) -> datetime.datetime | None:
        return instant(self.get("wp:post_date_gmt"), self.get("wp:post_date"), self.get("pubDate"))

    @property
    def local_date(self) -> datetime.date | None:
        """The day the site itself put into the address."""
        local = _moment(self.get("wp:post_date"))
        return local.date() if local else None


Record = Site | Author | Term | Gone | Item


def read(path: Path) -> Iterator[Record]:
    """Yield what a WXR file holds, in its order; the site comes before what came from it.

    Raises ``UnreadableExport`` with a sentence that names the line. What was yielded before is
    then worth nothing: the file may have lost anything.
    """
    return (record for record, _ in read_with_position(path))


def read_with_position(path: Path) -> Iterator[tuple[Record, int]]:
    """As ``read``, with how many bytes of the file were read so far."""
    handler = _Handler()
    parser = DefusedXMLParser(
        target=handler, forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    expat = handler.expat = parser.parser
    position = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                position += len(chunk)
                parser.feed(chunk)
                if position - expat.CurrentByteIndex > MAX_TOKEN:
                    raise UnreadableExport(
                        f"Line {expat.CurrentLineNumber} holds a single tag or remark of more "
                        f"than {MAX_TOKEN // 1024 // 1024} MB."
                    )
                for record in handler.take():
                    yield record, position
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableExport(
            f"It declares a document type or entities (line {expat.CurrentLineNumber}), which no "
            "WordPress export does and which could read other files."
        ) from error
    except (ParseError, ExpatError) as error:
        raise UnreadableExport(f"It is not well-formed XML: {error}.") from error
    except (ValueError, LookupError) as error:
        raise UnreadableExport(
            f"It cannot be read after line {expat.CurrentLineNumber}: {error}."
        ) from error
    for record in handler.take():
        yield record, position
    if not handler.seen_wordpress:
        raise UnreadableExport("It is XML, but no WordPress export.")


class _Handler:
    """What the parser calls. It keeps the fields we know and passes over everything else."""

    def __init__(self) -> None:
        self.expat: Any = None
        self.path: list[str] = []
        self.deeper = 0  # levels below the last that may mean something
        self.names: dict[str, str] = {}
        self.ready: list[Record] = []
        self.channel: dict[str, str] = {}
        self.site: Site | None = None
        self.seen_wordpress = False
        self.record: dict[str, str] = {}  # of an author, a term, a comment or a meta value
        self.meta: dict[str, str] = {}  # of a meta value of one of those
        self.attributes: dict[str, str] = {}
        self.item: Item | None = None
        self.item_size = 0
        self.text: list[str] | None = None  # of the field that is being read
        self.room = 0

    def take(self) -> list[Record]:
        ready, self.ready = self.ready, []
        return ready

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.path) >= 6 or self.text is not None:
            self.deeper += 1
            return
        name = self._name(tag)
        self.path.append(name)
        where = self.path[1:]
        match where:
            case ["channel", "item"]:
                self._site()
                self.item = Item(line=self.expat.CurrentLineNumber)
                self.item_size = 0
            case ["channel", "wp:author" | "wp:category" | "wp:tag" | "wp:term"]:
                self._site()
                self.record = {}
            case ["channel", "item", "wp:comment" | "wp:postmeta"]:
                self.record = {}
            case ["channel", "item", "category"]:
                self.attributes = {
                    key: attributes.get(key, "")[:SHORT] for key in ("domain", "nicename")
                }
                self._listen(name)
            case ["channel", "item", _] if name in ITEM_FIELDS:
                self._listen(name)
            case ["channel", "item", "wp:comment", _] if name in COMMENT_FIELDS:
                self._listen(name)
            case ["channel", "item", "wp:postmeta", "wp:meta_key" | "wp:meta_value"]:
                self._listen(name, self.record)
            case ["channel", _, "wp:termmeta"] | [
                "channel",
                "item",
                "wp:comment",
                "wp:commentmeta",
            ]:
                self.meta = {}
            case [*_, "wp:termmeta" | "wp:commentmeta", "wp:meta_key" | "wp:meta_value"]:
                self._listen(name, self.meta)
            case ["channel", "wp:author" | "wp:category" | "wp:tag" | "wp:term", _] if (
                len(self.record) < 40
            ):
                self._listen(name)
            case [
                "channel",
                "title" | "link" | "wp:base_blog_url" | "wp:base_site_url" | "newsroom:gone",
            ]:
                self._listen(name)

    def data(self, data: str) -> None:
        if self.text is None or self.deeper:
            return
        if self.room > 0:
            self.text.append(data[: self.room])
        self.room -= len(data)

    def end(self, tag: str) -> None:
        if self.deeper:
            self.deeper -= 1
            return
        value = ""
        if self.text is not None:
            value = "".join(self.text).strip()
            if self.room < 0 and self.item is not None:
                self.item.cut.append(self.path[-1])
            self.text = None
        match self.path[1:]:
            case ["channel", "item"] if self.item is not None:
                self.ready.append(self.item)
                self.item = None
            case ["channel", "item", "wp:comment"]:
                self._end_comment()
            case ["channel", "item", "wp:postmeta"]:
                self._end_meta()
            case ["channel", "item", "category"]:
                self._end_term(value)
            case ["channel", "item", name] if name in ITEM_FIELDS and self.item is not None:
                self.item.fields.setdefault(name, value)
                self.item_size += len(value)
            case [*_, "wp:termmeta" | "wp:commentmeta"]:
                if self.meta.get("wp:meta_key") == OWN:
                    self.record.setdefault("newsroom:own", self.meta.get("wp:meta_value", ""))
            case [*_, "wp:termmeta" | "wp:commentmeta", name]:
                self.meta.setdefault(name, value)
            case ["channel", "item", _, name] | [
                "channel",
                "wp:author" | "wp:category" | "wp:tag" | "wp:term",
                name,
            ]:
                self.record.setdefault(name, value)
            case ["channel", "wp:author"]:
                if login := self.record.get("wp:author_login", ""):
                    name = self.record.get("wp:author_display_name", "")
                    own = self.record.get("newsroom:own", "")
                    self.ready.append(Author(login.strip("<> "), name, own))
            case ["channel", "wp:category"]:
                self._end_declared("category", "category_nicename", "cat_name", "category")
            case ["channel", "wp:tag"]:
                self._end_declared("tag", "tag_slug", "tag_name", "tag")
            case ["channel", "wp:term"] if self.record.get("wp:term_taxonomy") == "series":
                self._end_declared("series", "term_slug", "term_name", "term")
            case ["channel", "newsroom:gone"]:
                self.ready.append(Gone(value))
            case ["channel", name]:
                self.channel.setdefault(name, value)
            case ["channel"]:
                self._site()
        self.path.pop()

    def close(self) -> None:
        """Nothing is left to do: what was read is in ``ready``."""

    def _name(self, tag: str) -> str:
        """Return a tag's name with the prefix we know it by; a foreign one matches nothing."""
        if tag in self.names:
            return self.names[tag]
        name = tag
        if tag.startswith("{"):
            address, _, local = tag[1:].partition("}")
            name = "?"
            for pattern, prefix in NAMESPACES:
                if pattern.fullmatch(address):
                    name = prefix + local
                    break
        self.seen_wordpress = self.seen_wordpress or name.startswith("wp:")
        if len(self.names) < 500:  # a hostile file may invent names without end
            self.names[tag] = name
        return name

    def _listen(self, name: str, meta: dict[str, str] | None = None) -> None:
        is_own = meta is not None and meta.get("wp:meta_key") == OWN
        self.text, self.room = [], LONG if is_own else LENGTHS.get(name, SHORT)

    def _site(self) -> None:
        if self.site is None:
            url = (
                self.channel.get("wp:base_blog_url")
                or self.channel.get("link")
                or self.channel.get("wp:base_site_url", "")
            )
            self.site = Site(self.channel.get("title", ""), url)
            self.ready.append(self.site)

    def _end_declared(self, domain: str, slug: str, name: str, kind: str) -> None:
        get = self.record.get
        description, own = get(f"wp:{kind}_description", ""), get("newsroom:own", "")
        term = Term(domain, get(f"wp:{slug}", ""), get(f"wp:{name}", ""), description, own)
        self.ready.append(term)

    def _end_term(self, name: str) -> None:
        domain = self.attributes["domain"]
        if self.item is not None and len(self.item.terms) < SHORT:
            self.item.terms.append(Term(domain, self.attributes["nicename"], name))

    def _end_meta(self) -> None:
        key, value = self.record.get("wp:meta_key", ""), self.record.get("wp:meta_value", "")
        if self.item is None:
            return
        if key == OWN and not self.item.own:
            self.item.own = value
            self.item_size += len(value)
        elif key in META_KEYS and len(self.item.meta[key]) < 100:
            self.item.meta[key].append(value)

    def _end_comment(self) -> None:
        if self.item is None:
            return
        get = self.record.get
        size = sum(map(len, self.record.values()))
        if len(self.item.comments) >= MAX_COMMENTS or self.item_size + size > MAX_ITEM:
            self.item.comments_left_out += 1
            return
        self.item_size += size
        self.item.comments.append(
            Comment(
                id=get("wp:comment_id", ""),
                author=get("wp:comment_author", ""),
                email=get("wp:comment_author_email", ""),
                url=get("wp:comment_author_url", ""),
                date=instant(get("wp:comment_date_gmt", ""), get("wp:comment_date", "")),
                content=get("wp:comment_content", ""),
                approved=get("wp:comment_approved", ""),
                type=get("wp:comment_type", ""),
                parent=get("wp:comment_parent", "").strip("0 ") and get("wp:comment_parent", ""),
                own=get("newsroom:own", ""),
            )
        )


def instant(gmt: str, local: str, mail_date: str = "") -> datetime.datetime | None:
    """Return the instant these dates name, the first that is a date.

    A local date without the other is read in the paper's own time zone, since the file does not
    tell the site's.
    """
    if moment := _moment(gmt):
        return moment.replace(tzinfo=datetime.UTC)
    if moment := _moment(local):
        return timezone.make_aware(moment)
    try:
        moment = parsedate_to_datetime(mail_date)
    except (ValueError, IndexError, OverflowError):
        return None
    if not is_plausible(moment):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _moment(value: str) -> datetime.datetime | None:
    try:
        moment = datetime.datetime.strptime(value, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return moment if is_plausible(moment) else None


def is_plausible(moment: datetime.datetime) -> bool:
    """Tell a date from the zeros and the nonsense that old sites hold."""
    return 1900 < moment.year < 2200


def host_of(url: str) -> str:
    """Return a URL's host without ``www.``; empty for what is no URL."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def thread_depth(comments: list[Comment]) -> int:
    """Return how deep the deepest thread is; 1 where nothing is answered."""
    parents = {comment.id: comment.parent for comment in comments}
    depths: dict[str, int] = {}
    for start in parents:
        chain = []
        here = start
        while here in parents and here not in depths:
            chain.append(here)
            depths[here] = 0  # so that a circle ends where it began
            here = parents[here]
        depth = depths.get(here, 0)
        for one in reversed(chain):
            depth += 1
            depths[one] = depth
    return max(depths.values(), default=0)
