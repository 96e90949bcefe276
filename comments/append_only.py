"""Rows that are only ever added: refused in Python with a sentence, and in the database too.

Python guards against our own mistakes; the triggers guard against everything else that holds
the application's database role.
"""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class AppendOnlyViolation(Exception):
    """An attempt to change or delete a row of the record."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> int:
        raise AppendOnlyViolation("The record is only added to.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyViolation("The record is only added to.")


class AppendOnlyModel(models.Model):
    """A row that is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyViolation("The record is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise AppendOnlyViolation("The record is only added to.")


def seal(table: str, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have the database refuse changes to ``table``'s rows. For migrations."""
    for verb in ("UPDATE", "DELETE"):
        for statement in _statements(table, verb, schema_editor.connection.vendor):
            schema_editor.execute(statement)


def unseal(table: str, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Undo ``seal``."""
    where = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
    for verb in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{where}")


def _statements(table: str, verb: str, vendor: str) -> list[str]:
    trigger = f"{table}_no_{verb.lower()}"
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {trigger} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        ]
    return [
        "CREATE OR REPLACE FUNCTION newsroom_append_only() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {trigger} BEFORE {verb} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION newsroom_append_only()",
    ]
