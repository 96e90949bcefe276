"""The page of one article, as readers and machines get it."""

import datetime
import json
import re

import pytest
from django.utils import timezone

from articles.models import Article
from comments.models import Comment


@pytest.fixture
def told(make_article):
    return make_article(
        headline="The <river> & the floor",
        standfirst="It came at four.",
        dateline="PELLWORTH",
        source_outlet="The Lantern",
        source_url="https://lantern.example.org/river",
        originally_published="2024-01-04",
    )


def page(client, article):
    response = client.get(article.get_absolute_url())
    assert response.status_code == 200
    return response.text


def test_page_reads_in_the_agreed_order(client, told, make_comment):
    make_comment(parent=make_comment(article=told))
    told.corrections.create(text="The river is the Ard.")
    html = page(client, told)
    parts = [
        'class="label"',
        "<h1>",
        'class="standfirst"',
        "By <a",
        "Thursday, January 4, 2024",
        'class="dateline"',
        "Correction, ",
        "First published by",
        "Posted ",
        "2 Comments</a>",
        "Leave a reply",
        "2 comments in 1 thread",
        'class="threads"',
    ]
    places = [html.index(part) for part in parts]
    assert places == sorted(places)


def test_anonymous_page_sets_no_cookie_and_carries_no_token(client, told):
    response = client.get(told.get_absolute_url())
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.text
    assert "s-maxage" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]


def test_logged_in_page_is_private(client, told, reader):
    client.force_login(reader)
    response = client.get(told.get_absolute_url())
    assert "private" in response["Cache-Control"]
    assert "csrfmiddlewaretoken" in response.text


def test_unchanged_page_answers_304_until_a_comment_is_decided(client, told, make_comment):
    first = client.get(told.get_absolute_url())
    again = client.get(told.get_absolute_url(), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    make_comment(article=told)
    after = client.get(told.get_absolute_url(), headers={"If-None-Match": first["ETag"]})
    assert after.status_code == 200


def test_json_ld_says_what_the_page_shows(client, told, make_comment):
    make_comment(article=told)
    told.corrections.create(text="The river is the Ard.")
    html = page(client, told)
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1]
    data = json.loads(block)
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == told.headline
    assert data["commentCount"] == 1
    assert "1 comment in 1 thread" in html
    assert data["author"][0]["name"] == "Ruth Hallam"
    assert data["author"][0]["name"] in html
    assert data["isBasedOn"]["url"] == told.source_url
    assert data["isBasedOn"]["datePublished"] == "2024-01-04"
    assert data["correction"][0]["text"] in html
    assert data["dateline"] == "PELLWORTH"


def test_scheduled_article_is_not_found_at_the_address_it_will_have(client, make_article):
    ahead = timezone.now() + datetime.timedelta(hours=1)
    scheduled = make_article(status=Article.Status.SCHEDULED, published_at=ahead)
    assert client.get(scheduled.get_absolute_url()).status_code == 404
    assert client.get(scheduled.preview_url).status_code == 302


def test_preview_of_a_draft_is_for_the_desk_alone(client, make_article, reader, editor):
    draft = make_article(status=Article.Status.DRAFT)
    assert client.get(draft.preview_url).url.startswith("/accounts/login/")
    client.force_login(reader)
    assert client.get(draft.preview_url).status_code == 404
    client.force_login(editor)
    response = client.get(draft.preview_url)
    assert draft.headline in response.text
    assert "no-store" in response["Cache-Control"]


def test_withdrawn_article_leaves_a_notice_and_no_text(client, told, editor, make_comment):
    comment = make_comment(article=told, body="I saw it too.")
    told.withdraw(by=editor, notice="The document was a discarded draft.")
    html = page(client, told)
    assert "The document was a discarded draft." in html
    assert "The river rose at four" not in html
    assert "I saw it too" not in html
    assert client.get(comment.get_absolute_url()).status_code == 404


def test_impossible_dates_are_not_found(client, db):
    assert client.get("/2024/13/45/river/").status_code == 404
    assert client.get("/0000/00/00/river/").status_code == 404


@pytest.mark.parametrize("size", [2, 200, 5000])
def test_page_costs_the_same_queries_at_any_length(
    client, make_conversation, size, django_assert_num_queries
):
    article = make_conversation(size)
    with django_assert_num_queries(7):
        html = page(client, article)
    assert f"{size} comments in" in html.replace(",", "")


def test_page_for_a_reader_shows_the_own_held_comment_and_nobody_elses(
    client, told, reader, newcomer, make_comment
):
    make_comment(
        article=told, author=newcomer, status=Comment.Status.PENDING, body="Hold me for now."
    )
    client.force_login(newcomer)
    assert "Hold me for now." in page(client, told)
    assert "Waiting for a moderator" in page(client, told)
    client.force_login(reader)
    assert "Hold me for now." not in page(client, told)
    client.logout()
    assert "Hold me for now." not in page(client, told)
