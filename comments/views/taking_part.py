"""Taking part: respect, reports to the desk, following, muting, and editors' picks."""

from contextlib import suppress
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.views import find_person
from articles.models import Article, ArticleQuerySet
from comments.forms import PickForm, ReportForm
from comments.models import (
    AlreadyReported,
    Comment,
    Follow,
    InvalidMove,
    Mute,
    NotToBeMuted,
    Refused,
    Report,
    Respect,
)
from comments.views.visitors import (
    SEE_OTHER,
    form_page,
    is_htmx,
    member,
    place,
    visible_comment,
    with_wait,
)
from newsroom import prepared, rows

ROWS_PER_PAGE = 50


def wanted(request: HttpRequest) -> bool | None:
    """Return what a button asks for, so that pressed twice it does the same; ``None``: turn."""
    return {"yes": True, "no": False}.get(request.POST.get("wanted", ""))


# Respect


@login_required
@never_cache
@form_page
def respect(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a comment one's respect, or take it back."""
    if request.method != "POST":
        return _respect(request, visible_comment(pk))
    shown: Comment | None = TO_RESPECT.first(pk=pk)
    if shown is None or not (shown.is_visible and shown.article.shows_comments):
        raise Http404("There is no such comment.")
    try:
        is_respected = Respect.turn(member(request), shown, wanted(request))
    except Refused as refusal:
        return with_wait(_respect(request, shown, problem=str(refusal)), refusal)
    except InvalidMove as error:
        return _respect(request, shown, problem=str(error), status=409)
    if is_htmx(request):
        return _respect(request, shown, is_respected=is_respected)
    return HttpResponseRedirect(place(shown), status=SEE_OTHER)


# With what the way back asks of the story and of the thread.
TO_RESPECT = prepared.Query(
    lambda: (
        Comment.objects.filter(pk=prepared.number("pk"))
        .select_related("article", "root")
        .defer("article__body", "article__body_html", "article__withdrawal_notice")
    )
)


def _respect(
    request: HttpRequest,
    shown: Comment,
    problem: str = "",
    status: int = 200,
    is_respected: bool | None = None,
) -> HttpResponse:
    """Answer with the button alone, for htmx, or with its page."""
    if is_respected is None:
        is_respected = shown.respects.filter(reader=member(request)).exists()
    context = {
        "article": shown.article,
        "comment": shown,
        "is_respected": is_respected,
        "problem": problem,
    }
    in_place = is_htmx(request) and request.method == "POST"
    template = "comments/_respect.html" if in_place else "comments/respect.html"
    return render(request, template, context, status=status)


# Reports


@login_required
@never_cache
@form_page
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the desk what is wrong with a comment, once; afterwards, what became of that."""
    earlier = (
        Report.objects.filter(comment__pk=pk, reporter=member(request))
        .filter(comment__article__in=Article.objects.published())
        .select_related("comment__article", "comment__author", "decision")
        .first()
    )
    # Who reported it hears what became of it, when readers do not see it any more.
    shown = earlier.comment if earlier else visible_comment(pk)
    form = ReportForm(request.POST or None)
    context: dict[str, Any] = {
        "article": shown.article,
        "comment": shown,
        "form": form,
        "earlier": earlier,
    }
    if earlier is not None:
        return render(request, "comments/report.html", context)
    if request.method != "POST":
        try:
            Report.refuse(shown, member(request))
        except InvalidMove as error:
            context["problem"] = str(error)
        return render(request, "comments/report.html", context)
    if not form.is_valid():
        return render(request, "comments/report.html", context, status=422)
    try:
        Report.make(shown, member(request), **form.cleaned_data)
    except AlreadyReported:
        pass  # the same form came twice at once; the first stands, and the page says so
    except Refused as refusal:
        context["slow"] = str(refusal)
        return with_wait(render(request, "comments/report.html", context), refusal)
    except InvalidMove as error:
        context["problem"] = str(error)
        return render(request, "comments/report.html", context, status=409)
    return HttpResponseRedirect(request.path, status=SEE_OTHER)


# Following


@login_required
@never_cache
@form_page
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow the thread that a comment is in, or stop."""
    # Who follows a thread can stop, also when its first comment is not shown any more.
    own = Follow.objects.readable().filter(reader=member(request), thread__pk=pk).first()
    shown = own.thread if own and own.thread else visible_comment(pk)
    return _follow(request, shown.article, shown, shown.root or shown)


@login_required
@never_cache
@form_page
def follow_story(request: HttpRequest, year: str, month: str, day: str, slug: str) -> HttpResponse:
    """Follow a story, or stop."""
    return _follow(request, _conversed(Article.objects.at_address(year, month, day, slug)))


@login_required
@never_cache
@form_page
def follow_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Follow a standing page, or stop."""
    return _follow(request, _conversed(Article.objects.page_at(slug)))


def _conversed(found: ArticleQuerySet) -> Article:
    return get_object_or_404(found.showing_comments().select_related("section"))


def _follow(
    request: HttpRequest,
    article: Article,
    shown: Comment | None = None,
    thread: Comment | None = None,
) -> HttpResponse:
    back = place(shown) if shown else f"{article.get_absolute_url()}#comments"
    refusal = None
    if request.method == "POST":
        try:
            Follow.turn(member(request), article, thread, wanted(request))
        except Refused as error:
            refusal = error
        else:
            if not is_htmx(request):
                came_from_list = request.POST.get("from") == "list"
                address = reverse("comments:followed") if came_from_list else back
                return HttpResponseRedirect(address, status=SEE_OTHER)
    own = Follow.objects.filter(reader=member(request), article=article, thread=thread)
    is_followed = own.exists()
    context = {
        "article": article,
        "comment": thread,
        "is_followed": is_followed,
        "threads": {"follows_story": is_followed},
        "back": back,
        "problem": str(refusal) if refusal else "",
    }
    template = "comments/follow.html"
    if is_htmx(request) and request.method == "POST":
        template = "comments/_follow.html" if thread else "comments/_follow_story.html"
    response = render(request, template, context)
    return with_wait(response, refusal) if refusal else response


@login_required
@never_cache
@require_safe
def followed(request: HttpRequest) -> HttpResponse:
    """Show the stories and threads one follows, latest first, each with a button to stop."""
    own = Follow.objects.readable().filter(reader=member(request))
    page = Paginator(own, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "comments/followed.html", {"page": page})


# Muting


@login_required
@never_cache
@form_page
def mute(request: HttpRequest, username: str) -> HttpResponse:
    """Mute a person, or hear them again, after saying what that means."""
    earlier = (
        Mute.objects.filter(reader=member(request), muted__username__iexact=username)
        .select_related("muted")
        .first()
    )
    # A mute can be ended when its person has left, too.
    person = earlier.muted if earlier else find_person(username)
    came_from = _came_from(request)
    context: dict[str, Any] = {"person": person, "is_muted": bool(earlier), "came_from": came_from}
    if request.method != "POST":
        try:
            Mute.refuse(member(request), person)
        except NotToBeMuted as error:
            context["problem"] = str(error)
        return render(request, "comments/mute.html", context)
    try:
        is_muted = Mute.turn(member(request), person, wanted(request))
    except Refused as refusal:
        context["slow"] = str(refusal)
        return with_wait(render(request, "comments/mute.html", context), refusal)
    except NotToBeMuted as error:
        context["problem"] = str(error)
        return render(request, "comments/mute.html", context, status=409)
    said = "You mute {}. Their comments fold." if is_muted else "You hear {} again."
    messages.success(request, said.format(person.name))
    if request.POST.get("from") == "list" or not person.is_active:
        address = reverse("comments:muted")
    elif came_from:
        address = place(came_from)
    else:
        address = person.get_absolute_url()
    return HttpResponseRedirect(address, status=SEE_OTHER)


def _came_from(request: HttpRequest) -> Comment | None:
    """Return the comment from whose menu the visitor came, to lead back to it."""
    given = (request.POST if request.method == "POST" else request.GET).get("from", "")
    if (pk := rows.number(given)) is None:
        return None
    return Comment.objects.readable().select_related("article", "root").filter(pk=pk).first()


@login_required
@never_cache
@require_safe
def muted(request: HttpRequest) -> HttpResponse:
    """Show the people one mutes, each with a button to hear them again."""
    own = Mute.objects.filter(reader=member(request)).select_related("muted")
    page = Paginator(own, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "comments/muted.html", {"page": page})


# Picking


@login_required
@never_cache
@form_page
def pick(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a comment an editors' pick, change why it is one, or take the pick back."""
    if not cast(User, request.user).has_perm("comments.pick_comment"):
        raise Http404
    shown = visible_comment(pk)
    unpicks = wanted(request) is False
    form = PickForm(
        request.POST if request.method == "POST" and not unpicks else None,
        initial={"reason": shown.pick_reason},
    )
    status = 200
    if request.method == "POST":
        status = _unpick(shown, member(request)) if unpicks else _pick(shown, form, member(request))
        if status == SEE_OTHER:
            return HttpResponseRedirect(place(shown), status=SEE_OTHER)
    picks = list(shown.article.comments.picked().with_people())
    context = {
        "article": shown.article,
        "comment": shown,
        "form": form,
        "picks": picks,
        "most": Comment.MAX_PICKS,
        "is_pick": any(one.pk == shown.pk for one in picks),
        "is_own": shown.author_id == member(request).pk,
    }
    return render(request, "comments/pick.html", context, status=status)


def _pick(shown: Comment, form: PickForm, by: User) -> int:
    """Pick, and return the status of the answer; errors stand beside the field."""
    if not form.is_valid():
        return 422
    try:
        shown.pick(by=by, reason=form.cleaned_data["reason"])
    except InvalidMove as error:
        form.add_error("reason", str(error))
        return 409
    return SEE_OTHER


def _unpick(shown: Comment, by: User) -> int:
    with suppress(InvalidMove):  # taken back already, it stays so
        shown.unpick(by=by)
    return SEE_OTHER
