"""The desk's first page and its calendar: what is mine, what waits, what comes, what just came out.

Every list begins with what this member of staff may read, and is short: the list of stories has
the rest. Stories are chosen by id first, so that each is loaded once with what its line shows.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.models import User
from articles import checks
from articles.models import (
    Article,
    ArticleQuerySet,
    Autosave,
    Correction,
    ErrorReport,
    ReviewStep,
    Section,
    Step,
)
from newsroom import rows

SHOWN = 10
COUNTED = 200  # further no list is counted
IN_A_WEEK = 300  # more nobody reads in a calendar; it says so
COMMENTS_COUNTED = 5000
UNDATED = 50
WEEK = datetime.timedelta(days=7)
# Hours of today that are shown even when nothing is in them.
FIRST_HOUR, LAST_HOUR = 6, 21
LIST = "admin:articles_article_changelist"


@dataclass
class Line:
    """A story in a list of the desk, with what its line tells of it."""

    story: Article
    move: Step | None = None  # what brought it to where it stands
    lacks: list[checks.Lack] = field(default_factory=list)
    readings: list[ReviewStep] = field(default_factory=list)  # that nobody has signed off
    waiting: str = ""  # comments, counted
    errors: int = 0  # reports of readers that nobody has answered
    corrections: int = 0

    @property
    def url(self) -> str:
        return reverse("admin:articles_article_change", args=[self.story.pk])

    @property
    def state(self) -> tuple[str, str]:
        return state(self.story)

    @property
    def was_returned(self) -> bool:
        return self.move is not None and self.move.verb == Article.Verb.RETURN

    @property
    def since(self) -> datetime.datetime:
        """From when on it stands where it stands; of a draft nobody moved, its last save."""
        return self.move.at if self.move else self.story.saved_at

    @property
    def age(self) -> str:
        """How long it has stood there, as a shade: ``fresh``, ``hours``, ``day`` or ``days``."""
        hours = (timezone.now() - self.since).total_seconds() / 3600
        return "fresh" if hours < 4 else "hours" if hours < 24 else "day" if hours < 48 else "days"

    @property
    def picture(self) -> str:
        """How it stands with the lead picture, in a word or two."""
        return picture_state(self.story)


@dataclass
class Few:
    """The beginning of a list, and how long it is, counted no further than ``COUNTED``."""

    lines: list[Line]
    count: int
    url: str

    @property
    def has_more(self) -> bool:
        return self.count > len(self.lines)

    @property
    def said(self) -> str:
        return f"{COUNTED}+" if self.count > COUNTED else str(self.count)


@dataclass
class Unsaved:
    """Words that were typed and not saved."""

    headline: str
    at: datetime.datetime
    url: str


@dataclass(frozen=True)
class Entry:
    """What the clock does, or lets an editor do, to a story at an instant."""

    at: datetime.datetime
    what: str  # "appears", "embargo" or "ends"
    story: Article

    @property
    def state(self) -> tuple[str, str]:
        return state(self.story)

    @property
    def words(self) -> str:
        past = self.at <= timezone.now()
        return {
            "appears": "came out" if past else "appears",
            "embargo": "embargo ended" if past else "embargo ends",
            "ends": "ended" if past else "ends",
        }[self.what]

    @property
    def url(self) -> str:
        return reverse("admin:articles_article_change", args=[self.story.pk])

    @property
    def picture(self) -> str:
        return picture_state(self.story)


@dataclass
class Hour:
    """An hour of today; the present one knows ``now``, whose line divides its entries."""

    hour: int
    entries: list[Entry]
    now: datetime.datetime | None = None

    @property
    def past(self) -> list[Entry]:
        return [one for one in self.entries if self.now and one.at <= self.now]

    @property
    def ahead(self) -> list[Entry]:
        return [one for one in self.entries if not (self.now and one.at <= self.now)]


@dataclass
class Day:
    day: datetime.date
    entries: list[Entry]

    @property
    def words(self) -> int:
        return sum(one.story.word_count for one in self.entries if one.what == "appears")

    @property
    def appearing(self) -> int:
        return sum(one.what == "appears" for one in self.entries)


@dataclass
class Calendar:
    """What comes in the days from ``first`` on."""

    first: datetime.date
    days: list[Day]
    now: datetime.datetime
    is_cut: bool = False  # there is more than is shown

    @property
    def today(self) -> Day | None:
        return next((one for one in self.days if one.day == self.now.date()), None)

    @property
    def later(self) -> list[Day]:
        return [one for one in self.days if one.day > self.now.date()]

    @property
    def hours(self) -> list[Hour]:
        """Today hour by hour: the working hours, and any other in which something is."""
        by_hour: dict[int, list[Entry]] = defaultdict(list)
        for entry in self.today.entries if self.today else []:
            by_hour[timezone.localtime(entry.at).hour].append(entry)
        first = min([FIRST_HOUR, self.now.hour, *by_hour])
        last = max([LAST_HOUR, self.now.hour, *by_hour])
        return [
            Hour(hour, by_hour[hour], self.now if hour == self.now.hour else None)
            for hour in range(first, last + 1)
        ]


@dataclass
class NewsDesk:
    """The desk's first page for one member of staff."""

    greeting: str
    now: datetime.datetime
    mine: Few
    calendar: Calendar
    out: Few
    unsaved: list[Unsaved]
    lacking: list[Line]
    may_write: bool
    in_review: Few | None = None  # for those who may call a story ready
    ready: Few | None = None
    to_sign: Few | None = None  # for those who are asked to read stories, as a lawyer is
    errors: str = ""  # reports of readers that wait, counted; empty for whoever may not read them

    @property
    def links(self) -> dict[str, str]:
        return {
            "add": reverse("admin:articles_article_add"),
            "calendar": reverse("admin:articles_article_calendar"),
            "list": reverse(LIST),
        }


def has_desk(user: User) -> bool:
    """Tell whether this person works on stories; moderators only read them."""
    works = ("change_article", "review_article", "publish_article", "kill_article")
    return any(user.has_perm(f"articles.{name}") for name in works)


def newsdesk(user: User) -> NewsDesk:
    """Return the desk's first page for ``user``, in a constant number of queries."""
    now = timezone.localtime()
    readable = Article.objects.readable_at_desk(user)
    reviews = user.has_perm("articles.review_article") or user.has_perm("articles.publish_article")
    # What was returned comes first: it is what its writer has to do something about.
    returned = Case(
        When(last_verb=Article.Verb.RETURN, status=Article.Status.DRAFT, then=0), default=1
    )
    mine = readable.of(user).on_the_way().with_last_verb()
    chosen = {"mine": _ids(mine.order_by(returned, "-saved_at", "-pk"))}
    if reviews:
        for name, status in (("review", Article.Status.REVIEW), ("ready", Article.Status.READY)):
            longest = readable.filter(status=status).standing_since()
            chosen[name] = _ids(longest.order_by(F("since").asc(nulls_first=True), "pk"))
    signs = ReviewStep.objects.filter(group__user=user).exists()
    chosen["sign"] = _ids(
        readable.to_be_signed_by(user).order_by("saved_at", "pk") if signs else readable.none()
    )
    chosen["out"] = _ids(readable.live().order_by("-published_at", "-pk"), SHOWN)
    moments, is_cut = _moments(readable, now.date(), WEEK)
    stories = _load(
        {pk for ids in chosen.values() for pk in ids[:SHOWN]} | {pk for _, _, pk in moments}
    )
    moves = Step.objects.select_related("by").in_bulk(
        {one.last_move for one in stories.values() if one.last_move}
    )
    to_come = [
        pk for name in ("ready", "review", "sign", "mine") for pk in chosen.get(name, [])[:SHOWN]
    ]
    to_come += [pk for at, what, pk in moments if what == "appears" and at > now][:SHOWN]
    around = _bring_checks([stories[pk] for pk in dict.fromkeys(to_come) if pk in stories])
    told = _told_of([pk for pk in chosen["out"] if pk in stories], user)

    def lines(name: str) -> list[Line]:
        return [line(pk) for pk in chosen[name][:SHOWN] if pk in stories]

    def line(pk: int) -> Line:
        story = stories[pk]
        made = Line(story, moves.get(story.last_move), **told.get(pk, {}))
        if pk in to_come:
            made.lacks = checks.missing(story, around)
            made.readings = around.outstanding(story)
        return made

    def few(name: str, query: str) -> Few:
        return Few(lines(name), len(chosen[name]), f"{reverse(LIST)}?{query}")

    return NewsDesk(
        greeting=_greeting(now),
        now=now,
        mine=few("mine", "desk=mine"),
        in_review=few("review", "status__exact=review") if reviews else None,
        ready=few("ready", "status__exact=ready") if reviews else None,
        to_sign=few("sign", "desk=waiting") if signs else None,
        calendar=_calendar(now, now.date(), moments, stories, is_cut),
        out=few("out", "status__exact=published"),
        unsaved=_unsaved(user),
        lacking=[one for pk in dict.fromkeys(to_come) if pk in stories and (one := line(pk)).lacks],
        may_write=user.has_perm("articles.add_article"),
        errors=_open_errors(user),
    )


def calendar(request: HttpRequest) -> HttpResponse:
    """Show a week of stories to come by day, for one section or all; and those without a day."""
    if not admin.site.get_model_admin(Article).has_view_permission(request):
        raise PermissionDenied
    now = timezone.localtime()
    first = _first_day(request.GET.get("from", ""), now.date())
    sections = list(Section.objects.all())
    section = _section(request.GET.get("section", ""), sections)
    readable = Article.objects.readable_at_desk(request.user)  # type: ignore[arg-type]
    if section is not None:
        readable = readable.filter(section=section)
    moments, is_cut = _moments(readable, first, WEEK)
    undated = _ids(readable.on_the_way().order_by("-saved_at", "-pk"), UNDATED)
    stories = _load({pk for _, _, pk in moments} | set(undated[:UNDATED]))
    order = [Article.Status.READY, Article.Status.REVIEW, Article.Status.DRAFT]
    dated = {pk for _, _, pk in moments}
    waiting = [stories[pk] for pk in undated[:UNDATED] if pk in stories and pk not in dated]
    context = {
        **admin.site.each_context(request),
        "title": "Calendar",
        "opts": Article._meta,
        "calendar": _calendar(now, first, moments, stories, is_cut),
        "undated": [Line(one) for one in sorted(waiting, key=lambda one: order.index(one.status))],
        "has_more_undated": len(undated) > UNDATED,
        "sections": sections,
        "section": section,
        "first": first,
        "last": first + WEEK - datetime.timedelta(days=1),
        "previous": first - WEEK,
        "next": first + WEEK,
        "is_this_week": first <= now.date() < first + WEEK,
    }
    return TemplateResponse(request, "admin/articles/desk/calendar.html", context)


def state(story: Article) -> tuple[str, str]:
    """Return where a story stands as readers and the clock have it: a class, and in words."""
    if story.is_live:
        return "published", "Published"
    if story.is_withdrawn:
        return "withdrawn", "Withdrawn" if story.status == story.Status.WITHDRAWN else "Ended"
    return story.status, story.get_status_display()


def picture_state(story: Article) -> str:
    """Return how it stands with a story's lead picture: whether there is one that may be shown."""
    image = story.lead_image
    if image is None:
        return "no picture"
    if not image.has_file:
        return "picture without a file"
    return "picture incomplete" if image.missing() else "picture"


def words_after_saving(story: Article, is_new: bool) -> str:
    """Return what an editor is told once a story is saved: above all, who sees it."""
    if is_new:
        return "Saved as a draft. Only the desk sees it."
    if story.is_live:
        return "Saved. Readers see it now."
    if story.is_withdrawn:
        return "Saved. Readers still find the notice in its place."
    if story.status == Article.Status.SCHEDULED and story.published_at:
        when = timezone.localtime(story.published_at)
        return f"Saved. Readers see it from {when:%-d %B, %H:%M} on."
    return "Saved. Readers do not see it yet."


def waiting_comments(articles: Iterable[int]) -> dict[int, str]:
    """Return for each of these articles how many comments wait under it, where any do.

    One query, which looks at ``COMMENTS_COUNTED`` of them: with more, the numbers are at least so.
    """
    ids = list(articles)
    if not ids:
        return {}
    # By the relation: comments know of articles, and not the other way round.
    comments: Any = Article._meta.get_field("comments").related_model._default_manager
    found = comments.pending().filter(article__in=ids).order_by()
    under = list(found.values_list("article", flat=True)[:COMMENTS_COUNTED])
    more = "+" if len(under) == COMMENTS_COUNTED else ""
    return {pk: f"{number:,}{more}" for pk, number in Counter(under).items()}


# The parts


def _ids(found: QuerySet[Article], most: int = COUNTED) -> list[int]:
    return list(found.values_list("pk", flat=True)[: most + 1])


def _load(ids: set[int]) -> dict[int, Any]:
    """Return these stories by id, with what lines show and with their last move."""
    return Article.objects.for_cards().standing_since().in_bulk(ids)


def _moments(
    readable: ArticleQuerySet, first: datetime.date, length: datetime.timedelta
) -> tuple[list[tuple[datetime.datetime, str, int]], bool]:
    """Return what the clock does in these days: when, what, and to which story; and if cut."""
    start = timezone.make_aware(datetime.datetime.combine(first, datetime.time()))
    end = timezone.make_aware(datetime.datetime.combine(first + length, datetime.time()))
    out: list[Any] = [Article.Status.SCHEDULED, Article.Status.PUBLISHED]
    asked = [
        ("appears", "published_at", readable.filter(status__in=out)),
        ("embargo", "embargo_until", readable.on_the_way().filter(is_embargo_lifted=False)),
        # An end that has come is written down as withdrawn by and by.
        ("ends", "expires_at", readable.filter(status__in=[*out, Article.Status.WITHDRAWN])),
    ]
    moments = []
    is_cut = False
    for what, name, found in asked:
        within = found.filter(**{f"{name}__gte": start, f"{name}__lt": end}).order_by(name, "pk")
        some = list(within.values_list(name, "pk")[: IN_A_WEEK + 1])
        is_cut |= len(some) > IN_A_WEEK
        moments += [(at, what, pk) for at, pk in some[:IN_A_WEEK]]
    return sorted(moments), is_cut


def _calendar(
    now: datetime.datetime,
    first: datetime.date,
    moments: Sequence[tuple[datetime.datetime, str, int]],
    stories: dict[int, Article],
    is_cut: bool,
) -> Calendar:
    by_day: dict[datetime.date, list[Entry]] = defaultdict(list)
    for at, what, pk in moments:
        if pk in stories:
            by_day[timezone.localdate(at)].append(Entry(at, what, stories[pk]))
    days = [first + datetime.timedelta(days=number) for number in range(WEEK.days)]
    return Calendar(first, [Day(day, by_day[day]) for day in days], now, is_cut)


def _bring_checks(stories: list[Article]) -> checks.Around:
    """Read what the checks look at, the texts too, which no other line of the desk needs."""
    texts = dict(
        Article.objects.filter(pk__in=[one.pk for one in stories]).values_list("pk", "body")
    )
    for one in stories:
        one.body = texts.get(one.pk, "")
    return checks.Around(stories)


def _told_of(ids: list[int], user: User) -> dict[int, dict[str, Any]]:
    """Return what readers had to say under these stories, and what was put right in them."""
    waiting = waiting_comments(ids)
    reports = ErrorReport.objects.seen_by(user).open().filter(article__in=ids)
    errors = Counter(reports.order_by().values_list("article", flat=True)[:COMMENTS_COUNTED])
    noted = Correction.objects.filter(article__in=ids).order_by()
    corrections = Counter(noted.values_list("article", flat=True))
    return {
        pk: {
            "waiting": waiting.get(pk, ""),
            "errors": errors[pk],
            "corrections": corrections[pk],
        }
        for pk in ids
    }


def _open_errors(user: User) -> str:
    count = ErrorReport.objects.seen_by(user).open()[: COUNTED + 1].count()
    return f"{COUNTED}+" if count > COUNTED else str(count or "")


def _unsaved(user: User) -> list[Unsaved]:
    """Return what this person typed and did not save, the last first."""
    kept = Autosave.objects.filter(by=user).select_related("article").order_by("-at", "-pk")
    kept = kept.defer("article__body", "article__body_html")

    def one(autosave: Autosave) -> Unsaved:
        article = autosave.article
        known = article.headline if article else "A story not saved yet"
        typed = autosave.fields.get("headline") if isinstance(autosave.fields, dict) else ""
        url = (
            reverse("admin:articles_article_change", args=[article.pk])
            if article
            else reverse("admin:articles_article_add")
        )
        return Unsaved(str(typed or known), autosave.at, f"{url}?autosave=1")

    return [one(autosave) for autosave in kept[:SHOWN]]


def _greeting(now: datetime.datetime) -> str:
    return (
        "Good morning" if 4 <= now.hour < 12 else
        "Good afternoon" if 12 <= now.hour < 18 else
        "Good evening"
    )  # fmt: skip


def _first_day(asked: str, today: datetime.date) -> datetime.date:
    """Return the first day to show. Raises ``Http404`` for what is no day we could ever mean."""
    if not asked:
        return today
    try:
        day = parse_date(asked)
    except ValueError:
        day = None
    if day is None or not 1900 < day.year < 9990:
        raise Http404("No such day.")
    return day


def _section(asked: str, sections: Sequence[Section]) -> Section | None:
    if not asked:
        return None
    pk = rows.number(asked)
    for section in sections:
        if section.pk == pk:
            return section
    raise Http404("No such section.")
