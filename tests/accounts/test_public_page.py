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
    with django_assert_num_queries(4):
        client.get("/people/first/")
    for _ in range(24):
        make_comment(author=user)
    with django_assert_num_queries(4):
        client.get("/people/first/")


def test_it_is_only_read(client, make_user):
    make_user("first")
    assert client.post("/people/first/").status_code == 405
    assert client.put("/account/").status_code == 405


def test_a_held_comment_of_a_visible_person_never_shows_by_cursor(client, make_user, make_comment):
    user = make_user("first")
    held = make_comment(author=user, status=Comment.Status.PENDING, body="Unseen words.")
    assert "Unseen" not in client.get(f"/people/first/?before={held.pk + 1}").text


@pytest.fixture
def picked(make_user, make_comment, editor):
    """Somebody with six picks, in six stories, the latest last."""
    person = make_user("first", display_name="Ada Quill")
    for number in range(6):
        comment = make_comment(author=person, body=f"Picked word {number}.")
        Comment.objects.filter(pk=comment.pk).update(
            pick_reason=f"Because {number}.", picked_by=editor,
            picked_at=timezone.now() + timezone.timedelta(minutes=number),
        )  # fmt: skip
    return person


def test_the_latest_five_picks_stand_on_top_of_the_first_page(client, picked, make_comment):
    for _ in range(20):
        make_comment(author=picked)
    page = client.get("/people/first/").text
    assert re.findall(r"Because (\d)\.", page) == ["5", "4", "3", "2", "1"]
    assert page.index("Editors’ picks") < page.index("<h2>Comments</h2>")
    older = client.get("/people/first/" + re.search(r'href="(\?before=\d+)"', page)[1]).text
    assert "Because" not in older


@pytest.mark.parametrize("status", ["pending", "rejected", "spam", "removed"])
def test_a_pick_that_readers_do_not_see_is_not_on_top(client, picked, status):
    Comment.objects.filter(author=picked, body__contains="5").update(status=status)
    page = client.get("/people/first/").text
    assert "Because 4." in page
    assert "word 5" not in page


def test_who_hides_their_comments_shows_neither_them_nor_picks(client, picked, reader, moderator):
    picked.hides_comments = True
    picked.save()
    for user in (None, reader, moderator):
        if user:
            client.force_login(user)
        for query in ("", f"?before={Comment.objects.filter(author=picked).last().pk}"):
            page = client.get(f"/people/first/{query}").text
            assert "<bdi>Ada Quill</bdi> keeps their comments off this page." in page
            assert "Picked word" not in page
            assert "Because" not in page
    client.force_login(picked)
    page = client.get("/people/first/").text
    assert "You keep your comments off this page" in page
    assert "Picked word" not in page


def test_badges_say_who_works_here_and_who_knows_about_what(client, make_user):
    make_user("first", expertise="tides <& sea level>")
    make_user("second", role="reporter")
    make_user("third")
    page = client.get("/people/first/").text
    assert "Expert in <bdi>tides &lt;&amp; sea level&gt;</bdi>" in page
    assert "Works for" not in page
    assert "Works for" in client.get("/people/second/").text
    assert "badge" not in client.get("/people/third/").text


def test_mute_stands_on_the_page_for_those_who_may_use_it(client, make_user, reader, reporter):
    make_user("first")
    mute = "/people/first/mute/"
    assert mute not in client.get("/people/first/").text
    client.force_login(reader)
    assert f'href="{mute}" rel="nofollow">Mute</a>' in client.get("/people/first/").text
    assert "/mute/" not in client.get("/people/ada/").text
    assert "/mute/" not in client.get("/people/reporterly/").text
    client.post(mute, {"wanted": "yes"})
    assert "You mute them: unmute" in client.get("/people/first/").text


def test_the_page_of_anonymous_readers_is_one_for_all(client, picked):
    answer = client.get("/people/first/")
    assert not answer.cookies
    assert "csrf" not in answer.text
    assert "public" in answer["Cache-Control"]


def test_the_page_costs_the_same_for_those_logged_in(
    client, reader, make_user, make_comment, django_assert_num_queries
):
    user = make_user("first")
    make_comment(author=user)
    client.force_login(reader)
    for more in (0, 24):
        for _ in range(more):
            make_comment(author=user)
        with django_assert_num_queries(8):
            client.get("/people/first/")
    user.hides_comments = True
    user.save()
    with django_assert_num_queries(6):
        client.get("/people/first/")
