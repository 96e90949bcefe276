"""Comments written before their author logged in: kept, claimed, posted.

The rules are ``Draft``'s; this file says which drafts a browser or a person brings along, and is
called when somebody signs up, confirms an address or logs in.
"""

import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from comments import quoting
from comments.models import Comment, Draft
from newsroom import pace
from newsroom.addresses import client_address

SESSION_KEY = "drafts"
MAX_PER_BROWSER = 5
# So many texts are kept for those who come from one address and have not logged in.
PACE = (60, datetime.timedelta(hours=1))


def keep(
    request: HttpRequest,
    article: Article,
    parent: Comment | None,
    body: str,
    passage: quoting.Passage | None = None,
) -> Draft:
    """Keep a text for the person behind this browser, until they have logged in.

    The passage it speaks of becomes its first lines, so that it is not lost even if the story has
    changed by then.
    """
    draft = Draft.objects.create(article=article, parent=parent, body=quoting.lead(passage, body))
    keys = [*request.session.get(SESSION_KEY, []), str(draft.key)]
    request.session[SESSION_KEY] = keys[-MAX_PER_BROWSER:]
    return draft


def wait(request: HttpRequest) -> int:
    """Count a text that a visitor leaves here; return in how many seconds there is room for it."""
    return pace.wait_for_turn("kept-text", client_address(request) or "unknown", *PACE)


def of_browser(request: HttpRequest) -> list[Draft]:
    """Return the drafts that this browser brought, oldest first."""
    keys = []
    for key in request.session.get(SESSION_KEY, []):
        try:
            keys.append(UUID(key))
        except (ValueError, ValidationError):
            continue
    since = timezone.now() - Draft.KEPT
    return list(Draft.objects.filter(pk__in=keys, created_at__gt=since).order_by("created_at"))


def claim_at_sign_up(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Make this browser's drafts the new account's; they are posted once its address is known."""
    for draft in of_browser(request):
        Draft.objects.filter(pk=draft.pk, author__isnull=True).update(author=user)


def post_at_confirmation(request: HttpRequest, email_address: Any, **kwargs: Any) -> None:
    """Post what the person wrote before signing up, whichever device confirmed the address."""
    since = timezone.now() - Draft.KEPT
    for draft in Draft.objects.filter(
        author=email_address.user, comment__isnull=True, created_at__gt=since
    ):
        draft.post(by=email_address.user, address=client_address(request))


def post_at_log_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Post what this browser's reader wrote before logging in."""
    for draft in of_browser(request):
        draft.post(by=user, address=client_address(request))
