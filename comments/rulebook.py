"""What the desk sets for the checks, kept in memory for as long as nobody changes it.

Words, checks, sources, hours and terms are read on every post and changed a few times a day. A
process reads them once, and again when the version that comes with a query made anyway says that
something changed (``comments.watched``): what the desk sets holds for the very next comment, in
every process. It took six statements from each post.
"""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import SourceRule
from comments.models import (
    CheckRule,
    Comment,
    DeskSettings,
    DutyHours,
    RuleVersion,
    Terms,
    WordRule,
)


@dataclass(frozen=True)
class Rulebook:
    """What is set, in force or still to come; its methods tell what holds now."""

    version: str
    words: tuple[WordRule, ...]
    checks: tuple[CheckRule, ...]
    sources: tuple[SourceRule, ...]
    outside_hours: str  # a ``DeskSettings.OutsideHours``
    hours: tuple[DutyHours, ...]
    terms: tuple[tuple[datetime.datetime, int], ...]  # from when on, and the number; latest first

    def words_in_force(self) -> list[WordRule]:
        """Return the word rules that hold now, those included that only ask to think again."""
        now = timezone.now()
        return [rule for rule in self.words if rule.expires_at is None or rule.expires_at > now]

    def sources_in_force(self) -> list[SourceRule]:
        """Return the rules on mail domains and addresses that hold now."""
        now = timezone.now()
        return [rule for rule in self.sources if rule.expires_at is None or rule.expires_at > now]

    def terms_number(self) -> int | None:
        """Return the number of the terms in force, or ``None`` where nobody wrote any."""
        now = timezone.now()
        return next((number for since, number in self.terms if since <= now), None)


_known: Rulebook | None = None


def of(comment: Comment) -> Rulebook:
    """Return what is set for ``comment``; for one that is being sent, as it was under its locks."""
    if comment.rulebook is None:
        comment.rulebook = current()
    return comment.rulebook


def last_known() -> Rulebook:
    """Return what this process read last: for whoever learns its version right after."""
    return _known or current()


def current() -> Rulebook:
    """Return what is set now. One query where nothing changed."""
    return at(RuleVersion.objects.values_list("word", flat=True).first())


def at(version: str | None) -> Rulebook:
    """Return what is set at ``version``, which was just read; no query if it is known.

    Read after its version, it may be newer than that, and never older.
    """
    global _known
    known = _known
    if known is None or version is None or known.version != version:
        # Of several threads each reads it; whichever is last, it is what its version says.
        known = _known = _read(version or "")
    return known


def _read(version: str) -> Rulebook:
    desk = DeskSettings.current()
    return Rulebook(
        version=version,
        words=tuple(WordRule.objects.filter(is_enabled=True)),
        checks=tuple(CheckRule.objects.all()),
        sources=tuple(SourceRule.objects.filter(is_enabled=True)),
        outside_hours=desk.outside_hours,
        hours=tuple(DutyHours.objects.all()),
        terms=tuple(
            Terms.objects.order_by("-in_force_at", "-number").values_list("in_force_at", "number")
        ),
    )
