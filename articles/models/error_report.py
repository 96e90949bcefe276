"""Errors that readers report, and what the desk answered."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from articles.models.article import Article
from articles.models.record import Correction
from articles.models.revision import Revision


class ErrorReport(models.Model):
    """What a reader says is wrong in a story, on which passage, and what became of it."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"

    class Outcome(models.TextChoices):
        CORRECTED = "corrected", "Corrected"
        CLARIFIED = "clarified", "Made clearer"
        UNCHANGED = "unchanged", "Looked into, and left as it is"
        KNOWN = "known", "Known already"

    reference = models.CharField(max_length=12, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="error_reports")
    revision = models.ForeignKey(Revision, models.SET_NULL, null=True, related_name="+")
    quote = models.CharField(max_length=1000, blank=True)
    text = models.TextField()
    name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    answer = models.TextField(blank=True)
    correction = models.ForeignKey(Correction, models.SET_NULL, null=True, related_name="+")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["status", "at"], name="articles_errors_waiting")]

    def __str__(self) -> str:
        return self.reference
