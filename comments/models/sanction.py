"""What is decided about a person: warnings, suspensions, bans, and their end."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from comments.append_only import AppendOnlyModel, AppendOnlyQuerySet
from comments.models.comment import Comment
from comments.models.reason import Reason


class SanctionQuerySet(AppendOnlyQuerySet):
    """Sanctions. ``in_force`` and its like are asked on every post: they stay cheap."""


class Sanction(AppendOnlyModel):
    """One step about a person, with its reason; the person reads it, and may appeal.

    Rows are only ever added: a sanction ends at ``until``, or by a later row that ``ends`` it.
    """

    class Kind(models.TextChoices):
        WARN = "warn", "Warning"
        PREMODERATE = "premoderate", "Every comment waits for a moderator"
        SUSPEND = "suspend", "May not write for a time"
        BAN = "ban", "May not write here any more"
        STOP_REPORTS = "stop-reports", "May not report for a time"
        LIFT = "lift", "Ended"
        UPHOLD = "uphold", "Upheld on appeal"

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sanctions")
    kind = models.CharField(max_length=12, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    note = models.CharField("note for the desk", max_length=500, blank=True)
    message = models.TextField("message to the person", max_length=2000, blank=True)
    # What it was imposed for, where that is one comment.
    comment = models.ForeignKey(
        Comment, models.PROTECT, null=True, blank=True, related_name="sanctions"
    )
    # Of LIFT and UPHOLD: the sanction they speak of.
    ends = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="answered_by"
    )
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    objects = SanctionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        permissions = [("impose_sanction", "Can warn, suspend and ban people")]
        indexes = [models.Index(fields=["person", "-at"], name="comments_sanctions")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person}"
