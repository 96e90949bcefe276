"""Pictures in a bucket: their addresses, and what happens while it is away."""

import socket

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from newsroom import environment, media
from newsroom.bucket import Bucket


@pytest.fixture
def gone():
    """A bucket at an address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        yield Bucket(**environment.bucket(f"s3://key:secret@{place}/pictures?secure=off"))


def test_bucket_is_read_from_its_address():
    assert environment.bucket("s3://me:p%2Fss@files.example:9000/pictures?region=eu-west-1") == {
        "access_key": "me",
        "secret_key": "p/ss",
        "bucket_name": "pictures",
        "region_name": "eu-west-1",
        "endpoint_url": "https://files.example:9000",
    }
    plain = environment.bucket("s3://files.example/pictures?secure=off")
    assert plain["endpoint_url"] == "http://files.example"
    assert plain["access_key"] is None
    assert environment.bucket("s3:///pictures")["endpoint_url"] is None


@pytest.mark.parametrize(
    "url",
    ["https://files.example/pictures", "s3://files.example/", "s3://h/b/folder", "s3://h/b?tls=1"],
)
def test_address_that_is_no_bucket_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="STORAGE_URL must be like s3://"):
        environment.bucket(url)


def test_a_picture_keeps_the_address_that_stories_carry(gone):
    assert gone.url("images/7/abc-480.avif") == "/media/images/7/abc-480.avif"


def test_the_bucket_is_told_what_a_picture_is_and_for_how_long(gone):
    told = gone.get_object_parameters("images/7/abc-480.avif")
    assert told == {"CacheControl": media.FOR_EVER, "ContentType": "image/avif"}


def test_a_bucket_that_is_away_fails_as_a_broken_disk_does(gone):
    name = "images/7/abc-480.avif"
    for ask in (gone.open, gone.exists, gone.delete):
        with pytest.raises(ConnectionError):
            ask(name)
    with pytest.raises(ConnectionError):
        gone.save(name, ContentFile(b"pixels"))


def test_a_picture_that_cannot_be_fetched_is_not_said_to_be_missing(gone, client, monkeypatch):
    monkeypatch.setattr(storages, "_storages", {"default": gone})
    monkeypatch.setattr(media, "default_storage", gone)
    answer = client.get("/media/images/7/abc-480.avif")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Cache-Control"] == "no-store"
