"""What readers write: cleaned, rendered from a small markdown, and folded for comparing.

The source is kept as typed; its HTML is made once, when it is saved, and carries the renderer's
version so that a change of the renderer can find what it rendered before.
"""

import functools
import re
import unicodedata
from html import escape, unescape

import nh3
import regex
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from accounts.names import fold_letter

RENDERER_VERSION = 1
MAX_LENGTH = 5000
MAX_DEPTH = 20
# HTML from other systems: beyond this many characters or tags it is shown as plain text.
MAX_HTML = 100_000
MAX_TAGS = 2000
# Letters without width or with a power over their neighbours' direction.
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
                       "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
                       "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
                       "\U000e0000-\U000e0fff]")  # fmt: skip
# What no reader sees and feeds cannot carry; and the marks that turn the direction of all that
# follows. The marks of one place (U+200E, U+200F, U+061C) are enough to write by, and stay.
DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
                     "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")  # fmt: skip
LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
# Letters and signs by their category that show nothing.
BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159")
# Marks over and under one letter beyond those that any script stacks: they run over other lines.
STACKED = regex.compile(r"(\p{M}{8})\p{M}+")
TAG = re.compile(r'<(/?)([a-z]+)(?:\s+[a-z]+="[^"]*")*>')

_markdown = (
    MarkdownIt("zero", {"breaks": True, "html": False, "maxNesting": MAX_DEPTH})
    .enable(["blockquote", "list", "code", "fence", "emphasis", "backticks", "link", "escape"])
    .enable(["newline", "entity"])
    .use(gfm_autolink_plugin)
)
_cleaner = nh3.Cleaner(
    tags={"p", "br", "em", "strong", "a", "blockquote", "ul", "ol", "li", "code", "pre"},
    # The star takes away "lang" and "title", which the library allows everywhere.
    attributes={"a": {"href"}, "ol": {"start"}, "*": set()},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow ugc noopener",
    clean_content_tags={"script", "style", "template", "iframe", "svg", "math"},
)


def _is_whole_address(address: str) -> bool:
    return re.match(r"(?i)(?:https?://[^/?#]|mailto:.)", address.strip()) is not None


# A link to anywhere else stays text, as it was typed.
_markdown.validateLink = _is_whole_address  # type: ignore[method-assign,assignment]


def clean(source: str) -> str:
    """Return ``source`` in one Unicode form, with plain line ends and without control characters.

    Emoji joiners and the marks of direction for one place stay: they belong to the scripts that
    use them. What would turn the direction of the text around it goes, and so do marks stacked
    higher than any script stacks them.
    """
    lines = DROPPED.sub("", LINE_END.sub("\n", source))
    # Before they are put in one form, which takes the square of their number.
    words = unicodedata.normalize("NFC", STACKED.sub(r"\1", lines))
    return re.sub(r"\n{3,}", "\n\n", words).strip()


def too_long(length: int) -> str:
    """Say that a comment of so many characters has too many."""
    return (
        f"A comment has at most {MAX_LENGTH:,} characters; this one has {length:,}, "
        f"{length - MAX_LENGTH:,} too many."
    )


# What is sent is rendered for its form, for a word before posting, and to be saved.
@functools.lru_cache(maxsize=4)
def render(source: str) -> SafeString:
    """Return the comment's HTML. Never raises.

    Text that is too long, or nested deeper than ``MAX_DEPTH``, is shown as typed: the parser
    would drop what lies deeper.
    """
    if len(source) > MAX_LENGTH:
        return _as_typed(source)
    try:
        tokens = _markdown.parse(source)
        if any(token.nesting == 1 and token.level >= MAX_DEPTH - 1 for token in tokens):
            return _as_typed(source)
        html = _markdown.renderer.render(tokens, _markdown.options, {})
    except ValueError:
        # An address that Python's own parser refuses.
        return _as_typed(source)
    return _sanitised(html)


def render_html(html: str) -> SafeString:
    """Return HTML from another system as a comment's HTML, with its line breaks kept."""
    if len(html) > MAX_HTML or html.count("<") > MAX_TAGS:
        return _as_typed(clean(re.sub(r"<[^<>]*>", "", html)))
    kept = html if re.search(r"(?i)<(?:p|br|ul|ol|blockquote|pre)\b", html) else _paragraphs(html)
    cleaned = _sanitised(kept)
    return _as_typed(plain(cleaned)) if _depth(cleaned) > MAX_DEPTH else cleaned


def _sanitised(html: str) -> SafeString:
    cleaned = _cleaner.clean(DROPPED.sub("", html))
    if DROPPED.search(cleaned):
        # An entity brought it back.
        cleaned = _cleaner.clean(DROPPED.sub("", cleaned))
    # Safe: the sanitiser has the last word.
    return mark_safe(cleaned.strip())


def _as_typed(text: str) -> SafeString:
    return _sanitised(_paragraphs(escape(text)))


def _paragraphs(text: str) -> str:
    blocks = re.split(r"\n\s*\n", text.strip())
    return "".join("<p>" + block.strip().replace("\n", "<br>") + "</p>" for block in blocks)


def _depth(html: str) -> int:
    depth = deepest = 0
    for closing, name in TAG.findall(html):
        if name != "br":
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest


def plain(html: str) -> str:
    """Return the text that readers see of a comment's HTML."""
    text = re.sub(r"<[^>]*>", "", re.sub(r"</(?:p|li|pre)>|<br>", "\n", html))
    # nh3 writes few entities and short ones, so that unescaping them cannot go wrong.
    return unescape(text).strip()


def beginning(words: str, length: int) -> str:
    """Return the beginning of a text in one line: at most ``length`` letters, whole words."""
    # Cut first: a long text is not walked through for its beginning.
    line = " ".join(words[: 4 * length].split())
    if len(line) <= length:
        return line
    # A single long word is cut where it is.
    return line[:length].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + " …"


def addresses(html: str) -> list[str]:
    """Return where the links of a comment's HTML lead, as in its attributes."""
    return re.findall(r'<a\s[^>]*?href="([^"]*)"', html)


def is_blank(html: str) -> bool:
    """Tell whether readers would see nothing of this HTML."""
    return not any(
        unicodedata.category(c)[0] not in "ZM" and c not in BLANK_LETTERS and not c.isspace()
        for c in INVISIBLE.sub("", plain(html))
    )


def fold(text: str) -> str:
    """Return ``text`` as it reads: no case, no accents, no look-alikes, nothing invisible."""
    return "".join(fold_letter(c) for c in INVISIBLE.sub("", text))


def fingerprint(text: str) -> str:
    """Return what two comments share when they say the same, whatever the spacing."""
    return " ".join(re.findall(r"\w+", fold(text)))
