"""Pages kept as they were made, and served again for as long as nothing on them has changed.

Nearly all readers are nobody in particular: no cookie, no log-in. What one of them got, the next
may have. Whether it still stands is asked at each request, in one short statement at the database
that everything is written to, so that a comment taken down a moment ago is on no page, in any
process, on any machine. Nothing here goes by time but what the page itself says of the time.

It stands in front of Django rather than among its middleware: a page that is kept costs that one
statement and little more. What it bought: 0.3 CPU ms for an article with two hundred comments,
where making the page takes twenty times as long.

Kept are only answers whose view gave them a ``Stamp`` and which set no cookie, to a GET without
cookies, without credentials and with no parameters but those that views know. The page cache
knows nothing of what it keeps: ``settings.PAGE_STAMPS`` names the function that reads a stamp.
"""

import functools
import hashlib
import logging
import re
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

import brotli
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.db.utils import DEFAULT_DB_ALIAS
from django.http import HttpResponse
from django.utils.module_loading import import_string

from newsroom import cached, replicas
from newsroom.memory import Memory

log = logging.getLogger(__name__)

# What views ask for in an address; others are not kept. Parameters that others put on links, to
# see where readers came from, change nothing on a page.
KNOWN = re.compile(r"(?:(?:order|after|page)=[a-z0-9.]{1,25}&?){0,3}")
FOREIGN = re.compile(r"utm_[a-z]+|fbclid|gclid|mc_[ce]id")
LARGEST = 4 * 1024 * 1024  # bytes of a page that is kept
SHARED_FOR = 3600  # seconds in the cache that processes share
MOST_NEVER_KEPT = 20_000  # addresses
POPULAR = 2  # readers after the first
PATIENCE = 5.0  # seconds to wait for a page that somebody else is making
GZIP_LEVEL, BROTLI_QUALITY = 6, 5
# Of its own making at each hit, or of the connection that the page was made for.
NOT_KEPT = {"content-length", "date", "server", "connection", "etag"}
CONDITIONS = {"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH"}

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]


@dataclass(frozen=True)
class Stamp:
    """What a page is of: ``rows`` to look up, what they said, and until when it stands."""

    rows: tuple[int, ...]
    said: str
    until: float  # seconds since 1970


def keep(response: HttpResponse, stamp: Stamp) -> HttpResponse:
    """Have a page kept for all readers who are nobody in particular; the view's word for it."""
    response.page_stamp = stamp  # type: ignore[attr-defined]
    return response


@dataclass
class Page:
    """A page as it is served: its headers, and its body as it was made and compressed."""

    stamp: Stamp
    headers: Headers
    etag: str
    bodies: dict[str, bytes]
    hits: int = 0  # how often this process served it again
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        # What other processes get.
        return {name: value for name, value in self.__dict__.items() if name != "lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, hits=POPULAR, lock=threading.Lock())

    @property
    def is_popular(self) -> bool:
        """Whether it is read again, so that other processes are told of it and of the next.

        To tell them takes a quarter of what making a page does.
        """
        return self.hits >= POPULAR

    @property
    def size(self) -> int:
        return sum(map(len, self.bodies.values())) + 2000

    def is_known_to(self, environ: dict[str, Any]) -> bool:
        """Tell whether who asks has this page already."""
        return self.etag in environ.get("HTTP_IF_NONE_MATCH", "")

    def body(self, coding: str) -> tuple[bytes, bool]:
        """Return the body in ``coding``, and whether it had to be made for that."""
        body = self.bodies.get(coding)
        if body is not None:
            return body, False
        with self.lock:
            if coding not in self.bodies:
                plain = self._plain()
                if coding == "":
                    # Rarely asked for once there is another, and five times as long.
                    return plain, False
                # One dictionary for another: who reads the old one meanwhile sees it whole.
                self.bodies = {name: kept for name, kept in self.bodies.items() if name} | {
                    coding: COMPRESS[coding](plain)
                }
                return self.bodies[coding], True
        return self.bodies[coding], False

    def _plain(self) -> bytes:
        if "" in self.bodies:
            return self.bodies[""]
        coding, body = next(iter(self.bodies.items()))
        return brotli.decompress(body) if coding == "br" else zlib.decompress(body, 31)


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=BROTLI_QUALITY),
    "gzip": _gzip,
}


class PageCache:
    """A WSGI application in front of another that answers for it where it can."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self.application = application
        self.pages = Memory(settings.PAGE_CACHE_BYTES)
        self._lock = threading.Lock()
        self._being_made: dict[str, threading.Event] = {}
        # Addresses of pages that were made and not kept: nobody need wait for those.
        self._never_kept: set[str] = set()

    @cached_property
    def _read(self) -> Callable[[tuple[int, ...]], str]:
        return import_string(settings.PAGE_STAMPS)

    @cached_property
    def _is_shared(self) -> bool:
        return "locmem" not in settings.CACHES["default"]["BACKEND"]

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        key = key_of(environ) if self.pages.most else None
        if key is None:
            return self.application(environ, start)
        try:
            return self._answer(key, environ, start)
        except CannotTell:
            # Whether a page still stands cannot be found out: it is not served.
            return self.application(environ, start)

    def _answer(self, key: str, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        deadline = time.monotonic() + PATIENCE
        while True:
            page = self._standing(key)
            if page is not None:
                return self._serve(key, page, environ, start)
            is_read = environ["REQUEST_METHOD"] == "GET" and key not in self._never_kept
            if not is_read or time.monotonic() > deadline:
                return self.application(environ, start)
            with self._lock:
                made = self._being_made.get(key)
                if made is None:
                    mine = self._being_made[key] = threading.Event()
            if made is None:
                try:
                    return self._make(key, environ, start, deadline)
                finally:
                    with self._lock:
                        del self._being_made[key]
                    mine.set()
            # However many ask for a page meanwhile, it is made once. Whether what comes of it is
            # new enough for this request is asked anew.
            made.wait(PATIENCE)

    def _standing(self, key: str) -> Page | None:
        """Return the page that is kept under ``key``, if it still says how things are."""
        page = self.pages.get(key)
        if page is not None and self._is_of_now(page.stamp):
            return page
        return self._shared(key, page) if self._is_shared else None

    def _shared(self, key: str, old: Page | None) -> Page | None:
        """Return what another process made since ``old`` was, if that stands now."""
        name = _shared_key(key)
        stamp = cached.get(name)
        if stamp is None or (old is not None and stamp == old.stamp):
            return None
        if not self._is_of_now(stamp):
            return None
        page = cached.get(f"{name}-{stamp.said}")
        if page is None or page.stamp != stamp:
            return None
        self.pages.put(key, page, page.size)
        return page

    def _share(self, key: str, page: Page) -> None:
        """Tell other processes of a page: its stamp by its address, itself by its stamp."""
        name = _shared_key(key)
        cached.put(f"{name}-{page.stamp.said}", page, SHARED_FOR)
        cached.put(name, page.stamp, SHARED_FOR)

    def _is_of_now(self, stamp: Stamp) -> bool:
        return time.time() < stamp.until and self._read(stamp.rows) == stamp.said

    def _make(
        self, key: str, environ: dict[str, Any], start: StartResponse, deadline: float
    ) -> Iterable[bytes]:
        """Have the page made, keep it if it may be, and answer with it."""
        old = self.pages.get(key)
        is_shared = self._is_shared and old is not None and old.is_popular
        if is_shared and not self._is_first(key, deadline):
            page = self._standing(key)
            if page is not None:
                return self._serve(key, page, environ, start)
        answer: list[Any] = []
        # Whole, whatever this reader has of it already: others have not.
        asked = {name: value for name, value in environ.items() if name not in CONDITIONS}
        # From where its stamp is asked: a page from a replica that is late would never stand.
        with replicas.primary():
            response = self.application(asked, lambda *given: answer.extend(given))
        status, headers, *more = answer
        stamp = getattr(response, "page_stamp", None)
        is_kept = status.startswith("200 ") and not response.cookies
        if stamp is None or not is_kept or len(response.content) > LARGEST:
            if len(self._never_kept) > MOST_NEVER_KEPT:
                self._never_kept.clear()
            self._never_kept.add(key)
            start(status, headers, *more)
            return response
        kept = [one for one in headers if one[0].lower() not in NOT_KEPT]
        page = Page(stamp, kept, response["ETag"], {"": response.content})
        self.pages.put(key, page, page.size)
        if is_shared:
            self._share(key, page)
            cached.forget(_making_key(key))
        if page.is_known_to(environ):
            response.close()
            return self._serve(key, page, environ, start)
        if _coding(environ):
            # What is compressed comes with the next request; a cache in front waits for it.
            headers = [*headers, ("X-Accel-Expires", "0")]
        start(status, headers, *more)
        return response

    def _is_first(self, key: str, deadline: float) -> bool:
        """Tell whether no other process is making the page; else wait until one has."""
        while time.monotonic() < deadline:
            try:
                if cache.add(_making_key(key), 1, int(PATIENCE)):
                    return True
            except Exception:
                log.warning("the cache cannot tell who makes a page", exc_info=True)
                return True
            time.sleep(0.02)
            if self._standing(key) is not None:
                return False
        return True

    def _serve(
        self, key: str, page: Page, environ: dict[str, Any], start: StartResponse
    ) -> Iterable[bytes]:
        page.hits += 1  # of two threads one may be lost; it is no matter
        if self._is_shared and page.hits == POPULAR:
            self._share(key, page)
        if page.is_known_to(environ):
            headers = [*page.headers, ("ETag", page.etag)]
            start("304 Not Modified", [one for one in headers if one[0] in ON_NOT_MODIFIED])
            return [b""]
        coding = _coding(environ)
        body, is_new = page.body(coding)
        if is_new:
            self.pages.put(key, page, page.size)
            if self._is_shared and page.is_popular:
                self._share(key, page)
        start("200 OK", [*page.headers, ("ETag", page.etag), *_sent_as(coding, body)])
        return [body] if environ["REQUEST_METHOD"] == "GET" else [b""]


def _sent_as(coding: str, body: bytes) -> Headers:
    length = ("Content-Length", str(len(body)))
    return [("Content-Encoding", coding), length] if coding else [length]


def _shared_key(key: str) -> str:
    # Of this release: other code makes other pages. Hashed, since addresses hold any character.
    return f"page-{release()}-{hashlib.blake2s(key.encode(), digest_size=16).hexdigest()}"


def _making_key(key: str) -> str:
    return f"{_shared_key(key)}-making"


@functools.cache
def release() -> str:
    """Return what code and settings make the pages of this process, as a short hash."""
    known = hashlib.blake2s(digest_size=8)
    for folder in ("templates", "newsroom", "accounts", "articles", "comments"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in {".html", ".py"}:
                known.update(path.read_bytes())
    names_of_static_files = settings.VAR_DIR / "staticfiles.json"
    if names_of_static_files.exists():
        known.update(names_of_static_files.read_bytes())
    for name in ON_PAGES:
        known.update(f"{name}={getattr(settings, name)};".encode())
    return known.hexdigest()


# The settings that pages show.
ON_PAGES = (
    "SITE_NAME", "SITE_TAGLINE", "SITE_CONTACT", "SITE_URL", "RESPECT_LABEL", "TIME_ZONE",
    "LANGUAGE_CODE", "STATIC_URL", "MEDIA_URL", "SECURE_CSP",
)  # fmt: skip
ON_NOT_MODIFIED = {"ETag", "Date", "Cache-Control", "Vary", "Content-Security-Policy"}


class CannotTell(Exception):
    """The database did not say whether a kept page still stands."""


def key_of(environ: dict[str, Any]) -> str | None:
    """Return the key of the page that is asked for; ``None`` for what is never kept."""
    if (
        environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
        or environ.get("HTTP_COOKIE")
        or environ.get("HTTP_AUTHORIZATION")
        or "HTTP_HX_REQUEST" in environ
        or "HTTP_RANGE" in environ
    ):
        return None
    query = environ.get("QUERY_STRING", "")
    if query and not KNOWN.fullmatch(query):
        asked = parse_qsl(query, keep_blank_values=True)
        query = urlencode([one for one in asked if not FOREIGN.fullmatch(one[0])])
        if query and not KNOWN.fullmatch(query):
            return None
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    if path.startswith((settings.STATIC_URL, settings.MEDIA_URL)):
        return None
    host = environ.get("HTTP_HOST", "")
    if len(path) + len(host) > 600:
        return None
    return f"{_scheme(environ)}://{host}{path}?{query}"


def _scheme(environ: dict[str, Any]) -> str:
    if header := settings.SECURE_PROXY_SSL_HEADER:
        name, secure = header
        return "https" if environ.get(name) == secure else "http"
    return environ.get("wsgi.url_scheme", "http")


def _coding(environ: dict[str, Any]) -> str:
    """Return in what the client takes bodies: ``br``, ``gzip`` or, as it is, an empty string."""
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    return _preferred(accepted) if len(accepted) < 100 else ""


@functools.lru_cache(maxsize=500)  # browsers send a handful
def _preferred(accepted: str) -> str:
    for coding in ("br", "gzip"):
        found = re.search(rf"\b{coding}\b(?:\s*;\s*q=(0(?:\.0*)?)(?![\d.]))?", accepted)
        if found and found[1] is None:
            return coding
    return ""


def etag(address: str, stamp: Stamp) -> str:
    """Return the name of a page's version: the same in every process that makes the same."""
    known = f"{release()}|{address}|{stamp.said}|{stamp.rows}|{stamp.until}"
    return f'W/"{hashlib.blake2s(known.encode(), digest_size=12).hexdigest()}"'


# Asking whether a page still stands ---------------------------------------------------------------

# Connections of this process that are asked nothing else. A pool of Django's takes twice as long
# to lend one as the answer takes.
_idle: deque[Any] = deque()


def ask(statement: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the one row that ``statement`` gives. Raises ``CannotTell`` if the database is gone.

    On PostgreSQL it is prepared once for each connection; elsewhere Django's connection is used.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()
    import psycopg

    for attempt in (1, 2):
        line = None
        try:
            line = _idle.pop() if _idle and attempt == 1 else _connect(connection)
            row = line.execute(statement, values).fetchone()
        except psycopg.Error as error:
            # The server may have been started anew since: then one more, newly made, will do.
            if line is not None:
                line.close()
            _idle.clear()
            if attempt == 2:
                raise CannotTell from error
            continue
        _idle.append(line)
        return row
    raise CannotTell


def _connect(connection: Any) -> Any:
    import psycopg

    options = connection.get_connection_params()
    for of_django in ("pool", "cursor_factory", "context", "prepare_threshold"):
        options.pop(of_django, None)
    return psycopg.connect(**options, autocommit=True, prepare_threshold=1)
