"""The picture library."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from articles import pictures
from newsroom.models import Edition

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models.article import ArticleQuerySet


class ImageQuerySet(models.QuerySet["Image"]):
    def by_ids(self, ids: set[int]) -> dict[int, "Image"]:
        """Return the images of these ids, by id."""
        return {image.pk: image for image in self.filter(pk__in=ids)} if ids else {}


class Image(models.Model):
    """A picture in the library, with everything a reader must be told about it."""

    title = models.CharField(max_length=200, blank=True, help_text="For finding it here.")
    alt = models.CharField(
        "alternative text",
        max_length=400,
        blank=True,
        help_text="What the picture shows, for those who do not see it.",
    )
    is_decorative = models.BooleanField(
        "decorative", default=False, help_text="It tells nothing that the story does not."
    )
    caption = models.CharField(max_length=600, blank=True)
    credit = models.CharField(max_length=200, blank=True, help_text="Who is to be named for it.")
    agency = models.CharField(max_length=200, blank=True)
    creator = models.CharField(
        max_length=200, blank=True, help_text="Who took it, if the credit names somebody else."
    )
    copyright_notice = models.CharField(max_length=200, blank=True)
    licence_url = models.URLField("licence address", blank=True)
    acquire_licence_url = models.URLField("address to acquire a licence", blank=True)
    is_from_source = models.BooleanField(
        "came with a republished story",
        default=False,
        help_text="It may be shown only where its own permission is on record.",
    )
    permission = models.CharField(
        max_length=300, blank=True, help_text="Who allowed us to show it, and when."
    )
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    widths = models.JSONField(editable=False, default=list)
    digest = models.CharField(max_length=64, editable=False, blank=True)
    focal_x = models.FloatField(
        default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    focal_y = models.FloatField(
        default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    source_url = models.CharField(
        max_length=500, blank=True, editable=False, help_text="Where an import found it."
    )
    import_key = models.CharField(max_length=300, unique=True, null=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title or self.alt or f"Picture {self.pk}"

    @property
    def has_file(self) -> bool:
        """Whether there is a picture to show; an import may know only its record."""
        return bool(self.digest)

    @property
    def credit_line(self) -> str:
        return " / ".join(filter(None, [self.credit, self.agency]))

    @property
    def object_position(self) -> str:
        """The focal point as CSS class suffix, in steps of a quarter: ``"2-1"`` for centre top."""
        return f"{round(self.focal_x * 4)}-{round(self.focal_y * 4)}"

    def path(self, width: int, kind: str) -> str:
        """Return the rendition's name in the storage. ``kind`` is avif, webp or jpeg."""
        return f"images/{self.pk}/{self.digest}-{width}.{kind}"

    def url(self, width: int, kind: str = "jpeg") -> str:
        return default_storage.url(self.path(width, kind))

    @property
    def largest_url(self) -> str:
        return self.url(self.widths[-1]) if self.has_file else ""

    def take(self, upload: Any) -> None:
        """Save the picture in ``upload`` (a file) as this image's.

        Raises ``ValidationError`` for what is no picture, before anything is saved.
        """
        pixels = pictures.decode(upload)
        if self.pk is None:
            self.save()
        pictures.store(self, pixels)
        self.save()

    def uses(self) -> "ArticleQuerySet":
        """Articles that show this picture, above their text or in it."""
        from articles.models.article import Article

        in_text = f'src="/media/images/{self.pk}/'
        return Article.objects.filter(Q(lead_image=self) | Q(body__contains=in_text))

    def is_editable_by(self, user: "User") -> bool:
        """Tell whether this member of staff may change it: editors all, reporters their uploads.

        A picture that readers see already is an editor's: its caption and credit are theirs.
        """
        if user.has_perm("articles.publish_article"):
            return True
        return self.uploaded_by_id == user.pk and not self.uses().published().exists()

    def discard(self) -> None:
        """Delete the picture with its files, which go once the row is gone for good."""
        names = [self.path(width, kind) for width in self.widths for kind in pictures.ENCODERS]
        self.delete()
        for name in names:
            transaction.on_commit(partial(default_storage.delete, name))

    @transaction.atomic
    def refresh_articles(self) -> None:
        """Show this picture's present words and file wherever it is used."""
        for article in self.uses().select_for_update():
            article.render_body()
            article.page_version = F("page_version") + 1
            article.save(update_fields=["body_html", "page_version"])
        Edition.move()

    def missing(self) -> list[str]:
        """Return what this picture lacks to be published."""
        lacks = []
        if not self.alt and not self.is_decorative:
            lacks.append(f"alternative text of the picture “{self}”")
        if not self.credit_line:
            lacks.append(f"credit of the picture “{self}”")
        return lacks
