"""Writing: a comment, an answer, an edit, and taking back what one wrote."""

import datetime
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import DateField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from articles.models import Article, ArticleQuerySet
from comments import civility, diff, drafts, rulebook, text, threads
from comments.checks import ANSWERED_IS_GONE, SaidAlready
from comments.forms import CommentForm, TextForm
from comments.marks import marked
from comments.models import (
    ClosedToEdits,
    Comment,
    Draft,
    InvalidMove,
    PromptCount,
    Refused,
    RuleVersion,
)
from comments.rulebook import Rulebook
from comments.views.visitors import (
    SEE_OTHER,
    conversation,
    form_page,
    is_htmx,
    member,
    own_comment,
    place,
    readable_comment,
    reader,
    visible_comment,
    with_wait,
)
from newsroom import pace, prepared, rows
from newsroom.addresses import client_address

# Beyond these a history is shown from its beginning; nobody edits a comment so often.
MAX_TEXTS = 50
# What was typed into the form for an edit when the session had ended, until its author is back.
KEPT_EDIT = "kept-edit"
NOT_SENT = (
    "Nothing was sent yet: the page was open for long, or you logged in or out in another tab. "
    "Your text is kept. Send it again."
)


class _TokenCheck(CsrfViewMiddleware):
    """Tells whether a form's token is right, where Django would answer with a page of its own."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def has_token(request: HttpRequest) -> bool:
    """Tell whether what was sent comes from a form of ours that this browser was given.

    The views below are exempt from the check that stands before all views, make this one before
    anything changes, and keep the text that was typed where it fails.
    """
    check = _TokenCheck(lambda request: HttpResponse())
    return check.process_view(request, lambda: HttpResponse(), (), {}) is None


def _to_write_under(found: ArticleQuerySet) -> ArticleQuerySet:
    """With the version of what the desk has set; of the texts only a quotation asks."""
    with_version = found.annotate(rule_version=RuleVersion.current())
    return with_version.select_related("section").defer("body", "body_html", "withdrawal_notice")


# As ``at_address`` and ``page_at`` find them.
STORY = prepared.Query(
    lambda: _to_write_under(
        Article.objects.filter(
            kind=Article.Kind.STORY,
            published_on=prepared.Given("day", DateField()),
            slug=prepared.text("slug"),
        )
    )
)
PAGE = prepared.Query(
    lambda: _to_write_under(
        Article.objects.filter(kind=Article.Kind.PAGE, slug=prepared.text("slug"))
    )
)
# It may have been hidden since the form was opened; the text is kept all the same.
ANSWERED = prepared.Query(
    lambda: (
        Comment.objects.filter(pk=prepared.number("pk"), number__isnull=False)
        .with_people()
        .select_related("article__section", "root")
        .annotate(rule_version=RuleVersion.current())
    )
)
ANSWERED_UNDER = prepared.Query(
    lambda: (
        Comment.objects.placed()
        .filter(pk=prepared.number("pk"), article=prepared.number("article"))
        .with_people()
        .select_related("root")
    )
)


def write_under_story(
    request: HttpRequest, year: str, month: str, day: str, slug: str
) -> HttpResponse:
    """Take what was typed under the story at a reader's address."""
    try:
        published_on = datetime.date(int(year), int(month), int(day))
    except ValueError as error:
        raise Http404("There is no such day.") from error
    return _write_under(request, STORY.first(day=published_on, slug=slug))


def write_under_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Take what was typed under a standing page."""
    return _write_under(request, PAGE.first(slug=slug))


def _write_under(request: HttpRequest, article: Article | None) -> HttpResponse:
    if article is None or not article.shows_comments:
        raise Http404("No conversation is open there.")
    return write(request, article, answered(request, article))


def _set_for(article: Article) -> Rulebook:
    """Return what the desk had set when ``article`` was read."""
    if not hasattr(article, "rule_version"):
        return rulebook.current()
    return rulebook.at(article.rule_version)


def answered(request: HttpRequest, article: Article) -> Comment | None:
    """Return the comment that is answered, if any.

    For what never was, what is hidden and what stands under another story it is, alike, one that
    is not saved: ``write`` refuses to answer that, and keeps the text.
    """
    given = request.POST.get("parent", "")
    if not given:
        return None
    pk = rows.number(given)
    found: Comment | None = None
    if pk is not None:
        found = ANSWERED_UNDER.first(pk=pk, article=article.pk)
    if found is None:
        return Comment(article=article)
    found.article = article
    return found


@form_page
@csrf_exempt  # an anonymous reply form is kept by caches; what changes anything checks it itself
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form for a reply, or take it."""
    if request.method == "POST":
        parent = ANSWERED.first(pk=pk)
        if parent is None or not parent.article.shows_comments:
            raise Http404("There is no such comment.")
        parent.article.rule_version = parent.rule_version
        return write(request, parent.article, parent)
    parent = visible_comment(pk)
    article = parent.article
    # A shared cache may keep what an anonymous reader gets, so it names no form.
    form = (
        CommentForm.fresh(article, parent)
        if reader(request)
        else CommentForm(article=article, parent=parent)
    )
    context = {"article": article, "parent": parent, "form": form, "autofocus": is_htmx(request)}
    return _form_again(request, context, 200)


def write(request: HttpRequest, article: Article, parent: Comment | None) -> HttpResponse:
    """Take what was typed: preview it, post it, or first ask its author to log in."""
    form = CommentForm(request.POST, article=article, parent=parent)
    context: dict[str, Any] = {"article": article, "parent": parent, "form": form}
    if parent is not None and not parent.is_visible:
        form.is_valid()
        form.add_error(None, ANSWERED_IS_GONE)
        return _form_again(request, context, 422)
    if "cancel" in request.POST and reader(request):
        return _cancel(request, article, parent, form)
    if not form.is_valid():
        return _form_again(request, context, 422)
    if "preview" in request.POST:
        return _form_again(request, context | {"preview": _unsent(request, context)}, 200)
    if reader(request) is None:
        if request.POST.get("then") in {"login", "signup"}:
            return _keep_draft(request, context)
        said = [] if civility.read(form.cleaned_data["asked"]) else _remarks(form, article)
        return _form_again(request, context | {"ask_to_log_in": True} | _prompt(form, said), 200)
    return _post(request, context)


def _unsent(request: HttpRequest, context: dict[str, Any]) -> Comment:
    """Return the comment that the form would become."""
    form = context["form"]
    unsent = Comment(
        article=context["article"],
        author=reader(request),
        form_key=form.cleaned_data["key"],
        ip_address=client_address(request),
    )
    unsent.rulebook = _set_for(context["article"])
    unsent.answer_to(context["parent"])
    unsent.set_body(form.cleaned_data["body"])
    if passage := form.cleaned_data["quote"]:
        passage.put_on(unsent)
    return unsent


def _form_again(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    if (parent := context["parent"]) and not parent.is_visible:
        # Sent again, the text stands by itself; what it answered is not named any more.
        context["parent"] = None
    template = "comments/_reply_form.html" if is_htmx(request) else "comments/write.html"
    return render(request, template, context, status=status)


def _without_token(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    response = _form_again(request, context | {"trouble": NOT_SENT}, 403)
    # So that the script knows this refusal from others, and shows the form.
    response["X-Form"] = "again"
    return response


def _remarks(form: CommentForm, article: Article) -> list[civility.Remark]:
    book = _set_for(article)
    return civility.remarks(text.render(form.cleaned_data["body"]), book)


def _prompt(form: CommentForm, said: list[civility.Remark]) -> dict[str, Any]:
    """Return what the form shows to ask its author to think again; nothing if nothing was said."""
    if not said:
        return {}
    body = form.cleaned_data["body"]
    words = [one for remark in said for one in remark.words]
    return {
        "remarks": said,
        "marked": marked(text.render(body), words),
        "asked": civility.note(said, body),
    }


def _keep_draft(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    if not has_token(request):
        return _without_token(request, context | {"ask_to_log_in": True})
    form = context["form"]
    if wait := drafts.wait(request):
        form.add_error(
            None,
            "Many texts came from your network and wait for their authors to log in. Please wait "
            f"{pace.in_words(wait)}, or log in in another tab first.",
        )
        response = _form_again(request, context | {"ask_to_log_in": True}, 429)
        response["Retry-After"] = str(wait)
        return response
    if asked := civility.read(form.cleaned_data["asked"]):
        # Counted here, where it is certain that a person was asked.
        civility.count(asked.rules, PromptCount.Outcome.SHOWN)
        civility.count(asked.rules, asked.outcome(form.cleaned_data["body"]))
    draft = drafts.keep(
        request,
        context["article"],
        context["parent"],
        form.cleaned_data["body"],
        form.cleaned_data["quote"],
    )
    page = "account_signup" if request.POST["then"] == "signup" else "account_login"
    address = reverse(page) + "?" + urlencode({"next": draft.get_absolute_url()})
    if is_htmx(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address, status=SEE_OTHER)


def _post(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    if not has_token(request):
        return _without_token(request, context)
    form = context["form"]
    asked = civility.read(form.cleaned_data["asked"])
    if asked is None and (said := _remarks(form, context["article"])):
        civility.count([remark.rule for remark in said], PromptCount.Outcome.SHOWN)
        return _form_again(request, context | _prompt(form, said), 200)
    new = _unsent(request, context)
    # Read by ``checks.sent_by_machine``, and by nothing else.
    new.trap = form.cleaned_data["website"]
    try:
        stands = new.submit()
    except Refused as refusal:
        # Either may have changed while its author wrote.
        context["article"], context["parent"] = new.article, new.parent
        is_about_text = not refusal.retry_after and new.article.takes_comments
        if new.parent is not None and not new.parent.is_visible:
            is_about_text = False
        form.add_error("body" if is_about_text else None, str(refusal))
        if isinstance(refusal, SaidAlready):
            context["said"] = place(refusal.comment)
        return with_wait(_form_again(request, context, 422), refusal)
    if asked and stands is new:
        civility.count(asked.rules, asked.outcome(form.cleaned_data["body"]))
    return _show_posted(request, stands, again=stands is not new)


def _cancel(
    request: HttpRequest, article: Article, parent: Comment | None, form: CommentForm
) -> HttpResponse:
    """Leave a text unposted after its author was asked to think again."""
    if not has_token(request):
        return HttpResponse(status=403)
    form.is_valid()
    if asked := civility.read(form.cleaned_data.get("asked", "")):
        civility.count(asked.rules, PromptCount.Outcome.CANCELLED)
    if is_htmx(request):
        if parent:
            return HttpResponse()
        form = CommentForm.fresh(article)
        context = {"article": article, "parent": None, "form": form, "autofocus": True}
        return _form_again(request, context, 200)
    address = place(parent) if parent else f"{article.get_absolute_url()}#leave-reply"
    return HttpResponseRedirect(address, status=SEE_OTHER)


def _show_posted(request: HttpRequest, new: Comment, again: bool = False) -> HttpResponse:
    """Answer with the new comment in its place."""
    in_place = is_htmx(request) and request.POST.get("from") == "article"
    # The first of all takes the place of the invitation to it.
    is_first = not new.parent_id and new.article.comment_count <= new.is_visible
    if in_place and not again and not is_first:
        return _show_sent(request, new)
    if in_place and threads.is_on_article_page(new):
        context = conversation(
            request, new.article, after=threads.page_of(new), posted=new.pk, count_moved=True
        )
        context["posted_again"] = again
        response = render(request, "comments/_conversation.html", context)
        response["HX-Retarget"] = "#conversation"
        response["HX-Reswap"] = "outerHTML"
        return response
    request.session["posted"] = new.pk
    if again:
        messages.info(request, "This was sent twice. It is there already, once: marked below.")
    address = place(new) if again else _place_of_new(new)
    if is_htmx(request):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address, status=SEE_OTHER)


def _place_of_new(new: Comment) -> str:
    """Return what ``place`` does, of the newest comment: what it asks for was seen already."""
    seen, article, root = new.glance, new.article, new.root or new
    if seen is None:
        return place(new)
    if new.is_visible and seen.is_far_down and new.parent_id:
        return f"{new.get_absolute_url()}#{new.anchor}"
    is_later = seen.is_on_later_page
    if new.parent_id is None:
        is_later = new.is_visible and article.thread_count > threads.THREADS_PER_PAGE
    query = f"?after={root.number - 1}" if is_later and root.number else ""
    return f"{article.get_absolute_url()}{query}#{new.anchor}"


def _show_sent(request: HttpRequest, new: Comment) -> HttpResponse:
    """Answer with a comment for the place of its form: nothing else on the page moves or closes.

    The story's own form stays, for the next one.
    """
    on_story = urlsplit(request.headers.get("HX-Current-URL", "")).path
    context = {
        "article": new.article,
        "threads": threads.sent(new, member(request)),
        "posted": new.pk,
        "form": None if new.parent_id else CommentForm.fresh(new.article),
        "counts_here": new.is_visible and on_story == new.article.get_absolute_url(),
    }
    response = render(request, "comments/_sent.html", context)
    if new.is_visible:
        response["HX-Trigger"] = "comment-sent"
    return response


@login_required
@never_cache
@form_page
def draft(request: HttpRequest, key: str) -> HttpResponse:
    """Show what became of a text written before log-in; from here it can be posted again."""
    kept = get_object_or_404(
        Draft.objects.select_related("article__section", "parent__author", "parent__root"), pk=key
    )
    if kept.author_id != request.user.pk:
        raise Http404
    if kept.comment is None and request.method == "POST":
        kept.post(by=member(request), address=client_address(request))
    if kept.comment is not None:
        request.session["posted"] = kept.comment.pk
        return HttpResponseRedirect(place(kept.comment), status=SEE_OTHER)
    passage, body = kept.parts()
    form = CommentForm(
        {"body": body, "key": str(kept.key), "quote": passage.words if passage else ""},
        article=kept.article,
        parent=kept.parent,
    )
    form.is_valid()
    if kept.problem:
        form.add_error("body", kept.problem)
    return _form_again(request, {"article": kept.article, "parent": kept.parent, "form": form}, 200)


@never_cache
@form_page
@csrf_exempt  # checked below, so that the text is kept where the token is too old
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own comment: at once while that is open, later with a moderator's look."""
    context: dict[str, Any] = {}
    if request.method == "POST" and not has_token(request):
        context |= {"form": TextForm(request.POST), "trouble": NOT_SENT}
        return render(request, "comments/edit.html", context, status=403)
    if reader(request) is None:
        if (body := request.POST.get("body", "")) and not drafts.wait(request):
            # Put back into the form once its author is.
            request.session[KEPT_EDIT] = [pk, body[: 2 * text.MAX_LENGTH]]
        return redirect_to_login(reverse("comments:edit", args=[pk]))
    own = own_comment(request, pk)
    waiting = own.revisions.undecided().first()
    kept = request.session.get(KEPT_EDIT) if request.method != "POST" else None
    kept_body = kept[1] if kept and kept[0] == pk else ""
    initial = kept_body or (waiting.body if waiting else own.body)
    form = TextForm(request.POST or None, initial={"body": initial})
    context |= {
        "article": own.article,
        "comment": own,
        "form": form,
        "until": own.edit_open_until(),
        "waiting": waiting,
        "kept": bool(kept_body),
        "just_sent": request.session.get("edited") == pk and request.method != "POST",
    }
    if request.method != "POST":
        status = 200 if own.may_be_edited else 409
        return render(request, "comments/edit.html", context, status=status)
    request.session.pop(KEPT_EDIT, None)
    if "take-back" in request.POST:
        with suppress(InvalidMove):  # taken back or decided on already
            own.take_edit_back(by=member(request))
        return _show_edited(request, own)
    if not form.is_valid():
        return render(request, "comments/edit.html", context, status=422)
    try:
        revision = own.edit(form.cleaned_data["body"])
    except ClosedToEdits:
        own.refresh_from_db()
        form.add_error("body", "This comment cannot be changed any more.")
        return render(request, "comments/edit.html", context, status=409)
    except Refused as refusal:
        form.add_error("body", str(refusal))
        response = render(request, "comments/edit.html", context, status=422)
        return with_wait(response, refusal)
    if revision is not None:
        request.session["edited"] = pk
        address = reverse("comments:edit", args=[pk])
        return HttpResponseRedirect(address, status=SEE_OTHER)
    return _show_edited(request, own)


def _show_edited(request: HttpRequest, own: Comment) -> HttpResponse:
    request.session.pop("edited", None)
    request.session["posted"] = own.pk
    return HttpResponseRedirect(place(own), status=SEE_OTHER)


@never_cache
@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the texts that readers saw of a comment, and what changed from each to the next."""
    shown = readable_comment(request, pk)
    is_own = shown.author_id is not None and shown.author_id == request.user.pk
    if shown.edited_at is None or not (shown.is_visible or (is_own and shown.is_pending)):
        raise Http404
    texts = list(shown.revisions.readable()[:MAX_TEXTS])
    steps = []
    for number, one in enumerate(texts):
        earlier = texts[number - 1] if number else None
        changes = (
            diff.word_diff(text.plain(earlier.body_html), text.plain(one.body_html))
            if earlier
            else []
        )
        steps.append({"text": one, "changes": changes, "is_last": one is texts[-1]})
    context = {"article": shown.article, "comment": shown, "steps": steps}
    return render(request, "comments/history.html", context)


@login_required
@never_cache
@form_page
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own comment, after saying what that means."""
    own = own_comment(request, pk)
    context = {
        "article": own.article,
        "comment": own,
        "problem": "",
        "edit_waits": own.revisions.undecided().exists(),
    }
    if request.method == "POST":
        try:
            own.remove(by=member(request))
        except InvalidMove as error:
            return render(
                request, "comments/delete.html", context | {"problem": str(error)}, status=409
            )
        messages.success(request, "Your comment is removed.")
        return HttpResponseRedirect(f"{own.article.get_absolute_url()}#comments", status=SEE_OTHER)
    return render(request, "comments/delete.html", context)
