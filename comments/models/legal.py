"""Notices of illegal content, by anybody, without an account (DSA Art. 16)."""

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models import Article
from comments.models.comment import Comment
from comments.models.record import Decision


def _token() -> str:
    return secrets.token_urlsafe(24)


def _ref() -> str:
    # Eight letters that can be read out on the telephone.
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))


class LegalNoticeQuerySet(models.QuerySet["LegalNotice"]):
    def open(self) -> Self:
        """Notices that nobody answered, longest wait first."""
        return self.filter(answered_at__isnull=True).order_by("at", "pk")


class LegalNotice(models.Model):
    """What somebody says is against the law, where it stands, and the desk's reasoned answer."""

    class Category(models.TextChoices):
        HATE = "hate", "Hate or discrimination"
        DEFAMATION = "defamation", "Defamation"
        THREAT = "threat", "Threat, or call to violence"
        ABUSE = "child-abuse", "Sexual abuse of children"
        PRIVATE_DATA = "private-data", "Somebody’s private data"
        COPIED = "copied", "Copyright"
        SCAM = "scam", "Fraud or impersonation"
        TERROR = "terror", "Terrorist content"
        HARM = "harm", "Danger to life, or to minors"
        OTHER = "other", "Something else that is against the law"

    class Outcome(models.TextChoices):
        REMOVED = "removed", "The comment was removed"
        KEPT = "kept", "The comment stays"
        PASSED_ON = "passed-on", "It is about a story, and went to the editors"

    ref = models.CharField(max_length=12, unique=True, default=_ref, editable=False)
    # Opens its page to whoever sent it.
    token = models.CharField(max_length=40, unique=True, default=_token, editable=False)
    url = models.CharField("address of what you speak of", max_length=500)
    comment = models.ForeignKey(
        Comment, models.PROTECT, null=True, blank=True, related_name="legal_notices"
    )
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, related_name="+")
    category = models.CharField("what is against the law", max_length=12, choices=Category)
    why = models.TextField("why it is against the law", max_length=5000)
    law = models.CharField("which law, if you know", max_length=500, blank=True)
    # Empty in a notice about the sexual abuse of children, if its sender so wishes (Art. 16(2)(c)).
    name = models.CharField("your name", max_length=200, blank=True)
    email = models.EmailField("your e-mail address", blank=True)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    # When the desk first had it open: from then on it knows (Art. 16(3)).
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    hidden_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    # The reasoned answer, as its sender reads it.
    answer = models.TextField(max_length=2000, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="legal_notices"
    )
    # What its sender says against the answer; answered by somebody else.
    objection = models.TextField(max_length=3000, blank=True)
    objected_at = models.DateTimeField(null=True)
    # The first answer, once somebody else has given a second.
    first_answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_answer = models.TextField(max_length=2000, blank=True)

    objects = LegalNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        permissions = [("answer_legalnotice", "Can answer notices of illegal content")]
        indexes = [
            models.Index(
                fields=["at", "id"],
                condition=Q(answered_at__isnull=True),
                name="comments_open_legal",
            )
        ]

    def __str__(self) -> str:
        return f"Notice {self.ref}"
