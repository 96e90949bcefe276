"""Pages for what went wrong: in the paper's design, and unable to fail themselves."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.test import Client
from django.urls import path

from articles.models import Article
from newsroom import urls as real


def broken(request):
    raise RuntimeError("a mistake of ours")


def forbidden(request):
    raise PermissionDenied


urlpatterns = [path("broken/", broken), path("forbidden/", forbidden), *real.urlpatterns]
handler403, handler404, handler500 = real.handler403, real.handler404, real.handler500


@pytest.fixture
def visitor(client):
    """A client that gets the answer a reader gets, where the test client would raise."""
    client.raise_request_exception = False
    return client


def refuse(*args, **kwargs):
    raise OperationalError("the database is down")


def test_not_found_offers_search_and_the_latest(visitor, make_article):
    make_article(headline="The newest")
    make_article(headline="Unpublished", status=Article.Status.DRAFT)
    answer = visitor.get("/nothing/here/")
    assert answer.status_code == 404
    assert "This page is not here" in answer.text
    assert 'action="/search/"' in answer.text
    assert "The newest" in answer.text
    assert "Unpublished" not in answer.text
    assert not answer.cookies
    assert "csrfmiddlewaretoken" not in answer.text


def test_not_found_is_cheap(visitor, make_article, django_assert_num_queries):
    for _ in range(9):
        make_article()
    with django_assert_num_queries(3):  # the moved address, the latest, the masthead
        visitor.get("/nothing/here/")


def test_not_found_repeats_nothing_of_the_address(visitor, db):
    assert "alert(1)" not in visitor.get("/%3Cscript%3Ealert(1)%3C/script%3E/").text


@pytest.mark.urls("tests.articles.test_errors")
def test_broken_page_is_a_page_of_the_paper(visitor, db, settings):
    answer = visitor.get("/broken/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert settings.SITE_NAME in answer.text
    assert "a mistake of ours" not in answer.text
    assert not answer.cookies


@pytest.mark.urls("tests.articles.test_errors")
def test_broken_page_asks_nothing_of_the_database(visitor, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        visitor.get("/broken/")


@pytest.mark.parametrize("known", [False, True])
def test_database_that_is_down_gives_our_page(visitor, newcomer, known):
    if known:
        visitor.force_login(newcomer)
    with connection.execute_wrapper(refuse):
        answer = visitor.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Something broke on our side" in answer.text


def test_not_found_survives_a_database_that_is_down(visitor, db, settings):
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "moved" not in one]
    with connection.execute_wrapper(refuse):
        answer = visitor.get("/nothing/here/")
    assert answer.status_code == 404
    assert "This page is not here" in answer.text


@pytest.mark.urls("tests.articles.test_errors")
def test_forbidden_offers_log_in_to_strangers_and_a_reason_to_others(visitor, newcomer):
    answer = visitor.get("/forbidden/")
    assert answer.status_code == 403
    assert 'href="/accounts/login/"' in answer.text
    visitor.force_login(newcomer)
    assert "You are logged in as" in visitor.get("/forbidden/").text


def test_form_that_was_open_too_long_says_where_the_text_is(db):
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "ada"})
    assert answer.status_code == 403
    assert "The form was open too long" in answer.text
    assert "Your text should still be there" in answer.text


def test_too_often_is_answered_in_the_paper(rf, db):
    from django.contrib.auth.models import AnonymousUser

    from newsroom.errors import too_many

    request = rf.get("/")
    request.user = AnonymousUser()
    answer = too_many(request)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert b"A moment, please" in answer.content


def test_error_pages_carry_the_policy(visitor, db):
    policy = visitor.get("/nothing/here/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
