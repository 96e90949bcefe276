"""A story's revisions: which there are, where any two differ, and one brought back."""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from articles import revisions, stale
from articles.models import Article, Autosave, InvalidMove, NotReady, Revision, StaleSave
from articles.models.revision import Content

if TYPE_CHECKING:
    from articles.admin.article import ArticleAdmin

SHOWN = 100
# In the place of a revision's number: what is stored now, and what one typed and did not save.
STORED, UNSAVED = "stored", "unsaved"


def urls(desk: "ArticleAdmin") -> list[URLPattern]:
    """The addresses of the revisions, below their story's."""

    def to(view: Any) -> Any:
        return desk.admin_site.admin_view(partial(view, desk=desk))

    name = "articles_article_{}".format
    return [
        path("<int:pk>/revisions/", to(revision_list), name=name("revisions")),
        path("<int:pk>/revisions/compare/", to(comparison), name=name("comparison")),
        path("<int:pk>/revisions/<int:number>/restore/", to(restore), name=name("restore")),
    ]


def _story(desk: "ArticleAdmin", request: HttpRequest, pk: int) -> Article:
    story = get_object_or_404(desk.get_queryset(request), pk=pk)
    if not desk.has_view_or_change_permission(request, story):
        raise PermissionDenied
    return story


def _context(desk: "ArticleAdmin", request: HttpRequest, story: Article) -> dict[str, Any]:
    return {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "original": story,
        "subtitle": str(story),
        "may_restore": desk.has_change_permission(request, story),
    }


@require_safe
def revision_list(request: HttpRequest, desk: "ArticleAdmin", pk: int) -> HttpResponse:
    """Every save of a story, newest first, with what it came to. Four queries of its own."""
    story = _story(desk, request, pk)
    found = story.revisions.select_related("by").defer("stored").order_by("-number")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 9:
        found = found.filter(number__lt=int(before))
    shown = list(found[: SHOWN + 1])
    has_more = len(shown) > SHOWN
    shown = shown[:SHOWN]
    unsaved = story.autosaves.select_related("by").defer("fields").order_by("-at")
    context = _context(desk, request, story) | {
        "title": "Revisions",
        "revisions": shown,
        "more_before": shown[-1].number if has_more else None,
        "unsaved": [] if before else list(unsaved),
        "newest": shown[0] if shown and not before else None,
    }
    return render(request, "admin/articles/article/revisions.html", context)


@require_safe
def comparison(request: HttpRequest, desk: "ArticleAdmin", pk: int) -> HttpResponse:
    """Two revisions, field by field and word by word; the older one first, however they came."""
    story = _story(desk, request, pk)
    sides = [
        _side(desk, request, story, request.GET.get(name, default))
        for name, default in (("old", "1"), ("new", STORED))
    ]
    sides.sort(key=lambda side: side["place"])
    old, new = sides
    changes = revisions.compare(old["content"], new["content"])
    context = _context(desk, request, story) | {
        "title": "What changed",
        "old": old,
        "new": new,
        "changes": changes,
        "came": sum(change.words[0] for change in changes),
        "went": sum(change.words[1] for change in changes),
    }
    return render(request, "admin/articles/article/comparison.html", context)


def _side(desk: "ArticleAdmin", request: HttpRequest, story: Article, asked: str) -> dict[str, Any]:
    """Return one side of a comparison. Raises ``Http404`` for what there is not."""
    if asked == STORED:
        return {"place": 10**9, "name": "the story as it is stored", "revision": None,
                "content": revisions.content_of(story)}  # fmt: skip
    if asked == UNSAVED:
        # Nobody else's: what is not saved is not said.
        by: Any = request.user
        kept = Autosave.of(story, by)
        if kept is None:
            raise Http404("Nothing is waiting to be saved.")
        return {"place": 10**9 + 1, "name": "what you typed and did not save", "revision": None,
                "content": _typed(story, kept)}  # fmt: skip
    if not asked.isdecimal() or len(asked) > 8:
        raise Http404("No such revision.")
    whole = story.revisions.whole().select_related("base", "by")
    revision: Revision = get_object_or_404(whole, number=int(asked))
    return {"place": revision.number, "name": f"revision {revision.number}",
            "revision": revision, "content": revision.content}  # fmt: skip


def _typed(story: Article, kept: Autosave) -> Content:
    data = stale.as_data(kept.fields)
    stored = revisions.content_of(story)
    named = {name: None for name in revisions.FIELDS if name in kept.fields}
    return {**stored, **stale.typed(data, named)}


@require_POST
def restore(request: HttpRequest, desk: "ArticleAdmin", pk: int, number: int) -> HttpResponse:
    """Save the story as it was in a revision: a new one, so that nothing is lost by it."""
    story = _story(desk, request, pk)
    if not desk.has_change_permission(request, story):
        raise PermissionDenied
    whole = story.revisions.whole()
    revision: Revision = get_object_or_404(whole, number=number)
    by: Any = request.user
    seen = request.POST.get("seen_version", "")
    try:
        lost = revisions.restore(
            revision,
            by,
            int(seen) if seen.isdecimal() and len(seen) < 10 else None,
            request.POST.get("reason", ""),
        )
    except StaleSave:
        said = "Somebody saved this story meanwhile. Look at what changed before you restore."
        messages.warning(request, said)
    except NotReady as error:
        said = f"Readers have this story, and it would lack: {'; '.join(error.missing)}."
        messages.warning(request, f"Not restored. {said}")
    except InvalidMove as error:
        messages.warning(request, f"Not restored. {error}")
    else:
        desk.log_change(request, story, f"Restored revision {number}.")
        messages.success(request, f"Revision {number} is restored, as a new revision.")
        if lost:
            messages.warning(request, revisions.not_back(lost))
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[pk]))
    return HttpResponseRedirect(reverse("admin:articles_article_revisions", args=[pk]))
