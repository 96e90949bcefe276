"""The worker and its clock: what is due is done, whoever died before."""

import datetime
import io
import logging

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from comments import mailing, notices, tasks
from comments.models import Comment, Follow, MailChoice, Notice
from tests.comments.mailed import notice

START = datetime.datetime(2031, 3, 3, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _queue_in_the_database(settings, monkeypatch):
    # The test's own transaction lives in the connection that the worker would give back.
    monkeypatch.setattr(db_worker, "close_old_connections", lambda: None)
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def ada(make_user):
    return make_user("ada")


def work():
    call_command("work", "--once", stdout=io.StringIO())


def statuses():
    return list(DBTaskResult.objects.order_by("enqueued_at").values_list("status", flat=True))


def test_however_often_it_is_woken_one_delivery_waits(db):
    for _ in range(5):
        tasks.wake()
    assert statuses() == ["READY"]


def test_what_is_written_while_a_delivery_runs_gets_another(db):
    tasks.wake()
    DBTaskResult.objects.update(status="RUNNING", started_at=timezone.now())
    tasks.wake()
    assert sorted(statuses()) == ["READY", "RUNNING"]


def test_waking_never_raises(db, monkeypatch, caplog):
    def broken(*args: object) -> None:
        raise DatabaseError("no room")

    monkeypatch.setattr(type(tasks.deliver), "enqueue", broken)
    tasks.wake()
    assert "could not be woken" in caplog.text


def test_a_reply_is_in_the_mail_after_the_worker_has_run(
    ada, make_comment, make_user, django_capture_on_commit_callbacks
):
    first = make_comment(author=ada)
    with django_capture_on_commit_callbacks(execute=True):
        make_comment(author=make_user("bo"), parent=first, body="High enough for a pond.")
    assert statuses() == ["READY"]
    assert mail.outbox == []
    work()
    assert statuses() == ["SUCCESSFUL"]
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert "High enough for a pond." in message.body


def test_what_nobody_was_woken_for_is_found_by_the_clock(ada, make_comment):
    row = notice(ada, comment=make_comment())
    work()
    row.refresh_from_db()
    assert row.mail == Notice.Mail.SENT


def test_followers_and_corrections_are_found_by_the_clock(ada, make_comment, article):
    MailChoice.choose(ada, {"story": "now"})
    Follow.objects.create(reader=ada, article=article)
    comment = make_comment(article=article)
    assert comment.announce_due
    article.correct(None, "correction", "The wall is 2 m high.")
    work()
    subjects = sorted(message.subject for message in mail.outbox)
    assert subjects == [f"Correction: {article.headline}", f"Re: {article.headline}"]


def test_a_hidden_comment_that_is_to_be_announced_keeps_nobody_busy(make_comment):
    comment = make_comment(status=Comment.Status.REJECTED)
    Comment.objects.filter(pk=comment.pk).update(announce_due=True)
    Notice.objects.all().delete()
    tasks.tick()
    assert statuses() == []


def test_a_digest_goes_out_when_the_clock_says_so_and_not_before(ada, make_comment):
    comment = make_comment()
    with time_machine.travel(START, tick=False) as clock:
        due = notices.due_at("daily", "Asia/Tokyo", timezone.now())
        # Seven in the morning in Tokyo is ten at night here.
        assert due == START.replace(hour=22)
        notice(ada, "story", comment=comment, mail_due_at=due)
        work()
        clock.move_to(due - datetime.timedelta(seconds=1))
        work()
        assert mail.outbox == []
        clock.move_to(due)
        work()
        assert len(mail.outbox) == 1


def test_an_idle_clock_only_reads(db, django_assert_max_num_queries, monkeypatch):
    def written(*args: object, **kwargs: object) -> None:
        raise AssertionError("something was written")

    monkeypatch.setattr(QuerySet, "update", written)
    monkeypatch.setattr(QuerySet, "bulk_create", written)
    monkeypatch.setattr(QuerySet, "create", written)
    with django_assert_max_num_queries(10):
        tasks.tick()
    with django_assert_max_num_queries(12):
        tasks.tend()


def test_an_announcement_that_fails_does_not_hold_up_the_mail(
    ada, make_comment, monkeypatch, caplog
):
    caplog.set_level(logging.CRITICAL, logger="django_tasks")
    row = notice(ada, comment=make_comment())

    def broken() -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(notices, "announce_due", broken)
    tasks.wake()
    work()
    row.refresh_from_db()
    assert row.mail == Notice.Mail.SENT
    assert statuses() == ["FAILED"]


def test_a_task_whose_worker_died_is_begun_again_and_given_up_after_the_third_time(
    ada, make_comment, caplog
):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tasks.wake()
        (task,) = DBTaskResult.objects.all()
        for start in range(1, tasks.MAX_STARTS + 1):
            task.refresh_from_db()
            task.claim(f"worker {start}")
            assert tasks.reap() == 0  # it may be at work still
            clock.shift(tasks.LONGEST)
            assert tasks.reap() == 1
    task.refresh_from_db()
    assert task.status == "FAILED"
    assert "its workers died" in caplog.text


def test_the_mail_of_a_worker_that_died_goes_out_with_the_next(ada, make_comment, monkeypatch):
    row = notice(ada, comment=make_comment())
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tasks.wake()
        DBTaskResult.objects.get().claim("one that dies")
        mailing._take(timezone.now())
        work()
        assert mail.outbox == []
        clock.shift(mailing.LEASE)
        work()
    row.refresh_from_db()
    assert row.mail == Notice.Mail.SENT
    assert len(mail.outbox) == 1


def test_what_is_done_is_forgotten_after_a_while_and_what_failed_later(db):
    with time_machine.travel(START, tick=False) as clock:
        for status in ("SUCCESSFUL", "FAILED", "READY"):
            tasks.deliver.enqueue()
            DBTaskResult.objects.filter(finished_at=None, status="READY").update(
                status=status, finished_at=None if status == "READY" else timezone.now()
            )
        clock.shift(tasks.KEPT)
        tasks.tidy()
        assert sorted(statuses()) == ["FAILED", "READY"]
        clock.shift(tasks.FAILED_KEPT)
        tasks.tidy()
        assert statuses() == ["READY"]
