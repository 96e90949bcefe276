"""From a stranger's first word to an answer: with JavaScript, and without it."""

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import REFERENCE, People, Site

pytestmark = pytest.mark.browser


def sign_up_to_post(page: Page, site: Site, name: str, words: str) -> None:
    """Write first, sign up after it, confirm the address from the outbox."""
    page.goto(REFERENCE)
    page.fill("#body", words)
    page.click("#leave-reply button[value=post]")
    expect(page.locator("textarea[name=body]")).to_have_value(words)
    page.click("button[value=signup]")
    page.fill("input[name=email]", f"{name}@example.org")
    page.fill("input[name=username]", name)
    page.fill("input[name=password1]", "quite-a-long-password")
    page.click("main form button[type=submit]")
    page.goto(site.link_in_mail(f"{name}@example.org"))
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    if "login" in page.url:
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", "quite-a-long-password")
        page.click("main form button[type=submit]")
        page.wait_for_load_state()


def find_on_desk(page: Page, words: str) -> None:
    """Turn the desk's pages until the card with these words is there."""
    page.goto("/admin/comments/comment/desk/?queue=pending")
    for _ in range(10):
        if page.locator(".card", has_text=words).count():
            return
        page.click("a[rel=next]")
        page.wait_for_load_state()
    raise AssertionError("the comment is not on the desk")


def test_first_comment_from_sign_up_to_answer(people: People, site: Site):
    words = f"The landing at number 21 stayed dry, {uuid.uuid4().hex[:8]}."
    name = f"landing{uuid.uuid4().hex[:6]}"
    author = people.stranger()
    sign_up_to_post(author, site, name, words)

    author.goto(REFERENCE)
    expect(author.locator(".is-held", has_text=words)).to_contain_text("Waiting for a moderator")
    stranger = people.stranger()
    stranger.goto(REFERENCE)
    expect(stranger.get_by_text(words)).to_have_count(0)
    expect(stranger.locator("#comments")).to_have_text("2 comments in 1 thread")

    moderator = people.logged_in("moderator")
    find_on_desk(moderator, words)
    card = moderator.locator(".card", has_text=words)
    moderator.keyboard.press("j")
    for _ in range(25):
        if "is-current" in (card.get_attribute("class") or ""):
            break
        moderator.keyboard.press("j")
    moderator.keyboard.press("a")
    expect(moderator.locator(".card", has_text=words)).to_have_count(0)

    stranger.goto(REFERENCE)
    expect(stranger.get_by_text(words)).to_be_visible()
    expect(stranger.locator("#comments")).to_have_text("3 comments in 2 threads")
    expect(stranger.locator("#comment-count")).to_have_text("3 Comments")

    answer = f"And the stairs? {uuid.uuid4().hex[:8]}"
    reader = people.logged_in("reader")
    reader.goto(REFERENCE)
    comment = reader.locator("li.comment", has_text=words)
    comment.get_by_role("link", name="Reply").click()
    reader.locator(".comment-form.in-place textarea").fill(answer)
    reader.locator(".comment-form.in-place button[value=post]").click()
    expect(reader.locator("#status")).to_contain_text("published as #4")
    expect(reader.locator("#status")).to_be_focused()
    expect(reader.locator("#comment-count")).to_have_text("4 Comments")
    stranger.goto(REFERENCE)
    expect(stranger.locator("li.comment", has_text=words).locator("ol")).to_contain_text(answer)


def test_the_same_without_javascript(people: People, site: Site):
    words = f"We lifted the piano with four car jacks, {uuid.uuid4().hex[:8]}."
    name = f"piano{uuid.uuid4().hex[:6]}"
    author = people.stranger(javascript=False)
    sign_up_to_post(author, site, name, words)

    author.goto(REFERENCE)
    expect(author.locator(".is-held", has_text=words)).to_contain_text("Waiting for a moderator")
    stranger = people.stranger(javascript=False)
    stranger.goto(REFERENCE)
    expect(stranger.get_by_text(words)).to_have_count(0)

    moderator = people.logged_in("moderator", javascript=False)
    find_on_desk(moderator, words)
    card = moderator.locator(".card", has_text=words)
    card.locator("button[value=approve]").click()
    moderator.wait_for_load_state()

    stranger.goto(REFERENCE)
    expect(stranger.get_by_text(words)).to_be_visible()

    answer = f"Which piano shop sells jacks? {uuid.uuid4().hex[:8]}"
    reader = people.logged_in("reader", javascript=False)
    reader.goto(REFERENCE)
    reader.locator("li.comment", has_text=words).get_by_role("link", name="Reply").click()
    reader.fill("textarea[name=body]", answer)
    reader.click("button[value=post]")
    reader.wait_for_load_state()
    expect(reader.locator("li.comment", has_text=answer).last).to_be_visible()
    stranger.goto(REFERENCE)
    expect(stranger.locator("li.comment", has_text=words).locator("ol")).to_contain_text(answer)


def test_typed_text_is_offered_again_after_a_crash(people: People):
    page = people.stranger()
    page.goto(REFERENCE)
    page.fill("#body", "Half a thought about the")
    page.goto("about:blank")
    page.goto(REFERENCE)
    expect(page.locator("#body")).to_have_value("Half a thought about the")


def test_half_written_comment_survives_a_reply_sent_in_place(people: People):
    page = people.logged_in("reader")
    page.goto(REFERENCE)
    page.fill("#body", "Half a thought about the")
    page.get_by_role("link", name="Reply").first.click()
    page.fill(".in-place textarea", f"A reply comes first. {uuid.uuid4().hex[:8]}")
    page.click(".in-place button[value=post]")
    expect(page.locator("#status")).to_be_focused()
    expect(page.locator("#body")).to_have_value("Half a thought about the")


def test_respect_keeps_the_focus_where_it_was(people: People):
    page = people.logged_in("reader")
    page.goto(REFERENCE)
    nod = page.locator("button.respect").first
    before = nod.get_attribute("aria-pressed")
    nod.focus()
    nod.press("Enter")
    expect(nod).to_have_attribute("aria-pressed", "false" if before == "true" else "true")
    expect(nod).to_be_focused()


def test_pages_do_not_scroll_sideways_on_a_phone(people: People):
    page = people.stranger(width=360)
    for path in ("/", REFERENCE, "/sections/town/", "/accounts/login/", "/search/?q=tram"):
        page.goto(path)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
