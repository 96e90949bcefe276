"""People at the desk: their record, what is decided about them, and where they come from."""

import pytest
from django.core.exceptions import ValidationError

from accounts import sources
from accounts.models import SourceRule, User
from comments.models import Comment, Decision, Report, Sanction, StaffNote

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/comments/comment/people/"
NOTES = "/admin/comments/comment/notes/"


@pytest.fixture
def person(make_user):
    return make_user("trudgill", display_name="Kev Trudgill")


def send(client, person, **sent):
    return client.post(f"{PEOPLE}{person.pk}/sanction/", sent)


def test_page_tells_the_record_with_its_reasons(at_desk, person, make_comment, moderator):
    make_comment(author=person)
    make_comment(author=person, body="A rude word.").reject(moderator, "attack")
    page = at_desk.get(f"{PEOPLE}{person.pk}/").text
    assert "personal attack 1" in page
    assert "A rude word." in page
    assert "Nothing was ever decided about this account." in page


def test_page_costs_the_same_at_any_size(
    at_desk, person, make_comment, moderator, django_assert_num_queries
):
    def add(count):
        for _ in range(count):
            make_comment(author=person, ip_address="192.0.2.7").reject(moderator, "attack")
            make_comment(author=person)
            StaffNote.objects.create(person=person, by=moderator, text="A word.")
            Sanction.impose(person, "warn", by=moderator, reason="attack")

    add(2)
    at_desk.get(f"{PEOPLE}{person.pk}/")
    with django_assert_num_queries(13):
        at_desk.get(f"{PEOPLE}{person.pk}/")
    add(20)
    with django_assert_num_queries(13):
        at_desk.get(f"{PEOPLE}{person.pk}/")


def test_suspension_is_previewed_then_imposed_then_ended(at_desk, person):
    sent = {"kind": "suspend", "span": "7", "reason": "attack", "message": "A week, please."}
    page = send(at_desk, person, **sent, preview="1").text
    assert "would read" in page
    assert "You cannot write or edit comments here until" in page
    assert not Sanction.objects.exists()
    send(at_desk, person, **sent)
    sanction = Sanction.objects.get()
    assert (sanction.person, sanction.kind) == (person, "suspend")
    send(at_desk, person, lift=sanction.pk)
    assert not sanction.holds


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"kind": "suspend", "reason": "attack"}, 409),  # no end
        ({"kind": "suspend", "span": "7"}, 422),  # no reason
        ({"kind": "exile", "reason": "attack"}, 422),
        ({"kind": "lift", "reason": "attack"}, 422),
    ],
)
def test_what_is_not_whole_is_refused_and_the_text_kept(at_desk, person, sent, status):
    answer = send(at_desk, person, message="Words that I typed.", **sent)
    assert answer.status_code == status
    assert "Words that I typed." in answer.text
    assert not Sanction.objects.exists()


@pytest.mark.parametrize("role", ["", "reporter", "editor"])
def test_others_neither_look_nor_decide(client, make_user, person, role):
    client.force_login(make_user(role=role))
    assert client.get(f"{PEOPLE}{person.pk}/").status_code in {302, 403}
    answer = send(client, person, kind="warn", reason="attack")
    assert answer.status_code in {302, 403}
    assert not Sanction.objects.exists()


def test_accounts_that_wrote_from_the_same_place_are_named_without_it(
    at_desk, person, make_comment, make_user
):
    make_comment(author=person, ip_address="192.0.2.7")
    make_comment(author=make_user(display_name="Second Face"), ip_address="192.0.2.7")
    make_comment(author=make_user(display_name="Somebody Else"), ip_address="192.0.2.8")
    page = at_desk.get(f"{PEOPLE}{person.pk}/").text
    assert "Second Face" in page
    assert "Somebody Else" not in page
    assert "192.0.2.7" not in page


def test_note_is_for_colleagues_and_its_writer_takes_it_away(
    client, at_desk, person, make_user, moderator
):
    at_desk.post(NOTES, {"person": person.pk, "text": "Kind when one is kind."})
    note = StaffNote.objects.get()
    assert "Kind when one is kind." in at_desk.get(f"{PEOPLE}{person.pk}/").text
    client.force_login(person)
    assert "Kind when one is kind." not in client.get(person.get_absolute_url()).text
    client.force_login(make_user(role="moderator"))
    assert client.post(NOTES, {"delete": note.pk}).status_code == 404
    client.force_login(moderator)
    client.post(NOTES, {"delete": note.pk})
    assert not StaffNote.objects.exists()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_note_leads_nowhere_else(at_desk, person, back):
    answer = at_desk.post(NOTES, {"person": person.pk, "text": "x", "next": back})
    assert answer["Location"].startswith("/admin/")


def test_reporters_who_were_mostly_wrong_are_listed(at_desk, make_comment, make_user, moderator):
    wrong, right = make_user(display_name="Mostly Wrong"), make_user(display_name="Mostly Right")
    for reporter, verdict in ((wrong, "approved"), (right, "rejected")):
        for _ in range(5):
            comment = make_comment()
            decision = Decision.objects.create(
                comment=comment, by=moderator, before="approved", after=verdict, comment_version=1
            )
            Report.objects.create(
                comment=comment, reporter=reporter, reason="attack", decision=decision
            )
    page = at_desk.get(f"{PEOPLE}reporters/").text
    assert "Mostly Wrong" in page
    assert "Mostly Right" not in page


# Where they come from -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("mail", "Spam.Example", "spam.example"),
        ("mail", "somebody@spam.example", "spam.example"),
        ("address", "192.0.2.7", "192.0.2.7/32"),
        ("address", "192.0.2.77/24", "192.0.2.0/24"),
        ("address", "::ffff:192.0.2.7", "192.0.2.7/32"),
    ],
)
def test_source_is_kept_in_one_form(kind, value, kept):
    rule = SourceRule(kind=kind, value=value)
    sources.clean(rule)
    assert rule.value == kept


@pytest.mark.parametrize(
    ("kind", "value", "action"),
    [
        ("mail", "nonsense", "hold"),
        ("mail", "gmail.com", "block"),
        ("address", "0.0.0.0/0", "hold"),
        ("address", "10.0.0.0/7", "hold"),
        ("address", "::/0", "hold"),
        ("address", "nowhere", "hold"),
    ],
)
def test_source_that_holds_everybody_is_refused(kind, value, action):
    with pytest.raises(ValidationError):
        sources.clean(SourceRule(kind=kind, value=value, action=action))


@pytest.mark.parametrize(
    ("email", "is_taken"),
    [("a@spam.example", False), ("a@mx.spam.example", False), ("a@notspam.example", True)],
)
def test_account_from_a_blocked_domain_is_refused_with_a_reason(client, settings, email, is_taken):
    settings.ACCOUNT_RATE_LIMITS = False
    SourceRule.objects.create(kind="mail", value="spam.example", action="block")
    answer = client.post(
        "/accounts/signup/",
        {
            "email": email, "username": "newcomer", "password1": "a-long-enough-password",
            "display_name": "New Comer",
        },
    )  # fmt: skip
    assert User.objects.filter(email=email).exists() is is_taken
    assert (answer.status_code == 200) is not is_taken


def test_comment_from_a_held_range_waits(write):
    SourceRule.objects.create(kind="address", value="192.0.2.0/24", action="hold")
    inside, outside = write(ip_address="192.0.2.9"), write("Other.", ip_address="198.51.100.1")
    assert inside.submit().status == Comment.Status.PENDING
    assert outside.submit().is_visible
