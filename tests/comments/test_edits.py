"""Changing one's text: for five minutes, until an answer or a decision."""

import datetime

import pytest

from comments.models import ClosedToEdits, Comment, Refused, WordRule


@pytest.fixture
def comment(article, reader, settings):
    settings.LIMITS = False
    comment = Comment(article=article, author=reader)
    comment.set_body("The wall was too low.")
    return comment.submit()


def test_text_can_be_changed_within_the_window(comment):
    version, page = comment.version, comment.article.page_version
    comment.edit("The wall was *much* too low.")
    comment.refresh_from_db()
    assert comment.body == "The wall was *much* too low."
    assert "<em>much</em>" in comment.body_html
    assert comment.edited_at is not None
    assert comment.is_visible
    assert comment.version == version + 1
    comment.article.refresh_from_db()
    assert comment.article.page_version > page


def test_text_stays_after_the_window(comment, time_machine):
    time_machine.move_to(comment.created_at + Comment.EDIT_WINDOW - datetime.timedelta(seconds=1))
    comment.edit("Just in time.")
    time_machine.move_to(comment.created_at + Comment.EDIT_WINDOW)
    with pytest.raises(ClosedToEdits):
        comment.edit("Too late.")
    comment.refresh_from_db()
    assert comment.body == "Just in time."


def test_text_stays_once_it_was_answered(comment, make_comment):
    reply = make_comment(parent=comment)
    with pytest.raises(ClosedToEdits):
        comment.edit("What I meant.")
    reply.remove(by=reply.author)
    comment.edit("What I meant.")


def test_text_stays_once_a_moderator_decided(comment, moderator):
    comment.reject(by=moderator, reason="attack")
    with pytest.raises(ClosedToEdits):
        comment.edit("Kinder.")
    comment.approve(by=moderator)
    with pytest.raises(ClosedToEdits):
        comment.edit("Kinder.")


def test_removed_text_stays_removed(comment, reader):
    comment.remove(by=reader)
    with pytest.raises(ClosedToEdits):
        comment.edit("Back again.")


def test_edit_that_would_be_held_keeps_the_text_readers_see(comment):
    WordRule.objects.create(pattern="liar")
    version = comment.version
    with pytest.raises(Refused, match="words on the desk’s list"):
        comment.edit("You liar.")
    comment.refresh_from_db()
    assert comment.body == "The wall was too low."
    assert comment.is_visible
    assert comment.version == version
    assert not comment.findings.exists()


@pytest.mark.parametrize("body", ["", "\u200b", "x" * 5001])
def test_edit_to_nothing_or_too_much_is_refused(comment, body):
    with pytest.raises(Refused):
        comment.edit(body)
    comment.refresh_from_db()
    assert comment.body == "The wall was too low."


def test_edit_to_the_same_words_or_at_full_pace_is_no_repetition(comment, settings):
    settings.LIMITS = True
    for _ in range(7):
        comment.edit("The wall was too *low*.")


def test_edit_to_what_one_said_in_another_comment_is_refused(comment, article, reader):
    other = Comment(article=article, author=reader)
    other.set_body("Something else.")
    other.submit()
    with pytest.raises(Refused, match="already"):
        comment.edit("something else")


def test_held_text_can_be_changed_and_is_looked_at_anew(article, newcomer):
    WordRule.objects.create(pattern="liar")
    held = Comment(article=article, author=newcomer)
    held.set_body("You liar.")
    held.submit()
    assert {f.check_name for f in held.findings.all()} == {"word-list", "first-comment"}
    held.edit("You are wrong.")
    assert {f.check_name for f in held.findings.all()} == {"first-comment"}
    assert held.is_pending
    assert held.number is None


def test_moderator_who_saw_the_text_before_the_edit_is_told(article, newcomer, moderator):
    from comments.models import StaleDecision

    held = Comment(article=article, author=newcomer)
    held.set_body("One thing.")
    seen = held.submit().version
    Comment.objects.get(pk=held.pk).edit("Quite another.")
    with pytest.raises(StaleDecision, match="edited"):
        held.approve(by=moderator, version=seen)
    held.refresh_from_db()
    assert held.is_pending
