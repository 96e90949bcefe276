"""Where to read on from a story: what editors chose, its series, its topics, its section."""

import datetime

import pytest
from django.utils import timezone

from articles.models import Article, RelatedStory, Section, Series, Topic
from articles.reading_on import MOST, ReadingOn
from newsroom.memory import fragments
from tests.articles.conftest import change_url, post_data

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def publish(make_article):
    """Stories, each older than the one before."""
    hours = iter(range(1, 1000))

    def make(headline, **fields):
        at = timezone.now() - next(hours) * HOUR
        return make_article(headline=headline, **{"published_at": at} | fields)

    return make


def related(article):
    return [story.headline for story in ReadingOn(article).related]


def test_choice_of_editors_comes_first_then_series_topics_and_section(publish):
    elsewhere = Section.objects.create(name="Sport", slug="sport")
    series = Series.objects.create(name="Tides", slug="tides")
    topic = Topic.objects.create(name="Water", slug="water")
    publish("Of the section, newest")
    story = publish("The story", series=series, series_position=2)
    story.topics.add(topic)
    publish("Before it", series=series, series_position=1, section=elsewhere)
    publish("After it", series=series, series_position=3, section=elsewhere)
    publish("Of the topic", section=elsewhere).topics.add(topic)
    chosen = publish("Chosen", section=elsewhere)
    RelatedStory.objects.create(article=story, related=chosen)
    publish("Unrelated", section=elsewhere)
    assert related(story) == [
        "Chosen", "After it", "Before it", "Of the topic", "Of the section, newest"
    ]  # fmt: skip


def test_chosen_stand_in_their_order_and_nothing_stands_twice(publish):
    topic = Topic.objects.create(name="Water", slug="water")
    story, one, two = publish("Story"), publish("One"), publish("Two")
    for other in (story, one, two):
        other.topics.add(topic)
    RelatedStory.objects.create(article=story, related=one, position=2)
    RelatedStory.objects.create(article=story, related=two, position=1)
    RelatedStory.objects.create(article=story, related=story)
    assert related(story) == ["Two", "One"]


def test_at_most_five(publish):
    stories = [publish(f"Story {number}") for number in range(9)]
    assert len(related(stories[0])) == MOST == 5
    for other in stories[1:8]:
        RelatedStory.objects.create(article=stories[0], related=other)
    assert len(related(stories[0])) == 5


@pytest.mark.parametrize("status", ["draft", "review", "scheduled", "withdrawn", "killed"])
def test_hidden_story_is_beside_none(client, publish, status):
    topic = Topic.objects.create(name="Water", slug="water")
    series = Series.objects.create(name="Tides", slug="tides")
    story, hidden = publish("Story", series=series), publish("Hidden one", series=series)
    for other in (story, hidden):
        other.topics.add(topic)
    RelatedStory.objects.create(article=story, related=hidden)
    at = timezone.now() + HOUR if status == "scheduled" else hidden.published_at
    Article.objects.filter(pk=hidden.pk).update(status=status, published_at=at)
    assert related(story) == []
    assert "Hidden one" not in client.get(story.get_absolute_url()).text


def test_story_with_nothing_beside_it_has_no_heading_for_it(client, article):
    assert "Read on" not in client.get(article.get_absolute_url()).text


def test_reading_on_costs_the_same_for_few_and_many(publish, django_assert_num_queries):
    topic = Topic.objects.create(name="Water", slug="water")
    story = publish("Story")
    story.topics.add(topic)
    with django_assert_num_queries(3):
        related(story)
    for number in range(30):
        publish(f"Other {number}", section=None).topics.add(topic)
    fragments.clear()
    with django_assert_num_queries(2):  # topics suffice
        assert len(related(story)) == 5


def test_editor_puts_a_story_beside_another_in_the_form(client, editor, publish):
    client.force_login(editor)
    story, other = publish("Story"), publish("Other", section=None)
    page = client.get(change_url(story))
    data = post_data(page, **{"related_stories-0-related": other.pk})
    client.post(change_url(story), data)
    assert [row.related for row in story.related_stories.all()] == [other]
    assert "Other" in client.get(story.get_absolute_url()).text


def test_story_is_not_put_beside_itself(client, editor, publish):
    client.force_login(editor)
    story = publish("Story")
    data = post_data(client.get(change_url(story)), **{"related_stories-0-related": story.pk})
    assert "That is this story itself." in client.post(change_url(story), data).text
    assert not story.related_stories.exists()


def test_reporter_puts_nothing_beside_a_story(client, reporter, make_article):
    draft = make_article(status=Article.Status.DRAFT, created_by=reporter)
    client.force_login(reporter)
    assert "related_stories-0-related" not in client.get(change_url(draft)).text
