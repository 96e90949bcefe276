"""Counters, counted again from the rows: what they should be, and where they drifted.

Counters move in the transaction that changes what they count, so that there should be nothing to
find. What brings many rows at once, as an import does, sets them here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import Count, F

from articles.models import Article
from comments.models import Comment, Respect

BATCH = 500  # articles looked at together, and rows written together
# What is needed of a comment's row; the texts stay where they are.
COUNTED = ("article_id", "parent_id", "root_id", "status", "number", "is_placed",
           "visible_replies", "respect_count", "pick_reason", "thread_picks")  # fmt: skip


@dataclass(frozen=True)
class Drift:
    """A counter that does not say what its rows do."""

    row: Article | Comment
    counter: str
    stands: int | None
    counted: int

    def __str__(self) -> str:
        kind = self.row._meta.verbose_name
        return f"{kind} {self.row.pk}: {self.counter} is {self.stands}, counted {self.counted}"


def recount(article: Article) -> list[str]:
    """Set the counters of an article and of its comments to what the rows say.

    Returns the drift that was found, a line each; where there is none, nothing is written. A
    comment that has a place and no number gets the next one.
    """
    with transaction.atomic():
        found = _look_closely(article)
        _set(found)
    if found:
        article.refresh_from_db(
            fields=["comment_count", "thread_count", "last_number", "page_version"]
        )
    return [str(drift) for drift in found]


def drift(article: Article) -> list[str]:
    """Return where the counters of an article, or of its comments, do not say what the rows do."""
    with transaction.atomic():
        return [str(drift) for drift in _look_closely(article)]


def suspects() -> Iterator[tuple[int, list[Article]]]:
    """Yield, batch by batch, how many articles were looked at and those that seem to drift.

    Looks without locks, so that a comment approved meanwhile may raise a false suspicion:
    ``drift`` and ``recount`` look again, closely.
    """
    last = 0
    while batch := list(Article.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        yield len(batch), [article for article, found in _look(batch) if found]


def _look_closely(article: Article) -> list[Drift]:
    # The article's row first, always, as in a decision; then its comments', so that no respect is
    # given between counting and writing.
    locked = Article.objects.select_for_update().get(pk=article.pk)
    list(locked.comments.order_by("pk").select_for_update().values_list("pk"))
    return next(_look([locked]))[1]


def _look(articles: list[Article]) -> Iterator[tuple[Article, list[Drift]]]:
    """Yield each article with its drift; two queries however many articles."""
    ids = [article.pk for article in articles]
    respects = dict(
        Respect.objects.filter(comment__article__in=ids)
        .values_list("comment_id")
        .annotate(count=Count("pk"))
    )
    rows = Comment.objects.filter(article__in=ids).order_by("article_id", "pk").only(*COUNTED)
    groups = groupby(rows.iterator(chunk_size=2000), key=attrgetter("article_id"))
    article_id, comments = next(groups, (0, iter(())))
    for article in articles:
        if article.pk == article_id:
            yield article, _compare(article, list(comments), respects)
            article_id, comments = next(groups, (0, iter(())))
        else:
            yield article, _compare(article, [], respects)


def _compare(article: Article, comments: list[Comment], respects: dict[int, int]) -> list[Drift]:
    below = _visible_below(comments)
    picks = Counter(
        comment.root_id or comment.pk
        for comment in comments
        if comment.is_visible and comment.pick_reason
    )
    should: list[tuple[Article | Comment, str, int]] = []
    last_number = max([article.last_number, *(comment.number or 0 for comment in comments)])
    threads = 0
    for comment in comments:
        placed = comment.is_visible or below[comment.pk] > 0
        threads += placed and comment.parent_id is None
        if placed and comment.number is None:
            last_number += 1
            should.append((comment, "number", last_number))
        should += [
            (comment, "is_placed", placed),
            (comment, "visible_replies", below[comment.pk]),
            (comment, "respect_count", respects.get(comment.pk, 0)),
            (comment, "thread_picks", picks[comment.pk]),
        ]
    should += [
        (article, "comment_count", sum(comment.is_visible for comment in comments)),
        (article, "thread_count", threads),
        (article, "last_number", last_number),
    ]
    return [
        Drift(row, counter, getattr(row, counter), counted)
        for row, counter, counted in should
        if getattr(row, counter) != counted
    ]


def _visible_below(comments: list[Comment]) -> dict[int, int]:
    """Return how many visible comments stand below each, at any depth."""
    replies = defaultdict(list)
    for comment in comments:
        replies[comment.parent_id].append(comment)
    # Parents before their replies, without a step down the stack for each.
    order = list(replies[None])
    for comment in order:
        order.extend(replies[comment.pk])
    below = dict.fromkeys((comment.pk for comment in comments), 0)
    for comment in reversed(order):
        if comment.parent_id is not None:
            below[comment.parent_id] += below[comment.pk] + comment.is_visible
    return below


def _set(found: list[Drift]) -> None:
    """Write what was counted, and have kept copies of the article's page know."""
    by_counter: defaultdict[tuple[Any, str], list[Any]] = defaultdict(list)
    for one in found:
        setattr(one.row, one.counter, one.counted)
        by_counter[type(one.row), one.counter].append(one.row)
    for (model, counter), rows in by_counter.items():
        model.objects.bulk_update(rows, [counter], batch_size=BATCH)
    for row in found[:1]:
        pk = row.row.article_id if isinstance(row.row, Comment) else row.row.pk
        Article.objects.filter(pk=pk).update(page_version=F("page_version") + 1)
