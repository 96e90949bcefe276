"""The record for others: statements of reasons in the Commission's shape, and the sealed log.

Neither holds a name, an address or anybody's words. The fields of the statements are those that
the DSA Transparency Database takes.
"""

import csv
import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from comments import chain, reasons
from comments.models import Comment, Decision, Link

CHUNK = 1000
STATEMENT = (
    "decision_visibility", "decision_ground", "decision_ground_reference_url",
    "illegal_content_legal_ground", "illegal_content_explanation",
    "incompatible_content_ground", "incompatible_content_explanation",
    "incompatible_content_illegal", "category", "category_specification", "content_type",
    "content_language", "content_date", "application_date", "decision_facts", "source_type",
    "automated_detection", "automated_decision", "territorial_scope", "puid",
)  # fmt: skip
# What a table program takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SOURCES = {
    Decision.Source.NOTICE: "SOURCE_ARTICLE_16",
    Decision.Source.REPORT: "SOURCE_TYPE_OTHER_NOTIFICATION",
}


class Echo:
    """What a writer of CSV writes to, to have each line back."""

    def write(self, line: str) -> str:
        return line


def safe(value: object) -> str:
    """Return a value as a cell that no table program takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def lines(header: Iterable[str] | None, rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Give a table line by line."""
    writer: Any = csv.writer(Echo())
    if header is not None:
        yield writer.writerow(list(header))
    for row in rows:
        yield writer.writerow([safe(value) for value in row])


def statements(start: datetime.datetime, end: datetime.datetime) -> Iterator[list[object]]:
    """Give the statements of reasons of a time: of all removals but spam (Art. 17(2))."""
    rows = (
        Decision.objects.filter(at__gte=start, at__lt=end, after=Comment.Status.REJECTED)
        .exclude(act__in=[Decision.Act.CLOSE, Decision.Act.REOPEN, Decision.Act.UPHOLD])
        .exclude(rule="import")
        .select_related("comment")
        .defer("comment__body", "comment__body_html")
        .order_by("pk")
    )
    return (statement(row) for row in _chunks(rows))


def statement(row: Decision) -> list[object]:
    """Return one statement of reasons, field by field as in ``STATEMENT``."""
    is_law = row.ground == Decision.Ground.ILLEGAL
    category, keyword = reasons.category(row.reason)
    anchor = f"{settings.SITE_URL}{reverse('comments:terms')}#{row.reason or 'rules'}"
    explanation = reasons.rule(row.reason)
    made = timezone.localdate(row.comment.created_at)
    values = {
        "decision_visibility": "DECISION_VISIBILITY_CONTENT_REMOVED",
        "decision_ground": (
            "DECISION_GROUND_ILLEGAL_CONTENT" if is_law
            else "DECISION_GROUND_INCOMPATIBLE_CONTENT"
        ),
        "decision_ground_reference_url": "" if is_law else anchor[:500],
        "illegal_content_legal_ground": row.law[:500] if is_law else "",
        "illegal_content_explanation": explanation[:2000] if is_law else "",
        "incompatible_content_ground": "" if is_law else row.get_reason_display()[:500],
        "incompatible_content_explanation": "" if is_law else explanation[:2000],
        "incompatible_content_illegal": "" if is_law else "No",
        "category": category,
        "category_specification": keyword,
        "content_type": "CONTENT_TYPE_TEXT",
        "content_language": row.comment.language.upper(),
        "content_date": f"{made:%Y-%m-%d}",
        "application_date": f"{timezone.localdate(row.at):%Y-%m-%d}",
        "decision_facts": reasons.facts(row.reason),
        "source_type": SOURCES.get(Decision.Source(row.source), "SOURCE_VOLUNTARY"),
        "automated_detection": "Yes" if row.is_detected_by_rule else "No",
        "automated_decision": (
            "AUTOMATED_DECISION_NOT_AUTOMATED" if row.by_id
            else "AUTOMATED_DECISION_FULLY"
        ),
        "territorial_scope": "",
        "puid": str(row.ref),
    }  # fmt: skip
    return [values[name] for name in STATEMENT]


LOG = (*chain.FIELDS, "previous", "hidden", "digest")


def log() -> Iterator[list[object]]:
    """Give the whole sealed log, without what is not for everybody."""
    last = 0
    while links := list(Link.objects.filter(position__gt=last).order_by("position")[:CHUNK]):
        rows = {
            kind: chain.rows_of(kind).in_bulk([link.row for link in links if link.kind == kind])
            for kind in {link.kind for link in links}
        }
        for link in links:
            row = rows[link.kind].get(link.row)
            facts = chain.public(link.kind, row) if row else dict.fromkeys(chain.FIELDS[2:], "")
            hidden = chain.hidden_digest(link.nonce, link.kind, row) if row else ""
            yield [
                link.position, link.kind, *(facts[name] for name in chain.FIELDS[2:]),
                link.previous, hidden, link.digest,
            ]  # fmt: skip
        last = links[-1].position


def _chunks(rows: QuerySet[Any]) -> Iterator[Any]:
    """Give rows in the order of their ids, a piece at a time."""
    last = 0
    while some := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield from some
        last = some[-1].pk
