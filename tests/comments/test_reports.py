"""Readers' reports: once, by those who do not argue, weighed by the reporter's record."""

import datetime
from fractions import Fraction

import pytest
import time_machine
from django.utils import timezone

from articles.models import Article
from comments.counters import drift
from comments.models import (
    AlreadyReported,
    AnsweredIt,
    Comment,
    InvalidMove,
    OwnComment,
    Refused,
    Report,
)

NOON = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
LONG_AGO = datetime.timedelta(days=30)


@pytest.fixture
def known(make_user):
    """Gives somebody who has been here for a month."""

    def make(**fields):
        return make_user(date_joined=timezone.now() - LONG_AGO, **fields)

    return make


def with_record(person, make_comment, moderator, upheld, refused):
    """Have so many reports of ``person`` decided."""
    for number in range(upheld + refused):
        comment = make_comment()
        Report.make(comment, person, "attack")
        if number < upheld:
            comment.reject(by=moderator, reason="attack")
        else:
            comment.approve(by=moderator)
    return person


def send(client, comment, **sent):
    return client.post(f"/comments/{comment.pk}/report/", {"reason": "attack", **sent})


# Who may


def test_a_reader_reports_with_a_reason_and_a_note(client, reader, make_comment):
    comment = make_comment()
    client.force_login(reader)
    answer = send(client, comment, reason="private-data", note="Her street.\r\nAnd number.")
    assert (answer.status_code, answer.url) == (303, f"/comments/{comment.pk}/report/")
    report = comment.reports.get()
    assert (report.reporter, report.reason) == (reader, "private-data")
    assert report.note == "Her street.\nAnd number."


def test_who_is_not_logged_in_is_asked_to(client, make_comment):
    comment = make_comment()
    for answer in (client.get(f"/comments/{comment.pk}/report/"), send(client, comment)):
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")
    assert not Report.objects.exists()


def test_a_second_report_changes_nothing_and_is_told_kindly(client, reader, make_comment):
    comment = make_comment()
    Report.make(comment, reader, "spam", "First.")
    with pytest.raises(AlreadyReported):
        Report.make(comment, reader, "attack", "Second.")
    client.force_login(reader)
    answer = send(client, comment, note="Third.")
    assert answer.status_code == 200
    assert "The desk has your report" in answer.text
    assert comment.reports.get().note == "First."


def test_nobody_reports_their_own(client, reader, make_comment):
    own = make_comment(author=reader)
    with pytest.raises(OwnComment):
        Report.make(own, reader, "spam")
    client.force_login(reader)
    assert "your own" in client.get(f"/comments/{own.pk}/report/").text
    assert send(client, own).status_code == 409
    assert not own.reports.exists()


def test_who_answered_it_argues_and_does_not_report(client, reader, make_comment):
    comment = make_comment()
    reply = make_comment(parent=comment, author=reader)
    with pytest.raises(AnsweredIt):
        Report.make(comment, reader, "attack")
    client.force_login(reader)
    page = client.get(f"/comments/{comment.pk}/report/").text
    assert "You have answered this comment" in page
    assert "<form" not in page[page.index("<main") : page.index("</main")]
    assert send(client, comment).status_code == 409
    reply.remove(by=reader)
    assert send(client, comment).status_code == 303


def test_who_answered_something_else_in_the_thread_may(client, reader, make_comment):
    root = make_comment()
    make_comment(parent=make_comment(parent=root), author=reader)
    client.force_login(reader)
    assert send(client, root).status_code == 303


@pytest.mark.parametrize("status", ["pending", "rejected", "spam", "removed"])
def test_what_readers_do_not_see_is_not_there_to_report(client, reader, make_comment, status):
    comment = make_comment(status=status)
    with pytest.raises(InvalidMove):
        Report.make(comment, reader, "spam")
    client.force_login(reader)
    assert client.get(f"/comments/{comment.pk}/report/").status_code == 404
    assert send(client, comment).status_code == 404


@pytest.mark.parametrize(
    "sent", [{"reason": ""}, {"reason": "envy"}, {"note": "x" * 501}, {"note": "a\0b"}]
)
def test_a_wrong_form_comes_back_with_what_was_typed(client, reader, make_comment, sent):
    comment = make_comment()
    client.force_login(reader)
    answer = send(client, comment, **{"note": "Typed words.", **sent})
    assert answer.status_code == 422
    assert sent.get("note", "Typed words.").partition("\0")[0] in answer.text
    assert not comment.reports.exists()


@time_machine.travel(NOON, tick=False)
def test_twenty_an_hour_are_enough(client, make_user, make_comment, settings):
    settings.LIMITS = True
    user, author = make_user(), make_user()
    for minute in range(20):
        report = Report.make(make_comment(author=author), user, "spam")
        Report.objects.filter(pk=report.pk).update(
            at=NOON - datetime.timedelta(minutes=50 - minute)
        )
    comment = make_comment(author=author)
    client.force_login(user)
    answer = send(client, comment, note="Kept words.")
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert "wait 10 minutes" in answer.text
    assert "Kept words." in answer.text
    settings.LIMITS = False
    assert send(client, comment).status_code == 303


# What becomes of it


def test_the_page_afterwards_says_what_happens_next_and_then_what_did(
    client, reader, make_comment, moderator
):
    comment = make_comment(body="Words to look at.")
    client.force_login(reader)
    path = f"/comments/{comment.pk}/report/"
    page = client.post(path, {"reason": "attack", "note": "Rude."}, follow=True).text
    assert "What happens next" in page
    assert "It is with the moderators" in page
    assert "Rude." in page
    comment.approve(by=moderator)
    page = client.get(path).text
    assert "decided that it stays" in page
    assert "What happens next" not in page
    comment.reject(by=moderator, reason="attack")
    page = client.get(path).text
    assert "decided that it stays" in page  # that was the answer to this report
    assert "Words to look at." not in page


def test_a_report_that_was_upheld_says_so_without_the_text(client, reader, make_comment, moderator):
    comment = make_comment(body="Words to look at.")
    Report.make(comment, reader, "attack")
    comment.reject(by=moderator, reason="attack")
    client.force_login(reader)
    page = client.get(f"/comments/{comment.pk}/report/").text
    assert "A moderator agreed and removed the comment." in page
    assert "Words to look at." not in page
    comment.approve(by=moderator)
    assert "put it back" in client.get(f"/comments/{comment.pk}/report/").text


def test_what_became_of_it_is_for_the_reporter_alone(client, make_user, make_comment, moderator):
    comment = make_comment()
    Report.make(comment, make_user(), "attack", "A secret note.")
    client.force_login(make_user())
    assert "A secret note." not in client.get(f"/comments/{comment.pk}/report/").text
    comment.reject(by=moderator, reason="attack")
    assert client.get(f"/comments/{comment.pk}/report/").status_code == 404


def test_a_story_that_left_takes_its_report_pages_along(client, reader, make_comment):
    comment = make_comment()
    Report.make(comment, reader, "attack")
    Article.objects.filter(pk=comment.article_id).update(status=Article.Status.DRAFT)
    client.force_login(reader)
    assert client.get(f"/comments/{comment.pk}/report/").status_code == 404


def test_an_author_who_took_it_back_is_told_to_the_reporter(client, reader, make_comment):
    comment = make_comment()
    Report.make(comment, reader, "attack")
    comment.remove(by=comment.author)
    client.force_login(reader)
    assert "Its author has removed" in client.get(f"/comments/{comment.pk}/report/").text


# Hidden until a moderator has looked


def test_the_third_reader_hides_it_until_a_moderator_has_looked(
    client, known, make_comment, moderator
):
    comment = make_comment()
    for number in range(3):
        comment.refresh_from_db()
        assert comment.is_visible, number
        Report.make(comment, known(), "attack")
    comment.refresh_from_db()
    assert comment.is_pending
    assert comment.was_held_back
    assert [(f.check_name, f.reason) for f in comment.findings.all()] == [
        ("reported", "3 readers reported it")
    ]
    decision = comment.decisions.last()
    assert (decision.by, decision.after, decision.rule) == (
        None, "pending", "reported by several readers",
    )  # fmt: skip
    assert client.get(comment.get_absolute_url()).status_code == 404
    assert drift(Article.objects.get(pk=comment.article_id)) == []
    comment.approve(by=moderator)
    assert comment.reports.open().count() == 0
    assert client.get(comment.get_absolute_url()).status_code == 200


def test_reports_that_a_moderator_answered_hide_nothing_later(known, make_comment, moderator):
    comment = make_comment()
    for _ in range(2):
        Report.make(comment, known(), "attack")
    comment.approve(by=moderator)
    for _ in range(2):
        Report.make(comment, known(), "attack")
        comment.refresh_from_db()
        assert comment.is_visible
    Report.make(comment, known(), "attack")
    comment.refresh_from_db()
    assert comment.is_pending


def test_staff_are_never_hidden_by_reports(known, make_comment, reporter):
    comment = make_comment(author=reporter)
    for _ in range(5):
        Report.make(comment, known(), "attack")
    comment.refresh_from_db()
    assert comment.is_visible


def test_a_ring_of_a_hundred_new_accounts_hides_nothing(make_user, known, make_comment):
    comment = make_comment()
    for _ in range(100):
        Report.make(comment, make_user(), "attack")
    comment.refresh_from_db()
    assert comment.is_visible
    for _ in range(3):
        Report.make(comment, known(), "attack")
    comment.refresh_from_db()
    assert comment.findings.get().reason == "3 readers reported it"


def test_a_new_account_that_is_heard_already_counts(make_user, make_comment):
    comment = make_comment()
    for _ in range(3):
        Report.make(comment, make_comment().author, "attack")
    comment.refresh_from_db()
    assert comment.is_pending


def test_accounts_that_were_shut_weigh_nothing(known, make_comment):
    comment = make_comment()
    for _ in range(4):
        person = known()
        Report.make(comment, person, "attack")
        person.is_active = False
        person.save()
    comment.refresh_from_db()
    assert comment.is_visible


@pytest.mark.parametrize(
    ("upheld", "decided", "weight"),
    [(0, 0, 1), (0, 2, 1), (2, 2, 1), (0, 3, 0), (1, 3, Fraction(1, 3)), (4, 4, 1)],
)
def test_weight_follows_the_record_from_three_decided_reports_on(
    known, make_user, upheld, decided, weight
):
    assert Report.weigh(known(), False, upheld, decided) == weight
    assert Report.weigh(make_user(), True, upheld, decided) == weight
    assert Report.weigh(make_user(), False, upheld, decided) == 0


def test_those_whose_reports_were_turned_down_hide_nothing(known, make_comment, moderator):
    people = [with_record(known(), make_comment, moderator, 0, 3) for _ in range(3)]
    comment = make_comment()
    for person in people:
        Report.make(comment, person, "attack")
    comment.refresh_from_db()
    assert comment.is_visible
    # With two thirds upheld it takes five: 4 times 2/3 is less than 3.
    fair = [with_record(known(), make_comment, moderator, 2, 1) for _ in range(5)]
    for person, visible in zip(fair, [True] * 4 + [False], strict=True):
        Report.make(comment, person, "attack")
        comment.refresh_from_db()
        assert comment.is_visible is visible


def test_accuracy_is_told_for_many_in_one_query(
    known, make_comment, moderator, django_assert_num_queries
):
    good = with_record(known(), make_comment, moderator, 3, 1)
    bad = with_record(known(), make_comment, moderator, 0, 2)
    waiting = known()
    Report.make(make_comment(), waiting, "attack")
    with django_assert_num_queries(1):
        found = Report.objects.accuracy_of([good.pk, bad.pk, waiting.pk])
    assert found == {good.pk: (3, 4), bad.pk: (0, 2)}


def test_the_last_report_costs_the_same_after_two_and_after_fifty(
    make_user, make_comment, django_assert_num_queries
):
    few, many = make_comment(), make_comment()
    for comment, earlier in ((few, 2), (many, 50)):
        for _ in range(earlier):
            Report.make(comment, make_user(), "attack")
        last = make_user()
        with django_assert_num_queries(13):
            Report.make(comment, last, "attack")


def test_the_limit_names_its_wait(make_user, make_comment, settings):
    settings.LIMITS = True
    user, author = make_user(), make_user()
    for _ in range(20):
        Report.make(make_comment(author=author), user, "spam")
    with pytest.raises(Refused) as refusal:
        Report.make(make_comment(author=author), user, "spam")
    assert 3500 < refusal.value.retry_after <= 3600
    assert Comment.objects.visible().filter(author=author).count() == 21
