"""What cards and lists of stories show: a picture, the names in a byline, a first sentence."""

from django import template
from django.utils.safestring import SafeString

from articles import body, pictures
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
