"""Sitemaps and robots.txt: everything readers may open, and nothing else."""

import datetime

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from articles import sitemaps
from articles.models import Article, Policy, Section, Series, Topic

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/xml")
    assert not answer.cookies
    return ElementTree.fromstring(answer.content)


def addresses(client, address):
    root = read(client, address)
    return [one.text.removeprefix("http://testserver") for one in root.iter(f"{MAP}loc")]


def everything(client):
    return [loc for part in addresses(client, "/sitemap.xml") for loc in addresses(client, part)]


def hide(make_article):
    later = timezone.now() + datetime.timedelta(days=1)
    secret = Topic.objects.create(name="Secret", slug="secret")
    for fields in (
        {"status": Article.Status.DRAFT},
        {"status": Article.Status.SCHEDULED, "published_at": later},
        {"status": Article.Status.WITHDRAWN, "withdrawal_notice": "Gone."},
    ):
        make_article(author_name="Hidden Hand", **fields).topics.add(secret)


def test_sitemap_names_every_readable_page_and_no_other(client, make_article):
    article = make_article()
    article.topics.add(Topic.objects.create(name="Flood", slug="flood"))
    page = make_article(kind=Article.Kind.PAGE, slug="about", section=None, author_name="Import")
    hide(make_article)
    assert sorted(everything(client)) == sorted([
        "/", "/corrections/", "/sections/town/", "/topics/flood/", "/authors/ruth-hallam/",
        page.get_absolute_url(), article.get_absolute_url(),
    ])  # fmt: skip
    for address in everything(client):
        if address != page.get_absolute_url() and address != article.get_absolute_url():
            assert client.get(address).status_code == 200


def test_series_and_policies_are_named_once_there_is_something(client, make_article):
    rain = Series.objects.create(name="Rain", slug="rain")
    Series.objects.create(name="Nothing yet", slug="nothing-yet")
    assert "/about/" not in everything(client)
    make_article(series=rain)
    Policy(kind="ethics", body="<p>We take no gifts.</p>").save_edit(None, None)
    listed = everything(client)
    assert {"/series/rain/", "/about/", "/about/ethics/"} <= set(listed)
    assert "/series/nothing-yet/" not in listed


@pytest.mark.parametrize(
    ("indexing", "in_sitemap", "in_news"),
    [("self", 1, 1), ("noindex-news", 1, 0), ("noindex", 0, 0), ("elsewhere", 0, 0)],
)
def test_what_is_not_to_be_found_is_in_no_sitemap(
    client, make_article, indexing, in_sitemap, in_news
):
    story = make_article(indexing=indexing, source_url="https://lantern.example/river")
    page = make_article(kind="page", slug="imprint", section=None, indexing=indexing)
    listed = everything(client)
    assert listed.count(story.get_absolute_url()) == in_sitemap
    assert listed.count(page.get_absolute_url()) == in_sitemap
    assert len(read(client, "/news-sitemap.xml")) == in_news


def test_what_was_taken_away_is_in_no_sitemap(client, make_article):
    now = timezone.now()
    yesterday = now - datetime.timedelta(days=1)
    ended = {"published_at": yesterday, "expires_at": now - datetime.timedelta(minutes=1)}
    for kind in ("story", "page"):
        section = {"section": None} if kind == "page" else {}
        make_article(kind=kind, slug=f"{kind}-ended", **section, **ended)
        make_article(kind=kind, slug=f"{kind}-killed", status="killed", **section)
        make_article(kind=kind, slug=f"{kind}-gone", status="withdrawn", **section)
    assert sorted(everything(client)) == ["/", "/corrections/", "/sections/town/"]
    assert len(read(client, "/news-sitemap.xml")) == 0


def test_parts_hold_every_story_once(client, make_article, monkeypatch):
    monkeypatch.setattr(sitemaps, "PER_PART", 3)
    stories = [make_article() for _ in range(8)]
    listed = everything(client)
    for story in stories:
        assert listed.count(story.get_absolute_url()) == 1


def test_lastmod_is_the_change_that_matters_to_readers(client, make_article):
    at = datetime.datetime(2024, 1, 5, 12, tzinfo=datetime.UTC)
    make_article(published_at=at, updated_at=at + datetime.timedelta(hours=1))
    part = addresses(client, "/sitemap.xml")[-1]
    assert read(client, part).find(f".//{MAP}lastmod").text == "2024-01-05T13:00:00+00:00"


@pytest.mark.parametrize("number", ["", "-", "-x", "-٣", "-1e9", "-9999999999", "x"])
def test_unknown_part_is_not_found(client, db, number):
    assert client.get(f"/sitemap-stories{number}.xml").status_code == 404


def test_part_costs_one_query(client, make_article, django_assert_num_queries):
    for _ in range(2):
        for _ in range(5):
            make_article()
        with django_assert_num_queries(1):
            client.get("/sitemap.xml")
        with django_assert_num_queries(1):
            client.get("/news-sitemap.xml")
        part = addresses(client, "/sitemap.xml")[-1]
        with django_assert_num_queries(1):
            client.get(part)


def test_news_sitemap_holds_the_last_two_days(client, make_article, settings):
    make_article(headline="Old", published_at=timezone.now() - datetime.timedelta(days=2, hours=1))
    story = make_article(headline="Fresh & new\ufffe")
    hide(make_article)
    root = read(client, "/news-sitemap.xml")
    assert len(root) == 1
    news = root.find(f"{MAP}url/{NEWS}news")
    assert root.findtext(f"{MAP}url/{MAP}loc") == f"http://testserver{story.get_absolute_url()}"
    assert news.findtext(f"{NEWS}publication/{NEWS}name") == settings.SITE_NAME
    assert news.findtext(f"{NEWS}publication/{NEWS}language") == "en"
    assert news.findtext(f"{NEWS}title") == "Fresh & new"
    moment = datetime.datetime.fromisoformat(news.findtext(f"{NEWS}publication_date"))
    assert abs(moment - story.published_at) < datetime.timedelta(seconds=1)


def test_news_sitemap_may_be_empty_and_is_bounded(client, make_article, monkeypatch):
    assert len(read(client, "/news-sitemap.xml")) == 0
    monkeypatch.setattr(sitemaps, "NEWS_LIMIT", 2)
    for _ in range(3):
        make_article()
    assert len(read(client, "/news-sitemap.xml")) == 2


def test_news_sitemap_names_the_newest_where_there_are_too_many(client, make_article, monkeypatch):
    monkeypatch.setattr(sitemaps, "NEWS_LIMIT", 1)
    now = timezone.now()
    for hours in (5, 1, 3):
        published = now - datetime.timedelta(hours=hours)
        make_article(headline=f"{hours} hours ago", published_at=published)
    titles = [one.text for one in read(client, "/news-sitemap.xml").iter(f"{NEWS}title")]
    assert titles == ["1 hours ago"]
    assert sitemaps.NEWS_WITHIN.days == 2


def test_nothing_but_what_news_sitemaps_know_is_in_one(client, make_article):
    make_article(headline="A < b & “c” ]]> \U0001f30a", language="de")
    (url,) = read(client, "/news-sitemap.xml")
    tags = [one.tag for one in url.iter()]
    names = ["news", "publication", "name", "language", "publication_date", "title"]
    assert tags == [f"{MAP}url", f"{MAP}loc", *(f"{NEWS}{name}" for name in names)]
    assert url.findtext(f".//{NEWS}language") == "de"
    assert url.findtext(f".//{NEWS}title") == "A < b & “c” ]]> \U0001f30a"


def test_robots_names_both_sitemaps_and_keeps_crawlers_off_the_desk(client, db):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"].startswith("text/plain")
    for line in (
        "Sitemap: http://testserver/sitemap.xml",
        "Sitemap: http://testserver/news-sitemap.xml",
        "Disallow: /admin/",
        "Disallow: /search/",
    ):
        assert line in answer.text.splitlines()


def test_section_without_stories_is_still_named(client, db):
    Section.objects.create(name="Sport", slug="sport")
    assert "/sections/sport/" in everything(client)
