"""Writing: a comment, an answer, an edit, and taking back what one wrote."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from articles.models import Article
from comments import drafts, threads
from comments.forms import CommentForm
from comments.models import ClosedToEdits, Comment, Draft, InvalidMove, Refused
from comments.views.visitors import (
    SEE_OTHER,
    conversation,
    form_page,
    is_htmx,
    member,
    own_comment,
    place,
    reader,
    visible_comment,
)


def answered(request: HttpRequest, article: Article) -> Comment | None:
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
    parent = visible_comment(pk)
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


@login_required
@never_cache
@form_page
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own comment, while that is open."""
    own = own_comment(request, pk)
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
    own = own_comment(request, pk)
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
