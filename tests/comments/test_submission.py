"""Handing in a comment: once, whole, and by one path."""

import uuid

import pytest

from comments import rulebook
from comments.models import CheckRule, Comment, Decision, Refused


def test_same_form_twice_is_one_comment(write, article):
    key = uuid.uuid4()
    first = write(form_key=key).submit()
    second = write(form_key=key).submit()
    assert first == second
    article.refresh_from_db()
    assert article.comments.count() == article.comment_count == 1
    assert Decision.objects.filter(comment=first).count() == 1


def test_same_form_with_another_text_place_or_story_is_refused(
    write, make_comment, article, make_article
):
    key = uuid.uuid4()
    parent = make_comment(article=article)
    write(form_key=key).submit()
    for other in (
        write("Another text.", form_key=key),
        write(form_key=key, parent=parent),
        write(form_key=key, on=make_article()),
    ):
        with pytest.raises(Refused, match="sent already"):
            other.submit()
    assert Comment.objects.filter(form_key=key).count() == 1


def test_same_form_of_two_people_is_two_comments(write, make_user, make_comment):
    key = uuid.uuid4()
    other = make_user()
    make_comment(author=other)
    assert write(form_key=key).submit() != write(form_key=key, author=other).submit()


def test_refused_form_can_be_sent_again(write):
    key = uuid.uuid4()
    with pytest.raises(Refused):
        write("\u200b", form_key=key).submit()
    assert write("Now with words.", form_key=key).submit().is_visible


def test_refused_comment_leaves_nothing_behind(write, article):
    with pytest.raises(Refused):
        write("").submit()
    article.refresh_from_db()
    assert (article.comment_count, article.last_number) == (0, 0)
    assert not article.comments.exists()


def test_held_form_sent_again_stays_one_held_comment(write, newcomer):
    key = uuid.uuid4()
    first = write(form_key=key, author=newcomer).submit()
    assert write(form_key=key, author=newcomer).submit() == first
    assert first.findings.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        "👨‍👩‍👧‍👦 family",
        "a\x00b",
        "a\ud800b",
        "\u202eabc",
        "שלום",
        "\U0010ffff!",
        "�",
        "𝔘𝔫𝔦",
        "&#9999999999999;",
    ],
)
def test_any_text_is_stored_or_refused_and_read_back(write, body):
    comment = write(body).submit()
    comment.refresh_from_db()
    assert comment.is_visible
    assert not set("\x00\u202e") & set(comment.body + comment.body_html)


def test_taking_a_comment_costs_the_same_under_a_long_conversation(
    write, make_comment, make_article, django_assert_num_queries
):
    # Of the many in one moment, which are a surge, this is not about.
    CheckRule.objects.create(check_name="surge", is_on=False)
    rulebook.current()  # read once, as long as nobody changes it
    small, large = make_article(), make_article()
    parents = [make_comment(article=small), make_comment(article=large)]
    for _ in range(20):
        make_comment(parent=make_comment(article=large))
    for parent in parents:
        reply = write(parent=parent, on=parent.article)
        with django_assert_num_queries(11):
            reply.submit()
