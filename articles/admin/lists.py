"""Lists that open as fast with a million rows as with ten, and what narrows them."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from articles.admin import desk
from articles.models import Article, Author, Byline, Section
from newsroom import rows
from newsroom.admin import GuardedAdmin

AUTHORS_FOUND = 200  # by a name that is asked for
AUTHORS_NAMED = 200  # that the field offers
MONTHS = 18  # that the list of times offers, before it goes on by years
RECENT = {
    "today": ("today", 0),
    "7": ("in the last 7 days", 6),
    "30": ("in the last 30 days", 29),
}
PERIOD = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?")


class DeskAdmin(GuardedAdmin):
    """What every list and form of the article desk has in common."""

    list_per_page = 50

    class Media:
        css = {"all": ["css/tokens.css", "css/article-desk.css", "css/newsdesk.css"]}

    # What is said after a save is the desk's own words, where Django would say that "The article
    # was changed successfully".

    def words_after_saving(self, request: HttpRequest, obj: Any, is_new: bool) -> str:
        """Return what an editor is told once ``obj`` is saved."""
        name = format_html('<a href="{}">{}</a>', self._address(request, obj), obj)
        if is_new:
            return format_html("Added: {}.", name)
        return format_html("Saved: {}.", name)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        words = self.words_after_saving(request, obj, is_new=True)
        request.words_after = words  # type: ignore[attr-defined]
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        words = self.words_after_saving(request, obj, is_new=False)
        request.words_after = words  # type: ignore[attr-defined]
        return super().response_change(request, obj)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        request.words_after = f"Deleted: {obj_display}."  # type: ignore[attr-defined]
        return super().response_delete(request, obj_display, obj_id)

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        # The first word after a save is the one Django would say of it.
        ours = request.__dict__.pop("words_after", None)
        super().message_user(request, ours or message, *args, **kwargs)

    def _address(self, request: HttpRequest, obj: Model) -> str:
        meta = obj._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])


class StoryList(ChangeList):
    """The list of stories: of those on its page it knows how many comments wait."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        stories = list(self.result_list)
        waiting = desk.waiting_comments(story.pk for story in stories)
        for story in stories:
            story.waiting = waiting.get(story.pk, "")
        self.result_list = stories


# What narrows the list of stories. Each is a field of one form above it, so that they are combined
# in one go; the names in the address are those Django gave them, which people have kept.


class Choice(admin.SimpleListFilter):
    """A field to choose one value from; an empty one narrows nothing."""

    any_value = "any"

    def value(self) -> str | None:
        return super().value() or None

    def chosen(self) -> str | None:
        """Return the value that is asked for. Raises ``IncorrectLookupParameters`` for others."""
        value = self.value()
        if value is not None and value not in {str(key) for key, _ in self.lookup_choices}:
            raise IncorrectLookupParameters
        return value


class DeskFilter(Choice):
    title = "whose"
    parameter_name = "desk"
    any_value = "everybody’s"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("mine", "mine"), ("waiting", "waiting for me")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.chosen():
            case "mine":
                return queryset.of(request.user)
            case "waiting":
                return queryset.waiting_for(request.user)
        return queryset


class StateFilter(Choice):
    """Where stories stand, as readers and the clock have it: not as the row was last written."""

    title = "state"
    parameter_name = "status__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        states = [(one.value, one.label.lower()) for one in Article.Status]
        states.insert(-1, ("ended", "ended"))
        if not request.user.has_perm("articles.kill_article"):
            states = [one for one in states if one[0] != Article.Status.KILLED]
        return states

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        match self.chosen():
            case None:
                return queryset
            case "published":
                return queryset.live()
            case "scheduled":
                return queryset.filter(status=Article.Status.SCHEDULED, published_at__gt=now)
            case "ended":
                # By the index of those that end at all.
                ended = Article.objects.filter(expires_at__isnull=False, expires_at__lte=now)
                return queryset.published().filter(pk__in=ended.order_by().values("pk"))
            case status:
                return queryset.filter(status=status)


class SectionFilter(Choice):
    title = "section"
    parameter_name = "section__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Section.objects.values_list("pk", "name")]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if value is None:
            return queryset
        pk = rows.number(value)
        if pk is None:
            raise IncorrectLookupParameters
        return queryset.filter(section=pk)


class TypeFilter(Choice):
    title = "type"
    parameter_name = "label__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        types = [(one.value, one.label.lower()) for one in Article.Label]
        return [*types, (Article.Kind.PAGE.value, "standing page")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.chosen():
            case None:
                return queryset
            case Article.Kind.PAGE.value:
                return queryset.filter(kind=Article.Kind.PAGE)
            case label:
                return queryset.filter(label=label)


class PublishedFilter(Choice):
    """When readers first saw it: lately, in a month, in a year."""

    title = "published"
    parameter_name = "published"
    any_value = "at any time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        dated = Article.objects.filter(published_at__isnull=False).order_by("published_at")
        oldest = dated.values_list("published_at", flat=True).first()
        return [*((key, words) for key, (words, _) in RECENT.items()), *_periods(oldest)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        if value is None:
            return queryset
        first, end = _between(value)
        start = timezone.make_aware(datetime.datetime.combine(first, datetime.time()))
        queryset = queryset.filter(published_at__gte=start)
        if end is not None:
            stop = timezone.make_aware(datetime.datetime.combine(end, datetime.time()))
            queryset = queryset.filter(published_at__lt=stop)
        return queryset


class AuthorFilter(Choice):
    """Stories in whose byline a name stands; it is typed, and the staff's are offered."""

    title = "author"
    parameter_name = "author"
    is_typed = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = Author.objects.filter(user__is_staff=True, user__is_active=True)
        return [(name, name) for name in staff.values_list("name", flat=True)[:AUTHORS_NAMED]]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        words = (self.value() or "").replace("\x00", "")[:100].split()[:5]
        if not words:
            return queryset
        authors = Author.objects.order_by()
        for word in words:
            authors = authors.filter(name__icontains=word)
        ids = list(authors.values_list("pk", flat=True)[:AUTHORS_FOUND])
        return queryset.filter(pk__in=Byline.objects.filter(author__in=ids).values("article"))


FILTERS: list[Any] = [
    DeskFilter,
    StateFilter,
    SectionFilter,
    TypeFilter,
    PublishedFilter,
    AuthorFilter,
]


def _periods(oldest: datetime.datetime | None) -> Iterator[tuple[str, str]]:
    """Yield the months of late and every year since ``oldest``, the newest first."""
    today = timezone.localdate()
    start = timezone.localtime(oldest).date() if oldest else today
    year, month = today.year, today.month
    for _ in range(MONTHS):
        if (year, month) < (start.year, start.month):
            break
        yield f"{year}-{month:02}", f"in {datetime.date(year, month, 1):%B %Y}"
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    for number in range(today.year, start.year - 1, -1):
        yield str(number), f"in {number}"


def _between(value: str) -> tuple[datetime.date, datetime.date | None]:
    """Return the first day of a period, and the first after it.

    Raises ``IncorrectLookupParameters`` for what is none.
    """
    if value in RECENT:
        return timezone.localdate() - datetime.timedelta(days=RECENT[value][1]), None
    match = PERIOD.fullmatch(value)
    if not match or not 1800 < int(match[1]) < 9990:
        raise IncorrectLookupParameters
    year = int(match[1])
    if match[2] is None:
        return datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1)
    first = datetime.date(year, int(match[2]), 1)
    return first, (first + datetime.timedelta(days=32)).replace(day=1)
