"""Since when a comment waits: from when it came, or from when it was hidden again."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from comments import duty, queues, statistics
from comments.models import Comment, Dispatch
from comments.queues import Place

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
YEARS = datetime.timedelta(days=700)


@pytest.fixture
def ago(make_comment):
    """Gives a comment that came so long ago and waits."""

    def make(since, **fields):
        held = Comment.Status.PENDING
        return make_comment(status=held, created_at=timezone.now() - since, **fields)

    return make


@pytest.fixture
def hidden_now(make_comment):
    """A comment that readers saw for two years, and that was hidden this moment."""
    comment = make_comment(created_at=timezone.now() - YEARS)
    comment.hold_back("reported", [])
    return comment


def asked_for(**query):
    rows, _ = Place.asked_for({"queue": "pending", **query}).page()
    return [pk for _, pk in rows]


def test_old_comment_hidden_now_calls_nobody(hidden_now, moderator):
    assert duty.alarm_due() == 0


def test_old_comment_hidden_too_long_ago_calls_with_the_true_wait(
    hidden_now, moderator, time_machine
):
    time_machine.move_to(timezone.now() + 5 * HOUR)
    assert duty.alarm_due() == 1
    assert Dispatch.objects.get().subject == "A comment waits for 5 hours"


def test_queue_counts_from_when_a_comment_was_hidden(hidden_now, ago):
    longer = ago(3 * HOUR)
    assert asked_for() == [longer.pk, hidden_now.pk]
    assert asked_for(article=str(hidden_now.article_id)) == [longer.pk, hidden_now.pk]


def test_equal_risks_are_ordered_by_the_wait(hidden_now, ago):
    longer = ago(3 * HOUR)
    assert asked_for(sort="risk") == [longer.pk, hidden_now.pk]


def test_age_is_how_long_a_comment_waits(hidden_now, ago):
    longer = ago(2 * HOUR)
    assert asked_for(age="1h") == [longer.pk]


@pytest.mark.parametrize("sort", ["", "risk"])
def test_pages_of_the_queue_follow_each_other_by_the_wait(hidden_now, ago, sort):
    made = [ago(number * HOUR).pk for number in range(25, 0, -1)]
    rows, after = Place.asked_for({"queue": "pending", "sort": sort}).page()
    assert [pk for _, pk in rows] == made[: queues.PER_PAGE]
    assert asked_for(sort=sort, after=after) == [*made[queues.PER_PAGE :], hidden_now.pk]


def test_oldest_of_bell_and_statistics_is_the_one_that_waits_longest(hidden_now, ago):
    longer = ago(3 * HOUR)
    assert queues.bell().oldest == longer.created_at
    today = timezone.localdate()
    assert statistics.of(today, today, None, None).oldest == longer.created_at


def test_comment_hidden_since_a_moment_is_new_in_the_queue(hidden_now):
    assert Place.asked_for({"queue": "pending"}).new_since(timezone.now() - HOUR) == 1


def test_undone_approval_waits_since_it_came(ago, moderator):
    comment = ago(3 * HOUR)
    comment.undo(comment.approve(moderator), moderator)
    assert asked_for(age="1h") == [comment.pk]


def test_rows_made_in_bulk_wait_since_they_were_written(make_article, make_user):
    at = timezone.now() - 3 * HOUR
    Comment.objects.bulk_create(
        [Comment(article=make_article(), author=make_user(), body="x", created_at=at)]
    )
    assert asked_for(age="1h")


@pytest.fixture
def many_waiting(make_article, make_user):
    """Two thousand comments that wait under twenty stories."""
    stories, author, now = [make_article() for _ in range(20)], make_user(), timezone.now()
    Comment.objects.bulk_create(
        Comment(
            article=stories[number % 20],
            author=author,
            body="x",
            risk=number % 90,
            created_at=now - datetime.timedelta(minutes=number),
        )
        for number in range(2000)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # else what other tests left decides
            cursor.execute("ANALYZE comments_comment, articles_article")
    return stories


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "comments_waiting"),
        ({"after": "1000000-1"}, "comments_waiting"),
        ({"age": "1h"}, "comments_waiting"),
        ({"sort": "risk"}, "comments_by_risk"),
        ({"article": "the third"}, "comments_story_waiting"),
    ],
)
def test_queue_is_read_from_an_index_without_sorting(many_waiting, asked, index):
    if "article" in asked:
        asked = {"article": str(many_waiting[2].pk)}
    place = Place.asked_for({"queue": "pending", **asked})
    rows = place.rows()
    if place.sort:
        rows = rows.order_by("-risk", "waits_since", "pk")
    plan = rows.values_list("waits_since", "pk")[:21].explain()
    assert index in plan
    assert "sort" not in plan.lower()
    assert "temp b-tree" not in plan.lower()
