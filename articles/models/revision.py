"""What an article said before: a revision for every save, and the versions readers may open."""

import json
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.differences import opcodes, paragraphs
from articles.models.article import Article

Content = dict[str, Any]  # of each field of ``revisions.FIELDS`` its value as JSON has it


class RevisionQuerySet(models.QuerySet["Revision"]):
    def whole(self) -> Self:
        """With all that their content is read from, in the same query."""
        return self.select_related("base")

    def versions(self) -> Self:
        """Those that readers may open, the first one first."""
        return self.filter(public_number__isnull=False).order_by("public_number")


class Revision(models.Model):
    """An article as it was after one save. Rows are only added."""

    class Kind(models.TextChoices):
        SAVE = "save", "Saved"
        RESTORE = "restore", "Restored"
        IMPORT = "import", "Imported"

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()  # 1, 2, 3 … of its article
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SAVE)
    # The article's version that it is of: an editor who opened that version began from this.
    version = models.PositiveIntegerField(default=1)
    # As ``content`` is kept: whole, or as what differs from ``base``, which is whole.
    stored = models.JSONField()
    base = models.ForeignKey("self", models.CASCADE, null=True, related_name="+")
    # Against the revision before.
    words_added = models.PositiveIntegerField(default=0)
    words_removed = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    # Of a save while readers could read it: whether it mattered to them.
    is_substantive = models.BooleanField(default=False)
    # 1, 2, 3 … of the versions that readers may open; none of the others.
    public_number = models.PositiveIntegerField(null=True)

    objects = RevisionQuerySet.as_manager()

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

    @property
    def content(self) -> Content:
        """What the article said: each field of ``revisions.FIELDS`` with its value."""
        if self.base is None:
            return dict(self.stored)
        content = {**self.base.stored, **self.stored}
        if isinstance(kept := content.get("body"), list):
            whole = paragraphs(self.base.stored["body"])
            content["body"] = "".join(
                part if isinstance(part, str) else "".join(whole[part[0] : part[1]])
                for part in kept
            )
        return content

    @content.setter
    def content(self, content: Content) -> None:
        self.stored, self.base = content, None

    def put(self, content: Content, base: "Revision | None") -> None:
        """Keep ``content`` as what differs from ``base``, where that is less than a fifth of it.

        One word of a long story is then a paragraph, and no revision is more than one step away
        from one that is whole.
        """
        self.content = content
        if base is None:
            return
        whole = base.stored
        different = {name: value for name, value in content.items() if whole.get(name) != value}
        if "body" in different:
            different["body"] = _changed(whole["body"], content["body"])
        if len(json.dumps(different)) < len(json.dumps(content)) / 5:
            self.stored, self.base = different, base


def _changed(old: str, new: str) -> list[str | list[int]]:
    """Return the new text as its own paragraphs and, for those it kept, their places in the old."""
    before, after = paragraphs(old), paragraphs(new)
    return [
        [i1, i2] if code == "equal" else "".join(after[j1:j2])
        for code, i1, i2, j1, j2 in opcodes(before, after)
        if code != "delete"
    ]
