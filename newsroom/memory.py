"""What a process keeps in its own memory: so many bytes, of which the longest unused go first."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from django.conf import settings


class Memory:
    """Values by key, bounded by their sizes in bytes. For keys that say all a value depends on."""

    def __init__(self, size: int) -> None:
        self.most = size
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """Return what is kept under ``key``, or ``None``."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep ``value``, of so many bytes, in place of what was there."""
        with self._lock:
            _, old = self._kept.pop(key, (None, 0))
            self._kept[key] = value, size
            self._size += size - old
            while self._size > self.most:
                _, (_, longest_unused) = self._kept.popitem(last=False)
                self._size -= longest_unused

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0


# Parts of pages, each under a key that says all it depends on.
fragments = Memory(settings.FRAGMENT_BYTES)
