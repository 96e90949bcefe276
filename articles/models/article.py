"""An article and its life."""

import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from articles import body, pictures
from articles.models.image import Image
from articles.models.paper import Section, Series, Topic
from articles.models.people import Author, Byline
from newsroom.memory import fragments
from newsroom.models import Edition

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models.record import Correction


class InvalidMove(Exception):
    """A step in an article's life that makes no sense from where it stands."""


class NotReady(InvalidMove):
    """An article that lacks something it may not be published without."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__("Not ready to publish: " + "; ".join(missing) + ".")
        self.missing = missing


class StaleSave(Exception):
    """A save of an article that somebody else saved since it was opened."""


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

    def live(self) -> Self:
        """Published articles whose text readers see."""
        return self.filter(
            status__in=[Article.Status.PUBLISHED, Article.Status.SCHEDULED],
            published_at__lte=timezone.now(),
        )

    def scheduled_after(self, moment: Any) -> Self:
        """Articles that the clock publishes after ``moment``, the next one first."""
        waiting = self.filter(status=Article.Status.SCHEDULED, published_at__gt=moment)
        return waiting.order_by("published_at")

    def showing_comments(self) -> Self:
        """Articles whose conversation readers can open."""
        return self.live().exclude(comment_policy=Article.CommentPolicy.HIDDEN)

    def listed(self) -> Self:
        """Stories that lists, feeds, sitemaps and search show, newest first."""
        return self.live().filter(kind=Article.Kind.STORY).order_by("-published_at", "-pk")

    def at_address(self, year: str, month: str, day: str, slug: str) -> Self:
        """The story at a reader's address; none where the date in it is no date."""
        try:
            published_on = datetime.date(int(year), int(month), int(day))
        except ValueError:
            return self.none()
        return self.filter(kind=Article.Kind.STORY, published_on=published_on, slug=slug)

    def page_at(self, slug: Any) -> Self:
        """The standing page at a reader's address."""
        return self.filter(kind=Article.Kind.PAGE, slug=slug)

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
        """With what the article's own page begins with; ``bring_surroundings`` reads the rest."""
        return self.select_related("section", "lead_image")

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
        REVIEW = "review", "In review"
        READY = "ready", "Ready"
        SCHEDULED = "scheduled", "Scheduled"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"
        KILLED = "killed", "Killed"

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

    class Indexing(models.TextChoices):
        SELF = "self", "Found here"
        ELSEWHERE = "elsewhere", "The original is to be found instead"
        NOINDEX = "noindex", "Not found at all"
        NOINDEX_NEWS = "noindex-news", "Not found in Google News"

    SLOW_MODES: ClassVar = [
        (0, "Off"),
        (60, "1 minute"),
        (5 * 60, "5 minutes"),
        (15 * 60, "15 minutes"),
        (60 * 60, "1 hour"),
    ]
    # What each status may follow.
    FOLLOWS: ClassVar = {
        Status.DRAFT: {Status.REVIEW, Status.READY, Status.SCHEDULED},
        Status.REVIEW: {Status.DRAFT},
        Status.READY: {Status.DRAFT, Status.REVIEW},
        Status.SCHEDULED: {Status.DRAFT, Status.REVIEW, Status.READY, Status.SCHEDULED},
        Status.PUBLISHED: {
            Status.DRAFT,
            Status.REVIEW,
            Status.READY,
            Status.SCHEDULED,
            Status.WITHDRAWN,
        },
        Status.WITHDRAWN: {Status.PUBLISHED, Status.SCHEDULED, Status.KILLED},
        Status.KILLED: {Status.PUBLISHED, Status.SCHEDULED, Status.WITHDRAWN},
    }
    # On their way to readers, who have seen nothing of them.
    UNPUBLISHED: ClassVar = [Status.DRAFT, Status.REVIEW, Status.READY]

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
    series = models.ForeignKey(
        Series, models.SET_NULL, null=True, blank=True, related_name="articles"
    )
    series_position = models.PositiveSmallIntegerField(
        "part", null=True, blank=True, help_text="Its place in the series: 1, 2, 3 …"
    )
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
    is_text_locked = models.BooleanField(
        "no changes to the text",
        default=False,
        help_text="The licence allows no derivatives: the text as it came is kept, "
        "and a change to it needs a reason.",
    )
    indexing = models.CharField(
        "search engines",
        max_length=12,
        choices=Indexing,
        default=Indexing.SELF,
        help_text="For a republished story. Pointing to the original on another site does not "
        "reliably keep a copy out of results: Google advises to have it not found instead.",
    )

    embargo_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Before this moment nobody can publish it, whatever button they press.",
    )
    embargo_note = models.CharField(
        max_length=300, blank=True, help_text="Who asked for it, and on what terms."
    )
    # By somebody with a permission of its own and a reason on record.
    is_embargo_lifted = models.BooleanField(default=False, editable=False)
    expires_at = models.DateTimeField(
        "ends",
        null=True,
        blank=True,
        help_text="From this moment a notice stands in its place, as where a licence runs out.",
    )
    review_steps: models.ManyToManyField = models.ManyToManyField(
        "ReviewStep",
        blank=True,
        related_name="articles",
        verbose_name="also to be read by",
        help_text="Nobody publishes it before they have signed it off.",
    )

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
    slow_mode = models.PositiveIntegerField(
        choices=SLOW_MODES,
        default=0,
        help_text="How long a reader waits between two comments on this story.",
    )
    # Under pressure: until then every comment waits for a moderator. Set by the comments' checks.
    surge_until = models.DateTimeField(null=True, editable=False)
    shows_rules = models.BooleanField(
        "rules beside the form",
        default=True,
        help_text="Switch them off under questions and answers, where they keep askers away.",
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

    # Of the paper, when it was read to be shown; see ``articles.opened``.
    edition: int | None = None
    next_story_at: datetime.datetime | None = None
    next_end_at: datetime.datetime | None = None
    has_corrections: bool = True  # perhaps, where nobody looked

    objects = ArticleQuerySet.as_manager()

    class Meta:
        permissions = [
            ("submit_article", "Can hand articles in for review"),
            ("review_article", "Can return articles in review and call them ready"),
            ("publish_article", "Can publish and schedule articles"),
            ("withdraw_article", "Can withdraw articles"),
            ("kill_article", "Can kill articles, and lift a kill"),
            ("override_embargo", "Can publish before an embargo ends"),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="articles_newest"),
            models.Index(
                fields=["surge_until"],
                condition=Q(surge_until__isnull=False),
                name="articles_surging",
            ),
            models.Index(fields=["section", "-published_at"], name="articles_by_section"),
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False),
                name="articles_ending",
            ),
            models.Index(
                fields=["series", "series_position"],
                condition=Q(series__isnull=False),
                name="articles_in_series",
            ),
            # What the clock has to write down, and what the desk works on.
            models.Index(
                fields=["published_at"],
                condition=Q(status="scheduled"),
                name="articles_scheduled",
            ),
            models.Index(
                fields=["-saved_at"],
                condition=Q(status__in=["draft", "review", "ready"]),
                name="articles_unpublished",
            ),
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
                condition=Q(status__in=["draft", "review", "ready"])
                | Q(published_at__isnull=False, published_on__isnull=False),
                name="articles_published_has_date",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        *["draft", "review", "ready", "scheduled"],
                        *["published", "withdrawn", "killed"],
                    ]
                ),
                name="articles_known_status",
            ),
            # No query of readers' needs to ask for the embargo: nothing is dated before its end.
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | Q(embargo_until__isnull=True)
                | Q(published_at__gte=F("embargo_until"))
                | Q(is_embargo_lifted=True),
                name="articles_embargo_holds",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | Q(expires_at__isnull=True)
                | Q(expires_at__gt=F("published_at")),
                name="articles_end_after_beginning",
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

    def renew_pages(self) -> None:
        """Have the pages that show the article made anew: what stands on them has changed."""
        Article.objects.filter(pk=self.pk).update(page_version=F("page_version") + 1)

    @property
    def is_live(self) -> bool:
        """Whether readers can read it now."""
        return (
            self.status in {self.Status.PUBLISHED, self.Status.SCHEDULED}
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )

    @property
    def is_published(self) -> bool:
        """Whether any reader may open it: the rule of ``published()``, for one row."""
        return self.is_live or (self.is_withdrawn and self.published_at is not None)

    @property
    def is_withdrawn(self) -> bool:
        return self.status == self.Status.WITHDRAWN

    @property
    def shows_comments(self) -> bool:
        return self.is_live and self.comment_policy != self.CommentPolicy.HIDDEN

    @property
    def is_surging(self) -> bool:
        """Whether so much is said that every comment waits for a while."""
        return self.surge_until is not None and self.surge_until > timezone.now()

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

    def bring_bylines(self) -> None:
        """Read its bylines with their authors, once."""
        bylines = models.Prefetch("bylines", Byline.objects.select_related("author"))
        models.prefetch_related_objects([self], bylines)

    def bring_surroundings(self) -> None:
        """Read what stands around the text on its page: bylines, topics, corrections.

        Three queries, and two where it is known that nothing was corrected, as of most stories.
        """
        self.bring_bylines()
        models.prefetch_related_objects([self], "topics")
        if self.has_corrections:
            models.prefetch_related_objects([self], "corrections")
        else:
            self.__dict__.setdefault("_prefetched_objects_cache", {})["corrections"] = (
                self.corrections.none()
            )

    @cached_property
    def author_accounts(self) -> frozenset[int]:
        """The ids of the accounts of those who wrote it, where they have some.

        Kept for the edition, where that is known: it is asked for on every page with comments.
        """
        key = ("author accounts", self.pk, self.version, self.edition)
        known = fragments.get(key) if self.edition is not None else None
        if known is None:
            self.bring_bylines()
            users = (byline.author.user_id for byline in self.bylines.all())
            known = frozenset(user for user in users if user is not None)
            if self.edition is not None:
                fragments.put(key, known, 500)
        return known

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

    def publish(self, by: "User | None") -> None:
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
            published_at=self.published_at if was_live else timezone.now(),
            withdrawal_notice="",
        )

    def schedule(self, by: "User | None", at: datetime.datetime) -> None:
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
        self._move(self.Status.SCHEDULED, by, published_at=at)

    def unschedule(self, by: "User | None") -> None:
        """Make a scheduled article a draft again. Raises ``InvalidMove`` once it is out."""
        if self.is_live:
            raise InvalidMove("This article is published already. Withdraw it instead.")
        self._move(self.Status.DRAFT, by, published_at=None)

    def withdraw(self, by: "User | None", notice: str) -> None:
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
            published_at=self.published_at,
            withdrawal_notice=notice,
        )

    @transaction.atomic
    def _move(
        self,
        status: "Article.Status",
        by: "User | None",
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
        Edition.move()
        self.steps.create(before=before, after=status, by=by, published_from=published_at)
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
        Edition.move()
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
        if self.published_at is not None:
            Edition.move()

    @staticmethod
    def slug_for(headline: str) -> str:
        """Return a slug for ``headline``; never empty."""
        return slugify(headline, allow_unicode=True)[:180].strip("-") or "story"
