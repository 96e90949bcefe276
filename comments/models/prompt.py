"""What came of asking authors to think again, counted without what they wrote."""

from django.db import models


class PromptCount(models.Model):
    """How often a prompt of the civility check ended one way on one day."""

    class Outcome(models.TextChoices):
        SHOWN = "shown", "Shown"
        EDITED = "edited", "Text changed, then posted"
        POSTED = "posted", "Posted as it was"
        CANCELLED = "cancelled", "Not posted"

    day = models.DateField()
    # What spoke: the name of a rule of comments.civility, never words of the comment.
    rule = models.CharField(max_length=40)
    outcome = models.CharField(max_length=10, choices=Outcome)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day", "rule", "outcome"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "rule", "outcome"], name="comments_prompt_count_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.rule} {self.outcome} {self.count}"
