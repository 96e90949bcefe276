"""The admin's lists tell no more than they show, and no question to them is answered by a 500."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from articles.models import Article
from comments.models import Comment

LISTS = ["comments/comment", "comments/decision", "comments/wordrule", "articles/article",
         "articles/image", "articles/section", "articles/topic", "articles/author",
         "articles/movedaddress", "accounts/user"]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    ["groups__user__password__startswith=md5", "groups__user__email__startswith=some",
     "email__startswith=s", "is_staff__regex=1", "groups__permissions__codename=add_user"],
)  # fmt: skip
def test_a_filter_is_no_way_to_somebodys_password_or_address(browser, paper, query):
    assert browser("moderator").get(f"/admin/accounts/user/?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    ["ip_address=10.1.2.3", "ip_address__startswith=10.", "guest_email__startswith=who",
     "author__email__startswith=a", "article__created_by__email=x", "form_key__isnull=1"],
)  # fmt: skip
@pytest.mark.parametrize("role", ["editor", "moderator", "administrator"])
def test_comments_are_not_found_by_what_the_desk_does_not_see(browser, paper, role, query):
    Comment.objects.update(ip_address="10.1.2.3", guest_email="who@example.org")
    assert browser(role).get(f"/admin/comments/comment/?{query}").status_code == 400


def test_the_filters_that_are_offered_work(browser, paper):
    client = browser("administrator")
    for path in (
        "comments/comment/?status__exact=approved", "accounts/user/?is_staff__exact=1",
        f"accounts/user/?groups__id__exact={paper.group.pk}",
        f"articles/article/?section__id__exact={paper.story.section_id}&status__exact=published",
    ):  # fmt: skip
        assert client.get(f"/admin/{path}").status_code == 200, path


@pytest.mark.parametrize("model", LISTS)
def test_no_question_to_a_list_is_too_much(browser, paper, model):
    client = browser("administrator")
    for query in (
        {"q": "a " * 1000}, {"q": "x" * 60_000}, {"q": '"' + "x" * 200}, {"p": "9" * 30},
        {"p": "9" * 5000}, {"o": "9.-9.x"}, {"all": ""}, {"e": "1"}, {"status__regex": "("},
        {"section__id__exact": "9" * 20}, {"section": "9" * 20}, {"groups__id__exact": "9" * 20},
        {"parent": "9" * 20}, {"pk__in": "9" * 20}, {"created_at__year": "0"}, {"_to_field": "x"},
        {"is_active__exact": "maybe"}, {"status__isnull": "perhaps"},
    ):  # fmt: skip
        status = client.get(f"/admin/{model}/", query).status_code
        assert status in {200, 302, 400}, query


def test_autocomplete_is_bounded_too(browser, paper):
    asked = {"app_label": "articles", "model_name": "article", "field_name": "topics"}
    for term in ("a " * 1000, "x" * 60_000):
        answer = browser("editor").get("/admin/autocomplete/", asked | {"term": term})
        assert answer.status_code == 200


def test_no_detour_tells_the_address_of_a_story_before_it_is_out(browser, make_article, people):
    story = make_article(
        status=Article.Status.SCHEDULED,
        slug="the-takeover",
        published_at=timezone.now() + timezone.timedelta(days=2),
    )
    kind = ContentType.objects.get_for_model(Article)
    for role in ("reporter", "editor", "moderator"):
        assert browser(role).get(f"/admin/r/{kind.pk}/{story.pk}/").status_code == 404


def test_a_row_with_a_page_of_its_own_links_to_it(browser, paper, people):
    client = browser("administrator")
    for path, url in (
        (f"articles/section/{paper.story.section_id}", paper.story.section.get_absolute_url()),
        (f"accounts/user/{people['reader'].pk}", people["reader"].get_absolute_url()),
    ):
        assert f'href="{url}" class="viewsitelink"' in client.get(f"/admin/{path}/change/").text
