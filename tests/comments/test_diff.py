"""What changed between two texts, word by word, however hostile they are."""

import itertools
import time

import pytest

from comments.diff import word_diff

MANY = " ".join(str(number) for number in range(1000))


def sides(pieces):
    before = "".join(words for kind, words in pieces if kind != "ins")
    after = "".join(words for kind, words in pieces if kind != "del")
    return before, after


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("", "", []),
        ("The wall.", "The wall.", [("same", "The wall.")]),
        ("", "New words.", [("ins", "New words.")]),
        ("Old words.", "", [("del", "Old words.")]),
        (
            "The wall was low.",
            "The wall was far too low.",
            [("same", "The wall was "), ("ins", "far too "), ("same", "low.")],
        ),
        # Neighbouring changes are one, and what went is told before what came.
        (
            "one two three",
            "four five three",
            [("del", "one two"), ("ins", "four five"), ("same", " three")],
        ),
        # A new paragraph is a change.
        ("a b", "a\n\nb", [("same", "a"), ("del", " "), ("ins", "\n\n"), ("same", "b")]),
        # An address behind the same words is one too.
        (
            "See [this](https://a.example).",
            "See [this](https://b.example).",
            [
                ("same", "See "),
                ("del", "[this](https://a.example)."),
                ("ins", "[this](https://b.example)."),
            ],
        ),
        (
            "日本語です",
            "日本人です",
            [("same", "日本"), ("del", "語"), ("ins", "人"), ("same", "です")],
        ),
    ],
)
def test_changes_are_told_word_by_word(old, new, pieces):
    assert word_diff(old, new) == pieces


def test_nothing_of_either_text_is_lost():
    words = ["a", "b", "a b", "b a b", "a a\nb", "", " ", "b\n\na", "c a b c", "a c b a"]
    for old, new in itertools.product(words, repeat=2):
        assert sides(word_diff(old, new)) == (old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 2500, "b a " * 1250),
        ("日" * 2500 + "本" * 2500, "本" * 2500 + "日" * 2500),
        ("日本" * 2500, "本日本" * 1666),
        (MANY, " ".join(reversed(MANY.split()))),
        ("a" * 5000, "b" * 5000),
        ("\u0301" * 5000, "\u200b" * 5000),
        (" " * 5000, "\t" * 5000),
    ],
)
def test_hostile_texts_take_no_time(old, new):
    start = time.perf_counter()
    pieces = word_diff(old, new)
    assert time.perf_counter() - start < 1
    assert sides(pieces) == (old, new)
