"""What was measured of one case."""

from dataclasses import dataclass, field


@dataclass
class Figures:
    """The figures of one case; ``None`` for what was not measured of it.

    Times are in milliseconds, of one request; ``bare`` and ``nginx`` are the requests a second of
    the floors, which answer with the same bytes.
    """

    title: str
    requests: int | None = None
    cpu_ms: float | None = None
    database_ms: float | None = None
    statements: float | None = None
    per_second: float | None = None
    p50: float | None = None
    p99: float | None = None
    bytes: int | None = None
    bare: float | None = None
    bare_cpu_ms: float | None = None
    nginx: float | None = None
    nginx_cpu_ms: float | None = None
    # Of all web workers together, in MB.
    memory: float | None = None
    # Why it was not measured.
    skipped: str = ""
    # Each statement, and how often it was made for one request.
    queries: dict[str, float] = field(default_factory=dict)

    @property
    def of_bare(self) -> float | None:
        return self.per_second / self.bare if self.per_second and self.bare else None

    @property
    def of_nginx(self) -> float | None:
        return self.per_second / self.nginx if self.per_second and self.nginx else None
