"""Who says the same: comments of several accounts that share much of their words.

Of a text's runs of four words the smallest hashes are kept, the same ones for the same text: two
texts that share half of them share about half of what they say (Broder's sketches, 1997). Short
texts have none: many people say “I quite agree with you”.
"""

import datetime
import functools
import hashlib
import itertools
from collections import Counter

from django.db import connection
from django.utils import timezone

from comments.models import Comment, TextMark

RUN = 4  # words
FEWEST = 8  # words from which a text is looked at in runs
KEPT = 8  # hashes of one text
LATELY = datetime.timedelta(days=7)
MOST_ROWS = 2000  # of the table, for one comment
INSERT = "INSERT INTO comments_textmark (comment_id, author_id, mark, at) VALUES"


def marks(comment: Comment) -> list[int]:
    """Return the hashes that stand for what ``comment`` says; none for a few words."""
    return list(_marks(comment.fingerprint))


# A comment on its way is asked three times for them.
@functools.lru_cache(maxsize=4)
def _marks(fingerprint: str) -> tuple[int, ...]:
    words = fingerprint.split()
    if len(words) < FEWEST:
        return ()
    runs = {" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
    return tuple(sorted(_hash(run) for run in runs)[:KEPT])


def _hash(words: str) -> int:
    digest = hashlib.blake2b(words.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1  # as large as both databases take


def remember(comment: Comment) -> None:
    """Keep the marks of a new comment. One query."""
    if found := marks(comment):
        # By hand: eight rows took the ORM a tenth of what a whole post takes.
        at = connection.ops.adapt_datetimefield_value(timezone.now())
        rows = [(comment.pk, comment.author_id, mark, at) for mark in found]
        values = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(f"{INSERT} {values}", list(itertools.chain(*rows)))


def alike(comment: Comment, percent: int) -> list[int]:
    """Return the ids of accounts whose words of late are ``percent`` the same. One query."""
    own = marks(comment)
    if not own:
        return []
    rows = (
        TextMark.objects.filter(mark__in=own, at__gt=timezone.now() - LATELY, author__isnull=False)
        .exclude(author=comment.author_id)
        .values_list("comment", "author", "mark")
        .order_by("-at")[:MOST_ROWS]
    )
    shared: Counter[tuple[int, int]] = Counter()
    for other, author, _ in rows:
        if author is not None:
            shared[other, author] += 1
    enough = [author for (_, author), count in shared.items() if 100 * count >= percent * len(own)]
    return list(dict.fromkeys(enough))
