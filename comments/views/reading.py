"""Reading the conversation: under a story, alone, and from one comment."""

import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from articles.models import Article, ArticleQuerySet
from comments import threads
from comments.models import Comment
from comments.nodes import Node
from comments.views.visitors import (
    conversation,
    form_page,
    is_htmx,
    mark_new,
    place_back,
    readable_comment,
    reader,
)
from comments.views.writing import write_under_page, write_under_story
from newsroom.shared_pages import shared_page


@form_page
@csrf_exempt  # an anonymous page carries no token; what changes anything checks it itself
@shared_page
def thread(request: HttpRequest, year: str, month: str, day: str, slug: str) -> HttpResponse:
    """Show the conversation under a story alone, or take a new comment."""
    if request.method == "POST":
        return write_under_story(request, year, month, day, slug)
    return _thread(request, _conversed(Article.objects.at_address(year, month, day, slug)))


@form_page
@csrf_exempt  # as above
@shared_page
def page_thread(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the conversation under a standing page alone, or take a new comment."""
    if request.method == "POST":
        return write_under_page(request, slug)
    return _thread(request, _conversed(Article.objects.page_at(slug)))


def _conversed(found: ArticleQuerySet) -> Article:
    return get_object_or_404(found.showing_comments().for_page())


def _thread(request: HttpRequest, article: Article) -> HttpResponse:
    since = _number(request.GET.get("since", ""))
    if since is not None:
        page = threads.since(article, since, reader(request))
        mark_new(request, page)
        return render(
            request,
            "comments/since.html",
            {"article": article, "threads": page, "since": since},
        )
    return render(
        request,
        "comments/_conversation.html" if is_htmx(request) else "comments/thread.html",
        conversation(request, article),
    )


def _number(given: str) -> int | None:
    """Return the number of a comment given in an address, or ``None`` for anything else."""
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else None


@require_safe
def latest(request: HttpRequest, year: str, month: str, day: str, slug: str) -> HttpResponse:
    """Say how far the conversation under a story has come, for pages that lie open."""
    return _latest(Article.objects.at_address(year, month, day, slug))


@require_safe
def page_latest(request: HttpRequest, slug: str) -> HttpResponse:
    """Say how far the conversation under a standing page has come."""
    return _latest(Article.objects.page_at(slug))


def _latest(found: ArticleQuerySet) -> HttpResponse:
    article = get_object_or_404(found.showing_comments().only("last_number", "comment_count"))
    answer = JsonResponse({"last": article.last_number, "count": article.comment_count})
    # The same for everybody, cookies or not: it says no more than every page does.
    answer["Cache-Control"] = "public, max-age=0, s-maxage=10, stale-while-revalidate=30"
    return answer


@require_safe
@shared_page
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a comment with what it answers above and its replies below: the permalink."""
    shown = readable_comment(request, pk)
    return _comment(request, shown)


@require_safe
@shared_page
def replies(request: HttpRequest, pk: int) -> HttpResponse:
    """Show further replies below a comment: for htmx those alone, else in the comment's page."""
    shown = readable_comment(request, pk)
    if not is_htmx(request):
        return _comment(request, shown)
    # The reader's own that wait stand on the page already.
    _, page = threads.conversation(shown, _after(request), reader(request), with_held=False)
    _carry(request, page)
    if visitor := reader(request):
        page.mark_as_before(visitor)
    context = {"article": shown.article, "threads": page, "node": page.nodes[0]}
    return render(request, "comments/_replies.html", context)


def _comment(request: HttpRequest, shown: Comment) -> HttpResponse:
    ancestors, page = threads.conversation(shown, _after(request), reader(request))
    _carry(request, page)
    return render(
        request,
        "comments/comment.html",
        {
            "article": shown.article,
            "comment": shown,
            "ancestors": [Node(one) for one in ancestors],
            "threads": page,
            "back": place_back(request, shown),
            "marked": shown.pk,
            # The comment that this reader has just sent, to be pointed at once.
            "posted": request.session.pop("posted", None) if reader(request) else None,
        },
    )


def _after(request: HttpRequest) -> int:
    return _number(request.GET.get("after", "")) or 0


def _carry(request: HttpRequest, page: threads.Threads) -> None:
    """Have the links of this page lead back to where its visitor came from."""
    order, after = request.GET.get("order", "oldest"), request.GET.get("from", "")
    page.order = order if order in threads.ORDERS else "oldest"
    page.after = after if threads.is_cursor(page.order, after) else ""


@require_safe
@shared_page
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules of the conversation, and what happens to a comment."""
    return render(request, "comments/rules.html")
