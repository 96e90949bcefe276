"""The front page and those of sections: what stands where, for how long, and as of when."""

import datetime
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from articles import lists
from articles.admin.lists import DeskAdmin
from articles.admin.order import moved_to, number_in, wanted
from articles.admin.picture import thumbnail
from articles.models import Article, RelatedStory, Section, Slot
from articles.models.front import StaleOrder
from articles.reading_on import MOST

FOUND = 8  # stories that a search for one to pin offers
COMING = 6  # moments ahead at which the page changes by itself
FURTHEST = datetime.timedelta(days=366)
LOCAL = "%Y-%m-%dT%H:%M"  # as <input type="datetime-local"> writes it


class MomentForm(forms.Form):
    """A moment that lies ahead, in the paper's time."""

    at = forms.DateTimeField(
        required=False,
        error_messages={"invalid": "That is no date and time we can read. Write 2026-03-01 06:00."},
    )

    def clean_at(self) -> datetime.datetime | None:
        at: datetime.datetime | None = self.cleaned_data["at"]
        if at is not None and not timezone.now() < at < timezone.now() + FURTHEST:
            raise forms.ValidationError("Choose a moment that lies ahead, within a year.")
        return at


@dataclass
class Row:
    """A place of a front on the desk, with what was typed beside it."""

    place: lists.Place
    until: str
    error: str = ""

    @property
    def thumbnail(self) -> SafeString:
        return thumbnail(self.place.article.lead_image)


@admin.register(Slot)
class SlotAdmin(DeskAdmin):
    """No list of rows: the page as it stands, to be put in order."""

    def get_urls(self) -> list[URLPattern]:
        def view(of: Any) -> Any:
            return self.admin_site.admin_view(of)

        front = require_http_methods(["GET", "HEAD", "POST"])(self.front)
        preview = require_safe(self.preview)
        return [
            path("", view(require_safe(self.first)), name="articles_slot_changelist"),
            path("front/", view(front), name="articles_slot_front"),
            path("front/<str:slug>/", view(front), name="articles_slot_section"),
            path("preview/", view(preview), name="articles_slot_preview"),
            path("preview/<str:slug>/", view(preview), name="articles_slot_preview_section"),
        ]

    def first(self, request: HttpRequest) -> HttpResponse:
        self._check(request, "view")
        return HttpResponseRedirect(reverse("admin:articles_slot_front"))

    def _check(self, request: HttpRequest, right: str) -> None:
        if not request.user.has_perm(f"articles.{right}_slot"):
            raise PermissionDenied

    # The order

    def front(self, request: HttpRequest, slug: str = "") -> HttpResponse:
        """Show a front by its places, and take another order of them."""
        self._check(request, "view")
        section = get_object_or_404(Section, slug=slug) if slug else None
        if request.method != "POST":
            return self._show(request, section)
        self._check(request, "change")
        return self._take(request, section)

    def _take(self, request: HttpRequest, section: Section | None) -> HttpResponse:
        now = timezone.now()
        asked = request.POST
        places = lists.places(section, now)
        shown = {place.article.pk: place for place in places}
        order, moves = wanted(list(shown), asked)
        until, errors = self._times(request, shown)
        if errors:
            return self._show(request, section, errors)

        pinned = {pk for pk, place in shown.items() if place.slot} | moves | set(until)
        pinned |= {number_in(asked, "pin") or 0}
        taken_out = number_in(asked, "unpin")
        pinned -= {taken_out or 0}
        waiting = [
            slot
            for slot in Slot.objects.of(section)
            if slot.article_id not in shown
            and slot.article_id != taken_out
            and (slot.until is None or slot.until > now)
        ]
        if added := self._found(number_in(asked, "add")):
            place = min(number_in(asked, "at") or 1, Slot.PLACES)
            waiting = [slot for slot in waiting if slot.article_id != added.pk]
            if added.is_live:
                order = moved_to(order, {added.pk: place})
                pinned.add(added.pk)
            else:
                # It keeps the place until it is published, and moves nothing meanwhile.
                waiting.append(Slot(article_id=added.pk, position=place))
        numbered = enumerate(order[: Slot.PLACES], start=1)
        pins = [
            Slot(article_id=pk, position=number, until=until.get(pk))
            for number, pk in numbered
            if pk in pinned
        ]
        try:
            Slot.arrange(section, [*pins, *waiting], asked.get("seen", ""), request.user)  # type: ignore[arg-type]
        except StaleOrder as error:
            words = f"{error} It is shown as it stands now, and nothing of yours was saved."
            self.message_user(request, words, messages.WARNING)
            return self._show(request, section, status=409)
        self.message_user(request, _said(pins, waiting, order, pinned, added), messages.SUCCESS)
        touched = added.pk if added else next(iter(moves), None)
        anchor = f"#place-{touched}" if touched else ""
        return HttpResponseRedirect(_address("front", section) + anchor)

    def _times(
        self, request: HttpRequest, shown: dict[int, lists.Place]
    ) -> tuple[dict[int, datetime.datetime], dict[int, str]]:
        """Return until when stories are pinned, and what is wrong with it, both by id."""
        until, errors = {}, {}
        for pk, place in shown.items():
            typed = request.POST.get(f"until-{pk}", "")
            stored = place.slot.until if place.slot else None
            if stored and typed == _local(stored):
                until[pk] = stored  # to the second, which the field does not show
                continue
            form = MomentForm({"at": typed})
            if not form.is_valid():
                errors[pk] = _words(form)
            elif form.cleaned_data["at"]:
                until[pk] = form.cleaned_data["at"]
        return until, errors

    def _show(
        self,
        request: HttpRequest,
        section: Section | None,
        errors: dict[int, str] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        now = timezone.now()
        places = lists.places(section, now)
        slots = list(Slot.objects.of(section).select_related("article", "by"))
        prefetch_related_objects([place.slot for place in places if place.slot], "by")
        shown = {place.article.pk for place in places}
        query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
        context: dict[str, Any] = {
            "query": query,
            "found": self._search(query, shown) if query else [],
            "places": range(1, Slot.PLACES + 1),
            "may_change": request.user.has_perm("articles.change_slot"),
        }
        if "results" in request.GET:
            return render(request, "admin/articles/slot/_found.html", context)
        name = section.name if section else "Front page"
        context |= {
            **self.admin_site.each_context(request),
            "title": name if section is None else f"{name}: the section’s front",
            "opts": self.opts,
            "media": self.media,
            "section": section,
            "sections": Section.objects.all(),
            "rows": [_row(request, place, errors) for place in places],
            "waiting": [slot for slot in slots if slot.article_id not in shown],
            "seen": Slot.objects.of(section).mark(),
            "now": now,
            "earliest": _local(now),
            "preview_at": _local(now + datetime.timedelta(hours=12)),
            "coming": _coming(slots, now),
            "address": _address("front", section),
            "preview": _address("preview", section),
            "site_address": section.get_absolute_url() if section else "/",
        }
        return render(request, "admin/articles/slot/front.html", context, status=status)

    def _stories(self) -> Any:
        """Stories that can be pinned: those readers see, and those the clock will publish."""
        now = timezone.now()
        coming = Article.objects.scheduled_after(now).filter(kind=Article.Kind.STORY)
        return (Article.objects.listed(now).order_by() | coming.order_by()).select_related(
            "section"
        )

    def _search(self, query: str, shown: set[int]) -> list[Article]:
        stories = self._stories().exclude(pk__in=shown)
        for word in query.split()[:6]:
            stories = stories.filter(headline__icontains=word)
        return list(stories.defer("body", "body_html").order_by("-published_at", "-pk")[:FOUND])

    def _found(self, pk: int | None) -> Article | None:
        return self._stories().filter(pk=pk).first() if pk else None

    # As of a moment

    def preview(self, request: HttpRequest, slug: str = "") -> HttpResponse:
        """Show a front as readers will see it at a moment, with all its links. For staff alone."""
        self._check(request, "view")
        section = get_object_or_404(Section, slug=slug) if slug else None
        form = MomentForm(request.GET)
        at = (form.cleaned_data["at"] if form.is_valid() else None) or timezone.now()
        context: dict[str, Any] = {
            "preview_at": at,
            "preview_error": _words(form),
            "preview_local": request.GET.get("at") or _local(at),
            "desk": _address("front", section),
        }
        if section is None:
            front = lists.front_page(at)
            context |= {"front": front}
            stories, template = front.stories, "articles/home.html"
        else:
            page = lists.section_page(section, request.GET.get("page", ""), at)
            context |= {
                "page": page,
                "section": section,
                "current_section": section,
                "query": urlencode({"at": _local(at)}) + "&",
            }
            stories, template = list(page.items), "articles/section.html"
        for story in stories:
            if not story.is_live:
                # Its address is not there yet.
                story.get_absolute_url = partial(str, story.preview_url)  # type: ignore[method-assign]
        response = render(request, template, context)
        response["X-Robots-Tag"] = "noindex"
        return response


class RelatedForm(forms.ModelForm):
    """A story to read on with, and its place among the others."""

    position = forms.IntegerField(
        required=False, min_value=0, max_value=99, label="Place", widget=forms.NumberInput
    )

    class Meta:
        model = RelatedStory
        fields = ["position", "related"]

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0

    def clean_related(self) -> Article:
        related: Article = self.cleaned_data["related"]
        if related.pk == self.instance.article_id:
            raise forms.ValidationError("That is this story itself.")
        return related


class RelatedInline(admin.TabularInline):
    """What an editor puts beside a story; readers find it first under “Read on”."""

    model = RelatedStory
    form = RelatedForm
    fk_name = "article"
    extra = 1
    max_num = MOST
    fields = ["position", "related"]
    autocomplete_fields = ["related"]
    verbose_name_plural = "read on: stories beside this one, in their order"

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request).select_related("related")
        return found.defer("related__body", "related__body_html")


def _row(request: HttpRequest, place: lists.Place, errors: dict[int, str] | None) -> Row:
    pk = place.article.pk
    stored = _local(place.slot.until) if place.slot and place.slot.until else ""
    if errors is None:
        return Row(place, stored)
    return Row(place, request.POST.get(f"until-{pk}", stored), errors.get(pk, ""))


def _coming(slots: list[Slot], now: datetime.datetime) -> list[tuple[datetime.datetime, str, str]]:
    """Return the next moments at which the page changes: when, in the field's words, and how."""
    moments: list[tuple[Any, str]] = [
        (slot.until, f"“{slot.article}” loses its place") for slot in slots if slot.until
    ]
    stories = Article.objects.filter(kind=Article.Kind.STORY).only("headline", "published_at")
    for story in stories.scheduled_after(now)[:COMING]:
        moments.append((story.published_at, f"“{story}” is published"))
    ahead = sorted((at, what) for at, what in moments if at and now < at < now + FURTHEST)
    # As of a minute later, since the field knows no seconds.
    minute = datetime.timedelta(minutes=1)
    return [(at, _local(at + minute), what) for at, what in ahead[:COMING]]


def _said(
    pins: list[Slot],
    waiting: list[Slot],
    order: list[int],
    pinned: set[int],
    added: Article | None,
) -> str:
    """Return in words what a new order came to."""
    kept = {slot.article_id for slot in pins}
    said = "Saved. Readers see it now."
    if added and added.pk not in kept:
        said = f"Saved. “{added}” takes its place once it is published."
    elif not pins and not waiting:
        said = "Saved. Nothing is pinned: the newest stories stand in all places."
    if any(pk in pinned for pk in order[Slot.PLACES :]):
        said += f" There are {Slot.PLACES} places; what was pinned in the last one has left it."
    return said


def _words(form: forms.Form) -> str:
    return " ".join(str(error) for error in form.errors.get("at", []))


def _address(name: str, section: Section | None) -> str:
    if section is None:
        return reverse(f"admin:articles_slot_{name}")
    name = {"front": "section", "preview": "preview_section"}[name]
    return reverse(f"admin:articles_slot_{name}", args=[section.slug])


def _local(moment: datetime.datetime) -> str:
    return f"{timezone.localtime(moment):{LOCAL}}"
