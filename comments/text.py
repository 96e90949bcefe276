"""What readers write: cleaned, rendered from a small markdown, and folded for comparing.

The source is kept as typed; its HTML is made once, when it is saved, and carries the renderer's
version so that a change of the renderer can find what it rendered before.
"""

import re
import unicodedata
from html import unescape

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from accounts.names import latin_twin

RENDERER_VERSION = 1
MAX_LENGTH = 5000
MAX_LINE_DEPTH = 20
# Letters without width or with a power over their neighbours' direction.
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f"
                       "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]")  # fmt: skip
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]")
LEET = str.maketrans("013457@$!", "oieastasi")

_markdown = (
    MarkdownIt("zero", {"breaks": True, "html": False, "maxNesting": MAX_LINE_DEPTH})
    .enable(["blockquote", "list", "code", "fence", "emphasis", "backticks", "link", "escape"])
    .enable(["newline", "entity"])
    .use(gfm_autolink_plugin)
)
_cleaner = nh3.Cleaner(
    tags={"p", "br", "em", "strong", "a", "blockquote", "ul", "ol", "li", "code", "pre"},
    attributes={"a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow ugc noopener",
    clean_content_tags={"script", "style", "template", "iframe", "svg", "math"},
)


def clean(source: str) -> str:
    """Return ``source`` in one Unicode form, with plain line ends and without control characters.

    Emoji joiners and marks of direction stay: they belong to the scripts that use them.
    """
    lines = unicodedata.normalize("NFC", source).replace("\r\n", "\n").replace("\r", "\n")
    without = CONTROLS.sub("", lines).encode("utf-8", "ignore").decode()
    return re.sub(r"\n{3,}", "\n\n", without).strip()


def render(source: str) -> SafeString:
    """Return the comment's HTML. Never raises; ``source`` is bounded by the caller."""
    # Safe: the sanitiser has the last word.
    return mark_safe(_cleaner.clean(_markdown.render(source)).strip())


def render_html(html: str) -> SafeString:
    """Return HTML from another system as a comment's HTML, with its line breaks kept."""
    kept = html if re.search(r"(?i)<(?:p|br|ul|ol|blockquote|pre)\b", html) else _paragraphs(html)
    return mark_safe(_cleaner.clean(kept).strip())


def _paragraphs(text: str) -> str:
    blocks = re.split(r"\n\s*\n", text.strip())
    return "".join("<p>" + block.strip().replace("\n", "<br>") + "</p>" for block in blocks)


def plain(html: str) -> str:
    """Return the text that readers see of a comment's HTML."""
    text = re.sub(r"<[^>]*>", "", re.sub(r"</(?:p|li|pre)>|<br>", "\n", html))
    # nh3 writes few entities and short ones, so that unescaping them cannot go wrong.
    return unescape(text).strip()


def is_blank(html: str) -> bool:
    """Tell whether readers would see nothing of this HTML."""
    return not INVISIBLE.sub("", plain(html)).strip()


def fold(text: str) -> str:
    """Return ``text`` as it reads: no case, no accents, no look-alikes, nothing invisible."""
    visible = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    letters = unicodedata.normalize("NFD", visible.casefold())
    return "".join(latin_twin(c) for c in letters if not unicodedata.combining(c))


def fingerprint(text: str) -> str:
    """Return what two comments share when they say the same, whatever the spacing."""
    return " ".join(re.findall(r"\w+", fold(text)))
