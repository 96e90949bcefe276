"""Mail to somebody who need not have an account: receipts, answers, alarms."""

import datetime
from typing import Self

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone


class DispatchQuerySet(models.QuerySet["Dispatch"]):
    def due(self) -> Self:
        """Mails to send by now, longest due first."""
        return self.filter(status=Dispatch.Status.WAITING, due_at__lte=timezone.now()).order_by(
            "due_at", "pk"
        )

    def forget(self) -> None:
        """Forget mails that went out, and later those that did not, addresses and all."""
        now = timezone.now()
        Status = Dispatch.Status
        self.filter(status=Status.SENT, sent_at__lte=now - Dispatch.KEPT).delete()
        unsent = self.filter(status__in=[Status.STOPPED, Status.FAILED])
        unsent.filter(due_at__lte=now - Dispatch.UNSENT_KEPT).delete()


class Dispatch(models.Model):
    """One mail, written in the transaction of its cause and sent by the worker; one per ``key``."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        STOPPED = "stopped", "Stopped: the address takes no mail"
        FAILED = "failed", "Given up after too many tries"

    KEPT = datetime.timedelta(days=30)
    # Longer, for somebody to find out why.
    UNSENT_KEPT = datetime.timedelta(days=90)

    key = models.CharField(max_length=120, unique=True)
    address = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    # Also the lease of a worker that tries, as ``Notice.mail_due_at`` is.
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    objects = DispatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "dispatches"
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(status="waiting"), name="comments_dispatches"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.address})"

    @classmethod
    def send(cls, key: str, address: str, subject: str, text: str, html: str = "") -> None:
        """Have this mail sent once the transaction stands; of one ``key``, once."""
        cls.objects.get_or_create(
            key=key,
            defaults={"address": address, "subject": subject[:200], "text": text, "html": html},
        )
        transaction.on_commit(_wake)


def _wake() -> None:
    from comments import tasks

    tasks.wake()
