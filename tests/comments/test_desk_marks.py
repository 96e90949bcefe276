"""The words that findings matched, marked in the text that readers would see."""

import pytest

from comments import checks, text, wordlist
from comments.marks import marked
from comments.models import Comment, WordRule


def marks(source, *matches):
    return marked(text.render(source), matches)


def test_match_is_marked_as_a_word_by_itself():
    assert marks("A liar is familiar.", "liar") == "<p>A <mark>liar</mark> is familiar.</p>"


def test_match_inside_a_word_is_marked_where_no_other_is():
    assert marks("So unfamiliar.", "amili") == "<p>So unf<mark>amili</mark>ar.</p>"


def test_match_over_tags_is_marked_piece_by_piece():
    html = marks("What a l*ia*r.", "liar")
    assert html == "<p>What a <mark>l</mark><em><mark>ia</mark></em><mark>r</mark>.</p>"


def test_match_over_lines_is_marked():
    html = marked("<p>one</p><p>two<br>three</p>", ["one\ntwo\nthree"])
    assert html == ("<p><mark>one</mark></p><p><mark>two</mark><br><mark>three</mark></p>")


@pytest.mark.parametrize("typed", ["l i a r", "l.i.a.r", "LІAR", "l1ar", "li\u200bar", "LÍAR"])
def test_evasion_is_marked_as_it_was_typed(typed, db):
    rule = WordRule(pattern="liar", kind="word")
    source = f"What some {typed}, we say."
    found = wordlist.matches(rule, wordlist.readings(text.plain(text.render(source))))
    assert found
    assert f"some <mark>{typed}</mark>, we" in marks(source, *found)


def test_link_is_marked_by_its_address_and_shows_where_it_leads(make_comment):
    comment = make_comment(
        body="See [here](https://a.example.org/?x=1&y=2) and https://b.example.org/ now"
    )
    finding = checks.links(comment)
    html = marked(comment.body_html, finding.matches)
    assert "<mark>here</mark></a>" in html
    assert '<span class="address">(https://a.example.org/?x=1&amp;y=2)</span>' in html
    assert "<mark>https://b.example.org/</mark></a> now" in html
    assert "(https://b.example.org/)" not in html


def test_match_that_looks_like_markup_stays_text():
    bad = '<img src=x onerror="y">'
    html = marks(f"Look: {bad} & more", bad, "& more", "p", "</p>", "mark")
    assert "<img" not in html
    assert '&lt;img src=x onerror="y"&gt;' in html
    assert html.count("<p>") == html.count("</p>") == 1


def test_unmarked_text_stays_as_it_was():
    source = "A & B < C > \"D\" 'E'\u00a0F *g* `h <b>`\n\n> quoted\n\n- one\n- two"
    html = text.render(source)
    assert text.plain(marked(html, [])) == text.plain(html)
    assert marked(html, ["  ", ""]) == marked(html, [])


def test_marks_of_every_finding_show_for_a_held_comment(make_user, make_article):
    WordRule.objects.create(pattern="crook*", kind="word")
    comment = Comment(article=make_article(), author=make_user())
    comment.set_body("The c r o o k lives at ring 0161 496 0000.")
    comment.submit()
    matches = [match for finding in comment.findings.all() for match in finding.matches]
    html = marked(comment.body_html, matches)
    assert "<mark>c r o o k</mark>" in html
    assert "<mark>0161 496 0000</mark>" in html
