"""What is done in the background, and the clock that asks for it.

A task may run twice, or be killed half way: each leaves things so that the next run goes on where
it ended. The queue only says that there is something to do; what that is stands in the rows of
what it is about, so that a task that is lost costs a moment and nothing else.
"""

import datetime
import logging
import time

from django.contrib.sessions.backends.db import SessionStore
from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles import error_letters
from articles.models import Article, ErrorReport
from comments import chain, duty, mailing, newsdesk, notices, presence, secondlook, surge
from comments.models import Batch, Comment, Dispatch, Draft, LegalNotice, Notice, TextMark

try:
    from django.tasks import TaskResultStatus, task
except ImportError:  # before Django 6
    from django_tasks import TaskResultStatus, task  # type: ignore[assignment,no-redef]

log = logging.getLogger(__name__)

# No task of ours runs this long: who began it is dead.
LONGEST = datetime.timedelta(minutes=10)
TURN = 20  # seconds of batches, until others have their turn
MAX_STARTS = 3
KEPT = datetime.timedelta(days=1)
FAILED_KEPT = datetime.timedelta(days=30)


class WorkerDied(Exception):
    """A task whose worker ended in the middle of it, every time it was begun."""


@task
def deliver() -> int:
    """Tell followers what is new, and send the mail that is due. Returns how many mails went."""
    try:
        notices.announce_due()
        notices.announce_corrections()
    finally:
        # What cannot be announced does not hold up what can be sent.
        sent = mailing.dispatch_due() + mailing.deliver_due()
    return sent


def wake() -> None:
    """Ask for a delivery soon, unless one waits already. Never raises.

    Called after the commit of what is to be told. If it fails, ``tick`` finds what is due.
    """
    try:
        with transaction.atomic():
            waiting = DBTaskResult.objects.ready().filter(task_path=deliver.module_path)
            if not waiting.exists():
                deliver.enqueue()
    except DatabaseError:
        log.exception("The worker could not be woken; the clock will.")


@task
def run_batches() -> int:
    """Decide on what moderators asked for in bulk, for ``TURN`` seconds. Returns how many batches.

    What is left then waits in the queue behind what came meanwhile: mail, and the clock, go on.
    """
    until, count = time.monotonic() + TURN, 0
    for batch in Batch.objects.open():
        try:
            batch.run(until)
        except Exception:
            # The others do not wait for it; the clock tries it again.
            log.exception("Batch %s broke, and is tried again.", batch.pk)
        count += 1
        if time.monotonic() >= until:
            wake_batches()
            break
    return count


def wake_batches() -> None:
    """Ask for the open batches to be run, unless that waits already. Never raises."""
    try:
        with transaction.atomic():
            waiting = DBTaskResult.objects.ready().filter(task_path=run_batches.module_path)
            if not waiting.exists():
                run_batches.enqueue()
    except DatabaseError:
        log.exception("The worker could not be woken for a batch; the clock will.")


def tick() -> None:
    """Ask for what the clock has made due: digests, second tries, and what nobody was woken for.

    Nothing but reading where nothing is due.
    """
    untold = Comment.objects.readable().filter(announce_due=True)
    if Notice.objects.due().exists() or Dispatch.objects.due().exists() or untold.exists():
        wake()
    if Batch.objects.open().exists():
        wake_batches()
    Article.objects.settle()
    newsdesk.tell_of_steps()
    error_letters.write_due(Dispatch.send)
    reap()
    notices.announce_corrections()
    surge.end_due()


def tend() -> None:
    """Do what the desk needs about once a minute. What fails does not hold up the others.

    Nothing but reading where nothing is due.
    """
    for chore in (chain.seal_due, duty.alarm_due, secondlook.choose_due):
        try:
            chore()
        except Exception:
            log.exception("%s failed, and is tried again in a minute.", chore.__module__)


def reap() -> int:
    """Give back the tasks whose worker died; give up those that it happened to before.

    Returns how many there were.
    """
    now = timezone.now()
    stuck = list(DBTaskResult.objects.running().filter(started_at__lte=now - LONGEST))
    for row in stuck:
        # Whoever else reaps finds it gone; whoever still runs it says so in the end.
        same = DBTaskResult.objects.running().filter(pk=row.pk, started_at=row.started_at)
        if len(row.worker_ids) < MAX_STARTS:
            same.update(status=TaskResultStatus.READY, started_at=None)
        elif same.update(
            status=TaskResultStatus.FAILED,
            finished_at=now,
            exception_class_path=f"{__name__}.{WorkerDied.__qualname__}",
            traceback=f"Its worker ended in the middle of it, {MAX_STARTS} times.",
        ):
            log.error("Task %s (%s) is given up: its workers died.", row.pk, row.task_path)
    return len(stuck)


def tidy() -> None:
    """Forget the tasks that are done, and after a month those that failed.

    And what visitors left here and did not come back for: sessions that ended, old drafts. And who
    sent notices that are over, and the mails to them.
    """
    now = timezone.now()
    SessionStore.clear_expired()
    Draft.objects.filter(created_at__lte=now - Draft.KEPT).delete()
    presence.forget()
    TextMark.objects.filter(at__lte=now - TextMark.KEPT).delete()
    LegalNotice.objects.forget()
    Dispatch.objects.forget()
    ErrorReport.objects.forget()
    DBTaskResult.objects.successful().filter(finished_at__lte=now - KEPT).delete()
    DBTaskResult.objects.failed().filter(finished_at__lte=now - FAILED_KEPT).delete()
