"""A comment's later texts: what its author wants it to say, while readers see what was approved."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from comments import text
from comments.models.comment import Comment


class RevisionQuerySet(models.QuerySet["Revision"]):
    def pending(self) -> Self:
        """Edits of visible comments that wait for a moderator, longest wait first."""
        return self.filter(
            status=Revision.Status.PENDING, comment__status=Comment.Status.APPROVED
        ).order_by("at", "pk")

    def readable(self) -> Self:
        """The texts that readers saw or see, in their order."""
        return self.filter(status=Revision.Status.APPROVED).order_by("pk")


class Revision(models.Model):
    """One text of a comment that was edited after its window.

    The first row of a comment is the text that was approved first; each later row is an edit. The
    comment's own ``body`` is always the latest approved text. Rows are made by ``Comment.edit``
    and moved by ``Comment.take_edit`` and ``Comment.refuse_edit``.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting for a moderator"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        # Its author sent another before anybody decided on this one, or took it back.
        REPLACED = "replaced", "Replaced by a later edit"

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="revisions")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    body = models.TextField()
    body_html = models.TextField(editable=False)
    renderer = models.PositiveSmallIntegerField(default=text.RENDERER_VERSION, editable=False)
    at = models.DateTimeField(default=timezone.now, help_text="When the author sent it.")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["at", "id"], condition=Q(status="pending"), name="comments_waiting_edits"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["comment"], condition=Q(status="pending"), name="comments_one_edit_waits"
            )
        ]

    def __str__(self) -> str:
        return f"A text of comment {self.comment_id}"

    @property
    def html(self) -> SafeString:
        # Safe: made by comments.text, whose sanitiser has the last word.
        return mark_safe(self.body_html)

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING
