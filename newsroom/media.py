"""Uploaded pictures, for set-ups without a web server in front.

Only renditions that we encoded ourselves are served, by their extension, so that nothing a
stranger uploaded is ever sent as active content.
"""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

TYPES = {"avif": "image/avif", "webp": "image/webp", "jpeg": "image/jpeg"}
FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """Send a rendition. Its name carries a digest, so it may be kept for ever."""
    content_type = TYPES.get(path.rpartition(".")[2])
    if content_type is None or len(path) > 200 or ".." in path:
        raise Http404
    try:
        file = default_storage.open(f"images/{path}")
    except ConnectionError:
        # The storage is elsewhere, and away: the picture is there all the same.
        return HttpResponse(status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    except OSError as error:
        raise Http404 from error
    return FileResponse(file, content_type=content_type, headers={"Cache-Control": FOR_EVER})
