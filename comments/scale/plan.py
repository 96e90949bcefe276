"""How large a newsroom is asked for, and how many comments each of its stories gets."""

from dataclasses import dataclass

MOST = 100_000  # comments under one story, but for the biggest
SMALLEST, REFERENCE = 10, 200  # comments of the first two measured stories
# Further ones, each if it is no more than a fifth of all comments.
LARGER = (10_000, 100_000)
LARGEST = 1_000_000
FEWEST_ARTICLES = 10
FEWEST_READERS = 200
COMMENTS_EACH = 50  # of a reader, on average
STORIES_EACH = 200  # of a reporter


class Impossible(Exception):
    """A newsroom that cannot be as it was asked for."""


@dataclass(frozen=True)
class Plan:
    """How many of each are asked for."""

    articles: int
    comments: int
    # Of one more measured story; 0 for none.
    biggest: int = 0
    # Of the comments, those that wait for a moderator; ``None`` for a few.
    pending: int | None = None

    @property
    def waiting(self) -> int:
        return self.comments // 500 if self.pending is None else self.pending

    @property
    def readers(self) -> int:
        return max(FEWEST_READERS, self.comments // COMMENTS_EACH)

    @property
    def reporters(self) -> int:
        return max(4, min(200, self.articles // STORIES_EACH))

    @property
    def measured(self) -> list[int]:
        """The numbers of comments of the measured stories, ascending."""
        larger = [size for size in LARGER if 5 * size <= self.comments]
        return sorted({SMALLEST, REFERENCE, *larger, *([self.biggest] if self.biggest else [])})

    def sizes(self, stories: int) -> list[int]:
        """Return how many settled comments each of so many other stories has, the most first.

        Each has as many as the first divided by its rank (Zipf), and none more than ``MOST``.
        Raises ``Impossible`` where that does not come out.
        """
        rest = self.comments - self.waiting - sum(self.measured)
        if self.biggest and not REFERENCE < self.biggest <= LARGEST:
            raise Impossible(f"The biggest story has {REFERENCE + 1:,} to {LARGEST:,} comments.")
        if rest < 0 or self.articles < FEWEST_ARTICLES:
            raise Impossible(
                f"That takes at least {FEWEST_ARTICLES} articles and {self.comments - rest:,} "
                "comments: some stand under stories of a known size, and some wait."
            )
        if rest > MOST * stories:
            raise Impossible(f"No story takes more than {MOST:,} comments: ask for more articles.")
        ranks, least, most = range(1, stories + 1), 0.0, float(rest * stories + 1)
        for _ in range(60):
            first = (least + most) / 2
            whole = sum(min(MOST, int(first / rank)) for rank in ranks)
            least, most = (first, most) if whole <= rest else (least, first)
        sizes = [min(MOST, int(least / rank)) for rank in ranks]
        missing = rest - sum(sizes)
        # What is left over goes to those that have the fewest.
        for place in reversed(range(stories)):
            more = min(MOST - sizes[place], -(-missing // (place + 1)))
            sizes[place] += more
            missing -= more
        return sizes
