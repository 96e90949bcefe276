"""Finding articles and comments by words. The two functions are all that the rest knows of it."""

import re
from html import escape
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from articles.models import Article, Byline

MAX_LENGTH = 100
MAX_WORDS = 8


def tidy(query: str) -> str:
    """Return what a reader asked for, bounded and without characters no database takes."""
    without_controls = re.sub("[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]", " ", query)
    return " ".join(without_controls.split())[:MAX_LENGTH].strip()


def find(query: str) -> QuerySet[Article]:
    """Return the stories in which every word of ``query`` stands, newest first.

    Looks at headline, standfirst, text and the byline's names. An empty query finds nothing.
    """
    words = _words(query)
    if not words:
        return Article.objects.none()
    found = Article.objects.listed()
    for word in words:
        named = Byline.objects.filter(article=OuterRef("pk"), author__name__icontains=word)
        found = found.filter(
            Q(headline__icontains=word)
            | Q(standfirst__icontains=word)
            # The text is kept as HTML, in which these letters are written otherwise.
            | Q(body__icontains=escape(word, quote=False))
            | Exists(named)
        )
    return found.for_cards()


def find_comments(query: str) -> QuerySet[Any]:
    """Return the visible comments in which every word of ``query`` stands, newest first.

    By whole words, of which the last may be a beginning: there may be millions of comments, and
    an index holds their words. One query, which looks whether the words are rare.
    """
    # By the relation: comments know of articles, and not the other way round.
    comments: Any = Article._meta.get_field("comments").related_model._default_manager
    if not tidy(query):
        return comments.none()
    return (
        comments.readable()
        .saying(query)
        .with_people()
        .select_related("article")
        .defer("article__body", "article__body_html")
        .order_by("-visible_at", "-pk")
    )


def _words(query: str) -> list[str]:
    return tidy(query).split()[:MAX_WORDS]
