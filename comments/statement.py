"""What a decision says to whom it concerns: one record, the same words wherever it is read.

The mail, the entry in the account, the page of the decision and the moderator's preview are all
made of a ``Statement``. It holds what the Digital Services Act, Art. 17(3), asks of a statement of
reasons: what was decided and how far it reaches, the facts, whether machines found or decided it,
the ground, and what one can do against it.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from comments import reasons
from comments.models import Appeal, Comment, Decision, Sanction

SALT = "comments.statement"

WHAT = {
    Comment.Status.REJECTED: "Readers do not see it, anywhere on this site, until a later decision "
    "shows it again.",
    Comment.Status.SPAM: "It was taken for spam, and readers do not see it.",
    Comment.Status.PENDING: "It is hidden until a moderator has looked at it.",
    Comment.Status.APPROVED: "Readers see it, at its number and in its place.",
}
SOURCES = {
    Decision.Source.REPORT: "Readers had reported it.",
    Decision.Source.NOTICE: "Somebody had given notice that it is against the law.",
    Decision.Source.APPEAL: "Somebody other than who decided first looked at your appeal.",
}


@dataclass(frozen=True)
class Statement:
    """What was decided, why, by whom and how; and what one can do about it."""

    what: str
    reason: str = ""
    rule: str = ""
    law: str = ""
    facts: str = ""
    message: str = ""
    how: str = ""
    redress: str = ""
    # Where one can appeal, and until when; empty where nobody can.
    appeal_url: str = ""

    @classmethod
    def of(cls, decision: Decision) -> "Statement":
        """Return what ``decision`` says to the comment's author."""
        is_against = decision.after in {Comment.Status.REJECTED, Comment.Status.SPAM}
        is_edit = decision.revision_id is not None
        what = WHAT[Comment.Status(decision.after)] if decision.after in WHAT else ""
        if is_edit:
            what = (
                "Readers go on seeing the text as it was."
                if is_against
                else "Readers see the new text."
            )
        if decision.act == Decision.Act.CLOSE:
            what = "It takes no more answers. What was said in it stays where it is."
        is_law = decision.ground == Decision.Ground.ILLEGAL
        can_appeal = is_against or decision.act == Decision.Act.CLOSE
        return cls(
            what=what,
            reason=decision.get_reason_display() if decision.reason else "",
            rule=reasons.rule(decision.reason) if not is_law else "",
            law=decision.law if is_law else "",
            facts=_facts(decision) if is_against else "",
            message=decision.message,
            how=_how(decision.by_id is not None, decision.rule, decision.at),
            **(_redress(decision) if can_appeal else {}),
        )

    @classmethod
    def preview(cls, comment: Comment, by: User, action: str, **said: Any) -> "Statement":
        """Return what a decision that is not taken yet would say. Saves nothing."""
        after = {"approve": Comment.Status.APPROVED, "spam": Comment.Status.SPAM}
        decision = Decision(
            comment=comment, by=by, before=comment.status, comment_version=comment.version,
            after=after.get(action, Comment.Status.REJECTED), **said,
        )  # fmt: skip
        decision.is_detected_by_rule = bool(comment.findings.all())
        if any(report.decision_id is None for report in comment.reports.all()):
            decision.source = Decision.Source.REPORT
        return cls.of(decision)

    @classmethod
    def of_sanction(cls, sanction: Sanction) -> "Statement":
        """Return what ``sanction`` says to the person."""
        can_appeal = sanction.kind not in {Sanction.Kind.LIFT, Sanction.Kind.UPHOLD}
        return cls(
            what=sanction.words,
            reason=sanction.get_reason_display() if sanction.reason else "",
            rule=reasons.rule(sanction.reason),
            message=sanction.message,
            how=_how(sanction.by_id is not None, sanction.rule, sanction.at),
            **(_redress(sanction) if can_appeal else {}),
        )

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The statement as pairs of a heading and its words, in the order of reading."""
        pairs = [
            ("What it means", self.what),
            ("Reason", f"{self.reason}." if self.reason else ""),
            ("Our rule", self.rule),
            ("The law", self.law),
            ("The facts", self.facts),
            ("The moderator’s words", self.message),
            ("How it was decided", self.how),
            ("What you can do", self.redress),
        ]
        return [(heading, words) for heading, words in pairs if words]


def _facts(decision: Decision) -> str:
    about = "the new text of your comment" if decision.revision_id else "the text of your comment"
    found = ""
    if decision.is_detected_by_rule:
        spoke = [
            reasons.found(finding)
            for finding in decision.comment.findings.all()
            if finding.revision_id == decision.revision_id
        ]
        found = " ".join(["A check of this site had marked it.", *dict.fromkeys(spoke)]) + " "
    source = SOURCES.get(Decision.Source(decision.source), "")
    return f"It rests on {about}, as you read it here. {found}{source}".strip()


def _how(is_by_person: bool, rule: str, at: datetime.datetime) -> str:
    local = timezone.localtime(at)
    day = f"{local:%B} {local.day}, {local:%Y, %H:%M}"
    if is_by_person:
        return f"A moderator decided this on {day}."
    return f"A rule of this site did this, without a person, on {day}."


def _redress(subject: Decision | Sanction) -> dict[str, str]:
    if isinstance(subject, Decision) and subject.act == Decision.Act.UPHOLD:
        return {"redress": "This was the answer to your appeal; it stands."}
    local = timezone.localtime(Appeal.open_until(subject))
    until = f"{local:%B} {local.day}, {local:%Y}"
    return {
        "redress": f"You can appeal until {until}. Somebody who did not decide this looks again, "
        "it costs nothing, and if they agree with you all is as it was.",
        "appeal_url": link(subject) if subject.pk else "",
    }


def link(subject: Decision | Sanction) -> str:
    """Return the address that opens what was decided to whoever holds it, without logging in."""
    kind = "decision" if isinstance(subject, Decision) else "sanction"
    token = signing.dumps([kind, subject.pk], salt=SALT, compress=True)
    return f"{settings.SITE_URL}{reverse('comments:statement', args=[token])}"


def opened_by(token: str) -> tuple[str, int]:
    """Return what ``link`` was made of: a kind and an id. Raises ``BadSignature``."""
    kind, pk = signing.loads(token, salt=SALT)
    return kind, pk
