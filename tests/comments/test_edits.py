"""Changing one's text: at once while that is open, later as an edit that a moderator looks at."""

import datetime
import re
import time

import pytest
from django.test import Client
from django.utils import timezone

from comments.models import (
    ClosedToEdits,
    Comment,
    InvalidMove,
    Refused,
    Revision,
    StaleDecision,
    WordRule,
)
from tests.conftest import PASSWORD


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


def test_text_changed_after_the_window_waits_behind_the_approved_one(comment, time_machine):
    time_machine.move_to(comment.created_at + Comment.EDIT_WINDOW - datetime.timedelta(seconds=1))
    assert comment.edit("Just in time.") is None
    version = comment.version
    time_machine.move_to(comment.created_at + Comment.EDIT_WINDOW)
    revision = comment.edit("Too late.")
    assert revision.is_pending
    assert [f.check_name for f in revision.findings.all()] == ["late-edit"]
    comment.refresh_from_db()
    assert comment.body == "Just in time."
    assert comment.is_visible
    assert comment.version == version + 1


def test_text_changed_once_it_was_answered_waits(comment, make_comment):
    reply = make_comment(parent=comment)
    assert comment.edit("What I meant.").is_pending
    reply.remove(by=reply.author)
    assert comment.edit("What I mean.") is None
    comment.refresh_from_db()
    assert comment.body == "What I mean."
    assert not comment.revisions.pending().exists()


def test_text_stays_once_it_was_rejected_and_waits_once_it_was_approved_again(comment, moderator):
    comment.reject(by=moderator, reason="attack")
    with pytest.raises(ClosedToEdits):
        comment.edit("Kinder.")
    comment.approve(by=moderator)
    assert comment.edit("Kinder.").is_pending


def test_text_hidden_by_reports_stays_until_a_moderator_decides(comment):
    comment.hold_back("reported by several readers", [])
    with pytest.raises(ClosedToEdits):
        comment.edit("Kinder.")


def test_removed_text_stays_removed(comment, reader):
    comment.remove(by=reader)
    with pytest.raises(ClosedToEdits):
        comment.edit("Back again.")


def test_edit_that_would_be_held_waits_and_readers_keep_the_text_they_see(comment):
    WordRule.objects.create(pattern="liar")
    revision = comment.edit("You liar.")
    assert [f.check_name for f in revision.findings.all()] == ["word-list"]
    comment.refresh_from_db()
    assert comment.body == "The wall was too low."
    assert comment.is_visible
    assert comment.edited_at is None


def test_late_edit_of_the_staff_is_shown_at_once_with_what_was_said_before(
    article, moderator, time_machine
):
    own = Comment(article=article, author=moderator)
    own.set_body("First.")
    own = own.submit()
    time_machine.move_to(own.created_at + Comment.EDIT_WINDOW)
    assert own.edit("Second.") is None
    assert own.body == "Second."
    assert [one.body for one in own.revisions.readable()] == ["First.", "Second."]


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


def test_more_changes_than_anybody_makes_are_refused_with_the_wait(
    client, comment, settings, time_machine, moderator
):
    settings.LIMITS = True
    time_machine.move_to(comment.created_at + datetime.timedelta(minutes=1), tick=False)
    client.force_login(comment.author)
    address = f"/comments/{comment.pk}/edit/"
    for number in range(20):
        assert client.post(address, {"body": f"Text {number} of mine."}).status_code == 303
    answer = client.post(address, {"body": "Text 20 of mine."})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 600
    assert "Text 20 of mine.</textarea>" in answer.text
    comment.refresh_from_db()
    assert comment.body == "Text 19 of mine."
    time_machine.shift(datetime.timedelta(minutes=10))
    assert client.post(address, {"body": "Text 20 of mine."}).status_code == 303


def test_reply_to_what_was_hidden_since_can_still_be_changed(comment, make_comment, moderator):
    above = make_comment(article=comment.article)
    Comment.objects.filter(pk=comment.pk).update(parent=above, root=above, depth=1)
    comment.refresh_from_db()
    above.reject(by=moderator, reason="attack")
    comment.edit("Without my address in it.")
    assert comment.body == "Without my address in it."


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
    held = Comment(article=article, author=newcomer)
    held.set_body("One thing.")
    seen = held.submit().version
    Comment.objects.get(pk=held.pk).edit("Quite another.")
    with pytest.raises(StaleDecision, match="edited"):
        held.approve(by=moderator, version=seen)
    held.refresh_from_db()
    assert held.is_pending


# The page


@pytest.fixture
def late(comment, time_machine, client, reader):
    """A comment that readers have seen for longer than its author may change it at once."""
    time_machine.move_to(comment.created_at + Comment.EDIT_WINDOW + datetime.timedelta(minutes=1))
    client.force_login(reader)
    return comment


def test_page_says_until_when_readers_see_a_change_at_once(client, comment, reader):
    client.force_login(reader)
    page = client.get(f"/comments/{comment.pk}/edit/").text
    until = timezone.localtime(comment.created_at + Comment.EDIT_WINDOW)
    assert "Readers see the change at once until" in page
    assert f"{until:%H:%M}</time>" in page


def test_page_says_that_a_moderator_looks_at_a_late_change(client, late):
    page = client.get(f"/comments/{late.pk}/edit/").text
    assert "A moderator looks at it first" in page
    assert "at once" not in page


def test_late_change_waits_and_can_be_changed_and_taken_back(client, late, article):
    address = f"/comments/{late.pk}/edit/"
    answer = client.post(address, {"body": "It was far too low."}, follow=True)
    assert answer.redirect_chain == [(address, 303)]
    assert "Your change waits for a moderator" in answer.text
    assert "It was far too low.</textarea>" in answer.text
    assert "The wall was too low." in client.get(article.get_absolute_url()).text
    client.post(address, {"body": "Much too low."})
    assert [one.body for one in late.revisions.pending()] == ["Much too low."]
    answer = client.post(address, {"take-back": "1"})
    assert answer.status_code == 303
    assert not late.revisions.pending().exists()
    late.refresh_from_db()
    assert late.body == "The wall was too low."
    page = client.get(address).text
    assert "The wall was too low.</textarea>" in page
    assert "Take the change back" not in page


def test_refused_edit_keeps_what_was_typed(client, late):
    answer = client.post(f"/comments/{late.pk}/edit/", {"body": "x" * 5001})
    assert answer.status_code == 422
    assert "x" * 5001 in answer.text
    assert "5,001, 1 too many" in answer.text


def test_edit_of_a_comment_decided_meanwhile_keeps_what_was_typed(client, late, moderator):
    late.reject(by=moderator, reason="attack")
    answer = client.post(f"/comments/{late.pk}/edit/", {"body": "Kinder."})
    assert answer.status_code == 409
    assert "Kinder.</textarea>" in answer.text
    assert "A moderator has decided" in answer.text


def test_held_comment_can_be_edited_until_it_is_decided(client, article, newcomer, moderator):
    held = Comment(article=article, author=newcomer)
    held.set_body("One thing.")
    held.submit()
    client.force_login(newcomer)
    Comment.objects.filter(pk=held.pk).update(
        created_at=timezone.now() - datetime.timedelta(days=2)
    )
    address = f"/comments/{held.pk}/edit/"
    assert "until they decide" in client.get(address).text
    assert client.post(address, {"body": "Another."}).status_code == 303
    held.refresh_from_db()
    assert (held.body, held.is_pending) == ("Another.", True)


def test_edit_while_a_moderator_decides_makes_their_decision_stale(late, moderator):
    revision = late.edit("It was far too low.")
    seen = late.version
    later = Comment.objects.get(pk=late.pk).edit("Far, far too low.")
    with pytest.raises(StaleDecision):
        revision.approve(by=moderator, version=seen)
    with pytest.raises(InvalidMove, match="does not wait"):
        revision.approve(by=moderator)
    later.approve(by=moderator, version=seen + 1)
    late.refresh_from_db()
    assert late.body == "Far, far too low."
    assert Revision.objects.get(pk=revision.pk).status == "replaced"


def test_edit_typed_when_the_session_had_ended_is_in_the_field_after_log_in(client, late, reader):
    address = f"/comments/{late.pk}/edit/"
    client.logout()
    answer = client.post(address, {"body": "Typed for an hour."})
    assert answer.status_code == 302
    answer = client.post(
        answer["Location"], {"login": reader.email, "password": PASSWORD}, follow=True
    )
    assert "Typed for an hour.</textarea>" in answer.text
    assert "it is not saved yet" in answer.text
    client.post(address, {"body": "Typed for an hour."})
    assert "Typed for an hour." not in client.get(f"/comments/{late.pk}/").text
    assert "You had been logged out" not in client.get(address).text


def test_edit_with_an_old_token_is_kept_and_can_be_sent_again(late, reader):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(reader)
    answer = browser.post(f"/comments/{late.pk}/edit/", {"body": "Typed for an hour."})
    assert answer.status_code == 403
    assert "Typed for an hour.</textarea>" in answer.text
    assert not late.revisions.exists()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', answer.text)[1]
    sent = {"body": "Typed for an hour.", "csrfmiddlewaretoken": token}
    assert browser.post(f"/comments/{late.pk}/edit/", sent).status_code == 303
    assert late.revisions.pending().exists()


def test_nobody_edits_somebody_elses_comment(client, comment, newcomer):
    client.force_login(newcomer)
    address = f"/comments/{comment.pk}/edit/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"body": "Mine now."}).status_code == 404


# The history


def test_history_shows_the_texts_readers_saw_and_what_changed(client, late, moderator):
    refused = late.edit("The wall was a disgrace.")
    refused.reject(by=moderator, reason="language")
    late.edit("The wall was *far* too low.").approve(by=moderator)
    late.edit("Nobody has approved this.")
    client.logout()
    page = client.get(f"/comments/{late.pk}/history/").text
    assert "The wall was too low." in page
    assert re.search(r"<ins><span[^>]*>added: </span>far ", page)
    assert "disgrace" not in page
    assert "Nobody has approved" not in page


def test_history_is_there_for_edited_comments_only(client, comment):
    assert client.get(f"/comments/{comment.pk}/history/").status_code == 404
    comment.edit("Changed at once.")
    page = client.get(f"/comments/{comment.pk}/history/").text
    assert "Only the text as it reads now is kept" in page


def test_history_of_a_hidden_comment_is_not_found(client, late, moderator, make_comment, reader):
    late.edit("The wall was far too low.").approve(by=moderator)
    make_comment(parent=late)
    late.reject(by=moderator, reason="attack")
    for _ in range(2):
        assert client.get(f"/comments/{late.pk}/history/").status_code == 404
        client.logout()


def test_history_of_hostile_texts_is_quick(client, late, moderator):
    one, other = "ab " * 1600, "ba " * 1600
    late.edit(one).approve(by=moderator)
    late.edit(other).approve(by=moderator)
    begun = time.monotonic()
    assert client.get(f"/comments/{late.pk}/history/").status_code == 200
    assert time.monotonic() - begun < 2


# Removing


def test_page_says_what_removing_means_where_the_comment_stands(
    client, late, make_comment, newcomer
):
    address = f"/comments/{late.pk}/delete/"
    assert "nothing of it stays" in client.get(address).text
    late.edit("It waits.")
    make_comment(parent=late)
    Comment.objects.filter(pk=late.pk).update(pick_reason="Well said.")
    page = client.get(address).text
    for words in ("its place stays", "editors’ picks", "The change that waits"):
        assert words in page
    held = make_comment(author=newcomer, status=Comment.Status.PENDING)
    client.force_login(newcomer)
    assert "No reader has seen it" in client.get(f"/comments/{held.pk}/delete/").text
