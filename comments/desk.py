"""The moderation desk: queues of comments, each with why it is there, and a decision for each.

A page of the desk costs the same number of queries whatever waits; ``comments.queues`` and
``comments.cards`` see to that. Decisions are the model's verbs; this file asks, and says what
happened.
"""

import re
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from articles.models import Section
from comments import queues
from comments.cards import Card, card_of, cards
from comments.models import Comment, Decision, InvalidMove, Reason, Revision, StaleDecision
from comments.queues import Place

# The order of the buttons and of the digits that press them: what comes up most stands first,
# and it never changes under a moderator's fingers.
REASONS = (
    Reason.ATTACK, Reason.OFF_TOPIC, Reason.HATE, Reason.LANGUAGE, Reason.ADVERT,
    Reason.DEFAMATION, Reason.DISINFORMATION, Reason.PRIVATE_DATA, Reason.DUPLICATE,
    Reason.THREAT, Reason.SCAM, Reason.COPIED, Reason.HARM,
)  # fmt: skip
NUMBER = re.compile(r"[0-9]{1,18}")
_FOR_MODERATORS = permission_required("comments.moderate_comment", raise_exception=True)


def _frame(request: HttpRequest, place: Place) -> dict[str, Any]:
    """Return what the desk shows around its cards."""
    return {
        "place": place,
        "queues": [
            (queue, queues.capped(queues.length(queue.rows())), Place(queue).url)
            for queue in queues.QUEUES
        ],
        "reasons": [(reason.value, reason.label) for reason in REASONS],
    }


def _desk_page(
    request: HttpRequest, place: Place, first: Card | None = None, status: int = 200
) -> HttpResponse:
    """Show the place, with the card ``first`` above it."""
    waits, further = place.page()
    if first:
        waits = [wait for wait in waits if wait[1] != first.comment.pk]
    context = {
        **admin.site.each_context(request),
        **_frame(request, place),
        "title": "Moderation desk",
        "opts": Comment._meta,
        "cards": cards(waits, person(request), place.queue.of_edits),
        "first": first,
        "further": place.with_(after=further) if further else None,
        "start": place.with_(after="") if place.after else None,
        "checks": [
            (name, place.with_(check=key), key == place.check)
            for key, name in queues.CHECK_NAMES.items()
        ],
        "sections": [
            (section, place.with_(ids={**place.ids, "section": section.pk}))
            for section in Section.objects.all()
        ],
        # What was decided last, without scripts: from here it can be reversed.
        **_done(request),
    }
    return render(request, "admin/comments/comment/desk.html", context, status=status)


def _named(request: HttpRequest, name: str) -> Comment | None:
    """Return the comment that the address names, if it does."""
    if request.method == "POST" or not NUMBER.fullmatch(request.GET.get(name, "")):
        return None
    comments = Comment.objects.select_related("author", "article")
    return (
        comments.defer("article__body", "article__body_html").filter(pk=request.GET[name]).first()
    )


def _done(request: HttpRequest) -> dict[str, Any]:
    """Return the decision that the address names, and its comment: the last on it or on an edit."""
    comment = _named(request, "done")
    if comment is None:
        return {}
    edit = request.GET.get("edit", "")
    if NUMBER.fullmatch(edit):
        decision = comment.decisions.filter(revision=int(edit)).order_by("-pk").first()
    else:
        decision = comment.latest_decision
    return {"done": comment, "done_decision": decision}


def person(request: HttpRequest) -> User:
    """Return who moderates; the admin has let in nobody without an account."""
    return cast(User, request.user)


@require_safe
@_FOR_MODERATORS
def desk(request: HttpRequest) -> HttpResponse:
    """Show a queue, a page at a time; with ``comment``, that comment above it."""
    place, named = Place.asked_for(request.GET), _named(request, "comment")
    first = card_of(named, person(request), place.queue.of_edits) if named else None
    return _desk_page(request, place, first)


class DecisionForm(forms.Form):
    """What a moderator sends. Whether it makes sense is the model's to say."""

    action = forms.ChoiceField(choices=[(name, name) for name in ("approve", "reject", "spam")])
    reason = forms.CharField(max_length=20, required=False)
    note = forms.CharField(max_length=500, required=False)
    message = forms.CharField(max_length=2000, required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    # The edit that is decided on; empty for the comment itself.
    revision = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)

    def problem(self) -> str:
        """Return what is wrong with it, in one sentence."""
        for name, words in (("note", "note for the desk"), ("message", "message")):
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
        return comment.reject(
            by, said["reason"], version=version, note=note, message=said["message"]
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


@require_POST
@_FOR_MODERATORS
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one decision on one comment, at the version its moderator saw."""
    place = Place.asked_for(request.GET)
    comment = get_object_or_404(Comment.objects.select_related("author"), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _refused(request, place, comment, form.problem(), status=400)
    try:
        decision = form.decide(comment, by=person(request))
    except StaleDecision as stale:
        return _refused(request, place, comment, f"{stale} Nothing was changed by you.", 409)
    except InvalidMove as problem:
        return _refused(request, place, comment, str(problem), 409)
    if "HX-Request" in request.headers:
        return render(
            request,
            "admin/comments/comment/_decided.html",
            {**_frame(request, place), "comment": comment, "decision": decision},
        )
    messages.success(request, what_happened(comment, decision))
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
    card.typed = {name: request.POST.get(name, "")[:2000] for name in ("note", "message")}
    if "HX-Request" in request.headers:
        context = {**_frame(request, place), "card": card}
        name = "admin/comments/comment/_refused.html"
        return render(request, name, context, status=status)
    return _desk_page(request, place, first=card, status=status)


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
