"""The record of decisions is only added to, whoever asks."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from comments.append_only import AppendOnlyViolation
from comments.models import Comment, Decision


@pytest.fixture
def decision(make_comment, moderator):
    comment = make_comment(status=Comment.Status.PENDING)
    return comment.approve(by=moderator, note="first look")


def test_python_refuses_to_change_or_delete_a_decision(decision):
    decision.note = "rewritten"
    with pytest.raises(AppendOnlyViolation):
        decision.save()
    with pytest.raises(AppendOnlyViolation):
        decision.delete()
    with pytest.raises(AppendOnlyViolation):
        Decision.objects.all().delete()
    with pytest.raises(AppendOnlyViolation):
        decision.comment.decisions.update(note="rewritten")
    with pytest.raises(AppendOnlyViolation), transaction.atomic():
        Decision.objects.bulk_update([decision], ["note"])
    assert Decision.objects.get(pk=decision.pk).note == "first look"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE comments_decision SET note = 'rewritten'",
        "UPDATE comments_decision SET by_id = NULL WHERE id = %(id)s",
        "DELETE FROM comments_decision",
        "DELETE FROM comments_decision WHERE id = %(id)s",
    ],
)
def test_database_refuses_to_change_or_delete_a_decision(decision, statement):
    with (
        pytest.raises(DatabaseError, match="only added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, {"id": decision.pk} if "%" in statement else None)
    assert Decision.objects.get(pk=decision.pk).note == "first look"


def test_database_refuses_to_put_another_decision_in_the_place_of_one(decision):
    forged = Decision.objects.get(pk=decision.pk)
    forged.note = "rewritten"
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.bulk_create(
            [forged], update_conflicts=True, unique_fields=["id"], update_fields=["note"]
        )
    if connection.vendor == "sqlite":
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            connection.cursor().execute(
                "REPLACE INTO comments_decision (id, rule, before, after, reason, note, message, "
                "comment_version, at, by_id, comment_id, revision_id) SELECT id, rule, before, "
                "after, reason, 'rewritten', message, comment_version, at, by_id, comment_id, "
                "revision_id FROM comments_decision"
            )
    assert Decision.objects.get(pk=decision.pk).note == "first look"


def test_postgresql_refuses_to_empty_the_record_at_once(decision):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    # Else it is refused for another reason.
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        connection.cursor().execute("TRUNCATE comments_decision CASCADE")
    assert Decision.objects.filter(pk=decision.pk).exists()


def test_a_comment_with_a_record_cannot_be_deleted(decision):
    with pytest.raises(ProtectedError):
        decision.comment.delete()


def test_every_move_is_one_row_that_names_who_when_and_why(make_comment, moderator, editor):
    comment = make_comment(status=Comment.Status.PENDING)
    comment.reject(by=moderator, reason="attack", note="third time", message="Stay civil.")
    comment.approve(by=editor)
    first, second = comment.decisions.all()
    assert (first.before, first.after, first.by) == ("pending", "rejected", moderator)
    assert (first.reason, first.note, first.message) == ("attack", "third time", "Stay civil.")
    assert (second.before, second.after, second.by) == ("rejected", "approved", editor)
    assert first.at <= second.at
    assert [first.comment_version, second.comment_version] == [2, 3]


def test_what_a_rule_decided_names_the_rule_and_no_person(article, reader):
    comment = Comment(article=article, author=reader)
    comment.set_body("The wall was too low.")
    comment.submit()
    decision = comment.decisions.get()
    assert decision.by is None
    assert decision.rule


def test_a_refused_move_leaves_no_row(make_comment, moderator):
    comment = make_comment()
    before = comment.decisions.count()
    with pytest.raises(Exception, match="needs a reason"):
        comment.reject(by=moderator, reason="because")
    assert comment.decisions.count() == before


@pytest.mark.django_db(transaction=True)
def test_database_refuses_also_outside_a_transaction(make_comment):
    make_comment()
    with pytest.raises(DatabaseError, match="only added to"):
        connection.cursor().execute("DELETE FROM comments_decision")
    assert Decision.objects.count() == 1
