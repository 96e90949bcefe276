"""Muting somebody: for oneself alone, undone at will, never the newsroom."""

import pytest
from django.db import IntegrityError, transaction

from comments.models import Mute, NotToBeMuted, Refused


@pytest.fixture
def loud(make_user):
    return make_user("loudly", display_name="Loud Voice")


def mutes(reader):
    return list(reader.mutes.values_list("muted__username", flat=True))


def test_wanted_says_how_it_ends_up_and_without_it_turns(client, reader, loud):
    client.force_login(reader)
    presses = [("yes", 1), ("yes", 1), ("no", 0), ("no", 0), ("", 1), ("", 0)]
    for wanted, count in presses:
        answer = client.post("/people/loudly/mute/", {"wanted": wanted})
        assert (answer.status_code, answer.url) == (303, "/people/loudly/")
        assert len(mutes(reader)) == count


def test_the_page_says_what_it_means_and_then_that_it_is_so(client, reader, loud):
    client.force_login(reader)
    page = client.get("/people/loudly/mute/").text
    assert "Mute <bdi>Loud Voice</bdi>?" in page
    assert "They are not told" in page
    page = client.post("/people/loudly/mute/", {"wanted": "yes"}, follow=True).text
    assert "You mute Loud Voice." in page
    assert "You mute <bdi>Loud Voice</bdi>" in client.get("/people/LOUDLY/mute/").text


def test_who_is_not_logged_in_is_asked_to(client, loud):
    for path in ("/people/loudly/mute/", "/account/muted/"):
        answer = client.get(path)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")
    assert client.post("/people/loudly/mute/", {"wanted": "yes"}).status_code == 302
    assert not Mute.objects.exists()


def test_nobody_mutes_themselves(client, reader):
    client.force_login(reader)
    assert "Nobody mutes themselves" in client.get("/people/ada/mute/").text
    assert client.post("/people/ada/mute/", {"wanted": "yes"}).status_code == 409
    assert mutes(reader) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Mute.objects.create(reader=reader, muted=reader)


def test_the_newsroom_cannot_be_muted_and_says_why(client, reader, moderator, reporter):
    client.force_login(reader)
    for person in (moderator, reporter):
        page = client.get(f"/people/{person.username}/mute/").text
        assert "has to reach everybody" in page
        assert "<form" not in page[page.index("<main") : page.index("</main")]
        answer = client.post(f"/people/{person.username}/mute/", {"wanted": "yes"})
        assert answer.status_code == 409
        with pytest.raises(NotToBeMuted):
            Mute.turn(reader, person, True)
    assert mutes(reader) == []


def test_staff_mute_readers_as_anybody_does(client, moderator, loud):
    client.force_login(moderator)
    assert client.post("/people/loudly/mute/", {"wanted": "yes"}).status_code == 303
    assert mutes(moderator) == ["loudly"]


def test_nobody_of_that_name_is_a_404_but_who_left_can_be_unmuted(client, reader, loud):
    client.force_login(reader)
    assert client.get("/people/nobody/mute/").status_code == 404
    assert client.post("/people/nobody/mute/", {"wanted": "yes"}).status_code == 404
    Mute.turn(reader, loud, True)
    loud.is_active = False
    loud.save()
    answer = client.post("/people/loudly/mute/", {"wanted": "no"})
    assert (answer.status_code, answer.url) == (303, "/account/muted/")
    assert mutes(reader) == []
    assert client.get("/people/loudly/mute/").status_code == 404


def test_from_a_comment_it_leads_back_to_that_comment(client, reader, loud, make_comment):
    comment = make_comment(author=loud)
    client.force_login(reader)
    page = client.get(f"/people/loudly/mute/?from={comment.pk}").text
    assert f'name="from" value="{comment.pk}"' in page
    answer = client.post("/people/loudly/mute/", {"wanted": "yes", "from": comment.pk})
    assert answer.url.endswith(f"#comment-{comment.pk}")


@pytest.mark.parametrize("came_from", ["//evil.example", "0", "9" * 30, "x", "-1", "²"])
def test_nonsense_for_where_one_came_from_leads_to_the_persons_page(
    client, reader, loud, came_from
):
    client.force_login(reader)
    assert client.get("/people/loudly/mute/", {"from": came_from}).status_code == 200
    answer = client.post("/people/loudly/mute/", {"wanted": "yes", "from": came_from})
    assert (answer.status_code, answer.url) == (303, "/people/loudly/")


def test_a_hidden_comment_is_nowhere_one_came_from(client, reader, loud, make_comment):
    hidden = make_comment(author=loud, status="rejected")
    client.force_login(reader)
    assert f'value="{hidden.pk}"' not in client.get(f"/people/loudly/mute/?from={hidden.pk}").text


def test_the_list_shows_ones_own_mutes_with_a_button_each(client, reader, loud, make_user):
    Mute.turn(reader, loud, True)
    Mute.turn(loud, reader, True)
    Mute.turn(make_user(), loud, True)
    client.force_login(reader)
    page = client.get("/account/muted/").text
    assert page.count("Loud Voice</bdi>") == 1
    answer = client.post("/people/loudly/mute/", {"wanted": "no", "from": "list"})
    assert answer.url == "/account/muted/"
    assert "You mute nobody." in client.get("/account/muted/").text
    assert mutes(loud) == ["ada"]


def test_the_list_costs_the_same_at_any_length(
    client, reader, make_user, django_assert_num_queries
):
    client.force_login(reader)
    for people in (1, 30):
        for _ in range(people):
            Mute.turn(reader, make_user(), True)
        with django_assert_num_queries(6):
            client.get("/account/muted/")


def test_sixty_in_a_minute_are_enough(client, reader, make_user, settings):
    settings.LIMITS = False
    for _ in range(60):
        Mute.turn(reader, make_user(), True)
    settings.LIMITS = True
    other = make_user()
    with pytest.raises(Refused):
        Mute.turn(reader, other, True)
    client.force_login(reader)
    answer = client.post(f"/people/{other.username}/mute/", {"wanted": "yes"})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert "Please wait" in answer.text


def test_the_account_page_leads_to_the_list(client, reader):
    client.force_login(reader)
    assert 'href="/account/muted/"' in client.get("/account/").text
