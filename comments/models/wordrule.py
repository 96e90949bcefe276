"""The desk's own words."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone


class WordRule(models.Model):
    """A word or pattern that the desk holds or refuses comments for."""

    class Action(models.TextChoices):
        HOLD = "hold", "Hold for a moderator"
        BLOCK = "block", "Refuse, and say why"
        PROMPT = "prompt", "Ask its author to think again, and let it through"

    class Kind(models.TextChoices):
        WORD = "word", "Whole word or phrase (* for any ending)"
        PATTERN = "pattern", "Regular expression"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.WORD)
    pattern = models.CharField(max_length=200)
    action = models.CharField(max_length=6, choices=Action, default=Action.HOLD)
    is_enabled = models.BooleanField("on", default=True)
    note = models.CharField(max_length=300, blank=True, help_text="Why the desk has this rule.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "word rule"
        ordering = ["pattern"]

    def __str__(self) -> str:
        return self.pattern

    def clean(self) -> None:
        from comments.wordlist import compile_rule

        try:
            compile_rule(self)
        except ValueError as error:
            raise ValidationError({"pattern": str(error)}) from error
