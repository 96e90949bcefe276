"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from articles.models import Section
from comments import notices
from comments.models import MailStop
from newsroom.memory import fragments


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the paper's name, and what of its frame is read only where a page shows it."""
    # None where a request was refused before anybody asked who sent it.
    user = getattr(request, "user", None)
    edition: int | None = getattr(request, "edition", None)
    is_nobody = request.method == "GET" and user is not None and not user.is_authenticated
    return {
        # Where a page is the same for all who read it without an account.
        "nobody": True if is_nobody else None,
        "site_name": settings.SITE_NAME,
        "site_tagline": settings.SITE_TAGLINE,
        "site_contact": settings.SITE_CONTACT,
        "respect_label": settings.RESPECT_LABEL,
        # Of what the kept parts of the page are, where its view knows; else nothing is kept.
        "edition": edition,
        "masthead_sections": SimpleLazyObject(lambda: _sections(edition)),
        "unread_notices": SimpleLazyObject(
            lambda: notices.unread_count(user) if user and user.is_authenticated else ""
        ),
        "mail_stop": SimpleLazyObject(
            lambda: MailStop.of(user) if user and user.is_authenticated else None
        ),
    }


def _sections(edition: int | None) -> list[Section]:
    """Return the masthead's sections; kept for the edition, where the page is of one."""
    known = fragments.get(("masthead", edition)) if edition is not None else None
    if known is None:
        known = list(Section.objects.filter(in_masthead=True))
        if edition is not None:
            fragments.put(("masthead", edition), known, 500 * len(known))
    return known
