"""What is kept in the cache for a while, so that it need not be worked out each time.

A cache that is down costs that work and nothing else: each cache has errors of its own, and none
of them is worth a page. That it is away (``ConnectionError``) is logged where it is found out, once
for all who ask meanwhile. What must not be lost, or must count exactly, is not kept here.
"""

import logging
from typing import Any

from django.core.cache import cache

log = logging.getLogger(__name__)


def get(key: str) -> Any:
    """Return what is kept under ``key``; ``None`` for nothing, and where the cache is down."""
    try:
        return cache.get(key)
    except ConnectionError:
        return None
    except Exception:
        log.warning("%s could not be read from the cache", key, exc_info=True)
        return None


def put(key: str, value: Any, seconds: int) -> None:
    """Keep ``value``, which is not ``None``, under ``key`` for so long."""
    try:
        cache.set(key, value, seconds)
    except ConnectionError:
        return
    except Exception:
        log.warning("%s could not be kept in the cache", key, exc_info=True)


def forget(key: str) -> None:
    """Have ``key`` worked out anew by whoever asks next."""
    try:
        cache.delete(key)
    except ConnectionError:
        return
    except Exception:
        log.warning("%s could not be taken from the cache", key, exc_info=True)
