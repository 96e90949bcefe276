"""What machines are told: alive, and able to serve."""

import pytest
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db
def test_ready_when_database_cache_and_migrations_are_as_they_should_be(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "cache": "ok",
        "migrations": "ok",
    }


@pytest.mark.django_db
def test_not_ready_while_the_cache_cannot_be_reached(client, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("an error of the cache's own library")

    monkeypatch.setattr(cache, "set", fail)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["cache"] == "not reachable"


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'comments'")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["migrations"] == "waiting"


def test_alive_without_asking_the_database(client):
    assert client.get("/healthz").json() == {"status": "ok"}
