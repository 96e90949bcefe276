"""Asking authors to think again: once, of the words that made us ask, and never in their way."""

import datetime
import time

import pytest
from django.test import Client
from django.utils import timezone

from comments import civility, rulebook, text
from comments.models import Comment, PromptCount, WordRule

RUDE = "You are a complete idiot, and the wall was low."


def counted():
    return {(row.rule, row.outcome): row.count for row in PromptCount.objects.all()}


def asked_in(answer):
    return answer.context["asked"]


@pytest.fixture
def address(article):
    return f"{article.get_absolute_url()}comments/"


@pytest.fixture
def member(client, reader):
    client.force_login(reader)
    return client


# What the rules find


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("You are an idiot.", "You are an idiot"),
        ("you m-o-r-o-n", "you m-o-r-o-n"),
        ("Yоu are an 1diot", "Yоu are an 1diot"),
        ("You people are liars", "You people are liars"),
        ("you complete and utter muppet", ""),
        ("You complete muppet!", "You complete muppet"),
        ("you *id*iot", "you idiot"),
        ("Oh shut up, Dave", "shut up"),
        ("you are so stupid", "you are so stupid"),
        ("The plan is idiotic.", ""),
        ("I was a fool.", ""),
        ("Are you a coward or a lion? asked the play", ""),
        ("you are not an idiot", ""),
        ("The liar was never found.", ""),
    ],
)
def test_insults_to_somebody_are_found_and_opinions_are_not(words, found):
    assert civility.insults(text.plain(text.render(words))) == ([found] if found else [])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("THE WALL WAS TOO LOW AND YOU KNEW", "THE WALL WAS TOO LOW AND YOU KNEW"),
        ("Ask NASA, the BBC and UNESCO", ""),
        ("So: WHO DID IT THEN, WHO PAID FOR IT? Nobody knows.", "WHO DID IT THEN, WHO PAID FOR IT"),
        ("THE WALL", ""),
        ("城壁は低すぎた 城壁は低すぎた 城壁は低すぎた 城壁は低すぎた 城壁は", ""),
    ],
)
def test_shouting_is_a_run_of_capitals(words, found):
    assert civility.shouting(words) == ([found] if found else [])


def test_desks_own_rules_for_asking_ask_and_hold_nothing(write, member, address, article):
    WordRule.objects.create(pattern="sheeple", action="prompt")
    assert civility.desk_words("Wake up, sh33ple!", rulebook.current()) == ["sh33ple"]
    comment = write("Wake up, sheeple!").submit()
    assert comment.is_visible
    assert not comment.findings.exists()
    answer = member.post(address, {"body": "Baa, sheeple."})
    assert "<mark>sheeple</mark>" in answer.text


@pytest.mark.parametrize("unit", ["you ", "you are ", "a.", "A B ", "ÄÖ ", "you so so so so "])
def test_hostile_text_is_read_quickly(unit, db):
    begun = time.monotonic()
    civility.remarks(text.render((unit * 5000)[:5000]), rulebook.current())
    assert time.monotonic() - begun < 1


# Asking


def test_author_is_asked_once_with_the_words_marked_and_the_text_in_the_field(
    member, address, article
):
    answer = member.post(address, {"body": RUDE})
    assert answer.status_code == 200
    assert "<mark>You are a complete idiot</mark>" in answer.text
    assert f"{RUDE}</textarea>" in answer.text
    assert "Post it anyway" in answer.text
    assert not article.comments.exists()
    assert counted() == {("insult", "shown"): 1}


def test_second_send_passes_and_is_counted_as_posted(member, address, article):
    answer = member.post(address, {"body": RUDE})
    sent = {"body": RUDE, "asked": asked_in(answer), "send": "anyway"}
    assert member.post(address, sent).status_code == 303
    assert article.comments.get().body == RUDE
    assert counted() == {("insult", "shown"): 1, ("insult", "posted"): 1}


def test_changed_text_passes_whatever_it_says_and_is_counted_as_edited(member, address, article):
    answer = member.post(address, {"body": RUDE})
    member.post(address, {"body": "You are a fool then.", "asked": asked_in(answer)})
    assert article.comments.get().body == "You are a fool then."
    assert counted() == {("insult", "shown"): 1, ("insult", "edited"): 1}


def test_cancelled_text_is_not_posted_and_counted(member, address, article):
    answer = member.post(address, {"body": RUDE})
    answer = member.post(address, {"body": RUDE, "asked": asked_in(answer), "cancel": "cancel"})
    assert answer.status_code == 303
    assert answer["Location"].endswith("#leave-reply")
    assert not article.comments.exists()
    assert counted() == {("insult", "shown"): 1, ("insult", "cancelled"): 1}


def test_cancelled_reply_in_place_leaves_nothing(member, make_comment):
    parent = make_comment()
    answer = member.post(
        f"/comments/{parent.pk}/reply/", {"body": RUDE}, headers={"HX-Request": "1"}
    )
    assert "You are a complete idiot" in answer.text
    sent = {"body": RUDE, "asked": asked_in(answer), "cancel": "cancel"}
    answer = member.post(f"/comments/{parent.pk}/reply/", sent, headers={"HX-Request": "1"})
    assert (answer.status_code, answer.content) == (200, b"")


def test_refused_text_is_not_counted_as_posted_and_its_author_not_asked_again(
    member, address, article
):
    answer = member.post(address, {"body": RUDE})
    WordRule.objects.create(pattern="wall", action="block")
    again = member.post(address, {"body": RUDE, "asked": asked_in(answer)})
    assert again.status_code == 422
    assert asked_in(answer) in again.text
    assert counted() == {("insult", "shown"): 1}


@pytest.mark.parametrize("asked", ["nonsense", "WyJpbnN1bHQiXQ:1abc:xyz", "1"])
def test_made_up_word_that_we_asked_is_none(member, address, article, asked):
    assert member.post(address, {"body": RUDE, "asked": asked}).status_code == 200
    assert not article.comments.exists()


def test_nobody_is_asked_where_the_setting_is_off(member, address, article, settings):
    settings.CIVILITY_PROMPT = False
    assert member.post(address, {"body": RUDE}).status_code == 303
    assert counted() == {}


def test_preview_and_friendly_words_ask_nothing(member, address):
    member.post(address, {"body": RUDE, "preview": "1"})
    member.post(address, {"body": "I think you are right."})
    assert counted() == {}


def test_forged_form_counts_nothing(address, reader):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(reader)
    assert browser.post(address, {"body": RUDE}).status_code == 403
    assert counted() == {}


def test_visitor_is_asked_beside_the_log_in_and_counted_once_they_go_on(client, address):
    answer = client.post(address, {"body": RUDE})
    assert "<mark>You are a complete idiot</mark>" in answer.text
    assert "Log in and post it" in answer.text
    assert counted() == {}
    client.post(address, {"body": "Kinder.", "asked": asked_in(answer), "then": "login"})
    assert counted() == {("insult", "shown"): 1, ("insult", "edited"): 1}


# Counting


def test_counts_are_a_row_a_day_and_rule_without_words(db, time_machine):
    civility.count(["insult", "shouting"], PromptCount.Outcome.SHOWN)
    civility.count(["insult"], PromptCount.Outcome.SHOWN)
    time_machine.move_to(timezone.now() + datetime.timedelta(days=1))
    civility.count(["insult"], PromptCount.Outcome.SHOWN)
    assert sorted(PromptCount.objects.values_list("rule", "count")) == [
        ("insult", 1), ("insult", 2), ("shouting", 1),
    ]  # fmt: skip


def test_desk_reads_the_counts_and_nobody_changes_them(client, moderator, reporter):
    PromptCount.add("insult", PromptCount.Outcome.SHOWN)
    PromptCount.add("insult", PromptCount.Outcome.SHOWN)
    PromptCount.add("insult", PromptCount.Outcome.EDITED)
    client.force_login(moderator)
    page = client.get("/admin/comments/promptcount/").text
    assert "50 %" in page
    assert client.get("/admin/comments/promptcount/add/").status_code == 403
    client.force_login(reporter)
    assert client.get("/admin/comments/promptcount/").status_code == 403


def test_comment_posted_anyway_is_a_comment_like_any(member, address, article):
    answer = member.post(address, {"body": RUDE})
    member.post(address, {"body": RUDE, "asked": asked_in(answer)})
    assert article.comments.get().status == Comment.Status.APPROVED
