"""Where a person stands with the desk: what the checks and their own page ask."""

from dataclasses import dataclass

from accounts.models import User
from comments.models import Sanction


@dataclass(frozen=True)
class Distrust:
    """Why somebody's comments wait."""

    approved: int
    rejected: int
    words: str


def in_force(person: User) -> list[Sanction]:
    """Return the sanctions that hold for ``person`` now, in their order. One query."""
    return []


def may_write(person: User) -> Sanction | None:
    """Return the suspension or ban that keeps ``person`` from writing, if any."""
    return None


def is_premoderated(person: User) -> bool:
    """Tell whether a moderator reads all of ``person``'s comments first."""
    return False


def may_report(person: User) -> Sanction | None:
    """Return what keeps ``person`` from reporting, if anything."""
    return None


def distrust(person: User, share: int, sample: int) -> Distrust | None:
    """Return why ``person``'s record has their comments wait: over ``share`` percent rejected.

    Counted over 90 days, from ``sample`` decisions on; ``None`` while they are trusted.
    """
    return None
