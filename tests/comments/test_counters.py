"""Counters counted again from the rows."""

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article
from comments import counters
from comments.models import Comment, Respect


@pytest.fixture
def conversation(make_comment, moderator, reader):
    """A thread with a stub, a reply below it, a second thread and a held comment."""
    root = make_comment()
    reply = make_comment(parent=root)
    make_comment(parent=reply)
    root.reject(by=moderator, reason="attack")
    second = make_comment()
    make_comment(status=Comment.Status.PENDING)
    Respect.objects.create(comment=second, reader=reader)
    Comment.objects.filter(pk=second.pk).update(respect_count=1)
    reply.pick(by=moderator, reason="Well said.")
    second.pick(by=moderator, reason="So is this.")
    return Article.objects.get(pk=root.article_id)


def state(article):
    article.refresh_from_db()
    rows = article.comments.order_by("pk").values_list(
        "number", "is_placed", "visible_replies", "respect_count", "thread_picks"
    )
    return (article.comment_count, article.thread_count, article.last_number, list(rows))


def test_nothing_is_found_or_written_where_counters_are_right(conversation):
    before, version = state(conversation), conversation.page_version
    assert counters.drift(conversation) == []
    assert counters.recount(conversation) == []
    assert state(conversation) == before
    assert conversation.page_version == version


def test_every_counter_is_brought_back_from_the_rows(conversation):
    before = state(conversation)
    Article.objects.filter(pk=conversation.pk).update(
        comment_count=99, thread_count=0, last_number=1
    )
    conversation.comments.update(visible_replies=7, respect_count=5, thread_picks=3)
    conversation.comments.exclude(status="approved").update(is_placed=False)
    found = counters.recount(conversation)
    assert f"article {conversation.pk}: comment_count is 99, counted 4" in found
    assert state(conversation) == before


def test_picks_are_counted_where_their_thread_begins_and_only_visible_ones(
    make_comment, moderator, editor
):
    root = make_comment()
    picks = [root, make_comment(parent=root), make_comment(parent=make_comment(parent=root))]
    for comment in picks:
        comment.pick(by=editor, reason="Well said.")
    picks[1].reject(by=moderator, reason="attack")
    article = Article.objects.get(pk=root.article_id)
    assert counters.drift(article) == []
    article.comments.filter(pk=root.pk).update(thread_picks=3)
    assert counters.recount(article) == [f"comment {root.pk}: thread_picks is 3, counted 2"]
    assert list(article.comments.order_by("pk").values_list("thread_picks", flat=True)) == [
        2, 0, 0, 0,
    ]  # fmt: skip


def test_kept_copies_of_the_page_know_that_counters_were_set(conversation):
    version = conversation.page_version
    Article.objects.filter(pk=conversation.pk).update(comment_count=99)
    counters.recount(conversation)
    assert conversation.page_version == version + 1
    assert conversation.comment_count == 4


def test_last_number_never_goes_back(conversation):
    Article.objects.filter(pk=conversation.pk).update(last_number=500)
    assert counters.drift(conversation) == []


def test_deep_thread_is_counted_without_a_limit(article, make_user):
    author, parent = make_user(), None
    for number in range(1, 300):
        comment = Comment(article=article, author=author, status="approved", number=number,
                          is_placed=True, visible_at="2020-01-01T00:00:00Z")  # fmt: skip
        comment.answer_to(parent)
        comment.set_body("Deeper.")
        comment.save()
        parent = comment
    counters.recount(article)
    first = article.comments.get(number=1)
    assert first.visible_replies == 298
    assert (article.comment_count, article.thread_count, article.last_number) == (299, 1, 299)


def test_command_fails_on_drift_and_mends_it_with_fix(conversation, make_article, capsys):
    make_article()
    call_command("check_counters")
    assert "all are right" in capsys.readouterr().out
    Article.objects.filter(pk=conversation.pk).update(thread_count=9)
    with pytest.raises(CommandError, match="1 counters are wrong in 2 articles"):
        call_command("check_counters")
    assert "thread_count is 9, counted 3" in capsys.readouterr().out
    call_command("check_counters", fix=True)
    assert "1 set right" in capsys.readouterr().out
    call_command("check_counters")


def test_checking_takes_as_many_queries_for_many_articles_as_for_few(
    make_comment, make_article, django_assert_num_queries
):
    make_comment(article=make_article())
    with django_assert_num_queries(4):
        assert [found for _, found in counters.suspects()] == [[]]
    for _ in range(10):
        make_comment(article=make_article())
    with django_assert_num_queries(4):
        assert [found for _, found in counters.suspects()] == [[]]
