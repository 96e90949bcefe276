"""The usual wait: told from what moderators did, in words, and never at the cost of a page."""

import datetime

import pytest
from django.core.cache import cache
from django.utils import timezone

from comments import waits
from comments.models import Comment, Decision

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def decide_after(make_comment, moderator):
    """Gives a comment that was decided on after so many minutes."""

    def decide(minutes, verb="approve", ago=0, **fields):
        at = timezone.now() - datetime.timedelta(days=ago)
        comment = make_comment(
            status=Comment.Status.PENDING, created_at=at - minutes * MINUTE, **fields
        )
        said = {"reason": "attack"} if verb == "reject" else {}
        getattr(comment, verb)(by=moderator, at=at, **said)
        return comment

    return decide


def test_usual_wait_is_the_median_whatever_was_decided(decide_after):
    for minutes, verb in [(5, "approve"), (40, "reject"), (4000, "mark_spam")]:
        decide_after(minutes, verb)
    assert waits.usual_wait() == 40 * MINUTE


def test_nothing_is_usual_of_fewer_than_three(decide_after):
    decide_after(5)
    decide_after(7)
    assert waits.usual_wait() is None


def test_waits_of_more_than_thirty_days_ago_are_forgotten(decide_after):
    for minutes in (10, 10, 10):
        decide_after(minutes)
    for minutes in (900, 900, 900, 900, 900):
        decide_after(minutes, ago=31)
    assert waits.usual_wait() == 10 * MINUTE


def test_what_no_moderator_decided_on_is_no_wait(decide_after, make_comment):
    for minutes in (10, 10, 10):
        decide_after(minutes)
    # Shown by a rule; taken back by its author; waited where the paper was before.
    now = timezone.now()
    for number in range(4):
        made = now - datetime.timedelta(days=9)
        make_comment(created_at=made)
        own = make_comment(status=Comment.Status.PENDING, created_at=made)
        own.remove(by=own.author)
        decide_after(9999, import_key=f"elsewhere:{number}")
    assert waits.usual_wait() == 10 * MINUTE


def test_second_wait_after_reports_and_decisions_on_edits_do_not_count(
    decide_after, moderator, time_machine
):
    time_machine.move_to(timezone.now())
    comments = [decide_after(minutes) for minutes in (10, 10, 10)]
    time_machine.shift(datetime.timedelta(days=5))
    for comment in comments:
        comment.edit("The wall was much too low.")
        edit = comment.revisions.get(status="pending")
        edit.approve(by=moderator)
        comment.hold_back("fixture", [])
        comment.approve(by=moderator)
    assert Decision.objects.filter(before="pending", by=moderator).count() == 9
    assert waits.usual_wait() == 10 * MINUTE


def test_only_the_latest_decisions_are_looked_at(decide_after, monkeypatch):
    monkeypatch.setattr(waits, "LATEST", 3)
    for days, minutes in [(3, 500), (3, 500), (3, 500), (1, 20), (1, 20), (1, 20)]:
        decide_after(minutes, ago=days)
    assert waits.usual_wait() == 20 * MINUTE


def test_it_is_worked_out_once_in_ten_minutes(
    decide_after, django_assert_num_queries, time_machine
):
    time_machine.move_to(timezone.now())
    for minutes in (10, 10, 10):
        decide_after(minutes)
    with django_assert_num_queries(1):
        assert waits.usual_wait() == waits.usual_wait() == 10 * MINUTE
    for minutes in (90, 90, 90, 90):
        decide_after(minutes)
    assert waits.usual_wait() == 10 * MINUTE
    time_machine.shift(11 * MINUTE)
    assert waits.usual_wait() == 90 * MINUTE


def test_not_knowing_is_kept_too(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert waits.usual_wait() is None
        assert waits.usual_wait() is None


def test_cache_that_is_down_costs_a_query_and_no_page(
    decide_after, monkeypatch, client, reader, make_comment
):
    def down(*args, **kwargs):
        raise ConnectionError("nobody there")

    monkeypatch.setattr(type(cache._connections["default"]), "get", down)
    monkeypatch.setattr(type(cache._connections["default"]), "set", down)
    for minutes in (10, 10, 10):
        decide_after(minutes)
    assert waits.usual_wait() == 10 * MINUTE
    make_comment(author=reader, status=Comment.Status.PENDING)
    client.force_login(reader)
    assert "Usually it takes 10 minutes." in client.get("/account/comments/").text


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.5, "under a minute"), (1, "1 minute"), (1.2, "2 minutes"), (10, "10 minutes"),
        (11, "15 minutes"), (38, "40 minutes"), (55, "55 minutes"), (56, "1 hour"),
        (80, "1 hour"), (95, "2 hours"), (3 * 60 + 10, "3 hours"), (23.4 * 60, "23 hours"),
        (23.6 * 60, "1 day"), (35 * 60, "1 day"), (37 * 60, "2 days"), (49 * 60, "2 days"),
        (20 * 24 * 60, "20 days"),
    ],
)  # fmt: skip
def test_waits_are_told_as_one_says_them(minutes, words):
    assert waits.in_words(minutes * MINUTE) == words
