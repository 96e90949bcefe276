"""What a start refuses, and with which sentence."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError

from newsroom import environment
from newsroom.management.commands.prepare import refuse_read_only, refuse_taken_port
from newsroom.management.commands.serve import kept_running

PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "a-secret-of-more-than-fifty-characters-" + "x7" * 12,
    "ALLOWED_HOSTS": "news.example",
    "SITE_URL": "https://news.example",
}


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of its own, with these variables alone."""
    return subprocess.run(
        [sys.executable, "-c", "from newsroom import settings; print(settings.DEBUG)"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
    )


def test_production_starts_with_what_it_demands_and_without_debug(tmp_path):
    started = start(**PRODUCTION, VAR_DIR=str(tmp_path), DEBUG="on")
    assert started.stdout.strip() == "False", started.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL"])
def test_production_does_not_start_without_what_it_demands(missing, tmp_path):
    variables = {name: value for name, value in PRODUCTION.items() if name != missing}
    started = start(**variables, VAR_DIR=str(tmp_path))
    assert started.returncode != 0
    assert f"{missing} must be set when ENVIRONMENT=production" in started.stderr


def test_environment_is_one_of_two(tmp_path):
    started = start(ENVIRONMENT="prod", VAR_DIR=str(tmp_path))
    assert "ENVIRONMENT must be development or production" in started.stderr


def test_development_makes_a_secret_once_and_keeps_it_to_its_owner(tmp_path):
    path = tmp_path / "var" / "secret_key"
    secret = environment.kept_secret(path)
    assert len(secret) > 50
    assert environment.kept_secret(path) == secret
    assert path.stat().st_mode & 0o077 == 0


def test_switches_take_only_words_that_say_on_or_off(monkeypatch):
    monkeypatch.setenv("LIMITS", "off")
    assert environment.flag("LIMITS", default=True) is False
    monkeypatch.setenv("LIMITS", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="LIMITS must be on or off"):
        environment.flag("LIMITS")


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://me:p%40ss@mail.example", 587, True, False),
        ("smtps://mail.example:4465", 4465, False, True),
    ],
)
def test_mail_server_is_read_from_its_address(url, port, tls, ssl):
    server = environment.mail_server(url)
    assert (server["EMAIL_PORT"], server["EMAIL_USE_TLS"], server["EMAIL_USE_SSL"]) == (
        port,
        tls,
        ssl,
    )
    if "@" in url:
        assert server["EMAIL_HOST_PASSWORD"] == "p@ss"


def test_mail_server_of_another_kind_is_refused():
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must begin with"):
        environment.mail_server("imap://mail.example")


def test_taken_port_is_refused_with_another_to_try():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Port {port} is in use.*PORT={port + 1}"):
            refuse_taken_port(port)
    refuse_taken_port(port)


def test_number_that_is_no_port_is_refused():
    with pytest.raises(CommandError, match="from 1 to 65535"):
        refuse_taken_port(99999)


def test_folder_that_cannot_be_written_is_refused_by_name(tmp_path):
    # A file stands where the folder should: that stops root as well.
    place = tmp_path / "var"
    place.write_text("")
    with pytest.raises(CommandError, match=r"cannot be written.*VAR_DIR"):
        refuse_read_only(place)


def note(path, then: str = "") -> tuple[str, ...]:
    """Return a command that adds a line to the file at ``path``, then does what ``then`` says."""
    program = f"import time; open({str(path)!r}, 'a').write('started\\n'); {then}"
    return (sys.executable, "-c", program)


def lines(path, at_least: int) -> int:
    """Return how many lines there are in a file, once there are so many."""
    for _ in range(200):
        count = len(path.read_text().splitlines()) if path.exists() else 0
        if count >= at_least:
            return count
        time.sleep(0.05)
    raise AssertionError(f"fewer than {at_least} lines")


def test_a_worker_that_dies_is_started_again_and_none_is_left_behind(tmp_path, caplog):
    path = tmp_path / "starts"
    with kept_running(note(path, "raise SystemExit(3)"), again=0.01):
        lines(path, at_least=3)
    assert "The worker ended (3); starting it again." in caplog.text
    count = lines(path, at_least=3)
    assert not [thread for thread in threading.enumerate() if thread.name == "worker"]
    assert lines(path, at_least=3) == count


def test_a_worker_ends_with_the_server(tmp_path, monkeypatch):
    path, started, popen = tmp_path / "starts", [], subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda command: started.append(popen(command)) or started[-1]
    )
    with kept_running(note(path, "time.sleep(60)")):
        lines(path, at_least=1)
        assert started[0].poll() is None
    assert started[0].returncode == -signal.SIGTERM
    assert len(started) == 1


def test_the_worker_outlasts_a_database_that_does_not_answer_and_ends_when_asked(tmp_path):
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "work"],
        cwd=settings.BASE_DIR,
        # A database without tables.
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert worker.stderr is not None
        assert "The worker rests" in worker.stderr.readline()
        assert worker.poll() is None
        worker.terminate()
        assert worker.wait(timeout=20) == 0
    finally:
        worker.kill()
        worker.wait()
