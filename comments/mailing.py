"""Sending what notices tell by mail: each once in effect, whatever breaks on the way.

First a worker takes what is due for one person, for a while that is long enough to send it. Then
it looks again whether what each mail tells is still so, and sends it. Last it notes that it is
sent. A worker that dies leaves its mails to whoever comes after that while, and what goes out
twice then is the same mail, under the same Message-ID, which mail programs show once.
"""

import datetime
import logging
import smtplib
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from comments import bounces, letters
from comments.models import Comment, Decision, Dispatch, Follow, MailChoice, MailStop, Notice
from comments.models.notice import NoticeQuerySet

log = logging.getLogger(__name__)

# How long a worker keeps a mail to itself: longer than any answer of a mail server takes.
LEASE = datetime.timedelta(minutes=2)
# How long to wait after each try that failed; after the last one a mail is given up.
BACK_OFF = (
    datetime.timedelta(minutes=1),
    datetime.timedelta(minutes=5),
    datetime.timedelta(minutes=30),
    datetime.timedelta(hours=2),
    datetime.timedelta(hours=6),
    datetime.timedelta(hours=24),
)
MAX_TRIES = len(BACK_OFF) + 1
# One person gets so many mails about single things in an hour; what is more comes together.
MAX_AN_HOUR = 10
HOUR = datetime.timedelta(hours=1)
A_RUN = 120  # seconds after which a run ends, and the next goes on
LOOKED_AT = 50  # notices among which a run looks for somebody to write to

Batch = uuid.UUID
Follows = set[tuple[int, int | None]]  # a story, and of a thread its first comment
TOGETHER = {MailChoice.Pace.HOURLY, MailChoice.Pace.DAILY}


class ServerAway(Exception):
    """The mail server cannot be reached, or takes nothing from us: no mail would go out now."""


def deliver_due(now: datetime.datetime | None = None) -> int:
    """Send all mail that is due, person by person. Returns how many mails went out.

    Several workers may do so at once. A mail that cannot be sent comes back later; if the server
    is away the run ends, so that nobody's tries are spent on it.
    """
    sent, until = 0, time.monotonic() + A_RUN
    connection = mail.get_connection()
    try:
        while (taken := _take(now or timezone.now())) is not None:
            lease, batches = taken
            for batch in batches:
                sent += _deliver(batch, lease, connection, now)
            if time.monotonic() > until:
                break
    except ServerAway as error:
        log.warning("Mail waits: the mail server is away (%s).", error)
    finally:
        connection.close()
    return sent


# Taking -----------------------------------------------------------------------------------------


@transaction.atomic
def _take(now: datetime.datetime) -> tuple[datetime.datetime, list[Batch]] | None:
    """Take what is due for one person: nobody else touches it until the lease ends.

    Returns when that is, and the mails to send; ``None`` if nothing is due for anybody whom no
    other worker writes to.
    """
    waiting = Notice.objects.due(now).values_list("person", flat=True)[:LOOKED_AT]
    # Whoever has the person has all that is due for them: two digests where one was meant cannot
    # come of two workers. Without the key, so that notices can be written meanwhile.
    person = (
        User.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(pk__in=list(waiting))
        .order_by("pk")
        .first()
    )
    if person is None:
        return None
    lease = now + LEASE
    due = list(Notice.objects.due(now).filter(person=person))
    again = {notice.mail_batch for notice in due if notice.mail_batch}
    fresh = [notice for notice in due if not notice.mail_batch]
    if spent := {n.mail_batch for n in due if n.mail_tries >= MAX_TRIES and n.mail_batch}:
        # A worker died at the last try.
        _give_up(spent)
    batches = sorted(again - spent)
    batches += _batches(person, fresh, now)
    Notice.objects.filter(mail_batch__in=batches, mail=Notice.Mail.WAITING).update(
        mail_due_at=lease
    )
    return lease, batches


def _batches(person: User, notices: list[Notice], now: datetime.datetime) -> list[Batch]:
    """Divide what is due for the first time into mails.

    What comes hourly or daily comes in one. The rest comes alone, unless there is more of it than
    anybody wants to find: then it comes in one mail per kind, which can be stopped alone.
    """
    paces = MailChoice.paces_of(person)
    unwanted = [n for n in notices if paces[n.kind] == MailChoice.Pace.OFF]
    together = [n for n in notices if paces[n.kind] in TOGETHER]
    alone = [n for n in notices if paces[n.kind] == MailChoice.Pace.NOW]
    _note(unwanted, mail=Notice.Mail.NONE)
    batches = [_batch(together)] if together else []
    room, free_at = _room(person, now)
    if len(alone) <= room:
        return [*batches, *(_batch([notice]) for notice in alone)]
    by_kind = defaultdict(list)
    for notice in alone:
        by_kind[notice.kind].append(notice)
    for kind, some in by_kind.items():
        if kind in Notice.STATEMENTS:
            # Each is told in full, however many there are.
            lots = [some[i : i + letters.CAP] for i in range(0, len(some), letters.CAP)]
            batches += [_batch(lot) for lot in lots]
        elif room:
            batches.append(_batch(some))
        else:
            _note(some, mail_due_at=free_at)
    return batches


def _room(person: User, now: datetime.datetime) -> tuple[int, datetime.datetime]:
    """Return how many mails about single things the person may get now, and else from when."""
    times = (
        person.notices.filter(mail=Notice.Mail.SENT, mail_sent_at__gt=now - HOUR)
        .exclude(kind__in=Notice.STATEMENTS)
        .values_list("mail_sent_at", "mail_batch")
        .distinct()
        .order_by("-mail_sent_at")[:MAX_AN_HOUR]
    )
    sent = [at for at, _ in times if at is not None]
    return MAX_AN_HOUR - len(sent), (min(sent) if sent else now) + HOUR


def _batch(notices: list[Notice]) -> Batch:
    """Make these notices one mail; what was once one mail stays one, however often it is tried."""
    batch = letters.alone(notices[0]) if len(notices) == 1 else uuid.uuid4()
    _note(notices, mail_batch=batch)
    return batch


def _note(notices: Iterable[Notice], **fields: object) -> None:
    """Write down what becomes of these mails, unless they were cancelled meanwhile."""
    ids = [notice.pk for notice in notices]
    if ids:
        Notice.objects.filter(pk__in=ids, mail=Notice.Mail.WAITING).update(**fields)


# Sending ----------------------------------------------------------------------------------------


def _deliver(
    batch: Batch,
    lease: datetime.datetime,
    connection: BaseEmailBackend,
    at: datetime.datetime | None = None,
) -> int:
    """Try one mail. Returns 1 if it went out, else 0. Raises ``ServerAway``."""
    now = at or timezone.now()
    waiting = Notice.objects.filter(mail_batch=batch, mail=Notice.Mail.WAITING)
    # The lease is the proof that it is still ours: whoever took it since wrote another.
    if not waiting.filter(mail_due_at=lease).update(
        mail_due_at=now + LEASE, mail_tries=F("mail_tries") + 1
    ):
        return 0
    try:
        notices = list(_still_so(waiting))
        if not notices:
            return 0
        person = notices[0].person
        address = _address(person)
        if address is None:
            waiting.update(mail=Notice.Mail.STOPPED)
            return 0
        message = letters.write(notices, person, address, batch)
        message.connection = connection
        connection.open()  # one for all: opened here it stays open, opened by a send it would not
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        connection.close()
        _refused(batch, error, now)
        return 0
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        connection.close()
        _fail(batch, error, now)
        return 0
    except OSError as error:
        # The connection itself, or the log-in: any other mail would fare the same.
        _fail(batch, error, now)
        raise ServerAway(type(error).__name__) from error
    except Exception as error:
        # A mail that cannot be made must not hold up the others.
        log.exception("A mail could not be made (%s).", batch)
        _fail(batch, error, now)
        return 0
    told = [notice.pk for notice in notices]
    # Even what was cancelled in this very moment: it is sent.
    Notice.objects.filter(pk__in=told).update(
        mail=Notice.Mail.SENT, mail_sent_at=now, mail_error=""
    )
    # What was not in it may become so again, and is another mail then.
    Notice.objects.filter(mail_batch=batch).exclude(mail=Notice.Mail.SENT).update(mail_batch=None)
    return 1


def _still_so(waiting: NoticeQuerySet) -> list[Notice]:
    """Return the notices of a mail that still tell what is so; cancel the others."""
    rows = list(
        waiting.standing()
        .with_what_they_tell()
        .select_related("person", "comment__parent__author", "decision__revision")
        .order_by("at", "pk")
    )
    paces = MailChoice.paces_of(rows[0].person) if rows else {}
    follows = _follows(rows)
    unwanted = [notice for notice in rows if paces[notice.kind] == MailChoice.Pace.OFF]
    kept = [notice for notice in rows if notice not in unwanted and _stands(notice, follows)]
    _note(unwanted, mail=Notice.Mail.NONE, mail_batch=None)
    waiting.exclude(pk__in=[notice.pk for notice in kept]).update(
        mail=Notice.Mail.CANCELLED, mail_batch=None
    )
    return kept


def _follows(notices: list[Notice]) -> Follows:
    """Return the stories and threads among those of these notices that their reader follows."""
    wishes = Follow.objects.filter(
        reader__in={notice.person_id for notice in notices},
        article__in={notice.article_id for notice in notices},
    )
    return set(wishes.values_list("article_id", "thread_id"))


def _stands(notice: Notice, follows: Follows) -> bool:
    """Tell whether it is still of use to its reader, and what was decided still so."""
    comment, decision = notice.comment, notice.decision
    if comment is None:
        return True
    if notice.kind in Notice.OF_OTHERS and comment.author_id == notice.person_id:
        return False  # a guest's, which they have claimed since
    if notice.kind in {Notice.Kind.THREAD, Notice.Kind.STORY}:
        of_thread = (comment.article_id, comment.root_id or comment.pk)
        return bool({of_thread, (comment.article_id, None)} & follows)
    if decision is None:
        return True
    if comment.author_id == notice.person_id and comment.status == Comment.Status.REMOVED:
        return False
    if decision.revision_id is not None:
        return True
    match notice.kind:
        case Notice.Kind.APPROVED:
            return comment.is_visible
        case Notice.Kind.APPEAL:
            return True
        case Notice.Kind.REJECTED:
            about_it = Decision.objects.about_visibility()
            latest = about_it.filter(comment=comment, revision__isnull=True)
            return not latest.filter(pk__gt=decision.pk).exists()
        case Notice.Kind.CLOSED:
            return (comment.closed_at is not None) == (decision.act == Decision.Act.CLOSE)
        case Notice.Kind.REPORT:
            return comment.status == decision.after
    return True


def _address(person: User) -> str | None:
    """Return where to write to, or ``None`` if mail must not go there."""
    if not person.is_active:
        return None
    held = EmailAddress.objects.filter(user=person, primary=True, verified=True).first()
    return held.email if held and MailStop.of(person) is None else None


# To those who need no account --------------------------------------------------------------------


def dispatch_due() -> int:
    """Send the single mails that are due: receipts, answers, alarms. Returns how many went out."""
    sent, until = 0, time.monotonic() + A_RUN
    while time.monotonic() < until and (row := _take_dispatch()) is not None:
        sent += _dispatch(row)
    return sent


@transaction.atomic
def _take_dispatch() -> Dispatch | None:
    """Take the mail that is longest due, for as long as sending it takes."""
    row = Dispatch.objects.due().select_for_update(skip_locked=True).first()
    if row is None:
        return None
    if row.tries >= MAX_TRIES:
        row.status = Dispatch.Status.FAILED
        log.error("Given up after %s tries: mail %s.", MAX_TRIES, row.key)
    row.tries += 1
    row.due_at = timezone.now() + LEASE
    row.save(update_fields=["status", "tries", "due_at"])
    return row


def _dispatch(row: Dispatch) -> int:
    if row.status != Dispatch.Status.WAITING:
        return 0
    if MailStop.objects.standing().filter(address=row.address.lower()).exists():
        row.status = Dispatch.Status.STOPPED
        row.save(update_fields=["status"])
        return 0
    try:
        letters.of_dispatch(row).send()
    except Exception as error:
        # Whatever it was, the next try comes later, and other mails go out meanwhile.
        log.exception("The mail %s could not be sent.", row.key)
        row.error = f"{type(error).__name__}: {error}"[:300]
        row.due_at = timezone.now() + BACK_OFF[min(row.tries, len(BACK_OFF)) - 1]
        row.save(update_fields=["error", "due_at"])
        return 0
    row.status, row.sent_at, row.error = Dispatch.Status.SENT, timezone.now(), ""
    row.save(update_fields=["status", "sent_at", "error"])
    return 1


# What became of it ------------------------------------------------------------------------------


def _fail(batch: Batch, error: Exception, now: datetime.datetime) -> None:
    """Note why a try failed, and when the next one is due; after the last, give up."""
    waiting = Notice.objects.filter(mail_batch=batch, mail=Notice.Mail.WAITING)
    tries = waiting.values_list("mail_tries", flat=True).first()
    if tries is None:
        return
    waiting.update(mail_error=f"{type(error).__name__}: {error}"[:300])
    if tries >= MAX_TRIES:
        _give_up({batch})
    else:
        waiting.update(mail_due_at=now + BACK_OFF[max(tries, 1) - 1])


def _give_up(batches: set[Batch]) -> None:
    count = Notice.objects.filter(mail_batch__in=batches, mail=Notice.Mail.WAITING).update(
        mail=Notice.Mail.FAILED
    )
    log.error("Given up after %s tries: mail of %s notices (%s).", MAX_TRIES, count, batches)


def _refused(batch: Batch, error: smtplib.SMTPRecipientsRefused, now: datetime.datetime) -> None:
    """The server does not take mail for this address: for good, or for now."""
    ((address, (code, answer)),) = error.recipients.items()
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    said = letters.one_line(said)
    if bounces.kind_of(said, code) != MailStop.Kind.HARD:
        _fail(batch, error, now)
        return
    MailStop.record(address, MailStop.Kind.HARD, f"{code} {said}")
    Notice.objects.filter(mail_batch=batch, mail=Notice.Mail.WAITING).update(
        mail=Notice.Mail.STOPPED, mail_error=f"{code} {said}"[:300]
    )
