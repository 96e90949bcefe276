"""A comment's text as the desk reads it: the words that findings matched are marked.

Only text between tags is touched, and every piece of it is escaped again on the way out, so that
a match is never markup, whatever it says.
"""

import itertools
import re
from collections.abc import Iterable
from html import escape, unescape

from django.utils.safestring import SafeString, mark_safe

# The sanitiser writes no ">" inside a tag, so that this tells tags from text.
PIECE = re.compile(r"<[^>]*>|[^<]+")
ADDRESS = re.compile(r'<a\b[^>]*\bhref="([^"]*)"')
# Where readers see a new line; ``comments.text.plain``, which the checks read, has one there.
LINE_END = re.compile(r"</(?:p|li|pre)>|<br>")


def marked(html: str, matches: Iterable[str]) -> SafeString:
    """Return a comment's sanitised ``html`` with ``matches``, as typed, in ``<mark>``.

    A match may span tags (``l*ia*r``) and is then marked piece by piece. A match that is the
    address of a link marks the link. Links whose words hide their address show it.
    """
    wanted = [match for match in dict.fromkeys(matches) if match.strip()]
    pieces = PIECE.findall(html)
    seen = _text_of(pieces)
    spans = [span for match in wanted for span in _places(match, seen)]
    spans += [(start, end) for start, end, address in _links(pieces) if address in wanted]
    places = {place for start, end in spans for place in range(start, end)}
    out: list[str] = []
    at, address, words = 0, "", ""
    for piece in pieces:
        if piece.startswith("<"):
            if link := ADDRESS.match(piece):
                address, words = unescape(link[1]), ""
            out.append(piece)
            at += bool(LINE_END.match(piece))
            if piece == "</a>":
                if not _same_address(words, address):
                    out.append(f' <span class="address">({escape(address)})</span>')
                address = ""
            continue
        typed = unescape(piece)
        if address:
            words += typed
        out.append(_escaped(typed, at, places))
        at += len(typed)
    return mark_safe("".join(out))


def _text_of(pieces: list[str]) -> str:
    return "".join(
        ("\n" if LINE_END.match(piece) else "") if piece.startswith("<") else unescape(piece)
        for piece in pieces
    )


def _places(match: str, seen: str) -> list[tuple[int, int]]:
    """Return where ``match`` stands as words by itself, or failing that anywhere."""
    found = [(hit.start(), hit.end()) for hit in re.finditer(re.escape(match), seen)]
    apart = [
        (start, end)
        for start, end in found
        if not (_is_letter(seen, start - 1) and _is_letter(seen, start))
        and not (_is_letter(seen, end - 1) and _is_letter(seen, end))
    ]
    return apart or found


def _is_letter(seen: str, place: int) -> bool:
    return 0 <= place < len(seen) and (seen[place].isalnum() or seen[place] == "_")


def _links(pieces: list[str]) -> list[tuple[int, int, str]]:
    links, at, start, address = [], 0, 0, ""
    for piece in pieces:
        if not piece.startswith("<"):
            at += len(unescape(piece))
        elif link := ADDRESS.match(piece):
            start, address = at, link[1]
        elif piece == "</a>" and address:
            # The link check keeps addresses as the HTML has them; people write them unescaped.
            links += [(start, at, address), (start, at, unescape(address))]
            address = ""
        else:
            at += bool(LINE_END.match(piece))
    return links


def _same_address(words: str, address: str) -> bool:
    def bare(text: str) -> str:
        return re.sub(r"^(?:https?://|mailto:)", "", text.strip()).rstrip("/")

    return not address or bare(words) == bare(address)


def _escaped(typed: str, at: int, places: set[int]) -> str:
    """Return ``typed``, which begins at ``at``, escaped and marked where ``places`` say so."""
    runs = itertools.groupby(enumerate(typed, at), key=lambda letter: letter[0] in places)
    out = []
    for is_marked, letters in runs:
        words = escape("".join(letter for _, letter in letters), quote=False)
        out.append(f"<mark>{words}</mark>" if is_marked else words)
    return "".join(out)
