"""A link shows a story before its time to whoever has it: for a while, and no longer."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, PreviewLink
from tests.articles.conftest import change_url

DAY = datetime.timedelta(days=1)


@pytest.fixture
def draft(make_article):
    return make_article(status=Article.Status.DRAFT, headline="Not out yet")


@pytest.fixture
def link(draft, editor):
    return draft.preview_links.create(
        by=editor, note="the mayor", expires_at=timezone.now() + 3 * DAY
    )


def links_url(article):
    return reverse("admin:articles_article_preview_links", args=[article.pk])


def assert_private(response):
    assert response["Cache-Control"] == "private, no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "no-referrer"


def test_an_editor_makes_a_link_and_anybody_who_has_it_reads_the_story(desk, draft, client):
    page = desk.get(change_url(draft)).text
    assert "Share a preview" in page
    answer = desk.post(links_url(draft), {"preview_note": "the mayor", "preview_days": "3"},
                       follow=True)  # fmt: skip
    link = draft.preview_links.get()
    assert link.get_absolute_url() in answer.text
    assert link.note == "the mayor"
    assert datetime.timedelta(days=2.9) < link.expires_at - timezone.now() < 3 * DAY
    client.logout()
    shown = client.get(link.get_absolute_url())
    assert shown.status_code == 200
    assert "<h1>Not out yet</h1>" in shown.text
    assert "Preview, not published." in shown.text
    assert "For the mayor" in shown.text
    assert '<meta name="robots" content="noindex">' in shown.text
    assert 'rel="canonical"' not in shown.text
    assert_private(shown)
    link.refresh_from_db()
    assert link.opened == 1


def test_the_desk_sees_how_often_it_was_opened(desk, client, draft, link):
    for _ in range(2):
        client.get(link.get_absolute_url())
    client.head(link.get_absolute_url())
    assert "opened 2 times" in desk.get(links_url(draft)).text
    assert "opened 2 times" in desk.get(change_url(draft)).text


@pytest.mark.parametrize("status", ["draft", "review", "ready"])
def test_it_shows_a_story_on_its_way_and_an_embargoed_one(client, draft, link, status):
    Article.objects.filter(pk=draft.pk).update(status=status, embargo_until=timezone.now() + DAY)
    assert client.get(link.get_absolute_url()).status_code == 200


def test_it_ends_by_itself_and_says_so_without_a_word_of_the_story(client, link):
    with time_machine.travel(timezone.now() + 4 * DAY):
        answer = client.get(link.get_absolute_url())
    assert answer.status_code == 410
    assert "This preview has ended" in answer.text
    assert "Not out yet" not in answer.text
    assert_private(answer)


def test_it_ends_when_it_is_revoked(desk, client, draft, link):
    url = reverse("admin:articles_article_preview_revoke", args=[draft.pk, link.pk])
    assert "whoever opens it is told so" in desk.post(url, follow=True).text
    assert client.get(link.get_absolute_url()).status_code == 410
    link.refresh_from_db()
    first = link.revoked_at
    desk.post(url)
    link.refresh_from_db()
    assert link.revoked_at == first


def test_it_leads_to_the_story_once_that_is_published(client, draft, link, editor):
    draft.publish(by=editor)
    answer = client.get(link.get_absolute_url())
    assert answer.status_code == 302
    assert answer["Location"] == draft.get_absolute_url()
    assert_private(answer)


def test_of_a_scheduled_story_it_shows_the_page_and_then_leads_there(client, draft, link, editor):
    draft.schedule(by=editor, at=timezone.now() + DAY)
    assert client.get(link.get_absolute_url()).status_code == 200
    with time_machine.travel(timezone.now() + 2 * DAY):
        assert client.get(link.get_absolute_url()).status_code == 302


def test_it_dies_with_a_withdrawal_a_kill_and_an_end(client, draft, link, editor, make_user):
    draft.publish(by=editor)
    draft.withdraw(by=editor, notice="It was wrong.")
    assert client.get(link.get_absolute_url()).status_code == 410
    Article.objects.filter(pk=draft.pk).update(status="killed")
    answer = client.get(link.get_absolute_url())
    assert answer.status_code == 410
    assert "Not out yet" not in answer.text
    Article.objects.filter(pk=draft.pk).update(
        status="published", published_at=timezone.now() - DAY,
        expires_at=timezone.now() - DAY / 2,
    )  # fmt: skip
    assert client.get(link.get_absolute_url()).status_code == 410


def test_an_address_that_is_not_from_us_is_not_found(client, link):
    key, signature = link.signed.split(":")
    for signed in ("x", key, f"{key}:{signature[:-1]}", f"{'0' * 32}:{signature}", f"{key}:"):
        answer = client.get(reverse("articles:shared-preview", args=[signed]))
        assert answer.status_code == 404
        assert "This preview is not here" in answer.text
    gone = link.get_absolute_url()
    link.delete()
    assert client.get(gone).status_code == 404


def test_the_links_of_a_published_story_are_no_longer_made(desk, article):
    assert "nothing to preview" in desk.get(change_url(article)).text
    desk.post(links_url(article), {"preview_days": "3"})
    assert not article.preview_links.exists()


@pytest.mark.parametrize("days", ["", "0", "365", "-1", "three"])
def test_a_link_is_good_for_one_of_the_days_offered(desk, draft, days):
    desk.post(links_url(draft), {"preview_days": days})
    assert not draft.preview_links.exists()


def test_the_script_gets_the_list_alone(desk, draft):
    answer = desk.post(links_url(draft), {"preview_days": "1"}, headers={"X-Part": "1"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert draft.preview_links.get().get_absolute_url() in answer.text
    assert "The link is made" in answer.text


def test_who_may_not_change_the_story_neither_makes_nor_ends_a_link(
    client, draft, link, reporter, moderator, make_user
):
    end = reverse("admin:articles_article_preview_revoke", args=[draft.pk, link.pk])
    for person, status in ((reporter, 404), (moderator, 403), (make_user(), 302)):
        client.force_login(person)
        assert client.post(links_url(draft), {"preview_days": "3"}).status_code == status
        assert client.post(end).status_code == status
        assert client.get(links_url(draft)).status_code == status
    assert PreviewLink.objects.get().revoked_at is None


def test_a_link_of_another_story_is_not_ended(desk, make_article, link):
    other = make_article(status=Article.Status.DRAFT)
    end = reverse("admin:articles_article_preview_revoke", args=[other.pk, link.pk])
    assert desk.post(end).status_code == 404


def test_a_preview_costs_the_same_each_time(client, link, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        client.get(link.get_absolute_url())
