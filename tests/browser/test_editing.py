"""A story's life in the browser: written, read, scheduled, published, corrected, withdrawn."""

import datetime
import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.test_reading import both_ways

pytestmark = pytest.mark.browser

ADD = "/admin/articles/article/add/"
SAID = ".messagelist"


def write(page: Page, headline: str, text: str) -> str:
    """Write a story and save it. Returns the address of its form."""
    page.goto(ADD)
    page.fill("#id_headline", headline)
    page.fill("#id_standfirst", "What the council says about it.")
    page.select_option("#id_section", index=1)
    editor = page.get_by_role("textbox", name="Text", exact=True)
    if editor.count() and editor.first.evaluate("e => e.isContentEditable"):
        editor.first.click()
        page.keyboard.type(text)
    else:
        page.fill("#id_body", f"<p>{text}</p>")
    page.click("input[name=_continue]")
    page.wait_for_url("**/change/")
    return re.sub(r"\?.*", "", page.url)


def press(page: Page, button: str) -> None:
    page.click(f"[name={button}]")
    expect(page.locator(SAID)).to_be_visible()


def open_step(page: Page, words: str) -> None:
    page.locator(".submit-row summary", has_text=words).click()


@both_ways
def test_a_story_goes_from_its_writer_to_readers_and_is_withdrawn(people: People, javascript):
    headline = f"The ferry gets a second ramp {uuid.uuid4().hex[:6]}"
    reporter = people.logged_in("reporter", javascript=javascript)
    form = write(reporter, headline, "The council voted nine to two.")
    expect(reporter.locator("[name=_publish]")).to_have_count(0)
    press(reporter, "_submit")
    expect(reporter.locator(SAID)).to_contain_text("Handed in")
    # Handed in, it is the editors'.
    expect(reporter.locator("#id_headline")).to_have_count(0)

    editor = people.logged_in("editor", javascript=javascript)
    editor.goto(form)
    open_step(editor, "Return")
    editor.fill("#id_return_note", "Who voted against it?")
    press(editor, "_return")
    reporter.goto(form)
    expect(reporter.locator("body")).to_contain_text("Who voted against it?")
    press(reporter, "_submit")
    editor.goto(form)
    press(editor, "_ready")

    # Scheduled, it is nowhere; unscheduled and published, it is.
    open_step(editor, "Schedule")
    later = datetime.datetime.now() + datetime.timedelta(days=2)
    editor.fill("#id_publish_at", later.strftime("%Y-%m-%dT%H:%M"))
    press(editor, "_schedule")
    expect(editor.locator(SAID)).to_contain_text("Scheduled for")
    reader = people.stranger(javascript=javascript)
    reader.goto("/")
    expect(reader.locator("body")).not_to_contain_text(headline)
    press(editor, "_publish")
    reader.goto("/")
    reader.get_by_role("link", name=headline).first.click()
    expect(reader.locator("h1")).to_have_text(headline)
    address = reader.url

    # Corrected, for everybody to see.
    kind = editor.locator("select[name=corrections-0-kind]")
    kind.select_option("correction")
    editor.fill("textarea[name=corrections-0-text]", "Ten councillors voted for it, not nine.")
    editor.click("input[name=_continue]")
    reader.goto(address)
    expect(reader.locator(".corrections")).to_contain_text("Correction")
    expect(reader.locator(".corrections")).to_contain_text("Ten councillors")
    reader.goto("/corrections/")
    expect(reader.locator("main")).to_contain_text("Ten councillors")

    # Withdrawn, with a notice where it stood.
    open_step(editor, "Withdraw")
    editor.fill("#id_withdrawal_notice", "We are checking what was voted on.")
    press(editor, "_withdraw")
    reader.goto(address)
    expect(reader.locator("main")).to_contain_text("We are checking what was voted on.")
    expect(reader.locator("main")).not_to_contain_text("nine to two")
    reader.goto("/")
    expect(reader.locator("body")).not_to_contain_text(headline)

    # And killed, nowhere at all.
    editor.goto(form)
    open_step(editor, "Kill")
    editor.fill("#id_kill_reason", "The council’s lawyers asked.")
    press(editor, "_kill")
    answer = reader.goto(address)
    assert answer is not None
    assert answer.status == 410
    expect(reader.locator("body")).not_to_contain_text(headline)


def test_a_note_box_is_made_in_the_editor_and_stands_in_the_story(people: People):
    reporter = people.logged_in("reporter")
    write(reporter, f"What a weir is {uuid.uuid4().hex[:6]}", "A weir holds water back.")
    reporter.get_by_role("textbox", name="Text", exact=True).click()
    reporter.get_by_role("button", name="Box beside the story").click()
    reporter.click("input[name=_continue]")
    expect(reporter.locator(SAID)).to_be_visible()
    kept = reporter.locator("#id_body").input_value()
    assert kept == "<aside><p>A weir holds water back.</p></aside>"
    # And it is taken up again by the same button.
    expect(reporter.locator(".story-text aside")).to_have_text("A weir holds water back.")
    reporter.get_by_role("textbox", name="Text", exact=True).click()
    reporter.get_by_role("button", name="Box beside the story").click()
    assert reporter.locator("#id_body").input_value() == "<p>A weir holds water back.</p>"


def test_a_story_that_lacks_something_says_what_and_where(people: People):
    editor = people.logged_in("editor")
    form = write(editor, f"Nobody wrote this {uuid.uuid4().hex[:6]}", "A line.")
    expect(editor.locator(".standing .lacks")).to_contain_text("byline")
    press(editor, "_publish")
    expect(editor.locator(SAID)).to_contain_text("Saved, but not published")
    expect(editor.locator(SAID)).to_contain_text("byline")
    assert editor.url.startswith(form)
