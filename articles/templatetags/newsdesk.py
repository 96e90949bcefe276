"""What the admin's own pages show of the article desk."""

from typing import Any

from django import template

from articles.admin import desk

register = template.Library()


@register.simple_tag(takes_context=True)
def newsdesk(context: dict[str, Any]) -> desk.NewsDesk | None:
    """Return the desk's first page for those who work on stories; ``None`` for others."""
    user = context["request"].user
    return desk.newsdesk(user) if desk.has_desk(user) else None


@register.simple_tag(takes_context=True)
def at_newsdesk(context: dict[str, Any]) -> bool:
    """Tell whether the admin's first page is this person's article desk."""
    return desk.has_desk(context["request"].user)
