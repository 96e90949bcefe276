"""Index the words of comments, in the way that each database has for it."""

from django.db import migrations

SQLITE = [
    # Its rows are the comments' own: it keeps the words alone. Accents are no difference.
    "CREATE VIRTUAL TABLE comments_text USING fts5(body, content='comments_comment', "
    "content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
    "INSERT INTO comments_text(comments_text) VALUES ('rebuild')",
    "CREATE TRIGGER comments_text_insert AFTER INSERT ON comments_comment BEGIN "
    "INSERT INTO comments_text(rowid, body) VALUES (new.id, new.body); END",
    "CREATE TRIGGER comments_text_delete AFTER DELETE ON comments_comment BEGIN "
    "INSERT INTO comments_text(comments_text, rowid, body) "
    "VALUES ('delete', old.id, old.body); END",
    "CREATE TRIGGER comments_text_update AFTER UPDATE OF body ON comments_comment BEGIN "
    "INSERT INTO comments_text(comments_text, rowid, body) "
    "VALUES ('delete', old.id, old.body); "
    "INSERT INTO comments_text(rowid, body) VALUES (new.id, new.body); END",
]
SQLITE_BACK = [
    "DROP TRIGGER comments_text_insert",
    "DROP TRIGGER comments_text_delete",
    "DROP TRIGGER comments_text_update",
    "DROP TABLE comments_text",
]
POSTGRESQL = [
    "CREATE INDEX comments_words ON comments_comment USING gin (to_tsvector('simple', body))"
]
POSTGRESQL_BACK = ["DROP INDEX comments_words"]


def _run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement, params=None)


def make(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    _run(schema_editor, SQLITE if is_sqlite else POSTGRESQL)


def drop(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    _run(schema_editor, SQLITE_BACK if is_sqlite else POSTGRESQL_BACK)


class Migration(migrations.Migration):
    dependencies = [("comments", "0002_roles_and_seal")]

    operations = [migrations.RunPython(make, drop)]
