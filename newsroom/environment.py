"""Reading the environment: the few types that settings need, with errors that name the variable."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

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
