"""Guests' comments and the readers they became: what was written under a confirmed address."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from comments.models import Comment, CommentQuerySet, Respect

SHOWN = 50  # comments in a list to choose from


def offered(person: User) -> CommentQuerySet:
    """Return the comments that ``person`` may claim, oldest first, as a list shows them."""
    return (
        Comment.objects.claimable_by(person)
        .select_related("article")
        .defer("article__body", "article__body_html", "article__withdrawal_notice")
        .order_by("created_at", "pk")
    )


def count(person: User) -> int:
    """Return how many comments ``person`` may claim."""
    return Comment.objects.claimable_by(person).count()


@transaction.atomic
def claim(person: User, chosen: Iterable[int] | None = None) -> int:
    """Make guests' comments ``person``'s own: all they may claim, or those ``chosen`` by id.

    Returns how many became theirs. What is somebody else's, or theirs already, stays as it is.
    Respect that they gave to a comment that is now their own is taken back.
    """
    claimable = Comment.objects.claimable_by(person)
    if chosen is not None:
        claimable = claimable.filter(pk__in=list(chosen))
    # The articles' rows first, always, as in a decision, and in one order: so neither two claims
    # nor a claim and a decision can wait for each other.
    stories = set(claimable.values_list("article", flat=True))
    list(
        Article.objects.filter(pk__in=stories)
        .order_by("pk")
        .select_for_update()
        .values_list("pk", flat=True)
    )
    ids = list(
        claimable.filter(article__in=stories)
        .order_by("pk")
        .select_for_update()
        .values_list("pk", "article")
    )
    Comment.objects.filter(pk__in=[pk for pk, _ in ids]).update(
        author=person, claimed_at=timezone.now()
    )
    # Their pages show another name now.
    Article.objects.filter(pk__in={article for _, article in ids}).update(
        page_version=F("page_version") + 1
    )
    own = Respect.objects.filter(reader=person, comment__author=person)
    if respected := list(own.values_list("comment", flat=True)):
        Respect.objects.filter(reader=person, comment__in=respected).delete()
        Comment.objects.filter(pk__in=respected).update(respect_count=F("respect_count") - 1)
    return len(ids)
