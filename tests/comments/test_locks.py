"""The article's row before the comment's, always, and both as they are once the wait is over."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from articles.models import Article
from comments.models import Comment

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks the whole file"),
]
WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def is_free(row):
    """Tell whether nobody holds the row."""
    try:
        with transaction.atomic():
            type(row).objects.select_for_update(nowait=True).get(pk=row.pk)
    except DatabaseError:
        return False
    return True


class Locking(threading.Thread):
    """Takes a comment's locks in a connection of its own, once it can; keeps the row it got."""

    def __init__(self, comment):
        super().__init__()
        self.comment, self.row = comment, None

    def run(self):
        try:
            with transaction.atomic():
                self.row = self.comment.locked()
        finally:
            connection.close()

    def wait_until_it_waits(self):
        with connection.cursor() as cursor:
            for _ in range(20_000):
                cursor.execute(WAITS)
                if cursor.fetchone()[0]:
                    return
        raise AssertionError("It does not wait.")


@pytest.fixture
def elsewhere():
    """A second connection of this thread, to hold a lock by and to look from the first."""
    other = connection.copy()
    other.set_autocommit(False)
    yield other
    other.rollback()
    other.close()


@pytest.mark.parametrize("held", ["article", "comment"])
def test_the_article_is_locked_first_and_alone(make_comment, elsewhere, held):
    comment = make_comment()
    row = comment.article if held == "article" else comment
    with elsewhere.cursor() as cursor:
        lock = f"SELECT 1 FROM {row._meta.db_table} WHERE id = %s FOR UPDATE"  # noqa: S608
        cursor.execute(lock, [row.pk])
    waiting = Locking(comment)
    waiting.start()
    waiting.wait_until_it_waits()
    if held == "article":
        assert is_free(comment)  # who waits for the first has not taken the second
    else:
        assert not is_free(comment.article)
    elsewhere.rollback()
    waiting.join(timeout=30)
    assert waiting.row == comment


def test_what_changed_during_the_wait_is_seen_after_it(make_comment, elsewhere):
    comment = make_comment()
    with elsewhere.cursor() as cursor:
        cursor.execute(
            "UPDATE articles_article SET comment_count = 41 WHERE id = %s", [comment.article_id]
        )
        cursor.execute("UPDATE comments_comment SET version = 42 WHERE id = %s", [comment.pk])
    waiting = Locking(comment)
    waiting.start()
    waiting.wait_until_it_waits()
    elsewhere.commit()
    waiting.join(timeout=30)
    assert (waiting.row.article.comment_count, waiting.row.version) == (41, 42)
    Article.objects.update(comment_count=1)
    Comment.objects.update(version=comment.version)
