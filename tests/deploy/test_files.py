"""The operator's files say what the code says."""

import re

import pytest
from django.conf import settings
from django.core.management import get_commands

DEPLOY = settings.BASE_DIR / "deploy"
READ = set(
    re.findall(
        r"environment\.\w+\(\s*\"([A-Z_]+)\"",
        (settings.BASE_DIR / "newsroom" / "settings.py").read_text(),
    )
)


def test_the_example_has_every_variable_that_settings_read_and_no_other():
    example = re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "newsroom.env").read_text(), re.MULTILINE)
    assert set(example) == READ
    assert len(example) == len(READ)


def test_the_operators_page_names_every_variable():
    page = (settings.BASE_DIR / "docs" / "operators.md").read_text()
    assert {name for name in READ if f"`{name}`" not in page} == set()


UNITS = [f"systemd/newsroom-{name}.service" for name in ("web", "worker", "check")]


@pytest.mark.parametrize("file", ["Containerfile", "compose.yaml", *UNITS])
def test_only_commands_that_there_are_get_called(file):
    called = re.findall(r"manage\.py\"?,? \"?([a-z_]+)", (DEPLOY / file).read_text())
    assert called
    assert set(called) <= get_commands().keys()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "comments/", "feed/"])
def test_pages_for_everyone_vary_by_what_the_key_of_nginx_holds(client, article, path):
    answer = client.get(f"{article.get_absolute_url()}{path}")
    assert "s-maxage" in answer["Cache-Control"]
    vary = {name.strip() for name in answer["Vary"].split(",")}
    assert vary <= {"Cookie", "HX-Request", "Accept-Encoding"}


def test_the_locks_name_no_registry():
    for lock in settings.BASE_DIR.glob("requirements*.txt"):
        assert "://" not in lock.read_text(), lock.name
