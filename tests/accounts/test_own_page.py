"""One's own page: what one may say of oneself, and the name one keeps."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from accounts.models import HeldName, NameTaken, RenamedRecently, User

PAGE = "/account/"


def test_a_visitor_is_sent_to_the_log_in_and_back(client, db):
    answer = client.get(PAGE)
    assert answer.status_code == 302
    assert answer.url == "/accounts/login/?next=/account/"


def test_it_shows_the_address_to_its_owner_alone(client, make_user):
    user = make_user("first")
    client.force_login(user)
    answer = client.get(PAGE)
    assert "first@example.org" in answer.text
    assert "no-store" in answer["Cache-Control"]
    for link in ("/accounts/email/", "/accounts/password/change/", "/accounts/2fa/",
                 "/account/comments/", "/people/first/"):  # fmt: skip
        assert f'href="{link}"' in answer.text


def test_name_and_bio_are_saved_and_shown(client, make_user):
    client.force_login(make_user("first"))
    answer = client.post(
        PAGE, {"display_name": "  Ada   Quill ", "bio": "One\r\ntwo\x07"}, follow=True
    )
    assert "Your page is saved." in answer.text
    user = User.objects.get()
    assert (user.display_name, user.bio) == ("Ada Quill", "One\ntwo")
    assert "Ada Quill" in client.get("/people/first/").text


def test_comments_are_kept_off_the_public_page_and_shown_again(client, make_user):
    user = make_user("first")
    client.force_login(user)
    for sent, hides in (({"hides_comments": "on"}, True), ({}, False)):
        client.post(PAGE, {"display_name": "", "bio": "", **sent})
        user.refresh_from_db()
        assert user.hides_comments is hides
        box = re.search(r'<input[^>]*name="hides_comments"[^>]*>', client.get(PAGE).text)[0]
        assert ("checked" in box) is hides


def test_nobody_calls_themselves_an_expert(client, make_user):
    user = make_user("first")
    client.force_login(user)
    client.post(PAGE, {"display_name": "", "bio": "", "expertise": "Everything"})
    user.refresh_from_db()
    assert user.expertise == ""


def test_a_name_changes_every_two_weeks_at_most(client, make_user):
    user = make_user("first")
    client.force_login(user)
    client.post(PAGE, {"display_name": "Ada Quill"})
    answer = client.post(PAGE, {"display_name": "Someone Else", "bio": "kept text"})
    assert answer.status_code == 200
    assert "stays for two weeks" in answer.text
    assert 'value="Someone Else"' in answer.text
    assert "kept text" in answer.text
    user.refresh_from_db()
    assert (user.display_name, user.bio) == ("Ada Quill", "")
    with time_machine.travel(timezone.now() + datetime.timedelta(days=15), tick=False):
        client.force_login(user)
        client.post(PAGE, {"display_name": "Someone Else"})
    user.refresh_from_db()
    assert user.display_name == "Someone Else"


def test_going_back_to_an_earlier_name_is_a_change_too(make_user):
    user = make_user("first")
    user.rename("Ada Quill")
    with pytest.raises(RenamedRecently):
        user.rename("")
    user.refresh_from_db()
    assert user.name == "Ada Quill"


def test_names_that_came_with_the_account_are_no_change(make_user):
    user = make_user("first", display_name="Ada Quill")
    assert user.renamed_until() is None
    user.rename("Someone Else")
    assert user.renamed_until() > timezone.now() + datetime.timedelta(days=13)


def test_another_spelling_of_the_name_is_no_change(make_user):
    user = make_user("first")
    user.rename("Ada Quill")
    user.rename("ADA QUILL")
    assert user.name == "ADA QUILL"


def test_the_bio_may_change_while_the_name_stays(client, make_user):
    user = make_user("first")
    user.rename("Ada Quill")
    client.force_login(user)
    client.post(PAGE, {"display_name": "Ada Quill", "bio": "New words"})
    user.refresh_from_db()
    assert user.bio == "New words"


def test_names_of_others_stay_theirs_even_after_they_left_them(make_user):
    other = make_user("other")
    other.rename("Ada Quill")
    with time_machine.travel(timezone.now() + datetime.timedelta(days=15)):
        other.rename("Someone Else")
        user = make_user("first")
        for name in ("Ada Quill", "ada.quill", "Аda Quіll", "Someone Else", "OTHER"):
            with pytest.raises(NameTaken):
                user.rename(name)
    assert HeldName.objects.filter(holder=other).count() == 3


@pytest.mark.parametrize(
    "name",
    [
        "Moderator", "m0derat0r", "other", "0ther", "x", "a\u202eb", "a\u200bb", "Aдa", "1234",
        "a@b.example", "http://evil.example", "x" * 61, "a\x00b", "a\nb" + "\u2028" + "c\u2066d",
    ],
)  # fmt: skip
def test_names_that_deceive_are_refused_with_the_text_kept(client, make_user, name):
    make_user("other")
    client.force_login(make_user("first"))
    answer = client.post(PAGE, {"display_name": name, "bio": "kept text"})
    assert answer.status_code == 200
    assert "is-invalid" in answer.text
    assert "kept text" in answer.text
    assert User.objects.get(username="first").display_name == ""


def test_forged_fields_change_nothing(client, make_user):
    user = make_user("first")
    client.force_login(user)
    client.post(
        PAGE,
        {
            "display_name": "Ada Quill", "bio": "", "is_staff": "on", "is_superuser": "on",
            "groups": "1", "username": "boss", "email": "boss@example.org", "is_active": "",
            "user_permissions": "1", "password": "x", "pk": "1", "id": "1",
        },
    )  # fmt: skip
    user.refresh_from_db()
    assert user.display_name == "Ada Quill"
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert not user.groups.exists()
    assert (user.username, user.email) == ("first", "first@example.org")


def test_forged_fields_at_sign_up_change_nothing(client, db):
    client.post(
        "/accounts/signup/",
        {
            "email": "n@example.org", "username": "Nova", "password1": "seven gulls on a wall",
            "is_staff": "on", "is_superuser": "on", "groups": "1", "display_name": "Moderator",
        },
    )  # fmt: skip
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.display_name) == (False, False, "")


def test_markup_in_name_and_bio_is_text_everywhere(client, make_user):
    user = make_user("first", display_name="<img src=x onerror=alert(1)>", bio="<script>x</script>")
    client.force_login(user)
    for path in (PAGE, "/people/first/", "/accounts/password/reset/", "/accounts/email/"):
        page = client.get(path).text
        assert "<img src=x" not in page
        assert "<script>x" not in page


def test_the_page_costs_the_same_for_everybody(client, make_user, django_assert_max_num_queries):
    client.force_login(make_user("first"))
    with django_assert_max_num_queries(10):
        client.get(PAGE)
