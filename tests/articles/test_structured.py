"""What machines read of a story says what people read on its page, field by field."""

import datetime
import json

import html5lib
import pytest
from django.utils import timezone

from articles import structured
from articles.models import Article, Author, Byline, Image, Policy, Series, Topic

NOON = datetime.datetime(2024, 1, 5, 12, tzinfo=datetime.UTC)


class Read:
    """A page as a parser reads it, and the one piece of JSON-LD on it."""

    def __init__(self, client, address):
        answer = client.get(address)
        assert answer.status_code == 200
        self.page = html5lib.parse(answer.text, namespaceHTMLElements=False)
        scripts = self.all("script", type="application/ld+json")
        assert len(scripts) <= 1
        self.data = json.loads(scripts[0].text) if scripts else None

    def all(self, tag, **attributes):
        return [
            one
            for one in self.page.iter(tag)
            if all(
                value in one.get(name, "").split() if name == "class" else one.get(name) == value
                for name, value in attributes.items()
            )
        ]

    def one(self, tag, of_class=""):
        found = self.all(tag, **({"class": of_class} if of_class else {}))
        assert len(found) == 1, (tag, of_class, found)
        return found[0]

    def times(self, element):
        return [
            datetime.datetime.fromisoformat(one.get("datetime")) for one in element.iter("time")
        ]


def words(element):
    return " ".join("".join(element.itertext()).split())


@pytest.fixture
def picture(db):
    return Image.objects.create(
        alt="The weir", caption="The weir at noon.", credit="Jonas Falk", agency="Estuary Press",
        creator="Jonas Falk", copyright_notice="© Jonas Falk", digest="abc",
        licence_url="https://example.org/licence", acquire_licence_url="https://example.org/buy",
        width=1200, height=900, widths=[480, 960, 1200],
    )  # fmt: skip


def test_a_plain_story_is_told_as_it_stands_on_the_page(client, make_article, picture, settings):
    article = make_article(
        headline="The <river> & the floor", standfirst="It came at four.", lead_image=picture,
        published_at=NOON, updated_at=NOON + datetime.timedelta(hours=3), dateline="PELLWORTH",
    )  # fmt: skip
    article.topics.add(Topic.objects.create(name="Flood", slug="flood"))
    read = Read(client, article.get_absolute_url())
    data = read.data
    address = f"http://testserver{article.get_absolute_url()}"
    (canonical,) = read.all("link", rel="canonical")
    assert (
        data["@id"] == data["mainEntityOfPage"] == data["url"] == canonical.get("href") == address
    )
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == words(read.one("h1"))
    assert data["description"] == words(read.one("p", "standfirst"))
    assert data["articleSection"] == words(read.one("p", "label"))
    assert data["dateline"] == words(read.one("span", "dateline"))
    assert data["locationCreated"] == {"@type": "Place", "name": data["dateline"]}
    assert f"Topics: {data['keywords'][0]}" == words(read.one("p", "topics"))
    published, updated = read.times(read.one("p", "posted"))
    assert datetime.datetime.fromisoformat(data["datePublished"]) == published == NOON
    assert datetime.datetime.fromisoformat(data["dateModified"]) == updated
    assert updated == NOON + datetime.timedelta(hours=3)
    assert data["publisher"] == {
        "@type": "NewsMediaOrganization",
        "@id": "http://testserver/#publisher",
        "name": settings.SITE_NAME,
        "url": "http://testserver/",
        "logo": "http://testserver/static/img/icon.svg",
    }
    for absent in ("isBasedOn", "correction", "isPartOf"):
        assert absent not in data


def test_dates_carry_their_offset(client, make_article, settings):
    settings.TIME_ZONE = "America/New_York"
    with timezone.override("America/New_York"):
        data = Read(client, make_article(published_at=NOON).get_absolute_url()).data
    assert data["datePublished"] == data["dateModified"] == "2024-01-05T07:00:00-05:00"


def test_names_are_people_with_a_page_each_and_nothing_but_the_name(client, make_article):
    article = make_article(author_name="Ruth Hallam")
    guest = Author.objects.create(name="Nora Castell", slug="nora", outlet="The Lantern")
    Byline.objects.create(article=article, author=guest, position=1)
    photographer = Author.objects.create(name="Jonas Falk", slug="jonas")
    Byline.objects.create(article=article, author=photographer, position=2, role="photographs")
    read = Read(client, article.get_absolute_url())
    shown = [
        (words(one), f"http://testserver{one.get('href')}") for one in read.all("a", rel="author")
    ]
    assert [(one["name"], one["url"]) for one in read.data["author"]] == shown
    assert {one["@type"] for one in read.data["author"]} == {"Person"}
    assert [one.get("affiliation", {}).get("name") for one in read.data["author"]] == [
        None, "The Lantern", None,
    ]  # fmt: skip
    assert words(read.one("p", "byline")).startswith(
        "By Ruth Hallam, Nora Castell and Jonas Falk (photographs), The Lantern"
    )
    for _, address in shown:
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("label", Article.Label.values)
def test_the_label_above_the_headline_is_the_type(client, make_article, label):
    read = Read(client, make_article(label=label).get_absolute_url())
    expected = {
        "news": ("NewsArticle", "Town"),
        "opinion": ("OpinionNewsArticle", "Opinion · Town"),
        "analysis": ("AnalysisNewsArticle", "Analysis · Town"),
        "background": ("BackgroundNewsArticle", "Background · Town"),
        "sponsored": ("AdvertiserContentArticle", "Sponsored · Town"),
        "letter": ("OpinionNewsArticle", "Letters · Town"),
    }
    assert (read.data["@type"], words(read.one("p", "label"))) == expected[label]


def test_a_republished_story_names_its_source_and_keeps_the_dates_apart(client, make_article):
    article = make_article(
        published_at=NOON, source_outlet="The Lantern", source_url="https://lantern.example/river",
        source_outlet_url="https://lantern.example/", originally_published="2024-01-04",
    )  # fmt: skip
    read = Read(client, article.get_absolute_url())
    source = read.data["isBasedOn"]
    line = read.one("p", "source")
    assert source["url"] == line.find("a").get("href")
    assert source["publisher"] == {
        "@type": "Organization", "name": words(line.find("a")), "url": "https://lantern.example/",
    }  # fmt: skip
    assert source["datePublished"] == line.find("time").get("datetime") == "2024-01-04"
    (published,) = read.times(read.one("p", "posted"))
    assert datetime.datetime.fromisoformat(read.data["datePublished"]) == published == NOON


def test_a_source_that_the_page_does_not_name_is_not_told(client, make_article):
    article = make_article(source_url="https://lantern.example/river")
    assert "isBasedOn" not in Read(client, article.get_absolute_url()).data


def test_corrections_are_told_in_their_words_and_an_update_is_none(client, make_article, editor):
    article = make_article(published_at=NOON)
    article.correct(editor, "correction", "It is the Ard, not the Orr.")
    article.correct(editor, "update", "The mayor has answered.")
    read = Read(client, article.get_absolute_url())
    (told,) = read.data["correction"]
    first = article.corrections.earliest("at")
    (shown,) = read.all("p", id=f"correction-{first.pk}")
    assert told["@type"] == "CorrectionComment"
    assert words(shown).startswith(f"{told['name']}, ")
    assert words(shown).endswith(told["text"])
    (at,) = read.times(shown)
    assert datetime.datetime.fromisoformat(told["datePublished"]) == at
    assert datetime.datetime.fromisoformat(read.data["dateModified"]) >= at


def test_a_part_of_a_series_says_so(client, make_article):
    series = Series.objects.create(name="A year of rain", slug="a-year-of-rain")
    article = make_article(series=series, series_position=2)
    data = Read(client, article.get_absolute_url()).data
    assert data["isPartOf"] == {
        "@type": "CreativeWorkSeries",
        "name": "A year of rain",
        "url": "http://testserver/series/a-year-of-rain/",
    }
    assert data["position"] == 2


def test_the_picture_comes_with_its_words_in_every_shape(client, make_article, picture):
    article = make_article(lead_image=picture)
    read = Read(client, article.get_absolute_url())
    caption = words(read.one("figcaption"))
    sizes = [(one["width"], one["height"]) for one in read.data["image"]]
    assert sizes == [(1200, 675), (1200, 900), (900, 900)]
    for shape in read.data["image"]:
        assert shape["@type"] == "ImageObject"
        assert shape["url"] == shape["contentUrl"]
        assert shape["url"].startswith("http://testserver/media/images/")
        assert caption == f"{shape['caption']} {shape['creditText']}"
        assert shape["creator"]["name"] == "Jonas Falk"
        assert shape["copyrightNotice"] == "© Jonas Falk"
        assert shape["license"] == "https://example.org/licence"
        assert shape["acquireLicensePage"] == "https://example.org/buy"


def test_a_picture_without_a_file_is_not_told(client, make_article, picture):
    picture.digest = ""
    picture.save()
    assert "image" not in Read(client, make_article(lead_image=picture).get_absolute_url()).data


def test_the_comments_are_counted_as_the_page_counts_them(client, make_comment):
    comment = make_comment()
    make_comment(article=comment.article)
    read = Read(client, comment.article.get_absolute_url())
    assert read.data["commentCount"] == 2
    assert read.data["discussionUrl"].endswith(f"{comment.article.get_absolute_url()}#comments")
    assert words(read.all("h2", id="comments")[0]).startswith("2 comments")


def test_hidden_comments_are_not_counted(client, make_article):
    article = make_article(comment_policy="hidden", comment_count=3)
    data = Read(client, article.get_absolute_url()).data
    assert "commentCount" not in data
    assert "discussionUrl" not in data


def test_a_withdrawn_story_is_not_told_at_all(client, make_article, editor, picture):
    article = make_article(lead_image=picture)
    article.withdraw(editor, "It was not so.")
    assert Read(client, article.get_absolute_url()).data is None


def test_a_standing_page_is_no_news(client, make_article):
    page = make_article(kind="page", slug="imprint", section=None, headline="Imprint")
    read = Read(client, page.get_absolute_url())
    assert read.data["@type"] == "WebPage"
    assert read.data["headline"] == words(read.one("h1"))
    assert not {"datePublished", "author", "articleSection"} & set(read.data)


def test_no_headline_ends_the_script(client, make_article):
    article = make_article(headline="</script><script>alert(1)</script><!-- &amp; ]]>")
    assert Read(client, article.get_absolute_url()).data["headline"] == article.headline


def test_the_front_page_names_the_paper_and_only_the_policies_there_are(client, article, settings):
    data = Read(client, "/").data
    assert data["@type"] == "NewsMediaOrganization"
    assert data["@id"] == "http://testserver/#publisher"
    assert data["name"] == settings.SITE_NAME
    assert not set(structured.POLICIES.values()) & set(data)
    for kind in ("corrections", "fact-checking"):
        Policy(kind=kind, body="<p>So we do it.</p>").save_edit(None, None)
    told = set(structured.POLICIES.values())
    read = Read(client, "/")
    assert {name: read.data[name] for name in told & set(read.data)} == {
        "correctionsPolicy": "http://testserver/about/corrections/",
        "verificationFactCheckingPolicy": "http://testserver/about/fact-checking/",
    }
    for address in ("/about/", "/about/corrections/"):
        assert Read(client, address).data == read.data


def test_every_policy_has_its_property():
    assert set(structured.POLICIES) == set(Policy.Kind)
