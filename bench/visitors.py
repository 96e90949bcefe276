"""Those who visit the site while it is measured, and what their browsers send.

Needs Django set up with the environment of the site, for the sessions.
"""

import datetime
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

TOKEN = "b" * 32  # the same in cookie and form, which is all that is asked of it
COMMON = {"Host": "127.0.0.1", "User-Agent": "bench", "Accept": "text/html"}
TRUSTED_FOR = datetime.timedelta(days=90)


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in, and writes from an address of their own."""

    username: str
    cookie: str
    address: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "X-Forwarded-For": self.address}


def get(path: str, **headers: str) -> bytes:
    """Return a request for a page, as it is sent."""
    return _request("GET", path, headers, b"")


def post(path: str, visitor: Visitor, data: dict[str, str], **headers: str) -> bytes:
    """Return the sending of a form, as it is sent."""
    body = urlencode(data | {"csrfmiddlewaretoken": TOKEN}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return _request("POST", path, visitor.headers | kind | headers, body)


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    # Keyword arguments have no dashes.
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in (COMMON | named).items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode() + body


def logged_in(users: Iterable[Any], database: str = "default") -> list[Visitor]:
    """Log these accounts in, and return them as visitors."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone
    from django.utils.crypto import get_random_string

    store, until = SessionStore(), timezone.now() + datetime.timedelta(days=1)
    sessions, visitors = [], []
    for number, user in enumerate(users):
        key = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789")
        data = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        sessions.append(Session(key, store.encode(data), until))
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        visitors.append(Visitor(user.username, cookie, address))
    Session.objects.using(database).bulk_create(sessions)
    return visitors


def trusted_readers(count: int) -> list[Visitor]:
    """Return so many readers, or as many as there are, whose comments wait for nobody."""
    from django.db.models import Exists, OuterRef
    from django.utils import timezone

    from accounts.models import User
    from comments.models import Comment, Decision

    own = OuterRef("pk")
    shown = Comment.objects.visible().filter(author=own)
    lately = timezone.now() - TRUSTED_FOR
    against = Decision.objects.filter(comment__author=own, at__gt=lately).exclude(after="approved")
    found = User.objects.filter(Exists(shown), ~Exists(against), is_staff=False)
    return logged_in(found.order_by("-pk")[:count])


def named(username: str, database: str = "default") -> Visitor:
    """Return the visitor of that name."""
    from accounts.models import User

    return logged_in([User.objects.using(database).get(username=username)], database)[0]


class Words:
    """Texts that nobody has said before, with few words in common."""

    def __init__(self, start: int) -> None:
        """``start`` is another number each time, so that no run says what an earlier one did."""
        self.numbers = itertools.count(start)

    def say(self) -> str:
        """Return some two hundred letters."""
        return " ".join(itertools.islice(self._words(next(self.numbers)), 28)) + "."

    @staticmethod
    def _words(number: int) -> Iterator[str]:
        # Runs of words that two texts share are looked for: so these share none.
        for place in itertools.count():
            left, word = number * 7919 + place * 104729, ""
            while left:
                left, letter = divmod(left, 18)
                word += "aeioubdfghklmnprst"[letter]
            yield word
