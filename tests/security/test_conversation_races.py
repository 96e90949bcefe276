"""Everything at once in one conversation: nothing locks up, and the counters say what is there."""

from functools import partial

import pytest

from comments.models import (
    ClosedToEdits,
    Comment,
    Follow,
    InvalidMove,
    Mute,
    Refused,
    Report,
    Respect,
)
from tests.comments.test_concurrency import _file_database, at_once, exact, staff  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
EXPECTED = (InvalidMove, Refused, ClosedToEdits)


@pytest.mark.parametrize("turn", range(3))
def test_all_verbs_at_once_neither_lock_up_nor_lose_count(
    at_once, staff, make_article, make_comment, make_user, settings, turn  # noqa: F811
):  # fmt: skip
    settings.LIMITS = False
    article, desk, second = make_article(), staff(), staff()
    author, people = make_user(), [make_user() for _ in range(4)]
    top = make_comment(article=article, author=author)
    reply = make_comment(parent=top, author=people[0])
    late = make_comment(parent=reply, author=author)
    Comment.objects.filter(pk=late.pk).update(created_at="2020-01-01T00:00Z")
    late.refresh_from_db()
    waiting = late.edit("Another text altogether, with a new word in it.")
    held = make_comment(parent=top, author=people[1], status=Comment.Status.PENDING)

    def fresh(row):
        return type(row).objects.get(pk=row.pk)

    verbs = [
        partial(fresh(held).approve, by=desk),
        partial(fresh(held).edit, "The held one, changed in the very moment."),
        partial(fresh(held).remove, by=people[1]),
        partial(fresh(reply).reject, by=desk, reason="attack"),
        partial(fresh(reply).remove, by=people[0]),
        partial(fresh(reply).pick, by=second, reason="Well said."),
        partial(Respect.turn, author, fresh(reply)),
        partial(fresh(waiting).approve, by=desk),
        partial(fresh(waiting).reject, by=second, reason="attack"),
        partial(fresh(late).take_edit_back, by=author),
        partial(fresh(late).edit, "A third text, with other words again."),
        partial(fresh(late).pick, by=desk, reason="Knows it."),
        partial(fresh(late).unpick, by=second),
        partial(fresh(late).mark_spam, by=second),
        partial(Respect.turn, people[2], fresh(top)),
        partial(fresh(top).reject, by=second, reason="attack"),
        *(partial(Report.make, fresh(top), person, "spam") for person in people[1:]),
        *(partial(Follow.turn, people[3], article, top, wanted=True) for _ in range(2)),
        *(partial(Mute.turn, people[3], author, wanted=True) for _ in range(2)),
    ]
    # So that each finds another in its way every time.
    verbs = verbs[turn * 7 :] + verbs[: turn * 7]
    for answer in at_once(*verbs):
        assert not isinstance(answer, Exception) or isinstance(answer, EXPECTED), repr(answer)
    assert exact(article)
    assert people[3].follows.count() == people[3].mutes.count() == 1
    assert late.revisions.filter(status="pending").count() <= 1
    for comment in article.comments.all():
        shown = comment.decisions.filter(revision__isnull=True).order_by("pk").last()
        assert shown is None or shown.after == comment.status
