"""Sitemaps: an index, its parts, and the news of the last two days.

A part holds the stories whose ids lie in one range, so that every part is bounded, costs one
indexed query however old the paper is, and keeps its address. Sources: sitemaps.org, and Google's
news sitemap (two days, at most 1,000 stories).
"""

import datetime
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Exists, Max, Model, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from articles.feeds import clean
from articles.models import Article, Author, Policy, Section, Series, Topic
from newsroom.shared_pages import shared_page

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
PER_PART = 2000
NEWS_WITHIN = datetime.timedelta(days=2)
NEWS_LIMIT = 1000


@require_safe
@shared_page
def index(request: HttpRequest) -> HttpResponse:
    """Name the parts."""
    last = Article.objects.aggregate(last=Max("pk"))["last"] or 0
    parts = ["pages", *(f"stories-{n}" for n in range(1, -(-last // PER_PART) + 1))]
    response, xml = _document("sitemapindex")
    for name in parts:
        xml.startElement("sitemap", {})
        location = reverse("articles:sitemap-part", args=[name])
        xml.addQuickElement("loc", request.build_absolute_uri(location))
        xml.endElement("sitemap")
    xml.endElement("sitemapindex")
    return response


@require_safe
@shared_page
def part(request: HttpRequest, name: str) -> HttpResponse:
    """List the addresses of one part: ``pages``, or ``stories-1`` and so on."""
    kind, _, number = name.partition("-")
    if name == "pages":
        return _urlset(request, _pages())
    if kind != "stories" or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise Http404("No such sitemap.")
    end = int(number) * PER_PART
    stories = (
        Article.objects.listed()
        .found_here()
        .filter(pk__gt=end - PER_PART, pk__lte=end)
        .only("kind", "slug", "published_on", "published_at", "updated_at")
        .order_by("pk")
    )
    return _urlset(
        request, ((one.get_absolute_url(), one.updated_at or one.published_at) for one in stories)
    )


@require_safe
@shared_page
def news(request: HttpRequest) -> HttpResponse:
    """List the stories of the last two days."""
    stories = (
        Article.objects.listed()
        .found_in_news()
        .filter(published_at__gte=timezone.now() - NEWS_WITHIN)
        .only("kind", "slug", "published_on", "published_at", "language", "headline")
    )
    response, xml = _document("urlset", {"xmlns:news": NEWS})
    for story in stories[:NEWS_LIMIT]:
        xml.startElement("url", {})
        xml.addQuickElement("loc", request.build_absolute_uri(story.get_absolute_url()))
        xml.startElement("news:news", {})
        xml.startElement("news:publication", {})
        xml.addQuickElement("news:name", clean(settings.SITE_NAME))
        xml.addQuickElement("news:language", story.language)
        xml.endElement("news:publication")
        xml.addQuickElement("news:publication_date", _w3c(story.published_at))
        xml.addQuickElement("news:title", clean(story.headline))
        xml.endElement("news:news")
        xml.endElement("url")
    xml.endElement("urlset")
    return response


def _pages() -> Iterable[tuple[str, datetime.datetime | None]]:
    """Yield the lists, what the paper says of itself, and the standing pages of an import."""
    yield reverse("articles:home"), None
    yield reverse("articles:corrections"), None
    for section in Section.objects.all():
        yield section.get_absolute_url(), None
    terms = ((Topic, "topics"), (Author, "authors"), (Series, "series"))
    for model, relation in terms:
        for term in _with_stories(model, relation):
            yield term.get_absolute_url(), None
    policies = list(Policy.objects.only("kind", "updated_at"))
    if policies:
        yield reverse("articles:about"), None
    for policy in policies:
        yield policy.get_absolute_url(), policy.updated_at
    standing = Article.objects.live().found_here().filter(kind=Article.Kind.PAGE)
    for page in standing.only("kind", "slug")[:PER_PART]:
        yield page.get_absolute_url(), None


def _with_stories(model: type[Model], relation: str) -> QuerySet[Any]:
    """Return the terms whose page is there: those of which something is published."""
    stories = Article.objects.listed().order_by().filter(**{relation: OuterRef("pk")})
    return model._default_manager.filter(Exists(stories))[:PER_PART]


def _urlset(
    request: HttpRequest, addresses: Iterable[tuple[str, datetime.datetime | None]]
) -> HttpResponse:
    response, xml = _document("urlset")
    site = request.build_absolute_uri("/").removesuffix("/")
    for address, changed in addresses:
        xml.startElement("url", {})
        xml.addQuickElement("loc", f"{site}{address}")
        if changed:
            xml.addQuickElement("lastmod", _w3c(changed))
        xml.endElement("url")
    xml.endElement("urlset")
    return response


def _document(root: str, names: dict[str, str] | None = None) -> tuple[HttpResponse, Any]:
    response = HttpResponse(content_type="application/xml; charset=utf-8")
    xml: Any = SimplerXMLGenerator(response, "utf-8")
    xml.startDocument()
    xml.startElement(root, {"xmlns": SITEMAP, **(names or {})})
    return response, xml


def _w3c(moment: datetime.datetime | None) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")
