"""Comments as a page shows them: read in bulk, with what their lines say and no more.

A page has two hundred of them. Django takes as long to make that many rows with their authors as
a whole page may take, so they are made here by hand: real ``Comment``s and ``User``s, of which the
columns that no line shows are fetched when somebody asks for them, as after ``only()``. It took
the making of a page's comments from 9 ms to 1.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Case, Exists, OuterRef, QuerySet, Value, When
from django.db.models.base import ModelState
from django.db.models.functions import Coalesce

from accounts.models import User
from comments.models import Comment, Revision

if TYPE_CHECKING:
    from comments.models import CommentQuerySet

# By the names of their attributes; all that nodes, lines and threads look at.
COMMENT = (
    "id", "article_id", "author_id", "parent_id", "root_id", "depth", "number", "status",
    "is_placed", "visible_replies", "respect_count", "version", "body_html", "quote",
    "quote_source", "quote_version", "pick_reason", "thread_picks", "guest_name", "created_at",
    "visible_at", "edited_at", "closed_at", "reason",
)  # fmt: skip
# Of ``with_record`` below.
RECORD = ("thread_closed_at", "has_history")
AUTHOR = ("username", "display_name", "is_staff", "expertise")
NAMES = COMMENT + RECORD
END = len(NAMES) + len(AUTHOR)
# Where they stand in a row.
ID, AUTHOR_ID, ROOT_ID, NUMBER, STATUS, VISIBLE_REPLIES = map(
    NAMES.index, ("id", "author_id", "root_id", "number", "status", "visible_replies")
)


def with_record(comments: "CommentQuerySet") -> "CommentQuerySet":
    """With what a comment's line shows beside its text: its thread's end, whether it has a history.

    The last is looked up for the few comments that it can be said of, in the same query.
    """
    texts = Revision.objects.readable().filter(comment=OuterRef("pk")).order_by()
    return comments.annotate(
        # Since when its thread takes no answers.
        thread_closed_at=Coalesce("closed_at", "root__closed_at"),
        has_history=Case(
            When(edited_at__isnull=False, then=Exists(texts)),
            default=Value(False),
            output_field=BooleanField(),
        ),
    )


def as_rows(comments: "CommentQuerySet", *further: str) -> "QuerySet[Any, tuple[Any, ...]]":
    """Return a query of the comments' rows ``with_record``, with their authors' columns.

    ``further`` are the names of annotations to have at their ends too.
    """
    authors = [f"author__{name}" for name in AUTHOR]
    return with_record(comments).values_list(*COMMENT, *RECORD, *authors, *further)


def made(rows: Iterable[tuple[Any, ...]], db: str) -> list[Comment]:
    """Return the comments of ``as_rows``, each with its author, of whom each is one object."""
    people: dict[int, User] = {}
    comments = []
    for row in rows:
        comment = Comment.__new__(Comment)
        known = comment.__dict__
        known.update(zip(NAMES, row, strict=False))
        state = known["_state"] = ModelState()
        state.db, state.adding = db, False
        author_id = known["author_id"]
        if author_id is None:
            state.fields_cache["author"] = None
        else:
            author = people.get(author_id)
            if author is None:
                author = people[author_id] = _person(author_id, row[len(NAMES) : END], db)
            state.fields_cache["author"] = author
        comments.append(comment)
    return comments


def _person(pk: int, values: tuple[object, ...], db: str) -> User:
    person = User.__new__(User)
    person.__dict__.update(zip(AUTHOR, values, strict=True), id=pk, _state=ModelState())
    person._state.db, person._state.adding = db, False
    return person
