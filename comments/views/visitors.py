"""Who is looking, what they may see of the conversation, and where a comment stands."""

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.models import User
from articles.models import Article
from comments import shown, threads
from comments.models import Comment, Refused

SEE_OTHER = 303
form_page = require_http_methods(["GET", "HEAD", "POST"])


def is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def reader(request: HttpRequest) -> User | None:
    """Return who is logged in, or ``None``."""
    return request.user if request.user.is_authenticated else None


def member(request: HttpRequest) -> User:
    """Return who is logged in, in a view that only lets those in."""
    return cast(User, request.user)


def readable_comment(request: HttpRequest, pk: int) -> Comment:
    """Return a comment that this visitor may see: visible or a place, or the own held one."""
    found = get_object_or_404(
        shown.with_record(Comment.objects.with_people()).select_related(
            "article__section", "root", "parent__author"
        ),
        pk=pk,
        article__in=Article.objects.published(),
    )
    is_own = found.author_id is not None and found.author_id == request.user.pk
    if not found.article.shows_comments or not (found.is_placed or (is_own and found.is_pending)):
        raise Http404
    return found


def visible_comment(pk: int) -> Comment:
    return get_object_or_404(
        Comment.objects.readable()
        .with_people()
        .select_related("article__section", "root", "parent__author"),
        pk=pk,
    )


def own_comment(request: HttpRequest, pk: int) -> Comment:
    return get_object_or_404(
        Comment.objects.select_related("article", "root", "parent__author"),
        pk=pk,
        author=member(request),
        article__in=Article.objects.published(),
    )


def with_wait(response: HttpResponse, refusal: Refused) -> HttpResponse:
    """Return the answer to what was refused; it says for how long, where the refusal does."""
    if refusal.retry_after:
        response.status_code = 429
        response["Retry-After"] = str(refusal.retry_after)
    return response


def place(comment: Comment) -> str:
    """Return the address at which a comment stands: in its article, at its anchor.

    A reply beyond those that the article shows of its thread stands at its permalink.
    """
    if not threads.is_on_article_page(comment):
        return f"{comment.get_absolute_url()}#{comment.anchor}"
    cursor = threads.page_of(comment)
    query = f"?after={cursor}" if cursor else ""
    return f"{comment.article.get_absolute_url()}{query}#{comment.anchor}"


def place_back(request: HttpRequest, comment: Comment) -> str:
    """Return where its visitor came from: that page of the article, in its order, at this place.

    The link that led here carried both; without them, or if they are made up, where it stands.
    """
    order = request.GET.get("order", "oldest")
    after = request.GET.get("from", "")
    came_by = {}
    if order in threads.ORDERS and order != "oldest":
        came_by["order"] = order
    if threads.is_cursor(order, after):
        came_by["after"] = after
    if not came_by:
        return place(comment)
    # A reply beyond those that its page shows is reached from its thread's first comment.
    thread = comment if threads.is_on_article_page(comment) else comment.root or comment
    return f"{comment.article.get_absolute_url()}?{urlencode(came_by)}#{thread.anchor}"


def conversation(
    request: HttpRequest, article: Article, after: str | None = None, **extra: Any
) -> dict[str, Any]:
    """Return what ``comments/_conversation.html`` shows of an article's conversation."""
    page = article.comments.in_threads(
        article,
        order=request.GET.get("order", "oldest"),
        after=request.GET.get("after", "") if after is None else after,
        reader=reader(request),
    )
    mark_new(request, page)
    return {"article": article, "threads": page, **extra}


def mark_new(request: HttpRequest, page: threads.Threads) -> None:
    """Mark what is new to who is logged in; opening the page, and nothing less, is a visit."""
    visitor = reader(request)
    if visitor is None:
        return
    if request.method == "GET" and not is_htmx(request):
        page.note_visit(visitor)
    else:
        page.mark_as_before(visitor)
