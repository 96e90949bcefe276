"""Moments as editors type them: a date and a time on some clock, and the hours clocks skip."""

import datetime
import zoneinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

FORMAT = "%Y-%m-%dT%H:%M"


def instant(typed: datetime.datetime, zone: datetime.tzinfo) -> datetime.datetime:
    """Return the instant that ``typed`` (without a zone) is on the clocks of ``zone``.

    Raises ``ValidationError`` for an hour that a change of the clocks leaves out or has twice: no
    guess is worth a story that is an hour early.
    """
    first, second = (typed.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    # As instants, since two times of one zone are compared by what its clocks show.
    one, other = (moment.astimezone(datetime.UTC) for moment in (first, second))
    if one.astimezone(zone).replace(tzinfo=None) != typed:
        skipped = one.astimezone(zone)
        raise ValidationError(
            f"{typed:%H:%M} does not exist on {typed:%-d %B %Y}: the clocks go forward. "
            f"The same moment is called {skipped:%H:%M}.",
            "skipped-hour",
        )
    raise ValidationError(
        f"{typed:%H:%M} comes twice on {typed:%-d %B %Y}, when the clocks go back. Choose UTC as "
        f"the clock and write {one:%H:%M} for the first or {other:%H:%M} for the second.",
        "doubled-hour",
    )


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a day and a time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=FORMAT)


class MomentField(forms.DateTimeField):
    """A moment on the paper's clock, or on any other if it is typed with its offset."""

    widget = MomentInput

    def to_python(self, value: Any) -> datetime.datetime | None:
        if value in self.empty_values:
            return None
        typed = value if isinstance(value, datetime.datetime) else _read(str(value).strip())
        if typed is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if timezone.is_aware(typed):
            return typed
        return instant(typed, timezone.get_current_timezone())


def _read(text: str) -> datetime.datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def zone(name: str) -> datetime.tzinfo:
    """Return the zone of that name. Raises ``ValidationError`` for a clock nobody has."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError("We do not know this time zone.", "no-zone") from error
