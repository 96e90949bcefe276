"""What people are told, in their list of notices and by mail: the outbox."""

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models import Article, Correction
from comments.models.comment import Comment
from comments.models.record import Decision


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def due(self) -> Self:
        """Notices whose mail is to be sent by now, longest due first."""
        return self.filter(mail=Notice.Mail.WAITING, mail_due_at__lte=timezone.now()).order_by(
            "mail_due_at", "pk"
        )


class Notice(models.Model):
    """One event that concerns one person: a row in their list, and perhaps a mail.

    ``key`` names the event and the person, so that however often something is announced they
    hear of it once. Of the several reasons for which a comment may concern somebody (it answers
    them, they follow its thread, they follow its story) the first to be written stands.
    """

    class Kind(models.TextChoices):
        REPLY = "reply", "Somebody answers you"
        STAFF_REPLY = "staff-reply", "The newsroom answers you"
        APPROVED = "approved", "A comment of yours that waited is published"
        REJECTED = "rejected", "A comment of yours is not published, or no longer"
        PICKED = "picked", "A comment of yours becomes an editors’ pick"
        THREAD = "thread", "A new comment in a thread you follow"
        STORY = "story", "A new comment on a story you follow"
        CORRECTED = "corrected", "A story you follow is corrected"
        REPORT = "report", "A comment you reported was decided on"

    class Mail(models.TextChoices):
        NONE = "", "No mail"
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled: what it told is not so any more"
        STOPPED = "stopped", "Stopped: the address takes no mail"
        FAILED = "failed", "Given up after too many tries"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=120, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, null=True, related_name="+")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="notices")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="notices")
    correction = models.ForeignKey(Correction, models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    # Its mail. ``mail_due_at`` is also the lease of a worker that tries: it lies ahead until the
    # try is over, so that a worker that dies leaves the mail to the next.
    mail = models.CharField(max_length=10, choices=Mail, default=Mail.NONE, blank=True)
    mail_due_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    # Notices that go out in one mail share this; a second try sends the same mail again, under the
    # same Message-ID.
    mail_batch = models.UUIDField(null=True)
    mail_sent_at = models.DateTimeField(null=True)
    mail_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="comments_notices"),
            models.Index(
                fields=["person"], condition=Q(read_at__isnull=True), name="comments_unread"
            ),
            models.Index(
                fields=["mail_due_at", "id"], condition=Q(mail="waiting"), name="comments_outbox"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.person})"


def _token() -> str:
    return secrets.token_urlsafe(24)


class MailChoice(models.Model):
    """How fast one kind of notice reaches a person by mail, and the token that stops it.

    A row exists where a person chose, or was sent such a mail; elsewhere ``DEFAULTS`` hold. The
    kind ``digest`` has a row for its token alone: stopping a digest stops all that comes in it.
    """

    class Pace(models.TextChoices):
        NOW = "now", "At once"
        HOURLY = "hourly", "Once an hour, together"
        DAILY = "daily", "Once a day, together"
        OFF = "off", "Not by mail"

    DIGEST = "digest"
    DEFAULTS = {
        Notice.Kind.REPLY: Pace.NOW,
        Notice.Kind.STAFF_REPLY: Pace.NOW,
        Notice.Kind.APPROVED: Pace.NOW,
        # A statement of reasons always goes out, at once.
        Notice.Kind.REJECTED: Pace.NOW,
        Notice.Kind.PICKED: Pace.NOW,
        Notice.Kind.THREAD: Pace.HOURLY,
        Notice.Kind.STORY: Pace.DAILY,
        Notice.Kind.CORRECTED: Pace.NOW,
        Notice.Kind.REPORT: Pace.OFF,
    }

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_choices"
    )
    kind = models.CharField(max_length=12)
    pace = models.CharField(max_length=8, choices=Pace)
    token = models.CharField(max_length=40, unique=True, default=_token, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="comments_mail_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} {self.pace}"


class MailStop(models.Model):
    """An address that takes no mail of ours, or not for now, and why."""

    class Kind(models.TextChoices):
        HARD = "hard", "It does not exist"
        SOFT = "soft", "It could not take mail several times"
        COMPLAINT = "complaint", "Its owner called our mail spam"

    # Repeated soft bounces within this many days pause an address.
    address = models.EmailField(unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    count = models.PositiveIntegerField(default=1)
    detail = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.address} ({self.kind})"
