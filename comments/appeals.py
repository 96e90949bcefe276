"""Appeals at the desk: the queue of them, and the answer by somebody who did not decide."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from comments import presence
from comments.cards import records
from comments.desk import FOR_MODERATORS, frame, person
from comments.models import Appeal, Comment, InvalidMove
from comments.queues import QUEUE, Place
from newsroom.rows import number_or_404

PER_PAGE = 20


def rows():
    """Appeals with all that is shown of them."""
    return Appeal.objects.select_related(
        "person", "answered_by", "decision__by", "decision__comment__author",
        "decision__comment__article", "decision__revision", "sanction__by", "sanction__person",
    ).defer(
        "decision__comment__article__body", "decision__comment__article__body_html",
    )  # fmt: skip


def queue_page(
    request: HttpRequest, place: Place, problem: str = "", about: int = 0, status: int = 200
) -> HttpResponse:
    """Show the appeals that wait, longest wait first, with what was said for and against."""
    by = person(request)
    waiting = rows().open()
    if place.after:
        waiting = waiting.filter(pk__gt=number_or_404(place.after.rpartition("-")[2]))
    shown = list(waiting[: PER_PAGE + 1])
    known = records({one.person_id for one in shown if one.person_id})
    context = {
        **admin.site.each_context(request),
        **frame(request, place),
        "title": "Moderation desk",
        "opts": Comment._meta,
        "now": timezone.now(),
        "here": presence.others_here(by),
        "appeals": [
            (one, _refusal(one, by), known.get(one.person_id or 0)) for one in shown[:PER_PAGE]
        ],
        "further": place.with_(after=f"0-{shown[PER_PAGE - 1].pk}")
        if len(shown) > PER_PAGE
        else None,
        "answered": rows().filter(answered_at__isnull=False).order_by("-answered_at")[:10],
        "problem": problem,
        "about": about,
        "typed": request.POST.get("answer", "")[:2000],
    }
    return render(request, "admin/comments/comment/appeals.html", context, status=status)


def _refusal(appeal: Appeal, by: User) -> str:
    try:
        appeal.refuse_answer(by)
    except InvalidMove as refusal:
        return str(refusal)
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@FOR_MODERATORS
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an appeal; a GET leads to it in its queue."""
    found = get_object_or_404(rows(), pk=number_or_404(str(pk)))
    place = Place(QUEUE["appeals"])
    if request.method != "POST":
        return redirect(f"{place.url}#appeal-{found.pk}")
    verb = found.grant if request.POST.get("do") == "grant" else found.turn_down
    try:
        verb(person(request), request.POST.get("answer", ""))
    except InvalidMove as problem:
        return queue_page(request, place, problem=str(problem), about=found.pk, status=409)
    done = "granted" if found.is_granted else "turned down"
    messages.success(request, f"The appeal is {done}, and who made it has been told.")
    return redirect(f"{reverse('admin:comments_comment_desk')}?queue=appeals")
