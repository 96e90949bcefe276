"""Lists of stories: the front page, sections, topics, series, authors, archives, search."""

import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.db.models.functions import ExtractMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.views.decorators.http import require_safe

from articles import lists, moved, results, stamps
from articles import search as searching
from articles.models import Article, ArticleQuerySet, Author, Correction, Section, Series, Topic
from articles.search_form import SearchForm
from newsroom import errors, pace
from newsroom.addresses import client_address
from newsroom.page_cache import keep
from newsroom.shared_pages import shared_page


@require_safe
@shared_page
def home(request: HttpRequest) -> HttpResponse:
    """Show the front page. ``/?p=12`` and the like lead to the article that stood there once."""
    if request.GET and (answer := moved.answer(request)):
        return answer
    edition, next_story_at = _begun(request)
    front = lists.front_page()
    context = {"front": front, "masthead_sections": front.sections}
    response = render(request, "articles/home.html", context)
    ranked_until = timezone.now() + stamps.RANKING
    until = [next_story_at, ranked_until, front.until]
    return keep(response, stamps.stamp(edition, front.stories, until))


@require_safe
@shared_page
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a section's stories, first those that the editors pinned."""
    begun = _begun(request)
    found = get_object_or_404(Section, slug=slug)
    page = lists.section_page(found, request.GET.get("page", ""))
    context = {"page": page, "section": found, "current_section": found}
    return _kept(request, "articles/section.html", context, begun)


@require_safe
@shared_page
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the stories on a topic. One of which nothing is published yet is not there."""
    begun = _begun(request)
    found = get_object_or_404(Topic, slug=slug)
    stories = Article.objects.listed().filter(topics=found).for_cards()
    context = _paged(request, stories, may_be_empty=False) | {"topic": found}
    return _kept(request, "articles/topic.html", context, begun)


@require_safe
@shared_page
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the parts of a series in their order. One of which nothing is published is not there."""
    begun = _begun(request)
    found = get_object_or_404(Series, slug=slug)
    stories = Series.in_order(Article.objects.listed().filter(series=found).for_cards())
    context = _paged(request, stories, may_be_empty=False) | {"series": found}
    return _kept(request, "articles/series.html", context, begun)


@require_safe
@shared_page
def author(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who an author is and what they wrote. One who published nothing yet is not there."""
    begun = _begun(request)
    found = get_object_or_404(Author.objects.select_related("portrait"), slug=slug)
    stories = Article.objects.listed().filter(authors=found).for_cards()
    context = _paged(request, stories, may_be_empty=False) | {"author": found}
    return _kept(request, "articles/author.html", context, begun)


@require_safe
@shared_page
def archive(request: HttpRequest, year: str, month: str = "", day: str = "") -> HttpResponse:
    """Show a year by its months, or the stories of a month or a day."""
    try:
        start = datetime.date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise Http404("No such date.") from error
    if not datetime.MINYEAR < start.year < datetime.MAXYEAR:
        raise Http404("No such date.")  # there is no day before, or none after
    if not month:
        return _year(request, start)
    begun = _begun(request)
    end = start + ONE_DAY if day else _next_month(start)
    title = dateformat.format(start, "l, F j, Y" if day else "F Y")
    context = _paged(request, _of_days(start, end).for_cards(), may_be_empty=False)
    before, after = _around(start, end)
    context |= {
        "title": title,
        "start": start,
        "is_day": bool(day),
        # As the first day of a month, where months are shown.
        "before": before if day or before is None else before.replace(day=1),
        "after": after if day or after is None else after.replace(day=1),
        "days": [] if day else _days(start, end),
    }
    return _kept(request, "articles/archive.html", context, begun)


ONE_DAY = datetime.timedelta(days=1)


def _next_month(start: datetime.date) -> datetime.date:
    return (start + 31 * ONE_DAY).replace(day=1)


def _of_days(start: datetime.date, end: datetime.date) -> ArticleQuerySet:
    """Return the stories whose addresses are of these days, the last one not among them.

    The instants say the same, once more and widely: by them the newest are in order.
    """
    return Article.objects.listed().filter(
        published_on__gte=start,
        published_on__lt=end,
        published_at__gte=_instant(start - 2 * ONE_DAY),
        published_at__lt=_instant(end + 2 * ONE_DAY),
    )


def _instant(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def _around(
    start: datetime.date, end: datetime.date
) -> tuple[datetime.date | None, datetime.date | None]:
    """Return the last day before ``start`` with a story, and the first from ``end`` on.

    Two queries. By the instants, as in ``_of_days``, so that neither walks the whole archive.
    """
    listed = Article.objects.listed().values_list("published_on", flat=True)
    before = listed.filter(
        published_on__lt=start, published_at__lt=_instant(start + 2 * ONE_DAY)
    ).first()
    after = (
        listed.filter(published_on__gte=end, published_at__gte=_instant(end - 2 * ONE_DAY))
        .order_by("published_at", "pk")
        .first()
    )
    return before, after


def _days(start: datetime.date, end: datetime.date) -> list[dict[str, Any]]:
    """Return the days of a month on which something came out, with how much."""
    counted = _of_days(start, end).order_by().values("published_on")
    rows = counted.annotate(stories=Count("pk")).order_by("published_on")
    return [{"start": row["published_on"], "stories": row["stories"]} for row in rows]


def _year(request: HttpRequest, start: datetime.date) -> HttpResponse:
    begun = _begun(request)
    end = start.replace(year=start.year + 1)
    counted = (
        _of_days(start, end)
        .order_by()
        .values(month=ExtractMonth("published_on"))
        .annotate(stories=Count("pk"))
        .order_by("month")
    )
    months = [
        {"start": start.replace(month=row["month"]), "stories": row["stories"]} for row in counted
    ]
    if not months:
        raise Http404("Nothing was published in that year.")
    before, after = _around(start, end)
    context = {
        "title": f"{start.year:04}",
        "start": start,
        "months": months,
        "before": before,
        "after": after,
    }
    response = render(request, "articles/archive.html", context)
    return keep(response, stamps.stamp(begun[0], [], [begun[1]]))


@require_safe
@shared_page
def corrections(request: HttpRequest) -> HttpResponse:
    """Show what was put right, newest first: all of it, or one ``kind``."""
    kind = request.GET.get("kind", "")
    if kind and kind not in Correction.Kind.values:
        raise Http404("No such kind.")
    found = lists.corrections().filter(kind=kind) if kind else lists.corrections()
    context = {
        "page": lists.page_of(found, request.GET.get("page", "")),
        "kinds": Correction.Kind.choices,
        "kind": kind,
        "query": f"kind={kind}&" if kind else "",
    }
    return render(request, "articles/corrections.html", context)


# How many pages of results one address may ask for in a minute.
SEARCHES, IN = 60, datetime.timedelta(minutes=1)


@require_safe
@shared_page
def search(request: HttpRequest) -> HttpResponse:
    """Find stories, or with ``tab=comments`` what readers said, by the words in ``q``.

    Stories may be narrowed down by ``section``, ``author``, ``from`` and ``to``, and ordered by
    ``sort``; without words these alone are a list.
    """
    if request.GET and (wait := _wait_to_search(request)):
        return _refused(request, wait)
    query = searching.tidy(request.GET.get("q", ""))
    is_comments = request.GET.get("tab") == "comments"
    context: dict[str, Any] = {"query": query, "tab": "comments" if is_comments else "articles"}
    context |= {"newer": "Previous results", "older": "More results"}
    if is_comments:
        found = searching.find_comments(query)
        context["page"] = lists.page_of(found, request.GET.get("page", ""))
        context["address"] = urlencode({"q": query, "tab": "comments"}) + "&"
        return render(request, "articles/search.html", context)
    form = SearchForm(request.GET.dict(), list(Section.objects.all()))
    context |= {"form": form, "address": urlencode(form.address) + "&" if form.address else ""}
    try:
        context |= results.of(form, request.GET.get("page", ""))
    except searching.TooSlow:
        response = render(request, "articles/search.html", context | {"too_slow": True}, status=503)
        response["Cache-Control"] = "no-store"
        return response
    return render(request, "articles/search.html", context)


def _wait_to_search(request: HttpRequest) -> int:
    """Return for how many seconds whoever asks is to search no more, 0 for now."""
    return pace.wait_for_turn("search", client_address(request) or "nowhere", SEARCHES, IN)


def _refused(request: HttpRequest, wait: int) -> HttpResponse:
    response = errors.too_many(request)
    response["Retry-After"] = str(wait)
    # It is one reader's answer, and no cache is to give it to others.
    response["Cache-Control"] = "no-store"
    return response


ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /accounts/
Disallow: /account/
Disallow: /search/
Disallow: /articles/

Sitemap: {sitemap}
Sitemap: {news}
"""


@require_safe
@shared_page
def robots(request: HttpRequest) -> HttpResponse:
    """Tell crawlers where not to go, and where the sitemaps are."""
    text = ROBOTS.format(
        sitemap=request.build_absolute_uri(reverse("articles:sitemap")),
        news=request.build_absolute_uri(reverse("articles:news-sitemap")),
    )
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


Begun = tuple[int, datetime.datetime | None]  # as ``stamps.beginning`` has it


def _begun(request: HttpRequest) -> Begun:
    """Read of which edition a list is, before anything that it shows."""
    begun = stamps.beginning()
    request.edition = begun[0]  # type: ignore[attr-defined]
    return begun


def _paged(request: HttpRequest, stories: Any, may_be_empty: bool = True) -> dict[str, Any]:
    return {"page": lists.page_of(stories, request.GET.get("page", ""), may_be_empty)}


def _kept(
    request: HttpRequest, template: str, context: dict[str, Any], begun: Begun
) -> HttpResponse:
    """Show a page of a list, which stands until one of its stories changes or another comes."""
    edition, next_story_at = begun
    page = context["page"]
    stamp = stamps.stamp(edition, page.items, [next_story_at, page.until])
    return keep(render(request, template, context), stamp)
