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

from articles import body, checks, pictures
from articles.models.image import Image
from articles.models.paper import Section, Series, Topic
from articles.models.people import Author, Byline
from newsroom.memory import fragments
from newsroom.models import Edition

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models.record import Correction, ReviewStep
    from articles.models.revision import RevisionQuerySet


class InvalidMove(Exception):
    """A step in an article's life that makes no sense from where it stands."""


class NotAllowed(InvalidMove):
    """A step by somebody whose part it is not."""


class NotReady(InvalidMove):
    """An article that lacks something it may not be published without."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__("Not ready to publish: " + "; ".join(missing) + ".")
        self.missing = missing


class StaleSave(Exception):
    """A save of an article that somebody else saved since it was opened."""


def _moves_of_each() -> models.QuerySet[Any]:
    """Return for each article of an outer query the steps that moved it, the last first."""
    from articles.models.record import Step

    moves = Step.objects.filter(article=models.OuterRef("pk")).exclude(before=F("after"))
    return moves.order_by("-at", "-pk")


def _asks_for(user: "User") -> models.Exists:
    """Return the condition that an article still waits for this person to sign it off."""
    from articles.models.record import ReviewStep, SignOff

    signed = SignOff.objects.filter(
        article=models.OuterRef(models.OuterRef("pk")), step=models.OuterRef("pk"), is_void=False
    )
    asked = Q(is_for_every_story=True) | Q(articles=models.OuterRef("pk"))
    steps = ReviewStep.objects.filter(asked, group__user=user)
    return models.Exists(steps.exclude(models.Exists(signed)))


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self, at: datetime.datetime | None = None) -> Self:
        """Articles any reader may open: those too that show a notice in place of their text.

        A scheduled article is published by the clock, not by a worker: it appears at its
        instant, exactly once, even when nothing else is running. ``at`` asks for another moment.
        """
        return self.filter(
            Q(status=Article.Status.WITHDRAWN, published_at__isnull=False)
            | Q(
                status__in=[Article.Status.PUBLISHED, Article.Status.SCHEDULED],
                published_at__lte=at or timezone.now(),
            )
        )

    def live(self, at: datetime.datetime | None = None) -> Self:
        """Published articles whose text readers see, now or ``at`` another moment."""
        return self.filter(Article.live_condition(at=at))

    def scheduled_after(self, moment: Any) -> Self:
        """Articles that the clock publishes after ``moment``, the next one first."""
        waiting = self.filter(status=Article.Status.SCHEDULED, published_at__gt=moment)
        return waiting.order_by("published_at")

    def ending_after(self, moment: Any) -> Self:
        """Articles that the clock takes away after ``moment``, the next one first."""
        return self.filter(expires_at__gt=moment).order_by("expires_at")

    def overdue(self) -> Self:
        """Articles of which the clock has done something that is not written down yet."""
        now = timezone.now()
        return self.filter(
            Q(status=Article.Status.SCHEDULED, published_at__lte=now)
            | Q(status=Article.Status.PUBLISHED, expires_at__lte=now)
        )

    def settle(self) -> int:
        """Write down what the clock has done, each step once. Returns how many articles it moved.

        Readers have seen it already; this is the record, and the worker may have been away for
        days. One query where there is nothing to write.
        """
        return sum(article.settle() for article in self.overdue().order_by("published_at")[:500])

    def on_the_way(self) -> Self:
        """Articles that readers have seen nothing of and that no clock will publish."""
        # Status by status, each by the index of its rows alone: asked for a list of three,
        # SQLite reads the whole table.
        first, *others = (
            Article.objects.filter(status=status).order_by().values("pk")
            for status in Article.UNPUBLISHED
        )
        return self.filter(pk__in=first.union(*others, all=True))

    def to_be_signed_by(self, user: "User") -> Self:
        """Articles handed in that wait for this person to sign them off."""
        return self.on_the_way().filter(_asks_for(user)).exclude(status=Article.Status.DRAFT)

    def waiting_for(self, user: "User") -> Self:
        """Articles on their way in which this person has the next step."""
        named = Byline.objects.filter(author__user=user).values("article")
        mine = Q(created_by=user) | Q(pk__in=named)
        waiting = Q(mine, status=Article.Status.DRAFT, last_verb=Article.Verb.RETURN)
        if user.has_perm("articles.review_article"):
            waiting |= Q(status=Article.Status.REVIEW)
        if user.has_perm("articles.publish_article"):
            waiting |= Q(status=Article.Status.READY)
        waiting |= Q(~Q(status=Article.Status.DRAFT), _asks_for(user))
        return self.on_the_way().with_last_verb().filter(waiting)

    def standing_since(self) -> Self:
        """With the ``last_move`` of each (the id of a ``Step``), and with its time as ``since``."""
        last = _moves_of_each()
        return self.annotate(
            last_move=models.Subquery(last.values("pk")[:1]),
            since=models.Subquery(last.values("at")[:1]),
        )

    def with_last_verb(self) -> Self:
        """With ``last_verb``, by which each came to stand where it stands."""
        return self.alias(last_verb=models.Subquery(_moves_of_each().values("verb")[:1]))

    def showing_comments(self) -> Self:
        """Articles whose conversation readers can open."""
        return self.live().exclude(comment_policy=Article.CommentPolicy.HIDDEN)

    def listed(self, at: datetime.datetime | None = None) -> Self:
        """Stories that lists, feeds, sitemaps and search show, newest first."""
        return self.live(at).filter(kind=Article.Kind.STORY).order_by("-published_at", "-pk")

    def found_here(self) -> Self:
        """Those that search engines may find at our address, and that sitemaps name."""
        hidden = [Article.Indexing.ELSEWHERE, Article.Indexing.NOINDEX]
        return self.exclude(indexing__in=hidden)

    def found_in_news(self) -> Self:
        """Those of ``found_here`` that searches for news may find as well."""
        return self.filter(indexing=Article.Indexing.SELF)

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
        """Articles this person may read before readers do: nobody's, unless staff.

        A killed one is for those alone who may kill.
        """
        if user.has_perm("articles.kill_article"):
            return self
        # By the index of the few that are, so that no other row is read to find out.
        killed = Article.objects.filter(status=Article.Status.KILLED).order_by().values("pk")
        found = self.exclude(pk__in=killed)
        if user.has_perm("articles.publish_article") or user.has_perm("comments.moderate_comment"):
            return found
        if user.has_perm("articles.view_article"):
            return found.of(user)
        return self.none()

    def editable_by(self, user: "User") -> Self:
        """Articles this member of staff may change: editors all, reporters their own drafts."""
        if user.has_perm("articles.publish_article"):
            return self.exclude(status=Article.Status.KILLED)
        if user.has_perm("articles.change_article"):
            return self.of(user).filter(status=Article.Status.DRAFT)
        return self.none()

    def of(self, user: "User") -> Self:
        """Articles that this person began or is named in."""
        # Each by its own index. With an OR, every row of either would be read to be put in order.
        begun = Article.objects.filter(created_by=user).order_by().values("pk")
        named = Byline.objects.filter(author__user=user).order_by().values("article")
        return self.filter(pk__in=begun.union(named, all=True))


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

    class Verb(models.TextChoices):
        """What is done with a story, as the record says it."""

        SUBMIT = "submit", "handed in"
        RETURN = "return", "returned"
        READY = "ready", "called ready"
        SIGN_OFF = "sign-off", "signed off"
        SCHEDULE = "schedule", "scheduled"
        UNSCHEDULE = "unschedule", "unscheduled"
        LIFT_EMBARGO = "lift-embargo", "embargo lifted"
        PUBLISH = "publish", "published"
        APPEAR = "appear", "published by the clock"
        END = "end", "ended by the clock"
        WITHDRAW = "withdraw", "withdrawn"
        KILL = "kill", "killed"
        LIFT_KILL = "lift-kill", "kill lifted"
        MOVE = "move", "moved"
        TAKE_OVER = "take-over", "taken over"
        RESTORE = "restore", "restored"
        IMPORT = "import", "imported"

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
    # What each verb of the desk takes. Who may do it in whose story, ``may`` knows.
    NEEDS: ClassVar = {
        Verb.SUBMIT: "articles.submit_article",
        Verb.RETURN: "articles.review_article",
        Verb.READY: "articles.review_article",
        Verb.SCHEDULE: "articles.publish_article",
        Verb.UNSCHEDULE: "articles.publish_article",
        Verb.LIFT_EMBARGO: "articles.override_embargo",
        Verb.PUBLISH: "articles.publish_article",
        Verb.WITHDRAW: "articles.withdraw_article",
        Verb.KILL: "articles.kill_article",
        Verb.LIFT_KILL: "articles.kill_article",
    }
    # What whoever signs a story off has read.
    SIGNED: ClassVar = ("headline", "standfirst", "body")
    NOT_IN_FORM: ClassVar = (
        *("comment_count", "thread_count", "last_number", "page_version", "surge_until"),
        *("status", "published_at", "published_on", "updated_at", "withdrawal_notice"),
        "is_embargo_lifted",
    )
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
    # Those in the text, kept with every save: the library finds by them where a picture is used.
    text_pictures: models.ManyToManyField = models.ManyToManyField(
        Image, related_name="texts", editable=False
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
    has_related_stories: bool = True  # likewise

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
            # What the clock has to write down.
            models.Index(
                fields=["published_at"],
                condition=Q(status="scheduled"),
                name="articles_scheduled",
            ),
            # By time of saving alone: with the status in front, planners without statistics took
            # it for every list of readers' and sorted the whole table.
            models.Index(fields=["-saved_at"], name="articles_desk"),
            # The desk's list, narrowed to what is rare: in its own order, of these rows alone.
            *(
                models.Index(
                    fields=["-published_at", "-id"],
                    condition=Q(status=status),
                    name=f"articles_{status}",
                )
                for status in ("draft", "review", "ready", "withdrawn", "killed")
            ),
            models.Index(
                fields=["-published_at", "-id"], condition=Q(kind="page"), name="articles_pages"
            ),
            models.Index(fields=["label", "-published_at", "-id"], name="articles_by_type"),
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

    @staticmethod
    def live_condition(prefix: str = "", at: datetime.datetime | None = None) -> Q:
        """Return what holds of a live article, for queries of rows that lead to one.

        ``prefix`` is how they name it (``"article__"``).
        """
        now = at or timezone.now()
        is_out = {
            "status__in": [Article.Status.PUBLISHED, Article.Status.SCHEDULED],
            "published_at__lte": now,
        }
        has_not_ended = Q(**{f"{prefix}expires_at__isnull": True}) | Q(
            **{f"{prefix}expires_at__gt": now}
        )
        return Q(**{f"{prefix}{name}": value for name, value in is_out.items()}) & has_not_ended

    def renew_pages(self) -> None:
        """Have the pages that show the article made anew: what stands on them has changed."""
        Article.objects.filter(pk=self.pk).update(page_version=F("page_version") + 1)

    @property
    def is_out(self) -> bool:
        """Whether its instant has come, be its text still there or ended."""
        return (
            self.status in {self.Status.PUBLISHED, self.Status.SCHEDULED}
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )

    @property
    def has_ended(self) -> bool:
        """Whether the clock took its text away."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_live(self) -> bool:
        """Whether readers can read it now."""
        return self.is_out and not self.has_ended

    @property
    def is_published(self) -> bool:
        """Whether any reader may open it: the rule of ``published()``, for one row."""
        return self.is_out or (
            self.status == self.Status.WITHDRAWN and self.published_at is not None
        )

    @property
    def is_withdrawn(self) -> bool:
        """Whether a notice stands in its place, by an editor's step or by the clock's."""
        return self.status == self.Status.WITHDRAWN or (self.is_out and self.has_ended)

    @property
    def is_killed(self) -> bool:
        return self.status == self.Status.KILLED

    @property
    def notice(self) -> str:
        """What readers find in its place."""
        return self.withdrawal_notice if self.status == self.Status.WITHDRAWN else self._end_notice

    @property
    def was_ended(self) -> bool:
        """Whether the clock took it away, and no editor."""
        return self.has_ended and self.notice == self._end_notice

    @property
    def _end_notice(self) -> str:
        if self.expires_at is None:
            return ""
        return (
            f"This story could be read here until {timezone.localtime(self.expires_at):%-d %B %Y}."
        )

    @property
    def next_change_at(self) -> datetime.datetime | None:
        """When the clock next publishes a story or takes one away, where that was read."""
        return min(filter(None, [self.next_story_at, self.next_end_at]), default=None)

    @property
    def is_embargoed(self) -> bool:
        """Whether nobody may publish it yet."""
        return (
            self.embargo_until is not None
            and self.embargo_until > timezone.now()
            and not self.is_embargo_lifted
        )

    @property
    def was_read(self) -> bool:
        """Whether readers have seen it, or may have: its address is known."""
        return self.published_at is not None and (
            self.is_out or self.status in {self.Status.WITHDRAWN, self.Status.KILLED}
        )

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

    @property
    def has_corrections_below(self) -> bool:
        """Whether a correction stands under the text."""
        return any(not correction.is_on_top for correction in self.corrections.all())

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
        return [lack.words for lack in checks.missing(self)]

    def may(self, user: "User", verb: "Article.Verb") -> bool:
        """Tell whether this person may take this step with this story, if it makes sense.

        A reporter hands in a story of their own, and may take it back before it is ready.
        """
        own = Article.objects.of(user).filter(pk=self.pk)
        if verb == self.Verb.SUBMIT and not user.has_perm("articles.review_article"):
            return user.has_perm(self.NEEDS[verb]) and own.exists()
        if verb == self.Verb.RETURN and not user.has_perm(self.NEEDS[verb]):
            is_theirs = user.has_perm("articles.submit_article") and own.exists()
            return is_theirs and self.status == self.Status.REVIEW
        return user.has_perm(self.NEEDS[verb])

    def makes_sense(self, verb: "Article.Verb") -> bool:
        """Tell whether this step can be taken from where the story stands."""
        coming = self.status in self.UNPUBLISHED or (
            self.status == self.Status.SCHEDULED and not self.is_out
        )
        match verb:
            case self.Verb.SUBMIT:
                return self.status == self.Status.DRAFT
            case self.Verb.RETURN:
                return self.status in {self.Status.REVIEW, self.Status.READY}
            case self.Verb.READY:
                return self.status in {self.Status.DRAFT, self.Status.REVIEW}
            case self.Verb.SCHEDULE:
                return coming
            case self.Verb.UNSCHEDULE:
                return self.status == self.Status.SCHEDULED and not self.is_out
            case self.Verb.LIFT_EMBARGO:
                return coming and self.is_embargoed
            case self.Verb.PUBLISH:
                return coming or self.is_withdrawn
            case self.Verb.WITHDRAW:
                return self.is_live
            case self.Verb.KILL:
                return self.is_published
            case self.Verb.LIFT_KILL:
                return self.is_killed
        return False

    def steps_for(self, user: "User") -> list["Article.Verb"]:
        """Return the steps that this person may take now, in the order of a story's life."""
        return [verb for verb in self.NEEDS if self.makes_sense(verb) and self.may(user, verb)]

    def submit(self, by: "User | None", note: str = "") -> None:
        """Hand the draft in to be read by an editor. Raises ``InvalidMove``."""
        self._move(self.Verb.SUBMIT, self.Status.REVIEW, by, note=note)

    def return_to_draft(self, by: "User | None", note: str) -> None:
        """Give it back to be worked on; ``note`` says what. Raises ``InvalidMove``."""
        if not note.strip():
            raise InvalidMove("Say what is to be done: whoever works on it reads your note.")
        self._move(self.Verb.RETURN, self.Status.DRAFT, by, note=note)

    def call_ready(self, by: "User | None", note: str = "") -> None:
        """Say that it may be published. Raises ``NotReady`` with what is missing."""
        self._refuse(self.Verb.READY, by)
        if missing := self.missing():
            raise NotReady(missing)
        self._move(self.Verb.READY, self.Status.READY, by, note=note)

    @transaction.atomic
    def sign_off(self, by: "User", step: "ReviewStep", note: str = "") -> None:
        """Put on record that ``by`` has read it for this step.

        Raises ``NotAllowed`` unless they are of the step's group, and ``InvalidMove`` for a story
        that readers have seen, or if it is signed already.
        """
        if not by.is_superuser and not by.groups.filter(pk=step.group_id).exists():
            raise NotAllowed(f"Only {step.group.name} signs off for {step}.")
        Article.objects.select_for_update().get(pk=self.pk)
        if self.was_read:
            raise InvalidMove("Readers have this story already.")
        if self.sign_offs.filter(step=step, is_void=False).exists():
            raise InvalidMove(f"{step} has signed it off already.")
        self.sign_offs.create(step=step, by=by, note=note)
        said = f"{step}: {note}" if note else str(step)
        self.steps.create(
            verb=self.Verb.SIGN_OFF, before=self.status, after=self.status, by=by, note=said[:1000]
        )

    def publish(self, by: "User | None", note: str = "") -> None:
        """Show the article to readers from now on.

        Raises ``NotReady`` with what is missing, and ``InvalidMove`` if it is published, or under
        an embargo. A withdrawn article returns to its old date and address.
        """
        if self.is_live:
            raise InvalidMove("Readers see this article already.")
        self._refuse(self.Verb.PUBLISH, by)
        if missing := self.missing():
            raise NotReady(missing)
        self._hold_embargo(timezone.now(), "Nobody can publish it before")
        self._move(
            self.Verb.PUBLISH,
            self.Status.PUBLISHED,
            by,
            published_at=self.published_at if self.is_withdrawn else timezone.now(),
            note=note,
            withdrawal_notice="",
        )

    def schedule(self, by: "User | None", at: datetime.datetime, note: str = "") -> None:
        """Show the article to readers from ``at`` on.

        Raises ``NotReady`` with what is missing, and ``InvalidMove`` for an instant that has
        passed or lies before the embargo's end, or an article that readers see already.
        """
        self._refuse(self.Verb.SCHEDULE, by)
        if missing := self.missing():
            raise NotReady(missing)
        if at <= timezone.now():
            raise InvalidMove("The time to publish has passed. Choose a later one, or publish now.")
        if self.is_live:
            raise InvalidMove("Readers see this article already.")
        if self.expires_at and self.expires_at <= at:
            end = timezone.localtime(self.expires_at)
            raise InvalidMove(f"It would end ({end:%-d %B, %H:%M}) before it began.")
        self._hold_embargo(at, "It cannot appear before")
        self._move(self.Verb.SCHEDULE, self.Status.SCHEDULED, by, published_at=at, note=note)

    def unschedule(self, by: "User | None", note: str = "") -> None:
        """Make a scheduled article a draft again. Raises ``InvalidMove`` once it is out."""
        if self.is_out:
            raise InvalidMove("This article is published already. Withdraw it instead.")
        self._move(self.Verb.UNSCHEDULE, self.Status.DRAFT, by, note=note)

    @transaction.atomic
    def lift_embargo(self, by: "User | None", reason: str) -> None:
        """Let it be published before its embargo ends; ``reason`` goes on record.

        Raises ``InvalidMove`` without a reason, or where no embargo holds.
        """
        self._refuse(self.Verb.LIFT_EMBARGO, by)
        if not reason.strip():
            raise InvalidMove("Say why the embargo may be lifted, and by whose leave.")
        held = Article.objects.filter(pk=self.pk, is_embargo_lifted=False)
        if not self.is_embargoed or not held.update(
            is_embargo_lifted=True, version=F("version") + 1
        ):
            raise InvalidMove("There is no embargo to lift.")
        self._note(self.Verb.LIFT_EMBARGO, self.status, self.status, by, reason)
        self.refresh_from_db()

    def withdraw(self, by: "User | None", notice: str, note: str = "") -> None:
        """Take the text away and leave ``notice``, for readers, at the address.

        Raises ``InvalidMove`` without a notice, or if the article is not published.
        """
        if not notice.strip():
            raise InvalidMove("Readers need a notice that says why the story was withdrawn.")
        if not self.is_live:
            raise InvalidMove("Only a published article can be withdrawn.")
        self._move(
            self.Verb.WITHDRAW,
            self.Status.WITHDRAWN,
            by,
            published_at=self.published_at,
            note=note,
            withdrawal_notice=notice,
        )

    def kill(self, by: "User | None", reason: str) -> None:
        """Take it away at once and everywhere, its notice too; ``reason`` is for the record.

        Its conversation goes with it. Raises ``InvalidMove`` without a reason, or for a story
        that readers cannot open.
        """
        if not reason.strip():
            raise InvalidMove("Say why: a kill stays on record, and the desk is told.")
        if not self.is_published:
            raise InvalidMove("Readers cannot open this story: there is nothing to kill.")
        self._move(
            self.Verb.KILL, self.Status.KILLED, by, published_at=self.published_at, note=reason
        )

    def lift_kill(self, by: "User | None", reason: str, notice: str) -> None:
        """Let the killed story's address show ``notice``; from there it may be published again.

        Raises ``InvalidMove`` without a reason and a notice, or if it was not killed.
        """
        if not reason.strip() or not notice.strip():
            raise InvalidMove("Say why the kill is lifted, and what readers are told.")
        if not self.is_killed:
            raise InvalidMove("This story was not killed.")
        self._move(
            self.Verb.LIFT_KILL,
            self.Status.WITHDRAWN,
            by,
            published_at=self.published_at,
            note=reason,
            withdrawal_notice=notice,
        )

    def _hold_embargo(self, at: datetime.datetime, cannot: str) -> None:
        if self.embargo_until and self.embargo_until > at and not self.is_embargo_lifted:
            end = timezone.localtime(self.embargo_until)
            raise InvalidMove(
                f"An embargo holds it. {cannot} {end:%-d %B %Y, %H:%M} ({end:%Z}): schedule it for "
                "then, or have the embargo lifted by somebody who may."
            )

    def _refuse(self, verb: "Article.Verb", by: "User | None") -> None:
        """Raise ``NotAllowed`` for a step that is not this person's. Nobody's are the program's."""
        if by is not None and not self.may(by, verb):
            raise NotAllowed(f"It is not yours to have this story {verb.label}.")

    @transaction.atomic
    def _move(
        self,
        verb: "Article.Verb",
        status: "Article.Status",
        by: "User | None",
        published_at: datetime.datetime | None = None,
        note: str = "",
        **changes: Any,
    ) -> None:
        self._refuse(verb, by)
        self.settle()
        if not self.makes_sense(verb):
            raise InvalidMove(
                f"“{self.headline}” is {self.get_status_display().lower()} "
                f"and cannot be {verb.label}."
            )
        day = timezone.localdate(published_at) if published_at else None
        if published_at and published_at == self.published_at:
            day = self.published_on  # an address stays, whatever the time zone is by now
        before = self.status
        changes |= {"status": status, "published_at": published_at, "published_on": day}
        # The UPDATE is the guard: of two equal steps at once, the second finds no row.
        movable = Article.objects.filter(pk=self.pk, status__in=self.FOLLOWS[status])
        if verb == self.Verb.UNSCHEDULE:
            movable = movable.filter(published_at__gt=timezone.now())
        try:
            with transaction.atomic():
                moved = movable.filter(status=before).update(
                    page_version=F("page_version") + 1, version=F("version") + 1, **changes
                )
        except IntegrityError as error:
            if "articles_embargo_holds" in str(error):
                raise InvalidMove("An embargo that ends later holds it.") from error
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
        self._note(verb, before, status, by, note, published_at)
        self.refresh_from_db()
        if status in {self.Status.PUBLISHED, self.Status.SCHEDULED}:
            from articles import revisions

            revisions.publish(self)

    def _note(
        self,
        verb: "Article.Verb",
        before: str,
        after: str,
        by: "User | None",
        note: str = "",
        published_from: datetime.datetime | None = None,
        at: datetime.datetime | None = None,
    ) -> None:
        self.steps.create(
            verb=verb, before=before, after=after, by=by, note=note[:1000],
            published_from=published_from, at=at or timezone.now(),
        )  # fmt: skip

    @transaction.atomic
    def settle(self) -> bool:
        """Write down what the clock has done with this story, if anything. Returns whether.

        The UPDATE is the guard, so that each step is on record once however many write it down.
        """
        due = Article.objects.filter(pk=self.pk)
        was = self.status
        now = timezone.now()
        if self.status == self.Status.SCHEDULED and self.is_out:
            appeared = due.filter(status=self.Status.SCHEDULED, published_at__lte=now)
            if appeared.update(status=self.Status.PUBLISHED):
                self._note(
                    self.Verb.APPEAR, self.Status.SCHEDULED, self.Status.PUBLISHED, None,
                    published_from=self.published_at, at=self.published_at,
                )  # fmt: skip
            self.status = self.Status.PUBLISHED
        if self.status == self.Status.PUBLISHED and self.has_ended:
            ended = due.filter(status=self.Status.PUBLISHED, expires_at__lte=now)
            notice = self.notice
            if ended.update(
                status=self.Status.WITHDRAWN,
                withdrawal_notice=notice,
                page_version=F("page_version") + 1,
            ):
                Edition.move()
                self._note(
                    self.Verb.END, self.Status.PUBLISHED, self.Status.WITHDRAWN, None,
                    published_from=self.published_at, at=self.expires_at,
                )  # fmt: skip
            self.status, self.withdrawal_notice = self.Status.WITHDRAWN, notice
        return self.status != was

    @transaction.atomic
    def correct(
        self, by: "User | None", kind: str, text: str, is_from_reader: bool = False
    ) -> "Correction":
        """Add a correction for readers. Raises ``InvalidMove`` for a story nobody has read."""
        if self.published_at is None or self.published_at > timezone.now():
            raise InvalidMove("Readers have not seen this story: change its text instead.")
        correction = self.corrections.create(
            kind=kind, text=text, by=by, is_from_reader=is_from_reader
        )
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
        self.body = pictures.with_addresses(self.body, images)

        def figure(pk: int, alt: str, caption: str) -> str | None:
            image = images.get(pk)
            if image is None or not image.has_file:
                return None
            return pictures.figure_html(image, "(min-width: 50rem) 42rem, 100vw", alt, caption)

        self.body_html = body.render(self.body, figure)
        self.word_count = body.words(self.body)

    def note_pictures(self) -> None:
        """Keep which pictures the text shows, for the library. It belongs to every save of one."""
        shown = Image.objects.filter(pk__in=body.picture_ids(self.body))
        self.text_pictures.set(shown.values_list("pk", flat=True))

    @transaction.atomic
    def save_edit(self, seen_version: int | None, is_substantive: bool = False) -> None:
        """Save an editor's changes. Raises ``StaleSave`` if somebody saved since.

        ``seen_version`` is the version the editor opened; ``None`` for a new article.
        ``is_substantive`` says of a live article that the change matters to its readers: it moves
        the time they see it updated. Of others it says nothing.
        """
        from articles import revisions

        if seen_version is not None:
            row = Article.objects.select_for_update().get(pk=self.pk)
            if row.version != seen_version:
                raise StaleSave
            row.settle()
            revisions.catch_up(row)
            # What moves by itself or by a step; an editor's form must not set it back.
            for name in self.NOT_IN_FORM:
                setattr(self, name, getattr(row, name))
            self.version = row.version + 1
            self.page_version += 1
            self._follow_up(row)
            if is_substantive and self.is_live:
                self.updated_at = timezone.now()
        self.render_body()
        self.save()
        self.note_pictures()
        if self.is_text_locked:
            self._keep_original()
        if self.published_at is not None:
            Edition.move()

    def versions(self) -> "RevisionQuerySet":
        """What readers of a live article may open: how it was published, and each change since
        that mattered. The first one first; none of an article that readers cannot read."""
        from articles.models.revision import Revision

        if not self.is_live:
            return Revision.objects.none()
        return Revision.objects.filter(article=self).versions().whole()

    def _follow_up(self, before: "Article") -> None:
        """Do what a change of these fields asks for, before it is saved."""
        if self.embargo_until != before.embargo_until:
            self.is_embargo_lifted = False
        if any(getattr(self, name) != getattr(before, name) for name in self.SIGNED):
            self.sign_offs.filter(is_void=False).update(is_void=True)
        if before.was_read and self.slug != before.slug:
            from articles import moved

            moved.note(before.get_absolute_url(), self)

    def _keep_original(self) -> None:
        """Keep the text as it came, once: later changes are held against it."""
        from articles.models.record import Original

        Original.objects.get_or_create(article=self, defaults={"body": self.body})

    @staticmethod
    def slug_for(headline: str) -> str:
        """Return a slug for ``headline``; never empty."""
        return slugify(headline, allow_unicode=True)[:180].strip("-") or "story"
