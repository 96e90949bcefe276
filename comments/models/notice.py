"""What people are told, in their list of notices and by mail: the outbox."""

import datetime
import secrets
from collections.abc import Mapping
from typing import Self

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from articles.models import Article, Correction
from comments import text
from comments.models.appeal import Appeal
from comments.models.comment import Comment
from comments.models.follow import Mute
from comments.models.record import Decision
from comments.models.sanction import Sanction


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def due(self, now: datetime.datetime | None = None) -> Self:
        """Notices whose mail is to be sent by now, longest due first."""
        return self.filter(
            mail=Notice.Mail.WAITING, mail_due_at__lte=now or timezone.now()
        ).order_by("mail_due_at", "pk")

    def standing(self) -> Self:
        """Notices that still tell what is so.

        What tells of a comment or of a correction stands while readers can open that, and what
        tells of somebody's words while its reader does not mute them. What became of one's own
        comment or report stays told.
        """
        is_open = Article.live_condition("article__")
        is_read = (
            is_open
            & Q(comment__status=Comment.Status.APPROVED)
            & ~Q(article__comment_policy=Article.CommentPolicy.HIDDEN)
        )
        is_muted = Exists(
            Mute.objects.filter(reader=OuterRef("person"), muted=OuterRef("comment__author"))
        )
        return self.filter(
            Q(kind__in=[Notice.Kind.APPROVED, Notice.Kind.REPORT, *Notice.STATEMENTS])
            | Q(kind__in=Notice.OF_OTHERS) & is_read & ~is_muted
            | Q(kind=Notice.Kind.PICKED, comment__pick_reason__gt="") & is_read
            | Q(kind=Notice.Kind.CORRECTED) & is_open
        )

    def with_what_they_tell(self) -> Self:
        """With all that ``words`` and its like speak of."""
        return self.select_related(
            "comment__author", "article", "decision", "correction", "sanction", "appeal__sanction"
        )


class Notice(models.Model):
    """One event that concerns one person: a row in their list, and perhaps a mail.

    ``key`` names the event and the person, so that however often something is announced they
    hear of it once. Of the several reasons for which a comment may concern somebody (it answers
    them, they follow its thread, they follow its story) the first to be written stands.
    """

    class Kind(models.TextChoices):
        REPLY = "reply", "Somebody answers you"
        STAFF_REPLY = "staff-reply", "The newsroom answers you"
        APPROVED = "approved", "A comment of yours that waited is published"
        REJECTED = "rejected", "A comment of yours is not published, or no longer"
        PICKED = "picked", "A comment of yours becomes an editors’ pick"
        THREAD = "thread", "A new comment in a thread you follow"
        STORY = "story", "A new comment on a story you follow"
        CORRECTED = "corrected", "A story you follow is corrected"
        REPORT = "report", "A comment you reported was decided on"
        SANCTION = "sanction", "The desk decided something about your account"
        APPEAL = "appeal", "Your appeal is answered"
        CLOSED = "closed", "A thread you began takes no more answers, or takes them again"

    class Mail(models.TextChoices):
        NONE = "", "No mail"
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled: what it told is not so any more"
        STOPPED = "stopped", "Stopped: the address takes no mail"
        FAILED = "failed", "Given up after too many tries"

    # Those that tell of what somebody else wrote.
    OF_OTHERS = (Kind.REPLY, Kind.STAFF_REPLY, Kind.THREAD, Kind.STORY)
    # Statements of reasons, which always go out, at once, whatever a person chose.
    STATEMENTS = (Kind.REJECTED, Kind.SANCTION, Kind.APPEAL, Kind.CLOSED)
    EXCERPT = 160  # characters

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=120, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, null=True, related_name="+")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="notices")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="notices")
    correction = models.ForeignKey(Correction, models.CASCADE, null=True, related_name="+")
    sanction = models.ForeignKey(Sanction, models.PROTECT, null=True, related_name="notices")
    appeal = models.ForeignKey(Appeal, models.PROTECT, null=True, related_name="notices")
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    # Its mail. ``mail_due_at`` is also the lease of a worker that tries: it lies ahead until the
    # try is over, so that a worker that dies leaves the mail to the next.
    mail = models.CharField(max_length=10, choices=Mail, default=Mail.NONE, blank=True)
    mail_due_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    # Notices that go out in one mail share this; a second try sends the same mail again, under the
    # same Message-ID.
    mail_batch = models.UUIDField(null=True)
    mail_sent_at = models.DateTimeField(null=True)
    mail_error = models.CharField(max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="comments_notices"),
            models.Index(
                fields=["person"], condition=Q(read_at__isnull=True), name="comments_unread"
            ),
            models.Index(
                fields=["mail_due_at", "id"], condition=Q(mail="waiting"), name="comments_outbox"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.person})"

    def get_absolute_url(self) -> str:
        """The address that notes this as read and leads to its ``place``."""
        return reverse("comments:notice", args=[self.pk])

    @property
    def place(self) -> str:
        """Where what it tells of is to be seen."""
        comment, article = self.comment, self.article
        if self.correction is not None and article is not None:
            return f"{article.get_absolute_url()}#correction-{self.correction.pk}"
        if comment is not None and comment.is_visible and self.kind != self.Kind.REJECTED:
            return f"{comment.get_absolute_url()}#{comment.anchor}"
        if self.kind == self.Kind.REPORT and article is not None:
            return article.get_absolute_url()
        own = reverse("comments:own")
        if self.sanction is not None or (self.appeal is not None and comment is None):
            return reverse("comments:standing")
        if comment is None:
            return own
        # The list of those that stand as it does now, where it is not far down.
        shelf = {"pending": "waiting", "rejected": "refused", "spam": "refused"}
        query = f"?show={shelf[comment.status]}" if comment.status in shelf else ""
        return f"{own}{query}#own-{comment.pk}"

    # In words. Lists of notices load what these speak of ``with_what_they_tell``.

    @property
    def words(self) -> str:
        """What happened, in a sentence without its full stop."""
        return self._sentence().format(**self._names())

    @property
    def words_html(self) -> SafeString:
        """``words``, with names and headlines kept from turning the line around."""
        names = {name: format_html("<bdi>{}</bdi>", value) for name, value in self._names().items()}
        return format_html(self._sentence(), **names)

    def _names(self) -> dict[str, str]:
        return {
            "who": self.comment.author_name if self.comment else "",
            "story": self.article.headline if self.article else "",
        }

    def _sentence(self) -> str:
        match self.kind:
            case self.Kind.REPLY:
                return "{who} answered you under “{story}”"
            case self.Kind.STAFF_REPLY:
                return "{who}, of the newsroom, answered you under “{story}”"
            case self.Kind.APPROVED:
                return self._approved()
            case self.Kind.REJECTED:
                return self._rejected()
            case self.Kind.PICKED:
                return "Your comment under “{story}” is an editors’ pick"
            case self.Kind.THREAD:
                return "{who} wrote in a thread you follow, under “{story}”"
            case self.Kind.STORY:
                return "{who} commented on “{story}”, which you follow"
            case self.Kind.CORRECTED:
                what = self.correction.get_kind_display().lower() if self.correction else "note"
                a = "an" if what[0] in "aeiou" else "a"
                return f"“{{story}}”, which you follow, carries {a} {what}"
            case self.Kind.SANCTION:
                return self._sanctioned()
            case self.Kind.APPEAL:
                granted = self.appeal is not None and self.appeal.is_granted
                what = "was granted" if granted else "was turned down"
                of = " about your comment under “{story}”" if self.article else ""
                return f"Your appeal{of} {what}"
            case self.Kind.CLOSED:
                is_closed = self.decision is None or self.decision.act == Decision.Act.CLOSE
                takes = "takes no more answers" if is_closed else "takes answers again"
                return f"The thread you began under “{{story}}” {takes}"
        if self.is_of_undo:
            return (
                "A moderator looks again at the comment you reported under “{story}”: what you "
                "were told of it was taken back"
            )
        if self.decision and self.decision.after == Comment.Status.APPROVED:
            return "The comment you reported under “{story}” stays"
        return "The comment you reported under “{story}” was taken down"

    def _sanctioned(self) -> str:
        match self.sanction.kind if self.sanction else "":
            case Sanction.Kind.WARN:
                return "The desk has a warning for you"
            case Sanction.Kind.PREMODERATE:
                return "Your comments wait for a moderator from now on"
            case Sanction.Kind.SUSPEND:
                return "You cannot write here for a time"
            case Sanction.Kind.BAN:
                return "You cannot write here any more"
            case Sanction.Kind.STOP_REPORTS:
                return "You cannot report comments for a time"
        return "What the desk decided about your account has ended"

    def _approved(self) -> str:
        if self.is_of_edit:
            return "Your edit of a comment under “{story}” is published"
        if self.was_seen:
            return "Your comment under “{story}” is shown again"
        return "Your comment under “{story}” is published"

    def _rejected(self) -> str:
        if self.is_of_edit:
            return "Your edit of a comment under “{story}” was not published"
        if self.is_held_back and self.is_of_undo:
            return "Your comment under “{story}” waits for a moderator again"
        if self.is_held_for_law:
            return (
                "Somebody gave notice that your comment under “{story}” is against the law. It is "
                "hidden while a moderator looks at it"
            )
        if self.is_held_back:
            return "Your comment under “{story}” is hidden until a moderator has looked at it"
        if self.is_of_spam:
            return "Your comment under “{story}” was taken for spam"
        if self.was_seen:
            return "Your comment under “{story}” was taken down"
        return "Your comment under “{story}” was not published"

    @property
    def is_of_own(self) -> bool:
        """Whether the comment it tells of is its reader's own."""
        return self.comment is not None and self.comment.author_id == self.person_id

    @property
    def is_of_edit(self) -> bool:
        return self.decision is not None and self.decision.revision_id is not None

    @property
    def is_held_back(self) -> bool:
        return self.decision is not None and self.decision.after == Comment.Status.PENDING

    @property
    def is_held_for_law(self) -> bool:
        """Whether it tells of a comment hidden because of a notice of illegal content."""
        source = self.decision.source if self.decision else ""
        return self.is_held_back and source == Decision.Source.NOTICE

    @property
    def is_of_undo(self) -> bool:
        return self.decision is not None and self.decision.act == Decision.Act.UNDO

    @property
    def is_of_spam(self) -> bool:
        return self.decision is not None and self.decision.after == Comment.Status.SPAM

    @property
    def was_seen(self) -> bool:
        """Whether readers saw the comment before the decision that this tells of."""
        if self.decision is None or self.comment is None or self.comment.visible_at is None:
            return False
        return self.comment.visible_at < self.decision.at

    @property
    def reason(self) -> str:
        """The reason that one's comment, an edit of it, or its thread was decided on for."""
        if self.kind not in {self.Kind.REJECTED, self.Kind.CLOSED} or self.decision is None:
            return ""
        if self.is_held_back:
            is_reported = not (self.is_of_undo or self.is_held_for_law)
            return "Several readers reported it" if is_reported else ""
        return self.decision.get_reason_display() if self.decision.reason else ""

    @property
    def rule(self) -> str:
        """The rule that the reason rests on."""
        from comments import reasons

        if self.kind not in {self.Kind.REJECTED, self.Kind.CLOSED} or self.decision is None:
            return ""
        return reasons.rule(self.decision.reason)

    @property
    def message(self) -> str:
        """What the moderator wrote to the author."""
        if self.sanction is not None:
            return self.sanction.message
        if self.appeal is not None:
            return self.appeal.answer
        is_to_author = self.kind in {self.Kind.APPROVED, self.Kind.REJECTED, self.Kind.CLOSED}
        return self.decision.message if is_to_author and self.decision else ""

    @property
    def next_step(self) -> str:
        """What one can do about a rejection."""
        if self.kind != self.Kind.REJECTED:
            return ""
        if self.is_held_back:
            return "You need not do anything: the answer comes here."
        if_wrong = "If you think that this is a mistake, you can appeal."
        if self.is_of_edit:
            return f"Readers see the text as it was, and you can edit it again. {if_wrong}"
        if self.is_of_spam:
            return if_wrong
        return f"You can say it again in a way that keeps to the rules. {if_wrong}"

    @property
    def excerpt(self) -> str:
        """The beginning of the comment or the correction it tells of, as plain text."""
        if self.correction is not None:
            return text.beginning(self.correction.text, self.EXCERPT)
        if self.comment is None:
            return ""
        # The words of others are shown as long as readers see them.
        is_shown = self.comment.is_visible and self.article and self.article.shows_comments
        if not (self.is_of_own or is_shown):
            return ""
        return text.beginning(text.plain(self.comment.body_html), self.EXCERPT)


def _token() -> str:
    return secrets.token_urlsafe(24)


class MailChoice(models.Model):
    """How fast one kind of notice reaches a person by mail, and the token that stops it.

    A row exists where a person chose, or was sent such a mail; elsewhere ``DEFAULTS`` hold. The
    kind ``digest`` has a row for its token alone: stopping a digest stops all that comes in it.
    """

    class Pace(models.TextChoices):
        NOW = "now", "At once"
        HOURLY = "hourly", "Once an hour, together"
        DAILY = "daily", "Once a day, together"
        OFF = "off", "Not by mail"

    DIGEST = "digest"
    DEFAULTS = {
        Notice.Kind.REPLY: Pace.NOW,
        Notice.Kind.STAFF_REPLY: Pace.NOW,
        Notice.Kind.APPROVED: Pace.NOW,
        # A statement of reasons always goes out, at once.
        Notice.Kind.REJECTED: Pace.NOW,
        Notice.Kind.PICKED: Pace.NOW,
        Notice.Kind.THREAD: Pace.HOURLY,
        Notice.Kind.STORY: Pace.DAILY,
        Notice.Kind.CORRECTED: Pace.NOW,
        Notice.Kind.REPORT: Pace.OFF,
        Notice.Kind.SANCTION: Pace.NOW,
        Notice.Kind.APPEAL: Pace.NOW,
        Notice.Kind.CLOSED: Pace.NOW,
    }

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_choices"
    )
    kind = models.CharField(max_length=12)
    pace = models.CharField(max_length=8, choices=Pace)
    token = models.CharField(max_length=40, unique=True, default=_token, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="comments_mail_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.kind} {self.pace}"

    @classmethod
    @transaction.atomic
    def choose(cls, person: User, paces: Mapping[str, str]) -> None:
        """Set how fast these kinds of notice reach ``person`` by mail.

        What waits of a kind that is off now is not sent. A statement of reasons always goes out,
        whatever is chosen for it.
        """
        chosen = {kind: pace for kind, pace in paces.items() if kind not in Notice.STATEMENTS}
        MailChoice.objects.bulk_create(
            [MailChoice(person=person, kind=kind, pace=pace) for kind, pace in chosen.items()],
            update_conflicts=True,
            unique_fields=["person", "kind"],
            update_fields=["pace"],
        )
        off = [kind for kind, pace in chosen.items() if pace == cls.Pace.OFF]
        person.notices.filter(mail=Notice.Mail.WAITING, kind__in=off).update(mail=Notice.Mail.NONE)

    # Its token, which stops the mails that carry it.

    @classmethod
    def paces_of(cls, person: User) -> dict[str, str]:
        """How fast each kind of notice reaches ``person`` by mail. One query."""
        chosen = dict(cls.objects.filter(person=person).values_list("kind", "pace"))
        for kind in Notice.STATEMENTS:
            chosen.pop(kind, None)
        return {kind.value: chosen.get(kind.value, pace) for kind, pace in cls.DEFAULTS.items()}

    @classmethod
    def token_for(cls, person: User, kind: str) -> str:
        """The token for mails of ``kind``, or of digests, to ``person``; made where none is."""
        pace = cls.Pace.DAILY if kind == cls.DIGEST else cls.DEFAULTS[Notice.Kind(kind)]
        choice, _ = cls.objects.get_or_create(person=person, kind=kind, defaults={"pace": pace})
        return choice.token

    @property
    def stream(self) -> str:
        """What its token stops, in words."""
        if self.kind == self.DIGEST:
            return "The mails that gather what happened in an hour or a day"
        return str(Notice.Kind(self.kind).label)

    def running(self) -> dict[str, str]:
        """The kinds of notice whose mail its token would stop, with their paces."""
        paces = self.paces_of(self.person)
        if self.kind != self.DIGEST:
            kept = {self.kind: paces[self.kind]}
        else:
            together = {self.Pace.HOURLY, self.Pace.DAILY}
            kept = {kind: pace for kind, pace in paces.items() if pace in together}
        return {kind: pace for kind, pace in kept.items() if pace != self.Pace.OFF}

    @transaction.atomic
    def stop(self) -> dict[str, str]:
        """Send no more mail of this row's kind, nor what waits of it; again changes nothing.

        Returns the kinds that are stopped, with the paces they had.
        """
        stopped = self.running()
        if stopped:
            self.choose(self.person, dict.fromkeys(stopped, self.Pace.OFF))
        return stopped


class MailStopQuerySet(models.QuerySet["MailStop"]):
    def standing(self) -> Self:
        """Stops that keep mail back now: bounces that were not repeated do not, nor old ones."""
        repeated = Q(count__gte=MailStop.SOFT_BOUNCES, at__gt=timezone.now() - MailStop.SOFT_SPAN)
        return self.filter(~Q(kind=MailStop.Kind.SOFT) | repeated)


class MailStop(models.Model):
    """An address that takes no mail of ours, or not for now, and why."""

    class Kind(models.TextChoices):
        HARD = "hard", "It does not exist"
        SOFT = "soft", "It could not take mail several times"
        COMPLAINT = "complaint", "Its owner called our mail spam"

    # So many soft bounces within the span pause an address, for as long again.
    SOFT_BOUNCES = 3
    SOFT_SPAN = datetime.timedelta(days=7)
    # A worse one replaces a milder one, never the other way round.
    GRAVITY = (Kind.SOFT, Kind.HARD, Kind.COMPLAINT)

    # In small letters, as addresses are compared.
    address = models.EmailField(unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    count = models.PositiveIntegerField(default=1)
    detail = models.CharField(max_length=300, blank=True)
    # When it was stopped; of soft bounces that are not enough yet, when the first one came.
    at = models.DateTimeField(default=timezone.now)

    objects = MailStopQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.address} ({self.kind})"

    @classmethod
    @transaction.atomic
    def record(cls, address: str, kind: str, detail: str = "") -> "MailStop":
        """Note that mail to ``address`` bounced, or that its owner complained.

        What comes twice changes nothing but the count.
        """
        # What a server or a provider says may hold what no database keeps.
        now, detail = timezone.now(), " ".join(text.DROPPED.sub(" ", detail).split())[:300]
        stop, is_new = cls.objects.get_or_create(
            address=address.strip().lower(), defaults={"kind": kind, "detail": detail, "at": now}
        )
        if is_new:
            return stop
        stop = cls.objects.select_for_update().get(pk=stop.pk)
        is_worse = cls.GRAVITY.index(cls.Kind(kind)) > cls.GRAVITY.index(cls.Kind(stop.kind))
        if is_worse:
            stop.kind, stop.count, stop.at, stop.detail = kind, 1, now, detail
        elif stop.kind != cls.Kind.SOFT:
            stop.count += 1
        elif now - stop.at >= cls.SOFT_SPAN:
            stop.count, stop.at, stop.detail = 1, now, detail
        else:
            stop.count += 1
            stop.detail = detail
            if stop.count == cls.SOFT_BOUNCES:
                stop.at = now
        stop.save()
        return stop

    @classmethod
    def lift(cls, address: str) -> bool:
        """Let mail go to ``address`` again. Returns whether anything kept it back."""
        return bool(cls.objects.filter(address=address.strip().lower()).delete()[0])

    @classmethod
    def of(cls, person: User) -> "MailStop | None":
        """What keeps our mail from ``person``'s address, if anything does. One query."""
        # Accounts' addresses are kept in small letters too.
        addresses = EmailAddress.objects.filter(user=person, primary=True).values("email")
        return cls.objects.standing().filter(address__in=addresses).first()
