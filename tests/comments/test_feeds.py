"""Feeds of what readers say: of the whole paper and of one story, in three forms."""

import datetime
import json

import feedparser
import pytest
from defusedxml import ElementTree
from django.utils import timezone

from articles.models import Article
from comments.feeds import ITEMS
from comments.models import Comment

ATOM = "{http://www.w3.org/2005/Atom}"
FORMS = ["feed/", "feed/atom/", "feed.json"]


def said(client, base):
    """Return the texts in the three feeds of a place, which must be the same."""
    channel = ElementTree.fromstring(client.get(f"{base}feed/").content).find("channel")
    first = [one.text for one in channel.iterfind("item/description")]
    feed = ElementTree.fromstring(client.get(f"{base}feed/atom/").content)
    assert [one.text for one in feed.iterfind(f"{ATOM}entry/{ATOM}summary")] == first
    items = json.loads(client.get(f"{base}feed.json").content)["items"]
    assert [one["content_html"] for one in items] == first
    return first


def test_newest_comes_first_and_of_one_story_only_its_own(client, make_article, make_comment):
    one, other = make_article(), make_article()
    make_comment(article=one, body="The first.")
    make_comment(article=other, body="The second.")
    assert said(client, "/comments/") == ["<p>The second.</p>", "<p>The first.</p>"]
    assert said(client, one.get_absolute_url()) == ["<p>The first.</p>"]


@pytest.mark.parametrize("suffix", FORMS)
def test_nothing_hidden_is_in_one(client, make_article, make_comment, suffix):
    article = make_article()
    make_comment(article=article, body="Shown to all.")
    for status in (Comment.Status.PENDING, Comment.Status.REJECTED, Comment.Status.SPAM):
        make_comment(article=article, status=status, body="Hidden from all.")
    ended = make_article(expires_at=timezone.now() - datetime.timedelta(minutes=5))
    hidden = make_article(comment_policy="hidden")
    for other in (ended, hidden):
        make_comment(article=other, body="Hidden from all.")
        assert client.get(f"{other.get_absolute_url()}{suffix}").status_code == 404
    for base in ("/comments/", article.get_absolute_url()):
        answer = client.get(f"{base}{suffix}").text
        assert "Shown to all." in answer
        assert "Hidden from all." not in answer


@pytest.mark.parametrize("suffix", FORMS)
def test_of_a_withdrawn_story_there_is_none_and_a_killed_one_is_gone(
    client, make_article, make_comment, editor, suffix
):
    article = make_article()
    make_comment(article=article)
    address = f"{article.get_absolute_url()}{suffix}"
    assert client.get(address).status_code == 200
    article.withdraw(editor, "It was not so.")
    assert client.get(address).status_code == 404
    Article.objects.filter(pk=article.pk).update(status=Article.Status.KILLED)
    assert client.get(address).status_code == 410


@pytest.mark.parametrize(("suffix", "version"), [("feed/", "rss20"), ("feed/atom/", "atom10")])
def test_a_program_reads_every_entry_whole(client, make_article, make_comment, suffix, version):
    article = make_article(headline="Wall & <water> ]]>")
    for number in range(3):
        make_comment(article=article, body=f"I saw it & <b>you</b>? {number} \U0001f30a ]]>")
    for base in ("/comments/", article.get_absolute_url()):
        answer = client.get(f"{base}{suffix}")
        headers = {"content-type": answer["Content-Type"]}
        found = feedparser.parse(answer.content, response_headers=headers)
        assert not found.bozo
        assert found.version == version
        assert len({entry.id for entry in found.entries}) == 3
        for entry in found.entries:
            assert "“Wall & <water> ]]>”" in entry.title
            assert "\U0001f30a ]]&gt;" in entry.summary
            assert entry.link.startswith("http://testserver/comments/")
            assert entry.author
            assert entry.published_parsed


def test_an_id_outlives_an_edit_and_updated_tells_of_it(client, make_comment):
    comment = make_comment()

    def entry():
        feed = ElementTree.fromstring(client.get("/comments/feed/atom/").content)
        one = feed.find(f"{ATOM}entry")
        return one.findtext(f"{ATOM}id"), one.findtext(f"{ATOM}updated")

    before = entry()
    later = comment.visible_at + datetime.timedelta(minutes=3)
    Comment.objects.filter(pk=comment.pk).update(edited_at=later)
    after = entry()
    assert after[0] == before[0]
    assert after[1] > before[1]


@pytest.mark.parametrize("suffix", FORMS)
def test_it_answers_304_until_something_is_said(client, make_article, make_comment, suffix):
    article = make_article()
    for base in ("/comments/", article.get_absolute_url()):
        first = client.get(f"{base}{suffix}")
        known = {"If-None-Match": first["ETag"]}
        assert client.get(f"{base}{suffix}", headers=known).status_code == 304
        make_comment(article=article)
        assert client.get(f"{base}{suffix}", headers=known).status_code == 200


@pytest.mark.parametrize("suffix", FORMS)
def test_it_costs_the_same_for_few_and_many(
    client, make_article, make_comment, suffix, django_assert_num_queries
):
    article = make_article()
    for _ in range(2):
        make_comment(article=article)
        with django_assert_num_queries(1):
            client.get(f"/comments/{suffix}")
        with django_assert_num_queries(2):
            client.get(f"{article.get_absolute_url()}{suffix}")
        for _ in range(4):
            make_comment(article=article)


def test_it_is_bounded(client, make_conversation):
    make_conversation(ITEMS + 6)
    assert len(said(client, "/comments/")) == ITEMS


def test_pages_announce_them(client, article, make_comment):
    make_comment(article=article)
    base = article.get_absolute_url()
    for address in (base, f"{base}comments/"):
        page = client.get(address).text
        for suffix in FORMS:
            assert f'href="{base}{suffix}"' in page
    assert 'href="/comments/feed/"' in client.get("/").text
