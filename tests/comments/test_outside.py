"""Outside checks: what they say counts, and when they say nothing sensible the comment waits."""

import concurrent.futures
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from comments import outside
from comments.models import CheckRule, Comment, Refused

pytestmark = pytest.mark.django_db


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    answer: Callable[[http.server.BaseHTTPRequestHandler], None]
    asked: list[tuple[dict[str, str], bytes]]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((dict(self.headers), body))
        self.server.answer(self)

    def log_message(self, *args: object) -> None:
        pass


def saying(body: bytes, status: int = 200, **headers: str):
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hanging(handler: http.server.BaseHTTPRequestHandler) -> None:
    time.sleep(2)


def trickling(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass  # given up, as it should be


def dripping(head: bytes):
    """Answers with a head that never ends: a byte of it now and then, for seconds."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(head)
            for _ in range(100):
                handler.wfile.write(b"0")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass  # given up, as it should be

    return answer


@pytest.fixture
def server(settings) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    settings.CHECK_WEBHOOK_URL = f"http://127.0.0.1:{server.server_address[1]}/"
    settings.CHECK_WEBHOOK_SECRET = "between us"
    settings.OUTSIDE_TIMEOUT = 0.4
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def say(reader, article):
    def say() -> Comment:
        comment = Comment(article=article, author=reader)
        comment.set_body("The wall was too low, I say.")
        return comment.submit()

    return say


def test_what_passes_is_published(server, say):
    server.answer = saying(b'{"verdict": "pass"}')
    assert say().is_visible


def test_request_is_signed_and_says_what_it_is_about(server, say):
    server.answer = saying(b'{"verdict": "pass"}')
    say()
    headers, body = server.asked[0]
    moment = headers["X-Newsroom-Timestamp"]
    assert headers["X-Newsroom-Signature"] == outside.signature(moment, body)
    said = json.loads(body)
    assert said["text"] == "The wall was too low, I say."
    assert "@" not in body.decode()


def test_what_is_held_waits_with_the_reason_given(server, say):
    server.answer = saying(b'{"verdict": "hold", "reason": "Looks odd.", "matches": ["wall", 7]}')
    comment = say()
    finding = comment.findings.get()
    assert comment.is_pending
    assert (finding.reason, finding.matches) == ("Looks odd.", ["wall"])


def test_what_is_blocked_is_refused_with_the_reason_given(server, say):
    server.answer = saying(b'{"verdict": "block", "reason": "Not here."}')
    with pytest.raises(Refused, match="Not here"):
        say()
    assert not Comment.objects.filter(body__contains="too low, I say").exists()


@pytest.mark.parametrize(
    "answer",
    [
        hanging,
        trickling,
        saying(b"x" * 5_000_000),
        saying(b"not json"),
        saying(b'{"verdict": "sure"}'),
        saying(b"[]"),
        saying(b"\xff\xfe"),
        saying(b'{"verdict": "pass"}', status=500),
        saying(b'{"verdict": "pass"}', status=302, Location="http://127.0.0.1:1/"),
        saying(b""),
    ],
    ids=["hangs", "trickles", "5 MB", "no json", "lies", "list", "bytes", "500", "302", "empty"],
)
def test_check_that_cannot_answer_holds_and_never_passes(server, say, answer):
    server.answer = answer
    begun = time.monotonic()
    comment = say()
    assert comment.is_pending
    assert "could not answer" in comment.findings.get().reason
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Drip: ",
        b"HTTP/1.1 100 Continue\r\nX-Drip: ",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Drip: ",
    ],
    ids=["status", "header", "continue", "chunk size", "trailer"],
)
def test_answer_that_drips_is_given_up_in_time_whatever_drips(server, say, monkeypatch, head):
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool:
        monkeypatch.setattr(outside, "_POOL", pool)
        server.answer = dripping(head)
        begun = time.monotonic()
        comment = say()
        assert comment.is_pending
        # The one thread there is must be free again for it.
        pool.submit(int).result(timeout=2)
        assert time.monotonic() - begun < 2
        server.answer = saying(b'{"verdict": "pass"}')
        assert outside.ask(comment) == []


def test_check_that_waits_for_a_thread_has_no_more_time_than_any(server, say, monkeypatch):
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as pool:
        monkeypatch.setattr(outside, "_POOL", pool)
        busy = threading.Event()
        pool.submit(busy.wait, 5)
        server.answer = saying(b'{"verdict": "pass"}')
        begun = time.monotonic()
        assert say().is_pending
        busy.set()
        assert time.monotonic() - begun < 2
    assert server.asked == []


@pytest.mark.parametrize("action", ["hold", "flag", "block"])
def test_check_that_cannot_answer_holds_however_it_is_set(server, say, action):
    CheckRule.objects.create(check_name="outside", action=action)
    server.answer = saying(b"not json")
    comment = say()
    assert comment.is_pending
    assert comment.findings.get().holds


def test_what_it_finds_counts_as_the_desk_has_set_it(server, say):
    rule = CheckRule.objects.create(check_name="outside", action="flag")
    server.answer = saying(b'{"verdict": "hold"}')
    comment = say()
    assert comment.is_visible
    assert comment in Comment.objects.flagged()
    rule.action = "block"
    rule.save()
    again = Comment(article=comment.article, author=comment.author)
    again.set_body("I say it once more.")
    with pytest.raises(Refused):
        again.submit()


def test_check_that_is_not_there_holds(server, say, settings):
    settings.CHECK_WEBHOOK_URL = "http://127.0.0.1:1/"
    assert say().is_pending


def test_check_that_fails_again_and_again_is_not_asked_for_a_minute(server, say, reader, article):
    server.answer = saying(b"no")
    for number in range(outside.FAILURES + 2):
        comment = Comment(article=article, author=reader)
        comment.set_body(f"The wall was too low, {number}.")
        assert outside.ask(comment)
    assert len(server.asked) == outside.FAILURES


def test_staff_are_not_sent_anywhere(server, article, moderator):
    server.answer = saying(b'{"verdict": "hold"}')
    comment = Comment(article=article, author=moderator)
    comment.set_body("We look into it.")
    assert comment.submit().is_visible
    assert server.asked == []
