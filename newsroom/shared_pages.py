"""Pages that are the same for every anonymous reader, and may be kept by a cache in front."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import patch_vary_headers

from newsroom.page_cache import etag

# Kept for a moment, so that a crowd is one request; old at once for the browser itself.
FOR_EVERYONE = "public, max-age=0, s-maxage=2, stale-while-revalidate=10"
FOR_ONE = "private, no-cache"


def shared_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view's answer as shared for anonymous readers and as private for everybody else.

    A page that sets a cookie is never shared, whoever asked for it.
    """

    @functools.wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return share(request, view(request, *args, **kwargs))

    return marked


def share(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Say in its headers whether this answer is everybody's or its reader's own."""
    # What answers a form is its sender's: their text, and soon a token.
    is_read = request.method in {"GET", "HEAD"}
    anonymous = is_read and not request.COOKIES and not response.cookies
    if not response.has_header("Cache-Control"):
        response["Cache-Control"] = FOR_EVERYONE if anonymous else FOR_ONE
    # A kept page is served compressed, to whoever takes it so.
    patch_vary_headers(response, ["Cookie", "HX-Request", "Accept-Encoding"])
    return response


class ConditionalPages(ConditionalGetMiddleware):
    """Answers 304 where a page is what its reader has already.

    Not asked of pages for one reader, which are new each time: their forms carry new tokens. And
    what the page cache keeps is named by its stamp: a hash of the whole page is a fifth of what
    making it takes.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        if response.get("Cache-Control") == FOR_ONE and not response.has_header("ETag"):
            return response
        if stamp := getattr(response, "page_stamp", None):
            response["ETag"] = etag(request.build_absolute_uri(), stamp)
        return super().process_response(request, response)
