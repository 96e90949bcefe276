"""The accounts' mails: both parts, the paper's name, the right link, no words of strangers."""

import re
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD


def show_password_again(client: Client) -> None:
    """Before what matters the password is asked for once more, however fresh the log-in."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def html_of(message: mail.EmailMultiAlternatives) -> str:
    (part,) = [body for body, kind in message.alternatives if kind == "text/html"]
    return part


@pytest.fixture
def every_mail(client, make_user, settings, rf) -> list[mail.EmailMultiAlternatives]:
    """One of each mail that allauth sends here."""
    settings.SITE_NAME = "Pell & Worth"
    from allauth.account.adapter import get_adapter
    from allauth.core import context

    user = make_user("first", display_name="O'Hara & Sons")
    client.post(
        "/accounts/signup/",
        {"email": "n@example.org", "username": "Nova", "password1": "seven gulls on a wall"},
    )
    client.post(
        "/accounts/signup/",
        {"email": "first@example.org", "username": "Vega", "password1": "seven gulls on a wall"},
    )
    client.post("/accounts/password/reset/", {"email": "first@example.org"})
    request = rf.get("/", HTTP_USER_AGENT="<script>alert(1)</script>" * 20)
    with context.request_context(request):
        adapter = get_adapter(request)
        for name in (
            "account/email/password_changed", "account/email/password_reset",
            "account/email/password_set", "account/email/email_changed",
            "account/email/email_confirm", "account/email/email_deleted",
            "mfa/email/totp_activated", "mfa/email/totp_deactivated",
            "mfa/email/recovery_codes_generated", "mfa/email/webauthn_added",
            "mfa/email/webauthn_removed",
        ):  # fmt: skip
            adapter.send_notification_mail(
                name, user, {"from_email": "a@x.org", "to_email": "b@x.org", "email": "b@x.org"}
            )
        user.set_unusable_password()
        adapter.send_password_reset_mail(
            user, user.email, {"user": user, "password_reset_url": "http://testserver/x/"}
        )
    return mail.outbox


def test_every_mail_has_two_parts_that_say_the_same_in_the_papers_name(every_mail):
    assert len(every_mail) == 15
    for message in every_mail:
        html = html_of(message)
        assert message.body.startswith("Pell & Worth\n")
        assert "Pell &amp; Worth" in html
        assert "&amp;" not in message.subject
        assert "&#x27;" not in message.body
        assert "example.com" not in message.body + html
        links = set(re.findall(r"^http://testserver/\S+$", message.body, re.MULTILINE))
        assert len(links) == 1, message.subject
        assert set(re.findall(r'href="(http[^"]+)"', html)) == links


def test_no_mail_carries_script_or_loads_anything(every_mail):
    for message in every_mail:
        html = html_of(message)
        assert "<script" not in html
        assert not re.search(r"<(img|link|style|iframe)|\bon\w+=|src=|url\(", html)
        assert max(map(len, (message.body + html).splitlines())) < 998


def test_a_stranger_cannot_have_us_mail_words_of_theirs(client, db):
    client.post(
        "/accounts/signup/",
        {"email": "n@example.org", "username": "evil.example", "password1": "seven gulls, a wall"},
    )
    (message,) = mail.outbox
    assert "evil.example" not in message.subject + message.body + html_of(message)


def test_a_reset_goes_to_the_stored_address_and_its_link_sets_the_password(client, make_user):
    user = make_user("first")
    client.post("/accounts/password/reset/", {"email": "FIRST@example.org"})
    (message,) = mail.outbox
    assert message.to == ["first@example.org"]
    (path,) = re.findall(r"^http://testserver(/\S+)$", message.body, re.MULTILINE)
    page = client.get(path, follow=True)
    form = page.redirect_chain[-1][0]
    answer = client.post(form, {"password1": "eight gulls on a wall"}, follow=True)
    assert "Now log in" in answer.text
    user.refresh_from_db()
    assert user.check_password("eight gulls on a wall")
    assert "no longer works" in Client().get(path, follow=True).text


@pytest.mark.parametrize("typed", ["mıke@example.org", "mike@example.org "])
def test_a_look_alike_address_gets_no_reset_for_somebody_else(client, make_user, typed):
    make_user("mike")
    client.post("/accounts/password/reset/", {"email": typed})
    assert all(message.to == ["mike@example.org"] for message in mail.outbox)


def test_links_in_mail_are_deaf_to_forwarded_hosts(client, make_user):
    make_user("first")
    client.post(
        "/accounts/password/reset/",
        {"email": "first@example.org"},
        HTTP_X_FORWARDED_HOST="evil.example",
        HTTP_X_FORWARDED_PROTO="https",
    )
    assert "evil.example" not in mail.outbox[0].body
    bad = client.post(
        "/accounts/password/reset/", {"email": "first@example.org"}, HTTP_HOST="evil.example"
    )
    assert bad.status_code == 400
    assert len(mail.outbox) == 1


def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(client, make_user):
    user = make_user("first")
    client.post("/accounts/login/", {"login": "first", "password": PASSWORD})
    show_password_again(client)
    page = client.post(
        "/accounts/email/", {"action_add": "on", "email": "new@example.org"}, follow=True
    )
    assert "waits for you to confirm it" in page.text
    assert 'style="' not in page.text
    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    user.refresh_from_db()
    assert user.email == "first@example.org"
    (path,) = re.findall(r"^http://testserver(/\S+)$", message.body, re.MULTILINE)
    client.post(path)
    user.refresh_from_db()
    assert user.email == "new@example.org"
    assert ["first@example.org"] in [message.to for message in mail.outbox[1:]]


def test_an_address_that_somebody_else_holds_is_not_taken_over(client, make_user):
    # An account without a confirmed address, as an import makes it.
    other = make_user("other")
    other.emailaddress_set.all().delete()
    user = make_user("first")
    client.post("/accounts/login/", {"login": "first", "password": PASSWORD})
    show_password_again(client)
    client.post("/accounts/email/", {"action_add": "on", "email": "other@example.org"})
    (path,) = re.findall(r"^http://testserver(/\S+)$", mail.outbox[0].body, re.MULTILINE)
    answer = client.post(path, follow=True)
    assert "belongs to another account" in answer.text
    assert User.objects.get(pk=user.pk).email == "first@example.org"


def test_the_outbox_keeps_real_messages_whose_links_can_be_copied(settings, tmp_path):
    settings.EMAIL_BACKEND = "newsroom.outbox.OutboxBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    link = "http://127.0.0.1:8000/accounts/confirm-email/" + "Mg:" + "x" * 90 + "/"
    message = mail.EmailMultiAlternatives(
        "Bestätigen", f"Grüße\n\n{link}\n", to=["../../nova+x@example.org"]
    )
    message.attach_alternative("<p>Grüße</p>", "text/html")
    message.send()
    (path,) = (tmp_path / "mail").iterdir()
    raw = path.read_bytes()
    assert f"\n{link}\n".encode() in raw
    assert "Grüße".encode() in raw
    parsed = message_from_bytes(raw, policy=policy.default)
    assert parsed["subject"] == "Bestätigen"
    assert link in parsed.get_body(("plain",)).get_content()
    assert path.parent == tmp_path / "mail"
