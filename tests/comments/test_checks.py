"""What each check holds, refuses and lets through."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from articles.models import Article
from comments import checks, pipeline
from comments.models import CheckRule, Comment, Finding, Refused, WordRule
from newsroom import pace


@pytest.fixture
def say(write):
    """Submits a comment: by a reader whom no check knows anything against, if not told else."""
    return lambda *args, **fields: write(*args, **fields).submit()


def names(comment):
    return [finding.check_name for finding in comment.findings.all()]


def test_plain_comment_of_a_known_reader_is_visible_at_once(say):
    comment = say()
    assert comment.is_visible
    assert names(comment) == []


def test_every_finding_is_kept_with_what_it_matched(say, newcomer, make_article):
    WordRule.objects.create(pattern="liar")
    comment = say(
        "You LIAR: https://a.example and https://b.example, call 01632 960 123",
        author=newcomer,
        on=make_article(comment_policy=Article.CommentPolicy.PREMODERATED),
    )
    assert comment.is_pending
    found = {finding.check_name: finding for finding in comment.findings.all()}
    assert list(found) == ["word-list", "premoderated", "first-comment", "links", "private-data"]
    assert found["word-list"].matches == ["LIAR"]
    assert found["links"].matches == ["https://a.example", "https://b.example"]
    assert found["private-data"].matches == ["01632 960 123"]


# The conversation


@pytest.mark.parametrize("policy", [Article.CommentPolicy.CLOSED, Article.CommentPolicy.HIDDEN])
def test_closed_conversation_takes_nothing(say, make_article, policy):
    closed = make_article(comment_policy=policy)
    with pytest.raises(Refused, match="closed"):
        say(on=closed)
    assert not closed.comments.exists()


def test_story_that_readers_cannot_read_takes_no_comment(say, make_article):
    ahead = timezone.now() + datetime.timedelta(hours=1)
    for status in (Article.Status.DRAFT, Article.Status.SCHEDULED, Article.Status.WITHDRAWN):
        with pytest.raises(Refused, match="closed"):
            say(on=make_article(status=status, published_at=ahead))


def test_conversation_closed_while_somebody_writes_is_closed(say, article):
    stale = Article.objects.get(pk=article.pk)
    Article.objects.update(comment_policy=Article.CommentPolicy.CLOSED)
    with pytest.raises(Refused, match="closed"):
        say(on=stale)


def test_premoderated_story_holds_readers_and_not_staff(say, make_article, moderator):
    story = make_article(comment_policy=Article.CommentPolicy.PREMODERATED)
    assert names(say(on=story)) == ["premoderated"]
    assert say(on=story, author=moderator).is_visible


@pytest.mark.parametrize("status", ["pending", "rejected", "spam", "removed"])
def test_reply_to_what_readers_cannot_see_is_refused(say, make_comment, article, status):
    parent = make_comment(article=article, status=status)
    with pytest.raises(Refused, match="not shown any more"):
        say(parent=parent)


def test_reply_to_what_was_hidden_while_it_was_written_is_refused(
    say, make_comment, article, moderator
):
    parent = make_comment(article=article)
    Comment.objects.get(pk=parent.pk).reject(by=moderator, reason="attack")
    assert parent.is_visible  # as it was when the form was opened
    with pytest.raises(Refused, match="not shown any more"):
        say(parent=parent)


def test_reply_to_another_storys_comment_is_refused(say, make_comment, make_article):
    elsewhere = make_comment(article=make_article())
    with pytest.raises(Refused, match="not shown any more"):
        say(parent=elsewhere)


# The text


@pytest.mark.parametrize("body", ["", " \n ", "&nbsp;&#8203;", "\u200b", ">", "```\n```", "\x00"])
def test_text_that_shows_nothing_is_refused(say, body):
    with pytest.raises(Refused, match="nothing to read"):
        say(body)


def test_text_may_be_as_long_as_the_limit_and_no_longer(say):
    assert say("a" * 5000).is_visible
    with pytest.raises(Refused, match="5,000 characters; this one has 5,001"):
        say("b" * 5001)


def test_very_long_text_is_refused_quickly(say):
    with pytest.raises(Refused, match="5,000 characters"):
        say("[" * 1_000_000)


def test_same_text_again_is_refused_under_the_same_story(
    say, make_article, make_user, make_comment
):
    say("The wall was too low.")
    for again in ("The wall was too low.", "the  WALL was *too* low", "The wаll was too low!"):
        with pytest.raises(Refused, match="already"):
            say(again)
    assert say("The wall was too low.", on=make_article()).is_visible
    other = make_user()
    make_comment(author=other)
    assert say("The wall was too low.", author=other).is_visible


def test_same_text_may_come_again_after_a_day_or_when_removed(say, reader):
    first = say("The wall was too low.")
    Comment.objects.filter(pk=first.pk).update(
        created_at=timezone.now() - checks.SAME_TEXT_FOR - datetime.timedelta(seconds=1)
    )
    second = say("The wall was too low.")
    second.remove(by=reader)
    assert say("The wall was too low.").is_visible


def test_same_text_is_refused_to_who_was_rejected_with_it(say, moderator):
    say("The wall was too low.").reject(by=moderator, reason="attack")
    with pytest.raises(Refused, match="already"):
        say("The wall was too low.")


def test_signs_without_a_word_are_no_same_text(say):
    assert say("👍").is_visible
    assert say("👏").is_visible


# The pace


def test_sixth_comment_in_two_minutes_is_refused_with_the_wait_named(say, settings):
    settings.LIMITS = True
    for count in range(4):  # one more is the reader's own earlier word
        say(f"Comment {count}")
    with pytest.raises(Refused, match=r"Please wait \d+ (seconds|minutes)") as refusal:
        say("One too many")
    assert 100 < refusal.value.retry_after <= 120


def test_pace_counts_again_after_the_wait(say, settings, time_machine):
    settings.LIMITS = True
    start = timezone.now()
    for count in range(4):
        say(f"Comment {count}")
    with pytest.raises(Refused) as refusal:
        say("Later")
    time_machine.move_to(start + datetime.timedelta(seconds=refusal.value.retry_after))
    assert say("Later").is_visible


def test_longest_of_two_waits_is_named(say, settings, reader, article, time_machine):
    settings.LIMITS = True
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(
            article=article, author=reader, body="x", created_at=now - datetime.timedelta(seconds=s)
        )
        for s in range(30)
    )
    with pytest.raises(Refused, match="60 minutes") as refusal:
        say()
    assert refusal.value.retry_after > 3500


def test_pace_is_each_persons_own_and_not_the_desks(
    say, settings, make_user, make_comment, moderator
):
    settings.LIMITS = True
    for count in range(4):
        say(f"Comment {count}")
    other = make_user()
    make_comment(author=other)
    assert say(author=other).is_visible
    for count in range(7):
        assert say(f"Comment {count}", author=moderator).is_visible


def test_no_pace_where_limits_are_off(say):
    for count in range(35):
        say(f"Comment {count}")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (2, "2 seconds"), (90, "90 seconds"), (91, "2 minutes"), (121, "3 minutes")],
)
def test_wait_is_never_named_too_short(seconds, words):
    assert pace.in_words(seconds) == words


# The author


def test_reader_without_an_approved_comment_is_held_until_one_is(say, newcomer, moderator):
    first, second = say("One", author=newcomer), say("Two", author=newcomer)
    assert names(first) == names(second) == ["first-comment"]
    first.approve(by=moderator)
    assert say("Three", author=newcomer).is_visible
    first.reject(by=moderator, reason="attack")
    second.remove(by=newcomer)
    Comment.objects.get(body="Three").remove(by=newcomer)
    assert say("Four", author=newcomer).is_pending


def test_staff_are_not_held_as_newcomers(say, reporter):
    assert say(author=reporter).is_visible


# Links and private data


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("no link at all, not even a.example", 0),
        ("one https://a.example", 1),
        ("`https://a.example https://b.example`", 0),
        ("https://a.example www.b.example", 2),
        ("[a](https://a.example) [b](https://b.example) [c](https://c.example)", 3),
        ("[a](javascript:x) [b](data:y)", 0),
    ],
)
def test_two_links_hold_a_comment_and_one_does_not(say, body, count):
    comment = say(body)
    assert comment.is_visible == (count < 2)
    if count > 1:
        assert comment.findings.get().reason == f"{count} links"


@pytest.mark.parametrize(
    "private",
    ["ada@mail.example", "+44 1632 960 123", "01632 960123", "(01632) 960 123", "555-123-4567",
     "(555) 123-4567", "+1 (555) 123-4567", "0049 30 1234567", "06.12.34.56.78"],
)  # fmt: skip
def test_address_or_number_holds_a_comment(say, private):
    comment = say(f"Ask {private} about it")
    assert comment.findings.get(check_name="private-data").matches == [private]


@pytest.mark.parametrize(
    "harmless",
    ["in 2021 2022 2023 2024", "on 2024-01-04 10:30:00", "£1 250 000 000", "ISBN 978-3-16-148410-0",
     "from 1914-1918 to 1939-1945", "pi is 3.141592653589793", "0.123456789 of it", "1,000,000,000",
     "the score was 3-0, 2-1, 0-0", "me@home", "an @ada_finch here", "line 1 234 567"],
)  # fmt: skip
def test_dates_sums_and_numbers_of_other_kinds_do_not(say, harmless):
    assert say(f"It says {harmless} there").is_visible


# The desk's words


def test_words_of_the_list_hold_and_are_marked(say):
    WordRule.objects.create(pattern="liar")
    WordRule.objects.create(kind="pattern", pattern=r"wake up,? (people|sheep)")
    WordRule.objects.create(pattern="unused", is_enabled=False)
    comment = say("You l*ia*r, wake up, sheep. Unused.")
    found = {finding.word_rule.pattern: finding.matches for finding in comment.findings.all()}
    assert found == {"liar": ["liar"], r"wake up,? (people|sheep)": ["wake up, sheep"]}


def test_blocking_word_refuses_and_says_which(say):
    WordRule.objects.create(pattern="cheap pills", action="block")
    with pytest.raises(Refused, match="“Cheap-Pills”"):
        say("Buy Cheap-Pills here")
    assert say("The pills were not cheap").is_visible


def test_word_in_an_address_behind_other_words_is_found(say):
    WordRule.objects.create(pattern="cheap pills", action="block")
    with pytest.raises(Refused):
        say("[my holiday](https://cheap-pills.example/)")


def test_rule_that_takes_too_long_holds_and_stops_no_other_rule(say):
    WordRule.objects.create(kind="pattern", pattern=r"(?:a|aa)+$")
    WordRule.objects.create(pattern="liar")
    comment = say("a" * 60 + "! liar")
    found, untried = comment.findings.all()
    assert found.matches == ["liar"]
    assert "“(?:a|aa)+$” could not be tried" in untried.reason
    WordRule.objects.create(pattern="crook", action="block")
    with pytest.raises(Refused, match="crook"):
        say("a" * 60 + "! crook")


@pytest.mark.parametrize("action", ["flag", "block"])
def test_rule_that_could_not_be_tried_holds_however_the_list_is_set(say, action):
    CheckRule.objects.create(check_name="word-list", action=action)
    WordRule.objects.create(kind="pattern", pattern=r"(?:a|aa)+$")
    WordRule.objects.create(pattern="liar")
    comment = say("a" * 60 + "! liar")
    assert comment.is_pending
    holding = comment.findings.get(reason__contains="could not be tried")
    assert holding.holds


def test_many_slow_rules_take_a_bounded_time_together(say):
    WordRule.objects.bulk_create(
        WordRule(kind="pattern", pattern=rf"(?:a|aa)+{number}?$") for number in range(30)
    )
    begun = timezone.now()
    assert say("a" * 60 + "!").is_pending
    assert timezone.now() - begun < datetime.timedelta(seconds=2)


def test_broken_rule_holds_every_comment(say):
    WordRule.objects.create(kind="pattern", pattern="(open")  # past the admin's own check
    assert "“(open” could not be tried" in say().findings.get().reason


def test_refusal_fits_where_it_is_kept_however_long_the_match(say):
    WordRule.objects.create(kind="pattern", pattern=".+", action="block")
    with pytest.raises(Refused) as refusal:
        say("word " * 900)
    assert len(str(refusal.value)) < 400


# Checks that fail


def broken(comment):
    raise RuntimeError("no answer")


def asks_wrongly(comment):
    connection.cursor().execute("SELECT nothing FROM nowhere")


@pytest.mark.parametrize("failing", [broken, asks_wrongly])
def test_check_that_cannot_find_out_holds_and_the_others_still_speak(
    say, monkeypatch, failing, caplog
):
    monkeypatch.setattr(checks, "CHECKS", (failing, *checks.CHECKS))
    WordRule.objects.create(pattern="liar")
    comment = say("You liar")
    assert names(comment) == [failing.__name__, "word-list"]
    assert comment.is_pending
    assert "failed" in caplog.text
    assert Finding.objects.filter(comment=comment).count() == 2


def test_every_check_that_the_desk_has_can_be_switched_off():
    assert {*checks.STAGE_OF.values(), "outside"} == set(pipeline.STAGE)
    assert set(checks.STAGE_OF) <= set(checks.CHECKS)
