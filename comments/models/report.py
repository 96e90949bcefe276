"""What readers tell the desk about a comment."""

import datetime
from collections.abc import Iterable
from fractions import Fraction
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from comments import risk
from comments.models.comment import Comment, InvalidMove, Refused
from comments.models.record import Decision, Finding
from newsroom import pace

# What a moderator's answer makes of a comment whose reporters were right.
UPHELD = (Comment.Status.REJECTED, Comment.Status.SPAM)


class AlreadyReported(InvalidMove):
    """A second report of a comment by the same reader."""


class AnsweredIt(InvalidMove):
    """A report of a comment by somebody who argues with it in public."""


class OwnComment(InvalidMove):
    """A report of one's own comment."""


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> Self:
        """Reports nobody has decided on."""
        return self.filter(decision__isnull=True)

    def longest_open(self) -> Self:
        """The first open report on each comment that is read or waits, longest wait first."""
        earlier = Report.objects.open().filter(
            Q(at__lt=OuterRef("at")) | Q(at=OuterRef("at"), pk__lt=OuterRef("pk")),
            comment=OuterRef("comment"),
        )
        undecided = [Comment.Status.PENDING, Comment.Status.APPROVED]
        return (
            self.open().filter(~Exists(earlier), comment__status__in=undecided).order_by("at", "pk")
        )

    def settle(self, decision: Decision) -> None:
        """Answer these reports with ``decision``."""
        self.update(decision=decision)

    def accuracy_of(self, user_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Return how many reports of each person a moderator upheld, and how many they decided on.

        One query; nobody is in it of whom no report was decided.
        """
        counted = (
            self.filter(reporter__in=list(user_ids), decision__isnull=False)
            .order_by()
            .values("reporter")
            .annotate(upheld=Count("pk", filter=Q(decision__after__in=UPHELD)), decided=Count("pk"))
        )
        return {row["reporter"]: (row["upheld"], row["decided"]) for row in counted}

    def weights(self) -> list[Fraction]:
        """Return what each of these reports weighs; see ``Report.weigh``. Three queries."""
        reporters = [report.reporter for report in self.select_related("reporter")]
        ids = [reporter.pk for reporter in reporters]
        accuracy = self.model.objects.accuracy_of(ids)
        heard = set(
            Comment.objects.visible().filter(author__in=ids).values_list("author", flat=True)
        )
        return [
            Report.weigh(reporter, reporter.pk in heard, *accuracy.get(reporter.pk, (0, 0)))
            for reporter in reporters
        ]


class Report(models.Model):
    """A reader's word to the desk about a comment. One per reader and comment."""

    class Kind(models.TextChoices):
        ATTACK = "attack", "It attacks somebody"
        HATE = "hate", "It is hateful"
        PRIVATE_DATA = "private-data", "It shows private data"
        SPAM = "spam", "It is spam"
        OFF_TOPIC = "off-topic", "It is not about the story"
        OTHER = "other", "Something else"

    # How many one reader makes in a time.
    PACE = (20, datetime.timedelta(hours=1))
    # The weight of open reports at which a comment is hidden until a moderator has looked at it.
    HIDE_AT = 3.0
    # What a report of full weight adds to how much a comment needs a look.
    RISK = 15
    # An account younger than this, of which no comment is visible, weighs nothing.
    NEW_FOR = datetime.timedelta(days=7)
    # From so many decided reports on, a reporter's record is what their word weighs.
    RECORD_FROM = 3

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reports_made"
    )
    reason = models.CharField(max_length=20, choices=Kind)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)
    decision = models.ForeignKey(Decision, models.SET_NULL, null=True, related_name="reports")

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(
                fields=["at"], condition=Q(decision__isnull=True), name="comments_open_reports"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["comment", "reporter"], name="comments_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.reporter})"

    @classmethod
    @transaction.atomic
    def make(cls, comment: Comment, reporter: User, reason: str, note: str = "") -> "Report":
        """Tell the desk what is wrong with ``comment``; enough readers who do so hide it.

        Raises ``OwnComment``, ``AlreadyReported`` and ``AnsweredIt``; ``InvalidMove`` for what
        readers do not see; ``Refused`` for more than ``PACE``. Each says why, for the reader.
        """
        # The reader's row first, then the article's and the comment's, as when one is written:
        # so the limit holds, and of the last two reports at once the later sees the earlier.
        User.objects.select_for_update(no_key=True).get(pk=reporter.pk)
        row = comment.locked()
        cls.refuse(row, reporter)
        from comments import standing

        if sanction := standing.may_report(reporter):
            raise Refused(f"{sanction.words} Why, and how to appeal, stands in your account.")
        if wait := pace.wait(cls.objects.filter(reporter=reporter), *cls.PACE):
            raise Refused(
                f"That is {cls.PACE[0]} reports within an hour; the desk reads them all. "
                f"Please wait {pace.in_words(wait)}, then send this one.",
                wait,
            )
        report = cls.objects.create(comment=row, reporter=reporter, reason=reason, note=note)
        weights = row.reports.open().weights()
        raised = min(risk.HIGHEST, round(cls.RISK * float(sum(weights))))
        if raised > row.risk:
            Comment.objects.filter(pk=row.pk).update(risk=raised)
        if not row.is_by_staff:
            cls._hide_if_many(row, weights)
        return report

    @staticmethod
    def refuse(comment: Comment, reporter: User) -> None:
        """Raise why ``reporter`` cannot report ``comment``, as ``make`` does."""
        if comment.author_id == reporter.pk:
            raise OwnComment("This comment is your own. You can change it, or take it back.")
        if comment.reports.filter(reporter=reporter).exists():
            raise AlreadyReported("You have reported this comment; once is enough.")
        if not comment.is_visible:
            raise InvalidMove("Readers do not see this comment any more. Nothing is left to do.")
        # Flag or argue, not both. Source: Lobsters, where who replies cannot flag.
        if comment.replies.filter(author=reporter).exclude(status=Comment.Status.REMOVED).exists():
            raise AnsweredIt(
                "You have answered this comment, and who argues with somebody does not report "
                "them too. If it breaks the rules, others will say so; or remove your reply and "
                "report it then."
            )

    @staticmethod
    def weigh(reporter: User, is_heard: bool, upheld: int, decided: int) -> Fraction:
        """Return what a report by this person weighs, from 0 to 1.

        ``is_heard`` says that a comment of theirs is visible. A ring of new accounts hides
        nothing, nor do people whose reports the desk mostly turns down.
        """
        is_new = timezone.now() - reporter.date_joined < Report.NEW_FOR
        if not reporter.is_active or (is_new and not is_heard):
            return Fraction(0)
        if decided >= Report.RECORD_FROM:
            return Fraction(upheld, decided)
        return Fraction(1)

    @staticmethod
    def _hide_if_many(comment: Comment, weights: list[Fraction]) -> None:
        """Hide a comment for what its open reports weigh. The caller holds its locks."""
        if sum(weights) < Report.HIDE_AT:
            return
        count = sum(weight > 0 for weight in weights)
        finding = Finding(check_name="reported", reason=f"{count} readers reported it")
        comment.hold_back(rule="reported by several readers", findings=[finding])

    @property
    def is_upheld(self) -> bool:
        """Whether a moderator took the comment down for what was reported."""
        return self.decision is not None and self.decision.after in UPHELD

    @property
    def outcome(self) -> str:
        """What became of it, in words for who made it."""
        if self.is_upheld:
            again = " A later decision put it back." if self.comment.is_visible else ""
            return f"A moderator agreed and removed the comment.{again}"
        if self.decision is not None:
            return "A moderator looked at the comment and decided that it stays."
        if self.comment.status == Comment.Status.REMOVED:
            return "Its author has removed the comment meanwhile."
        if self.comment.is_pending:
            return "Others reported it too: it is hidden until a moderator has looked at it."
        return "It is with the moderators. Until one has looked, the comment stays where it is."
