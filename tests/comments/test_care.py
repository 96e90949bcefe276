"""Care: one's own day, a pause when it is due; and the alarm when something waits too long."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from comments import care, duty, mailing
from comments.models import Comment, DeskSettings, Dispatch, DutyHours, LegalNotice

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 6, 17, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def decided(make_comment, by, *minutes):
    """Have ``by`` decide so many minutes before noon, each once."""
    for before in minutes:
        with time_machine.travel(NOON - before * MINUTE, tick=False):
            make_comment(status=Comment.Status.PENDING).approve(by)


def day(by):
    with time_machine.travel(NOON, tick=False):
        return care.day_of(by)


def test_stretch_is_the_time_without_a_pause_of_ten_minutes(make_comment, moderator):
    decided(make_comment, moderator, 60, 55, 41, 33, 24, 15, 6)
    assert day(moderator).stretch == 41 * MINUTE


def test_hint_comes_when_a_pause_is_due_and_not_before(make_comment, moderator):
    decided(make_comment, moderator, *range(1, 90, 8))
    assert day(moderator).hint == ""
    decided(make_comment, moderator, 93)
    assert "93 minutes" in day(moderator).hint


def test_hint_can_be_switched_off(make_comment, moderator):
    DeskSettings.objects.create(pause_after=0)
    decided(make_comment, moderator, *range(1, 200, 8))
    assert day(moderator).hint == ""


def test_day_counts_one_s_own_and_what_was_severe(make_comment, make_user, moderator):
    with time_machine.travel(NOON, tick=False):
        severe = make_comment(status=Comment.Status.PENDING)
        severe.findings.create(check_name="word-list", reason="a threat", is_severe=True)
        severe.reject(moderator, "threat")
        make_comment(status=Comment.Status.PENDING).mark_spam(moderator)
        make_comment().reject(make_user(role="moderator"), "attack")
    found = day(moderator)
    assert (found.decided, found.rejected, found.spam, found.severe) == (2, 1, 1, 1)


def test_many_severe_ones_are_for_a_colleague(make_comment, moderator, monkeypatch):
    monkeypatch.setattr(care, "SEVERE_A_DAY", 1)
    with time_machine.travel(NOON, tick=False):
        severe = make_comment(status=Comment.Status.PENDING)
        severe.findings.create(check_name="word-list", reason="a threat", is_severe=True)
        severe.reject(moderator, "threat")
    assert "a colleague" in day(moderator).hint


def test_desk_shows_one_s_own_day(at_desk, make_comment, moderator):
    make_comment(status=Comment.Status.PENDING).approve(moderator)
    page = at_desk.get("/admin/comments/comment/desk/").text
    assert "Your day: 1 decision" in page
    assert 'aria-label="1 approved, 0 rejected, 0 spam"' in page


# The alarm ----------------------------------------------------------------------------------------


@pytest.fixture
def long_waiting(make_comment):
    return make_comment(
        status=Comment.Status.PENDING, created_at=timezone.now() - datetime.timedelta(hours=5)
    )


def test_moderators_are_mailed_when_something_waits_too_long(
    long_waiting, moderator, reader, mailoutbox
):
    assert duty.alarm_due() == 1
    mailing.dispatch_due()
    (message,) = mailoutbox
    assert message.to == [moderator.email]
    assert "waits for 5 hours" in message.subject
    assert "/admin/comments/comment/desk/" in message.body


def test_alarm_comes_twice_a_day_at_most(long_waiting, moderator):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        duty.alarm_due()
        assert duty.alarm_due() == 0
        clock.shift(datetime.timedelta(hours=12))
        assert duty.alarm_due() == 1
    assert Dispatch.objects.count() == 2


def test_nothing_is_mailed_while_nothing_waits_too_long(make_comment, moderator):
    make_comment(
        status=Comment.Status.PENDING, created_at=timezone.now() - datetime.timedelta(hours=3)
    )
    assert duty.alarm_due() == 0


def test_alarm_can_be_switched_off(long_waiting, moderator):
    DeskSettings.objects.create(alarm_after=0)
    assert duty.alarm_due() == 0


def test_nobody_is_called_off_duty(long_waiting, moderator):
    with time_machine.travel(NOON, tick=False):
        DutyHours.objects.create(weekday=(NOON.weekday() + 1) % 7, opens="08:00", closes="20:00")
        Comment.objects.update(created_at=NOON - datetime.timedelta(hours=6))
        assert duty.alarm_due() == 0
        DutyHours.objects.create(weekday=NOON.weekday(), opens="08:00", closes="00:00")
        assert duty.alarm_due() == 1


def test_notice_of_illegal_content_that_waits_calls_too(make_comment, moderator, mailoutbox):
    LegalNotice.objects.create(
        url="x", comment=make_comment(), category="hate", why="It is.", name="A",
        email="a@b.example", at=timezone.now() - datetime.timedelta(hours=9),
    )  # fmt: skip
    assert duty.alarm_due() == 1
    assert "notice of illegal content" in Dispatch.objects.get().text


def test_somebody_who_left_is_not_mailed(long_waiting, moderator, make_user):
    gone = make_user(role="moderator", is_active=False)
    duty.alarm_due()
    assert not Dispatch.objects.filter(address=gone.email).exists()
