"""Notices of illegal content, by anybody, without an account (DSA Art. 16)."""

import datetime
import secrets
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from comments.models.comment import Comment, InvalidMove
from comments.models.record import Decision, Finding


def _token() -> str:
    return secrets.token_urlsafe(24)


def _ref() -> str:
    # Eight letters that can be read out on the telephone.
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))


class LegalNoticeQuerySet(models.QuerySet["LegalNotice"]):
    def open(self) -> Self:
        """Notices that nobody answered, longest wait first."""
        return self.filter(answered_at__isnull=True).order_by("at", "pk")

    def see(self, by: User) -> None:
        """Note that the desk had these open: from then on it knows. One statement."""
        self.filter(seen_at__isnull=True).update(seen_at=timezone.now(), seen_by=by)

    def judged(self, since: datetime.datetime) -> Self:
        """Notices answered since then with whether they were right, which "passed on" is not."""
        told = [LegalNotice.Outcome.REMOVED, LegalNotice.Outcome.KEPT]
        return self.filter(answered_at__gte=since, outcome__in=told).order_by()

    def forget(self) -> None:
        """Forget who sent what is over for good, and whence anything came."""
        now = timezone.now()
        over = self.filter(answered_at__lte=now - LegalNotice.OBJECT_FOR)
        over = over.exclude(name="", email="", reporter__isnull=True)
        over.update(name="", email="", reporter=None)
        old = self.filter(at__lte=now - LegalNotice.ADDRESS_FOR, ip_address__isnull=False)
        old.update(ip_address=None)


@dataclass(frozen=True)
class Answer:
    """What the desk answered to a notice."""

    at: datetime.datetime | None
    by_id: int | None
    outcome: str
    text: str
    decision_id: int | None


class LegalNotice(models.Model):
    """What somebody says is against the law, where it stands, and the desk's reasoned answer."""

    class Category(models.TextChoices):
        HATE = "hate", "Hate or discrimination"
        DEFAMATION = "defamation", "Defamation"
        THREAT = "threat", "Threat, or call to violence"
        ABUSE = "child-abuse", "Sexual abuse of children"
        PRIVATE_DATA = "private-data", "Somebody’s private data"
        COPIED = "copied", "Copyright"
        SCAM = "scam", "Fraud or impersonation"
        TERROR = "terror", "Terrorist content"
        HARM = "harm", "Danger to life, or to minors"
        OTHER = "other", "Something else that is against the law"

    class Outcome(models.TextChoices):
        REMOVED = "removed", "The comment was removed"
        KEPT = "kept", "The comment stays"
        PASSED_ON = "passed-on", "It is about a story, and went to the editors"

    # How long one can object to the answer (Art. 20(1): six months at least).
    OBJECT_FOR = datetime.timedelta(days=184)
    ADDRESS_FOR = datetime.timedelta(days=30)

    ref = models.CharField(max_length=12, unique=True, default=_ref, editable=False)
    # Opens its page to whoever sent it.
    token = models.CharField(max_length=40, unique=True, default=_token, editable=False)
    url = models.CharField("address of what you speak of", max_length=500)
    comment = models.ForeignKey(
        Comment, models.PROTECT, null=True, blank=True, related_name="legal_notices"
    )
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, related_name="+")
    category = models.CharField("what is against the law", max_length=12, choices=Category)
    why = models.TextField("why it is against the law", max_length=5000)
    law = models.CharField("which law, if you know", max_length=500, blank=True)
    # Empty in a notice about the sexual abuse of children, if its sender so wishes (Art. 16(2)(c)).
    name = models.CharField("your name", max_length=200, blank=True)
    email = models.EmailField("your e-mail address", blank=True)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    # When the desk first had it open: from then on it knows (Art. 16(3)).
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    hidden_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    # The reasoned answer, as its sender reads it.
    answer = models.TextField(max_length=2000, blank=True)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="legal_notices"
    )
    # What its sender says against the answer; answered by somebody else.
    objection = models.TextField(max_length=3000, blank=True)
    objected_at = models.DateTimeField(null=True)
    # The first answer, once it was objected to; the columns above then hold the second.
    first_answered_at = models.DateTimeField(null=True)
    first_answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    first_answer = models.TextField(max_length=2000, blank=True)
    first_decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = LegalNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        permissions = [("answer_legalnotice", "Can answer notices of illegal content")]
        indexes = [
            models.Index(
                fields=["at", "id"],
                condition=Q(answered_at__isnull=True),
                name="comments_open_legal",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(objected_at__isnull=True, first_answered_at__isnull=True)
                | Q(objected_at__isnull=False, first_answered_at__isnull=False),
                name="comments_objection_to_answer",
            )
        ]

    def __str__(self) -> str:
        return f"Notice {self.ref}"

    @property
    def is_open(self) -> bool:
        return self.answered_at is None

    @property
    def first_given(self) -> Answer:
        """The first answer, which stays what it is whatever is objected to it."""
        if self.objected_at is not None:
            return Answer(
                self.first_answered_at, self.first_answered_by_id, self.first_outcome,
                self.first_answer, self.first_decision_id,
            )  # fmt: skip
        return Answer(
            self.answered_at, self.answered_by_id, self.outcome, self.answer, self.decision_id
        )

    @property
    def may_be_objected_to(self) -> bool:
        """Whether its sender can still have somebody else look at the answer."""
        if self.answered_at is None or self.objected_at is not None:
            return False
        return timezone.now() <= self.answered_at + self.OBJECT_FOR

    def see(self, by: User) -> None:
        """Note when the desk first had it open: from then on it knows."""
        LegalNotice.objects.filter(pk=self.pk).see(by)
        self.refresh_from_db(fields=["seen_at", "seen_by"])

    @transaction.atomic
    def hide(self, by: User) -> None:
        """Keep the comment from readers until the notice is answered, which its author is told.

        Raises ``InvalidMove`` if readers do not see it, if it is ``by``'s own, and if the notice
        is answered.
        """
        row = self._open_for(by)
        if row.comment is None:
            raise InvalidMove("It is about a story: only the editors can withdraw that.")
        finding = Finding(check_name="legal", reason="somebody says that it is against the law")
        row.comment.hold_back(findings=[finding], by=by, source=Decision.Source.NOTICE)
        row.hidden_at = timezone.now()
        row.save(update_fields=["hidden_at"])
        self.refresh_from_db()

    @transaction.atomic
    def remove(
        self,
        by: User,
        reason: str,
        answer: str,
        ground: str,
        law: str = "",
        version: int | None = None,
    ) -> None:
        """Take the comment down for what the notice says, and tell both sides why.

        Raises ``InvalidMove`` without an answer, without the law where that is the ground, and
        where another moderator was quicker; ``StaleDecision`` if the comment is no longer the
        ``version`` the moderator saw.
        """
        if ground == Decision.Ground.ILLEGAL and not law.strip():
            raise InvalidMove("Name the law that it breaks, for its author to know.")
        row = self._begin(by, answer)
        if row.comment is None:
            raise InvalidMove("It is about a story: pass it on to the editors.")
        said: dict[str, Any] = {
            "source": Decision.Source.NOTICE,
            "ground": ground,
            "law": law.strip(),
        }
        if row.comment.status in Comment.FOLLOWS[Comment.Status.REJECTED]:
            row.decision = row.comment.reject(by, reason, version=version, **said)
        row._end(by, answer, self.Outcome.REMOVED)
        self.refresh_from_db()

    @transaction.atomic
    def keep(self, by: User, answer: str, version: int | None = None) -> None:
        """Leave the comment, or show it again, and tell the sender why.

        Raises as ``remove`` does, and ``InvalidMove`` for a comment that was taken down: of that
        nobody says that it stays.
        """
        row = self._begin(by, answer)
        if row.comment is None:
            raise InvalidMove("It is about a story: pass it on to the editors.")
        if not (row.comment.is_visible or row.comment.is_pending):
            raise InvalidMove(f"It does not stay. {row.comment.account_of_change()}")
        row.decision = row.comment.approve(by, version=version, source=Decision.Source.NOTICE)
        row._end(by, answer, self.Outcome.KEPT)
        self.refresh_from_db()

    @transaction.atomic
    def pass_on(self, by: User, answer: str) -> None:
        """Say that it is about a story, and with the editors. Raises as ``remove`` does."""
        row = self._begin(by, answer)
        if row.comment is not None:
            raise InvalidMove("It is about a comment: remove it, or say why it stays.")
        row._end(by, answer, self.Outcome.PASSED_ON)
        self.refresh_from_db()

    def _begin(self, by: User, answer: str) -> "LegalNotice":
        if not answer.strip():
            raise InvalidMove("The answer needs a reason, for its sender to read.")
        return self._open_for(by)

    def _open_for(self, by: User) -> "LegalNotice":
        """Return the notice as it stands, kept from all others until the transaction ends."""
        if self.comment is not None:
            # What it is about first, as in every decision.
            self.comment.locked()
        row = LegalNotice.objects.select_for_update().get(pk=self.pk)
        row._refuse(by)
        if not row.is_open:
            raise InvalidMove("Somebody was quicker: this notice is answered.")
        return row

    def _refuse(self, by: User) -> None:
        if self.comment is not None and self.comment.author_id == by.pk:
            raise InvalidMove("Nobody decides on their own comment; another moderator will.")
        if self.first_answered_by_id == by.pk:
            raise InvalidMove("You gave the first answer, so somebody else looks at the objection.")

    def _end(self, by: User, answer: str, outcome: str) -> None:
        from comments import letters

        self.seen_at, self.seen_by = self.seen_at or timezone.now(), self.seen_by or by
        self.answered_at, self.answered_by = timezone.now(), by
        self.answer, self.outcome = answer.strip()[:2000], outcome
        self.save()
        letters.answer_notice(self)

    @transaction.atomic
    def object_to(self, text: str) -> None:
        """Have somebody else look at the answer. Raises ``InvalidMove`` if it is too late."""
        row = LegalNotice.objects.select_for_update().get(pk=self.pk)
        if not row.may_be_objected_to:
            raise InvalidMove("This answer cannot be objected to any more.")
        if not text.strip():
            raise InvalidMove("Say in a few words why the answer is wrong.")
        row.objection, row.objected_at = text.strip()[:3000], timezone.now()
        row.first_answered_at, row.first_answered_by = row.answered_at, row.answered_by
        row.first_outcome, row.first_answer = row.outcome, row.answer
        row.first_decision = row.decision
        row.answered_at = row.answered_by = row.decision = None
        row.outcome = row.answer = ""
        row.save()
        self.refresh_from_db()
