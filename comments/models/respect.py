"""What readers think of a comment."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from comments.models.comment import Comment


class Respect(models.Model):
    """A reader's nod to a comment. One per reader and comment, none on one's own."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="respects")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="respects")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "reader"], name="comments_respect_once")
        ]

    def __str__(self) -> str:
        return f"{self.reader} respects {self.comment_id}"
