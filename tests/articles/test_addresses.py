"""Addresses of the lists, which stay, and those that moved."""

import pytest
from django.urls import reverse

from articles import moved as moved_addresses
from articles.models import Article, MovedAddress, Series, Topic
from newsroom.memory import fragments


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
    with django_assert_max_num_queries(10) as without:
        client.get("/")
    fragments.clear()
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


# Sections, topics, series and authors that move or go


def edit(client, kind, term, **changes):
    url = reverse(f"admin:articles_{kind}_change", args=[term.pk])
    form = client.get(url).context["adminform"].form
    data = {f.name: f.value() for f in form if f.value() is not None and f.value() is not False}
    return client.post(url, data | changes)


@pytest.fixture
def desk(client, make_user):
    client.force_login(make_user("administrator", role="administrator"))
    return client


@pytest.fixture
def terms(article):
    """One of each kind, of which a story is published."""
    topic = Topic.objects.create(name="Floods", slug="floods")
    article.topics.add(topic)
    series = Series.objects.create(name="The tunnel", slug="tunnel")
    Article.objects.filter(pk=article.pk).update(series=series, series_position=1)
    author = article.bylines.get().author
    return {"section": article.section, "topic": topic, "series": series, "author": author}


KINDS = ["section", "topic", "series", "author"]


@pytest.mark.parametrize("kind", KINDS)
def test_renamed_address_leads_to_the_new_one_in_one_hop(desk, terms, kind):
    old = terms[kind].get_absolute_url()
    for slug in ("second", "third"):
        edit(desk, kind, terms[kind], slug=slug)
        new = type(terms[kind]).objects.get(pk=terms[kind].pk).get_absolute_url()
        answer = desk.get(old)
        assert (answer.status_code, answer["Location"]) == (301, new)
    assert new.endswith("/third/")
    assert desk.get(new).status_code == 200


@pytest.mark.parametrize("rest", ["feed/", "feed/atom/", "feed.json", "?page=2"])
def test_what_lies_under_a_renamed_address_moves_with_it(desk, terms, rest):
    edit(desk, "topic", terms["topic"], slug="high-water")
    answer = desk.get(f"/topics/floods/{rest}")
    assert (answer.status_code, answer["Location"]) == (301, f"/topics/high-water/{rest}")


@pytest.mark.parametrize("rest", ["nothing/", "feed/nothing/", "?page=" + "x" * 90, "?utm=1"])
def test_what_never_was_there_does_not_move_along(desk, terms, rest):
    edit(desk, "topic", terms["topic"], slug="high-water")
    answer = desk.get(f"/topics/floods/{rest}")
    if rest.startswith("?"):
        assert answer["Location"] == "/topics/high-water/"
    else:
        assert answer.status_code == 404


def test_address_that_comes_back_leads_nowhere_else(desk, terms):
    edit(desk, "topic", terms["topic"], slug="high-water")
    edit(desk, "topic", terms["topic"], slug="floods")
    assert desk.get("/topics/floods/").status_code == 200
    assert desk.get("/topics/high-water/")["Location"] == "/topics/floods/"


def test_new_term_takes_an_address_that_led_elsewhere(desk, terms):
    edit(desk, "topic", terms["topic"], slug="high-water")
    desk.post(reverse("admin:articles_topic_add"), {"name": "Floods again", "slug": "floods"})
    assert not MovedAddress.objects.filter(path="/topics/floods/").exists()
    assert desk.get("/topics/floods/").status_code == 404  # nothing is published on it yet


def test_slugs_in_any_script_move(desk, terms):
    edit(desk, "topic", terms["topic"], slug="паводок" * 20)
    edit(desk, "topic", terms["topic"], slug="вода")
    old = Topic(slug="паводок" * 20).get_absolute_url()
    answer = desk.get(old)
    assert answer.status_code == 301
    assert answer["Location"] == Topic(slug="вода").get_absolute_url()


def test_renamed_term_of_nothing_published_leads_nowhere(desk, terms, article):
    edit(desk, "topic", terms["topic"], slug="high-water")
    article.withdraw(by=None, notice="It was wrong.")
    assert desk.get("/topics/floods/").status_code == 404


def delete(client, kind, term, **data):
    url = reverse(f"admin:articles_{kind}_delete", args=[term.pk])
    return client.post(url, {"post": "yes"} | data)


def test_deletion_asks_where_the_address_leads(desk, terms):
    url = reverse("admin:articles_topic_delete", args=[terms["topic"].pk])
    page = desk.get(url).text
    assert "/topics/floods/" in page
    assert "Its address leads to" in page


@pytest.mark.parametrize("named", ["Weather", "weather"])
def test_deleted_topic_leads_to_the_one_that_was_named(desk, terms, article, named):
    weather = Topic.objects.create(name="Weather", slug="weather")
    article.topics.add(weather)
    edit(desk, "topic", terms["topic"], slug="high-water")
    delete(desk, "topic", terms["topic"], leads_to=named)
    for old in ("/topics/floods/", "/topics/high-water/", "/topics/high-water/feed/"):
        answer = desk.get(old)
        assert answer.status_code == 301
        assert answer["Location"].startswith("/topics/weather/")


def test_deleted_topic_without_a_successor_is_gone(desk, terms):
    edit(desk, "topic", terms["topic"], slug="high-water")
    delete(desk, "topic", terms["topic"], leads_to="")
    for old in ("/topics/floods/", "/topics/high-water/", "/topics/high-water/feed/"):
        answer = desk.get(old)
        assert answer.status_code == 410
        assert "What stood here is gone" in answer.text
        assert answer["X-Robots-Tag"] == "noindex"
        assert desk.head(old).status_code == 410
    assert desk.get("/topics/high-water/nothing/").status_code == 404


def test_deletion_with_a_name_that_is_none_asks_once_more(desk, terms):
    page = delete(desk, "topic", terms["topic"], leads_to="Wether").text
    assert "There is no “Wether” to lead to." in page
    assert 'value="Wether"' in page
    assert Topic.objects.filter(pk=terms["topic"].pk).exists()


def test_terms_are_not_deleted_by_the_dozen(desk, terms):
    url = reverse("admin:articles_topic_changelist")
    desk.post(url, {"action": "delete_selected", "_selected_action": [terms["topic"].pk]})
    assert Topic.objects.exists()


def test_note_of_what_is_there_already_is_no_error(article, make_article):
    other = make_article()
    for target in (article, other, other, None, article):
        moved_addresses.note("/old/way/", target)
    moved_addresses.note(article.get_absolute_url(), article)
    moved_addresses.note("/" + "x" * 600, article)
    row = MovedAddress.objects.get()
    assert (row.path, row.target) == ("/old/way/", article)


def test_address_of_an_article_moves_with_its_conversation(client, article):
    old = article.get_absolute_url()
    Article.objects.filter(pk=article.pk).update(slug="another")
    article.refresh_from_db()
    moved_addresses.note(old, article)
    for rest in ("", "comments/", "feed/"):
        answer = client.get(old + rest)
        assert (answer.status_code, answer["Location"]) == (301, article.get_absolute_url() + rest)


def test_gone_address_with_a_query_is_gone_on_the_front_page(client, article):
    MovedAddress.objects.create(path="/?p=77")
    assert client.get("/?p=77").status_code == 410
    assert client.get("/?p=78").status_code == 200
