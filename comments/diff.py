"""What changed between two texts of a comment, word by word."""

import re
from collections.abc import Sequence

SAME, INS, DEL = "same", "ins", "del"
# Spaces and words, and letters that are written without spaces one by one.
TOKEN = re.compile(r"\s+|[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]+")
# More changes than this, and the texts have too little in common to be told piece by piece. It
# bounds the time too: what takes longest of 5,000 characters takes a tenth of a second.
MOST_CHANGES = 400

Piece = tuple[str, str]


def word_diff(old: str, new: str) -> list[Piece]:
    """Return how ``old`` became ``new``: pieces of text, each ``same``, ``del`` or ``ins``.

    What is the same and what was deleted make up ``old``, what is the same and what was inserted
    make up ``new``, letter by letter. Texts that differ nearly everywhere are told as one deleted
    and one inserted between their common beginning and end.
    """
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    shortest = min(len(before), len(after))
    start = next((i for i in range(shortest) if before[i] != after[i]), shortest)
    rest = shortest - start
    end = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    here, there = before[start : len(before) - end], after[start : len(after) - end]
    middle = _changes(here, there)
    if middle is None:
        middle = [(DEL, "".join(here)), (INS, "".join(there))]
    return _joined(
        [
            (SAME, "".join(before[:start])),
            *middle,
            (SAME, "".join(before[len(before) - end :])),
        ]
    )


def _changes(old: Sequence[str], new: Sequence[str]) -> list[Piece] | None:
    """Return the fewest changes that make ``new`` of ``old``; ``None`` above ``MOST_CHANGES``.

    Source: E. W. Myers, An O(ND) Difference Algorithm and Its Variations (1986), the greedy one.
    """
    # Of each diagonal, how far into the old text so many changes reach; kept for the way back.
    reach, trail = {1: 0}, []
    for count in range(min(MOST_CHANGES, len(old) + len(new)) + 1):
        trail.append(reach.copy())
        for diagonal in range(-count, count + 1, 2):
            is_down = diagonal == -count or (
                diagonal != count and reach[diagonal - 1] < reach[diagonal + 1]
            )
            x = reach[diagonal + 1] if is_down else reach[diagonal - 1] + 1
            y = x - diagonal
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
            reach[diagonal] = x
            if x >= len(old) and y >= len(new):
                return _way_back(old, new, trail)
    return None


def _way_back(
    old: Sequence[str], new: Sequence[str], trail: Sequence[dict[int, int]]
) -> list[Piece]:
    x, y = len(old), len(new)
    pieces: list[Piece] = []
    for count in range(len(trail) - 1, -1, -1):
        reach, diagonal = trail[count], x - y
        is_down = diagonal == -count or (
            diagonal != count and reach[diagonal - 1] < reach[diagonal + 1]
        )
        before = diagonal + 1 if is_down else diagonal - 1
        from_x = reach[before]
        from_y = from_x - before
        while x > max(from_x, 0) and y > max(from_y, 0):
            x, y = x - 1, y - 1
            pieces.append((SAME, old[x]))
        if count:
            pieces.append((INS, new[from_y]) if is_down else (DEL, old[from_x]))
        x, y = from_x, from_y
    return pieces[::-1]


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces as they are read: of neighbouring changes first what went, then what came.

    A space that stayed between two changes is told as a part of both: "one two" for "three four",
    not four changes around a space.
    """
    told: list[Piece] = []
    gone = came = ""
    space = ""  # the same in both texts, after a change; nobody knows yet what follows
    for kind, words in pieces:
        if not words:
            continue
        if kind == SAME:
            if (gone or came) and words.isspace() and not space:
                space = words
                continue
            told += [(DEL, gone), (INS, came), (SAME, space + words)]
            gone = came = space = ""
            continue
        if space:
            gone, came, space = gone + space, came + space, ""
        if kind == DEL:
            gone += words
        else:
            came += words
    told += [(DEL, gone), (INS, came), (SAME, space)]
    joined: list[Piece] = []
    for kind, words in told:
        if not words:
            continue
        if joined and joined[-1][0] == kind:
            joined[-1] = (kind, joined[-1][1] + words)
        else:
            joined.append((kind, words))
    return joined
