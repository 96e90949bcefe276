"""An order of stories that is changed by buttons, by numbers typed beside them, or by dragging."""

from collections.abc import Mapping, Sequence

from django.http import QueryDict


def wanted(order: Sequence[int], asked: QueryDict) -> tuple[list[int], set[int]]:
    """Return the order that a form asks for, by id, and which stories it moves.

    The form has a number for each story (``place-12``); ``move`` is the button that was pressed
    (``12:up``, ``12:down``). Numbers that are none, or not of the list, move nothing.
    """
    places: dict[int, int] = {}
    for place, pk in enumerate(order, start=1):
        typed = asked.get(f"place-{pk}", "")
        if typed.isascii() and typed.isdecimal() and len(typed) < 6 and int(typed) != place:
            places[pk] = max(1, int(typed))
    changed = moved_to(order, places)
    pressed, way = _pressed(asked.get("move", ""), changed)
    if pressed is not None:
        place = changed.index(pressed) + 1
        places[pressed] = max(1, place - 1 if way == "up" else place + 1)
        changed = moved_to(changed, {pressed: places[pressed]})
    return changed, set(places)


def moved_to(order: Sequence[int], places: Mapping[int, int]) -> list[int]:
    """Return the order with these stories at these places, counted from one."""
    result = [pk for pk in order if pk not in places]
    for pk, place in sorted(places.items(), key=lambda item: item[1]):
        result.insert(place - 1, pk)
    return result


def number_in(asked: QueryDict, name: str) -> int | None:
    """Return the id that a button or a field names; ``None`` for what is none."""
    value = asked.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 18 else None


def _pressed(value: str, order: Sequence[int]) -> tuple[int | None, str]:
    pk, _, way = value.partition(":")
    is_one = pk.isascii() and pk.isdecimal() and way in {"up", "down"}
    return (int(pk), way) if is_one and int(pk) in order else (None, "")
