"""The real thing: the production server over the demo newsroom, and headless Chromium before it."""

import email
import email.policy
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

BASE = Path(__file__).resolve().parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "newsroom-demo"
REFERENCE = "/2024/01/05/the-night-the-river-came-through-the-floorboards/"


@dataclass(frozen=True)
class Site:
    """A running newsroom."""

    url: str
    var: Path

    @cached_property
    def stories(self) -> list[str]:
        """The addresses of all stories."""
        with urllib.request.urlopen(f"{self.url}/sitemap-stories-1.xml", timeout=20) as answer:
            return re.findall(r"<loc>https?://[^/]+(/[^<]+)</loc>", answer.read().decode())

    def story(self, beginning: str) -> str:
        """Return the address of the story whose slug begins so."""
        (found,) = [path for path in self.stories if path.split("/")[4].startswith(beginning)]
        return found

    def mail_to(self, address: str, saying: str = "") -> str:
        """Return the text of the newest mail to ``address`` that says so, waiting for it."""
        for _ in range(100):
            for file in sorted(self.var.joinpath("mail").glob(f"*{address}.eml"), reverse=True):
                message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                body = message.get_body(("plain",))
                assert body is not None
                if saying in (text := body.get_content()):
                    return text
            time.sleep(0.1)
        raise AssertionError(f"no mail to {address}")

    def link_in_mail(self, address: str) -> str:
        match = re.search(r"https?://\S+/accounts/confirm-email/\S+", self.mail_to(address))
        assert match
        return match[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo newsroom, served as `make demo` serves it."""
    var = tmp_path_factory.mktemp("var")
    port = free_port()
    env = {
        **os.environ,
        "VAR_DIR": str(var),
        "DATABASE_URL": "",
        "LIMITS": "off",
        "SITE_NAME": "The Pellworth Courier",
        "TIME_ZONE": "Europe/London",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    manage = [sys.executable, "manage.py"]
    for command in (["prepare"], ["demo"]):
        subprocess.run(
            [*manage, *command], cwd=BASE, env=env, check=True, stdout=subprocess.DEVNULL
        )
    log = (var / "server.log").open("w")
    server = subprocess.Popen(
        [*manage, "serve", str(port)], cwd=BASE, env=env, stdout=log, stderr=log
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{url}/readyz", timeout=2)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        else:
            raise AssertionError((var / "server.log").read_text())
        yield Site(url, var)
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "these tests need Chromium; leave them out with -m 'not browser'"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class People:
    """Opens pages for people: each with cookies of their own, and without a word in the console."""

    # Who logged in once stays so for the tests after: a log-in costs a password's hash.
    sessions: dict[str, Any] = {}

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser = browser
        self.site = site
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def stranger(
        self,
        javascript: bool = True,
        width: int = 1280,
        scheme: str = "light",
        session: Any = None,
    ) -> Page:
        context = self.browser.new_context(
            base_url=self.site.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            # Steps are to be seen where they are taken, not on their way.
            reduced_motion="reduce",
            storage_state=session,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"{page.url}: {message.text}")
                # A form that is refused is an answer like any other.
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((self.site.url, "data:"))
                else self.complaints.append(f"a request to {request.url}")
            ),
        )
        return page

    def logged_in(self, username: str, password: str = PASSWORD, **kind: object) -> Page:
        if session := self.sessions.get(username):
            return self.stranger(session=session, **kind)  # type: ignore[arg-type]
        page = self.stranger(**kind)  # type: ignore[arg-type]
        page.goto("/accounts/login/")
        page.fill("input[name=login]", username)
        page.fill("input[name=password]", password)
        page.click("main form button[type=submit]")
        page.wait_for_url("**/account/")
        self.sessions[username] = page.context.storage_state()
        return page

    def open(self, page: Page, story: str) -> str:
        """Open the story whose slug begins so. Returns its address."""
        path = self.site.story(story)
        page.goto(path)
        return path

    def say(self, page: Page, words: str, under: str, answering: int | None = None) -> int:
        """Have whoever ``page`` belongs to post a comment, past the browser. Returns its id."""
        place = f"/comments/{answering}/reply/" if answering else f"{under}comments/"
        form = page.request.get(f"/comments/{answering}/reply/" if answering else under).text()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token
        answer = page.request.post(
            place,
            form={"csrfmiddlewaretoken": token[1], "body": words},
            headers={"Referer": f"{self.site.url}{under}"},
            max_redirects=0,
        )
        assert answer.status == 303, answer.text()
        found = re.search(r"comment-(\d+)", answer.headers["location"])
        assert found
        return int(found[1])


@pytest.fixture
def people(chromium: Browser, site: Site) -> Iterator[People]:
    opened = People(chromium, site)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.complaints == []
