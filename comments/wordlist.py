"""The desk's words and patterns, matched against text as it reads rather than as it is spelt.

A comment is folded (case, accents, look-alike letters, invisible characters), and beside that read
twice more: with digits standing for letters, and with letters that stand apart moved together. A
map back to the typed text says which words to mark for the moderator.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from accounts.names import latin_twin
from comments.text import INVISIBLE, LEET, fold

if TYPE_CHECKING:
    from comments.models import WordRule

SECONDS_PER_RULE = 0.2
# Three or more single letters with the same kind of gap between them: "l i a r", "l.i.a.r".
SPACED = re.compile(r"(?<!\w)\w(?:[\s._*·-]{1,3}\w){2,}(?!\w)")


@dataclass(frozen=True)
class Reading:
    """One way to read a text: its letters, and for each where it stands in the typed text."""

    letters: str
    places: tuple[int, ...]
    typed: str

    def typed_between(self, start: int, end: int) -> str:
        return self.typed[self.places[start] : self.places[end - 1] + 1]


def readings(typed: str) -> list[Reading]:
    """Return the ways to read ``typed``: folded, with digits as letters, with gaps closed."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(typed):
        plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", character).casefold())
        for letter in plain:
            if not unicodedata.combining(letter) and not INVISIBLE.match(letter):
                letters.append(latin_twin(letter))
                places.append(place)
    folded = Reading("".join(letters), tuple(places), typed)
    ways = [folded]
    if (words := _digits_as_letters(folded.letters)) != folded.letters:
        ways.append(Reading(words, folded.places, typed))
    for way in list(ways):
        kept = [
            index
            for index in range(len(way.letters))
            if way.letters[index].isalnum() or not _in_a_gap(way.letters, index)
        ]
        if len(kept) < len(way.letters):
            ways.append(
                Reading(
                    "".join(way.letters[index] for index in kept),
                    tuple(way.places[index] for index in kept),
                    typed,
                )
            )
    return ways


def _digits_as_letters(letters: str) -> str:
    """Read ``c0rrupt`` as a word; a number by itself stays a number."""
    return re.sub(
        r"[\w@$!]*[^\W\d_][\w@$!]*",
        lambda word: word[0].translate(LEET) if re.search(r"[\d@$!]", word[0]) else word[0],
        letters,
    )


@functools.lru_cache(maxsize=16)
def _gaps(letters: str) -> frozenset[int]:
    spans = (range(*match.span()) for match in SPACED.finditer(letters))
    return frozenset(index for span in spans for index in span)


def _in_a_gap(letters: str, index: int) -> bool:
    return index in _gaps(letters)


def compile_rule(rule: "WordRule") -> "regex.Pattern[str]":
    """Return the rule's pattern. Raises ``ValueError``, worded for the desk, if it is none."""
    return _compile(rule.kind, rule.pattern)


@functools.lru_cache(maxsize=2000)
def _compile(kind: str, pattern: str) -> "regex.Pattern[str]":
    if not pattern.strip():
        raise ValueError("Write the word or the pattern.")
    if kind == "word":
        words = [regex.escape(fold(word)) for word in pattern.split()]
        source = r"[\W_]+".join(words).replace(r"\*", r"\w*")
        return regex.compile(rf"(?<!\w){source}(?!\w)")
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except regex.error as error:
        raise ValueError(f"This is not a regular expression: {error}.") from error


def matches(rule: "WordRule", ways: list[Reading]) -> list[str]:
    """Return the typed words that ``rule`` finds, each once.

    Raises ``TimeoutError`` for a pattern that takes too long on this text.
    """
    pattern = compile_rule(rule)
    found: dict[str, None] = {}
    for way in ways:
        for match in pattern.finditer(way.letters, timeout=SECONDS_PER_RULE):
            if match.end() > match.start():
                found[way.typed_between(match.start(), match.end())] = None
    return list(found)
