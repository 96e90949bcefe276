"""Many at once: whoever is concerned hears of it once, and nobody waits for another for ever."""

import pytest
from django.db import connection

from accounts.models import User
from comments import notices
from comments.models import Comment, Follow, InvalidMove, Notice, Report
from tests.comments.test_concurrency import _file_database, at_once  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
Kind = Notice.Kind


@pytest.fixture
def crowd(make_user):
    return [make_user() for _ in range(4)]


def deciding(comment, verb, by, **said):
    return lambda: getattr(Comment.objects.get(pk=comment.pk), verb)(by=by, **said)


def test_two_who_approve_an_answer_at_once_tell_of_it_once(at_once, crowd, make_comment):  # noqa: F811
    first, second, ada, bruno = crowd
    said = make_comment(author=ada)
    answer = make_comment(author=bruno, parent=said, status=Comment.Status.PENDING)
    report = Report.objects.create(comment=answer, reporter=ada, reason="attack")
    answers = at_once(*(deciding(answer, "approve", by) for by in (first, second)))
    assert sum(isinstance(one, InvalidMove) for one in answers) == 1, answers
    assert sorted(ada.notices.values_list("kind", flat=True)) == [Kind.REPLY, Kind.REPORT]
    assert list(bruno.notices.values_list("kind", flat=True)) == [Kind.APPROVED]
    report.refresh_from_db()
    assert report.decision == ada.notices.get(kind=Kind.REPORT).decision


def test_workers_who_announce_at_once_tell_each_follower_once(at_once, crowd, make_comment):  # noqa: F811
    comment = make_comment()
    for reader in crowd:
        Follow.objects.create(reader=reader, article=comment.article)
    at_once(*[lambda: notices.announce_due()] * 6)
    assert Notice.objects.filter(comment=comment).count() == len(crowd)
    comment.refresh_from_db()
    assert not comment.announce_due


def test_announcing_and_deciding_at_once_end_without_locking_up(at_once, crowd, make_comment):  # noqa: F811
    moderator, ada, *others = crowd
    said = [make_comment(author=ada) for _ in range(6)]
    for reader in others:
        Follow.objects.create(reader=reader, article=said[0].article)
    answers = at_once(
        *(deciding(comment, "reject", moderator, reason="attack") for comment in said[:4]),
        *[lambda: notices.announce_due()] * 3,
    )
    assert not [one for one in answers if isinstance(one, Exception)], answers
    for reader in others:
        assert reader.notices.standing().count() == 2
        assert reader.notices.count() == reader.notices.values("key").distinct().count()


def test_a_person_who_leaves_while_they_are_told_stops_nothing(at_once, crowd, make_comment):  # noqa: F811
    if connection.vendor == "sqlite":
        pytest.skip("Writers come one after the other there.")
    moderator, ada, bruno, _ = crowd
    held = make_comment(author=ada, status=Comment.Status.PENDING)

    def leave():
        User.objects.filter(pk=bruno.pk).update(is_active=False)

    answers = at_once(deciding(held, "approve", moderator), leave)
    assert not [one for one in answers if isinstance(one, Exception)], answers
