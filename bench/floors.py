"""The floors: the same bytes from a Django view that does nothing, and from nginx as a file."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import machine, processes
from bench.load import Answer, Run, ask, together
from bench.machine import CannotRun
from bench.visitors import get

# Of the connection, or each server's own to say.
NOT_KEPT = {"date", "server", "connection", "keep-alive", "content-length", "transfer-encoding"}
NGINX = """
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    open_file_cache max=100;
    open_file_cache_valid 60s;
    server {{
        listen 127.0.0.1:{port};
        server_tokens off;
        location /is-up {{ return 204; }}
        include {folder}/*.location;
    }}
"""


@dataclass
class Floors:
    """The two servers, and the answers that they give."""

    folder: Path
    workers: int
    ports: dict[str, int] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def standing(self, answers: dict[str, Answer]) -> Iterator[None]:
        """Have both serve ``answers`` until the block ends; nginx where this machine has it."""
        self.folder.mkdir(exist_ok=True)
        for name, answer in answers.items():
            self._keep(name, answer)
        with ExitStack() as stack:
            port = self.ports["bare"] = machine.free_port()
            self.pids["bare"] = stack.enter_context(machine.bare(self.folder, port)).pid
            if machine.found("nginx"):
                port = self.ports["nginx"] = machine.free_port()
                http = NGINX.format(port=port, folder=self.folder)
                server = machine.nginx(self.folder / "nginx", port, http, self.workers)
                self.pids["nginx"] = stack.enter_context(server).pid
            yield

    def _keep(self, name: str, answer: Answer) -> None:
        headers = {key: value for key, value in answer.headers.items() if key not in NOT_KEPT}
        kept = {"status": answer.status, "headers": headers}
        (self.folder / f"{name}.json").write_text(json.dumps(kept))
        (self.folder / name).write_bytes(answer.body)
        (self.folder / f"{name}.location").write_text(self._location(name, answer, headers))

    def _location(self, name: str, answer: Answer, headers: dict[str, str]) -> str:
        """Return how nginx answers the same: of its own making are type, coding and ETag."""
        lines = []
        own = {"content-type", "etag", "last-modified"}
        if answer.headers.get("content-encoding") == "gzip":
            # Beside the file, as it finds what is compressed already.
            (self.folder / f"{name}.gz").write_bytes(answer.body)
            lines.append("gzip_static always;")
            own.add("content-encoding")
        lines += [
            f"add_header {key} {_quoted(value)} always;"
            for key, value in headers.items()
            if key not in own
        ]
        if answer.status == 200:
            kind = headers.get("content-type", "text/html")
            lines += [f"default_type {_quoted(kind)};", "types {}", f"alias {self.folder}/{name};"]
        else:
            lines.append(f"return {answer.status};")
        return f"location = /{name} {{ {' '.join(lines)} }}\n"

    def measure(self, floor: str, name: str, connections: int, seconds: float) -> "Measured | None":
        """Return what a floor gives of an answer; ``None`` where it cannot give it."""
        status = json.loads((self.folder / f"{name}.json").read_text())["status"]
        # A redirection is no file.
        if floor not in self.ports or (floor == "nginx" and status not in {200, 304}):
            return None
        port, request = self.ports[floor], get(f"/{name}", Accept_Encoding="gzip")
        answer = ask(port, request, status)
        if answer.body != (self.folder / name).read_bytes():
            raise CannotRun(f"The floor {floor} answers {name} with other bytes.")
        pids = processes.descendants(self.pids[floor])
        together(port, [request], self.folder, connections, 1)
        before = processes.cpu(pids)
        run = together(port, [request], self.folder, connections, seconds)
        return Measured(run, processes.spent(before, processes.cpu(pids)) / run.requests)


@dataclass(frozen=True)
class Measured:
    run: Run
    cpu_ms: float


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
