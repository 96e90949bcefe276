"""Feeds of what readers say: of the whole paper, and of one story."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles.feeds import clean
from articles.models import Article
from comments import text
from comments.models import Comment
from newsroom.shared_pages import shared_page

ITEMS = 40


class LatestComments(Feed):
    """The newest visible comments of the paper."""

    title = f"{settings.SITE_NAME}: comments"
    description = "What readers say."

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().__call__(request, *args, **kwargs)
        # A comment that was taken away makes a feed older, not newer: only the ETag of the whole
        # can say that it changed.
        del response["Last-Modified"]
        return response

    def link(self) -> str:
        return reverse("articles:home")

    def items(self, obj: Article | None = None) -> Any:
        shown = Comment.objects.readable().with_people().select_related("article")
        if obj is not None:
            shown = shown.filter(article=obj)
        return shown.order_by("-visible_at", "-pk")[:ITEMS]

    def item_title(self, item: Comment) -> str:
        return clean(f"{item.author_name} on “{item.article.headline}”")

    def item_description(self, item: Comment) -> str:
        return text.DROPPED.sub("", item.body_html)

    def item_link(self, item: Comment) -> str:
        return item.get_absolute_url()

    def item_pubdate(self, item: Comment) -> datetime.datetime | None:
        return item.visible_at

    def item_author_name(self, item: Comment) -> str:
        return clean(item.author_name)


class ArticleComments(LatestComments):
    """The newest visible comments under one story."""

    def get_object(
        self, request: HttpRequest, year: str, month: str, day: str, slug: str
    ) -> Article:
        article = get_object_or_404(Article.objects.published().at_address(year, month, day, slug))
        if not article.shows_comments:
            raise Http404
        return article

    def title(self, obj: Article) -> str:  # type: ignore[override]
        return clean(f"{obj.headline}: comments")

    def link(self, obj: Article) -> str:  # type: ignore[override]
        return obj.get_absolute_url()


latest = require_safe(shared_page(LatestComments()))
under_story = require_safe(shared_page(ArticleComments()))
