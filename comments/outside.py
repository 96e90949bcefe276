"""Checks that others make of a comment: Akismet, and a webhook of the site's own.

They are asked before anything is locked, all within ``settings.OUTSIDE_TIMEOUT`` seconds, and hold
whenever they cannot answer: too late, too long, not in the agreed form, or not at all. None of
them ever lets a comment through that another check holds. A service that talks slowly is given up
when its time is over, and its thread with it. What is sent is said in docs/operators.md.
"""

import concurrent.futures
import hashlib
import hmac
import http.client
import io
import json
import logging
import re
import socket
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

from django.conf import settings

from comments import pipeline, text
from comments.models import Comment, Finding, Refused
from newsroom import cached

log = logging.getLogger(__name__)

AKISMET = "https://rest.akismet.com/1.1/comment-check"
LONGEST_ANSWER = 64 * 1024  # bytes
# After so many failures in a row a check is left alone for a while; comments wait meanwhile.
FAILURES, REST = 5, 60
LONGEST_REASON, MOST_MATCHES, LONGEST_MATCH = 200, 10, 100


class NoAnswer(Exception):
    """An outside check that did not answer in time and in the agreed form."""


class _Line(io.RawIOBase):
    """What comes in over a socket until a moment: every read has what is left of the time.

    A time for each read would never run out on one who sends a byte now and then.
    """

    def __init__(self, sock: socket.socket, until: float) -> None:
        self.sock, self.until = sock, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(_left(self.until))
        return self.sock.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return what an ``HTTPResponse`` asks its socket for."""
        return io.BufferedReader(self)


_POOL = concurrent.futures.ThreadPoolExecutor(max_workers=16, thread_name_prefix="outside")


def ask(comment: Comment) -> list[Finding]:
    """Return what the outside checks found. Raises ``Refused`` where one blocks."""
    checks: list[tuple[str, Callable[[Comment, float], Finding | None]]] = []
    if settings.AKISMET_KEY:
        checks.append(("Akismet", _akismet))
    if settings.CHECK_WEBHOOK_URL:
        checks.append(("the site's own check", _webhook))
    if not checks:
        return []
    until = time.monotonic() + settings.OUTSIDE_TIMEOUT
    asked = [
        (name, None if _is_resting(name) else _POOL.submit(check, comment, until))
        for name, check in checks
    ]
    findings = []
    for name, future in asked:
        try:
            if future is None:
                raise NoAnswer("it failed several times and is left alone for a minute")
            # Whatever it does meanwhile, its time is over then.
            finding = future.result(timeout=max(0.0, until - time.monotonic()))
        except Refused:
            _went_well(name)
            raise
        except Exception as error:
            # Whatever it was: what cannot be found out holds.
            log.warning("An outside check did not answer: %s", name, exc_info=error)
            if future is not None:
                future.cancel()
                _failed(name)
            reason = f"the outside check {name} could not answer; please look"
            findings.append(pipeline.unanswered("outside", reason))
            continue
        _went_well(name)
        if finding is not None:
            findings.append(finding)
    return findings


def _post(url: str, body: bytes, headers: dict[str, str], until: float) -> bytes:
    """Return what an address answers before ``until``, on the monotonic clock.

    Raises ``NoAnswer``. What is asked is what was set: neither proxies of the environment nor
    redirects are followed.
    """
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    try:
        parts = urllib.parse.urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.scheme not in kinds or not parts.hostname:
            raise NoAnswer("its address is none of the web")
        connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=_left(until))
        try:
            connection.connect()
            connection.sock.settimeout(_left(until))
            connection.request("POST", path, body, headers | {"Connection": "close"})
            return _answer(_Line(connection.sock, until))
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NoAnswer(type(error).__name__) from error


def _answer(line: _Line) -> bytes:
    """Return the body of the answer that comes over ``line``. Raises as reading it does."""
    answer = http.client.HTTPResponse(line, method="POST")  # type: ignore[arg-type]
    answer.begin()
    if not 200 <= answer.status < 300:
        raise NoAnswer(f"it answers with {answer.status}")
    received = b""
    while piece := answer.read1(8192):
        received += piece
        if len(received) > LONGEST_ANSWER:
            raise NoAnswer("its answer is too long")
    return received


def _left(until: float) -> float:
    """Return how many seconds are left. Raises ``TimeoutError`` when none are."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _akismet(comment: Comment, until: float) -> Finding | None:
    author = comment.author
    said = {
        "api_key": settings.AKISMET_KEY,
        "blog": settings.SITE_URL,
        "user_ip": comment.ip_address or "127.0.0.1",
        "permalink": f"{settings.SITE_URL}{comment.article.get_absolute_url()}",
        "comment_type": "reply" if comment.parent_id else "comment",
        "comment_author": author.name if author else "",
        "comment_content": text.plain(comment.body_html),
        "blog_charset": "UTF-8",
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "Newsroom | comments",
    }
    answer = _post(AKISMET, urllib.parse.urlencode(said).encode(), headers, until).strip()
    if answer not in {b"true", b"false"}:
        raise NoAnswer("it said neither true nor false")
    if answer == b"false":
        return None
    return Finding(check_name="outside", reason="Akismet takes it for spam")


def _webhook(comment: Comment, until: float) -> Finding | None:
    author = comment.author
    body = json.dumps(
        {
            "comment": comment.pk,
            "story": f"{settings.SITE_URL}{comment.article.get_absolute_url()}",
            "author": author.name if author else "",
            "text": text.plain(comment.body_html),
            "is_reply": comment.parent_id is not None,
        }
    ).encode()
    moment = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Newsroom-Timestamp": moment,
        "X-Newsroom-Signature": signature(moment, body),
    }
    return _verdict(_post(settings.CHECK_WEBHOOK_URL, body, headers, until))


def signature(moment: str, body: bytes) -> str:
    """Return how a request of that ``moment`` (seconds since 1970) and ``body`` is signed."""
    key = settings.CHECK_WEBHOOK_SECRET.encode()
    return hmac.new(key, moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _verdict(answer: bytes) -> Finding | None:
    """Return what a webhook's answer comes to. Raises ``NoAnswer`` and ``Refused``."""
    try:
        said = json.loads(answer)
    except ValueError as error:
        raise NoAnswer("its answer is no JSON") from error
    verdict = said.get("verdict") if isinstance(said, dict) else None
    if verdict == "pass":
        return None
    if verdict not in {"hold", "block"}:
        raise NoAnswer("its verdict is none we know")
    reason = _words(said.get("reason", ""), LONGEST_REASON)
    if verdict == "block":
        raise Refused(reason or "A check of this site does not let this comment through.")
    found = said.get("matches", [])
    matches = (
        [_words(one, LONGEST_MATCH) for one in found[:MOST_MATCHES]]
        if (isinstance(found, list))
        else []
    )
    return Finding(
        check_name="outside",
        reason=reason or "an outside check holds it",
        matches=[match for match in matches if match],
    )


def _words(value: object, longest: int) -> str:
    return (
        " ".join(text.DROPPED.sub(" ", value).split())[:longest] if isinstance(value, str) else ""
    )


# One that fails again and again is given a rest -------------------------------------------------


def _key(name: str) -> str:
    return "outside-failures:" + re.sub(r"\W", "-", name)


def _is_resting(name: str) -> bool:
    # Without a cache each is asked every time.
    return (cached.get(_key(name)) or 0) >= FAILURES


def _failed(name: str) -> None:
    cached.put(_key(name), (cached.get(_key(name)) or 0) + 1, REST)


def _went_well(name: str) -> None:
    cached.forget(_key(name))
