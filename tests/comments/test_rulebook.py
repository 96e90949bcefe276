"""What the desk sets is kept in memory, and a change of it holds for the very next comment."""

import datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import SourceRule
from comments import rulebook
from comments.models import (
    CheckRule,
    Comment,
    DeskSettings,
    DutyHours,
    Refused,
    RuleVersion,
    Terms,
    WordRule,
)


def version():
    return RuleVersion.objects.get().word


@pytest.fixture
def post(write):
    """Posts a comment, unlike any before it, from an address of its own."""
    count = 0

    def send(body="The wall was too low", **fields):
        nonlocal count
        count += 1
        return write(f"{body}, I say for the {count}. time.", **fields).submit()

    send()  # what is set now is known
    return send


def test_a_new_word_holds_the_next_comment_and_no_longer_one_does_not(post):
    rule = WordRule.objects.create(pattern="wall")
    assert post().is_pending
    WordRule.objects.filter(pk=rule.pk).update(is_enabled=False)
    assert post().is_visible
    WordRule.objects.filter(pk=rule.pk).update(is_enabled=True)
    assert post().is_pending
    rule.delete()
    assert post().is_visible


def test_a_change_that_goes_past_our_code_holds_too(post):
    WordRule.objects.create(pattern="tower")
    assert post().is_visible
    with connection.cursor() as cursor:
        cursor.execute("UPDATE comments_wordrule SET pattern = 'wall'")
    assert post().is_pending


def test_a_word_that_ran_out_holds_nothing_though_nobody_changed_it(post):
    rule = WordRule.objects.create(
        pattern="wall", expires_at=timezone.now() + datetime.timedelta(hours=1)
    )
    assert post().is_pending
    kept = next(one for one in rulebook.current().words if one.pk == rule.pk)
    kept.expires_at = timezone.now()  # as the clock would have it, without a word to the database
    assert post().is_visible


def test_a_setting_of_a_check_a_source_hours_and_terms_hold_at_once(post, reader):
    setting = CheckRule.objects.create(check_name="first-comment", threshold=20)
    assert post().is_pending
    setting.delete()
    assert post().is_visible
    source = SourceRule.objects.create(kind="mail", value=reader.email.partition("@")[2])
    assert post().is_pending
    SourceRule.objects.filter(pk=source.pk).delete()
    assert post().is_visible
    Terms(text="Be kind.").publish()
    assert post().terms_version == 1
    now = timezone.localtime()
    other_day = (now.weekday() + 3) % 7
    DutyHours.objects.create(weekday=other_day, opens="08:00", closes="18:00")
    assert post().is_visible
    DeskSettings.objects.create(outside_hours="close")
    with pytest.raises(Refused, match="Nobody is at the desk"):
        post()


@pytest.mark.parametrize("name", ["note", "hits"])
def test_what_no_check_asks_moves_no_version(post, name):
    rule = WordRule.objects.create(pattern="wall")
    before = version()
    WordRule.objects.update(**{name: 7})
    assert version() == before
    rule.pattern = "tower"
    rule.save()
    assert version() != before


def test_a_change_that_is_taken_back_leaves_the_version_and_what_it_stands_for(post):
    before = version()
    with transaction.atomic():
        WordRule.objects.create(pattern="wall")
        assert post().is_pending
        transaction.set_rollback(True)
    assert version() == before
    assert post().is_visible
    WordRule.objects.create(pattern="tower")
    assert post().is_visible


def test_what_nobody_changed_is_not_read_again(post, django_assert_num_queries):
    book = rulebook.current()
    with django_assert_num_queries(1):
        assert rulebook.current() is book


def test_without_a_version_it_is_read_each_time(post, write):
    RuleVersion.objects.all().delete()
    assert post().is_visible
    with connection.cursor() as cursor:
        cursor.execute("UPDATE comments_checkrule SET threshold = 20")  # of which there is none
    WordRule.objects.create(pattern="wall")
    RuleVersion.objects.all().delete()
    assert post().is_pending
    assert Comment.objects.filter(status="pending").count() == 1
