"""A rule tried on the last 30 days before it goes live: what it would have found, and how often
people had decided otherwise.

Bounded by number and by time, and says so where that cut it short.
"""

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone

from comments import personal, text, wordlist
from comments.models import Comment, Decision, WordRule

SPAN = datetime.timedelta(days=30)
MOST = 20_000  # comments
SECONDS = 5.0
SHOWN = 50
CHUNK = 500
# From so many comments on, a rule that finds more than this share of them is no rule.
ENOUGH, TOO_MUCH = 20, 50  # percent

Finder = Callable[[Comment], list[str]]


@dataclass(frozen=True)
class Hit:
    """A comment that the rule finds, with the words, and what people made of it."""

    comment: Comment
    words: list[str]
    outcome: str


@dataclass
class Rehearsal:
    """What a rule would have done."""

    looked_at: int = 0
    hits: list[Hit] = field(default_factory=list)
    found: int = 0
    # Of those it found: what people decided.
    approved: int = 0
    rejected: int = 0
    waiting: int = 0
    unseen: int = 0  # published, and no person has looked
    is_cut_short: bool = False
    failed: str = ""

    @property
    def decided(self) -> int:
        return self.approved + self.rejected

    @property
    def wrong(self) -> int | None:
        """The share of what people decided on that they let stand, in percent."""
        return round(100 * self.approved / self.decided) if self.decided else None

    @property
    def share(self) -> int:
        """The share of all comments that it finds, in percent."""
        return round(100 * self.found / self.looked_at) if self.looked_at else 0

    @property
    def finds_too_much(self) -> bool:
        return self.looked_at >= ENOUGH and self.share > TOO_MUCH


def of_words(rule: WordRule, seconds: float = SECONDS) -> Rehearsal:
    """Try a word rule, saved or not."""

    def find(comment: Comment) -> list[str]:
        ways = wordlist.readings(text.plain(comment.body_html))
        return wordlist.matches(rule, ways)

    return rehearse(find, seconds)


def of_links(threshold: int) -> Rehearsal:
    """Try another number of links."""

    def find(comment: Comment) -> list[str]:
        addresses = text.addresses(comment.body_html)
        return addresses if len(addresses) >= threshold else []

    return rehearse(find)


def of_private_data() -> Rehearsal:
    """Try the patterns of personal data."""
    return rehearse(lambda comment: [words for _, words in personal.found(_plain(comment))])


def _plain(comment: Comment) -> str:
    return text.plain(comment.body_html)


def rehearse(find: Finder, seconds: float = SECONDS) -> Rehearsal:
    """Try ``find`` on the comments of the last 30 days, newest first."""
    result, until = Rehearsal(), time.monotonic() + seconds
    rows = (
        Comment.objects.filter(created_at__gt=timezone.now() - SPAN)
        .exclude(status=Comment.Status.REMOVED)
        .select_related("author", "article")
        .defer("article__body", "article__body_html", "body")
        .order_by("-pk")[:MOST]
    )
    found: list[tuple[Comment, list[str]]] = []
    for comment in rows.iterator(chunk_size=CHUNK):
        if time.monotonic() > until:
            result.is_cut_short = True
            break
        result.looked_at += 1
        try:
            words = find(comment)
        except TimeoutError:
            result.failed = "On some comments the pattern takes too long; they would be held."
            continue
        except ValueError as error:
            result.failed = str(error)
            break
        if words:
            found.append((comment, words))
    result.is_cut_short = result.is_cut_short or result.looked_at == MOST
    _judge(result, found)
    return result


def _judge(result: Rehearsal, found: list[tuple[Comment, list[str]]]) -> None:
    """Note what people had decided on what was found."""
    judged: set[int] = set()
    ids = [comment.pk for comment, _ in found]
    for start in range(0, len(ids), CHUNK):
        judged.update(
            Decision.objects.filter(
                comment__in=ids[start : start + CHUNK], by__isnull=False, revision__isnull=True
            ).values_list("comment", flat=True)
        )
    result.found = len(found)
    for comment, words in found:
        outcome = _outcome(comment, comment.pk in judged)
        setattr(result, outcome, getattr(result, outcome) + 1)
        if len(result.hits) < SHOWN:
            result.hits.append(Hit(comment, words[:5], outcome))


def _outcome(comment: Comment, is_judged: bool) -> str:
    if comment.is_pending:
        return "waiting"
    if comment.status in {Comment.Status.REJECTED, Comment.Status.SPAM}:
        return "rejected"
    return "approved" if is_judged else "unseen"
