"""Uploaded pictures, for set-ups without a web server in front.

Only renditions that we encoded ourselves are served, under the names that we gave them, so that
nothing a stranger uploaded is ever sent, let alone as active content.
"""

import re

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from newsroom.headers import policy

TYPES = {"avif": "image/avif", "webp": "image/webp", "jpeg": "image/jpeg"}
NAME = re.compile(r"[0-9]{1,19}/[0-9a-z-]{1,80}\.(avif|webp|jpeg)")
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """Send a rendition. Its name carries a digest, so it may be kept for ever."""
    name = NAME.fullmatch(path)
    if name is None:
        raise Http404
    try:
        file = default_storage.open(f"images/{path}")
    except ConnectionError:
        # The storage is elsewhere, and away: the picture is there all the same.
        return HttpResponse(status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    except OSError as error:
        raise Http404 from error
    # Opened by itself it is a picture and does nothing, whatever a browser takes it for.
    headers = {
        "Cache-Control": FOR_EVER,
        "Content-Security-Policy": f"{policy(settings.SECURE_CSP)}; sandbox",
    }
    return FileResponse(file, content_type=TYPES[name[1]], headers=headers)
