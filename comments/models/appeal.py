"""Appeals: somebody else looks again, for half a year after what was decided (DSA Art. 20)."""

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from comments.models.record import Decision
from comments.models.sanction import Sanction


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> Self:
        """Appeals that nobody answered, longest wait first."""
        return self.filter(answered_at__isnull=True).order_by("at", "pk")


class Appeal(models.Model):
    """What somebody says against a decision about their comment, or a sanction. One each."""

    # How long after the decision one may appeal. Source: DSA Art. 20(1), six months at least.
    OPEN_FOR = datetime.timedelta(days=184)
    MAX_LENGTH = 3000  # characters

    decision = models.OneToOneField(
        Decision, models.PROTECT, null=True, blank=True, related_name="appeal"
    )
    sanction = models.OneToOneField(
        Sanction, models.PROTECT, null=True, blank=True, related_name="appeal"
    )
    # Who appeals; empty where a guest's comment or an account that is gone is concerned.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="appeals"
    )
    text = models.TextField(max_length=MAX_LENGTH)
    at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    is_granted = models.BooleanField(null=True)
    # The reasoned answer, as its author reads it.
    answer = models.TextField(max_length=2000, blank=True)
    # The record of the answer: a decision on the comment, or a row about the sanction.
    answer_decision = models.OneToOneField(
        Decision, models.PROTECT, null=True, blank=True, related_name="answers_appeal"
    )
    answer_sanction = models.OneToOneField(
        Sanction, models.PROTECT, null=True, blank=True, related_name="answers_appeal"
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["at", "id"],
                condition=Q(answered_at__isnull=True),
                name="comments_open_appeals",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__isnull=True, sanction__isnull=False)
                | Q(decision__isnull=False, sanction__isnull=True),
                name="comments_appeal_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"Appeal {self.pk}"
