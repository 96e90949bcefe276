"""Where a request comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the address of whoever asks, or ``None`` where none is known.

    Of the forwarded ones only as many count, from the end, as there are proxies of our own
    (``TRUSTED_PROXY_COUNT``): whatever stands before those was written by the client.
    """
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = request.headers.get("X-Forwarded-For", "").split(",") if trusted else []
    # The last is the nearest proxy; each wrote down who stood before it.
    hops = [*(hop for hop in forwarded if hop.strip()), request.META.get("REMOTE_ADDR", "")]
    try:
        address = ipaddress.ip_address(hops[max(-1 - trusted, -len(hops))].strip())
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    # Without the name of our own network card, which no database takes for an address.
    return str(mapped or address).partition("%")[0]
