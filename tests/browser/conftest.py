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
from pathlib import Path

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

    def mail_to(self, address: str) -> str:
        """Return the text of the newest mail to ``address``, waiting a little for it."""
        for _ in range(50):
            files = sorted(self.var.joinpath("mail").glob(f"*{address}.eml"))
            if files:
                message = email.message_from_bytes(
                    files[-1].read_bytes(), policy=email.policy.default
                )
                body = message.get_body(("plain",))
                assert body is not None
                return body.get_content()
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

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser = browser
        self.site = site
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def stranger(self, javascript: bool = True, width: int = 1280, scheme: str = "light") -> Page:
        context = self.browser.new_context(
            base_url=self.site.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"{page.url}: {message.text}")
                if "Content Security Policy" in message.text or "Refused to" in message.text
                else None
            ),
        )
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
        page = self.stranger(**kind)  # type: ignore[arg-type]
        page.goto("/accounts/login/")
        page.fill("input[name=login]", username)
        page.fill("input[name=password]", password)
        page.click("main form button[type=submit]")
        page.wait_for_url("**/account/")
        return page


@pytest.fixture
def people(chromium: Browser, site: Site) -> Iterator[People]:
    opened = People(chromium, site)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.complaints == []
