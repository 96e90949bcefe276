"""The index of words: what every article says, kept in step with it by the database.

Whoever changes a headline, a standfirst, a text, a byline or an author's name, by whatever way,
changes the index in the same transaction, since triggers do it. It holds words alone: tags are
taken out, small and capital letters and accents are no difference, and where the paper's language
is English (``LANGUAGE_CODE``) words are cut to their stems.

PostgreSQL has a ``tsvector`` beside each ``Wording``: headline as A, standfirst and names as B,
text as C. SQLite has the FTS5 table ``articles_text`` with a column for each. Words of headlines,
standfirsts and names are kept apart as well, uncut, to mend slips of typing by
(``articles.spelling``): they only come in, until ``rebuild`` leaves out what is said no more.

A migration that has SQLite make one of the tables anew (any change of a field of ``Article``,
``Byline`` or ``Author``) loses the triggers on it, or is refused because others name it: ``drop``
comes before it and ``make`` after.
"""

# ruff: noqa: S608 - every statement is put together from what stands in this file

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction

SHORTEST, LONGEST = 3, 40  # letters of a word to mend others by
# As ``body.plain_text`` has it: what ends one of these ends a word, and other tags do not.
BLOCKS = ("p", "h2", "h3", "h4", "li", "blockquote", "footer", "tr", "figcaption", "dd", "dt",
          "td", "th", "caption", "pre")  # fmt: skip
# All that the sanitiser writes otherwise. The ampersand last, or "&amp;lt;" would become "<".
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&quot;", '"'), ("&amp;", "&"))
# Letters whose accent is no mark that can be taken off.
LETTERS = ("øłđħŧıæœßðþ", "oldhtiaosdt")


def make() -> None:
    """Make the index of all articles there are, in the present language, and keep it from now on.

    For an empty ``Wording``.
    """
    if connection.vendor == "sqlite":
        _run([*_sqlite_tables(), *SQLITE_FILL, *_sqlite_triggers()])
    else:
        _run([*_postgresql_tables(), *POSTGRESQL_FILL, *_postgresql_triggers()])


def drop() -> None:
    """Take away all that ``make`` made; the index is empty, and nobody keeps it."""
    _run(SQLITE_BACK if connection.vendor == "sqlite" else POSTGRESQL_BACK)


@contextmanager
def held() -> Iterator[None]:
    """Have the block change many articles without the triggers; the index is made at its end.

    One transaction: nobody searches meanwhile, and if the block fails all is as it was.
    """
    with transaction.atomic():
        drop()
        yield
        make()


def rebuild() -> None:
    """Make the whole index anew, in the present language."""
    with held():
        pass


def out_of_step() -> list[int]:
    """Return the ids of articles of which the index says something else than they do.

    Reads every text: for tests and for the command, not for a page.
    """
    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute(SQLITE_OUT_OF_STEP if is_sqlite else POSTGRESQL_OUT_OF_STEP)
        return sorted(row[0] for row in cursor.fetchall())


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            # Without parameters, so that no driver takes a ``%`` for a placeholder.
            cursor.execute(statement, None)


def is_english() -> bool:
    return settings.LANGUAGE_CODE.lower().partition("-")[0] == "en"


def _replaced(sql: str, pairs: Any) -> str:
    for old, new in pairs:
        sql = f"replace({sql}, '{old}', '{new}')"
    return sql


# SQLite ----------------------------------------------------------------------------------------


# It has no regular expressions. But a text cut at every "<" is a list, if its quotes are JSON's;
# of each part but the first, a tag's end is where the words begin.
def _plain(body: str) -> str:
    spaces = [(f"</{tag}>", f" </{tag}>") for tag in BLOCKS] + [("<br>", " <br>")]
    parts = f"'[' || replace(json_quote({_replaced(body, spaces)}), '<', '\",\"') || ']'"
    return f"""(
        SELECT {_replaced("group_concat(words, '')", ENTITIES)} FROM (
            SELECT CASE key WHEN 0 THEN value ELSE substr(value, instr(value, '>') + 1) END AS words
            FROM json_each({parts}) ORDER BY key
        )
    )"""


def _names(pk: str) -> str:
    return f"""(
        SELECT coalesce(group_concat(name, ' '), '') FROM (
            SELECT name FROM articles_byline AS named
            JOIN articles_author ON articles_author.id = named.author_id
            WHERE named.article_id = {pk} ORDER BY position, named.id
        )
    )"""


_SQLITE_TRIGGERS = {
    "article_in": f"""
        AFTER INSERT ON articles_article BEGIN
        INSERT INTO articles_wording(article_id, section_id, published_at)
            VALUES (new.id, new.section_id, new.published_at);
        INSERT INTO articles_text(rowid, headline, standfirst, names, body)
            VALUES (new.id, new.headline, new.standfirst, '', {_plain("new.body")});
        INSERT INTO articles_spelling(words) VALUES (new.headline || ' ' || new.standfirst);
        END""",
    "article_out": """
        AFTER DELETE ON articles_article BEGIN
        DELETE FROM articles_wording WHERE article_id = old.id;
        DELETE FROM articles_text WHERE rowid = old.id;
        END""",
    "article_said": f"""
        AFTER UPDATE OF headline, standfirst, body ON articles_article
        WHEN (old.headline, old.standfirst, old.body)
            IS NOT (new.headline, new.standfirst, new.body) BEGIN
        UPDATE articles_text SET headline = new.headline, standfirst = new.standfirst,
            body = {_plain("new.body")} WHERE rowid = new.id;
        INSERT INTO articles_spelling(words) VALUES (new.headline || ' ' || new.standfirst);
        END""",
    "article_moved": """
        AFTER UPDATE OF section_id, published_at ON articles_article
        WHEN (old.section_id, old.published_at) IS NOT (new.section_id, new.published_at) BEGIN
        UPDATE articles_wording SET section_id = new.section_id, published_at = new.published_at
            WHERE article_id = new.id;
        END""",
    **{
        f"byline_{verb}": f"""
        AFTER {event} ON articles_byline BEGIN
        UPDATE articles_text SET names = {_names(f"{row}.article_id")}
            WHERE rowid = {row}.article_id;
        END"""
        for verb, event, row in (
            ("in", "INSERT", "new"),
            ("out", "DELETE", "old"),
            ("changed", "UPDATE OF article_id, author_id, position", "new"),
            ("left", "UPDATE OF article_id", "old"),
        )
    },
    "author_in": """
        AFTER INSERT ON articles_author BEGIN
        INSERT INTO articles_spelling(words) VALUES (new.name);
        END""",
    "author_named": f"""
        AFTER UPDATE OF name ON articles_author WHEN old.name IS NOT new.name BEGIN
        UPDATE articles_text SET names = {_names("articles_text.rowid")}
            WHERE rowid IN (SELECT article_id FROM articles_byline WHERE author_id = new.id);
        INSERT INTO articles_spelling(words) VALUES (new.name);
        END""",
}


def _sqlite_tables() -> list[str]:
    plain = "unicode61 remove_diacritics 2"
    tokens = f"porter {plain}" if is_english() else plain
    return [
        "CREATE VIRTUAL TABLE articles_text "
        f"USING fts5(headline, standfirst, names, body, tokenize='{tokens}')",
        # Of these the words alone are kept, and nothing of where they stand.
        "CREATE VIRTUAL TABLE articles_spelling "
        f"USING fts5(words, content='', detail=none, tokenize='{plain}')",
        "CREATE VIRTUAL TABLE articles_spelt USING fts5vocab(articles_spelling, row)",
    ]


SQLITE_FILL = [
    "INSERT INTO articles_wording(article_id, section_id, published_at) "
    "SELECT id, section_id, published_at FROM articles_article",
    "INSERT INTO articles_text(rowid, headline, standfirst, names, body) "
    f"SELECT id, headline, standfirst, {_names('articles_article.id')}, {_plain('body')} "
    "FROM articles_article",
    "INSERT INTO articles_spelling(words) "
    "SELECT headline || ' ' || standfirst FROM articles_article "
    "UNION ALL SELECT name FROM articles_author",
]


def _sqlite_triggers() -> list[str]:
    return [f"CREATE TRIGGER articles_word_{name} {sql}" for name, sql in _SQLITE_TRIGGERS.items()]


SQLITE_BACK = [
    *(f"DROP TRIGGER IF EXISTS articles_word_{name}" for name in _SQLITE_TRIGGERS),
    "DROP TABLE IF EXISTS articles_spelt",
    "DROP TABLE IF EXISTS articles_spelling",
    "DROP TABLE IF EXISTS articles_text",
    "DELETE FROM articles_wording",
]
SQLITE_OUT_OF_STEP = f"""
    WITH true AS (
        SELECT id, section_id, published_at, headline, standfirst,
            {_names("articles_article.id")}, {_plain("body")}
        FROM articles_article
    ), kept AS (
        SELECT article_id, section_id, published_at, headline, standfirst, names, body
        FROM articles_wording LEFT JOIN articles_text ON articles_text.rowid = article_id
    )
    SELECT id FROM (SELECT * FROM true EXCEPT SELECT * FROM kept)
    UNION SELECT article_id FROM (SELECT * FROM kept EXCEPT SELECT * FROM true)
    UNION SELECT rowid FROM articles_text WHERE rowid NOT IN (SELECT id FROM articles_article)
"""

# PostgreSQL ------------------------------------------------------------------------------------

# A sign of ASCII before a word becomes a space, or the parser would see addresses, paths, tags,
# versions and compounds instead of words. Other signs, it leaves out by itself.
_SIGNS = r"!-/:-@\[-`{-~"
_GAPS = rf"\s{_SIGNS}\u00a0«»‘’‚“”„–—…"
# Where none of these stands, there is no accent to be taken off; most texts are done sooner so.
_ACCENTED = r"[\u00c0-\u200f\u2027-\uffff]"
_POSTGRESQL_FUNCTIONS = [
    rf"""
    CREATE OR REPLACE FUNCTION articles_fold(said text) RETURNS text AS $$
        SELECT CASE WHEN words ~ '{_ACCENTED}' THEN translate(
            regexp_replace(normalize(words, NFKD), '[\u0300-\u036f]', '', 'g'),
            '{LETTERS[0]}', '{LETTERS[1]}'
        ) ELSE words END
        FROM lower(regexp_replace(said, '[{_SIGNS}](?=[^\s{_SIGNS}])', ' ', 'g')) AS words
    $$ LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT""",
    rf"""
    CREATE OR REPLACE FUNCTION articles_plain(body text) RETURNS text AS $$
        SELECT {_replaced("regexp_replace(spaced, '<[^>]*>', '', 'g')", ENTITIES)}
        FROM regexp_replace(body, '</(?:{"|".join(BLOCKS)})>|<br>', ' ', 'g') AS spaced
    $$ LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT""",
    """
    CREATE OR REPLACE FUNCTION articles_names(pk bigint) RETURNS text AS $$
        SELECT coalesce(string_agg(author.name, ' ' ORDER BY named.position, named.id), '')
        FROM articles_byline AS named JOIN articles_author AS author ON author.id = named.author_id
        WHERE named.article_id = pk
    $$ LANGUAGE sql STABLE PARALLEL SAFE STRICT""",
    """
    CREATE OR REPLACE FUNCTION articles_words(headline text, standfirst text, names text, body text)
    RETURNS tsvector AS $$
        SELECT setweight(to_tsvector(articles_language(), articles_fold(headline)), 'A')
            || setweight(to_tsvector(
                   articles_language(), articles_fold(standfirst || ' ' || names)), 'B')
            || setweight(to_tsvector(
                   articles_language(), articles_fold(articles_plain(body))), 'C')
    $$ LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT""",
    # Without a constraint: two saves that bring the same new word need not wait for one another,
    # and a word that is there twice does no harm.
    rf"""
    CREATE OR REPLACE FUNCTION articles_learn(said text) RETURNS void AS $$
        INSERT INTO articles_spelling(word)
        SELECT DISTINCT word FROM regexp_split_to_table(articles_fold(said), '[{_GAPS}]+') AS word
        WHERE length(word) BETWEEN {SHORTEST} AND {LONGEST}
        AND NOT EXISTS (SELECT FROM articles_spelling AS known WHERE known.word = word.word)
    $$ LANGUAGE sql VOLATILE STRICT""",
]
_POSTGRESQL_TRIGGERS = {
    ("article", "in"): (
        "AFTER INSERT",
        """
        INSERT INTO articles_wording(article_id, section_id, published_at, words)
        VALUES (new.id, new.section_id, new.published_at,
            articles_words(new.headline, new.standfirst, articles_names(new.id), new.body));
        PERFORM articles_learn(new.headline || ' ' || new.standfirst);
        """,
    ),
    ("article", "out"): (
        "AFTER DELETE",
        "DELETE FROM articles_wording WHERE article_id = old.id;",
    ),
    ("article", "said"): (
        "AFTER UPDATE OF headline, standfirst, body",
        """
        IF (old.headline, old.standfirst, old.body)
            IS DISTINCT FROM (new.headline, new.standfirst, new.body) THEN
            UPDATE articles_wording SET words = articles_words(
                new.headline, new.standfirst, articles_names(new.id), new.body)
            WHERE article_id = new.id;
            PERFORM articles_learn(new.headline || ' ' || new.standfirst);
        END IF;
        """,
    ),
    ("article", "moved"): (
        "AFTER UPDATE OF section_id, published_at",
        """
        IF (old.section_id, old.published_at)
            IS DISTINCT FROM (new.section_id, new.published_at) THEN
            UPDATE articles_wording
            SET section_id = new.section_id, published_at = new.published_at
            WHERE article_id = new.id;
        END IF;
        """,
    ),
    ("byline", "changed"): (
        "AFTER INSERT OR DELETE OR UPDATE OF article_id, author_id, position",
        """
        UPDATE articles_wording SET words = articles_words(
            said.headline, said.standfirst, articles_names(said.id), said.body)
        FROM articles_article AS said
        WHERE said.id = article_id AND article_id IN (old.article_id, new.article_id);
        """,
    ),
    ("author", "in"): (
        "AFTER INSERT",
        "PERFORM articles_learn(new.name);",
    ),
    ("author", "named"): (
        "AFTER UPDATE OF name",
        """
        IF old.name IS DISTINCT FROM new.name THEN
            UPDATE articles_wording SET words = articles_words(
                said.headline, said.standfirst, articles_names(said.id), said.body)
            FROM articles_article AS said
            WHERE said.id = article_id AND article_id IN (
                SELECT named.article_id FROM articles_byline AS named
                WHERE named.author_id = new.id);
            PERFORM articles_learn(new.name);
        END IF;
        """,
    ),
}


def _postgresql_tables() -> list[str]:
    language = "english" if is_english() else "simple"
    return [
        # The index and whoever asks it go by the same language, whatever the settings say since.
        "CREATE OR REPLACE FUNCTION articles_language() RETURNS regconfig AS "
        f"$$ SELECT '{language}'::regconfig $$ LANGUAGE sql IMMUTABLE PARALLEL SAFE",
        "ALTER TABLE articles_wording ADD COLUMN IF NOT EXISTS words tsvector NOT NULL DEFAULT ''",
        'CREATE TABLE articles_spelling (word text COLLATE "C" NOT NULL)',
        *_POSTGRESQL_FUNCTIONS,
    ]


POSTGRESQL_FILL = [
    "INSERT INTO articles_wording(article_id, section_id, published_at, words) "
    "SELECT said.id, section_id, published_at, "
    "articles_words(headline, standfirst, coalesce(names, ''), body) "
    # Joined, not looked up: while many are loaded, bylines have no index.
    "FROM articles_article AS said LEFT JOIN ("
    "SELECT article_id, string_agg(name, ' ' ORDER BY position, named.id) AS names "
    "FROM articles_byline AS named JOIN articles_author AS author ON author.id = author_id "
    "GROUP BY article_id) AS named ON named.article_id = said.id",
    "INSERT INTO articles_spelling(word) SELECT DISTINCT word FROM ("
    rf"SELECT regexp_split_to_table(articles_fold(headline || ' ' || standfirst), '[{_GAPS}]+') "
    "AS word FROM articles_article UNION ALL "
    rf"SELECT regexp_split_to_table(articles_fold(name), '[{_GAPS}]+') FROM articles_author"
    f") AS said WHERE length(word) BETWEEN {SHORTEST} AND {LONGEST}",
    # Made last, which is faster than kept meanwhile.
    "CREATE INDEX articles_wording_words ON articles_wording USING gin (words)",
    "CREATE INDEX articles_spelling_word ON articles_spelling (word)",
    "ANALYZE articles_wording",
]


def _postgresql_triggers() -> list[str]:
    return [
        *(
            f"CREATE FUNCTION articles_word_{table}_{name}() RETURNS trigger AS $$ "
            f"BEGIN {body} RETURN NULL; END $$ LANGUAGE plpgsql"
            for (table, name), (_, body) in _POSTGRESQL_TRIGGERS.items()
        ),
        *(
            f"CREATE TRIGGER articles_word_{name} {event} ON articles_{table} "
            f"FOR EACH ROW EXECUTE FUNCTION articles_word_{table}_{name}()"
            for (table, name), (event, _) in _POSTGRESQL_TRIGGERS.items()
        ),
    ]


# The column of words stays: PostgreSQL never quite forgets one that was dropped.
POSTGRESQL_BACK = [
    *(
        f"DROP TRIGGER IF EXISTS articles_word_{name} ON articles_{table}"
        for table, name in _POSTGRESQL_TRIGGERS
    ),
    *(
        f"DROP FUNCTION IF EXISTS articles_word_{table}_{name}()"
        for table, name in _POSTGRESQL_TRIGGERS
    ),
    "DROP TABLE IF EXISTS articles_spelling",
    "DROP INDEX IF EXISTS articles_wording_words",
    "TRUNCATE articles_wording",
]
POSTGRESQL_OUT_OF_STEP = """
    SELECT coalesce(said.id, kept.article_id) FROM articles_article AS said
    FULL JOIN articles_wording AS kept ON kept.article_id = said.id
    WHERE (kept.section_id, kept.published_at, kept.words) IS DISTINCT FROM (
        said.section_id, said.published_at,
        articles_words(said.headline, said.standfirst, articles_names(said.id), said.body))
"""
