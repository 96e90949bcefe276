"""An article's body: what HTML may stand in it, and how it becomes what readers see.

The stored body is sanitised when it is saved, so every view of it is safe by itself. Pictures in
it are references to the library; ``render`` turns them into responsive pictures with the
library's caption and credit, once per save.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser

import nh3
from django.utils.safestring import SafeString, mark_safe

TAGS = {
    "p", "h2", "h3", "h4", "blockquote", "footer", "cite", "ul", "ol", "li", "dl", "dt", "dd", "a",
    "strong", "em", "b", "i", "s", "del", "ins", "sub", "sup", "small", "q", "abbr", "code", "pre",
    "kbd", "br", "hr", "figure", "figcaption", "img", "table", "caption", "thead", "tbody", "tfoot",
    "tr", "th", "td", "aside",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "abbr": {"title"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
# Left out with all they hold; of any other unknown tag only the tag goes.
HOLLOW = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title"}
VOID = {"br", "hr", "img"}
# A paragraph that is nothing but a link to one of these is a card, and loads nothing from there.
EMBEDDED = {
    "youtube.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo",
    "soundcloud.com": "SoundCloud", "archive.org": "the Internet Archive",
}  # fmt: skip
LONE_LINK = re.compile(r'<p><a href="(https://(?:www\.)?([^/"?#]+)/[^"]*)"[^>]*>([^<]*)</a></p>')
LIBRARY_PICTURE = re.compile(r"^/media/images/(\d+)/")
# Headings below the page's own: a pasted <h1> would be a second headline.
DEMOTED = re.compile(r"(?i)<(/?)h1(?=[\s>])")
# A text as long as a book; what is longer is no article.
MAX_LENGTH = 300_000
# Browsers stop at 512 levels. Far deeper ones are an attack: the parser's time grows with the
# square of the depth.
MAX_DEPTH = 500
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
CLOSED_BY_THEMSELVES = {
    "p", "li", "dt", "dd", "tr", "td", "th", "br", "hr", "img", "input", "option", "wbr", "col",
    "meta", "link", "source", "area", "base", "embed", "track", "param",
}  # fmt: skip
CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    url_schemes=SCHEMES,
    clean_content_tags=HOLLOW,
    link_rel="noopener",
)


def clean(html: str) -> str:
    """Return ``html`` with nothing in it but the allowed tags and attributes. Never raises.

    Of a text nested deeper than ``MAX_DEPTH`` only the words are left.
    """
    without_controls = _without_comments(CONTROL_CHARACTERS.sub("", html))
    if _too_deep(without_controls):
        return f"<p>{escape(re.sub('<[^>]*>?', ' ', without_controls), quote=False).strip()}</p>"
    return _cleaner.clean(DEMOTED.sub(r"<\1h2", without_controls)).strip()


def _without_comments(html: str) -> str:
    """Return ``html`` without its comments, in which word processors hide thousands of tags."""
    kept, end = [], 0
    while (start := html.find("<!--", end)) >= 0:
        kept.append(html[end:start])
        closed = html.find("-->", start + 2)  # "<!-->" is one too
        if closed < 0:
            return "".join(kept)
        end = closed + 3
    return "".join([*kept, html[end:]])


def _too_deep(html: str) -> bool:
    depth = 0
    for closing, tag in TAG.findall(html):
        if tag.lower() not in CLOSED_BY_THEMSELVES:
            depth = max(0, depth - 1) if closing else depth + 1
            if depth > MAX_DEPTH:
                return True
    return False


def words(html: str) -> int:
    """Return how many words a reader reads in ``html``."""
    return len(plain_text(html).split())


def plain_text(html: str) -> str:
    """Return the text of sanitised ``html``, blocks apart by a line."""
    spaced = re.sub(r"</(?:p|h\d|li|blockquote|footer|tr|figcaption|dd|dt)>|<br>", "\n", html)
    text = unescape(re.sub(r"<[^>]*>", "", spaced))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def picture_ids(html: str) -> set[int]:
    """Return the ids of the library pictures that ``html`` shows."""
    return {int(pk) for pk in re.findall(r'src="/media/images/(\d+)/', html)}


def render(html: str, figure: Callable[[int, str, str], str | None]) -> SafeString:
    """Return sanitised ``html`` as readers get it.

    ``figure(pk, alt, caption_html)`` gives the markup of a library picture, or ``None`` where the
    library has none of that id. A picture from elsewhere becomes a link: showing it would tell
    another host who reads us.
    """
    renderer = _Renderer(figure)
    renderer.feed(LONE_LINK.sub(_embedded, html))
    renderer.close()
    # Safe: the input is sanitised, and what is added is escaped where it is made.
    return mark_safe("".join(renderer.out))


def _embedded(link: re.Match[str]) -> str:
    """Return the card of a video or recording elsewhere: its reader chooses to go there."""
    address, host, words = link.groups()
    if host not in EMBEDDED:
        return link[0]
    return (
        f'<aside class="embed"><a href="{address}" rel="noopener external">{words}</a>'
        f"<small>On {EMBEDDED[host]}. Nothing is loaded from there until you open it.</small>"
        "</aside>"
    )


class _Renderer(HTMLParser):
    """Copies sanitised HTML and replaces pictures and their figures."""

    def __init__(self, figure: Callable[[int, str, str], str | None]) -> None:
        super().__init__(convert_charrefs=False)
        self.figure = figure
        self.out: list[str] = []
        self.held: list[str] | None = None  # what a figure holds, until it ends
        self.picture: tuple[int, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "figure" and self.held is None:
            self.held, self.out, self.picture = self.out, [], None
        elif tag == "img":
            self._image({name: value or "" for name, value in attrs})
        elif tag == "table":
            # A wide table scrolls by itself, and from the keyboard too.
            self.out.append('<div class="table" tabindex="0">' + (self.get_starttag_text() or ""))
        else:
            self.out.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure" and self.held is not None:
            self._end_figure()
        elif tag == "table":
            self.out.append("</table></div>")
        elif tag not in VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")

    def close(self) -> None:
        super().close()
        if self.held is not None:
            self._end_figure()

    def _image(self, attributes: dict[str, str]) -> None:
        source, alt = attributes.get("src", ""), attributes.get("alt", "")
        if match := LIBRARY_PICTURE.match(source):
            if self.held is not None:
                self.picture = (int(match[1]), alt)
            else:
                self.out.append(self.figure(int(match[1]), alt, "") or "")
        elif source.startswith(("http://", "https://")):
            label = alt or source.rsplit("/", 1)[-1]
            self.out.append(
                f'<a href="{escape(source)}" rel="noopener">Picture: {escape(label)}</a>'
            )

    def _end_figure(self) -> None:
        inside, self.out, self.held = "".join(self.out), self.held or [], None
        if self.picture:
            caption = re.search(r"<figcaption>(.*?)</figcaption>", inside, re.DOTALL)
            pk, alt = self.picture
            self.out.append(self.figure(pk, alt, caption[1].strip() if caption else "") or "")
        else:
            self.out.append(f"<figure>{inside}</figure>")
        self.picture = None
