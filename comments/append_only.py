"""Rows that are only ever added: refused in Python with a sentence, and in the database too.

Python guards against our own mistakes; the triggers guard against everything else that holds
the application's database role.
"""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# The tables whose rows the database refuses to change.
SEALED = ("comments_decision", "comments_sanction", "comments_link")


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
    make = _for_sqlite if schema_editor.connection.vendor == "sqlite" else _for_postgresql
    for statement in make(table):
        # Without parameters, so that no driver takes the ``%`` in a message for a placeholder.
        schema_editor.execute(statement, params=None)


def unseal(table: str, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Undo ``seal``."""
    where = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
    for verb in ("update", "delete", "replace", "truncate"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{where}")


def _for_sqlite(table: str) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        # REPLACE takes the old row away without asking the trigger above.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}",
    ]


def _for_postgresql(table: str) -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION newsroom_append_only() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$ LANGUAGE plpgsql",
        # Emptying a table that holds nothing loses nothing, and is what a test run does.
        "CREATE OR REPLACE FUNCTION newsroom_keep_all() RETURNS trigger AS $$ "
        "DECLARE holds_rows boolean; BEGIN "
        "EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', TG_TABLE_NAME) INTO holds_rows; "
        "IF holds_rows THEN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END IF; "
        "RETURN NULL; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION newsroom_append_only()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION newsroom_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION newsroom_keep_all()",
    ]
