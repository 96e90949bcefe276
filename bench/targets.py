"""What the site has promised to cost, as data: of which case which figure, and how much."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass

from bench.figures import Figures


@dataclass(frozen=True)
class Target:
    """A bound on one figure of a case; with ``of``, on its ratio to that of another case."""

    case: str
    figure: str
    bound: float
    at_least: bool = False
    of: str = ""

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        unit = "" if self.of else UNITS.get(self.figure, "")
        beside = f" × {self.of}" if self.of else ""
        return f"{NAMES.get(self.figure, self.figure)} {sign} {self.bound:g}{unit}{beside}"

    def verdict(self, found: Mapping[str, Figures]) -> bool | None:
        """Tell whether it is met; ``None`` where its figure was not measured."""
        value, bound = self._value(found, self.case), self.bound
        other = self._value(found, self.of) if self.of else 1.0
        if value is None or other is None:
            return None
        compare = operator.ge if self.at_least else operator.le
        return bool(compare(round(value, 3), round(bound * other, 3)))

    def _value(self, found: Mapping[str, Figures], case: str) -> float | None:
        value = getattr(found.get(case), self.figure, None)
        # One that is made once a minute is none of a request's.
        return round(value) if value is not None and self.figure == "statements" else value


NAMES = {
    "cpu_ms": "CPU", "of_bare": "of the bare view", "of_nginx": "of nginx",
    "p50": "p50", "statements": "statements", "memory": "memory",
}  # fmt: skip
UNITS = {"cpu_ms": " ms", "p50": " ms", "memory": " MB"}


def _warm(case: str) -> list[Target]:
    return [
        Target(case, "cpu_ms", 0.35),
        Target(case, "statements", 1),
        Target(case, "of_bare", 0.6, at_least=True),
    ]


def _at_any_size(case: str, at: str) -> list[Target]:
    """The same at another size: as much work, and as many statements."""
    return [
        Target(f"{case}-{at}", "cpu_ms", 1.1, of=case),
        Target(f"{case}-{at}", "statements", 1, of=case),
    ]


SIZES = ("10000", "100000", "biggest")
TARGETS = [
    *_warm("warm-gzip"),
    *_warm("warm-br"),
    Target("nginx-gzip", "of_nginx", 0.8, at_least=True),
    Target("nginx-br", "of_nginx", 0.8, at_least=True),
    Target("nginx-plain", "of_nginx", 0.8, at_least=True),
    Target("unchanged", "cpu_ms", 0.3),
    Target("unchanged", "statements", 1),
    Target("cold", "cpu_ms", 4),
    Target("cold", "statements", 6),
    Target("logged-in", "cpu_ms", 6),
    Target("logged-in", "statements", 9),
    *(
        target
        for size in SIZES
        for case in ("warm-gzip", "cold", "logged-in")
        for target in _at_any_size(case, size)
    ),
    Target("post", "cpu_ms", 6),
    Target("post", "p50", 10),
    Target("post", "statements", 12),
    Target("post-biggest", "cpu_ms", 1.1, of="post-small"),
    Target("post-biggest", "statements", 1, of="post-small"),
    Target("approve", "cpu_ms", 5),
    Target("approve", "statements", 12),
    Target("reject", "cpu_ms", 5),
    Target("reject", "statements", 12),
    Target("desk", "cpu_ms", 1.2, of="desk-few"),
    Target("workers", "memory", 170),
]
