"""A query that the ORM writes once, to be asked many times with other values.

To write a query of sixty columns, or of a dozen parts, takes Django one to two milliseconds, to ask
it a tenth of one. So what is asked for every comment and every decision is written when it is first
asked, with places for what differs each time. Five such queries are most of what a comment costs.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, router
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateTimeField,
    Expression,
    F,
    Field,
    Func,
    QuerySet,
    TextField,
)
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError

# Words of our own, such as a status; what people type is never written into a query.
PLAIN = re.compile(r"[a-z-]+")


def fits(number: int) -> bool:
    """Tell whether either database can look a number up."""
    return -(2**63) <= number < 2**63


class Given(Expression):
    """The place of a value, by its name, in a query that is written before the value is known."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "%s", [self]

    def value(self, values: dict[str, Any], connection: Any) -> Any:
        """Return what stands here, as the database takes it."""
        field: Field[Any, Any] = self.output_field
        return field.get_db_prep_value(values[self.name], connection, prepared=False)


def number(name: str) -> Given:
    """Return the place of a number, such as a row's id."""
    return Given(name, BigIntegerField())


def moment(name: str) -> Given:
    """Return the place of a point in time."""
    return Given(name, DateTimeField())


def text(name: str) -> Given:
    """Return the place of a text."""
    return Given(name, TextField())


class Numbers(Given):
    """The place of a list of numbers, which is one value however long it is."""

    def __init__(self, name: str) -> None:
        super().__init__(name, BigIntegerField())

    def value(self, values: dict[str, Any], connection: Any) -> Any:
        given = list(values[self.name])
        return given if connection.vendor == "postgresql" else json.dumps(given)


class Among(Func):
    """Whether a column is one of ``Numbers``; for ``filter``."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, column: str, name: str) -> None:
        super().__init__(F(column), Numbers(name))

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **context: Any
    ) -> Any:
        template, joiner = "%(expressions)s))", " IN (SELECT value FROM json_each("
        if connection.vendor == "postgresql":
            template, joiner = "%(expressions)s::bigint[])", " = ANY ("
        return super().as_sql(compiler, connection, template=template, arg_joiner=joiner)


class Query:
    """The query that ``write`` gives, with a ``Given`` for all that differs from time to time.

    It gives objects with what they are ``select_related`` with, or tuples of a ``values_list``, as
    the query would by itself; no prefetched rows. It is asked of the primary database, or with
    ``is_page`` of the one that pages are read from. A query that looks at the clock must have the
    time given: else it stays the time of the first asking.
    """

    def __init__(self, write: Callable[[], QuerySet[Any, Any]], is_page: bool = False) -> None:
        self._write = write
        self._is_page = is_page
        self._written: _Written | None = None

    def all(self, **values: Any) -> list[Any]:
        """Return all rows: none for a number that no column holds. One statement."""
        if any(isinstance(one, int) and not fits(one) for one in values.values()):
            return []
        if self._written is None:
            self._written = _Written(self._write())
        alias = router.db_for_read(self._written.model) if self._is_page else DEFAULT_DB_ALIAS
        return self._written.ask(connections[alias], values)

    def first(self, **values: Any) -> Any:
        """Return the first row, or ``None``. One statement, which should ask for one row."""
        return next(iter(self.all(**values)), None)


def _with_constants(sql: str, params: Iterable[Any]) -> tuple[str, list[Any]]:
    """Return the query with its plain constants written out, and what is left to be filled in.

    psycopg reads a query of more than fifty values anew each time, which takes half a millisecond.
    """
    places: list[Any] = []

    def written(param: Any) -> str:
        if type(param) is int:
            return str(param)
        if isinstance(param, str) and PLAIN.fullmatch(param):
            return f"'{param}'"
        places.append(param)
        return "%s"

    found = [written(param) for param in params]
    parts = zip(sql.split("%s"), [*found, ""], strict=True)
    return "".join(itertools.chain(*parts)), places


class _Written:
    """A query as Django's compiler wrote it, and how its columns become what is asked for."""

    def __init__(self, asked: QuerySet[Any, Any]) -> None:
        self.model = asked.model
        # The databases of a site are of one kind.
        compiler = asked.query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql, self._places = _with_constants(*compiler.as_sql())
        self._converters = compiler.get_converters([column for column, _, _ in compiler.select])
        self._locks = asked.query.select_for_update
        self._width = len(compiler.select)
        self._makes_objects = asked._iterable_class is ModelIterable
        if self._makes_objects:
            # As Django's own ``ModelIterable`` does it.
            info = compiler.klass_info
            columns = info["select_fields"]
            self._start, self._end = columns[0], columns[-1] + 1
            self._names = [
                compiler.select[at][0].target.attname for at in range(self._start, self._end)
            ]
            self._related = get_related_populators(  # type: ignore[call-arg]  # of Django 6 in stubs
                info, compiler.select, DEFAULT_DB_ALIAS
            )
            self._annotations = compiler.annotation_col_map

    def ask(self, connection: Any, values: dict[str, Any]) -> list[Any]:
        if self._locks and not connection.in_atomic_block:
            raise TransactionManagementError("A lock is held until its transaction ends.")
        filled = [
            one.value(values, connection) if isinstance(one, Given) else one for one in self._places
        ]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                _read_times_quickly(cursor)
            cursor.execute(self._sql, filled)
            rows = cursor.fetchall()
        if self._converters:
            rows = [self._converted(list(row), connection) for row in rows]
        if rows and len(rows[0]) > self._width:
            rows = [row[: self._width] for row in rows]
        return (
            [self._object(row, connection.alias) for row in rows] if self._makes_objects else rows
        )

    def _converted(self, row: list[Any], connection: Any) -> tuple[Any, ...]:
        for at, (converters, column) in self._converters.items():
            for convert in converters:
                row[at] = convert(row[at], column, connection)
        return tuple(row)

    def _object(self, row: tuple[Any, ...], alias: str) -> Any:
        made = self.model.from_db(alias, self._names, row[self._start : self._end])
        for related in self._related:
            related.populate(row, made)
        for name, at in self._annotations.items():
            setattr(made, name, row[at])
        return made


def _read_times_quickly(cursor: Any) -> None:
    """Have psycopg read times as it does by itself, in C; Django's way takes 3 µs for each."""
    import psycopg

    kind = psycopg.adapters.types["timestamptz"].oid
    loader = psycopg.adapters.get_loader(kind, psycopg.pq.Format.TEXT)
    if loader is not None:
        cursor.cursor.adapters.register_loader("timestamptz", loader)
