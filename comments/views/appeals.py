"""What was decided about one's comment or account, and the appeal against it."""

import datetime
import uuid
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from comments import waits
from comments.models import Appeal, Decision, InvalidMove, Sanction
from comments.statement import Statement, opened_by
from comments.views.visitors import SEE_OTHER, form_page, member
from newsroom import pace
from newsroom.addresses import client_address

# Appeals from one address in a time.
PACE = (10, datetime.timedelta(hours=1))


@login_required
@never_cache
@form_page
def decision(request: HttpRequest, ref: uuid.UUID) -> HttpResponse:
    """Show one's own what was decided about a comment, and take an appeal."""
    found = get_object_or_404(_decisions(), ref=ref, comment__author=member(request))
    return _answer(request, found)


@login_required
@never_cache
@form_page
def sanction(request: HttpRequest, ref: uuid.UUID) -> HttpResponse:
    """The same of what was decided about one's account."""
    found = get_object_or_404(Sanction.objects.imposed(), ref=ref, person=member(request))
    return _answer(request, found)


@never_cache
@form_page
def statement(request: HttpRequest, token: str) -> HttpResponse:
    """The same for whoever got the mail with this link, logged in or not."""
    try:
        kind, pk = opened_by(token)
    except BadSignature as error:
        raise Http404("This link is not whole. Copy it from the mail again.") from error
    rows = _decisions() if kind == "decision" else Sanction.objects.imposed()
    return _answer(request, get_object_or_404(rows, pk=pk))


def _decisions():
    return Decision.objects.select_related("comment__article", "comment__author", "revision")


def _answer(request: HttpRequest, subject: Decision | Sanction) -> HttpResponse:
    problem, text, status, wait = "", "", 200, 0
    if request.method == "POST":
        text = request.POST.get("text", "")[: Appeal.MAX_LENGTH]
        who = client_address(request) or "nowhere"
        if wait := pace.wait_for_turn("appeal", who, *PACE):
            problem, status = f"That was a lot. Please wait {pace.in_words(wait)}.", 429
        else:
            try:
                Appeal.file(subject, text)
            except InvalidMove as refusal:
                problem, status = str(refusal), 422
            else:
                messages.success(
                    request, "Your appeal is with the desk. Somebody who did not decide looks."
                )
                return HttpResponseRedirect(request.path, status=SEE_OTHER)
    try:
        Appeal.refuse(subject)
        refusal_now = ""
    except InvalidMove as refusal:
        refusal_now = str(refusal)
    is_decision = isinstance(subject, Decision)
    said = (
        Statement.of(subject) if isinstance(subject, Decision) else Statement.of_sanction(subject)
    )
    appeal = Appeal.objects.filter(**{"decision" if is_decision else "sanction": subject}).first()
    if appeal is not None or refusal_now:
        # What one can do stands below, with what became of it.
        said = replace(said, redress="", appeal_url="")
    wait_for = waits.usual_appeal()
    response = render(
        request,
        "comments/statement.html",
        {
            "subject": subject,
            "comment": subject.comment,
            "is_decision": is_decision,
            "statement": said,
            "appeal": appeal,
            "refusal": refusal_now,
            "open_until": Appeal.open_until(subject),
            "problem": problem,
            "text": text,
            "max_length": Appeal.MAX_LENGTH,
            "usual_wait": waits.in_words(wait_for) if wait_for else "",
            "is_by_link": not request.user.is_authenticated,
            "home": reverse("articles:home"),
        },
        status=status,
    )
    if wait:
        response["Retry-After"] = str(wait)
    return response
