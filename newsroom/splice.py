"""Long parts of a page that are there already, put in once the rest of it is rendered.

A template copies what it includes, and each template around it copies it again: a dozen times,
for the threads of a long page half a megabyte each. So their tag leaves a mark, and they come in
at the end, as the bytes that they are sent as. It took a fifth of what such a page costs.
"""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

# Nobody who writes what stands on a page can know it.
MARK = f"\ue000{secrets.token_hex(8)}\ue001"


def render(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page as ``django.shortcuts.render`` does, with what ``later`` was given."""
    parts: list[bytes] = []
    request.later = parts  # type: ignore[attr-defined]
    pieces = render_to_string(template, context, request).encode().split(MARK.encode())
    del request.later  # type: ignore[attr-defined]
    page = pieces[:1]
    for part, piece in zip(parts, pieces[1:], strict=True):
        page += [part, piece]
    return HttpResponse(b"".join(page))


def later(request: HttpRequest, parts: list[bytes]) -> SafeString:
    """Return what stands in a template for ``parts``, which are safe HTML: a mark, or themselves.

    Themselves where the page is not rendered by ``render``.
    """
    late: list[bytes] | None = getattr(request, "later", None)
    if late is None:
        return mark_safe(b"".join(parts).decode())
    late.append(b"".join(parts))
    return SafeString(MARK)
