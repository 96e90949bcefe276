"""Single mails: sent once, tried again, stopped where an address wants none."""

import datetime

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from comments import mailing, tasks
from comments.models import Dispatch

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def send(key="one", address="ines@example.org"):
    Dispatch.send(key, address, "A word", "To you.")
    return Dispatch.objects.get(key=key)


def test_mail_of_one_key_goes_out_once(mailoutbox):
    send()
    send()
    assert mailing.dispatch_due() == 1
    assert mailing.dispatch_due() == 0
    (message,) = mailoutbox
    assert (message.to, message.subject, "To you." in message.body) == (
        ["ines@example.org"], "A word", True,
    )  # fmt: skip


def test_mail_that_fails_is_tried_again_later_and_given_up_in_the_end(monkeypatch, caplog):
    row = send()

    def fail(*args, **kwargs):
        raise OSError("no route")

    monkeypatch.setattr(mail.EmailMessage, "send", fail)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert mailing.dispatch_due() == 0
        row.refresh_from_db()
        assert (row.status, row.tries) == ("waiting", 1)
        assert "no route" in row.error
        assert row.due_at > timezone.now()
        assert mailing.dispatch_due() == 0
        row.refresh_from_db()
        assert row.tries == 1  # it waits for its time
        for _ in range(20):
            clock.shift(24 * HOUR)
            mailing.dispatch_due()
    row.refresh_from_db()
    assert row.status == Dispatch.Status.FAILED
    assert "Given up" in caplog.text


def test_mail_goes_out_when_the_server_is_back(monkeypatch, mailoutbox):
    row = send()
    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", lambda *args, **kwargs: 1 / 0)
        mailing.dispatch_due()
    with time_machine.travel(timezone.now() + 24 * HOUR, tick=False):
        assert mailing.dispatch_due() == 1
    row.refresh_from_db()
    assert (row.status, row.error) == ("sent", "")


def test_one_that_fails_does_not_hold_up_the_others(monkeypatch):
    send("one", "bad@example.org")
    send("two", "good@example.org")
    sent = []

    def deliver(message, *args, **kwargs):
        if "bad@example.org" in message.to:
            raise OSError("no such box")
        sent.extend(message.to)
        return 1

    monkeypatch.setattr(mail.EmailMessage, "send", deliver)
    assert mailing.dispatch_due() == 1
    assert sent == ["good@example.org"]


def test_mails_that_are_done_with_are_forgotten_in_time(mailoutbox):
    rows = {}
    for status, key in (("sent", "one"), ("failed", "two"), ("stopped", "three"), ("waiting", "x")):
        rows[status] = send(key)
        Dispatch.objects.filter(key=key).update(status=status)
    Dispatch.objects.filter(status="sent").update(sent_at=timezone.now())
    left = {}
    for days in (29, 31, 91):
        with time_machine.travel(timezone.now() + datetime.timedelta(days=days)):
            tasks.tidy()
        left[days] = set(Dispatch.objects.values_list("status", flat=True))
    assert left == {
        29: {"sent", "failed", "stopped", "waiting"},
        31: {"failed", "stopped", "waiting"},
        91: {"waiting"},
    }
