"""Lists of stories: the front page, sections, topics, authors, archives, corrections, search."""

import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.db.models.functions import ExtractMonth
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.views.decorators.http import require_safe

from articles import lists, moved, stamps
from articles import search as searching
from articles.models import Article, Author, Section, Topic
from newsroom.page_cache import keep
from newsroom.shared_pages import shared_page


@require_safe
@shared_page
def home(request: HttpRequest) -> HttpResponse:
    """Show the front page. ``/?p=12`` and the like lead to the article that stood there once."""
    if request.GET and (article := moved.find(request.get_full_path())):
        return HttpResponsePermanentRedirect(article.get_absolute_url())
    edition, next_story_at = stamps.beginning()
    front = lists.front_page()
    context = {"front": front, "masthead_sections": front.sections}
    response = render(request, "articles/home.html", context)
    ranked_until = timezone.now() + stamps.RANKING
    return keep(response, stamps.stamp(edition, front.stories, [next_story_at, ranked_until]))


@require_safe
@shared_page
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a section's stories."""
    begun = _begun(request)
    found = get_object_or_404(Section, slug=slug)
    stories = Article.objects.listed().filter(section=found).for_cards()
    context = _paged(request, stories) | {"section": found, "current_section": found}
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
    if not month:
        return _year(request, start)
    begun = _begun(request)
    stories = Article.objects.listed().for_cards()
    if day:
        stories = stories.filter(published_on=start)
        title = dateformat.format(start, "l, F j, Y")
    else:
        stories = stories.filter(published_on__year=start.year, published_on__month=start.month)
        title = dateformat.format(start, "F Y")
    context = _paged(request, stories, may_be_empty=False)
    context |= {"title": title, "start": start, "is_day": bool(day)}
    return _kept(request, "articles/archive.html", context, begun)


def _year(request: HttpRequest, start: datetime.date) -> HttpResponse:
    counted = (
        Article.objects.listed()
        .filter(published_on__year=start.year)
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
    context = {"title": f"{start.year:04}", "start": start, "months": months}
    return render(request, "articles/archive.html", context)


@require_safe
@shared_page
def corrections(request: HttpRequest) -> HttpResponse:
    """Show what was put right, newest first."""
    page = lists.page_of(lists.corrections(), request.GET.get("page", ""))
    return render(request, "articles/corrections.html", {"page": page})


@require_safe
@shared_page
def search(request: HttpRequest) -> HttpResponse:
    """Find stories, or with ``tab=comments`` what readers said, by the words in ``q``."""
    query = searching.tidy(request.GET.get("q", ""))
    tab = "comments" if request.GET.get("tab") == "comments" else "articles"
    found = searching.find_comments(query) if tab == "comments" else searching.find(query)
    page = lists.page_of(found, request.GET.get("page", ""))
    context = {"query": query, "tab": tab, "page": page, "address": _address(query, tab)}
    return render(request, "articles/search.html", context)


def _address(query: str, tab: str) -> str:
    """Return what stands before the number in the address of a page of results."""
    asked = {"q": query} | ({"tab": tab} if tab == "comments" else {})
    return urlencode(asked) + "&"


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
    stamp = stamps.stamp(edition, context["page"].items, [next_story_at])
    return keep(render(request, template, context), stamp)
