"""What is on record about a comment: what the checks found, and what was decided."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from comments.append_only import AppendOnlyModel, AppendOnlyQuerySet
from comments.models.batch import Batch
from comments.models.comment import Comment
from comments.models.reason import Reason
from comments.models.wordrule import WordRule


class Finding(models.Model):
    """What a check said about a comment, kept with the words it matched."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="findings")
    # The edit it is about; empty for the comment itself.
    revision = models.ForeignKey(
        "Revision", models.CASCADE, null=True, blank=True, related_name="findings"
    )
    check_name = models.CharField(max_length=40)
    # Of the desk's own words: the rule that spoke.
    word_rule = models.ForeignKey(
        WordRule, models.SET_NULL, null=True, blank=True, related_name="findings"
    )
    reason = models.CharField(max_length=300)
    # The words in the text that made the check speak, as typed.
    matches = models.JSONField(default=list)
    # Whether the comment waits because of it; one that does not only marks it for a look.
    holds = models.BooleanField(default=True)
    # Whether the desk veils the text until its moderator opens it.
    is_severe = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["check_name", "at"], name="comments_found_by"),
            # What the checks found in a time.
            models.Index(fields=["at"], name="comments_found_at"),
        ]

    def __str__(self) -> str:
        return self.reason


class DecisionQuerySet(AppendOnlyQuerySet):
    def about_visibility(self) -> Self:
        """Decisions on what readers see, without those on whether a thread takes answers."""
        return self.exclude(act__in=[Decision.Act.CLOSE, Decision.Act.REOPEN])


class Decision(AppendOnlyModel):
    """One step in a comment's life: who or which rule took it, and what its author was told.

    One record is the author's message, the statement of reasons (DSA Art. 17), the entry in their
    account, the row of the export and a line of the yearly report.
    """

    class Act(models.TextChoices):
        DECIDE = "decide", "Decided"
        UNDO = "undo", "Undone"
        UPHOLD = "uphold", "Upheld on appeal"
        REVERSE = "reverse", "Reversed on appeal"
        CLOSE = "close", "Thread closed"
        REOPEN = "reopen", "Thread opened again"

    class Ground(models.TextChoices):
        TERMS = "terms", "Against the rules of the conversation"
        ILLEGAL = "illegal", "Against the law"

    class Source(models.TextChoices):
        OWN = "own", "The desk's own initiative"
        REPORT = "report", "Readers' reports"
        NOTICE = "notice", "A notice of illegal content"
        APPEAL = "appeal", "An appeal"

    # Names the decision to the world; says nothing, and is never used again.
    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    comment = models.ForeignKey(Comment, models.PROTECT, related_name="decisions")
    # The edit it is about; empty for the comment itself.
    revision = models.ForeignKey(
        "Revision", models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="decisions"
    )
    rule = models.CharField(max_length=120, blank=True)
    act = models.CharField(max_length=8, choices=Act, default=Act.DECIDE)
    before = models.CharField(max_length=10, choices=Comment.Status)
    after = models.CharField(max_length=10, choices=Comment.Status)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    ground = models.CharField(max_length=8, choices=Ground, blank=True)
    law = models.CharField("law that it breaks", max_length=500, blank=True)
    note = models.CharField("note for the desk", max_length=500, blank=True)
    message = models.TextField("message to the author", max_length=2000, blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.OWN)
    # Whether a check had a finding before a person looked.
    is_detected_by_rule = models.BooleanField(default=False)
    # How long it had waited for this decision, in seconds; empty where nothing waited.
    waited = models.PositiveIntegerField(null=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    comment_version = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)

    objects = DecisionQuerySet.as_manager()  # type: ignore[misc]  # the base's is narrower

    class Meta:
        ordering = ["pk"]
        permissions = [("compare_decision", "Can compare the moderators' decisions")]
        indexes = [
            models.Index(fields=["by", "-at"], name="comments_decided_by"),
            models.Index(fields=["at"], name="comments_decided_at"),
            # The waits of the last days, from which the usual one is told.
            models.Index(
                fields=["-at"],
                condition=Q(before="pending", by__isnull=False),
                name="comments_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"
