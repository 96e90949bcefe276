"""The headers of every kind of answer, and what a cache in front may keep."""

import re

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.test import Client

from newsroom.shared_pages import FOR_EVERYONE

# Every kind of answer, with its status.
ANSWERS = {
    "page": ("/", 200),
    "article": ("/story", 200),
    "feed": ("/comments/feed/", 200),
    "json": ("/feed.json", 200),
    "text": ("/robots.txt", 200),
    "log-in": ("/accounts/login/", 200),
    "redirect": ("/account/", 302),
    "moved": ("/old/", 301),
    "missing": ("/nothing/", 404),
    "missing picture": ("/media/images/1/none-480.jpeg", 404),
    "picture": ("/media/images/1/abc-480.jpeg", 200),
    "unreadable": ("/?q=%00", 400),
    "machine's": ("/healthz", 200),
    "admin": ("/admin/", 302),
}


@pytest.fixture
def kinds(paper, tmp_path):
    folder = tmp_path / "media" / "images" / "1"
    folder.mkdir(parents=True)
    (folder / "abc-480.jpeg").write_bytes(b"\xff\xd8\xff")
    return {
        name: (paper.story.get_absolute_url() if path == "/story" else path, status)
        for name, (path, status) in ANSWERS.items()
    }


def guarded(answer) -> None:
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cache-Control"]
    for name in ("X-Powered-By", "X-Django", "Server-Timing"):
        assert name not in answer


@pytest.mark.parametrize("name", ANSWERS)
def test_every_kind_of_answer_carries_the_headers(browser, kinds, name):
    path, status = kinds[name]
    for method in ("get", "head"):
        answer = getattr(browser("anonymous"), method)(path)
        assert answer.status_code == status
        guarded(answer)


def test_the_rest_carries_them_too(browser, paper, people):
    for answer in (
        browser("reporter").get("/admin/comments/comment/desk/"),  # 403
        browser("moderator").get("/admin/comments/comment/desk/"),
        browser("editor").get(f"/admin/articles/article/{paper.story.pk}/change/"),  # the editor
        browser("anonymous", enforce_csrf_checks=True).post("/accounts/login/"),  # 403
        browser("anonymous").generic("TRACE", "/"),  # 405
        browser("anonymous").post("/robots.txt"),  # 405
        browser("anonymous").get("/", headers={"Host": "elsewhere.example"}),  # 400
        browser("anonymous").post("/", CONTENT_LENGTH=str(10**9)),  # 413
    ):
        guarded(answer)


def test_an_answer_to_our_own_mistake_carries_them(browser, paper, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("the SECRET of this test")

    monkeypatch.setattr("articles.lists.front_page", broken)
    answer = browser("anonymous").get("/")
    assert answer.status_code == 500
    guarded(answer)
    assert "SECRET" not in answer.text
    assert "Traceback" not in answer.text


def test_static_files_carry_them_and_their_folder_lists_nothing(db, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.VAR_DIR = tmp_path
    call_command("prepare")
    client = Client()
    guarded(client.get("/static/css/paper.css"))
    for path in (
        "",
        "css/",
        ".collected",
        "staticfiles.json",
        "../secret_key",
        "%2e%2e/x",
    ):
        assert client.get(f"/static/{path}").status_code == 404
    assert (tmp_path / ".collected").exists()
    options = project.STORAGES["staticfiles"].get("OPTIONS", {})
    for storage in options.values():
        assert not storage.path("staticfiles.json").startswith(str(project.STATIC_ROOT))


# Caches


PUBLIC = ["page", "article", "feed", "json", "text"]


@pytest.mark.parametrize("name", PUBLIC)
def test_shared_pages_set_no_cookie_carry_no_token_and_vary(kinds, db, name):
    answer = Client().get(kinds[name][0])
    assert answer["Cache-Control"] == FOR_EVERYONE
    assert not answer.cookies
    assert "csrfmiddlewaretoken" not in answer.text
    assert {"Cookie", "HX-Request"} <= set(re.split(r",\s*", answer["Vary"]))


@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_is_shared_with_whoever_brings_a_cookie(kinds, browser, name):
    for client in (browser("reader"), Client(headers={"Cookie": "anything=1"})):
        answer = client.get(kinds[name][0])
        if name != "picture":
            assert "public" not in answer["Cache-Control"]


def test_every_page_of_a_member_is_private(browser, paper):
    client = browser("moderator")
    for path in ("/", "/account/", "/account/comments/", "/admin/", "/nothing/", "/accounts/email/",
                 f"/comments/{paper.comment.pk}/reply/", "/admin/comments/comment/desk/",
                 paper.story.get_absolute_url()):  # fmt: skip
        assert "private" in client.get(path)["Cache-Control"], path


def test_the_answer_to_a_form_is_its_senders_alone(paper):
    # The text comes back with a token, whose cookie is set after the view has spoken.
    answer = Client().post(f"{paper.story.get_absolute_url()}comments/", {"body": "My own words."})
    assert "My own words." in answer.text
    assert "csrfmiddlewaretoken" in answer.text
    assert "private" in answer["Cache-Control"]


def test_a_removed_comment_makes_the_feed_another_for_who_asks_by_date(client, paper, moderator):
    first = client.get("/comments/feed/")
    assert "Last-Modified" not in first
    paper.comment.reject(by=moderator, reason="attack")
    again = client.get(
        "/comments/feed/",
        headers={
            "If-None-Match": first["ETag"],
            "If-Modified-Since": "Tue, 01 Jan 2999 00:00:00 GMT",
        },
    )
    assert again.status_code == 200
    assert paper.comment.body not in again.text
