"""Who is told what: the rows of people's notices, written with what they tell of.

Each function is called inside the transaction of its cause, so that a notice stands if and only
if its cause does. Mail goes out later, from ``comments.mailing``.
"""

from comments.models import Comment, Decision


def of_decision(comment: Comment, decision: Decision, is_news: bool = False) -> None:
    """Tell those whom a decision on ``comment``, or on an edit of it, concerns.

    ``is_news`` says that readers see the comment for the first time.
    """


def of_pick(comment: Comment) -> None:
    """Tell its author that an editor picked their comment."""
