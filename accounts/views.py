"""Pages about people: one's own, and what readers may know of the others."""

from typing import Any, cast

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import ProfileForm
from accounts.models import User
from newsroom import rows
from newsroom.shared_pages import shared_page

COMMENTS_PER_PAGE = 20
PICKS_SHOWN = 5


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own page, and take a new display name and a word about oneself."""
    # A row of its own: a name that was refused must not show in the masthead.
    person = User.objects.get(pk=cast(User, request.user).pk)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid() and form.try_save():
        messages.success(request, "Your page is saved.")
        return redirect("accounts:account")
    return render(
        request,
        "accounts/account.html",
        {
            "form": form,
            # As it is saved: ``person`` carries what the form was given.
            "person": request.user,
            "renamed_until": person.renamed_until(),
            "has_second_step": is_mfa_enabled(person),
        },
    )


@shared_page
@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Show what readers may know of somebody: name, month of joining, picks, visible comments.

    Who keeps their comments off this page shows neither those nor their picks, not to themselves
    either: they see what others see, and a word that says so.
    """
    person = find_person(username)
    if person.username != username:
        return redirect(person, permanent=True)
    reader = request.user if request.user.is_authenticated else None
    context = {
        "person": person,
        "is_own": reader == person,
        "is_muted": reader is not None and reader.mutes.filter(muted=person).exists(),
    }
    if not person.hides_comments:
        context |= _said(person, request.GET.get("before", ""))
    return render(request, "accounts/person.html", context)


def _said(person: User, before: str) -> dict[str, Any]:
    """Return a page of somebody's visible comments, and on the first their picks."""
    readable = comments = person.comments.readable().select_related("article")
    if before:
        last = get_object_or_404(readable, pk=rows.number_or_404(before))
        comments = comments.filter(rows.beyond("created_at", last.created_at, last.pk))
    page = list(comments.order_by("-created_at", "-pk")[: COMMENTS_PER_PAGE + 1])
    picks = readable.none() if before else readable.picked().order_by("-picked_at", "-pk")
    return {
        "picks": list(picks[:PICKS_SHOWN]),
        "comments": page[:COMMENTS_PER_PAGE],
        "is_first_page": not before,
        "older": page[COMMENTS_PER_PAGE - 1].pk if len(page) > COMMENTS_PER_PAGE else None,
    }


def find_person(username: str) -> User:
    """Return the active person of that name, however its letters are cased. Raises ``Http404``."""
    active = User.objects.filter(is_active=True)
    # As it is written first: that finds nearly everybody, by the index.
    found = (
        active.filter(username=username).first() or active.filter(username__iexact=username).first()
    )
    if found is None:
        raise Http404("Nobody of this name.")
    return found
