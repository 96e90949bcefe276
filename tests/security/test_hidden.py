"""What is hidden tells nothing: not its text, not who wrote it, not that it is there."""

import pytest

from articles.models import Article
from comments.models import Comment, Draft

HIDDEN = [Comment.Status.PENDING, Comment.Status.REJECTED, Comment.Status.SPAM,
          Comment.Status.REMOVED]  # fmt: skip


@pytest.fixture
def villain(make_user):
    return make_user("villainous")


@pytest.fixture
def answered(make_comment, moderator, villain):
    """A rejected comment that keeps its place, since a visible reply hangs on it."""
    comment = make_comment(author=villain)
    make_comment(parent=comment)
    comment.reject(by=moderator, reason="attack")
    return comment


def test_the_form_for_a_reply_does_not_name_who_was_rejected(client, reader, answered):
    client.force_login(reader)
    form = {"body": "Words of mine.", "parent": answered.pk, "preview": "1"}
    answer = client.post(f"{answered.article.get_absolute_url()}comments/", form)
    assert "Words of mine." in answer.text
    assert "villainous" not in answer.text


def test_a_flat_reply_does_not_name_whom_it_answers_once_that_is_hidden(
    client, make_comment, moderator, villain
):
    above = make_comment()
    for _ in range(5):
        above = make_comment(parent=above)
    hidden = make_comment(parent=above, author=villain)
    reply = make_comment(parent=hidden)
    page = reply.article.get_absolute_url()
    assert "villainous" in client.get(page).text
    hidden.reject(by=moderator, reason="attack")
    for path in (page, f"{page}comments/", reply.get_absolute_url(), above.get_absolute_url()):
        assert "villainous" not in client.get(path).text, path
    assert f">#{hidden.number}, which is not shown any more</a>" in client.get(page).text


@pytest.mark.parametrize("status", HIDDEN)
def test_a_persons_page_does_not_tell_whose_a_hidden_comment_is(
    client, villain, make_comment, status
):
    hidden = make_comment(author=villain, status=status)
    others = make_comment(status=status)
    for comment in (hidden, others):
        assert client.get(f"/people/villainous/?before={comment.pk}").status_code == 404


@pytest.mark.parametrize("status", HIDDEN)
@pytest.mark.parametrize("role", ["", "reader", "reporter"])
def test_a_hidden_comment_is_nowhere_by_id(client, make_user, make_comment, status, role):
    hidden = make_comment(status=status, body="Nobody reads this sentence.")
    if role:
        client.force_login(make_user(role=role.replace("reader", "")))
    for way in ("", "reply/", "edit/", "delete/", "respect/", "report/"):
        answer = client.get(f"{hidden.get_absolute_url()}{way}")
        assert answer.status_code == (404 if role or way in {"", "reply/"} else 302), way
    for path in ("/", "/comments/feed/", "/search/?q=sentence&tab=comments",
                 hidden.author.get_absolute_url(), hidden.article.get_absolute_url(),
                 f"{hidden.article.get_absolute_url()}feed/"):  # fmt: skip
        assert "Nobody reads" not in client.get(path).text, path


@pytest.mark.parametrize("change", ["withdrawn", "hidden", "draft"])
def test_a_conversation_that_was_closed_to_readers_is_nowhere(client, make_comment, reader, change):
    comment = make_comment(body="A sentence under a story.", pick_reason="Well said")
    draft = Draft.objects.create(
        article=comment.article, parent=comment, body="Unsent.", author=reader
    )
    changes = {
        "withdrawn": {"status": Article.Status.WITHDRAWN, "withdrawal_notice": "It was wrong."},
        "hidden": {"comment_policy": Article.CommentPolicy.HIDDEN},
        "draft": {"status": Article.Status.DRAFT},
    }
    Article.objects.filter(pk=comment.article_id).update(**changes[change])
    story = comment.article.get_absolute_url()
    for user in (None, reader):
        if user:
            client.force_login(user)
        for path in ("/", story, f"{story}comments/", f"{story}feed/", comment.get_absolute_url(),
                     f"{comment.get_absolute_url()}reply/", f"{comment.get_absolute_url()}report/",
                     "/comments/feed/", "/search/?q=sentence&tab=comments",
                     comment.author.get_absolute_url(), draft.get_absolute_url()):  # fmt: skip
            assert "A sentence under" not in client.get(path).text, path
        answer = client.post(f"{story}comments/", {"body": "More.", "parent": comment.pk})
        assert answer.status_code == 404
        assert client.get(f"{comment.get_absolute_url()}reply/").status_code == 404
