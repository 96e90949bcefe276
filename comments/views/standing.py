"""Where one stands with the desk: what holds, and all that was decided about one's account."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from comments import standing as standings
from comments.models import Appeal, Sanction
from comments.views.visitors import member

MOST_SHOWN = 100


@login_required
@never_cache
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """Show what holds for one, and the history; each with its reason and the way to appeal."""
    person = member(request)
    history = list(
        Sanction.objects.filter(person=person)
        .select_related("ends", "appeal")
        .order_by("-pk")[:MOST_SHOWN]
    )
    return render(
        request,
        "comments/standing.html",
        {
            "in_force": standings.in_force(person),
            "history": history,
            "appeals": Appeal.objects.filter(person=person, decision__isnull=False)
            .select_related("decision__comment__article")
            .order_by("-pk")[:MOST_SHOWN],
        },
    )
