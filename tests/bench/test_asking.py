"""What the benchmark asks is what it says, and what it is not answered ends it."""

import os
import time
from pathlib import Path

import pytest

from articles.models import Article
from bench import front, load, processes
from bench.cases import Cases
from bench.load import WrongAnswer
from bench.machine import CannotRun
from bench.visitors import Words, get, named, post
from comments.likeness import alike, remember
from comments.models import Comment


def test_a_request_is_written_as_it_is_sent():
    sent = get("/x/", Accept_Encoding="gzip").decode()
    assert sent.startswith("GET /x/ HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    assert "\r\nAccept-Encoding: gzip\r\n" in sent
    assert sent.endswith("\r\n\r\n")


def test_a_visitor_is_logged_in_and_has_a_token(client, reader, article):
    visitor = named(reader.username)
    head, _, body = (
        post(f"{article.get_absolute_url()}comments/", visitor, {"body": "A word."})
        .decode()
        .partition("\r\n\r\n")
    )
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    client.handler.enforce_csrf_checks = True
    answer = client.post(
        head.split()[1], body, content_type=headers["Content-Type"],
        headers={"cookie": headers["Cookie"]},
    )  # fmt: skip
    assert answer.status_code == 303
    assert Comment.objects.latest("pk").author == reader


def test_no_two_texts_are_alike(make_comment):
    words = Words(start=1)
    for _ in range(20):
        remember(make_comment(body=words.say()))
    last = make_comment(body=words.say())
    assert alike(last, 20) == []


def test_cold_requests_move_the_version_of_their_own_story(make_article):
    stories = [make_article(), make_article()]
    guide = {"reference": f"/2026/11/30/a-story-{stories[1].pk}/"}
    statements = []
    case = Cases(guide, 1, statements.append)._cold("cold", "Cold", guide["reference"])
    case.before()
    assert statements[0].endswith(f"WHERE id = {stories[1].pk}")
    assert Article.objects.get(pk=stories[1].pk).page_version == stories[1].page_version


def test_the_processor_s_time_is_counted():
    before = processes.cpu([os.getpid()])
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    assert processes.spent(before, processes.cpu([os.getpid()])) >= 80


def test_a_process_that_is_gone_costs_nothing():
    assert processes.cpu([2**22 + 1]) == {}


def test_another_status_ends_the_run(live_server):
    port = int(live_server.url.rpartition(":")[2])
    assert load.ask(port, get("/healthz"), 200).status == 200
    with pytest.raises(WrongAnswer, match="GET /nowhere/ was answered with 404"):
        load.ask(port, get("/nowhere/"), 200)


def test_nginx_runs_what_is_shipped_with_other_ports_and_folders(tmp_path):
    adapted = front.adapted(front.SHIPPED.read_text(), tmp_path, tmp_path / "var", 8101, 8102)
    assert "listen 127.0.0.1:8101;" in adapted
    assert "server 127.0.0.1:8102" in adapted
    code = "\n".join(line.partition("#")[0] for line in adapted.splitlines())
    assert "listen 80" not in code
    assert "/var/cache" not in code


def test_a_configuration_that_it_does_not_know_is_not_run():
    with pytest.raises(CannotRun, match="must follow it"):
        front.adapted("server { listen 81; }", Path("/x"), Path("/x"), 1, 2)
