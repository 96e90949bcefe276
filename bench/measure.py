"""Measuring: a case is asked for, and what it cost is read from the kernel and the database."""

import time
from dataclasses import dataclass
from pathlib import Path

from bench import load, processes
from bench.cases import WRITING, Case
from bench.figures import Figures
from bench.floors import Floors
from bench.load import Answer
from bench.machine import SITE_ROLE, Database

# What no request asked for: a transaction's frame, a connection's settings, and the look-ups by
# which the database itself checks foreign keys.
FRAME = (
    r"^\s*(begin|commit|rollback\s*$|discard|set |show |reset |select .* from only .* key share)"
)
STATEMENTS = f"""
    SELECT s.queryid, max(s.query), sum(s.calls) FROM pg_stat_statements s
    JOIN pg_roles r ON r.oid = s.userid
    WHERE r.rolname = '{SITE_ROLE}' AND s.toplevel AND s.query !~* '{FRAME}'
    GROUP BY s.queryid
"""  # noqa: S608
BACKENDS = f"SELECT pid FROM pg_stat_activity WHERE usename = '{SITE_ROLE}'"  # noqa: S608
WARM_UP = 20  # requests
FLOOR_SECONDS = 2.0  # are enough for what does the same each time


WARM = 8  # requests, until each of the processes has seen a page twice


@dataclass(frozen=True)
class Server:
    """A site that runs: where, and by which processes, each with those below it."""

    port: int
    started: tuple[int, ...]

    @property
    def pids(self) -> list[int]:
        return [pid for one in self.started for pid in processes.descendants(one)]


class Meter:
    """Measures cases on sites that share a database cluster."""

    def __init__(self, database: Database, folder: Path, seconds: float) -> None:
        self.database, self.folder, self.seconds = database, folder, seconds

    def first(self, case: Case, server: Server) -> Answer | None:
        """Send the case's first request and return its answer; ``None`` of an empty case.

        Of a page that is asked for again and again it is a later one: what is compressed comes
        with the second that a process gives.
        """
        if not case.requests:
            return None
        answer = load.ask(server.port, case.requests[0], case.status)
        for _ in range(0 if case.is_list else WARM):
            answer = load.ask(server.port, case.requests[0], case.status)
        return answer

    def measure(self, case: Case, server: Server, answer: Answer, floors: Floors) -> Figures:
        """Return what a case costs whose first answer is there.

        Raises ``WrongAnswer`` for any answer that is not right.
        """
        requests = self._warm_up(case, server)
        self.database.run("SELECT pg_stat_statements_reset()")
        web, backends = server.pids, self._backends()
        before = processes.cpu(web), processes.cpu(backends)
        if case.count:
            cycle = requests * case.count if len(requests) == 1 else requests
            run = load.one_by_one(server.port, cycle[: case.count], case.status, case.before)
        else:
            # Of one request a failure tells by its status; of many each answer is looked at.
            status = case.status if case.is_list else 0
            run = load.together(
                server.port, requests, self.folder, case.connections, self.seconds, status
            )
        _settle()
        web_ms = processes.spent(before[0], processes.cpu(server.pids))
        database_ms = processes.spent(before[1], processes.cpu(self._backends()))
        queries = {
            " ".join(query.split()): round(float(calls) / run.requests, 2)
            for _, query, calls in self.database.rows(STATEMENTS)
            if calls >= 0.005 * run.requests
        }
        figures = Figures(
            case.title, run.requests,
            cpu_ms=web_ms / run.requests, database_ms=database_ms / run.requests,
            statements=round(sum(queries.values()), 1),
            per_second=run.per_second, p50=run.p50, p99=run.p99, bytes=len(answer.body),
            queries=queries,
        )  # fmt: skip
        self._beside(figures, case, floors)
        return figures

    def _warm_up(self, case: Case, server: Server) -> list[bytes]:
        """Send some requests that are not measured. Returns those that are left to be."""
        requests = list(case.requests)
        if case.is_list:
            some = 1 + min(WARM_UP, len(requests) // 10)
            load.one_by_one(server.port, requests[1:some], case.status, case.before)
            return requests[some:]
        load.one_by_one(server.port, requests * WARM_UP, case.status, case.before)
        if not case.count:
            load.together(server.port, requests, self.folder, case.connections, 1)
        return requests

    def _beside(self, figures: Figures, case: Case, floors: Floors) -> None:
        # As many ask at once.
        connections = WRITING if case.count else case.connections
        seconds = min(self.seconds, FLOOR_SECONDS)
        if bare := floors.measure("bare", case.name, connections, seconds):
            figures.bare, figures.bare_cpu_ms = bare.run.per_second, bare.cpu_ms
        if nginx := floors.measure("nginx", case.name, connections, seconds):
            figures.nginx, figures.nginx_cpu_ms = nginx.run.per_second, nginx.cpu_ms

    def _backends(self) -> list[int]:
        return [pid for (pid,) in self.database.rows(BACKENDS)]


def memory_of_workers(server: Server) -> Figures:
    """Return what the web workers hold together."""
    workers = [pid for pid in server.pids if pid not in server.started]
    whole = sum(map(processes.memory, workers))
    title = f"Memory of {len(workers)} web workers (PSS), after all of it"
    return Figures(title, memory=whole / 1e6)


def _settle() -> None:
    # What was asked last is still being answered.
    time.sleep(0.5)
