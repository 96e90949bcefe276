"""Bodies: what is left of pasted HTML, and how pictures get into the readers' page."""

import re
import time

import html5lib
import pytest

from articles import body
from articles.models import Image
from tests.articles.conftest import change_url, post_data

HOSTILE = [
    "<script>alert(1)</script>",
    "<style>p{color:red}</style>",
    '<p onclick="x()">a</p>',
    '<iframe src="https://example.com/"></iframe>',
    '<a href="javascript:alert(1)">a</a>',
    '<a href=" jAvAsCrIpT&#58;alert(1)">a</a>',
    '<a href="data:text/html,<script>x</script>">a</a>',
    '<div hx-get="/x" data-hx-post="/y" hx-on:click="x()">a</div>',
    '<p style="position:fixed" class="x" id="thread">a</p>',
    '<img src=x onerror="alert(1)">',
    '<img src="javascript:alert(1)">',
    "<svg><a xlink:href='javascript:x'><text>a</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<form action="https://example.com"><input name=q><button>a</button></form>',
    '<object data="x"></object><embed src="x"><base href="https://example.com/">',
    '<meta http-equiv="refresh" content="0"><link rel="stylesheet" href="x">',
    "<template><img src=x onerror=x></template><noscript><p title='</noscript><img src=x>'>",
    "<a href='https://example.com' target=_blank ping=x download>a</a>",
    "<!--><img src=x onerror=x>--><![CDATA[<script>]]>",
    "<figure><img src=\"/media/images/1/x' onerror='x\"><figcaption><script>x</script></figure>",
]
ALLOWED = {
    name: {"href", "title", "rel", "src", "alt", "start", "scope", "colspan", "rowspan"}
    for name in body.TAGS
}


def parsed(html):
    """Every element a browser would make of ``html``."""
    tree = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    return [node for node in tree.iter() if node is not tree]


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_active_survives(html):
    cleaned = body.clean(f"<p>Before</p>{html}<p>After</p>")
    for node in parsed(cleaned):
        assert node.tag in body.TAGS, cleaned
        assert set(node.attrib) <= ALLOWED[node.tag], cleaned
        for value in (node.attrib.get("href", ""), node.attrib.get("src", "")):
            assert "script:" not in value.lower()
            assert not value.lower().startswith("data:")
    assert "alert(1)" not in body.plain_text(cleaned)
    assert body.clean(cleaned) == cleaned


@pytest.mark.parametrize("html", HOSTILE)
def test_what_readers_get_is_as_clean(html):
    def figure(pk, alt, caption):
        return f'<figure><img src="/x" alt=""><figcaption>{caption}</figcaption></figure>'

    rendered = body.render(body.clean(html), figure)
    for node in parsed(rendered):
        assert node.tag in body.TAGS | {"div"}
        assert not any(name.startswith(("on", "hx-", "style")) for name in node.attrib)


def test_a_second_headline_becomes_a_heading():
    assert body.clean('<H1 class="x">Big</H1 >') == "<h2>Big</h2>"


def test_what_editors_write_is_kept():
    html = (
        "<h2>One</h2><h3>Two</h3><p><strong>a</strong> <em>b</em> "
        '<a href="https://example.org/" rel="noopener">c</a></p>'
        "<blockquote><p>Words.</p><footer>Ada, who said them</footer></blockquote>"
        '<ul><li>x</li></ul><ol start="3"><li>y</li></ol>'
        '<table><tbody><tr><th scope="row">h</th><td>1</td></tr></tbody></table>'
        "<dl><dt>t</dt><dd>d</dd></dl><pre>  code\n  here</pre>"
    )
    assert body.clean(html) == html


def test_control_characters_go_and_the_rest_of_unicode_stays():
    assert body.clean("<p>a\x00b\x0bc\ufffe – “ð” 👩‍🔬</p>") == "<p>abc – “ð” 👩‍🔬</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>" * 5000 + "deep" + "</blockquote>" * 5000,
        "<div>" * 5000 + "<p>deep",
        "<ul><li>" * 5000 + "deep",
        "<b>" * 5000 + "deep",
        "<p>" + "<b><i>" * 300 + "</p><p>" * 300 + "deep",
        "<table>" * 5000 + "deep",
    ],
    ids=["quotes", "divs", "lists", "bold", "misnested", "tables"],
)
def test_deep_nesting_ends_in_bounded_time(html):
    start = time.perf_counter()
    cleaned = body.clean(html)
    body.render(cleaned, lambda *_: None)
    assert "deep" in body.plain_text(cleaned)
    assert time.perf_counter() - start < 3
    assert len(cleaned) < 60 * len(html)


@pytest.mark.parametrize(
    "piece",
    ["<p>The river rose at four.</p>", "<figure>", "<a href=", "<!--", "</p>", "<b>a", "<h1"],
)
def test_five_megabytes_end_in_bounded_time(piece):
    html = piece * (5 * 1024 * 1024 // len(piece))
    start = time.perf_counter()
    body.clean(html)
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize("piece", ["<", "&", "&#x", "]]>", "<img src=/media/images/1/a>"])
def test_the_longest_text_is_cleaned_and_rendered_in_bounded_time(piece):
    html = piece * (body.MAX_LENGTH // len(piece))
    start = time.perf_counter()
    cleaned = body.clean(html)
    body.render(cleaned, lambda *_: None)
    body.words(cleaned)
    assert time.perf_counter() - start < 10


def test_pasted_body_is_sanitised_when_the_desk_saves_it(client, editor, article):
    client.force_login(editor)
    data = post_data(client.get(change_url(article)), body="<p>Kept.</p>" + "".join(HOSTILE))
    assert client.post(change_url(article), data).status_code == 302
    article.refresh_from_db()
    for html in (article.body, article.body_html):
        assert "<p>Kept.</p>" in html
        assert "script" not in html.lower()
        assert "onerror" not in "".join(str(node.attrib) for node in parsed(html))


def test_body_of_five_megabytes_is_refused_and_kept_in_the_form(client, editor, article):
    client.force_login(editor)
    data = post_data(client.get(change_url(article)), body="<p>word</p>" * 450_000)
    response = client.post(change_url(article), data)
    assert response.status_code == 200
    assert "as long as a book" in response.text
    assert response.text.count("&lt;p&gt;word") == 450_000
    article.refresh_from_db()
    assert article.word_count < 100


def test_five_megabytes_from_a_word_processor_are_saved_as_the_page_of_text_they_are(
    client, editor, article
):
    paragraph = (
        '<p class=MsoNormal style="mso-margin-top-alt:auto"><o:p><span lang=EN-GB '
        "style='font-family:\"Calibri\",sans-serif;mso-fareast-language:EN-US'>The river rose."
        "</span></o:p></p><!--[if gte mso 9]><xml>"
        + "<w:LsdException/>" * 900
        + "</xml><![endif]-->"
    )
    pasted = paragraph * (5 * 1024 * 1024 // len(paragraph))
    assert len(pasted) > 5_000_000
    client.force_login(editor)
    data = post_data(client.get(change_url(article)), body=pasted)
    assert client.post(change_url(article), data).status_code == 302
    article.refresh_from_db()
    assert article.body.count("<p>The river rose.</p>") == pasted.count("MsoNormal")
    assert len(article.body) < 20_000
    assert not re.search("mso|Calibri|style|span|LsdException", article.body)


def test_a_lone_link_to_a_video_is_a_card_that_loads_nothing(make_article):
    film = "https://www.youtube.com/watch?v=abc&amp;t=2"
    body = f'<p><a href="{film}">The flood, filmed</a></p><p>See <a href="{film}">it</a>.</p>'
    article = make_article(body=body)
    assert (
        f'<aside class="embed"><a href="{film}" rel="noopener external">The flood, filmed</a>'
        "<small>On YouTube. Nothing is loaded from there until you open it.</small></aside>"
    ) in article.body_html
    assert article.body_html.count("embed") == 1
    assert "iframe" not in article.body_html
    other = make_article(body='<p><a href="https://example.org/film">A film</a></p>')
    assert "embed" not in other.body_html


def test_library_picture_becomes_responsive_and_a_foreign_one_a_link(make_article):
    image = Image.objects.create(
        alt="A quay", credit="A. B.", digest="abc", widths=[480, 960], width=960, height=600
    )
    article = make_article(
        body=f'<figure><img src="/media/images/{image.pk}/x.jpeg" alt="Ours">'
        "<figcaption>The <em>quay</em>.</figcaption></figure>"
        '<p><img src="https://example.org/far.jpg" alt="Far"></p>'
    )
    page = article.body_html
    assert "<picture>" in page
    assert 'alt="Ours"' in page
    assert 'width="960" height="600"' in page
    assert "The <em>quay</em>." in page
    assert '<span class="credit">A. B.</span>' in page
    assert '<a href="https://example.org/far.jpg" rel="noopener">Picture: Far</a>' in page
    assert '<img src="https://example.org' not in page


def test_picture_that_is_gone_leaves_no_broken_image(make_article):
    article = make_article(body='<p>a</p><figure><img src="/media/images/999/x.jpeg"></figure>')
    assert "<img" not in article.body_html
    assert "<figure" not in article.body_html
