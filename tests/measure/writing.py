"""What writing costs: posting, deciding, a nod; and two hundred who post to one story at once.

A command, not a test, since its numbers are those of the machine it runs on:

    DATABASE_URL=postgres://… .venv/bin/python -m tests.measure.writing \\
        [--few 10] [--many 100000] [--rounds 200] [--crowd 200]

The database must be new: it is migrated, filled and left behind. It starts the production server
with production settings and one worker process, and prints JSON:

``alone``   one request after the other, under a story of ``--few`` and one of ``--many`` comments:
            CPU milliseconds of the web process for each request, and the median and the 95th
            percentile of what the client waited; ``nothing`` is a page that says "alive", for
            what the server takes by itself
``crowd``   ``--crowd`` readers who post to one story at once: how many were taken, posts a second,
            what the client waited, and whether the counters are exact afterwards
"""

import argparse
import contextlib
import datetime
import http.client
import itertools
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.measure.conversation import BASE

CHUNK = 5000
TOKEN = "a" * 32
LETTERS = str.maketrans("0123456789", "ghijklmnop")
SETTINGS = {
    "ENVIRONMENT": "production", "ALLOWED_HOSTS": "127.0.0.1", "SITE_URL": "http://127.0.0.1",
    "SECURE_SSL_REDIRECT": "off", "TRUSTED_PROXY_COUNT": "1", "CIVILITY_PROMPT": "on",
    "DJANGO_SETTINGS_MODULE": "newsroom.settings",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--few", type=int, default=10)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--crowd", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="newsroom-measure-") as folder:
        os.environ |= SETTINGS | {"VAR_DIR": folder, "SECRET_KEY": secrets.token_hex(32)}
        os.chdir(BASE)
        sys.path.insert(0, str(BASE))
        for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
            subprocess.run([sys.executable, "manage.py", *command], check=True)
        import django

        django.setup()
        people = readers(options.rounds + options.crowd)
        small, large = story("small", options.few), story("large", options.many)
        crowded = story("crowded", 0)
        result: dict[str, Any] = {"comments": [options.few, options.many], "alone": {}}
        with served() as (port, processes):
            result["alone"]["nothing"] = alone(port, processes, [ALIVE] * options.rounds)
            for name, make in KINDS.items():
                result["alone"][name] = [
                    alone(port, processes, make(one, people, options.rounds))
                    for one in (small, large)
                ]
            result["crowd"] = crowd(port, processes, crowded, people[options.rounds :])
    print(json.dumps(result, indent=2))


# The paper ----------------------------------------------------------------------------------------


def readers(count: int) -> list[tuple[Any, str]]:
    """Make so many readers whom the paper knows. Returns each with a session's cookie."""
    from django.utils import timezone

    from accounts.models import User
    from comments.models import CheckRule

    # So many in one moment are a surge, which would hold what comes.
    CheckRule.objects.create(check_name="surge", is_on=False)
    joined = timezone.now() - datetime.timedelta(days=30)
    people = [
        User(username=f"reader{n}", email=f"reader{n}@example.org", date_joined=joined)
        for n in range(count)
    ]
    User.objects.bulk_create(people, batch_size=CHUNK)
    sample = story("earlier", 0)
    _fill(sample, [people[n % count] for n in range(count)])
    return [(person, session_of(person)) for person in people]


def session_of(person: Any) -> str:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def story(slug: str, comments: int) -> Any:
    from django.utils import timezone

    from accounts.models import User
    from articles.models import Article, Section

    section, _ = Section.objects.get_or_create(slug="town", defaults={"name": "Town"})
    at = timezone.now() - datetime.timedelta(days=2)
    made = Article(
        headline=slug.capitalize(), slug=slug, section=section, status=Article.Status.PUBLISHED,
        published_at=at, published_on=timezone.localdate(at),
    )  # fmt: skip
    made.set_body("<p>The river rose at four.</p>" * 20)
    made.save()
    if comments:
        people = list(User.objects.order_by("pk"))
        _fill(made, [people[n % len(people)] for n in range(comments)])
    return made


def _fill(article: Any, authors: list[Any]) -> None:
    """Put a visible comment of each of these people under the story, from yesterday."""
    from django.db import connection
    from django.utils import timezone

    from comments.counters import recount
    from comments.models import Comment

    yesterday = timezone.now() - datetime.timedelta(days=1)
    rows = (
        Comment(
            article=article, author=author, number=number, status=Comment.Status.APPROVED,
            is_placed=True, created_at=yesterday, visible_at=yesterday, body="So it was.",
            body_html="<p>So it was.</p>", fingerprint="so it was",
        )
        for number, author in enumerate(authors, start=1)
    )  # fmt: skip
    while chunk := list(itertools.islice(rows, CHUNK)):
        Comment.objects.bulk_create(chunk)
    recount(article)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


# Requests -----------------------------------------------------------------------------------------

Request = tuple[str, dict[str, Any], dict[str, str], int]  # path, fields, headers, status


ALIVE: Request = ("/healthz", {}, {}, 200)


def headers(place: int, session: str, **more: str) -> dict[str, str]:
    return {
        "Cookie": f"__Host-session={session}; __Host-csrf={TOKEN}",
        "Content-Type": "application/x-www-form-urlencoded",
        # Each from an address of their own.
        "X-Forwarded-For": f"10.{place >> 16}.{place >> 8 & 255}.{place & 255}",
        **more,
    }


def comment(article: Any, place: int, session: str) -> Request:
    from comments import formkeys

    # Of letters alone: among digits a check finds telephone numbers.
    said = " ".join(secrets.token_hex(3) for _ in range(40)).translate(LETTERS)
    key = str(formkeys.fresh())
    fields = {"body": f"I say that {said}, and so on.", "key": key, "from": "article"}
    return f"{article.get_absolute_url()}comments/", fields, headers(place, session), 303


def comments(article: Any, people: list[tuple[Any, str]], rounds: int) -> list[Request]:
    return [comment(article, place, people[place][1]) for place in range(rounds)]


def answers(article: Any, people: list[tuple[Any, str]], rounds: int) -> list[Request]:
    roots = article.comments.filter(root__isnull=True).values_list("pk", flat=True)
    pks = itertools.cycle(list(roots.order_by("number")[:50]))
    made = []
    for path, fields, sent, status in comments(article, people, rounds):
        made.append((path, fields | {"parent": next(pks)}, sent, status))
    return made


def nods(article: Any, people: list[tuple[Any, str]], rounds: int) -> list[Request]:
    shown = article.comments.filter(root__isnull=True).order_by("number").first()
    return [
        (f"/comments/{shown.pk}/respect/", {"wanted": "yes"}, headers(place, session), 303)
        for place, (person, session) in enumerate(people[:rounds])
        if person.pk != shown.author_id
    ]


def decisions(action: str) -> Callable[..., list[Request]]:
    def make(article: Any, people: list[tuple[Any, str]], rounds: int) -> list[Request]:
        from django.contrib.auth.models import Group

        from accounts.models import User
        from comments.models import Comment, Finding

        moderator, is_new = User.objects.get_or_create(
            username="moderator", email="moderator@example.org", is_staff=True
        )
        if is_new:
            moderator.groups.add(Group.objects.get(name="moderator"))
        session = session_of(moderator)
        held = Comment.objects.bulk_create(
            Comment(
                article=article, author=people[place][0], body="So it was.",
                body_html="<p>So it was.</p>", fingerprint="so it was",
            )
            for place in range(rounds)
        )  # fmt: skip
        Finding.objects.bulk_create(
            Finding(comment=one, check_name="first-comment", reason="first") for one in held
        )
        said = {"action": action, "version": 1, "reason": "hate"}
        sent = headers(0, session, **{"HX-Request": "true"})
        return [(f"/admin/comments/comment/{one.pk}/decide/", said, sent, 200) for one in held]

    return make


KINDS: dict[str, Callable[..., list[Request]]] = {
    "post": comments,
    "answer": answers,
    "nod": nods,
    "approve": decisions("approve"),
    "reject": decisions("reject"),
}


def send(port: int, request: Request) -> tuple[int, float]:
    """Send a form. Returns the status of the answer, and the milliseconds until it was there."""
    path, fields, sent, _ = request
    body = urlencode(fields | {"csrfmiddlewaretoken": TOKEN}) if fields else None
    began = time.perf_counter()
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    link.request("POST" if fields else "GET", path, body, sent | {"Host": "127.0.0.1"})
    answer = link.getresponse()
    answer.read()
    link.close()
    return answer.status, 1000 * (time.perf_counter() - began)


@contextlib.contextmanager
def served() -> Iterator[tuple[int, Callable[[], float]]]:
    """Serve the site. Gives the port, and the CPU seconds of all its processes so far."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "serve", str(port), "--workers", "1", "--no-worker"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(150):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2)
                break
            time.sleep(0.2)
        yield port, lambda: cpu_of(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=20)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process and of those that it started."""
    seconds, ticks = 0.0, os.sysconf("SC_CLK_TCK")
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            rest = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(entry.name) == pid or int(rest[1]) == pid:
                seconds += (int(rest[11]) + int(rest[12])) / ticks
    return seconds


# Measuring ----------------------------------------------------------------------------------------


def alone(port: int, cpu: Callable[[], float], requests: list[Request]) -> dict[str, float]:
    """Send one after the other, the first few to warm up."""
    warm = len(requests) // 10
    for request in requests[:warm]:
        send(port, request)
    before, waited = cpu(), []
    for request in requests[warm:]:
        status, took = send(port, request)
        if status != request[3]:
            raise SystemExit(f"{request[0]} answered {status} and not {request[3]}.")
        waited.append(took)
    spent = 1000 * (cpu() - before) / len(waited)
    return {"cpu_ms": round(spent, 2)} | spread(waited)


def spread(waited: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(waited), 1),
        "p95_ms": round(sorted(waited)[int(0.95 * len(waited))], 1),
    }


def crowd(
    port: int, cpu: Callable[[], float], article: Any, people: list[tuple[Any, str]]
) -> dict[str, Any]:
    """Have everybody post to one story at once, and count what came of it."""
    from django.db import connection

    from comments.counters import recount

    requests = [comment(article, 5000 + n, session) for n, (_, session) in enumerate(people)]
    answers: list[tuple[int, float]] = []
    start = threading.Barrier(len(requests) + 1)

    def post(request: Request) -> None:
        start.wait()
        answers.append(send(port, request))

    threads = [threading.Thread(target=post, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    spent = cpu()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    spent = 1000 * (cpu() - spent) / len(requests)
    connection.close()
    article.refresh_from_db()
    numbers = list(article.comments.visible().order_by("number").values_list("number", flat=True))
    return {
        "answers": dict(Counter(status for status, _ in answers)),
        "posts_a_second": round(len(requests) / took, 1),
        "cpu_ms": round(spent, 2),
        **spread([waited for _, waited in answers]),
        "comment_count": article.comment_count,
        "numbers_are_1_to_n": numbers == list(range(1, len(requests) + 1)),
        "drift": [str(one) for one in recount(article)],
    }


if __name__ == "__main__":
    main()
