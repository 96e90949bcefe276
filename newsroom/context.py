"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from articles.models import Section
from comments import notices
from comments.models import MailStop


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the paper's name, and what of its frame is read only where a page shows it."""
    # None where a request was refused before anybody asked who sent it.
    user = getattr(request, "user", None)
    return {
        "site_name": settings.SITE_NAME,
        "site_tagline": settings.SITE_TAGLINE,
        "site_contact": settings.SITE_CONTACT,
        "respect_label": settings.RESPECT_LABEL,
        "masthead_sections": SimpleLazyObject(
            lambda: list(Section.objects.filter(in_masthead=True))
        ),
        "unread_notices": SimpleLazyObject(
            lambda: notices.unread_count(user) if user and user.is_authenticated else ""
        ),
        "mail_stop": SimpleLazyObject(
            lambda: MailStop.of(user) if user and user.is_authenticated else None
        ),
    }
