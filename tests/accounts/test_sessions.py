"""Sessions begin at log-in, end at log-out, and end for everybody when they must."""

import pytest
from django.test import Client

from tests.conftest import PASSWORD

LOG_IN = "/accounts/login/"


def log_in(client: Client, name: str = "first") -> None:
    answer = client.post(LOG_IN, {"login": name, "password": PASSWORD})
    assert answer.status_code == 302


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_logging_in_gives_a_new_session_and_logging_out_leaves_none(client, make_user):
    make_user("first")
    client.get(LOG_IN)
    session = client.session
    session["left"] = "by whoever sat here before"
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    log_in(client)
    during = client.cookies["sessionid"].value
    assert during != before
    client.post("/accounts/logout/")
    assert not is_in(client)
    old = Client()
    for key in (before, during):
        old.cookies["sessionid"] = key
        assert not is_in(old)


def test_one_stays_logged_in_only_when_asked_to(client, make_user):
    make_user("first")
    log_in(client)
    assert client.session.get_expire_at_browser_close()
    other = Client()
    other.post(LOG_IN, {"login": "first", "password": PASSWORD, "remember": "on"})
    assert not other.session.get_expire_at_browser_close()


def test_a_deactivated_person_is_out_at_once_and_stays_out(client, make_user):
    user = make_user("first")
    log_in(client)
    assert is_in(client)
    user.is_active = False
    user.save()
    assert not is_in(client)
    client.post(LOG_IN, {"login": "first", "password": PASSWORD})
    assert not is_in(client)


def test_changing_the_password_ends_every_session(client, make_user):
    make_user("first")
    other = Client()
    log_in(client)
    log_in(other)
    new = "nine gulls on a wall"
    answer = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new}, follow=True
    )
    assert answer.status_code == 200
    assert not is_in(other)
    assert not is_in(client)
    assert client.post(LOG_IN, {"login": "first", "password": new}).status_code == 302


def test_the_old_password_is_needed_for_a_new_one(client, make_user):
    make_user("first")
    log_in(client)
    answer = client.post(
        "/accounts/password/change/", {"oldpassword": "wrong", "password1": "nine gulls on a wall"}
    )
    assert "not your present password" in answer.text
    assert is_in(client)


def test_logging_out_takes_a_post(client, make_user):
    make_user("first")
    log_in(client)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_in(client)


@pytest.mark.parametrize("path", [LOG_IN, "/accounts/signup/", "/accounts/logout/", "/account/"])
def test_a_form_without_its_token_is_refused(make_user, path):
    make_user("first")
    client = Client(enforce_csrf_checks=True)
    if path in {"/accounts/logout/", "/account/"}:
        client.force_login(make_user("second"))
    assert client.post(path, {"login": "first", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "///evil.example", "https://evil.example/", "https:evil.example",
        "http:///evil.example", "\\\\evil.example", "/\\evil.example", "javascript:alert(1)",
        "https://testserver@evil.example/", "\thttps://evil.example", "//evil.example\\@testserver",
    ],
)  # fmt: skip
def test_next_stays_on_the_site(client, make_user, target):
    make_user("first")
    for path in (LOG_IN, "/accounts/logout/"):
        answer = client.post(path, {"login": "first", "password": PASSWORD, "next": target})
        assert answer.status_code == 302
        assert answer.url in {"/account/", "/"}
        page = client.get(LOG_IN, {"next": target})
        assert 'href="javascript' not in page.text


def test_next_leads_to_a_page_of_ours(client, make_user):
    make_user("first")
    answer = client.post(
        LOG_IN, {"login": "first", "password": PASSWORD, "next": "/people/first/?before=3"}
    )
    assert answer.url == "/people/first/?before=3"


def test_next_is_carried_to_sign_up_and_never_as_markup(client, db):
    page = client.get(LOG_IN, {"next": '/x/"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "/accounts/signup/?next=%2Fx%2F" in page


def test_only_pages_with_a_form_set_the_token(client, make_user):
    make_user("first")
    for path in ("/people/first/", "/accounts/confirm-email/", "/accounts/inactive/"):
        assert "csrftoken" not in client.get(path).cookies, path
    for path in (LOG_IN, "/accounts/signup/", "/accounts/password/reset/"):
        assert "csrftoken" in client.get(path).cookies, path


def test_too_many_tries_are_answered_429_with_the_time_to_wait(client, make_user):
    make_user("first")
    for number in range(31):
        answer = client.post(
            LOG_IN,
            {"login": f"x{number}", "password": "wrong-wrong"},
            HTTP_X_FORWARDED_FOR=f"192.0.2.{number}",
        )
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_the_sixth_wrong_password_for_a_name_closes_it_for_a_while(client, make_user):
    make_user("first")
    for _ in range(5):
        client.post(LOG_IN, {"login": "first", "password": "wrong-wrong"})
    answer = client.post(LOG_IN, {"login": "first", "password": PASSWORD})
    assert "Too many attempts" in answer.text
    assert not is_in(client)
