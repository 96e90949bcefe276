"""The rules of the conversation, as they were and are (DSA Art. 14)."""

from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe


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
        """The text as HTML: what ``publish`` rendered, by the rules of the comments."""
        return mark_safe(self.html)

    @transaction.atomic
    def publish(self) -> None:
        """Save this as the next version; earlier ones stay as they are."""
        from comments import text

        last = Terms.objects.select_for_update().order_by("-number").first()
        self.number = (last.number if last else 0) + 1
        self.html = text.render(text.clean(self.text))
        self.save(force_insert=True)

    @classmethod
    def current_number(cls) -> int | None:
        """The number of the version in force, or ``None`` where nobody wrote any. One query."""
        return cls.objects.in_force().values_list("number", flat=True).first()
