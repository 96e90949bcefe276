"""What readers tell the desk about a comment."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from comments.models.comment import Comment
from comments.models.record import Decision


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


class Report(models.Model):
    """A reader's word to the desk about a comment. One per reader and comment."""

    class Kind(models.TextChoices):
        ATTACK = "attack", "It attacks somebody"
        HATE = "hate", "It is hateful"
        PRIVATE_DATA = "private-data", "It shows private data"
        SPAM = "spam", "It is spam"
        OFF_TOPIC = "off-topic", "It is not about the story"
        OTHER = "other", "Something else"

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
