"""Many comments at once: exactly what was confirmed, each once, with a way back."""

import pytest
from django.contrib.auth.models import Group

from comments import tasks
from comments.counters import recount
from comments.models import Batch, BatchItem, Comment, Decision, InvalidMove
from comments.models.batch import TooMany

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(make_comment, article):
    return [make_comment(article=article, status=Comment.Status.PENDING) for _ in range(25)]


def pairs(comments):
    return [(comment.pk, comment.version) for comment in comments]


def test_batch_decides_on_each_comment_in_the_order_of_writing(
    waiting, moderator, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        batch = Batch.of(moderator, Batch.Action.APPROVE, reversed(pairs(waiting[:5])))
    batch.refresh_from_db()
    assert (batch.status, batch.total, batch.done, batch.refused) == ("done", 5, 5, 0)
    numbers = [Comment.objects.get(pk=comment.pk).number for comment in waiting[:5]]
    assert numbers == [1, 2, 3, 4, 5]
    assert Decision.objects.filter(batch=batch).count() == 5
    assert recount(waiting[0].article) == []


def test_many_wait_for_the_worker(waiting, moderator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        batch = Batch.of(moderator, Batch.Action.SPAM, pairs(waiting))
    batch.refresh_from_db()
    assert batch.status == Batch.Status.WAITING
    batch.run()
    assert (batch.status, batch.done) == ("done", 25)


def test_what_changed_since_it_was_seen_is_left_alone_and_named(waiting, make_user, moderator):
    batch = Batch.of(moderator, Batch.Action.REJECT, pairs(waiting), reason="advert")
    other = make_user(role="moderator")
    waiting[3].approve(other)
    batch.run()
    assert (batch.done, batch.refused) == (24, 1)
    item = batch.items.get(result=BatchItem.Result.REFUSED)
    assert item.comment == waiting[3]
    assert other.name in item.problem
    assert Comment.objects.get(pk=waiting[3].pk).is_visible


def test_nobody_decides_on_their_own_in_bulk(make_comment, moderator, waiting):
    own = make_comment(author=moderator, status=Comment.Status.PENDING)
    batch = Batch.of(moderator, Batch.Action.APPROVE, pairs([*waiting, own]))
    batch.run()
    assert (batch.done, batch.refused) == (25, 1)
    own.refresh_from_db()
    assert own.is_pending


def test_batch_that_ran_half_way_goes_on_and_decides_on_nothing_twice(waiting, moderator):
    batch = Batch.of(moderator, Batch.Action.APPROVE, pairs(waiting))
    Batch.objects.filter(pk=batch.pk).update(status=Batch.Status.RUNNING)
    assert batch._run_some()
    batch.refresh_from_db()
    assert (batch.done, batch.left) == (20, 5)
    batch.run()
    batch.run()
    assert (batch.done, batch.refused) == (25, 0)
    assert Decision.objects.filter(batch=batch).count() == 25


def test_batch_stops_when_its_moderator_may_no_longer_moderate(waiting, moderator):
    batch = Batch.of(moderator, Batch.Action.APPROVE, pairs(waiting))
    moderator.groups.remove(Group.objects.get(name="moderator"))
    batch.run()
    assert (batch.status, batch.done) == ("stopped", 0)
    assert not Comment.objects.visible().exists()


def test_stopped_batch_decides_on_no_more(waiting, moderator):
    batch = Batch.of(moderator, Batch.Action.APPROVE, pairs(waiting))
    Batch.objects.filter(pk=batch.pk).update(status=Batch.Status.RUNNING)
    batch._run_some()
    batch.stop(moderator)
    batch.run()
    assert (batch.status, batch.done) == ("stopped", 20)
    with pytest.raises(InvalidMove):
        batch.stop(moderator)


def test_undone_batch_leaves_everything_as_it_was(waiting, moderator):
    batch = Batch.of(moderator, Batch.Action.REJECT, pairs(waiting), reason="hate")
    batch.run()
    back = batch.undo(moderator)
    back.run()
    assert (back.done, back.refused) == (25, 0)
    assert Comment.objects.pending().count() == 25
    assert back.undoes == batch


def test_what_was_decided_since_is_not_undone_with_the_batch(waiting, make_user, moderator):
    batch = Batch.of(moderator, Batch.Action.REJECT, pairs(waiting), reason="hate")
    batch.run()
    waiting[0].approve(make_user(role="moderator"))
    back = batch.undo(moderator)
    back.run()
    assert (back.done, back.refused) == (24, 1)
    waiting[0].refresh_from_db()
    assert waiting[0].is_visible


def test_batch_is_undone_once_by_who_decided(waiting, make_user, moderator):
    batch = Batch.of(moderator, Batch.Action.SPAM, pairs(waiting))
    with pytest.raises(InvalidMove, match="still runs"):
        batch.undo(moderator)
    batch.run()
    with pytest.raises(InvalidMove, match="Only who decided"):
        batch.undo(make_user(role="moderator"))
    back = batch.undo(moderator)
    back.run()
    with pytest.raises(InvalidMove, match="already"):
        batch.undo(moderator)
    with pytest.raises(InvalidMove, match="already"):
        back.undo(moderator)


def test_rejection_in_bulk_needs_a_reason(waiting, moderator):
    with pytest.raises(InvalidMove, match="reason"):
        Batch.of(moderator, Batch.Action.REJECT, pairs(waiting))
    assert not Batch.objects.exists()


def test_nothing_chosen_is_no_batch(moderator):
    with pytest.raises(InvalidMove, match="Nothing"):
        Batch.of(moderator, Batch.Action.APPROVE, Comment.objects.none())


def test_more_than_fit_are_refused_before_anything_is_done(waiting, moderator, monkeypatch):
    monkeypatch.setattr(Batch, "MAX", 10)
    with pytest.raises(TooMany):
        Batch.of(moderator, Batch.Action.APPROVE, Comment.objects.pending())
    assert not Batch.objects.exists()


def test_one_that_breaks_does_not_hold_up_the_others(waiting, moderator, monkeypatch):
    batch = Batch.of(moderator, Batch.Action.SPAM, pairs(waiting))
    mark = Comment.mark_spam

    def breaking(comment, by, **said):
        if comment.pk == waiting[2].pk:
            raise KeyError("something nobody thought of")
        return mark(comment, by, **said)

    monkeypatch.setattr(Comment, "mark_spam", breaking)
    batch.run()
    assert (batch.done, batch.refused) == (24, 1)
    assert "Something broke" in batch.items.get(comment=waiting[2]).problem


def test_long_batch_gives_others_their_turn_and_goes_on_after(waiting, moderator, monkeypatch):
    batch = Batch.of(moderator, Batch.Action.SPAM, pairs(waiting))
    monkeypatch.setattr(tasks, "TURN", 0)
    woken = []
    monkeypatch.setattr(tasks, "wake_batches", lambda: woken.append(True))
    tasks.run_batches.func()
    batch.refresh_from_db()
    assert (batch.status, batch.done, woken) == ("running", 20, [True])
    tasks.run_batches.func()
    batch.refresh_from_db()
    assert batch.done == 25


def test_batch_of_a_colleague_is_stopped_by_an_administrator_alone(waiting, moderator, make_user):
    batch = Batch.of(moderator, Batch.Action.SPAM, pairs(waiting))
    with pytest.raises(InvalidMove, match="Only who began it"):
        batch.stop(make_user(role="moderator"))
    batch.stop(make_user(role="administrator"))
    assert batch.status == Batch.Status.STOPPED


# Pages --------------------------------------------------------------------------------------------

NEW = "/admin/comments/comment/batches/new/"
PAGES = "/admin/comments/comment/batches/"


def test_all_of_a_person_are_confirmed_with_a_sample_and_then_decided_on(
    at_desk, make_comment, make_user, django_capture_on_commit_callbacks
):
    person, held = make_user(display_name="Sunny Deals"), Comment.Status.PENDING
    theirs = [make_comment(author=person, status=held, body=f"Deal {n}.") for n in range(12)]
    other = make_comment(status=held)
    where = f"{NEW}?queue=pending&author={person.pk}"
    page = at_desk.get(where)
    assert "12 comments" in page.text
    assert "Deal 3." in page.text
    assert Batch.objects.count() == 0
    hidden = dict(page.context["hidden"])
    late = make_comment(author=person, status=held, body="Came meanwhile.")
    theirs[4].edit("Deal 4, and now it says something else.")
    with django_capture_on_commit_callbacks(execute=True):
        answer = at_desk.post(where, {"action": "spam", **hidden, "confirmed": "1"}, follow=True)
    assert "Sunny Deals" in answer.text
    assert "1 changed since they were shown" in answer.text
    assert Comment.objects.filter(status="spam").count() == len(theirs) - 1
    for comment in (other, late, theirs[4]):
        comment.refresh_from_db()
        assert comment.is_pending


def test_rejection_without_a_reason_keeps_the_page(at_desk, waiting):
    answer = at_desk.post(
        f"{NEW}?queue=pending",
        {"action": "reject", "confirmed": "1", "message": "My words."},
    )
    assert "My words." in answer.text
    assert Batch.objects.count() == 0


def test_page_of_a_batch_names_what_was_left_alone_and_undoes_the_rest(
    at_desk, waiting, moderator, make_user, django_capture_on_commit_callbacks
):
    batch = Batch.of(moderator, Batch.Action.SPAM, pairs(waiting))
    waiting[0].approve(make_user(role="moderator", display_name="Otto Brand"))
    batch.run()
    page = at_desk.get(f"{PAGES}{batch.pk}/").text
    assert "Otto Brand" in page
    with django_capture_on_commit_callbacks(execute=True):
        at_desk.post(f"{PAGES}{batch.pk}/", {"do": "undo"})
    undoing = Batch.objects.get(undoes=batch)
    undoing.run()
    assert Comment.objects.pending().count() == 24
    assert f"{PAGES}{batch.pk}/" in at_desk.get(PAGES).text


def test_nobody_undoes_somebody_else_s_batch(client, waiting, moderator, make_user):
    batch = Batch.of(moderator, Batch.Action.SPAM, pairs(waiting))
    batch.run()
    client.force_login(make_user(role="moderator"))
    client.post(f"{PAGES}{batch.pk}/", {"do": "undo"})
    assert Batch.objects.count() == 1


def test_progress_is_told_while_it_runs_without_a_page_around(at_desk, waiting, moderator):
    batch = Batch.of(moderator, Batch.Action.SPAM, pairs(waiting))
    part = at_desk.get(f"{PAGES}{batch.pk}/", headers={"HX-Request": "true"}).text
    assert "<progress" in part
    assert "<html" not in part


def test_page_of_a_batch_costs_the_same_at_any_size(
    at_desk, make_comment, article, moderator, django_assert_num_queries
):
    def of(count):
        chosen = [make_comment(article=article, status="pending") for _ in range(count)]
        batch = Batch.of(moderator, Batch.Action.SPAM, pairs(chosen))
        batch.run()
        return f"{PAGES}{batch.pk}/"

    small, large = of(2), of(60)
    at_desk.get(small)
    for address in (small, large):
        with django_assert_num_queries(6):
            at_desk.get(address)
