"""Search: what is found, in which order, by whom, and that no query breaks it."""

import datetime
import html
import re

import pytest
from django.db import connection
from django.utils import timezone

from articles import excerpts, search, spelling, views
from articles.models import Article, Author, Byline, Section
from comments.models import Comment


def found(client, query="", **more):
    """The headlines of the first page of results, in their order."""
    page = client.get("/search/", {"q": query} | more).text
    lines = re.findall(r'<h2 class="card-headline"><a [^>]*>(.*?)</a></h2>', page)
    return [html.unescape(re.sub("</?mark>", "", line)) for line in lines]


@pytest.fixture
def at():
    """A moment so many days ago."""
    return lambda days: timezone.now() - datetime.timedelta(days=days)


@pytest.mark.parametrize(
    "query", ["lighthouse", "KEEPER", "lamp", "lighthouse lamp", "hallam", "R&D"]
)
def test_words_are_found_in_headline_standfirst_text_and_byline(client, make_article, query):
    make_article(
        headline="The lighthouse",
        standfirst="Its keeper left.",
        body="<p>The lamp and R&amp;D.</p>",
    )
    make_article(headline="Something else", author_name="Jo Lowry")
    assert found(client, query) == ["The lighthouse"]


def test_every_word_must_occur(client, make_article):
    make_article(headline="The lighthouse")
    assert "Nothing was found" in client.get("/search/?q=lighthouse+submarine").text


def test_empty_query_finds_nothing_and_asks_for_one(client, article):
    page = client.get("/search/?q=+")
    assert article.headline not in page.text
    assert search.find(search.Asked.of("  ")) == []


def test_hidden_articles_are_not_found(client, make_article):
    later = timezone.now() + datetime.timedelta(days=1)
    make_article(headline="Secret draft", status=Article.Status.DRAFT)
    make_article(headline="Secret plan", status=Article.Status.SCHEDULED, published_at=later)
    make_article(
        headline="Secret gone", status=Article.Status.WITHDRAWN, withdrawal_notice="A secret."
    )
    page = client.get("/search/?q=secret").text
    assert "Nothing was found" in page
    for word in ("draft", "plan", "gone"):
        assert f"Secret {word}" not in page


@pytest.mark.parametrize(
    "query",
    [
        "%",
        "_",
        "'",
        '"',
        "\\",
        "a" * 5000,
        "é" * 200,
        "&#",
        "<script>alert(1)</script>",
        "\ud800",
        "\ufffe",
        "\u202ex",
        "-",
        "-river",
        '-"river',
        '""',
        '"river" OR NEAR(a b) AND',
        "headline:river",
        "{headline} : river",
        "river*",
        "!river & rose | :*",
        "river <-> rose",
        "(((",
        "the",
        "壁",
        "ﬁ ß İ",
    ],
)
def test_no_query_breaks_it(client, article, query):
    for tab in ("articles", "comments"):
        answer = client.get("/search/", {"q": query.encode("utf-8", "replace"), "tab": tab})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_nul_is_refused_at_the_door_and_harmless_inside(client, article):
    assert client.get("/search/?q=%00").status_code == 400
    assert search.find(search.Asked.of("river\x00")) == [article.pk]


def test_query_is_bounded():
    assert len(search.tidy("x" * 1000)) == search.MAX_LENGTH


def test_results_are_kept_out_of_search_engines(client, db):
    assert '<meta name="robots" content="noindex">' in client.get("/search/?q=x").text


def test_query_is_kept_in_the_field_as_text(client, db):
    page = client.get("/search/", {"q": '"><b>'}).text
    assert 'value="&quot;&gt;&lt;b&gt;"' in page
    assert '"><b>' not in page


def test_second_tab_finds_visible_comments_only(client, article, make_comment):
    shown = make_comment(article=article, body="The *weir* held.")
    for status in (Comment.Status.PENDING, Comment.Status.REJECTED, Comment.Status.SPAM):
        make_comment(article=article, body=f"A weir, {status}", status=status)
    page = client.get("/search/?q=weir&tab=comments").text
    assert "The weir held." in page
    assert shown.get_absolute_url() in page
    assert "A weir," not in page


@pytest.mark.parametrize("fields", [
    {"comment_policy": "hidden"},
    {"status": Article.Status.WITHDRAWN, "withdrawal_notice": "Gone."},
])  # fmt: skip
def test_comments_under_a_hidden_conversation_are_not_found(
    client, make_article, make_comment, fields
):
    make_comment(article=make_article(**fields), body="The weir held.")
    assert "Nothing was found" in client.get("/search/?q=weir&tab=comments").text


def test_pages_of_results_keep_the_query(client, make_article):
    for _ in range(21):
        make_article()
    assert 'href="?q=river&amp;page=2"' in client.get("/search/?q=river").text
    assert 'href="?q=river&amp;"' in client.get("/search/?q=river&page=2").text


def test_words_are_the_same_in_capitals_with_accents_and_in_plural(client, make_article):
    make_article(headline="Café Zürich lends ladders")
    for query in ("cafe", "CAFÉ", "zurich", "ladder", "lending"):
        assert found(client, query) == ["Café Zürich lends ladders"], query


def test_tags_and_what_stands_in_them_are_no_words(client, make_article):
    make_article(
        headline="One", body='<p>Har<b>bour</b><br>noon</p><p>Late<a href="/mast">r</a></p>'
    )
    for query in ("harbour", "noon", "later"):
        assert found(client, query) == ["One"], query
    for query in ("br", "href", "mast", "bour"):
        assert found(client, query) == [], query


def test_words_in_quotes_or_joined_by_a_sign_stand_together(client, make_article):
    make_article(headline="Old wall by the sea")
    make_article(headline="The sea wall, old")
    assert len(found(client, "sea wall")) == 2
    assert found(client, '"sea wall"') == ["The sea wall, old"]
    assert found(client, "sea-wall") == ["The sea wall, old"]


def test_word_behind_a_minus_must_not_occur(client, make_article):
    make_article(headline="The ferry in winter")
    make_article(headline="The ferry in spring")
    assert found(client, "ferry -winter") == ["The ferry in spring"]
    assert found(client, 'ferry -"in spring"') == ["The ferry in winter"]
    assert found(client, "-winter") == []


def test_headline_comes_before_text_and_of_equals_the_newest(client, make_article, at):
    make_article(headline="Old ferry", published_at=at(900))
    make_article(headline="Ferry again", published_at=at(20))
    make_article(headline="Harbour", body="<p>The ferry left.</p>", published_at=at(1))
    make_article(headline="Quay", body="<p>The ferry left.</p>", published_at=at(800))
    assert found(client, "ferry") == ["Ferry again", "Old ferry", "Harbour", "Quay"]


def test_many_mentions_count_for_more_than_one(client, make_article, at):
    make_article(headline="Once", body="<p>The ferry left. It was late.</p>", published_at=at(30))
    make_article(headline="Often", body="<p>Ferry, ferry, and the ferry.</p>", published_at=at(31))
    assert found(client, "ferry") == ["Often", "Once"]


def test_results_are_ordered_by_time_where_that_is_asked(client, make_article, at):
    for days, name in ((3, "first"), (1, "last"), (2, "middle")):
        make_article(headline=f"Ferry, {name}", published_at=at(days))
    names = ["Ferry, first", "Ferry, middle", "Ferry, last"]
    assert found(client, "ferry", sort="oldest") == names
    assert found(client, "ferry", sort="newest") == names[::-1]


def test_results_are_narrowed_by_section_author_and_days(client, make_article, section):
    sport = Section.objects.create(name="Sport", slug="sport")
    days = {"Ferry A": 1, "Ferry B": 2, "Ferry C": 3}
    for (name, day), place in zip(days.items(), (section, sport, sport), strict=True):
        make_article(
            headline=name,
            section=place,
            author_name=f"Jo {name[-1]}",
            published_at=datetime.datetime(2024, 3, day, 23, 59, tzinfo=datetime.UTC),
        )
    assert sorted(found(client, "ferry", section="sport")) == ["Ferry B", "Ferry C"]
    assert found(client, "ferry", author="jo-b") == ["Ferry B"]
    assert found(client, "ferry", author="jo B") == ["Ferry B"]
    assert sorted(found(client, "ferry", **{"from": "2024-03-02"})) == ["Ferry B", "Ferry C"]
    assert sorted(found(client, "ferry", to="2024-03-02")) == ["Ferry A", "Ferry B"]
    assert found(client, "ferry", **{"from": "2024-03-02", "to": "2024-03-02"}) == ["Ferry B"]
    assert found(client, "ferry", section="town", author="jo-b") == []
    # Without words, what was chosen is a list by itself.
    assert found(client, section="sport") == ["Ferry C", "Ferry B"]
    assert found(client, section="sport", sort="oldest") == ["Ferry B", "Ferry C"]
    assert found(client, author="jo-a") == ["Ferry A"]
    assert found(client, to="2024-03-01") == ["Ferry A"]


@pytest.mark.parametrize(("name", "value", "message"), [
    ("section", "nowhere", "There is no section “nowhere”."),
    ("author", "nobody", "No author here is called “nobody”."),
    ("from", "yesterday", "“yesterday” is no day."),
    ("from", "2024-02-30", "“2024-02-30” is no day."),
    ("to", "0001-01-01", "“0001-01-01” is no day."),
    ("to", "9999-12-31", "“9999-12-31” is no day."),
    ("to", "2023-01-01", "The last day lies before the first."),
    ("sort", "size", "Select a valid choice."),
])  # fmt: skip
def test_what_makes_no_sense_is_said_beside_its_field_and_the_rest_holds(
    client, article, name, value, message
):
    asked = {"q": "river", "section": "town", "from": "2024-01-01"} | {name: value}
    page = client.get("/search/", asked)
    assert page.status_code == 200
    assert message in page.text
    assert f'aria-describedby="search-{name}-error"' in page.text
    assert f'id="search-{name}-error"' in page.text
    assert article.headline in html.unescape(re.sub("</?mark>", "", page.text))
    assert 'value="river"' in page.text


def test_author_of_whom_nothing_is_published_is_nobody(client, make_article):
    make_article(status=Article.Status.DRAFT, author_name="Vera Sedgwick")
    assert "No author here is called" in client.get("/search/?q=river&author=vera-sedgwick").text


def test_filters_stay_in_the_addresses_of_further_pages(client, make_article):
    for _ in range(21):
        make_article()
    page = client.get("/search/?q=river&section=town&sort=oldest").text
    assert 'href="?q=river&amp;section=town&amp;sort=oldest&amp;page=2"' in page


def test_words_are_marked_in_headline_and_excerpt_and_the_rest_is_escaped(client, make_article):
    filler = "<p>" + "It went on and on. " * 40 + "</p>"
    make_article(
        headline="Ferries & tides",
        standfirst="",
        body=f"{filler}<p>A &lt;ferry&gt; &amp; the FÉRRY left.</p>{filler}",
    )
    page = client.get("/search/?q=ferry").text
    assert "<mark>Ferries</mark> &amp; tides" in page
    assert "… It went on and on." in page
    assert " A &lt;<mark>ferry</mark>&gt; &amp; the <mark>FÉRRY</mark> left." in page


def test_excerpt_is_where_most_of_the_words_stand_together(make_article):
    text = "The ferry came. " + "Nothing was said. " * 40 + "Then the ferry left the pier at noon."
    shown = excerpts.excerpt(text, {"ferry", "pier"})
    assert "the <mark>ferry</mark> left the <mark>pier</mark> at noon." in shown
    assert len(shown) < excerpts.LENGTH + 80


def test_excerpt_without_a_mark_begins_with_the_text():
    assert excerpts.excerpt("A short text.", {"else"}) == "A short text."


@pytest.mark.parametrize(("slip", "meant"), [
    ("lihgthouse", "lighthouse"),
    ("lighthose", "lighthouse"),
    ("lighthousse", "lighthouse"),
    ("ilghthouse", "lighthouse"),
    ("lighth", "lighthouse"),
    ("zurihc", "zurich"),
    ("hallum", "hallam"),
])  # fmt: skip
def test_slip_of_typing_finds_what_was_meant(client, make_article, slip, meant):
    make_article(headline="The lighthouse of Zürich")
    page = client.get("/search/", {"q": slip})
    assert f"Nothing was found for “{slip}”." in page.text
    assert f"<strong>{meant}</strong>" in page.text
    assert found(client, slip) == ["The lighthouse of Zürich"]


def test_only_the_whole_word_is_mended(client, make_article):
    make_article(headline="The ferryman and the ferry")
    assert "<strong>ferry ferryman</strong>" in client.get("/search/?q=fery+ferryman").text


def test_of_two_words_the_unknown_one_is_mended(client, make_article):
    make_article(headline="The lighthouse keeper")
    assert "<strong>lighthouse keeper</strong>" in client.get("/search/?q=lighthuose+keeper").text


def test_slip_is_not_mended_by_a_word_that_readers_may_not_see(client, make_article):
    make_article(headline="The lighthouse", status=Article.Status.DRAFT)
    make_article(headline="The river")
    page = client.get("/search/?q=lighthuose").text
    assert "lighthouse" not in page


def test_known_words_are_left_as_they_are(client, make_article):
    make_article(headline="A house")
    make_article(headline="A horse")
    make_article(headline="A mouse")
    assert "This is for" not in client.get("/search/?q=house+horse").text


@pytest.mark.parametrize(("one", "other", "slips"), [
    ("ferry", "ferry", 0), ("ferry", "fery", 1), ("ferry", "freey", 2), ("ferry", "ferrry", 1),
    ("ferry", "efrry", 1), ("ferry", "berry", 1), ("ferry", "market", 3), ("ab", "ba", 1),
])  # fmt: skip
def test_slips_are_counted(one, other, slips):
    assert spelling.slips_between(one, other, 2) == slips
    assert spelling.slips_between(other, one, 2) == slips


def test_empty_results_say_what_to_do_next(client, article):
    page = client.get("/search/?q=submarine&section=town").text
    assert 'href="?q=submarine">in all sections, by anyone and at any time</a>' in page
    assert 'href="?q=submarine&amp;tab=comments"' in page
    assert f'href="/{article.published_on.year}/"' in page


def test_words_too_common_to_be_kept_are_said_to_be(client, article):
    page = client.get("/search/?q=the+and").text
    assert "Nothing was found" in page
    assert ("so common" in page) == (connection.vendor == "postgresql")


@pytest.mark.parametrize("count", [1, 15])
def test_page_of_results_takes_the_same_queries_however_many(
    client, make_article, django_assert_num_queries, count
):
    for n in range(count):
        make_article(author_name=f"Jo Lowry {n}", body="<p>The ferry left.</p>")
    inside = 3 if connection.vendor == "postgresql" else 0  # a transaction, and its time limit
    # Sections, the words, what is listed, cards, their bylines, texts, their words, the frame.
    with django_assert_num_queries(8 + inside):
        client.get("/search/?q=ferry")


def test_frequent_word_is_ranked_among_the_newest(client, make_article, monkeypatch, at):
    monkeypatch.setattr(search, "RANKED", 2)
    for days in (1, 2, 3):
        make_article(headline=f"Ferry {days}", published_at=at(days))
    assert found(client, "ferry") == ["Ferry 1", "Ferry 2"]
    assert found(client, "ferry", sort="oldest") == ["Ferry 3", "Ferry 2", "Ferry 1"]


def test_who_searches_too_often_waits(client, article, monkeypatch):
    monkeypatch.setattr(views, "SEARCHES", 2)
    for _ in range(2):
        assert client.get("/search/?q=river").status_code == 200
    refused = client.get("/search/?q=river")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["Cache-Control"] == "no-store"
    # Somebody else is not refused, and neither is the empty form.
    assert client.get("/search/?q=river", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get("/search/").status_code == 200


def test_search_that_takes_too_long_is_stopped_and_says_so(client, article, monkeypatch):
    def slow(*_):
        raise search.TooSlow

    monkeypatch.setattr(search, "find", slow)
    page = client.get("/search/?q=river")
    assert page.status_code == 503
    assert page["Cache-Control"] == "no-store"
    assert "took too long" in page.text
    assert 'value="river"' in page.text


# The desk's search, of articles in whatever state


def at_desk(text):
    return sorted(search.matching(Article.objects.all(), text).values_list("headline", flat=True))


def test_desk_finds_articles_in_any_state_by_all_their_words(make_article):
    make_article(headline="Ferry, out")
    make_article(headline="Ferry, draft", status=Article.Status.DRAFT)
    make_article(headline="Pier, draft", status=Article.Status.DRAFT, author_name="Otto Marlow")
    assert at_desk("ferry") == ["Ferry, draft", "Ferry, out"]
    assert at_desk("ferry draft") == ["Ferry, draft"]
    assert at_desk("marlow") == ["Pier, draft"]
    assert at_desk("ferry -draft") == ["Ferry, out"]
    drafts = Article.objects.filter(status=Article.Status.DRAFT)
    assert search.matching(drafts, "ferry").count() == 1


def test_last_word_at_the_desk_may_be_a_beginning(make_article):
    make_article(headline="Embankments")
    assert at_desk("embank") == ["Embankments"]
    assert at_desk("hallam emb") == ["Embankments"]


@pytest.mark.parametrize(
    "text", ["", " ", "%", "'", '"', "-", "-ferry", "a:*", "((", "壁", "the", "x" * 500, "İ", "ß"]
)
def test_nothing_typed_at_the_desk_is_an_operator(article, text):
    assert isinstance(at_desk(text), list)


def test_desk_finds_a_bounded_number_those_made_last(make_article, monkeypatch):
    monkeypatch.setattr(search, "AT_DESK", 2)
    for n in range(3):
        make_article(headline=f"Ferry {n}")
    assert at_desk("ferry") == ["Ferry 1", "Ferry 2"]


def test_author_with_the_same_name_as_another_is_both(client, make_article):
    make_article(headline="Ferry A", author_name="Jo Lowry")
    second = make_article(headline="Ferry B")
    namesake = Author.objects.create(name="Jo Lowry", slug="jo-lowry-2")
    Byline.objects.filter(article=second).update(author=namesake)
    assert sorted(found(client, "ferry", author="Jo Lowry")) == ["Ferry A", "Ferry B"]
    assert found(client, "ferry", author="jo-lowry-2") == ["Ferry B"]
