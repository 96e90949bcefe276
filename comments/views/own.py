"""One's own: what became of one's comments."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from comments.models import Comment
from comments.views.visitors import member


@login_required
@never_cache
@require_safe
def own_comments(request: HttpRequest) -> HttpResponse:
    """Show one's own comments: where each stands, why, and what can be done."""
    own = (
        Comment.objects.filter(author=member(request))
        .select_related("article")
        .prefetch_related("findings", "decisions")
        .order_by("-created_at", "-pk")
    )
    page = Paginator(own, 20).get_page(request.GET.get("page"))
    return render(request, "comments/own.html", {"page": page})
