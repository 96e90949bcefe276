"""Who is told what: the rows of people's notices, written with what they tell of.

What tells of a decision or a pick is called inside the transaction of its cause, so that a notice
stands if and only if its cause does. Followers, who may be many, are told afterwards, by
``announce``. Mail goes out later, from ``comments.mailing``.
"""

import datetime
import zoneinfo
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Correction
from comments.circumstances import Circumstances, Reach
from comments.models import (
    Appeal,
    Comment,
    Decision,
    Follow,
    MailChoice,
    Notice,
    Sanction,
)
from newsroom import prepared

# So many followers are told by one statement.
CHUNK = 500
# So many unread notices are counted; beyond that it is "99+".
MOST_COUNTED = 100
MOST_LOOKED_AT = 500
# When a daily mail comes, on the clock of who gets it.
DAILY_AT = datetime.time(7)
# An older correction is no news, should nobody have been told by then.
CORRECTIONS_FROM = datetime.timedelta(days=7)


# What happened ----------------------------------------------------------------------------------


def of_decision(
    comment: Comment,
    decision: Decision,
    is_news: bool = False,
    known: Circumstances | None = None,
) -> None:
    """Tell those whom a decision on ``comment``, or on an edit of it, concerns.

    ``is_news`` says that readers see the comment for the first time; ``known`` is what was there
    when a moderator decided. Called before the reports that the decision answers are settled. The
    number of statements is the same however many people follow or reported the comment.
    """
    is_of_edit = decision.revision_id is not None
    was_waiting = decision.before == Comment.Status.PENDING
    # Of a comment that only waited so far, nobody was told anything that could be taken back.
    if not is_of_edit and not (was_waiting and (is_news or comment.visible_at is None)):
        _take_back(comment, decision)
    told = _author_of(comment, decision, known)
    if is_news and comment.parent_id:
        told += _answered_by(comment)
    is_answer = decision.after not in {Comment.Status.REMOVED, Comment.Status.PENDING}
    is_reported = known is None or known.is_reported
    if decision.by_id and not is_of_edit and is_answer and is_reported:
        told += _reporters_of(comment, decision)
    _write(told, is_more_due=is_news and comment.announce_due)


def of_undo(comment: Comment, undone: Decision, decision: Decision) -> None:
    """Take back what was told of ``decision``; tell its author, if they have heard of it already.

    Mail that is gone cannot be taken back: those who got it, or who read their list, get a word
    of how it stands now. So do those whose reports it had answered.
    """
    told = decision.notices.all()
    unheard = told.exclude(mail=Notice.Mail.SENT).filter(read_at__isnull=True)
    unheard.delete()
    heard = told.filter(kind=Notice.Kind.REPORT).values("person")
    reporters, event = User.objects.filter(pk__in=heard), f"report:{undone.pk}"
    _write(_notices(reporters, event, Notice.Kind.REPORT, comment=comment, decision=undone))
    if comment.author_id is None or not told.filter(person=comment.author_id).exists():
        return
    is_shown = comment.status == Comment.Status.APPROVED
    kind = Notice.Kind.APPROVED if is_shown else Notice.Kind.REJECTED
    author = User.objects.filter(pk=comment.author_id)
    _write(_notices(author, f"decision:{undone.pk}", kind, comment=comment, decision=undone))


def of_thread(comment: Comment, decision: Decision) -> None:
    """Tell who began a thread that it takes no more answers, or takes them again."""
    if decision.source == Decision.Source.APPEAL:
        return  # they hear of the answer to their appeal
    author = User.objects.filter(comments=comment.pk).exclude(pk=decision.by_id or 0)
    event = f"decision:{decision.pk}"
    _write(_notices(author, event, Notice.Kind.CLOSED, comment=comment, decision=decision))


def of_sanction(sanction: Sanction) -> None:
    """Tell a person what was decided about them."""
    person = User.objects.filter(pk=sanction.person_id)
    event = f"sanction:{sanction.pk}"
    _write(_notices(person, event, Notice.Kind.SANCTION, sanction=sanction))


def of_appeal(appeal: Appeal) -> None:
    """Tell who appealed how it was answered."""
    person = User.objects.filter(pk__in=[appeal.person_id])
    about: dict[str, Any] = {"appeal": appeal}
    if appeal.decision is not None:
        about["comment"] = appeal.decision.comment
    _write(_notices(person, f"appeal:{appeal.pk}", Notice.Kind.APPEAL, **about))


def of_pick(comment: Comment) -> None:
    """Tell its author that an editor picked their comment; of one comment, once."""
    author = User.objects.filter(comments=comment.pk)
    _write(_notices(author, f"pick:{comment.pk}", Notice.Kind.PICKED, comment=comment))


def announce(comment: Comment) -> int:
    """Tell those who follow its story or its thread of a comment that readers see now.

    Who was told of it already, as they were whom it answers, is not told again, however often
    this runs. Returns how many followers there were to tell.
    """
    follows = Follow.objects.of_comment(comment)
    of_thread = Exists(follows.filter(thread__isnull=False, reader=OuterRef("pk")))
    count = _tell_all(
        _others(comment).filter(pk__in=follows.values("reader")),
        f"comment:{comment.pk}",
        Case(When(of_thread, then=Value(Notice.Kind.THREAD)), default=Value(Notice.Kind.STORY)),
        comment=comment,
    )
    Comment.objects.filter(pk=comment.pk).update(announce_due=False)
    return count


def announce_due() -> int:
    """Announce the comments whose followers are still to hear of them.

    One that was hidden meanwhile keeps its turn until readers see it again. Returns how many
    followers there were to tell.
    """
    count = 0
    due = Comment.objects.readable().filter(announce_due=True).defer("body", "body_html")
    while comments := list(due.order_by("pk")[:CHUNK]):
        count += sum(announce(comment) for comment in comments)
    return count


def announce_corrections() -> int:
    """Tell those who follow a story what was corrected in it.

    Who was told is not told again; who follows it only since has read it corrected. One query
    where there is nothing to tell. Returns how many followers there were to tell.
    """
    told = Notice.objects.filter(correction=OuterRef(OuterRef("pk")), person=OuterRef("reader"))
    follows = Follow.objects.filter(
        ~Exists(told),
        article=OuterRef("article"),
        thread__isnull=True,
        at__lte=OuterRef("at"),
        reader__is_active=True,
    ).exclude(reader=Coalesce(OuterRef("by"), 0))
    due = Correction.objects.filter(
        Exists(follows),
        Article.live_condition("article__"),
        at__gte=timezone.now() - CORRECTIONS_FROM,
    )
    return sum(_announce_correction(correction) for correction in due)


def _announce_correction(correction: Correction) -> int:
    follows = Follow.objects.filter(
        article=correction.article_id, thread__isnull=True, at__lte=correction.at
    )
    return _tell_all(
        User.objects.filter(pk__in=follows.values("reader")).exclude(pk=correction.by_id or 0),
        f"correction:{correction.pk}",
        Notice.Kind.CORRECTED,
        article_id=correction.article_id,
        correction=correction,
    )


# Whom it concerns -------------------------------------------------------------------------------


def _author_of(comment: Comment, decision: Decision, known: Circumstances | None) -> list[Notice]:
    """The author's notice of what others decided; none of what is as they left it."""
    if comment.author_id is None or decision.after == Comment.Status.REMOVED:
        return []
    if decision.source == Decision.Source.APPEAL:
        # They hear of the answer to their appeal, which says it all.
        return []
    kind = Notice.Kind.REJECTED
    if decision.after == Comment.Status.APPROVED:
        kind = Notice.Kind.APPROVED
        # Shown at once by no check, or found to be in order while readers saw it.
        if decision.by_id is None or decision.before == Comment.Status.APPROVED:
            return []
    event = f"decision:{decision.pk}"
    about: dict[str, Any] = {"comment": comment, "decision": decision}
    if known is None:
        author = User.objects.filter(comments=comment.pk)
        notices = _notices(author, event, kind, **about)
    else:
        now = timezone.now()
        notices = (
            [_notice(comment.author_id, known.author, event, kind, now, **about)]
            if known.author
            else []
        )
    if decision.after == Comment.Status.SPAM:
        # Told in their list alone: machines that advertise are not worth a mail each.
        for notice in notices:
            notice.mail, notice.mail_due_at = Notice.Mail.NONE, None
    return notices


def _answered_by(comment: Comment) -> list[Notice]:
    """The notice of whom a new comment answers."""
    kind = Notice.Kind.STAFF_REPLY if comment.is_by_staff else Notice.Kind.REPLY
    told = ANSWERED.all(parent=comment.parent_id, author=comment.author_id or 0, kind=kind)
    event, now = f"comment:{comment.pk}", timezone.now()
    return [_notice(pk, Reach(*reach), event, kind, now, comment=comment) for pk, *reach in told]


def _answered() -> QuerySet[User, tuple[int, str, str | None, bool]]:
    author = prepared.number("author")
    people = User.objects.exclude(pk=author).exclude(mutes__muted=author)
    answered = people.filter(comments=prepared.number("parent"))
    return _with_reach(answered, prepared.text("kind")).order_by()


ANSWERED = prepared.Query(_answered)


def _reporters_of(comment: Comment, decision: Decision) -> list[Notice]:
    """The notices of those whose reports a decision answers."""
    reporters = User.objects.filter(pk__in=comment.reports.open().values("reporter"))
    return _notices(
        reporters.exclude(pk=decision.by_id or 0),
        f"report:{decision.pk}",
        Notice.Kind.REPORT,
        comment=comment,
        decision=decision,
    )


def _others(comment: Comment) -> QuerySet[User]:
    """People whom a comment may be told of: not its author, nor who mutes them."""
    people = User.objects.exclude(pk=comment.author_id or 0)
    return people.exclude(mutes__muted=comment.author_id) if comment.author_id else people


def _take_back(comment: Comment, decision: Decision) -> None:
    """Cancel the mails that wait to tell what is no longer so; let go on what is so again."""
    waiting = comment.notices.filter(mail=Notice.Mail.WAITING)
    # An answer to an edit is not about where the comment stands.
    rejections = Q(kind=Notice.Kind.REJECTED, decision__revision__isnull=True)
    of_readers = [*Notice.OF_OTHERS, Notice.Kind.PICKED]
    if not comment.is_visible:
        shown = Q(kind__in=[*of_readers, Notice.Kind.APPROVED])
        waiting.filter(shown | rejections).update(mail=Notice.Mail.CANCELLED)
    elif decision.before != Comment.Status.APPROVED:
        waiting.filter(rejections).update(mail=Notice.Mail.CANCELLED)
        comment.notices.filter(kind__in=of_readers, mail=Notice.Mail.CANCELLED).update(
            mail=Notice.Mail.WAITING
        )


# Writing it down --------------------------------------------------------------------------------


def _notices(
    people: QuerySet[User],
    event: str,
    kind: str | Combinable,
    limit: int | None = None,
    **about: Any,
) -> list[Notice]:
    """Return a notice for each of the first ``limit`` people, with when its mail is due.

    One query. ``event`` and the person make the notice's key.
    """
    given = kind if isinstance(kind, Combinable) else Value(kind)
    rows = _with_reach(people.annotate(notice_kind=given), OuterRef("notice_kind"), "notice_kind")
    now = timezone.now()
    return [
        _notice(pk, Reach(*reach), event, own_kind, now, **about)
        for pk, *reach, own_kind in rows[:limit]
    ]


def _with_reach(
    people: QuerySet[User], kind: Combinable | OuterRef, *further: str
) -> QuerySet[User, Any]:
    """Return the ids of those who can be told, with what makes a ``Reach``, and ``further``."""
    address = EmailAddress.objects.filter(user=OuterRef("pk"), primary=True, verified=True)
    choice = MailChoice.objects.filter(person=OuterRef("pk"), kind=kind)
    return (
        people.filter(is_active=True)
        .annotate(pace=Subquery(choice.values("pace")[:1]), has_address=Exists(address))
        .values_list("pk", "time_zone", "pace", "has_address", *further)
    )


def _notice(
    person: int, reach: Reach, event: str, kind: str, now: datetime.datetime, **about: Any
) -> Notice:
    """Return a person's notice, with when its mail is due."""
    if comment := about.get("comment"):
        about["article_id"] = comment.article_id
    due = due_at(_pace(kind, reach.pace), reach.time_zone, now) if reach.has_address else None
    return Notice(
        person_id=person,
        kind=kind,
        key=f"{event}:{person}",
        at=now,
        mail=Notice.Mail.WAITING if due else Notice.Mail.NONE,
        mail_due_at=due,
        **about,
    )


def _write(notices: list[Notice], is_more_due: bool = False) -> None:
    """Save those that were not written before, and wake the worker for what is due now."""
    if notices:
        # The unique key is the guard: of two who tell the same at once, the second tells nobody.
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
    now = timezone.now()
    if is_more_due or any(n.mail_due_at and n.mail_due_at <= now for n in notices):
        transaction.on_commit(_wake)


def _tell_all(people: QuerySet[User], event: str, kind: str | Combinable, **about: Any) -> int:
    """Tell many, ``CHUNK`` by ``CHUNK``. Returns how many there were."""
    count, last = 0, 0
    people = people.order_by("pk")
    while notices := _notices(people.filter(pk__gt=last), event, kind, limit=CHUNK, **about):
        _write(notices)
        count, last = count + len(notices), notices[-1].person_id
    return count


def _wake() -> None:
    from comments import tasks

    tasks.wake()


# How fast it comes by mail ----------------------------------------------------------------------


def pace_of(person: User, kind: str) -> str:
    """How fast notices of ``kind`` reach ``person`` by mail: a ``MailChoice.Pace``."""
    choice = MailChoice.objects.filter(person=person, kind=kind).first()
    return _pace(kind, choice.pace if choice else None)


def _pace(kind: str, chosen: str | None) -> str:
    if kind in Notice.STATEMENTS:
        return MailChoice.Pace.NOW
    return chosen or MailChoice.DEFAULTS[Notice.Kind(kind)]


def due_at(pace: str, time_zone: str, now: datetime.datetime) -> datetime.datetime | None:
    """When mail of what happens ``now`` is due; ``None`` if there is to be none."""
    if pace == MailChoice.Pace.OFF:
        return None
    if pace == MailChoice.Pace.NOW:
        return now
    if pace == MailChoice.Pace.HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + datetime.timedelta(hours=1)
    zone = zone_of(time_zone)
    day = now.astimezone(zone).date()
    due = datetime.datetime.combine(day, DAILY_AT, zone)
    if due <= now:
        # The day after, and not 24 hours after: a night may have 23 hours or 25.
        due = datetime.datetime.combine(day + datetime.timedelta(days=1), DAILY_AT, zone)
    return due


def zone_of(time_zone: str) -> datetime.tzinfo:
    """A person's time zone; the paper's where they named none, or none that is."""
    try:
        return zoneinfo.ZoneInfo(time_zone or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


_UNREAD = prepared.Query(
    lambda: (
        Notice.objects.unread()
        .filter(person=prepared.number("person"))
        .order_by()
        .values_list("pk")[:1]
    )
)


# How many are unread ----------------------------------------------------------------------------


def unread_count(person: User) -> str:
    """How many notices ``person`` has not read, as every page tells them; empty for none.

    One short query for whoever has none, which is most people on most pages; another one for the
    rest, that costs the same for whoever left thousands unread.
    """
    if not _UNREAD.all(person=person.pk):
        return ""
    # Without an order, since counting need not sort; and of so many first, since asking thousands
    # whether they stand is slower than a page may be.
    some = person.notices.unread().order_by().values("pk")[:MOST_LOOKED_AT]
    count = Notice.objects.filter(pk__in=some).standing().order_by()[:MOST_COUNTED].count()
    if count == MOST_COUNTED:
        return f"{MOST_COUNTED - 1}+"
    return str(count or "")
