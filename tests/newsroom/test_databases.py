"""Databases as the environment names them: one host, several, and replicas."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from newsroom import environment


def databases(**variables: str) -> subprocess.CompletedProcess[str]:
    """Print the settings of databases in a process of its own, with these variables alone."""
    program = (
        "import json; from newsroom import settings as s;"
        "print(json.dumps([s.DATABASES, s.REPLICAS, s.MIDDLEWARE[-1]]))"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
    )


def test_several_hosts_are_whichever_takes_writes():
    found = environment.database(
        "postgres://ada:p%40ss@db1:5432,db2:5433,[::1]/paper?sslmode=require"
    )
    assert (found["HOST"], found["PORT"]) == ("db1,db2,::1", "5432,5433,5432")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("ada", "p@ss", "paper")
    assert found["OPTIONS"] == {"sslmode": "require", "target_session_attrs": "read-write"}


def test_one_host_is_asked_for_nothing():
    found = environment.database("postgres://ada@db1/paper")
    assert (found["HOST"], found["PORT"]) == ("db1", "")
    assert "target_session_attrs" not in found.get("OPTIONS", {})


@pytest.mark.parametrize(
    "url",
    ["", "paper", "teleprinter://db1/paper", "postgres://db1:x/paper", "postgres://a,b:x/paper"],
)
def test_what_is_no_database_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="A database URL cannot be read"):
        environment.database(url)


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n"])
def test_replicas_are_parted_by_spaces_or_commas_and_their_hosts_by_commas(monkeypatch, between):
    urls = ["postgres://a@db2/paper", "postgres://a@db3,db4/paper"]
    monkeypatch.setenv("REPLICA_URLS", between.join(urls))
    assert [one["HOST"] for one in environment.databases("REPLICA_URLS")] == ["db2", "db3,db4"]
    monkeypatch.setenv("REPLICA_URLS", "")
    assert environment.databases("REPLICA_URLS") == []


def test_replicas_are_databases_that_answer_or_are_left(tmp_path):
    known = databases(
        VAR_DIR=str(tmp_path),
        DATABASE_URL="postgres://a@db1,db2/paper?sslmode=require",
        REPLICA_URLS="postgres://a@db2/paper",
        CACHE_URL="redis://cache:6379/0",
    )
    found, replicas, last = json.loads(known.stdout)
    assert replicas == ["replica1"]
    assert last == "newsroom.replicas.ReplicaMiddleware"
    options = found["replica1"]["OPTIONS"]
    assert options["target_session_attrs"] == "any"
    assert options["sslmode"] == "require"
    assert options["pool"]["timeout"] < found["default"]["OPTIONS"]["pool"]["timeout"]


@pytest.mark.parametrize(
    "variables",
    [
        {"DATABASE_URL": "postgres://a@db1/paper"},
        {"CACHE_URL": "redis://cache:6379/0"},
    ],
)
def test_replicas_need_postgresql_and_a_shared_cache(tmp_path, variables):
    refused = databases(VAR_DIR=str(tmp_path), REPLICA_URLS="postgres://a@db2/paper", **variables)
    assert "REPLICA_URLS needs PostgreSQL, and a shared cache" in refused.stderr


def test_without_replicas_nothing_is_routed(tmp_path):
    _, replicas, last = json.loads(databases(VAR_DIR=str(tmp_path)).stdout)
    assert replicas == []
    assert "replicas" not in last
