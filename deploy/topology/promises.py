"""What the site of many machines promises, each looked at while something is paused or dead."""

import http.client
import itertools
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from deploy.topology.browser import Answer, Browser
from deploy.topology.machines import DEPLOY, HOST, MAX_LAG, Server, Site, found, wait_until
from deploy.topology.report import fact

REPLAYED = "SELECT pg_last_wal_replay_lsn() = pg_last_wal_receive_lsn()"
WORDS = itertools.cycle(
    ["heron", "lantern", "quay", "ferry", "barley", "sluice", "bellows", "cinder", "thatch", "oar"]
)
numbers = itertools.count(1)


def remark() -> str:
    """Return what nobody has said yet."""
    return f"On the {next(numbers)}. day I saw a {next(WORDS)} beside the {next(WORDS)}."


def comment(browser: Browser, page: str, body: str) -> Answer:
    return browser.post(f"{page}comments/", body=body)


def nodes_and_cache(site: Site) -> None:
    page, anybody = site.guide["small"], Browser(site.front)
    with_cookie = Browser(site.front)
    with_cookie.cookies["seen"] = "1"
    answers = [with_cookie.get(page) for _ in range(8)]
    asked = {node for nodes in site.fetched(page) for node in nodes.split(", ")}
    fact("both web nodes answer through nginx", len(asked) == 2, Counter(site.fetched(page)))
    fact(
        "who carries a cookie is never answered from the micro-cache",
        all(answer.status == 200 and not answer.cache for answer in answers),
    )
    page = site.guide["reference"]
    for coding in ("gzip", "br"):
        kept = Answer(0, http.client.HTTPMessage(), b"", 0)
        for _ in range(6):
            kept = anybody.get(page, Accept_Encoding=f"deflate, {coding};q=0.9")
            if kept.cache == "HIT":
                break
        own = Browser(site.nodes[0].port).get(page, Accept_Encoding=coding)
        fact(
            f"a page is kept by nginx as the application compressed it ({coding})",
            kept.cache == "HIT" and kept.headers["Content-Encoding"] == coding
            and kept.body == own.body,
            f"{kept.cache}, {len(kept.body):,} bytes",
        )  # fmt: skip
    plain = anybody.get(page, Accept_Encoding="br;q=0, gzip;q=0")
    fact(
        "who takes nothing compressed gets nothing compressed",
        plain.status == 200 and not plain.headers["Content-Encoding"],
    )
    part = anybody.get(f"{page}comments/", HX_Request="true")
    whole = anybody.get(f"{page}comments/")
    fact("a part for htmx is not taken for the page", len(part.body) < len(whole.body))

    three_over_http2(site, page)
    three_over_http2(site, page)
    time.sleep(3.2)
    for node in site.nodes:
        node.send(signal.SIGSTOP)
    stale = anybody.get(page, Accept_Encoding="gzip")
    over_http2 = three_over_http2(site, page)
    for node in site.nodes:
        node.send(signal.SIGCONT)
    fact(
        "a refresh holds nobody: with both nodes frozen the old page comes at once",
        stale.cache == "STALE" and stale.seconds < 0.1,
        f"{stale.cache}, {stale.seconds * 1000:.1f} ms",
    )
    fact(
        "nor does what is asked next on the same connection wait for it, over HTTP/2",
        len(over_http2) == 3 and max(over_http2) < 0.1,
        ", ".join(f"{seconds * 1000:.1f} ms" for seconds in over_http2),
    )
    fact(
        "afterwards the new page is there",
        wait_until(lambda: anybody.get(page, Accept_Encoding="gzip").cache == "HIT", 5),
    )

    cold = f"{site.guide['small']}?order=newest"
    crowd = [threading.Thread(target=Browser(site.front).get, args=(cold,)) for _ in range(30)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    fetched = len(site.fetched(cold))
    fact(
        "of thirty who ask at once for a page that is not there, few fetch it",
        fetched <= 3,
        fetched,
    )


def three_over_http2(site: Site, page: str) -> list[float]:
    """Return in how many seconds a page came, three times on one connection."""
    command = [found("curl"), "--silent", "--insecure", "--http2", "--max-time", "5"]
    command += ["--header", f"Host: {HOST}", "--header", "Accept-Encoding: gzip"]
    command += ["--write-out", "%{stderr}%{http_version} %{http_code} %{time_total}\n"]
    for _ in range(3):
        command += ["--output", "/dev/null", f"https://127.0.0.1:{site.secure}{page}"]
    lines = subprocess.run(command, capture_output=True, text=True).stderr.splitlines()
    return [float(line.split()[2]) for line in lines if line.startswith("2 200 ")]


def own_words_while_the_standby_is_late(site: Site, reader: Browser) -> None:
    page = site.guide["small"]
    other = Browser(site.nodes[1].port)
    other.log_in(site.guide["reader"], site.guide["password"])
    time.sleep(2)

    def elsewhere(path: str) -> Answer:
        """What the same reader gets in a browser that did not write lately."""
        return other.elsewhere(other.port, without="wrote").get(path)

    site.standby.ask("SELECT pg_wal_replay_pause()")
    try:
        paused, said = time.monotonic(), remark()
        posted = comment(reader, page, said)
        place = urlsplit(posted.headers["Location"] or page)
        fact(
            "a reader sees the own comment at once while the standby stands still",
            posted.status == 303 and said in reader.get(place.path).text,
            posted.status,
        )
        late = elsewhere(page)
        fact(
            "another browser is answered by the standby, which does not have it yet",
            late.status == 200 and said not in late.text,
        )
        found = elsewhere(f"/comments/{place.fragment.rpartition('-')[2]}/")
        fact(
            "what the standby does not have yet is found at the primary, not said to be missing",
            found.status == 200 and said in found.text,
            found.status,
        )
        anybody = Browser(site.nodes[0].port).get(page)
        fact("a page kept for everyone is made from the primary, and has it", said in anybody.text)
        gone = wait_until(lambda: said in elsewhere(page).text, 3 * MAX_LAG, 0.2)
        took = time.monotonic() - paused
        fact(
            f"a standby that is more than {MAX_LAG} s late is left out",
            gone and took > MAX_LAG - 2,
            f"after {took:.1f} s",
        )
    finally:
        site.standby.ask("SELECT pg_wal_replay_resume()")
    back = wait_until(lambda: site.standby.ask(REPLAYED) == "t", 10)
    fact("it catches up once it replays", back)


def removals(site: Site, reader: Browser, moderator: Browser) -> None:
    page = site.guide["small"]
    said, more, third = remark(), remark(), remark()
    numbers = []
    for words in (said, more, third):
        posted = comment(reader, page, words)
        numbers.append((posted.headers["Location"] or "").rpartition("-")[2])
    time.sleep(2.5)  # the standby has them
    readers = [reader.elsewhere(node.port, without="wrote") for node in site.nodes]
    anybody = Browser(site.front)
    wait_until(lambda: third in anybody.get(page, Accept_Encoding="gzip").text, 20)
    site.standby.ask("SELECT pg_wal_replay_pause()")
    try:
        seen = [said in one.get(page).text for one in readers]
        decided = reject(site.primary, moderator, numbers[0])
        after = [said in one.get(page).text for one in (*readers, Browser(site.nodes[0].port))]
        fact(
            "what a moderator took away is gone on the next request, on both nodes, "
            "though the standby still has it",
            decided.status < 400 and all(seen) and not any(after)
            and site.standby.ask(f"SELECT status FROM comments_comment WHERE id={numbers[0]}")
            == "approved",
            decided.status,
        )  # fmt: skip
        is_kept(anybody, page)
        reject(site.primary, moderator, numbers[1])
        kept = more in anybody.get(page, Accept_Encoding="gzip").text
        refresh = subprocess.run(
            [str(DEPLOY / "nginx" / "refresh"), f"http://{HOST}:{site.front}{page}"],
            capture_output=True,
            text=True,
        )
        now = anybody.get(page, Accept_Encoding="gzip")
        fact(
            "with deploy/nginx/refresh it is gone from nginx at once",
            refresh.returncode == 0 and kept and more not in now.text,
            f"{refresh.stdout.count('200 ')} forms fetched",
        )
        is_kept(anybody, page)
        reject(site.primary, moderator, numbers[2])
        started = time.monotonic()
        gone = wait_until(lambda: third not in anybody.get(page, Accept_Encoding="gzip").text, 15)
        took = time.monotonic() - started
        fact(
            "through nginx, without that, within its two seconds and one request",
            gone and took < 4,
            f"{took:.1f} s",
        )
    finally:
        site.standby.ask("SELECT pg_wal_replay_resume()")
    old = remark()
    comment(reader, page, old)
    is_kept(anybody, page)
    time.sleep(13)
    answer = anybody.get(page, Accept_Encoding="gzip")
    fact(
        "what was kept twelve seconds ago is sent to nobody any more",
        answer.cache not in {"HIT", "STALE"} and old in answer.text,
        answer.cache,
    )


def is_kept(anybody: Browser, page: str) -> bool:
    """Wait until nginx has the page anew, with two seconds to go."""
    anybody.get(page, Accept_Encoding="gzip")
    time.sleep(2.1)
    return wait_until(lambda: anybody.get(page, Accept_Encoding="gzip").cache == "HIT", 5)


def an_hour_passes(site: Site) -> None:
    """So that limits leave room again."""
    site.primary.ask("UPDATE comments_comment SET created_at = created_at - interval '1 hour'")


def reject(server: Server, moderator: Browser, number: str) -> Answer:
    version = server.ask(f"SELECT version FROM comments_comment WHERE id={number}")
    return moderator.post(
        f"/admin/comments/comment/{number}/decide/",
        action="reject", reason="attack", version=version,
    )  # fmt: skip


def statuses(site: Site, browsers: list[Browser], meanwhile: Callable[[], None]) -> Counter[int]:
    """Return how often which status came, from all of them at once, while something is done."""
    seen: Counter[int] = Counter()
    done = threading.Event()

    def read(browser: Browser) -> None:
        paths = itertools.cycle([site.guide["small"], site.guide["reference"], "/", "/feed/"])
        while not done.is_set():
            seen[browser.get(next(paths)).status] += 1

    threads = [threading.Thread(target=read, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    time.sleep(1)
    meanwhile()
    time.sleep(3)
    done.set()
    for thread in threads:
        thread.join()
    return seen


def parts_die(site: Site, reader: Browser) -> None:
    readers = [reader.elsewhere(node.port, without="wrote") for node in site.nodes]
    crowd = [*readers, *readers, *(Browser(node.port) for node in site.nodes), Browser(site.front)]
    seen = statuses(site, crowd, site.standby.kill)
    fact("the standby is killed: no reader notices", set(seen) == {200}, dict(seen))
    site.standby.start()

    page = site.guide["small"]
    seen = statuses(site, crowd, lambda: site.redis.stop(signal.SIGKILL))
    fact("Redis is killed: pages go on", set(seen) == {200}, dict(seen))
    an_hour_passes(site)
    number = site.primary.ask(
        "SELECT c.id FROM comments_comment c JOIN accounts_user u ON u.id = c.author_id "
        f"WHERE u.username <> '{site.guide['reader']}' AND c.status = 'approved' LIMIT 1"
    )
    answer = reader.post(f"/comments/{number}/respect/")
    fact("limits that it counted hold meanwhile", answer.status == 429, answer.status)
    said = remark()
    answer = comment(reader, page, said)
    fact("comments are taken, counted by their rows", answer.status == 303, answer.status)
    times = [reader.get(page).seconds for _ in range(10)]
    fact(
        "its absence costs a page little",
        sorted(times)[5] < 0.2,
        f"{sorted(times)[5] * 1000:.0f} ms",
    )
    stranger = Browser(site.nodes[0].port).log_in(site.guide["reader"], site.guide["password"])
    fact("nobody logs in uncounted", stranger.status in {302, 429, 503}, stranger.status)
    site.redis.start()
    time.sleep(4)
    answer = reader.post(f"/comments/{number}/respect/")
    fact("Redis is back: what it counts goes on", answer.status in {200, 303}, answer.status)


def fail_over(site: Site, reader: Browser) -> None:
    page, said = site.guide["small"], remark()
    an_hour_passes(site)
    wait_until(lambda: "streaming" in site.primary.ask("SELECT state FROM pg_stat_replication"), 20)
    time.sleep(1)
    seen: Counter[int] = Counter()
    done = threading.Event()

    def read() -> None:
        anybody = Browser(site.front)
        while not done.is_set():
            seen[anybody.get(page, Accept_Encoding="gzip").status] += 1
            time.sleep(0.05)

    crowd = threading.Thread(target=read)
    crowd.start()
    started = time.monotonic()
    site.primary.kill()
    time.sleep(1.5)
    nodes = [Browser(node.port).get(page) for node in site.nodes]
    fact(
        "with no primary at all, pages for everyone are read from the standby",
        all(answer.status == 200 for answer in nodes),
        ", ".join(f"{answer.status} in {answer.seconds:.1f} s" for answer in nodes),
    )
    started = time.monotonic()
    site.standby.promote()
    promoted = time.monotonic()
    answers: Counter[int] = Counter()

    def posts() -> bool:
        answer = comment(reader, page, said)
        answers[answer.status] += 1
        return answer.status == 303

    works = wait_until(posts, 30, 0.2)
    took = time.monotonic() - promoted
    done.set()
    crowd.join()
    fact(
        "the primary is killed and the standby promoted: posting works again, nothing restarted",
        works and said in reader.get(page).text,
        f"{took:.1f} s after the promotion, {promoted - started:.1f} s for that; {dict(answers)}",
    )
    fact("anonymous readers read on meanwhile, through nginx", set(seen) == {200}, dict(seen))
    count = site.standby.ask(f"SELECT count(*) FROM comments_comment WHERE body = '{said}'")
    fact("what was sent again is there once", count == "1", count)


def work_is_done(site: Site, server: Server, reader: Browser, moderator: Browser) -> None:
    """Take a comment away, of which the worker tells its author by mail."""
    counted = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status = 'SUCCESSFUL'"
    before = int(server.ask(counted))
    posted = comment(reader, site.guide["small"], remark())
    reject(server, moderator, (posted.headers["Location"] or "").rpartition("-")[2])
    done = wait_until(lambda: int(server.ask(counted)) > before, 30)
    fact("the worker does what the web nodes leave to it", done)


def look_at_all(site: Site) -> None:
    """Look whether each promise holds, in an order in which what dies comes last."""
    guide = site.guide
    nodes_and_cache(site)
    reader, moderator = Browser(site.front), Browser(site.front)
    entered = reader.log_in(guide["reader"], guide["password"])
    fact("a reader logs in through nginx", entered.status == 302, entered.status)
    entered = moderator.log_in(guide["moderator"], guide["password"])
    fact("a moderator logs in through nginx", entered.status == 302, entered.status)
    own_words_while_the_standby_is_late(site, reader)
    removals(site, reader, moderator)
    parts_die(site, reader)
    work_is_done(site, site.primary, reader, moderator)
    fail_over(site, reader)
    work_is_done(site, site.standby, reader, moderator)
