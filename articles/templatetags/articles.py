"""What pages show of stories and of the paper, to people and to machines.

A picture, the names in a byline, a first sentence; the publisher, the language of a shared card.
"""

from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import to_locale

from articles import body, pictures, structured
from articles.models import Article, Image

register = template.Library()


@register.simple_tag
def picture(image: Image | None, alt: str = "", sizes: str = "100vw", eager: bool = False) -> str:
    """Return the responsive picture, or nothing where the library has only its record.

    An empty ``alt`` stands for the library's own text; ``sizes`` is the HTML attribute.
    """
    if image is None or not image.has_file:
        return SafeString("")
    text = "" if image.is_decorative else alt or image.alt
    return pictures.picture_html(image, text, sizes, eager)


@register.filter
def names(article: Article) -> str:
    """Return the byline's names in order: ``"Ruth Hallam, Jo Lowry and Ken Adeyemi"``."""
    every = [byline.author.name for byline in article.bylines.all()]
    return " and ".join(filter(None, [", ".join(every[:-1]), *every[-1:]]))


@register.filter
def plain(html: str) -> str:
    """Return the text of sanitised HTML on one line, without its tags."""
    return " ".join(body.plain_text(html).split())


@register.simple_tag(takes_context=True)
def publisher(context: dict[str, Any]) -> SafeString:
    """Return the paper's own JSON-LD, with the policies that the site's context knows."""
    data = structured.publisher(context["policies"], context["request"])
    return format_html('<script type="application/ld+json">{}</script>', data)


@register.simple_tag
def shared_picture(image: Image | None) -> pictures.Crop | None:
    """Return what a shared link shows of the picture: the crop to 16:9, if there is a file."""
    crops = image.crops() if image else []
    return crops[0] if crops else None


@register.simple_tag
def locale(language: str = "") -> str:
    """Return a language as shared cards name it: ``"en_GB"``. Source: ogp.me, ``og:locale``.

    Without a country it is the site's, where it speaks that language; else there is none.
    """
    site = settings.LANGUAGE_CODE
    if not language or site.startswith(f"{language}-"):
        language = site
    name = to_locale(language)
    return name if "_" in name else ""
