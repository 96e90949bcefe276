"""What the admin's own pages show of the moderation desk."""

import datetime
from typing import Any

from django import template

from comments import deciding, queues, waits

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_bell(context: dict[str, Any]) -> queues.Bell | None:
    """Return what waits at the desk, for those who may decide on it; ``None`` for others."""
    if not context["request"].user.has_perm("comments.moderate_comment"):
        return None
    return queues.bell()


@register.filter
def happened(comment: Any, decision: Any) -> str:
    """Return a decision on the comment in words."""
    return deciding.what_happened(comment, decision)


@register.filter
def lasting(seconds: float | None) -> str:
    """Return a time in seconds as one says it; empty where there is none."""
    return "" if seconds is None else waits.in_words(datetime.timedelta(seconds=seconds))
