"""Reading a conversation in the browser: with JavaScript, and without it."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People

pytestmark = pytest.mark.browser

both_ways = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])


TRAM, GAUGE = "tram-line-2", "what-the-tide-gauge"


def numbers(page: Page) -> list[int]:
    """Return the numbers of the threads' first comments, as they stand."""
    words = page.locator("ol.threads > li > article > header .number").all_inner_texts()
    return [int(word.lstrip("#")) for word in words]


def comment(page: Page, words: str):
    return page.locator("li.comment > article, li.comment > details > article").filter(
        has_text=words
    )


def is_in_view(page: Page, selector: str) -> bool:
    return page.evaluate(
        "selector => { const box = document.querySelector(selector).getBoundingClientRect();"
        " return box.top < innerHeight && box.bottom > 0; }",
        selector,
    )


@both_ways
def test_orders_are_links_that_explain_themselves_and_stay_in_the_address(
    people: People, javascript
):
    page = people.stranger(javascript=javascript)
    people.open(page, TRAM)
    assert numbers(page) == sorted(numbers(page))
    orders = page.locator(".orders")
    orders.get_by_role("link", name="Newest").click()
    page.wait_for_url("**?order=newest#comments")
    assert numbers(page) == sorted(numbers(page), reverse=True)
    expect(orders.locator("[aria-current]")).to_have_text("Newest")
    expect(page.locator(".order-meaning")).not_to_be_empty()
    page.get_by_role("link", name="More threads").click()
    page.wait_for_url(re.compile(r"order=newest&after=\d+#comments"))
    assert numbers(page) == sorted(numbers(page), reverse=True)

    orders.get_by_role("link", name="Respected").click()
    page.wait_for_url("**?order=respected#comments")
    counts = page.locator("ol.threads > li > article .respect .count").all_inner_texts()
    respect = [int(count) for count in counts]
    assert respect == sorted(respect, reverse=True)
    orders.get_by_role("link", name="Picks").click()
    page.wait_for_url("**?order=picks#comments")
    assert page.locator("ol.threads > li").first.locator(".badge.pick").count()


@both_ways
def test_permalink_shows_what_is_answered_above_and_leads_back_to_its_place(
    people: People, javascript
):
    page = people.stranger(javascript=javascript)
    path = people.open(page, TRAM)
    deep = comment(page, "I'd have framed it").first
    anchor = deep.locator("xpath=..").get_attribute("id")
    deep.locator("a.number").click()
    page.wait_for_url("**/comments/*/**")
    expect(page.locator(".is-marked")).to_contain_text("I'd have framed it")
    above = page.locator(".ancestors > li")
    assert above.count() == 7
    expect(above.first).to_contain_text("thirty-six years pricing")
    expect(above.last).to_contain_text("announce a range")
    expect(page.locator(".threads:not(.ancestors)")).to_contain_text("I can plan for bad news")
    page.locator(".way-back").first.click()
    page.wait_for_url(f"**{path}**#{anchor}")
    expect(page.locator(f"#{anchor}")).to_be_in_viewport()


@both_ways
def test_a_thread_folds_and_says_who_and_how_many_are_hidden(people: People, javascript):
    page = people.stranger(javascript=javascript)
    people.open(page, TRAM)
    thread = page.locator("ol.threads > li").nth(2)
    fold = thread.locator("> details.fold")
    summary = fold.locator("> summary")
    assert re.search(r"\d+ replies", summary.inner_text())
    reply = fold.locator("> ol > li").first
    expect(reply).to_be_visible()
    summary.focus()
    page.keyboard.press("Enter")
    expect(reply).to_be_hidden()
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    expect(reply).to_be_visible()


def test_more_replies_open_in_place_and_are_still_open_on_return(people: People):
    page = people.stranger()
    people.open(page, TRAM)
    more = page.locator(".more a").first
    count = page.locator("li.comment").count()
    more.scroll_into_view_if_needed()
    asked = int(more.inner_text().split()[0])
    before = more.bounding_box()
    more.click()
    expect(page.locator("li.comment")).to_have_count(count + asked)
    focused = page.locator(":focus")
    expect(focused).to_have_count(1)
    assert focused.evaluate("node => node.matches('li.comment > article')")
    after = focused.bounding_box()
    assert before
    assert after
    # It took the link's place: nothing jumped.
    assert abs(before["y"] - after["y"]) < 60
    last = page.locator("li.comment", has_text="Then ask for").or_(focused).first
    last.locator("a.number").first.click()
    page.wait_for_url("**/comments/*/**")
    page.go_back()
    expect(page.locator("li.comment")).to_have_count(count + asked)


def test_more_replies_are_a_page_without_javascript(people: People):
    page = people.stranger(javascript=False)
    people.open(page, TRAM)
    more = page.locator(".more a").first
    asked = int(more.inner_text().split()[0])
    more.click()
    page.wait_for_url("**/comments/*/?after=*")
    assert page.locator(".threads:not(.ancestors) li.comment").count() >= asked
    expect(page.locator(".way-back").first).to_be_visible()


@both_ways
def test_next_thread_and_parent_lead_there(people: People, javascript):
    page = people.stranger(javascript=javascript)
    people.open(page, TRAM)
    threads = page.locator("ol.threads > li")
    second = threads.nth(1).get_attribute("id")
    threads.first.locator("> article .step", has_text="next thread").click()
    page.wait_for_url(f"**#{second}")
    expect(page.locator(f"#{second} > article > header")).to_be_in_viewport()
    reply = threads.nth(1).locator("> details > ol > li").first
    reply.locator("> article .step", has_text="parent").click()
    page.wait_for_url(f"**#{second}")
    expect(page.locator(f"#{second} > article > header")).to_be_in_viewport()


def test_a_link_into_what_is_folded_opens_it(people: People):
    page = people.stranger()
    people.open(page, TRAM)
    thread = page.locator("ol.threads > li").first
    reply = thread.locator("> details > ol > li").first
    anchor = reply.get_attribute("id")
    thread.locator("> details > summary").click()
    expect(reply).to_be_hidden()
    page.evaluate("id => { location.hash = id; }", anchor)
    expect(reply).to_be_visible()
    expect(reply.locator("> article > header")).to_be_in_viewport()


@both_ways
def test_what_came_since_the_last_visit_is_marked_and_walked_through(people: People, javascript):
    page = people.logged_in("reader", javascript=javascript)
    people.open(page, TRAM)
    line = page.locator(".new-line")
    expect(line).to_contain_text(re.compile(r"\d+ new since your last visit"))
    line.get_by_role("link").click()
    page.wait_for_url("**#comment-*")
    first = page.url.partition("#")[2]
    new = page.locator(f"#{first} > article > header, #{first} > details > article > header").first
    expect(new.locator(".new")).to_have_text("new")
    new.get_by_role("link", name="next new").click()
    page.wait_for_url(lambda url: not url.endswith(first))
    second = page.url.partition("#")[2]
    expect(page.locator(f"#{second} .new").first).to_be_visible()
    # A reload is the same visit.
    page.reload()
    expect(page.locator(".new-line")).to_be_visible()


def test_new_comments_are_offered_and_never_put_in(people: People):
    page = people.stranger()
    page.clock.install()
    path = people.open(page, TRAM)
    page.locator("#comments").scroll_into_view_if_needed()
    count = page.locator("li.comment").count()
    words = f"The 2X has come. {uuid.uuid4().hex[:8]}"
    people.say(people.logged_in("reporter"), words, under=path)
    offer = page.locator(".offer a")
    for _ in range(6):
        page.clock.run_for(40_000)
        if offer.count():
            break
    expect(offer).to_have_text(re.compile(r"\d+ new comments?"))
    assert page.locator("li.comment").count() == count
    expect(page.get_by_text(words)).to_have_count(0)
    offer.click()
    page.wait_for_url("**/comments/?since=*")
    expect(page.get_by_text(words)).to_be_visible()


def test_new_comments_are_a_page_without_javascript(people: People):
    page = people.stranger(javascript=False)
    path = people.open(page, "the-girl-who-referees")
    words = f"She blew for half time early. {uuid.uuid4().hex[:8]}"
    link = page.get_by_role("link", name=re.compile(r"New since #\d+"))
    people.say(people.logged_in("reporter"), words, under=path)
    link.click()
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.locator("li.comment")).to_have_count(1)


@both_ways
def test_a_stub_keeps_its_replies_in_their_place(people: People, javascript):
    page = people.stranger(javascript=javascript)
    path = people.open(page, TRAM)
    stub = page.locator(".stub", has_text="Removed by its author").first
    expect(stub).to_be_visible()
    thread = stub.locator("xpath=ancestor::li[1]")
    assert thread.locator("li.comment article").count() >= 1
    expect(page.get_by_text("I can see both sides. The shops")).to_have_count(0)
    stub.locator("a.number").click()
    page.wait_for_url("**/comments/*/**")
    expect(page.locator(".note", has_text="others answered it")).to_be_visible()
    assert path


@both_ways
def test_a_muted_person_s_comment_and_the_replies_are_folded_and_can_be_opened(
    people: People, javascript
):
    page = people.logged_in("reader", javascript=javascript)
    people.open(page, TRAM)
    fold = page.locator("details.fold.muted").first
    expect(fold.locator("> summary")).to_contain_text("somebody you muted")
    words = page.get_by_text("Greetings from Castle Brannock")
    reply = page.get_by_text("You've also no sea")
    expect(words).to_be_hidden()
    expect(reply).to_be_hidden()
    fold.locator("> summary").click()
    expect(words).to_be_visible()
    expect(reply).to_be_visible()
    other = people.stranger(javascript=javascript)
    people.open(other, TRAM)
    expect(other.get_by_text("Greetings from Castle Brannock")).to_be_visible()


def test_badges_picks_quotes_and_the_author_s_replies_are_there(people: People):
    page = people.stranger()
    people.open(page, TRAM)
    voices = page.locator(".voices")
    expect(voices).to_be_visible()
    link = voices.locator("a.to-place").first
    target = link.get_attribute("href")
    link.click()
    page.wait_for_url(f"**{target}")
    expect(page.locator(".badge", has_text="Drainage engineering").first).to_be_visible()
    expect(page.locator(".pick-reason").first).to_contain_text("Picked because")
    people.open(page, GAUGE)
    expect(page.locator("blockquote.passage").first).to_contain_text("sunk by six centimetres")
    people.open(page, "bakery-on-mill-lane")
    expect(page.locator(".passage-quoted", has_text="14,000 loaves")).to_contain_text(
        "changed since"
    )


@both_ways
def test_history_shows_every_text_that_readers_saw(people: People, javascript):
    page = people.stranger(javascript=javascript)
    people.open(page, GAUGE)
    page.locator("a.edited").first.click()
    page.wait_for_url("**/history/**")
    expect(page.locator("main")).to_contain_text("uncle")
    expect(page.locator("main")).to_contain_text("because of a bet")
