"""What axe finds on the main pages, in both colour schemes: nothing."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import REFERENCE, People

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# The same page in other colours: only they can be wrong.
IN_THE_DARK = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
PUBLIC = [
    "/",
    REFERENCE,
    "/sections/environment/",
    "/authors/ruth-hallam/",
    "/search/?q=tide",
    "/corrections/",
    "/comments/rules/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/nothing-here/",
]


def violations(page: Page, inside: str | None = None) -> list[str]:
    dark = page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches")
    results = Axe().run(page, context=inside, options=IN_THE_DARK if dark else RULES)
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in results.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_pages(people: People, scheme):
    page = people.stranger(scheme=scheme)
    found = {}
    for path in PUBLIC:
        page.goto(path)
        if complaints := violations(page):
            found[path] = complaints
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_long_conversation_on_a_phone(people: People, scheme):
    page = people.logged_in("reader", scheme=scheme, width=390)
    people.open(page, "tram-line-2")
    # Picks, quotes and badges are there; and stubs, what is new, what is muted, and a closed fold.
    for state in (".stub", ".new", ".fold.muted", ".more", ".voices"):
        expect(page.locator(state).first).to_be_visible()
    page.locator("ol.threads > li").nth(1).locator("> details > summary").click()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_form_in_every_state_on_a_phone(people: People, scheme):
    page = people.logged_in("reader", scheme=scheme, width=390)
    people.open(page, "chess-in-the-launderette")
    page.locator(".more-actions summary").first.click()
    assert violations(page, ".more-actions[open]") == []
    page.get_by_role("link", name="Reply").first.click()
    page.locator(".in-place textarea").fill("word " * 1001)
    page.click(".in-place button[value=post]")
    expect(page.locator(".error-summary")).to_be_focused()
    assert violations(page) == []
    page.locator(".in-place textarea").fill("You are such an idiot, *said the tide*.")
    page.click(".in-place button[value=preview]")
    expect(page.locator(".preview-box")).to_be_focused()
    assert violations(page, ".in-place") == []
    page.click(".in-place button[value=post]")
    expect(page.locator(".second-thought")).to_be_focused()
    assert violations(page, ".in-place") == []
    page.reload()
    page.get_by_role("link", name="Reply").first.click()
    expect(page.locator(".in-place [data-draft-note]")).to_be_visible()
    assert violations(page, ".in-place") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_empty_a_closed_and_a_quoting_conversation(people: People, scheme):
    page = people.stranger(scheme=scheme, width=390)
    found = {}
    for story in ("swimming-club-breaks", "sponsored-a-winter", "what-the-tide-gauge"):
        people.open(page, story)
        if complaints := violations(page):
            found[story] = complaints
    selectors = ("a.edited", ".more-actions a[href*=report]")
    for path in [page.locator(one).first.get_attribute("href") for one in selectors]:
        page.goto(f"{path}")
        if complaints := violations(page):
            found[path] = complaints
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_own_pages(people: People, scheme):
    page = people.logged_in("reader", scheme=scheme, width=390)
    people.open(page, "night-bus-drivers")
    own = page.locator(".comment-actions a[href$='/edit/']").first.get_attribute("href")
    assert own
    comment = own.removesuffix("edit/")
    found = {}
    for path in (
        "/account/",
        "/account/comments/",
        "/account/comments/?show=refused",
        "/account/comments/claim/",
        "/account/notifications/",
        "/account/notifications/mail/",
        "/account/followed/",
        "/account/muted/",
        "/people/h.solberg/",
        "/people/h.solberg/mute/",
        f"{people.site.story('tram-line-2')}comments/follow/",
        f"{people.site.story('tram-line-2')}comments/?since=110",
        comment,
        own,
        f"{comment}delete/",
        "/mail/stop/unknown/",
        "/accounts/email/",
        "/accounts/2fa/",
    ):
        page.goto(path)
        if complaints := violations(page):
            found[path] = complaints
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_desk(people: People, scheme):
    page = people.logged_in("moderator", scheme=scheme)
    found = {}
    for queue in ("pending", "edits", "reported", "rejected"):
        page.goto(f"/admin/comments/comment/desk/?queue={queue}")
        if complaints := violations(page):
            found[queue] = complaints
    assert found == {}
