"""What came of asking authors to think again, counted without what they wrote."""

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone


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

    @classmethod
    def add(cls, rule: str, outcome: "PromptCount.Outcome") -> None:
        """Count one more of today's, however many do so at once."""
        key = {"day": timezone.localdate(), "rule": rule, "outcome": outcome}
        for _ in range(2):
            if cls.objects.filter(**key).update(count=F("count") + 1):
                return
            try:
                with transaction.atomic():
                    cls.objects.create(**key, count=1)
                return
            except IntegrityError:
                # Somebody else began the row between the two; it is there now.
                continue
