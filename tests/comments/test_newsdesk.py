"""Mails to the newsroom: that a story was withdrawn or killed, or given back to its writer."""

import datetime

import pytest
from django.utils import timezone

from articles.models import Step
from comments import newsdesk, tasks
from comments.models import Dispatch


@pytest.fixture
def others(make_user):
    return make_user(role="editor"), make_user(role="publisher")


def told():
    return sorted(Dispatch.objects.values_list("address", flat=True))


def test_a_kill_is_told_to_everybody_who_publishes_but_not_to_who_did_it(
    article, editor, others, reporter, moderator
):
    article.kill(editor, "A court order of this morning.")
    assert newsdesk.tell_of_steps() == 2
    assert told() == sorted(person.email for person in others)
    mail = Dispatch.objects.first()
    assert "Killed" in mail.subject
    assert "A court order of this morning." in mail.text
    assert f"/admin/articles/article/{article.pk}/change/" in mail.text
    assert "The river rose at four" not in mail.text


def test_it_is_told_once_however_often_the_clock_looks(article, editor, others):
    article.withdraw(editor, "We are checking a name.")
    for _ in range(3):
        tasks.tick()
    assert Dispatch.objects.count() == 2
    assert "We are checking a name." in Dispatch.objects.first().text


def test_a_returned_story_is_told_to_its_writer(make_article, editor, others, reporter):
    story = make_article(status="draft", created_by=reporter)
    story.submit(reporter)
    story.return_to_draft(editor, "Who paid for the bridge?")
    newsdesk.tell_of_steps()
    assert told() == [reporter.email]
    assert "Who paid for the bridge?" in Dispatch.objects.get().text


def test_steps_that_are_no_news_are_told_to_nobody(
    article, editor, others, django_assert_num_queries
):
    article.withdraw(editor, "We are checking a name.")
    Step.objects.update(at=timezone.now() - datetime.timedelta(days=9))
    article.publish(editor)
    with django_assert_num_queries(1):
        assert newsdesk.tell_of_steps() == 0
    assert not Dispatch.objects.exists()
