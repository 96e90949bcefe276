"""Walking a thread: who stands above a comment, and what hangs below it.

Plain SQL, since both databases know recursive queries and the ORM does not.
"""

from typing import TYPE_CHECKING

from django.db import connections, router

if TYPE_CHECKING:
    from comments.models import Comment

ABOVE = """
WITH RECURSIVE above(id, parent_id) AS (
    SELECT id, parent_id FROM comments_comment WHERE id = %s
    UNION ALL
    SELECT c.id, c.parent_id FROM comments_comment c JOIN above ON c.id = above.parent_id
)
SELECT id FROM above WHERE id <> %s
"""
BELOW = """
WITH RECURSIVE below(id) AS (
    SELECT id FROM comments_comment WHERE parent_id = %s AND is_placed
    UNION ALL
    SELECT c.id FROM comments_comment c JOIN below ON c.parent_id = below.id WHERE c.is_placed
)
SELECT c.id FROM below JOIN comments_comment c ON c.id = below.id
WHERE c.number > %s ORDER BY c.number LIMIT %s
"""
COUNT_BELOW = """
WITH RECURSIVE below(id) AS (
    SELECT id FROM comments_comment WHERE parent_id = %s AND is_placed
    UNION ALL
    SELECT c.id FROM comments_comment c JOIN below ON c.parent_id = below.id WHERE c.is_placed
)
SELECT COUNT(*) FROM below JOIN comments_comment c ON c.id = below.id
WHERE c.number > %s AND c.status = 'approved'
"""


def _ids(sql: str, *values: int) -> list[int]:
    from comments.models import Comment

    with connections[router.db_for_read(Comment)].cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def ancestor_ids(comment: "Comment") -> list[int]:
    """Return the ids of the comments above this one, nearest first."""
    if comment.parent_id is None or comment.root_id is None:
        return []
    if comment.depth <= 2:
        # Most answers: all that stands above them is in their own row.
        return list(dict.fromkeys([comment.parent_id, comment.root_id]))
    return _ids(ABOVE, comment.pk, comment.pk)


def descendant_ids(comment: "Comment", after: int, limit: int) -> list[int]:
    """Return the ids of placed replies at any depth below, by number from ``after`` on."""
    return _ids(BELOW, comment.pk, after, limit)


def count_below(comment: "Comment", after: int) -> int:
    """Return how many visible replies at any depth below have a number above ``after``."""
    return _ids(COUNT_BELOW, comment.pk, after)[0]
