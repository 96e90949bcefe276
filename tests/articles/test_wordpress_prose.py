"""WordPress's prose as HTML."""

import time

import pytest

from articles import body
from articles.wordpress import prose


def convert(source: str) -> str:
    return body.clean(prose.convert(source).html)


def test_blank_lines_part_paragraphs_and_ends_of_lines_break_them():
    assert convert("One\ntwo\n\n\nThree") == "<p>One<br>\ntwo</p>\n<p>Three</p>"
    assert convert("One<br />\ntwo") == "<p>One<br>\ntwo</p>"
    assert convert("Windows\r\n\r\nends") == "<p>Windows</p>\n<p>ends</p>"


def test_blocks_stand_outside_paragraphs():
    html = convert("Before\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\nAfter")
    assert "<p>Before</p>" in html
    assert "<li>one</li>" in html
    assert html.endswith("<p>After</p>")
    assert convert("<blockquote>Said</blockquote>") == "<blockquote><p>Said</p></blockquote>"
    assert convert("<pre>a\n\nb</pre>") == "<pre>a\n\nb</pre>"


def test_block_editor_text_keeps_its_own_paragraphs():
    source = "<!-- wp:paragraph -->\n<p>One\n\ntwo</p>\n<!-- /wp:paragraph -->"
    assert convert(source) == "<p>One\n\ntwo</p>"


def test_caption_becomes_a_figure():
    html = convert(
        '[caption id="a" width="1"]<img src="https://a.example/x.jpg" alt="X"> Said[/caption]'
    )
    assert html.startswith("<figure><img")
    assert "<figcaption>Said</figcaption></figure>" in html
    old = convert('[caption caption="Old"]<img src="https://a.example/x.jpg">[/caption]')
    assert "<figcaption>Old</figcaption>" in old


def test_shortcodes_are_left_out_and_counted_and_what_they_enclose_stays():
    done = prose.convert('A [gallery ids="1,2"] b [box]inside[/box] [contact-form to="x"] c')
    assert body.plain_text(done.html) == "A  b inside  c"
    assert done.left_out == {"gallery": 1, "box": 1, "contact-form": 1}


@pytest.mark.parametrize("text", ["He said [sic] so.", "See [1] and [a].", "Press [Ctrl + C]."])
def test_words_in_brackets_are_no_shortcodes(text):
    assert convert(text) == f"<p>{text}</p>"


def test_doubled_brackets_show_a_shortcode():
    assert convert("Write [[gallery]] here") == "<p>Write [gallery] here</p>"


def test_frames_and_bare_addresses_become_links():
    html = convert('<iframe src="https://video.example/1"></iframe>')
    assert '<a href="https://video.example/1" rel="noopener">https://video.example/1</a>' in html
    assert '<a href="https://t.example/1"' in convert("Look:\n\nhttps://t.example/1\n\nGood.")


def test_picture_linked_to_its_file_is_the_picture():
    html = convert(
        '<a href="https://a.example/x.jpg"><img src="https://a.example/x-300x200.jpg"></a>'
    )
    assert "<a " not in html
    other = convert('<a href="https://b.example/"><img src="https://a.example/x.jpg"></a>')
    assert '<a href="https://b.example/"' in other


def test_title_is_plain_words():
    assert prose.words("A <em>B</em> &amp; &#8217; <script>x</script>") == "A B & ’ x"
    assert prose.words("I <3 you\n all") == "I <3 you all"
    assert prose.words("&#" + "9" * 5000 + ";").startswith("&#999")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<div ="x><script>alert(1)</script>">',
        "<svg/onload=alert(1)>",
        '<p style="position:fixed" hx-get="/x" id="thread">x</p>',
        "[caption]<img src=x onerror=alert(1)>[/caption]",
        '[caption caption="<script>alert(1)</script>"]<img src=x>[/caption]',
        '<iframe src="javascript:alert(1)"></iframe>',
    ],
)
def test_no_script_survives(hostile):
    html = convert(hostile)
    for word in ("<script", "onerror", "onload", "javascript:", "style=", "hx-get", "id="):
        assert word not in html


@pytest.mark.parametrize(
    "piece",
    [
        "<blockquote>", "<x>", "<div></p>", "<x><div></x>", '<div class="<">', "[caption]", "<li>",
        "[a b='", "[", "<!--", "<p> ", "<p>http://a", "<a><img>", '<a ="', '<div ="x>',
        "<\x0bdiv>", "<table><td>", "<iframe src=", "[/caption]", "\n\t", "&#", "<b><div></b></p>",
    ],
)  # fmt: skip
def test_time_grows_with_the_text_and_no_faster(piece):
    source = piece * (400_000 // len(piece))
    start = time.perf_counter()
    body.clean(prose.convert(source).html)
    assert time.perf_counter() - start < 6


def test_nesting_is_bounded_and_no_text_is_lost():
    html = prose.shallow("<div>" * 500 + "deep" + "</div>" * 500 + "after")
    assert html.count("<div>") == html.count("</div>") == prose.MAX_DEPTH
    assert body.plain_text(html) == "deepafter"
