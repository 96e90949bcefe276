"""Uploaded pictures, for set-ups without a web server in front.

Only renditions that we encoded ourselves are served, by their extension, so that nothing a
stranger uploaded is ever sent as active content.
"""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

TYPES = {"avif": "image/avif", "webp": "image/webp", "jpeg": "image/jpeg"}


@require_safe
def picture(request: HttpRequest, path: str) -> FileResponse:
    """Send a rendition. Its name carries a digest, so it may be kept for ever."""
    content_type = TYPES.get(path.rpartition(".")[2])
    if content_type is None or len(path) > 200 or ".." in path:
        raise Http404
    try:
        file = default_storage.open(f"images/{path}")
    except OSError as error:
        raise Http404 from error
    return FileResponse(
        file,
        content_type=content_type,
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
