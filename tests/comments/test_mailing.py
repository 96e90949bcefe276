"""When mail goes out, and when not: exactly once in effect, whatever breaks on the way."""

import datetime
import smtplib
import socketserver
import threading
from collections import Counter
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import letters, mailing
from comments.models import Comment, Follow, MailChoice, MailStop, Mute, Notice
from tests.comments.mailed import notice, part, sent
from tests.comments.test_concurrency import _file_database  # noqa: F401

NOON = datetime.datetime(2031, 3, 3, 12, 0, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
Mail = Notice.Mail


class Mailbox(EmailBackend):
    """A mail server that raises what ``trouble`` holds, one after the other, then works."""

    trouble: list[BaseException] = []

    def send_messages(self, messages):
        if Mailbox.trouble:
            raise Mailbox.trouble.pop(0)
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def trouble(settings):
    settings.EMAIL_BACKEND = f"{__name__}.{Mailbox.__name__}"
    Mailbox.trouble = []
    return Mailbox.trouble


@pytest.fixture
def ada(make_user):
    return make_user("ada")


@pytest.fixture
def answer(make_comment, ada, make_user):
    return make_comment(author=make_user("bo"), parent=make_comment(author=ada))


def state(row: Notice) -> str:
    row.refresh_from_db()
    return row.mail


# Not what is no longer so ------------------------------------------------------------------------


def test_what_is_due_is_sent_once_and_what_is_not_waits(ada, answer):
    row = notice(ada, comment=answer)
    later = notice(ada, comment=answer, mail_due_at=timezone.now() + MINUTE)
    assert mailing.deliver_due() == 1
    assert mailing.deliver_due() == 0
    assert len(mail.outbox) == 1
    assert state(row) == Mail.SENT
    assert row.mail_sent_at is not None
    assert state(later) == Mail.WAITING


def test_a_reply_that_is_rejected_before_its_mail_is_not_told(ada, answer, moderator):
    row = notice(ada, comment=answer)
    Comment.objects.filter(pk=answer.pk).update(status=Comment.Status.REJECTED)
    assert mailing.deliver_due() == 0
    assert mail.outbox == []
    assert state(row) == Mail.CANCELLED


def test_a_reply_under_a_story_that_is_withdrawn_is_not_told(ada, answer, editor):
    row = notice(ada, comment=answer)
    answer.article.withdraw(by=editor, notice="It was wrong.")
    assert mailing.deliver_due() == 0
    assert state(row) == Mail.CANCELLED


def test_words_of_somebody_who_is_muted_by_now_are_not_told(ada, answer):
    row = notice(ada, comment=answer)
    Mute.objects.create(reader=ada, muted=answer.author)
    assert mailing.deliver_due() == 0
    assert state(row) == Mail.CANCELLED


def test_what_its_reader_follows_no_more_is_not_told(ada, answer, make_comment, make_article):
    elsewhere = make_comment(article=make_article())
    row, kept = (notice(ada, "story", comment=comment) for comment in (answer, elsewhere))
    thread = notice(ada, "thread", comment=answer)
    Follow.objects.filter(article=answer.article).delete()
    mailing.deliver_due()
    assert [state(r) for r in (row, kept, thread)] == [Mail.CANCELLED, Mail.SENT, Mail.CANCELLED]


def test_a_guests_comment_that_was_claimed_is_not_told_to_who_wrote_it(ada, answer):
    row = notice(ada, comment=answer)
    Comment.objects.filter(pk=answer.pk).update(author=ada)
    assert mailing.deliver_due() == 0
    assert state(row) == Mail.CANCELLED


def test_a_rejection_that_was_taken_back_is_not_told_but_one_that_stands_is(
    ada, make_comment, moderator
):
    comment = make_comment(author=ada)
    first = comment.reject(by=moderator, reason="attack")
    comment.approve(by=moderator)
    second = comment.reject(by=moderator, reason="hate")
    old = notice(ada, "rejected", comment=comment, decision=first)
    new = notice(ada, "rejected", comment=comment, decision=second)
    assert mailing.deliver_due() == 1
    assert (state(old), state(new)) == (Mail.CANCELLED, Mail.SENT)
    assert "Hate or discrimination" in mail.outbox[0].body


def test_what_became_of_a_report_is_not_told_once_it_changed(ada, make_comment, moderator):
    comment = make_comment()
    decision = comment.reject(by=moderator, reason="attack")
    comment.approve(by=moderator)
    MailChoice.choose(ada, {"report": "now"})
    row = notice(ada, "report", comment=comment, decision=decision)
    assert mailing.deliver_due() == 0
    assert state(row) == Mail.CANCELLED


def test_a_pick_that_was_taken_back_is_not_told(ada, make_comment, editor):
    comment = make_comment(author=ada)
    comment.pick(by=editor, reason="Well said.")
    row = notice(ada, "picked", comment=comment)
    comment.unpick(by=editor)
    assert mailing.deliver_due() == 0
    assert state(row) == Mail.CANCELLED


def _closes(person):
    person.is_active = False
    person.save()


def _is_unconfirmed(person):
    person.emailaddress_set.update(verified=False)


def _complained(person):
    MailStop.record(person.email.upper(), MailStop.Kind.COMPLAINT)


@pytest.mark.parametrize("happens", [_closes, _is_unconfirmed, _complained])
def test_nothing_goes_where_no_mail_may_go(ada, answer, make_comment, moderator, happens):
    rejected = make_comment(author=ada)
    decision = rejected.reject(by=moderator, reason="attack")
    row = notice(ada, comment=answer)
    statement = notice(ada, "rejected", comment=rejected, decision=decision)
    happens(ada)
    assert mailing.deliver_due() == 0
    assert mail.outbox == []
    assert state(row) == state(statement) == Mail.STOPPED


def test_a_kind_that_is_off_by_now_is_not_sent_but_a_statement_of_reasons_is(
    ada, answer, make_comment, moderator
):
    rejected = make_comment(author=ada)
    decision = rejected.reject(by=moderator, reason="attack")
    row = notice(ada, comment=answer)
    statement = notice(ada, "rejected", comment=rejected, decision=decision)
    for kind in ("reply", "rejected"):
        MailChoice.objects.create(person=ada, kind=kind, pace="off")
    assert mailing.deliver_due() == 1
    assert state(row) == Mail.NONE
    assert state(statement) == Mail.SENT


# Together ----------------------------------------------------------------------------------------


def test_what_comes_daily_comes_in_one_mail_story_by_story(ada, make_article, make_comment):
    river, council = make_article(headline="The river"), make_article(headline="The council")
    for article, words in ((river, "First."), (council, "Second."), (river, "Third.")):
        notice(ada, "story", comment=make_comment(article=article, body=words))
    assert mailing.deliver_due() == 1
    (message,) = sent()
    plain = part(message, "plain")
    places = [plain.index(w) for w in ("The river", "First.", "Third.", "The council", "Second.")]
    assert places == sorted(places)
    assert plain.count("The river\n") == 1
    assert message["Subject"].endswith(": 3 new comments")
    assert message["List-Id"].startswith("<digest.")
    token = MailChoice.objects.get(person=ada, kind=MailChoice.DIGEST).token
    assert token in message["List-Unsubscribe"]


def test_a_digest_shows_no_more_than_its_cap_and_says_how_many_more(ada, make_comment):
    rows = [notice(ada, "story", comment=make_comment()) for _ in range(letters.CAP + 3)]
    assert mailing.deliver_due() == 1
    plain = part(sent()[0], "plain")
    assert plain.count("* #") == letters.CAP
    assert "… and 3 more." in plain
    assert {state(row) for row in rows} == {Mail.SENT}


def test_an_empty_digest_is_no_mail_and_what_is_left_of_one_is_sent(ada, make_comment, moderator):
    comments = [make_comment(body=f"Words, number {i}.") for i in range(4)]
    rows = [notice(ada, "story", comment=comment) for comment in comments[:2]]
    Comment.objects.update(status=Comment.Status.REJECTED)
    assert mailing.deliver_due() == 0
    assert {state(row) for row in rows} == {Mail.CANCELLED}
    Comment.objects.filter(pk__in=[c.pk for c in comments[1:]]).update(status="approved")
    left = [notice(ada, "story", comment=comment) for comment in (comments[0], *comments[2:])]
    assert mailing.deliver_due() == 1
    assert "number 0" not in mail.outbox[0].body
    assert "number 3" in mail.outbox[0].body
    assert [state(row) for row in left] == [Mail.CANCELLED, Mail.SENT, Mail.SENT]


def test_what_is_to_come_at_once_does_not_wait_in_a_digest(ada, answer, make_comment):
    notice(ada, comment=answer)
    notice(ada, "story", comment=make_comment())
    notice(ada, "thread", comment=make_comment())
    assert mailing.deliver_due() == 2
    ids = [message["List-Id"].partition(".")[0] for message in sent()]
    assert ids == ["<digest", "<reply"]


def test_times_in_a_mail_are_its_readers(ada, make_comment):
    ada.time_zone = "America/New_York"
    ada.save()
    with time_machine.travel(NOON, tick=False):
        for _ in range(2):
            comment = make_comment()
            Comment.objects.filter(pk=comment.pk).update(visible_at=timezone.now())
            notice(ada, "story", comment=comment)
        mailing.deliver_due()
    assert "March 3, 07:00" in mail.outbox[0].body


def test_a_flood_comes_together_and_can_be_stopped_by_its_kind(ada, answer, make_comment):
    rows = [
        notice(ada, comment=make_comment(parent=answer.parent))
        for _ in range(mailing.MAX_AN_HOUR + 1)
    ]
    assert mailing.deliver_due() == 1
    (message,) = sent()
    assert {state(row) for row in rows} == {Mail.SENT}
    assert message["List-Id"].startswith("<reply.")
    assert MailChoice.objects.get(person=ada, kind="reply").token in message["List-Unsubscribe"]


def test_nobody_gets_more_single_mails_in_an_hour_than_the_limit(ada, answer):
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(60):
            notice(ada, comment=answer)
            mailing.deliver_due()
            clock.shift(MINUTE)
        assert len(mail.outbox) == mailing.MAX_AN_HOUR
        waiting = Notice.objects.filter(mail=Mail.WAITING)
        assert waiting.count() == 60 - mailing.MAX_AN_HOUR
        mailing.deliver_due()
        assert len(mail.outbox) == mailing.MAX_AN_HOUR + 1
        assert waiting.count() == 0


def test_the_cost_of_a_digest_does_not_grow_with_it(ada, make_comment):
    MailChoice.token_for(ada, MailChoice.DIGEST)
    counts = []
    for size in (3, 15):
        for _ in range(size):
            notice(ada, "story", comment=make_comment())
        with CaptureQueriesContext(connection) as queries:
            assert mailing.deliver_due() == 1
        counts.append(len(queries))
        Notice.objects.all().delete()
    assert counts[0] == counts[1]


# Trouble -----------------------------------------------------------------------------------------

GREYLISTED = smtplib.SMTPRecipientsRefused({"ada@example.org": (451, b"4.7.1 Try again later")})
UNKNOWN = smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"5.1.1 No such person")})
BLOCKED = smtplib.SMTPRecipientsRefused({"ada@example.org": (550, b"5.7.1 Not from you")})
DISLIKED = smtplib.SMTPDataError(554, b"5.6.0 Not like this")


def test_a_try_that_fails_is_made_again_later_and_later_until_it_is_given_up(
    ada, answer, trouble, caplog
):
    with time_machine.travel(NOON, tick=False) as clock:
        row = notice(ada, comment=answer)
        waits = []
        for _ in range(mailing.MAX_TRIES):
            trouble.append(ConnectionRefusedError("nobody there"))
            before = timezone.now()
            assert mailing.deliver_due() == 0
            row.refresh_from_db()
            assert trouble == []
            if row.mail == Mail.WAITING:
                waits.append(row.mail_due_at - before)
                clock.move_to(row.mail_due_at - datetime.timedelta(seconds=1))
                assert mailing.deliver_due() == 0
                clock.move_to(row.mail_due_at)
        assert waits == list(mailing.BACK_OFF)
    assert row.mail == Mail.FAILED
    assert row.mail_tries == mailing.MAX_TRIES
    assert "ConnectionRefusedError" in row.mail_error
    assert [r.levelname for r in caplog.records if "Given up" in r.message] == ["ERROR"]


@pytest.mark.parametrize("answer_of_server", [GREYLISTED, BLOCKED, DISLIKED])
def test_after_an_answer_that_may_change_the_same_mail_goes_again(
    ada, answer, trouble, answer_of_server
):
    with time_machine.travel(NOON, tick=False) as clock:
        row = notice(ada, comment=answer)
        trouble.append(answer_of_server)
        assert mailing.deliver_due() == 0
        batch = state(row) == Mail.WAITING and row.mail_batch
        clock.shift(mailing.BACK_OFF[0])
        assert mailing.deliver_due() == 1
    assert state(row) == Mail.SENT
    assert row.mail_batch == batch
    assert row.mail_tries == 2
    assert not MailStop.objects.exists()


def test_an_address_that_does_not_exist_gets_no_second_try(ada, answer, trouble):
    row = notice(ada, comment=answer)
    trouble.append(UNKNOWN)
    assert mailing.deliver_due() == 0
    assert state(row) == Mail.STOPPED
    stop = MailStop.objects.get()
    assert (stop.address, stop.kind) == ("ada@example.org", MailStop.Kind.HARD)
    assert "No such person" in stop.detail
    later = notice(ada, comment=answer)
    mailing.deliver_due()
    assert state(later) == Mail.STOPPED


def test_one_mail_that_cannot_be_made_does_not_hold_up_the_others(
    ada, answer, make_user, monkeypatch, caplog
):
    eve = make_user("eve")
    bad, good = notice(ada, comment=answer), notice(eve, comment=answer)
    write = letters.write

    def fail_for_ada(notices, person, *rest):
        if person == ada:
            raise ZeroDivisionError
        return write(notices, person, *rest)

    monkeypatch.setattr(letters, "write", fail_for_ada)
    assert mailing.deliver_due() == 1
    assert (state(bad), state(good)) == (Mail.WAITING, Mail.SENT)
    assert bad.mail_due_at > timezone.now()


def test_a_server_that_is_away_costs_one_try_and_then_everything_goes_out(
    ada, answer, make_user, make_comment, trouble
):
    both = (answer, make_comment())
    people = [ada, *(make_user() for _ in range(4))]
    with time_machine.travel(NOON, tick=False) as clock:
        rows = [notice(person, comment=comment) for person in people for comment in both]
        trouble.append(smtplib.SMTPServerDisconnected("gone"))
        assert mailing.deliver_due() == 0
        for row in rows:
            row.refresh_from_db()
        assert sum(row.mail_tries for row in rows) == 1
        clock.shift(mailing.LEASE)
        assert mailing.deliver_due() == len(rows)
    assert len({message["Message-ID"] for message in sent()}) == len(mail.outbox) == len(rows)


class Killed(BaseException):
    """Stands for the end of the process: nothing in the code catches it."""


@pytest.mark.parametrize("step", ["_still_so", "_address", "send", "after", "mark"])
def test_a_worker_that_is_killed_at_any_step_loses_and_doubles_nothing(
    ada, answer, make_comment, monkeypatch, settings, tmp_path, step
):
    settings.EMAIL_BACKEND = "newsroom.outbox.OutboxBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    single = notice(ada, comment=answer)
    several = [notice(ada, "story", comment=make_comment()) for _ in range(3)]

    def killed(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with time_machine.travel(timezone.now(), tick=False) as clock, monkeypatch.context() as patch:
        if step in {"_still_so", "_address"}:
            patch.setattr(mailing, step, killed)
        elif step == "send":
            patch.setattr(letters.Letter, "send", killed)
        elif step == "after":
            send = letters.Letter.send
            patch.setattr(letters.Letter, "send", lambda self: (send(self), killed()))
        else:
            update = type(Notice.objects.all()).update

            def dies_marking(rows, **fields):
                if fields.get("mail") == Mail.SENT:
                    raise Killed
                return update(rows, **fields)

            patch.setattr(type(Notice.objects.all()), "update", dies_marking)
        with pytest.raises(Killed):
            mailing.deliver_due()
        assert Notice.objects.filter(mail=Mail.WAITING).count() == 4
        patch.undo()
        # What it had taken is let alone as long as it might still be at work.
        mailing.deliver_due()
        assert Notice.objects.filter(mail=Mail.WAITING).exists()
        for _ in range(3):
            clock.shift(mailing.LEASE)
            mailing.deliver_due()
    assert {state(row) for row in [single, *several]} == {Mail.SENT}
    files = list((tmp_path / "mail").iterdir())
    assert len(files) == 2
    assert Counter("digest" in file.read_text() for file in files) == {True: 1, False: 1}


def test_a_second_try_of_a_digest_takes_nothing_in_that_came_since(ada, make_comment, trouble):
    with time_machine.travel(NOON, tick=False) as clock:
        first = [notice(ada, "story", comment=make_comment()) for _ in range(2)]
        trouble.append(DISLIKED)
        mailing.deliver_due()
        since = [notice(ada, "story", comment=make_comment()) for _ in range(2)]
        clock.shift(mailing.BACK_OFF[0])
        assert mailing.deliver_due() == 2
    batches = [{row.mail_batch for row in rows if state(row)} for rows in (first, since)]
    assert [len(batch) for batch in batches] == [1, 1]
    assert batches[0] != batches[1]


def test_what_was_cancelled_and_is_so_again_is_another_mail(ada, make_comment):
    comments = [make_comment() for _ in range(3)]
    rows = [notice(ada, "story", comment=comment) for comment in comments]
    Comment.objects.filter(pk=comments[0].pk).update(status="rejected")
    mailing.deliver_due()
    assert state(rows[0]) == Mail.CANCELLED
    assert rows[0].mail_batch is None
    Comment.objects.filter(pk=comments[0].pk).update(status="approved")
    Notice.objects.filter(pk=rows[0].pk).update(mail=Mail.WAITING)
    assert mailing.deliver_due(timezone.now() + mailing.LEASE) == 1
    assert len({message["Message-ID"] for message in sent()}) == 2


def test_a_lease_that_another_worker_took_over_is_not_sent_by_the_first(ada, answer):
    row = notice(ada, comment=answer)
    lease, (batch,) = mailing._take(timezone.now())
    Notice.objects.filter(pk=row.pk).update(mail_due_at=lease + MINUTE)
    assert mailing._deliver(batch, lease, mail.get_connection()) == 0
    assert mail.outbox == []


class Dialogue(socketserver.StreamRequestHandler):
    """As much of an SMTP server as a mail meets; ``answers`` replaces what it says to a word."""

    server: "Server"

    def handle(self) -> None:
        self.server.connections += 1
        self.say("220 mx.example")
        while line := self.rfile.readline():
            word = line[:4].decode().upper().strip()
            answer = self.server.answers.get(word, "250 2.0.0 yes")
            if word == "DATA" and answer.startswith("2"):
                self.say("354 go on")
                while (line := self.rfile.readline()) != b".\r\n":
                    self.server.taken.append(line)
            self.say(answer)
            if word == "QUIT" or answer.startswith("421"):
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    connections = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Dialogue)
        self.answers: dict[str, str] = {}
        self.taken: list[bytes] = []


@pytest.fixture
def server(settings):
    with Server() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield server
        server.shutdown()


def test_a_run_sends_all_over_one_connection(ada, answer, make_comment, make_user, server):
    for person in (ada, make_user("eve")):
        notice(person, comment=answer)
        notice(person, comment=make_comment())
    assert mailing.deliver_due() == 4
    assert server.connections == 1
    headers = [line for line in server.taken if line.startswith(b"List-Unsubscribe:")]
    assert len(headers) == 4


@pytest.mark.parametrize(
    ("word", "said", "then", "stopped"),
    [
        ("RCPT", "550 5.1.1 No such person", Mail.STOPPED, True),
        ("RCPT", "550 5.7.1 We do not like you", Mail.WAITING, False),
        ("RCPT", "450 4.2.0 Greylisted", Mail.WAITING, False),
        ("RCPT", "421 4.3.2 Shutting down", Mail.WAITING, False),
        ("MAIL", "451 4.3.0 Not now", Mail.WAITING, False),
        ("DATA", "554 5.6.0 Not like this", Mail.WAITING, False),
        ("EHLO", "421 4.3.2 Shutting down", Mail.WAITING, False),
    ],
)
def test_each_answer_of_a_server_is_understood(ada, answer, server, word, said, then, stopped):
    row = notice(ada, comment=answer)
    server.answers = {word: said, "HELO": said if word == "EHLO" else "250 yes"}
    assert mailing.deliver_due() == 0
    assert state(row) == then
    assert MailStop.objects.filter(address=ada.email).exists() == stopped
    if then == Mail.WAITING:
        assert row.mail_due_at > timezone.now()
        server.answers = {}
        assert mailing.deliver_due(row.mail_due_at) == 1


# Many workers ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_file_database")
def test_workers_at_the_same_time_send_every_mail_once(make_user, make_comment):
    people = [make_user() for _ in range(8)]
    comments = [make_comment() for _ in range(3)]
    for person in people:
        for comment in comments:
            notice(person, "story", comment=comment)
            notice(person, "reply", comment=comment)
    start, errors = threading.Barrier(4), []

    def work() -> None:
        try:
            start.wait(timeout=30)
            for _ in range(6):
                mailing.deliver_due()
        except BaseException as error:  # noqa: BLE001 - looked at below
            errors.append(error)
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    mailing.deliver_due()
    assert errors == []
    counts = Counter(message["To"] for message in sent())
    # A digest of three, and three alone.
    assert counts == {person.email: 4 for person in people}
    assert len({message["Message-ID"] for message in sent()}) == 32
    assert set(Notice.objects.values_list("mail", "mail_tries")) == {(Mail.SENT, 1)}


def test_a_follower_hears_by_mail_of_a_comment_that_is_approved(ada, make_comment, article):
    from comments import notices

    Follow.objects.create(reader=ada, article=article)
    MailChoice.choose(ada, {"story": "now"})
    make_comment(article=article, body="News of the wall.")
    notices.announce_due()
    assert mailing.deliver_due() == 1
    assert "News of the wall." in mail.outbox[0].body
