"""The chain over the record: sealed regularly, proved by ``verify_decisions``.

Every decision, every sanction and every answer to an appeal or a notice becomes a link. Its digest
is SHA-256 over its place, the digest before it, what of the row is public, and a digest of what is
not: whoever has the exported log, which leaves that out, can still prove it. The format is
written down in docs/operators.md.
"""

import datetime
import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from comments.models import Appeal, Decision, LegalNotice, Link, Sanction

START = "0" * 64  # stands before the first link
CHUNK = 500
MOST = 20_000  # links of one sealing; the next goes on
# Rows that committed late have lower ids than some that are sealed: so far back they are looked
# for each time. Once an hour everything is looked at, for an import writes many at once.
LOOK_BACK = 5_000
# A row is sealed within a minute or so, and its transaction is never as long as this; an import's
# may be.
SLACK = datetime.timedelta(hours=1)
IMPORT_SLACK = datetime.timedelta(days=1)
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
        case Kind.LEGAL:
            first = row.first_given
            facts = {
                "ref": row.ref, "at": first.at, "what": first.outcome,
                "is_by_person": True, "category": row.category, "began": row.at,
            }  # fmt: skip
        case _:
            facts = {
                "ref": row.ref, "at": row.answered_at, "what": row.outcome,
                "is_by_person": True, "category": row.category, "began": row.objected_at,
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
        case Kind.LEGAL:
            first = row.first_given
            said = (row.comment_id, first.by_id, first.text, first.decision_id)
        case _:
            said = (
                row.comment_id, row.answered_by_id, row.answer, row.decision_id, row.objection,
            )  # fmt: skip
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
    """Return the rows of the record that become links of this kind, with their ``moment``."""
    rows: QuerySet[Any]
    match kind:
        case Kind.DECISION:
            return Decision.objects.select_related("undoes").annotate(moment=F("at"))
        case Kind.SANCTION:
            return Sanction.objects.annotate(moment=F("at"))
        case Kind.APPEAL:
            rows = Appeal.objects.filter(answered_at__isnull=False)
        case Kind.LEGAL:
            # Its first answer, which an objection leaves as it is.
            rows = LegalNotice.objects.filter(
                Q(answered_at__isnull=False) | Q(first_answered_at__isnull=False)
            )
            return rows.annotate(moment=Coalesce("first_answered_at", "answered_at"))
        case _:
            rows = LegalNotice.objects.filter(objected_at__isnull=False, answered_at__isnull=False)
    return rows.annotate(moment=F("answered_at"))


def unsealed(kind: str, look_back: int | None = None) -> QuerySet[Any]:
    """Return the rows that have no link yet, in the order of their ids.

    With ``look_back`` none whose id lies further than that before the highest one that has.
    """
    sealed = Link.objects.filter(kind=kind, row=OuterRef("pk"))
    rows = rows_of(kind).filter(~Exists(sealed)).order_by("pk")
    is_open_ended = kind not in {Kind.DECISION, Kind.SANCTION}  # answered in any order
    if look_back is not None and not is_open_ended:
        highest = Link.objects.filter(kind=kind).order_by("-row").values("row")[:1]
        rows = rows.filter(pk__gt=Coalesce(Subquery(highest), 0) - look_back)
    return rows


def seal_due() -> int:
    """Add what was decided since to the chain. Returns how many links there are more.

    All at once or nothing, so that what a worker leaves that dies is not late when another comes.
    Of two workers at once one adds, and the other leaves it be.
    """
    if not any(unsealed(kind, LOOK_BACK).exists() for kind in Kind.values):
        return 0
    last, now = head(), timezone.now()
    is_first_of_hour = last is None or last.at < now.replace(minute=0, second=0, microsecond=0)
    look_back = None if is_first_of_hour else LOOK_BACK
    count = 0
    try:
        with transaction.atomic():
            for kind in Kind.values:
                while count < MOST and (rows := list(unsealed(kind, look_back)[:CHUNK])):
                    _seal(kind, rows)
                    count += len(rows)
    except IntegrityError:
        return 0  # somebody else is at it
    return count


def _seal(kind: str, rows: Iterable[Any]) -> None:
    last = Link.objects.order_by("-position").first()
    position, previous = (last.position, last.digest) if last else (0, START)
    links, now = [], timezone.now()
    for row in rows:
        position += 1
        link = Link.begun(now, position=position, kind=kind, row=row.pk, previous=previous)
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


class Passed:
    """Tells what comes too late: it says a time before which all had been sealed by then.

    What was sealed less than ``SLACK`` before does not tell yet, so that a sealing may take its
    time over many rows.
    """

    def __init__(self) -> None:
        self.until: datetime.datetime | None = None
        self._lately: deque[datetime.datetime] = deque()

    def sealed(self, at: datetime.datetime) -> None:
        if not self._lately or self._lately[-1] < at:
            self._lately.append(at)

    def move_to(self, now: datetime.datetime) -> None:
        while self._lately and self._lately[0] <= now - SLACK:
            self.until = self._lately.popleft()

    def is_late(self, kind: str, row: Any) -> bool:
        if self.until is None:
            return False
        is_imported = kind == Kind.DECISION and row.rule == "import" and row.by_id is None
        return bool(row.moment < self.until - (IMPORT_SLACK if is_imported else SLACK))


def verify(expected_head: str = "") -> Iterator[Damage | int]:
    """Go through the whole chain; give how far it is now and then, and every place that is wrong.

    ``expected_head`` is a digest published before: the chain must contain it, or links at its end
    were taken away, or all was made anew.

    Found are rows that were changed or taken away after they were sealed; links that were changed,
    taken away or moved, their time included; and rows that were put in with an old date, sealed
    or not: older by more than ``SLACK`` than what had been sealed ``SLACK`` before. For rows of an
    import, which come in one long transaction, that is ``IMPORT_SLACK``.

    Not found are rows changed or taken away before they were sealed, about a minute; rows put in
    with the date of the day, which differ in nothing from others; old dates in what was sealed
    first, or within ``SLACK`` of it, since there is nothing to hold them against; and, without a
    digest kept elsewhere, a chain that was cut off or made anew by somebody who can do that.
    """
    position, previous, has_head = 0, START, not expected_head
    last, passed = -1, Passed()
    at: datetime.datetime | None = None
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
            if not link.is_of_its_time or (at is not None and link.at < at - SLACK):
                yield Damage(position, "the time when it was sealed is not the right one")
            at = link.at
            passed.move_to(at)
            if link.previous != previous:
                yield Damage(position, "it does not follow the link before it")
            if row is None:
                yield Damage(position, f"its {link.get_kind_display().lower()} is gone")
            elif link.digest != _digest_of(link, row):
                yield Damage(position, f"its {link.get_kind_display().lower()} was changed")
            elif passed.is_late(link.kind, row):
                yield Damage(position, f"{_named(link.kind, row)} came too late for its date")
            passed.sealed(at)
            previous = link.digest
            has_head = has_head or link.digest == expected_head
        last = links[-1].position
        yield last
    if not has_head:
        yield Damage(position, "the digest that was published is not in it: its end was cut off")
    passed.move_to(timezone.now())
    if passed.until is not None:
        for kind in Kind.values:
            old = unsealed(kind).filter(moment__lt=passed.until - SLACK)
            for row in old.iterator(CHUNK):
                if passed.is_late(kind, row):
                    yield Damage(position, f"{_named(kind, row)} is not in it, and too late for it")


def _named(kind: str, row: Any) -> str:
    return f"{Kind(kind).label.lower()} {row.pk} of {timezone.localtime(row.moment):%Y-%m-%d %H:%M}"


def _digest_of(link: Link, row: Any) -> str:
    hidden = hidden_digest(link.nonce, link.kind, row)
    return digest(link.position, link.kind, link.previous, public(link.kind, row), hidden)


def verify_file(rows: Iterable[dict[str, str]]) -> Iterator[Damage | int]:
    """The same for an exported log, by what is in it alone: what was put in it does not tell."""
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
