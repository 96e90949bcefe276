"""Deciding at the desk: one comment at a time, at the version its moderator saw.

Decisions are the model's verbs; this file asks, and says what happened.
"""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import User
from comments import presence
from comments.cards import card_of
from comments.desk import FOR_MODERATORS, desk_page, frame, person
from comments.models import Comment, Decision, InvalidMove, Revision, StaleDecision
from comments.queues import Place


class DecisionForm(forms.Form):
    """What a moderator sends. Whether it makes sense is the model's to say."""

    action = forms.ChoiceField(choices=[(name, name) for name in ("approve", "reject", "spam")])
    reason = forms.CharField(max_length=20, required=False)
    note = forms.CharField(max_length=500, required=False)
    message = forms.CharField(max_length=2000, required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    # The edit that is decided on; empty for the comment itself.
    revision = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    # Decide although somebody else is at it.
    takeover = forms.BooleanField(required=False)

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
@FOR_MODERATORS
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one decision on one comment, at the version its moderator saw."""
    place = Place.asked_for(request.GET)
    comment = get_object_or_404(Comment.objects.select_related("author"), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _refused(request, place, comment, form.problem(), status=400)
    edit = form.cleaned_data["revision"]
    subject = f"edit:{edit}" if edit else f"comment:{pk}"
    other = presence.held_by_other(subject, person(request))
    if other is not None and not form.cleaned_data["takeover"]:
        problem = (
            f"{other.by.name} is at this one, until {timezone.localtime(other.until):%H:%M:%S} at "
            "least. Take it over, or go on with the next."
        )
        return _refused(request, place, comment, problem, 409)
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
            {**frame(request, place), "comment": comment, "decision": decision},
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
        context = {**frame(request, place), "card": card}
        name = "admin/comments/comment/_refused.html"
        return render(request, name, context, status=status)
    return desk_page(request, place, first=card, status=status)


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
