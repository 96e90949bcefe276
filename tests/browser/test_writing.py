"""Writing in the browser: with JavaScript, and without it."""

import re
import uuid

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import People
from tests.browser.test_reading import both_ways

pytestmark = pytest.mark.browser

FORM = "#leave-reply form"


def new_words(beginning: str) -> str:
    return f"{beginning}, {uuid.uuid4().hex[:8]}."


def said(page: Page, words: str) -> Locator:
    """The comment that says these words, without its replies."""
    return page.locator("li.comment article").filter(
        has=page.locator("> .comment-text", has_text=words)
    )


@both_ways
def test_a_comment_is_previewed_posted_edited_and_removed(people: People, javascript):
    page = people.logged_in("reader", javascript=javascript)
    people.open(page, "rovers-hold")
    words = new_words("The *heron* left it to the wardens")
    page.fill(f"{FORM} textarea", words)
    page.click(f"{FORM} button[value=preview]")
    preview = page.locator(".preview-box")
    expect(preview.locator("em")).to_have_text("heron")
    expect(preview).to_be_focused()
    expect(page.locator("textarea[name=body]")).to_have_value(words)
    page.locator("button[value=post]").click()
    plain = words.replace("*", "")
    mine = said(page, plain)
    expect(page.locator("#status")).to_contain_text("published as #")
    if javascript:
        expect(page.locator("#status")).to_be_focused()
    expect(page.locator("#status")).to_be_in_viewport()

    # Within the window a change is there at once.
    mine.get_by_role("link", name="Edit").click()
    page.wait_for_url("**/edit/")
    expect(page.locator("main")).to_contain_text("Readers see the change at once")
    page.fill("textarea[name=body]", words.replace("wardens", "weather"))
    page.click("form.comment-form button:not([name])")
    page.wait_for_url("**#comment-*")
    mine = said(page, plain.replace("wardens", "weather"))
    expect(mine).to_be_in_viewport()
    expect(mine.locator(".edited")).to_be_visible()

    mine.get_by_role("link", name="Remove").click()
    expect(page.locator("main")).to_contain_text("It cannot be brought back")
    page.click("button.stop")
    expect(page.locator("main")).to_contain_text("Your comment is removed")
    expect(page.get_by_text(plain.replace("wardens", "weather"))).to_have_count(0)


def test_a_reply_opens_in_place_closes_and_is_posted_with_the_focus_where_it_belongs(
    people: People,
):
    page = people.logged_in("reader")
    people.open(page, "the-girl-who-referees")
    opener = page.locator(".comment-actions").first.get_by_role("link", name="Reply")
    opener.click()
    field = page.locator(".in-place textarea")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Cancel").click()
    expect(field).to_have_count(0)
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    words = new_words("I was the other linesman")
    expect(field).to_be_focused()
    page.keyboard.type(words)
    page.locator(".in-place button[value=post]").click()
    expect(page.locator("#status")).to_be_focused()
    expect(said(page, words)).to_be_in_viewport()
    expect(page.locator(".in-place")).to_have_count(0)


def test_a_reply_is_a_page_without_javascript(people: People):
    page = people.logged_in("reader", javascript=False)
    people.open(page, "the-girl-who-referees")
    page.locator(".comment-actions").first.get_by_role("link", name="Reply").click()
    page.wait_for_url("**/reply/")
    expect(page.locator("blockquote.answered")).to_contain_text("I play in that league")
    words = new_words("I kept the score")
    page.fill("textarea[name=body]", words)
    page.click("button[value=post]")
    page.wait_for_url("**#comment-*")
    expect(said(page, words)).to_be_in_viewport()
    expect(page.locator("#status")).to_be_visible()


def test_a_draft_is_offered_after_a_crash_and_can_be_discarded(people: People):
    page = people.logged_in("reader")
    path = people.open(page, "chess-in-the-launderette")
    page.fill(f"{FORM} textarea", "Half a thought about the rinse")
    page.locator(".comment-actions").first.get_by_role("link", name="Reply").click()
    page.locator(".in-place textarea").fill("A quarter of a reply")
    # As a crash does: a new tab of the same device.
    other = page.context.new_page()
    page.close()
    other.goto(path)
    field = other.locator(f"{FORM} textarea")
    expect(field).to_have_value("Half a thought about the rinse")
    note = other.locator(f"{FORM} [data-draft-note]")
    expect(note).to_be_visible()
    other.locator(".comment-actions").first.get_by_role("link", name="Reply").click()
    expect(other.locator(".in-place textarea")).to_have_value("A quarter of a reply")
    note.get_by_role("button", name="Discard").click()
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    expect(note).to_be_hidden()
    other.reload()
    expect(other.locator(f"{FORM} textarea")).to_have_value("")


def test_characters_left_are_counted_and_too_many_are_not_lost(people: People):
    page = people.logged_in("reader")
    people.open(page, "chess-in-the-launderette")
    field, count = page.locator(f"{FORM} textarea"), page.locator(f"{FORM} [data-count]")
    field.fill("Check")
    expect(count).to_have_text("4,995 left")
    field.fill("a" * 4951)
    expect(page.locator(f"{FORM} [data-count-said]")).to_have_text("49 characters left")
    field.fill("word " * 1001)
    expect(count).to_have_text("4 too many")
    page.click(f"{FORM} button[value=post]")
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("Not posted yet")
    expect(summary).to_be_focused()
    kept = page.locator("#leave-reply textarea")
    assert len(kept.input_value()) >= 5004
    summary.get_by_role("link").first.click()
    expect(kept).to_be_focused()


@both_ways
def test_a_mistake_keeps_the_text_and_says_how_to_mend_it(people: People, javascript):
    page = people.logged_in("reader", javascript=javascript)
    people.open(page, "chess-in-the-launderette")
    page.fill(f"{FORM} textarea", "\u200b")
    page.click(f"{FORM} button[value=post]")
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("nothing to read")
    expect(summary).to_be_focused()
    expect(page.locator("textarea[name=body]").first).to_have_attribute("aria-invalid", "true")


@both_ways
def test_the_same_words_twice_are_a_kind_word_and_the_way_to_the_first(people: People, javascript):
    page = people.logged_in("reader", javascript=javascript)
    path = people.open(page, "eel-passes-work")
    words = new_words("Two hundred and nine, and one that looked at me")
    people.say(page, words, under=path)
    page.goto(path)
    page.fill(f"{FORM} textarea", words)
    page.click(f"{FORM} button[value=post]")
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("said this")
    expect(page.locator("textarea[name=body]").first).to_have_value(words)
    summary.get_by_role("link", name="Here it is").click()
    expect(said(page, words)).to_be_in_viewport()


def test_a_double_click_posts_once(people: People):
    page = people.logged_in("reader")
    people.open(page, "eel-passes-work")
    words = new_words("Is the net still there")
    page.fill(f"{FORM} textarea", words)
    page.dblclick(f"{FORM} button[value=post]")
    expect(page.locator("#status")).to_be_focused()
    page.reload()
    expect(said(page, words)).to_have_count(1)


def test_a_selected_passage_is_quoted(people: People):
    page = people.logged_in("reader")
    people.open(page, "school-kitchen-cooks")
    paragraph = page.locator("article .body p").nth(1)
    paragraph.scroll_into_view_if_needed()
    passage = paragraph.evaluate(
        "node => { const text = document.createTreeWalker(node, 4).nextNode();"
        " const range = document.createRange(); range.setStart(text, 0);"
        " range.setEnd(text, text.data.indexOf(' ', 30)); getSelection().removeAllRanges();"
        " getSelection().addRange(range); return range.toString(); }"
    )
    page.get_by_role("button", name="Quote", exact=True).click()
    field = page.locator(f"{FORM} textarea")
    expect(field).to_be_focused()
    expect(page.locator(f"{FORM} blockquote.passage")).to_have_text(passage.strip())
    words = new_words("That is the part I would frame")
    page.keyboard.type(words)
    page.click(f"{FORM} button[value=post]")
    expect(page.locator("#status")).to_be_focused()
    quoted = said(page, words).locator("blockquote.passage")
    expect(quoted).to_have_text(passage.strip())


def test_a_passage_is_quoted_and_a_false_one_refused_without_javascript(people: People):
    page = people.logged_in("reader", javascript=False)
    people.open(page, "school-kitchen-cooks")
    page.locator(f"{FORM} .passage-field summary").click()
    words = new_words("So say all of us")
    page.fill(f"{FORM} input[name=quote]", "what the story never said at all")
    page.fill(f"{FORM} textarea", words)
    page.click(f"{FORM} button[value=post]")
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("textarea[name=body]")).to_have_value(words)
    passage = "Mrs Okonjo"
    page.fill("input[name=quote]", passage)
    page.click("button[value=post]")
    page.wait_for_url("**#comment-*")
    expect(said(page, words).locator("blockquote.passage")).to_have_text(passage)


@both_ways
def test_the_word_before_posting_may_be_followed_ignored_or_left(people: People, javascript):
    page = people.logged_in("reader", javascript=javascript)
    path = people.open(page, "leader-publish")
    mark = uuid.uuid4().hex[:8]
    rude = f"You are such an idiot about the wall, {mark}"
    thought = page.locator(".second-thought")

    def send() -> None:
        page.goto(path)
        page.locator(f"{FORM} textarea").fill(rude)
        page.click(f"{FORM} button[value=post]")
        expect(thought).to_contain_text("Post it like this?")
        expect(thought).to_be_focused()
        expect(thought.locator("mark").first).to_contain_text("idiot")
        expect(page.locator("textarea[name=body]").first).to_have_value(rude)

    send()
    page.get_by_role("button", name="Cancel").first.click()
    expect(thought).to_have_count(0)
    send()
    thought.get_by_role("link", name="Edit").click()
    expect(page.locator("#leave-reply textarea, main form textarea").first).to_be_focused()
    kinder = f"You are wrong about the wall, {mark}"
    page.locator("textarea[name=body]").first.fill(kinder)
    page.locator("button[value=post]").first.click()
    expect(said(page, kinder)).to_be_visible()
    expect(page.get_by_text(rude)).to_have_count(0)
    send()
    page.get_by_role("button", name="Post it anyway").click()
    expect(said(page, rude)).to_be_visible()


@both_ways
def test_a_late_edit_waits_while_readers_see_the_approved_text_and_becomes_history(
    people: People, javascript
):
    page = people.logged_in("reader", javascript=javascript)
    slug = "night-bus-drivers" if javascript else "what-the-tide-gauge"
    before = "Nobody is allowed to wear it" if javascript else "I'll bring the first five"
    path = people.open(page, slug)
    said(page, before).get_by_role("link", name="Edit").click()
    expect(page.locator("main")).to_contain_text("A moderator looks at it first")
    words = new_words("It has since been worn once")
    page.locator("textarea[name=body]").press("Control+End")
    page.locator("textarea[name=body]").press_sequentially(f" {words}")
    page.click("form.comment-form button:not([name])")
    expect(page.locator("#status")).to_contain_text("waits for a moderator")
    expect(page.locator("#status")).to_be_focused()
    stranger = people.stranger(javascript=javascript)
    stranger.goto(path)
    expect(stranger.get_by_text(words)).to_have_count(0)
    page.goto(path)
    expect(said(page, before)).to_contain_text("Your change waits for a moderator")

    moderator = people.logged_in("moderator", javascript=javascript)
    moderator.goto("/admin/comments/comment/desk/?queue=edits")
    card = moderator.locator(".card", has_text=words)
    expect(card).to_be_visible()
    card.locator("button[value=approve]").click()
    expect(moderator.locator(".card", has_text=words)).to_have_count(0)

    stranger.goto(path)
    changed = said(stranger, words)
    expect(changed).to_be_visible()
    changed.locator("a.edited").click()
    stranger.wait_for_url("**/history/")
    expect(stranger.locator("main")).to_contain_text(before)
    expect(stranger.locator("main ins").first).to_contain_text("worn once")


def test_a_session_that_ends_while_typing_keeps_the_text(people: People):
    page = people.logged_in("reader")
    people.open(page, "oyster-beds")
    words = new_words("They taste of pennies to me too")
    page.fill(f"{FORM} textarea", words)
    page.context.clear_cookies()
    page.click(f"{FORM} button[value=post]")
    expect(page.locator("#leave-reply textarea")).to_have_value(words)
    expect(page.locator("#leave-reply")).to_contain_text(re.compile("[Ll]og in|logged out"))


def test_what_is_sent_in_place_moves_nothing_and_closes_nothing(people: People):
    page = people.logged_in("reader")
    people.open(page, "tram-line-2-will-open-eleven-months-late")
    more = page.locator("[data-more]")
    folded = more.count()
    more.first.click()
    expect(more).to_have_count(folded - 1)
    shown = page.locator(".threads .comment").count()
    first = new_words("I keep a list of the buses that did not come")
    page.fill(f"{FORM} textarea", first)
    page.click(f"{FORM} button[value=post]")
    expect(page.locator("#status")).to_be_focused()
    expect(page.locator(f"{FORM} textarea")).to_have_value("")
    page.locator(".comment-actions").nth(4).get_by_role("link", name="Reply").click()
    second = new_words("And so do I, since the spring")
    page.locator(".reply-slot textarea").fill(second)
    page.click(".reply-slot button[value=post]")
    expect(page.locator("#status")).to_be_focused()
    expect(page.locator("#status")).to_have_count(1)
    expect(said(page, first)).to_have_count(1)
    expect(said(page, second)).to_be_in_viewport()
    expect(page.locator(".threads .comment")).to_have_count(shown + 2)
