"""A decision taken back: the comment stands where it stood, and all that counts with it."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from comments.counters import recount
from comments.models import Appeal, Comment, Decision, InvalidMove, Notice, Report
from comments.statement import Statement

pytestmark = pytest.mark.django_db


def test_undone_approval_waits_again_and_readers_see_nothing(make_comment, moderator):
    comment = make_comment(status=Comment.Status.PENDING)
    decision = comment.approve(moderator)
    comment.undo(decision, moderator)
    comment.article.refresh_from_db()
    assert comment.is_pending
    assert not comment.is_placed
    assert comment.article.comment_count == 0
    assert not comment.announce_due


def test_undone_rejection_is_at_its_number_and_in_its_place(make_comment, moderator):
    root = make_comment()
    other = make_comment(article=root.article)
    reply = make_comment(parent=root)
    number = root.number
    decision = root.reject(moderator, "attack")
    assert root.reason == "attack"
    root.undo(decision, moderator)
    reply.refresh_from_db()
    root.article.refresh_from_db()
    assert (root.is_visible, root.number, root.reason) == (True, number, "")
    assert root.article.comment_count == 3
    assert other.number != number
    assert recount(root.article) == []


def test_undo_is_a_row_that_names_the_one_it_undoes(make_comment, moderator):
    comment = make_comment(status=Comment.Status.PENDING)
    decision = comment.mark_spam(moderator)
    undone = comment.undo(decision, moderator)
    assert (undone.act, undone.undoes, undone.before, undone.after) == (
        Decision.Act.UNDO,
        decision,
        Comment.Status.SPAM,
        Comment.Status.PENDING,
    )


def test_undone_decision_opens_the_reports_it_answered(make_comment, make_user, moderator):
    comment, reader = make_comment(), make_user(date_joined=timezone.now())
    report = Report.make(comment, reader, Report.Kind.HATE)
    decision = comment.approve(moderator)
    report.refresh_from_db()
    assert report.decision == decision
    comment.undo(decision, moderator)
    report.refresh_from_db()
    assert report.decision is None
    assert comment.is_visible


def test_nobody_undoes_what_somebody_else_decided(make_comment, make_user, moderator):
    comment, other = make_comment(status=Comment.Status.PENDING), make_user(role="moderator")
    decision = comment.approve(moderator)
    with pytest.raises(InvalidMove, match="own decisions"):
        comment.undo(decision, other)
    assert comment.is_visible


def test_what_something_followed_is_not_undone(make_comment, make_user, moderator):
    comment, other = make_comment(status=Comment.Status.PENDING), make_user(role="moderator")
    decision = comment.approve(moderator)
    comment.reject(other, "hate")
    with pytest.raises(InvalidMove, match="Something else came after it"):
        comment.undo(decision, moderator)


def test_decision_is_undone_once(make_comment, moderator):
    comment = make_comment(status=Comment.Status.PENDING)
    decision = comment.approve(moderator)
    comment.undo(decision, moderator)
    with pytest.raises(InvalidMove):
        comment.undo(decision, moderator)


def test_undo_itself_is_not_undone(make_comment, moderator):
    comment = make_comment(status=Comment.Status.PENDING)
    undone = comment.undo(comment.approve(moderator), moderator)
    with pytest.raises(InvalidMove):
        comment.undo(undone, moderator)


def test_decision_of_the_day_before_yesterday_stands(make_comment, moderator):
    comment = make_comment(status=Comment.Status.PENDING)
    decision = comment.approve(moderator)
    with (
        time_machine.travel(timezone.now() + datetime.timedelta(hours=25), tick=False),
        pytest.raises(InvalidMove, match="more than a day"),
    ):
        comment.undo(decision, moderator)


def test_answer_to_an_appeal_or_a_notice_is_not_undone(make_comment, moderator):
    for source in (Decision.Source.APPEAL, Decision.Source.NOTICE):
        comment = make_comment(status=Comment.Status.PENDING)
        decision = comment.reject(moderator, "hate", source=source)
        with pytest.raises(InvalidMove, match="has been told"):
            comment.undo(decision, moderator)


def test_decision_says_how_long_the_comment_waited(make_comment, moderator):
    start = timezone.now()
    comment = make_comment(status=Comment.Status.PENDING, created_at=start)
    with time_machine.travel(start + datetime.timedelta(minutes=30), tick=False):
        decision = comment.approve(moderator)
    assert decision.waited == 1800


def test_comment_held_by_reports_waits_from_then(make_comment, moderator):
    start = timezone.now()
    comment = make_comment(created_at=start - datetime.timedelta(days=9))
    with time_machine.travel(start, tick=False):
        comment.hold_back("reported by several readers", [])
    with time_machine.travel(start + datetime.timedelta(minutes=5), tick=False):
        assert comment.approve(moderator).waited == 300


def test_closed_thread_says_so_and_opens_again(make_comment, moderator):
    root = make_comment()
    version = root.article.page_version
    closed = root.close_thread(moderator, "off-topic", note="Going in circles.")
    root.article.refresh_from_db()
    assert root.closed_at is not None
    assert (closed.act, closed.before, closed.after) == ("close", "approved", "approved")
    assert root.article.page_version > version
    with pytest.raises(InvalidMove):
        root.close_thread(moderator, "off-topic")
    root.reopen_thread(moderator)
    assert root.closed_at is None
    with pytest.raises(InvalidMove):
        root.reopen_thread(moderator)


def test_thread_is_closed_at_its_first_comment_alone(make_comment, moderator):
    reply = make_comment(parent=make_comment())
    with pytest.raises(InvalidMove, match="first comment"):
        reply.close_thread(moderator, "off-topic")


def test_closed_thread_leaves_the_last_decision_as_it_was(make_comment, moderator):
    root = make_comment(status=Comment.Status.PENDING)
    decision = root.approve(moderator)
    root.close_thread(moderator, "off-topic")
    assert Comment.objects.get(pk=root.pk).latest_decision == decision


def test_closed_thread_offers_readers_no_reply(client, make_comment, moderator):
    root = make_comment()
    reply, other = make_comment(parent=root), make_comment(article=root.article)
    root.close_thread(moderator, "off-topic")
    html = client.get(root.article.get_absolute_url()).text
    assert "takes no more answers" in html
    assert f"/comments/{root.pk}/reply/" not in html
    assert f"/comments/{reply.pk}/reply/" not in html
    assert f"/comments/{other.pk}/reply/" in html


def test_who_began_a_thread_hears_that_it_is_closed_and_why(make_comment, moderator):
    root = make_comment()
    with pytest.raises(InvalidMove, match="needs a reason"):
        root.close_thread(moderator, "")
    closed = root.close_thread(moderator, "off-topic")
    notice = root.author.notices.get(kind=Notice.Kind.CLOSED)
    assert (notice.decision, notice.reason) == (closed, "Not about the story")
    assert "takes no more answers" in notice.words
    assert "takes no more answers" in Statement.of(closed).what
    opened = root.reopen_thread(moderator)
    assert "takes answers again" in root.author.notices.get(decision=opened).words


def test_undone_approval_of_a_rejected_one_brings_its_reason_back(make_comment, moderator):
    comment = make_comment()
    rejected = comment.reject(moderator, "hate", ground=Decision.Ground.ILLEGAL, law="Section 5")
    undone = comment.undo(comment.approve(moderator), moderator)
    assert (comment.status, comment.reason) == ("rejected", "hate")
    assert (undone.reason, undone.law) == ("hate", "Section 5")
    assert comment.standing_decision() == rejected


def test_first_approval_that_is_undone_leaves_no_trace(make_comment, moderator):
    comment = make_comment(status=Comment.Status.PENDING)
    comment.undo(comment.approve(moderator), moderator)
    assert comment.visible_at is None
    assert not comment.was_held_back
    comment.approve(moderator)
    assert comment.announce_due


def test_undone_rejection_was_seen_before_and_stays_so(make_comment, moderator):
    comment = make_comment()
    seen = comment.visible_at
    comment.undo(comment.reject(moderator, "attack"), moderator)
    assert comment.visible_at == seen


def test_flag_that_a_decision_took_down_is_up_again_when_that_is_undone(make_comment, moderator):
    comment = make_comment()
    comment.findings.create(check_name="links", reason="two links", holds=False)
    Comment.objects.filter(pk=comment.pk).update(flagged_at=comment.created_at)
    comment.refresh_from_db()
    comment.undo(comment.approve(moderator), moderator)
    assert comment in Comment.objects.flagged()


def test_decision_that_was_appealed_against_is_answered_and_not_undone(make_comment, moderator):
    comment = make_comment()
    decision = comment.reject(moderator, "attack")
    Appeal.file(decision, "Why?")
    with pytest.raises(InvalidMove, match="appealed"):
        comment.undo(decision, moderator)


def test_whose_report_was_answered_hears_that_the_answer_is_taken_back(
    make_comment, make_user, moderator
):
    comment, reader = make_comment(), make_user(date_joined=timezone.now())
    Report.make(comment, reader, Report.Kind.HATE)
    decision = comment.reject(moderator, "hate")
    reader.notices.update(read_at=timezone.now())
    undone = comment.undo(decision, moderator)
    assert "looks again" in reader.notices.get(decision=undone).words
