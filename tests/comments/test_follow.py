"""Following a story or a thread, and the list of what one follows."""

import datetime

import pytest

from articles.models import Article
from comments.models import Comment, Follow, Refused


def follows(reader):
    return [(f.article_id, f.thread_id) for f in reader.follows.order_by("pk")]


def test_a_story_is_followed_and_left_however_often_that_is_asked(client, reader, article):
    client.force_login(reader)
    path = f"{article.get_absolute_url()}comments/follow/"
    for wanted, count in (("yes", 1), ("yes", 1), ("no", 0), ("no", 0), ("", 1), ("", 0)):
        answer = client.post(path, {"wanted": wanted})
        assert (answer.status_code, answer.url) == (303, f"{article.get_absolute_url()}#comments")
        assert follows(reader) == [(article.pk, None)] * count


def test_a_thread_is_followed_from_any_comment_in_it(client, reader, make_comment):
    root = make_comment()
    reply = make_comment(parent=make_comment(parent=root))
    client.force_login(reader)
    for comment in (root, reply):
        answer = client.post(f"/comments/{comment.pk}/follow/", {"wanted": "yes"})
        assert answer.status_code == 303
        assert answer.url.endswith(f"#comment-{comment.pk}")
        assert follows(reader) == [(root.article_id, root.pk)]


def test_a_story_and_its_thread_are_followed_apart(client, reader, make_comment):
    root = make_comment()
    client.force_login(reader)
    story = f"{root.article.get_absolute_url()}comments/follow/"
    for path in (story, f"/comments/{root.pk}/follow/"):
        client.post(path, {"wanted": "yes"})
    assert follows(reader) == [(root.article_id, None), (root.article_id, root.pk)]
    client.post(story, {"wanted": "no"})
    assert follows(reader) == [(root.article_id, root.pk)]


def test_a_standing_page_is_followed_at_its_address(client, reader, make_article):
    page = make_article(kind="page", slug="about")
    client.force_login(reader)
    assert client.get("/pages/about/comments/follow/").status_code == 200
    assert client.post("/pages/about/comments/follow/", {"wanted": "yes"}).status_code == 303
    assert follows(reader) == [(page.pk, None)]


def test_who_is_not_logged_in_is_asked_to(client, make_comment):
    comment = make_comment()
    story = f"{comment.article.get_absolute_url()}comments/follow/"
    for path in (story, f"/comments/{comment.pk}/follow/", "/account/followed/"):
        answer = client.get(path)
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")
    assert client.post(story, {"wanted": "yes"}).status_code == 302
    assert not Follow.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"status": "draft"}, {"status": "withdrawn"}, {"comment_policy": "hidden"}],
    ids=str,
)
def test_what_readers_cannot_open_cannot_be_followed(client, reader, make_comment, change):
    comment = make_comment()
    story = f"{comment.article.get_absolute_url()}comments/follow/"
    Article.objects.filter(pk=comment.article_id).update(**change)
    client.force_login(reader)
    for path in (story, f"/comments/{comment.pk}/follow/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"wanted": "yes"}).status_code == 404
    assert follows(reader) == []


@pytest.mark.parametrize("status", ["pending", "rejected", "spam", "removed"])
def test_a_hidden_comment_leads_to_no_thread(client, reader, make_comment, status):
    comment = make_comment(status=status)
    client.force_login(reader)
    assert client.post(f"/comments/{comment.pk}/follow/", {"wanted": "yes"}).status_code == 404
    assert follows(reader) == []


def test_the_buttons_come_back_in_place_asking_for_the_opposite(client, reader, make_comment):
    root = make_comment()
    client.force_login(reader)
    story = f"{root.article.get_absolute_url()}comments/follow/"
    for path, name in ((story, "follow-story"), (f"/comments/{root.pk}/follow/", "follow-")):
        for wanted, other, is_followed in (("yes", "no", True), ("no", "yes", False)):
            answer = client.post(path, {"wanted": wanted}, headers={"HX-Request": "true"})
            assert answer.status_code == 200
            assert answer.text.count("<button") == 1
            assert f'id="{name}' in answer.text
            assert f'value="{other}"' in answer.text
            assert ("Following" in answer.text) is is_followed


def test_the_page_names_what_is_followed_and_turns_it(client, reader, make_comment):
    root = make_comment(body="The first word.")
    reply = make_comment(parent=root, body="The second word.")
    client.force_login(reader)
    page = client.get(f"/comments/{reply.pk}/follow/").text
    assert "Follow this thread" in page
    assert "The first word." in page
    Follow.turn(reader, root.article, root, True)
    assert 'value="no"' in client.get(f"/comments/{reply.pk}/follow/").text
    page = client.get(f"{root.article.get_absolute_url()}comments/follow/").text
    assert "Follow this story" in page
    assert "/account/notifications/mail/" in page


def test_a_thread_whose_beginning_is_hidden_shows_none_of_it(
    client, reader, make_comment, moderator
):
    root = make_comment(body="Unseen words.")
    reply = make_comment(parent=root)
    Follow.turn(reader, root.article, root, True)
    root.reject(by=moderator, reason="attack")
    client.force_login(reader)
    for path in (f"/comments/{reply.pk}/follow/", "/account/followed/"):
        page = client.get(path)
        assert page.status_code == 200
        assert "Unseen words." not in page.text
        assert root.author_name not in page.text


def test_the_list_shows_ones_own_latest_first_with_the_last_comment(
    client, reader, make_user, make_article, make_comment
):
    story, other = make_article(headline="Bells at night"), make_article(headline="Tide gauge")
    root = make_comment(article=story)
    reply = make_comment(parent=root)
    later = make_comment(article=story)
    day = datetime.datetime(2026, 2, 1, 12, tzinfo=datetime.UTC)
    for number, comment in enumerate((root, reply, later)):
        Comment.objects.filter(pk=comment.pk).update(
            visible_at=day + datetime.timedelta(days=number)
        )
    Follow.turn(reader, story, wanted=True)
    Follow.turn(reader, story, root, True)
    Follow.turn(reader, other, wanted=True)
    Follow.turn(make_user(), make_article(headline="Not mine"), wanted=True)
    rows = list(Follow.objects.readable().filter(reader=reader))
    assert [row.last_said and row.last_said.day for row in rows] == [None, 2, 3]
    client.force_login(reader)
    page = client.get("/account/followed/").text
    assert (
        page.index("Tide gauge")
        < page.index(f"Thread #{root.number}")
        < page.index(">Bells at night</a>")
    )
    assert "No comment yet" in page
    assert "Not mine" not in page


def test_the_time_of_a_hidden_comment_is_not_told(reader, make_comment, moderator):
    root = make_comment()
    reply = make_comment(parent=root)
    Follow.turn(reader, root.article, root, True)
    reply.reject(by=moderator, reason="attack")
    root.refresh_from_db()
    assert Follow.objects.readable().get().last_said == root.visible_at


def test_a_thread_alone_tells_its_first_comment(reader, make_comment):
    root = make_comment()
    Follow.turn(reader, root.article, root, True)
    assert Follow.objects.readable().get().last_said == root.visible_at


def test_stopping_from_the_list_leads_back_to_it(client, reader, make_comment):
    root = make_comment()
    Follow.turn(reader, root.article, root, True)
    client.force_login(reader)
    answer = client.post(f"/comments/{root.pk}/follow/", {"wanted": "no", "from": "list"})
    assert (answer.status_code, answer.url) == (303, "/account/followed/")
    assert "You follow nothing yet." in client.get("/account/followed/").text


def test_stories_that_left_are_not_in_the_list(client, reader, article):
    Follow.turn(reader, article, wanted=True)
    Article.objects.filter(pk=article.pk).update(status=Article.Status.DRAFT)
    client.force_login(reader)
    assert article.headline not in client.get("/account/followed/").text


def test_the_list_costs_the_same_at_any_length(
    client, reader, make_article, make_comment, django_assert_num_queries
):
    client.force_login(reader)
    for rows in (1, 12):
        for _ in range(rows):
            Follow.turn(reader, make_article(), wanted=True)
            root = make_comment()
            Follow.turn(reader, root.article, root, True)
        with django_assert_num_queries(6):
            client.get("/account/followed/")


def test_sixty_in_a_minute_are_enough(client, reader, make_article, settings):
    settings.LIMITS = False
    for _ in range(60):
        Follow.turn(reader, make_article(), wanted=True)
    settings.LIMITS = True
    other = make_article()
    with pytest.raises(Refused):
        Follow.turn(reader, other, wanted=True)
    client.force_login(reader)
    path = f"{other.get_absolute_url()}comments/follow/"
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(path, {"wanted": "yes"}, headers=headers)
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 60
        assert "Please wait" in answer.text
        assert 'value="yes"' in answer.text


def test_the_account_page_leads_to_the_list(client, reader):
    client.force_login(reader)
    assert 'href="/account/followed/"' in client.get("/account/").text
