"""Finding comments by the words in them, by the database's own full-text index.

SQLite has FTS5 over ``comments_text``, kept in step by triggers; PostgreSQL has an index over
``to_tsvector``. A query is words, all of which must stand in the comment; the last may be the
beginning of one. Nothing in it is an operator.
"""

import re

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

MAX_LENGTH = 100
MAX_WORDS = 8
RARE = 1000  # comments; words that stand in no more are looked up first
UNTAKEN = re.compile("[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
WORD = re.compile(r"\w+")


def tidy(query: str) -> str:
    """Return what somebody asked for, bounded and without characters no database takes."""
    return " ".join(UNTAKEN.sub(" ", query).split())[:MAX_LENGTH].strip()


def condition(query: str, field: str = "pk") -> Q:
    """Return the condition that the comment whose id is in ``field`` holds every word of ``query``.

    What has no word in it is found nowhere. One query: of rare words the comments are looked up
    in the index, where a database that takes them for frequent would read through all there are.
    """
    words = WORD.findall(tidy(query))[:MAX_WORDS]
    if not words:
        return Q(pk__in=[])
    if connection.vendor == "sqlite":
        found = "SELECT rowid FROM comments_text WHERE comments_text MATCH %s"
        asked = " ".join(f'"{word}"' for word in words) + "*"
        first = f"{found} LIMIT {RARE + 1}"
    else:
        found = (
            "SELECT id FROM comments_comment "
            "WHERE to_tsvector('simple', body) @@ to_tsquery('simple', %s)"
        )
        asked = " & ".join(f"'{word}'" for word in words) + ":*"
        # Planned as if all were wanted, which is by the index; read no further than the limit.
        first = f"WITH found AS MATERIALIZED ({found}) SELECT id FROM found LIMIT {RARE + 1}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(first, [asked])
        ids = [row[0] for row in cursor.fetchall()]
    if len(ids) <= RARE:
        return Q(**{f"{field}__in": ids})
    return Q(**{f"{field}__in": RawSQL(found, [asked])})  # noqa: S611 - the words are a parameter
