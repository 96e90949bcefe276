"""Rows that an address names: one by its number, or all that stand beyond one."""

from typing import Any

from django.db.models import Q
from django.http import Http404


def number(given: str) -> int | None:
    """Return the number of a row that an address or a form gives, or ``None`` for anything else.

    18 digits are what either database can look up.
    """
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def number_or_404(given: str) -> int:
    """Return the number of a row that an address gives. Raises ``Http404`` for anything else."""
    found = number(given)
    if found is None:
        raise Http404("Not the number of anything.")
    return found


def beyond(moment: str, at: Any, pk: int, side: str = "lt") -> Q:
    """Return the rows of a list that come after one: a page's keyset.

    The list is ordered by the field ``moment``, then by id; the one row has ``at`` and ``pk`` in
    them. ``side`` is ``gt`` in a list that begins with the oldest.
    """
    return Q(
        Q(**{f"{moment}__{side}": at}) | Q(**{moment: at, f"pk__{side}": pk}),
        # The same bound again, alone: an index is entered with it.
        **{f"{moment}__{side}e": at},
    )
