"""The chain over the record: what anybody changes in it afterwards is found."""

import csv
import datetime
import io

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from comments import chain, export
from comments.append_only import seal, unseal
from comments.models import Decision, Link, Sanction

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def record(make_comment, make_user, moderator):
    """Three decisions and a sanction, sealed."""
    author = make_user()
    comments = [make_comment(author=author) for _ in range(3)]
    for comment in comments:
        comment.reject(moderator, "attack", message="Kindly, please.")
    Sanction.impose(author, "warn", by=moderator, reason="attack")
    chain.seal_due()
    return Decision.objects.filter(by=moderator).order_by("pk")


def tamper(table, statement, *values):
    """Change a sealed table as somebody with the database's owner's rights could."""
    with connection.schema_editor(atomic=False) as editor:
        unseal(table, editor)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    with connection.schema_editor(atomic=False) as editor:
        seal(table, editor)


def damages(*args):
    return [step for step in chain.verify(*args) if isinstance(step, chain.Damage)]


def verified(**options):
    out = io.StringIO()
    call_command("verify_decisions", stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def exported():
    return "".join(export.lines(export.LOG, export.log()))


def test_every_row_of_the_record_becomes_one_link(record):
    assert Link.objects.count() == Decision.objects.count() + Sanction.objects.count()
    assert chain.seal_due() == 0
    assert damages() == []
    assert "holds" in verified()


def test_what_is_decided_later_follows_what_was_sealed(record, make_comment, moderator):
    before = chain.head()
    make_comment().reject(moderator, "advert")
    assert chain.seal_due() > 0
    assert damages(before.digest) == []
    assert chain.head().position > before.position


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE comments_decision SET reason = 'off-topic' WHERE id = %s",
        "UPDATE comments_decision SET note = 'x' WHERE id = %s",
        "UPDATE comments_decision SET message = '' WHERE id = %s",
        "UPDATE comments_decision SET by_id = NULL WHERE id = %s",
        "UPDATE comments_decision SET after = 'spam' WHERE id = %s",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_changed_decision_is_found(record, change):
    tamper("comments_decision", change, record[1].pk)
    (damage,) = damages()
    assert "was changed" in damage.what
    with pytest.raises(CommandError, match="does not hold"):
        verified()


@pytest.mark.django_db(transaction=True)
def test_link_that_was_taken_away_is_found(record):
    tamper("comments_link", "DELETE FROM comments_link WHERE position = 2")
    assert [damage.position for damage in damages()][:1] == [2]


@pytest.mark.django_db(transaction=True)
def test_end_that_was_cut_off_is_found_by_the_digest_published_before(record):
    head = chain.head()
    tamper("comments_link", "DELETE FROM comments_link WHERE position = %s", head.position)
    assert damages() == []
    assert damages(head.digest)
    with pytest.raises(CommandError):
        verified(head=head.digest)


@pytest.mark.django_db(transaction=True)
def test_rewritten_chain_does_not_hold_the_digest_published_before(record):
    head = chain.head()
    tamper("comments_link", "DELETE FROM comments_link WHERE position > 0")
    chain.seal_due()
    assert damages() == []
    assert damages(head.digest)


def test_exported_log_proves_itself_and_says_nothing_private(record, moderator):
    log = exported()
    rows = list(csv.DictReader(io.StringIO(log)))
    assert list(chain.verify_file(rows)) == []
    assert len(rows) == Link.objects.count()
    for private in (moderator.username, moderator.email, "Kindly", record[0].comment.body):
        assert private not in log


@pytest.mark.parametrize("column", ["reason", "at", "hidden", "what", "digest", "is_by_person"])
def test_row_of_an_exported_log_that_was_changed_is_found(record, column):
    rows = list(csv.DictReader(io.StringIO(exported())))
    rows[2][column] = "nonsense"
    found = [step for step in chain.verify_file(rows) if isinstance(step, chain.Damage)]
    assert found[0].position == 3


def test_row_missing_from_an_exported_log_is_found(record, tmp_path):
    lines = exported().splitlines(keepends=True)
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    whole.write_text("".join(lines), encoding="utf-8", newline="")
    cut.write_text("".join(lines[:2] + lines[3:]), encoding="utf-8", newline="")
    with whole.open(encoding="utf-8") as file:
        assert "holds" in verified(file=file)
    with cut.open(encoding="utf-8") as file, pytest.raises(CommandError):
        verified(file=file)


def test_guess_at_what_is_not_public_cannot_be_proved_right(record):
    first, second = (
        chain.hidden_digest(link.nonce, link.kind, record[0])
        for link in Link.objects.order_by("position")[:2]
    )
    assert first != second


# What was put in --------------------------------------------------------------------------------


def forged(comment, by, **fields):
    """A decision as somebody writes it who goes past the desk."""
    return Decision.objects.create(
        comment=comment, by=by, before="approved", after="rejected", comment_version=1,
        reason="attack", **fields,
    )  # fmt: skip


@pytest.fixture
def old_record(make_comment, moderator):
    """A record of ten days ago and of now, sealed as it came."""
    comment = make_comment()
    with time_machine.travel(timezone.now() - 10 * DAY):
        forged(comment, moderator)
        chain.seal_due()
    with time_machine.travel(timezone.now() - 2 * HOUR):
        forged(comment, moderator)
        chain.seal_due()
    chain.seal_due()
    assert damages() == []
    return comment


def test_row_that_was_put_in_with_an_old_date_is_found_once_it_is_sealed(old_record, moderator):
    forged(old_record, moderator, at=timezone.now() - 5 * DAY)
    chain.seal_due()
    (damage,) = damages()
    assert "late" in damage.what
    with pytest.raises(CommandError, match="does not hold"):
        verified()


def test_row_that_was_put_in_with_an_old_date_is_found_before_it_is_sealed(old_record, moderator):
    row = forged(old_record, moderator, at=timezone.now() - 5 * DAY)
    (damage,) = damages()
    assert f"decision {row.pk}" in damage.what
    with pytest.raises(CommandError, match="does not hold"):
        verified()


def test_decision_on_time_is_no_damage_however_long_the_worker_was_away(old_record, moderator):
    with time_machine.travel(timezone.now() + 20 * DAY):
        forged(old_record, moderator)
    with time_machine.travel(timezone.now() + 27 * DAY):
        assert damages() == []
        forged(old_record, moderator)
        chain.seal_due()
        assert damages() == []


def test_first_sealing_takes_what_is_old(make_comment, moderator):
    comment = make_comment()
    for days in (300, 20, 150):
        forged(comment, moderator, at=timezone.now() - days * DAY)
    assert damages() == []
    chain.seal_due()
    assert damages() == []


def test_long_import_is_no_damage_but_one_with_an_old_date_is(old_record):
    fields = {"rule": "import", "comment": old_record, "by": None}
    with time_machine.travel(timezone.now() + 3 * HOUR):
        forged(**fields, at=timezone.now() - 4 * HOUR)
        assert damages() == []
        chain.seal_due()
        assert damages() == []
        forged(**fields, at=timezone.now() - 5 * DAY)
        assert damages() != []
        chain.seal_due()
        assert damages() != []


@pytest.mark.django_db(transaction=True)
def test_time_of_sealing_that_was_changed_is_found(record):
    tamper("comments_link", "UPDATE comments_link SET at = %s WHERE position = 2", "2020-01-01")
    (damage,) = damages()
    assert "sealed" in damage.what


def test_rows_far_back_are_sealed_when_a_long_import_is_done(make_comment, moderator, monkeypatch):
    monkeypatch.setattr(chain, "LOOK_BACK", 3)
    comment = make_comment()
    base = Decision.objects.order_by("-pk").first().pk + 100
    with time_machine.travel(timezone.now() - 2 * HOUR):
        forged(comment, moderator, pk=base)
        chain.seal_due()
    # What an import wrote meanwhile, in one transaction that ended after that.
    forged(comment, None, rule="import", pk=base - 50)
    forged(comment, moderator, pk=base + 1)
    chain.seal_due()
    assert Link.objects.filter(kind="decision", row=base - 50).exists()
    assert damages() == []
