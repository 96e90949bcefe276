"""A passage that somebody quotes, found again in a story's HTML and marked there.

What a reader selects comes as text: without tags, with a line's end where a paragraph ends. So
texts are compared by their words, with every run of spaces as one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

from django.utils.safestring import SafeString, mark_safe

PIECE = re.compile(r"<[^>]*>|[^<]+")
# Where one ends, a word ends.
APART = re.compile(
    r"</?(?:p|h[1-6]|li|ul|ol|blockquote|footer|figure|figcaption|aside|table|tr|td|th|dt|dd|dl"
    r"|div|br|hr|pre)\b"
)
VOID = re.compile(r"<(?:br|hr|img|source)\b")
# What reads alike: typed by hand, or changed on its way through a clipboard.
ALIKE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00ad": ""})

Span = tuple[int, int]  # from and to, in letters of ``words_of`` the text


@dataclass
class Block:
    """A paragraph, heading or the like, as HTML, and whether the passage is in it."""

    html: SafeString
    is_marked: bool


def whole(headline: str, standfirst: str, dateline: str, body: str) -> str:
    """Return all that a reader can quote of a story as one HTML; ``body`` is sanitised."""
    head = f"<h1>{escape(headline)}</h1><p>{escape(standfirst)}</p>"
    if dateline:
        # As its first words: who selects the first paragraph selects it too.
        begins = f"<p>{escape(dateline)} – "
        body = (
            begins + body.removeprefix("<p>") if body.startswith("<p>") else f"{begins}</p>{body}"
        )
    return head + body


def words_of(html: str) -> str:
    """Return the words of stored or rendered HTML, one space between them."""
    return "".join(letter for letter, _, _ in _letters(html)).strip()


def said(text: str) -> str:
    """Return ``text`` as passages are compared."""
    return " ".join(text.translate(ALIKE).split())


def is_same(one: str, other: str) -> bool:
    """Tell whether two quotes are of the same words."""
    return said(one) == said(other)


def place(words: str, quote: str) -> Span | None:
    """Return where ``quote`` stands first among ``words`` (see ``words_of``), or ``None``."""
    wanted = said(quote)
    start = words.find(wanted) if wanted else -1
    return (start, start + len(wanted)) if start >= 0 else None


def overlap(one: Span | None, other: Span | None) -> bool:
    """Tell whether two places share a letter."""
    return one is not None and other is not None and one[0] < other[1] and other[0] < one[1]


def marked(html: str, quote: str) -> list[Block]:
    """Return sanitised ``html`` block by block, with ``quote`` inside ``<mark>``.

    No block is marked where the quote does not stand in it.
    """
    letters = list(_letters(html))
    pieces = PIECE.findall(html)
    # Of each piece of text, which of its letters are to be marked.
    inside: dict[int, set[int]] = {}
    if (span := place("".join(letter for letter, _, _ in letters), quote)) is not None:
        for _, piece, offset in letters[slice(*span)]:
            if offset is not None:
                inside.setdefault(piece, set()).add(offset)
    blocks, depth, held, has_mark, is_first = [], 0, [], False, True
    for number, piece in enumerate(pieces):
        if piece.startswith("<"):
            held.append(piece)
            if piece.startswith("</"):
                depth = max(0, depth - 1)
            elif not VOID.match(piece):
                depth += 1
        elif number in inside:
            held.append(_with_mark(unescape(piece), inside[number], is_first))
            has_mark, is_first = True, False
        else:
            held.append(piece)
        if depth == 0 and "".join(held).strip():
            blocks.append(Block(mark_safe("".join(held)), has_mark))
            held, has_mark = [], False
    if held:
        blocks.append(Block(mark_safe("".join(held)), has_mark))
    return blocks


def around(blocks: list[Block], count: int = 1) -> list[Block]:
    """Return the marked blocks with ``count`` before and after them; none where none is marked."""
    places = [number for number, block in enumerate(blocks) if block.is_marked]
    return blocks[max(0, places[0] - count) : places[-1] + 1 + count] if places else []


def _letters(html: str) -> Iterator[tuple[str, int, int | None]]:
    """Yield each letter of the text with its piece and its place in it, unescaped.

    A run of spaces is one, of the first's place; one between blocks stands nowhere.
    """
    was_space = False
    for number, piece in enumerate(PIECE.findall(html)):
        if piece.startswith("<"):
            if APART.match(piece) and not was_space:
                yield " ", number, None
                was_space = True
            continue
        for offset, letter in enumerate(unescape(piece)):
            if letter.isspace():
                if not was_space:
                    yield " ", number, offset
                was_space = True
            elif alike := letter.translate(ALIKE):
                yield alike, number, offset
                was_space = False


def _with_mark(text: str, offsets: set[int], is_first: bool) -> str:
    start, end = min(offsets), max(offsets) + 1
    anchor = ' id="passage"' if is_first else ""
    middle = f"<mark{anchor}>{_escaped(text[start:end])}</mark>"
    return f"{_escaped(text[:start])}{middle}{_escaped(text[end:])}"


def _escaped(text: str) -> str:
    return escape(text, quote=False)
