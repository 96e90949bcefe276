"""What a story's form shows of the errors that readers report."""

from typing import Any

from django import template

from articles.models import Article, ErrorReport

register = template.Library()


@register.inclusion_tag("admin/articles/error_report/_waiting.html", takes_context=True)
def errors_waiting(context: dict[str, Any], article: Article) -> dict[str, Any]:
    """Say how many reports on this story wait, to those who may read them. One query."""
    user = context["request"].user
    waiting = ErrorReport.objects.seen_by(user).open().filter(article=article)
    may_see = article.pk and user.has_perm("articles.view_errorreport")
    return {"article": article, "count": waiting.count() if may_see else 0}
