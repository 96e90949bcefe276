"""Pages that are kept: served again while nothing on them changed, and never a moment longer."""

import datetime
import gzip
import io
import threading
from contextlib import contextmanager

import brotli
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse
from django.utils import timezone

from articles import views
from articles.models import Article, Author, Section
from comments.models import Comment
from newsroom import page_cache
from newsroom.models import Edition
from newsroom.page_cache import CannotTell, PageCache, Stamp, key_of
from newsroom.requests import Application


@contextmanager
def within_the_transaction():
    """The end of a request does not close the connection that a test's transaction is in."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


class Site:
    """A process that serves the site: its answers, and how many pages it made."""

    def __init__(self, application=None):
        self.made = 0
        self._application = application or Application()
        self.cache = PageCache(self._count)

    def _count(self, environ, start):
        self.made += 1
        return self._application(environ, start)

    def get(self, path, method="GET", **environ):
        path, _, query = path.partition("?")
        asked = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
            "SCRIPT_NAME": "", "SERVER_NAME": "testserver", "SERVER_PORT": "80",
            "HTTP_HOST": "testserver", "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), **environ,
        }  # fmt: skip
        given = []
        with within_the_transaction():
            body = self.cache(asked, lambda *start: given.extend(start))
            content = b"".join(body)
            if hasattr(body, "close"):
                body.close()
        status, headers = given[:2]
        return HttpResponse(content, status=int(status.split()[0]), headers=dict(headers))


@pytest.fixture
def site(settings):
    settings.PAGE_CACHE_BYTES = 4_000_000
    return Site()


@pytest.fixture
def address(article):
    return article.get_absolute_url()


def test_page_is_made_once_and_served_again(site, address):
    first, second = site.get(address), site.get(address)
    assert site.made == 1
    assert second.status_code == 200
    assert second.content == first.content
    assert second["Content-Type"] == first["Content-Type"]
    assert second["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert int(second["Content-Length"]) == len(first.content)


def test_kept_page_costs_one_statement(site, address, django_assert_num_queries):
    site.get(address)
    with django_assert_num_queries(1):
        site.get(address)
    tag = site.get(address)["ETag"]
    with django_assert_num_queries(1):
        assert site.get(address, HTTP_IF_NONE_MATCH=tag).status_code == 304


# What changes is on the next page


def test_new_comment_is_on_the_next_page(site, article, address, make_comment):
    assert "No comments yet" in site.get(address).text
    said = make_comment(article=article)
    assert said.body in site.get(address).text


@pytest.mark.parametrize("how", ["reject", "mark_spam", "remove", "hold_back"])
def test_what_was_taken_down_is_on_no_page_of_any_process(
    article, address, make_comment, moderator, settings, how
):
    settings.PAGE_CACHE_BYTES = 4_000_000
    said = make_comment(article=article)
    here, there = Site(), Site()
    for one in (here, there):
        assert said.body in one.get(address).text
    if how == "reject":
        said.reject(by=moderator, reason="attack")
    elif how == "mark_spam":
        said.mark_spam(by=moderator)
    elif how == "remove":
        said.remove(by=said.author)
    else:
        said.hold_back(rule="test")
    for one in (here, there):
        assert said.body not in one.get(address).text


def test_withdrawn_story_is_its_notice_at_once(site, article, address, editor):
    assert "The river rose at four." in site.get(address).text
    article.withdraw(by=editor, notice="It was not so.")
    text = site.get(address).text
    assert "The river rose at four." not in text
    assert "It was not so." in text


def test_deleted_story_is_gone_at_once(site, article, address):
    site.get(address)
    article.delete()
    assert site.get(address).status_code == 404


def test_edit_respect_pick_and_closed_thread_are_on_the_next_page(
    site, article, address, make_comment, editor, moderator, reader
):
    from comments.models import Respect

    said = make_comment(article=article)
    site.get(address)
    Respect.turn(reader, said)
    assert '<span class="count">1</span>' in site.get(address).text
    said.pick(by=editor, reason="It says how.")
    assert "It says how." in site.get(address).text
    said.edit("Said otherwise, within the five minutes.")
    assert "Said otherwise" in site.get(address).text
    said.close_thread(by=moderator, reason="off-topic")
    assert "A moderator closed this thread" in site.get(address).text


def test_new_name_of_a_reader_is_on_the_next_page(site, article, address, make_comment):
    said = make_comment(article=article)
    site.get(address)
    said.author.rename("Somebody Else")
    assert "Somebody Else" in site.get(address).text


@pytest.mark.parametrize("path", ["article", "/", "/sections/town/"])
def test_new_name_of_a_section_is_on_every_next_page(
    site, client, article, address, editor, make_comment, path
):
    path = address if path == "article" else path
    assert "Town" in site.get(path).text
    client.force_login(editor)
    section = article.section
    saved = client.post(
        f"/admin/articles/section/{section.pk}/change/",
        {"name": "City", "slug": section.slug, "position": 0, "in_masthead": "on"},
    )
    assert saved.status_code == 302
    assert "City" in site.get(path).text


def test_list_that_was_begun_before_a_change_is_not_kept_after_it(site, article, monkeypatch):
    real = views.get_object_or_404

    def read_and_rename(*asked, **by):
        found = real(*asked, **by)
        Section.objects.filter(pk=found.pk).update(name="City")
        Edition.move()
        return found

    monkeypatch.setattr(views, "get_object_or_404", read_and_rename)
    assert "Town" in site.get("/sections/town/").text
    monkeypatch.undo()
    after = site.get("/sections/town/").text
    assert "City" in after
    assert "Town" not in after


def test_new_name_of_an_author_is_on_the_next_page(site, client, article, address, editor):
    author = Author.objects.get()
    site.get(address)
    client.force_login(editor)
    saved = client.post(
        f"/admin/articles/author/{author.pk}/change/", {"name": "R. Hallam", "slug": author.slug}
    )
    assert saved.status_code == 302
    assert "R. Hallam" in site.get(address).text


@pytest.mark.parametrize("path", ["/", "/sections/town/", "/authors/ruth-hallam/", "story"])
def test_published_story_is_on_the_next_lists(site, article, address, make_article, editor, path):
    path = address if path == "story" else path
    draft = make_article(status=Article.Status.DRAFT, headline="Fresh off the press")
    assert "Fresh off the press" not in site.get(path).text
    draft.publish(by=editor)
    assert "Fresh off the press" in site.get(path).text


@pytest.mark.parametrize("path", ["/", "/sections/town/", "story"])
def test_scheduled_story_is_on_the_lists_from_its_instant_on(
    site, make_article, editor, time_machine, path
):
    time_machine.move_to(datetime.datetime(2026, 3, 3, 12, tzinfo=datetime.UTC))
    path = make_article().get_absolute_url() if path == "story" else path
    draft = make_article(status=Article.Status.DRAFT, headline="Fresh off the press")
    at = timezone.now() + datetime.timedelta(minutes=20)
    draft.schedule(by=editor, at=at)
    before = site.get(path)
    assert before.status_code == 200
    assert "Fresh off the press" not in before.text
    time_machine.move_to(at + datetime.timedelta(seconds=1))
    assert "Fresh off the press" in site.get(path).text


def test_date_in_the_masthead_is_of_today(site, make_article, time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 3, 23, 59, tzinfo=datetime.UTC), tick=False)
    address = make_article().get_absolute_url()
    assert site.get(address).status_code == 200
    assert "March 3, 2026" in site.get(address).text
    time_machine.move_to(datetime.datetime(2026, 3, 4, 0, 1, tzinfo=datetime.UTC), tick=False)
    assert "March 4, 2026" in site.get(address).text


def test_story_under_pressure_says_so_until_it_ends(site, make_article, time_machine):
    time_machine.move_to(datetime.datetime(2026, 3, 3, 12, tzinfo=datetime.UTC), tick=False)
    until = timezone.now() + datetime.timedelta(minutes=30)
    address = make_article(surge_until=until).get_absolute_url()
    assert "So much is said here just now" in site.get(address).text
    time_machine.move_to(until + datetime.timedelta(seconds=1), tick=False)
    assert "So much is said here just now" not in site.get(address).text


def test_front_page_counts_the_comments_as_they_are(site, article, make_comment, moderator):
    said = make_comment(article=article)
    assert "1 comment" in site.get("/").text
    said.reject(by=moderator, reason="attack")
    assert "1 comment" not in site.get("/").text


# What is never kept


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_COOKIE": "a=b"},
        {"HTTP_AUTHORIZATION": "Basic YTpi"},
        {"HTTP_HX_REQUEST": "true"},
        {"HTTP_RANGE": "bytes=0-9"},
    ],
)
def test_request_that_says_more_than_an_address_is_answered_anew(site, address, environ):
    site.get(address)
    site.get(address, **environ)
    site.get(address, **environ)
    assert site.made == 3
    site.get(address)
    assert site.made == 3


def test_page_with_a_log_in_is_neither_kept_nor_given_to_others(
    site, address, client, reader, make_comment
):
    client.force_login(reader)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    own = site.get(address, HTTP_COOKIE=cookie)
    assert "csrfmiddlewaretoken" in own.text
    other = site.get(address)
    assert "csrfmiddlewaretoken" not in other.text
    assert f">{reader.name}</a>" not in other.text
    assert site.get(address, HTTP_COOKIE=cookie).text != other.text


def test_answer_that_sets_a_cookie_is_not_kept(site, db):
    def answer(environ, start):
        response = page_cache.keep(HttpResponse("Yours"), Stamp((), "0.0.0", 2**40))
        response.set_cookie("of", "one")
        start("200 OK", list(response.items()))
        return response

    own = Site(answer)
    own.get("/")
    own.get("/")
    assert own.made == 2


@pytest.mark.parametrize("path", ["/2024/01/01/nothing/", "/account/", "/accounts/login/"])
def test_other_answers_are_not_kept(site, db, path):
    site.get(path)
    site.get(path)
    assert site.made == 2


@pytest.mark.parametrize("query", ["?q=1", "?order=oldest&x=1", "?after=<script>"])
def test_parameter_that_nobody_knows_is_answered_anew(site, address, query):
    site.get(address + query)
    site.get(address + query)
    assert site.made == 2


def test_where_a_reader_came_from_makes_no_other_page(site, address):
    site.get(address)
    site.get(f"{address}?utm_source=a&fbclid=b")
    assert site.made == 1


def test_orders_and_pages_are_kept_apart(site, article, address, make_comment):
    make_comment(article=article, body="The first of all.")
    make_comment(article=article, body="The second.")
    assert site.get(address).content != site.get(f"{address}?order=newest").content
    assert "The first of all." not in site.get(f"{address}?after=1").text


def test_hosts_and_schemes_are_kept_apart(settings):
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "a.example"}
    of_a = key_of({**asked, "wsgi.url_scheme": "https"})
    assert of_a != key_of({**asked, "HTTP_HOST": "b.example", "wsgi.url_scheme": "https"})
    assert of_a != key_of({**asked, "wsgi.url_scheme": "http"})
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    forwarded = {**asked, "wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": "https"}
    assert key_of(forwarded) == of_a


# How it is sent


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("gzip;q=0.5", "gzip"),
        ("deflate", None),
        ("", None),
    ],
)
def test_kept_page_is_sent_as_its_reader_takes_it(site, address, accepted, coding):
    plain = site.get(address).content
    for _ in range(2):
        answer = site.get(address, HTTP_ACCEPT_ENCODING=accepted)
        assert answer.get("Content-Encoding") == coding
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
        assert unpack(answer.content) == plain
        assert "Accept-Encoding" in answer["Vary"]
    # Kept compressed it is still there for who takes nothing.
    assert site.get(address).content == plain
    assert site.made == 1


def test_head_gets_the_headers_alone(site, address):
    length = len(site.get(address).content)
    answer = site.get(address, method="HEAD")
    assert answer.content == b""
    assert int(answer["Content-Length"]) == length


def test_unchanged_page_is_not_sent_again(site, article, address, make_comment):
    first = site.get(address)
    again = site.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]
    make_comment(article=article)
    changed = site.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_page_is_made_whole_for_others_when_its_first_reader_has_it(address, settings):
    settings.PAGE_CACHE_BYTES = 4_000_000
    tag = Site().get(address)["ETag"]
    other = Site()
    assert other.get(address, HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert "The river rose at four." in other.get(address).text
    assert other.made == 1


# Many at once, many processes


class Stamped:
    """An application whose page says which time it was made, and stands at ``said``."""

    def __init__(self):
        self.said = "1"
        self.made = 0
        self.lock = threading.Lock()
        self.go = threading.Event()
        self.begun = threading.Event()

    def __call__(self, environ, start):
        with self.lock:
            self.made += 1
            made, said = self.made, self.said
        self.begun.set()
        assert self.go.wait(10)
        response = page_cache.keep(HttpResponse(f"page {made}"), Stamp((), said, 2**40))
        response["ETag"] = f'"{said}"'
        start("200 OK", list(response.items()))
        return response


@pytest.fixture
def stamped(settings, monkeypatch):
    settings.PAGE_CACHE_BYTES = 4_000_000
    application = Stamped()
    monkeypatch.setattr("articles.stamps.read", lambda rows: application.said)
    return application


def ask_all(one, count):
    answers = []
    readers = [
        threading.Thread(target=lambda: answers.append(one.get("/").text)) for _ in range(count)
    ]
    for reader in readers:
        reader.start()
    return readers, answers


def test_page_that_many_wait_for_is_made_once(stamped):
    readers, answers = ask_all(Site(stamped), 8)
    assert stamped.begun.wait(10)
    stamped.go.set()
    for reader in readers:
        reader.join(10)
    assert answers == ["page 1"] * 8


def test_who_comes_after_a_change_does_not_get_the_page_that_was_begun_before(stamped):
    site = Site(stamped)
    early, _ = ask_all(site, 1)
    assert stamped.begun.wait(10)
    stamped.said = "2"
    late, answers = ask_all(site, 1)
    stamped.go.set()
    for reader in early + late:
        reader.join(10)
    assert answers == ["page 2"]


def test_page_of_one_process_serves_another_where_they_share_a_cache(
    site, address, settings, django_assert_num_queries
):
    here, there = Site(), Site()
    here.cache._is_shared = there.cache._is_shared = True
    # A page that somebody reads again is worth telling of.
    text = {here.get(address).text for _ in range(3)}
    assert {there.get(address).text} == text
    assert (here.made, there.made) == (1, 0)
    Edition.move()
    there.get(address)
    here.get(address)
    assert (here.made, there.made) == (1, 1)


def test_shared_cache_that_is_down_costs_the_sharing_alone(site, address, monkeypatch):
    def down(*args, **kwargs):
        raise ConnectionError

    site.cache._is_shared = True
    for name in ("get", "set", "add", "delete"):
        monkeypatch.setattr(f"django.core.cache.cache.{name}", down)
    assert site.get(address).status_code == 200
    assert site.get(address).status_code == 200
    assert site.made == 1


def test_page_is_not_served_where_nobody_can_tell_whether_it_stands(site, address, monkeypatch):
    site.get(address)

    def cannot(statement, values):
        raise CannotTell

    monkeypatch.setattr("articles.stamps.ask", cannot)
    site.get(address)
    assert site.made == 2


def test_longest_unused_page_goes_when_the_room_is_full(settings, article, make_article):
    addresses = [make_article().get_absolute_url() for _ in range(3)]
    sizes = [len(Site().get(one).content) for one in addresses]
    settings.PAGE_CACHE_BYTES = sum(sizes[:2]) + 8_000
    site = Site()
    for one in addresses:
        site.get(one)
    site.get(addresses[2])
    assert site.made == 3
    site.get(addresses[0])
    assert site.made == 4


def test_without_room_nothing_is_kept(settings, address):
    settings.PAGE_CACHE_BYTES = 0
    site = Site()
    site.get(address)
    site.get(address)
    assert site.made == 2


def test_held_comment_of_its_author_is_on_no_kept_page(site, article, address, make_comment):
    held = make_comment(article=article, status=Comment.Status.PENDING)
    assert held.body not in site.get(address).text
    assert held.body not in site.get(address).text
