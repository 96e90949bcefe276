"""The shared cache, for when it is away: that costs a page next to nothing.

Redis answers in less than a millisecond. What takes 0.2 seconds is not coming, and after that it is
left alone for a while: a page asks the cache several times, and would wait each time. Whoever asks
meanwhile gets the error at once, as if Redis had refused.
"""

import logging
import time
from typing import Any, ClassVar

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

log = logging.getLogger(__name__)

PATIENCE = 0.2  # seconds for a connection, and for an answer
REST = 3.0  # seconds for which it is left alone
FAILURES = (redis.ConnectionError, redis.TimeoutError)


class CacheAway(ConnectionError):
    """Redis does not answer, or did not a moment ago."""


class PatientRedis(redis.Redis):
    # Of the process: each thread has connections of its own, and they fail together.
    rests_until: ClassVar[float] = 0.0

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if time.monotonic() < PatientRedis.rests_until:
            raise CacheAway("It is left alone for a moment.")
        try:
            return super().execute_command(*args, **options)
        except FAILURES as error:
            log.warning("The cache is left alone for %s s: %s", REST, error)
            PatientRedis.rests_until = time.monotonic() + REST
            raise CacheAway(str(error)) from error


class PatientClient(RedisCacheClient):
    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(
            servers, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, **options
        )
        self._client = PatientRedis
        self._made: dict[int, PatientRedis] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> PatientRedis:
        # Kept: to make one takes as long as to ask Redis twice.
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
        made = self._made.get(id(pool))
        if made is None:
            made = self._made[id(pool)] = PatientRedis(connection_pool=pool)
        return made


class PatientCache(RedisCache):
    """Django's cache on Redis or Valkey, with ``redis://`` or ``rediss://`` addresses."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = PatientClient
