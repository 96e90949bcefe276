"""Fetching pictures from the old site: where to, how much, and what for."""

import http.client
import io
from typing import Any

import pytest
from PIL import Image as Pixels

from articles.models import Image
from articles.wordpress import files


def png() -> bytes:
    buffer = io.BytesIO()
    Pixels.new("RGB", (40, 30), "navy").save(buffer, "PNG")
    return buffer.getvalue()


class Answer:
    """What a server says, without a server."""

    def __init__(self, status: int = 200, data: bytes = b"", location: str = "") -> None:
        self.status, self.location = status, location
        self.file = io.BytesIO(data)

    def getheader(self, name: str) -> str:
        return self.location if name == "Location" else ""

    def read1(self, size: int) -> bytes:
        return self.file.read(size)


class Connection:
    sock = None

    def __init__(self, answer: Answer, asked: list[Any]) -> None:
        self.answer, self.asked = answer, asked

    def request(self, method: str, target: str, headers: dict[str, str]) -> None:
        self.asked.append(target)

    def getresponse(self) -> Answer:
        if self.answer.status == 0:
            raise http.client.BadStatusLine("nonsense")
        return self.answer

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def fetch():
    """Fetch from a made-up internet: ``hosts`` to their addresses, and the answers in order."""

    def fetch(url: str, *answers: Answer, hosts: dict[str, list[str]] | None = None):
        hosts = hosts or {"old.example": ["93.184.216.34"]}
        waiting = list(answers)
        fetch.connected, fetch.asked = [], []

        def connect(scheme: str, host: str, address: str) -> Any:
            fetch.connected.append((scheme, host, address))
            return Connection(waiting.pop(0), fetch.asked)

        def resolve(host: str, port: int) -> list[str]:
            if host not in hosts:
                raise OSError("unknown host")
            return hosts[host]

        return files.fetch(url, resolve=resolve, connect=connect).read()

    return fetch


def test_file_comes_from_the_address_its_host_resolved_to(fetch):
    assert fetch("https://old.example/a b.png?x=1", Answer(data=b"picture")) == b"picture"
    assert fetch.connected == [("https", "old.example", "93.184.216.34")]
    assert fetch.asked == ["/a%20b.png?x=1"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fc00::1", "::",
        "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1", "nonsense",
    ],
)  # fmt: skip
def test_networks_of_ours_are_refused_before_connecting(fetch, address):
    with pytest.raises(files.NotFetched, match="not on the public internet"):
        fetch("http://old.example/a.png", Answer(), hosts={"old.example": [address]})
    with pytest.raises(files.NotFetched, match="not on the public internet"):
        fetch(
            "http://old.example/a.png", Answer(), hosts={"old.example": ["93.184.216.34", address]}
        )
    assert fetch.connected == []


def test_public_addresses_of_both_kinds_are_let_through():
    assert files.is_public("93.184.216.34")
    assert files.is_public("2606:2800:220:1:248:1893:25c8:1946")


def test_redirect_is_checked_again(fetch):
    hosts = {"old.example": ["93.184.216.34"], "inside.example": ["10.0.0.1"]}
    with pytest.raises(files.NotFetched, match="not on the public internet"):
        fetch("http://old.example/a", Answer(302, location="http://inside.example/"), hosts=hosts)
    assert len(fetch.connected) == 1
    moved = Answer(301, location="/b.png")
    assert fetch("http://old.example/a", moved, Answer(data=b"b")) == b"b"


def test_endless_redirects_end(fetch):
    with pytest.raises(files.NotFetched, match="again and again"):
        fetch("http://old.example/", *[Answer(302, location="/") for _ in range(9)])


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://old.example/x", "javascript:alert(1)", "gopher://old.example",
        "http://old.example:22/", "http://user:word@old.example/", "http://[::1", "//old.example/x",
        "", "http://old.example:99999/",
    ],
)  # fmt: skip
def test_only_plain_web_addresses_are_fetched(fetch, url):
    with pytest.raises(files.NotFetched):
        fetch(url, Answer())
    assert fetch.connected == []


@pytest.mark.parametrize("status", [0, 204, 404, 500])
def test_any_other_answer_is_a_reason(fetch, status):
    with pytest.raises(files.NotFetched):
        fetch("http://old.example/a.png", Answer(status))


def test_unknown_host_is_a_reason(fetch):
    with pytest.raises(files.NotFetched, match="unknown host"):
        fetch("http://nowhere.example/a.png")


def test_file_larger_than_we_take_is_given_up(fetch, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 100_000)
    with pytest.raises(files.NotFetched, match="larger than"):
        fetch("http://old.example/a.png", Answer(data=b"x" * 300_000))


def test_file_slower_than_we_wait_is_given_up(fetch, monkeypatch):
    monkeypatch.setattr(files, "MAX_SECONDS", -1)
    with pytest.raises(files.NotFetched, match="longer than"):
        fetch("http://old.example/a.png", Answer(data=b"x"))


@pytest.mark.django_db
def test_only_pictures_without_a_file_are_fetched_and_a_bad_one_stops_none():
    good, bad, song, none = (
        Image.objects.create(source_url=url)
        for url in (
            "https://old.example/good.png",
            "https://old.example/bad.png",
            "https://old.example/song.mp3",
            "",
        )
    )
    answers = {good.source_url: png(), bad.source_url: b"<html>no picture</html>"}
    ids = [good.pk, bad.pk, song.pk, none.pk]
    done = list(files.fetch_all(ids, lambda url: io.BytesIO(answers[url])))
    assert [(image, bool(problem)) for image, problem in done] == [(good, False), (bad, True)]
    good.refresh_from_db()
    assert good.has_file
    assert (good.width, good.height) == (40, 30)
    again = list(files.fetch_all(ids, lambda url: io.BytesIO(answers[url])))
    assert [image for image, _ in again] == [bad]


@pytest.mark.django_db
def test_bodies_show_the_library_picture_once_it_is_there(make_article):
    image = Image.objects.create(source_url="https://old.example/up/a.png", alt="A", credit="B")
    article = make_article(
        body='<p>x</p><img src="http://old.example/up/a-300x200.png" alt="A">'
        '<img src="https://old.example/up/other.png">'
    )
    assert files.show_in_bodies([article.pk], [image.pk]) == 0
    image.take(io.BytesIO(png()))
    assert files.show_in_bodies([article.pk], [image.pk]) == 1
    version = article.page_version
    article.refresh_from_db()
    assert f'src="/media/images/{image.pk}/' in article.body
    assert "<picture>" in article.body_html
    assert "https://old.example/up/other.png" in article.body
    assert article.page_version == version + 1
    assert files.show_in_bodies([article.pk], [image.pk]) == 0
