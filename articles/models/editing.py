"""What goes on while a story is being written: typed text, who is at it, who may look."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models.article import Article


class Autosave(models.Model):
    """What one editor has typed into a story's form and not saved yet.

    One row for each editor and story, written over while they type; gone with their save.
    """

    # None for a story that has not been saved at all.
    article = models.ForeignKey(Article, models.CASCADE, null=True, related_name="autosaves")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    fields = models.JSONField()  # the form's values by name, as typed
    seen_version = models.PositiveIntegerField(null=True)
    begun_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "by"],
                condition=Q(article__isnull=False),
                name="articles_autosave_once",
            ),
            models.UniqueConstraint(
                fields=["by"],
                condition=Q(article__isnull=True),
                name="articles_autosave_new_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Unsaved: {self.article_id}"


class Presence(models.Model):
    """That an editor has a story open."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="presences")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    # Whoever took the story over, until this editor has been told.
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "by"], name="articles_presence_once")
        ]

    def __str__(self) -> str:
        return f"{self.by_id} at {self.article_id}"


class PreviewLink(models.Model):
    """A link by which somebody outside may read a story before readers do, for a while."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="preview_links")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField("for whom", max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.note or f"Preview of {self.article_id}"
