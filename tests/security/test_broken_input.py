"""Input that no browser of ours sends is answered as such: a 4xx, never a 5xx."""

import io

import pytest
from django.test import Client, RequestFactory
from PIL import Image as Pixels

from newsroom.requests import LARGEST, Application, RefuseUnreadableRequests, Request
from newsroom.wsgi import application
from tests.conftest import PASSWORD

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def anybody(db):
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "kind",
    [f"{FORM}; charset=utf-7", f"{FORM}; charset=bogus", "multipart/form-data",
     "multipart/form-data; boundary=", "multipart/form-data; boundary=é", "application/json"],
)  # fmt: skip
def test_a_form_of_an_unreadable_kind_is_refused(anybody, kind):
    for path in ("/accounts/login/", "/nothing/"):
        answer = anybody.generic("POST", path, b"--x\r\n\r\n--x--", content_type=kind)
        assert answer.status_code in {400, 404, 405}
        assert "Traceback" not in answer.text


def test_a_kind_that_cannot_be_parsed_is_refused_by_us_and_not_by_the_server():
    environ = RequestFactory().generic("POST", "/").environ
    request = Request(environ | {"CONTENT_TYPE": "text/html; charset*=bogus''x%41"})
    refuse = RefuseUnreadableRequests(lambda request: pytest.fail("It was taken."))
    assert refuse(request).status_code == 400
    assert isinstance(application.application, Application)


@pytest.mark.parametrize("length", [str(LARGEST + 1), "9" * 30])
def test_what_is_too_large_is_not_even_read(anybody, length):
    assert anybody.post("/accounts/login/", CONTENT_LENGTH=length).status_code == 413


@pytest.mark.parametrize(
    "part",
    [b'name*=bogus\'\'%41\r\n\r\nv', b'name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%',
     b'name="a"; filename*=bogus\'\'%41\r\n\r\nv', b'name="body\x00"\r\n\r\nv\x00', b'name="body"',
     b'name="a"; filename="f"\r\nContent-Type: text/plain; charset*=bogus\'\'%41\r\n\r\nv'],
)  # fmt: skip
def test_broken_parts_of_a_form_are_no_error_of_ours(anybody, part):
    whole = b"--x\r\nContent-Disposition: form-data; " + part + b"\r\n--x--\r\n"
    answer = anybody.post("/accounts/login/", whole, content_type="multipart/form-data; boundary=x")
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "headers",
    [{"Cookie": 'sessionid="abc\\000def"; csrftoken="\\000"; messages="\\000"'},
     {"Cookie": "sessionid=" + "a" * 9000}, {"If-None-Match": 'W/"'}, {"Referer": "http://[::1"},
     {"If-Modified-Since": "Thu, 99 Jan 99999999999 00:00:00 GMT"}, {"Origin": "null"},
     {"Accept": "text/html; charset*=bogus''x%41"}, {"Accept-Language": "x-" * 5000},
     {"Range": "bytes=-1"}, {"HX-Request": "\x80", "HX-Current-URL": "\x80"}],
)  # fmt: skip
def test_odd_headers_are_no_error_of_ours(anybody, article, headers):
    for path in ("/", "/accounts/login/", "/account/", article.get_absolute_url(), "/nothing/"):
        assert anybody.get(path, headers=headers).status_code < 500, path
        assert anybody.post(path, {"body": "x"}, headers=headers).status_code < 500, path


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "a b", "[::1", ""])
def test_a_foreign_host_is_refused_and_not_repeated(anybody, host):
    for headers in ({"Host": host}, {"Host": host, "X-Forwarded-Host": "testserver"}):
        answer = anybody.get("/", headers=headers)
        assert answer.status_code == 400
        assert "evil" not in answer.text
    assert "evil.example" not in anybody.get("/", headers={"X-Forwarded-Host": "evil.example"}).text


@pytest.mark.parametrize(
    "name",
    ["9" * 19, "9" * 30, "9" * 5000, "x" * 10_000, "é" * 300, "%ff", "%ED%A0%80", "..", "%2e%2e",
     "%2f", "%0d%0aX: y", "%00"],
)  # fmt: skip
def test_no_part_of_an_address_is_too_odd(anybody, article, name):
    for path in (
        f"/comments/{name}/", f"/comments/{name}/reply/", f"/people/{name}/", f"/sections/{name}/",
        f"/topics/{name}/feed.json", f"/pages/{name}/comments/", f"/media/images/{name}",
        f"/media/images/1/{name}.jpeg", f"/2024/01/05/{name}/", f"/2024/01/05/{name}/comments/",
        f"/sitemap-{name}.xml", f"/sitemap-stories-{name}.xml", f"/articles/{name}/preview/",
        f"/accounts/confirm-email/{name}/", f"/accounts/password/reset/key/{name}-{name}/",
        f"/static/{name}", f"/{name}/", f"/search/?q={name}&page={name}&tab={name}",
        f"{article.get_absolute_url()}?order={name}&after={name}", f"/comments/1/?after={name}",
    ):  # fmt: skip
        answer = anybody.get(path)
        assert answer.status_code < 500, path
        assert "X: y" not in str(answer.headers)


def test_headlines_with_control_characters_do_not_break_the_feeds_of_comments(
    client, make_article, make_comment
):
    article = make_article(headline="A bell\x07 and a tab\x0b")
    make_comment(article=article)
    for path in ("/comments/feed/", f"{article.get_absolute_url()}feed/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"\x07" not in answer.content


def picture(size: tuple[int, int], form: str = "PNG") -> io.BytesIO:
    file = io.BytesIO()
    Pixels.new("RGB", size, "navy").save(file, form)
    file.seek(0)
    file.name = f"picture.{form.lower()}"
    return file


@pytest.mark.parametrize("size", [(10, 20_000), (1, 60_000)])
def test_a_picture_that_no_format_can_hold_is_refused_with_a_sentence(client, editor, size):
    client.force_login(editor)
    form = {"title": "x", "focal_x": "0.5", "focal_y": "0.5", "upload": picture(size)}
    answer = client.post("/admin/articles/image/add/", form)
    assert answer.status_code == 200
    assert "too tall" in answer.text


def test_broken_pictures_of_every_format_are_refused_with_a_sentence(client, editor):
    client.force_login(editor)
    for form in ("JPEG", "PNG", "WEBP", "AVIF", "GIF"):
        whole = picture((40, 30), form).getvalue()
        # Cut off, and with the part overwritten in which AVIF names its items.
        for broken in (whole[: len(whole) // 2], whole[:60] + b"\0" * 40 + whole[100:]):
            file = io.BytesIO(broken)
            file.name = "picture"
            answer = client.post(
                "/admin/articles/image/add/",
                {"title": "x", "focal_x": "0.5", "focal_y": "0.5", "upload": file},
            )
            assert answer.status_code in {200, 302}, form


@pytest.mark.parametrize(
    "answer",
    ["", "{", "null", "[]", "1", '{"id":1}', '{"id":"x","rawId":"y","response":{}}', '{"a":' * 5000,
     '{"response":{"clientDataJSON":"!!"}}', '{"id":"YQ","rawId":"YQ","type":"public-key",'
     '"response":{"clientDataJSON":"eyJ9","attestationObject":"oA"}}'],
)  # fmt: skip
def test_what_no_key_answers_is_a_wrong_code(anybody, make_user, settings, answer):
    settings.ACCOUNT_RATE_LIMITS = False
    make_user("first")
    member = Client(raise_request_exception=False)
    member.post("/accounts/login/", {"login": "first", "password": PASSWORD})
    member.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for client, path in (
        (anybody, "/accounts/2fa/webauthn/login/"),
        (member, "/accounts/2fa/webauthn/add/"),
        (member, "/accounts/2fa/webauthn/reauthenticate/"),
    ):
        # A challenge has to be there for the answer to be read at all.
        client.get(path, headers={"X-Requested-With": "XMLHttpRequest"})
        assert client.post(path, {"credential": answer, "name": "x"}).status_code < 500, path
    assert "_auth_user_id" not in anybody.session
