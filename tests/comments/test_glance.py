"""One look tells which checks must look closer: it never tells that there is nothing."""

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from comments import checks, glance
from comments.models import CheckRule, Comment, Follow


def asked(act):
    """Return the statements of ``act()``, those that frame it left out."""
    with CaptureQueriesContext(connection) as taken:
        act()
    frames = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")
    return [one["sql"] for one in taken if not one["sql"].startswith(frames)]


def test_no_check_asks_anything_of_an_ordinary_comment(write, monkeypatch):
    write("One that was before it.").submit()
    comment, seen = write("The wall was too low."), []

    def watched(examine=checks.examine):
        def look(comment):
            with CaptureQueriesContext(connection) as taken:
                found = examine(comment)
            seen.extend(taken.captured_queries)
            return found

        return look

    monkeypatch.setattr(checks, "examine", watched())
    assert comment.submit().is_visible
    assert seen == []


def test_a_look_that_fails_leaves_each_check_to_ask_by_itself(write, monkeypatch, newcomer):
    def broken(comment):
        raise DatabaseError("no such luck")

    monkeypatch.setattr(glance, "take", broken)
    assert write().submit().is_visible
    held = write("Another, of somebody new.", author=newcomer).submit()
    assert [finding.check_name for finding in held.findings.all()] == ["first-comment"]


def test_a_look_with_an_old_setting_is_taken_again(write, reader):
    write("One that was before it.").submit()
    # Of the reader's comments two are approved.
    CheckRule.objects.create(check_name="first-comment", threshold=3)
    held = write("The wall was too low.").submit()
    assert [finding.reason for finding in held.findings.all()] == [
        "2 of 3 comments approved so far"
    ]
    CheckRule.objects.update(threshold=2)
    assert write("The wall was too high.").submit().is_visible


@pytest.mark.parametrize("follows", ["story", "thread", ""])
def test_only_what_somebody_follows_is_announced(write, article, make_comment, make_user, follows):
    root = make_comment(article=article)
    if follows:
        thread = root if follows == "thread" else None
        Follow.objects.create(reader=make_user(), article=article, thread=thread)
    answer = write("So it was.", parent=root).submit()
    assert answer.announce_due == bool(follows)
    alone = write("Beside it.").submit()
    assert alone.announce_due == (follows == "story")


def test_who_follows_alone_hears_nothing_of_their_own_comment(write, article, reader):
    Follow.objects.create(reader=reader, article=article)
    assert not write().submit().announce_due


def test_an_answer_keeps_its_thread_in_the_count_whatever_stands_above_it(
    write, article, make_comment, moderator
):
    root = make_comment(article=article)
    first = make_comment(parent=root)
    root.reject(by=moderator, reason="attack")  # its place stays, as somebody answered
    answer = write("I second that.", parent=first).submit()
    article.refresh_from_db()
    assert (article.comment_count, article.thread_count) == (2, 1)
    for reply in (answer, first):
        Comment.objects.get(pk=reply.pk).reject(by=moderator, reason="attack")
    article.refresh_from_db()
    assert (article.comment_count, article.thread_count) == (0, 0)
