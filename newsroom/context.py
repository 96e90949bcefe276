"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from articles.models import Section


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the paper's name and its sections, which are read only where a page shows them."""
    return {
        "site_name": settings.SITE_NAME,
        "site_tagline": settings.SITE_TAGLINE,
        "site_contact": settings.SITE_CONTACT,
        "masthead_sections": SimpleLazyObject(
            lambda: list(Section.objects.filter(in_masthead=True))
        ),
    }
