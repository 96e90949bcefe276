"""A story under pressure is moderated first for a while, says so, and goes back by itself."""

import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone

from articles.models import Article
from comments.models import Comment

WINDOW = datetime.timedelta(minutes=10)
LASTS = datetime.timedelta(minutes=30)
NEW_FOR = datetime.timedelta(days=1)  # a newcomer's account is no older
MOST_ROWS = 500  # looked at, and the highest number that the check can be set to


def is_pressed(comment: Comment, count: int, newcomers: int) -> bool:
    """Tell whether so much comes in under the comment's story that people should look first.

    That is ``count`` comments within ``WINDOW``, this one included, or so many ``newcomers`` among
    those who wrote them. One query, of bounded length.
    """
    now = timezone.now()
    rows = list(
        Comment.objects.filter(
            article=comment.article_id,
            status__in=Comment.Status.values,  # as the index has them
            created_at__gt=now - WINDOW,
        ).values_list("author", "author__date_joined")[:MOST_ROWS]
    )
    if comment.author is not None:
        rows.append((comment.author.pk, comment.author.date_joined))
    fresh = {author for author, joined in rows if joined and now - joined < NEW_FOR}
    own = comment.author is None  # a visitor's stands in no row yet
    return len(rows) + own >= count or len(fresh) >= newcomers


def has_just_begun(article: Article) -> bool:
    """Tell whether a surge lasts for so long still that another need not be looked for."""
    now = timezone.now()
    return article.surge_until is not None and article.surge_until - now > LASTS * 0.8


def begin(article: Article) -> None:
    """Have the story moderated first from now, or for longer. Two at once do no harm."""
    now = timezone.now()
    if has_just_begun(article):
        return
    was_on = article.is_surging
    changes: dict[str, Any] = {"surge_until": now + LASTS}
    if not was_on:
        changes["page_version"] = F("page_version") + 1
    Article.objects.filter(pk=article.pk).update(**changes)
    article.surge_until = now + LASTS


def end(article: Article) -> bool:
    """Go back to how the story is set. Returns whether it was moderated first."""
    return bool(
        Article.objects.filter(pk=article.pk, surge_until__isnull=False).update(
            surge_until=None, page_version=F("page_version") + 1
        )
    )


def end_due() -> int:
    """End the surges whose time is over. Returns how many."""
    over = Article.objects.filter(surge_until__lte=timezone.now())
    # Looked at first: to write, if only nothing, locks the whole of an SQLite database.
    return over.exists() and over.update(surge_until=None, page_version=F("page_version") + 1)
