"""What a comment's text becomes: judged by another parser than the one that made it."""

import time

import html5lib
import pytest

from comments import text

ALLOWED = {"p", "br", "em", "strong", "a", "blockquote", "ul", "ol", "li", "code", "pre"}
FRAME = {"html", "head", "body"}


def faults(html: str) -> list[str]:
    """Return what a browser would find in ``html`` that a comment may not hold."""
    found = []
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter():
        if element.tag not in ALLOWED | FRAME:
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            scheme = value.strip().lower().partition(":")[0]
            allowed = (
                (element.tag == "a" and name == "href" and scheme in {"http", "https", "mailto"})
                or (element.tag == "a" and name == "rel" and value == "nofollow ugc noopener")
                or (element.tag == "ol" and name == "start" and value.isdigit())
            )
            if not allowed:
                found.append(f"{element.tag} {name}={value}")
    return found


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("*soft* and **loud**", "<p><em>soft</em> and <strong>loud</strong></p>"),
        ("> said\n\nanswered", "<blockquote>\n<p>said</p>\n</blockquote>\n<p>answered</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("# no heading\n\n---", "<p># no heading</p>\n<p>---</p>"),
        ("a <b>bold</b> word", "<p>a &lt;b&gt;bold&lt;/b&gt; word</p>"),
        ("fish &amp; chips", "<p>fish &amp; chips</p>"),
        (r"\*not soft\*", "<p>*not soft*</p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
    ],
)
def test_small_markdown_is_rendered_and_everything_else_is_text(source, html):
    assert text.render(text.clean(source)) == html


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("[a](https://a.example/b?c=1&d=2)", "https://a.example/b?c=1&amp;d=2"),
        ("see https://a.example/b.", "https://a.example/b"),
        ("see www.a.example", "http://www.a.example"),
        ("write to desk@a.example", "mailto:desk@a.example"),
        ("[a](HTTPS://a.example)", "HTTPS://a.example"),
    ],
)
def test_links_lead_out_and_say_who_put_them_there(source, address):
    html = text.render(source)
    assert f'<a href="{address}" rel="nofollow ugc noopener">' in html
    assert not faults(html)


@pytest.mark.parametrize(
    "source",
    [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java&#115;cript:alert(1))",
        "[a](java&Tab;script:alert(1))",
        "[a](&#1;javascript:alert(1))",
        "[a](<java\tscript:alert(1)>)",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "[a](file:///etc/passwd)",
        "[a](//evil.example)",
        "[a](/admin/logout/)",
        "[a](#comments)",
        "[a](http:evil)",
        "[a](https://)",
    ],
)
def test_link_to_anything_but_the_web_or_a_mailbox_stays_text(source):
    html = text.render(text.clean(source))
    assert "<a" not in html
    assert not faults(html)


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![a](https://a.example/x.png)",
        "![a](javascript:alert(1))",
        '[a](https://a.example "x\' onmouseover=alert(1) style=color:red")',
        '[a](https://a.example/"onmouseover="alert(1))',
        "[a](https://a.example/'onmouseover='alert(1))",
        "<svg><a xlink:href=javascript:alert(1)>x</a></svg>",
        "<p hx-get=/admin/ hx-trigger=load id=x class=y style=position:fixed>x</p>",
        "<style>*{display:none}</style>",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 "
        "onerror=alert(1)&gt;'>",
        "<template><script>alert(1)</script></template>",
        "<base href=//evil.example>",
        "<form action=//evil.example><button>x",
        "</p></div></article><script>alert(1)</script>",
        "<!-- --!><script>alert(1)</script>",
        "]]><script>alert(1)</script>",
        "`<script>alert(1)</script>`",
        "```html\n<script>alert(1)</script>\n```",
        '```" onclick="alert(1)\nx\n```',
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "[<script>](https://a.example/<script>alert(1)</script>)",
        "https://a.example/<script>alert(1)</script>",
        "www.a.example/'><img/src=x/onerror=alert(1)>",
        "[a]: javascript:alert(1)\n\n[a]",
        "<https://a.example/onclick=x>",
    ],
)
def test_hostile_text_is_inert_typed_or_imported(source):
    for html in (text.render(text.clean(source)), text.render_html(source)):
        assert not faults(html), html
        assert "<script" not in html


def test_images_do_not_appear():
    assert "<img" not in text.render("![a boat](https://a.example/boat.png)")
    assert "<img" not in text.render_html('<p>Look <img src="https://a.example/boat.png"></p>')


def test_imported_html_keeps_its_paragraphs_and_links_without_their_attributes():
    html = text.render_html(
        '<p class="x" lang="en" title="t">One <a href="https://a.example" target="_blank" '
        'title="t" onclick="x()">link</a></p><h2>Head</h2>'
    )
    assert html == (
        '<p>One <a href="https://a.example" rel="nofollow ugc noopener">link</a></p>Head'
    )
    assert text.render_html("one\ntwo\n\nthree") == "<p>one<br>two</p><p>three</p>"


WORST = {
    "entity": "&#" + "9" * 4990 + ";",
    "hexadecimal entity": "&#x" + "f" * 4990 + ";",
    "entities": "&amp;" * 1000,
    "brackets": "[" * 5000,
    "link openings": "[a](" * 1250,
    "pointed links": "[a](<" * 1000,
    "quotes": ">" * 5000,
    "spaced quotes": "> " * 2500,
    "quoted lines": ">a\n" * 1666,
    "lists": "- " * 2500,
    "numbered lists": "1. " * 1666,
    "nested lists": "".join("  " * level + "- a\n" for level in range(66)),
    "backticks": "`" * 5000,
    "growing backticks": " ".join("`" * count for count in range(1, 99)),
    "fences": "```\n" * 1250,
    "stars": "*" * 5000,
    "open stars": "*a " * 1666,
    "open stars and lines": "*a _b " * 833,
    "closed stars": "a**b" * 1250,
    "underscores": "_" * 5000,
    "underscores and letters": "_" * 4998 + "aa",
    "addresses": "http://a.b/" * 454,
    "address of brackets": "http://a.b/" + "(" * 4980,
    "address of closing brackets": "http://a.b/" + ")" * 4980,
    "address of semicolons": "www.a.b/" + "&a;" * 1660,
    "www": "www." * 1250,
    "mailboxes": "a.b@c.d " * 625,
    "open mailboxes": "a@" * 2500,
    "one long word": "a" * 5000,
    "dotted word": "a." * 2500,
    "digits": "1" * 5000,
    "letters apart": "a " * 2500,
    "escapes": "\\" * 5000,
    "tags": "<a " * 1666,
    "comments": "<!--" * 1250,
    "lines": "a\n" * 2500,
    "marks": "a" + "\u0301" * 4999,
    "ligatures": "\ufdfa" * 5000,
    "many letters": "".join(chr(0x4E00 + place) for place in range(5000)),
    "syllables": "".join(chr(0xAC00 + place) for place in range(5000)),
    "signs": "!" * 5000,
}


@pytest.mark.parametrize("name", WORST)
def test_worst_comment_takes_less_than_two_seconds(name):
    from comments import personal, wordlist

    source = WORST[name][: text.MAX_LENGTH]
    begun = time.monotonic()
    html = text.render(text.clean(source))
    seen = text.plain(html)
    text.is_blank(html)
    text.fingerprint(seen)
    wordlist.readings(seen)
    personal.found(seen)
    assert time.monotonic() - begun < 2
    assert len(html) < 60 * len(source) + 200
    assert not faults(html)


@pytest.mark.parametrize("sign", ["[", ">", "> ", "`", "*", "- ", "[a](", "<b>", "&#9", "www.a "])
def test_twenty_thousand_signs_are_bounded_too(sign):
    begun = time.monotonic()
    for html in (text.render(sign * 20_000), text.render_html(sign * 20_000)):
        assert not faults(html[:20_000])
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("tag", ["blockquote", "em", "ul><li", "div", "b", "a"])
def test_deeply_nested_import_becomes_plain_text(tag):
    begun = time.monotonic()
    html = text.render_html(f"<{tag}>" * 20_000 + "seen")
    assert html == "<p>seen</p>"
    html = text.render_html(f"<{tag}>" * 500 + "seen")
    assert text.plain(html) == "seen"
    assert html.count("<blockquote>") <= text.MAX_DEPTH
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("source", [">" * 30 + " deep", "- " * 15 + "deep", "> - " * 12 + "deep"])
def test_text_nested_too_deep_is_shown_as_typed_and_not_lost(source):
    html = text.render(source)
    assert "deep" in text.plain(html)
    assert not faults(html)


@pytest.mark.parametrize(
    "source",
    [
        "",
        " \n\t ",
        "&nbsp;",
        "&nbsp;&#8203;",
        "\u00a0\u2003\u3000",
        "\u200b\u200d\ufeff",
        "\u2060\u2061\u00ad",
        "\u3164",
        "\u115f\u1160",
        "\uffa0",
        "\u2800\u2800",
        "\U000e0041\U000e0042",
        "\U0001d173",
        "\u202e\u2066",
        "\u200e\u200f",
        "\ufe0f",
        "\u0301",
        ">",
        "> \n> ",
        "- ",
        "1. ",
        "```\n```",
        "` `",
        "[](https://a.example)",
        "[\u200b](https://a.example)",
        "\x00\x01\x7f",
        "\ud800",
        "&#x202e;&#8207;",
    ],
)
def test_what_shows_nothing_is_blank(source):
    assert text.is_blank(text.render(text.clean(source)))


@pytest.mark.parametrize(
    "source", [".", "?", "👍", "👍🏽", "1", "é", "日", "&amp;", "- a", "🏳️‍🌈", "\u0915\u093f"]
)
def test_what_shows_something_is_not_blank(source):
    assert not text.is_blank(text.render(text.clean(source)))


@pytest.mark.parametrize(
    "source",
    [
        "👨‍👩‍👧‍👦 family",
        "🏳️‍🌈🏴‍☠️",
        "👩🏽‍🚀",
        "नमस्ते क्‍ष",
        "می‌خواهم",
        "שלום \u200fworld\u200e",
        "𝔘𝔫𝔦 ﷽ 日本語 ไทย",
        "🇬🇧",
        "\ue000",
    ],
)
def test_any_script_and_sign_is_kept_whole(source):
    assert text.clean(source) == source
    assert text.plain(text.render(source)) == source


def test_text_is_brought_to_one_form():
    assert text.clean("cafe\u0301") == "café"
    assert text.clean("cafe\x00\u0301") == "café"
    assert text.clean("a\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"
    assert text.clean("a\n\n\n\n\nb") == "a\n\nb"
    assert text.clean("  a  ") == "a"


@pytest.mark.parametrize("mark", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_no_mark_turns_the_text_after_the_comment(mark):
    assert text.clean(f"abc{mark}def") == "abcdef"
    assert mark not in text.render_html(f"<p>abc{mark}def")


@pytest.mark.parametrize("bad", "\x00\x0b\x1b\x7f\x90\ud800\udfff\ufffe\ufdd0")
def test_what_feeds_and_databases_cannot_carry_is_dropped(bad):
    assert text.clean(f"a{bad}b") == "ab"
    assert bad not in text.render_html(f"<p>a{bad}b")


def test_entity_cannot_bring_back_what_was_dropped():
    assert "\x00" not in text.render("a&#0;b&#x0;c")
    assert "\ud800" not in text.render("a&#xD800;b")
    assert "\u202e" not in text.render("a&#x202e;b")
    assert "\u202e" not in text.render_html("<p>a&#x202e;b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello,  World!", "hello world"),
        ("**Hello** world", "hello world"),
        ("Hello\nworld", "hello world"),
        ("héllo wörld", "hello world"),
        ("ｈｅｌｌｏ world", "hello world"),
        ("hеllo wоrld", "hello world"),
        ("hel\u200blo world", "hello world"),
    ],
)
def test_same_words_have_the_same_fingerprint(one, other):
    def fingerprint(source):
        return text.fingerprint(text.plain(text.render(text.clean(source))))

    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint(other + " again")


def test_imported_attribute_does_not_spill_into_the_plain_text():
    html = text.render_html('<p><a href="https://a.example/>x">link</a></p>')
    assert text.plain(html) == "link"
