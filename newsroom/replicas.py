"""Replicas: which of a request's reads a copy of the database answers, and when it must not.

A replica runs behind the primary, and these promises hold all the same:

- Whoever wrote sees what they wrote: a short-lived cookie carries the position in the write-ahead
  log at which the primary stood after it, and only a replica that got so far is asked.
- What moderation took away is gone on the next request: after a request of staff that may have
  taken something away, no replica is asked that has not got past that moment.
- Staff, sign-in, sessions, limits, forms, transactions and the background worker read and write at
  the primary.
- A replica that is down or late is left out. What it failed to answer, or did not have, the
  primary is asked: no reader sees an error because of a replica.
"""

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

log = logging.getLogger(__name__)

PRIMARY = "default"
# Of these apps a page shows what anybody may know a moment later; all else is read where it was
# written.
READ_ANYWHERE = {"articles", "comments"}
SAFE = {"GET", "HEAD"}
LOOK = 1.0  # seconds between looks at the replicas
COOKIE = "wrote"
REMOVALS = "replicas:removals"  # in the shared cache: moves whenever something was taken away

# Positions in the write-ahead log, in bytes.
PRIMARY_POSITION = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
# A server that takes writes is no replica: it is the primary, or one that was and must not be read.
REPLICA_POSITION = """
SELECT CASE WHEN pg_is_in_recovery()
    THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END
"""


def _position(alias: str) -> int | None:
    with connections[alias].cursor() as cursor:
        cursor.execute(PRIMARY_POSITION if alias == PRIMARY else REPLICA_POSITION)
        return cursor.fetchone()[0]


class Watch:
    """What this process knows of the replicas, not older than a second.

    A thread of its own looks, so that no reader waits for a server that does not answer.
    """

    def __init__(self) -> None:
        self.primary_is_away = False
        # When the primary stood where. A replica is as late as the newest of these that it has
        # reached: that needs no two clocks, and holds on a site where nobody writes.
        self.stood: deque[tuple[float, int]] = deque(maxlen=int(settings.REPLICA_MAX_LAG / LOOK))
        self.reached: dict[str, int] = {}  # by the replica's alias
        self.fit: tuple[str, ...] = ()  # to be read
        self.turn = itertools.count()
        # The number that was last seen to move, and the primary's position after that.
        self.removals: tuple[int | None, int] = (None, 0)
        self.is_untold = False  # something was taken away, and the others do not know
        self.thread = threading.Thread()
        self.starting = threading.Lock()

    def keep(self) -> None:
        """Have the thread running: in each process, since a fork does not take it along."""
        if self.thread.is_alive():
            return
        with self.starting:
            if not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="replicas", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except Exception:
                log.exception("The look at the replicas failed")
            connections.close_all()
            time.sleep(LOOK)

    def look(self) -> None:
        """Ask the primary and each replica where it stands."""
        try:
            position = _position(PRIMARY)
        except DatabaseError:
            # Nothing is written meanwhile, so whoever was fit to be read still is.
            self.primary_is_away = True
        else:
            self.primary_is_away = False
            self.stood.append((time.monotonic(), position or 0))
        if self.is_untold:
            self.tell_of_removal()
        self.floor()
        for alias in settings.REPLICAS:
            self.look_at(alias)
        latest = settings.REPLICA_MAX_LAG
        self.fit = tuple(alias for alias in settings.REPLICAS if self.lag(alias) < latest)

    def look_at(self, alias: str) -> int:
        """Return the position that a replica has reached, -1 where it cannot be read."""
        try:
            position = _position(alias)
        except DatabaseError as error:
            if alias in self.reached:  # else it is known
                log.warning("%s is left out: %s", alias, error)
            position = None
        if position is None:
            self.leave_out(alias)
            return -1
        self.reached[alias] = position
        return position

    def leave_out(self, alias: str) -> None:
        """Read nothing there until the next look finds it well."""
        self.reached.pop(alias, None)
        self.fit = tuple(other for other in self.fit if other != alias)

    def lag(self, alias: str) -> float:
        """Return how many seconds a replica is behind the primary, to within a look."""
        reached = self.reached.get(alias, -1)
        for moment, position in reversed(self.stood):
            if position <= reached:
                return self.stood[-1][0] - moment
        return float("inf")

    def choose(self, needed: int) -> str:
        """Return who is read: a replica that has reached ``needed``, in turn, else the primary."""
        fit, start = self.fit, next(self.turn)
        for step in range(len(fit)):
            alias = fit[(start + step) % len(fit)]
            # What is known may be a second old, and most replicas are late by much less.
            if self.reached.get(alias, -1) >= needed or self.look_at(alias) >= needed:
                return alias
        return PRIMARY

    def floor(self) -> int | None:
        """Return the position before which nothing may be read; ``None`` where it is not known.

        The shared cache only tells *that* something was taken away. How far the log was by then
        is asked of the primary, after the news: it cannot be too early.
        """
        try:
            news = cache.get(REMOVALS)
            if news is None:
                # Never seen, or lost with all else: begun at a number that it never had before.
                cache.add(REMOVALS, time.time_ns(), None)
                return None
        except Exception as error:
            # Each cache has errors of its own. What happens until it is back, nobody tells us.
            if not isinstance(error, ConnectionError):
                log.warning("The cache cannot tell what was taken away", exc_info=True)
            self.removals = (None, 0)
            return None
        if news != self.removals[0]:
            try:
                self.removals = (news, _position(PRIMARY) or 0)
            except DatabaseError:
                return None
        return self.removals[1]

    def tell_of_removal(self) -> None:
        """Move the number that ``floor`` looks at, now or as soon as the cache is back."""
        try:
            try:
                cache.incr(REMOVALS)
            except ValueError:  # it is not there
                cache.set(REMOVALS, time.time_ns(), None)
            self.is_untold = False
        except Exception:
            # Others may reach the cache all the same, and read a replica meanwhile.
            log.warning("Replicas may show for a moment what was taken away", exc_info=True)
            self.is_untold = True
            self.keep()


watch = Watch()


def primary_is_away() -> bool:
    """Tell whether the last look found no primary: reading goes on at replicas, writing waits."""
    return watch.primary_is_away


def removed() -> None:
    """Make sure that nobody reads from a replica what is being taken away, once it is committed.

    The middleware calls it for whatever staff do; whoever takes something away outside a request
    of theirs, such as the background worker, calls it in the transaction.
    """
    if settings.REPLICAS:
        transaction.on_commit(lambda: watch.tell_of_removal())


class Reads:
    """Where one request reads. Decided at its first read, since many pages have none."""

    def __init__(self, choose: Callable[[], str] = lambda: PRIMARY) -> None:
        self.choose = choose
        self.alias = ""
        self.wrote = False

    def from_where(self) -> str:
        self.alias = self.alias or self.choose()
        return self.alias

    def write(self) -> None:
        """Note a write: from here on the request reads what it wrote."""
        self.wrote, self.alias = True, PRIMARY


_reads: ContextVar[Reads | None] = ContextVar("reads", default=None)


@contextmanager
def reading(reads: Reads) -> Iterator[Reads]:
    """Have ``reads`` decide in this block. A write in it counts for what is around it as well."""
    around = _reads.get()
    token = _reads.set(reads)
    try:
        yield reads
    finally:
        _reads.reset(token)
        if around is not None and reads.wrote:
            around.write()


@contextmanager
def primary() -> Iterator[None]:
    """Read from the primary in this block, whoever asks."""
    with reading(Reads()):
        yield


@contextmanager
def aside() -> Iterator[None]:
    """Write in this block what nobody needs to see at once, such as that a page was visited."""
    token = _reads.set(Reads())
    try:
        yield
    finally:
        _reads.reset(token)


class Router:
    """Django's question which database to use. Outside a request it is the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        reads = _reads.get()
        if reads is None or model._meta.app_label not in READ_ANYWHERE:
            return PRIMARY
        # In a transaction, what is read decides what is written.
        return PRIMARY if connections[PRIMARY].in_atomic_block else reads.from_where()

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        if (reads := _reads.get()) is not None:
            reads.write()
        return PRIMARY

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        # Wherever they were read, they are rows of one database.
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return None if db == PRIMARY else False


class ReplicaMiddleware:
    """Lets the reads of a page go to a replica, where its reader will not notice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _reads.get() is not None:  # somebody around us decided
            return self.get_response(request)
        watch.keep()
        is_safe = request.method in SAFE
        with reading(Reads(lambda: choose(request)) if is_safe else Reads()) as reads:
            response = self.get_response(request)
        if not is_safe or reads.wrote:
            self._remember(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Ask the primary for what a replica failed to answer, or does not have yet."""
        reads = _reads.get()
        if reads is None or reads.alias in {"", PRIMARY}:
            return None
        if not isinstance(error, Http404 | DatabaseError):
            return None
        if isinstance(error, OperationalError | InterfaceError):
            log.warning("%s is left out: %s", reads.alias, error)
            watch.leave_out(reads.alias)
        reads.alias = PRIMARY
        if (match := request.resolver_match) is None:
            return None
        return match.func(request, *match.args, **match.kwargs)

    def _remember(self, request: HttpRequest, response: HttpResponse) -> None:
        """Have whoever wrote read what they wrote, and nobody what staff took away."""
        if request.method not in SAFE and _is_staff(request):
            removed()
        if "public" in response.get("Cache-Control", ""):
            return  # a page for everyone sets no cookie
        try:
            position = _position(PRIMARY)
        except DatabaseError:
            return  # nothing was written, then
        # Not signed: whoever makes one up is sent to the primary, or sees a page that is old.
        response.set_cookie(
            COOKIE,
            str(position),
            # By then whichever replica is later than that is left out.
            max_age=settings.REPLICA_MAX_LAG + 5,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def choose(request: HttpRequest) -> str:
    """Return the alias of the database from which a page is read for this visitor."""
    if _is_staff(request):
        return PRIMARY
    wrote = request.COOKIES.get(COOKIE, "0")
    floor = watch.floor()
    if floor is None or not (wrote.isascii() and wrote.isdigit() and len(wrote) < 19):
        return PRIMARY
    return watch.choose(max(floor, int(wrote)))


def _is_staff(request: HttpRequest) -> bool:
    # Without a session there is nobody, and nothing to ask the database.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    user = getattr(request, "user", None)
    return bool(user and user.is_staff)
