"""The parts of the paper: sections, topics and series."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F
from django.urls import reverse

from newsroom.models import Edition

if TYPE_CHECKING:
    from articles.models.article import Article, ArticleQuerySet


class Section(models.Model):
    """A part of the paper. Every article stands in one."""

    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    description = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="Order in the masthead.")
    in_masthead = models.BooleanField("in the masthead", default=True)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:section", args=[self.slug])


class Topic(models.Model):
    """What an article is about; it may have several."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:topic", args=[self.slug])


class Series(models.Model):
    """Stories that belong together, in their order."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:series", args=[self.slug])

    def parts(self) -> "ArticleQuerySet":
        """Its stories in their order, also those that readers do not see."""
        return self.in_order(self.articles.all())

    @staticmethod
    def in_order(stories: "ArticleQuerySet") -> "ArticleQuerySet":
        """Parts by their number; those without one at the end, the oldest first."""
        number = F("series_position").asc(nulls_last=True)
        return stories.order_by(number, F("published_at").asc(nulls_last=True), "pk")

    def next_number(self, besides: "Article") -> int:
        """Return the first number after all that are given, ``besides`` the one of this story."""
        others = self.articles.exclude(pk=besides.pk)
        highest = others.aggregate(highest=models.Max("series_position"))["highest"]
        return (highest or 0) + 1

    @transaction.atomic
    def arrange(self, parts: Sequence[int], seen: Sequence[int]) -> None:
        """Number these stories, given by id, 1, 2, 3 …; others of the series leave it.

        ``seen`` are the ids as the editor saw them. Raises ``StaleParts`` if others, or in
        another order, are in the series by now.
        """
        # First, since whoever arranges it at this moment waits here until this is done.
        Edition.move()
        if list(self.parts().values_list("pk", flat=True)) != list(seen):
            raise StaleParts("Somebody else changed this series since you opened it.")
        stories = self.articles.model.objects.all()
        changed = {"page_version": F("page_version") + 1}
        stories.filter(series=self).exclude(pk__in=parts).update(
            series=None, series_position=None, **changed
        )
        for number, pk in enumerate(parts, start=1):
            stories.filter(pk=pk).exclude(series=self, series_position=number).update(
                series=self, series_position=number, **changed
            )


class StaleParts(Exception):
    """An order of a series that somebody else changed since it was opened."""
