"""A killed story is gone with the next request: from every page, list, feed, and kept copy."""

import datetime

import pytest
from django.utils import timezone

from articles.models import Image, InvalidMove, Topic

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def story(make_article):
    topic = Topic.objects.create(name="The bridge", slug="the-bridge")
    image = Image.objects.create(
        title="Bridge", alt="The bridge", credit="A. Bell", digest="b" * 12, widths=[480, 960],
        width=960, height=640,
    )  # fmt: skip
    story = make_article(headline="A name that may not stand", slug="a-name", lead_image=image)
    story.topics.add(topic)
    return story


def places(story):
    day = story.published_on
    own = story.get_absolute_url()
    return [
        "/", "/sections/town/", "/topics/the-bridge/", "/authors/ruth-hallam/", "/feed/",
        "/feed/atom/", "/feed.json", "/sections/town/feed/", "/topics/the-bridge/feed/atom/",
        "/authors/ruth-hallam/feed.json", "/corrections/", "/corrections/feed/",
        "/sitemap-stories-1.xml", "/news-sitemap.xml", "/search/?q=stand", f"/{day:%Y}/",
        f"/{day:%Y/%m}/", f"/{day:%Y/%m/%d}/", "/comments/feed/", own, f"{own}comments/",
        f"{own}feed/", "/search/?q=ashamed&tab=comments",
    ]  # fmt: skip


def test_a_killed_story_is_nowhere_on_the_next_request(client, story, make_comment, editor):
    comment = make_comment(article=story, body="You should be ashamed.")
    story.correct(editor, "correction", "He is forty, not fifty.")
    shown = [place for place in places(story) if story.headline in client.get(place).text]
    assert len(shown) > 12
    story.kill(editor, "A court order.")
    for place in [*places(story), f"/comments/{comment.pk}/", "/people/nobody/"]:
        page = client.get(place)
        traces = ["The river rose at four", "ashamed."]
        if story.slug not in place:  # a page may say again what it was asked for
            traces.append(story.slug)
        assert not [trace for trace in traces if trace in page.text], place
        assert story.headline not in page.text, place


def test_its_address_answers_gone_and_its_share_card_with_it(client, story, editor):
    assert 'property="og:image"' in client.get(story.get_absolute_url()).text
    story.kill(editor, "A court order.")
    page = client.get(story.get_absolute_url())
    assert page.status_code == 410
    assert "og:image" not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    # So that a cache in front keeps it in place of the story.
    assert "s-maxage=2" in page.headers["Cache-Control"]
    client.cookies["theme"] = "dark"
    assert "private" in client.get(story.get_absolute_url()).headers["Cache-Control"]


def test_a_withdrawn_story_can_be_killed_and_its_notice_goes(client, story, editor):
    story.withdraw(editor, "We are checking a name.")
    assert "checking a name" in client.get(story.get_absolute_url()).text
    story.kill(editor, "A court order.")
    page = client.get(story.get_absolute_url())
    assert page.status_code == 410
    assert "checking a name" not in page.text


def test_nobody_comments_under_it_any_more(client, story, editor, reader):
    client.force_login(reader)
    address = f"{story.get_absolute_url()}comments/"
    story.kill(editor, "A court order.")
    assert client.post(address, {"body": "And yet I say it."}).status_code in {404, 410}
    assert not story.comments.exists()


def test_a_lifted_kill_shows_a_notice_and_can_be_published_at_its_old_address(
    client, story, editor
):
    address, at = story.get_absolute_url(), story.published_at
    story.kill(editor, "A court order.")
    with pytest.raises(InvalidMove, match="what readers are told"):
        story.lift_kill(editor, "The order was lifted.", "")
    story.lift_kill(editor, "The order was lifted.", "A court looked at this story.")
    assert "A court looked at this story" in client.get(address).text
    story.publish(editor)
    assert (story.get_absolute_url(), story.published_at) == (address, at)
    assert client.get(address).status_code == 200


def test_what_readers_never_saw_is_not_killed_and_a_killed_story_not_twice(
    story, make_article, editor
):
    due = make_article(status="scheduled", published_at=timezone.now() + HOUR)
    for other in (make_article(status="draft"), due):
        with pytest.raises(InvalidMove, match="nothing to kill"):
            other.kill(editor, "No.")
    story.kill(editor, "A court order.")
    with pytest.raises(InvalidMove):
        story.kill(editor, "Again.")
