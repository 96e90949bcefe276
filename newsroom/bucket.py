"""Pictures in S3-compatible storage, for a site on several machines.

Their addresses stay the site's own, since articles carry them in their text and the policy on
content allows no other host: the web server in front fetches from the bucket, or we do (media.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

from newsroom.media import FOR_EVER, TYPES


@contextmanager
def _answered() -> Iterator[None]:
    """Raise ``ConnectionError`` for all that a bucket fails to do: as a broken disk would."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ConnectionError(f"The storage of pictures does not answer: {error}") from error


class Bucket(S3Storage):
    """A storage whose errors are those of files, with the options of ``environment.bucket``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **options,
            client_config=Config(
                connect_timeout=2,
                read_timeout=5,
                retries={"total_max_attempts": 2},
                signature_version="s3v4",
                # The name of a bucket as a host name is Amazon's own way.
                s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
                # Not every server that speaks S3 knows the newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
            # A picture is small: not worth threads of its own.
            transfer_config=TransferConfig(use_threads=False),
        )

    def get_object_parameters(self, name: str) -> dict[str, str]:
        kind = TYPES.get(name.rpartition(".")[2])
        return {"CacheControl": FOR_EVER, **({"ContentType": kind} if kind else {})}

    def _open(self, name: str, mode: str = "rb") -> File:
        with _answered():
            file = super()._open(name, mode)
            file.open()  # fetched here and now, where a failure can still be answered
            return file

    def _save(self, name: str, content: File) -> str:
        with _answered():
            return super()._save(name, content)

    def exists(self, name: str) -> bool:
        with _answered():
            return super().exists(name)

    def delete(self, name: str) -> None:
        with _answered():
            super().delete(name)

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        return settings.MEDIA_URL + filepath_to_uri(name)
