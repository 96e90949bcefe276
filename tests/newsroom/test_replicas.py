"""Which reads go to a replica, and that nobody notices.

The replica of these tests is a second connection to the database of the tests: what matters is
which of the two is asked. How far either is in its log is what the test says.
"""

import pytest
from django.db import DatabaseError, OperationalError, connections, router, transaction
from django.db.utils import InterfaceError
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from comments.models import Comment
from newsroom import replicas

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stand(monkeypatch, settings):
    """A site with one replica; gives where primary and replica stand, for the test to move."""
    stand = {"default": 100, "replica1": 100}
    connections.settings["replica1"] = connections.settings["default"].copy()
    connections["replica1"].connect()  # Django lets a test open no other than it knew at the start
    settings.REPLICAS = ["replica1"]
    settings.DATABASE_ROUTERS = ["newsroom.replicas.Router"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "newsroom.replicas.ReplicaMiddleware"]
    watch = replicas.Watch()
    monkeypatch.setattr(watch, "keep", lambda: None)
    monkeypatch.setattr(replicas, "watch", watch)

    def position(alias):
        if stand[alias] == "away":
            raise OperationalError("connection refused")
        return stand[alias]

    monkeypatch.setattr(replicas, "_position", position)
    watch.look()
    watch.look()
    yield stand
    connections["replica1"].close()
    if connections["replica1"].vendor == "postgresql":
        connections["replica1"].close_pool()
    del connections["replica1"], connections.settings["replica1"]


class Asked:
    """Counts what is asked of either in the block."""

    def __enter__(self):
        self.counts = [CaptureQueriesContext(connections[a]) for a in ("default", "replica1")]
        for count in self.counts:
            count.__enter__()
        return self

    def __exit__(self, *error):
        for count in self.counts:
            count.__exit__(*error)
        self.primary, self.replica = (
            [query["sql"] for query in count.captured_queries] for count in self.counts
        )


def test_page_for_an_anonymous_reader_is_read_from_the_replica_alone(stand, client, make_comment):
    page = make_comment().article.get_absolute_url()
    with Asked() as asked:
        assert client.get(page).status_code == 200
    assert asked.replica
    assert not asked.primary


def test_who_is_logged_in_is_asked_of_the_primary_and_the_page_of_the_replica(
    stand, client, reader, make_comment
):
    client.force_login(reader)
    with Asked() as asked:
        client.get(make_comment().article.get_absolute_url())
    assert any("comments_comment" in sql for sql in asked.replica)
    for table in ("django_session", 'FROM "accounts_user"'):
        assert any(table in sql for sql in asked.primary)
        assert not any(table in sql for sql in asked.replica)


def test_staff_read_the_primary(stand, client, moderator, make_comment):
    client.force_login(moderator)
    with Asked() as asked:
        client.get(make_comment().article.get_absolute_url())
        client.get("/admin/comments/comment/desk/")
    assert asked.primary
    assert not asked.replica


def test_a_writer_reads_the_primary_until_the_replica_has_what_was_written(
    stand, client, reader, make_comment
):
    article = make_comment(body="The first word under it.").article
    client.force_login(reader)
    stand["default"] = 200  # the replica is late
    with Asked() as asked:
        answer = client.post(
            f"{article.get_absolute_url()}comments/", {"body": "I saw it from the bridge."}
        )
    assert answer.status_code == 303
    assert not asked.replica
    assert answer.cookies["wrote"].value == "200"
    assert answer.cookies["wrote"]["httponly"]
    with Asked() as asked:
        assert "I saw it from the bridge." in client.get(article.get_absolute_url()).text
    assert not asked.replica
    stand["replica1"] = 200
    with Asked() as asked:
        assert "I saw it from the bridge." in client.get(article.get_absolute_url()).text
    assert asked.replica


def test_somebody_else_reads_a_late_replica_meanwhile(stand, client, article):
    stand["default"] = 200
    replicas.watch.look()
    assert replicas.watch.lag("replica1") < 10
    with Asked() as asked:
        client.get(article.get_absolute_url())
    assert asked.replica


@pytest.mark.parametrize("made_up", ["", "later", "-1", "9" * 30, "²"])
def test_a_cookie_that_is_made_up_breaks_nothing(stand, client, article, made_up):
    client.cookies["wrote"] = made_up
    assert client.get(article.get_absolute_url()).status_code == 200


def test_page_for_everyone_sets_no_cookie(stand, client, article):
    assert not client.get(article.get_absolute_url()).cookies


def test_what_staff_took_away_is_read_by_nobody_from_a_replica_that_still_has_it(
    stand, client, moderator, make_comment
):
    comment = make_comment(body="An insult among neighbours.")
    page = comment.article.get_absolute_url()
    client.get(page)
    desk = Client()
    desk.force_login(moderator)
    stand["default"] = 200
    answer = desk.post(
        f"/admin/comments/comment/{comment.pk}/decide/",
        {"action": "reject", "reason": "attack", "version": comment.version},
    )
    assert answer.status_code < 400
    with Asked() as asked:
        client.get(page)
    assert not asked.replica
    stand["replica1"] = 200
    with Asked() as asked:
        client.get(page)
    assert asked.replica


def test_what_the_worker_takes_away_counts_once_it_is_committed(stand):
    known = replicas.watch.floor()
    stand["default"] = 200
    with transaction.atomic():
        replicas.removed()
        assert replicas.watch.floor() == known
    assert replicas.watch.floor() == 200


def test_the_primary_is_read_while_the_cache_cannot_tell_of_removals(
    stand, client, article, monkeypatch
):
    def fail(*args):
        raise RuntimeError("an error of the cache's own library")

    with monkeypatch.context() as patch:
        patch.setattr(replicas.cache, "get", fail)
        assert replicas.watch.floor() is None
        with Asked() as asked:
            assert client.get(article.get_absolute_url()).status_code == 200
        assert not asked.replica
    # What was taken away meanwhile was told to nobody.
    stand["default"] = 300
    assert replicas.watch.floor() == 300


def test_what_could_not_be_told_is_told_when_the_cache_is_back(stand, monkeypatch):
    replicas.watch.floor()
    stand["default"] = 200

    def fail(*args):
        raise ConnectionError("the cache is away")

    with monkeypatch.context() as patch:
        patch.setattr(replicas.cache, "incr", fail)
        replicas.removed()
    assert replicas.watch.floor() == 100
    replicas.watch.look()
    assert replicas.watch.floor() == 200


def test_removals_lost_with_the_cache_are_not_forgotten(stand):
    stand["default"] = 200
    replicas.removed()
    replicas.cache.clear()
    assert replicas.watch.floor() is None
    stand["default"] = 300
    assert replicas.watch.floor() == 300


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_the_primary_answers_for_a_replica_that_dies_in_the_middle(
    stand, client, article, monkeypatch, error
):
    def die(*args, **kwargs):
        raise error("server closed the connection unexpectedly")

    page = article.get_absolute_url()
    with monkeypatch.context() as patch:
        patch.setattr(connections["replica1"], "cursor", die)
        assert article.headline in client.get(page).text
    # It is left out until a look finds it well.
    with Asked() as asked:
        client.get(page)
    assert not asked.replica
    replicas.watch.look()
    with Asked() as asked:
        client.get(page)
    assert asked.replica


def test_what_the_replica_does_not_have_yet_is_found_at_the_primary(
    stand, client, article, monkeypatch
):
    def lacks(self):
        found = published(self)
        return found.none() if found.db == "replica1" else found

    published = Article.objects._queryset_class.published
    monkeypatch.setattr(Article.objects._queryset_class, "published", lacks)
    assert article.headline in client.get(article.get_absolute_url()).text
    assert client.get("/2024/01/05/there-never-was-such-a-story/").status_code == 404


def test_a_mistake_of_ours_is_not_repeated_at_the_primary(stand, rf):
    middleware = replicas.ReplicaMiddleware(lambda request: None)
    with replicas.reading(replicas.Reads(lambda: "replica1")) as reads:
        reads.from_where()
        assert middleware.process_exception(rf.get("/"), ValueError()) is None
    with replicas.reading(replicas.Reads()) as reads:
        reads.from_where()
        for error in (Http404(), DatabaseError()):
            assert middleware.process_exception(rf.get("/"), error) is None


def test_in_a_transaction_and_for_an_update_the_primary_is_read(stand):
    with replicas.reading(replicas.Reads(lambda: "replica1")):
        assert Comment.objects.all().db == "replica1"
        with transaction.atomic():
            assert Comment.objects.all().db == "default"
        assert Comment.objects.select_for_update().db == "default"


def test_after_a_write_the_request_reads_the_primary(stand, article):
    read = Article.objects.all
    with replicas.reading(replicas.Reads(lambda: "replica1")) as reads:
        assert read().db == "replica1"
        with replicas.primary():
            assert read().db == "default"
        assert read().db == "replica1"
        with replicas.primary():
            Article.objects.filter(pk=article.pk).update(headline="It rose again")
        assert read().db == "default"
        assert reads.wrote


def test_what_is_written_aside_moves_nobody_to_the_primary(stand, article):
    with replicas.reading(replicas.Reads(lambda: "replica1")) as reads:
        with replicas.aside():
            Article.objects.filter(pk=article.pk).update(headline="It rose again")
            assert Article.objects.all().db == "default"
        assert Article.objects.all().db == "replica1"
        assert not reads.wrote


def test_outside_a_request_the_primary_is_read(stand):
    assert Comment.objects.all().db == "default"


def test_nothing_is_migrated_on_a_replica(stand):
    assert not router.allow_migrate_model("replica1", Comment)
    assert router.allow_migrate_model("default", Comment)


def test_a_replica_that_is_late_or_gone_or_takes_writes_is_left_out(stand, settings, monkeypatch):
    watch, clock = replicas.watch, iter(range(1000, 2000))
    monkeypatch.setattr(replicas.time, "monotonic", lambda: next(clock))
    assert watch.choose(0) == "replica1"
    assert watch.choose(101) == "default"
    for stand["default"] in range(200, 200 + settings.REPLICA_MAX_LAG):
        watch.look()
    assert watch.choose(0) == "default"
    stand["replica1"] = stand["default"]
    watch.look()
    assert watch.choose(0) == "replica1"
    for gone in ("away", None):
        stand["replica1"] = gone
        watch.look()
        assert watch.choose(0) == "default"


def test_reading_goes_on_at_a_replica_while_the_primary_is_away(stand, client, article):
    client.get(article.get_absolute_url())
    stand["default"] = "away"
    for _ in range(30):
        replicas.watch.look()
    assert replicas.primary_is_away()
    with Asked() as asked:
        assert client.get(article.get_absolute_url()).status_code == 200
    assert asked.replica
    assert not asked.primary


def test_several_replicas_take_turns(stand, settings):
    settings.REPLICAS, stand["replica2"] = ["replica1", "replica2"], 100
    replicas.watch.look()
    assert {replicas.watch.choose(0) for _ in range(4)} == {"replica1", "replica2"}
    stand["replica2"] = "away"
    replicas.watch.look()
    assert {replicas.watch.choose(0) for _ in range(4)} == {"replica1"}
