"""What pages about oneself show of one's comments."""

from typing import Any

from django import template

from comments import claims
from comments.cards import shortened

register = template.Library()


@register.simple_tag(takes_context=True)
def claimable_comments(context: dict[str, Any]) -> int:
    """Return how many comments were written here under this person's address as a guest."""
    return claims.count(context["request"].user)


@register.filter
def excerpt(comment: Any) -> str:
    """Return the beginning of a comment's text in one line."""
    return shortened(comment, 160)
