"""The machines of the site, and what runs on them: each starts, is paused, killed and stopped."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.topology.report import say

BASE = Path(__file__).resolve().parents[2]
DEPLOY = BASE / "deploy"
HOST = "news.example"
PATIENCE = 60.0  # seconds for a program to start
MAX_LAG = 6  # seconds, as REPLICA_MAX_LAG
WHOLE_NGINX = """
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
daemon off;
events {{ worker_connections 1024; }}
http {{
    include {types};
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    log_format nodes "$upstream_addr $upstream_cache_status $request_uri";
    include {folder}/newsroom.conf;
}}
"""


class CannotRun(Exception):
    """This machine lacks something, or a part does not start."""


def found(program: str) -> str:
    """Return where a program lies. Raises ``CannotRun`` where this machine has none."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/sbin")]
    places = os.pathsep.join([os.environ["PATH"], *map(str, sorted(folders))])
    if (place := shutil.which(program, path=places)) is None:
        raise CannotRun(f"{program} is needed, and not on this machine.")
    return place


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], object], seconds: float = PATIENCE, pause: float = 0.1) -> bool:
    """Return whether a thing came to hold within so many seconds."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Program:
    """One that runs until it is stopped. Its process group is its own, to be paused as a whole."""

    command: list[str]
    port: int
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                cwd=BASE,
                env=self.environment,
                start_new_session=True,
            )
        if self.port and not wait_until(lambda: listens(self.port)):
            end = self.log.read_text(errors="replace")[-2000:]
            raise CannotRun(f"{self.command[:3]} did not start:\n{end}")

    def send(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        self.send(signal.SIGCONT)
        self.send(number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self.process.wait()


@dataclass
class Server:
    """A PostgreSQL server, which refuses to run as root."""

    folder: Path
    port: int = field(default_factory=free_port)

    def run(self, program: str, *arguments: str) -> None:
        words = [found(program), *arguments]
        if os.getuid() == 0:
            words = ["su", "postgres", "-c", shlex.join(words)]
        log = self.folder.parent / "postgresql.log"
        with log.open("ab") as file:
            if subprocess.run(words, stdout=file, stderr=file, cwd="/tmp").returncode:
                raise CannotRun(f"{program} failed; see {log}")

    def create(self) -> None:
        self.run("initdb", "-D", str(self.folder), "-U", "newsroom", "--auth=trust", "--no-sync")

    def copy(self, primary: "Server") -> None:
        place = f"host=127.0.0.1 port={primary.port} user=newsroom"
        # With a slot: what the standby still lacks is kept for it, however long it is away.
        slot = ["-R", "-C", "-S", "standby"]
        quick = ["--checkpoint=fast", "--no-sync"]
        self.run("pg_basebackup", "-D", str(self.folder), *slot, *quick, "-d", place)

    def start(self) -> None:
        options = f"-p {self.port} -k /tmp -c listen_addresses=127.0.0.1 -c max_connections=60"
        log = str(self.folder.parent / f"{self.folder.name}.log")
        self.run("pg_ctl", "-D", str(self.folder), "-w", "-l", log, "-o", options, "start")

    def kill(self) -> None:
        """Stop it as a loss of power would."""
        self.run("pg_ctl", "-D", str(self.folder), "-m", "immediate", "stop")

    def promote(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder), "-w", "promote")

    @property
    def runs(self) -> bool:
        return listens(self.port)

    def ask(self, statement: str) -> str:
        words = [found("psql"), "-qAt", "-h", "127.0.0.1", "-p", str(self.port), "-U", "newsroom"]
        words += ["-d", "newsroom", "-c", statement]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


class Site:
    """Everything that runs, and where."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.primary = Server(folder / "postgresql" / "primary")
        self.standby = Server(folder / "postgresql" / "standby")
        self.front, self.secure = free_port(), free_port()
        self.redis_port = free_port()
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "ENVIRONMENT": "production",
            "SECRET_KEY": "of-a-site-that-lives-for-two-minutes-" + "x7" * 12,
            "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
            "SITE_URL": f"http://{HOST}:{self.front}",
            "SECURE_SSL_REDIRECT": "off",
            "TRUSTED_PROXY_COUNT": "1",
            "VAR_DIR": str(folder / "var"),
            "DATABASE_URL": f"postgres://newsroom@{hosts}/newsroom",
            "REPLICA_URLS": f"postgres://newsroom@127.0.0.1:{self.standby.port}/newsroom",
            "REPLICA_MAX_LAG": str(MAX_LAG),
            "CACHE_URL": f"redis://127.0.0.1:{self.redis_port}/0",
        }
        manage = [sys.executable, "manage.py"]
        self.nodes = [
            self.program([*manage, "serve", str(port), "--no-worker", "--workers", "1"], port)
            for port in (free_port(), free_port())
        ]
        self.worker = self.program([*manage, "work"], 0)
        quiet = ["--save", "", "--dir", str(folder), "--bind", "127.0.0.1"]
        self.redis = self.program(
            [found("redis-server"), "--port", str(self.redis_port), *quiet], self.redis_port
        )
        conf = str(folder / "nginx.conf")
        self.nginx = self.program([found("nginx"), "-c", conf, "-p", str(folder)], self.front)
        self.guide: dict[str, str] = {}

    def program(self, command: list[str], port: int) -> Program:
        name = "-".join(Path(word).name for word in command[:3])
        return Program(command, port, self.folder / f"{name}-{port}.log", self.environment)

    def start(self) -> None:
        (self.folder / "postgresql").mkdir()
        self.folder.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(self.folder / "postgresql", "postgres")
        say("PostgreSQL: a primary, and a standby that streams from it")
        self.primary.create()
        self.primary.start()
        self.primary.run(
            "createdb",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.primary.port),
            "-U",
            "newsroom",
            "newsroom",
        )
        self.standby.copy(self.primary)
        self.standby.start()
        self.redis.start()
        say("A small newsroom in it")
        self.manage("prepare")
        self.guide = json.loads(
            self.manage("seed_scale", "--articles", "40", "--comments", "4000", "--json", "--yes")
        )
        say("Redis, two web nodes, a worker, nginx")
        for node in self.nodes:
            node.start()
        self.worker.start()
        self.write_nginx()
        self.nginx.start()

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=BASE,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CannotRun(f"manage.py {words[0]} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    def write_nginx(self) -> None:
        """Write the shipped configuration with the ports and folders of this run."""
        conf = (DEPLOY / "nginx" / "newsroom.conf").read_text()
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        made = [found("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        made += ["-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={HOST}"]
        subprocess.run(made, capture_output=True, check=True)
        nodes = "\n".join(
            f"    server 127.0.0.1:{node.port} max_fails=1 fail_timeout=2s;" for node in self.nodes
        )
        for shipped, here in (
            ("    server 127.0.0.1:8000 max_fails=1 fail_timeout=2s;", nodes),
            ("listen 80 default_server;", f"listen 127.0.0.1:{self.front} default_server;"),
            (
                "listen 80;\n    server_name news",
                f"listen 127.0.0.1:{self.front};\n"
                f"    listen 127.0.0.1:{self.secure} ssl http2;\n"
                f"    ssl_certificate {certificate};\n"
                f"    ssl_certificate_key {key};\n    server_name 127.0.0.1 news",
            ),
            (
                "/var/log/nginx/newsroom.log combined buffer=64k flush=5s",
                f"{self.folder}/access.log nodes",
            ),
            ("/var/cache/nginx/newsroom", f"{self.folder}/cache"),
            ("/var/lib/newsroom", f"{self.folder}/var"),
            ("/srv/newsroom/deploy", str(DEPLOY)),
        ):
            if shipped not in conf:
                raise CannotRun(f"newsroom.conf does not say {shipped!r} any more.")
            conf = conf.replace(shipped, here)
        (self.folder / "newsroom.conf").write_text(conf)
        whole = WHOLE_NGINX.format(
            folder=self.folder,
            types="/etc/nginx/mime.types",
            user="user root;" if os.getuid() == 0 else "",
        )
        (self.folder / "nginx.conf").write_text(whole)

    def stop(self) -> None:
        for program in (self.nginx, self.worker, *self.nodes, self.redis):
            program.stop()
        for server in (self.standby, self.primary):
            if server.runs:
                server.kill()

    def fetched(self, path: str) -> list[str]:
        """Return which nodes nginx asked for a path, one word for each time."""
        lines = (self.folder / "access.log").read_text().splitlines()
        parts = [line.rsplit(" ", 2) for line in lines]
        return [nodes for nodes, _, asked in parts if asked == path and nodes != "-"]
