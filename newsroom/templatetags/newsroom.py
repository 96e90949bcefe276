"""Tags and filters of every template: times, counts, pictures, links that keep the query."""

import datetime
from collections.abc import Container
from typing import Any

from django import template
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def counted(number: int, nouns: str) -> str:
    """Return the number with the right noun: ``{{ n|counted:"comment,comments" }}``."""
    one, many = nouns.split(",")
    return f"{number:,} {one if number == 1 else many}"


@register.filter
def among(value: Any, values: Container[Any]) -> bool:
    """Tell whether ``value`` is one of ``values``, where a tag takes a value and no expression."""
    return value in values


@register.filter
def clock(moment: datetime.datetime | None, pattern: str = "F j, Y, H:i") -> SafeString:
    """Return a ``<time>`` with the offset for machines and the local date for people."""
    if moment is None:
        return SafeString("")
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        dateformat.format(local, "l, F j, Y, H:i T"),
        dateformat.format(local, pattern),
    )


@register.filter
def ago(moment: datetime.datetime | None) -> str:
    """Return the time since ``moment`` in its largest unit: ``40 min``, ``3 h``, ``2 days``."""
    if moment is None:
        return ""
    minutes = max(0, int((timezone.now() - moment).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


@register.simple_tag(takes_context=True)
def absolute(context: dict[str, Any], path: str) -> str:
    """Return ``path`` with the site's host, as feeds, cards and canonical links need it."""
    return context["request"].build_absolute_uri(path)
