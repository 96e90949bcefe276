"""Browsers of readers and staff, as far as a site can tell."""

import gzip
import http.client
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from deploy.topology.machines import HOST


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        packed = self.headers["Content-Encoding"] == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()

    @property
    def cache(self) -> str:
        return self.headers["X-Cache"] or ""


class Browser:
    """A browser with its cookies; it sends secure ones without TLS, which this site is without."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, sent: dict[str, str], headers: dict[str, str]) -> Answer:
        sending = {"Host": HOST, **headers}
        if self.cookies:
            sending["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if sent:
            sending["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        started = time.monotonic()
        try:
            connection.request(method, path, urlencode(sent) if sent else None, sending)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Answer(answer.status, answer.headers, body, time.monotonic() - started)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, {}, {name.replace("_", "-"): h for name, h in headers.items()})

    def post(self, path: str, **sent: str) -> Answer:
        token = self.cookies.get("__Host-csrf", "")
        return self.ask("POST", path, {"csrfmiddlewaretoken": token, **sent}, {})

    def log_in(self, name: str, password: str) -> Answer:
        self.get("/accounts/login/")
        return self.post("/accounts/login/", login=name, password=password)

    def elsewhere(self, port: int, without: str = "") -> "Browser":
        """Return a browser with the same cookies that asks another port."""
        other = Browser(port)
        other.cookies = {name: value for name, value in self.cookies.items() if name != without}
        return other
