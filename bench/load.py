"""Sending requests: many at once by wrk, or one after the other with something done before each."""

import http.client
import json
import re
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.machine import CannotRun, found

SCRIPT = Path(__file__).with_name("load.lua")
PATIENCE = 30.0  # seconds for an answer


class WrongAnswer(Exception):
    """An answer that is not what was to be measured."""


class NoAnswer(WrongAnswer):
    """Nothing came within the time of a run."""


@dataclass(frozen=True)
class Answer:
    """One answer, whole: its headers by small names, its body as it was sent."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Run:
    """What came of sending requests; times in milliseconds."""

    # That the server got; at the end some of them were still under way.
    requests: int
    per_second: float
    p50: float
    p99: float


class Line:
    """A connection that is kept, as a browser keeps one."""

    def __init__(self, port: int) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> Answer:
        self.connection.sendall(request)
        method = request.partition(b" ")[0].decode()
        response = http.client.HTTPResponse(self.connection, method=method)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())

    def close(self) -> None:
        self.connection.close()


def ask(port: int, request: bytes, status: int) -> Answer:
    """Send one request. Raises ``WrongAnswer`` if it is not answered with ``status``."""
    line = Line(port)
    try:
        answer = line.send(request)
    finally:
        line.close()
    _check(request, answer, status)
    return answer


def _check(request: bytes, answer: Answer, status: int) -> None:
    if answer.status != status:
        asked = request.partition(b" HTTP/")[0].decode()
        is_plain = "content-encoding" not in answer.headers
        said = answer.headers.get("location") or (_words(answer.body) if is_plain else "")
        raise WrongAnswer(f"{asked} was answered with {answer.status}, not {status}: {said}")


def _words(body: bytes) -> str:
    """Return what a page that says what is wrong says in its middle."""
    html = body.decode(errors="replace").rpartition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())[:500]


def one_by_one(
    port: int, requests: Sequence[bytes], status: int, before: Callable[[], None] | None = None
) -> Run:
    """Send requests one after the other; ``before`` is called ahead of each, and not counted."""
    line, took = Line(port), []
    try:
        for request in requests:
            if before:
                before()
            began = time.perf_counter()
            answer = line.send(request)
            took.append(1000 * (time.perf_counter() - began))
            _check(request, answer, status)
    finally:
        line.close()
    took.sort()
    p99 = took[min(len(took) - 1, int(0.99 * len(took)))]
    return Run(len(took), 1000 * len(took) / sum(took), statistics.median(took), p99)


def together(
    port: int, requests: Sequence[bytes], folder: Path, connections: int, seconds: float,
    status: int = 0,
) -> Run:  # fmt: skip
    """Send requests with wrk for some ``seconds``: a single one all the time, of several each once.

    With ``status`` each answer is looked at, else only for success. Raises ``WrongAnswer``, and
    ``CannotRun`` where there is no wrk.
    """
    program = found("wrk")
    if not program:
        raise CannotRun("wrk is not installed; Debian's package is wrk")
    file = folder / "requests"
    file.write_bytes(b"".join(request + b"\0" for request in requests))
    command = [
        program, "--threads", "1", "--connections", str(connections),
        "--duration", f"{max(1, round(seconds))}s", "--timeout", "10s", "--script", str(SCRIPT),
        f"http://127.0.0.1:{port}/", "--", str(file), str(status),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - our own command
    lines = {line.partition(" ")[0]: line.partition(" ")[2] for line in done.stdout.splitlines()}
    if "RESULT" not in lines:
        raise CannotRun(f"wrk: {done.stdout}{done.stderr}")
    said = json.loads(lines["RESULT"])
    if said["ran_out"]:
        raise WrongAnswer(f"{len(requests)} requests were too few for {seconds} seconds")
    if not any(said[name] for name in ("requests", "broken", "failed", "wrong")):
        raise NoAnswer(f"no answer within {max(1, round(seconds))} s")
    if said["broken"] or said["failed"] or said["wrong"] or not said["requests"]:
        asked = requests[0].partition(b" HTTP/")[0].decode()
        raise WrongAnswer(f"{asked}, with wrk: {lines['RESULT']} {lines.get('WRONG', '')}")
    return Run(
        said["sent"],
        said["requests"] / said["microseconds"] * 1e6,
        said["p50"] / 1000,
        said["p99"] / 1000,
    )
