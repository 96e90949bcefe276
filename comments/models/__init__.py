"""What readers say, and the record of what was decided about it."""

from comments.models.appeal import Appeal
from comments.models.batch import Batch, BatchItem
from comments.models.chain import Link
from comments.models.checkrule import CheckRule, TextMark
from comments.models.comment import (
    ClosedToEdits,
    Comment,
    CommentQuerySet,
    InvalidMove,
    LookFailed,
    Refused,
    StaleDecision,
)
from comments.models.desk import (
    Claim,
    DeskSettings,
    DutyHours,
    MessageTemplate,
    SavedFilter,
    SecondLook,
    StaffNote,
)
from comments.models.dispatch import Dispatch
from comments.models.draft import Draft
from comments.models.follow import Follow, Mute, NotToBeMuted, Visit
from comments.models.legal import LegalNotice
from comments.models.notice import MailChoice, MailStop, Notice
from comments.models.prompt import PromptCount
from comments.models.reason import Reason
from comments.models.record import Decision, Finding
from comments.models.report import AlreadyReported, AnsweredIt, OwnComment, Report
from comments.models.respect import Respect
from comments.models.revision import Revision
from comments.models.ruleversion import RuleVersion
from comments.models.sanction import Sanction
from comments.models.terms import Terms
from comments.models.wordrule import WordRule

__all__ = [
    "AlreadyReported",
    "AnsweredIt",
    "Appeal",
    "Batch",
    "BatchItem",
    "CheckRule",
    "Claim",
    "ClosedToEdits",
    "Comment",
    "CommentQuerySet",
    "Decision",
    "DeskSettings",
    "Dispatch",
    "Draft",
    "DutyHours",
    "Finding",
    "Follow",
    "InvalidMove",
    "LegalNotice",
    "Link",
    "LookFailed",
    "MailChoice",
    "MailStop",
    "MessageTemplate",
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
    "RuleVersion",
    "Sanction",
    "SavedFilter",
    "SecondLook",
    "StaffNote",
    "StaleDecision",
    "Terms",
    "TextMark",
    "Visit",
    "WordRule",
]
