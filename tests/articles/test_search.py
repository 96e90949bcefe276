"""Search: what is found, by whom, and that no query breaks it."""

import datetime

import pytest
from django.utils import timezone

from articles import search
from articles.models import Article
from comments.models import Comment


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
    page = client.get("/search/", {"q": query}).text
    assert "The lighthouse" in page
    assert "Something else" not in page


def test_every_word_must_occur(client, make_article):
    make_article(headline="The lighthouse")
    assert "Nothing was found" in client.get("/search/?q=lighthouse+submarine").text


def test_empty_query_finds_nothing_and_asks_for_one(client, article):
    page = client.get("/search/?q=+")
    assert article.headline not in page.text
    assert not search.find("  ").exists()


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
    ],
)
def test_no_query_breaks_it(client, article, query):
    for tab in ("articles", "comments"):
        answer = client.get("/search/", {"q": query.encode("utf-8", "replace"), "tab": tab})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_nul_is_refused_at_the_door_and_harmless_inside(client, article):
    assert client.get("/search/?q=%00").status_code == 400
    assert list(search.find("river\x00")) == [article]


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
