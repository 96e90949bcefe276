"""What readers think of a comment."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from comments import pace
from comments.models.comment import Comment, InvalidMove, Refused


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
    def turn(cls, reader: User, comment: Comment, wanted: bool | None = None) -> bool:
        """Have ``reader`` give ``comment`` their respect, or take it back.

        With ``wanted`` it ends up given or not, however often that is asked; without, it turns.
        Returns whether it is given now. Raises ``InvalidMove`` for one's own comment and for one
        that readers do not see, and ``Refused`` for more than ``PACE``.
        """
        cls._keep_pace(reader)
        with transaction.atomic():
            row = comment.locked()
            if row.author_id == reader.pk:
                raise InvalidMove("Nobody gives respect to their own comment.")
            if not row.is_visible:
                raise InvalidMove("This comment is not shown any more.")
            given = row.respects.filter(reader=reader)
            is_given = given.exists()
            if wanted is None:
                wanted = not is_given
            if wanted != is_given:
                if wanted:
                    row.respects.create(reader=reader)
                else:
                    given.delete()
                row.respect_count += 1 if wanted else -1
                row.save(update_fields=["respect_count"])
                row.article.renew_pages()
        comment.refresh_from_db(fields=["respect_count"])
        return wanted

    @classmethod
    def _keep_pace(cls, reader: User) -> None:
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
