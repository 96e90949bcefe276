"""`manage.py demo` where it must not run, and where it was broken off."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image as Pixels

from accounts.models import User
from articles.demo import newsroom
from articles.models import Article, Section
from comments.demo import conversation
from tests.comments.conftest import undrawn


def test_it_is_refused_outside_development(db, settings):
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match="for development only"):
        call_command("demo")
    assert not User.objects.exists()


def test_a_database_with_the_same_names_is_refused_and_left_alone(make_user, monkeypatch):
    monkeypatch.setattr(newsroom, "drawn", undrawn)
    make_user("hallam")
    with pytest.raises(CommandError, match="people or pages of its own"):
        call_command("demo")
    assert User.objects.count() == 1
    assert not Section.objects.exists()


def test_a_run_that_was_broken_off_leaves_only_pictures_which_are_not_drawn_again(db, monkeypatch):
    def break_off(*args: Any) -> None:
        raise KeyboardInterrupt

    drawn: list[int] = []

    def counted(waiting):
        drawn.append(len(waiting))
        return undrawn(waiting)

    monkeypatch.setattr(newsroom, "drawn", counted)
    monkeypatch.setattr(conversation, "load", break_off)
    for _ in range(2):
        with pytest.raises(CommandError, match="Stopped"):
            call_command("demo")
    assert not User.objects.exists()
    assert not Article.objects.exists()
    assert drawn[0] > 40
    assert drawn[1] == 0


def test_pictures_are_stored_as_any_upload_is(db, monkeypatch, settings):
    tiny = Pixels.new("RGB", (60, 40), "teal")
    monkeypatch.setattr(newsroom, "draw", lambda scene: tiny)
    monkeypatch.setattr(newsroom, "thumbnail_portrait", lambda name, **face: tiny)
    for face in [None, {}]:
        image = newsroom.draw_one(7, "harbour", face, {"alt": "The harbour"})
        assert (image.width, image.height, image.widths) == (60, 40, [60])
        for kind in ["avif", "webp", "jpeg"]:
            assert (settings.MEDIA_ROOT / image.path(60, kind)).stat().st_size
