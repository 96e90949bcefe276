"""What readers think of a comment."""

import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from comments import pace
from comments.models.comment import Comment, Refused


class Respect(models.Model):
    """A reader's nod to a comment. One per reader and comment, none on one's own."""

    # How many one reader gives in a time, and how often they change their mind.
    PACE = (60, datetime.timedelta(minutes=1))

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="respects")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="respects")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "reader"], name="comments_respect_once")
        ]

    def __str__(self) -> str:
        return f"{self.reader} respects {self.comment_id}"

    @classmethod
    def keep_pace(cls, reader: User) -> None:
        """Count a press of the button. Raises ``Refused`` if they come faster than people read."""
        # What is taken back leaves no row, and each turn makes the story's page anew.
        wait = pace.wait(cls.objects.filter(reader=reader), *cls.PACE) or pace.wait_for_turn(
            "respect", reader.pk, *cls.PACE
        )
        if wait:
            raise Refused(
                f"That was a lot of nods in a minute. Please wait {pace.in_words(wait)}, "
                "then press again.",
                wait,
            )
