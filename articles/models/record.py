"""What is kept of an article's past: corrections, steps, and the addresses it had."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from articles.models.article import Article


class Correction(models.Model):
    """What was wrong in a published story, and what is right. Never taken back."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Correction"
        CLARIFICATION = "clarification", "Clarification"
        NOTE = "editors-note", "Editor’s note"
        UPDATE = "update", "Update"
        RETRACTION = "retraction", "Retraction"

    article = models.ForeignKey(Article, models.CASCADE, related_name="corrections")
    kind = models.CharField(max_length=14, choices=Kind, default=Kind.CORRECTION)
    text = models.TextField()
    at = models.DateTimeField("time", default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"


class Step(models.Model):
    """A step in an article's life: who took it, when, and why. Rows are only added."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="steps")
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    published_from = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class MovedAddress(models.Model):
    """An address that was published once, here or before a move, and the article it leads to.

    It names the article, not another address, so that a chain or a loop cannot be written down.
    """

    # A path, with its query where the query names the page (``/?p=12``).
    path = models.CharField(max_length=500, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="moved_addresses")

    class Meta:
        verbose_name_plural = "moved addresses"

    def __str__(self) -> str:
        return self.path

    def clean(self) -> None:
        if not self.path.startswith("/"):
            raise ValidationError({"path": "An address begins with a slash."})
