"""Rules are tried before they go live, and the pipeline is changed where the desk sees it."""

import datetime

import pytest
from django.core.cache import cache
from django.utils import timezone

from comments import checks_admin, rehearsal
from comments.models import CheckRule, Comment, Finding, WordRule

pytestmark = pytest.mark.django_db
RULES, CHECKS = "/admin/comments/wordrule/", "/admin/comments/checkrule/"


@pytest.fixture
def said(make_comment, moderator):
    """With the word: two that people let stand, one that went, one that nobody looked at."""
    held = Comment.Status.PENDING
    make_comment(status=held, body="A corrupt file, I fear.").approve(moderator)
    make_comment(status=held, body="The file was corrupt again.").approve(moderator)
    make_comment(status=held, body="You are all corrupt.").reject(moderator, "attack")
    make_comment(body="He is corrupt.")  # nobody looked
    make_comment(body="The soup was good.")
    old = timezone.now() - datetime.timedelta(days=31)
    make_comment(body="Corrupt, a month ago.", created_at=old)


def test_rehearsal_tells_hits_beside_what_people_decided(said):
    found = rehearsal.of_words(WordRule(pattern="corrupt", is_enabled=False))
    assert (found.looked_at, found.found) == (5, 4)
    assert (found.approved, found.rejected, found.unseen) == (2, 1, 1)
    assert found.wrong == 67
    assert Finding.objects.count() == 0


def test_rule_that_would_hold_everything_is_named_as_such(make_comment):
    for _ in range(25):
        make_comment()
    assert rehearsal.of_words(WordRule(kind="pattern", pattern=".")).finds_too_much
    assert not rehearsal.of_words(WordRule(pattern="zebra")).finds_too_much


def test_rehearsal_ends_in_time_and_says_so(said):
    found = rehearsal.of_words(WordRule(pattern="corrupt"), seconds=0)
    assert found.is_cut_short


def test_page_shows_the_share_that_would_have_been_wrong(at_desk, said):
    rule = WordRule.objects.create(pattern="corrupt", is_enabled=False)
    page = at_desk.get(f"{RULES}{rule.pk}/rehearsal/").text
    assert "67 %" in page
    assert "You are all corrupt." in page


def test_links_are_rehearsed_with_another_number(at_desk, make_comment):
    make_comment(body="See https://a.example and https://b.example and https://c.example")
    make_comment(body="See https://a.example")
    page = at_desk.get(f"{CHECKS}rehearsal/?check=links&threshold=3")
    assert page.status_code == 200
    assert rehearsal.of_links(3).found == 1
    assert rehearsal.of_links(1).found == 2


@pytest.mark.parametrize(
    "address", [f"{RULES}999/rehearsal/", f"{RULES}99999999999999999999/rehearsal/"]
)
def test_rehearsal_of_no_rule_is_not_found(at_desk, address):
    assert at_desk.get(address).status_code == 404


def test_pipeline_is_a_table_with_what_people_let_stand(at_desk, make_comment, moderator):
    for verdict in ("approve", "reject"):
        comment = make_comment(status=Comment.Status.PENDING)
        comment.findings.create(check_name="links", reason="two links")
        if verdict == "approve":
            comment.approve(moderator)
        else:
            comment.reject(moderator, "advert")
    page = at_desk.get(CHECKS).text
    assert "50 % of 2" in page


def test_setting_made_in_the_admin_holds_at_once(at_desk, write):
    sent = {"check_name": "links", "action": "hold", "threshold": "1", "sample": "", "is_on": "on"}
    answer = at_desk.post(f"{CHECKS}add/", sent)
    assert answer.status_code == 302, answer.context["errors"]
    assert write("See https://a.example").submit().status == Comment.Status.PENDING
    CheckRule.objects.update(is_on=False)
    assert write("See https://b.example").submit().is_visible


@pytest.mark.parametrize(
    "sent",
    [
        {"check_name": "nonsense", "action": "hold"},
        {"check_name": "links", "action": "nonsense"},
        {"check_name": "links", "action": "hold", "threshold": "0"},
        {"check_name": "links", "action": "hold", "threshold": "1000"},
        {"check_name": "surge", "action": "hold", "threshold": "501"},
    ],
)
def test_setting_that_makes_no_sense_is_refused(at_desk, sent):
    assert at_desk.post(f"{CHECKS}add/", {"sample": "", "is_on": "on", **sent}).status_code == 200
    assert not CheckRule.objects.exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [("word-list", "an action of its own"), ("first-comment", "Nobody new could ever write")],
)
def test_action_that_means_nothing_for_a_check_is_refused_with_the_reason(at_desk, name, words):
    sent = {"check_name": name, "action": "block", "threshold": "", "sample": "", "is_on": "on"}
    assert words in at_desk.post(f"{CHECKS}add/", sent).text
    assert not CheckRule.objects.exists()
    at_desk.post(f"{CHECKS}add/", {**sent, "action": "hold"})
    assert CheckRule.objects.exists()


def test_table_says_what_its_numbers_mean(at_desk):
    CheckRule.objects.create(check_name="links", threshold=1)
    CheckRule.objects.create(check_name="first-comment", threshold=3, action="flag")
    page = " ".join(at_desk.get(CHECKS).text.split())
    assert "Hold for a moderator</a>, from 1 link ·" in page
    assert "until 3 comments of theirs were approved" in page
    assert "Hold for a moderator, above 30 percent rejected, from 5 decisions" in page


def test_form_says_for_each_check_what_its_numbers_are(at_desk):
    page = at_desk.get(f"{CHECKS}add/").text
    assert "<li>Many rejections before: percent rejected, and more than that (30)</li>" in page
    assert "<li>Many rejections before: decisions before anybody counts (5)</li>" in page
    assert "Second number:" in page
    assert "Check:" in page


def test_figures_of_the_table_are_counted_once_in_ten_minutes(make_comment, time_machine):
    time_machine.move_to("2026-06-17T10:00:00Z")
    comment = make_comment()
    comment.findings.create(check_name="links", reason="two links")
    first = checks_admin.figures()
    comment.findings.create(check_name="links", reason="two links")
    assert checks_admin.figures() == first
    assert first.of["links"].hits == "1"
    time_machine.shift(601)
    assert checks_admin.figures().of["links"].hits == "2"


def test_table_says_when_its_figures_were_counted(at_desk, make_comment):
    make_comment().findings.create(check_name="links", reason="two links")
    assert "Counted <time" in at_desk.get(CHECKS).text


def test_figures_are_bounded_and_say_so(make_comment, moderator, monkeypatch):
    monkeypatch.setattr(checks_admin, "COUNTED", 3)
    for number in range(5):
        comment = make_comment(status=Comment.Status.PENDING)
        comment.findings.create(check_name="links", reason=f"{number} links")
        comment.approve(moderator)
    found = checks_admin.figures().of["links"]
    assert (found.hits, found.decided, found.stood) == ("3+", 3, 100)


def test_cache_that_is_down_costs_the_counting_and_no_page(at_desk, monkeypatch):
    def down(*args, **kwargs):
        raise ConnectionError("nobody there")

    monkeypatch.setattr(type(cache._connections["default"]), "get", down)
    monkeypatch.setattr(type(cache._connections["default"]), "set", down)
    assert at_desk.get(CHECKS).status_code == 200


@pytest.mark.parametrize(("threshold", "words"), [(1, "1 link or more"), (3, "3 links or more")])
def test_rehearsal_of_links_names_the_number_it_is_tried_with(at_desk, threshold, words):
    page = at_desk.get(f"{CHECKS}rehearsal/?check=links&threshold={threshold}").text
    assert f"Rehearsal: {words}" in page


def test_words_that_a_rule_finds_are_marked_as_at_the_desk(at_desk, said):
    rule = WordRule.objects.create(pattern="corrupt", is_enabled=False)
    assert '<mark class="match">' in at_desk.get(f"{RULES}{rule.pk}/rehearsal/").text
