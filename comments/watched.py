"""What the desk sets has a version, which the database moves with every change of it.

Whatever makes the change (the admin, a command, an import, somebody at the database's own prompt)
the version moves in the same transaction. It is a word that nobody has used before, rather than a
number: after a change that was rolled back, a number would come again with other rules.
"""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VERSIONS = "comments_ruleversion"
# The tables, each with the columns that matter: how often a rule spoke is no change of it.
WATCHED = {
    "comments_wordrule": ("kind", "pattern", "action", "is_enabled", "is_severe", "expires_at"),
    "comments_checkrule": (
        "check_name", "section_id", "article_id", "is_on", "action", "threshold", "sample",
    ),
    "accounts_sourcerule": ("kind", "value", "action", "is_enabled", "expires_at"),
    "comments_desksettings": ("outside_hours",),
    "comments_dutyhours": ("weekday", "opens", "closes"),
    "comments_terms": ("number", "in_force_at"),
}  # fmt: skip


def watch(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have the database move the version from now on. For migrations."""
    if schema_editor.connection.vendor == "sqlite":
        # In two statements: how a trigger's own meets a conflict, what set it off has the say in.
        new = "(id, word) VALUES (1, lower(hex(randomblob(16))))"
        moves = [f"DELETE FROM {VERSIONS}", f"INSERT INTO {VERSIONS} {new}"]  # noqa: S608
        for table, columns in WATCHED.items():
            changes = f"UPDATE OF {_list(columns)}"
            verbs = {
                "insert": "INSERT",
                "delete": "DELETE",
                "update": changes,
            }
            for name, verb in verbs.items():
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_moves_{name} AFTER {verb} ON {table} "
                    f"BEGIN {'; '.join(moves)}; END"
                )
    else:
        new = "(id, word) VALUES (1, replace(gen_random_uuid()::text, '-', ''))"
        # One statement: of two changes at once the second waits for the first.
        moves = [
            f"INSERT INTO {VERSIONS} {new} ON CONFLICT (id) DO UPDATE SET word = EXCLUDED.word"
        ]
        schema_editor.execute(
            "CREATE OR REPLACE FUNCTION newsroom_move_rules() RETURNS trigger AS $$ "
            f"BEGIN {moves[0]}; RETURN NULL; END $$ LANGUAGE plpgsql"
        )
        for table, columns in WATCHED.items():
            schema_editor.execute(
                f"CREATE TRIGGER {table}_moves AFTER INSERT OR DELETE OR TRUNCATE OR "
                f"UPDATE OF {_list(columns)} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION newsroom_move_rules()"
            )
    for move in moves:
        schema_editor.execute(move)


def unwatch(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Undo ``watch``."""
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for table in WATCHED:
        if is_sqlite:
            for name in ("insert", "delete", "update"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_moves_{name}")
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_moves ON {table}")
    if not is_sqlite:
        schema_editor.execute("DROP FUNCTION IF EXISTS newsroom_move_rules()")


def _list(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
