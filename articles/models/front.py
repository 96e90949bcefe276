"""What the editors put where: slots of the front pages, and stories that belong beside a story."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from articles.models.article import Article
from articles.models.paper import Section


class Slot(models.Model):
    """A story's place on the front page, or on a section's, which it keeps for a while."""

    section = models.ForeignKey(
        Section, models.CASCADE, null=True, blank=True, related_name="slots"
    )  # None: the front page
    position = models.PositiveSmallIntegerField()
    article = models.ForeignKey(Article, models.CASCADE, related_name="slots")
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["section", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "article"],
                condition=Q(section__isnull=False),
                name="articles_section_slot_once",
            ),
            models.UniqueConstraint(
                fields=["article"],
                condition=Q(section__isnull=True),
                name="articles_front_slot_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.article_id}"


class RelatedStory(models.Model):
    """A story that an editor put beside another."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="related_stories")
    related = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "related stories"
        constraints = [
            models.UniqueConstraint(fields=["article", "related"], name="articles_related_once")
        ]

    def __str__(self) -> str:
        return f"{self.article_id} – {self.related_id}"
