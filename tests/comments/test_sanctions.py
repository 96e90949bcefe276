"""What is decided about people: each with a reason, an end, a notice, and a way back."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from comments import mailing, standing
from comments.append_only import AppendOnlyViolation
from comments.models import InvalidMove, Notice, Sanction
from comments.models.sanction import InForceAlready, NotToBeSanctioned

pytestmark = pytest.mark.django_db
Kind = Sanction.Kind


def days(count: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=count)


def test_suspension_ends_by_itself_at_its_instant(make_user, moderator):
    person, until = make_user(), days(3)
    sanction = Sanction.impose(person, Kind.SUSPEND, moderator, "attack", until=until)
    assert standing.may_write(person) == sanction
    with time_machine.travel(until - datetime.timedelta(seconds=1), tick=False):
        assert standing.may_write(person) == sanction
    with time_machine.travel(until, tick=False):
        assert standing.may_write(person) is None


def test_ban_holds_until_it_is_lifted(make_user, moderator):
    person = make_user()
    ban = Sanction.impose(person, Kind.BAN, moderator, "threat")
    with time_machine.travel(days(4000), tick=False):
        assert standing.may_write(person) == ban
    ban.lift(moderator, message="Welcome back.")
    assert standing.may_write(person) is None
    with pytest.raises(InvalidMove, match="over already"):
        ban.lift(moderator)


def test_warning_takes_nothing_away(make_user, moderator):
    person = make_user()
    Sanction.impose(person, Kind.WARN, moderator, "language")
    assert standing.in_force(person) == []


def test_whoever_is_sanctioned_is_told_by_mail_why(make_user, moderator, mailoutbox):
    person = make_user()
    Sanction.impose(
        person, Kind.SUSPEND, moderator, "attack", until=days(3), message="Third time this week.",
        note="Between us: the same as last year.",
    )  # fmt: skip
    assert Notice.objects.get(person=person).kind == Notice.Kind.SANCTION
    mailing.deliver_due()
    body = mailoutbox[0].body
    assert "Third time this week." in body
    assert "Personal attack" in body
    assert "/decisions/" in body
    assert "Between us" not in body
    assert "List-Unsubscribe" not in mailoutbox[0].extra_headers


def test_nobody_sanctions_themselves(moderator):
    with pytest.raises(NotToBeSanctioned):
        Sanction.impose(moderator, Kind.WARN, moderator, "attack")


def test_staff_are_for_administrators_alone(make_user, moderator, reporter):
    with pytest.raises(NotToBeSanctioned):
        Sanction.impose(reporter, Kind.WARN, moderator, "attack")
    boss = make_user(role="administrator")
    assert Sanction.impose(reporter, Kind.WARN, boss, "attack").person == reporter


def test_one_of_a_kind_holds_at_a_time(make_user, moderator):
    person = make_user()
    Sanction.impose(person, Kind.BAN, moderator, "threat")
    with pytest.raises(InForceAlready):
        Sanction.impose(person, Kind.BAN, moderator, "threat")


@pytest.mark.parametrize("until", [None, timezone.now() - datetime.timedelta(days=1)])
def test_suspension_needs_an_end_that_is_to_come(make_user, moderator, until):
    with pytest.raises(InvalidMove, match="end"):
        Sanction.impose(make_user(), Kind.SUSPEND, moderator, "attack", until=until)


def test_sanction_needs_a_reason(make_user, moderator):
    with pytest.raises(InvalidMove, match="reason"):
        Sanction.impose(make_user(), Kind.BAN, moderator, "")


def test_bans_of_one_moderator_are_few_in_an_hour(make_user, moderator):
    for _ in range(Sanction.BANS_AN_HOUR):
        Sanction.impose(make_user(), Kind.BAN, moderator, "advert")
    with pytest.raises(InvalidMove, match="bans in an hour"):
        Sanction.impose(make_user(), Kind.BAN, moderator, "advert")


def test_record_of_sanctions_is_only_added_to(make_user, moderator):
    sanction = Sanction.impose(make_user(), Kind.BAN, moderator, "threat")
    sanction.note = "never"
    with pytest.raises(AppendOnlyViolation):
        sanction.save()
    with pytest.raises(AppendOnlyViolation):
        sanction.delete()


def test_person_reads_where_they_stand(client, make_user, moderator):
    person, other = make_user(), make_user()
    sanction = Sanction.impose(person, Kind.BAN, moderator, "threat", message="Never again.")
    client.force_login(person)
    html = client.get("/account/standing/").text
    assert "Never again." in html
    assert f"/account/sanctions/{sanction.ref}/" in html
    assert "Threat or call to violence" in client.get(f"/account/sanctions/{sanction.ref}/").text
    client.force_login(other)
    assert "All is well" in client.get("/account/standing/").text
    assert client.get(f"/account/sanctions/{sanction.ref}/").status_code == 404


def test_record_of_many_rejections_has_comments_wait(make_comment, make_user, moderator):
    person = make_user()
    kept = [make_comment(author=person, status="pending") for _ in range(3)]
    gone = [make_comment(author=person, status="pending") for _ in range(2)]
    for comment in kept:
        comment.approve(moderator)
    assert standing.distrust(person, 30, 5) is None
    for comment in gone:
        comment.reject(moderator, "attack")
    found = standing.distrust(person, 30, 5)
    assert found is not None
    assert (found.rejected, found.decided) == (2, 5)
    assert standing.distrust(person, 40, 5) is None
    assert standing.distrust(person, 30, 6) is None
    # What was put right counts as it stands now.
    gone[0].approve(make_user(role="moderator"))
    assert standing.distrust(person, 30, 5) is None
    with time_machine.travel(days(91), tick=False):
        assert standing.distrust(person, 0, 1) is None
