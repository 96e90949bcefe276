"""What processes cost, as the kernel counts it."""

import os
from pathlib import Path

TICK = 1000 / os.sysconf("SC_CLK_TCK")  # milliseconds


def descendants(pid: int) -> list[int]:
    """Return ``pid`` and all processes below it."""
    below = [pid]
    for one in below:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            below += map(int, children.read_text().split())
    return below


def cpu(pids: list[int]) -> dict[int, float]:
    """Return the milliseconds that each process has computed, its own and the system's for it."""
    spent = {}
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except FileNotFoundError:
            continue
        # The name, in brackets, may hold anything.
        fields = stat.rpartition(")")[2].split()
        spent[pid] = (int(fields[11]) + int(fields[12])) * TICK
    return spent


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """Return the milliseconds computed between two looks; one that is new counts from its start."""
    return sum(now - before.get(pid, 0) for pid, now in after.items())


def memory(pid: int) -> int:
    """Return the bytes that a process holds, of what it shares its part (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
