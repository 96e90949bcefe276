"""The record for others: statements of reasons in the Commission's shape, and the sealed log.

Neither holds a name, an address or anybody's words. The fields of the statements are those that
the DSA Transparency Database takes.
"""

import csv
import datetime
import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from comments import chain, reasons
from comments.models import Comment, Decision, Link, Sanction

CHUNK = 1000
# The fields that the database takes and that can come up here, in its order.
STATEMENT = (
    "decision_visibility", "decision_visibility_other", "end_date_visibility_restriction",
    "decision_provision", "end_date_service_restriction",
    "decision_account", "end_date_account_restriction",
    "decision_ground", "decision_ground_reference_url",
    "illegal_content_legal_ground", "illegal_content_explanation",
    "incompatible_content_ground", "incompatible_content_explanation",
    "incompatible_content_illegal", "category", "category_addition", "category_specification",
    "content_type", "content_language", "content_date", "territorial_scope", "application_date",
    "decision_facts", "source_type", "source_identity", "automated_detection",
    "automated_decision", "puid",
)  # fmt: skip
# What keeps somebody from a part of the service; accounts stay, whatever happens to them here.
PROVISION = {
    Sanction.Kind.SUSPEND: "DECISION_PROVISION_PARTIAL_SUSPENSION",
    Sanction.Kind.STOP_REPORTS: "DECISION_PROVISION_PARTIAL_SUSPENSION",
    Sanction.Kind.BAN: "DECISION_PROVISION_PARTIAL_TERMINATION",
}
EDIT_NOT_SHOWN = "A new text of a visible comment was not shown; the comment stays as it was."
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
    """Give the statements of reasons of a time: first those about comments, then about people.

    Left out are spam, of which Art. 17(2) asks none; warnings, which take nothing away; what was
    undone, which happened to nobody; and what an appeal upheld, which says an earlier one again.
    """
    hidden = Q(after=Comment.Status.REJECTED) | Q(
        before=Comment.Status.APPROVED, after=Comment.Status.PENDING
    )
    decided = hidden & Q(act__in=[Decision.Act.DECIDE, Decision.Act.REVERSE])
    decisions = (
        Decision.objects.filter(decided | Q(act=Decision.Act.CLOSE), at__gte=start, at__lt=end)
        .filter(undone_by__isnull=True)
        .exclude(rule="import")
        .select_related("comment")
        .defer("comment__body", "comment__body_html")
        .order_by("pk")
    )
    sanctions = (
        Sanction.objects.filter(kind__in=Sanction.HOLDING, at__gte=start, at__lt=end)
        .select_related("comment")
        .order_by("pk")
    )
    about = itertools.chain(
        (_about_comment(row) for row in _chunks(decisions)),
        (_about_person(row) for row in _chunks(sanctions)),
    )
    return ([values.get(name, "") for name in STATEMENT] for values in about)


def _about_comment(row: Decision) -> dict[str, str]:
    visibility, other, addition = "DECISION_VISIBILITY_CONTENT_REMOVED", "", ""
    if row.act == Decision.Act.CLOSE:
        visibility = "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED"
        addition = " It stays, and the conversation below it takes no more answers."
    elif row.revision_id:
        # Of a refused edit readers never saw anything; they go on seeing what it should replace.
        visibility, other = "DECISION_VISIBILITY_OTHER", EDIT_NOT_SHOWN
        addition = " That is about a new text for it; the text as it was stays."
    elif row.after == Comment.Status.PENDING:
        visibility = "DECISION_VISIBILITY_CONTENT_DISABLED"
    return _shared(row, row.comment) | {
        "decision_visibility": _listed(visibility),
        "decision_visibility_other": other,
        "source_type": SOURCES.get(Decision.Source(row.source), "SOURCE_VOLUNTARY"),
        "automated_detection": "Yes" if row.is_detected_by_rule else "No",
        "decision_facts": reasons.facts(row.reason) + addition,
    }


def _about_person(row: Sanction) -> dict[str, str]:
    until = f"{timezone.localdate(row.until):%Y-%m-%d}" if row.until else ""
    values = _shared(row, row.comment) | {
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No",
        "decision_facts": reasons.facts_of_person(row.reason),
    }
    if row.kind == Sanction.Kind.PREMODERATE:
        return values | {
            "decision_visibility": _listed("DECISION_VISIBILITY_OTHER"),
            "decision_visibility_other": str(row.get_kind_display()),
            "end_date_visibility_restriction": until,
        }
    return values | {
        "decision_provision": PROVISION[Sanction.Kind(row.kind)],
        "end_date_service_restriction": until,
    }


def _shared(row: Decision | Sanction, comment: Comment | None) -> dict[str, str]:
    """Return what every statement says: on what it rests, of what, when, and where it holds."""
    law = row.law if isinstance(row, Decision) and row.ground == Decision.Ground.ILLEGAL else ""
    category, keyword = reasons.category(row.reason)
    explanation = reasons.rule(row.reason)
    values = {
        "category": category,
        "category_addition": _listed(),
        "category_specification": _listed(keyword),
        "content_type": _listed("CONTENT_TYPE_TEXT"),
        "content_language": comment.language.upper() if comment else "",
        "content_date": f"{timezone.localdate(comment.created_at if comment else row.at):%Y-%m-%d}",
        "territorial_scope": _listed(*settings.TERRITORIAL_SCOPE),
        "application_date": f"{timezone.localdate(row.at):%Y-%m-%d}",
        "automated_decision": (
            "AUTOMATED_DECISION_NOT_AUTOMATED" if row.by_id else "AUTOMATED_DECISION_FULLY"
        ),
        "puid": str(row.ref),
    }
    if law:
        return values | {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": law[:500],
            "illegal_content_explanation": explanation[:2000],
        }
    anchor = f"{settings.SITE_URL}{reverse('comments:terms')}#{row.reason or 'rules'}"
    return values | {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_ground_reference_url": anchor[:500],
        "incompatible_content_ground": (row.get_reason_display() or "The rules")[:500],
        "incompatible_content_explanation": explanation[:2000],
        "incompatible_content_illegal": "No",
    }


def _listed(*values: str) -> str:
    """Return values as the database's own tables hold a list."""
    return json.dumps(values)


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
