"""Addresses of the lists, which stay, and those that moved."""

import pytest

from articles.models import Article, MovedAddress


@pytest.fixture
def moved(article):
    MovedAddress.objects.create(path="/?p=12", article=article)
    MovedAddress.objects.create(path="/old/story/", article=article)
    return article


@pytest.mark.parametrize("old", ["/?p=12", "/old/story/", "/old/story", "/old/story/?utm=x"])
def test_old_address_leads_to_the_article(client, moved, old):
    answer = client.get(old)
    assert answer.status_code == 301
    assert answer["Location"] == moved.get_absolute_url()


@pytest.mark.parametrize("query", ["?p=13", "?utm_source=mail", "?p=", "?" + "x" * 900])
def test_front_page_stands_with_any_other_query(client, moved, query):
    assert client.get(f"/{query}").status_code == 200


def test_old_address_of_a_hidden_article_leads_nowhere(client, make_article):
    draft = make_article(status=Article.Status.DRAFT)
    MovedAddress.objects.create(path="/?p=12", article=draft)
    MovedAddress.objects.create(path="/old/", article=draft)
    assert client.get("/?p=12").status_code == 200
    assert client.get("/old/").status_code == 404


def test_front_page_without_a_query_asks_for_no_moved_address(
    client, moved, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(9) as without:
        client.get("/")
    with django_assert_num_queries(len(without) + 1):
        client.get("/?utm_source=mail")


@pytest.mark.parametrize(
    "address",
    [
        "/", "/sections/town/", "/authors/ruth-hallam/", "/feed/", "/feed/atom/", "/feed.json",
        "/sections/town/feed/", "/sections/town/feed/atom/", "/sections/town/feed.json",
        "/authors/ruth-hallam/feed/", "/authors/ruth-hallam/feed/atom/",
        "/authors/ruth-hallam/feed.json", "/corrections/", "/corrections/feed/", "/search/",
        "/sitemap.xml", "/news-sitemap.xml", "/robots.txt",
    ],
)  # fmt: skip
def test_addresses_of_the_contract_answer_get_and_head(client, article, address):
    assert client.get(address).status_code == 200
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


def test_lists_name_their_canonical_address(client, make_article):
    for _ in range(21):
        make_article()
    page = client.get("/sections/town/?page=2&utm_source=mail").text
    assert '<link rel="canonical" href="http://testserver/sections/town/?page=2">' in page
    page = client.get("/sections/town/?page=1").text
    assert '<link rel="canonical" href="http://testserver/sections/town/">' in page


def test_slugs_in_any_script_have_their_page(client, make_article, section):
    from articles.models import Section

    there = Section.objects.create(name="Здесь", slug="здесь")
    make_article(headline="A story", section=there)
    assert "A story" in client.get(there.get_absolute_url()).text
