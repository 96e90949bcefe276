"""Appeals: somebody else looks again, for half a year after what was decided (DSA Art. 20)."""

import datetime
from typing import Self

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from comments.models.comment import Comment, InvalidMove
from comments.models.record import Decision
from comments.models.revision import Revision
from comments.models.sanction import Sanction


class AppealRefused(InvalidMove):
    """An appeal that cannot be made: too late, made before, or of nothing."""


class DecidedBefore(InvalidMove):
    """An answer to an appeal by somebody who took the decision."""


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> Self:
        """Appeals that nobody answered, longest wait first."""
        return self.filter(answered_at__isnull=True).order_by("at", "pk")


class Appeal(models.Model):
    """What somebody says against a decision about their comment, or a sanction. One each."""

    # How long after the decision one may appeal. Source: DSA Art. 20(1), six months at least.
    OPEN_FOR = datetime.timedelta(days=184)
    MAX_LENGTH = 3000  # characters

    decision = models.OneToOneField(
        Decision, models.PROTECT, null=True, blank=True, related_name="appeal"
    )
    sanction = models.OneToOneField(
        Sanction, models.PROTECT, null=True, blank=True, related_name="appeal"
    )
    # Who appeals; empty where a guest's comment or an account that is gone is concerned.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="appeals"
    )
    text = models.TextField(max_length=MAX_LENGTH)
    at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    is_granted = models.BooleanField(null=True)
    # The reasoned answer, as its author reads it.
    answer = models.TextField(max_length=2000, blank=True)
    # The record of the answer: a decision on the comment, or a row about the sanction.
    answer_decision = models.OneToOneField(
        Decision, models.PROTECT, null=True, blank=True, related_name="answers_appeal"
    )
    answer_sanction = models.OneToOneField(
        Sanction, models.PROTECT, null=True, blank=True, related_name="answers_appeal"
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["at", "id"],
                condition=Q(answered_at__isnull=True),
                name="comments_open_appeals",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__isnull=True, sanction__isnull=False)
                | Q(decision__isnull=False, sanction__isnull=True),
                name="comments_appeal_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"Appeal {self.pk}"

    @classmethod
    def refuse(cls, subject: Decision | Sanction) -> None:
        """Raise ``AppealRefused`` where nobody can appeal against ``subject`` (any more)."""
        if cls.objects.filter(**cls._about(subject)).exists():
            raise AppealRefused("You have appealed against this already.")
        if timezone.now() > cls.open_until(subject):
            raise AppealRefused("The half-year in which one can appeal against this is over.")
        if isinstance(subject, Decision):
            cls._refuse_decision(subject)
        elif subject.kind in {Sanction.Kind.LIFT, Sanction.Kind.UPHOLD}:
            raise AppealRefused("There is nothing in this to appeal against.")

    @staticmethod
    def _refuse_decision(decision: Decision) -> None:
        comment = decision.comment
        if decision.act == Decision.Act.CLOSE:
            if comment.closed_at is None:
                raise AppealRefused("The thread takes answers again.")
            return
        if decision.act == Decision.Act.UPHOLD:
            raise AppealRefused("This was the answer to your appeal; it stands.")
        against = {Comment.Status.REJECTED, Comment.Status.SPAM}
        if decision.after not in against or decision.act == Decision.Act.UNDO:
            raise AppealRefused("There is nothing in this to appeal against.")
        if decision.revision_id is None and comment.standing_decision() != decision:
            raise AppealRefused("Something else was decided since. Look at that.")

    @classmethod
    @transaction.atomic
    def file(cls, subject: Decision | Sanction, text: str) -> "Appeal":
        """Have somebody else look at what was decided. Raises ``AppealRefused``."""
        if not text.strip():
            raise AppealRefused("Say in a few words why it was wrong.")
        if isinstance(subject, Decision):
            # Of an appeal and a decision at once, one comes first and the other sees it.
            subject.comment.locked()
        cls.refuse(subject)
        person = subject.comment.author if isinstance(subject, Decision) else subject.person
        try:
            with transaction.atomic():
                return cls.objects.create(
                    text=text.strip()[: cls.MAX_LENGTH], person=person, **cls._about(subject)
                )
        except IntegrityError as error:
            raise AppealRefused("You have appealed against this already.") from error

    @staticmethod
    def _about(subject: Decision | Sanction) -> dict[str, Decision | Sanction]:
        return {"decision" if isinstance(subject, Decision) else "sanction": subject}

    @classmethod
    def open_until(cls, subject: Decision | Sanction) -> datetime.datetime:
        """Return until when one can appeal against ``subject``."""
        return subject.at + cls.OPEN_FOR

    @property
    def subject(self) -> Decision | Sanction:
        found = self.decision or self.sanction
        if found is None:
            raise ValueError("An appeal is always about something.")  # as the database holds
        return found

    @property
    def is_open(self) -> bool:
        return self.answered_at is None

    def refuse_answer(self, by: User) -> None:
        """Raise ``DecidedBefore`` where ``by`` took the decision, or is whom it concerns.

        ``InvalidMove`` where it is about an account, which ``by`` may not decide about.
        """
        subject = self.subject
        if self.sanction_id and not by.has_perm("comments.impose_sanction"):
            raise InvalidMove("Only who decides about accounts answers an appeal about one.")
        if subject.by_id == by.pk:
            raise DecidedBefore("You took this decision, so somebody else answers the appeal.")
        if by.pk in {self.person_id, getattr(getattr(subject, "comment", None), "author_id", None)}:
            raise DecidedBefore("It concerns yourself, so somebody else answers the appeal.")

    def grant(self, by: User, answer: str) -> None:
        """Reverse what was decided: the comment is back at its number and in its place.

        Whatever was decided since, the appeal can be answered: granted, the comment is shown;
        one that is shown already, or that its author took back, stays as it is. Raises
        ``InvalidMove`` without an answer and for one that is answered; ``DecidedBefore`` for who
        took the decision.
        """
        self._answer(by, answer, is_granted=True)

    def turn_down(self, by: User, answer: str) -> None:
        """Leave it as it was decided, or as it stands against its author now.

        Raises as ``grant`` does, and ``InvalidMove`` where readers see the comment again: then
        there is nothing to turn down.
        """
        self._answer(by, answer, is_granted=False)

    @transaction.atomic
    def _answer(self, by: User, answer: str, is_granted: bool) -> None:
        from comments import notices

        if not answer.strip():
            raise InvalidMove("An appeal is answered with a reason, for the person to read.")
        self.refuse_answer(by)
        subject = self.subject
        # What it is about first, as in every decision; of two answers at once the second waits.
        if isinstance(subject, Decision):
            comment = subject.comment.locked()
        else:
            User.objects.select_for_update(no_key=True).get(pk=subject.person_id)
        row = Appeal.objects.select_for_update().get(pk=self.pk)
        if row.answered_at is not None:
            raise InvalidMove("Somebody was quicker: this appeal is answered.")
        if isinstance(subject, Decision):
            if subject.revision is not None:
                row.answer_decision = self._of_edit(subject.revision, subject, by, is_granted)
            elif subject.act == Decision.Act.CLOSE:
                row.answer_decision = self._of_thread(comment, by, is_granted)
            else:
                row.answer_decision = self._of_comment(comment, by, answer, is_granted)
        else:
            row.answer_sanction = self._of_sanction(subject, by, answer, is_granted)
        row.answered_at, row.answered_by = timezone.now(), by
        row.is_granted, row.answer = is_granted, answer.strip()[:2000]
        row.save()
        notices.of_appeal(row)
        self.refresh_from_db()

    @staticmethod
    def _of_comment(comment: Comment, by: User, answer: str, is_granted: bool) -> Decision | None:
        source = Decision.Source.APPEAL
        if comment.status == Comment.Status.REMOVED:
            return None  # its author took it back; the answer alone is left to give
        if is_granted:
            if comment.is_visible:
                return None  # it is back already
            return comment.approve(by, act=Decision.Act.REVERSE, source=source)
        if comment.is_visible:
            raise InvalidMove(f"Readers see it again. {comment.account_of_change()}")
        if comment.is_pending:
            return None  # what it waits for is decided by itself
        standing = comment.standing_decision()
        act = Decision.Act.UPHOLD
        if standing is None or comment.status == Comment.Status.SPAM:
            return comment.mark_spam(by, act=act, source=source, message=answer[:2000])
        return comment.reject(
            by, standing.reason, act=act, source=source, message=answer[:2000],
            ground=standing.ground, law=standing.law,
        )  # fmt: skip

    @staticmethod
    def _of_thread(comment: Comment, by: User, is_granted: bool) -> Decision | None:
        if is_granted and comment.closed_at is not None:
            return comment.reopen_thread(by, source=Decision.Source.APPEAL)
        return None

    @staticmethod
    def _of_edit(edit: Revision, decision: Decision, by: User, is_granted: bool) -> Decision:
        comment = edit.comment
        if is_granted:
            edit.take_up_again()
            return edit.approve(by, act=Decision.Act.REVERSE, source=Decision.Source.APPEAL)
        return comment.decisions.create(
            by=by, revision=edit, before=decision.after, after=decision.after,
            act=Decision.Act.UPHOLD, source=Decision.Source.APPEAL, reason=decision.reason,
            comment_version=comment.version,
        )  # fmt: skip

    @staticmethod
    def _of_sanction(sanction: Sanction, by: User, answer: str, is_granted: bool) -> Sanction:
        if is_granted and sanction.holds:
            return sanction.lift(by, message=answer[:2000])
        kind = Sanction.Kind.LIFT if is_granted else Sanction.Kind.UPHOLD
        return Sanction.objects.create(
            person_id=sanction.person_id, kind=kind, by=by, reason=sanction.reason,
            message=answer[:2000], comment_id=sanction.comment_id, ends=sanction,
        )  # fmt: skip
