"""A shared cache that is away costs little, and opens nothing."""

import datetime
import socket

import pytest
import redis as library
from django.core.cache import caches

from newsroom import cached, pace, redis
from tests.conftest import PASSWORD


@pytest.fixture
def clock(monkeypatch):
    """The time by which the cache rests, for a test to move."""
    clock = [1000.0]
    monkeypatch.setattr(redis.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(redis.PatientRedis, "rests_until", 0.0)
    return clock


@pytest.fixture
def gone(clock):
    """A cache at an address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield redis.PatientCache(f"redis://127.0.0.1:{taken.getsockname()[1]}/0", {})


def test_cache_that_failed_is_left_alone_for_a_while(gone, clock, monkeypatch):
    with pytest.raises(redis.CacheAway, match="refused"):
        gone.get("edition")
    asked = []
    monkeypatch.setattr(
        library.Redis, "execute_command", lambda self, *args, **options: asked.append(args)
    )
    clock[0] += redis.REST - 1
    for ask in (gone.get, gone.delete, gone.incr):
        with pytest.raises(redis.CacheAway, match="left alone"):
            ask("edition")
    assert asked == []
    clock[0] += 1
    gone.get("edition")
    assert len(asked) == 1


def test_who_does_not_answer_is_waited_for_a_fifth_of_a_second(gone):
    connection = gone._cache.get_client().connection_pool.make_connection()
    assert connection.socket_timeout == connection.socket_connect_timeout == 0.2
    assert connection.retry.get_retries() == 0


def test_a_page_is_worked_out_and_a_limit_holds_while_the_cache_is_away(gone, monkeypatch):
    monkeypatch.setattr(caches._connections, "default", gone)
    cached.put("edition", "the first", 60)
    assert cached.get("edition") is None
    cached.forget("edition")
    for _ in range(3):
        assert pace.wait_for_turn("respect", 1, 100, datetime.timedelta(minutes=1)) > 0


def test_who_must_be_counted_is_asked_to_come_back(gone, clock, client, reader, monkeypatch):
    monkeypatch.setattr(caches._connections, "default", gone)
    client.raise_request_exception = False
    answer = client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "_auth_user_id" not in client.session
