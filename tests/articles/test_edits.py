"""Edits of what readers have: small or not, a new address, a text that may not be changed."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from articles.models import MovedAddress
from tests.articles.conftest import change_url, post_data

HOUR = datetime.timedelta(hours=1)
LOCKED = {
    "source_outlet": "The Coast Courier", "source_url": "https://courier.example/ferry",
    "source_licence": "CC BY-ND 4.0", "is_text_locked": True,
}  # fmt: skip


def save(client, article, **changes):
    """Save the story's form with these changes; return the answer."""
    data = post_data(client.get(change_url(article)), **changes)
    response = client.post(change_url(article), data)
    article.refresh_from_db()
    return response


def lastmod(client, article):
    part = client.get("/sitemap-stories-1.xml").text
    return part.partition(article.get_absolute_url())[2].partition("</lastmod>")[0]


@pytest.mark.parametrize("change", ["minor", ""])
def test_a_small_edit_moves_no_time_that_readers_see(desk, client, article, change):
    feed, map_ = client.get("/feed/atom/").text, lastmod(client, article)
    with time_machine.travel(timezone.now() + HOUR):
        assert save(desk, article, change=change, standfirst="It rose.").status_code == 302
        assert article.standfirst == "It rose."
        assert article.updated_at is None
        assert lastmod(client, article) == map_
    between = ("<updated>", "</updated>")
    newest = client.get("/feed/atom/").text.partition("<entry>")[2]
    old = feed.partition("<entry>")[2]
    assert newest.partition(between[0])[2].partition(between[1])[0] in old


def test_an_edit_that_matters_moves_them_and_leaves_the_feeds_id(desk, client, article):
    def entry():
        return client.get("/feed/atom/").text.partition("<entry>")[2]

    before = entry()
    key = before.partition("<id>")[2].partition("</id>")[0]
    map_ = lastmod(client, article)
    with time_machine.travel(timezone.now() + HOUR):
        assert save(desk, article, change="substantive", headline="It fell").status_code == 302
        assert article.updated_at == pytest.approx(timezone.now(), abs=datetime.timedelta(0, 9))
        assert lastmod(client, article) != map_
        after = entry()
    assert "It fell" in after
    assert f"<id>{key}</id>" in after
    updated = after.partition("<updated>")[2].partition("</updated>")[0]
    assert updated not in before


def test_a_draft_is_not_asked_whether_its_change_matters(desk, make_article):
    draft = make_article(status="draft")
    assert 'name="change"' not in desk.get(change_url(draft)).text
    save(desk, draft, change="substantive", headline="New")
    assert draft.updated_at is None


# Addresses


def test_a_new_slug_leads_from_the_old_address_in_one_hop_however_often_it_moves(
    desk, client, article
):
    old = [article.get_absolute_url()]
    for slug in ("second", "third", "fourth"):
        assert save(desk, article, slug=slug).status_code == 302
        old.append(article.get_absolute_url())
    *old, now = old
    assert client.get(now).status_code == 200
    for address in old:
        response = client.get(address)
        assert (response.status_code, response.headers["Location"]) == (301, now)


def test_a_slug_that_goes_back_makes_no_loop(desk, client, article):
    first = article.get_absolute_url()
    slug = article.slug
    save(desk, article, slug="another")
    second = article.get_absolute_url()
    save(desk, article, slug=slug)
    assert client.get(first).status_code == 200
    assert client.get(second).headers["Location"] == first
    assert [row.path for row in MovedAddress.objects.all()] == [second]


def test_the_conversation_stays_with_a_story_that_moved(desk, client, article, make_comment):
    comment = make_comment(article=article, body="I was there at four.")
    save(desk, article, slug="another")
    assert "I was there at four." in client.get(article.get_absolute_url()).text
    assert client.get(f"/comments/{comment.pk}/").status_code == 200


def test_a_draft_that_nobody_read_leaves_no_address_behind(desk, make_article):
    draft = make_article(status="draft")
    save(desk, draft, slug="another")
    assert draft.slug == "another"
    assert not MovedAddress.objects.exists()


def test_a_slug_that_another_story_of_the_day_has_is_refused_with_the_text_kept(desk, make_article):
    one, two = make_article(), make_article()
    page = save(desk, two, slug=one.slug, headline="Typed meanwhile")
    assert "Another story of that day has this address" in page.text
    assert "Typed meanwhile" in page.text


# A text that may not be changed


def test_a_locked_text_is_changed_with_a_reason_alone_and_the_original_is_kept(desk, make_article):
    story = make_article(body="<p>The ferry sank at dawn.</p>", **LOCKED)
    save(desk, story, headline="A headline may change")
    assert story.headline == "A headline may change"
    original = story.original.body
    page = save(desk, story, body="<p>The ferry sank at noon.</p>")
    assert "allows no changes" in page.text
    assert "sank at noon" in page.text
    assert "at dawn" in story.body
    save(desk, story, body="<p>The ferry sank at noon.</p>", lock_reason="The Courier asked us to.")
    assert "at noon" in story.body
    page = desk.get(change_url(story)).text
    assert "What was changed in the text as it came" in page
    assert re.search("<del>.*dawn.*</del>.*<ins>.*noon.*</ins>", page, re.DOTALL)
    story.refresh_from_db()
    assert story.original.body == original == "<p>The ferry sank at dawn.</p>"


def test_a_text_that_is_not_locked_asks_for_no_reason(desk, article):
    assert 'name="lock_reason"' not in desk.get(change_url(article)).text
    assert save(desk, article, body="<p>It fell.</p>").status_code == 302
