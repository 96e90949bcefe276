"""Taking part in the browser: respect, mute, report, follow, and what one is told."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import People, Site
from tests.browser.test_reading import TRAM, both_ways
from tests.browser.test_writing import new_words, said

pytestmark = pytest.mark.browser

BELLS, RENTS, FLOOD = "opinion-let-the-bells", "ropewalk-rents", "flood-insurance"


def test_respect_is_given_and_taken_back_in_place(people: People):
    page = people.logged_in("reader")
    people.open(page, "starlings-move-roost")
    nod = page.locator("button.respect").nth(1)
    count = nod.locator(".count")
    before, was = int(count.inner_text()), nod.get_attribute("aria-pressed")
    step = -1 if was == "true" else 1
    nod.focus()
    for expected in (before + step, before):
        page.wait_for_timeout(600)  # a second press at once is half of a double click
        nod.press("Enter")
        expect(count).to_have_text(str(expected))
        expect(nod).to_be_focused()
    expect(nod).to_have_attribute("aria-pressed", str(was))


def test_respect_is_given_and_taken_back_without_javascript(people: People):
    page = people.logged_in("reader", javascript=False)
    people.open(page, "starlings-move-roost")
    for _ in range(2):
        nod = page.locator("button.respect").first
        was = nod.get_attribute("aria-pressed")
        nod.click()
        page.wait_for_url("**#comment-*")
        nod = page.locator("button.respect").first
        expect(nod).to_have_attribute("aria-pressed", "false" if was == "true" else "true")


@both_ways
def test_a_reader_is_muted_from_a_comment_and_heard_again(people: People, javascript):
    page = people.logged_in("reader", javascript=javascript)
    path = people.open(page, RENTS)
    words = "Artists move in because it's cheap"
    own = said(page, words)
    own.locator(".more-actions summary").first.click()
    own.get_by_role("link", name=re.compile("^Mute")).first.click()
    page.wait_for_url("**/mute/**")
    expect(page.locator("main")).to_contain_text("They are not told")
    page.get_by_role("button", name="Mute", exact=True).click()
    page.wait_for_load_state()
    page.goto(path)
    expect(page.get_by_text(words)).to_be_hidden()
    expect(page.get_by_text("We are not artists, most of us")).to_be_hidden()
    page.goto("/account/muted/")
    page.get_by_role("button", name=re.compile("^Unmute.*Keith from Tar Lane")).click()
    page.wait_for_load_state()
    page.goto(path)
    expect(page.get_by_text(words)).to_be_visible()


def test_a_menu_closes_with_escape_and_gives_the_focus_back(people: People):
    page = people.logged_in("reader")
    people.open(page, RENTS)
    summary = page.locator(".more-actions summary").nth(1)
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".more-actions .menu").nth(1)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    expect(page.locator(".more-actions .menu").nth(1)).to_be_hidden()


@both_ways
def test_a_report_is_taken_once_and_answered(people: People, javascript):
    page = people.logged_in("reader", javascript=javascript)
    words = "Not the words, you couldn't get the words" if javascript else "Has anyone recorded it"
    people.open(page, "fish-quay-auction")
    own = said(page, words)
    own.locator(".more-actions summary").first.click()
    own.get_by_role("link", name="Report").first.click()
    page.wait_for_url("**/report/")
    page.get_by_label("It is not about the story").check()
    page.locator("[name=note]").fill(new_words("A note to the desk"))
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator(".note")).to_contain_text("The desk has your report")
    page.goto(page.url)
    expect(page.get_by_role("button", name="Send the report")).to_have_count(0)

    moderator = people.logged_in("moderator", javascript=javascript)
    moderator.goto("/admin/comments/comment/desk/?queue=reported")
    card = moderator.locator(".card", has_text=words)
    for _ in range(5):
        if card.count():
            break
        moderator.click("a[rel=next]")
        moderator.wait_for_load_state()
    card.locator("button[value=approve]").click()
    expect(moderator.locator(".card", has_text=words)).to_have_count(0)
    page.goto("/account/notifications/")
    expect(page.locator(".notice").first).to_contain_text("The comment you reported")
    expect(page.locator(".notice").first).to_contain_text("stays")


@both_ways
def test_a_story_and_a_thread_are_followed_and_left_again(people: People, javascript):
    page = people.logged_in("reader", javascript=javascript)
    path = people.open(page, FLOOD)
    story, thread = page.locator(".follow-story"), page.locator("ol.threads .follow").first
    for button, before, after in (
        (story, "Follow this story", "Following this story"),
        (thread, "Follow thread", "Following thread"),
    ):
        expect(button).to_have_text(before)
        button.click()
        page.wait_for_load_state()
        if not javascript:
            page.goto(path)
        expect(button).to_contain_text(after)
        if javascript:
            expect(button).to_be_focused()
    page.goto("/account/followed/")
    rows = page.locator(".rows > li", has_text="One house, six postcodes")
    expect(rows).to_have_count(2)
    for left in (1, 0):
        rows.first.get_by_role("button").click()
        expect(rows).to_have_count(left)


@both_ways
def test_an_answer_is_a_notice_a_number_in_the_masthead_and_a_mail_that_can_be_stopped(
    people: People, site: Site, javascript
):
    page = people.logged_in("reader", javascript=javascript)
    path = site.story("the-last-rope-maker")
    question = people.say(page, new_words("Who breaks it the first time"), under=path)
    answer = new_words("The one who says that it is not cold")
    page.goto("/account/notifications/")
    if page.get_by_role("button", name="Mark all as read").count():
        page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".masthead-notices")).to_have_count(0)
    people.say(people.logged_in("reporter"), answer, under=path, answering=question)
    page.goto("/")
    expect(page.locator(".masthead-notices")).to_contain_text("1 notice")
    page.locator(".masthead-notices").click()
    notice = page.locator(".notice").first
    expect(notice).to_have_class(re.compile("is-unread"))
    expect(notice).to_contain_text("of the newsroom, answered you")
    notice.get_by_role("link").click()
    page.wait_for_url("**/comments/*/#comment-*")
    expect(said(page, answer)).to_be_in_viewport()
    page.goto("/account/notifications/")
    expect(page.locator(".notice").first).not_to_have_class(re.compile("is-unread"))

    mail = site.mail_to("reader@pellworth.example", saying=answer.split(",")[0])
    link = re.search(r"https?://[^/]+(/mail/stop/\S+)", mail)
    assert link
    anybody = people.stranger(javascript=javascript)
    anybody.goto(link[1])
    anybody.get_by_role("button", name="Stop these mails").click()
    expect(anybody.locator("h1")).to_have_text("Stopped")
    page.goto("/account/notifications/mail/")
    kind = page.locator(".mail-choice", has_text="The newsroom answers you")
    expect(kind.locator("input:checked")).to_have_attribute("value", "off")
    anybody.get_by_role("button", name=re.compile("Undo")).click()
    expect(anybody.locator("h1")).to_have_text("These mails come again")


def test_what_was_said_as_a_guest_is_claimed(people: People, site: Site):
    page = people.logged_in("reader", javascript=False)
    page.goto("/account/comments/")
    claims = page.locator(".claims")
    expect(claims).to_contain_text("3 comments were written here under your address")
    claims.locator("summary").click()
    claims.get_by_role("checkbox").nth(0).uncheck()
    claims.get_by_role("button", name="Only what is ticked is mine").click()
    expect(page.locator(".claims")).to_contain_text("1 comment was")
    page.locator(".claims").get_by_role("button", name="It is mine").click()
    expect(page.locator(".claims")).to_have_count(0)
    page.goto(site.story("mayor-answers"))
    mine = said(page, "Hers was the one about the ribbon")
    expect(mine.locator("header")).to_contain_text("Robin Ashdown")
    expect(mine.locator(".badge.guest")).to_have_count(0)


def test_held_words_stand_in_their_place_with_the_usual_wait(people: People, site: Site):
    page = people.logged_in("reader")
    beginning = f"The agenda of {uuid.uuid4().hex[:10]}"
    links = "https://agenda.example and https://minutes.example"
    story = site.story(TRAM)
    people.say(page, f"{beginning} is at {links}.", story)
    page.goto(f"{story}?order=newest")
    held = page.locator(".is-held", has_text=beginning)
    expect(held.locator(".waiting")).to_contain_text(re.compile("Waiting for a moderator, usually"))
    stranger = people.stranger()
    stranger.goto(f"{story}?order=newest")
    expect(stranger.get_by_text(beginning)).to_have_count(0)
    page.goto("/account/comments/?show=waiting")
    expect(page.locator(".own.is-pending", has_text=beginning)).to_contain_text("Why it waits")
    page.goto("/account/comments/?show=refused")
    refused = page.locator(".own.is-rejected", has_text="does anybody want a drum kit")
    expect(refused).to_contain_text("small ads")


@both_ways
def test_an_editor_picks_a_comment_with_a_reason_and_takes_it_back(people: People, javascript):
    page = people.logged_in("editor", javascript=javascript)
    path = people.open(page, "brass-band-loses")
    own = said(page, "What key does it float in")
    own.locator(".more-actions summary").first.click()
    own.get_by_role("link", name="Pick").first.click()
    page.wait_for_url("**/pick/")
    reason = f"The right question {uuid.uuid4().hex[:6]}"
    page.locator("[name=reason], [name=pick_reason]").first.fill(reason)
    page.get_by_role("button", name="Pick it").click()
    page.wait_for_load_state()
    stranger = people.stranger(javascript=javascript)
    stranger.goto(path)
    expect(said(stranger, "What key does it float in").locator(".pick-reason")).to_contain_text(
        reason
    )
    pick = said(stranger, "What key does it float in").locator("a.number").get_attribute("href")
    assert pick
    page.goto(f"{pick.partition('?')[0]}pick/")
    page.get_by_role("button", name="Take the pick back").click()
    page.wait_for_load_state()
    stranger.goto(path)
    expect(stranger.get_by_text(reason)).to_have_count(0)
