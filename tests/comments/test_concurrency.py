"""Many at once: one comment where one was meant, numbers without gaps, one decision that wins.

Real threads, each with a connection of its own. SQLite's database is a file for these tests, as
it is in life; the one in memory has no lock that a thread could wait for.
"""

import sqlite3
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.test import Client
from django.utils import timezone

from accounts.models import NameTaken, User
from articles.models import Article
from comments import chain, claims, presence
from comments.checks import SaidAlready
from comments.counters import recount
from comments.models import (
    AlreadyReported,
    Appeal,
    Batch,
    Comment,
    Decision,
    Draft,
    Follow,
    InvalidMove,
    Link,
    Mute,
    PromptCount,
    Refused,
    Report,
    Respect,
    StaleDecision,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _file_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Moves an SQLite database from memory to a file for the time of the test."""
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    connection.ensure_connection()
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    path = tmp_path / "threads.sqlite3"
    with sqlite3.connect(path) as copy:
        in_memory.backup(copy)
    copy.close()
    connection.settings_dict["NAME"] = str(path)
    connection.connection = None
    yield
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.connection = in_memory


@pytest.fixture
def at_once(_file_database: None) -> Callable[..., list[Any]]:
    """Runs functions in threads that start together; returns what each returned or raised."""

    def run(*functions: Callable[[], Any]) -> list[Any]:
        answers: list[Any] = [None] * len(functions)
        start = threading.Barrier(len(functions))

        def work(place: int, function: Callable[[], Any]) -> None:
            try:
                start.wait(timeout=30)
                answers[place] = function()
            except Exception as error:  # noqa: BLE001 - looked at by the test
                answers[place] = error
            finally:
                connection.close()

        threads = [
            threading.Thread(target=work, args=(place, function))
            for place, function in enumerate(functions)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "locked up"
        close_old_connections()
        return answers

    return run


@pytest.fixture
def staff(at_once, make_user):
    """Gives members of staff; roles are gone once a test like these was cleared up after."""

    def make():
        user = make_user()
        user.is_staff = True
        user.save()
        return user

    return make


def writing(article, author, body, **fields):
    def write():
        comment = Comment(article=article, author=author, **fields)
        comment.answer_to(fields.get("parent"))
        comment.set_body(body)
        return comment.submit()

    return write


def exact(article):
    """Tell that the article's counters say what its rows do, and its numbers have no gap."""
    numbers = article.comments.filter(number__isnull=False).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert recount(Article.objects.get(pk=article.pk)) == []
    return True


def test_ten_equal_forms_at_once_are_one_comment(at_once, staff, make_article):
    article, author, key = make_article(), staff(), uuid.uuid4()
    answers = at_once(*[writing(article, author, "Same.", form_key=key)] * 10)
    assert {answer.pk for answer in answers} == {article.comments.get().pk}
    assert exact(article)


def test_ten_equal_texts_without_a_form_are_one_comment_too(at_once, staff, make_article):
    article, author = make_article(), staff()
    answers = at_once(*[writing(article, author, "Same.")] * 10)
    assert Counter(type(answer) for answer in answers) == {Comment: 1, SaidAlready: 9}
    assert article.comments.count() == 1


def test_pace_holds_under_parallel_posts(at_once, make_user, make_article, settings):
    settings.LIMITS = True
    article, author = make_article(), make_user()
    answers = at_once(*[writing(article, author, f"Text {n}.") for n in range(12)])
    assert Counter(type(answer) for answer in answers) == {Comment: 5, Refused: 7}


def test_draft_posted_from_two_devices_at_once_is_one_comment(at_once, staff, make_article):
    article, author = make_article(), staff()
    draft = Draft.objects.create(article=article, body="From both.")
    answers = at_once(*[lambda: Draft.objects.get(pk=draft.pk).post(by=author)] * 6)
    assert {answer.pk for answer in answers} == {article.comments.get().pk}


def test_fifty_posts_and_replies_at_once_leave_numbers_and_counters_exact(
    at_once, staff, make_article, make_comment
):
    article, other = make_article(), make_article()
    root = make_comment(article=article)
    middle = make_comment(parent=root)
    people = [staff() for _ in range(10)]
    places = [None, root, middle]
    answers = at_once(
        *[writing(article, people[n % 10], f"Text {n}.", parent=places[n % 3]) for n in range(48)],
        writing(other, people[0], "Elsewhere."),
        writing(other, people[1], "Elsewhere too."),
    )
    assert [answer for answer in answers if not isinstance(answer, Comment)] == []
    article.refresh_from_db()
    assert (article.comment_count, article.last_number, article.thread_count) == (50, 50, 17)
    assert exact(article)
    assert exact(other)


def test_fifty_decisions_at_once_leave_numbers_and_counters_exact(
    at_once, staff, make_article, make_comment, make_user
):
    article, moderators, author = make_article(), [staff() for _ in range(5)], make_user()
    roots = [make_comment(article=article, author=author) for _ in range(5)]
    held = [
        make_comment(parent=root, author=author, status=Comment.Status.PENDING)
        for root in roots
        for _ in range(7)
    ]

    def deciding(n, comment):
        moderator = moderators[n % 5]
        if comment in roots:
            return partial(comment.reject, by=moderator, reason="attack")
        return partial(comment.approve, by=moderator)

    def posting(n):
        return writing(article, moderators[n], f"Meanwhile {n}.")

    answers = at_once(
        *[deciding(n, comment) for n, comment in enumerate([*held, *roots])],
        *[posting(n) for n in range(5)],
        *[partial(one.remove, by=author) for one in held[:5]],
    )
    unexpected = [a for a in answers if not isinstance(a, Decision | Comment | InvalidMove)]
    assert unexpected == []
    assert exact(article)
    article.refresh_from_db()
    assert article.comment_count == article.comments.visible().count()


def test_of_two_moderators_at_once_one_wins_and_the_other_is_told(
    at_once, staff, make_article, make_comment
):
    article = make_article()
    for _ in range(4):
        comment = make_comment(article=article, status=Comment.Status.PENDING)
        seen, one, other = comment.version, staff(), staff()
        answers = at_once(
            lambda c=comment, v=seen, by=one: Comment.objects.get(pk=c.pk).approve(by, version=v),
            lambda c=comment, v=seen, by=other: Comment.objects.get(pk=c.pk).reject(
                by, reason="attack", version=v
            ),
        )
        assert Counter(type(answer) for answer in answers) == {Decision: 1, StaleDecision: 1}
        (won,) = [answer for answer in answers if isinstance(answer, Decision)]
        (told,) = [answer for answer in answers if isinstance(answer, StaleDecision)]
        comment.refresh_from_db()
        assert comment.decisions.get() == won
        assert comment.status == won.after
        assert won.by.name in str(told)
    assert exact(article)


def test_reply_and_rejection_of_what_it_answers_at_once_agree(
    at_once, staff, make_article, make_comment
):
    article, moderator = make_article(), staff()
    for n in range(5):
        parent = make_comment(article=article)
        answers = at_once(
            writing(article, staff(), f"I agree {n}.", parent=parent),
            lambda c=parent: Comment.objects.get(pk=c.pk).reject(by=moderator, reason="attack"),
        )
        assert isinstance(answers[0], Comment | Refused)
        assert isinstance(answers[1], Decision)
    assert exact(article)


def test_edit_and_decision_at_once_do_not_lose_either(at_once, staff, make_article):
    article, moderator = make_article(), staff()
    for n in range(4):
        comment = writing(article, staff(), f"Text {n}.")()
        edited, decided = at_once(
            lambda c=comment, n=n: Comment.objects.get(pk=c.pk).edit(f"Changed {n}."),
            lambda c=comment: Comment.objects.get(pk=c.pk).reject(by=moderator, reason="attack"),
        )
        assert isinstance(decided, Decision)
        comment.refresh_from_db()
        assert comment.status == Comment.Status.REJECTED
        assert comment.body == (f"Changed {n}." if edited is None else f"Text {n}.")
    assert exact(article)


def test_moderator_who_writes_and_decides_at_once_does_not_lock_up(
    at_once, staff, make_article, make_comment
):
    article, moderator = make_article(), staff()
    held = [make_comment(article=article, status=Comment.Status.PENDING) for _ in range(10)]
    answers = at_once(
        *[partial(comment.approve, by=moderator) for comment in held],
        *[writing(article, moderator, f"Text {n}.") for n in range(10)],
    )
    assert [a for a in answers if not isinstance(a, Comment | Decision)] == []
    assert exact(article)


def test_every_reader_who_gives_respect_at_the_same_moment_counts_once(
    at_once, make_user, make_article, make_comment
):
    comment = make_comment(article=make_article())
    readers = [make_user() for _ in range(40 if connection.vendor == "sqlite" else 200)]

    def giving(some):
        def give():
            for reader in some:
                Respect.turn(reader, Comment.objects.get(pk=comment.pk), True)

        return give

    # As many at a time as a pool of connections lets in; the others are right behind them.
    answers = at_once(*[giving(readers[place::40]) for place in range(40)])
    assert answers == [None] * 40
    comment.refresh_from_db()
    assert comment.respect_count == comment.respects.count() == len(readers)
    assert exact(comment.article)


def test_a_button_pressed_ten_times_at_once_gives_once(
    at_once, make_user, make_article, make_comment
):
    comment, reader, loud = make_comment(article=make_article()), make_user(), make_user()
    presses = [
        lambda: Respect.turn(reader, Comment.objects.get(pk=comment.pk), True),
        lambda: Follow.turn(reader, comment.article, wanted=True),
        lambda: Follow.turn(reader, comment.article, comment, wanted=True),
        lambda: Mute.turn(reader, loud, wanted=True),
    ]
    answers = at_once(*presses * 10)
    assert set(answers) == {True}
    comment.refresh_from_db()
    assert comment.respect_count == 1
    assert (reader.follows.count(), reader.mutes.count()) == (2, 1)


def test_of_the_last_two_reports_at_once_one_hides_the_comment(
    at_once, make_user, make_article, make_comment
):
    article, joined = make_article(), timezone.now() - Report.NEW_FOR
    for _ in range(5):
        comment = make_comment(article=article)
        people = [make_user(date_joined=joined) for _ in range(4)]
        for person in people[:2]:
            Report.make(comment, person, "attack")
        answers = at_once(
            *[
                lambda c=comment, by=person: Report.make(Comment.objects.get(pk=c.pk), by, "attack")
                for person in people[2:]
            ]
        )
        # The later finds it hidden already.
        assert Counter(type(answer) for answer in answers) == {Report: 1, InvalidMove: 1}
        comment.refresh_from_db()
        assert comment.is_pending
        assert comment.decisions.filter(after="pending").count() == 1
        assert comment.findings.get().reason == "3 readers reported it"
    assert exact(article)


def test_ten_equal_reports_at_once_are_one_and_a_decision_meanwhile_answers_it(
    at_once, staff, make_user, make_article, make_comment
):
    article, moderator = make_article(), staff()
    for _ in range(3):
        comment, reporter = make_comment(article=article), make_user()
        answers = at_once(
            lambda c=comment: Comment.objects.get(pk=c.pk).reject(by=moderator, reason="attack"),
            *[
                lambda c=comment, by=reporter: Report.make(
                    Comment.objects.get(pk=c.pk), by, "attack"
                )
            ]
            * 10,
        )
        kinds = Counter(type(answer) for answer in answers)
        assert kinds[Decision] == 1
        assert kinds[Report] == comment.reports.count() <= 1
        assert kinds[AlreadyReported] + kinds[InvalidMove] + kinds[Report] == 10
        assert not comment.reports.open().exists()
    assert exact(article)


def test_of_two_editors_at_the_last_pick_one_is_told(at_once, staff, make_article, make_comment):
    article, editors = make_article(), [staff(), staff()]
    for _ in range(Comment.MAX_PICKS - 1):
        make_comment(article=article).pick(by=editors[0], reason="Good.")
    last = [make_comment(article=article) for _ in range(2)]
    answers = at_once(
        *[
            lambda c=comment, by=editor: c.pick(by=by, reason="Good.")
            for comment, editor in zip(last, editors, strict=True)
        ]
    )
    assert Counter(type(answer) for answer in answers) == {type(None): 1, InvalidMove: 1}
    assert article.comments.picked().count() == Comment.MAX_PICKS
    assert exact(article)


def test_of_two_people_who_claim_names_that_look_alike_one_wins(at_once):
    for round_, names in enumerate([("paypal", "paypa1"), ("corner", "comer"), ("ada", "аdа")]):
        answers = at_once(
            *[
                lambda name=name, n=n, r=round_: User.objects.create_user(
                    name, f"r{r}n{n}@mail.example"
                )
                for n, name in enumerate(names)
            ]
        )
        assert Counter(type(answer) for answer in answers) == {User: 1, NameTaken: 1}
        assert User.objects.filter(username__in=names).count() == 1


def test_two_people_who_swap_names_at_once_do_not_lock_up(at_once):
    answers = at_once(
        lambda: User.objects.create_user("north", "n@mail.example", display_name="south"),
        lambda: User.objects.create_user("south", "s@mail.example", display_name="north"),
    )
    assert Counter(type(answer) for answer in answers) == {User: 1, NameTaken: 1}


@pytest.fixture
def by_a_guest(make_comment, make_article):
    """Comments of a guest under several stories, one of whose is waiting for a moderator each."""
    made = []
    for _ in range(3):
        story = make_article()
        made += [make_comment(story), make_comment(story, status=Comment.Status.PENDING)]
    Comment.objects.update(author=None, guest_name="Ada", guest_email="ada@example.org")
    return made


def test_guests_comments_claimed_at_once_become_theirs_once(at_once, by_a_guest, make_user):
    ada, vera = make_user("ada"), make_user()
    for reader in (ada, vera):
        Respect.turn(reader, by_a_guest[0])
    assert sorted(at_once(*[partial(claims.claim, ada)] * 4)) == [0, 0, 0, 6]
    assert set(Comment.objects.values_list("author", flat=True)) == {ada.pk}
    by_a_guest[0].refresh_from_db()
    assert by_a_guest[0].respect_count == 1
    for comment in by_a_guest:
        assert recount(comment.article) == []


def test_claim_and_decisions_at_once_do_not_wait_for_each_other(
    at_once, by_a_guest, make_user, moderator
):
    ada = make_user("ada")

    def decide():
        for comment in reversed(by_a_guest[1::2]):
            comment.approve(by=moderator)

    assert at_once(decide, partial(claims.claim, ada)) == [None, 6]
    assert set(Comment.objects.values_list("author", "status")) == {(ada.pk, "approved")}
    for comment in by_a_guest:
        assert recount(comment.article) == []


@pytest.mark.parametrize("in_place", [False, True])
def test_same_form_sent_twice_within_a_moment_is_one_comment_and_two_kind_answers(
    at_once, staff, make_article, in_place
):
    article, author, key = make_article(), staff(), str(uuid.uuid4())
    headers = {"HX-Request": "true"} if in_place else {}
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(author)
    sent = {"body": "Once.", "key": key, "from": "article"}
    answers = at_once(
        *[
            partial(browser.post, f"{article.get_absolute_url()}comments/", sent, headers=headers)
            for browser in browsers
        ]
    )
    comment = article.comments.get()
    assert {answer.status_code for answer in answers} == {200 if in_place else 303}
    for answer in answers:
        assert f"comment-{comment.pk}" in (answer.text if in_place else answer["Location"])
    assert exact(article)


def test_slow_mode_holds_under_parallel_posts(at_once, make_user, make_article, settings):
    settings.LIMITS = True
    article, author = make_article(slow_mode=300), make_user()
    answers = at_once(*[writing(article, author, f"Text {n}.") for n in range(6)])
    assert Counter(isinstance(answer, Comment) for answer in answers) == {True: 1, False: 5}


def test_prompts_counted_at_once_are_all_counted(at_once):
    answers = at_once(*[partial(PromptCount.add, "insult", PromptCount.Outcome.SHOWN)] * 20)
    assert answers == [None] * 20
    assert PromptCount.objects.get().count == 20


def test_of_two_moderators_at_once_one_by_bulk_each_comment_has_one_decision(
    at_once, staff, make_comment, article
):
    chosen = [make_comment(article=article, status=Comment.Status.PENDING) for _ in range(12)]
    by_hand, in_bulk = staff(), staff()
    in_bulk.is_superuser = True
    in_bulk.save()
    batch = Batch.of(
        in_bulk, Batch.Action.REJECT, [(one.pk, one.version) for one in chosen], reason="advert"
    )

    def approve_all():
        stale = 0
        for comment in reversed(chosen):
            try:
                Comment.objects.get(pk=comment.pk).approve(by_hand, version=comment.version)
            except (StaleDecision, InvalidMove):
                stale += 1
        return stale

    answers = at_once(approve_all, batch.run)
    assert not any(isinstance(answer, Exception) for answer in answers), answers
    batch.refresh_from_db()
    assert batch.status == Batch.Status.DONE
    assert batch.done + (len(chosen) - answers[0]) == len(chosen)
    assert batch.refused == len(chosen) - answers[0]
    assert Decision.objects.filter(by__isnull=False).count() == len(chosen)
    article.refresh_from_db()
    assert recount(article) == []


def test_of_two_who_claim_at_once_one_has_it(at_once, staff):
    people = [staff() for _ in range(4)]
    answers = at_once(*(partial(presence.claim, "comment:1", one) for one in people))
    assert sum(answer is not None for answer in answers) == 1


def test_of_two_workers_that_seal_at_once_the_chain_stays_whole(at_once, staff, make_comment):
    by = staff()
    for _ in range(5):
        make_comment().reject(by, "attack")
    at_once(chain.seal_due, chain.seal_due, chain.seal_due)
    chain.seal_due()
    assert not [step for step in chain.verify() if isinstance(step, chain.Damage)]
    assert Link.objects.filter(kind="decision").count() == Decision.objects.count()


def test_of_two_answers_to_an_appeal_one_stands(at_once, staff, make_comment, make_user):
    comment = make_comment(author=make_user())
    appeal = Appeal.file(comment.reject(staff(), "attack"), "No.")
    answers = at_once(
        partial(Appeal.objects.get(pk=appeal.pk).grant, staff(), "Right."),
        partial(Appeal.objects.get(pk=appeal.pk).turn_down, staff(), "It stays."),
    )
    assert sum(isinstance(answer, InvalidMove) for answer in answers) == 1
