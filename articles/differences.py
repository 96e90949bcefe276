"""Where two texts differ: word by word to be shown, and paragraph by paragraph to be joined.

Paragraphs are matched first and words only within those that changed, so that a text as long as a
book is compared in a moment. What is too long or too much alike itself is shown as replaced whole.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html.parser import HTMLParser

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

WORDS = re.compile(r"[\w’'‑-]+|\s+|[^\w\s]")
# A bound of difflib's work, which grows with how often the same things stand on both sides.
LONGEST = 5_000  # things on either side, without those alike at both ends
LONGEST_PARAGRAPH = 2_000
MOST_PAIRS = 10  # for each of them
# Less alike than this, two paragraphs are one taken out and one put in.
ALIKE = 0.3
# So far a changed paragraph looks for the one that took its place.
AHEAD = 20
CONTEXT = 1  # paragraphs shown around a change

BLOCKS = {
    "p": "", "h2": "Heading", "h3": "Small heading", "h4": "Small heading", "li": "List item",
    "blockquote": "Quotation", "footer": "Speaker", "figure": "Picture", "figcaption": "Caption",
    "td": "Cell", "th": "Cell", "caption": "Caption", "pre": "Code", "dt": "Term", "dd": "Meaning",
    "hr": "Line", "aside": "Aside", "ul": "", "ol": "", "dl": "", "table": "", "tr": "",
    "thead": "", "tbody": "", "tfoot": "",
}  # fmt: skip
INLINE = {
    "a": "link", "strong": "bold", "b": "bold", "em": "italic", "i": "italic", "s": "struck",
    "del": "struck", "ins": "inserted", "sub": "lowered", "sup": "raised", "small": "small",
    "q": "quoted", "abbr": "abbreviation", "code": "code", "kbd": "key", "cite": "work",
}  # fmt: skip
# What is no word of the text stands between two characters that the sanitiser lets in nowhere.
BEGIN, END = "\x01", "\x02"
MARKED = re.compile(f"{BEGIN}([^{END}]*){END}")

Part = tuple[str, str]  # "=", "-" or "+", and the words
Opcode = tuple[str, int, int, int, int]  # as difflib's


@dataclass
class Line:
    """A paragraph of the old text, of the new one, or the same of both with what changed in it."""

    old_name: str | None  # "Heading"; empty for a plain paragraph, None where there is none
    new_name: str | None
    parts: list[Part]

    @property
    def is_changed(self) -> bool:
        return self.old_name != self.new_name or any(kind != "=" for kind, _ in self.parts)

    @property
    def both(self) -> SafeString:
        """What went and what came, in one."""
        return format_html("{}{}", _name(self.old_name, self.new_name), _shown(self.parts))

    @property
    def old(self) -> SafeString | None:
        """The old paragraph with what is only there marked; None where it is new."""
        return self._side(self.old_name, "-")

    @property
    def new(self) -> SafeString | None:
        """The new paragraph with what is only there marked; None where it is gone."""
        return self._side(self.new_name, "+")

    def _side(self, name: str | None, kind: str) -> SafeString | None:
        if name is None:
            return None
        parts = [part for part in self.parts if part[0] in {"=", kind}]
        return format_html("{}{}", _name(name, name), _shown(parts, {kind: "mark"}))


@dataclass
class Piece:
    """Some paragraphs of a text put together of two."""

    html: str
    # Where both changed the same paragraphs, what each made of them.
    theirs: str = ""
    mine: str = ""
    is_conflict: bool = False


@dataclass
class Merge:
    """What two people made of one text, put together."""

    pieces: list[Piece] = field(default_factory=list)

    @property
    def html(self) -> str:
        return "".join(piece.html for piece in self.pieces)

    @property
    def conflicts(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.is_conflict]


def words(old: str, new: str) -> SafeString:
    """Return plain text with what went in ``<del>`` and what came in ``<ins>``."""
    return _shown(_parts(WORDS.findall(old), WORDS.findall(new)))


def line(old: str, new: str) -> Line:
    """Compare two plain texts as one paragraph."""
    return Line("", "", _parts(WORDS.findall(old), WORDS.findall(new)))


def lines(old: str, new: str) -> list[Line]:
    """Compare two texts in sanitised HTML; what is in bold or a link counts as words do."""
    return _lines(_blocks(old), _blocks(new))


def count(compared: list[Line]) -> tuple[int, int]:
    """Return how many words came, and how many went."""
    tally = Counter[str]()
    for one in compared:
        for kind, text in one.parts:
            tally[kind] += len(re.findall(r"\S*\w\S*", MARKED.sub("", text)))
    return tally["+"], tally["-"]


def shown(compared: list[Line]) -> SafeString:
    """Return the whole text with its changes; long stretches without any are folded."""
    near: set[int] = set()
    for place, one in enumerate(compared):
        if one.is_changed:
            near.update(range(place - CONTEXT, place + CONTEXT + 1))
    out: list[SafeString] = []
    folded: list[Line] = []
    for place, one in enumerate(compared):
        if place in near:
            out += [_folded(folded), _paragraph(one)]
            folded = []
        else:
            folded.append(one)
    out.append(_folded(folded))
    # Safe: each was made with format_html.
    return mark_safe("".join(out))


def paragraphs(html: str) -> list[str]:
    """Cut sanitised HTML between its outermost elements. Joined, they are the text again."""
    cuts, depth, found = [], 0, []
    for tag in re.finditer(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*>", html):
        if tag[2] in {"br", "hr", "img"}:
            if depth == 0 and tag[2] == "hr":
                cuts.append(tag.end())
            continue
        if depth == 0 and not tag[1] and tag[2] in BLOCKS:
            cuts.append(tag.start())
        depth += -1 if tag[1] else 1
        if depth <= 0:
            depth = 0
            if tag[2] in BLOCKS:
                cuts.append(tag.end())
    start = 0
    for cut in [*cuts, len(html)]:
        if html[start:cut].strip():
            found.append(html[start:cut])
        elif found:
            found[-1] += html[start:cut]
        start = cut
    return found


def merge(base: str, theirs: str, mine: str) -> Merge:
    """Put together what two people made of ``base``, paragraph by paragraph.

    Where both changed the same ones, theirs stand before mine and the piece says so: nothing that
    anybody wrote is left out.
    """
    old, left, right = paragraphs(base), paragraphs(theirs), paragraphs(mine)
    changes = sorted(
        [(*code[1:], "theirs") for code in opcodes(old, left) if code[0] != "equal"]
        + [(*code[1:], "mine") for code in opcodes(old, right) if code[0] != "equal"]
    )
    merged = Merge()
    place = 0
    while changes:
        # Changes of the same paragraphs are one, and so are two that come in at one place.
        group = [changes.pop(0)]
        start, end = group[0][0], group[0][1]
        while changes and (changes[0][0] < end or changes[0][:2] == (start, end)):
            group.append(changes.pop(0))
            end = max(end, group[-1][1])
        merged.pieces += [Piece(html) for html in old[place:start]]
        said = {
            who: "".join(_side(old, text, [one for one in group if one[4] == who], start, end))
            for who, text in (("theirs", left), ("mine", right))
        }
        whose = {one[4] for one in group}
        if len(whose) == 1 or said["theirs"] == said["mine"]:
            merged.pieces.append(Piece(said[whose.pop()]))
        else:
            both = said["theirs"] + said["mine"]
            merged.pieces.append(Piece(both, said["theirs"], said["mine"], is_conflict=True))
        place = end
    merged.pieces += [Piece(html) for html in old[place:]]
    return merged


def _side(old: list[str], new: list[str], changes: list, start: int, end: int) -> list[str]:
    """Return what one side made of ``old[start:end]``."""
    out, place = [], start
    for i1, i2, j1, j2, _ in changes:
        out += old[place:i1] + new[j1:j2]
        place = i2
    return out + old[place:end]


def opcodes(old: Sequence, new: Sequence, longest: int = LONGEST) -> list[Opcode]:
    """Return difflib's opcodes, in bounded time: too much of a change is one replacement."""
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    a, b = old[start : len(old) - end], new[start : len(new) - end]
    found: list[Opcode] = [("equal", 0, start, 0, start)] if start else []
    if a and b and max(len(a), len(b)) <= longest:
        matcher = SequenceMatcher(_too_common(a, b).__contains__, a, b, autojunk=False)
        found += [
            (code, i1 + start, i2 + start, j1 + start, j2 + start)
            for code, i1, i2, j1, j2 in matcher.get_opcodes()
        ]
    elif a or b:
        code = "replace" if a and b else "delete" if a else "insert"
        found.append((code, start, start + len(a), start, start + len(b)))
    if end:
        found.append(("equal", len(old) - end, len(old), len(new) - end, len(new)))
    return found


def _too_common(a: Sequence, b: Sequence) -> set:
    """Return what stands too often on both sides to be worth looking for."""
    left, right = Counter(a), Counter(b)
    pairs = sorted((count * right[one], one) for one, count in left.items() if one in right)
    total, common = sum(number for number, _ in pairs), {" "}
    while pairs and total > MOST_PAIRS * (len(a) + len(b)):
        number, one = pairs.pop()
        total -= number
        common.add(one)
    return common


def _parts(old: list[str], new: list[str]) -> list[Part]:
    """Compare the words of two paragraphs."""
    codes = opcodes(old, new, LONGEST_PARAGRAPH)
    same = sum(len("".join(old[i1:i2]).strip()) for code, i1, i2, _, _ in codes if code == "equal")
    length = max(len("".join(old)), len("".join(new)))
    if same < ALIKE * length and len(old) > 4 and len(new) > 4:
        return [part for part in (("-", "".join(old)), ("+", "".join(new))) if part[1]]
    parts: list[Part] = []
    gone, come = "", ""
    for place, (code, i1, i2, j1, j2) in enumerate(codes):
        kept = "".join(old[i1:i2])
        # A lone space between two changes would cut one change into two.
        is_between = 0 < place < len(codes) - 1 and (gone or come)
        if code == "equal" and not (kept.isspace() and is_between):
            parts += [part for part in (("-", gone), ("+", come)) if part[1]]
            parts.append(("=", kept))
            gone = come = ""
        else:
            gone += kept
            come += "".join(new[j1:j2])
    return parts + [part for part in (("-", gone), ("+", come)) if part[1]]


Block = tuple[str, tuple[str, ...]]  # its name, and its words with the marks among them


def _lines(old: list[Block], new: list[Block]) -> list[Line]:
    found = []
    for code, i1, i2, j1, j2 in opcodes(old, new):
        if code == "equal":
            found += [Line(name, name, [("=", "".join(text))]) for name, text in old[i1:i2]]
        else:
            found += _changed(old[i1:i2], new[j1:j2])
    return found


def _changed(old: list[Block], new: list[Block]) -> list[Line]:
    """Pair paragraphs that became one another; the others went or came."""
    found, place = [], 0
    for name, text in old:
        ahead = range(place, min(place + AHEAD, len(new)))
        match = next((at for at in ahead if _are_alike(text, new[at][1])), None)
        if match is None:
            found.append(Line(name, None, [("-", "".join(text))]))
            continue
        found += [Line(None, one, [("+", "".join(came))]) for one, came in new[place:match]]
        found.append(Line(name, new[match][0], _parts(list(text), list(new[match][1]))))
        place = match + 1
    return found + [Line(None, one, [("+", "".join(came))]) for one, came in new[place:]]


def _are_alike(old: Sequence[str], new: Sequence[str]) -> bool:
    left = Counter(word for word in old if not word.isspace())
    right = Counter(word for word in new if not word.isspace())
    longer = max(left.total(), right.total())
    return longer > 0 and (left & right).total() >= ALIKE * longer


class _Blocks(HTMLParser):
    """Reads a sanitised text as named paragraphs of words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Block] = []
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in BLOCKS:
            self.end()
            if tag == "hr":
                self.found.append((BLOCKS[tag], ("———",)))
            else:
                self.open.append(tag)
        elif tag == "img":
            about = said.get("alt") or "without a description"
            self.mark(f"[picture: {about} · {said.get('src') or ''}]")
        elif tag == "br":
            self.mark("[new line]")
        elif tag in INLINE:
            where = f" to {said.get('href') or ''}" if tag == "a" else ""
            self.mark(f"[{INLINE[tag]}{where}]")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.end()
            if tag in self.open:
                while self.open.pop() != tag:
                    pass
        elif tag in INLINE:
            self.mark(f"[end of {INLINE[tag]}]")

    def handle_data(self, data: str) -> None:
        self.words += [" " if word.isspace() else word for word in WORDS.findall(data)]

    def mark(self, said: str) -> None:
        self.words.append(f"{BEGIN}{said}{END}")

    def end(self) -> None:
        while self.words and self.words[-1] == " ":
            self.words.pop()
        while self.words and self.words[0] == " ":
            self.words.pop(0)
        if self.words:
            names = [BLOCKS[tag] for tag in self.open if BLOCKS[tag]]
            self.found.append((" · ".join(dict.fromkeys(names)), tuple(self.words)))
        self.words = []


def _blocks(html: str) -> list[Block]:
    reader = _Blocks()
    reader.feed(html)
    reader.close()
    reader.end()
    return reader.found


def _plain(text: str) -> str:
    """Return words that did not change, without the marks among them; a picture is named."""
    return MARKED.sub(lambda mark: mark[1] if mark[1].startswith("[picture") else "", text)


# What is said of words to those who do not see the lines and strokes, by the tag that draws them.
SAID = {"del": "taken out", "ins": "put in", "mark": "only here"}


def _shown(parts: list[Part], tags: dict[str, str] | None = None) -> SafeString:
    """Render words, with those that changed in the tags given, or else in ``del`` and ``ins``."""
    tags = tags or {"-": "del", "+": "ins"}
    return format_html_join(
        "",
        "{}",
        (
            (_plain(text) if kind == "=" else _marked(tags[kind], MARKED.sub(r"\1", text)),)
            for kind, text in parts
        ),
    )


def _marked(tag: str, text: str) -> SafeString:
    return format_html(
        '<{0}><span class="visually-hidden">[{1}: </span>{2}'
        '<span class="visually-hidden">]</span></{0}>',
        tag,
        SAID[tag],
        text,
    )


def _name(old: str | None, new: str | None) -> SafeString:
    if old is None or new is None or old == new:
        name = new if old is None else old
        return format_html('<b class="block-name">{}</b> ', name) if name else mark_safe("")
    changed = words(old or "Paragraph", new or "Paragraph")
    return format_html('<b class="block-name">{}</b> ', changed)


def _paragraph(one: Line) -> SafeString:
    return format_html('<p class="{}">{}</p>', "changed" if one.is_changed else "same", one.both)


def _folded(same: list[Line]) -> SafeString:
    if not same:
        return mark_safe("")
    text = format_html_join("", "{}", ((_paragraph(one),) for one in same))
    if len(same) == 1:
        return text
    label = f"{len(same)} paragraphs without a change"
    return format_html("<details><summary>{}</summary>{}</details>", label, text)
