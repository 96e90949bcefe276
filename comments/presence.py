"""Who is at what on the desk, so that no two moderators do the same work.

A claim is a lease of ``LEASE`` that its holder renews while they look. Of two who claim at once
the database lets one.
"""

import datetime
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Exists, Expression, Q
from django.utils import timezone

from accounts.models import User
from comments.models import Claim

LEASE = datetime.timedelta(minutes=2)
AT_THE_DESK = "desk:"  # the subject of who is here, followed by their id
MOST_NAMED = 20


def claim(subject: str, by: User) -> Claim | None:
    """Take ``subject`` for ``by``, or renew that; ``None`` if somebody else has it."""
    now = timezone.now()
    free = Claim.objects.filter(Q(by=by) | Q(until__lte=now), subject=subject)
    if not free.update(by=by, until=now + LEASE):
        try:
            with transaction.atomic():
                return Claim.objects.create(subject=subject, by=by, until=now + LEASE)
        except IntegrityError:
            return None
    return Claim(subject=subject, by=by, until=now + LEASE)


def take_over(subject: str, by: User) -> Claim:
    """Take ``subject`` from whoever has it."""
    until = timezone.now() + LEASE
    row, _ = Claim.objects.update_or_create(subject=subject, defaults={"by": by, "until": until})
    return row


def holders(subjects: Iterable[str]) -> dict[str, Claim]:
    """Return the claims that hold now on these subjects. One query."""
    held = Claim.objects.filter(subject__in=list(subjects), until__gt=timezone.now())
    return {row.subject: row for row in held.select_related("by")}


def held_by_other(subject: str, by: User) -> Claim | None:
    """Return the claim that somebody other than ``by`` has on ``subject`` now. One query."""
    row = holders([subject]).get(subject)
    return row if row is not None and row.by_id != by.pk else None


def is_held(subject: Expression, by: Expression, now: Expression) -> Exists:
    """Tell, within another query, whether somebody other than ``by`` has ``subject``."""
    held = Claim.objects.filter(subject=subject, until__gt=now)
    return Exists(held.exclude(by=by))


def arrive(by: User) -> None:
    """Note that ``by`` is at the desk."""
    claim(f"{AT_THE_DESK}{by.pk}", by)


def others_here(by: User) -> list[User]:
    """Return who else is at the desk now, by name. One query."""
    here = Claim.objects.filter(subject__startswith=AT_THE_DESK, until__gt=timezone.now())
    rows = here.exclude(by=by).select_related("by").order_by("by__username")[:MOST_NAMED]
    return [row.by for row in rows]


def forget() -> None:
    """Drop the claims that ended long ago."""
    Claim.objects.filter(until__lte=timezone.now() - datetime.timedelta(hours=1)).delete()
