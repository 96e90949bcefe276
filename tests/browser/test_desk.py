"""A moderator's day in a real browser: by keys alone, in bulk, and without JavaScript."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import People, Site

pytestmark = pytest.mark.browser
DESK = "/admin/comments/comment/desk/"
# Whose comments are rejected here: staff, so that nobody's record has them wait in other tests.
AUTHOR = "reporter"


def words(beginning: str) -> str:
    return f"{beginning} {uuid.uuid4().hex[:10]}."


def waiting(page: Page, expected: int | None = None) -> int:
    """Return how many comments wait, as the desk's side says it.

    What others did is counted within seconds: until it is as ``expected`` the page is reloaded.
    """
    for _ in range(10):
        count = _waiting(page)
        if expected is None or count == expected:
            break
        page.wait_for_timeout(1000)
        page.reload()
    return count


def _waiting(page: Page) -> int:
    said = page.locator("#desk-queues a[href*='queue=pending'] .count").inner_text()
    return int(said.replace(",", ""))


def decided_today(page: Page) -> int:
    """Return how many decisions of its moderator's day the desk tells."""
    said = re.search(r"(\d+) decision", page.locator(".desk-day").inner_text())
    return int(said[1]) if said else 0


def decide_next(page: Page, *keys: str) -> str:
    """Press these keys for the current card, and wait until it is a line. Returns its id."""
    current = page.locator(".card.is-current").get_attribute("id")
    assert current
    for key in keys:
        page.keyboard.press(key)
    # The last line is the one that a key undoes.
    expect(page.locator(f"#{current}.is-last")).to_be_attached()
    return current


def visible_whole(page: Page) -> bool:
    """Tell whether the current card's first line is in sight."""
    return page.evaluate(
        """() => {
          const why = document.querySelector(".card.is-current .why");
          if (!why) return true;
          const box = why.getBoundingClientRect();
          return box.top >= 0 && box.bottom <= innerHeight;
        }"""
    )


def test_all_that_a_filter_finds_is_decided_in_bulk_and_undone(people: People):
    page = people.logged_in("moderator")
    page.goto(f"{DESK}?queue=pending&check=first-comment")
    before = waiting(page)
    page.click("text=Decide on all of these…")
    many = int(re.findall(r"(\d+) comments", page.locator(".desk-sheet").inner_text())[0])
    assert many > 20  # more than are done at once: the worker has to do it
    page.select_option("select[name=action]", "spam")
    page.click("input[value^='Do it for']")
    expect(page.locator(".desk-sheet")).to_contain_text(f"{many} of {many}", timeout=30_000)
    page.goto(DESK)
    assert waiting(page, before - many) == before - many
    page.goto("/admin/comments/comment/batches/")
    page.click("table a >> nth=0")
    page.click("button:has-text('Undo')")
    expect(page.locator(".desk-sheet")).to_contain_text(f"{many} of {many}", timeout=30_000)
    page.goto(DESK)
    assert waiting(page, before) == before


def test_forty_are_worked_off_by_keys_alone(people: People):
    page = people.logged_in("moderator")
    page.goto(DESK)
    before, done_before = waiting(page), decided_today(page)
    assert before >= 40
    expect(page.locator(".card.is-current")).to_have_count(1)
    for turn in range(40):
        if page.locator(".card").count() == 0:
            # The end of a page has the focus: the way on is the next stop.
            page.keyboard.press("Tab")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            expect(page.locator(".card.is-current")).to_have_count(1)
        if turn % 4 == 3:
            decide_next(page, "r", "1")
        elif turn % 9 == 8:
            decide_next(page, "s")
        else:
            decide_next(page, "a")
        assert visible_whole(page), f"lost after {turn}"
    page.goto(DESK)
    assert waiting(page, before - 40) == before - 40
    assert decided_today(page) == done_before + 40
    expect(page.locator(".desk-day svg")).to_be_visible()


def test_one_key_undoes_and_single_keys_can_be_switched_off(people: People, site: Site):
    author, story = people.logged_in(AUTHOR), site.story("night-bus-drivers")
    said = words("The first stop is the one nobody waits at")
    comment = people.say(author, said, story)
    page = people.logged_in("moderator")
    page.goto(f"{DESK}?queue=approved&comment={comment}")
    decide_next(page, "r", "2")
    page.keyboard.press("u")
    expect(page.locator(f"#card-{comment}.card")).to_contain_text(said)
    author.goto(f"/comments/{comment}/")
    expect(author.locator("main")).to_contain_text(said)
    page.keyboard.press("?")
    expect(page.locator("dialog.desk-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.uncheck("[data-keys-switch]")
    page.locator(f"#card-{comment}").focus()
    page.keyboard.press("r")
    expect(page.locator(f"#card-{comment} details.reasons[open]")).to_have_count(0)
    page.check("[data-keys-switch]")


def test_last_decisions_are_undone_one_after_the_other(people: People):
    page = people.logged_in("moderator")
    page.goto(DESK)
    before = waiting(page)
    decided = [decide_next(page, *keys) for keys in (["a"], ["r", "d"], ["r", "0"])]
    for card in reversed(decided):
        page.keyboard.press("u")
        expect(page.locator(f"#{card}[data-card].is-current")).to_be_focused()
    assert waiting(page, before) == before


def test_typing_is_not_disturbed_while_the_desk_hears_what_is_new(people: People):
    page = people.logged_in("moderator")
    page.goto(DESK)
    before, current = waiting(page), page.locator(".card.is-current").get_attribute("id")
    top = page.evaluate("scrollY")
    page.keyboard.press("r")
    message = page.locator(f"#{current} [data-message]")
    message.press_sequentially("as")
    with page.expect_response(lambda answer: "/pulse/" in answer.url):
        page.evaluate("htmx.trigger(document.querySelector('[data-pulse]'), 'pulse')")
    page.wait_for_timeout(300)  # until all has settled
    page.keyboard.type("as")
    expect(message).to_have_value("asas")
    expect(message).to_be_focused()
    expect(page.locator(f"#{current}.is-current")).to_be_attached()
    assert page.evaluate("scrollY") == top
    assert waiting(page) == before


def test_card_stays_current_when_its_thread_is_closed_by_a_key(people: People, site: Site):
    author, story = people.logged_in(AUTHOR), site.story("night-bus-drivers")
    comment = people.say(author, words("Which stop is the warm one"), story)
    page = people.logged_in("moderator")
    page.goto(f"{DESK}?queue=approved&comment={comment}")
    expect(page.locator(f"#card-{comment}.is-current")).to_be_attached()
    page.keyboard.press("c")
    card = page.locator(f"#card-{comment}.is-current[aria-current]")
    expect(card).to_contain_text("Thread closed")
    expect(card).to_be_focused()
    expect(page.locator("[data-status]")).to_contain_text("The thread is closed")
    page.keyboard.press("c")
    expect(card.locator(".state", has_text="Thread closed")).to_have_count(0)


def test_desk_works_without_javascript(people: People, site: Site):
    author, story = people.logged_in(AUTHOR), site.story("night-bus-drivers")
    said = words("The heater at the back has two settings")
    comment = people.say(author, said, story)
    page = people.logged_in("moderator", javascript=False)
    page.goto(f"{DESK}?queue=approved&comment={comment}")
    card = page.locator(f"#card-{comment}")
    card.locator("details.reasons > summary").click()
    card.locator("textarea[name=message]").fill("Kindly, please.")
    card.locator(".beyond > summary").click()
    card.locator("button[name=preview]").click()
    expect(page.locator(".preview")).to_contain_text("Kindly, please.")
    # What was typed stands on the page of the preview, to go on from.
    expect(card.locator("textarea[name=message]")).to_have_value("Kindly, please.")
    card.locator("button[name=reason][value=off-topic]").click()
    expect(page.locator("[data-line]")).to_contain_text("is rejected (not about the story)")
    page.click("button:has-text('Undo')")
    author.goto(f"/comments/{comment}/")
    expect(author.locator("main")).to_contain_text(said)
    page.goto("/admin/comments/comment/statistics/")
    expect(page.locator("svg.chart").first).to_be_visible()


def test_appeal_from_the_decision_to_the_comment_back_in_its_place(people: People, site: Site):
    author, story = people.logged_in(AUTHOR), site.story("night-bus-drivers")
    said = words("I counted eleven people on the last one")
    comment = people.say(author, said, story)
    author.goto(f"/comments/{comment}/")
    number = author.locator(f"#comment-{comment} .number").first.inner_text()
    moderator = people.logged_in("moderator")
    moderator.goto(f"{DESK}?queue=approved&comment={comment}")
    decide_next(moderator, "r", "2")

    author.goto("/account/comments/?show=refused")
    entry = author.locator("li.own", has_text=said)
    entry.locator("a[href*='/account/decisions/']").first.click()
    expect(author.locator("main")).to_contain_text("Not about the story")
    author.fill("textarea[name=text]", "It is about the very bus of the story.")
    author.click("button:has-text('Send the appeal')")
    expect(author.locator("#appeal")).to_contain_text("With the desk since")

    # Who decided cannot answer it.
    moderator.goto(f"{DESK}?queue=appeals")
    own = moderator.locator("article", has_text="It is about the very bus")
    expect(own).to_contain_text("somebody else answers the appeal")
    expect(own.locator("button:has-text('Grant')")).to_have_count(0)

    admin = people.logged_in("admin")
    admin.goto(f"{DESK}?queue=appeals")
    card = admin.locator("article", has_text="It is about the very bus")
    card.locator("textarea[name=answer]").fill("You are right, it is.")
    card.locator("button:has-text('Grant')").click()
    expect(admin.locator(".messagelist")).to_contain_text("granted")

    author.reload()
    expect(author.locator("#appeal")).to_contain_text("You are right, it is.")
    stranger = people.stranger()
    stranger.goto(f"/comments/{comment}/")
    expect(stranger.locator("main")).to_contain_text(said)
    assert stranger.locator(f"#comment-{comment} .number").first.inner_text() == number
    assert "You are right, it is." in site.mail_to("reporter@pellworth.example", "You are right")


def test_report_to_its_outcome(people: People, site: Site):
    author, story = people.logged_in(AUTHOR), site.story("night-bus-drivers")
    said = words("That driver at the depot is a fool")
    comment = people.say(author, said, story)
    witness = people.logged_in("reader")
    witness.goto(f"/comments/{comment}/report/")
    witness.check("input[name=reason][value=attack]")
    witness.click("main form button:has-text('Report')")
    moderator = people.logged_in("moderator")
    moderator.goto(f"{DESK}?queue=reported")
    card = moderator.locator(f"#card-{comment}")
    expect(card).to_contain_text("Personal attack")
    card.focus()
    decide_next(moderator, "r", "1")
    witness.goto("/account/notifications/")
    expect(witness.locator("main")).to_contain_text("was taken down")
    author.goto("/account/comments/?show=refused")
    expect(author.locator("li.own", has_text=said)).to_contain_text(
        "Argue with what was said, not with who said it."
    )


def test_notice_of_illegal_content_to_its_answer(people: People, site: Site):
    author, story = people.logged_in(AUTHOR), site.story("night-bus-drivers")
    said = words("Mr Tidy of Weir Lane stole the ticket money")
    comment = people.say(author, said, story)
    # Somebody without an account and without JavaScript.
    sender = people.stranger(javascript=False)
    sender.goto(f"/comments/{comment}/")
    sender.goto(f"/notices/new/?comment={comment}")
    sender.fill("input[name=url]", f"{site.url}/comments/{comment}/")
    sender.select_option("select[name=category]", "defamation")
    sender.fill("textarea[name=why]", "I never took a penny, and the depot has it in writing.")
    sender.fill("input[name=name]", "Theo Tidy")
    sender.fill("input[name=email]", "theo.tidy@pellworth.example")
    sender.check("input[name=good_faith]")
    sender.click("main form button[type=submit], main form button:not([type])")
    receipt = sender.url
    assert "/notices/" in receipt
    site.mail_to("theo.tidy@pellworth.example", "We have your notice")

    moderator = people.logged_in("moderator")
    moderator.goto(f"{DESK}?queue=legal")
    card = moderator.locator("article", has_text=said)
    card.locator("button:has-text('Hide it while I look')").click()
    stranger = people.stranger()
    stranger.goto(story)
    expect(stranger.get_by_text(said)).to_have_count(0)
    card = moderator.locator("article", has_text=said)
    card.locator("textarea[name=answer]").fill("It names you and states a crime without proof.")
    card.locator("select[name=reason]").select_option("defamation")
    card.locator("input[name=law]").fill("Defamation Act 2013, section 1")
    card.locator("button:has-text('Take it down')").click()
    expect(moderator.locator(".messagelist")).to_contain_text("both sides have been told why")

    assert "states a crime without proof" in site.mail_to(
        "theo.tidy@pellworth.example", "We took down"
    )
    sender.goto(receipt)
    expect(sender.locator("main")).to_contain_text("states a crime without proof")
    author.goto("/account/comments/?show=refused")
    author.locator("li.own", has_text=said).locator("a[href*='/account/decisions/']").first.click()
    expect(author.locator("main")).to_contain_text("Defamation Act 2013, section 1")


def test_story_under_pressure_is_read_first_until_the_desk_ends_it(people: People, site: Site):
    moderator = people.logged_in("moderator")
    moderator.goto("/admin/comments/checkrule/add/")
    moderator.select_option("select[name=check_name]", "surge")
    moderator.fill("input[name=threshold]", "5")
    moderator.click("input[name=_save]")
    author, story = people.logged_in("reader"), site.story("what-the-tide-gauge")
    said = [words(f"The lamp, thought {number},") for number in range(7)]
    ids = [people.say(author, one, story) for one in said]
    stranger = people.stranger()
    stranger.goto(f"{story}?order=newest")
    expect(stranger.locator(".surge")).to_contain_text("a moderator reads each new comment first")
    expect(stranger.get_by_text(said[0])).to_have_count(1)
    expect(stranger.get_by_text(said[6])).to_have_count(0)
    moderator.goto(f"{DESK}?comment={ids[6]}")
    moderator.click("[data-context] button:has-text('Let comments through again')")
    stranger.goto(story)
    expect(stranger.locator(".surge")).to_have_count(0)
    moderator.goto("/admin/comments/checkrule/")
    moderator.click("#result_list th a:has-text('Stories under pressure')")
    moderator.click(".deletelink")
    moderator.click("input[type=submit]")


def test_two_moderators_see_each_other_and_never_decide_the_same(people: People, site: Site):
    author, story = people.logged_in(AUTHOR), site.story("night-bus-drivers")
    comment = people.say(author, words("Everybody knows the shelter leaks"), story)
    first, second = people.logged_in("moderator"), people.logged_in("admin")
    # The claim goes out once the card has been the current one for a moment.
    with first.expect_response(lambda answer: "/pulse/" in answer.url):
        first.goto(f"{DESK}?queue=approved&comment={comment}")
    second.goto(f"{DESK}?queue=approved&comment={comment}")
    card = second.locator(f"#card-{comment}")
    expect(card.locator(".claim")).to_contain_text("Fern Tilley")
    card.locator("details.reasons > summary").click()
    card.locator("button[name=reason][value=attack]").click()
    expect(second.locator(f"#card-{comment} .problem")).to_contain_text("is at this one")
    decide_next(first, "r", "1")
