"""Respect: one per reader, taken back at will, none for oneself."""

import datetime
import re

import pytest
import time_machine

from comments.models import Respect

NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


def press(client, comment, headers=None, **sent):
    answer = client.post(f"/comments/{comment.pk}/respect/", sent, headers=headers or {})
    comment.refresh_from_db()
    return answer


def test_wanted_says_how_it_ends_up_however_often_it_comes(client, reader, make_comment):
    comment = make_comment()
    client.force_login(reader)
    for wanted, count in (("yes", 1), ("yes", 1), ("no", 0), ("no", 0), ("yes", 1)):
        answer = press(client, comment, wanted=wanted)
        assert answer.status_code == 303
        assert answer.url.endswith(f"#comment-{comment.pk}")
        assert (comment.respect_count, comment.respects.count()) == (count, count)


def test_without_wanted_it_turns(client, reader, make_comment):
    comment = make_comment()
    client.force_login(reader)
    for wanted, count in (({}, 1), ({}, 0), ({"wanted": "perhaps"}, 1)):
        press(client, comment, **wanted)
        assert comment.respect_count == count


def test_each_reader_counts_once(client, make_user, make_comment):
    comment = make_comment()
    for count in range(1, 4):
        client.force_login(make_user())
        press(client, comment, wanted="yes")
        assert comment.respect_count == count


def test_nobody_respects_their_own_comment(client, reader, make_comment):
    own = make_comment(author=reader)
    client.force_login(reader)
    assert press(client, own, wanted="yes").status_code == 409
    assert press(client, own, headers={"HX-Request": "true"}).status_code == 409
    assert own.respect_count == 0
    page = client.get(f"/comments/{own.pk}/respect/").text
    assert "has to come from somebody else" in page
    assert "<button" not in page[page.index("<main") : page.index("</main")]


def test_who_is_not_logged_in_is_asked_to(client, make_comment):
    comment = make_comment()
    for send in (client.get, client.post):
        answer = send(f"/comments/{comment.pk}/respect/")
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")
    assert not Respect.objects.exists()


@pytest.mark.parametrize("status", ["pending", "rejected", "spam", "removed"])
def test_what_readers_do_not_see_is_not_there_to_respect(client, reader, make_comment, status):
    comment = make_comment(status=status)
    client.force_login(reader)
    assert client.get(f"/comments/{comment.pk}/respect/").status_code == 404
    assert press(client, comment, wanted="yes").status_code == 404
    assert comment.respect_count == 0


def test_the_button_that_comes_back_in_place_asks_for_the_opposite(client, reader, make_comment):
    comment = make_comment()
    client.force_login(reader)
    for wanted, pressed, other in (("yes", "true", "no"), ("no", "false", "yes")):
        answer = press(client, comment, wanted=wanted, headers={"HX-Request": "true"})
        assert answer.text.count("<button") == 1
        assert f'aria-pressed="{pressed}"' in answer.text
        assert f'value="{other}"' in answer.text
        assert f'id="respect-{comment.pk}"' in answer.text


def test_the_page_does_the_same_without_scripts(client, reader, make_comment):
    comment = make_comment()
    client.force_login(reader)
    assert 'value="yes"' in client.get(f"/comments/{comment.pk}/respect/").text
    press(client, comment, wanted="yes")
    page = client.get(f"/comments/{comment.pk}/respect/").text
    assert 'value="no"' in page
    assert "1 reader has said so, you among them" in page


@time_machine.travel(NOON, tick=False)
def test_sixty_in_a_minute_are_enough(client, make_user, make_comment, settings):
    settings.LIMITS = True
    user, comment = make_user(), make_comment()
    others = [make_comment(author=comment.author) for _ in range(60)]
    at = NOON - datetime.timedelta(seconds=20)
    Respect.objects.bulk_create(Respect(comment=one, reader=user, at=at) for one in others)
    client.force_login(user)
    for headers in ({}, {"HX-Request": "true"}):
        answer = press(client, comment, wanted="yes", headers=headers)
        assert answer.status_code == 429
        assert answer["Retry-After"] == "40"
        assert "wait 40 seconds" in answer.text
    assert comment.respect_count == 0
    settings.LIMITS = False
    assert press(client, comment, wanted="yes").status_code == 303


@time_machine.travel(NOON, tick=False)
def test_turning_one_button_for_ever_is_limited_too(client, make_user, make_comment, settings):
    settings.LIMITS = True
    comment = make_comment()
    client.force_login(make_user())
    statuses = [press(client, comment).status_code for _ in range(62)]
    assert statuses == [303] * 60 + [429] * 2
    assert comment.respect_count == 0
    client.force_login(make_user())
    assert press(client, comment).status_code == 303


def test_the_label_is_a_setting(client, reader, make_comment, settings):
    settings.RESPECT_LABEL = "Well said"
    comment = make_comment()
    page = client.get(comment.article.get_absolute_url()).text
    assert re.search(r'class="respect"[^>]*>Well said', page)
    assert not re.search(r'class="respect"[^>]*>Respect', page)
    client.force_login(reader)
    assert "<h1>Well said</h1>" in client.get(f"/comments/{comment.pk}/respect/").text
    answer = press(client, comment, wanted="yes", headers={"HX-Request": "true"})
    assert ">Well said <" in answer.text


def test_pressing_takes_as_many_queries_for_many_as_for_few(
    client, make_user, make_comment, django_assert_max_num_queries
):
    comment, people = make_comment(), [make_user() for _ in range(12)]
    for person in people:
        client.force_login(person)
        with django_assert_max_num_queries(16):
            press(client, comment, wanted="yes", headers={"HX-Request": "true"})
