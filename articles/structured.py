"""What machines read of the paper: schema.org's NewsArticle and its publisher, as JSON-LD.

It says what the page shows, no more; tests hold the two together. Sources of the fields:
schema.org/NewsArticle and /NewsMediaOrganization, and Google's notes on structured data for
articles, for pictures and for comments.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles.models import Article, Correction, Image, Policy

TYPES = {
    Article.Label.NEWS: "NewsArticle",
    Article.Label.OPINION: "OpinionNewsArticle",
    Article.Label.ANALYSIS: "AnalysisNewsArticle",
    Article.Label.BACKGROUND: "BackgroundNewsArticle",
    Article.Label.SPONSORED: "AdvertiserContentArticle",
    Article.Label.LETTER: "OpinionNewsArticle",
}
# Which property of the publisher leads to which policy.
POLICIES = {
    Policy.Kind.PRINCIPLES: "publishingPrinciples",
    Policy.Kind.CORRECTIONS: "correctionsPolicy",
    Policy.Kind.ETHICS: "ethicsPolicy",
    Policy.Kind.OWNERSHIP: "ownershipFundingInfo",
    Policy.Kind.MASTHEAD: "masthead",
    Policy.Kind.FEEDBACK: "actionableFeedbackPolicy",
    Policy.Kind.UNNAMED_SOURCES: "unnamedSourcesPolicy",
    Policy.Kind.FACT_CHECKING: "verificationFactCheckingPolicy",
    Policy.Kind.DIVERSITY: "diversityPolicy",
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
        # The comments, which are microdata, name it as what they are about.
        "@id": address,
        "headline": shown.headline,
        "description": shown.description,
        "mainEntityOfPage": address,
        "url": address,
        "publisher": _publisher(request),
        "inLanguage": shown.language,
        "isAccessibleForFree": True,
    }
    if shown.lead_image and shown.lead_image.has_file:
        data["image"] = _images(shown.lead_image, shown.lead_caption, request)
    if shown.kind == Article.Kind.PAGE:
        # Its page shows no date and no names.
        data["@type"] = "WebPage"
    else:
        data |= _story(shown, request)
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


def publisher(policies: Iterable[Policy], request: HttpRequest) -> SafeString:
    """Return the JSON-LD of the paper itself, with a link to each of its policies."""
    data = {"@context": "https://schema.org"} | _publisher(request)
    if settings.SITE_TAGLINE:
        data["slogan"] = settings.SITE_TAGLINE
    data["email"] = settings.SITE_CONTACT
    for policy in policies:
        address = request.build_absolute_uri(policy.get_absolute_url())
        data[POLICIES[Policy.Kind(policy.kind)]] = address
    return _safe(json.dumps(data, ensure_ascii=False))


def _safe(text: str) -> SafeString:
    return mark_safe(text.translate(UNSAFE))


def _publisher(request: HttpRequest) -> dict[str, Any]:
    """Return what every article says of the paper. More stands where its ``@id`` leads."""
    home = request.build_absolute_uri("/")
    return {
        "@type": "NewsMediaOrganization",
        "@id": f"{home}#publisher",
        "name": settings.SITE_NAME,
        "url": home,
        "logo": request.build_absolute_uri(static("img/icon.svg")),
    }


def _story(shown: Article, request: HttpRequest) -> dict[str, Any]:
    """Return what a story has and a standing page has not."""
    data: dict[str, Any] = {
        "datePublished": _instant(shown.published_at),
        "dateModified": _instant(shown.updated_at or shown.published_at),
        "author": [_author(byline, request) for byline in shown.bylines.all()],
        "wordCount": shown.word_count,
    }
    if shown.section:
        data["articleSection"] = shown.section.name
    if topics := [topic.name for topic in shown.topics.all()]:
        data["keywords"] = topics
    if shown.series:
        data["isPartOf"] = {
            "@type": "CreativeWorkSeries",
            "name": shown.series.name,
            "url": request.build_absolute_uri(shown.series.get_absolute_url()),
        }
        if shown.series_position:
            data["position"] = shown.series_position
    if shown.dateline:
        data["dateline"] = shown.dateline
        data["locationCreated"] = {"@type": "Place", "name": shown.dateline}
    if shown.source_outlet and shown.source_url:
        data["isBasedOn"] = _source(shown)
    # An update puts nothing right: there was nothing wrong.
    put_right = [one for one in shown.corrections.all() if one.kind != Correction.Kind.UPDATE]
    if put_right:
        data["correction"] = [_correction(one) for one in put_right]
    return data


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


def _source(shown: Article) -> dict[str, Any]:
    """Return the story that this one was republished from, as its source line names it."""
    outlet = {"@type": "Organization", "name": shown.source_outlet}
    if shown.source_outlet_url:
        outlet["url"] = shown.source_outlet_url
    source: dict[str, Any] = {"@type": "NewsArticle", "url": shown.source_url, "publisher": outlet}
    if shown.originally_published:
        source["datePublished"] = shown.originally_published.isoformat()
    return source


def _correction(correction: Correction) -> dict[str, Any]:
    return {
        "@type": "CorrectionComment",
        "name": correction.get_kind_display(),
        "text": correction.text,
        "datePublished": _instant(correction.at),
    }


def _images(image: Image, caption: str, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the picture in three shapes, for whoever has a place for one of them."""
    said: dict[str, Any] = {}
    if text := caption or image.caption:
        said["caption"] = text
    if image.credit_line:
        said["creditText"] = image.credit_line
    if image.creator:
        said["creator"] = {"@type": "Person", "name": image.creator}
    if image.copyright_notice:
        said["copyrightNotice"] = image.copyright_notice
    if image.licence_url:
        said["license"] = image.licence_url
    if image.acquire_licence_url:
        said["acquireLicensePage"] = image.acquire_licence_url
    found = []
    for crop in image.crops():
        address = request.build_absolute_uri(crop.url)
        shape = {"url": address, "contentUrl": address, "width": crop.width, "height": crop.height}
        found.append({"@type": "ImageObject", **shape, **said})
    return found
