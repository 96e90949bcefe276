"""Slips of typing: what a reader meant who found nothing.

By the words of headlines, standfirsts and names, which stand in a table of their own on either
database: no extension is needed. A correction is only offered if readers find something by it,
so that nothing is told of what they may not see.
"""

import re
from collections.abc import Iterable

from django.db import connections, router

from articles import search
from articles.excerpts import fold
from articles.models import Wording

SHORT, LONG = 4, 8  # letters from which on a word may hold one slip, and two
TRIED = 3  # known words that are tried in place of one
LAST = "\U0010ffff"  # after every word that begins alike


def mend(query: str) -> str:
    """Return ``query`` with its unknown words replaced by the nearest known, or "" if none is.

    Raises ``search.TooSlow``.
    """
    mended = query
    asked = search.Asked.of(query)
    words = {part for part in asked.wanted if search.WORD.fullmatch(part) and len(part) >= SHORT}
    near = {word: nearest(word, _alike(word)) for word in sorted(words)}
    for word, others in near.items():
        if not others or search.known(word):
            continue
        # Of those that are as near, the one that stands in more stories.
        tried = [(distance, -search.known(other), other) for distance, other in others]
        known = [one for one in tried if one[1]]
        if known:
            mended = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", min(known)[2], mended)
    return mended if mended != query else ""


def nearest(word: str, others: Iterable[str]) -> list[tuple[int, str]]:
    """Return the few of ``others`` that ``word`` may stand for, each with its distance in slips.

    A beginning of a word is as far from it as one slip more than there may be.
    """
    word = fold(word)
    slips = 2 if len(word) >= LONG else 1
    near = []
    for other in others:
        if other == word:
            continue
        if (distance := slips_between(word, other, slips)) <= slips:
            near.append((distance, other))
        elif other.startswith(word):
            near.append((slips + 1, other))
    # First those with the same beginning, which is seldom mistyped.
    near.sort(key=lambda one: (one[0], one[1][:1] != word[:1], len(one[1]), one[1]))
    return near[:TRIED]


def slips_between(one: str, other: str, most: int) -> int:
    """Return how many letters are wrong, missing, too many or swapped with their neighbour.

    More than ``most`` is ``most + 1``. The optimal string alignment distance.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, its in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most and (i < 2 or min(before) > most):
            return most + 1
    return min(row[-1], most + 1)


def _alike(word: str) -> list[str]:
    """Return known words that begin like ``word``, or with its second letter. One query."""
    word = fold(word)
    connection = connections[router.db_for_read(Wording)]
    table, column = (
        ("articles_spelt", "term")
        if connection.vendor == "sqlite"
        else ("articles_spelling", "word")
    )
    begins = f"SELECT {column} FROM {table} WHERE {column} >= %s AND {column} < %s"  # noqa: S608
    sized = f"{begins} AND length({column}) BETWEEN %s AND %s"
    lengths = [len(word) - 2, len(word) + 2]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{sized} UNION {sized} UNION {begins}",
            [word[0], word[0] + LAST, *lengths, word[1], word[1] + LAST, *lengths,
             word, word + LAST],
        )  # fmt: skip
        return [row[0] for row in cursor.fetchall()]
