"""Editors' picks: with a reason, a few per story, by those who may."""

import pytest

from articles.models import Article
from comments.counters import drift
from comments.models import Comment, InvalidMove


def pick(client, comment, **sent):
    answer = client.post(f"/comments/{comment.pk}/pick/", sent)
    comment.refresh_from_db()
    return answer


@pytest.mark.parametrize("role", ["editor", "moderator", "administrator"])
def test_those_who_may_pick_and_take_back(client, make_user, make_comment, role):
    comment, user = make_comment(), make_user(role=role)
    client.force_login(user)
    answer = pick(client, comment, reason="  Says what the council\u202e left out. ")
    assert answer.status_code == 303
    assert answer.url.endswith(f"#comment-{comment.pk}")
    assert comment.pick_reason == "Says what the council left out."
    assert comment.picked_by == user
    assert comment.thread_picks == 1
    assert pick(client, comment, wanted="no").status_code == 303
    assert (comment.pick_reason, comment.thread_picks) == ("", 0)
    # Pressed twice, it stays as it is.
    assert pick(client, comment, wanted="no").status_code == 303


@pytest.mark.parametrize("role", ["", "reporter"])
def test_for_others_the_page_is_not_there(client, make_user, make_comment, role):
    comment = make_comment()
    client.force_login(make_user(role=role))
    assert client.get(f"/comments/{comment.pk}/pick/").status_code == 404
    assert pick(client, comment, reason="Mine.").status_code == 404
    assert comment.pick_reason == ""


def test_who_is_not_logged_in_is_asked_to(client, make_comment):
    comment = make_comment()
    answer = client.get(f"/comments/{comment.pk}/pick/")
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")
    assert pick(client, comment, reason="x").status_code == 302
    assert comment.pick_reason == ""


@pytest.mark.parametrize("status", ["pending", "rejected", "spam", "removed"])
def test_what_readers_do_not_see_is_not_there_to_pick(client, editor, make_comment, status):
    comment = make_comment(status=status)
    client.force_login(editor)
    assert client.get(f"/comments/{comment.pk}/pick/").status_code == 404
    assert pick(client, comment, reason="x").status_code == 404


@pytest.mark.parametrize("reason", ["", "   ", "\u202e", "\u200b\u200b", "x" * 201, "a\0b"])
def test_a_pick_needs_a_short_reason(client, editor, make_comment, reason):
    comment = make_comment()
    client.force_login(editor)
    answer = pick(client, comment, reason=reason)
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text
    assert comment.pick_reason == ""


def test_nobody_picks_their_own(client, editor, make_comment):
    own = make_comment(author=editor)
    client.force_login(editor)
    assert "somebody else has to pick it" in client.get(f"/comments/{own.pk}/pick/").text
    assert pick(client, own, reason="Mine.").status_code == 409
    assert own.pick_reason == ""


def test_the_sixth_is_refused_beside_the_field_and_the_five_are_named(
    client, editor, article, make_comment
):
    for number in range(Comment.MAX_PICKS):
        make_comment(article=article).pick(by=editor, reason=f"Reason number {number}.")
    sixth = make_comment(article=article)
    client.force_login(editor)
    page = client.get(f"/comments/{sixth.pk}/pick/").text
    assert "5 of 5 picks used" in page
    assert "Reason number 4." in page
    answer = pick(client, sixth, reason="Also good.")
    assert answer.status_code == 409
    assert "This story has 5 picks already." in answer.text
    assert 'value="Also good."' in answer.text
    assert sixth.pick_reason == ""
    article.comments.first().unpick(by=editor)
    assert pick(client, sixth, reason="Also good.").status_code == 303


def test_the_reason_can_be_changed_when_all_are_used(client, editor, article, make_comment):
    picks = [make_comment(article=article) for _ in range(Comment.MAX_PICKS)]
    for comment in picks:
        comment.pick(by=editor, reason="Good.")
    client.force_login(editor)
    page = client.get(f"/comments/{picks[0].pk}/pick/").text
    assert 'value="Good."' in page
    assert "Take the pick back" in page
    assert pick(client, picks[0], reason="Better said.").status_code == 303
    assert picks[0].pick_reason == "Better said."
    assert picks[0].thread_picks == 1


def test_a_pick_that_is_hidden_frees_its_place_and_the_count_follows(
    editor, moderator, make_comment
):
    root = make_comment()
    reply = make_comment(parent=root)
    for comment in (root, reply):
        comment.pick(by=editor, reason="Good.")
    root.refresh_from_db()
    assert root.thread_picks == 2
    reply.reject(by=moderator, reason="attack")
    root.refresh_from_db()
    assert root.thread_picks == 1
    assert drift(Article.objects.get(pk=root.article_id)) == []
    with pytest.raises(InvalidMove):
        reply.pick(by=editor, reason="Again.")


def test_a_pick_that_comes_back_when_all_places_are_given_away_is_none_any_more(
    editor, moderator, article, make_comment
):
    first, *others = [make_comment(article=article) for _ in range(6)]
    first.pick(by=editor, reason="Good.")
    first.reject(by=moderator, reason="attack")
    for comment in others:
        comment.pick(by=editor, reason="Good.")
    first.approve(by=moderator)
    assert set(article.comments.picked()) == set(others)
    assert first.pick_reason == ""
    assert drift(Article.objects.get(pk=article.pk)) == []
    # While there is room it keeps its place.
    others[0].reject(by=moderator, reason="attack")
    others[0].approve(by=moderator)
    assert set(article.comments.picked()) == set(others)


def test_the_page_costs_the_same_with_one_pick_and_with_five(
    client, editor, article, make_comment, django_assert_num_queries
):
    client.force_login(editor)
    shown = make_comment(article=article)
    for picks in (1, 4):
        for _ in range(picks):
            make_comment(article=article).pick(by=editor, reason="Good.")
        with django_assert_num_queries(7):
            client.get(f"/comments/{shown.pk}/pick/")
