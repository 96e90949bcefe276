"""How far a long command has come: which phase, how many rows, how fast, how long it will take."""

import time
from typing import TextIO

STEP = 0.5  # seconds between two words on a terminal
LINE_EVERY = 10.0  # and between two lines anywhere else


class Meter:
    """Moves one line of a terminal; into a file or a pipe it writes plain lines, not too often."""

    def __init__(self, stream: TextIO) -> None:
        self.stream, self.is_terminal = stream, stream.isatty()
        self.phase, self.began, self.next, self.width = "", 0.0, 0.0, 0

    def __call__(self, phase: str, done: int, whole: int) -> None:
        """Tell how many of a phase's rows or steps are done."""
        now = time.monotonic()
        if phase != self.phase:
            self.phase, self.began = phase, now
            self.next = now + (0 if self.is_terminal else LINE_EVERY)
        is_over = done >= whole
        if now < self.next and not is_over:
            return
        self.next = now + (STEP if self.is_terminal else LINE_EVERY)
        self._show(_words(phase, done, whole, now - self.began), is_over)

    def _show(self, line: str, is_over: bool) -> None:
        if self.is_terminal:
            end = "\n" if is_over else ""
            self.stream.write(f"\r{line:{self.width}}{end}")
            self.width = 0 if is_over else len(line)
        else:
            self.stream.write(f"{line}\n")
        self.stream.flush()


def _words(phase: str, done: int, whole: int, seconds: float) -> str:
    line = f"{phase:<13}{done:>11,} of {whole:,}"
    if done >= whole:
        return f"{line}, {seconds:.0f} s"
    if not done or seconds <= 0:
        return line
    rate, left = done / seconds, seconds * (whole - done) / done
    speed = f"{rate:,.0f} a second" if rate >= 1 else f"{1 / rate:.0f} s each"
    return f"{line}, {speed}, {_minutes(left)} left"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"
