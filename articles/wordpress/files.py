"""Fetching the pictures' files from the old site, and nothing else from anywhere else.

The address stands in a stranger's file, so it may be a trap for us: it is resolved once, every
address it resolves to must be a public one, and that one is connected to. What comes is decoded
and encoded anew by ``Image.take``, whatever it says it is.
"""

import contextlib
import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from articles import pictures
from articles.models import Article, Image
from articles.wordpress import prose

MAX_BYTES = pictures.MAX_BYTES
MAX_SECONDS = 60  # for one file with its redirects
STEP_SECONDS = 10  # for one answer of the network
MAX_REDIRECTS = 3
PORTS = {"http": 80, "https": 443}
PICTURE_SOURCE = re.compile(r'(<img\b[^<>]*?\bsrc=")(https?://[^"<>]+)(")')
# WordPress names a smaller copy after its size.
SIZED = re.compile(r"-\d{1,5}x\d{1,5}(?=\.\w+$)")


class NotFetched(Exception):
    """A file that could not or may not be fetched, with why."""


Connect = Callable[[str, str, str], http.client.HTTPConnection]
Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises ``OSError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def connect(scheme: str, host: str, address: str) -> http.client.HTTPConnection:
    """Return a connection to ``address`` that asks for ``host``; the certificate is the host's."""
    connection = http.client.HTTPConnection(host, PORTS[scheme], timeout=STEP_SECONDS)
    sock = socket.create_connection((address, PORTS[scheme]), timeout=STEP_SECONDS)
    if scheme == "https":
        sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    connection.sock = sock
    return connection


def is_public(address: str) -> bool:
    """Tell whether an IP address is somewhere on the internet, not within a network of ours."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        # An IPv4 address in another coat is judged by what it is.
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
    return ip.is_global and not ip.is_multicast


def fetch(url: str, resolve: Resolve = resolve, connect: Connect = connect) -> io.BytesIO:
    """Return the file at ``url``. Raises ``NotFetched``.

    Only http and https on their own ports, only public addresses, also after a redirect; at most
    ``MAX_BYTES`` and ``MAX_SECONDS``.
    """
    until = time.monotonic() + MAX_SECONDS
    for _ in range(MAX_REDIRECTS + 1):
        scheme, host, target = _parts(url)
        try:
            addresses = resolve(host, PORTS[scheme])
            if not addresses or not all(is_public(address) for address in addresses):
                raise NotFetched("its host is not on the public internet")
            connection = connect(scheme, host, addresses[0])
            # An answer that comes a byte at a time never times out by itself.
            alarm = threading.Timer(until - time.monotonic(), _hang_up, [connection])
            alarm.start()
            try:
                connection.request(
                    "GET", target, headers={"Accept-Encoding": "identity", "Accept": "image/*"}
                )
                answer = connection.getresponse()
                if answer.status in {301, 302, 303, 307, 308}:
                    url = urljoin(url, answer.getheader("Location") or "")
                    continue
                if answer.status != 200:
                    raise NotFetched(f"its host answered {answer.status}")
                return _read(answer, until)
            finally:
                alarm.cancel()
                connection.close()
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise NotFetched(f"{type(error).__name__}: {str(error)[:100]}") from error
    raise NotFetched("it redirects again and again")


def _parts(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError as error:
        raise NotFetched("it is no web address") from error
    if scheme not in PORTS or not host or port not in {None, PORTS[scheme]}:
        raise NotFetched("it is no plain web address")
    if parts.username or parts.password:
        raise NotFetched("it holds a password")
    query = f"?{parts.query}" if parts.query else ""
    # Quoted, so that no line of ours ends where the file's author wishes.
    target = prose.quoted((parts.path or "/") + query)
    return scheme, host, target


def _hang_up(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _read(answer: http.client.HTTPResponse, until: float) -> io.BytesIO:
    file = io.BytesIO()
    while chunk := answer.read1(64 * 1024):
        file.write(chunk)
        if file.tell() > MAX_BYTES:
            raise NotFetched(f"it is larger than {MAX_BYTES // 1024 // 1024} MB")
        if time.monotonic() > until:
            raise NotFetched(f"it took longer than {MAX_SECONDS} seconds")
    file.seek(0)
    return file


def fetch_all(
    image_ids: list[int], fetch: Callable[[str], io.BytesIO] = fetch
) -> Iterator[tuple[Image, str]]:
    """Fetch the files of those images that have none; yield each with why it failed, or nothing.

    Each is saved by itself, so that a second run goes on where this one was ended.
    """
    lacking = Image.objects.filter(pk__in=image_ids, digest="").exclude(source_url="")
    for image in lacking.order_by("pk"):
        if not prose.PICTURE_FILE.search(prose.path_of(image.source_url)):
            continue
        problem = ""
        try:
            image.take(fetch(image.source_url))
        except NotFetched as error:
            problem = str(error)
        except ValidationError as error:
            problem = " ".join(error.messages)
        yield image, problem


def show_in_bodies(article_ids: list[int], image_ids: list[int]) -> int:
    """Have bodies show the library's pictures instead of leading to the old site.

    Returns how many articles changed.
    """
    library = {
        _unsized(image.source_url): image
        for image in Image.objects.filter(pk__in=image_ids).exclude(digest="")
        if image.source_url
    }
    changed = 0

    def ours(match: re.Match[str]) -> str:
        image = library.get(_unsized(match[2]))
        if image is None:
            return match[0]
        return f"{match[1]}/media/{image.path(image.widths[-1], 'jpeg')}{match[3]}"

    for pk in article_ids:
        with transaction.atomic():
            article = Article.objects.select_for_update().get(pk=pk)
            html = PICTURE_SOURCE.sub(ours, article.body)
            if html != article.body:
                article.set_body(html)
                article.version, article.page_version = F("version") + 1, F("page_version") + 1
                article.save(
                    update_fields=["body", "body_html", "word_count", "version", "page_version"]
                )
                article.note_pictures()
                article.note_pictures()
                changed += 1
    return changed


def _unsized(url: str) -> str:
    """Return what a picture's copies of every size share, with http and https alike."""
    return SIZED.sub("", url.partition("?")[0].partition("://")[2])
