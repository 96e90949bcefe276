"""Guests' comments become those of the reader who confirmed the address they were written under."""

import datetime

import pytest
from django.utils import timezone

from comments import claims
from comments.counters import drift
from comments.models import Comment, Report, Respect

OWN = "/account/comments/"
CLAIM = "/account/comments/claim/"


@pytest.fixture
def make_guest_comment(make_comment):
    """Gives a comment as an import brings it: without an account, under a name and an address."""

    def make(email="ada@example.org", name="Ada from the ferry", **fields):
        fields.setdefault("created_at", timezone.now() - datetime.timedelta(days=900))
        comment = make_comment(**fields)
        Comment.objects.filter(pk=comment.pk).update(
            author=None, guest_name=name, guest_email=email
        )
        comment.refresh_from_db()
        return comment

    return make


@pytest.fixture
def ada(make_user):
    return make_user("ada")


@pytest.fixture
def at_home(client, ada):
    client.force_login(ada)
    return client


def author_of(comment):
    return Comment.objects.get(pk=comment.pk).author


def test_who_confirmed_the_address_is_offered_what_was_written_under_it(
    at_home, make_guest_comment
):
    comment = make_guest_comment(body="The ferry was *late*.")
    make_guest_comment(body="The ferry sank.", name="A. L.")
    page = at_home.get(OWN).text
    assert "2 comments were written here under your address" in page
    for words in ("Ada from the ferry", "A. L.", comment.article.headline, "The ferry was late."):
        assert words in page
    assert "2 comments were written here under your address" in at_home.get("/account/").text
    assert "The ferry sank." in at_home.get(CLAIM).text


def test_nothing_is_offered_where_nothing_was_written(at_home):
    for page in (OWN, "/account/"):
        assert "under your address" not in at_home.get(page).text
    assert "Nothing here was written under an address of yours" in at_home.get(CLAIM).text


def test_all_are_claimed_at_once(at_home, ada, make_guest_comment):
    made = [make_guest_comment() for _ in range(3)]
    versions = made[0].article.page_version
    answer = at_home.post(CLAIM, {"which": "all"}, follow=True)
    assert answer.redirect_chain == [(OWN, 303)]
    assert "3 comments are yours now" in answer.text
    assert [author_of(comment) for comment in made] == [ada] * 3
    made[0].refresh_from_db()
    assert made[0].claimed_at is not None
    assert made[0].article.page_version > versions
    assert drift(made[0].article) == []


def test_they_are_ones_own_afterwards(at_home, client, ada, make_guest_comment):
    comment = make_guest_comment(body="The ferry was late.")
    at_home.post(CLAIM, {"which": "all"})
    page = at_home.get(OWN).text
    assert "The ferry was late." in page
    assert "written as a guest, <bdi>Ada from the ferry</bdi>" in page
    # The old text can be changed; a moderator sees the new one first.
    Comment.objects.get(pk=comment.pk).edit("The ferry was very late.")
    assert comment.revisions.get(status="pending").body == "The ferry was very late."
    client.logout()
    assert "The ferry was late." in client.get("/people/ada/").text
    story = client.get(comment.article.get_absolute_url()).text
    assert "Ada from the ferry" not in story
    assert "<bdi>ada</bdi>" in story


def test_only_those_ticked_are_claimed(at_home, ada, make_guest_comment):
    mine, not_mine = make_guest_comment(), make_guest_comment()
    at_home.post(CLAIM, {"which": "ticked", "comment": [mine.pk]})
    assert (author_of(mine), author_of(not_mine)) == (ada, None)


def test_nothing_ticked_claims_nothing_and_says_so(at_home, make_guest_comment):
    comment = make_guest_comment()
    answer = at_home.post(CLAIM, {"which": "ticked"})
    assert answer.status_code == 422
    assert "Tick the comments that are yours first." in answer.text
    assert author_of(comment) is None


@pytest.mark.parametrize("pk", ["x", "-1", "9" * 30, "1 or 1=1", ""])
def test_tick_that_is_no_comment_claims_nothing(at_home, make_guest_comment, pk):
    comment = make_guest_comment()
    answer = at_home.post(CLAIM, {"which": "ticked", "comment": [pk, comment.pk]})
    assert answer.status_code == 404
    assert author_of(comment) is None


def test_nobody_claims_what_was_written_under_another_address(
    at_home, ada, make_guest_comment, make_comment
):
    others = [
        make_guest_comment(email="bruno@example.org"),
        make_guest_comment(email=""),
        make_comment(body="Somebody’s already."),
    ]
    authors = [author_of(comment) for comment in others]
    for sent in ({"which": "all"}, {"comment": [comment.pk for comment in others]}):
        answer = at_home.post(CLAIM, sent, follow=True)
        assert "Nothing changed" in answer.text
    assert [author_of(comment) for comment in others] == authors


def test_address_that_is_not_confirmed_claims_nothing(at_home, ada, make_guest_comment):
    comment = make_guest_comment(email="old@example.org")
    address = ada.emailaddress_set.create(email="old@example.org", verified=False)
    assert "under your address" not in at_home.get(OWN).text
    at_home.post(CLAIM, {"which": "all"})
    assert author_of(comment) is None
    address.verified = True
    address.save()
    assert "1 comment was written here under your address" in at_home.get(OWN).text
    at_home.post(CLAIM, {"which": "all"})
    assert author_of(comment) == ada


def test_case_of_the_address_makes_no_difference(at_home, ada, make_guest_comment):
    comment = make_guest_comment()
    ada.emailaddress_set.update(email="Ada@Example.org")
    at_home.post(CLAIM, {"which": "all"})
    assert author_of(comment) == ada


def test_claiming_twice_changes_nothing_more(at_home, ada, make_guest_comment):
    comment = make_guest_comment()
    assert claims.claim(ada) == 1
    comment.refresh_from_db()
    moment, version = comment.claimed_at, comment.article.page_version
    assert claims.claim(ada) == 0
    assert "Nothing changed" in at_home.post(CLAIM, {"which": "all"}, follow=True).text
    fresh = Comment.objects.get(pk=comment.pk)
    assert (fresh.claimed_at, fresh.article.page_version) == (moment, version)


def test_respect_for_what_turns_out_ones_own_is_taken_back(ada, make_guest_comment, make_user):
    comment, other = make_guest_comment(), make_guest_comment()
    for reader in (ada, make_user(), make_user()):
        Respect.turn(reader, comment)
    Respect.turn(make_user(), other)
    claims.claim(ada)
    comment.refresh_from_db()
    other.refresh_from_db()
    assert (comment.respect_count, other.respect_count) == (2, 1)
    assert not comment.respects.filter(reader=ada).exists()
    assert drift(comment.article) == []


def test_what_stands_hidden_is_claimed_as_it_stands(ada, make_guest_comment, moderator):
    rejected = make_guest_comment()
    rejected.reject(by=moderator, reason="attack")
    held = make_guest_comment(status=Comment.Status.PENDING)
    Report.objects.create(comment=held, reporter=ada, reason="hate")
    assert claims.claim(ada) == 2
    rejected.refresh_from_db()
    held.refresh_from_db()
    assert (rejected.status, held.status) == ("rejected", "pending")


def test_visitors_are_sent_to_log_in_and_claim_nothing(client, make_guest_comment, db):
    comment = make_guest_comment()
    for answer in (client.get(CLAIM), client.post(CLAIM, {"which": "all"})):
        assert answer.url == f"/accounts/login/?next={CLAIM}"
    assert author_of(comment) is None


def test_nothing_from_guests_is_markup_in_the_list(at_home, make_guest_comment):
    bad = "<script>x</script><img src=y onerror=z>"
    make_guest_comment(name=f"Guest {bad}", body=f"Said: {bad}")
    for address in (OWN, CLAIM):
        page = at_home.get(address).text
        assert "<script>x" not in page
        assert "<img" not in page


def test_long_list_says_that_there_is_more(
    at_home, make_guest_comment, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(claims, "SHOWN", 3)
    for _ in range(3):
        make_guest_comment()
    with django_assert_num_queries(6):
        at_home.get(CLAIM)
    for _ in range(4):
        make_guest_comment()
    with django_assert_num_queries(8):
        page = at_home.get(CLAIM).text
    assert page.count('type="checkbox"') == 3
    assert "7 comments were written here" in page
    assert "These are the first 3" in page
