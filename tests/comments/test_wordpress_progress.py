"""How far a command has come, on the terminal."""

import io

from comments.management.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_after_a_second_and_cleared_at_the_end(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("comments.management.progress.time.monotonic", lambda: now[0])
    terminal = Terminal()
    progress = Progress(terminal)
    progress("1 records", 0.1)
    assert terminal.getvalue() == ""
    now[0] += 1.1
    progress("20 records", 0.5)
    progress("21 records", 0.51)
    assert terminal.getvalue() == "\r20 records, 50%"
    progress.end()
    assert terminal.getvalue().endswith("\r" + " " * 15 + "\r")


def test_what_is_no_terminal_gets_no_progress(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("comments.management.progress.time.monotonic", lambda: now[0])
    stream = io.StringIO()
    progress = Progress(stream)
    now[0] += 10
    progress("20 records", 0.5)
    progress.end()
    assert stream.getvalue() == ""
