"""How much a comment needs a look: a number from 0 to 100, by which the queue can be sorted."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comments.models import Finding

HIGHEST = 100
SEVERE = 60
OTHER = 10
# What each check's word adds, by its name.
WEIGHTS = {
    "outside": 40, "reported": 40, "legal": 60, "similar": 30, "word-list": 25, "record": 25,
    "private-data": 20, "source": 20, "links": 15, "machine": 20, "premoderated-person": 15,
    "surge": 10, "late-edit": 5, "first-comment": 5, "premoderated": 0, "off-duty": 0,
}  # fmt: skip


def of(findings: "Iterable[Finding]") -> int:
    """Return the risk of a comment of which the checks found this."""
    weights = (
        SEVERE if finding.is_severe else WEIGHTS.get(finding.check_name, OTHER)
        for finding in findings
    )
    return min(HIGHEST, sum(weights))
