"""Two editors at one story, a browser that crashes, and a connection that goes."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People

pytestmark = pytest.mark.browser

ADD = "/admin/articles/article/add/"
KEPT = re.compile(r"Kept \d\d:\d\d:\d\d")


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator(name).click()


def write(page: Page, *paragraphs: str) -> None:
    """Type paragraphs at the end of the text."""
    page.locator(".ProseMirror").click()
    page.keyboard.press("Control+End")
    for number, words in enumerate(paragraphs):
        if number:
            page.keyboard.press("Enter")
        page.keyboard.type(words)


def begin(page: Page, headline: str, *paragraphs: str) -> str:
    """Save a new story. Returns the address of its form."""
    page.goto(ADD)
    page.fill("#id_headline", headline)
    write(page, *paragraphs)
    press(page, "input[name=_continue]")
    expect(page.locator("#id_headline")).to_have_value(headline)
    return page.url.partition("?")[0]


def headline(beginning: str) -> str:
    return f"{beginning} {uuid.uuid4().hex[:8]}"


def test_what_was_typed_is_found_again_after_a_crash(people: People):
    page = people.logged_in("editor")
    said = headline("The ferry waits")
    page.goto(ADD)
    page.fill("#id_headline", said)
    write(page, "The ferry lay at the slip.", "Nobody knew why.")
    expect(page.locator(".kept").first).to_have_text(KEPT)
    # As a crash does: no farewell, and another tab.
    other = page.context.new_page()
    page.close(run_before_unload=False)
    other.goto(ADD)
    banner = other.locator("[data-unsaved]")
    expect(banner).to_contain_text(said)
    with other.expect_navigation():
        banner.get_by_role("link", name="Continue with it").click()
    expect(other.locator("#id_headline")).to_have_value(said)
    expect(other.locator(".ProseMirror p")).to_have_text(
        ["The ferry lay at the slip.", "Nobody knew why."]
    )
    press(other, "input[name=_continue]")
    other.goto(ADD)
    expect(other.locator("[data-unsaved]")).to_have_count(0)
    expect(other.locator("#on-this-device")).to_be_hidden()


def test_without_a_connection_words_stay_on_the_device_and_go_with_the_save(people: People):
    page = people.logged_in("editor")
    url = begin(page, headline("Rain at the quay"), "It rained.")
    page.context.set_offline(True)
    page.fill("#id_standfirst", "It rained and nobody minded.")
    trouble = page.locator(".kept.trouble")
    expect(trouble).to_contain_text("Not kept: no connection. Your words are kept on this device.")
    other = page.context.new_page()
    page.close(run_before_unload=False)
    other.context.set_offline(False)
    other.goto(url)
    banner = other.locator("#on-this-device")
    expect(banner).to_be_visible()
    expect(other.locator("#id_standfirst")).to_have_value("")
    with other.expect_navigation():
        banner.get_by_role("button", name="Continue with it").click()
    expect(other.locator("#id_standfirst")).to_have_value("It rained and nobody minded.")
    press(other, "input[name=_continue]")
    other.goto(url)
    expect(banner).to_be_hidden()
    expect(other.locator("#id_standfirst")).to_have_value("It rained and nobody minded.")
    kept = other.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('article:'))")
    assert kept == []


def test_whoever_is_logged_out_keeps_their_words_and_goes_on_after_logging_in(people: People):
    page = people.stranger()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "editor")
    page.fill("input[name=password]", "newsroom-demo")
    press(page, "main form button[type=submit]")
    session = page.context.cookies()
    begin(page, headline("A long shift"), "It was long.")
    page.context.clear_cookies()
    page.fill("#id_standfirst", "Longer than the session.")
    trouble = page.locator(".kept.trouble")
    expect(trouble).to_contain_text("You were logged out.")
    expect(trouble).to_contain_text("Your words are kept on this device.")
    page.context.add_cookies(session)  # as after a log-in in another tab
    page.fill("#id_standfirst", "Longer than any session.")
    expect(page.locator(".kept").first).to_have_text(KEPT, timeout=15_000)
    press(page, "input[name=_continue]")
    expect(page.locator("#id_standfirst")).to_have_value("Longer than any session.")


def test_two_editors_at_once_lose_nothing(people: People):
    ada, bo = people.logged_in("editor"), people.logged_in("admin")
    said = headline("The tide turns")
    url = begin(ada, said, "One.", "Two.", "Three.")
    bo.goto(url)
    expect(bo.locator("[data-here]")).to_contain_text("has this open since")
    write(ada, " By Ada.")
    bo.locator(".ProseMirror p").first.click()
    bo.keyboard.press("End")
    bo.keyboard.type(" By Bo.")
    bo.fill("#id_standfirst", "Bo was first.")
    press(bo, "input[name=_continue]")

    press(ada, "input[name=_continue]")
    stale = ada.locator(".stale")
    expect(stale).to_contain_text("saved this story at")
    expect(ada.locator("#stale-heading")).to_be_focused()
    expect(stale).to_contain_text("You changed different paragraphs: they fit together.")
    expect(stale.locator(".of-text .side-row").nth(1)).to_contain_text("By Bo")
    expect(ada.locator(".ProseMirror p")).to_have_text(["One.", "Two.", "Three. By Ada."])
    press(ada, "button[name=_merge]")
    expect(ada.locator("#held")).to_contain_text("not saved yet")
    both = ["One. By Bo.", "Two.", "Three. By Ada."]
    expect(ada.locator(".ProseMirror p")).to_have_text(both)
    expect(ada.locator("#id_standfirst")).to_have_value("Bo was first.")
    press(ada, "input[name=_continue]")
    ada.goto(url)
    expect(ada.locator(".ProseMirror p")).to_have_text(both)

    ada.get_by_role("link", name="Revisions").click()
    expect(ada.locator(".revisions tbody tr")).to_have_count(3)
    ada.locator("input[name=old]").last.check()
    press(ada, "text=Compare the two")
    expect(ada.locator(".changes ins")).to_have_count(3)


def test_two_editors_at_once_lose_nothing_without_javascript(people: People):
    ada = people.logged_in("editor", javascript=False)
    bo = people.logged_in("admin", javascript=False)
    ada.goto(ADD)
    ada.fill("#id_headline", headline("Plain as paper"))
    ada.fill("#id_body", "<p>One.</p><p>Two.</p>")
    press(ada, "input[name=_continue]")
    url = ada.url
    bo.goto(url)
    ada.fill("#id_body", "<p>One.</p><p>Two, by Ada.</p>")
    bo.fill("#id_body", "<p>One, by Bo.</p><p>Two.</p>")
    press(bo, "input[name=_continue]")
    press(ada, "input[name=_continue]")
    expect(ada.locator("#id_body")).to_have_value("<p>One.</p><p>Two, by Ada.</p>")
    press(ada, "button[name=_merge]")
    expect(ada.locator("#id_body")).to_have_value("<p>One, by Bo.</p><p>Two, by Ada.</p>")
    press(ada, "input[name=_continue]")
    expect(ada.locator(".stale")).to_have_count(0)
    expect(ada.locator("#id_body")).to_have_value("<p>One, by Bo.</p><p>Two, by Ada.</p>")


def test_a_story_taken_over_is_told_to_whoever_had_it_and_leaving_is_noticed(people: People):
    ada, bo = people.logged_in("editor"), people.logged_in("admin")
    ada.clock.install()
    url = begin(ada, headline("Whose story"), "Mine.")
    bo.goto(url)
    press(bo, "text=Take over")
    expect(bo.locator(".messagelist")).to_contain_text("You took it over from")
    ada.clock.run_for(21_000)
    expect(ada.locator("#taken")).to_contain_text("took this over at")
    expect(ada.locator("#here")).to_contain_text("has this open since")
    bo.goto("/admin/")
    ada.clock.run_for(21_000)
    expect(ada.locator("#here")).to_be_hidden()


def test_a_preview_is_made_in_the_form_opened_by_a_stranger_and_ended(people: People):
    page = people.logged_in("editor")
    said = headline("Not for everybody yet")
    begin(page, said, "Soon.")
    panel = page.locator("#preview-links")
    panel.get_by_label("For whom").fill("the harbour master")
    panel.get_by_role("button", name="Make a link").click()
    expect(panel.locator(".said")).to_be_focused()
    link = panel.locator("[data-copy]").input_value()
    stranger = people.stranger()
    stranger.goto(link)
    expect(stranger.locator("h1")).to_have_text(said)
    expect(stranger.locator(".preview")).to_contain_text("For the harbour master")
    panel.get_by_role("button", name="End it").click()
    expect(panel.locator(".said")).to_contain_text("The link is ended")
    answer = stranger.goto(link)
    assert answer is not None
    assert answer.status == 410
    expect(stranger.locator("h1")).to_have_text("This preview has ended")
