"""Feeds: well formed whatever was written, stable for readers' programs, silent on the hidden."""

import datetime
import json
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from defusedxml import ElementTree
from django.utils import timezone

from articles.feeds import ENTRIES
from articles.models import Article, Author, Byline, Correction, Image, Series, Topic

ATOM = "{http://www.w3.org/2005/Atom}"
NOON = datetime.datetime(2024, 1, 5, 12, tzinfo=datetime.UTC)
PLACES = ["/", "/sections/town/", "/topics/flood/", "/authors/ruth-hallam/", "/series/rain/"]
FORMS = ["feed/", "feed/atom/", "feed.json"]


@pytest.fixture
def publish(make_article):
    topic = []

    def make(**fields):
        series, _ = Series.objects.get_or_create(name="Rain", slug="rain")
        article = make_article(**{"published_at": NOON, "series": series} | fields)
        topic or topic.append(Topic.objects.create(name="Flood", slug="flood"))
        article.topics.add(topic[0])
        return article

    return make


def rss(client, place="/"):
    answer = client.get(f"{place}feed/")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/rss+xml")
    return ElementTree.fromstring(answer.content).find("channel")


def atom(client, place="/"):
    answer = client.get(f"{place}feed/atom/")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content)


def json_feed(client, place="/"):
    answer = client.get(f"{place}feed.json")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/feed+json")
    return json.loads(answer.content)


def titles(client, place="/"):
    """Return the titles in the three feeds of a place, which must be the same."""
    first = [one.text for one in rss(client, place).iterfind("item/title")]
    assert [one.text for one in atom(client, place).iterfind(f"{ATOM}entry/{ATOM}title")] == first
    assert [one["title"] for one in json_feed(client, place)["items"]] == first
    return first


@pytest.mark.parametrize("place", PLACES)
def test_feed_lists_newest_first_and_nothing_hidden(client, publish, place):
    publish(headline="First")
    publish(headline="Second", published_at=NOON + datetime.timedelta(hours=1))
    later = timezone.now() + datetime.timedelta(days=1)
    publish(headline="Draft", status=Article.Status.DRAFT, published_at=None)
    publish(headline="Soon", status=Article.Status.SCHEDULED, published_at=later)
    publish(headline="Gone", status=Article.Status.WITHDRAWN, withdrawal_notice="Gone.")
    assert titles(client, place) == ["Second", "First"]


@pytest.mark.parametrize("place", PLACES[1:])
def test_feed_leaves_other_stories_out(client, publish, make_article, place):
    from articles.models import Section

    publish(headline="Here")
    sport = Section.objects.create(name="Sport", slug="sport")
    make_article(headline="Elsewhere", section=sport, author_name="Jo Lowry")
    assert titles(client, place) == ["Here"]


def test_rss_tells_a_story_whole(client, publish):
    image = Image.objects.create(alt="x", digest="abc", width=960, height=640, widths=[480, 960])
    article = publish(
        headline="Wall & water",
        standfirst="It rose <fast>.",
        body="<p>At four.</p><p>At five.</p>",
        label="opinion",
        lead_image=image,
        comment_count=3,
    )
    jo = Author.objects.create(name="Jo Lowry", slug="jo-lowry")
    Byline.objects.create(article=article, author=jo, position=1)
    channel = rss(client)
    item = channel.find("item")
    address = f"http://testserver{article.get_absolute_url()}"
    assert channel.findtext("link") == "http://testserver/"
    assert channel.find(f"{ATOM}link").attrib["href"] == "http://testserver/feed/"
    assert item.findtext("title") == "Wall & water"
    assert item.findtext("link") == address
    assert item.findtext("comments") == f"{address}#comments"
    assert item.findtext("description") == (
        "<p>It rose &lt;fast&gt;.</p>\n<p>At four.</p>\n<p>At five.</p>"
    )
    assert parsedate_to_datetime(item.findtext("pubDate")) == NOON
    creators = item.iterfind("{http://purl.org/dc/elements/1.1/}creator")
    assert [one.text for one in creators] == ["Ruth Hallam", "Jo Lowry"]
    assert [one.text for one in item.iterfind("category")] == ["Town", "Opinion", "Flood"]
    assert item.find("enclosure").attrib == {
        "url": f"http://testserver{image.largest_url}", "length": "0", "type": "image/jpeg"
    }  # fmt: skip


def test_atom_tells_a_story_whole(client, publish):
    article = publish(updated_at=NOON + datetime.timedelta(hours=2))
    feed = atom(client, "/sections/town/")
    entry = feed.find(f"{ATOM}entry")
    links = {one.attrib["rel"]: one.attrib["href"] for one in feed.iterfind(f"{ATOM}link")}
    assert links == {
        "alternate": "http://testserver/sections/town/",
        "self": "http://testserver/sections/town/feed/atom/",
    }
    links = {one.attrib["rel"]: one.attrib["href"] for one in entry.iterfind(f"{ATOM}link")}
    assert links["alternate"] == f"http://testserver{article.get_absolute_url()}"
    assert entry.findtext(f"{ATOM}published") == "2024-01-05T12:00:00+00:00"
    assert entry.findtext(f"{ATOM}updated") == "2024-01-05T14:00:00+00:00"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ruth Hallam"
    author = "http://testserver/authors/ruth-hallam/"
    assert entry.findtext(f"{ATOM}author/{ATOM}uri") == author


def test_json_feed_follows_version_1_1(client, publish):
    article = publish(standfirst="It rose.")
    feed = json_feed(client, "/authors/ruth-hallam/")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "http://testserver/authors/ruth-hallam/feed.json"
    assert feed["home_page_url"] == "http://testserver/authors/ruth-hallam/"
    item = feed["items"][0]
    assert isinstance(item["id"], str)
    assert item["url"] == f"http://testserver{article.get_absolute_url()}"
    assert item["content_html"].startswith("<p>It rose.</p>")
    assert item["date_published"] == "2024-01-05T12:00:00+00:00"
    author = {"name": "Ruth Hallam", "url": "http://testserver/authors/ruth-hallam/"}
    assert item["authors"] == [author]
    assert item["tags"] == ["Town", "Flood"]


def test_id_is_the_same_in_all_feeds_and_after_edits(client, publish):
    article = publish()

    def ids():
        return {
            rss(client).findtext("item/guid"),
            atom(client).findtext(f"{ATOM}entry/{ATOM}id"),
            json_feed(client)["items"][0]["id"],
        }

    before = ids()
    assert len(before) == 1
    Article.objects.filter(pk=article.pk).update(headline="Another", slug="another")
    assert ids() == before
    assert rss(client).find("item/guid").attrib == {"isPermaLink": "false"}


@pytest.mark.parametrize(
    "dirt", ["\x00", "\x01\x08\x0b\x1f", "\ufffe\uffff", "]]>", "&#0;", "\U0001f30a"]
)
def test_no_character_breaks_a_feed(client, publish, dirt):
    stored = dirt.replace("\x00", "")  # which neither database takes
    article = publish(headline=f"Wall{stored}", standfirst=f"It{stored} rose")
    Author.objects.update(name=f"Ruth{stored}")
    Topic.objects.update(name=f"Flood{stored}")
    Article.objects.filter(pk=article.pk).update(body=f"<p>The{stored} text</p>")
    Correction.objects.create(article=article, text=f"Put{stored} right.")
    for place in PLACES:
        assert len(titles(client, place)) == 1
    assert "right." in rss(client, "/corrections/").findtext("item/description")


def test_corrections_feed_names_the_story(client, publish):
    article = publish(headline="The wall")
    Correction.objects.create(article=article, text="It is 340 metres.")
    hidden = publish(status=Article.Status.WITHDRAWN, withdrawal_notice="Gone.")
    Correction.objects.create(article=hidden, text="Hidden with its story.")
    assert titles(client, "/corrections/") == ["Correction: The wall"]
    channel = rss(client, "/corrections/")
    assert "It is 340 metres." in channel.findtext("item/description")
    link, _, anchor = channel.findtext("item/link").partition("#")
    assert link == f"http://testserver{article.get_absolute_url()}"
    assert f'id="{anchor}"' in client.get(article.get_absolute_url()).text


@pytest.mark.parametrize("suffix", FORMS)
def test_feed_answers_304_until_it_changes(client, publish, suffix):
    article = publish()
    answer = client.get(f"/{suffix}")
    assert not answer.cookies
    assert "Last-Modified" not in answer
    known = {"If-None-Match": answer["ETag"]}
    assert client.get(f"/{suffix}", headers=known).status_code == 304
    article.withdraw(by=None, notice="We were wrong.")
    again = client.get(f"/{suffix}", headers=known)
    assert again.status_code == 200
    assert article.headline not in again.text


@pytest.mark.parametrize("suffix", FORMS)
def test_feed_of_what_is_not_there_is_not_found(client, make_article, suffix):
    article = make_article(status=Article.Status.DRAFT, author_name="Nobody Yet")
    article.topics.add(Topic.objects.create(name="Secret", slug="secret"))
    for place in ("sections/none", "topics/none", "topics/secret", "authors/nobody-yet"):
        assert client.get(f"/{place}/{suffix}").status_code == 404


@pytest.mark.parametrize("place", PLACES)
def test_feed_costs_the_same_for_few_and_many(client, publish, place, django_assert_num_queries):
    publish()
    expected = 3 if place == "/" else 4
    for _ in range(2):
        for suffix in FORMS:
            with django_assert_num_queries(expected):
                client.get(f"{place}{suffix}")
        for _ in range(ENTRIES + 5):
            publish()
    assert len(titles(client, place)) == ENTRIES


def test_every_page_announces_its_feeds(client, publish):
    publish()
    for place in PLACES:
        page = client.get(place).text
        for suffix in FORMS:
            assert f'href="{place}{suffix}"' in page


# As readers' programs read them: the same with feedparser, which is none of ours.


def parsed(client, address):
    answer = client.get(address)
    found = feedparser.parse(
        answer.content, response_headers={"content-type": answer["Content-Type"]}
    )
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize("place", [*PLACES, "/corrections/"])
@pytest.mark.parametrize(("suffix", "version"), [("feed/", "rss20"), ("feed/atom/", "atom10")])
def test_a_program_reads_every_entry_whole(client, publish, place, suffix, version):
    for number in range(3):
        article = publish(
            headline=f"Wall & <water> {number} \U0001f30a ]]>", standfirst="It “rose”.",
            label="opinion",
        )  # fmt: skip
        Correction.objects.create(article=article, text="It is the Ard.", at=NOON)
    found = parsed(client, f"{place}{suffix}")
    assert found.version == version
    assert found.feed.title
    assert found.feed.link == f"http://testserver{place}"
    assert found.feed.language == "en-gb"
    (mine,) = [one.href for one in found.feed.links if one.rel == "self"]
    assert mine == f"http://testserver{place}{suffix}"
    assert len(found.entries) == 3
    assert len({entry.id for entry in found.entries}) == 3
    for entry in found.entries:
        assert "\U0001f30a ]]>" in entry.title
        assert entry.link.startswith("http://testserver/2024/01/05/")
        assert entry.published_parsed[:5] == (2024, 1, 5, 12, 0)
        assert entry.summary
        if place != "/corrections/":
            assert [one.name for one in entry.authors] == ["Ruth Hallam"]
            assert {"Town", "Opinion", "Flood"} == {one.term for one in entry.tags}


@pytest.mark.parametrize("place", [*PLACES, "/corrections/"])
def test_atom_has_all_that_rfc_4287_asks_for(client, publish, place):
    """Sections 4.1.1 and 4.1.2: id, title and updated, each once, and somebody who wrote it."""
    Correction.objects.create(article=publish(), text="It is the Ard.")
    publish()
    feed = atom(client, place)
    entries = feed.findall(f"{ATOM}entry")
    assert entries
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            (one,) = element.findall(f"{ATOM}{name}")
            assert one.text
        assert datetime.datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo
        links = [one for one in element.iterfind(f"{ATOM}link") if one.get("rel") == "alternate"]
        assert len(links) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    ids = [one.findtext(f"{ATOM}id") for one in (feed, *entries)]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("tag:") for one in ids)


@pytest.mark.parametrize("place", [*PLACES, "/corrections/"])
def test_rss_has_all_that_its_specification_asks_for(client, publish, place):
    """RSS 2.0: title, link, description of the channel; a date of RFC 822, one guid per item."""
    Correction.objects.create(article=publish(), text="It is the Ard.")
    channel = rss(client, place)
    for name in ("title", "link", "description"):
        assert channel.findtext(name) is not None
    assert parsedate_to_datetime(channel.findtext("lastBuildDate")).tzinfo
    for item in channel.iterfind("item"):
        assert item.findtext("title")
        (guid,) = item.findall("guid")
        assert guid.get("isPermaLink") == "false"
        assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo


@pytest.mark.parametrize("place", [*PLACES, "/corrections/"])
def test_json_feed_has_all_that_its_specification_asks_for(client, publish, place):
    Correction.objects.create(article=publish(), text="It is the Ard.")
    feed = json_feed(client, place)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    assert feed["items"]
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["content_html"]
        for name in ("date_published", "date_modified"):
            assert datetime.datetime.fromisoformat(item[name]).tzinfo


@pytest.mark.parametrize("suffix", FORMS)
def test_a_feed_without_entries_is_whole_and_stays_the_same(client, section, suffix):
    first = client.get(f"/sections/town/{suffix}")
    assert first.status_code == 200
    again = client.get(f"/sections/town/{suffix}", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert client.get(f"/corrections/{suffix}").status_code == 200


def test_updated_moves_with_what_matters_to_readers_alone(client, publish, editor):
    article = publish()

    def updated():
        return atom(client).findtext(f"{ATOM}entry/{ATOM}updated")

    before = updated()
    Article.objects.filter(pk=article.pk).update(headline="A comma", slug="a-comma")
    article.renew_pages()
    assert updated() == before == "2024-01-05T12:00:00+00:00"
    article.correct(editor, "correction", "It is the Ard.")
    assert updated() > before


@pytest.mark.parametrize("indexing", Article.Indexing.values)
def test_what_search_engines_may_not_find_subscribers_may(client, publish, indexing):
    publish(headline="Ours too", indexing=indexing, source_url="https://lantern.example/river")
    for place in PLACES:
        assert titles(client, place) == ["Ours too"]


def test_corrections_announce_their_feeds(client, db):
    page = client.get("/corrections/").text
    for suffix in FORMS:
        assert f'href="/corrections/{suffix}"' in page


@pytest.mark.parametrize("suffix", FORMS)
def test_corrections_cost_the_same_for_few_and_many(
    client, publish, suffix, django_assert_num_queries
):
    for _ in range(2):
        for _ in range(5):
            Correction.objects.create(article=publish(), text="It is the Ard.")
        with django_assert_num_queries(1):
            client.get(f"/corrections/{suffix}")
