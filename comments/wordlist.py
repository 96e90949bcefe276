"""The desk's words and patterns, matched against text as it reads rather than as it is spelt.

A comment is folded (case, accents, look-alike letters, invisible characters), with a map back to
the typed text that says which words to mark for the moderator. A word finds itself also with
digits for letters, with its letters apart, or drawn out. For patterns, which say exactly what
they look for, the text is read anew: with digits as letters, and with gaps closed.
"""

import functools
import itertools
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

from accounts.names import fold_letter
from comments.text import INVISIBLE, fold

if TYPE_CHECKING:
    from comments.models import WordRule

SECONDS_PER_RULE = 0.1
# What is shown of a match; a pattern may match a whole comment.
LONGEST_MATCH = 200
# What stands for a letter in words that are meant to slip through.
STAND_INS = {
    "a": "4@", "b": "8", "c": "(¢", "e": "3€", "g": "69", "i": "1!|", "l": "1!|£", "o": "0",
    "s": "5$", "t": "7+", "z": "2",
}  # fmt: skip
AS_LETTERS = str.maketrans("013457@$!", "oieastasi")
STAND_IN = re.compile(r"[013457@$!]")
# A word with digits or signs in it, a sign of exclamation only between letters.
WORDLIKE = re.compile(r"[\w@$]+(?:!+[\w@$]+)*")
# What may stand between letters that are written apart.
GAP = r"[\W_]{1,3}"
WIDEST_GAP = 3
# As often may a drawn-out letter come; more would make long rows of one letter slow to read.
LONGEST_DRAWL = 300


@dataclass(frozen=True)
class Reading:
    """One way to read a text: its letters, and for each where it stands in the typed text."""

    letters: str
    places: tuple[int, ...]
    typed: str
    for_words: bool = True

    def typed_between(self, start: int, end: int) -> str:
        return self.typed[self.places[start] : self.places[end - 1] + 1]

    def keeping(self, indexes: Iterable[int]) -> "Reading":
        """Return this reading with only the letters at ``indexes``, for patterns."""
        kept = list(indexes)
        return Reading(
            "".join(self.letters[index] for index in kept),
            tuple(self.places[index] for index in kept),
            self.typed,
            for_words=False,
        )


# The same text is read by the desk's rules and before posting, one after the other.
@functools.lru_cache(maxsize=4)
def readings(typed: str) -> tuple[Reading, ...]:
    """Return the ways to read ``typed``, the plain one first."""
    folded = _folded(typed)
    ways = [folded]
    # A capital I among small letters passes for an l.
    as_l = re.sub(r"I(?=[a-z])|(?<=[a-z])I", "l", typed)
    if as_l != typed:
        ways.append(Reading(_folded(as_l).letters, folded.places, typed))
    as_letters = folded.letters
    if STAND_IN.search(as_letters):
        as_letters = WORDLIKE.sub(_digits_as_letters, as_letters)
    if as_letters != folded.letters:
        ways.append(Reading(as_letters, folded.places, typed, for_words=False))
    for way in list(ways):
        if gaps := _gaps(way.letters):
            ways.append(way.keeping(i for i in range(len(way.letters)) if i not in gaps))
    return tuple(ways)


def _folded(typed: str) -> Reading:
    letters: list[str] = []
    places: list[int] = []
    has_invisible = INVISIBLE.search(typed) is not None
    for place, character in enumerate(typed):
        if not (has_invisible and INVISIBLE.match(character)):
            for letter in fold_letter(character):
                letters.append(letter)
                places.append(place)
    return Reading("".join(letters), tuple(places), typed)


def _gaps(letters: str) -> set[int]:
    """Return where single letters stand apart, three or more in a row: the places between them."""
    gaps: set[int] = set()
    row: list[int] = []
    for word in [*re.finditer(r"[^\W_]+", letters), None]:
        is_single = word is not None and word.end() - word.start() == 1
        if word and is_single and (not row or word.start() - row[-1] <= WIDEST_GAP + 1):
            row.append(word.start())
            continue
        if len(row) > 2:
            gaps.update(set(range(row[0], row[-1])) - set(row))
        row = [word.start()] if word and is_single else []
    return gaps


def _digits_as_letters(word: re.Match[str]) -> str:
    """Read ``c0rrupt`` as a word; a number by itself, or a road like the A55, stays."""
    return word[0].translate(AS_LETTERS) if _is_spelt(word[0]) else word[0]


def _is_spelt(word: str) -> bool:
    """Tell whether letters make up at least half of what letters and digits ``word`` has."""
    return sum(c.isalpha() for c in word) >= sum(c.isdigit() for c in word)


def compile_rule(rule: "WordRule") -> "regex.Pattern[str]":
    """Return the rule's pattern. Raises ``ValueError``, worded for the desk, if it is none."""
    return _compile(rule.kind, rule.pattern)


@functools.lru_cache(maxsize=20_000)
def _compile(kind: str, pattern: str) -> "regex.Pattern[str]":
    if not pattern.strip():
        raise ValueError("Write the word or the pattern.")
    if kind == "word":
        words = [fold(word) for word in pattern.split()]
        if not any(c.isalnum() for word in words for c in word):
            raise ValueError("A word needs a letter or a digit.")
        close = r"[\W_]+".join(_spelt(word) for word in words)
        letters = [c for word in words for c in word]
        ways = [close]
        if len(letters) > 2:
            # With its letters apart: all of them, so that two words are not taken for one.
            ways.append(GAP.join(_one_of(c) for c in letters if c != "*"))
        return regex.compile(rf"(?<!\w)(?:{'|'.join(ways)})(?!\w)")
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except regex.error as error:
        raise ValueError(f"This is not a regular expression: {error}.") from error


def _spelt(word: str) -> str:
    """Return the pattern of a word whose letters may be drawn out, three times or more."""
    parts = []
    for letter, run in itertools.groupby(word):
        count = len(list(run))
        one = _one_of(letter)
        if letter == "*":
            parts.append(r"\w*")
        elif letter.isalpha():
            parts.append(f"(?:{one}{{{max(3, count)},{LONGEST_DRAWL}}}+|{one}{{{count}}})")
        else:
            parts.append(f"{one}{{{count}}}")
    return "".join(parts)


def _one_of(letter: str) -> str:
    stand_ins = STAND_INS.get(letter)
    return f"[{regex.escape(letter + stand_ins)}]" if stand_ins else regex.escape(letter)


def matches(rule: "WordRule", ways: Sequence[Reading]) -> list[str]:
    """Return the typed words that ``rule`` finds, each once.

    Raises ``TimeoutError`` for a pattern that takes too long on this text, and ``ValueError`` for
    one that is none.
    """
    pattern = compile_rule(rule)
    is_word = rule.kind == "word"
    has_digits = any(c.isdigit() for c in rule.pattern)
    found: dict[str, None] = {}
    for way in ways:
        if is_word and not way.for_words:
            continue
        for match in pattern.finditer(way.letters, timeout=SECONDS_PER_RULE):
            if match.end() == match.start():
                continue
            if is_word and not has_digits and not _is_spelt(match[0]):
                continue
            found[way.typed_between(match.start(), match.end())[:LONGEST_MATCH]] = None
    return list(found)


# What texts are made of on which patterns with a repetition within another run for ever, how long
# they are, and what they end with, so that the pattern fails only there.
PIECES = ("a", "0", " ", "-", "ab", "a ", "a1", "x.", "www.")
LENGTHS = (24, 3000)
ENDS = ("", "!", "\n", "1!")
TIME_FOR_TRIALS = 2.0  # seconds for all of them


def is_endless(rule: "WordRule") -> bool:
    """Tell whether the rule's pattern takes too long on texts that are meant to have it do so."""
    pattern = compile_rule(rule)
    # Letters of the pattern itself are what such a text is made of.
    own = list(dict.fromkeys(c for c in rule.pattern if c.isalnum()))[:8]
    pieces = list(dict.fromkeys([*PIECES, *own, "".join(own)]))
    until = time.monotonic() + TIME_FOR_TRIALS
    try:
        for piece, length, end in itertools.product(filter(None, pieces), LENGTHS, ENDS):
            text = piece * (length // len(piece)) + end
            for _ in pattern.finditer(text, timeout=SECONDS_PER_RULE):
                pass
            if time.monotonic() > until:
                return True
    except TimeoutError:
        return True
    return False
