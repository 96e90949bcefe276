"""People in the admin: who may see and change what, and that nobody lifts themselves up."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client

from accounts.models import HeldName, User

LIST = "/admin/accounts/user/"


@pytest.fixture
def administrator(make_user):
    return make_user("keeper", role="administrator")


def change(user: User) -> str:
    return f"{LIST}{user.pk}/change/"


@pytest.mark.parametrize("role", ["", "reporter", "editor"])
def test_others_have_no_page_of_people(client, make_user, role):
    client.force_login(make_user("first", role=role))
    for path in (LIST, f"{LIST}add/"):
        assert client.get(path).status_code in {302, 403}
        assert client.post(path, {"username": "x"}).status_code in {302, 403}


def test_a_moderator_looks_people_up_without_their_addresses(client, moderator, make_user):
    user = make_user("first", email="secret@hidden.example")
    client.force_login(moderator)
    for path in (LIST, change(user), f"{LIST}{user.pk}/history/", f"{LIST}?q=first"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "first" in answer.text
        assert "secret@" not in answer.text
        assert "pbkdf2" not in answer.text


@pytest.mark.parametrize(
    "query",
    ["q=secret", "email__startswith=s", "password__startswith=p", "email=secret@hidden.example",
     "emailaddress__email__startswith=s", "q=hidden.example"],
)  # fmt: skip
def test_a_moderator_cannot_find_out_an_address_by_searching(client, moderator, make_user, query):
    make_user("first", email="secret@hidden.example")
    client.force_login(moderator)
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code in {200, 302, 400}
    assert ">first<" not in answer.text


def test_a_moderator_changes_nobody_whatever_is_posted(client, moderator, make_user):
    user = make_user("first")
    client.force_login(moderator)
    for person in (user, moderator):
        forged = {"display_name": "x", "is_staff": "on", "is_superuser": "on", "groups": ["1"]}
        assert client.post(change(person), forged).status_code == 403
    answer = client.post(LIST, {"action": "deactivate", "_selected_action": [user.pk]})
    assert answer.status_code in {200, 302}
    user.refresh_from_db()
    assert user.is_active
    assert not user.is_staff


def test_an_administrator_invites_somebody_who_then_chooses_a_password(client, administrator):
    client.force_login(administrator)
    group = Group.objects.get(name="reporter")
    answer = client.post(
        f"{LIST}add/",
        {"username": "newhand", "email": "New@example.org", "is_staff": "on", "groups": [group.pk]},
    )
    assert answer.status_code == 302, answer.text
    user = User.objects.get(username="newhand")
    assert user.is_staff
    assert list(user.groups.all()) == [group]
    assert not user.has_usable_password()
    assert HeldName.objects.filter(holder=user).exists()
    assert not user.emailaddress_set.get().verified


@pytest.mark.django_db(transaction=True)
def test_the_invitation_is_a_link_that_sets_the_password(client, make_user):
    if not Group.objects.filter(name="administrator").exists():
        Group.objects.create(name="administrator")
    root = User.objects.create_superuser("root-of-all", "root@example.org", "x" * 12)
    client.force_login(root)
    client.post(f"{LIST}add/", {"username": "newhand", "email": "new@example.org"})
    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    assert "An account was made for you" in message.body
    (path,) = re.findall(r"^http://testserver(/\S+)$", message.body, re.MULTILINE)
    other = Client()
    form = other.get(path, follow=True).redirect_chain[-1][0]
    other.post(form, {"password1": "eight gulls on a wall"})
    assert User.objects.get(username="newhand").check_password("eight gulls on a wall")


def test_an_administrator_gives_reserved_names_but_no_look_alikes(client, administrator, make_user):
    make_user("anna")
    client.force_login(administrator)
    for name, is_made in (("editor", True), ("Anпa", False), ("ANNA", False), ("a b", False)):
        client.post(f"{LIST}add/", {"username": name, "email": f"m{len(name)}@example.org"})
        assert User.objects.filter(username=name).exists() == is_made, name


def test_nobody_makes_themselves_more_than_they_are(client, administrator):
    client.force_login(administrator)
    before = set(administrator.groups.all())
    client.post(
        change(administrator),
        {
            "display_name": "", "bio": "", "is_staff": "on", "is_superuser": "on",
            "groups": [group.pk for group in Group.objects.all()], "user_permissions": ["1"],
            "password": "x", "username": "boss", "email": "boss@example.org",
        },
    )  # fmt: skip
    administrator.refresh_from_db()
    assert not administrator.is_superuser
    assert set(administrator.groups.all()) == before
    assert not administrator.user_permissions.exists()
    assert administrator.username == "keeper"


def test_an_administrator_makes_no_superuser_and_touches_none(client, administrator, make_user):
    root = User.objects.create_superuser("root-of-all", "root@example.org", "x" * 12)
    user = make_user("first")
    client.force_login(administrator)
    assert client.post(change(root), {"display_name": "x", "is_active": ""}).status_code == 403
    client.post(LIST, {"action": "deactivate", "_selected_action": [root.pk, administrator.pk]})
    root.refresh_from_db()
    administrator.refresh_from_db()
    assert root.is_active
    assert administrator.is_active
    client.post(
        change(user), {"display_name": "", "bio": "", "is_active": "on", "is_superuser": "on"}
    )
    user.refresh_from_db()
    assert not user.is_superuser
    assert "is_superuser" not in client.get(change(user)).text


def test_a_deactivated_person_is_out_at_once_and_it_is_on_record(client, administrator, make_user):
    user = make_user("first")
    theirs = Client()
    theirs.force_login(user)
    client.force_login(administrator)
    answer = client.post(LIST, {"action": "deactivate", "_selected_action": [user.pk]}, follow=True)
    assert "People deactivated: 1." in answer.text
    assert theirs.get("/account/").status_code == 302
    assert "Deactivated." in client.get(f"{LIST}{user.pk}/history/").text


def test_nobody_is_deleted_here(client, administrator, make_user):
    user = make_user("first")
    client.force_login(User.objects.create_superuser("root-of-all", "root@example.org", "x" * 12))
    assert client.post(f"{LIST}{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_the_list_costs_the_same_at_any_length(
    client, administrator, make_user, django_assert_max_num_queries
):
    client.force_login(administrator)
    for _ in range(30):
        make_user()
    with django_assert_max_num_queries(9):
        assert client.get(LIST).status_code == 200


def test_markup_in_a_name_is_text_in_the_admin(client, administrator, make_user):
    user = make_user("first", display_name="<img src=x onerror=alert(1)>")
    client.force_login(administrator)
    for path in (LIST, change(user)):
        assert "<img src=x" not in client.get(path).text


def test_expertise_is_given_by_administrators_and_seen_by_moderators(
    client, administrator, moderator, make_user
):
    user = make_user("first")
    client.force_login(moderator)
    sent = {
        "display_name": "",
        "bio": "",
        "expertise": "  Tides   and sea level ",
        "is_active": "on",
    }
    assert client.post(change(user), sent).status_code == 403
    client.force_login(administrator)
    assert client.post(change(user), sent).status_code == 302
    user.refresh_from_db()
    assert user.expertise == "Tides and sea level"
    client.force_login(moderator)
    page = client.get(change(user)).text
    assert "Tides and sea level" in page
    assert 'name="expertise"' not in page
