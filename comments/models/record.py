"""What is on record about a comment: what the checks found, and what was decided."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from comments.append_only import AppendOnlyModel
from comments.models.comment import Comment
from comments.models.reason import Reason


class Finding(models.Model):
    """What a check said about a comment, kept with the words it matched."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="findings")
    # The edit it is about; empty for the comment itself.
    revision = models.ForeignKey(
        "Revision", models.CASCADE, null=True, blank=True, related_name="findings"
    )
    check_name = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    # The words in the text that made the check speak, as typed.
    matches = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.reason


class Decision(AppendOnlyModel):
    """One step in a comment's life: who or which rule took it, and what its author was told."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="decisions")
    # The edit it is about; empty for a decision on the comment itself.
    revision = models.ForeignKey(
        "Revision", models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="decisions"
    )
    rule = models.CharField(max_length=120, blank=True)
    before = models.CharField(max_length=10, choices=Comment.Status)
    after = models.CharField(max_length=10, choices=Comment.Status)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    note = models.CharField("note for the desk", max_length=500, blank=True)
    message = models.TextField("message to the author", max_length=2000, blank=True)
    comment_version = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["by", "-at"], name="comments_decided_by"),
            # The waits of the last days, from which the usual one is told.
            models.Index(
                fields=["-at"],
                condition=Q(before="pending", by__isnull=False),
                name="comments_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"
