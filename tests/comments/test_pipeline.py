"""The checks as the desk has set them: for the site, a section, a story."""

import datetime

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import SourceRule
from comments import personal, pipeline, surge
from comments.models import (
    CheckRule,
    Comment,
    DeskSettings,
    DutyHours,
    Finding,
    Refused,
    Sanction,
    WordRule,
)

pytestmark = pytest.mark.django_db
LINKS = "See https://one.example and https://two.example please."


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.LIMITS = False


@pytest.fixture
def say(reader, article):
    def say(body: str, author=None, on=None, parent=None) -> Comment:
        comment = Comment(article=on or article, author=author or reader)
        comment.answer_to(parent)
        comment.set_body(body)
        return comment.submit()

    return say


# Settings


def test_check_that_is_off_holds_nothing(say):
    assert say(LINKS).is_pending
    CheckRule.objects.create(check_name="links", is_on=False)
    assert say(f"Again. {LINKS}").is_visible


def test_check_that_is_off_refuses_nothing(say, reader, article):
    for name in ("word-list", "source"):
        CheckRule.objects.create(check_name=name, article=article, is_on=False)
    refusing = WordRule.objects.create(pattern="crook", action="block")
    SourceRule.objects.create(kind="mail", value="example.org", action="block")
    assert say("You crook.").is_visible
    refusing.refresh_from_db()
    assert refusing.hits == 0


def test_check_that_is_off_for_one_story_refuses_under_the_others(say, make_article, article):
    CheckRule.objects.create(check_name="word-list", article=article, is_on=False)
    WordRule.objects.create(pattern="crook", action="block")
    with pytest.raises(Refused):
        say("You crook.", on=make_article())


def test_nearest_setting_holds(say, make_article, article):
    CheckRule.objects.create(check_name="links", is_on=False)
    CheckRule.objects.create(check_name="links", section=article.section, threshold=1)
    CheckRule.objects.create(check_name="links", article=article, threshold=3)
    assert say(LINKS).is_visible
    other = make_article()
    assert say(f"Elsewhere. {LINKS}", on=other).is_pending


def test_check_may_refuse_with_a_word_to_the_author(say):
    CheckRule.objects.create(check_name="links", action="block")
    with pytest.raises(Refused, match="more links than we publish"):
        say(LINKS)


def test_check_may_publish_and_mark_for_a_look(say, moderator):
    CheckRule.objects.create(check_name="links", action="flag")
    comment = say(LINKS)
    assert comment.is_visible
    assert comment in Comment.objects.flagged()
    comment.approve(moderator)
    assert comment not in Comment.objects.flagged()


def test_newcomer_is_trusted_after_as_many_approvals_as_are_set(say, make_user, moderator):
    CheckRule.objects.create(check_name="first-comment", threshold=2)
    person = make_user()
    for number in range(2):
        comment = say(f"My word number {number}.", author=person)
        assert comment.is_pending
        comment.approve(moderator)
    assert say("My third word.", author=person).is_visible


def test_record_of_rejections_has_a_trusted_reader_wait(say, make_comment, reader, moderator):
    for number in range(5):
        comment = make_comment(author=reader, status="pending")
        if number < 3:
            comment.reject(moderator, "attack")
        else:
            comment.approve(moderator)
    held = say("One more.")
    assert held.is_pending
    assert held.findings.get().reason == "3 of 5 comments were rejected in 90 days"


# People


def test_suspended_reader_is_refused_until_it_ends_and_no_longer(say, reader, moderator):
    until = timezone.now() + datetime.timedelta(days=2)
    Sanction.impose(reader, Sanction.Kind.SUSPEND, moderator, "attack", until=until)
    with pytest.raises(Refused, match="You cannot write or edit"):
        say("Still here.")
    with time_machine.travel(until + datetime.timedelta(seconds=1)):
        assert say("Back again.").is_visible


def test_suspended_reader_does_not_edit_either(say, reader, moderator):
    comment = say("Before.")
    Sanction.impose(reader, Sanction.Kind.BAN, moderator, "attack")
    with pytest.raises(Refused):
        comment.edit("After.")


def test_premoderated_reader_waits(say, reader, moderator):
    Sanction.impose(reader, Sanction.Kind.PREMODERATE, moderator, "attack")
    assert say("My word.").findings.get().check_name == "premoderated-person"


@pytest.mark.parametrize(("kind", "value"), [("mail", "example.org"), ("address", "192.0.2.0/24")])
def test_source_on_the_list_is_held_or_refused(say, reader, article, kind, value):
    rule = SourceRule(kind=kind, value=value, action="hold")
    rule.full_clean()
    rule.save()
    comment = Comment(article=article, author=reader, ip_address="192.0.2.7")
    comment.set_body("From there.")
    assert comment.submit().findings.get().check_name == "source"
    rule.action = "block"
    rule.save(update_fields=["action"])
    comment = Comment(article=article, author=reader, ip_address="192.0.2.7")
    comment.set_body("From there again.")
    with pytest.raises(Refused, match="from where you write"):
        comment.submit()
    rule.refresh_from_db()
    assert rule.hits == 2


# The thread, the hour


def test_closed_thread_takes_no_reply_and_the_story_does(say, make_comment, article, moderator):
    root = make_comment(article=article)
    reply = make_comment(parent=root)
    root.close_thread(moderator, "off-topic")
    with pytest.raises(Refused, match="closed this thread"):
        say("An answer.", parent=reply)
    assert say("Beside it.").is_visible


@pytest.mark.parametrize(("wanted", "waits"), [("hold", True), ("close", None), ("", False)])
def test_off_hours_hold_or_close_as_the_desk_has_it(say, make_article, settings, wanted, waits):
    settings.TIME_ZONE = "Europe/London"
    story = make_article(published_at=datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC))
    DeskSettings.objects.create(outside_hours=wanted)
    for day in range(5):
        DutyHours.objects.create(weekday=day, opens="08:00", closes="18:00")
    cache.clear()
    with timezone.override("Europe/London"), time_machine.travel("2026-11-22T21:00:00Z"):
        if waits is None:
            with pytest.raises(Refused, match="until Monday, 08:00"):
                say("On a Sunday.", on=story)
        else:
            assert say("On a Sunday.", on=story).is_pending == waits
    cache.clear()
    with timezone.override("Europe/London"), time_machine.travel("2026-11-23T09:00:00Z"):
        assert say("On a Monday.", on=story).is_visible


def test_off_hours_close_no_story_where_that_check_is_off(say, article):
    DeskSettings.objects.create(outside_hours="close")
    other_day = (timezone.localtime().weekday() + 1) % 7
    DutyHours.objects.create(weekday=other_day, opens="08:00", closes="18:00")
    CheckRule.objects.create(check_name="off-duty", article=article, is_on=False)
    assert say("At any hour.").is_visible


@pytest.mark.parametrize(
    ("opens", "closes"), [("18:00", "08:00"), ("08:00", "08:00"), ("23:59", "00:01")]
)
def test_hours_that_close_before_they_open_are_refused(opens, closes):
    hours = DutyHours(weekday=0, opens=opens, closes=closes)
    with pytest.raises(ValidationError, match="later than it opens") as refusal:
        hours.full_clean()
    assert list(refusal.value.error_dict) == ["closes"]
    with pytest.raises(IntegrityError):
        hours.save()


@pytest.mark.parametrize(("opens", "closes"), [("08:00", "18:00"), ("18:00", "00:00")])
def test_hours_of_an_evening_may_end_at_midnight(opens, closes):
    hours = DutyHours(weekday=0, opens=opens, closes=closes)
    hours.full_clean()
    hours.save()


# Likeness and pressure


def test_same_words_of_several_accounts_are_held(say, make_comment, make_user):
    text = "Everybody in town knows that the mill was sold for far too little money last year."
    first, second = make_user("first"), make_user("second")
    for person in (first, second):
        make_comment(author=person, status="approved")
    say(text, author=first)
    held = say(f"Honestly. {text}", author=second)
    finding = held.findings.get()
    assert (finding.check_name, finding.matches) == ("similar", ["first"])


def test_own_words_and_other_words_are_not_alike(say, make_article, reader):
    text = "Everybody in town knows that the mill was sold for far too little money last year."
    say(text)
    assert say(text, on=make_article()).is_visible
    assert say("The mill has stood there since my grandmother was a girl, and longer.").is_visible


def test_story_under_pressure_is_moderated_first_says_so_and_goes_back(
    say, make_comment, article, client
):
    CheckRule.objects.create(check_name="surge", threshold=5)
    for _ in range(4):
        make_comment(article=article)
    version = article.page_version
    held = say("One more.")
    article.refresh_from_db()
    assert held.findings.get().check_name == "surge"
    assert article.is_surging
    assert article.page_version > version
    address = article.get_absolute_url()
    assert "moderator reads each new comment first" in client.get(address).text
    with time_machine.travel(timezone.now() + surge.LASTS + datetime.timedelta(seconds=1)):
        assert surge.end_due() == 1
        assert surge.end_due() == 0
        assert "moderator reads each new comment first" not in client.get(address).text
        assert say("Later.").is_visible


def test_pressure_that_refuses_begins_stays_and_goes_back(say, make_comment, article):
    CheckRule.objects.create(check_name="surge", threshold=5, action="block")
    for _ in range(4):
        make_comment(article=article)
    version = article.page_version
    with pytest.raises(Refused, match="So much comes in"):
        say("One more.")
    article.refresh_from_db()
    assert article.is_surging
    assert article.page_version > version
    Comment.objects.update(created_at=timezone.now() - surge.WINDOW)
    with pytest.raises(Refused):
        say("The rush is over, and it lasts a while.")
    with time_machine.travel(timezone.now() + surge.LASTS + datetime.timedelta(seconds=1)):
        assert say("Later.").is_visible


def test_pressure_is_told_at_the_highest_number_that_can_be_set(say, make_conversation):
    number = pipeline.STAGE["surge"].threshold
    CheckRule.objects.create(check_name="surge", threshold=number.most)
    story = make_conversation(number.most - 1)
    assert say("The last drop.", on=story).is_pending


def test_story_without_pressure_stays_as_it_is(say, make_comment, article):
    for _ in range(10):
        make_comment(article=article)
    assert say("One more.").is_visible
    article.refresh_from_db()
    assert article.surge_until is None


# Words


def test_severe_word_veils_and_a_flagged_one_lets_through(say):
    WordRule.objects.create(pattern="gallows", is_severe=True)
    WordRule.objects.create(pattern="council", action="flag")
    severe = say("To the gallows with them.")
    assert severe.findings.get().is_severe
    assert severe.risk >= 60
    assert say("The council knew.").flagged_at


def test_rule_that_ran_out_says_nothing(say):
    WordRule.objects.create(pattern="liar", expires_at=timezone.now())
    assert say("You liar.").is_visible


def test_rules_are_counted_also_when_they_refuse(say):
    held = WordRule.objects.create(pattern="liar")
    refused = WordRule.objects.create(pattern="crook", action="block")
    say("You liar.")
    with pytest.raises(Refused):
        say("You crook.")
    held.refresh_from_db()
    refused.refresh_from_db()
    assert (held.hits, refused.hits) == (1, 1)
    assert Finding.objects.get(word_rule=held)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(?:a|aa)+$", "(x+x+)+y", "([a-z]+)*!"])
def test_pattern_that_runs_for_ever_is_refused_when_it_is_saved(pattern):
    with pytest.raises(ValidationError, match="for ever"):
        WordRule(kind="pattern", pattern=pattern).full_clean()


@pytest.mark.parametrize("pattern", [r"wake up,? sheep", r"\bfree \w+ now\b", r"https?://bit\.ly"])
def test_plain_pattern_is_taken(pattern):
    WordRule(kind="pattern", pattern=pattern).full_clean()


# Personal data


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Write to ada@example.org", "a mail address"),
        ("Ring 01632 960 123", "a telephone number"),
        ("He lives at 12 Mill Lane, come by", "somebody’s address"),
        ("It is 12 Mill Lane, PE3 6AB", "somebody’s address"),
        ("Er wohnt in der Lindenstraße 14", "somebody’s address"),
        ("Pay GB82 WEST 1234 5698 7654 32", "a bank account"),
        ("My card is 4111 1111 1111 1111", "a card number"),
        ("John Miller has cancer", "somebody’s health"),
    ],
)
def test_personal_data_is_found(words, kind):
    assert kind in [found for found, _ in personal.found(words)]


@pytest.mark.parametrize(
    "words",
    [
        "In 2024 and 2025 it cost 1,200,000.", "The score was 3:2 on 12.11.2026.",
        "ISBN 978-3-16-148410-0", "They met at 10 Downing Street.", "The A55 is closed.",
        "Cancer research needs money.", "The Mill Lane bridge was built in 1890.",
        "Order 1234 5678 9012 3456 came late.", "Depression is no joke.", "42 people came.",
    ],
)  # fmt: skip
def test_clean_words_are_no_personal_data(words):
    assert personal.found(words) == []
