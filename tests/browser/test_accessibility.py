"""What axe finds on the main pages, in both colour schemes: nothing."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import REFERENCE, People

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
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


def violations(page) -> list[str]:
    # Transitions would be judged half-way.
    page.wait_for_timeout(250)
    results = Axe().run(page, options=RULES)
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
def test_longest_thread_with_a_form_error(people: People, scheme):
    page = people.logged_in("reader", scheme=scheme, width=390)
    page.goto("/")
    page.locator("a", has_text="comments").first.click()
    page.goto(page.url.partition("#")[0])
    assert violations(page) == []
    page.goto(REFERENCE)
    page.fill("#body", "\u200b")
    page.click("#leave-reply button[value=post]")
    page.wait_for_selector(".invalid-feedback")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_own_pages(people: People, scheme):
    page = people.logged_in("reader", scheme=scheme)
    found = {}
    for path in ("/account/", "/account/comments/", "/accounts/email/", "/accounts/2fa/"):
        page.goto(path)
        if complaints := violations(page):
            found[path] = complaints
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_desk(people: People, scheme):
    page = people.logged_in("moderator", scheme=scheme)
    found = {}
    for queue in ("pending", "reported", "appeals", "rejected"):
        page.goto(f"/admin/comments/comment/desk/?queue={queue}")
        if complaints := violations(page):
            found[queue] = complaints
    assert found == {}
