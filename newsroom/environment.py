"""Reading the environment: the few types that settings need, with errors that name the variable."""

import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "on", "true", "yes"}
FALSE = {"0", "off", "false", "no", ""}


def text(name: str, default: str = "") -> str:
    """Return the variable, or ``default`` where it is unset or empty."""
    return os.environ.get(name) or default


def flag(name: str, default: bool = False) -> bool:
    """Return the variable as a switch. Raises ``ImproperlyConfigured`` for any other word."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")


def number(name: str, default: int) -> int:
    """Return the variable as a whole number. Raises ``ImproperlyConfigured`` if it is none."""
    value = os.environ.get(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def words(name: str, default: str = "") -> list[str]:
    """Return the variable's comma-separated words."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def required(name: str) -> str:
    """Return the variable. Raises ``ImproperlyConfigured`` where it is missing or empty."""
    value = os.environ.get(name)
    if not value:
        raise ImproperlyConfigured(f"{name} must be set when ENVIRONMENT=production.")
    return value


def kept_secret(path: Path) -> str:
    """Return the development secret, made on first use and kept in ``path``.

    A secret that is made rather than written here cannot leak from a forgotten development
    set-up. Raises ``ImproperlyConfigured`` where the folder cannot be written.
    """
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    secret = secrets.token_urlsafe(50)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # "x": of two processes that start at once, the second reads what the first wrote.
        with path.open("x") as file:
            file.write(secret)
        path.chmod(0o600)
    except FileExistsError:
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{path.parent} cannot be written ({error.strerror}). "
            "Make it writable, or name another folder with VAR_DIR."
        ) from error
    return secret


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a database URL, which for PostgreSQL may name several hosts.

    ``postgres://user@one:5432,two:5432/name`` is whichever of them takes writes, asked at every
    new connection: after a fail-over it is the other one. Raises ``ImproperlyConfigured`` for a
    URL that is none.
    """
    place = re.split(r"[/?]", url.partition("://")[2], maxsplit=1)[0]
    credentials, at, hosts = place.rpartition("@")
    several = hosts.split(",")
    try:
        # One host for its parser, which takes no list; the list itself is PostgreSQL's own way.
        one = url.replace(place, credentials + at + several[0], 1)
        found: dict[str, Any] = dict(dj_database_url.parse(one))
        if len(several) > 1:
            parts = [urlsplit(f"//{host}") for host in several]
            found["HOST"] = ",".join(unquote(part.hostname or "") for part in parts)
            found["PORT"] = ",".join(str(part.port or 5432) for part in parts)
            found.setdefault("OPTIONS", {}).setdefault("target_session_attrs", "read-write")
    except ValueError as error:
        raise ImproperlyConfigured(f"A database URL cannot be read: {error}") from error
    return found


def databases(name: str) -> list[dict[str, Any]]:
    """Return Django's settings for the database URLs in the variable, parted by spaces or commas.

    Raises ``ImproperlyConfigured`` for a URL that is none.
    """
    # A comma within a URL parts hosts, and no scheme follows it.
    urls = re.split(r"[\s,]+(?=\w+://)", text(name).strip(" ,"))
    return [database(url) for url in urls if url]


def bucket(url: str) -> dict[str, Any]:
    """Return the options of an S3 storage for ``s3://key:secret@host:port/bucket``.

    ``?region=`` names a region, ``?secure=off`` asks by plain HTTP, in a private network. Without
    key and secret they are found as Amazon's own tools find them. Raises ``ImproperlyConfigured``
    for any other scheme, parameter, and without a bucket.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    region, secure = query.pop("region", None), query.pop("secure", "on")
    name = parts.path.strip("/")
    if parts.scheme != "s3" or not name or "/" in name or query or secure not in {"on", "off"}:
        raise ImproperlyConfigured(
            "STORAGE_URL must be like s3://key:secret@host:port/bucket?region=…&secure=on"
        )
    host = parts.netloc.rpartition("@")[2]
    return {
        "access_key": unquote(parts.username) if parts.username else None,
        "secret_key": unquote(parts.password) if parts.password else None,
        "bucket_name": name,
        "region_name": region,
        # Without a host it is Amazon's own.
        "endpoint_url": f"{'https' if secure == 'on' else 'http'}://{host}" if host else None,
    }


def mail_server(url: str) -> dict[str, Any]:
    """Return Django's mail settings for ``smtp://`` or ``smtps://``, or ``smtp+tls://``.

    Raises ``ImproperlyConfigured`` for any other scheme.
    """
    parts = urlsplit(url)
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if parts.scheme not in ports:
        raise ImproperlyConfigured("EMAIL_URL must begin with smtp://, smtp+tls:// or smtps://.")
    return {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }
