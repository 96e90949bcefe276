"""A story on paper, read without a script, and reported from where it is read: in the browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import REFERENCE, People

pytestmark = pytest.mark.browser

HIDDEN_ON_PAPER = [
    ".masthead-tools", ".masthead-sections", ".footer", "form", ".conversation", ".related",
    ".report-error", ".skip",
]  # fmt: skip


def on_paper(page: Page) -> Page:
    page.emulate_media(media="print")
    return page


def test_paper_carries_the_story_its_credits_and_its_address(people: People):
    page = people.stranger()
    page.goto(REFERENCE)
    title = page.locator("h1").inner_text()
    on_paper(page)
    for shown in (".masthead-name", "h1", ".byline", ".lead img", ".lead .credit", ".body",
                  ".posted", ".print-address"):  # fmt: skip
        expect(page.locator(shown).first).to_be_visible()
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator(".print-address")).to_have_text(f"{people.site.url}{REFERENCE}")
    for hidden in HIDDEN_ON_PAPER:
        for one in page.locator(hidden).all():
            expect(one).to_be_hidden()


def test_paper_is_white_even_for_who_reads_in_the_dark(people: People):
    page = people.stranger(scheme="dark")
    page.goto(REFERENCE)
    on_paper(page)
    ink = page.evaluate("getComputedStyle(document.querySelector('.body p')).color")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ink == "rgb(0, 0, 0)"
    assert paper == "rgb(255, 255, 255)"


def test_links_say_on_paper_where_they_lead(people: People):
    page = people.stranger()
    page.goto(REFERENCE)
    on_paper(page)
    link = page.locator('.article a[rel="external"]').first
    said = link.evaluate("one => getComputedStyle(one, '::after').content")
    assert "http" in said


def test_printed_story_is_a_few_pages(people: People):
    page = people.stranger()
    page.goto(REFERENCE)
    written = page.pdf(format="A4")
    pages = len(re.findall(rb"/Type\s*/Page[^s]", written))
    assert 1 <= pages <= 5


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_error_is_reported_with_and_without_a_script(people: People, javascript):
    page = people.stranger(javascript=javascript)
    page.goto(REFERENCE)
    page.get_by_role("link", name="Report an error").click()
    page.wait_for_url("**/report-an-error/")
    page.get_by_label("What is wrong").fill("It was not the first time.")
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_url("**/errors/E-*/")
    expect(page.locator("h1")).to_have_text(re.compile(r"Report E-\w{8}"))
    expect(page.locator("main")).to_contain_text("with the desk")


def test_selected_passage_goes_into_the_form(people: People):
    page = people.stranger()
    page.goto(REFERENCE)
    link = page.get_by_role("link", name="Report an error here")
    expect(link).to_be_hidden()
    passage = page.locator(".body > p").nth(1)
    words = " ".join(passage.inner_text().split())
    passage.evaluate("one => getSelection().selectAllChildren(one)")
    expect(link).to_be_visible()
    link.click()
    page.wait_for_url("**/report-an-error/?quote=*")
    expect(page.get_by_label("The passage")).to_have_value(words[:1000])


def test_link_beside_the_selection_leaves_with_it(people: People):
    page = people.stranger()
    page.goto(REFERENCE)
    link = page.get_by_role("link", name="Report an error here")
    page.locator(".body > p").nth(1).evaluate("one => getSelection().selectAllChildren(one)")
    expect(link).to_be_visible()
    page.evaluate("getSelection().removeAllRanges()")
    expect(link).to_be_hidden()
    # What is selected elsewhere is none of the story's words.
    page.locator(".masthead-name").evaluate("one => getSelection().selectAllChildren(one)")
    page.wait_for_timeout(400)
    expect(link).to_be_hidden()


READ = ["/", "/sections/town/", REFERENCE, "/corrections/", "/search/?q=river", "/2024/01/",
        f"{REFERENCE}versions/", f"{REFERENCE}report-an-error/"]  # fmt: skip


@pytest.mark.parametrize("path", READ)
def test_page_is_whole_without_a_script_and_asks_nobody_else(people: People, path):
    # Requests to others and words in the console fail the test: see ``people``.
    for javascript in (True, False):
        page = people.stranger(javascript=javascript)
        answer = page.goto(path, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200
        expect(page.locator("main h1").first).to_be_visible()
        expect(page.locator(".footer-zone")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", [READ[0], REFERENCE])
def test_every_time_says_its_offset_or_is_a_day(people: People, path):
    page = people.stranger()
    page.goto(path)
    times = page.locator("time").evaluate_all("all => all.map(one => one.getAttribute('datetime'))")
    assert times
    known = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d[+-]\d\d:\d\d)?")
    assert [one for one in times if not known.fullmatch(one)] == []
