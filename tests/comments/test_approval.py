"""From waiting to visible and back, with the numbers and the record that belong to it."""

import pytest

from comments.models import Comment, InvalidMove, StaleDecision


def test_pending_comment_has_no_number_until_it_is_approved(make_comment, moderator):
    comment = make_comment(status=Comment.Status.PENDING)
    assert comment.number is None
    comment.approve(by=moderator)
    assert comment.number == 1
    assert comment.is_placed


def test_number_stays_when_a_comment_is_rejected_and_approved_again(make_comment, moderator):
    first, second = make_comment(), make_comment()
    first.reject(by=moderator, reason="attack")
    first.approve(by=moderator)
    third = make_comment()
    assert [first.number, second.number, third.number] == [1, 2, 3]


def test_decision_on_a_changed_comment_is_refused_and_says_what_happened(
    make_comment, moderator, editor
):
    comment = make_comment(status=Comment.Status.PENDING)
    seen = comment.version
    Comment.objects.get(pk=comment.pk).reject(by=moderator, reason="attack", version=seen)
    with pytest.raises(StaleDecision, match="moderately set this comment to “rejected”"):
        comment.approve(by=editor, version=seen)
    comment.refresh_from_db()
    assert comment.status == Comment.Status.REJECTED
    assert comment.decisions.count() == 1


def test_equal_decision_again_is_refused(make_comment, moderator):
    comment = make_comment()
    with pytest.raises(InvalidMove):
        comment.approve(by=moderator)


def test_counters_follow_every_move(make_comment, moderator):
    root = make_comment()
    reply = make_comment(parent=root)
    deep = make_comment(parent=reply)
    article = root.article

    def counts():
        article.refresh_from_db()
        return article.comment_count, article.thread_count

    assert counts() == (3, 1)
    root.reject(by=moderator, reason="attack")
    assert counts() == (2, 1)
    reply.reject(by=moderator, reason="attack")
    assert counts() == (1, 1)
    deep.reject(by=moderator, reason="attack")
    assert counts() == (0, 0)
    for comment in (root, reply, deep):
        comment.refresh_from_db()
        assert not comment.is_placed
        assert comment.visible_replies == 0
    deep.approve(by=moderator)
    assert counts() == (1, 1)
    root.refresh_from_db()
    assert root.is_placed
    assert not root.is_visible
