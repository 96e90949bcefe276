"""Who wrote what: authors, and their places in bylines."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from articles.models.image import Image


class Author(models.Model):
    """A name in a byline. It may belong to an account, and need not."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="byline",
        help_text="The account, where this author has one here.",
    )
    outlet = models.CharField(max_length=120, blank=True, help_text="If not of this paper.")
    beat = models.CharField(max_length=120, blank=True, help_text="What they report on.")
    bio = models.TextField(blank=True)
    contact = models.EmailField(blank=True, help_text="Shown to readers.")
    portrait = models.ForeignKey(
        Image, models.PROTECT, null=True, blank=True, related_name="portrayed"
    )
    import_key = models.CharField(max_length=300, unique=True, null=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:author", args=[self.slug])


class Byline(models.Model):
    """An author's place in the order of an article's names."""

    article = models.ForeignKey("Article", models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, models.PROTECT, related_name="bylines")
    position = models.PositiveSmallIntegerField(default=0)
    role = models.CharField(max_length=60, blank=True, help_text="If not the writer.")
    outlet = models.CharField(max_length=120, blank=True, help_text="For this story only.")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "author"], name="articles_byline_once")
        ]

    def __str__(self) -> str:
        return self.author.name
