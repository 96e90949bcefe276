"""What a measurement needs running: database, cache and servers, each in a folder of its own.

Everything here starts a program, waits until it answers and stops it again, whatever happens.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BASE = Path(__file__).resolve().parents[1]
PATIENCE = 60.0  # seconds for a program to answer, or to end
# As an operator of one machine with little memory would set them; the rest as shipped.
POSTGRESQL = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.max": "2000",
}
# The site's own role, and the one that looks on: what the second does is not counted.
SITE_ROLE, LOOKER = "newsroom", "bench"
NGINX = """
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
}}
"""


class CannotRun(Exception):
    """Something that a measurement needs is not here, or does not start."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def found(program: str) -> str:
    """Return where a program is; empty where this machine has none of that name."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin") or ""


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: list[str],
    port: int,
    log: Path,
    env: dict[str, str] | None = None,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends, which begins once it answers on ``port``.

    Raises ``CannotRun`` with the end of its log if it never does.
    """
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command, stdout=file, stderr=file, env=env, user=user, cwd=BASE
        )
    try:
        until = time.monotonic() + PATIENCE
        while not answers(port):
            if process.poll() is not None or time.monotonic() > until:
                end = log.read_text(errors="replace")[-2000:]
                raise CannotRun(f"{command[0]} did not start:\n{end}")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Database:
    """A PostgreSQL cluster of our own."""

    def __init__(self, folder: Path) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version)
        initdb = found("initdb")
        if not programs and not initdb:
            raise CannotRun("PostgreSQL is not installed; Debian's package is postgresql.")
        self.programs = Path(initdb).parent if initdb else programs[-1]
        self.folder = folder / "postgres"
        self.port = free_port()
        # It refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None

    def url(self, name: str = "newsroom", role: str = SITE_ROLE) -> str:
        return f"postgres://{role}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def started(self) -> Iterator[None]:
        log = self.folder.parent / "postgres.log"
        if is_new := not (self.folder / "PG_VERSION").exists():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            if self.user:
                shutil.chown(self.folder, self.user)
                _let_through(self.folder, self.user)
            self._run("initdb", "-U", LOOKER, "--auth=trust", "-D", str(self.folder))
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
        } | POSTGRESQL
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self.folder), *options]
        with running(command, self.port, log, user=self.user):
            self._wait()
            if is_new:
                self.run(f"CREATE ROLE {SITE_ROLE} LOGIN", "postgres")
            yield

    def create(self, name: str) -> bool:
        """Make a database of the site's, unless it is there. Returns whether it is new."""
        if self.rows(f"SELECT 1 FROM pg_database WHERE datname = '{name}'", "postgres"):  # noqa: S608
            return False
        self.run(f"CREATE DATABASE {name} OWNER {SITE_ROLE}", "postgres")
        self.run("CREATE EXTENSION pg_stat_statements", name)
        return True

    def run(self, statement: str, name: str = "newsroom") -> None:
        import psycopg

        with psycopg.connect(self.url(name, LOOKER), autocommit=True) as connection:
            connection.execute(statement)

    def rows(self, query: str, name: str = "newsroom") -> list[tuple]:
        import psycopg

        with psycopg.connect(self.url(name, LOOKER), autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def _wait(self) -> None:
        import psycopg

        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.run("SELECT 1", "postgres")
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self.programs / program), *words]
        done = subprocess.run(command, user=self.user, capture_output=True, cwd="/")  # noqa: S603
        if done.returncode:
            raise CannotRun(f"{program}: {done.stderr.decode(errors='replace')}")


def _version(programs: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", programs.parent.name)]


def _let_through(folder: Path, user: str) -> None:
    """Have ``user`` reach a folder: those above it were perhaps made for us alone."""
    if pwd.getpwnam(user).pw_uid != os.geteuid():
        for above in folder.parents:
            if above.stat().st_uid == os.geteuid() and above != Path("/"):
                above.chmod(above.stat().st_mode | 0o011)


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a cache; gives its address, empty where this machine has no Redis or Valkey."""
    program = found("valkey-server") or found("redis-server")
    if not program:
        yield ""
        return
    port = free_port()
    command = [
        program, "--port", str(port), "--bind", "127.0.0.1", "--save", "",
        "--dir", str(folder), "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru",
    ]  # fmt: skip
    with running(command, port, folder / "redis.log"):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def nginx(folder: Path, port: int, http: str, workers: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run nginx with the contents of its ``http`` block, for as long as the block."""
    program = found("nginx")
    if not program:
        raise CannotRun("nginx is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, http=http, workers=workers))
    # As whoever runs this, who may read the folder.
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    command = [program, "-c", str(configuration), "-e", str(folder / "error.log"), *user]
    with running(command, port, folder / "nginx.log") as process:
        yield process


def environment(folder: Path, database: str, cache: str, port: int) -> dict[str, str]:
    """Return the environment of a production site that answers plain HTTP on this machine."""
    return os.environ | {
        "ENVIRONMENT": "production",
        "SECRET_KEY": "known to everybody, for a site that nobody else can reach",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "SECURE_SSL_REDIRECT": "off",
        # So that each visitor has an address of their own.
        "TRUSTED_PROXY_COUNT": "1",
        "DATABASE_URL": database,
        "CACHE_URL": cache,
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
    }


def manage(env: dict[str, str], *words: str) -> str:
    """Run a command of the site's and return what it prints. What it says of its way is shown."""
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "manage.py", *words], cwd=BASE, env=env, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise CannotRun(f"manage.py {words[0]} failed.")
    return done.stdout


@contextmanager
def site(env: dict[str, str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the production server, without its worker."""
    command = [sys.executable, "manage.py", "serve", str(port), "--no-worker"]
    with running(command, port, log, env) as process:
        yield process


@contextmanager
def bare(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the floor: a Django view that answers what lies in ``folder``."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "bench.bare", "BENCH_PAGES": str(folder)}
    command = [sys.executable, "-m", "bench.bare", str(port)]
    with running(command, port, folder / "bare.log", env) as process:
        yield process
