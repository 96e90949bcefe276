"""The article desk in the browser: its first page, the list, and what the story's form says."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.test_reading import both_ways

pytestmark = pytest.mark.browser

ADD = "/admin/articles/article/add/"


def does_not_overflow(page: Page) -> bool:
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


@both_ways
def test_the_desk_leads_to_a_story_and_narrows_the_list(people: People, javascript):
    page = people.logged_in("editor", javascript=javascript)
    page.goto("/admin/")
    expect(page.get_by_role("heading", name="In review")).to_be_visible()
    expect(page.locator(".hours .now")).to_contain_text("Now")
    page.get_by_role("link", name="All stories").click()
    page.get_by_label("State").select_option("scheduled")
    page.get_by_role("button", name="Show").click()
    states = page.locator("#result_list .field-state")
    expect(states.first).to_have_text("Scheduled")
    assert set(states.all_inner_texts()) == {"Scheduled"}


@pytest.mark.parametrize("width", [390, 820, 1024, 1280])
def test_the_desk_fits_phones_and_tablets(people: People, width):
    page = people.logged_in("editor", width=width)
    for path in ("/admin/", "/admin/articles/article/", "/admin/articles/article/calendar/"):
        page.goto(path)
        assert does_not_overflow(page), path


def test_the_form_counts_words_and_warns_of_a_long_headline(people: People):
    page = people.logged_in("editor")
    page.goto(ADD)
    counts = page.locator("[data-counts]")
    expect(counts).to_contain_text("Nothing to read yet")
    page.locator(".ProseMirror").click()
    page.keyboard.type("The river rose at four.")
    expect(counts).to_contain_text("5 words, 1 min to read")
    page.fill("#id_headline", "x" * 111)
    expect(page.locator(".field-headline .counts")).to_have_text(
        "111 characters. Search engines cut a headline at 110."
    )


def test_leaving_with_typed_words_is_asked_about_and_saving_by_key_is_not(people: People):
    page = people.logged_in("editor")
    page.goto(ADD)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.fill("#id_headline", "The weir holds, says nobody")
    page.get_by_role("link", name="Home").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith(ADD)
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    expect(page.locator(".messagelist")).to_have_text("Saved as a draft. Only the desk sees it.")
    page.goto("/admin/")
    assert asked == ["beforeunload"]
    expect(page.get_by_role("link", name="The weir holds").first).to_be_visible()


def test_a_link_to_what_is_missing_opens_and_focuses_its_field(people: People):
    page = people.logged_in("editor")
    page.goto("/admin/articles/article/")
    story = page.locator("#result_list .field-story a").first.get_attribute("href")
    page.goto(f"{story}#id_expires_at")
    expect(page.locator("#id_expires_at")).to_be_focused()
