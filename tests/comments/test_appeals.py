"""Appeals: somebody else looks again, and puts right what was wrong."""

import datetime

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from accounts.models import User
from comments import mailing
from comments.models import (
    Appeal,
    Comment,
    Decision,
    InvalidMove,
    Notice,
    Revision,
    Sanction,
)
from comments.models.appeal import AppealRefused, DecidedBefore
from comments.statement import link

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(make_user):
    return make_user("second", role="moderator")


@pytest.fixture
def rejected(make_comment, make_user, moderator):
    """A visible comment with a reply that was rejected, and the decision."""
    author = make_user("author")
    comment = make_comment(author=author)
    make_comment(parent=comment)
    return comment.reject(moderator, "attack", message="Not about people, please.")


def test_granted_appeal_puts_the_comment_back_at_its_number_and_in_its_place(rejected, other):
    comment = rejected.comment
    number, count = comment.number, comment.article.comment_count
    appeal = Appeal.file(rejected, "I spoke of the wall, not of a person.")
    appeal.grant(other, "You are right: it speaks of the wall.")
    comment.refresh_from_db()
    assert (comment.is_visible, comment.number) == (True, number)
    comment.article.refresh_from_db()
    assert comment.article.comment_count == count + 1
    decision = Comment.objects.get(pk=comment.pk).latest_decision
    assert (decision.act, decision.source, decision.by) == ("reverse", "appeal", other)
    assert (appeal.is_granted, appeal.answer_decision) == (True, decision)


def test_who_decided_does_not_answer_the_appeal(rejected, moderator):
    appeal = Appeal.file(rejected, "Look again.")
    with pytest.raises(DecidedBefore):
        appeal.grant(moderator, "Well.")
    with pytest.raises(DecidedBefore):
        appeal.turn_down(moderator, "No.")
    appeal.refresh_from_db()
    assert appeal.is_open


def test_nobody_answers_their_own_appeal(make_comment, make_user, moderator):
    author = make_user("colleague", role="moderator")
    decision = make_comment(author=author).reject(moderator, "attack")
    with pytest.raises(DecidedBefore):
        Appeal.file(decision, "Look again.").grant(author, "Of course.")


def test_appeal_that_is_turned_down_leaves_it_and_says_why(rejected, other):
    appeal = Appeal.file(rejected, "Look again.")
    appeal.turn_down(other, "It names a person, and insults them.")
    comment = Comment.objects.get(pk=rejected.comment_id)
    assert comment.status == Comment.Status.REJECTED
    assert comment.latest_decision.act == Decision.Act.UPHOLD
    assert comment.latest_decision.reason == "attack"
    told = Notice.objects.filter(person=comment.author, kind=Notice.Kind.APPEAL)
    assert [notice.appeal for notice in told] == [appeal]


def test_answer_reaches_who_appealed_by_mail_once(rejected, other, mailoutbox):
    appeal = Appeal.file(rejected, "Look again.")
    mailing.deliver_due()
    mailoutbox.clear()
    appeal.grant(other, "It speaks of the wall.")
    mailing.deliver_due()
    assert len(mailoutbox) == 1
    assert "It speaks of the wall." in mailoutbox[0].body
    assert "granted" in mailoutbox[0].body


def test_answer_needs_a_reason(rejected, other):
    with pytest.raises(InvalidMove, match="reason"):
        Appeal.file(rejected, "Look again.").grant(other, "  ")


def test_one_appeals_once(rejected, other):
    appeal = Appeal.file(rejected, "Look again.")
    with pytest.raises(AppealRefused, match="already"):
        Appeal.file(rejected, "And again.")
    appeal.turn_down(other, "No.")
    with pytest.raises(InvalidMove, match="quicker"):
        appeal.grant(other, "Yes.")
    with pytest.raises(AppealRefused):
        Appeal.file(Comment.objects.get(pk=rejected.comment_id).latest_decision, "Still.")


@pytest.mark.parametrize(("days", "is_open"), [(180, True), (183, True), (185, False)])
def test_one_can_appeal_for_half_a_year(rejected, days, is_open):
    with time_machine.travel(rejected.at + datetime.timedelta(days=days), tick=False):
        if is_open:
            assert Appeal.file(rejected, "Look again.").is_open
        else:
            with pytest.raises(AppealRefused, match="half-year"):
                Appeal.file(rejected, "Look again.")


def test_what_was_decided_anew_is_not_appealed_against(rejected, moderator):
    rejected.comment.approve(moderator)
    with pytest.raises(AppealRefused, match="since"):
        Appeal.file(rejected, "Look again.")


def test_refused_edit_is_taken_after_all(make_comment, make_user, moderator, other):
    comment = make_comment(
        author=make_user("author"), created_at=timezone.now() - datetime.timedelta(hours=1)
    )
    edit = comment.edit("Another text altogether.")
    decision = edit.reject(moderator, "off-topic")
    Appeal.file(decision, "It is about the story.").grant(other, "So it is.")
    comment.refresh_from_db()
    assert comment.body == "Another text altogether."


def test_appeal_against_a_sanction_ends_it(make_user, moderator, other):
    person = make_user("author")
    until = timezone.now() + datetime.timedelta(days=3)
    sanction = Sanction.impose(person, Sanction.Kind.SUSPEND, moderator, "attack", until=until)
    appeal = Appeal.file(sanction, "It was not me.")
    with pytest.raises(DecidedBefore):
        appeal.grant(moderator, "Yes.")
    appeal.grant(other, "Somebody else it was.")
    assert not Sanction.objects.in_force().filter(person=person).exists()


# The pages


def test_author_appeals_from_their_account(client, rejected):
    author = rejected.comment.author
    client.force_login(author)
    page = f"/account/decisions/{rejected.ref}/"
    assert "Not about people, please." in client.get(page).text
    answer = client.post(page, {"text": "I spoke of the wall."})
    assert (answer.status_code, answer["Location"]) == (303, page)
    assert Appeal.objects.get().person == author
    assert "With the desk" in client.get(page).text


def test_link_in_the_mail_opens_the_decision_without_logging_in(
    client, rejected, mailoutbox, settings
):
    mailing.deliver_due()
    address = link(rejected)
    assert address in mailoutbox[-1].body
    path = address.removeprefix(settings.SITE_URL)
    assert client.get(path).status_code == 200
    assert client.post(path, {"text": "I spoke of the wall."}).status_code == 303
    assert Appeal.objects.get().decision == rejected


def test_somebody_elses_decision_is_not_found(client, rejected, make_user):
    page = f"/account/decisions/{rejected.ref}/"
    assert client.get(page).status_code == 302
    client.force_login(make_user())
    assert client.get(page).status_code == 404
    assert client.get("/decisions/nonsense/").status_code == 404


def test_empty_appeal_is_an_error_that_says_what_to_do(client, rejected):
    client.force_login(rejected.comment.author)
    answer = client.post(f"/account/decisions/{rejected.ref}/", {"text": "  "})
    assert answer.status_code == 422
    assert "Say in a few words" in answer.text
    assert not Appeal.objects.exists()


def test_appeal_can_be_answered_whatever_was_decided_since(rejected, other, make_user):
    third = make_user("third", role="moderator")
    appeal = Appeal.file(rejected, "Look again.")
    Comment.objects.get(pk=rejected.comment_id).mark_spam(third)
    appeal.turn_down(other, "It is an advertisement as well.")
    comment = Comment.objects.get(pk=rejected.comment_id)
    assert (comment.status, comment.latest_decision.act) == ("spam", "uphold")


def test_appeal_is_granted_whatever_was_decided_since(rejected, other, make_user):
    appeal = Appeal.file(rejected, "Look again.")
    Comment.objects.get(pk=rejected.comment_id).mark_spam(make_user("third", role="moderator"))
    appeal.grant(other, "It can stand.")
    assert Comment.objects.get(pk=rejected.comment_id).is_visible


def test_appeal_about_what_its_author_took_back_gets_its_answer(rejected, other):
    appeal = Appeal.file(rejected, "Look again.")
    comment = Comment.objects.get(pk=rejected.comment_id)
    comment.approve(other)
    comment.remove(comment.author)
    appeal.turn_down(other, "You took it back meanwhile.")
    assert not appeal.is_open
    assert Comment.objects.get(pk=comment.pk).status == Comment.Status.REMOVED


def test_there_is_nothing_to_turn_down_once_it_is_shown_again(rejected, other):
    appeal = Appeal.file(rejected, "Look again.")
    Comment.objects.get(pk=rejected.comment_id).approve(other)
    with pytest.raises(InvalidMove, match="Readers see it again"):
        appeal.turn_down(other, "No.")
    appeal.grant(other, "It is back already.")
    assert appeal.is_granted


def test_rejection_stays_open_to_appeal_when_an_approval_of_it_is_undone(rejected, moderator):
    comment = Comment.objects.get(pk=rejected.comment_id)
    undone = comment.undo(comment.approve(moderator), moderator)
    with pytest.raises(AppealRefused, match="nothing in this"):
        Appeal.file(undone, "Why?")
    assert Appeal.file(rejected, "Why?").is_open


def test_closed_thread_is_appealed_against_and_opens_again(make_comment, moderator, other):
    root = make_comment()
    appeal = Appeal.file(root.close_thread(moderator, "off-topic"), "We were talking.")
    appeal.grant(other, "So you were.")
    root.refresh_from_db()
    assert root.closed_at is None
    assert appeal.answer_decision.source == Decision.Source.APPEAL


def test_appeal_about_an_account_is_answered_by_who_decides_about_accounts(
    make_user, moderator, other
):
    sanction = Sanction.impose(make_user(), "ban", by=moderator, reason="hate")
    appeal = Appeal.file(sanction, "No.")
    Group.objects.get(name="moderator").permissions.remove(
        Permission.objects.get(codename="impose_sanction")
    )
    with pytest.raises(InvalidMove, match="about accounts"):
        appeal.grant(User.objects.get(pk=other.pk), "Well.")


def test_granted_edit_is_on_record_as_the_answer_to_an_appeal(make_comment, moderator, other):
    comment = make_comment()
    edit = Revision(comment=comment, body="B.", body_html="<p>B.</p>", renderer=1)
    edit.propose([])
    decision = edit.reject(moderator, "language")
    appeal = Appeal.file(decision, "It was one word.")
    appeal.grant(other, "So it was.")
    answered = appeal.answer_decision
    assert (answered.act, answered.source, answered.after) == ("reverse", "appeal", "approved")
    assert not comment.author.notices.filter(decision=answered).exists()


def test_page_of_what_was_upheld_offers_no_appeal(client, rejected, other):
    Appeal.file(rejected, "Look again.").turn_down(other, "It stands.")
    client.force_login(rejected.comment.author)
    upheld = Comment.objects.get(pk=rejected.comment_id).latest_decision
    for decision in (rejected, upheld):
        page = client.get(f"/account/decisions/{decision.ref}/").text
        assert "You can appeal until" not in page
        assert "Send the appeal" not in page
    listed = client.get("/account/comments/?show=refused").text
    assert f"/account/decisions/{rejected.ref}/" in listed
    assert "and your appeal with its answer" in listed
