"""From waiting to visible and back, with the numbers and the record that belong to it."""

import contextlib
import random

import pytest

from articles.models import Article
from comments.counters import recount
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


def decide(comment, verb, by):
    return (
        comment.reject(by=by, reason="attack")
        if verb == "reject"
        else getattr(comment, verb)(by=by)
    )


@pytest.mark.parametrize("start", ["pending", "approved", "rejected", "spam"])
@pytest.mark.parametrize("verb", ["approve", "reject", "mark_spam"])
def test_each_decision_leads_from_every_other_status_and_not_from_its_own(
    make_comment, moderator, start, verb
):
    comment = make_comment(status=start)
    end = {"approve": "approved", "reject": "rejected", "mark_spam": "spam"}[verb]
    if start == end:
        with pytest.raises(InvalidMove, match="cannot become"):
            decide(comment, verb, moderator)
    else:
        decide(comment, verb, moderator)
    comment.refresh_from_db()
    assert comment.status == end
    assert comment.is_visible == (end == "approved")


@pytest.mark.parametrize("verb", ["approve", "reject", "mark_spam"])
def test_what_its_author_removed_is_not_decided_on(make_comment, moderator, verb):
    comment = make_comment(status="removed")
    with pytest.raises(InvalidMove):
        decide(comment, verb, moderator)


def test_rejection_needs_a_reason_of_the_list(make_comment, moderator):
    comment = make_comment()
    for reason in ("", "because", "ATTACK"):
        with pytest.raises(InvalidMove, match="needs a reason"):
            comment.reject(by=moderator, reason=reason)
    comment.refresh_from_db()
    assert comment.is_visible


def test_only_its_author_removes_a_comment(make_comment, moderator, make_user):
    comment = make_comment()
    for other in (moderator, make_user()):
        with pytest.raises(InvalidMove, match="author"):
            comment.remove(by=other)
    comment.remove(by=comment.author)
    assert not comment.is_visible


@pytest.mark.parametrize("status", ["rejected", "spam", "removed"])
def test_author_removes_only_what_waits_or_is_shown(make_comment, status):
    comment = make_comment(status=status)
    with pytest.raises(InvalidMove):
        comment.remove(by=comment.author)


def test_decision_made_on_the_version_that_stands_is_taken(make_comment, moderator):
    comment = make_comment(status="pending")
    comment.approve(by=moderator, version=comment.version)
    assert comment.is_visible


def test_second_moderator_is_told_even_with_the_same_decision(make_comment, moderator, editor):
    comment = make_comment(status="pending")
    seen = comment.version
    Comment.objects.get(pk=comment.pk).approve(by=moderator, version=seen)
    with pytest.raises(StaleDecision, match="approved"):
        comment.approve(by=editor, version=seen)
    assert comment.decisions.count() == 1


def test_numbers_are_each_articles_own_and_given_in_the_order_of_appearance(
    make_comment, make_article, moderator
):
    one, other = make_article(), make_article()
    held = make_comment(article=one, status="pending")
    later = make_comment(article=one)
    elsewhere = make_comment(article=other)
    held.approve(by=moderator)
    assert (later.number, held.number, elsewhere.number) == (1, 2, 1)


def test_instant_of_appearance_stays_through_later_decisions(make_comment, moderator):
    comment = make_comment()
    first = comment.visible_at
    comment.reject(by=moderator, reason="attack")
    comment.approve(by=moderator)
    assert comment.visible_at == first


def test_page_version_moves_with_every_decision(make_comment, moderator):
    comment = make_comment(status="pending")
    for verb in ("approve", "reject", "approve", "mark_spam"):
        before = Article.objects.get(pk=comment.article_id).page_version
        decide(comment, verb, moderator)
        assert Article.objects.get(pk=comment.article_id).page_version > before


def test_counters_are_exact_after_any_walk_of_decisions(make_comment, moderator, make_article):
    article = make_article()
    order = random.Random(17)  # noqa: S311 - the same walk every time
    comments = [make_comment(article=article)]
    for _ in range(24):
        parent = order.choice([None, *comments])
        comments.append(make_comment(article=article, parent=parent))
    for _ in range(150):
        comment = Comment.objects.get(pk=order.choice(comments).pk)
        with contextlib.suppress(InvalidMove):
            if order.random() < 0.1:
                comment.remove(by=comment.author)
            else:
                decide(comment, order.choice(["approve", "reject", "mark_spam"]), moderator)
    assert recount(article) == []
    numbers = sorted(article.comments.values_list("number", flat=True))
    assert numbers == list(range(1, 26))
