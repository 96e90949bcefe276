"""Corrections are only added: the database refuses to change one, or to take it back.

Two things go through: that whoever wrote it is gone (their account was deleted), and that the
story itself is, with all that hangs on it.

A migration that has SQLite make the table anew loses the triggers on it: ``unseal`` comes before
it, and ``seal`` after.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "articles_correction"
# All but the account of whoever wrote it.
SAID = ("id", "article_id", "kind", "text", "is_from_reader", "at")
REFUSAL = "corrections are only added to"


def seal(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have the database keep corrections as they are from now on. For migrations."""
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def unseal(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Undo ``seal``."""
    where = "" if schema_editor.connection.vendor == "sqlite" else f" ON {TABLE}"
    for verb in ("update", "delete", "replace"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_{verb}{where}")


def _row(name: str) -> str:
    return ", ".join(f'{name}."{column}"' for column in SAID)


_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
SQLITE = [
    f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} "
    f"WHEN ({_row('NEW')}) IS NOT ({_row('OLD')}) "
    f"OR (NEW.by_id IS NOT NULL AND NEW.by_id IS NOT OLD.by_id) {_REFUSE}",
    # What is deleted with its story goes first, and no trigger here can wait for the end. So it
    # is asked whether the story is one that may be deleted: none that was published is.
    f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} "  # noqa: S608
    "WHEN EXISTS (SELECT 1 FROM articles_article "
    f"WHERE id = OLD.article_id AND published_at IS NOT NULL) {_REFUSE}",
    # REPLACE takes the old row away without asking the trigger above.
    f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "  # noqa: S608
    f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) {_REFUSE}",
]
_RAISE = f"RAISE EXCEPTION '{REFUSAL}'"
POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION newsroom_correction_stays() RETURNS trigger AS $$ BEGIN "
    f"IF ({_row('NEW')}) IS DISTINCT FROM ({_row('OLD')}) "
    "OR (NEW.by_id IS NOT NULL AND NEW.by_id IS DISTINCT FROM OLD.by_id) "
    f"THEN {_RAISE}; END IF; RETURN NEW; END $$ LANGUAGE plpgsql",
    "CREATE OR REPLACE FUNCTION newsroom_correction_goes_with_story() "  # noqa: S608
    "RETURNS trigger AS $$ BEGIN "
    "IF EXISTS (SELECT 1 FROM articles_article WHERE id = OLD.article_id) "
    f"THEN {_RAISE}; END IF; RETURN NULL; END $$ LANGUAGE plpgsql",
    f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION newsroom_correction_stays()",
    # At the end of the transaction, when a story that is deleted is gone.
    f"CREATE CONSTRAINT TRIGGER {TABLE}_no_delete AFTER DELETE ON {TABLE} "
    "DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION newsroom_correction_goes_with_story()",
]
