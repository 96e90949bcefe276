"""Finding comments at the desk by words and by what is known of them."""

import datetime

import pytest
from django.http import Http404
from django.utils import timezone

from comments import search
from comments.models import Comment, Finding
from comments.queues import Place

pytestmark = pytest.mark.django_db


def found(**query: str) -> list[int]:
    return [pk for _, pk in Place.asked_for(query).page()[0]]


def test_comment_is_found_by_all_its_words_and_no_other_is(make_comment):
    wall = make_comment(status="pending", body="The old wall by the mill was too low.")
    make_comment(status="pending", body="The old bridge by the mill is fine.")
    assert found(q="wall mill") == [wall.pk]
    assert found(q="wall bridge") == []


def test_word_that_stands_in_many_comments_finds_them_all(make_comment, monkeypatch):
    monkeypatch.setattr(search, "RARE", 2)
    walls = [make_comment(status="pending", body=f"Wall number {n}.") for n in range(5)]
    make_comment(status="pending", body="A bridge.")
    assert found(q="wall") == [comment.pk for comment in walls]


def test_the_last_word_may_be_a_beginning(make_comment):
    wall = make_comment(status="pending", body="Embankments were promised.")
    assert found(q="embank") == [wall.pk]


def test_changed_text_is_found_by_its_new_words_alone(make_comment):
    comment = make_comment(status="pending", body="Before the flood.")
    comment.set_body("After the drought.")
    comment.save()
    assert found(q="drought") == [comment.pk]
    assert found(q="flood") == []


@pytest.mark.parametrize(
    "query",
    ['"', "'", "* ", "NEAR(a b)", "a OR b", "-wall", "body:wall", "(((", "\x00wall", "😀", "a:*",
     "!a & b", "x" * 500, "w " * 900, "壁", "%", "\\", "wall';--"],
)  # fmt: skip
def test_nothing_in_a_search_is_an_operator(make_comment, query):
    make_comment(status="pending", body="The old wall.")
    assert isinstance(found(q=query), list)


def test_queue_is_narrowed_to_what_a_moderator_asks_for(make_comment):
    now = timezone.now()
    old = make_comment(
        status="pending",
        created_at=now - datetime.timedelta(days=2),
        body="Das ist nicht wahr, und die Leute wissen es.",
    )
    new = make_comment(status="pending", body="The wall is not too low and it was never that.")
    Finding.objects.create(comment=new, check_name="first-comment", reason="first")
    assert found(age="1d") == [old.pk]
    assert found(first="1") == [new.pk]
    assert found(language="de") == [old.pk]
    assert found(check="first-comment") == [new.pk]
    assert found(age="1d", first="1") == []


def test_rejected_comments_are_found_by_their_reason(make_comment, moderator):
    hateful, rude = make_comment(), make_comment()
    hateful.reject(moderator, "hate")
    rude.reject(moderator, "language")
    assert found(queue="rejected", reason="hate") == [hateful.pk]


def test_highest_risk_comes_first_and_pages_go_on_where_they_ended(make_comment):
    comments = [make_comment(status="pending", risk=risk) for risk in [5] * 15 + [60] * 15]
    first, further = Place.asked_for({"sort": "risk"}).page()
    second, end = Place.asked_for({"sort": "risk", "after": further}).page()
    ids = [pk for _, pk in first + second]
    assert ids == [c.pk for c in comments[15:]] + [c.pk for c in comments[:15]]
    assert end == ""


@pytest.mark.parametrize(
    "query",
    [{"age": "9y"}, {"reason": "no"}, {"first": "2"}, {"language": "D'"}, {"sort": "no"},
     {"sort": "risk", "after": "1-2"}, {"queue": "spam", "sort": "risk"}],
)  # fmt: skip
def test_place_that_is_none_is_not_found(query):
    with pytest.raises(Http404):
        Place.asked_for(query)


def test_flagged_comment_waits_in_its_queue_until_somebody_looks(make_comment, moderator):
    comment = make_comment()
    Comment.objects.filter(pk=comment.pk).update(flagged_at=timezone.now())
    assert found(queue="flagged") == [comment.pk]
    comment.approve(moderator)
    assert found(queue="flagged") == []
    assert Comment.objects.get(pk=comment.pk).is_visible
