"""The moderation desk: queues of comments, each with why it is there, and a decision for each.

A page of the desk costs the same number of queries whatever waits; ``comments.queues`` and
``comments.cards`` see to that. Decisions are the model's verbs; this file asks, and says what
happened.
"""

import re
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from articles.models import Section
from comments import queues
from comments.cards import Card, card_of, cards
from comments.models import Comment, Reason
from comments.queues import Place

# The order of the buttons and of the digits that press them: what comes up most stands first,
# and it never changes under a moderator's fingers.
REASONS = (
    Reason.ATTACK, Reason.OFF_TOPIC, Reason.HATE, Reason.LANGUAGE, Reason.ADVERT,
    Reason.DEFAMATION, Reason.DISINFORMATION, Reason.PRIVATE_DATA, Reason.DUPLICATE,
    Reason.THREAT, Reason.SCAM, Reason.COPIED, Reason.HARM,
)  # fmt: skip
NUMBER = re.compile(r"[0-9]{1,18}")
FOR_MODERATORS = permission_required("comments.moderate_comment", raise_exception=True)


def frame(request: HttpRequest, place: Place) -> dict[str, Any]:
    """Return what the desk shows around its cards."""
    return {
        "place": place,
        "queues": [
            (queue, queues.capped(queues.length(queue.rows())), Place(queue).url)
            for queue in queues.QUEUES
        ],
        "reasons": [(reason.value, reason.label) for reason in REASONS],
    }


def desk_page(
    request: HttpRequest, place: Place, first: Card | None = None, status: int = 200
) -> HttpResponse:
    """Show the place, with the card ``first`` above it."""
    waits, further = place.page()
    if first:
        waits = [wait for wait in waits if wait[1] != first.comment.pk]
    context = {
        **admin.site.each_context(request),
        **frame(request, place),
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
@FOR_MODERATORS
def desk(request: HttpRequest) -> HttpResponse:
    """Show a queue, a page at a time; with ``comment``, that comment above it."""
    place, named = Place.asked_for(request.GET), _named(request, "comment")
    first = card_of(named, person(request), place.queue.of_edits) if named else None
    return desk_page(request, place, first)
