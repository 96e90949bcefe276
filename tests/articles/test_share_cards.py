"""What is shown of a link to a story elsewhere, and what search engines may do with it."""

import datetime

import html5lib
import pytest

from articles.models import Article, Author, Byline, Image, Topic
from articles.opened import Killed
from tests.newsroom.test_page_cache import Site

NOON = datetime.datetime(2024, 1, 5, 12, tzinfo=datetime.UTC)


def metas(answer):
    """Return what each meta element says, by its property or name; lists in their order."""
    found = {}
    for one in html5lib.parse(answer.text, namespaceHTMLElements=False).iter("meta"):
        if name := one.get("property") or one.get("name"):
            found.setdefault(name, []).append(one.get("content"))
    return found


def canonical(answer):
    page = html5lib.parse(answer.text, namespaceHTMLElements=False)
    return [one.get("href") for one in page.iter("link") if one.get("rel") == "canonical"]


@pytest.fixture
def pictured(make_article):
    image = Image.objects.create(
        alt="The weir <in> spate", credit="Jonas Falk", digest="abc",
        width=1200, height=900, widths=[480, 960, 1200],
    )  # fmt: skip
    return make_article(
        headline="Wall & water", standfirst="It came “at four”.", lead_image=image,
        published_at=NOON, updated_at=NOON + datetime.timedelta(hours=2),
    )  # fmt: skip


def test_a_story_shows_its_card_whole(client, pictured, settings):
    jo = Author.objects.create(name="Jo Lowry", slug="jo-lowry")
    Byline.objects.create(article=pictured, author=jo, position=1)
    for name in ("Flood", "Harbour"):
        pictured.topics.add(Topic.objects.create(name=name, slug=name.lower()))
    told = metas(client.get(pictured.get_absolute_url()))
    card = {name: value for name, value in told.items() if name.startswith(("og:", "article:"))}
    assert card == {
        "og:type": ["article"],
        "og:site_name": [settings.SITE_NAME],
        "og:title": ["Wall & water"],
        "og:description": ["It came “at four”."],
        "og:url": [f"http://testserver{pictured.get_absolute_url()}"],
        "og:locale": ["en_GB"],
        "og:image": [f"http://testserver{pictured.lead_image.share_url}"],
        "og:image:type": ["image/jpeg"],
        "og:image:width": ["1200"],
        "og:image:height": ["675"],
        "og:image:alt": ["The weir <in> spate"],
        "article:published_time": ["2024-01-05T12:00:00+00:00"],
        "article:modified_time": ["2024-01-05T14:00:00+00:00"],
        "article:section": ["Town"],
        "article:author": [
            "http://testserver/authors/ruth-hallam/",
            "http://testserver/authors/jo-lowry/",
        ],
        "article:tag": ["Flood", "Harbour"],
    }
    assert told["twitter:card"] == ["summary_large_image"]
    assert pictured.lead_image.share_url.endswith(".jpeg")


def test_a_story_without_a_picture_has_a_small_card(client, article):
    told = metas(client.get(article.get_absolute_url()))
    assert told["twitter:card"] == ["summary"]
    assert "og:image" not in told
    assert "article:modified_time" not in told


@pytest.mark.parametrize(
    ("site", "language", "locale"),
    [
        ("en-gb", "en", ["en_GB"]),
        ("en-gb", "de", None),
        ("en", "en", None),
        ("de", "de-at", ["de_AT"]),
    ],
)
def test_the_language_is_told_where_its_country_is_known(
    client, make_article, settings, site, language, locale
):
    settings.LANGUAGE_CODE = site
    told = metas(client.get(make_article(language=language).get_absolute_url()))
    assert told.get("og:locale") == locale


def test_a_withdrawn_story_loses_its_picture_and_its_words(client, pictured, editor):
    pictured.withdraw(editor, "It was not so.")
    answer = client.get(pictured.get_absolute_url())
    told = metas(answer)
    assert told["og:title"] == ["Withdrawn: Wall & water"]
    assert told["robots"] == ["noindex"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert not [
        name for name in told if name.startswith(("og:image", "og:description", "article:"))
    ]
    assert "at four" not in answer.text
    assert "/media/images/" not in answer.text


def test_of_a_killed_story_nothing_is_told(client, pictured):
    address = pictured.get_absolute_url()
    Article.objects.filter(pk=pictured.pk).update(status=Article.Status.KILLED)
    answer = client.get(address)
    assert answer.status_code == 410
    assert "Wall &amp; water" not in answer.text
    assert "og:title" not in metas(answer)


def test_a_preview_has_no_card(client, make_article, editor):
    draft = make_article(status=Article.Status.DRAFT, headline="Not yet")
    client.force_login(editor)
    answer = client.get(draft.preview_url)
    told = metas(answer)
    assert not [name for name in told if name.startswith(("og:", "article:", "twitter:"))]
    assert told["robots"] == ["noindex"]
    assert "ld+json" not in answer.text
    assert canonical(answer) == []


@pytest.mark.parametrize(
    ("place", "title", "kind"),
    [
        ("/", None, "website"),
        ("/sections/town/", "Town", "website"),
        ("/authors/ruth-hallam/", "Ruth Hallam", "profile"),
        ("/corrections/", "Corrections", "website"),
    ],
)
def test_lists_have_a_card_with_their_name(client, article, settings, place, title, kind):
    told = metas(client.get(place))
    assert told["og:title"] == [title or settings.SITE_NAME]
    assert told["og:type"] == [kind]
    assert told["og:url"] == [f"http://testserver{place}"]


# What search engines may do with it


def test_a_story_is_found_at_its_own_address(client, article):
    answer = client.get(article.get_absolute_url())
    assert canonical(answer) == [f"http://testserver{article.get_absolute_url()}"]
    assert "robots" not in metas(answer)
    assert "X-Robots-Tag" not in answer


def test_one_that_is_not_to_be_found_says_so_twice(client, make_article):
    answer = client.get(make_article(indexing="noindex").get_absolute_url())
    assert metas(answer)["robots"] == ["noindex"]
    assert answer["X-Robots-Tag"] == "noindex"


def test_one_that_is_not_for_news_says_so_to_those_alone(client, make_article):
    answer = client.get(make_article(indexing="noindex-news").get_absolute_url())
    told = metas(answer)
    assert told["Googlebot-News"] == ["noindex"]
    assert "robots" not in told
    assert "X-Robots-Tag" not in answer


def test_one_that_is_to_be_found_at_its_source_leads_there(client, make_article):
    source = "https://lantern.example/river?a=1&b=2"
    article = make_article(indexing="elsewhere", source_outlet="The Lantern", source_url=source)
    answer = client.get(article.get_absolute_url())
    assert canonical(answer) == [source]
    assert metas(answer)["og:url"] == [f"http://testserver{article.get_absolute_url()}"]


def test_kept_pages_keep_what_search_engines_are_told(settings, make_article):
    settings.PAGE_CACHE_BYTES = 4_000_000
    site = Site()
    address = make_article(indexing="noindex").get_absolute_url()
    for _ in range(2):
        assert site.get(address)["X-Robots-Tag"] == "noindex"
    assert site.made == 1


def test_a_killed_story_is_refused_before_anything_is_read(pictured):
    from articles import opened

    Article.objects.filter(pk=pictured.pk).update(status=Article.Status.KILLED)
    day = pictured.published_on
    with pytest.raises(Killed):
        opened.story(f"{day:%Y}", f"{day:%m}", f"{day:%d}", pictured.slug)
