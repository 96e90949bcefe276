"""What readers may know of somebody."""

import re

import pytest
from django.utils import timezone

from articles.models import Article
from comments.models import Comment


def test_it_shows_name_month_bio_and_visible_comments_newest_first(client, make_user, make_comment):
    user = make_user("first", display_name="Ada Quill", bio="Bell ringer.")
    for word in ("older", "newer"):
        make_comment(author=user, body=f"The {word} words.")
    page = client.get("/people/first/").text
    assert "Ada Quill" in page
    assert "Bell ringer." in page
    assert f"Joined in {timezone.localdate():%B %Y}" in page
    assert page.index("The newer words.") < page.index("The older words.")
    assert '<meta name="robots" content="noindex">' in page
    assert "first@example.org" not in page


@pytest.mark.parametrize("status", ["pending", "rejected", "spam"])
def test_what_readers_may_not_see_is_not_there(client, make_user, make_comment, status):
    user = make_user("first")
    make_comment(author=user, status=status, body="Unseen words.")
    client.force_login(user)
    assert "Unseen words." not in client.get("/people/first/").text


def test_comments_on_unpublished_stories_are_not_there(
    client, make_user, make_comment, make_article
):
    user = make_user("first")
    comment = make_comment(author=user, article=make_article(), body="Unseen words.")
    Article.objects.filter(pk=comment.article_id).update(status=Article.Status.DRAFT)
    assert "Unseen words." not in client.get("/people/first/").text


def test_another_casing_leads_to_the_one_address(client, make_user):
    make_user("Nova")
    answer = client.get("/people/nOVa/")
    assert (answer.status_code, answer.url) == (301, "/people/Nova/")


@pytest.mark.parametrize(
    "name", ["nobody", "gone", "x" * 10_000, "%00", "a%0ab", "%ff%fe", "%E2%80%AE", "first%20"]
)
def test_nobody_is_a_404(client, make_user, name):
    make_user("gone", is_active=False)
    make_user("first")
    assert client.get(f"/people/{name}/").status_code in {400, 404}


def test_comments_come_by_twenty_and_none_twice(client, make_user, make_comment):
    user = make_user("first")
    for number in range(45):
        make_comment(author=user, body=f"Word number {number} of mine.")
    seen, path = [], "/people/first/"
    while path:
        page = client.get(path).text
        found = re.findall(r"Word number (\d+) of", page)
        assert len(found) <= 20
        seen += found
        link = re.search(r'href="(\?before=\d+)"', page)
        path = "/people/first/" + link[1] if link else ""
    assert [int(number) for number in seen] == list(range(44, -1, -1))


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "1.5", "٣", "0", "%00"])
def test_a_cursor_that_is_none_is_no_error(client, make_user, before):
    make_user("first")
    assert client.get(f"/people/first/?before={before}").status_code in {400, 404}


def test_the_cursor_of_somebody_else_is_none(client, make_user, make_comment):
    make_user("first")
    assert client.get(f"/people/first/?before={make_comment().pk}").status_code == 404


def test_the_page_costs_the_same_at_any_length(
    client, make_user, make_comment, django_assert_num_queries
):
    user = make_user("first")
    make_comment(author=user)
    with django_assert_num_queries(3):
        client.get("/people/first/")
    for _ in range(24):
        make_comment(author=user)
    with django_assert_num_queries(3):
        client.get("/people/first/")


def test_it_is_only_read(client, make_user):
    make_user("first")
    assert client.post("/people/first/").status_code == 405
    assert client.put("/account/").status_code == 405


def test_a_held_comment_of_a_visible_person_never_shows_by_cursor(client, make_user, make_comment):
    user = make_user("first")
    held = make_comment(author=user, status=Comment.Status.PENDING, body="Unseen words.")
    assert "Unseen" not in client.get(f"/people/first/?before={held.pk + 1}").text
