"""Security headers that every answer carries, static files included.

The policy stands in ``SECURE_CSP``, the setting of Django 6, so that this middleware goes away
with the move there. A view may need a nonce: it sets ``response.csp_nonce`` to what its template
printed.
"""

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from newsroom.shared_pages import FOR_ONE

PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"
)


def policy(directives: Mapping[str, Sequence[str]], nonce: str = "") -> str:
    """Return the policy's header; scripts may also run with ``nonce`` where one is given."""
    parts = []
    for name, sources in directives.items():
        extra = [f"'nonce-{nonce}'"] if nonce and name == "script-src" else []
        parts.append(" ".join([name, *sources, *extra]))
    return "; ".join(parts)


class SecurityHeadersMiddleware:
    """Adds the headers that Django 5.2 has no setting for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.csp = policy(settings.SECURE_CSP)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        nonce = getattr(response, "csp_nonce", "")
        csp = policy(settings.SECURE_CSP, nonce) if nonce else self.csp
        response.headers.setdefault("Content-Security-Policy", csp)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Whoever did not say that an answer is for everyone may have forgotten that it is not.
        response.headers.setdefault("Cache-Control", FOR_ONE)
        return response
