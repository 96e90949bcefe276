"""The link that stops mail, and what happens when mail comes back."""

import datetime
import io
import json
import sys

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from comments import bounces, mailing
from comments.models import MailChoice, MailStop, Notice
from tests.comments.mailed import notice, sent

DAY = datetime.timedelta(days=1)
START = datetime.datetime(2031, 3, 3, 12, tzinfo=datetime.UTC)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ADDRESS = "ada@example.org"


@pytest.fixture
def ada(make_user):
    return make_user("ada")


@pytest.fixture
def stranger():
    """A mail provider's machine: no cookie, and nothing that would let it skip the check."""
    return Client(enforce_csrf_checks=True)


def link(person, kind="reply"):
    return f"/mail/stop/{MailChoice.token_for(person, kind)}/"


def pace(person, kind="reply"):
    return MailChoice.paces_of(person)[kind]


# The link ----------------------------------------------------------------------------------------


def test_the_address_in_a_mail_stops_its_stream_at_one_post(ada, stranger, make_comment, settings):
    settings.SITE_URL = "http://testserver"
    notice(ada, comment=make_comment())
    mailing.deliver_due()
    address = sent()[0]["List-Unsubscribe"].strip("<>")
    answer = stranger.post(address, ONE_CLICK)
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert pace(ada) == "off"
    assert pace(ada, "staff-reply") == "now"
    notice(ada, comment=make_comment())
    assert mailing.deliver_due() == 0


def test_what_waits_of_a_stream_is_not_sent_once_it_is_stopped(ada, stranger, make_comment):
    row = notice(ada, comment=make_comment())
    other = notice(ada, "picked", comment=make_comment(pick_reason="Well said."))
    stranger.post(link(ada), ONE_CLICK)
    row.refresh_from_db()
    assert row.mail == Notice.Mail.NONE
    assert mailing.deliver_due() == 1
    other.refresh_from_db()
    assert other.mail == Notice.Mail.SENT


def test_stopping_twice_is_stopping_once(ada, stranger):
    address = link(ada)
    first, second = (stranger.post(address, ONE_CLICK) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert pace(ada) == "off"
    assert MailChoice.objects.filter(person=ada).count() == 1


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_link_changes_nothing_and_sets_no_cookie(ada, stranger, method):
    address = link(ada)
    before = list(MailChoice.objects.values())
    answer = getattr(stranger, method)(address)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "private" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert list(MailChoice.objects.values()) == before
    if method == "get":
        assert "<button" in answer.text
        assert "Somebody answers you" in answer.text
        assert ada.username not in answer.text


def test_a_person_sees_what_was_stopped_and_can_take_it_back(ada, stranger):
    MailChoice.choose(ada, {"reply": "daily"})
    address = link(ada)
    page = stranger.post(address)
    assert page.status_code == 200
    assert not page.cookies
    assert "Somebody answers you" in page.text
    assert pace(ada) == "off"
    before = page.context["before"]
    assert before in page.text
    back = stranger.post(address, {"before": before})
    assert "come again" in back.text
    assert pace(ada) == "daily"


def test_what_was_made_up_or_is_another_links_takes_nothing_back(ada, make_user, stranger):
    eve = make_user("eve")
    hers = stranger.post(link(eve)).context["before"]
    MailChoice.choose(ada, {"reply": "off"})
    for before in (hers, "made-up", "a:b:c"):
        stranger.post(link(ada), {"before": before})
        assert pace(ada) == "off"


def test_the_link_of_a_digest_stops_all_that_comes_hourly_or_daily(ada, stranger, make_comment):
    MailChoice.choose(ada, {"reply": "hourly"})
    row = notice(ada, "story", comment=make_comment())
    page = stranger.post(link(ada, MailChoice.DIGEST))
    paces = MailChoice.paces_of(ada)
    assert [paces[kind] for kind in ("reply", "thread", "story")] == ["off"] * 3
    assert paces["approved"] == "now"
    row.refresh_from_db()
    assert row.mail == Notice.Mail.NONE
    stranger.post(link(ada, MailChoice.DIGEST), {"before": page.context["before"]})
    paces = MailChoice.paces_of(ada)
    assert [paces[kind] for kind in ("reply", "thread", "story")] == ["hourly", "hourly", "daily"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_not_known_is_a_kind_404(db, stranger, method):
    answer = getattr(stranger, method)("/mail/stop/nonsense/")
    assert answer.status_code == 404
    assert "This link is not known" in answer.text
    assert not answer.cookies


def test_statements_of_reasons_cannot_be_stopped_by_a_link(ada, stranger):
    token = MailChoice.objects.create(person=ada, kind="rejected", pace="now").token
    assert stranger.post(f"/mail/stop/{token}/", ONE_CLICK).status_code == 404
    assert pace(ada, "rejected") == "now"


# Bounces and complaints ---------------------------------------------------------------------------


def standing():
    return MailStop.objects.standing().filter(address=ADDRESS).exists()


def test_one_hard_bounce_stops_an_address_for_good(db):
    with time_machine.travel(START, tick=False) as clock:
        MailStop.record("Ada@Example.org", "hard", "5.1.1\nno such person")
        clock.shift(400 * DAY)
        assert standing()
    assert MailStop.objects.get().detail == "5.1.1 no such person"


def test_three_soft_bounces_in_a_week_pause_an_address_for_a_week(db):
    with time_machine.travel(START, tick=False) as clock:
        MailStop.record(ADDRESS, "soft")
        clock.shift(DAY)
        MailStop.record(ADDRESS, "soft")
        assert not standing()
        clock.shift(DAY)
        MailStop.record(ADDRESS, "soft")
        assert standing()
        clock.shift(6 * DAY)
        assert standing()
        clock.shift(DAY)
        assert not standing()
        MailStop.record(ADDRESS, "soft")
        assert not standing()


def test_soft_bounces_weeks_apart_pause_nothing(db):
    with time_machine.travel(START, tick=False) as clock:
        for _ in range(5):
            MailStop.record(ADDRESS, "soft")
            clock.shift(8 * DAY)
            assert not standing()


def test_a_graver_word_replaces_a_milder_one_and_never_the_other_way_round(db):
    for kind, then in (
        ("soft", "soft"), ("hard", "hard"), ("soft", "hard"), ("complaint", "complaint"),
        ("hard", "complaint"),
    ):  # fmt: skip
        MailStop.record(ADDRESS, kind)
        assert MailStop.objects.get().kind == then


def test_a_stop_can_be_lifted(ada, make_comment):
    MailStop.record(ADDRESS, "hard")
    call_command("record_bounce", ADDRESS, "--lift", stdout=io.StringIO())
    notice(ada, comment=make_comment())
    assert mailing.deliver_due() == 1


def test_the_command_records_one_address_and_refuses_what_is_none(db):
    out = io.StringIO()
    call_command("record_bounce", ADDRESS, "--kind", "soft", "--detail", "full", stdout=out)
    assert "mail still goes there" in out.getvalue()
    call_command("record_bounce", ADDRESS, "--kind", "complaint", stdout=out)
    assert "no mail goes there" in out.getvalue()
    with pytest.raises(CommandError, match="no mail address"):
        call_command("record_bounce", "nobody")


DSN = """\
From: MAILER-DAEMON@mx.example
To: desk@news.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Ada@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} the server said so

--b--
"""
ARF = """\
From: abuse@provider.example
To: desk@news.example
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is a complaint.

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Provider/1.0
Version: 1
Original-Rcpt-To: ada@example.org

--b--
"""


@pytest.mark.parametrize(
    ("status", "kind"),
    [("5.1.1", "hard"), ("5.2.1", "hard"), ("5.2.2", "soft"), ("5.7.1", "soft"), ("4.4.7", "soft")],
)
def test_a_bounce_that_came_by_mail_is_read(db, monkeypatch, status, kind):
    raw = DSN.format(action="failed", status=status).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("record_bounce", stdout=io.StringIO())
    stop = MailStop.objects.get()
    assert (stop.address, stop.kind) == (ADDRESS, kind)


def test_a_complaint_that_came_by_mail_is_read():
    (complaint,) = bounces.from_message(ARF.encode())
    assert complaint[:2] == (ADDRESS, "complaint")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: hello\n\nHow are you?",
        DSN.format(action="delayed", status="4.4.1").encode(),
        DSN.replace("Ada@example.org", "nonsense").format(action="failed", status="5.1.1").encode(),
        b"Content-Type: message/delivery-status\n\n\xff\xfe",
    ],
)
def test_a_message_that_is_no_report_is_said_to_be_none(raw):
    with pytest.raises(bounces.Unreadable):
        bounces.from_message(raw)


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (550, "No such person", "hard"),
        (550, "5.1.1 unknown", "hard"),
        (550, "5.7.1 blocked by policy", "soft"),
        (552, "5.2.2 full", "soft"),
        (552, "too large", "soft"),
        (451, "4.7.1 greylisted", "soft"),
        (421, "later", "soft"),
    ],
)
def test_what_a_server_answers_is_about_the_address_or_about_now(code, said, kind):
    assert bounces.kind_of(said, code) == kind


# The provider's door -----------------------------------------------------------------------------

HOOK = "/mail/bounces/"
SECRET = "s3cret-of-the-provider"


def post(client, body, secret=SECRET):
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.post(HOOK, body, content_type="application/json", headers=headers)


@pytest.fixture
def door(settings):
    settings.MAIL_WEBHOOK_SECRET = SECRET


def test_without_a_secret_in_the_settings_there_is_no_door(db, stranger):
    assert post(stranger, "[]", secret="").status_code == 404
    assert stranger.get(HOOK).status_code == 404


@pytest.mark.parametrize("secret", ["", "wrong", "s3cret-of-the-provider2", "ümlaut"])
def test_nobody_comes_in_without_the_secret(db, stranger, door, secret):
    body = json.dumps([{"address": ADDRESS, "kind": "hard"}])
    assert post(stranger, body, secret=secret).status_code == 403
    assert not MailStop.objects.exists()


def test_a_list_is_taken_whole(db, stranger, door):
    body = [{"address": ADDRESS, "kind": "hard"}, {"address": "b@x.org", "kind": "complaint"}]
    answer = post(stranger, json.dumps(body))
    assert answer.json() == {"recorded": 2}
    assert not answer.cookies
    assert standing()
    assert stranger.get(HOOK).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[" * 100_000,
        '{"address": "a@x.org"}',
        "[1]",
        '[{"address": "a@x.org", "kind": "vague"}]',
        '[{"address": "a@x.org", "kind": ["hard"]}]',
        '[{"address": "nobody", "kind": "hard"}]',
        '[{"address": null, "kind": "hard"}]',
        '[{"address": "a@x.org", "kind": "hard", "detail": 5}]',
        '[{"address": "a@x.org", "kind": "hard"}, {"address": "b@x.org"}]',
        json.dumps([{"address": "a@x.org", "kind": "hard"}] * 501),
    ],
)
def test_what_is_no_list_of_bounces_is_refused_whole(db, stranger, door, body):
    answer = post(stranger, body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert not MailStop.objects.exists()


def test_a_list_that_is_too_large_is_not_even_read(db, stranger, door):
    assert post(stranger, "[" + " " * 300_000 + "]").status_code == 413
