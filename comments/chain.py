"""The chain over the record: sealed regularly, proved by ``verify_decisions``.

Every decision, every sanction and every answer to an appeal or a notice becomes a link. Its digest
is SHA-256 over its place, the digest before it, what of the row is public, and a digest of what is
not: whoever has the exported log, which leaves that out, can still prove it. The format is
written down in docs/operators.md.
"""

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from comments.models import Appeal, Decision, LegalNotice, Link, Sanction

START = "0" * 64  # stands before the first link
CHUNK = 500
MOST = 20_000  # links of one sealing; the next goes on
# Rows that committed late have lower ids than some that are sealed: so far back they are looked
# for each time, and ``verify`` finds any that lie further.
LOOK_BACK = 5_000
Kind = Link.Kind

FIELDS = (
    "position", "kind", "ref", "at", "what", "before", "after", "reason", "ground", "source",
    "is_by_person", "is_detected_by_rule", "waited", "category", "began", "until", "undoes",
)  # fmt: skip


def public(kind: str, row: Any) -> dict[str, str]:
    """Return what anybody may know of a row of the record: no names, no words of anybody."""
    facts: dict[str, Any]
    match kind:
        case Kind.DECISION:
            facts = {
                "ref": row.ref, "at": row.at, "what": row.act, "before": row.before,
                "after": row.after, "reason": row.reason, "ground": row.ground,
                "source": row.source, "is_by_person": row.by_id is not None,
                "is_detected_by_rule": row.is_detected_by_rule, "waited": row.waited,
                "category": "edit" if row.revision_id else "comment",
                "undoes": row.undoes.ref if row.undoes else None,
            }  # fmt: skip
        case Kind.SANCTION:
            facts = {
                "ref": row.ref, "at": row.at, "what": row.kind, "reason": row.reason,
                "is_by_person": row.by_id is not None, "until": row.until,
            }  # fmt: skip
        case Kind.APPEAL:
            facts = {
                "ref": f"appeal-{row.pk}", "at": row.answered_at,
                "what": "granted" if row.is_granted else "turned-down", "is_by_person": True,
                "category": "decision" if row.decision_id else "sanction", "began": row.at,
            }  # fmt: skip
        case _:
            facts = {
                "ref": row.ref, "at": row.answered_at, "what": row.outcome,
                "is_by_person": True, "category": row.category, "began": row.at,
            }  # fmt: skip
    return {name: _written(facts.get(name)) for name in FIELDS[2:]}


def _private(kind: str, row: Any) -> list[str]:
    """Return what of a row is not for everybody, but is not to be changed either."""
    match kind:
        case Kind.DECISION:
            said: tuple[Any, ...] = (
                row.comment_id, row.revision_id, row.by_id, row.rule, row.note, row.message,
                row.law, row.undoes_id, row.batch_id, row.comment_version,
            )  # fmt: skip
        case Kind.SANCTION:
            said = (
                row.person_id, row.by_id, row.rule, row.note, row.message, row.comment_id,
                row.ends_id,
            )  # fmt: skip
        case Kind.APPEAL:
            said = (
                row.decision_id, row.sanction_id, row.answered_by_id, row.answer,
                row.answer_decision_id, row.answer_sanction_id,
            )  # fmt: skip
        case _:
            said = (row.comment_id, row.answered_by_id, row.answer, row.decision_id)
    return [_written(one) for one in said]


def _written(value: Any) -> str:
    """Return a value as the chain writes it, the same on every database."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    return str(value)


def _sha(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def hidden_digest(nonce: str, kind: str, row: Any) -> str:
    """Return what stands in the log for all that is not public."""
    return _sha([nonce, *_private(kind, row)])


def digest(position: int, kind: str, previous: str, facts: dict[str, str], hidden: str) -> str:
    """Return the digest of a link. ``facts`` are its public fields."""
    return _sha([str(position), kind, previous, facts, hidden])


# Sealing ------------------------------------------------------------------------------------------


def rows_of(kind: str) -> QuerySet[Any]:
    """Return the rows of the record that become links of this kind."""
    match kind:
        case Kind.DECISION:
            return Decision.objects.select_related("undoes")
        case Kind.SANCTION:
            return Sanction.objects.all()
        case Kind.APPEAL:
            return Appeal.objects.filter(answered_at__isnull=False)
    return LegalNotice.objects.filter(answered_at__isnull=False)


def unsealed(kind: str, look_back: int | None = LOOK_BACK) -> QuerySet[Any]:
    """Return the rows that have no link yet, in the order of their ids."""
    sealed = Link.objects.filter(kind=kind, row=OuterRef("pk"))
    rows = rows_of(kind).filter(~Exists(sealed)).order_by("pk")
    is_open_ended = kind in {Kind.APPEAL, Kind.LEGAL}  # answered in any order
    if look_back is not None and not is_open_ended:
        last = Link.objects.filter(kind=kind).order_by("-position").first()
        if last is not None:
            rows = rows.filter(pk__gt=last.row - look_back)
    return rows


def seal_due() -> int:
    """Add what was decided since to the chain. Returns how many links there are more.

    Of two workers at once one adds, and the other leaves it be.
    """
    count = 0
    for kind in Kind.values:
        while count < MOST:
            rows = list(unsealed(kind)[:CHUNK])
            if not rows:
                break
            try:
                with transaction.atomic():
                    _seal(kind, rows)
            except IntegrityError:
                return count  # somebody else is at it
            count += len(rows)
    return count


def _seal(kind: str, rows: Iterable[Any]) -> None:
    last = Link.objects.order_by("-position").first()
    position, previous = (last.position, last.digest) if last else (0, START)
    links = []
    for row in rows:
        position += 1
        link = Link(position=position, kind=kind, row=row.pk, previous=previous)
        hidden = hidden_digest(link.nonce, kind, row)
        link.digest = digest(position, kind, previous, public(kind, row), hidden)
        previous = link.digest
        links.append(link)
    Link.objects.bulk_create(links)


def head() -> Link | None:
    """Return the last link, whose digest stands for all before it."""
    return Link.objects.order_by("-position").first()


# Proving ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Damage:
    """A place where the chain does not hold."""

    position: int
    what: str


def verify(expected_head: str = "") -> Iterator[Damage | int]:
    """Go through the whole chain; give how far it is now and then, and every place that is wrong.

    ``expected_head`` is a digest published before: the chain must contain it, or links at its end
    were taken away.
    """
    position, previous, has_head = 0, START, not expected_head
    last = -1
    while links := list(Link.objects.filter(position__gt=last).order_by("position")[:CHUNK]):
        by_kind: dict[str, dict[int, Any]] = {}
        for kind in Kind.values:
            wanted = [link.row for link in links if link.kind == kind]
            by_kind[kind] = rows_of(kind).in_bulk(wanted) if wanted else {}
        for link in links:
            position += 1
            if link.position != position:
                yield Damage(position, f"a link is missing; the next one is {link.position}")
                position = link.position
            row = by_kind[link.kind].get(link.row)
            if link.previous != previous:
                yield Damage(position, "it does not follow the link before it")
            if row is None:
                yield Damage(position, f"its {link.get_kind_display().lower()} is gone")
            elif link.digest != _digest_of(link, row):
                yield Damage(position, f"its {link.get_kind_display().lower()} was changed")
            previous = link.digest
            has_head = has_head or link.digest == expected_head
        last = links[-1].position
        yield last
    if not has_head:
        yield Damage(position, "the digest that was published is not in it: its end was cut off")


def _digest_of(link: Link, row: Any) -> str:
    hidden = hidden_digest(link.nonce, link.kind, row)
    return digest(link.position, link.kind, link.previous, public(link.kind, row), hidden)


def verify_file(rows: Iterable[dict[str, str]]) -> Iterator[Damage | int]:
    """The same for an exported log, by what is in it alone."""
    position, previous = 0, START
    for row in rows:
        position += 1
        if row["position"] != str(position):
            yield Damage(position, f"a row is missing; the next one is {row['position']}")
            position = int(row["position"])
        facts = {name: row[name] for name in FIELDS[2:]}
        if row["previous"] != previous:
            yield Damage(position, "it does not follow the row before it")
        if row["digest"] != digest(position, row["kind"], row["previous"], facts, row["hidden"]):
            yield Damage(position, "it was changed")
        previous = row["digest"]
        if position % CHUNK == 0:
            yield position
