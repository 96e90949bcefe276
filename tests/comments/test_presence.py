"""Claims: no two moderators do the same work, nobody loses what they began, nothing moves."""

import datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from comments import presence
from comments.models import Claim, Comment, SavedFilter

pytestmark = pytest.mark.django_db
DESK = "/admin/comments/comment/desk/"
PULSE = f"{DESK}pulse/"
FILTERS = f"{DESK}filters/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def other(make_user):
    return make_user("othermod", role="moderator", display_name="Otto Brand")


@pytest.fixture
def waiting(make_comment):
    return make_comment(status=Comment.Status.PENDING)


def subject(comment):
    return f"comment:{comment.pk}"


def test_claim_is_one_moderator_s_for_two_minutes(moderator, other):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert presence.claim("comment:1", moderator)
        assert presence.claim("comment:1", moderator)
        assert presence.claim("comment:1", other) is None
        clock.shift(datetime.timedelta(seconds=119))
        assert presence.claim("comment:1", other) is None
        clock.shift(datetime.timedelta(seconds=1))
        assert presence.claim("comment:1", other)
        assert presence.claim("comment:1", moderator) is None


def test_claim_is_renewed_by_who_has_it(moderator, other):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        presence.claim("comment:1", moderator)
        clock.shift(datetime.timedelta(seconds=90))
        presence.claim("comment:1", moderator)
        clock.shift(datetime.timedelta(seconds=90))
        assert presence.claim("comment:1", other) is None


def test_claim_is_taken_over_on_purpose(moderator, other):
    presence.claim("comment:1", moderator)
    presence.take_over("comment:1", other)
    assert presence.held_by_other("comment:1", moderator).by == other


def test_card_says_who_is_at_it(at_desk, waiting, other):
    presence.claim(subject(waiting), other)
    assert "Otto Brand" in at_desk.get(DESK).text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_what_somebody_else_is_at_is_not_decided_by_accident(at_desk, waiting, other, headers):
    presence.claim(subject(waiting), other)
    sent = {"action": "approve", "version": waiting.version}
    answer = at_desk.post(f"/admin/comments/comment/{waiting.pk}/decide/", sent, headers=headers)
    assert answer.status_code == 409
    assert "Otto Brand is at this one" in answer.text
    waiting.refresh_from_db()
    assert waiting.is_pending
    answer = at_desk.post(
        f"/admin/comments/comment/{waiting.pk}/decide/", {**sent, "takeover": "1"}, headers=headers
    )
    assert answer.status_code in {200, 302}
    waiting.refresh_from_db()
    assert waiting.is_visible


def test_pulse_claims_the_current_card_and_tells_what_is_new(at_desk, waiting, moderator, other):
    presence.arrive(other)
    since = timezone.now() - datetime.timedelta(seconds=5)
    sent = {
        "current": subject(waiting), "listed": [subject(waiting)], "since": since.isoformat(),
    }  # fmt: skip
    page = at_desk.post(PULSE, sent, headers=HTMX).text
    assert presence.holders([subject(waiting)])[subject(waiting)].by == moderator
    assert "Here too: <bdi>Otto Brand</bdi>" in page
    assert "1 new" in page
    # It announces, and inserts nothing.
    assert waiting.body_html not in page


def test_pulse_of_nonsense_is_harmless(at_desk):
    sent = {"current": "comment:x' OR 1", "listed": ["y"] * 200, "since": "yesterday"}
    assert at_desk.post(PULSE, sent, headers=HTMX).status_code == 200
    assert not Claim.objects.exclude(subject__startswith="desk:").exists()


def test_pulse_costs_the_same_at_any_size(
    at_desk, make_comment, moderator, django_assert_num_queries
):
    def listed(count):
        return [subject(make_comment(status=Comment.Status.PENDING)) for _ in range(count)]

    def beat(cards):
        sent = {"current": cards[0], "listed": cards, "since": timezone.now().isoformat()}
        at_desk.post(PULSE, sent, headers=HTMX)

    beat(listed(1))
    cards = listed(3)
    beat(cards)
    with django_assert_num_queries(8):
        beat(cards)
    cards += listed(40)
    with django_assert_num_queries(8):
        beat(cards)


def test_moderator_whose_rights_were_taken_decides_nothing(at_desk, waiting, moderator):
    at_desk.get(DESK)
    moderator.groups.clear()
    answer = at_desk.post(
        f"/admin/comments/comment/{waiting.pk}/decide/",
        {"action": "approve", "version": waiting.version}, headers=HTMX,
    )  # fmt: skip
    assert answer.status_code == 403
    assert at_desk.post(PULSE, {}, headers=HTMX).status_code == 403
    waiting.refresh_from_db()
    assert waiting.is_pending


# Saved filters ------------------------------------------------------------------------------------


def test_place_is_kept_under_a_name_and_found_again(at_desk, moderator):
    at_desk.post(f"{FILTERS}?queue=pending&age=1d", {"name": "Old ones"})
    saved = SavedFilter.objects.get()
    assert saved.owner == moderator
    assert "after" not in saved.query
    page = at_desk.get(DESK).text
    assert "Old ones" in page
    assert at_desk.get(f"{DESK}?{saved.query}").context["place"].age == "1d"


def test_same_name_is_the_same_filter(at_desk):
    for age in ("1h", "1d"):
        at_desk.post(f"{FILTERS}?queue=pending&age={age}", {"name": "Old ones"})
    assert "age=1d" in SavedFilter.objects.get().query


def test_filter_is_one_s_own_unless_it_is_shared(at_desk, other):
    SavedFilter.objects.create(owner=other, name="Mine alone", query="queue=spam")
    SavedFilter.objects.create(owner=other, name="For all", query="queue=spam", is_shared=True)
    page = at_desk.get(DESK).text
    assert "For all" in page
    assert "Mine alone" not in page


def test_nobody_deletes_somebody_else_s_filter(at_desk, other):
    saved = SavedFilter.objects.create(owner=other, name="All", query="x", is_shared=True)
    assert at_desk.post(FILTERS, {"delete": saved.pk}).status_code == 404
    client = Client()
    client.force_login(other)
    client.post(FILTERS, {"delete": saved.pk})
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_filter_needs_a_name(at_desk, name):
    at_desk.post(f"{FILTERS}?queue=pending", {"name": name})
    assert not SavedFilter.objects.exists()
