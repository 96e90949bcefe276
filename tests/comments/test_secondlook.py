"""The blind second look: by somebody else, without the verdict, and without effect."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from comments import secondlook
from comments.models import Comment, Decision, DeskSettings, SecondLook

pytestmark = pytest.mark.django_db
PAGE = "/admin/comments/comment/second-look/"


@pytest.fixture
def other(make_user):
    return make_user(role="moderator")


@pytest.fixture
def look(make_comment, other, reader):
    """A rejection by a colleague that waits for a second look."""
    comment = make_comment(author=reader, body="A word that went.", status=Comment.Status.PENDING)
    return SecondLook.objects.create(decision=comment.reject(other, "attack", message="Kindly."))


def decide(make_comment, by, count):
    for _ in range(count):
        make_comment(status=Comment.Status.PENDING).approve(by)


def test_share_of_what_was_decided_an_hour_ago_is_chosen_once(make_comment, moderator):
    DeskSettings.objects.create(second_look_share=30)
    decide(make_comment, moderator, 60)
    assert secondlook.choose_due() == 0  # its moderator may still undo it
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=2), tick=False):
        chosen = secondlook.choose_due()
        assert 5 <= chosen <= 35
        assert secondlook.choose_due() == 0
    assert SecondLook.objects.count() == chosen


def test_nothing_is_chosen_where_it_is_switched_off(make_comment, moderator):
    DeskSettings.objects.create(second_look_share=0)
    decide(make_comment, moderator, 30)
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=2), tick=False):
        assert secondlook.choose_due() == 0


def test_what_was_undone_is_not_chosen(make_comment, moderator):
    DeskSettings.objects.create(second_look_share=100)
    comment = make_comment(status=Comment.Status.PENDING)
    comment.undo(comment.approve(moderator), moderator)
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=2), tick=False):
        assert secondlook.choose_due() == 0


def test_look_shows_the_text_and_neither_verdict_nor_who(at_desk, look, other):
    page = at_desk.get(PAGE).text
    main = page[page.index('class="desk-sheet"') :]
    assert "A word that went." in main
    assert "Kindly." not in main
    assert other.username not in main
    assert "ada" not in main  # nor who wrote it


def test_who_decided_or_wrote_it_does_not_look(client, look, other, reader):
    assert secondlook.waiting_for(other).count() == 0
    assert secondlook.waiting_for(reader).count() == 0
    client.force_login(other)
    answer = client.post(PAGE, {"look": look.pk, "verdict": "approved"})
    assert answer.status_code == 404
    look.refresh_from_db()
    assert look.at is None


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"verdict": "rejected", "reason": "attack"}, "You agree"),
        ({"verdict": "rejected", "reason": "hate"}, "for another reason"),
        ({"verdict": "approved"}, "You differ"),
    ],
)
def test_answer_tells_the_first_verdict_and_changes_nothing(at_desk, look, moderator, sent, words):
    before = Decision.objects.count()
    answer = at_desk.post(PAGE, {"look": look.pk, **sent}, follow=True)
    assert words in answer.text
    assert "personal attack" in answer.text
    look.refresh_from_db()
    assert (look.by, look.verdict) == (moderator, sent["verdict"])
    assert Decision.objects.count() == before
    assert look.decision.comment.status == Comment.Status.REJECTED


def test_rejection_needs_a_reason_here_too(at_desk, look):
    answer = at_desk.post(PAGE, {"look": look.pk, "verdict": "rejected"})
    assert answer.status_code == 422
    assert "Choose a reason" in answer.text
    assert "A word that went." in answer.text


def test_text_that_was_changed_since_is_not_shown(look, moderator):
    Comment.objects.filter(pk=look.decision.comment_id).update(edited_at=timezone.now())
    assert secondlook.waiting_for(moderator).count() == 0


def test_nothing_to_look_at_says_what_comes(at_desk):
    assert "2 % of what is decided comes here" in at_desk.get(PAGE).text
