"""Deciding at the desk: one comment at a time, at the version its moderator saw.

Decisions are the model's verbs; this file asks, and says what happened.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from comments import presence, queues
from comments.batches import seen_pairs
from comments.cards import card_of, in_words, shortened
from comments.desk import FOR_MODERATORS, NUMBER, REASONS, desk_page, frame, person
from comments.models import (
    Batch,
    Comment,
    Decision,
    InvalidMove,
    MessageTemplate,
    Reason,
    Revision,
    StaleDecision,
)
from comments.queues import Place
from comments.statement import Statement
from comments.tree import ancestor_ids
from newsroom import prepared

LAST = 30  # of one's own decisions
MOST_ABOVE = 50
MOST_BELOW = 50
SAMPLE = 20
MOST_TOGETHER = 1500  # of a thread; the form names each of them, and no form has more fields
# So many characters of a comment, once more in another, are a quotation.
REPEATED = 40


class DecisionForm(forms.Form):
    """What a moderator sends. Whether it makes sense is the model's to say."""

    action = forms.ChoiceField(choices=[(name, name) for name in ("approve", "reject", "spam")])
    reason = forms.CharField(max_length=20, required=False)
    note = forms.CharField(max_length=500, required=False)
    message = forms.CharField(max_length=2000, required=False)
    # The law that it breaks; without one, the ground is our rules.
    law = forms.CharField(max_length=500, required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    # The edit that is decided on; empty for the comment itself.
    revision = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    # Decide although somebody else is at it.
    takeover = forms.BooleanField(required=False)

    @property
    def grounds(self) -> dict[str, str]:
        """On what a rejection rests, as its record says it."""
        law = self.cleaned_data["law"].strip()
        ground = Decision.Ground.ILLEGAL if law else Decision.Ground.TERMS
        return {"ground": ground, "law": law}

    def problem(self) -> str:
        """Return what is wrong with it, in one sentence."""
        bounded = (("note", "note for the desk"), ("message", "message"), ("law", "law"))
        for name, words in bounded:
            if name in self.errors:
                limit = self.fields[name].max_length  # type: ignore[attr-defined]
                return f"The {words} is too long; {limit:,} characters are the most."
        return "This form was not whole, so nothing was decided. Please try again."

    def decide(self, comment: Comment, by: User) -> Decision:
        """Raises ``InvalidMove`` and ``StaleDecision``."""
        said = self.cleaned_data
        version, note = said["version"], said["note"]
        if said["revision"]:
            return self._decide_on_edit(comment, by)
        if said["action"] == "approve":
            return comment.approve(by, version=version, note=note)
        if said["action"] == "spam":
            return comment.mark_spam(by, version=version, note=note)
        record: dict[str, Any] = self.grounds
        return comment.reject(
            by,
            said["reason"],
            version=version,
            note=note,
            message=said["message"],
            **record,
        )

    def _decide_on_edit(self, comment: Comment, by: User) -> Decision:
        said = self.cleaned_data
        version, note = said["version"], said["note"]
        try:
            edit = comment.revisions.get(pk=said["revision"])
        except Revision.DoesNotExist as error:
            raise InvalidMove("This edit is not one of this comment.") from error
        if said["action"] == "approve":
            return edit.approve(by, version=version, note=note)
        if said["action"] == "spam":
            raise InvalidMove(
                "An edit is taken or refused. Whether the comment is spam is decided at its card."
            )
        return edit.reject(by, said["reason"], version=version, note=note, message=said["message"])


def _to_decide_on() -> QuerySet[Comment]:
    subject, by, now = prepared.text("subject"), prepared.number("by"), prepared.moment("now")
    found = Comment.objects.filter(pk=prepared.number("pk")).select_related("author")
    return found.annotate(is_held=presence.is_held(subject, by, now))


TO_DECIDE_ON = prepared.Query(_to_decide_on)


@require_POST
@FOR_MODERATORS
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one decision on one comment, at the version its moderator saw."""
    place, by = Place.asked_for(request.GET), person(request)
    form = DecisionForm(request.POST)
    is_whole = form.is_valid()
    edit = form.cleaned_data.get("revision")
    subject = f"edit:{edit}" if edit else f"comment:{pk}"
    comment = TO_DECIDE_ON.first(pk=pk, subject=subject, by=by.pk, now=timezone.now())
    if comment is None:
        raise Http404("There is no such comment.")
    if not is_whole:
        return _refused(request, place, comment, form.problem(), status=400)
    is_held = comment.is_held and not form.cleaned_data["takeover"]
    if is_held and (other := presence.held_by_other(subject, by)):
        problem = (
            f"{other.by.name} is at this one, until {timezone.localtime(other.until):%H:%M:%S} at "
            "least. Take it over, or go on with the next."
        )
        return _refused(request, place, comment, problem, 409)
    try:
        decision = form.decide(comment, by)
    except StaleDecision as stale:
        return _refused(request, place, comment, f"{stale} Nothing was changed by you.", 409)
    except InvalidMove as problem:
        return _refused(request, place, comment, str(problem), 409)
    if "HX-Request" in request.headers:
        return render(
            request,
            "admin/comments/comment/_decided.html",
            {**frame(request, place), "comment": comment, "decision": decision},
        )
    queues.forget_counts()
    edit = f"&edit={decision.revision_id}" if decision.revision_id else ""
    return redirect(f"{place.url}&done={comment.pk}{edit}")


def _refused(
    request: HttpRequest, place: Place, comment: Comment, problem: str, status: int
) -> HttpResponse:
    """Answer with the comment as it stands now, why nothing was done, and what was typed."""
    card = card_of(comment, person(request), bool(request.POST.get("revision")))
    if card is None:
        raise Http404("This comment is gone.")
    card.problem = problem
    card.typed = _typed(request)
    if "HX-Request" in request.headers:
        context = {**frame(request, place), "card": card}
        name = "admin/comments/comment/_refused.html"
        return render(request, name, context, status=status)
    return desk_page(request, place, first=card, status=status)


def _typed(request: HttpRequest) -> dict[str, str]:
    names = ("note", "message", "law", "reason_shown")
    return {name: request.POST.get(name, "")[:2000] for name in names}


def what_happened(comment: Comment, decision: Decision) -> str:
    """Return a decision in words, as the desk's lines and messages say it."""
    reason = f" ({decision.get_reason_display().lower()})" if decision.reason else ""
    if decision.revision_id:
        if decision.after == Comment.Status.APPROVED:
            return f"The new text by {comment.author_name} is what readers see now."
        return f"The new text by {comment.author_name} is refused{reason}; the old one stays."
    if decision.before == decision.after:
        return f"The comment by {comment.author_name} stays; its reports are answered."
    words = {
        Comment.Status.APPROVED: f"is approved and is number {comment.number} of its story",
        Comment.Status.SPAM: "is spam",
    }
    became = words.get(Comment.Status(decision.after), f"is rejected{reason}")
    return f"The comment by {comment.author_name} {became}."


# Before deciding ----------------------------------------------------------------------------------


@FOR_MODERATORS
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the very words that the author would get. Decides nothing."""
    comment = get_object_or_404(
        Comment.objects.select_related("author", "article").prefetch_related("findings", "reports"),
        pk=pk,
    )
    said = request.POST if request.method == "POST" else request.GET
    reason = said.get("reason") or said.get("reason_shown", "")
    reason = reason if reason in Reason.values else ""
    law = said.get("law", "").strip()[:500]
    message = said.get("message", "")[:2000]
    if template := _template(said.get("template", "")):
        message = template.filled(comment, reason)
    action = said.get("action", "reject")
    statement = Statement.preview(
        comment,
        person(request),
        action,
        reason=reason,
        message=message,
        law=law,
        ground=Decision.Ground.ILLEGAL if law else Decision.Ground.TERMS,
    )
    context = {
        "comment": comment,
        "statement": statement,
        "message": message,
        "is_filled": template is not None,
        "has_no_reason": action == "reject" and not reason,
    }
    if "HX-Request" in request.headers:
        return render(request, "admin/comments/comment/_preview.html", context)
    card = card_of(comment, person(request), bool(said.get("revision")))
    if card is None:
        raise Http404("This comment is gone.")
    # Below it stands the form with all that was typed, to go on from.
    card.typed = _typed(request) | {"message": message}
    context |= {
        **admin.site.each_context(request),
        **frame(request, Place.asked_for(request.GET)),
        "title": "What its author would read",
        "opts": Comment._meta,
        "card": card,
    }
    return render(request, "admin/comments/comment/preview.html", context)


def _template(pk: str) -> MessageTemplate | None:
    return MessageTemplate.objects.filter(pk=int(pk)).first() if NUMBER.fullmatch(pk) else None


@require_safe
@FOR_MODERATORS
def around(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what stands around a comment: all it answers, and what answers it."""
    comment = get_object_or_404(Comment.objects.select_related("author", "article"), pk=pk)
    above = Comment.objects.with_people().in_bulk(ancestor_ids(comment)[:MOST_ABOVE])
    replies = list(
        comment.replies.with_people()
        .exclude(status=Comment.Status.REMOVED)
        .order_by("created_at", "pk")[: MOST_BELOW + 1]
    )
    context = {
        **admin.site.each_context(request),
        "title": "Around a comment",
        "opts": Comment._meta,
        "comment": comment,
        "above": sorted(above.values(), key=lambda one: one.depth),
        "below": replies[:MOST_BELOW],
        "has_more": len(replies) > MOST_BELOW,
    }
    name = "_around" if "HX-Request" in request.headers else "around"
    return render(request, f"admin/comments/comment/{name}.html", context)


# After deciding -----------------------------------------------------------------------------------


@require_POST
@FOR_MODERATORS
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last decision on a comment back, if it was one's own."""
    place = Place.asked_for(request.GET)
    comment = get_object_or_404(Comment.objects.select_related("author"), pk=pk)
    wanted = request.POST.get("decision", "")
    rows = comment.decisions.filter(revision__isnull=True)
    decision = rows.filter(pk=int(wanted)).first() if NUMBER.fullmatch(wanted) else None
    if decision is None:
        return _refused(request, place, comment, "There is no such decision to undo.", 400)
    try:
        comment.undo(decision, person(request))
    except InvalidMove as problem:
        return _refused(request, place, comment, str(problem), 409)
    words = f"Undone: the comment by {comment.author_name} is as it was."
    if "HX-Request" in request.headers:
        return _again(request, place, comment, words)
    queues.forget_counts()
    messages.success(request, words)
    return redirect(f"{place.url}&comment={comment.pk}")


def _again(request: HttpRequest, place: Place, comment: Comment, words: str) -> HttpResponse:
    """Answer with the card as it stands now, and say what was done."""
    card = card_of(comment, person(request))
    if card is None:
        raise Http404("This comment is gone.")
    card.said = words
    context = {**frame(request, place), "card": card}
    return render(request, "admin/comments/comment/_refused.html", context)


@require_safe
@FOR_MODERATORS
def last(request: HttpRequest) -> HttpResponse:
    """List one's last decisions, each with the way back where there is one."""
    by = person(request)
    rows = (
        Decision.objects.filter(by=by)
        .select_related("comment__author", "comment__article", "batch", "undone_by", "revision")
        .defer("comment__article__body", "comment__article__body_html")
        .order_by("-at", "-pk")[:LAST]
    )
    context = {
        **admin.site.each_context(request),
        "title": "Your last decisions",
        "opts": Comment._meta,
        "decisions": [(row, in_words(row), _can_be_undone(row)) for row in rows],
    }
    return render(request, "admin/comments/comment/last.html", context)


def _can_be_undone(decision: Decision) -> bool:
    """Tell whether undoing is worth a try; whether it can be is the model's to say."""
    return (
        decision.act == Decision.Act.DECIDE
        and decision.revision_id is None
        and not hasattr(decision, "undone_by")
        and decision.comment_version == decision.comment.version
        and timezone.now() - decision.at <= Comment.UNDO_FOR
        and decision.source in {Decision.Source.OWN, Decision.Source.REPORT}
    )


@require_POST
@FOR_MODERATORS
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the thread that a comment stands in, or open it again."""
    place = Place.asked_for(request.GET)
    comment = get_object_or_404(Comment.objects.select_related("author", "root"), pk=pk)
    root = comment.root or comment
    try:
        if request.POST.get("wanted") == "open":
            root.reopen_thread(person(request))
            words = "The thread takes answers again."
        else:
            root.close_thread(person(request), request.POST.get("reason", Reason.OFF_TOPIC))
            words = "The thread is closed: readers are told so, and nobody can answer in it."
    except InvalidMove as problem:
        return _refused(request, place, comment, str(problem), 409)
    if "HX-Request" in request.headers:
        return _again(request, place, comment, words)
    messages.success(request, words)
    return redirect(f"{place.url}&comment={comment.pk}")


class WithRepliesForm(forms.Form):
    """Why a comment goes together with what answers it."""

    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *((item.value, item.label) for item in REASONS)]
    )
    which = forms.ChoiceField(
        choices=[
            ("all", "The comment and everything below it"),
            ("quoting", "The comment and the replies that repeat its words"),
        ],
        initial="all",
    )
    note = forms.CharField(max_length=500, required=False, label="Note for the desk")
    message = forms.CharField(
        max_length=2000,
        required=False,
        label="Message to the authors",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@FOR_MODERATORS
def with_replies(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what goes if a comment is rejected with all that answers it; a POST has it done."""
    comment = get_object_or_404(Comment.objects.select_related("author", "article"), pk=pk)
    form = WithRepliesForm(request.POST or None, initial={"reason": request.GET.get("reason", "")})
    chosen = _with_replies(comment, "all")
    if form.is_valid():
        said = form.cleaned_data
        # What the page showed, as it showed it; what came since was not confirmed.
        seen = dict(seen_pairs(request.POST.getlist("seen")))
        try:
            batch = Batch.of(
                person(request),
                Batch.Action.REJECT,
                [
                    (one.pk, seen[one.pk])
                    for one in _with_replies(comment, said["which"])
                    if one.pk in seen
                ],
                reason=said["reason"],
                note=said["note"],
                message=said["message"],
                about=f"a comment by {comment.author_name} with its replies",
            )
        except InvalidMove as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("admin:comments_batch", batch.pk)
    context = {
        **admin.site.each_context(request),
        "title": "Reject a comment with its replies",
        "opts": Comment._meta,
        "comment": comment,
        "form": form,
        "count": len(chosen),
        "quoting": len(_with_replies(comment, "quoting")),
        "sample": [(one, shortened(one)) for one in chosen[:SAMPLE]],
        "seen": [f"{one.pk}:{one.version}" for one in chosen],
        "more": max(0, len(chosen) - SAMPLE),
        "not_included": sum(one.author_id == person(request).pk for one in chosen),
    }
    return render(request, "admin/comments/comment/with_replies.html", context)


def _with_replies(comment: Comment, which: str) -> list[Comment]:
    """Return what would go: the comment and the visible or waiting ones below it."""
    stands = [Comment.Status.PENDING, Comment.Status.APPROVED]
    # In a thread what is below a comment is found in Python: depth is bounded, and one query is
    # enough for a thread.
    rows = Comment.objects.filter(root=comment.root_id or comment.pk).select_related("author")
    below: list[Comment] = []
    parents = {comment.pk}
    for one in rows.order_by("depth", "created_at", "pk")[:MOST_TOGETHER]:
        if one.parent_id in parents:
            parents.add(one.pk)
            if one.status in stands:
                below.append(one)
    if which == "quoting":
        below = [one for one in below if repeats(one, comment)]
    return ([comment] if comment.status in stands else []) + below


def repeats(reply: Comment, said: Comment) -> bool:
    """Tell whether ``reply`` quotes ``said``, by the form or by repeating a piece of its words."""
    is_of_comment = reply.quote and reply.quote_source == Comment.QuoteSource.COMMENT
    if is_of_comment and reply.parent_id == said.pk:
        return True
    words, own = said.fingerprint, reply.fingerprint
    if len(words) < REPEATED:
        return bool(words) and words in own
    return any(
        words[start : start + REPEATED] in own
        for start in range(0, len(words) - REPEATED + 1, REPEATED // 4)
    )
