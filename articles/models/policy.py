"""What the paper says of itself: its principles, who owns it, who works for it."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone


class Policy(models.Model):
    """One of the paper's published principles. Sources: schema.org/NewsMediaOrganization."""

    class Kind(models.TextChoices):
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
