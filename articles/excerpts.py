"""Why a story was found: its headline and a piece of its text, with the words marked."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections, router
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from articles import body, wording
from articles.models import Article, Wording
from articles.search import WORD, Asked

LENGTH = 240  # characters of an excerpt, about
BEFORE = 60  # of these, what stands before the first word that is marked
COLUMNS = 4  # of the index on SQLite
START, END = "\x02", "\x03"  # no text holds these
MARKED = re.compile(f"{START}(.*?){END}")


@dataclass
class Hit:
    """A story that was found, and what is shown of it."""

    article: Article
    headline: SafeString
    excerpt: SafeString


def hits(asked: Asked, stories: Sequence[Article]) -> list[Hit]:
    """Return these stories with their words marked. Two queries, for the texts and the words."""
    ids = [story.pk for story in stories]
    said = Article.objects.filter(pk__in=ids).values_list("pk", "standfirst", "body")
    texts = {
        pk: unicodedata.normalize("NFC", f"{standfirst}\n{body.plain_text(html)}")
        for pk, standfirst, html in (said if asked else [])
    }
    marked = _words(asked, stories, texts)
    return [
        Hit(
            story,
            mark(story.headline, marked),
            excerpt(texts[story.pk], marked) if story.pk in texts else escape(story.standfirst),
        )
        for story in stories
    ]


def fold(word: str) -> str:
    """Return a word as the index has it, before it is cut to its stem: small and without accents.

    The same as PostgreSQL's ``articles_fold``; SQLite's own way differs in rare letters.
    """
    letters = (c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return "".join(letters).lower().translate(UNACCENTED)


UNACCENTED = str.maketrans(*wording.LETTERS)


def mark(text: str, marked: set[str]) -> SafeString:
    """Return ``text``, escaped, with those of its words whose fold is ``marked`` in <mark>."""
    out, end = [], 0
    for word in WORD.finditer(text):
        if fold(word[0]) in marked:
            out += [escape(text[end : word.start()]), "<mark>", escape(word[0]), "</mark>"]
            end = word.end()
    # Safe: every piece of it is escaped here, and the marks are our own.
    return mark_safe("".join([*out, escape(text[end:])]))


def excerpt(text: str, marked: set[str]) -> SafeString:
    """Return the piece of ``text`` in which most of the ``marked`` words stand, marked."""
    places = [
        (word.start(), fold(word[0])) for word in WORD.finditer(text) if fold(word[0]) in marked
    ]
    start, most = 0, 0
    for n, (place, _) in enumerate(places):
        within = {word for at, word in places[n : n + 50] if at - place < LENGTH - BEFORE}
        if len(within) > most:
            start, most = place, len(within)
    start = _word_start(text, start - BEFORE)
    piece = text[start : start + LENGTH]
    if start + LENGTH < len(text):
        piece = re.sub(r"\s+\S*$", "", piece)
    before = "… " if start > 0 else ""
    after = " …" if start + len(piece) < len(text.rstrip()) else ""
    shown = f"{before}{' '.join(piece.split())}{after}"
    return mark(shown, marked)


def _word_start(text: str, place: int) -> int:
    """Return the beginning of the sentence, or else the word, that begins next after ``place``."""
    if place <= 0:
        return 0
    sentence = re.compile(r"(?<=[.!?”])\s+|\n").search(text, place, place + BEFORE)
    space = sentence or re.compile(r"\s+").search(text, place, place + BEFORE)
    return space.end() if space else place


def _words(asked: Asked, stories: Sequence[Article], texts: dict[int, str]) -> set[str]:
    """Return the words in these texts for which they were found, folded. One query."""
    if not texts:
        return set()
    connection = connections[router.db_for_read(Wording)]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(f"highlight(articles_text, {n}, %s, %s)" for n in range(COLUMNS))
            places = ", ".join(["%s"] * len(texts))
            cursor.execute(
                f"SELECT {marks} FROM articles_text "  # noqa: S608
                f"WHERE articles_text MATCH %s AND rowid IN ({places})",
                [START, END] * COLUMNS + [asked.for_sqlite, *texts],
            )
            found = MARKED.findall(" ".join(text for row in cursor.fetchall() for text in row))
            return {fold(word) for part in found for word in WORD.findall(part)}
        # Every stem begins with the letter that its word does.
        letters = {fold(word)[:1] for part in asked.wanted for word in WORD.findall(part)}
        said = [*texts.values(), *(story.headline for story in stories)]
        words = {fold(word) for text in said for word in WORD.findall(text)}
        cursor.execute(
            "SELECT word FROM unnest(%s::text[]) AS word WHERE "
            "tsvector_to_array(to_tsvector(articles_language(), articles_fold(word))) && "
            "tsvector_to_array(to_tsvector(articles_language(), articles_fold(%s)))",
            [[word for word in words if word[:1] in letters], " ".join(asked.wanted)],
        )
        return {row[0] for row in cursor.fetchall()}
