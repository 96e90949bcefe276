"""Notices of illegal content at the desk: before all else, with a clock, each answered."""

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from comments import presence
from comments.desk import NUMBER, frame, person
from comments.models import Comment, Decision, InvalidMove, LegalNotice, StaleDecision
from comments.queues import QUEUE, Place
from newsroom.rows import number_or_404

PER_PAGE = 20
MAY_ANSWER = permission_required("comments.answer_legalnotice", raise_exception=True)


def rows():
    """Notices with all that is shown of them."""
    return LegalNotice.objects.select_related(
        "comment__author", "comment__article", "article", "seen_by", "answered_by"
    ).defer(
        "comment__article__body", "comment__article__body_html",
        "article__body", "article__body_html",
    )  # fmt: skip


def see(shown: list[LegalNotice], by: User) -> None:
    """Note that ``by`` has these before them, all of each: from then on the desk knows."""
    unseen = [notice for notice in shown if notice.seen_at is None]
    if not unseen:
        return
    LegalNotice.objects.filter(pk__in=[notice.pk for notice in unseen]).see(by)
    for notice in unseen:
        notice.seen_at, notice.seen_by = timezone.now(), by


@MAY_ANSWER
def queue_page(
    request: HttpRequest, place: Place, problem: str = "", about: int = 0, status: int = 200
) -> HttpResponse:
    """Show the notices that wait, longest wait first, and note that they were seen."""
    waiting = rows().open()
    if place.after:
        waiting = waiting.filter(pk__gt=number_or_404(place.after.rpartition("-")[2]))
    shown = list(waiting[: PER_PAGE + 1])
    see(shown[:PER_PAGE], person(request))
    context = {
        **admin.site.each_context(request),
        **frame(request, place),
        "title": "Moderation desk",
        "opts": Comment._meta,
        "now": timezone.now(),
        "here": presence.others_here(person(request)),
        "notices": shown[:PER_PAGE],
        "further": place.with_(after=f"0-{shown[PER_PAGE - 1].pk}")
        if len(shown) > PER_PAGE
        else None,
        "answered": rows().filter(answered_at__isnull=False).order_by("-answered_at")[:10],
        "problem": problem,
        "about": about,
        "typed": {name: request.POST.get(name, "")[:2000] for name in ("answer", "law", "reason")},
    }
    return render(request, "admin/comments/comment/legal.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@MAY_ANSWER
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide what a notice is about, or answer it, as its moderator saw it; a GET leads to it."""
    notice = get_object_or_404(rows(), pk=number_or_404(str(pk)))
    place = Place(QUEUE["legal"])
    if request.method != "POST":
        return redirect(f"{place.url}#legal-{notice.pk}")
    by, said, words = person(request), request.POST, request.POST.get("answer", "")
    notice.see(by)
    try:
        version = _version(notice, said.get("version", ""))
        match said.get("do"):
            case "hide":
                notice.hide(by)
                done = "Readers do not see the comment until the notice is answered."
            case "remove":
                law = said.get("law", "").strip()[:500]
                ground = Decision.Ground.ILLEGAL if law else Decision.Ground.TERMS
                notice.remove(by, said.get("reason", ""), words, ground, law, version)
                done = "The comment is down, and both sides have been told why."
            case "keep":
                notice.keep(by, words, version)
                done = "The comment stays, and the sender has been told why."
            case "pass":
                notice.pass_on(by, words)
                done = "The sender has been told that the editors have it."
            case _:
                raise InvalidMove("Choose what is to be done.")
    except StaleDecision as stale:
        problem = f"{stale} Nothing was changed by you."
        return queue_page(request, place, problem=problem, about=notice.pk, status=409)
    except InvalidMove as problem:
        return queue_page(request, place, problem=str(problem), about=notice.pk, status=409)
    messages.success(request, done)
    return redirect(f"{reverse('admin:comments_comment_desk')}?queue=legal#legal-{notice.pk}")


def _version(notice: LegalNotice, said: str) -> int | None:
    """Return the version of the comment that the form showed; ``None`` for a story's notice."""
    if notice.comment is None:
        return None
    if not NUMBER.fullmatch(said):
        raise InvalidMove("This form was not whole, so nothing was decided. Please try again.")
    return int(said)
