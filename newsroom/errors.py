"""Error pages that belong to the paper, and that cannot fail themselves."""

import sys

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string

from articles.models import Article
from articles.opened import Killed
from newsroom.shared_pages import share

LATEST = 5
# Fields in which people write at length; what they wrote is shown again, so that it is not lost.
WRITTEN = ("body", "note", "message", "bio")
# A database, a cache or a storage that does not answer: not for long, as a rule.
AWAY = (OperationalError, InterfaceError, ConnectionError)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    # Plain text: whatever was wrong with the request may break a template that reads it.
    return HttpResponse(
        "This request could not be read. Please go back and try again.\n",
        status=400,
        content_type="text/plain; charset=utf-8",
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _framed(request, "403.html", 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that nothing was done, and show what was typed, to be sent again."""
    return _framed(request, "403_csrf.html", 403, kept=_typed(request))


def _typed(request: HttpRequest) -> list[str]:
    """Return the texts that came with a form."""
    try:
        return [text for name in WRITTEN if (text := request.POST.get(name, "").strip())]
    except (SuspiciousOperation, MultiPartParserError, OSError):
        # It could not be read at all.
        return []


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Offer search and the latest stories, which two queries fetch; without a database, neither.

    What was killed is gone (410), and of it nothing more is said.
    """
    try:
        latest = list(
            Article.objects.listed().select_related("section").defer("body", "body_html")[:LATEST]
        )
    except DatabaseError:
        return _alone("404 Not found", "This page is not here", 404)
    if isinstance(exception, Killed):
        response = _framed(request, "gone.html", 410, latest=latest)
        response["X-Robots-Tag"] = "noindex"
        # A cache in front puts it in the place of the story that it kept.
        return share(request, response)
    return _framed(request, "404.html", 404, latest=latest, kept=_typed(request))


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Ask for patience; the limits are counted by the minute and more."""
    response = _framed(request, "429.html", 429)
    response["Retry-After"] = "60"  # seconds
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, asking nothing of database, cache or request."""
    heading = "Something broke on our side"
    if not isinstance(sys.exception(), AWAY):
        return _alone("500 Our mistake", heading, 500)
    response = _alone("503 Not now", heading, 503)
    response["Retry-After"] = "5"  # seconds
    return response


def _framed(request: HttpRequest, template: str, status: int, **context: object) -> HttpResponse:
    """Render with masthead and foot; where those need a database that is down, without."""
    try:
        return render(request, template, context, status=status)
    except DatabaseError:
        return server_error(request)


def _alone(label: str, heading: str, status: int) -> HttpResponse:
    context = {
        "label": label,
        "heading": heading,
        "status": status,
        "site_name": settings.SITE_NAME,
        "site_contact": settings.SITE_CONTACT,
    }
    return HttpResponse(render_to_string("500.html", context), status=status)
