"""What an article said before: a revision for every save, and the versions readers may open."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models.article import Article


class Revision(models.Model):
    """An article as it was after one save. Rows are only added."""

    class Kind(models.TextChoices):
        SAVE = "save", "Saved"
        RESTORE = "restore", "Restored"
        IMPORT = "import", "Imported"

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()  # 1, 2, 3 … of its article
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SAVE)
    # Of each field of ``revisions.FIELDS`` its value as JSON has it.
    content = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    # Of a save while readers could read it: whether it mattered to them.
    is_substantive = models.BooleanField(default=False)
    # 1, 2, 3 … of the versions that readers may open; none of the others.
    public_number = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["article", "number"]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="articles_revision_once"),
            models.UniqueConstraint(
                fields=["article", "public_number"],
                condition=Q(public_number__isnull=False),
                name="articles_version_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Revision {self.number}"
