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
        FLAG = "flag", "Publish, and mark it for a look"
        PROMPT = "prompt", "Ask its author to think again, and let it through"

    class Kind(models.TextChoices):
        WORD = "word", "Whole word or phrase (* for any ending)"
        PATTERN = "pattern", "Regular expression"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.WORD)
    pattern = models.CharField(max_length=200)
    action = models.CharField(max_length=6, choices=Action, default=Action.HOLD)
    is_enabled = models.BooleanField("on", default=True)
    is_severe = models.BooleanField(
        "severe", default=False, help_text="The desk veils what it finds until it is opened."
    )
    note = models.CharField(max_length=300, blank=True, help_text="Why the desk has this rule.")
    expires_at = models.DateTimeField(
        "ends", null=True, blank=True, help_text="Off by itself from then on; empty for never."
    )
    # How often it spoke, what it refused included.
    hits = models.PositiveIntegerField(default=0, editable=False)
    last_hit_at = models.DateTimeField(null=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "word rule"
        ordering = ["pattern"]

    def __str__(self) -> str:
        return self.pattern

    def clean(self) -> None:
        from comments.wordlist import compile_rule, is_endless

        try:
            compile_rule(self)
        except ValueError as error:
            raise ValidationError({"pattern": str(error)}) from error
        if self.kind == self.Kind.PATTERN and is_endless(self):
            raise ValidationError(
                {
                    "pattern": "On some texts this pattern takes for ever: a repetition stands "
                    "within another. Write it without, such as (ab)+ for (a|ab)*b."
                }
            )
