"""Tags and filters of every template: times, counts, pictures, links that keep the query."""

import datetime
import functools
from collections.abc import Container
from typing import Any

from django import template
from django.utils import dateformat, timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from newsroom.memory import fragments

register = template.Library()


@register.tag
def kept(parser: template.base.Parser, token: template.base.Token) -> template.Node:
    """Keep a part of a page: ``{% kept "name" value … [bring=view_function] %} … {% endkept %}``.

    It is rendered once for each set of values and each host, and taken from memory from then on.
    The values must say all that the part depends on; where one is missing, nothing is kept.
    ``bring`` is a function among the context that loads what only this part shows: it is called
    where the part is rendered, and not where it was kept.
    """
    name, *given = token.split_contents()[1:]
    bring = None
    if given and given[-1].startswith("bring="):
        bring = parser.compile_filter(given.pop().removeprefix("bring="))
    values = [parser.compile_filter(one) for one in given]
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(name.strip('"'), values, bring, nodes)


class KeptNode(template.Node):
    def __init__(
        self,
        name: str,
        values: list[template.base.FilterExpression],
        bring: template.base.FilterExpression | None,
        nodelist: template.NodeList,
    ) -> None:
        self.name, self.values, self.bring, self.nodelist = name, values, bring, nodelist

    def render(self, context: template.Context) -> SafeString:
        request = context.get("request")
        values = [one.resolve(context, ignore_failures=True) for one in self.values]
        if request is None or None in values:
            return self._rendered(context)
        key = ("part", self.name, request.scheme, request.get_host(), *values)
        part = fragments.get(key)
        if part is None:
            part = self._rendered(context)
            fragments.put(key, part, 2 * len(part) + 500)
        return part

    def _rendered(self, context: template.Context) -> SafeString:
        if self.bring is not None:
            self.bring.resolve(context)  # calls it
        return self.nodelist.render(context)


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
    return time_tag(timezone.localtime(moment), pattern)


def time_tag(local: datetime.datetime, pattern: str) -> SafeString:
    """Return ``clock``'s tag for a moment that is in the reader's time zone already."""
    day = local.date()
    hour = f"{local.hour:02}:{local.minute:02}"
    if pattern.endswith(AND_TIME):
        shown = f"{_day(day, pattern.removesuffix(AND_TIME))}, {hour}"
    elif "H" in pattern:
        shown = escape(dateformat.format(local, pattern))
    else:
        shown = _day(day, pattern)
    title = f"{_day(day, 'l, F j, Y')}, {hour} {escape(local.tzname() or '')}"
    # Safe: of days, zones and numbers, escaped.
    return mark_safe(
        f'<time datetime="{local.isoformat(timespec="seconds")}" title="{title}">{shown}</time>'
    )


AND_TIME = ", H:i"


@functools.lru_cache(maxsize=5000)
def _day(day: datetime.date, pattern: str) -> str:
    """Return a day in words, escaped. Kept, since writing it took half the time of a page."""
    return escape(dateformat.format(day, pattern))


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
