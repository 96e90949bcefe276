"""The chain that shows whether anybody touched the record: each link holds the one before."""

import datetime
import secrets
from typing import Any

from django.db import models
from django.utils import timezone

from comments.append_only import AppendOnlyModel

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)


def _nonce(at: datetime.datetime | None = None) -> str:
    # Nine bytes that nobody can guess behind the time, as in a UUID of version 7.
    return f"{((at or timezone.now()) - EPOCH) // MICROSECOND:014x}{secrets.token_hex(9)}"


class Link(AppendOnlyModel):
    """One row of the record, in the order in which it was sealed."""

    class Kind(models.TextChoices):
        DECISION = "decision", "Decision"
        SANCTION = "sanction", "Sanction"
        APPEAL = "appeal", "Answer to an appeal"
        LEGAL = "legal", "Answer to a notice"
        OBJECTION = "objection", "Answer to an objection"

    position = models.PositiveBigIntegerField(unique=True)
    kind = models.CharField(max_length=9, choices=Kind)
    row = models.PositiveBigIntegerField()
    # Mixed into the digest of what is not public, so that nobody can guess it from the digest. It
    # begins with the time of the sealing, which so is sealed too.
    nonce = models.CharField(max_length=32, default=_nonce)
    digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["kind", "row"], name="comments_sealed_once")]

    def __str__(self) -> str:
        return f"Link {self.position}"

    @classmethod
    def begun(cls, at: datetime.datetime, **fields: Any) -> "Link":
        """Return a link that is sealed ``at`` this time, without its digest."""
        return cls(at=at, nonce=_nonce(at), **fields)

    @property
    def is_of_its_time(self) -> bool:
        """Whether ``at`` is the time that the digest was made with."""
        return self.nonce.startswith(f"{(self.at - EPOCH) // MICROSECOND:014x}")
