"""What we publish: articles and their life, who wrote them, where they stand, their pictures."""

import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from articles import body, pictures

if TYPE_CHECKING:
    from accounts.models import User


class InvalidMove(Exception):
    """A step in an article's life that makes no sense from where it stands."""


class NotReady(InvalidMove):
    """An article that lacks something it may not be published without."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__("Not ready to publish: " + "; ".join(missing) + ".")
        self.missing = missing


class StaleSave(Exception):
    """A save of an article that somebody else saved since it was opened."""


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
    credit = models.CharField(max_length=200, blank=True, help_text="The photographer.")
    agency = models.CharField(max_length=200, blank=True)
    copyright_notice = models.CharField(max_length=200, blank=True)
    licence_url = models.URLField("licence address", blank=True)
    acquire_licence_url = models.URLField("address to acquire a licence", blank=True)
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
            Article.objects.filter(pk=article.pk).update(
                body_html=article.body_html, page_version=F("page_version") + 1
            )

    def missing(self) -> list[str]:
        """Return what this picture lacks to be published."""
        lacks = []
        if not self.alt and not self.is_decorative:
            lacks.append(f"alternative text of the picture “{self}”")
        if not self.credit_line:
            lacks.append(f"credit of the picture “{self}”")
        return lacks


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
    portrait = models.ForeignKey(Image, models.SET_NULL, null=True, blank=True, related_name="+")
    import_key = models.CharField(max_length=300, unique=True, null=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:author", args=[self.slug])


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> Self:
        """Articles any reader may open: withdrawn ones too, which show their notice.

        A scheduled article is published by the clock, not by a worker: it appears at its
        instant, exactly once, even when nothing else is running.
        """
        return self.filter(
            Q(status=Article.Status.WITHDRAWN, published_at__isnull=False)
            | Q(
                status__in=[Article.Status.PUBLISHED, Article.Status.SCHEDULED],
                published_at__lte=timezone.now(),
            )
        )

    def listed(self) -> Self:
        """Stories that lists, feeds, sitemaps and search show, newest first."""
        return self.filter(
            kind=Article.Kind.STORY,
            status__in=[Article.Status.PUBLISHED, Article.Status.SCHEDULED],
            published_at__lte=timezone.now(),
        ).order_by("-published_at", "-pk")

    def for_cards(self) -> Self:
        """With what a card in a list shows; two queries however many cards."""
        return (
            self.select_related("section", "lead_image")
            .prefetch_related(
                models.Prefetch("bylines", Byline.objects.select_related("author")),
            )
            .defer("body", "body_html")
        )

    def for_page(self) -> Self:
        """With all that the article's own page shows."""
        return self.select_related("section", "lead_image").prefetch_related(
            models.Prefetch("bylines", Byline.objects.select_related("author")),
            "topics",
            "corrections",
        )

    def related_to(self, article: "Article") -> Self:
        """Other listed stories of the same section, newest first."""
        return (
            self.listed()
            .filter(section=article.section_id)
            .exclude(pk=article.pk)
            .select_related("section", "lead_image")
            .defer("body", "body_html")
        )

    def readable_at_desk(self, user: "User") -> Self:
        """Articles this person may read before readers do: nobody's, unless staff."""
        if user.has_perm("articles.publish_article") or user.has_perm("comments.moderate_comment"):
            return self
        if user.has_perm("articles.view_article"):
            return self.of(user)
        return self.none()

    def editable_by(self, user: "User") -> Self:
        """Articles this member of staff may change: editors all, reporters their own drafts."""
        if user.has_perm("articles.publish_article"):
            return self
        return self.of(user).filter(status=Article.Status.DRAFT)

    def of(self, user: "User") -> Self:
        """Articles that this person began or is named in."""
        named = Byline.objects.filter(author__user=user).values("article")
        return self.filter(Q(created_by=user) | Q(pk__in=named))


class Article(models.Model):
    """A story and its life, or a standing page that came with an import."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Kind(models.TextChoices):
        STORY = "story", "Story"
        PAGE = "page", "Page"

    class Label(models.TextChoices):
        NEWS = "news", "News"
        OPINION = "opinion", "Opinion"
        ANALYSIS = "analysis", "Analysis"
        BACKGROUND = "background", "Background"
        SPONSORED = "sponsored", "Sponsored"
        LETTER = "letter", "Letters"

    class CommentPolicy(models.TextChoices):
        OPEN = "open", "Open"
        PREMODERATED = "premoderated", "Every comment waits for a moderator"
        CLOSED = "closed", "Closed: shown, no new ones"
        HIDDEN = "hidden", "Hidden"

    # What each status may follow.
    FOLLOWS: ClassVar = {
        Status.SCHEDULED: {Status.DRAFT, Status.SCHEDULED},
        Status.PUBLISHED: {Status.DRAFT, Status.SCHEDULED, Status.WITHDRAWN},
        Status.WITHDRAWN: {Status.PUBLISHED, Status.SCHEDULED},
        Status.DRAFT: {Status.SCHEDULED},
    }

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STORY, editable=False)
    label = models.CharField(
        "type", max_length=12, choices=Label, default=Label.NEWS, help_text="Above the headline."
    )
    headline = models.CharField(max_length=200)
    slug = models.SlugField(
        max_length=200,
        allow_unicode=True,
        help_text="The last part of the address. It stays once the story is published.",
    )
    standfirst = models.TextField(blank=True, help_text="One or two sentences under the headline.")
    section = models.ForeignKey(
        Section, models.PROTECT, null=True, blank=True, related_name="articles"
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="articles")
    authors: models.ManyToManyField = models.ManyToManyField(
        Author, through="Byline", related_name="articles"
    )
    dateline = models.CharField(
        max_length=80,
        blank=True,
        help_text="Where it was reported from, if at least one bylined reporter was there.",
    )
    body = models.TextField(blank=True)
    body_html = models.TextField(editable=False, blank=True)
    word_count = models.PositiveIntegerField(default=0, editable=False)
    language = models.CharField(max_length=10, default="en", editable=False)

    lead_image = models.ForeignKey(
        Image, models.PROTECT, null=True, blank=True, related_name="leads"
    )
    lead_caption = models.CharField(
        max_length=600, blank=True, help_text="If not the library's caption."
    )

    source_outlet = models.CharField("outlet", max_length=120, blank=True)
    source_outlet_url = models.URLField("outlet's address", blank=True)
    source_url = models.URLField("original's address", blank=True)
    originally_published = models.DateField(null=True, blank=True)
    source_licence = models.CharField("licence", max_length=120, blank=True)
    source_permission = models.CharField("permission note", max_length=300, blank=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    # The instant from which readers see it; for a scheduled article that instant lies ahead.
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The day in the address, kept so that a change of time zone moves no story.
    published_on = models.DateField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Last change that matters to readers."
    )
    withdrawal_notice = models.TextField(blank=True, editable=False)
    is_featured = models.BooleanField(
        "editors’ choice", default=False, help_text="Kept on the front page."
    )

    comment_policy = models.CharField(
        "comments", max_length=12, choices=CommentPolicy, default=CommentPolicy.OPEN
    )
    # Counters of visible comments and of threads that show any; moved with what they count.
    comment_count = models.PositiveIntegerField(default=0, editable=False)
    thread_count = models.PositiveIntegerField(default=0, editable=False)
    last_number = models.PositiveIntegerField(default=0, editable=False)
    # Moves whenever the page's content does, so that kept copies know they are old.
    page_version = models.PositiveIntegerField(default=1, editable=False)
    # Moves with every save by an editor, so that a stale save is refused.
    version = models.PositiveIntegerField(default=1, editable=False)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    saved_at = models.DateTimeField(auto_now=True)
    import_key = models.CharField(max_length=300, unique=True, null=True, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        permissions = [
            ("publish_article", "Can publish, schedule and withdraw articles"),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="articles_newest"),
            models.Index(fields=["section", "-published_at"], name="articles_by_section"),
            # By time of saving alone: with the status in front, planners without statistics took
            # it for every list of readers' and sorted the whole table.
            models.Index(fields=["-saved_at"], name="articles_desk"),
            models.Index(
                fields=["-published_at", "-id"],
                condition=Q(is_featured=True),
                name="articles_featured",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["published_on", "slug"],
                condition=Q(kind="story", published_on__isnull=False),
                name="articles_address_unique",
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(kind="page"), name="articles_page_unique"
            ),
            models.CheckConstraint(
                condition=Q(status="draft")
                | Q(published_at__isnull=False, published_on__isnull=False),
                name="articles_published_has_date",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "scheduled", "published", "withdrawn"]),
                name="articles_known_status",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        """The reader's address, or for an article without one the desk's preview."""
        if self.kind == self.Kind.PAGE:
            return reverse("articles:page", args=[self.slug])
        if self.published_on is None:
            return self.preview_url
        day = self.published_on
        return reverse("articles:article", args=[f"{day:%Y}", f"{day:%m}", f"{day:%d}", self.slug])

    @property
    def preview_url(self) -> str:
        return reverse("articles:preview", args=[self.pk])

    # What readers may see and do

    @property
    def is_live(self) -> bool:
        """Whether readers can read it now."""
        return (
            self.status in {self.Status.PUBLISHED, self.Status.SCHEDULED}
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )

    @property
    def is_withdrawn(self) -> bool:
        return self.status == self.Status.WITHDRAWN

    @property
    def shows_comments(self) -> bool:
        return self.is_live and self.comment_policy != self.CommentPolicy.HIDDEN

    @property
    def takes_comments(self) -> bool:
        return self.is_live and self.comment_policy in {
            self.CommentPolicy.OPEN,
            self.CommentPolicy.PREMODERATED,
        }

    @property
    def lead_caption_html(self) -> str:
        """The caption that this story gives its lead picture, escaped; empty for the library's."""
        return escape(self.lead_caption)

    @property
    def body_with_dateline(self) -> SafeString:
        """The readers' HTML, with the dateline as its first words."""
        html = self.body_html
        if self.dateline:
            dateline = format_html('<span class="dateline">{}</span> – ', self.dateline)
            inside = html.startswith("<p>")
            html = f"<p>{dateline}{html[3:]}" if inside else f"<p>{dateline}</p>{html}"
        # Safe: made by articles.body from what it sanitised; the dateline is escaped above.
        return mark_safe(html)

    @property
    def outlets(self) -> list[str]:
        """The outlets that the byline names, each once, in its order."""
        named = (byline.outlet or byline.author.outlet for byline in self.bylines.all())
        return list(dict.fromkeys(filter(None, named)))

    @property
    def reading_minutes(self) -> int:
        return max(1, round(self.word_count / body.WORDS_PER_MINUTE))

    @property
    def description(self) -> str:
        """One or two sentences for cards, feeds and search engines."""
        return self.standfirst or body.plain_text(self.body)[:200]

    # Steps in its life. Each is refused with a sentence when it makes no sense.

    def missing(self) -> list[str]:
        """Return what this article lacks to be published, in an editor's words."""
        lacks = []
        if not self.headline:
            lacks.append("headline")
        if self.kind == self.Kind.STORY:
            if self.section is None:
                lacks.append("section")
            if not self.bylines.exists():
                lacks.append("byline")
        if not body.plain_text(self.body):
            lacks.append("text")
        if self.source_outlet and not self.source_url:
            lacks.append("address of the original story")
        shown = Image.objects.by_ids(body.picture_ids(self.body))
        images = [self.lead_image] if self.lead_image else []
        for image in [*images, *shown.values()]:
            lacks.extend(image.missing())
        if self.originally_published and self.originally_published > timezone.localdate():
            lacks.append("an original date that is not in the future")
        return lacks

    def publish(self, by: "User | None", note: str = "") -> None:
        """Show the article to readers from now on.

        Raises ``NotReady`` with what is missing, and ``InvalidMove`` if it is published.
        A withdrawn article returns to its old date and address.
        """
        if self.is_live:
            raise InvalidMove("Readers see this article already.")
        if missing := self.missing():
            raise NotReady(missing)
        was_live = self.is_withdrawn
        self._move(
            self.Status.PUBLISHED,
            by,
            note,
            published_at=self.published_at if was_live else timezone.now(),
            withdrawal_notice="",
        )

    def schedule(self, by: "User | None", at: datetime.datetime, note: str = "") -> None:
        """Show the article to readers from ``at`` on.

        Raises ``NotReady`` with what is missing, and ``InvalidMove`` for an instant that has
        passed or an article that readers see already.
        """
        if missing := self.missing():
            raise NotReady(missing)
        if at <= timezone.now():
            raise InvalidMove("The time to publish has passed. Choose a later one, or publish now.")
        if self.is_live:
            raise InvalidMove("Readers see this article already.")
        self._move(self.Status.SCHEDULED, by, note, published_at=at)

    def unschedule(self, by: "User | None", note: str = "") -> None:
        """Make a scheduled article a draft again. Raises ``InvalidMove`` once it is out."""
        if self.is_live:
            raise InvalidMove("This article is published already. Withdraw it instead.")
        self._move(self.Status.DRAFT, by, note, published_at=None)

    def withdraw(self, by: "User | None", notice: str, note: str = "") -> None:
        """Take the text away and leave ``notice``, for readers, at the address.

        Raises ``InvalidMove`` without a notice, or if the article is not published.
        """
        if not notice.strip():
            raise InvalidMove("Readers need a notice that says why the story was withdrawn.")
        if not self.is_live:
            raise InvalidMove("Only a published article can be withdrawn.")
        self._move(
            self.Status.WITHDRAWN,
            by,
            note,
            published_at=self.published_at,
            withdrawal_notice=notice,
        )

    @transaction.atomic
    def _move(
        self,
        status: "Article.Status",
        by: "User | None",
        note: str,
        published_at: datetime.datetime | None,
        **changes: Any,
    ) -> None:
        day = timezone.localdate(published_at) if published_at else None
        before = self.status
        changes |= {"status": status, "published_at": published_at, "published_on": day}
        # The UPDATE is the guard: of two equal steps at once, the second finds no row.
        movable = Article.objects.filter(pk=self.pk, status__in=self.FOLLOWS[status])
        try:
            with transaction.atomic():
                moved = movable.filter(status=before).update(
                    page_version=F("page_version") + 1, version=F("version") + 1, **changes
                )
        except IntegrityError as error:
            raise InvalidMove(
                f"Another story of that day has the address “{self.slug}”. Change the slug."
            ) from error
        if not moved:
            now = Article.objects.get(pk=self.pk)
            raise InvalidMove(
                f"“{self.headline}” is {now.get_status_display().lower()} "
                f"and cannot become {status.label.lower()}."
            )
        self.steps.create(
            before=before, after=status, by=by, note=note, published_from=published_at
        )
        self.refresh_from_db()

    @transaction.atomic
    def correct(self, by: "User | None", kind: str, text: str) -> "Correction":
        """Add a correction for readers. Raises ``InvalidMove`` for a story nobody has read."""
        if self.published_at is None or self.published_at > timezone.now():
            raise InvalidMove("Readers have not seen this story: change its text instead.")
        correction = self.corrections.create(kind=kind, text=text, by=by)
        self.updated_at = correction.at
        Article.objects.filter(pk=self.pk).update(
            updated_at=self.updated_at, page_version=F("page_version") + 1
        )
        return correction

    # Saving

    def set_body(self, html: str) -> None:
        """Take ``html`` as the text: sanitised, rendered, counted. The caller saves."""
        self.body = body.clean(html)
        self.render_body()

    def render_body(self) -> None:
        """Make the readers' HTML from the stored body and the library as it is now."""
        images = Image.objects.by_ids(body.picture_ids(self.body))

        def figure(pk: int, alt: str, caption: str) -> str | None:
            image = images.get(pk)
            if image is None or not image.has_file:
                return None
            return pictures.figure_html(image, "(min-width: 50rem) 42rem, 100vw", alt, caption)

        self.body_html = body.render(self.body, figure)
        self.word_count = body.words(self.body)

    @transaction.atomic
    def save_edit(self, seen_version: int | None) -> None:
        """Save an editor's changes. Raises ``StaleSave`` if somebody saved since.

        ``seen_version`` is the version the editor opened; ``None`` for a new article.
        """
        if seen_version is not None:
            row = Article.objects.select_for_update().get(pk=self.pk)
            if row.version != seen_version:
                raise StaleSave
            # Counters move by themselves; an editor's form must not set them back.
            for name in ("comment_count", "thread_count", "last_number", "page_version"):
                setattr(self, name, getattr(row, name))
            self.version = row.version + 1
            self.page_version += 1
        self.render_body()
        self.save()

    @staticmethod
    def slug_for(headline: str) -> str:
        """Return a slug for ``headline``; never empty."""
        return slugify(headline, allow_unicode=True)[:180].strip("-") or "story"


class Byline(models.Model):
    """An author's place in the order of an article's names."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="bylines")
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


class Correction(models.Model):
    """What was wrong in a published story, and what is right. Never taken back."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Correction"
        CLARIFICATION = "clarification", "Clarification"
        NOTE = "editors-note", "Editor’s note"
        UPDATE = "update", "Update"
        RETRACTION = "retraction", "Retraction"

    article = models.ForeignKey(Article, models.CASCADE, related_name="corrections")
    kind = models.CharField(max_length=14, choices=Kind, default=Kind.CORRECTION)
    text = models.TextField()
    at = models.DateTimeField("time", default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"


class Step(models.Model):
    """A step in an article's life: who took it, when, and why. Rows are only added."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="steps")
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    published_from = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class MovedAddress(models.Model):
    """An address that was published once, here or before a move, and the article it leads to.

    It names the article, not another address, so that a chain or a loop cannot be written down.
    """

    # A path, with its query where the query names the page (``/?p=12``).
    path = models.CharField(max_length=500, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="moved_addresses")

    class Meta:
        verbose_name_plural = "moved addresses"

    def __str__(self) -> str:
        return self.path

    def clean(self) -> None:
        if not self.path.startswith("/"):
            raise ValidationError({"path": "An address begins with a slash."})
