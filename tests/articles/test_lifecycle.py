"""An article's steps: which follow which, what stops them, and what they leave on record."""

import datetime

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Image, InvalidMove, NotReady, StaleSave
from tests.articles.conftest import change_url, post_data

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def draft(make_article):
    return make_article(status=Article.Status.DRAFT)


def press(client, article, button, **data):
    """Save the form by one of its buttons; return what the desk was told."""
    form = post_data(client.get(change_url(article)))
    response = client.post(change_url(article), form | {button: "1"} | data)
    assert response.status_code == 302, response.context["errors"]
    article.refresh_from_db()
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_published_draft_is_seen_and_the_step_is_on_record(draft, editor):
    assert not Article.objects.published().exists()
    draft.publish(by=editor)
    assert draft.is_live
    assert draft.published_on == timezone.localdate()
    step = draft.steps.get()
    assert (step.before, step.after, step.by) == ("draft", "published", editor)


def test_publishing_twice_is_refused_and_moves_no_date(draft, editor):
    draft.publish(by=editor)
    before = draft.published_at
    with pytest.raises(InvalidMove):
        draft.publish(by=editor)
    with pytest.raises(InvalidMove):
        Article.objects.get(pk=draft.pk).publish(by=editor)
    draft.refresh_from_db()
    assert draft.published_at == before


def test_of_two_who_publish_at_once_one_is_refused(draft, editor):
    same = Article.objects.get(pk=draft.pk)
    draft.publish(by=editor)
    with pytest.raises(InvalidMove, match="is published and cannot become published"):
        same.publish(by=editor)
    assert draft.steps.count() == 1


def test_scheduled_article_appears_by_the_clock_and_cannot_be_published_again(draft, editor):
    draft.schedule(by=editor, at=timezone.now() + HOUR)
    assert not Article.objects.published().exists()
    with time_machine.travel(timezone.now() + 2 * HOUR):
        assert Article.objects.listed().get() == draft
        date = draft.published_at
        for step in (
            lambda: draft.publish(by=editor),
            lambda: draft.unschedule(by=editor),
            lambda: draft.schedule(by=editor, at=timezone.now() + HOUR),
        ):
            with pytest.raises(InvalidMove):
                step()
        draft.refresh_from_db()
        assert draft.published_at == date
        draft.withdraw(by=editor, notice="It was wrong.")
        assert draft.is_withdrawn


def test_schedule_for_a_time_that_has_passed_is_refused(draft, editor):
    with pytest.raises(InvalidMove, match="has passed"):
        draft.schedule(by=editor, at=timezone.now() - HOUR)


def test_unscheduled_article_is_a_draft_without_a_date(draft, editor):
    draft.schedule(by=editor, at=timezone.now() + HOUR)
    draft.unschedule(by=editor)
    assert draft.status == Article.Status.DRAFT
    assert draft.published_at is None
    with pytest.raises(InvalidMove):
        draft.unschedule(by=editor)


def test_withdrawal_needs_a_notice_and_a_published_article(article, draft, editor):
    with pytest.raises(InvalidMove, match="notice"):
        article.withdraw(by=editor, notice="  ")
    with pytest.raises(InvalidMove, match="Only a published"):
        draft.withdraw(by=editor, notice="Gone.")
    article.withdraw(by=editor, notice="It was wrong.")
    assert not Article.objects.listed().exists()
    assert Article.objects.published().get() == article


def test_withdrawn_article_returns_to_its_old_date_and_address(article, editor):
    date, address = article.published_at, article.get_absolute_url()
    article.withdraw(by=editor, notice="We are checking it.")
    article.publish(by=editor)
    assert (article.published_at, article.get_absolute_url()) == (date, address)
    assert article.withdrawal_notice == ""


def test_two_stories_of_a_day_cannot_have_one_address(make_article, editor):
    one = make_article(status=Article.Status.DRAFT, slug="fire")
    two = make_article(status=Article.Status.DRAFT, slug="fire")
    one.publish(by=editor)
    with pytest.raises(InvalidMove, match="Change the slug"):
        two.publish(by=editor)
    two.refresh_from_db()
    assert two.status == Article.Status.DRAFT


def test_publishing_is_refused_with_the_list_of_what_is_missing(section, editor):
    picture = Image.objects.create(title="Quay")
    article = Article(
        headline="H", slug="h", lead_image=picture, source_outlet="The Courier",
        originally_published=timezone.localdate() + 48 * HOUR,
    )  # fmt: skip
    article.save()
    with pytest.raises(NotReady) as refused:
        article.publish(by=editor)
    assert refused.value.missing == [
        "section",
        "byline",
        "text",
        "address of the original story",
        "alternative text of the picture “Quay”",
        "credit of the picture “Quay”",
        "an original date that is not in the future",
    ]
    with pytest.raises(NotReady):
        article.schedule(by=editor, at=timezone.now() + HOUR)


def test_a_decorative_picture_needs_no_alternative_text(make_article, editor):
    picture = Image.objects.create(title="Line", is_decorative=True, credit="A. B.")
    draft = make_article(status=Article.Status.DRAFT, lead_image=picture)
    assert draft.missing() == []


def test_a_picture_in_the_text_without_credit_stops_publishing(make_article, editor):
    picture = Image.objects.create(title="Quay", alt="A quay.")
    body = f'<figure><img src="/media/images/{picture.pk}/a-480.jpeg"></figure><p>Text.</p>'
    draft = make_article(status=Article.Status.DRAFT, body=body)
    assert draft.missing() == ["credit of the picture “Quay”"]


def test_stale_save_is_refused_by_the_model(article):
    same = Article.objects.get(pk=article.pk)
    seen = article.version
    article.save_edit(seen)
    with pytest.raises(StaleSave):
        same.save_edit(seen)


def test_correction_of_a_story_nobody_read_is_refused(draft, editor):
    with pytest.raises(InvalidMove):
        draft.correct(editor, "correction", "x")


# The same at the desk


def test_button_publishes_what_was_typed(desk, draft):
    told = press(desk, draft, "_publish", headline="Typed just now")
    assert "Published" in told
    assert draft.is_live
    assert draft.headline == "Typed just now"


def test_button_saves_but_does_not_publish_what_is_not_ready(desk, draft):
    draft.bylines.all().delete()
    told = press(desk, draft, "_publish", headline="Half done", section="")
    assert "Saved, but not published" in told
    assert "<li>section</li><li>byline</li>" in told
    assert draft.status == Article.Status.DRAFT
    assert draft.headline == "Half done"


def test_new_story_can_be_published_at_once(desk, section, editor):
    from articles.models import Author

    Author.objects.create(name="Ed", slug="ed", user=editor)
    url = reverse("admin:articles_article_add")
    data = post_data(
        desk.get(url), headline="Quick", section=section.pk, body="<p>x</p>", _publish="1"
    )
    assert desk.post(url, data).status_code == 302
    assert Article.objects.listed().get().headline == "Quick"


def test_button_schedules_in_the_papers_time(desk, draft, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    timezone.get_default_timezone.cache_clear()
    try:
        told = press(desk, draft, "_schedule", publish_at="2999-01-01T06:00")
        assert "Scheduled for 1 January 2999, 06:00" in told
        assert draft.published_at == datetime.datetime(2999, 1, 1, 5, tzinfo=datetime.UTC)
        assert 'value="2999-01-01T06:00"' in desk.get(change_url(draft)).text
        press(desk, draft, "_unschedule")
        assert draft.status == Article.Status.DRAFT
    finally:
        settings.TIME_ZONE = "UTC"
        timezone.get_default_timezone.cache_clear()


@pytest.mark.parametrize(
    ("typed", "told"),
    [("", "Say when"), ("soon", "no date and time"), ("2001-01-01T06:00", "has passed")],
)
def test_schedule_without_a_good_time_is_explained(desk, draft, typed, told):
    assert told in press(desk, draft, "_schedule", publish_at=typed)
    assert draft.status == Article.Status.DRAFT


def test_button_withdraws_with_the_notice(desk, article):
    assert "notice" in press(desk, article, "_withdraw", withdrawal_notice="")
    assert article.is_live
    press(desk, article, "_withdraw", withdrawal_notice="It was wrong.")
    assert article.is_withdrawn
    assert article.withdrawal_notice == "It was wrong."
    assert "It was wrong." in desk.get(change_url(article)).text
    press(desk, article, "_publish")
    assert article.is_live


def test_actions_take_each_step_and_name_what_was_refused(desk, make_article, article):
    drafts = [make_article(status=Article.Status.DRAFT) for _ in range(2)]
    drafts[1].bylines.all().delete()
    url = "/admin/articles/article/"
    chosen = [article.pk, *[draft.pk for draft in drafts]]
    page = desk.post(
        url, {"action": "publish_selected", "_selected_action": chosen}, follow=True
    ).text
    assert "Published: 1." in page
    assert f"“{drafts[1]}” is not ready:<ul><li>byline</li></ul>" in page
    assert f"“{article}”: Readers see this article already." in page

    form = {"action": "withdraw_selected", "_selected_action": chosen}
    assert "Readers will find the notice" in desk.post(url, form).text
    refused = desk.post(url, form | {"confirmed": "1", "withdrawal_notice": " "})
    assert "Readers need a notice" in refused.text
    assert not Article.objects.filter(status=Article.Status.WITHDRAWN).exists()
    desk.post(url, form | {"confirmed": "1", "withdrawal_notice": "Gone."})
    assert Article.objects.filter(status=Article.Status.WITHDRAWN).count() == 2

    desk.post(url, {"action": "close_comments", "_selected_action": [drafts[1].pk]})
    drafts[1].refresh_from_db()
    assert drafts[1].comment_policy == Article.CommentPolicy.CLOSED
