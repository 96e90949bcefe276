"""Feeds of the paper and its parts, and of corrections: RSS 2.0, Atom, JSON Feed 1.1.

A feed is a list of entries, gathered once and written in three ways. An entry's id never
changes: a headline may be edited and an address may move, but a reader's program shows the story
once. There is no ``Last-Modified``: a withdrawn story makes a feed older, not newer, so only the
ETag of the whole can say that it changed.
"""

import datetime
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import feedgenerator, timezone
from django.utils.html import escape, format_html, format_html_join
from django.views.decorators.http import require_safe

from articles import body, lists
from articles.models import Article, Author, Correction, Section, Series, Topic
from newsroom.shared_pages import shared_page

ENTRIES = 30
# About how many characters of the text stand under the standfirst, in whole paragraphs.
OPENING = 700
# What a feed may be about, and how a story names it.
KINDS: dict[str, tuple[Any, str]] = {
    "section": (Section, "section"),
    "topic": (Topic, "topics"),
    "author": (Author, "authors"),
    "series": (Series, "series"),
}
# The year in every id, and when a feed was changed that has no entries. It never moves.
BEGUN = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
JSON_FEED = "https://jsonfeed.org/version/1.1"


@dataclass
class Entry:
    """A story, a correction to one or a comment, as a feed tells it.

    Its texts are without control characters.
    """

    key: str  # names the row for ever: "article-12"
    title: str
    link: str  # absolute
    html: str
    published: datetime.datetime
    updated: datetime.datetime
    summary: str = ""
    # Who wrote it: each name, and the absolute address of the page about them, if there is one.
    authors: list[tuple[str, str]] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    image: str = ""  # absolute
    language: str = "en"
    comments: str = ""  # absolute

    @property
    def id(self) -> str:
        return tag(self.key)


@dataclass
class Listing:
    """What a feed is about, and its entries."""

    key: str  # names the feed for ever: "section-3"
    title: str
    description: str
    link: str  # the page with the same stories, absolute
    entries: list[Entry]


@require_safe
@shared_page
def rss(request: HttpRequest, kind: str = "", slug: str = "") -> HttpResponse:
    """Send the newest entries as RSS 2.0."""
    return as_rss(request, _listing(request, kind, slug))


@require_safe
@shared_page
def atom(request: HttpRequest, kind: str = "", slug: str = "") -> HttpResponse:
    """Send the newest entries as Atom."""
    return as_atom(request, _listing(request, kind, slug))


@require_safe
@shared_page
def json_feed(request: HttpRequest, kind: str = "", slug: str = "") -> HttpResponse:
    """Send the newest entries as JSON Feed 1.1."""
    return as_json(request, _listing(request, kind, slug))


def tag(key: str) -> str:
    """Return a tag URI (RFC 4151), which stays when an address moves."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{BEGUN:%Y}:{key}"


def clean(text: str) -> str:
    """Return ``text`` without the characters that XML forbids and HTML lets pass."""
    return body.CONTROL_CHARACTERS.sub("", text)


# Gathering -------------------------------------------------------------------------------------


def _listing(request: HttpRequest, kind: str, slug: str) -> Listing:
    if kind == "corrections":
        return _corrections(request)
    stories = Article.objects.listed()
    title, description, link = settings.SITE_NAME, settings.SITE_TAGLINE, reverse("articles:home")
    key = "paper"
    if kind:
        model, relation = KINDS[kind]
        found = get_object_or_404(model, slug=slug)
        stories = stories.filter(**{relation: found})
        title = f"{found.name} – {settings.SITE_NAME}"
        description = getattr(found, "description", "") or f"{found.name} in {settings.SITE_NAME}"
        link = found.get_absolute_url()
        key = f"{kind}-{found.pk}"
    # Loaded with their texts, which a card does without.
    newest = stories.for_cards().defer(None).prefetch_related("topics")[:ENTRIES]
    entries = [_entry(request, article) for article in newest]
    if kind in {"topic", "author", "series"} and not entries:
        raise Http404("Nothing is published there yet.")  # as on its page
    link = request.build_absolute_uri(link)
    return Listing(key, clean(title), clean(description), link, entries)


def _corrections(request: HttpRequest) -> Listing:
    return Listing(
        "corrections",
        clean(f"Corrections – {settings.SITE_NAME}"),
        clean(f"What {settings.SITE_NAME} put right"),
        request.build_absolute_uri(reverse("articles:corrections")),
        [_correction(request, one) for one in lists.corrections()[:ENTRIES]],
    )


def _entry(request: HttpRequest, article: Article) -> Entry:
    link = request.build_absolute_uri(article.get_absolute_url())
    opening = _opening(article)
    paragraphs = [article.standfirst, *opening] if article.standfirst else opening
    label = [article.get_label_display()] if article.label != Article.Label.NEWS else []
    section = [article.section.name] if article.section else []
    image = article.lead_image
    published = timezone.localtime(article.published_at)  # which every listed story has
    updated = timezone.localtime(article.updated_at) if article.updated_at else published
    return Entry(
        key=f"article-{article.pk}",
        title=clean(article.headline),
        link=link,
        html=clean(format_html_join("\n", "<p>{}</p>", ((text,) for text in paragraphs))),
        summary=clean(article.standfirst or " ".join(opening)),
        published=published,
        updated=max(published, updated),
        authors=[
            (
                clean(byline.author.name),
                request.build_absolute_uri(byline.author.get_absolute_url()),
            )
            for byline in article.bylines.all()
        ],
        categories=[
            clean(name)
            for name in [*section, *label, *(topic.name for topic in article.topics.all())]
        ],
        image=(request.build_absolute_uri(image.largest_url) if image and image.has_file else ""),
        language=article.language,
        comments=f"{link}#comments" if article.shows_comments else "",
    )


def _opening(article: Article) -> list[str]:
    """Return the first paragraphs of the text, whole ones."""
    opening: list[str] = []
    for paragraph in body.plain_text(article.body).splitlines():
        if sum(map(len, opening)) >= OPENING:
            break
        opening.append(paragraph)
    return opening


def _correction(request: HttpRequest, correction: Correction) -> Entry:
    at = timezone.localtime(correction.at)
    kind = correction.get_kind_display()
    return Entry(
        key=f"correction-{correction.pk}",
        title=clean(f"{kind}: {correction.article.headline}"),
        link=request.build_absolute_uri(
            f"{correction.article.get_absolute_url()}#correction-{correction.pk}"
        ),
        html=clean(format_html("<p>{}</p>", correction.text)),
        summary=clean(correction.text),
        published=at,
        updated=at,
        categories=[kind],
    )


# Writing ---------------------------------------------------------------------------------------


def as_rss(request: HttpRequest, listing: Listing) -> HttpResponse:
    """Return the listing as RSS 2.0."""
    return _xml(request, PaperRss, listing)


def as_atom(request: HttpRequest, listing: Listing) -> HttpResponse:
    """Return the listing as Atom (RFC 4287)."""
    return _xml(request, PaperAtom, listing)


def as_json(request: HttpRequest, listing: Listing) -> HttpResponse:
    """Return the listing as JSON Feed 1.1."""
    content = {
        "version": JSON_FEED,
        "title": listing.title,
        "description": listing.description,
        "home_page_url": listing.link,
        "feed_url": request.build_absolute_uri(request.path),
        "language": settings.LANGUAGE_CODE,
        "authors": [{"name": settings.SITE_NAME, "url": request.build_absolute_uri("/")}],
        "items": [_json_item(entry) for entry in listing.entries],
    }
    return HttpResponse(
        json.dumps(content, ensure_ascii=False, indent=1),
        content_type="application/feed+json; charset=utf-8",
    )


class SteadyFeed(feedgenerator.SyndicationFeed):
    """A feed that stays the same while its entries do, also while it has none."""

    def latest_post_date(self) -> datetime.datetime:
        return super().latest_post_date() if self.items else BEGUN


class PaperRss(SteadyFeed, feedgenerator.Rss201rev2Feed):
    """RSS with every name of a byline."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name, _ in item["authors"]:
            handler.addQuickElement("dc:creator", name, {"xmlns:dc": DUBLIN_CORE})


class PaperAtom(SteadyFeed, feedgenerator.Atom1Feed):
    """Atom with every name of a byline, and where the conversation is."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name, address in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            if address:
                handler.addQuickElement("uri", address)
            handler.endElement("author")
        if item["comments"]:
            handler.addQuickElement(
                "link", "", {"rel": "replies", "type": "text/html", "href": item["comments"]}
            )


def _xml(
    request: HttpRequest, form: type[PaperRss] | type[PaperAtom], listing: Listing
) -> HttpResponse:
    is_atom = issubclass(form, feedgenerator.Atom1Feed)
    feed = form(
        title=listing.title,
        link=listing.link,
        description=listing.description,
        subtitle=listing.description if is_atom else None,
        language=settings.LANGUAGE_CODE,
        author_name=clean(settings.SITE_NAME),
        feed_url=request.build_absolute_uri(request.path),
        feed_guid=tag(listing.key),
    )
    for entry in listing.entries:
        feed.add_item(
            title=entry.title,
            link=entry.link,
            description=entry.html,
            unique_id=entry.id,
            unique_id_is_permalink=False,
            pubdate=entry.published,
            updateddate=entry.updated,
            categories=entry.categories,
            comments=entry.comments or None,
            enclosures=_enclosures(entry.image),
            authors=entry.authors,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)


def _enclosures(image: str) -> list[feedgenerator.Enclosure]:
    # The length is not known without asking the storage; by the RSS advisory board it is 0 then.
    return [feedgenerator.Enclosure(image, "0", "image/jpeg")] if image else []


def _json_item(entry: Entry) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.link,
        "title": entry.title,
        "content_html": entry.html or f"<p>{escape(entry.title)}</p>",
        "summary": entry.summary,
        "date_published": entry.published.isoformat(timespec="seconds"),
        "date_modified": entry.updated.isoformat(timespec="seconds"),
        "tags": entry.categories,
        "language": entry.language,
    }
    if entry.authors:
        item["authors"] = [
            {"name": name} | ({"url": address} if address else {})
            for name, address in entry.authors
        ]
    if entry.image:
        item["image"] = entry.image
    return item
