"""Feeds of what readers say: of the whole paper, and of one story. Written like those of stories.

There is no ``Last-Modified``: a comment that was taken away makes a feed older, not newer, so only
the ETag of the whole can say that it changed.
"""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import body, opened
from articles.feeds import Entry, Listing, as_atom, as_json, as_rss, clean
from comments import text
from comments.models import Comment
from newsroom.shared_pages import shared_page

ITEMS = 40
EXCERPT = 200  # letters


@require_safe
@shared_page
def rss(request: HttpRequest, **address: str) -> HttpResponse:
    """Send the newest visible comments as RSS 2.0: all, or those under the story at an address."""
    return as_rss(request, _listing(request, address))


@require_safe
@shared_page
def atom(request: HttpRequest, **address: str) -> HttpResponse:
    """Send the newest visible comments as Atom: all, or those under the story at an address."""
    return as_atom(request, _listing(request, address))


@require_safe
@shared_page
def json_feed(request: HttpRequest, **address: str) -> HttpResponse:
    """Send the newest visible comments as JSON Feed: all, or those under a story."""
    return as_json(request, _listing(request, address))


def _listing(request: HttpRequest, address: dict[str, str]) -> Listing:
    shown = Comment.objects.readable().with_people().select_related("article")
    key, title, link = "comments", settings.SITE_NAME, reverse("articles:home")
    if address:
        article = opened.story(**address)
        if not article.shows_comments:
            raise Http404("Its conversation is not shown.")
        shown = shown.filter(article=article)
        key, title = f"comments-on-article-{article.pk}", article.headline
        link = article.get_absolute_url()
    return Listing(
        key,
        clean(f"{title}: comments"),
        "What readers say.",
        request.build_absolute_uri(link),
        [_entry(request, one) for one in shown.order_by("-visible_at", "-pk")[:ITEMS]],
    )


def _entry(request: HttpRequest, comment: Comment) -> Entry:
    moments: Any = [comment.visible_at, comment.edited_at or comment.visible_at]
    published, edited = (timezone.localtime(moment) for moment in moments)
    html = text.DROPPED.sub("", comment.body_html)
    return Entry(
        key=f"comment-{comment.pk}",
        title=clean(f"{comment.author_name} on “{comment.article.headline}”"),
        link=request.build_absolute_uri(comment.get_absolute_url()),
        html=html,
        summary=" ".join(body.plain_text(html).split())[:EXCERPT],
        published=published,
        updated=max(published, edited),
        authors=[(clean(comment.author_name), "")],
        language=comment.article.language,
    )
