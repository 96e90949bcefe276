"""WordPress's prose as HTML: paragraphs where it has blank lines, no shortcodes, no blocks.

What comes out still goes through ``Article.set_body``, whose sanitiser has the last word. Every
step here takes time in proportion to the text.
"""

import contextlib
import re
from collections import Counter
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote, urlsplit

from articles.body import CONTROL_CHARACTERS

# Deeper nesting says nothing to a reader, and costs a parser the square of it.
MAX_DEPTH = 60
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr"}  # fmt: skip
# Blocks whose text stands in paragraphs of its own, and those whose text does not.
HOLDERS = {"address", "article", "aside", "blockquote", "body", "center", "details", "div",
           "fieldset", "footer", "form", "header", "main", "nav", "section"}  # fmt: skip
BLOCKS = HOLDERS | {
    "caption", "col", "colgroup", "dd", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "legend", "li", "math", "ol", "p", "pre", "script", "style", "summary",
    "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
UNCLOSED = {"dd", "dt", "li", "option", "p", "td", "th", "tr"}
RAW = {"pre", "script", "style", "textarea"}

# A quote matters only behind an equals sign, as in a browser.
TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?:=\s*+"[^"]*+"|=\s*+'[^']*+'|[^<>=]|=)*+)>""")
NO_TAG = re.compile(r"<[!?/][^<>]*>")
REMARK = re.compile(r"<!--.*?-->", re.DOTALL)
SHORTCODE = re.compile(r"\[(\[?)(/?)([a-zA-Z][\w-]{0,60})((?:\s[^\[\]]{0,2000})?)(/?)\](\]?)")
ATTRIBUTE = re.compile(r"""\s[\w-]+\s*=\s*["'\w]""")
# Shortcodes of WordPress itself; others are known by an attribute or by their closing half.
SHORTCODES = {"audio", "caption", "embed", "gallery", "playlist", "video", "wp_caption"}
CAPTION = re.compile(r"\[(?:wp_)?caption\b([^\[\]]{0,2000})\]")
CAPTION_END = re.compile(r"\[/(?:wp_)?caption\]")
CAPTION_TEXT = re.compile(r"""caption=(?:"([^"]*)"|'([^']*)')""")
LEADING_PICTURE = re.compile(
    r"\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?)(.*)", re.DOTALL | re.IGNORECASE
)
LINKED_PICTURE = re.compile(r"<a\b([^<>]*)>\s*(<img\b[^<>]*>)\s*</a>", re.IGNORECASE)
FRAME = re.compile(
    r"<(iframe|embed|video|audio|source)\b([^<>]*)>(?:\s*</(?:iframe|embed)>)?", re.IGNORECASE
)
ADDRESS = re.compile(r"""\b(?:href|src)\s*=\s*["']?(https?://[^\s"'<>]+)""", re.IGNORECASE)
ALONE = re.compile(r"(<(?:p|div)\b[^<>]*>)\s*(https?://[^\s<>\"]+)\s*(</(?:p|div)>)")
PICTURE_FILE = re.compile(r"\.(?:avif|gif|jpe?g|png|webp)$", re.IGNORECASE)


@dataclass
class Prose:
    """A body as HTML, and what it lost on the way."""

    html: str
    left_out: Counter[str]  # shortcodes, by name


def convert(source: str) -> Prose:
    """Return an item's content as HTML. Never raises."""
    has_blocks = "<!-- wp:" in source
    html = without_remarks(source.replace("\r\n", "\n"))
    html = _with_figures(html)
    html, left_out = _without_shortcodes(html)
    html = FRAME.sub(_link_to_frame, html)
    html = LINKED_PICTURE.sub(_picture_without_link, html)
    html = shallow(html)
    if not has_blocks:
        html = paragraphs(html)
    return Prose(ALONE.sub(r'\1<a href="\2">\2</a>\3', html), left_out)


def without_remarks(html: str) -> str:
    """Return ``html`` without its comments, blocks' marks among them."""
    # Without an end it is no remark but text; looking for one from each start would be slow.
    return REMARK.sub("", html) if "-->" in html else html


def shallow(html: str, max_depth: int = MAX_DEPTH) -> str:
    """Return ``html`` with its tags in pairs and no element deeper than ``max_depth``.

    Deeper tags go, their text stays. A parser of HTML closes what is not closed, in time that
    grows with the square of the depth. No ``<`` is left but those of the tags in pairs, so that
    the parser cannot see others.
    """
    html = CONTROL_CHARACTERS.sub("", html)
    out: list[str] = []
    stack: list[str] = []
    skipped: Counter[str] = Counter()
    last = 0
    for match in TAG.finditer(html):
        out.append(_text_only(html[last : match.start()]))
        last = match.end()
        closing, name, rest = match[1], match[2].lower(), match[3].replace("<", "&lt;")
        if closing:
            if skipped[name]:
                skipped[name] -= 1
            elif name in stack:
                while (top := stack.pop()) != name:
                    out.append(f"</{top}>")
                out.append(f"</{name}>")
        elif name in VOID:
            out.append(f"<{name}{rest}>")
        else:
            if name in UNCLOSED and stack[-1:] == [name]:
                out.append(f"</{stack.pop()}>")
            if len(stack) < max_depth:
                stack.append(name)
                out.append(f"<{name}{rest}>")
            else:
                skipped[name] += 1
    out.append(_text_only(html[last:]))
    out += [f"</{name}>" for name in reversed(stack)]
    return "".join(out)


def _text_only(text: str) -> str:
    return NO_TAG.sub("", text).replace("<", "&lt;") if "<" in text else text


def paragraphs(html: str) -> str:
    """Return ``html`` with ``<p>`` where blank lines part it and ``<br>`` where lines end.

    WordPress keeps classic posts without either and adds them when it shows them.
    """
    out: list[str] = []
    open_blocks: list[str] = []
    last = 0
    for match in TAG.finditer(html):
        name = match[2].lower()
        if name not in BLOCKS:
            continue
        out.append(_text(html[last : match.start()], open_blocks))
        out.append(match[0])
        last = match.end()
        if match[1]:
            if name in open_blocks:
                while open_blocks.pop() != name:
                    pass
        elif name not in VOID:
            open_blocks.append(name)
    out.append(_text(html[last:], open_blocks))
    return "".join(out)


def _text(text: str, open_blocks: list[str]) -> str:
    if not text or text.isspace():
        return text
    if RAW.intersection(open_blocks):
        return text
    if open_blocks and open_blocks[-1] not in HOLDERS:
        return _lines(text.strip("\n"))
    blocks = (block.strip() for block in re.split(r"\n[ \t]*\n", text))
    return "\n".join(f"<p>{_lines(block)}</p>" for block in blocks if block)


def _lines(text: str) -> str:
    """Return ``text`` with a break where a line ends, unless it has one there."""
    return re.sub(r"(<br ?/?>)?[ \t]*\n", "<br>\n", text)


def words(html: str) -> str:
    """Return a title, a name or a caption as plain words: no tags, no entities, one line."""
    text = re.sub(r"</?[a-zA-Z][^<>]*>", "", html)
    with contextlib.suppress(ValueError):  # a number of thousands of digits
        text = unescape(text)
    return " ".join(text.replace("\x00", "").split())


def _with_figures(html: str) -> str:
    out: list[str] = []
    last = 0
    while opening := CAPTION.search(html, last):
        closing = CAPTION_END.search(html, opening.end())
        if closing is None:
            break
        out.append(html[last : opening.start()])
        out.append(_figure(opening[1], html[opening.end() : closing.start()]))
        last = closing.end()
    return "".join([*out, html[last:]])


def _figure(attributes: str, inside: str) -> str:
    """A picture with its caption. Source: WordPress, whose older form has it as an attribute."""
    found = LEADING_PICTURE.match(inside)
    if not found:
        return inside
    picture, caption = found[1], found[2].strip()
    if given := CAPTION_TEXT.search(attributes):
        caption = (given[1] or given[2] or "").strip() or caption
    return f"\n\n<figure>{picture}<figcaption>{caption}</figcaption></figure>\n\n"


def _without_shortcodes(html: str) -> tuple[str, Counter[str]]:
    closed = {match[3].lower() for match in SHORTCODE.finditer(html) if match[2]}
    left_out: Counter[str] = Counter()

    def without(match: re.Match[str]) -> str:
        before, closing, name, rest, _, after = match.groups()
        name = name.lower()
        known = name in SHORTCODES or name in closed or ATTRIBUTE.match(rest)
        if not known or (closing and before):
            return match[0]
        if before and after:
            return match[0][1:-1]  # doubled brackets show one without running it
        if not closing:
            left_out[name] += 1
        return before + after

    return SHORTCODE.sub(without, html), left_out


def _link_to_frame(match: re.Match[str]) -> str:
    """What showed another site's page within ours becomes a link to it."""
    if not (source := ADDRESS.search(match[2])):
        return match[0]
    address = source[1]
    return f'\n\n<p><a href="{address}">{address}</a></p>\n\n'


def _picture_without_link(match: re.Match[str]) -> str:
    """A picture becomes a link or a library picture here, so it stands in no link itself."""
    target = ADDRESS.search(match[1])
    if target is None or PICTURE_FILE.search(path_of(target[1])):
        return match[2]
    return f'{match[2]} <a href="{target[1]}">{target[1]}</a>'


def path_of(url: str) -> str:
    """Return the path of a URL; empty for what is no URL."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def quoted(path: str) -> str:
    """Return a path with its query as it may stand in a request."""
    return quote(path, safe="/%?&=:@+$,;!*'()~-._")
