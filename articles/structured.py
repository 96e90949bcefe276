"""What machines read of an article: schema.org's NewsArticle as JSON-LD.

It says what the page shows, no more; tests hold the two together. Sources of the fields:
schema.org/NewsArticle, and Google's notes on structured data for articles and for comments.
"""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles.models import Article, Image

TYPES = {
    Article.Label.NEWS: "NewsArticle",
    Article.Label.OPINION: "OpinionNewsArticle",
    Article.Label.ANALYSIS: "AnalysisNewsArticle",
    Article.Label.BACKGROUND: "BackgroundNewsArticle",
    Article.Label.SPONSORED: "AdvertiserContentArticle",
    Article.Label.LETTER: "OpinionNewsArticle",
}
# Characters that would end the script element or start a comment in it.
UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def article(shown: Article, request: HttpRequest) -> SafeString:
    """Return the article's JSON-LD, safe to print inside a script element.

    It ends before what moves with the conversation: ``conversation`` closes it.
    """
    address = request.build_absolute_uri(shown.get_absolute_url())
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": TYPES[Article.Label(shown.label)],
        "headline": shown.headline,
        "description": shown.description,
        "mainEntityOfPage": address,
        "url": address,
        "datePublished": _instant(shown.published_at),
        "dateModified": _instant(shown.updated_at or shown.published_at),
        "author": [_author(byline, request) for byline in shown.bylines.all()],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": settings.SITE_NAME,
            "url": request.build_absolute_uri("/"),
            "logo": request.build_absolute_uri(static("img/icon.svg")),
        },
        "inLanguage": shown.language,
        "isAccessibleForFree": True,
        "wordCount": shown.word_count,
    }
    if shown.section:
        data["articleSection"] = shown.section.name
    if topics := [topic.name for topic in shown.topics.all()]:
        data["keywords"] = topics
    if shown.lead_image and shown.lead_image.has_file:
        data["image"] = [_image(shown.lead_image, shown.lead_caption, request)]
    if shown.dateline:
        data["dateline"] = shown.dateline
        data["locationCreated"] = {"@type": "Place", "name": shown.dateline}
    if shown.source_url:
        data["isBasedOn"] = {
            "@type": "NewsArticle",
            "url": shown.source_url,
            "publisher": {"@type": "Organization", "name": shown.source_outlet},
        }
        if shown.originally_published:
            data["isBasedOn"]["datePublished"] = shown.originally_published.isoformat()
    if corrections := list(shown.corrections.all()):
        data["correction"] = [
            {
                "@type": "CorrectionComment",
                "text": correction.text,
                "datePublished": _instant(correction.at),
            }
            for correction in corrections
        ]
    return _safe(json.dumps(data, ensure_ascii=False).removesuffix("}"))


def conversation(shown: Article, request: HttpRequest) -> SafeString:
    """Return the end of the article's JSON-LD: how much is said under it, and where."""
    data: dict[str, Any] = {}
    if shown.shows_comments:
        data["commentCount"] = shown.comment_count
        address = request.build_absolute_uri(shown.get_absolute_url())
        data["discussionUrl"] = f"{address}#comments"
    said = json.dumps(data, ensure_ascii=False).removeprefix("{")
    return _safe(f", {said}" if data else said)


def _safe(text: str) -> SafeString:
    return mark_safe(text.translate(UNSAFE))


def _instant(moment: Any) -> str | None:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None


def _author(byline: Any, request: HttpRequest) -> dict[str, Any]:
    person = {
        "@type": "Person",
        "name": byline.author.name,
        "url": request.build_absolute_uri(reverse("articles:author", args=[byline.author.slug])),
    }
    if outlet := byline.outlet or byline.author.outlet:
        person["affiliation"] = {"@type": "Organization", "name": outlet}
    return person


def _image(image: Image, caption: str, request: HttpRequest) -> dict[str, Any]:
    data = {
        "@type": "ImageObject",
        "url": request.build_absolute_uri(image.largest_url),
        "width": image.width,
        "height": image.height,
        "caption": caption or image.caption,
        "creditText": image.credit_line,
    }
    if image.copyright_notice:
        data["copyrightNotice"] = image.copyright_notice
    if image.licence_url:
        data["license"] = image.licence_url
    if image.acquire_licence_url:
        data["acquireLicensePage"] = image.acquire_licence_url
    return data
