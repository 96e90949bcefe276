"""The front page put in order in a real browser: by dragging, and by buttons without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People

pytestmark = pytest.mark.browser
FRONT = "/admin/articles/slot/front/culture/"


def order(page: Page) -> list[str]:
    return page.locator(".order-headline").all_inner_texts()


@pytest.fixture(autouse=True)
def as_it_was(people: People):
    """Nothing stays pinned for the tests after."""
    yield
    page = people.logged_in("editor")
    page.goto(FRONT)
    while page.locator("button[name=unpin]").count():
        page.locator("button[name=unpin]").first.click()
        page.wait_for_load_state()


def test_story_is_dragged_by_its_picture_to_another_place(people):
    page = people.logged_in("editor")
    page.goto(FRONT)
    before = order(page)
    handle = page.locator(".order-row .order-picture")
    with page.expect_navigation():
        handle.nth(3).drag_to(handle.nth(1), target_position={"x": 5, "y": 2})
    expect(page.locator(".messagelist")).to_contain_text("Readers see it now")
    assert order(page) == [before[0], before[3], before[1], before[2], *before[4:]]
    assert page.locator(".order-row.is-pinned").count() == 1
    # Let go where it was: nothing is sent, nothing is pinned.
    handle.nth(2).drag_to(handle.nth(2), target_position={"x": 5, "y": 2})
    page.wait_for_timeout(300)
    page.reload()
    assert page.locator(".order-row.is-pinned").count() == 1


def test_all_of_it_goes_without_javascript_and_by_keys(people):
    page = people.logged_in("editor", javascript=False)
    page.goto(FRONT)
    before = order(page)
    page.get_by_role("button", name=f"Move “{before[2]}” Up").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert order(page)[:3] == [before[0], before[2], before[1]]
    page.get_by_label(f"Place of “{before[4]}”").fill("1")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # saves the numbers, and presses no other button
    assert order(page)[:4] == [before[4], before[0], before[2], before[1]]
    page.get_by_role("searchbox").fill("tram")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_label("At place").select_option("2")
    with page.expect_navigation():
        page.get_by_role("button", name="Pin “Tram line 2").click()
    assert order(page)[1].startswith("Tram line 2")


def test_search_answers_as_one_types(people):
    page = people.logged_in("editor")
    page.goto(FRONT)
    page.get_by_role("searchbox").press_sequentially("time capsule")
    expect(page.locator(".front-found")).to_contain_text("comes on")


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_desk_fits_every_screen(people, width):
    page = people.logged_in("editor", width=width)
    for address in (FRONT, "/admin/articles/slot/preview/", "/admin/articles/series/1/change/"):
        page.goto(address)
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), address
