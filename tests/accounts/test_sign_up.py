"""From the sign-up form to a first log-in, and who is stopped on the way."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import HeldName, NameTaken, User

SIGN_UP = "/accounts/signup/"
LOG_IN = "/accounts/login/"
GOOD = {
    "email": "nova@example.org",
    "username": "Nova",
    "password1": "seven gulls on a wall",
    "website": "",
}


def link_in(text: str) -> str:
    """Return the path of the one link in a mail's plain part."""
    (found,) = re.findall(r"^http://testserver(/\S+)$", text, re.MULTILINE)
    return found


def confirm(client: Client, path: str) -> Any:
    assert "Yes, confirm" in client.get(path).text
    return client.post(path)


def test_a_newcomer_signs_up_confirms_and_is_logged_in_where_they_wanted_to_go(client, db):
    answer = client.post(f"{SIGN_UP}?next=/people/Nova/", GOOD)
    assert answer.status_code == 302
    assert answer.url == reverse("account_email_verification_sent")
    assert "Look into your mail" in client.get(answer.url).text
    assert "_auth_user_id" not in client.session
    answer = confirm(client, link_in(mail.outbox[0].body))
    assert answer.url == "/people/Nova/"
    assert client.get("/account/").status_code == 200


def test_an_address_confirmed_on_another_device_leads_to_the_log_in(client, db):
    client.post(SIGN_UP, GOOD)
    other = Client()
    assert confirm(other, link_in(mail.outbox[0].body)).url == LOG_IN
    assert "_auth_user_id" not in other.session
    answer = other.post(LOG_IN, {"login": "nova", "password": GOOD["password1"]})
    assert answer.url == "/account/"


def test_nobody_logs_in_before_the_address_is_confirmed(client, db):
    client.post(SIGN_UP, GOOD)
    answer = client.post(LOG_IN, {"login": "Nova", "password": GOOD["password1"]})
    assert answer.url == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("login", ["Nova", "nova", "nova@example.org", "NOVA@example.org"])
def test_one_logs_in_by_name_or_address_however_cased(client, db, login):
    client.post(SIGN_UP, GOOD)
    EmailAddress.objects.update(verified=True)
    answer = Client().post(LOG_IN, {"login": login, "password": GOOD["password1"]})
    assert answer.url == "/account/"


def test_a_confirmation_link_works_only_for_its_own_key(client, db):
    client.post(SIGN_UP, GOOD)
    path = link_in(mail.outbox[0].body)
    assert "no longer works" in client.get(path[:-3] + "x/").text
    assert client.post(path[:-3] + "x/").status_code == 404
    assert not EmailAddress.objects.get().verified


def test_the_new_name_is_held_against_look_alikes(client, db):
    client.post(SIGN_UP, GOOD)
    assert HeldName.objects.get().holder.username == "Nova"
    answer = client.post(SIGN_UP, {**GOOD, "email": "two@example.org", "username": "n0va"})
    assert "looks like it" in answer.text
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("no", "at least 3 characters"),
        ("with space", "Use letters and digits"),
        ("<b>x</b>", "Use letters and digits"),
        ("moderator", "reserved"),
        ("M0derat0r", "reserved"),
        ("pа.ypal", "one alphabet"),
        ("a\u200bbc", "Use letters and digits"),
        ("x" * 31, "at most 30 characters"),
        ("", "required"),
        ("a\x00bc", "Null characters"),
    ],
)
def test_a_name_that_cannot_be_had_is_refused_kindly_and_the_rest_is_kept(client, db, name, why):
    answer = client.post(SIGN_UP, {**GOOD, "username": name})
    assert answer.status_code == 200
    assert why in answer.text
    assert 'value="nova@example.org"' in answer.text
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "password1234", "Nova-Nova-1", "1234567890123"])
def test_weak_passwords_are_refused(client, db, password):
    answer = client.post(SIGN_UP, {**GOOD, "username": "NovaNova", "password1": password})
    assert answer.status_code == 200
    assert not User.objects.exists()


def test_long_passwords_are_taken(client, db):
    password = "gull " * 40
    client.post(SIGN_UP, {**GOOD, "password1": password})
    assert User.objects.get().check_password(password)


def test_a_known_address_is_answered_like_a_new_one_and_its_owner_is_told(client, make_user):
    make_user("first", email="nova@example.org")
    taken = client.post(SIGN_UP, GOOD)
    fresh = Client().post(SIGN_UP, {**GOOD, "email": "new@example.org", "username": "Fresh"})
    assert (taken.status_code, taken.url) == (fresh.status_code, fresh.url)
    assert set(taken.cookies) == set(fresh.cookies)
    told, welcomed = mail.outbox
    assert told.to == ["nova@example.org"]
    assert "It has an account already" in told.body
    assert "Confirm" in welcomed.subject
    assert not User.objects.filter(username="Nova").exists()


def test_unknown_name_and_wrong_password_are_told_alike(client, make_user):
    make_user("first")
    answers = {
        re.sub(r'(csrfmiddlewaretoken|id_login|name="login").*?>', "", part)
        for login in ("first", "nobody")
        for part in re.findall(
            r'<div class="error-summary".*?</div>',
            client.post(LOG_IN, {"login": login, "password": "wrong-wrong"}).text,
            re.DOTALL,
        )
    }
    assert len(answers) == 1


def test_reset_tells_nobody_whether_an_address_is_known(client, make_user):
    make_user("first")
    known = client.post("/accounts/password/reset/", {"email": "first@example.org"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [message.to for message in mail.outbox] == [["first@example.org"]]


def test_the_trap_for_machines_catches_without_a_word(client, db):
    page = client.get(SIGN_UP).text
    assert 'name="website"' in page
    assert "style=" not in page
    answer = client.post(SIGN_UP, {**GOOD, "website": "http://buy.example"})
    assert answer.url == reverse("account_email_verification_sent")
    assert not User.objects.exists()
    assert not mail.outbox


def test_of_two_who_want_a_name_at_once_the_second_gets_the_form_again(client, db, monkeypatch):
    # The check finds the name free; then somebody is quicker.
    def taken(self: User) -> None:
        raise NameTaken

    monkeypatch.setattr(User, "claim_names", taken)
    answer = client.post(f"{SIGN_UP}?next=/people/x/", GOOD)
    assert answer.status_code == 200
    assert "looks like it" in answer.text
    assert 'value="nova@example.org"' in answer.text
    assert 'name="next" value="/people/x/"' in answer.text
    assert not User.objects.exists()
    assert not mail.outbox


def test_of_two_equal_names_at_the_database_the_second_gets_the_form_again(
    client, make_user, monkeypatch
):
    make_user("nova", email="first@example.org")
    monkeypatch.setattr(
        "accounts.adapter.AccountAdapter.clean_username", lambda self, name, shallow=False: name
    )
    answer = client.post(SIGN_UP, GOOD)
    assert answer.status_code == 200
    assert "looks like it" in answer.text
    assert User.objects.count() == 1


def test_of_two_equal_addresses_at_once_the_second_is_answered_like_a_known_one(
    client, make_user, monkeypatch
):
    make_user("first", email="nova@example.org")
    calls = []

    def blind_once(email: str) -> tuple[str, bool]:
        calls.append(email)
        return email, False

    monkeypatch.setattr(
        "allauth.account.internal.flows.manage_email.email_already_exists", blind_once
    )
    answer = client.post(SIGN_UP, GOOD)
    assert calls
    assert answer.url == reverse("account_email_verification_sent")
    assert [message.to for message in mail.outbox] == [["nova@example.org"]]
    assert User.objects.count() == 1


def test_a_failure_in_the_middle_leaves_no_half_account(client, db, monkeypatch):
    def broken(*args: Any, **kwargs: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr("allauth.account.forms.setup_user_email", broken)
    client.post(SIGN_UP, GOOD)
    assert not User.objects.exists()
    assert not HeldName.objects.exists()
