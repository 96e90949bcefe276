"""What goes on while a story is written: typed text that is kept, who is at it, links to show it.

The form works without any of this. Its script sends what was typed every few seconds and asks who
else is there; a form that comes back unsaved is filled from the same rows by the server.
"""

import contextlib
import datetime
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST

from articles import revisions, stale
from articles.models import Article, Autosave, Presence, PreviewLink
from articles.models.editing import TooLong

if TYPE_CHECKING:
    from articles.admin.article import ArticleAdmin

# So many saves of a session are remembered, to tell its scripts which copies they may forget.
REMEMBERED = 20
COPY = "local_copy"
# Of a form's values, those that are not what was typed.
NOT_TYPED = {
    "csrfmiddlewaretoken",
    "seen_version",
    COPY,
    "preview_note",
    "preview_days",
    stale.HELD,
}
NOT_TYPED_EITHER = ("merge-", "_")


def urls(desk: "ArticleAdmin") -> list[URLPattern]:
    """The addresses that the form and its script send to."""

    def to(view: Callable[..., HttpResponse]) -> Any:
        return desk.admin_site.admin_view(partial(view, desk=desk))

    name = "articles_article_{}".format
    return [
        path("autosave/", to(autosave), name=name("autosave_new")),
        path("autosave/discard/", to(discard), name=name("autosave_discard_new")),
        path("<int:pk>/autosave/", to(autosave), name=name("autosave")),
        path("<int:pk>/autosave/discard/", to(discard), name=name("autosave_discard")),
        path("<int:pk>/presence/", to(presence), name=name("presence")),
        path("<int:pk>/take-over/", to(take_over), name=name("take_over")),
        path("<int:pk>/preview-links/", to(preview_links), name=name("preview_links")),
        path("<int:pk>/preview-links/<int:link>/revoke/", to(revoke), name=name("preview_revoke")),
    ]


def _mine(desk: "ArticleAdmin", request: HttpRequest, pk: int | None) -> Article | None:
    """Return the story, if this person may change it; None for one that is not saved yet."""
    if pk is None:
        if not desk.has_add_permission(request):
            raise PermissionDenied
        return None
    story = get_object_or_404(desk.get_queryset(request), pk=pk)
    if not desk.has_change_permission(request, story):
        raise PermissionDenied
    return story


def _form_url(article: Article | None) -> str:
    if article is None:
        return reverse("admin:articles_article_add")
    return reverse("admin:articles_article_change", args=[article.pk])


def clock(moment: datetime.datetime) -> str:
    """Return the time of day, with the day if that was another."""
    local = timezone.localtime(moment)
    same = local.date() == timezone.localdate()
    return f"{local:%H:%M}" if same else f"{local:%-d %B, %H:%M}"


# Typed text that is not saved


@require_http_methods(["GET", "HEAD", "POST"])
def autosave(request: HttpRequest, desk: "ArticleAdmin", pk: int | None = None) -> HttpResponse:
    """Keep what is in the form. Asked without words, it gives a token for a form that lost its own.

    After a log-in in another tab the old form's token is no good any more.
    """
    article = _mine(desk, request, pk)
    if request.method != "POST":
        return JsonResponse({"token": get_token(request)})
    try:
        kept = keep(request, article)
    except TooLong as error:
        return JsonResponse({"error": str(error)}, status=413)
    return JsonResponse({"at": f"{timezone.localtime(kept.at):%H:%M:%S}"})


def keep(request: HttpRequest, article: Article | None) -> Autosave:
    """Keep the values of a posted form for their editor. Raises ``TooLong``."""
    seen = request.POST.get("seen_version", "")
    fields = {
        name: request.POST.getlist(name)
        for name in request.POST
        if name not in NOT_TYPED and not name.startswith(NOT_TYPED_EITHER)
    }
    by: Any = request.user
    return Autosave.keep(
        article, by, fields, int(seen) if seen.isdecimal() and len(seen) < 10 else None
    )


@require_POST
def discard(request: HttpRequest, desk: "ArticleAdmin", pk: int | None = None) -> HttpResponse:
    """Forget what was typed and not saved."""
    article = _mine(desk, request, pk)
    by: Any = request.user
    Autosave.objects.filter(article=article, by=by).delete()
    messages.info(request, "Discarded. This is the story as it is saved.")
    return HttpResponseRedirect(_form_url(article))


def prepare(desk: "ArticleAdmin", request: HttpRequest, object_id: str | None) -> None:
    """Make of a request for the form what it is to show: text found again, or put together.

    What comes out of it is marked as held, so that nothing is saved by it.
    """
    if request.method == "GET" and "autosave" in request.GET:
        _find_again(desk, request, object_id)
    elif request.method == "POST" and object_id and object_id.isdecimal():
        _fit(desk, request, int(object_id))


def _find_again(desk: "ArticleAdmin", request: HttpRequest, object_id: str | None) -> None:
    pk = int(object_id) if object_id and object_id.isdecimal() else None
    if object_id and pk is None:
        return
    try:
        article = _mine(desk, request, pk)
    except (PermissionDenied, Http404):
        return  # as the form itself will say
    by: Any = request.user
    kept = Autosave.of(article, by)
    if kept is None:
        return
    data = stale.as_data(kept.fields)
    if kept.seen_version is not None:
        data["seen_version"] = str(kept.seen_version)
    if article is not None:
        data = stale.fitted(article, data)
    data[stale.HELD] = "found"
    # Django reads the request's own body for both, once: before this is a form that was sent.
    _ = request.FILES
    request.method, request.POST = "POST", data  # type: ignore[assignment]


def _fit(desk: "ArticleAdmin", request: HttpRequest, pk: int) -> None:
    version = Article.objects.filter(pk=pk).values_list("version", flat=True).first()
    if version is None or request.POST.get("seen_version", "") == str(version):
        return
    article = get_object_or_404(desk.get_queryset(request), pk=pk)
    data: QueryDict = request.POST
    if "_merge" in data:
        fields = flatten_fieldsets(desk.get_fieldsets(request, article))
        form = desk.get_form(request, article, change=True, fields=fields)
        data = stale.put_together(article, data, form.base_fields)
        data[stale.HELD] = "merged"
    else:
        data = stale.fitted(article, data)
    request.POST = data  # type: ignore[assignment]


# The form's surroundings


def around(
    request: HttpRequest, article: Article | None, form: Any, may_change: bool
) -> dict[str, Any]:
    """Return what the form shows besides the story: who is there, and what was not saved."""
    is_popup = IS_POPUP_VAR in request.GET or IS_POPUP_VAR in request.POST
    if not may_change or is_popup or request.method == "HEAD":
        return {}
    by: Any = request.user
    if getattr(form, "stored", None) is not None and stale.HELD not in request.POST:
        with contextlib.suppress(TooLong):
            keep(request, article)  # a refused save is not lost with its page either
    held = request.POST.get(stale.HELD, "")
    context: dict[str, Any] = {"is_edited": True, "held": held, "is_typed": bool(request.POST)}
    context["autosave"] = None if request.POST else Autosave.of(article, by)
    if held == "found":
        context["autosave"] = Autosave.of(article, by)
    if held or getattr(form, "stored", None) is not None:
        context["errors"] = []  # said in kinder words above the form
    if held == "merged" and article is not None:
        result = stale.typed(request.POST, form.fields)
        # Not the form's own row, into which what was typed is written already.
        before = revisions.content_of(Article.objects.get(pk=article.pk))
        context["changes"] = revisions.compare(before, {**before, **result})
    if article is not None:
        own, others = Presence.open(article, by)
        context |= {
            "others": others,
            "presence": own,
            "preview_links": list(article.preview_links.select_related("by")[:20]),
            "preview_days": PreviewLink.DAYS,
            "now": timezone.now(),
        }
    context["saved_copies"] = " ".join(request.session.get("saved_copies", []))
    return context


def saved(request: HttpRequest, form: Any, is_new: bool) -> None:
    """Do what follows a save, in its transaction: its revision, and the end of what was kept."""
    article: Article = form.instance
    by: Any = request.user
    revisions.take(
        article,
        by,
        note=form.cleaned_data.get("lock_reason") or "",
        is_substantive=form.cleaned_data.get("change") == "substantive",
    )
    Autosave.objects.filter(article=None if is_new else article, by=by).delete()
    if not is_new:
        Presence.take_over(article, by)
    if copy := request.POST.get(COPY, "")[:40]:
        copies = request.session.get("saved_copies", [])
        request.session["saved_copies"] = [*copies, copy][-REMEMBERED:]


# Who is there


@require_http_methods(["GET", "HEAD", "POST"])
def presence(request: HttpRequest, desk: "ArticleAdmin", pk: int) -> HttpResponse:
    """Note that the form is open still, or that it was closed; say who else has it open."""
    article = _mine(desk, request, pk)
    by: Any = request.user
    assert article is not None  # noqa: S101 - it has a key
    if request.method != "POST":
        return JsonResponse({"token": get_token(request)})
    if closed := request.POST.get("closed", ""):
        opened_at = _moment(closed)
        if opened_at is not None:
            Presence.leave(article, by, opened_at)
        return HttpResponse(status=204)
    own, others = Presence.beat(article, by)
    taken = own.taken_over_by
    return JsonResponse(
        {
            "others": [_is_here(other) for other in others],
            "taken": f"{taken.name} took this over at {clock(own.taken_over_at)}. What you typed "
            "is kept; saving compares first."
            if taken and own.taken_over_at
            else "",
            "version": article.version,
            "opened": own.opened_at.isoformat(),
        }
    )


def _moment(text: str) -> datetime.datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None


def _is_here(other: Presence) -> str:
    return f"{other.by.name} has this open since {clock(other.since)}."


@require_POST
def take_over(request: HttpRequest, desk: "ArticleAdmin", pk: int) -> HttpResponse:
    """Go on with a story that somebody else has open. What was typed by now comes along."""
    article = _mine(desk, request, pk)
    by: Any = request.user
    assert article is not None  # noqa: S101 - it has a key
    taken = Presence.take_over(article, by)
    names = " and ".join(row.by.name for row in taken)
    said = f"You took it over from {names}, who will be told." if taken else "Nobody else is here."
    if "seen_version" in request.POST and stale.is_typed_in(article, request.POST):
        try:
            keep(request, article)
        except TooLong:
            pass
        else:
            messages.info(request, said)
            return HttpResponseRedirect(f"{_form_url(article)}?autosave=1")
    messages.info(request, said)
    return HttpResponseRedirect(_form_url(article))


# Links to show it


@require_http_methods(["GET", "HEAD", "POST"])
def preview_links(request: HttpRequest, desk: "ArticleAdmin", pk: int) -> HttpResponse:
    """The links by which somebody outside may read the story, and a new one."""
    article = _mine(desk, request, pk)
    assert article is not None  # noqa: S101 - it has a key
    if request.method == "POST":
        days = request.POST.get("preview_days", "")
        if article.was_read or article.is_killed:
            messages.warning(request, "Readers have had this story: there is nothing to preview.")
        elif days not in {str(one) for one in PreviewLink.DAYS}:
            messages.warning(request, "Say for how many days the link is good.")
        else:
            by: Any = request.user
            article.preview_links.create(
                by=by,
                note=request.POST.get("preview_note", "").strip()[:120],
                expires_at=timezone.now() + datetime.timedelta(days=int(days)),
            )
            messages.success(request, "The link is made. Copy it from the list.")
        return _answer(desk, request, article)
    return _answer(desk, request, article)


@require_POST
def revoke(request: HttpRequest, desk: "ArticleAdmin", pk: int, link: int) -> HttpResponse:
    """End a preview link now."""
    article = _mine(desk, request, pk)
    assert article is not None  # noqa: S101 - it has a key
    get_object_or_404(article.preview_links, pk=link).revoke()
    messages.success(request, "The link is ended: whoever opens it is told so.")
    return _answer(desk, request, article)


def _answer(desk: "ArticleAdmin", request: HttpRequest, article: Article) -> HttpResponse:
    """Show the links: in their place in the form for its script, else on a page of their own."""
    context = {
        "original": article,
        "preview_links": list(article.preview_links.select_related("by")[:20]),
        "preview_days": PreviewLink.DAYS,
        "now": timezone.now(),
    }
    if "X-Part" in request.headers:
        context["said"] = [str(message) for message in messages.get_messages(request)]
        return render(request, "admin/articles/article/_preview_links.html", context)
    if request.method == "POST":
        return HttpResponseRedirect(
            reverse("admin:articles_article_preview_links", args=[article.pk])
        )
    context |= {
        **desk.admin_site.each_context(request),
        "title": "Preview links",
        "subtitle": str(article),
        "opts": desk.opts,
        "is_page": True,
    }
    return render(request, "admin/articles/article/preview_links.html", context)
