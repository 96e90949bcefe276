"""What readers think of a comment."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from comments.models.comment import Comment, InvalidMove, Refused
from newsroom import pace, prepared


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
        # What is taken back leaves no row, and each turn makes the story's page anew.
        cls._refuse_for(pace.wait_for_turn("respect", reader.pk, *cls.PACE))
        with transaction.atomic():
            row = comment.locked()
            since = timezone.now() - cls.PACE[1]
            is_given, gives_fast = DONE.first(comment=row.pk, reader=reader.pk, since=since)
            if gives_fast:
                cls._refuse_for(pace.wait(cls.objects.filter(reader=reader), *cls.PACE))
            if row.author_id == reader.pk:
                raise InvalidMove("Nobody gives respect to their own comment.")
            if not row.is_visible:
                raise InvalidMove("This comment is not shown any more.")
            if wanted is None:
                wanted = not is_given
            if wanted != bool(is_given):
                if wanted:
                    cls.objects.create(comment=row, reader=reader)
                else:
                    cls.objects.filter(comment=row, reader=reader).delete()
                row.respect_count += 1 if wanted else -1
                # Under its lock, so that what was read of it is what it is.
                Comment.objects.filter(pk=row.pk).update(respect_count=row.respect_count)
                row.article.renew_pages()
        comment.respect_count = row.respect_count
        return wanted

    @staticmethod
    def _refuse_for(wait: int) -> None:
        """Raise ``Refused`` if there are seconds to wait: nobody reads as fast as that."""
        if wait:
            raise Refused(
                f"That was a lot of nods in a minute. Please wait {pace.in_words(wait)}, "
                "then press again.",
                wait,
            )


def _done() -> models.QuerySet[Comment, tuple[bool, bool]]:
    """Ask whether a reader respects a comment, and whether they gave as many as they may."""
    own = Respect.objects.filter(reader=prepared.number("reader"))
    lately = own.filter(at__gt=prepared.moment("since"))
    most, _ = Respect.PACE
    row = Comment.objects.filter(pk=prepared.number("comment")).order_by()
    return row.values_list(
        Exists(own.filter(comment=OuterRef("pk"))), Exists(lately[most - 1 : most])
    )


DONE = prepared.Query(_done)
