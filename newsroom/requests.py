"""Requests that cannot be read are refused before anything tries to.

Django raises while it parses a form in an odd charset, and its error pages parse the form again:
the answer would be a 500 (see the security notes on ``charset=utf-7``). NUL bytes reach neither
database.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

METHODS = {"GET", "HEAD", "POST", "OPTIONS"}


class RefuseUnreadableRequests:
    """Answers 400 or 405 to what no form or link of ours sends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponse("Method not allowed.\n", status=405, content_type="text/plain")
        if request.content_params and request.content_params.get(
            "charset", "utf-8"
        ).lower() not in {
            "utf-8",
            "utf8",
        }:
            return _refused("Please send forms as UTF-8.")
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return _refused("An address must not contain NUL.")
        return self.get_response(request)


def _refused(why: str) -> HttpResponse:
    return HttpResponseBadRequest(f"{why}\n", content_type="text/plain; charset=utf-8")
