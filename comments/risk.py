"""How much a comment needs a look: a number from 0 to 100, by which the queue can be sorted."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comments.models import Finding

HIGHEST = 100


def of(findings: "Iterable[Finding]") -> int:
    """Return the risk of a comment of which the checks found this."""
    return min(HIGHEST, sum(60 if finding.is_severe else 10 for finding in findings))
