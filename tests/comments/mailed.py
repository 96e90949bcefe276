"""What tests of mail share: a notice that waits, a mail as its reader's program sees it."""

import email
import email.policy
import itertools
from email.message import EmailMessage
from typing import Any

from django.core import mail
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, Follow, Notice

_numbers = itertools.count(1)


def notice(person: User, kind: str = "reply", **fields: Any) -> Notice:
    """Save a notice whose mail is due now, in place of those that the fixtures' events wrote."""
    Notice.objects.exclude(key__startswith="test:").delete()
    comment: Comment | None = fields.get("comment")
    if comment is not None:
        fields.setdefault("article", comment.article)
        if kind in {"story", "thread"}:
            Follow.objects.get_or_create(reader=person, article=comment.article)
    fields.setdefault("key", f"test:{next(_numbers)}:{person.pk}")
    fields.setdefault("mail", Notice.Mail.WAITING)
    fields.setdefault("mail_due_at", timezone.now())
    return Notice.objects.create(person=person, kind=kind, **fields)


def sent() -> list[EmailMessage]:
    """Return the mails in the outbox, each parsed from the bytes that would go out."""
    return [
        email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
        for message in mail.outbox
    ]


def part(message: EmailMessage, kind: str) -> str:
    """Return the ``plain`` or the ``html`` part's text."""
    body = message.get_body((kind,))
    assert body is not None
    return body.get_content()
