"""What readers say, and the record of what was decided about it."""

from comments.models.comment import (
    ClosedToEdits,
    Comment,
    CommentQuerySet,
    InvalidMove,
    Refused,
    StaleDecision,
)
from comments.models.draft import Draft
from comments.models.follow import Follow, Mute, NotToBeMuted, Visit
from comments.models.notice import MailChoice, MailStop, Notice
from comments.models.prompt import PromptCount
from comments.models.reason import Reason
from comments.models.record import Decision, Finding
from comments.models.report import AlreadyReported, AnsweredIt, OwnComment, Report
from comments.models.respect import Respect
from comments.models.revision import Revision
from comments.models.wordrule import WordRule

__all__ = [
    "AlreadyReported",
    "AnsweredIt",
    "ClosedToEdits",
    "Comment",
    "CommentQuerySet",
    "Decision",
    "Draft",
    "Finding",
    "Follow",
    "InvalidMove",
    "MailChoice",
    "MailStop",
    "Mute",
    "NotToBeMuted",
    "Notice",
    "OwnComment",
    "PromptCount",
    "Reason",
    "Refused",
    "Report",
    "Respect",
    "Revision",
    "StaleDecision",
    "Visit",
    "WordRule",
]
