"""The chain that shows whether anybody touched the record: each link holds the one before."""

import secrets

from django.db import models
from django.utils import timezone

from comments.append_only import AppendOnlyModel


def _nonce() -> str:
    return secrets.token_hex(16)


class Link(AppendOnlyModel):
    """One row of the record, in the order in which it was sealed."""

    class Kind(models.TextChoices):
        DECISION = "decision", "Decision"
        SANCTION = "sanction", "Sanction"
        APPEAL = "appeal", "Answer to an appeal"
        LEGAL = "legal", "Answer to a notice"

    position = models.PositiveBigIntegerField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    row = models.PositiveBigIntegerField()
    # Mixed into the digest of what is not public, so that nobody can guess it from the digest.
    nonce = models.CharField(max_length=32, default=_nonce)
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["kind", "row"], name="comments_sealed_once")]

    def __str__(self) -> str:
        return f"Link {self.position}"
