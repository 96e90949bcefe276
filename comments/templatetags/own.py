"""What pages about oneself show of one's comments."""

from typing import Any

from django import template

from comments import claims, standing
from comments.cards import shortened
from comments.models import Terms

register = template.Library()


@register.simple_tag(takes_context=True)
def claimable_comments(context: dict[str, Any]) -> int:
    """Return how many comments were written here under this person's address as a guest."""
    return claims.count(context["request"].user)


@register.simple_tag(takes_context=True)
def what_holds(context: dict[str, Any]) -> str:
    """Return what holds of who is logged in, as their comment form says it; mostly empty."""
    user = context["request"].user
    return standing.note_for(user) if user.is_authenticated else ""


@register.simple_tag
def new_terms() -> Terms | None:
    """Return the rules, for a month after they changed in a way that readers should know."""
    return Terms.news()


@register.filter
def excerpt(comment: Any) -> str:
    """Return the beginning of a comment's text in one line."""
    return shortened(comment, 160)
