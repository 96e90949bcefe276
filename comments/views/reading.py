"""Reading the conversation: under a story, alone, and from one comment."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from articles.models import Article, ArticleQuerySet
from comments import threads
from comments.views.visitors import conversation, form_page, is_htmx, readable_comment, reader
from comments.views.writing import answered, write
from newsroom.shared_pages import shared_page


@form_page
@csrf_exempt  # an anonymous page carries no token; what changes anything checks it itself
@shared_page
def thread(request: HttpRequest, year: str, month: str, day: str, slug: str) -> HttpResponse:
    """Show the conversation under a story alone, or take a new comment."""
    return _thread(request, _conversed(Article.objects.at_address(year, month, day, slug)))


@form_page
@csrf_exempt  # as above
@shared_page
def page_thread(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the conversation under a standing page alone, or take a new comment."""
    return _thread(request, _conversed(Article.objects.page_at(slug)))


def _conversed(found: ArticleQuerySet) -> Article:
    article = get_object_or_404(found.published().for_page())
    if not article.shows_comments:
        raise Http404
    return article


def _thread(request: HttpRequest, article: Article) -> HttpResponse:
    if request.method == "POST":
        return write(request, article, answered(request, article))
    return render(
        request,
        "comments/_conversation.html" if is_htmx(request) else "comments/thread.html",
        conversation(request, article),
    )


@require_safe
@shared_page
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a comment with what it answers above and its replies below: the permalink."""
    shown = readable_comment(request, pk)
    after = request.GET.get("after", "")
    ancestors, page = threads.conversation(
        shown, int(after) if after.isdecimal() and len(after) < 10 else 0, reader(request)
    )
    return render(
        request,
        "comments/comment.html",
        {
            "article": shown.article,
            "comment": shown,
            "ancestors": ancestors,
            "threads": page,
            "marked": shown.pk,
            # The comment that this reader has just sent, to be pointed at once.
            "posted": request.session.pop("posted", None) if reader(request) else None,
        },
    )


@require_safe
@shared_page
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules of the conversation, and what happens to a comment."""
    return render(request, "comments/rules.html")
