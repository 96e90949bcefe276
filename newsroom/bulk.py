"""Many rows at once: copied into tables that have no indexes meanwhile.

All of it is one transaction, the dropping and making of indexes included: whatever stops it, the
database is as it was. PostgreSQL takes rows by COPY, SQLite by one statement for many.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max

# Told of each step that takes its time: what it is, how many are done, how many there are.
Say = Callable[[str, int, int], None]
Row = Sequence[Any]

# On PostgreSQL, of an index and of a constraint: what it is called, and how it is made anew.
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = %s::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
"""
CONSTRAINTS = """
    SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = %s
"""
# For the time of the loading. Each index is sorted in memory as far as that goes.
POSTGRESQL = ("SET LOCAL maintenance_work_mem = '512MB'", "SET LOCAL synchronous_commit = off")
# What a killed process leaves is rolled back from the journal; only a loss of power is not.
SQLITE = (
    "PRAGMA foreign_keys = OFF",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -400000",
)


def moment(at: datetime.datetime) -> str:
    """Return a time as both databases read it."""
    return str(at.astimezone(datetime.UTC).replace(tzinfo=None))


def next_id(model: type[models.Model]) -> int:
    """Return the first id from which on none is taken."""
    return (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1


class Table:
    """A model's table, to which whole rows are added.

    ``columns`` are the fields that each row gives, in its order. Of the others those that may be
    empty are, and the rest have their defaults, the same in every row.
    """

    def __init__(self, model: type[models.Model], *columns: str) -> None:
        self.model = model
        fields = {field.attname: field for field in model._meta.concrete_fields}
        unnamed = [
            field
            for name, field in fields.items()
            if name not in columns and not field.null and not field.generated
            and not (field.primary_key and isinstance(field, models.AutoField))
        ]  # fmt: skip
        self.constants = tuple(
            field.get_db_prep_save(field.get_default(), connection) for field in unnamed
        )
        quote = connection.ops.quote_name
        self.name = quote(model._meta.db_table)
        named = [fields[name] for name in columns]
        self.columns = [quote(str(field.column)) for field in [*named, *unnamed]]

    def write(self, rows: Iterable[Row]) -> None:
        """Add ``rows``. Text is taken as it is, times as ``moment`` writes them.

        Raises ``DatabaseError`` for what the table does not take.
        """
        names, constants = ", ".join(self.columns), self.constants
        whole = ((*row, *constants) for row in rows)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                places = ", ".join(["%s"] * len(self.columns))
                cursor.executemany(
                    f"INSERT INTO {self.name} ({names}) VALUES ({places})",  # noqa: S608
                    whole,  # type: ignore[arg-type]  # one after the other will do
                )
                return
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {self.name} ({names}) FROM STDIN") as copy,
            ):
                for row in whole:
                    copy.write_row(row)


@contextmanager
def loading(tables: Iterable[type[models.Model]], say: Say) -> Iterator[None]:
    """Have these models' tables without indexes and foreign keys while the block fills them.

    At its end they are made anew, which finds what breaks them: that raises ``IntegrityError``,
    and nothing was loaded. Nobody else reads the tables meanwhile.
    """
    tables = list(tables)
    load = _load_sqlite if connection.vendor == "sqlite" else _load_postgresql
    with load([table._meta.db_table for table in tables], say):
        yield
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(statement)


@contextmanager
def _load_postgresql(names: list[str], say: Say) -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Rows that wait for a check would keep their table from being altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in POSTGRESQL:
                cursor.execute(statement)
            indexes, keys = _taken_away(cursor, names)
        yield
        with connection.cursor() as cursor:
            for done, statement in enumerate(indexes):
                say("indexes", done, len(indexes))
                cursor.execute(statement)
            say("indexes", len(indexes), len(indexes))
            _analyze(cursor, "ANALYZE", names)
            for done, statement in enumerate(keys):
                say("foreign keys", done, len(keys))
                cursor.execute(statement)
            say("foreign keys", len(keys), len(keys))
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            # Marks the pages as seen by all, so that the first to read them need not.
            _analyze(cursor, "VACUUM (ANALYZE)", names, say)


def _taken_away(cursor: Any, names: list[str]) -> tuple[list[str], list[str]]:
    """Drop indexes and constraints. Return the statements that make them: the foreign keys last."""
    indexes: list[str] = []
    keys: list[str] = []
    for kind, kept in (("f", keys), ("u", indexes)):
        for name in names:
            table = connection.ops.quote_name(name)
            cursor.execute(CONSTRAINTS, [table, kind])
            for constraint, definition in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
                kept.append(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}")
    for name in names:
        cursor.execute(INDEXES, [connection.ops.quote_name(name)])
        for index, definition in cursor.fetchall():
            cursor.execute(f"DROP INDEX {index}")
            indexes.append(definition)
    return indexes, keys


def _analyze(cursor: Any, how: str, names: list[str], say: Say | None = None) -> None:
    for done, name in enumerate(names):
        if say:
            say("statistics", done, len(names))
        cursor.execute(f"{how} {connection.ops.quote_name(name)}")
    if say:
        say("statistics", len(names), len(names))


@contextmanager
def _load_sqlite(names: list[str], say: Say) -> Iterator[None]:
    is_own = not connection.in_atomic_block
    with connection.cursor() as cursor:
        for pragma in SQLITE if is_own else ():
            cursor.execute(pragma)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            indexes = []
            for name in names:
                cursor.execute(
                    "SELECT name, sql FROM sqlite_master "
                    "WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL",
                    [name],
                )
                indexes += cursor.fetchall()
            for index, _ in indexes:
                cursor.execute(f"DROP INDEX {connection.ops.quote_name(index)}")
            yield
            for done, (_, statement) in enumerate(indexes):
                say("indexes", done, len(indexes))
                cursor.execute(statement, None)
            say("indexes", len(indexes), len(indexes))
            say("foreign keys", 0, 1)
            connection.check_constraints(names)
            say("foreign keys", 1, 1)
            cursor.execute("ANALYZE")
    finally:
        if is_own:
            # The next connection begins as the settings have it.
            connection.close()
