"""The page of one article: the story, its record, and the conversation under it."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles import opened, pictures, stamps, structured
from articles.models import Article
from articles.reading_on import ReadingOn
from newsroom import splice
from newsroom.page_cache import keep
from newsroom.shared_pages import shared_page

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models import PreviewLink


LEAD_SIZES = "(min-width: 64rem) 60rem, 100vw"


@require_safe
@shared_page
def article(request: HttpRequest, year: str, month: str, day: str, slug: str) -> HttpResponse:
    """Show a published story with its conversation, or the notice of a withdrawn one."""
    return _show(request, opened.story(year, month, day, slug))


@require_safe
@shared_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a standing page with its conversation."""
    return _show(request, opened.page(slug))


def _show(request: HttpRequest, shown: Article) -> HttpResponse:
    request.edition = shown.edition  # type: ignore[attr-defined]
    if shown.is_withdrawn:
        shown.bring_bylines()
        response = render(request, "articles/withdrawn.html", _surroundings(shown))
        response["X-Robots-Tag"] = "noindex"
    else:
        context = _story(shown) | _conversation(request, shown)
        context["json_ld"] = lambda: structured.article(shown, request)
        context["json_ld_end"] = structured.conversation(shown, request)
        response = splice.render(request, "articles/article.html", context)
        if shown.indexing == Article.Indexing.NOINDEX:
            response["X-Robots-Tag"] = "noindex"
    surges_until = shown.surge_until if shown.is_surging else None
    return keep(
        response, stamps.stamp(shown.edition or 0, [shown], [shown.next_change_at, surges_until])
    )


def _surroundings(shown: Article) -> dict[str, Any]:
    return {
        "article": shown,
        "current_section": shown.section,
        # Not even thought of where that part of the page is kept.
        "read_on": ReadingOn(shown),
        # When the list of what else there is to read changes by itself.
        "next_change_at": str(shown.next_change_at),
    }


def _story(shown: Article) -> dict[str, Any]:
    def figure() -> str:
        lead = shown.lead_image
        if lead is None or not lead.has_file:
            return ""
        return pictures.figure_html(lead, LEAD_SIZES, caption=shown.lead_caption_html, eager=True)

    # Functions: where the story's part of the page is kept, nothing is loaded for it.
    return _surroundings(shown) | {"figure": figure, "bring_story": shown.bring_surroundings}


def _conversation(request: HttpRequest, shown: Article) -> dict[str, Any]:
    reader = request.user if request.user.is_authenticated else None
    if not shown.shows_comments:
        return {"threads": None}
    threads = shown.comments.in_threads(
        shown,
        order=request.GET.get("order", "oldest"),
        after=request.GET.get("after", ""),
        reader=reader,
    )
    if reader is not None and request.method == "GET":
        threads.note_visit(reader)
    return {
        "threads": threads,
        # The comment that this reader has just sent, to be pointed at once.
        "posted": request.session.pop("posted", None) if reader else None,
    }


@require_safe
@login_required
@never_cache
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the desk how an article will look, before anybody else may see it."""
    allowed = Article.objects.readable_at_desk(cast("User", request.user))
    return as_preview(request, get_object_or_404(allowed.for_page(), pk=pk))


def as_preview(
    request: HttpRequest, shown: Article, link: "PreviewLink | None" = None
) -> HttpResponse:
    """Show a story on its way as readers will see it; ``link`` is what it was opened by."""
    context = _story(shown) | {"threads": None, "is_preview": True, "preview_link": link}
    response = render(request, "articles/article.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
