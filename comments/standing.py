"""Where a person stands with the desk: what the checks and their own page ask."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, Decision, Sanction
from comments.models.record import DecisionQuerySet
from newsroom import cached

RECORD = datetime.timedelta(days=90)
NOTE_KEPT_FOR = 60  # seconds


@dataclass(frozen=True)
class Distrust:
    """Why somebody's comments wait: how many of those decided on were rejected."""

    rejected: int
    decided: int

    @property
    def words(self) -> str:
        return f"{self.rejected} of {self.decided} comments were rejected in 90 days"


def in_force(person: User) -> list[Sanction]:
    """Return the sanctions that hold for ``person`` now, in their order. One query."""
    return list(Sanction.objects.in_force().filter(person=person).order_by("pk"))


def in_force_of(people: Iterable[int]) -> dict[int, list[Sanction]]:
    """Return the sanctions that hold for each of these people, by their ids. One query."""
    found = defaultdict(list)
    for sanction in Sanction.objects.in_force().filter(person__in=list(people)).order_by("pk"):
        found[sanction.person_id].append(sanction)
    return found


def note_for(person: User) -> str:
    """Return what ``person`` reads above a comment's form about what holds of them; mostly empty.

    Kept for a minute, and forgotten when the desk decides something about them: who writes may
    write with no query more. What is refused is decided when they post.
    """
    words = cached.get(_key(person.pk))
    if words is None:
        kinds = [*Sanction.SILENCING, Sanction.Kind.PREMODERATE]
        words = " ".join(one.words for one in in_force(person) if one.kind in kinds)
        cached.put(_key(person.pk), words, NOTE_KEPT_FOR)
    return words


def forget_note(person_id: int) -> None:
    """Have the next form say anew what holds of that person."""
    cached.forget(_key(person_id))


def _key(person_id: int) -> str:
    return f"standing-{person_id}"


def may_write(person: User) -> Sanction | None:
    """Return the suspension or ban that keeps ``person`` from writing, if any. One query."""
    held = Sanction.objects.in_force().filter(person=person, kind__in=Sanction.SILENCING)
    return held.order_by("pk").last()


def may_report(person: User) -> Sanction | None:
    """Return what keeps ``person`` from reporting, if anything. One query."""
    kinds = [*Sanction.SILENCING, Sanction.Kind.STOP_REPORTS]
    return Sanction.objects.in_force().filter(person=person, kind__in=kinds).order_by("pk").last()


def is_premoderated(person: User) -> bool:
    """Tell whether a moderator reads all of ``person``'s comments first. One query."""
    kind = Sanction.Kind.PREMODERATE
    return Sanction.objects.in_force().filter(person=person, kind=kind).exists()


def decided_last(people: Iterable[int]) -> DecisionQuerySet:
    """Return the decisions of the last 90 days that stand: the last of people on each comment.

    What was undone, reversed or upheld since counts as it stands now; each edit counts by itself.
    """
    of_people = Decision.objects.about_visibility().filter(by__isnull=False)
    later = of_people.filter(
        comment=OuterRef("comment"), revision__isnull=True, pk__gt=OuterRef("pk")
    )
    return of_people.filter(
        Q(revision__isnull=False) | ~Exists(later),
        comment__author__in=list(people),
        at__gt=timezone.now() - RECORD,
    )


def distrust(person: User, share: int, sample: int) -> Distrust | None:
    """Return why ``person``'s record has their comments wait: over ``share`` percent rejected.

    Counted over 90 days, from ``sample`` decisions by people on; what was undone or reversed
    since counts as it stands now. ``None`` while they are trusted. One query.
    """
    judged = [Comment.Status.APPROVED, Comment.Status.REJECTED, Comment.Status.SPAM]
    last = decided_last([person.pk]).filter(revision__isnull=True, after__in=judged)
    against = Q(after__in=[Comment.Status.REJECTED, Comment.Status.SPAM])
    counted = last.aggregate(decided=Count("pk"), rejected=Count("pk", filter=against))
    decided, rejected = counted["decided"], counted["rejected"]
    if decided < max(1, sample) or 100 * rejected <= share * decided:
        return None
    return Distrust(rejected, decided)
