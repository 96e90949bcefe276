"""Every address of the accounts: in the paper's frame, in our words, under the strict policy."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.urls import get_resolver

from tests.conftest import PASSWORD

ENTRANCE = [
    "/accounts/login/", "/accounts/signup/", "/accounts/confirm-email/", "/accounts/inactive/",
    "/accounts/confirm-email/nonsense/", "/accounts/password/reset/",
    "/accounts/password/reset/done/", "/accounts/password/reset/key/1-x-y/",
    "/accounts/password/reset/key/done/",
]  # fmt: skip
INSIDE = [
    "/account/", "/accounts/email/", "/accounts/password/change/", "/accounts/logout/",
    "/accounts/reauthenticate/", "/accounts/2fa/", "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/",
]  # fmt: skip
# Words that other sites say; ours are "log in", "log out", "sign up", "two-step log-in".
FOREIGN = re.compile(r"sign[ -]?(in|out)\b|log ?off|user ?name|two-factor|successfully", re.I)


def proper(page: str) -> None:
    assert '<header class="masthead">' in page
    assert page.count("<h1>") == 1
    assert "<title>" in page
    body = page[page.index("<main") : page.index("</main>")]
    assert not FOREIGN.search(re.sub(r"<[^>]+>", " ", body))
    # A script without a type of data, or a style, would need a hole in the policy.
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    for tag in re.findall(r"<script\b[^>]*>", page):
        assert "src=" in tag or "application/json" in tag


@pytest.mark.parametrize("path", ENTRANCE)
def test_pages_on_the_way_in_are_the_papers(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "'unsafe-" not in answer["Content-Security-Policy"]
    proper(answer.text)


@pytest.mark.parametrize("path", INSIDE)
def test_pages_inside_are_the_papers_and_closed_to_strangers(client, make_user, path):
    make_user("first")
    if path != "/accounts/logout/":
        assert client.get(path).url.startswith("/accounts/login/")
    client.post("/accounts/login/", {"login": "first", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.get(path)
    assert answer.status_code == 200
    proper(answer.text)


def test_every_address_answers_anonymous_and_logged_in_without_failing(client, make_user):
    def paths(patterns: list, prefix: str = "/accounts/") -> list[str]:
        found = []
        for pattern in patterns:
            route = prefix + re.sub(r"<int:\w+>", "1", str(pattern.pattern)).strip("^$")
            if hasattr(pattern, "url_patterns"):
                found += paths(pattern.url_patterns, route)
            elif "(?P" not in route:
                found.append(route)
        return found

    (ours,) = [
        resolver for resolver in get_resolver().url_patterns if str(resolver.pattern) == "accounts/"
    ]
    every = paths(ours.url_patterns)
    assert len(every) > 20
    make_user("first")
    for _ in range(2):
        for path in every:
            if "logout" not in path:
                assert client.get(path).status_code in {200, 302, 404, 405}, path
                assert client.post(path, {"x": "y"}).status_code < 500, path
        client.post("/accounts/login/", {"login": "first", "password": PASSWORD})


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/account/",
     "/accounts/email/", "/accounts/password/change/"],
)  # fmt: skip
@pytest.mark.parametrize(
    "value", ["a\x00b", "x" * 10_000, "\u202e\u200b\ufffe", "' OR 1=1 --", "<svg/onload=alert(1)>",
              "a" * 300 + "@example.org", "{{7*7}}{% csrf_token %}"],
)  # fmt: skip
def test_hostile_input_is_a_form_answer(client, make_user, path, value):
    if path not in {"/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"}:
        client.force_login(make_user("first"))
    else:
        make_user("first")
    fields = ["login", "password", "email", "username", "password1", "oldpassword",
              "display_name", "bio", "next", "remember", "action_add"]  # fmt: skip
    answer = client.post(path, dict.fromkeys(fields, value))
    assert answer.status_code in {200, 302}
    if answer.status_code == 200:
        assert "<svg/onload" not in answer.text


def test_bytes_that_are_no_text_are_a_form_answer(client, db):
    answer = client.post(
        "/accounts/login/",
        b"login=%ff%fe&password=\xff\xfe",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200


def test_longer_forms_name_their_errors_at_the_top_and_link_to_the_fields(client, db):
    page = client.post("/accounts/signup/", {"email": "x", "username": "", "password1": "y"}).text
    summary = re.search(r'<div class="error-summary" role="alert">.*?</div>', page, re.DOTALL)[0]
    for field in ("email", "username", "password1"):
        assert f'href="#id_{field}"' in summary
        assert f'id="id_{field}_error"' in page
    assert 'aria-invalid="true"' in page


def test_passwords_are_typed_once_and_may_be_pasted(client, make_user):
    make_user("first")
    client.post("/accounts/login/", {"login": "first", "password": PASSWORD})
    for path in ("/accounts/password/change/", "/account/"):
        page = client.get(path).text
        assert "password2" not in page
        assert "onpaste" not in page


def test_the_second_step_is_asked_for_and_a_wrong_code_lets_nobody_in(client, make_user):
    user = make_user("first")
    client.post("/accounts/login/", {"login": "first", "password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/", follow=True).text
    assert "Is it you?" in page
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").text
    secret = re.search(r'id="authenticator_secret"[^>]*value="(\w+)"', page)[1]
    code = _code(secret)
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code}, follow=True)
    proper(answer.text)
    assert len(re.findall(r"<li><code>", answer.text)) == 10
    assert Authenticator.objects.filter(user=user).count() == 2
    for path in ("/accounts/2fa/", "/accounts/2fa/recovery-codes/generate/",
                 "/accounts/2fa/totp/deactivate/", "/accounts/2fa/reauthenticate/"):  # fmt: skip
        proper(client.get(path, follow=True).text)
    recovery = re.search(r"<li><code>(\w+)", answer.text)[1]
    client.post("/accounts/logout/")
    answer = client.post("/accounts/login/", {"login": "first", "password": PASSWORD})
    assert answer.url == "/accounts/2fa/authenticate/"
    proper(client.get(answer.url).text)
    assert "_auth_user_id" not in client.session
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "Incorrect code" in wrong.text
    assert "_auth_user_id" not in client.session
    assert client.post("/accounts/2fa/authenticate/", {"code": recovery}).url == "/account/"


def _code(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import (
        format_hotp_value,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
