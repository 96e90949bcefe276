"""What is kept of an article's past: corrections, steps, and the addresses it had."""

from typing import Any

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

    class Verb(models.TextChoices):
        SUBMIT = "submit", "handed in"
        RETURN = "return", "returned"
        READY = "ready", "called ready"
        SIGN_OFF = "sign-off", "signed off"
        SCHEDULE = "schedule", "scheduled"
        UNSCHEDULE = "unschedule", "unscheduled"
        LIFT_EMBARGO = "lift-embargo", "embargo lifted"
        PUBLISH = "publish", "published"
        APPEAR = "appear", "published by the clock"
        END = "end", "ended by the clock"
        WITHDRAW = "withdraw", "withdrawn"
        KILL = "kill", "killed"
        LIFT_KILL = "lift-kill", "kill lifted"
        MOVE = "move", "moved"
        TAKE_OVER = "take-over", "taken over"
        RESTORE = "restore", "restored"

    article = models.ForeignKey(Article, models.CASCADE, related_name="steps")
    verb = models.CharField(max_length=12, choices=Verb)
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    published_from = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Original(models.Model):
    """The text of a republished story as it came, where its licence allows no changes."""

    article = models.OneToOneField(Article, models.CASCADE, related_name="original")
    body = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"The original of {self.article_id}"


class ReviewStep(models.Model):
    """A reading that some stories need besides the editor's, as by a lawyer."""

    name = models.CharField(max_length=60, unique=True)
    group = models.ForeignKey(
        "auth.Group", models.PROTECT, related_name="+", help_text="Who may sign off."
    )
    is_for_every_story = models.BooleanField(
        "for every story", default=False, help_text="Not only for those that ask for it."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class SignOff(models.Model):
    """That somebody read a story for a review step. A changed text voids it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="sign_offs")
    step = models.ForeignKey(ReviewStep, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)
    is_void = models.BooleanField(default=False)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.step}: {self.by}"


class MovedAddress(models.Model):
    """An address that was published once, here or before a move, and what it leads to.

    It names a row, not another address, so that a chain or a loop cannot be written down. One
    that names none is gone for good, and is answered so.
    """

    TARGETS = ("article", "section", "topic", "author", "series")

    # A path, with its query where the query names the page (``/?p=12``).
    path = models.CharField(max_length=500, unique=True)
    article = models.ForeignKey(
        Article, models.SET_NULL, null=True, blank=True, related_name="moved_addresses"
    )
    section = models.ForeignKey(
        "Section", models.SET_NULL, null=True, blank=True, related_name="moved_addresses"
    )
    topic = models.ForeignKey(
        "Topic", models.SET_NULL, null=True, blank=True, related_name="moved_addresses"
    )
    author = models.ForeignKey(
        "Author", models.SET_NULL, null=True, blank=True, related_name="moved_addresses"
    )
    series = models.ForeignKey(
        "Series", models.SET_NULL, null=True, blank=True, related_name="moved_addresses"
    )

    class Meta:
        verbose_name_plural = "moved addresses"

    def __str__(self) -> str:
        return self.path

    @property
    def target(self) -> Any:
        """The row it leads to, or ``None`` for an address that is gone."""
        return next((row for name in self.TARGETS if (row := getattr(self, name))), None)

    def clean(self) -> None:
        if not self.path.startswith("/"):
            raise ValidationError({"path": "An address begins with a slash."})
        if sum(getattr(self, f"{name}_id") is not None for name in self.TARGETS) > 1:
            raise ValidationError("An address leads to one place.")
