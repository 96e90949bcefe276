"""Pages that are the same for every anonymous reader, and may be kept by a cache in front."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

# Kept for a moment, so that a crowd is one request; old at once for the browser itself.
FOR_EVERYONE = "public, max-age=0, s-maxage=2, stale-while-revalidate=10"
FOR_ONE = "private, no-cache"


def shared_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view's answer as shared for anonymous readers and as private for everybody else.

    A page that sets a cookie is never shared, whoever asked for it.
    """

    @functools.wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        # What answers a form is its sender's: their text, and soon a token.
        is_read = request.method in {"GET", "HEAD"}
        anonymous = is_read and not request.COOKIES and not response.cookies
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = FOR_EVERYONE if anonymous else FOR_ONE
        patch_vary_headers(response, ["Cookie", "HX-Request"])
        return response

    return marked
