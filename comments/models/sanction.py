"""What is decided about a person: warnings, suspensions, bans, and their end."""

import datetime
import functools
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from comments.append_only import AppendOnlyModel, AppendOnlyQuerySet
from comments.models.comment import Comment, InvalidMove
from comments.models.reason import Reason


class NotToBeSanctioned(InvalidMove):
    """A sanction of somebody whom its moderator cannot sanction."""


class InForceAlready(InvalidMove):
    """A sanction of a kind that holds already."""


class SanctionQuerySet(AppendOnlyQuerySet):
    """Sanctions. ``in_force`` is asked on every post: it stays cheap."""

    def in_force(self) -> Self:
        """Sanctions that hold now: not run out, not ended by a later row. Warnings do not hold."""
        ended = Sanction.objects.filter(ends=OuterRef("pk"), kind=Sanction.Kind.LIFT)
        return self.filter(
            ~Exists(ended),
            Q(until__isnull=True) | Q(until__gt=timezone.now()),
            kind__in=Sanction.HOLDING,
        )

    def imposed(self) -> Self:
        """Sanctions, without the rows that speak of another."""
        return self.exclude(kind__in=[Sanction.Kind.LIFT, Sanction.Kind.UPHOLD])


class Sanction(AppendOnlyModel):
    """One step about a person, with its reason; the person reads it, and may appeal.

    Rows are only ever added: a sanction ends at ``until``, or by a later row that ``ends`` it.
    """

    class Kind(models.TextChoices):
        WARN = "warn", "Warning"
        PREMODERATE = "premoderate", "Every comment waits for a moderator"
        SUSPEND = "suspend", "May not write for a time"
        BAN = "ban", "May not write here any more"
        STOP_REPORTS = "stop-reports", "May not report for a time"
        LIFT = "lift", "Ended"
        UPHOLD = "uphold", "Upheld on appeal"

    # Those that keep somebody from something while they hold.
    HOLDING = (Kind.PREMODERATE, Kind.SUSPEND, Kind.BAN, Kind.STOP_REPORTS)
    # Those that keep somebody from writing.
    SILENCING = (Kind.SUSPEND, Kind.BAN)
    # So many bans of one moderator in an hour; more is not a moderator's day, but an accident.
    BANS_AN_HOUR = 10

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sanctions")
    kind = models.CharField(max_length=12, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    note = models.CharField("note for the desk", max_length=500, blank=True)
    message = models.TextField("message to the person", max_length=2000, blank=True)
    # What it was imposed for, where that is one comment.
    comment = models.ForeignKey(
        Comment, models.PROTECT, null=True, blank=True, related_name="sanctions"
    )
    # Of LIFT and UPHOLD: the sanction they speak of.
    ends = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="answered_by"
    )
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    objects = SanctionQuerySet.as_manager()  # type: ignore[misc]  # the base's is narrower

    class Meta:
        ordering = ["pk"]
        permissions = [("impose_sanction", "Can warn, suspend and ban people")]
        indexes = [models.Index(fields=["person", "-at"], name="comments_sanctions")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        from comments import standing

        super().save(*args, **kwargs)
        transaction.on_commit(functools.partial(standing.forget_note, self.person_id))

    @classmethod
    @transaction.atomic
    def impose(
        cls,
        person: User,
        kind: str,
        by: User,
        reason: str,
        until: datetime.datetime | None = None,
        note: str = "",
        message: str = "",
        comment: Comment | None = None,
    ) -> "Sanction":
        """Decide something about ``person``, and tell them.

        Raises ``NotToBeSanctioned`` for oneself, for staff (administrators may) and for whom a
        person is not; ``InForceAlready`` where one of the kind holds; ``InvalidMove`` without a
        reason, or with an end that makes no sense.
        """
        from comments import notices

        # Of two moderators at once the second sees what the first imposed.
        row = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if row.pk == by.pk:
            raise NotToBeSanctioned("Nobody decides about their own account.")
        if row.is_staff and not by.has_perm("comments.compare_decision"):
            raise NotToBeSanctioned("Only administrators decide about the staff's accounts.")
        if kind not in {cls.Kind.WARN, *cls.HOLDING}:
            raise InvalidMove("That is not a decision about a person.")
        if reason not in Reason.values:
            raise InvalidMove("It needs a reason, for the person to know.")
        if kind in {cls.Kind.SUSPEND, cls.Kind.STOP_REPORTS} and (
            until is None or until <= timezone.now()
        ):
            raise InvalidMove("It needs an end that is still to come.")
        if kind in {cls.Kind.WARN, cls.Kind.BAN} and until is not None:
            raise InvalidMove(
                "A warning and a ban have no end. To keep somebody from writing for a time, "
                "suspend them."
            )
        if kind in cls.HOLDING and cls.objects.in_force().filter(person=row, kind=kind).exists():
            raise InForceAlready("That holds already. End it first to change it.")
        lately = timezone.now() - datetime.timedelta(hours=1)
        bans = cls.objects.filter(kind=cls.Kind.BAN, by=by, at__gt=lately)
        if kind == cls.Kind.BAN and bans.count() >= cls.BANS_AN_HOUR:
            raise InvalidMove(
                f"{cls.BANS_AN_HOUR} bans in an hour are the most. Suspend, or ask a colleague."
            )
        sanction = cls.objects.create(
            person=row, kind=kind, by=by, reason=reason, until=until, note=note,
            message=message, comment=comment,
        )  # fmt: skip
        notices.of_sanction(sanction)
        return sanction

    @transaction.atomic
    def lift(self, by: User, note: str = "", message: str = "") -> "Sanction":
        """End this sanction now, and tell the person. Raises ``InvalidMove`` if it is over."""
        from comments import notices

        User.objects.select_for_update(no_key=True).get(pk=self.person_id)
        if self.person_id == by.pk:
            raise NotToBeSanctioned("Nobody decides about their own account.")
        if not self.holds:
            raise InvalidMove("It is over already.")
        ended = Sanction.objects.create(
            person_id=self.person_id, kind=self.Kind.LIFT, by=by, reason=self.reason,
            note=note, message=message, comment_id=self.comment_id, ends=self,
        )  # fmt: skip
        notices.of_sanction(ended)
        return ended

    @property
    def holds(self) -> bool:
        """Whether it holds now. One query."""
        return Sanction.objects.in_force().filter(pk=self.pk).exists()

    @property
    def words(self) -> str:
        """What it means for the person, in a sentence."""
        end = f"{timezone.localtime(self.until):%d %B %Y, %H:%M}".lstrip("0") if self.until else ""
        match self.kind:
            case self.Kind.WARN:
                return "This is a warning. Nothing is taken from you."
            case self.Kind.PREMODERATE:
                until = f" until {end}" if end else ""
                return f"A moderator reads each of your comments before readers do{until}."
            case self.Kind.SUSPEND:
                return f"You cannot write or edit comments here until {end}."
            case self.Kind.BAN:
                return "You cannot write or edit comments here any more."
            case self.Kind.STOP_REPORTS:
                return f"You cannot report comments until {end}."
            case self.Kind.UPHOLD:
                return "It stays as it was decided."
        return "It holds no more: you can take part as before."
