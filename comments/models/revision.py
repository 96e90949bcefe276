"""A comment's later texts: what its author wants it to say, while readers see what was approved."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from comments import text
from comments.models.comment import Comment, InvalidMove
from comments.models.reason import Reason

if TYPE_CHECKING:
    from comments.models.record import Decision, Finding


class RevisionQuerySet(models.QuerySet["Revision"]):
    def pending(self) -> Self:
        """Edits of visible comments that wait for a moderator, longest wait first."""
        return self.filter(
            status=Revision.Status.PENDING, comment__status=Comment.Status.APPROVED
        ).order_by("at", "pk")

    def undecided(self) -> Self:
        """Edits that nobody decided on yet, whatever became of their comments."""
        return self.filter(status=Revision.Status.PENDING)

    def replace(self) -> int:
        """End the wait of these edits without a decision. Returns how many there were."""
        return self.update(status=Revision.Status.REPLACED)

    def readable(self) -> Self:
        """The texts that readers saw or see, in their order."""
        return self.filter(status=Revision.Status.APPROVED).order_by("pk")


class Revision(models.Model):
    """One text of a comment that was edited after its window.

    The first row of a comment is the text that was approved first; each later row is an edit. The
    comment's own ``body`` is always the latest approved text. Rows are made by ``Comment.edit``.
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

    # Writing. The caller holds the comment's lock.

    @classmethod
    def of(cls, comment: Comment, **fields: Any) -> "Revision":
        """Return the text that ``comment`` has now, not saved."""
        return cls(
            comment=comment,
            body=comment.body,
            body_html=comment.body_html,
            renderer=comment.renderer,
            **fields,
        )

    def keep_if_first(self) -> None:
        """Save the text that was approved first, before the comment gets its second."""
        if not self.comment.revisions.exists():
            self.save()

    def propose(self, findings: "list[Finding]") -> None:
        """Have this text wait for a moderator because of ``findings``, in place of an earlier."""
        self.comment.revisions.undecided().replace()
        self.save()
        for finding in findings:
            finding.comment, finding.revision = self.comment, self
        self.findings.bulk_create(findings)
        # A moderator who looks at the comment, or at an edit before this one, is told.
        Comment.objects.filter(pk=self.comment_id).update(version=F("version") + 1)

    # Deciding

    def approve(
        self, by: User, version: int | None = None, note: str = "", **record: Any
    ) -> "Decision":
        """Show this text to readers in place of the one they see.

        Raises ``InvalidMove`` if it does not wait any more or is ``by``'s own, ``StaleDecision``
        if the comment is no longer the ``version`` the moderator saw. ``record`` is further fields
        of the ``Decision``.
        """
        return self._become(self.Status.APPROVED, by, version, note=note, **record)

    def reject(
        self, by: User, reason: str, version: int | None = None, note: str = "", message: str = ""
    ) -> "Decision":
        """Leave the text that readers see, and tell the author why. Raises as ``approve`` does."""
        if reason not in Reason.values:
            raise InvalidMove("A rejection needs a reason, for the author to know.")
        return self._become(
            self.Status.REJECTED, by, version, reason=reason, note=note, message=message
        )

    @transaction.atomic
    def take_up_again(self) -> None:
        """Have it wait once more after it was refused. Raises ``InvalidMove`` if another waits."""
        self.comment.locked()
        if self.comment.revisions.undecided().exists():
            raise InvalidMove("A later edit waits. Decide on that; it takes this one's place.")
        self.status = self.Status.PENDING
        self.save(update_fields=["status"])

    @transaction.atomic
    def _become(
        self, status: "Revision.Status", by: User, version: int | None, **said: Any
    ) -> "Decision":
        from comments import notices

        comment = self.comment.locked()
        self.refresh_from_db(fields=["status"])
        comment.refuse_decision(by, version)
        if not (self.is_pending and comment.is_visible):
            raise InvalidMove("This edit does not wait for a decision any more.")
        before, self.status = self.status, status
        self.save(update_fields=["status"])
        comment.version += 1
        if status == self.Status.APPROVED:
            comment.set_body(self.body)
            comment.edited_at = self.at
            comment.article.renew_pages()
        comment.save()
        decision = comment.decisions.create(
            by=by,
            revision=self,
            before=before,
            after=status,
            comment_version=comment.version,
            **said,
        )
        notices.of_decision(comment, decision)
        self.comment.refresh_from_db()
        return decision
