"""What the paper says of itself: its principles, who owns it, who works for it."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles import body
from articles.models.article import StaleSave
from newsroom.models import Edition

if TYPE_CHECKING:
    from accounts.models import User


class Policy(models.Model):
    """One of the paper's published principles. Sources: schema.org/NewsMediaOrganization."""

    class Kind(models.TextChoices):
        """In the order in which readers are told of them."""

        PRINCIPLES = "principles", "Our principles"
        CORRECTIONS = "corrections", "How we correct errors"
        ETHICS = "ethics", "Ethics"
        OWNERSHIP = "ownership", "Ownership and funding"
        MASTHEAD = "masthead", "Who we are"
        FEEDBACK = "feedback", "How to reach us"
        UNNAMED_SOURCES = "unnamed-sources", "Unnamed sources"
        FACT_CHECKING = "fact-checking", "How we check facts"
        DIVERSITY = "diversity", "Diversity"

    kind = models.CharField(max_length=16, choices=Kind, unique=True)
    body = models.TextField()
    body_html = models.TextField(editable=False)
    # Moves with every save, so that a stale one is refused.
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return self.get_kind_display()

    def get_absolute_url(self) -> str:
        return reverse("articles:policy", args=[self.kind])

    @property
    def place(self) -> int:
        """Where it stands among the others, from 0."""
        return self.Kind.values.index(self.kind)

    @property
    def description(self) -> str:
        """Its first paragraph, for lists and search engines."""
        return body.plain_text(self.body).partition("\n")[0]

    @property
    def html(self) -> SafeString:
        # Safe: made by articles.body from what it sanitised.
        return mark_safe(self.body_html)

    def set_body(self, html: str) -> None:
        """Take ``html`` as the text: sanitised and rendered, without pictures. The caller saves."""
        self.body = body.clean(html)
        self.body_html = body.render(self.body, lambda *picture: None)

    @transaction.atomic
    def save_edit(self, by: "User | None", seen_version: int | None) -> None:
        """Save an editor's change; every page names the policies, so each is made anew.

        ``seen_version`` is the version the editor opened; ``None`` for a new policy. Raises
        ``StaleSave`` if somebody saved since.
        """
        if seen_version is not None:
            row = Policy.objects.select_for_update().get(pk=self.pk)
            if row.version != seen_version:
                raise StaleSave
            self.version = row.version + 1
        self.set_body(self.body)
        self.by, self.updated_at = by, timezone.now()
        self.save()
        Edition.move()
