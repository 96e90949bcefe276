"""The moderation desk: queues of comments, each with why it is there, and a decision for each.

A page of the desk costs the same number of queries whatever waits; ``comments.queues`` and
``comments.cards`` see to that. Decisions are the model's verbs; this file asks, and says what
happened.
"""

import re
from operator import itemgetter
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from articles.models import Article, Section
from comments import care, language, presence, queues, surge
from comments.cards import Card, card_of, cards
from comments.models import Comment, MessageTemplate, Reason, SavedFilter
from comments.queues import Place
from newsroom.rows import number_or_404

# The order of the buttons and of the keys that press them: what comes up most stands first, and it
# never changes under a moderator's fingers.
REASONS = (
    Reason.ATTACK, Reason.OFF_TOPIC, Reason.HATE, Reason.LANGUAGE, Reason.ADVERT,
    Reason.DEFAMATION, Reason.DISINFORMATION, Reason.PRIVATE_DATA, Reason.THREAT,
    Reason.HARM, Reason.DUPLICATE, Reason.COPIED, Reason.SCAM,
)  # fmt: skip
REASON_KEYS = "1234567890def"
NUMBER = re.compile(r"[0-9]{1,18}")
SUBJECT = re.compile(r"(?:comment|edit|appeal|legal):[0-9]{1,18}")
MOST_LISTED = 50
MOST_SAVED = 30  # filters of one moderator
MOST_SHOWN = 60
FOR_MODERATORS = permission_required("comments.moderate_comment", raise_exception=True)


def frame(request: HttpRequest, place: Place, is_pulse: bool = False) -> dict[str, Any]:
    """Return what the desk shows around its cards."""
    # What one decided on oneself is counted at once.
    desk = reverse("admin:comments_comment_desk")
    said = queues.counts(fresh=request.method == "POST" and not is_pulse)
    return {
        "place": place,
        "queues": [
            (queue, said[queue.key], f"{desk}?queue={queue.key}") for queue in queues.QUEUES
        ],
        "reasons": [
            (reason.value, reason.label, key)
            for reason, key in zip(REASONS, REASON_KEYS, strict=True)
        ],
        # Read where a card shows them: a decision's answer has none.
        "templates": MessageTemplate.objects.all()[:MOST_SHOWN],
    }


def desk_page(
    request: HttpRequest, place: Place, first: Card | None = None, status: int = 200
) -> HttpResponse:
    """Show the place, with the card ``first`` above it."""
    waits, further = place.page()
    is_whole = not (further or place.after)
    count = len(waits)
    if first:
        waits = [wait for wait in waits if wait[1] != first.comment.pk]
    context = {
        **admin.site.each_context(request),
        **frame(request, place),
        "title": "Moderation desk",
        "opts": Comment._meta,
        "cards": cards(waits, person(request), place.queue.of_edits),
        "first": first,
        # How many there are, where that is known for nothing.
        "count": count if is_whole else None,
        "further": place.with_(after=further) if further else None,
        "start": place.with_(after="") if place.after else None,
        "now": timezone.now(),
        "here": presence.others_here(person(request)),
        "day": care.day_of(person(request)),
        "filters": filters(place),
        "saved": saved_filters(person(request)),
        # What was decided last, without scripts: from here it can be reversed.
        **_done(request),
    }
    return render(request, "admin/comments/comment/desk.html", context, status=status)


def filters(place: Place) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Return what the queue can be narrowed to: name in the address, label, and the choices.

    A choice is its value, its words, and whether it is chosen.
    """
    sections = [(str(pk), name) for pk, name in Section.objects.values_list("pk", "name")]
    fields = [
        ("section", "Section", sections, str(place.ids.get("section", ""))),
        ("check", "Check that spoke", list(queues.CHECK_NAMES.items()), place.check),
        ("age", "Waits at least", [(key, age[0]) for key, age in queues.AGES.items()], place.age),
        ("language", "Language", sorted(language.NAMES.items(), key=itemgetter(1)), place.language),
    ]
    if place.queue.key == "rejected":
        fields.append(("reason", "Reason", list(Reason.choices), place.reason))
    if place.queue.key == "pending":
        fields.append(("sort", "Order", list(queues.SORTS.items()), place.sort or "oldest"))
    return [
        (name, label, [(value, words, value == chosen) for value, words in choices])
        for name, label, choices, chosen in fields
    ]


def saved_filters(by: User) -> list[SavedFilter]:
    """Return the places that ``by`` or a colleague saved, by name. One query."""
    shown = SavedFilter.objects.filter(Q(owner=by) | Q(is_shared=True)).select_related("owner")
    return list(shown.order_by("name", "pk")[:MOST_SHOWN])


class FilterForm(forms.Form):
    """A place to keep, under a name."""

    name = forms.CharField(max_length=60)
    is_shared = forms.BooleanField(required=False)


@require_POST
@FOR_MODERATORS
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep the place of the address under a name, or with ``delete`` forget one of one's own."""
    place, by = Place.asked_for(request.GET), person(request)
    if "delete" in request.POST:
        # Somebody else's is not there to be deleted.
        pk = number_or_404(request.POST["delete"])
        get_object_or_404(SavedFilter, pk=pk, owner=by).delete()
        messages.success(request, "The saved filter is gone.")
        return redirect(place.url)
    form = FilterForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A saved filter needs a name of at most 60 letters.")
        return redirect(place.url)
    name = form.cleaned_data["name"]
    if SavedFilter.objects.filter(owner=by).exclude(name=name).count() >= MOST_SAVED:
        messages.error(request, f"{MOST_SAVED} saved filters are the most. Delete one first.")
        return redirect(place.url)
    SavedFilter.objects.update_or_create(
        owner=by,
        name=name,
        defaults={
            "query": place.with_(after="").query,
            "is_shared": form.cleaned_data["is_shared"],
        },
    )
    messages.success(request, f"Saved as “{name}”.")
    return redirect(place.url)


@require_POST
@FOR_MODERATORS
def pulse(request: HttpRequest) -> HttpResponse:
    """Note that a moderator is here, and at which card; answer with what is new.

    Nothing on their page moves: new arrivals are announced, and who has which card is said.
    """
    place, by = Place.asked_for(request.GET), person(request)
    presence.arrive(by)
    current = request.POST.get("current", "")
    if SUBJECT.fullmatch(current):
        if "take_over" in request.POST:
            presence.take_over(current, by)
        else:
            presence.claim(current, by)
    listed = [one for one in request.POST.getlist("listed")[:MOST_LISTED] if SUBJECT.fullmatch(one)]
    held = presence.holders(listed)
    since = parse_datetime(request.POST.get("since", "")[:40])
    context = {
        **frame(request, place, is_pulse=True),
        "here": presence.others_here(by),
        "new": place.new_since(since) if since and timezone.is_aware(since) else 0,
        "claims": [(one, held.get(one), by.pk) for one in listed],
    }
    return render(request, "admin/comments/comment/_pulse.html", context)


@require_POST
@FOR_MODERATORS
def end_surge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a story's comments through again before its pressure is over."""
    article = get_object_or_404(Article, pk=number_or_404(str(pk)))
    if surge.end(article):
        messages.success(request, "Comments on that story go through again, as it is set.")
    else:
        messages.info(request, "That story was under no pressure any more.")
    return redirect(way_back(request))


def way_back(request: HttpRequest) -> str:
    """Return the place of this site that a form of the desk was sent from; the desk if unknown."""
    back = request.POST.get("next", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    return reverse("admin:comments_comment_desk")


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
    if place.queue.has_page:
        # What is in it are no comments, and is shown by who knows of it.
        from comments import appeals, legal

        return (appeals if place.queue.key == "appeals" else legal).queue_page(request, place)
    first = card_of(named, person(request), place.queue.of_edits) if named else None
    return desk_page(request, place, first)
