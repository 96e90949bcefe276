"""What is on record in a newsroom that is measured: findings, decisions, and their seal."""

import datetime
import random
import uuid
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from comments import chain, risk
from comments.models import Comment, Decision, Finding, Link, Reason
from comments.scale.shape import Fate
from newsroom import bulk

TABLES = (Finding, Decision, Link)
# What holds comments: the check that spoke, its reason, the words it matched.
HOLDS: tuple[tuple[str, str, list[str]], ...] = (
    ("first-comment", "first comment of this reader", []),
    ("first-comment", "first comment of this reader", []),
    ("links", "2 links", ["https://one.example/", "https://two.example/"]),
    ("similar", "says much the same as 1 other account", []),
)
RISKS = [risk.of([Finding(check_name=name)]) for name, _, _ in HOLDS]
REASONS = (Reason.ATTACK, Reason.OFF_TOPIC, Reason.LANGUAGE, Reason.ADVERT, Reason.DUPLICATE)
SEAL_AT = 5000  # rows of the record written together


def hold(pk: int) -> tuple[str, str, list[str]]:
    """Return what held a comment, always the same of the same."""
    return HOLDS[pk % len(HOLDS)]


def risk_of(pk: int) -> int:
    return RISKS[pk % len(HOLDS)]


def reason_of(fate: Fate, pk: int) -> str:
    """Return what a comment was rejected for; empty for any other."""
    return REASONS[pk % len(REASONS)] if fate.status == Comment.Status.REJECTED else ""


class Record:
    """The decisions that were taken, each sealed by a link of the chain.

    Approvals that nobody had to think about leave no row here, where a site that grew has one
    for each: they would be as many as the comments, and no page reads them.
    """

    def __init__(self, moderators: Sequence[int], chance: random.Random) -> None:
        self.moderators, self.chance = moderators, chance
        self.next_id = bulk.next_id(Decision)
        self.now = timezone.now()
        last = chain.head()
        self.position, self.digest = (last.position, last.digest) if last else (0, chain.START)
        # In a chain that was begun already, an old date would come too late.
        self.latest = self.now if last else None
        self.rows: list[Decision] = []
        fields = Decision._meta.concrete_fields
        self.names = [field.attname for field in fields]
        self.decisions = bulk.Table(Decision, *self.names)
        self.links = bulk.Table(
            Link, "position", "kind", "row", "nonce", "digest", "previous", "at"
        )

    def decide(
        self, comment: int, author: int, fate: Fate, written: datetime.datetime, version: int
    ) -> datetime.datetime:
        """Put down the decision by which a comment met its fate. Returns when it was taken."""
        waited = int(300 + 3000 * self.chance.random())
        by = author
        if fate.is_by_person:
            by = self.moderators[comment % len(self.moderators)]
        reason = reason_of(fate, comment)
        at = self.latest or written + datetime.timedelta(seconds=waited)
        self.rows.append(
            Decision(
                id=self.next_id,
                ref=uuid.UUID(int=self.chance.getrandbits(128), version=4),
                comment_id=comment,
                by_id=by,
                before=str(fate.before),
                after=str(fate.status),
                reason=reason,
                ground=Decision.Ground.TERMS if reason else "",
                waited=waited if fate.before == Comment.Status.PENDING else None,
                comment_version=version,
                at=at,
            )
        )
        self.next_id += 1
        if len(self.rows) >= SEAL_AT:
            self.seal()
        return at

    def seal(self) -> None:
        """Write what was put down, and its links."""
        rows, self.rows = self.rows, []
        self.decisions.write(self._values(row) for row in rows)
        self.links.write(self._link(row) for row in rows)

    def _values(self, row: Decision) -> list[Any]:
        row_of = {name: getattr(row, name) for name in self.names}
        row_of |= {"ref": row.ref.hex, "at": bulk.moment(row.at)}
        return list(row_of.values())

    def _link(self, row: Decision) -> tuple[Any, ...]:
        kind = Link.Kind.DECISION
        self.position += 1
        link = Link.begun(self.now, position=self.position, kind=kind, row=row.pk)
        hidden = chain.hidden_digest(link.nonce, kind, row)
        facts, previous = chain.public(kind, row), self.digest
        self.digest = chain.digest(self.position, kind, previous, facts, hidden)
        return (
            self.position, kind.value, row.pk, link.nonce, self.digest, previous,
            bulk.moment(self.now),
        )  # fmt: skip
