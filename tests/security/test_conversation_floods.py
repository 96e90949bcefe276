"""What nobody has to log in for fills no disk, and is forgotten in time."""

import datetime

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from comments import drafts, tasks
from comments.models import Draft
from newsroom.addresses import client_address


@pytest.fixture
def stranger(article):
    """A browser that holds the token of a form, and no account."""
    client = Client(enforce_csrf_checks=True)
    story = f"{article.get_absolute_url()}comments/"
    client.post(story, {"body": "Words."})
    client.token = client.cookies["csrftoken"].value

    def send(path, **fields):
        client.cookies.pop("sessionid", None)  # a new visitor each time
        return client.post(path, {"csrfmiddlewaretoken": client.token} | fields)

    return send


def test_so_many_texts_of_one_address_are_kept_before_log_in(
    stranger, make_article, settings, time_machine
):
    settings.LIMITS = True
    time_machine.move_to(datetime.datetime(2026, 11, 22, 12, 30, tzinfo=datetime.UTC), tick=False)
    story = f"{make_article().get_absolute_url()}comments/"
    for number in range(drafts.PACE[0]):
        assert stranger(story, body=f"Text {number}.", then="login").status_code == 303
    answer = stranger(story, body="One too many.", then="login")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "1800"
    assert "One too many.</textarea>" in answer.text
    assert Draft.objects.count() == drafts.PACE[0]


def test_texts_of_edits_typed_when_a_session_had_ended_count_too(stranger, settings, make_comment):
    settings.LIMITS = True
    pk = make_comment().pk
    for number in range(drafts.PACE[0] + 5):
        assert stranger(f"/comments/{pk}/edit/", body=f"Text {number}.").status_code == 302
    assert Session.objects.count() == drafts.PACE[0]


def test_what_nobody_came_back_for_is_forgotten(article, reader, time_machine):
    new = Draft.objects.create(article=article, body="Yesterday's.")
    old = timezone.now() - datetime.timedelta(days=8)
    Draft.objects.create(article=article, body="Last week's.", created_at=old)
    Session.objects.create(session_key="over", session_data="x", expire_date=old)
    Client().force_login(reader)
    tasks.tidy()
    assert [draft.pk for draft in Draft.objects.all()] == [new.pk]
    assert Session.objects.count() == 1


def test_turns_wait_where_the_cache_that_counts_them_is_away(
    client, reader, make_comment, settings, monkeypatch
):
    def away(*args, **kwargs):
        raise ConnectionError("no cache")

    settings.LIMITS = True
    comment = make_comment()
    client.force_login(reader)
    monkeypatch.setattr("newsroom.pace.cache.add", away)
    answer = client.post(f"/comments/{comment.pk}/respect/", {"wanted": "yes"})
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert not comment.respects.exists()


def test_an_address_of_a_network_card_is_kept_without_its_name(rf):
    assert client_address(rf.get("/", REMOTE_ADDR="fe80::1%eth0")) == "fe80::1"
