"""What a moderator hid stays hidden in every place of the conversation, quotations included."""

import pytest
from django.core import mail

from articles.models import Article
from comments import mailing, notices
from comments.models import Comment, Follow, MailChoice, Notice, Report

SECRET = "Mary of Mill Lane stole it"


@pytest.fixture
def quoting(make_comment, make_user, moderator):
    """A visible reply that quotes words which a moderator took down since."""
    hidden = make_comment(body=f"I know that {SECRET}, all of it.", author=make_user("villainous"))
    make_comment(parent=hidden, author=make_user("answerer"), quote=SECRET,
                 quote_source="comment", quote_version=hidden.version)  # fmt: skip
    hidden.reject(by=moderator, reason="attack")
    return hidden


def pages(hidden: Comment) -> list[str]:
    story, reply = hidden.article.get_absolute_url(), hidden.replies.get()
    return [
        "/", story, f"{story}?order=newest", f"{story}?order=picks", f"{story}comments/",
        f"{story}comments/?since=0", f"{story}comments/latest/", f"{story}feed/", "/comments/feed/",
        "/search/?q=Mary+Lane&tab=comments", "/people/villainous/", "/people/answerer/",
        *(f"/comments/{one.pk}/{way}" for one in (hidden, reply) for way in (
            "", "replies/", "replies/?after=0", "reply/", "edit/", "history/", "delete/",
            "respect/", "report/", "follow/", "pick/")),
        "/account/comments/", "/account/notifications/", "/account/followed/", "/account/muted/",
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["", "ada", "answerer", "editorial"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_words_taken_down_are_not_kept_up_by_who_quoted_them(
    client, quoting, reader, editor, django_user_model, who, headers
):
    if who:
        person = django_user_model.objects.get(username=who)
        Follow.turn(person, quoting.article, quoting, wanted=True)
        client.force_login(person)
    for path in pages(quoting):
        assert "stole it" not in client.get(path, headers=headers).text, path


def test_words_taken_down_are_in_no_mail_and_no_digest(quoting, make_user, make_comment):
    mail.outbox.clear()
    reply = quoting.replies.get()
    for pace in MailChoice.Pace.NOW, MailChoice.Pace.DAILY:
        person = make_user()
        Follow.turn(person, quoting.article, wanted=True)
        MailChoice.choose(person, {Notice.Kind.STORY: pace})
    Notice.objects.all().delete()
    notices.announce(reply)
    Notice.objects.filter(mail="waiting").update(mail_due_at=reply.created_at)
    assert mailing.deliver_due() == 2
    for sent in mail.outbox:
        assert "stole it" not in sent.message().as_string()
        assert "villainous" not in sent.message().as_string()


def test_own_comments_do_not_keep_up_the_words_of_others(client, quoting, django_user_model):
    client.force_login(django_user_model.objects.get(username="answerer"))
    page = client.get("/account/comments/").text
    assert "stole it" not in page
    assert "quotes a comment that is not shown any more" in page


@pytest.mark.parametrize(
    "change",
    [
        {"comment_policy": Article.CommentPolicy.HIDDEN},
        {"status": Article.Status.WITHDRAWN, "withdrawal_notice": "It was wrong."},
        {"status": Article.Status.DRAFT},
    ],
)
def test_a_report_shows_nothing_of_a_conversation_that_is_hidden(
    client, reader, moderator, make_comment, change
):
    comment = make_comment(body=f"I know that {SECRET}, all of it.")
    Report.make(comment, reader, "attack")
    comment.approve(by=moderator)
    client.force_login(reader)
    for path in (f"/comments/{comment.pk}/report/", "/account/notifications/"):
        assert "stole it" in client.get(path).text, path
    Article.objects.filter(pk=comment.article_id).update(**change)
    for path in (f"/comments/{comment.pk}/report/", "/account/notifications/"):
        assert "stole it" not in client.get(path).text, path


def test_who_follows_a_thread_can_stop_once_its_first_comment_is_hidden(client, quoting, reader):
    Follow.objects.create(reader=reader, article=quoting.article, thread=quoting)
    client.force_login(reader)
    address = f"/comments/{quoting.pk}/follow/"
    assert "stole it" not in client.get(address).text
    answer = client.post(address, {"wanted": "no", "from": "list"})
    assert answer.status_code == 303
    assert not reader.follows.exists()
    # Who does not follow it is told nothing of it, and cannot begin to.
    for answer in (client.get(address), client.post(address, {"wanted": "yes"})):
        assert answer.status_code == 404
    assert not reader.follows.exists()
