"""Who is at what on the desk, so that no two moderators do the same work."""

from collections.abc import Iterable

from comments.models import Claim


def holders(subjects: Iterable[str]) -> dict[str, Claim]:
    """Return the claims that hold now on these subjects. One query."""
    return {}
