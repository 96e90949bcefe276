"""Letters to readers who reported an error: what became of it.

Whoever has the paper's outbox hands it in: it is kept by the conversation, which this app does not
know. There is no receipt by mail: anybody could have one sent to anybody.
"""

import re
from typing import Any, Protocol
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from articles.models import ErrorReport

A_RUN = 200  # letters in a run; the next goes on
GAP = re.compile(r"\n{3,}")


class Outbox(Protocol):
    """Has a mail sent once the transaction stands; of one ``key``, once."""

    def __call__(self, key: str, address: str, subject: str, text: str) -> Any: ...


def write_due(send: Outbox) -> int:
    """Put the answers that are due into the outbox. Returns how many. One query where none is."""
    count = 0
    for pk in ErrorReport.objects.to_tell().values_list("pk", flat=True)[:A_RUN]:
        with transaction.atomic():
            due = ErrorReport.objects.to_tell().select_for_update(skip_locked=True, of=("self",))
            report = due.select_related("article", "correction").filter(pk=pk).first()
            if report is None:
                continue
            if report.email:
                send(
                    f"error:{report.pk}:answered",
                    report.email,
                    f"The answer to your report {report.reference}",
                    _text(report),
                )
            ErrorReport.objects.filter(pk=pk).update(mail_due=False)
            count += 1
    return count


def _text(report: ErrorReport) -> str:
    article = report.article if report.article.is_published else None
    context = {
        "report": report,
        "article": article,
        "story_url": _absolute(article.get_absolute_url()) if article else "",
        "status_url": _absolute(report.get_absolute_url()),
        "site_name": settings.SITE_NAME,
        "site_contact": settings.SITE_CONTACT,
    }
    text = render_to_string("mail/error_answered.txt", context)
    return GAP.sub("\n\n", text).strip() + "\n"


def _absolute(path: str) -> str:
    return urljoin(settings.SITE_URL, path)
