"""The parts of the paper: sections, topics and series."""

from django.db import models
from django.urls import reverse


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
