"""What there is about a comment when a moderator decides on it, in one query."""

import functools
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db.models import Exists, F, OuterRef, Subquery

from comments.models import Comment, Finding, MailChoice, Notice, Report
from newsroom import prepared


@dataclass(frozen=True)
class Reach:
    """How a notice reaches somebody."""

    time_zone: str
    pace: str | None  # how fast it is to come by mail, where they chose; a ``MailChoice.Pace``
    has_address: bool  # one that they confirmed


@dataclass(frozen=True)
class Circumstances:
    """Whether readers reported it, whether a check spoke, and how its author is reached.

    ``author`` is ``None`` where nobody can be told. The pace is that of being published: what is
    refused is told at once, whatever they chose.
    """

    is_reported: bool
    is_detected: bool
    author: Reach | None


def of(comment: Comment) -> Circumstances:
    """Return what there is about a comment whose locks the caller holds. One query."""
    row = _query().first(comment=comment.pk)
    if row is None:
        raise Comment.DoesNotExist
    is_reported, is_detected, is_active, time_zone, pace, has_address = row
    author = Reach(time_zone, pace, bool(has_address)) if is_active else None
    return Circumstances(bool(is_reported), bool(is_detected), author)


@functools.cache
def _query() -> prepared.Query:
    own = OuterRef("author")
    choice = MailChoice.objects.filter(person=own, kind=Notice.Kind.APPROVED)
    columns = {
        "reported": Exists(Report.objects.open().filter(comment=OuterRef("pk"))),
        "detected": Exists(Finding.objects.filter(comment=OuterRef("pk"), revision__isnull=True)),
        "is_active": F("author__is_active"),
        "time_zone": F("author__time_zone"),
        "pace": Subquery(choice.values("pace")[:1]),
        "has_address": Exists(EmailAddress.objects.filter(user=own, primary=True, verified=True)),
    }
    asked = Comment.objects.filter(pk=prepared.number("comment")).order_by()
    return prepared.Query(lambda: asked.annotate(**columns).values_list(*columns))
