"""What is kept of an article's past: corrections, steps, and the addresses it had."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
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
    # Somebody outside the house told us. Who, is nobody's business.
    is_from_reader = models.BooleanField(default=False, editable=False)
    at = models.DateTimeField("time", default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"

    @property
    def is_on_top(self) -> bool:
        """Whether it stands above the text: what changes how all of it is to be read."""
        return self.kind in {self.Kind.NOTE, self.Kind.RETRACTION}


class Step(models.Model):
    """A step in an article's life: who took it, when, and why. Rows are only added."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="steps")
    verb = models.CharField(max_length=12, choices=Article.Verb)
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    published_from = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    note = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)
    # Whether the mails that tell of it are written, where it is one to be told.
    is_told = models.BooleanField(default=False)

    # What others of the newsroom must know at once.
    TOLD: ClassVar = [
        Article.Verb.RETURN, Article.Verb.WITHDRAW, Article.Verb.KILL, Article.Verb.LIFT_KILL,
        Article.Verb.LIFT_EMBARGO,
    ]  # fmt: skip

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(
                fields=["at"],
                condition=Q(
                    is_told=False,
                    verb__in=["return", "withdraw", "kill", "lift-kill", "lift-embargo"],
                ),
                name="articles_steps_to_tell",
            )
        ]

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
