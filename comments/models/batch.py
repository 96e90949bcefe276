"""Many comments decided on at once, by a task that tells how far it is."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from comments.models.comment import Comment
from comments.models.reason import Reason


class Batch(models.Model):
    """What a moderator asked to be done with many comments, as they confirmed it."""

    class Action(models.TextChoices):
        APPROVE = "approve", "Approve"
        REJECT = "reject", "Reject"
        SPAM = "spam", "Mark as spam"
        UNDO = "undo", "Undo"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting to begin"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        # Its moderator stopped it, or may no longer moderate.
        STOPPED = "stopped", "Stopped"

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="batches")
    action = models.CharField(max_length=8, choices=Action)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    note = models.CharField("note for the desk", max_length=500, blank=True)
    message = models.TextField("message to the authors", max_length=2000, blank=True)
    # What it was chosen by, in words.
    about = models.CharField(max_length=300, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "batches"
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(status__in=["waiting", "running"]),
                name="comments_batches_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.total}"


class BatchItem(models.Model):
    """One comment of a batch, at the version that was confirmed, and what came of it."""

    class Result(models.TextChoices):
        WAITING = "", "Waiting"
        DONE = "done", "Done"
        REFUSED = "refused", "Not done"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items")
    comment = models.ForeignKey(Comment, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    result = models.CharField(max_length=8, choices=Result, default=Result.WAITING, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    decision = models.ForeignKey(
        "Decision", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["batch", "result", "id"], name="comments_batch_items")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "comment"], name="comments_batch_item_once")
        ]

    def __str__(self) -> str:
        return f"Comment {self.comment_id} of batch {self.batch_id}"
