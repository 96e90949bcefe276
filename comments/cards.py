"""The desk's cards: a comment with what a moderator wants to know before deciding.

What the cards of a page show is read for all of them at once.
"""

import datetime
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from accounts.models import User
from comments import presence, standing, text
from comments.diff import Piece, word_diff
from comments.marks import marked
from comments.models import (
    Claim,
    Comment,
    Decision,
    Finding,
    Reason,
    Report,
    Revision,
    Sanction,
    StaffNote,
)

MOST_NOTES = 200
MOST_AGAINST = 2000
# Checks whose matches, if they are the same, tell that two accounts say the same.
ALIKE = ("word-list", "links", "private-data", "similar")
ALIKE_FOR = datetime.timedelta(days=7)
MOST_ALIKE = 500
MOST_NAMED = 6  # of who else was held for the same


@dataclass
class Record:
    """What a reader has said here, and what became of it."""

    approved: int = 0
    rejected: int = 0
    spam: int = 0
    pending: int = 0
    removed: int = 0
    # Moderators' decisions against them within ``standing.RECORD`` that stand, most frequent first.
    against: list[tuple[str, int]] = field(default_factory=list)

    @property
    def bar(self) -> list[tuple[str, float, float]]:
        """The parts of a bar 100 wide: name, start and width."""
        parts = {"good": self.approved, "stop": self.rejected, "spam": self.spam}
        whole, at, bar = sum(parts.values()), 0.0, []
        for name, count in parts.items():
            if count:
                width = round(100 * count / whole, 2)
                bar.append((name, round(at, 2), width))
                at += width
        return bar


def records(author_ids: set[int]) -> dict[int, Record]:
    """Return the record of each of these people; two queries however many."""
    found = {pk: Record() for pk in author_ids}
    counts = (
        Comment.objects.filter(author__in=author_ids)
        .order_by()
        .values_list("author", "status")
        .annotate(count=Count("pk"))
    )
    for author, status, count in counts:
        setattr(found[author], status, count)
    against = standing.decided_last(author_ids).filter(
        after__in=[Comment.Status.REJECTED, Comment.Status.SPAM]
    )
    reasons: dict[int, Counter[str]] = defaultdict(Counter)
    for decision in against.select_related("comment").only(
        "after", "reason", "revision", "comment__author", "comment__reason"
    )[:MOST_AGAINST]:
        # Of a comment, what it is rejected for now; of an edit, what that was refused for.
        reason = decision.reason if decision.revision_id else decision.comment.reason
        label = Reason(reason).label if reason else Comment.Status(decision.after).label
        author = decision.comment.author_id or 0
        reasons[author][f"{label} (an edit)" if decision.revision_id else label] += 1
    for author, counted in reasons.items():
        found[author].against = counted.most_common()
    return found


@dataclass
class Card:
    """A comment with what a moderator wants to know before deciding.

    Where it is about an edit, the decision to take is on that and not on the comment, which
    readers go on seeing as it is.
    """

    comment: Comment
    since: datetime.datetime  # when it came to wait
    record: Record | None
    is_own: bool
    # The edit of it that waits, and whether this card is about that.
    waiting_edit: Revision | None = None
    is_of_edit: bool = False
    # Of those who reported it: how many of their reports were right, of how many decided ones.
    accuracy: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    # What holds of its author, of what moderators told each other, who else was held so.
    sanctions: list[Sanction] = field(default_factory=list)
    notes: list[StaffNote] = field(default_factory=list)
    others: list[User] = field(default_factory=list)
    # Who else is at it now.
    claim: Claim | None = None
    # What the last attempt to decide came to, and what was typed for it.
    problem: str = ""
    # What was just done with it, short of a decision.
    said: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def edit(self) -> Revision | None:
        return self.waiting_edit if self.is_of_edit else None

    @property
    def subject(self) -> str:
        """What a claim on it is called."""
        return f"edit:{self.edit.pk}" if self.edit else f"comment:{self.comment.pk}"

    @cached_property
    def findings(self) -> list[Finding]:
        """What was found in what is decided on."""
        about = self.edit.pk if self.edit else None
        return [one for one in self.comment.findings.all() if one.revision_id == about]

    @cached_property
    def reports(self) -> list[Report]:
        """The open ones."""
        return [report for report in self.comment.reports.all() if report.decision_id is None]

    @property
    def told(self) -> list[tuple[Report, str]]:
        """The open reports, each with how often its reporter was right before."""
        return [(report, self._trust(report)) for report in self.reports]

    def _trust(self, report: Report) -> str:
        right, decided = self.accuracy.get(report.reporter_id, (0, 0))
        return f"right in {right} of {decided}" if decided else ""

    @cached_property
    def told_decisions(self) -> list[tuple[Decision, str]]:
        """What was decided before, newest first, each in words; what undid one is told with it."""
        decisions = list(reversed(self.comment.decisions.all()))
        undone = {one.undoes_id for one in decisions if one.undoes_id}
        return [
            (one, f"{in_words(one)}, undone" if one.pk in undone else in_words(one))
            for one in decisions
            if one.undoes_id is None
        ]

    @property
    def severe(self) -> str:
        """Why the text is veiled until its moderator opens it; empty if it is not."""
        for finding in self.findings:
            if finding.is_severe:
                return finding.reason
        return ""

    @property
    def earlier(self) -> list[tuple[Revision, list[Piece]]]:
        """The texts it had before, newest first, each with how the next one differs."""
        texts = [one for one in self.comment.revisions.all() if one.status == "approved"]
        pairs = list(itertools.pairwise(texts))
        return [(old, word_diff(old.body, new.body)) for old, new in reversed(pairs)]

    @property
    def is_closed(self) -> bool:
        """Whether its thread takes no answers."""
        return (self.comment.root or self.comment).closed_at is not None

    @property
    def text(self) -> SafeString:
        """What is decided on, with what was found in it marked."""
        matches = [match for finding in self.findings for match in finding.matches]
        return marked((self.edit or self.comment).body_html, matches)

    @cached_property
    def changes(self) -> list[Piece]:
        """How the edit changes what its author typed: addresses behind links included."""
        if self.edit is None:
            return []
        comment = self.comment
        # What came from another system was not typed as readers here type.
        typed = comment.body if comment.renderer else text.plain(comment.body_html)
        return word_diff(typed, self.edit.body)

    @property
    def answered(self) -> str:
        """The comment it answers, shortened."""
        return shortened(self.comment.parent) if self.comment.parent else ""

    @property
    def thread_start(self) -> str:
        """The thread's first comment, shortened, where that is not the one it answers."""
        root = self.comment.root
        return shortened(root) if root and root.pk != self.comment.parent_id else ""

    @property
    def others_named(self) -> tuple[list[User], int]:
        """The first few of who else was held for the same, and how many more there are."""
        return self.others[:MOST_NAMED], max(0, len(self.others) - MOST_NAMED)

    @property
    def is_open(self) -> bool:
        """Whether the reasons stand open: something was typed there."""
        return any(self.typed.values())

    @property
    def has_around(self) -> bool:
        """Whether it answers a comment, or is answered."""
        return bool(self.comment.parent_id or self.comment.has_replies)  # type: ignore[attr-defined]

    @property
    def age(self) -> str:
        """How long it waits, as a shade: fresh, hours, day or days."""
        hours = (timezone.now() - self.since).total_seconds() / 3600
        steps = ((2, "fresh"), (12, "hours"), (48, "day"))
        return next((name for limit, name in steps if hours < limit), "days")

    @property
    def can_approve(self) -> bool:
        return not self.comment.is_visible or bool(self.reports)

    @property
    def can_reject(self) -> bool:
        return self.comment.status in Comment.FOLLOWS[Comment.Status.REJECTED]

    @property
    def can_be_spam(self) -> bool:
        return self.comment.status in Comment.FOLLOWS[Comment.Status.SPAM]


def in_words(decision: Decision) -> str:
    """Return what was decided, in a word or two."""
    if decision.revision_id:
        return "Edit taken" if decision.after == Comment.Status.APPROVED else "Edit refused"
    if decision.act != Decision.Act.DECIDE:
        return str(decision.get_act_display())
    if decision.before == decision.after:
        return "Kept"
    if decision.after == Comment.Status.PENDING:
        return "Hidden until a look"
    return str(decision.get_after_display())


def shortened(comment: Comment, length: int = 240) -> str:
    """Return the comment's text in one line, cut at a word."""
    # Cut before anything walks over it: an imported comment has any length.
    beginning = re.sub(r"<[^>]*$", "", comment.body_html[: 8 * length])
    return text.beginning(text.plain(beginning), length)


def cards(
    waits: Iterable[tuple[datetime.datetime, int]], by: User, of_edits: bool = False
) -> list[Card]:
    """Return the cards of these comments, in this order; the same few queries for any number.

    With ``of_edits`` they are about the edits that wait.
    """
    since = {pk: at for at, pk in waits}
    comments = {
        comment.pk: comment
        for comment in Comment.objects.filter(pk__in=since)
        .annotate(has_replies=Exists(Comment.objects.filter(parent=OuterRef("pk"))))
        .select_related("author__byline", "article__section", "parent__author", "root__author")
        .defer("article__body", "article__body_html", "article__withdrawal_notice")
        .prefetch_related(
            "findings",
            Prefetch("reports", Report.objects.select_related("reporter")),
            Prefetch("decisions", Decision.objects.select_related("by")),
            "revisions",
        )
    }
    known = records({comment.author_id for comment in comments.values() if comment.author_id})
    reporters = {
        report.reporter_id
        for comment in comments.values()
        for report in comment.reports.all()
        if report.decision_id is None
    }
    accuracy = Report.objects.accuracy_of(reporters) if reporters else {}
    authors = {comment.author_id for comment in comments.values() if comment.author_id}
    sanctions = standing.in_force_of(authors)
    about = Q(person__in=authors) | Q(article__in={c.article_id for c in comments.values()})
    notes = list(StaffNote.objects.filter(about).select_related("by")[:MOST_NOTES])
    others = held_alike(comments.values())
    found = [
        Card(
            comment=comment,
            since=at,
            record=known.get(comment.author_id or 0),
            is_own=comment.author_id == by.pk,
            waiting_edit=(edit := _waiting_edit(comment)),
            is_of_edit=of_edits and edit is not None,
            accuracy=accuracy,
            sanctions=sanctions.get(comment.author_id or 0, []),
            notes=[
                note
                for note in notes
                if note.article_id == comment.article_id
                or (note.person_id and note.person_id == comment.author_id)
            ],
            others=others.get(pk, []),
        )
        for pk, at in since.items()
        if (comment := comments.get(pk)) is not None
    ]
    held = presence.holders(card.subject for card in found)
    for card in found:
        card.claim = claim if (claim := held.get(card.subject)) and claim.by_id != by.pk else None
    return found


def _waiting_edit(comment: Comment) -> Revision | None:
    if not comment.is_visible:
        return None
    return next((one for one in comment.revisions.all() if one.is_pending), None)


def held_alike(comments: Iterable[Comment]) -> dict[int, list[User]]:
    """Return for each comment the other accounts of which a check found the same words lately.

    One query for all; by the comments' ids. Words are the same if a check of the same name
    matched the very same ones.
    """
    wanted: dict[tuple[str, str], list[Comment]] = defaultdict(list)
    for comment in comments:
        for finding in comment.findings.all():
            if finding.matches and finding.check_name in ALIKE:
                wanted[finding.check_name, json.dumps(finding.matches)].append(comment)
    if not wanted:
        return {}
    # Columns: five hundred findings with all that hangs on them were a third of the desk's page.
    rows = (
        Finding.objects.filter(
            check_name__in={name for name, _ in wanted},
            at__gt=timezone.now() - ALIKE_FOR,
            comment__author__isnull=False,
        )
        .exclude(matches=[])
        .order_by("-at")
        .values_list(
            "check_name",
            "matches",
            "comment__author",
            "comment__author__username",
            "comment__author__display_name",
        )[:MOST_ALIKE]
    )
    known: dict[int, User] = {}
    found: dict[int, dict[int, User]] = defaultdict(dict)
    for check_name, matches, pk, username, display_name in rows:
        for comment in wanted.get((check_name, json.dumps(matches)), []):
            if pk != comment.author_id:
                if pk not in known:
                    known[pk] = User(pk=pk, username=username, display_name=display_name)
                found[comment.pk][pk] = known[pk]
    return {pk: list(people.values()) for pk, people in found.items()}


def card_of(comment: Comment, by: User, of_edit: bool = False) -> Card | None:
    """Return one comment's card, as it stands now; ``of_edit`` for the one about its edit."""
    card = next(iter(cards([(comment.waits_since, comment.pk)], by, of_edit)), None)
    if card is not None and card.edit is not None:
        card.since = card.edit.at
    return card
