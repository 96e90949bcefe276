"""Keys of the form: each names one filling of it, and tells when it was made.

They are UUIDs of version 7 (RFC 9562), whose first bits are the time. The time is not signed:
whoever writes one down could wait as well.
"""

import datetime
import secrets
import time
import uuid


def fresh() -> uuid.UUID:
    """Return a key that nobody has yet."""
    milliseconds = time.time_ns() // 1_000_000
    bits = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return uuid.UUID(int=bits | 0b10 << 62 | secrets.randbits(62))


def made_at(key: uuid.UUID | None) -> datetime.datetime | None:
    """Return when a form's key was made; ``None`` for a key of any other kind."""
    if key is None or key.version != 7:
        return None
    try:
        return datetime.datetime.fromtimestamp((key.int >> 80) / 1000, tz=datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return None
