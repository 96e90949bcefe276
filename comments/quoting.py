"""Passages: the words of the story, or of the comment answered, that a comment speaks of.

A passage is compared as it reads, whatever its spaces and quotation marks, and kept as it stands
in what it was taken from. So nobody is quoted with words they did not write.
"""

import functools
import re
from dataclasses import dataclass

from articles import body
from articles.models import Article
from comments import text
from comments.models import Comment

MAX_LENGTH = 600
# What editors, keyboards and browsers make of the same sign.
SIGNS = str.maketrans(
    dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛‹›′`´", "'") | dict.fromkeys("‐‑‒–—−", "-")
)
# The beginning of a draft's text: what was kept of a passage until its author has logged in.
# One way to read each line: with a choice in it, a text of thirty lines would take minutes.
QUOTED_FIRST = re.compile(r"\A((?:>[^\n]*\n)+)\n")


class NotThere(Exception):
    """A passage that does not stand where it is said to, worded for its author."""


@dataclass(frozen=True)
class Passage:
    """Words that a comment speaks of, and where and when they stood."""

    words: str
    source: str
    version: int

    def put_on(self, comment: Comment) -> None:
        comment.quote, comment.quote_source = self.words, self.source
        comment.quote_version = self.version


def find(passage: str, article: Article, parent: Comment | None) -> Passage | None:
    """Return the passage as it stands in the comment answered or in the story.

    ``None`` for an empty one. Raises ``NotThere``.
    """
    wanted = " ".join(passage.split())
    if not wanted:
        return None
    if len(wanted) > MAX_LENGTH:
        raise NotThere(
            f"A passage has at most {MAX_LENGTH} characters; this one has {len(wanted):,}. "
            "Choose the sentence that matters most."
        )
    heard = text.plain(parent.body_html) if parent is not None and parent.is_visible else ""
    if parent is not None and (found := _as_it_stands(heard, wanted)):
        return Passage(found, Comment.QuoteSource.COMMENT, parent.version)
    if found := _as_it_stands(plain_story(article), wanted):
        return Passage(found, Comment.QuoteSource.STORY, article.version)
    where = "the story or the comment you answer" if parent else "the story"
    raise NotThere(
        f"These words do not stand in {where}, or not any more. Copy them as they are, or leave "
        "this field empty."
    )


def plain_story(article: Article) -> str:
    """Return a story's text as it reads: headline, standfirst, dateline, body."""
    dateline = f"{article.dateline} – " if article.dateline else ""
    told = f"{dateline}{body.plain_text(article.body)}"
    return "\n".join(filter(None, [article.headline, article.standfirst, told]))


def still_says(article_text: str, quote: str) -> bool:
    """Tell whether ``quote`` stands in a text, such as ``plain_story`` gives."""
    wanted = _folded(quote)
    return bool(wanted) and wanted in _story_folded(article_text)


def lead(passage: Passage | None, words: str) -> str:
    """Return a text that begins with its passage, as a quotation; ``lift`` takes it off again."""
    return f"> {passage.words}\n\n{words}" if passage else words


def lift(words: str, article: Article, parent: Comment | None) -> tuple[Passage | None, str]:
    """Return a text's leading quotation, where it stands in what it is from, and the rest.

    A quotation of anything else, or without a text after it, stays where it is.
    """
    quoted = QUOTED_FIRST.match(words)
    if quoted is None or not words[quoted.end() :].strip():
        return None, words
    try:
        passage = find(re.sub(r"(?m)^> ?", "", quoted[1]), article, parent)
    except NotThere:
        return None, words
    return passage, words[quoted.end() :]


def _as_it_stands(source: str, wanted: str) -> str:
    """Return the part of ``source`` that reads as ``wanted``, on one line; empty if none does."""
    letters, folded = _folded(wanted), _story_folded(source)
    at = folded.find(letters) if re.search(r"\w", letters) else -1
    if at < 0:
        return ""
    places = [place for place, sign in enumerate(source) for _ in _sign_folded(sign)]
    found = source[places[at] : places[at + len(letters) - 1] + 1]
    return " ".join(text.clean(found).split())[: MAX_LENGTH * 2]


def _folded(words: str) -> str:
    """Return ``words`` without what makes no difference to how they read."""
    return re.sub(r"\s+", "", text.INVISIBLE.sub("", words)).translate(SIGNS).casefold()


# A story is folded once for all the comments on a page that quote it.
_story_folded = functools.lru_cache(maxsize=32)(_folded)
_sign_folded = functools.lru_cache(maxsize=4096)(_folded)
