"""What was seen: a line for each promise."""

import time

BEGUN = time.monotonic()
failures: list[str] = []


def say(words: str) -> None:
    print(f"{time.monotonic() - BEGUN:5.0f} s  {words}", flush=True)


def fact(promise: str, holds: object, seen: object = "") -> None:
    if not holds:
        failures.append(promise)
    say(f"{'PASS' if holds else 'FAIL'}  {promise}{f'  ({seen})' if seen else ''}")
