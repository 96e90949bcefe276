"""The picture library."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from articles import photo_metadata, pictures
from newsroom.models import Edition

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models.article import ArticleQuerySet


class StillUsed(Exception):
    """A picture that is to be deleted and stands in a story, or beside an author's name."""


class ImageQuerySet(models.QuerySet["Image"]):
    def by_ids(self, ids: set[int]) -> dict[int, "Image"]:
        """Return the images of these ids, by id."""
        return {image.pk: image for image in self.filter(pk__in=ids)} if ids else {}

    def containing(self, asked: str) -> Self:
        """Pictures whose words contain each of the words asked for, the first five of them."""
        found = self
        for word in asked.split()[:5]:
            named = (Q(**{f"{name}__icontains": word}) for name in Image.SEARCHED)
            found = found.filter(reduce(or_, named))
        return found

    def with_file(self) -> Self:
        return self.exclude(digest="")

    def without_alt(self) -> Self:
        return self.filter(alt="", is_decorative=False)

    def without_credit(self) -> Self:
        return self.filter(credit="", agency="")

    def without_permission(self) -> Self:
        """Pictures that came with a republished story and may not be shown."""
        return self.filter(is_from_source=True, permission="")

    def unused(self) -> Self:
        """Pictures that no story and no author shows."""
        from articles.models.article import Article
        from articles.models.people import Author

        texts = Article.text_pictures.through.objects.filter(image=OuterRef("pk"))
        return self.filter(
            ~Exists(Article.objects.filter(lead_image=OuterRef("pk"))),
            ~Exists(texts),
            ~Exists(Author.objects.filter(portrait=OuterRef("pk"))),
        )


class Image(models.Model):
    """A picture in the library, with everything a reader must be told about it."""

    # The fields whose words a search looks at.
    SEARCHED: ClassVar = ["title", "alt", "caption", "credit", "creator", "agency"]

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
    # The picture was replaced by another, and nobody has looked at its words since.
    has_stale_words = models.BooleanField(default=False, editable=False)
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

    @property
    def pixel_digest(self) -> str:
        """The part of the digest that is the pixels'; the other is that of the words with them."""
        return self.digest.partition("-")[0]

    # Its files

    def path(self, width: int, kind: str) -> str:
        """Return the rendition's name in the storage. ``kind`` is avif, webp or jpeg."""
        return f"images/{self.pk}/{self.digest}-{width}.{kind}"

    def crop_path(self, ratio: str) -> str:
        """Return the name of a crop: with its focal point, which moves what it shows."""
        shape = ratio.replace(":", "x")
        focus = f"{round(self.focal_x * 1000)}x{round(self.focal_y * 1000)}"
        return f"images/{self.pk}/{self.digest}-{shape}-{focus}.jpeg"

    @property
    def master_path(self) -> str:
        """The name of the picture our files are made from. It lies where nothing is served."""
        return f"masters/{self.pk}/{self.pixel_digest}.jpeg"

    def names(self) -> frozenset[str]:
        """Return the names of all its files in the storage; of a mere record none."""
        if not self.has_file:
            return frozenset()
        renditions = [self.path(width, kind) for width in self.widths for kind in pictures.ENCODERS]
        crops = [self.crop_path(ratio) for ratio in pictures.RATIOS]
        return frozenset([self.master_path, *renditions, *crops])

    def url(self, width: int, kind: str = "jpeg") -> str:
        return default_storage.url(self.path(width, kind))

    @property
    def largest_url(self) -> str:
        return self.url(self.widths[-1]) if self.has_file else ""

    def crops(self) -> list[pictures.Crop]:
        """Return the picture cut to 16:9, 4:3 and 1:1 around its focal point, as JPEG.

        No crop is larger than the picture, and none wider than 1200 pixels.
        """
        if not self.has_file or not self.width:
            return []
        return [
            pictures.Crop(ratio, default_storage.url(self.crop_path(ratio)), *size)
            for ratio in pictures.RATIOS
            for size in [pictures.crop_box(self, ratio)[1]]
        ]

    @property
    def share_url(self) -> str:
        """The address of what a shared link shows: the crop to 16:9."""
        return crops[0].url if (crops := self.crops()) else self.largest_url

    def take(self, upload: Any) -> list[str]:
        """Save the picture in ``upload`` (a file) as this image's, in place of any it had.

        What its file says fills fields that are empty; returns their names. Raises
        ``ValidationError`` for what is no picture, before anything is saved, and ``NotStored``.
        """
        return self.take_photo(pictures.read(upload))

    def take_photo(self, photo: pictures.Photo) -> list[str]:
        """Save ``photo`` as this image's. As ``take``, for an upload that was read already."""
        filled = self.fill(photo.words)
        with self._changing_files() as standing:
            if self.pk is None:
                self.save()
            pictures.store(self, photo.pixels, standing)
        return filled

    def save_words(self) -> None:
        """Save it, and have its files carry its words and the crops its focal point.

        A picture that has lost its files is saved too. Raises ``NotStored``.
        """
        had = self.digest
        with self._changing_files() as standing:
            if self.has_file:
                self.digest = f"{self.pixel_digest}-{photo_metadata.words_digest(self)}"
                if not self.names() <= standing:
                    try:
                        pictures.renew(self, standing)
                    except FileNotFoundError:
                        self.digest = had

    def make_files_again(self) -> None:
        """Write what is missing of its files, from what is left of them, with its words of now.

        Raises ``NotStored``, and ``FileNotFoundError`` where nothing is left.
        """
        with self._changing_files() as standing:
            pictures.renew(self, standing)

    @contextmanager
    def _changing_files(self) -> Iterator[frozenset[str]]:
        """Save the row with its new files; the old ones go once that is through.

        Yields the names of the files that it has.
        """
        with pictures.all_or_nothing() as written, transaction.atomic():
            row = Image.objects.select_for_update().filter(pk=self.pk).first()
            standing = row.names() if row else frozenset()
            yield standing
            self.save()
            transaction.on_commit(written.clear)
            for name in standing - self.names():
                transaction.on_commit(partial(pictures.delete, name))

    def fill(self, words: dict[str, str]) -> list[str]:
        """Put ``words`` (by field) where there are none; return the names of those fields."""
        filled = []
        for name, text in words.items():
            longest: int = self._meta.get_field(name).max_length  # type: ignore[union-attr,assignment]
            if getattr(self, name) or (name == "alt" and self.is_decorative):
                continue
            if len(text) > longest:
                if name.endswith("_url"):
                    continue
                text = f"{text[: longest - 1].rstrip()}…"
            setattr(self, name, text)
            filled.append(name)
        return filled

    # Where it is used

    def uses(self) -> "ArticleQuerySet":
        """Articles that show this picture, above their text or in it."""
        from articles.models.article import Article

        in_text = Article.text_pictures.through.objects.filter(image=self).values("article")
        return Article.objects.filter(Q(lead_image=self) | Q(pk__in=in_text))

    @property
    def is_used(self) -> bool:
        """Whether a story or an author shows it."""
        return self.portrayed.exists() or self.uses().exists()

    def stands_in_a_text(self) -> bool:
        """Read every text for this picture: slower than ``uses``, and never out of date."""
        from articles.models.article import Article

        return Article.objects.filter(body__contains=f'src="/media/images/{self.pk}/').exists()

    def is_editable_by(self, user: "User") -> bool:
        """Tell whether this member of staff may change it: editors all, reporters their uploads.

        A picture that readers see already is an editor's: its caption and credit are theirs.
        """
        if user.has_perm("articles.publish_article"):
            return True
        return self.uploaded_by_id == user.pk and not self.uses().published().exists()

    @transaction.atomic
    def discard(self) -> None:
        """Delete the picture with its files, which go once the row is gone for good.

        Raises ``StillUsed`` for a picture that a story or an author shows.
        """
        row = Image.objects.select_for_update().get(pk=self.pk)
        if row.is_used or row.stands_in_a_text():
            raise StillUsed(f"“{row}” stays: it is used.")
        folders = [f"images/{row.pk}", f"masters/{row.pk}"]
        names = row.names()
        row.delete()
        for name in [*names, *folders]:
            transaction.on_commit(partial(pictures.delete, name))

    @transaction.atomic
    def refresh_articles(self) -> None:
        """Show this picture's present words and file wherever it is used."""
        for article in self.uses().select_for_update():
            article.render_body()
            article.page_version = F("page_version") + 1
            article.save(update_fields=["body", "body_html", "page_version"])
        Edition.move()

    # What it lacks

    @property
    def gaps(self) -> list[str]:
        """What an editor has to do to it, in a word each."""
        gaps = {
            "alternative text": not self.alt and not self.is_decorative,
            "credit": not self.credit_line,
            "permission": self.is_from_source and not self.permission,
            "file": not self.has_file,
        }
        return [name for name, is_open in gaps.items() if is_open]

    def missing(self) -> list[str]:
        """Return what this picture lacks to be published."""
        lacks = []
        if not self.alt and not self.is_decorative:
            lacks.append(f"alternative text of the picture “{self}”")
        if not self.credit_line:
            lacks.append(f"credit of the picture “{self}”")
        if self.is_from_source and not self.permission:
            lacks.append(
                f"permission to show the picture “{self}”, which came with a republished story"
            )
        return lacks
