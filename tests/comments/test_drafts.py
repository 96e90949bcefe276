"""Texts written before log-in: posted once, by whom they belong to, and never lost."""

import pytest
from django.utils import timezone

from comments import drafts
from comments.models import Comment, Draft, WordRule


@pytest.fixture
def draft(article):
    return Draft.objects.create(article=article, body="The wall was *too* low.")


def test_draft_becomes_its_authors_comment_once(draft, reader, article):
    comment = draft.post(by=reader)
    assert comment.author == reader
    assert comment.is_visible
    assert "<em>too</em>" in comment.body_html
    assert draft.post(by=reader) == comment
    assert Draft.objects.get(pk=draft.pk).post(by=reader) == comment
    assert article.comments.filter(author=reader).count() == 1


def test_draft_of_a_newcomer_is_held(draft, newcomer):
    assert draft.post(by=newcomer).is_pending


def test_strangers_draft_is_neither_posted_nor_told_of(draft, reader, make_user, article):
    stranger = make_user()
    Draft.objects.filter(pk=draft.pk).update(author=reader)
    draft.refresh_from_db()
    assert draft.post(by=stranger) is None
    assert not article.comments.exists()
    comment = draft.post(by=reader)
    assert draft.post(by=stranger) is None
    assert comment.author == reader


def test_problem_is_kept_with_the_text_and_goes_when_it_is_solved(draft, reader):
    rule = WordRule.objects.create(kind="pattern", pattern=".+", action="block")
    Draft.objects.filter(pk=draft.pk).update(body="word " * 900)
    assert draft.post(by=reader) is None
    assert "we do not publish" in draft.problem
    assert draft.author == reader
    assert draft.body.startswith("word word")
    rule.delete()
    assert draft.post(by=reader) is not None
    assert draft.problem == ""


def test_draft_that_answers_what_is_gone_keeps_its_problem(
    article, make_comment, moderator, reader
):
    parent = make_comment(article=article)
    draft = Draft.objects.create(article=article, parent=parent, body="I agree.")
    parent.reject(by=moderator, reason="attack")
    assert draft.post(by=reader) is None
    assert "not shown any more" in draft.problem
    assert not Comment.objects.filter(author=reader, article=article).exists()


def test_draft_answers_what_it_was_written_under(article, make_comment, reader):
    parent = make_comment(article=article)
    draft = Draft.objects.create(article=article, parent=parent, body="I agree.")
    comment = draft.post(by=reader)
    assert (comment.parent, comment.root, comment.depth) == (parent, parent, 1)


def test_draft_older_than_it_is_kept_is_not_posted_when_the_address_is_confirmed(
    draft, newcomer, article, rf
):
    Draft.objects.filter(pk=draft.pk).update(author=newcomer)
    address = newcomer.emailaddress_set.get()
    Draft.objects.filter(pk=draft.pk).update(created_at=timezone.now() - Draft.KEPT)
    drafts.post_at_confirmation(rf.get("/"), address)
    assert article.comments.count() == 0
    Draft.objects.filter(pk=draft.pk).update(created_at=timezone.now())
    drafts.post_at_confirmation(rf.get("/"), address)
    assert article.comments.count() == 1
