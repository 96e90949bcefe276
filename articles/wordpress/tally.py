"""What an import read, took, found here already and skipped, and why: the rows of its report."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class Row:
    """One kind of thing in the file. ``read`` is the sum of the other three."""

    new: int = 0
    known: int = 0  # here since an earlier import
    skipped: Counter[str] = field(default_factory=Counter)  # by the reason

    @property
    def read(self) -> int:
        return self.new + self.known + self.skipped.total()


class Tally:
    """Rows by their label, in the order in which they first came, and remarks."""

    def __init__(self) -> None:
        self.rows: defaultdict[str, Row] = defaultdict(Row)
        self.notes: Counter[str] = Counter()
        self.failures: list[str] = []

    def new(self, label: str) -> None:
        self.rows[label].new += 1

    def known(self, label: str) -> None:
        self.rows[label].known += 1

    def skip(self, label: str, why: str, count: int = 1) -> None:
        self.rows[label].skipped[why] += count

    def note(self, remark: str, count: int = 1) -> None:
        """Count something worth telling that is no row of its own."""
        if count:
            self.notes[remark] += count

    def fail(self, label: str, what: str, error: Exception) -> None:
        """Count a record that could not be taken, and say which."""
        self.skip(label, "could not be taken, see below")
        self.explain(what, error)

    def explain(self, what: str, error: Exception) -> None:
        """Say what could not be taken; the first hundred are enough to see what is wrong."""
        if len(self.failures) < 100:
            self.failures.append(f"{what}: {type(error).__name__}: {str(error)[:200]}")

    @property
    def is_unchanged(self) -> bool:
        return not any(row.new for row in self.rows.values())
