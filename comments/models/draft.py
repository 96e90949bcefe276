"""Comments written before their authors logged in."""

import datetime
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from comments.models.comment import Comment, Refused

if TYPE_CHECKING:
    from comments.quoting import Passage


class Draft(models.Model):
    """A comment written before its author logged in, kept until they have.

    The browser's session holds its key; once somebody signs up or logs in there it is theirs, so
    that an address verified on another device posts it all the same.
    """

    KEPT = datetime.timedelta(days=7)

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    parent = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+")
    body = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="drafts"
    )
    # What became of it: the comment, or why it was not taken.
    comment = models.OneToOneField(Comment, models.SET_NULL, null=True, related_name="+")
    problem = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Draft on {self.article_id}"

    def get_absolute_url(self) -> str:
        return reverse("comments:draft", args=[self.key])

    def parts(self) -> "tuple[Passage | None, str]":
        """Return the passage that the text speaks of, if it begins with one, and the rest."""
        from comments import quoting

        return quoting.lift(self.body, self.article, self.parent)

    def post(self, by: "User", address: str | None = None) -> Comment | None:
        """Submit the text as ``by``'s comment, once. Returns it, or ``None`` with ``problem``.

        A stranger's draft is not posted, and what became of it not told.
        """
        with transaction.atomic():
            row = Draft.objects.select_for_update().get(pk=self.pk)
            if row.author_id not in {None, by.pk}:
                return None
            if row.comment is None:
                row.author = by
                comment = Comment(
                    article=row.article, author=by, form_key=row.key, ip_address=address
                )
                comment.answer_to(row.parent)
                passage, body = row.parts()
                comment.set_body(body)
                if passage:
                    passage.put_on(comment)
                try:
                    with transaction.atomic():
                        row.comment, row.problem = comment.submit(), ""
                except Refused as refusal:
                    row.problem = str(refusal)
                row.save()
        self.refresh_from_db()
        return self.comment
