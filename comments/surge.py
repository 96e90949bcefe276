"""A story under pressure is moderated first for a while, says so, and goes back by itself."""

from comments.models import Comment


def note(comment: Comment) -> None:
    """Begin or prolong a surge where what comes in under the comment's story calls for it."""


def end_due() -> int:
    """End the surges whose time is over. Returns how many."""
    return 0
