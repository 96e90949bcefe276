"""The shape of a conversation: who answers what, what became visible, and what that counts."""

import math
import random
from dataclasses import dataclass, field
from typing import NamedTuple

from comments.models import Comment

Status = Comment.Status

THREADS_SHARE = 0.35  # of comments that begin a thread
NEAR = 9.0  # how far back, in comments, the one that is answered lies on average
DEEPEST = 30


class Fate(NamedTuple):
    """What becomes of a comment: where it stands, and how it came there."""

    status: Status
    was_seen: bool  # by readers, at least for a while
    is_by_person: bool  # who decided, where somebody did
    before: Status | None = None  # a decision was taken from here


SHOWN = Fate(Status.APPROVED, True, False)
WAITS = Fate(Status.PENDING, False, False)
# Of two hundred comments, how many meet which fate.
FATES = [
    fate
    for fate, share in (
        (SHOWN, 183),
        (Fate(Status.APPROVED, True, True, Status.PENDING), 6),
        (Fate(Status.REJECTED, False, True, Status.PENDING), 4),
        (Fate(Status.REJECTED, True, True, Status.APPROVED), 2),
        (Fate(Status.SPAM, False, True, Status.PENDING), 3),
        (Fate(Status.REMOVED, True, False, Status.APPROVED), 2),
    )
    for _ in range(share)
]
# The conversation with which the measured stories begin: so many threads, each with replies that
# answer these places in it. All of it stands on the first page.
OPENING_THREADS = 20
OPENING = (-1, 0, 1, 0, 3, 4, 0, 2, 0, 8)


@dataclass
class Shape:
    """A conversation's comments by their places, in the order in which they were written."""

    parents: list[int] = field(default_factory=list)  # -1 where it begins a thread
    roots: list[int] = field(default_factory=list)  # itself where it begins one
    depths: list[int] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    # Those that can be answered.
    speakers: list[int] = field(default_factory=list)

    def add(self, parent: int, fate: Fate) -> None:
        place = len(self.parents)
        self.parents.append(parent)
        self.roots.append(place if parent < 0 else self.roots[parent])
        self.depths.append(0 if parent < 0 else self.depths[parent] + 1)
        self.fates.append(fate)
        if fate.was_seen:
            self.speakers.append(place)

    def open(self) -> None:
        """Begin as all measured stories do; what comes after answers nothing of it."""
        for thread in range(OPENING_THREADS):
            for parent in OPENING:
                self.add(parent + thread * len(OPENING) if parent >= 0 else -1, SHOWN)
        self.speakers.clear()

    def grow(self, size: int, chance: random.Random, is_calm: bool = False) -> None:
        """Go on up to ``size`` comments. In a calm conversation all of them are shown."""
        draw, log = chance.random, math.log
        for _ in range(size - len(self.parents)):
            fate = SHOWN if is_calm else FATES[int(draw() * len(FATES))]
            parent = -1
            if self.speakers and draw() > THREADS_SHARE:
                back = int(-NEAR * log(1 - draw()))
                parent = self.speakers[-1 - min(back, len(self.speakers) - 1)]
                if self.depths[parent] >= DEEPEST:
                    parent = self.roots[parent]
            self.add(parent, fate)

    def wait(self, count: int) -> None:
        """Add comments that wait for a moderator, at the end."""
        for _ in range(count):
            self.add(-1, WAITS)

    def visible_below(self) -> list[int]:
        """Return how many visible comments stand below each, at any depth."""
        below = [0] * len(self.parents)
        for place in range(len(self.parents) - 1, -1, -1):
            parent = self.parents[place]
            if parent >= 0:
                below[parent] += below[place] + (self.fates[place].status == Status.APPROVED)
        return below
