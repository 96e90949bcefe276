"""Moments: embargo, scheduled beginning and end, the hours that clocks skip, a worker away."""

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles import moments
from articles.forms import ScheduleForm
from articles.models import Article, InvalidMove, NotReady
from tests.articles.conftest import change_url, post_data

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
LONDON = moments.zone("Europe/London")


@pytest.fixture
def draft(make_article):
    return make_article(status="draft", headline="The bridge will close")


# Embargo


def test_nobody_publishes_before_the_embargo_ends_whatever_they_press(
    client, draft, editor, make_user
):
    draft.embargo_until = timezone.now() + DAY
    draft.save()
    for user in (editor, make_user(role="publisher"), make_user(role="administrator"), None):
        with pytest.raises(InvalidMove, match="An embargo holds it"):
            draft.publish(user)
        with pytest.raises(InvalidMove, match="cannot appear before"):
            draft.schedule(user, timezone.now() + HOUR)
    client.force_login(editor)
    data = post_data(client.get(change_url(draft))) | {"_publish": "1"}
    assert "An embargo holds it" in client.post(change_url(draft), data, follow=True).text
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert not Article.objects.published().exists()


def test_the_database_itself_holds_an_embargo(draft):
    at = timezone.now() - HOUR
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.filter(pk=draft.pk).update(
            status="published", published_at=at, published_on=at.date(), embargo_until=at + DAY
        )


def test_a_story_scheduled_for_the_embargos_end_appears_then_and_nowhere_before(
    client, draft, editor
):
    end = timezone.now() + DAY
    draft.embargo_until = end
    draft.save()
    draft.schedule(editor, end)
    address = draft.get_absolute_url()
    places = ["/", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml", "/sitemap-stories-1.xml",
              "/news-sitemap.xml", "/search/?q=bridge", "/sections/town/", "/authors/ruth-hallam/",
              f"/{end.year}/", f"/{end:%Y/%m}/"]  # fmt: skip
    for place in places:
        assert draft.headline not in client.get(place).text, place
        assert draft.slug not in client.get(place).text, place
    assert client.get(address).status_code == 404
    with time_machine.travel(end + datetime.timedelta(seconds=1)):
        assert client.get(address).status_code == 200
        assert draft.headline in client.get("/").text


def test_an_embargo_is_lifted_with_a_reason_by_those_alone_who_may(draft, editor, make_user):
    draft.embargo_until = timezone.now() + DAY
    draft.save()
    publisher = make_user(role="publisher")
    with pytest.raises(InvalidMove, match="not yours"):
        draft.lift_embargo(editor, "Everybody has it.")
    with pytest.raises(InvalidMove, match="Say why"):
        draft.lift_embargo(publisher, " ")
    draft.lift_embargo(publisher, "The council published it itself.")
    with pytest.raises(InvalidMove):
        draft.lift_embargo(publisher, "Again.")
    draft.publish(editor)
    assert draft.is_live
    step = draft.steps.get(verb="lift-embargo")
    assert (step.by, step.note) == (publisher, "The council published it itself.")


def test_a_new_embargo_holds_again_after_one_was_lifted(client, draft, editor, make_user):
    draft.embargo_until = timezone.now() + DAY
    draft.save()
    draft.lift_embargo(make_user(role="publisher"), "The council published it itself.")
    draft.embargo_until = timezone.now() + 2 * DAY
    draft.save_edit(draft.version)
    with pytest.raises(InvalidMove, match="An embargo holds it"):
        draft.publish(editor)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Readers have had this story since"),
        ({"status": "scheduled", "published_at": timezone.now() + HOUR}, "It is scheduled for"),
    ],
)
def test_an_embargo_on_what_is_out_or_due_sooner_is_refused_with_the_text_kept(
    client, make_article, editor, fields, words
):
    client.force_login(editor)
    story = make_article(**fields)
    later = timezone.localtime() + 2 * DAY
    data = post_data(
        client.get(change_url(story)),
        embargo_until=f"{later:%Y-%m-%dT%H:%M}",
        headline="Typed meanwhile",
    )
    page = client.post(change_url(story), data)
    assert words in page.text
    assert "Typed meanwhile" in page.text
    story.refresh_from_db()
    assert story.embargo_until is None


# Beginning and end


def test_a_story_appears_once_at_its_time_though_no_worker_ran_for_two_days(draft, editor):
    at = timezone.now() + HOUR
    draft.schedule(editor, at)
    with time_machine.travel(at + 2 * DAY):
        assert Article.objects.listed().get() == draft
        for _ in range(3):
            Article.objects.settle()
        draft.refresh_from_db()
        assert (draft.status, draft.published_at) == ("published", at)
        step = draft.steps.get(verb="appear")
        assert (step.at, step.by, step.before, step.after) == (
            at, None, "scheduled", "published",
        )  # fmt: skip


def test_two_workers_write_one_step(draft, editor):
    at = timezone.now() + HOUR
    draft.schedule(editor, at)
    same = Article.objects.get(pk=draft.pk)
    with time_machine.travel(at + HOUR):
        assert draft.settle()
        same.settle()
    assert draft.steps.filter(verb="appear").count() == 1


def test_a_story_begins_and_ends_by_the_clock_alone(client, draft, editor):
    at = timezone.now() + HOUR
    draft.expires_at = at + DAY
    draft.save()
    draft.schedule(editor, at)
    address = draft.get_absolute_url()
    with time_machine.travel(at + HOUR):
        assert draft.headline in client.get("/").text
        assert "The river rose at four" in client.get(address).text
    with time_machine.travel(at + DAY):
        assert draft.headline not in client.get("/").text
        assert draft.slug not in client.get("/feed/").text
        page = client.get(address)
        assert "could be read here until" in page.text
        assert "withdrawn" not in page.text.lower().replace('class="article withdrawn"', "")
        assert "The river rose at four" not in page.text
        # And so it stays when the worker is back.
        Article.objects.settle()
        Article.objects.settle()
        draft.refresh_from_db()
        assert draft.status == "withdrawn"
        assert "could be read here until" in client.get(address).text
        verbs = [(step.verb, step.at) for step in draft.steps.all()]
        assert verbs[1:] == [("appear", at), ("end", at + DAY)]


def test_an_end_that_is_moved_before_it_comes_is_the_one_that_counts(make_article, editor):
    story = make_article(expires_at=timezone.now() + HOUR)
    story.expires_at = None
    story.save_edit(story.version)
    with time_machine.travel(timezone.now() + DAY):
        Article.objects.settle()
        assert Article.objects.listed().get() == story


def test_a_kept_front_page_ends_with_the_story_that_ends(client, make_article):
    end = timezone.now() + HOUR
    story = make_article(headline="Read it while it lasts", expires_at=end)
    assert story.headline in client.get("/").text
    assert story.headline in client.get("/sections/town/").text
    assert client.get(story.get_absolute_url()).status_code == 200
    with time_machine.travel(end + datetime.timedelta(seconds=1)):
        assert story.headline not in client.get("/").text
        assert story.headline not in client.get("/sections/town/").text
        assert "could be read here until" in client.get(story.get_absolute_url()).text


def test_a_story_cannot_end_before_it_begins(draft, editor):
    draft.expires_at = timezone.now() + HOUR
    draft.save()
    with pytest.raises(InvalidMove, match="before it began"):
        draft.schedule(editor, timezone.now() + 2 * HOUR)
    draft.expires_at = timezone.now() - HOUR
    with pytest.raises(NotReady, match="an end that lies ahead"):
        draft.publish(editor)


def test_cancelling_works_to_the_last_second_and_not_after_it(draft, editor):
    at = timezone.now() + HOUR
    draft.schedule(editor, at)
    with time_machine.travel(at - datetime.timedelta(seconds=1), tick=False):
        draft.unschedule(editor)
        assert draft.status == "draft"
        draft.schedule(editor, at)
    same = Article.objects.get(pk=draft.pk)
    with time_machine.travel(at, tick=False), pytest.raises(InvalidMove):
        same.unschedule(editor)


def test_a_clock_that_jumps_an_hour_and_back_makes_no_second_step(draft, editor):
    at = timezone.now() + HOUR / 2
    draft.schedule(editor, at)
    with time_machine.travel(timezone.now() + HOUR):
        Article.objects.settle()
    # The clock is right again: readers have it from the true moment on, and not before.
    assert not Article.objects.published().exists()
    with time_machine.travel(at + HOUR):
        Article.objects.settle()
        assert Article.objects.listed().get() == draft
    assert draft.steps.filter(verb="appear").count() == 1


def test_an_edit_of_a_story_that_appeared_unwritten_leaves_it_published(draft, editor):
    at = timezone.now() + HOUR
    draft.schedule(editor, at)
    opened = Article.objects.get(pk=draft.pk)
    with time_machine.travel(at + HOUR):
        Article.objects.settle()
        opened.headline = "The bridge is closed"
        opened.save_edit(opened.version)
        opened.refresh_from_db()
        assert (opened.status, opened.headline) == ("published", "The bridge is closed")


# Clocks


def test_an_hour_that_the_clocks_skip_is_refused_with_its_true_name():
    typed = datetime.datetime(2026, 3, 29, 1, 30)
    with pytest.raises(ValidationError, match=r"does not exist on 29 March 2026.* called 02:30"):
        moments.instant(typed, LONDON)


def test_an_hour_that_comes_twice_is_refused_with_both_its_moments():
    typed = datetime.datetime(2026, 10, 25, 1, 30)
    with pytest.raises(ValidationError, match="write 00:30 for the first or 01:30 for the second"):
        moments.instant(typed, LONDON)


@pytest.mark.parametrize(
    ("day", "utc"), [((2026, 1, 5), 6), ((2026, 7, 5), 5), ((2026, 3, 29), 5), ((2026, 10, 25), 6)]
)
def test_six_in_the_morning_is_six_in_summer_and_in_winter(day, utc):
    at = moments.instant(datetime.datetime(*day, 6), LONDON)
    assert at.astimezone(datetime.UTC).hour == utc


def test_a_moment_is_read_by_the_clock_that_was_chosen_or_by_its_offset(settings):
    def read(typed, zone=""):
        form = ScheduleForm({"publish_at": typed, "publish_zone": zone})
        assert form.is_valid(), form.errors
        return form.cleaned_data["publish_at"].astimezone(datetime.UTC).strftime("%H:%M")

    with timezone.override("Europe/London"):
        assert read("2999-07-01T06:00") == "05:00"
        assert read("2999-07-01T06:00", "UTC") == "06:00"
        assert read("2999-07-01T06:00", "America/New_York") == "10:00"
        assert read("2999-07-01T06:00+03:00") == "03:00"
        for typed, zone in [("2999-07-01T06:00", "Mars/Phobos"), ("soon", ""), ("", "")]:
            assert not ScheduleForm({"publish_at": typed, "publish_zone": zone}).is_valid()


def test_the_desk_names_the_skipped_hour_and_keeps_the_story_a_draft(client, draft, editor):
    with time_machine.travel(datetime.datetime(2027, 1, 5, tzinfo=datetime.UTC)):
        client.force_login(editor)
        data = post_data(client.get(change_url(draft)))
        data |= {
            "_schedule": "1", "publish_at": "2027-03-28T02:30", "publish_zone": "Europe/Berlin",
        }  # fmt: skip
        told = client.post(change_url(draft), data, follow=True).text
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert "02:30 does not exist on 28 March 2027" in told
