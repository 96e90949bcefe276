"""Requests that cannot be read are refused before anything tries to.

Django raises while it parses a form in an odd charset, and its error pages parse the form again:
``charset=utf-7`` would be answered with a 500. NUL bytes reach neither database.
"""

from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
LARGEST = 40 * 1024 * 1024  # bytes of a form with a picture; what is larger is not even read


class Request(WSGIRequest):
    """A request whose ``Content-Type`` may be nonsense, for the middleware below to refuse."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except ValueError:
            # Raised where no handler of errors is there yet: the answer would be a bare 500.
            self.content_type, self.content_params = "", {"charset": "unreadable"}


class Application(WSGIHandler):
    request_class = Request


class RefuseUnreadableRequests:
    """Answers 400, 405 or 413 to what no form or link of ours sends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponse("Method not allowed.\n", status=405, content_type="text/plain")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and (len(length) > 12 or int(length) > LARGEST):
            return HttpResponse("This is too large.\n", status=413, content_type="text/plain")
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "utf8"}:
            return _refused("Please send forms as UTF-8.")
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return _refused("An address must not contain NUL.")
        return self.get_response(request)


def _refused(why: str) -> HttpResponse:
    return HttpResponseBadRequest(f"{why}\n", content_type="text/plain; charset=utf-8")
