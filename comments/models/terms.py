"""The rules of the conversation, as they were and are (DSA Art. 14)."""

import datetime
import functools
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from newsroom import cached

KEY, KEPT_FOR = "comments-terms", 60  # seconds
NEWS_FOR = datetime.timedelta(days=30)


class TermsQuerySet(models.QuerySet["Terms"]):
    def in_force(self) -> Self:
        """Versions that hold or held, the one that holds now first."""
        return self.filter(in_force_at__lte=timezone.now()).order_by("-in_force_at", "-number")


class Terms(models.Model):
    """One version of the rules. A new version is a new row."""

    number = models.PositiveIntegerField(unique=True, editable=False)
    text = models.TextField(max_length=20_000, help_text="In the comments' markdown.")
    html = models.TextField(editable=False)
    changes = models.CharField(
        "what changed", max_length=500, blank=True, help_text="Told to readers above the form."
    )
    in_force_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = TermsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "terms"
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Version {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("comments:terms-version", args=[self.number])

    @property
    def shown(self) -> SafeString:
        """The text as HTML: what ``publish`` rendered, by the rules of the comments.

        But that the lines of a paragraph run on: where one ends is the width of somebody's editor.
        """
        return mark_safe(self.html.replace("<br>", " "))

    @transaction.atomic
    def publish(self) -> None:
        """Save this as the next version; earlier ones stay as they are."""
        from comments import text

        last = Terms.objects.select_for_update().order_by("-number").first()
        self.number = (last.number if last else 0) + 1
        self.html = text.render(text.clean(self.text))
        self.save(force_insert=True)
        transaction.on_commit(functools.partial(cached.forget, KEY))

    @classmethod
    def current(cls) -> "Terms | None":
        """The version in force, or ``None`` where nobody wrote any; looked up once a minute."""
        row = cached.get(KEY)
        if row is None:
            found = cls.objects.in_force().defer("text", "html").first()
            row = (found.pk, found.number, found.changes, found.in_force_at) if found else ()
            cached.put(KEY, row, KEPT_FOR)
        if not row:
            return None
        pk, number, changes, in_force_at = row
        return cls(pk=pk, number=number, changes=changes, in_force_at=in_force_at)

    @classmethod
    def news(cls) -> "Terms | None":
        """The version in force while what it changed is news: its number, changes and time."""
        current = cls.current()
        if current is None or not current.changes:
            return None
        return current if timezone.now() - current.in_force_at < NEWS_FOR else None
