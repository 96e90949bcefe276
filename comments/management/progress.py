"""How far a command has come, on one line of the terminal, where it takes more than a second."""

import time
from typing import TextIO

PAUSE = 1.0  # seconds until the first word
STEP = 0.2  # seconds between two


class Progress:
    """Shows what it is told, not too often; on anything but a terminal it says nothing."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.is_shown = stream.isatty()
        self.next = time.monotonic() + PAUSE
        self.width = 0

    def __call__(self, what: str, part: float) -> None:
        """Tell how many were done, and which part of the whole that is."""
        if not self.is_shown or time.monotonic() < self.next:
            return
        line = f"{what}, {part:.0%}"
        self.stream.write(f"\r{line:{self.width}}")
        self.stream.flush()
        self.width = len(line)
        self.next = time.monotonic() + STEP

    def end(self) -> None:
        """Clear the line, for what the command has to say."""
        if self.width:
            self.stream.write("\r" + " " * self.width + "\r")
            self.stream.flush()
            self.width = 0
