"""Many comments decided on at once, by a task that tells how far it is."""

import datetime
import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import OperationalError, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from comments.models.comment import Comment, InvalidMove
from comments.models.reason import Reason
from newsroom import replicas

if TYPE_CHECKING:
    from comments.models.record import Decision

log = logging.getLogger(__name__)


class TooMany(InvalidMove):
    """More comments at once than ``Batch.MAX``."""


class BatchQuerySet(models.QuerySet["Batch"]):
    def open(self) -> Self:
        """Batches that are not done yet, in their order."""
        return self.filter(status__in=[Batch.Status.WAITING, Batch.Status.RUNNING]).order_by("pk")


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

    # So many comments in one; more are chosen again, once these are done.
    MAX = 20_000
    # So few are decided on while their moderator waits.
    INLINE = 20
    # So many in one transaction: others who write wait no longer than that takes.
    CHUNK = 20

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

    objects = BatchQuerySet.as_manager()

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

    @property
    def is_open(self) -> bool:
        return self.status in {self.Status.WAITING, self.Status.RUNNING}

    @property
    def left(self) -> int:
        """How many are still to be decided on."""
        return max(0, self.total - self.done - self.refused)

    @property
    def state(self) -> str:
        """Where it stands, in a word."""
        return "Undone" if hasattr(self, "undone_by") else str(self.get_status_display())

    @property
    def handled(self) -> int:
        return self.done + self.refused

    @classmethod
    @transaction.atomic
    def of(
        cls,
        by: User,
        action: str,
        chosen: "models.QuerySet[Comment] | Iterable[tuple[int, int]]",
        reason: str = "",
        note: str = "",
        message: str = "",
        about: str = "",
    ) -> "Batch":
        """Save what ``by`` confirmed, and have it done: a few at once, many by the worker.

        ``chosen`` are comments, or pairs of a comment's id and the version that was seen; what
        is not in it when it is confirmed is not decided on. Raises ``TooMany``, and
        ``InvalidMove`` for a rejection without a reason or nothing to decide on.
        """
        if action == cls.Action.REJECT and reason not in Reason.values:
            raise InvalidMove("A rejection needs a reason, for the authors to know.")
        pairs: dict[int, int] = dict(
            chosen.order_by().values_list("pk", "version")[: cls.MAX + 1]
            if isinstance(chosen, models.QuerySet)
            else chosen
        )
        if not pairs:
            raise InvalidMove("Nothing was chosen, so there is nothing to decide on.")
        if len(pairs) > cls.MAX:
            raise TooMany(
                f"More than {cls.MAX:,} comments are too many for one time. Narrow them down, or "
                "take the oldest first."
            )
        batch = cls.objects.create(
            by=by, action=action, reason=reason, note=note, message=message,
            about=about[:300], total=len(pairs),
        )  # fmt: skip
        # In the order of writing, so that numbers are given in it.
        ids = list(pairs)
        moments: list[tuple[datetime.datetime, int]] = []
        for start in range(0, len(ids), 500):
            some = Comment.objects.filter(pk__in=ids[start : start + 500])
            moments += some.values_list("created_at", "pk")
        BatchItem.objects.bulk_create(
            [BatchItem(batch=batch, comment_id=pk, version=pairs[pk]) for _, pk in sorted(moments)],
            batch_size=500,
        )
        if len(moments) != batch.total:
            # Some are gone for good.
            batch.total = len(moments)
            batch.save(update_fields=["total"])
        batch._begin()
        return batch

    def _begin(self) -> None:
        if self.total > self.INLINE:
            transaction.on_commit(_wake)
        else:
            transaction.on_commit(self.run)

    @transaction.atomic
    def undo(self, by: User) -> "Batch":
        """Take back what this batch decided, where nothing followed. Returns the batch of that.

        Raises ``InvalidMove`` for somebody else's, one that is not done, and one undone before.
        """
        row = Batch.objects.select_for_update().get(pk=self.pk)
        if row.by_id != by.pk:
            raise InvalidMove("Only who decided takes it back; others decide anew.")
        if row.is_open:
            raise InvalidMove("It still runs. Stop it first.")
        if row.action == self.Action.UNDO or hasattr(row, "undone_by"):
            raise InvalidMove("It was undone already.")
        if timezone.now() - row.at > Comment.UNDO_FOR:
            raise InvalidMove("It is more than a day old. Decide anew on what is wrong in it.")
        done = row.items.filter(result=BatchItem.Result.DONE)
        if not done.exists():
            raise InvalidMove("It decided on nothing, so there is nothing to undo.")
        batch = Batch.objects.create(
            by=by, action=self.Action.UNDO, undoes=row, total=done.count(),
            about=f"what batch {row.pk} decided",
        )  # fmt: skip
        BatchItem.objects.bulk_create(
            [
                BatchItem(batch=batch, comment_id=pk, version=version)
                for pk, version in done.values_list("comment", "decision__comment_version")
            ],
            batch_size=500,
        )
        batch._begin()
        return batch

    def stop(self, by: User) -> None:
        """Decide on no more of it; what is done stays.

        Raises ``InvalidMove`` if it is over, or somebody else's and ``by`` no administrator.
        """
        if by.pk != self.by_id and not by.has_perm("comments.compare_decision"):
            raise InvalidMove("Only who began it stops it, or an administrator.")
        open_now = Batch.objects.open().filter(pk=self.pk)
        if not open_now.update(status=self.Status.STOPPED, finished_at=timezone.now()):
            raise InvalidMove("It is over already.")
        self.refresh_from_db()

    def run(self, until: float | None = None) -> None:
        """Decide on what is left of it: all, or until the monotonic clock is at ``until``.

        Each decision and what the item says of it are one transaction, so that whoever goes on
        after a worker that died finds what is left and decides on nothing twice.
        """
        Batch.objects.filter(pk=self.pk, status=self.Status.WAITING).update(
            status=self.Status.RUNNING
        )
        while self._run_some() and (until is None or time.monotonic() < until):
            pass
        self.refresh_from_db()

    @transaction.atomic
    def _run_some(self) -> bool:
        """Decide on the next ``CHUNK``. Returns whether there may be more."""
        # Of two workers the second waits here, and finds what the first left.
        row = Batch.objects.select_for_update().get(pk=self.pk)
        if row.status != self.Status.RUNNING:
            return False
        by = User.objects.get(pk=row.by_id)
        if not (by.is_active and by.has_perm("comments.moderate_comment")):
            row._end(self.Status.STOPPED)
            return False
        items = list(row.items.filter(result=BatchItem.Result.WAITING).order_by("pk")[: self.CHUNK])
        # All their articles first and in one order, so that no two batches wait for each other.
        stories = Comment.objects.filter(pk__in=[item.comment_id for item in items])
        list(
            Article.objects.select_for_update()
            .filter(pk__in=list(stories.values_list("article", flat=True).distinct()))
            .order_by("pk")
            .values_list("pk")
        )
        for item in items:
            item.decide(row, by)
        replicas.removed()
        BatchItem.objects.bulk_update(items, ["result", "problem", "decision"])
        done = sum(item.result == BatchItem.Result.DONE for item in items)
        Batch.objects.filter(pk=row.pk).update(
            done=F("done") + done, refused=F("refused") + len(items) - done
        )
        if len(items) < self.CHUNK:
            row._end(self.Status.DONE)
            return False
        return True

    def _end(self, status: str) -> None:
        Batch.objects.filter(pk=self.pk).update(status=status, finished_at=timezone.now())


def _wake() -> None:
    from comments import tasks

    tasks.wake_batches()


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

    def decide(self, batch: Batch, by: User) -> None:
        """Do with its comment what the batch says, and note what came of it. The caller saves."""
        try:
            with transaction.atomic():
                self.decision = self._decide(batch, by)
            self.result = self.Result.DONE
        except InvalidMove as problem:
            self.result, self.problem = self.Result.REFUSED, str(problem)[:300]
        except OperationalError:
            raise  # the database was busy or gone: the chunk is tried again
        except Exception:
            # Whatever is wrong with this one, the others do not wait for it.
            log.exception("Comment %s of batch %s could not be decided on", self.comment_id, batch)
            self.result = self.Result.REFUSED
            self.problem = "Something broke here. Decide on it at its card."

    def _decide(self, batch: Batch, by: User) -> "Decision":
        comment = Comment(pk=self.comment_id)
        comment.article_id = Comment.objects.values_list("article", flat=True).get(
            pk=self.comment_id
        )
        if batch.action == Batch.Action.UNDO:
            decision = (
                BatchItem.objects.select_related("decision")
                .get(batch=batch.undoes_id, comment=self.comment_id)
                .decision
            )
            if decision is None:
                raise InvalidMove("The batch had left it as it was.")
            return comment.undo(decision, by, batch=batch)
        said: dict[str, Any] = {"version": self.version, "note": batch.note, "batch": batch}
        if batch.action == Batch.Action.APPROVE:
            return comment.approve(by, **said)
        if batch.action == Batch.Action.SPAM:
            return comment.mark_spam(by, **said)
        return comment.reject(by, batch.reason, message=batch.message, **said)
