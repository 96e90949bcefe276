"""What readers do in the conversation: read it, write, answer, take back, respect, report."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from articles.models import Article, ArticleQuerySet
from comments import drafts, threads
from comments.forms import CommentForm, ReportForm
from comments.models import ClosedToEdits, Comment, Draft, InvalidMove, Refused, Report
from newsroom.shared_pages import shared_page

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


# Reading


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
        return write(request, article, _parent(request, article))
    return render(
        request,
        "comments/_conversation.html" if is_htmx(request) else "comments/thread.html",
        conversation(request, article),
    )


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
    return {"article": article, "threads": page, **extra}


@require_safe
@shared_page
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a comment with what it answers above and its replies below: the permalink."""
    shown = _readable(request, pk)
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


def _readable(request: HttpRequest, pk: int) -> Comment:
    """Return a comment that this visitor may see: visible or a place, or the own held one."""
    found = get_object_or_404(
        Comment.objects.with_people().select_related("article__section", "root", "parent__author"),
        pk=pk,
        article__in=Article.objects.published(),
    )
    is_own = found.author_id is not None and found.author_id == request.user.pk
    if not found.article.shows_comments or not (found.is_placed or (is_own and found.is_pending)):
        raise Http404
    return found


def _visible(pk: int) -> Comment:
    return get_object_or_404(
        Comment.objects.readable()
        .with_people()
        .select_related("article__section", "root", "parent__author"),
        pk=pk,
    )


# Writing


def _parent(request: HttpRequest, article: Article) -> Comment | None:
    pk = request.POST.get("parent", "")
    if not pk:
        return None
    if not (pk.isdecimal() and len(pk) < 19):
        raise Http404
    return get_object_or_404(
        article.comments.placed().with_people().select_related("root"), pk=int(pk)
    )


@form_page
@csrf_exempt  # an anonymous reply form is kept by caches; what changes anything checks it itself
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form for a reply, or take it."""
    parent = _visible(pk)
    if request.method == "POST":
        return write(request, parent.article, parent)
    form = CommentForm.fresh() if reader(request) else CommentForm()
    template = "comments/_reply_form.html" if is_htmx(request) else "comments/write.html"
    return render(request, template, {"article": parent.article, "parent": parent, "form": form})


def write(request: HttpRequest, article: Article, parent: Comment | None) -> HttpResponse:
    """Take what was typed: preview it, post it, or first ask its author to log in."""
    form = CommentForm(request.POST)
    context = {"article": article, "parent": parent, "form": form}
    if not form.is_valid():
        return _form_again(request, context, 422)
    if "preview" in request.POST:
        shown = Comment(article=article, author=reader(request))
        shown.set_body(form.cleaned_data["body"])
        return _form_again(request, context | {"preview": shown}, 200)
    if reader(request) is None:
        if request.POST.get("then") in {"login", "signup"}:
            return _keep_draft(request, article, parent, form)
        return _form_again(request, context | {"ask_to_log_in": True}, 200)
    return _post(request, article, parent, form)


def _form_again(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    in_place = is_htmx(request) and reader(request) is not None
    # Logging in is a page of its own, with a token that no shared page carries.
    template = "comments/_reply_form.html" if in_place else "comments/write.html"
    return render(request, template, context, status=status)


@csrf_protect
def _keep_draft(
    request: HttpRequest, article: Article, parent: Comment | None, form: CommentForm
) -> HttpResponse:
    draft = drafts.keep(request, article, parent, form.cleaned_data["body"])
    page = "account_signup" if request.POST["then"] == "signup" else "account_login"
    address = reverse(page) + "?" + urlencode({"next": draft.get_absolute_url()})
    return HttpResponseRedirect(address, status=SEE_OTHER)


@csrf_protect
def _post(
    request: HttpRequest, article: Article, parent: Comment | None, form: CommentForm
) -> HttpResponse:
    new = Comment(
        article=article,
        author=member(request),
        form_key=form.cleaned_data["key"],
        ip_address=request.META.get("REMOTE_ADDR") or None,
    )
    new.answer_to(parent)
    new.set_body(form.cleaned_data["body"])
    try:
        new = new.submit()
    except Refused as refusal:
        form.add_error("body", str(refusal))
        context = {"article": article, "parent": parent, "form": form}
        response = _form_again(request, context, 429 if refusal.retry_after else 422)
        if refusal.retry_after:
            response["Retry-After"] = str(refusal.retry_after)
        return response
    return _show_posted(request, new)


def _show_posted(request: HttpRequest, new: Comment) -> HttpResponse:
    """Answer with the conversation and the new comment in its place."""
    on_article = request.POST.get("from") == "article" and threads.is_on_article_page(new)
    if is_htmx(request) and on_article:
        new.article.refresh_from_db()
        context = conversation(
            request, new.article, after=threads.page_of(new), posted=new.pk, count_moved=True
        )
        response = render(request, "comments/_conversation.html", context)
        response["HX-Retarget"] = "#conversation"
        response["HX-Reswap"] = "outerHTML"
        return response
    request.session["posted"] = new.pk
    address = place(new)
    if is_htmx(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address, status=SEE_OTHER)


def place(comment: Comment) -> str:
    """Return the address at which a comment stands: in its article, at its anchor.

    A reply beyond those that the article shows of its thread stands at its permalink.
    """
    if not threads.is_on_article_page(comment):
        return f"{comment.get_absolute_url()}#{comment.anchor}"
    cursor = threads.page_of(comment)
    query = f"?after={cursor}" if cursor else ""
    return f"{comment.article.get_absolute_url()}{query}#{comment.anchor}"


@login_required
@never_cache
@form_page
def draft(request: HttpRequest, key: str) -> HttpResponse:
    """Show what became of a text written before log-in; from here it can be posted again."""
    kept = get_object_or_404(Draft.objects.select_related("article", "parent"), pk=key)
    if kept.author_id != request.user.pk:
        raise Http404
    if kept.comment is None and request.method == "POST":
        kept.post(by=member(request))
    if kept.comment is not None:
        request.session["posted"] = kept.comment.pk
        return HttpResponseRedirect(place(kept.comment), status=SEE_OTHER)
    form = CommentForm({"body": kept.body, "key": kept.key})
    form.is_valid()
    if kept.problem:
        form.add_error("body", kept.problem)
    context = {"article": kept.article, "parent": kept.parent, "form": form}
    return render(request, "comments/write.html", context)


def _own(request: HttpRequest, pk: int) -> Comment:
    return get_object_or_404(
        Comment.objects.select_related("article", "root", "parent__author"),
        pk=pk,
        author=member(request),
        article__in=Article.objects.published(),
    )


@login_required
@never_cache
@form_page
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own comment, while that is open."""
    own = _own(request, pk)
    until = own.edit_open_until()
    form = CommentForm(request.POST or None, initial={"body": own.body})
    context = {"article": own.article, "comment": own, "form": form, "until": until}
    if request.method == "POST" and form.is_valid():
        try:
            own.edit(form.cleaned_data["body"])
        except ClosedToEdits:
            context["until"] = None
            form.add_error("body", "The time to change this comment is over.")
            return render(request, "comments/edit.html", context, status=409)
        except Refused as refusal:
            form.add_error("body", str(refusal))
            return render(request, "comments/edit.html", context, status=422)
        return HttpResponseRedirect(place(own), status=SEE_OTHER)
    status = 422 if form.is_bound else 200 if until else 409
    return render(request, "comments/edit.html", context, status=status)


@login_required
@never_cache
@form_page
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own comment, after saying what that means."""
    own = _own(request, pk)
    context = {"article": own.article, "comment": own, "problem": ""}
    if request.method == "POST":
        try:
            own.remove(by=member(request))
        except InvalidMove as error:
            return render(
                request, "comments/delete.html", context | {"problem": str(error)}, status=409
            )
        return HttpResponseRedirect(f"{own.article.get_absolute_url()}#comments", status=SEE_OTHER)
    return render(request, "comments/delete.html", context)


# Taking part


@login_required
@never_cache
@form_page
def respect(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a comment one's respect, or take it back."""
    shown = _visible(pk)
    if request.method != "POST":
        return render(
            request,
            "comments/respect.html",
            {
                "article": shown.article,
                "comment": shown,
                "is_respected": bool(threads.respected_by(member(request), [shown.pk])),
            },
        )
    try:
        shown.turn_respect(member(request))
    except InvalidMove:
        return render(
            request,
            "comments/respect.html",
            {"article": shown.article, "comment": shown, "is_own": True},
            status=409,
        )
    if is_htmx(request):
        return render(
            request,
            "comments/_respect.html",
            {
                "comment": shown,
                "is_respected": bool(threads.respected_by(member(request), [shown.pk])),
            },
        )
    return HttpResponseRedirect(place(shown), status=SEE_OTHER)


@login_required
@never_cache
@form_page
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell the desk what is wrong with a comment, once."""
    shown = _visible(pk)
    earlier = Report.objects.filter(comment=shown, reporter=member(request)).first()
    form = ReportForm(request.POST or None)
    context = {"article": shown.article, "comment": shown, "form": form, "earlier": earlier}
    if request.method == "POST" and earlier is None and form.is_valid():
        form.instance.comment, form.instance.reporter = shown, member(request)
        try:
            with transaction.atomic():
                context["earlier"] = form.save()
        except IntegrityError:
            # The same report came twice at once; the first stands.
            context["earlier"] = Report.objects.get(comment=shown, reporter=member(request))
        return render(request, "comments/report.html", context | {"thanks": True})
    status = 422 if form.is_bound and earlier is None else 200
    return render(request, "comments/report.html", context, status=status)


@login_required
@never_cache
@require_safe
def own_comments(request: HttpRequest) -> HttpResponse:
    """Show one's own comments: where each stands, why, and what can be done."""
    own = (
        Comment.objects.filter(author=member(request))
        .select_related("article")
        .prefetch_related("findings", "decisions")
        .order_by("-created_at", "-pk")
    )
    page = Paginator(own, 20).get_page(request.GET.get("page"))
    return render(request, "comments/own.html", {"page": page})


@require_safe
@shared_page
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules of the conversation, and what happens to a comment."""
    return render(request, "comments/rules.html")
