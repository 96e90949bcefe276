"""Finding articles by what they say, by each database's own full-text index.

What somebody asks for is words, all of which must occur. Words in quotes, or joined by a sign as
in "sea-wall", must stand together; a word or quote behind a minus must not occur. Nothing else in
it is an operator. ``articles.wording`` keeps the index, which knows nothing of what readers may
see: all that they are shown goes through ``Article.objects.listed()``.
"""

# ruff: noqa: S608 - statements are put together from what stands here; what is asked is a parameter

import datetime
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, connections, router, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from articles.lists import LAST_PAGE, PER_PAGE
from articles.models import Article, ArticleQuerySet, Wording

MAX_LENGTH = 100
MAX_WORDS = 8
# All results that are ever shown, with room for those that readers may not see.
SHOWN = LAST_PAGE * PER_PAGE + 1 + 200
# To be ranked, a story's words are read. Of words that stand in more stories than this, the newest
# are ranked: that is what is asked for, and the oldest can be asked for by order or by date.
RANKED = 3000
# PostgreSQL knows of words that stand together only when it reads a story's words; so among the
# newest of this many that have them all.
TOGETHER = 15_000
TIMEOUT = 3000  # milliseconds that a search may take on PostgreSQL
A_FEW = 20  # stories that tell whether a word is known
AT_DESK = 5000  # articles that the desk finds, those made last
# As columns, or labels, of the index: headline, standfirst and names, text.
WEIGHTS = {"sqlite": "10.0, 4.0, 4.0, 1.0", "postgresql": "{0.1, 0.1, 0.4, 1.0}"}

UNTAKEN = re.compile("[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
WORD = re.compile(r"[^\W_]+")
# A minus or none, and words in quotes or one without a space in it.
PART = re.compile(r'(-?)"([^"]*)"|(-?)(\S+)')
RELEVANCE, NEWEST, OLDEST = "relevance", "newest", "oldest"


class TooSlow(Exception):
    """A search that the database did not finish in time."""


def tidy(query: str) -> str:
    """Return what a reader asked for, bounded and without characters no database takes."""
    without_controls = UNTAKEN.sub(" ", unicodedata.normalize("NFC", query))
    return " ".join(without_controls.split())[:MAX_LENGTH].strip()


@dataclass(frozen=True)
class Asked:
    """What was asked for, in parts: each is one word, or words that stand together."""

    wanted: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: str) -> "Asked":
        """Read a query. What has no word in it is left out, and so is what is too much."""
        wanted: list[str] = []
        excluded: list[str] = []
        for minus, quoted, other_minus, single in PART.findall(tidy(query))[:MAX_WORDS]:
            text = quoted or single
            if WORD.search(text):
                (excluded if minus or other_minus else wanted).append(text.replace('"', " "))
        return cls(tuple(wanted), tuple(excluded))

    def __bool__(self) -> bool:
        return bool(self.wanted)

    @property
    def is_together(self) -> bool:
        """Whether some of its words must stand together."""
        return any(len(WORD.findall(part)) > 1 for part in (*self.wanted, *self.excluded))

    @property
    def for_sqlite(self) -> str:
        """The query as FTS5 has it: quoted, each part is words and no operator."""
        wanted = " AND ".join(f'"{part}"' for part in self.wanted)
        return f"({wanted})" + "".join(f' NOT "{part}"' for part in self.excluded)

    @property
    def in_headline_for_sqlite(self) -> str:
        return "{headline} : (" + " AND ".join(f'"{part}"' for part in self.wanted) + ")"


@dataclass(frozen=True)
class Narrowed:
    """What else is asked of a story, and the order."""

    section: int | None = None
    authors: tuple[int, ...] = ()  # one of them, where several have the same name
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None  # not itself
    order: str = RELEVANCE

    def __bool__(self) -> bool:
        return bool(self.section or self.authors or self.since or self.until)


ANYTHING = Narrowed()


def find(asked: Asked, narrowed: Narrowed = ANYTHING) -> list[int]:
    """Return the ids of listed stories that hold all that is ``asked``, best first.

    At most ``SHOWN``. Headline before text, and of equals the newest, unless another order is
    asked for. Two queries. Raises ``TooSlow``.
    """
    if not asked:
        return []
    rows = _candidates(asked, narrowed, RANKED if narrowed.order == RELEVANCE else SHOWN)
    if narrowed.order == RELEVANCE:
        rows.sort(key=lambda row: (-_score(*row[1:]), row[1], -row[0]))
    return _visible([row[0] for row in rows[:SHOWN]])


def browse(narrowed: Narrowed) -> ArticleQuerySet:
    """Return the listed stories that are ``narrowed`` down to, newest first unless asked else."""
    found = Article.objects.listed()
    if narrowed.section:
        found = found.filter(section=narrowed.section)
    if narrowed.authors:
        found = found.filter(authors__in=narrowed.authors).distinct()
    if narrowed.since:
        found = found.filter(published_at__gte=narrowed.since)
    if narrowed.until:
        found = found.filter(published_at__lt=narrowed.until)
    return found.order_by("published_at", "pk") if narrowed.order == OLDEST else found


def known(part: str) -> int:
    """Return how many of the newest stories in which ``part`` stands readers may see; few."""
    rows = _candidates(Asked((part,)), Narrowed(order=NEWEST), A_FEW)
    return len(_visible([row[0] for row in rows]))


def is_common(asked: Asked) -> bool:
    """Whether its words are so common that this database keeps none of them. A query, or none."""
    db = connections[router.db_for_read(Wording)]
    if db.vendor == "sqlite" or not asked:
        return False
    query, parameters = _tsquery(Asked(asked.wanted))
    with db.cursor() as cursor:
        cursor.execute(f"SELECT numnode({query}) = 0", parameters)
        return bool(cursor.fetchone()[0])


def matching(queryset: "QuerySet[Article]", text: str) -> "QuerySet[Article]":
    """Narrow ``queryset``, of whatever status, to articles in which the words of ``text`` stand.

    For the desk: the last word may be the beginning of one, and of more than ``AT_DESK`` articles
    those made last are found. No query is made here.
    """
    asked = Asked.of(text)
    if not asked:
        return queryset.none()
    last = asked.wanted[-1]
    begins = WORD.fullmatch(last) is not None
    if connection.vendor == "sqlite":
        match = asked.for_sqlite
        if begins:
            # By hand: only the last of the wanted words is followed by a star.
            wanted = " AND ".join(f'"{part}"' for part in asked.wanted) + " *"
            match = f"({wanted})" + "".join(f' NOT "{part}"' for part in asked.excluded)
        sql = (
            "SELECT rowid FROM articles_text WHERE articles_text MATCH %s "
            "ORDER BY rowid DESC LIMIT %s"
        )
        parameters: list[Any] = [match]
    else:
        query, parameters = _tsquery(
            Asked(asked.wanted[:-1] if begins else asked.wanted, asked.excluded)
        )
        if begins:
            # One word of letters and digits: in quotes it is nothing else.
            query += " && to_tsquery(articles_language(), '''' || articles_fold(%s) || ''':*')"
            parameters.append(last)
        # As a query of its own, so that the planner goes by the index: of a word of which it knows
        # that it is in few stories, it would read them all.
        sql = (
            f"SELECT article_id FROM articles_wording WHERE words @@ (SELECT {query}) "
            "ORDER BY article_id DESC LIMIT %s"
        )
    return queryset.filter(pk__in=RawSQL(sql, [*parameters, AT_DESK]))  # noqa: S611 - parameters


def find_comments(query: str) -> QuerySet[Any]:
    """Return the visible comments in which every word of ``query`` stands, newest first.

    By whole words, of which the last may be a beginning: there may be millions of comments, and
    an index holds their words. One query, which looks whether the words are rare.
    """
    # By the relation: comments know of articles, and not the other way round.
    comments: Any = Article._meta.get_field("comments").related_model._default_manager
    if not tidy(query):
        return comments.none()
    return (
        comments.readable()
        .saying(query)
        .with_people()
        .select_related("article")
        .defer("article__body", "article__body_html")
        .order_by("-visible_at", "-pk")
    )


def _visible(ids: list[int]) -> list[int]:
    """Return those of ``ids`` that readers may see, in their order. One query, or none."""
    if not ids:
        return []
    listed = Article.objects.listed().order_by().filter(pk__in=ids).values_list("pk", flat=True)
    visible = set(listed)
    return [pk for pk in ids if pk in visible]


def _score(age: float, weight: float, in_headline: bool) -> float:
    """Return how good a story is that was published ``age`` days ago.

    ``weight`` is the database's own, of which what is above one hardly counts: a word in the
    headline is worth more than ever so many in the text. A story of today counts twice as much as
    the same of long ago; a month takes half of that.
    """
    weight = max(weight, 0.0)
    return (weight / (1 + weight) + bool(in_headline)) * (1 + 1 / (1 + max(age, 0.0) / 30))


def _tsquery(asked: Asked, together: bool = True) -> tuple[str, list[Any]]:
    """Return an expression for the query, and its parameters. They are words, never operators."""
    read = "phraseto_tsquery" if together else "plainto_tsquery"
    one = f"{read}(articles_language(), articles_fold(%s))"
    wanted = " && ".join([one] * len(asked.wanted)) or "''::tsquery"
    parameters: list[Any] = list(asked.wanted)
    if asked.excluded and together:
        never = "!!phraseto_tsquery(articles_language(), articles_fold(%s))"
        wanted = " && ".join([f"({wanted})", *[never] * len(asked.excluded)])
        parameters += asked.excluded
    return wanted, parameters


def _candidates(
    asked: Asked, narrowed: Narrowed, limit: int
) -> list[tuple[int, float, float, bool]]:
    """Return of the stories that hold what is asked the newest, or the oldest, up to ``limit``.

    Each with its age in days, the database's weight, and whether its headline says it all; these
    only where it is ranked. In the order asked for, by time alone.
    """
    alias = router.db_for_read(Wording)
    vendor = connections[alias].vendor
    write = _for_sqlite if vendor == "sqlite" else _for_postgresql
    sql, parameters = write(asked, narrowed, limit)
    if vendor == "sqlite":
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, parameters)
            rows = cursor.fetchall()
    else:
        try:
            with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(TIMEOUT)])
                cursor.execute(sql, parameters)
                rows = cursor.fetchall()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == QUERY_CANCELED:
                raise TooSlow from error
            raise
    rows.sort(key=lambda row: (row[1], -row[0]), reverse=narrowed.order == OLDEST)
    return rows


QUERY_CANCELED = "57014"  # PostgreSQL's number for it


def _where(narrowed: Narrowed) -> tuple[str, list[Any]]:
    """Return the conditions on a row of ``Wording``, and their parameters."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    conditions = ["published_at <= %s"]
    parameters: list[Any] = [now]
    if narrowed.section:
        conditions.append("section_id = %s")
        parameters.append(narrowed.section)
    if narrowed.authors:
        places = ", ".join(["%s"] * len(narrowed.authors))
        conditions.append(
            "EXISTS (SELECT 1 FROM articles_byline AS named WHERE named.article_id = "
            f"articles_wording.article_id AND named.author_id IN ({places}))"
        )
        parameters += narrowed.authors
    for moment, sign in ((narrowed.since, ">="), (narrowed.until, "<")):
        if moment:
            conditions.append(f"published_at {sign} %s")
            parameters.append(connection.ops.adapt_datetimefield_value(moment))
    return " AND ".join(conditions), parameters


def _ordered(narrowed: Narrowed) -> str:
    way = "ASC" if narrowed.order == OLDEST else "DESC"
    return f"ORDER BY published_at {way}, article_id {way} LIMIT %s"


def _for_sqlite(asked: Asked, narrowed: Narrowed, limit: int) -> tuple[str, list[Any]]:
    where, narrowing = _where(narrowed)
    now = narrowing[0]
    # The words first: whatever the planner thinks, looking up a row in the index is not cheap.
    found = (
        "SELECT article_id, julianday(%s) - julianday(published_at) AS age "
        "FROM articles_text CROSS JOIN articles_wording ON article_id = articles_text.rowid "
        f"WHERE articles_text MATCH %s AND {where} {_ordered(narrowed)}"
    )
    parameters = [now, asked.for_sqlite, *narrowing, limit]
    if narrowed.order != RELEVANCE:
        return f"SELECT article_id, age, 0.0, 0 FROM ({found})", parameters
    return (
        f"SELECT article_id, age, -bm25(articles_text, {WEIGHTS['sqlite']}), article_id IN "
        "(SELECT rowid FROM articles_text WHERE articles_text MATCH %s) "
        f"FROM articles_text CROSS JOIN ({found}) AS found ON article_id = articles_text.rowid "
        "WHERE articles_text MATCH %s",
        [asked.in_headline_for_sqlite, *parameters, asked.for_sqlite],
    )


def _for_postgresql(asked: Asked, narrowed: Narrowed, limit: int) -> tuple[str, list[Any]]:
    where, narrowing = _where(narrowed)
    query, words = _tsquery(asked)
    wanted, wanted_words = _tsquery(Asked(asked.wanted))
    every, every_words = _tsquery(asked, together=False) if asked.is_together else (query, words)
    # What is only words that are too common to be kept, or only what must not occur, finds nothing.
    found = (
        "SELECT article_id, published_at, words FROM articles_wording "
        "WHERE words @@ (SELECT every FROM asked) AND (SELECT numnode(wanted) FROM asked) > 0 "
        f"AND {where} {_ordered(narrowed)}"
    )
    limits = [limit]
    if asked.is_together:
        found = (
            f"SELECT article_id, published_at, words FROM ({found}) AS near "
            f"WHERE words @@ (SELECT query FROM asked) {_ordered(narrowed)}"
        )
        limits = [TOGETHER, limit]
    ranked = (
        "ts_rank_cd(%s, words, wanted), ts_filter(words, '{a}') @@ wanted"
        if narrowed.order == RELEVANCE
        else "0.0, false"
    )
    sql = (
        f"WITH asked AS MATERIALIZED (SELECT {query} AS query, {wanted} AS wanted, "
        f"{every} AS every), found AS MATERIALIZED ({found}) "
        "SELECT article_id, extract(epoch FROM %s - published_at)::float8 / 86400, "
        f"{ranked} FROM found, asked"
    )
    parameters = [*words, *wanted_words, *every_words, *narrowing, *limits, narrowing[0]]
    if narrowed.order == RELEVANCE:
        parameters.append(WEIGHTS["postgresql"])
    return sql, parameters
