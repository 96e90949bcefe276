"""Addresses that moved: a request that found nothing is looked up among the old addresses."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.core.files.storage import default_storage
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.encoding import iri_to_uri, uri_to_iri

from articles.models import Article, Image, MovedAddress, Section
from newsroom.models import Edition

LONGEST = 500  # characters of an address that is kept
# What of an address stays when it moves: the page of a list, and the order of a conversation.
KEPT_PARAMETERS = ("page", "order", "after")
WORD = re.compile(r"[a-z0-9.]{1,25}")
# Of a rendition or a crop: picture, pixels, width or ratio, focal point, format.
PICTURE = re.compile(
    r"/media/images/([0-9]{1,18})/([0-9a-f]{12})-[0-9a-f]{6}"
    r"-([0-9]{1,5}|[0-9]+x[0-9]+)(?:-([0-9]+x[0-9]+))?\.(avif|webp|jpeg)"
)
# A path that no address of ours is as deep as.
DEEPEST = 12


class MovedAddressMiddleware:
    """Answers 301 or 410 where a 404 would come and the address was published once.

    It asks the database only for requests that found nothing, so that it costs readers nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        found_nothing = response.status_code == 404 and request.method in {"GET", "HEAD"}
        return (found_nothing and (picture(request.path) or answer(request))) or response


def picture(path: str) -> HttpResponse | None:
    """Return the way to a picture's file that has another name since its words or focus changed.

    Whoever knows the old name saw the picture: the name has a digest of its pixels. One that was
    replaced by another picture leads nowhere.
    """
    name = PICTURE.fullmatch(path)
    image = name and Image.objects.filter(pk=name[1], digest__startswith=f"{name[2]}-").first()
    if not name or not image:
        return None
    now = image.crop_path(name[3]) if name[4] else image.path(int(name[3]), name[5])
    return HttpResponseRedirect(default_storage.url(now)) if now in image.names() else None


def answer(request: HttpRequest) -> HttpResponse | None:
    """Return what is to be said at an old address; ``None`` where there never was one.

    That is the way to where it leads, in one hop, or that it is gone.
    """
    # In the order of their worth: the address itself, then what it is a part of.
    ways = dict(_ways(request.get_full_path(), request.path))
    rows = {
        row.path: row
        for row in MovedAddress.objects.filter(path__in=ways)
        .select_related(*MovedAddress.TARGETS)
        .defer("article__body", "article__body_html")
    }
    row, rest = next(((rows[way], rest) for way, rest in ways.items() if way in rows), (None, ""))
    if row is None:
        return None
    target = row.target
    if target is None:
        # What was a part of it is gone too; what never was an address of ours is not.
        return gone(request) if not rest or _is_ours(request.path) else None
    address = target.get_absolute_url() + rest
    if (rest and not _is_ours(address)) or not _is_open(target):
        return None
    if "?" not in row.path:
        asked = [(name, request.GET[name]) for name in KEPT_PARAMETERS if name in request.GET]
        if asked := [one for one in asked if WORD.fullmatch(one[1])]:
            address += f"?{urlencode(asked)}"
    return HttpResponsePermanentRedirect(address)


def gone(request: HttpRequest) -> HttpResponse:
    """Say that what stood at this address is gone for good."""
    latest = Article.objects.listed().select_related("section").defer("body", "body_html")[:5]
    response = render(request, "gone.html", {"latest": latest}, status=410)
    response["X-Robots-Tag"] = "noindex"
    return response


def _ways(full_path: str, path: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses that a request may have meant, each with what follows after it.

    With or without the last slash, as it was sent or as it is read; then, for feeds and the like,
    those that it lies under.
    """
    if len(path) > LONGEST:
        return
    for one in (full_path, full_path.partition("?")[0], path):
        for way in (one, uri_to_iri(one)):
            for same in (way, way.rstrip("/") + "/", way.rstrip("/")):
                yield same, ""
    parts = path.strip("/").split("/")
    for depth in range(min(len(parts) - 1, DEEPEST), 0, -1):
        above = "/" + "/".join(parts[:depth]) + "/"
        yield above, path.removeprefix(above)
        yield iri_to_uri(above), path.removeprefix(above)


def _is_ours(address: str) -> bool:
    """Tell whether some view answers at an address."""
    try:
        resolve(uri_to_iri(address))
    except Resolver404:
        return False
    return True


def _is_open(target: Any) -> bool:
    """Tell whether readers find something where an old address leads."""
    if isinstance(target, Article):
        return Article.objects.published().filter(pk=target.pk).exists()
    if isinstance(target, Section):
        return True
    return bool(Article.objects.listed().filter(**{_name_of(target): target})[:1])


def _name_of(target: Any) -> str:
    name: str = target._meta.model_name
    return {"topic": "topics", "author": "authors"}.get(name, name)


# Keeping them


@transaction.atomic
def note(path: str, target: Any) -> None:
    """Have ``path`` lead to ``target`` from now on: an article, section, topic, author or series.

    With ``None`` it is gone. An address that leads elsewhere is turned round, and one that the
    target has now leads nowhere else. Addresses too long to be looked up are not kept.
    """
    path = uri_to_iri(path)
    here = uri_to_iri(target.get_absolute_url()) if target is not None else ""
    if here:
        free(here)
    if path == here or len(path) > LONGEST:
        return
    leads_to = dict.fromkeys(MovedAddress.TARGETS) | (
        {target._meta.model_name: target} if target is not None else {}
    )
    MovedAddress.objects.filter(path=iri_to_uri(path)).exclude(path=path).delete()
    MovedAddress.objects.update_or_create(path=path, defaults=leads_to)
    Edition.move()


def free(path: str) -> None:
    """Forget that ``path`` led somewhere: something stands there now."""
    MovedAddress.objects.filter(path__in={uri_to_iri(path), iri_to_uri(path)}).delete()


def lead_on(target: Any, other: Any) -> None:
    """Have all addresses of ``target`` lead to ``other``, of the same kind, before it goes."""
    name = target._meta.model_name
    MovedAddress.objects.filter(**{name: target}).update(**{name: other})
