"""Tags of the conversation's pages: comments in their lists."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from comments.lines import Writer
from comments.nodes import Node
from newsroom import splice

register = template.Library()


@register.simple_tag(takes_context=True)
def threads_written(context: dict[str, Any]) -> SafeString:
    """Write the page's threads as the items of a list."""
    return splice.later(context["request"], _writer(context).page())


@register.simple_tag(takes_context=True)
def comments_written(context: dict[str, Any], nodes: Iterable[Node]) -> SafeString:
    """Write comments, with all below them, as the items of a list."""
    return _writer(context).written(nodes)


@register.simple_tag(takes_context=True)
def more_of(context: dict[str, Any], node: Node) -> SafeString:
    """Write the item for the replies that are not on the page; nothing if all are."""
    return _writer(context).more(node)


def _writer(context: dict[str, Any]) -> Writer:
    user = context["user"]
    return Writer(
        context["article"],
        context["threads"],
        reader=user if user.is_authenticated else None,
        posted=context.get("posted"),
        marked=context.get("marked"),
    )
