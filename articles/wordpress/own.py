"""What an export of ours says beside what WordPress has a place for, and what names its rows.

It stands as JSON under one meta key beside an item, a term or a comment: other systems carry it
along without a look, ours reads it back. Only what differs from a column's default, or from what
WordPress's own fields give back, is written.

Whoever made the file may have written anything there. Each value is checked as a form would check
it, and one that is none counts as not given.
"""

import datetime
import json
import math
import re
from collections.abc import Iterable
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import Signer
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime

from articles.models import Article, Author
from articles.wordpress import wxr

# What no database takes: PostgreSQL no zero, and no encoding half a letter.
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
# What JSON leaves as it is and XML forbids.
UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
KEY = re.compile("[^\x00\ud800-\udfff]{1,300}")
SHAPES: tuple[tuple[Any, Any], ...] = (
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.FloatField, (int, float)),
    (models.Field, str),
)

# What of a row is carried by its column's name. How the rest is carried, or why it is not, the
# tests spell out; a column that is new must be named in one of both.
ARTICLE = (
    "label", "dateline", "language", "lead_caption", "source_outlet", "source_outlet_url",
    "source_url", "originally_published", "source_licence", "source_permission", "is_text_locked",
    "indexing", "embargo_until", "embargo_note", "is_embargo_lifted", "expires_at", "published_at",
    "updated_at", "withdrawal_notice", "series_position", "slow_mode", "shows_rules", "last_number",
)  # fmt: skip
IMAGE = (
    "is_decorative", "credit", "agency", "creator", "copyright_notice", "licence_url",
    "acquire_licence_url", "is_from_source", "permission", "focal_x", "focal_y",
)  # fmt: skip
AUTHOR = ("outlet", "beat", "bio", "contact")
SECTION = ("position", "in_masthead")
# What readers never see, and a file of what they see leaves out.
INTERNAL = {"source_permission", "embargo_until", "embargo_note", "is_embargo_lifted", "permission"}
# What an article may be here that WordPress shows as what, and the same of its conversation. So
# nothing becomes public here that is not public there.
STATES = {
    "publish": {"published", "scheduled"},
    "future": {"published", "scheduled"},
    "pending": {"review"},
    "draft": {"draft", "ready"},
    "private": {"withdrawn", "published", "scheduled"},  # the last two have come to their end
    "trash": {"killed"},
}
POLICIES = {"open": {"open", "premoderated"}, "closed": {"closed", "hidden"}}

Row = TypeVar("Row", bound=models.Model)


class Own:
    """What such a JSON holds; nothing where it is none, or no object."""

    def __init__(self, source: Any) -> None:
        self.values: dict[str, Any] = source if isinstance(source, dict) else {}

    @classmethod
    def read(cls, source: str) -> "Own":
        """Return what ``source`` holds. Never raises."""
        try:
            return cls(json.loads(source)) if source else cls(None)
        except (ValueError, RecursionError):
            return cls(None)

    @property
    def key(self) -> str:
        """What names the row in every export; empty in what is no export of ours."""
        return self.text("key") if KEY.fullmatch(self.text("key")) else ""

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return UNKEEPABLE.sub("", value) if isinstance(value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        """Return a number that fits a column of whole positive ones."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
            return value
        return default

    def moment(self, name: str) -> datetime.datetime | None:
        """Return an instant; a date without its zone is none."""
        try:
            moment = parse_datetime(self.text(name))
        except ValueError:
            return None
        return moment if moment and moment.tzinfo and wxr.is_plausible(moment) else None

    def parts(self, name: str) -> "list[Own]":
        """Return the objects of a list."""
        values = self.values.get(name)
        found = values if isinstance(values, list) else []
        return [Own(one) for one in found if isinstance(one, dict)]

    def words(self, name: str) -> list[str]:
        """Return the texts of a list."""
        values = self.values.get(name)
        found = values if isinstance(values, list) else []
        return [UNKEEPABLE.sub("", one) for one in found if isinstance(one, str)]

    def value(self, model: type[models.Model], name: str) -> Any:
        """Return what is given for a column, as a form would take it, else ``None``."""
        field: Any = model._meta.get_field(name)
        value = self.values.get(name)
        shape = next(shape for kind, shape in SHAPES if isinstance(field, kind))
        if not isinstance(value, shape) or (isinstance(value, bool) and shape is not bool):
            return None
        if isinstance(value, str):
            value = UNKEEPABLE.sub("", value)
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(field, models.DateTimeField):
            return self.moment(name)
        try:
            value = field.to_python(value)
            field.run_validators(value)
        except (ValidationError, ValueError, OverflowError):
            return None
        choices = [choice for choice, _ in field.flatchoices]
        return None if choices and value not in choices else value

    def fill(self, row: models.Model, names: Iterable[str]) -> None:
        """Set what is given of these columns."""
        for name in names:
            value = self.value(type(row), name)
            if value is not None:
                setattr(row, name, value)


def written(values: dict[str, Any]) -> str:
    """Return the JSON of these values, on one line, without a sign that XML forbids."""
    source = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)
    return UNWRITABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", source)


def carried(row: models.Model, names: Iterable[str], for_readers: bool = False) -> dict[str, Any]:
    """Return these columns of a row where they are not as in a new one, for ``written``."""
    values = {}
    for name in names:
        value = getattr(row, name)
        field: Any = row._meta.get_field(name)
        if value != field.get_default() and not (for_readers and name in INTERNAL):
            dated = isinstance(value, datetime.date)
            values[name] = value.isoformat() if dated else value
    return values


def differing(**texts: tuple[str, str]) -> dict[str, str]:
    """Return those texts, each with what WordPress's field gives back of it, that are not that."""
    return {name: text for name, (text, read) in texts.items() if text != read}


# Names


def key_of(row: Any) -> str:
    """Return what names an article, a picture or a comment in every export, here and elsewhere.

    One that came with an import is named as it was there. The instant at which a row was made
    tells it from the row of the same number of another paper.
    """
    if row.import_key:
        return str(row.import_key)
    made = row.created_at.astimezone(datetime.UTC)
    return f"newsroom:{row._meta.model_name}:{row.pk}:{made.isoformat()}"


def find(model: type[Row], key: str) -> Row | None:
    """Return the row of this name: one that came with an import, or one that was made here."""
    rows = model._default_manager.all()
    found = rows.filter(import_key=key).first()
    start = f"newsroom:{model._meta.model_name}:"
    if found is not None or not key.startswith(start):
        return found
    number = key.removeprefix(start).partition(":")[0]
    if not re.fullmatch(r"[0-9]{1,18}", number):
        return None
    ours = rows.filter(pk=int(number), import_key__isnull=True).first()
    return ours if ours is not None and key_of(ours) == key else None


def author_key(author: Author) -> str:
    """Return what names an author in every export."""
    if author.import_key:
        return author.import_key
    host = wxr.host_of(settings.SITE_URL)
    # Every developer's site is called localhost, and has a first author.
    name = str(author.pk) if "." in host.strip("0123456789.") else f"{author.pk}:{author.slug}"
    return f"newsroom:author:{host}:{name}"[:300]


def seal(author: Author) -> str:
    """Return by which a file proves that it was written here, and means our author.

    Without it a stranger's file could put stories under a name of ours.
    """
    return Signer(salt="articles.wordpress.own").signature(f"{author.pk}:{author.slug}")


def find_author(own: Own) -> Author | None:
    """Return the author of this name: one that came with an import, or ours by our seal."""
    found = Author.objects.filter(import_key=own.key).first()
    if found is not None:
        return found
    ours = Author.objects.filter(pk=own.number("pk"), import_key__isnull=True).first()
    is_meant = ours is not None and constant_time_compare(own.text("seal"), seal(ours))
    return ours if is_meant else None


def may_stand_as(own: Own, status: str) -> bool:
    """Tell whether an article of this status on WordPress may stand here as its export says."""
    ours = own.text("status")
    if not own.key or ours not in STATES.get(status, ()):
        return False
    if status == "private" and ours != Article.Status.WITHDRAWN:
        end = own.moment("expires_at")
        return end is not None and end <= timezone.now()
    return True
