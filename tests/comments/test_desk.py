"""The moderation desk: who enters, what it shows, what it costs, and what a decision answers."""

import datetime

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from comments import desk, queues
from comments.models import Comment, Decision, Finding, InvalidMove, Reason, Report

DESK = "/admin/comments/comment/desk/"


@pytest.fixture
def held(make_comment):
    """A comment that waits, with what a check found."""
    comment = make_comment(status=Comment.Status.PENDING, body="He is a liar, and crooked.")
    comment.findings.create(
        check_name="word-list", reason="words on the desk’s list", matches=["liar"]
    )
    comment.findings.create(check_name="first-comment", reason="first comment of this reader")
    return comment


def decide(client, comment, **fields):
    fields = {"action": "approve", "version": comment.version} | fields
    headers = fields.pop("headers", None)
    return client.post(
        reverse("admin:comments_comment_decide", args=[comment.pk]), fields, headers=headers
    )


def in_place(client, comment, **fields):
    return decide(client, comment, headers={"HX-Request": "true"}, **fields)


def report(comment, reporter, **fields):
    return Report.objects.create(comment=comment, reporter=reporter, **{"reason": "hate"} | fields)


# Who enters


def test_moderator_enters_the_desk(at_desk):
    assert at_desk.get(DESK).status_code == 200
    assert reverse("admin:comments_comment_desk") == DESK


@pytest.mark.parametrize("role", ["", "reporter", "editor"])
def test_desk_and_decisions_are_closed_to_others(client, make_user, held, role):
    client.force_login(make_user(role=role))
    # A reader is sent to the admin's log-in, which refuses who is logged in already.
    assert client.get(DESK, follow=True).status_code == 403
    assert decide(client, held).status_code in {302, 403}
    held.refresh_from_db()
    assert held.is_pending


def test_visitors_are_sent_to_log_in(client, held):
    assert "/accounts/login/" in client.get(DESK, follow=True).redirect_chain[-1][0]
    assert decide(client, held).status_code == 302
    held.refresh_from_db()
    assert held.is_pending


@pytest.mark.parametrize(
    "query", ["queue=nonsense", "after=x", "after=1-2-3", "author=x", "check=%3Cb%3E"]
)
def test_place_that_is_none_is_not_found(at_desk, query):
    assert at_desk.get(f"{DESK}?{query}").status_code == 404


def test_cursor_beyond_the_end_of_time_is_no_error(at_desk):
    assert at_desk.get(f"{DESK}?after={'9' * 17}-{'9' * 18}").status_code == 200


# What it shows


def test_oldest_waits_on_top(at_desk, make_comment):
    new, old = (
        make_comment(
            status=Comment.Status.PENDING,
            body=body,
            created_at=timezone.now() - datetime.timedelta(hours=hours),
        )
        for body, hours in [("The newer word.", 3), ("The older word.", 75)]
    )
    page = at_desk.get(DESK).text
    assert page.index(old.body) < page.index(new.body)
    assert "waits 3 days" in page
    assert 'class="age age-days"' in page


def test_card_tells_all_findings_and_marks_their_words(at_desk, held):
    page = at_desk.get(DESK).text
    assert "words on the desk’s list" in page
    assert "first comment of this reader" in page
    assert "He is a <mark>liar</mark>, and crooked." in page


def test_card_names_story_answered_comment_and_record(at_desk, make_comment, make_user, moderator):
    parent = make_comment(body="The wall is *fine*.")
    author = make_user("wilma")
    make_comment(author=author)
    make_comment(author=author).reject(by=moderator, reason="off-topic")
    make_comment(author=author, parent=parent, status=Comment.Status.PENDING)
    page = at_desk.get(DESK).text
    assert parent.article.headline in page
    assert (
        f"Answers #{parent.number} <bdi>{parent.author_name}</bdi>:</span> The wall is fine."
        in page
    )
    assert "1 approved, 1 rejected" in page
    assert "Not about the story: 1" in page


def test_card_tells_reports_and_earlier_decisions(at_desk, make_comment, make_user, moderator):
    comment = make_comment()
    comment.reject(by=moderator, reason="attack", note="Twice this week.", message="Be kind.")
    comment.approve(by=moderator)
    report(comment, make_user("vera"), note="He means <b>me</b>.")
    page = at_desk.get(f"{DESK}?queue=reported").text
    assert "It is hateful" in page
    assert "He means &lt;b&gt;me&lt;/b&gt;." in page
    assert "Rejected: personal attack" in page
    assert "Twice this week." in page
    assert "Be kind." in page


def test_nothing_from_readers_is_markup_on_the_desk(at_desk, make_comment, make_user, make_article):
    bad = "<script>x</script><img src=y onerror=z>"
    article = make_article(headline=f"On {bad}")
    guest = make_comment(article=article, guest_name=f"Guest {bad}")
    Comment.objects.filter(pk=guest.pk).update(author=None)
    comment = make_comment(
        parent=guest,
        author=make_user("mallory", display_name=f"Mal {bad}"),
        status=Comment.Status.PENDING,
        body=f"Read this: {bad}",
    )
    comment.findings.create(check_name="x", reason=f"because {bad}", matches=[bad, "Read"])
    report(comment, make_user("vera", display_name=f"Vera {bad}"), note=bad)
    for queue in ("pending", "reported", "approved"):
        page = at_desk.get(f"{DESK}?queue={queue}").text
        assert "<script>x" not in page
        assert "<img" not in page
    for answer in (in_place(at_desk, comment, version=99), in_place(at_desk, comment)):
        assert "<script>x" not in answer.text
        assert "<img" not in answer.text


@pytest.mark.parametrize("queue", list(queues.QUEUE))
def test_empty_queue_says_what_comes_there(at_desk, queue):
    answer = at_desk.get(f"{DESK}?queue={queue}")
    assert not answer.context.get("cards")
    assert queues.QUEUE[queue].nothing in answer.text


def test_each_queue_holds_its_own(at_desk, make_comment, make_user):
    by_status = {
        status: make_comment(status=status)
        for status in ("pending", "approved", "rejected", "spam", "removed")
    }
    report(by_status["approved"], make_user())
    # What is gone for readers, or was taken back, has no open question.
    report(by_status["rejected"], make_user())
    report(by_status["removed"], make_user())

    def ids(queue):
        shown = at_desk.get(f"{DESK}?queue={queue}").context["cards"]
        return [card.comment.pk for card in shown]

    for queue in ("pending", "rejected", "spam"):
        assert ids(queue) == [by_status[queue].pk]
    assert by_status["approved"].pk in ids("approved")
    assert ids("reported") == [by_status["approved"].pk]


@pytest.mark.parametrize("queue", ["pending", "approved"])
def test_pages_follow_each_other_without_gap_or_repeat(at_desk, make_comment, make_user, queue):
    author, same_moment = make_user(), timezone.now()
    made = [make_comment(author=author, status=queue, created_at=same_moment).pk for _ in range(45)]
    seen, url = [], f"{DESK}?queue={queue}"
    while url:
        context = at_desk.get(url).context
        seen += [card.comment.pk for card in context["cards"]]
        url = context["further"] and context["further"].url
    assert seen == (made if queue == "pending" else made[::-1])


def test_reported_comment_stands_once_by_its_first_report(at_desk, make_comment, make_user):
    first, second = make_comment(), make_comment()
    now = timezone.now()
    for comment, hours in [(second, 5), (first, 9), (second, 20)]:
        report(comment, make_user(), at=now - datetime.timedelta(hours=hours))
    shown = at_desk.get(f"{DESK}?queue=reported").context["cards"]
    assert [card.comment for card in shown] == [second, first]


def test_queue_can_be_narrowed_to_check_story_section_and_author(at_desk, held, make_comment):
    other = make_comment(status=Comment.Status.PENDING)
    for query in (f"author={held.author_id}", "check=word-list"):
        page = at_desk.get(f"{DESK}?{query}")
        assert [card.comment for card in page.context["cards"]] == [held]
    for query in (f"article={held.article_id}", f"section={held.article.section_id}"):
        page = at_desk.get(f"{DESK}?{query}")
        assert [card.comment for card in page.context["cards"]] == [held, other]
    assert "Nothing here fits" in at_desk.get(f"{DESK}?author=999").text


def test_long_queue_is_counted_no_further_than_is_said(
    at_desk, make_comment, make_user, monkeypatch
):
    monkeypatch.setattr(queues, "COUNTED", 3)
    author = make_user()
    for _ in range(5):
        make_comment(author=author, status=Comment.Status.PENDING)
    assert 'Waiting <span class="count">3+</span>' in at_desk.get(DESK).text


@pytest.mark.parametrize("queue", ["pending", "reported"])
def test_desk_costs_the_same_at_any_size(
    at_desk, make_comment, make_user, moderator, django_assert_num_queries, queue
):
    def add(count):
        for _ in range(count):
            root = make_comment()
            comment = make_comment(parent=root, status=Comment.Status.PENDING)
            comment.findings.create(check_name="x", reason="because", matches=["wall"])
            report(comment, make_user(), note="See here.")
            Decision.objects.create(
                comment=comment, by=moderator, before="approved", after="pending",
                comment_version=1,
            )  # fmt: skip

    add(3)
    with django_assert_num_queries(23):
        assert len(at_desk.get(f"{DESK}?queue={queue}").context["cards"]) == 3
    # One of them counts the queues, for everybody, once in a few seconds.
    with django_assert_num_queries(22):
        at_desk.get(f"{DESK}?queue={queue}")
    add(57)
    cache.clear()
    with django_assert_num_queries(23):
        assert len(at_desk.get(f"{DESK}?queue={queue}").context["cards"]) == 20


def test_every_reason_has_its_button():
    assert set(desk.REASONS) == set(Reason)


# Deciding


def test_plain_decision_leads_back_with_what_happened_and_a_way_back(at_desk, held):
    answer = decide(at_desk, held)
    assert answer.status_code == 302
    held.refresh_from_db()
    assert held.is_visible
    page = at_desk.get(answer.url).text
    assert f"The comment by {held.author_name} is approved and is number 1 of its story." in page
    assert ">Undo" in page


def test_plain_decision_leads_back_to_the_same_place(at_desk, held):
    url = reverse("admin:comments_comment_decide", args=[held.pk])
    where = f"queue=pending&check=word-list&author={held.author_id}"
    answer = at_desk.post(f"{url}?{where}", {"action": "spam", "version": held.version})
    assert answer.url == f"{DESK}?{where}&done={held.pk}"


def test_decision_in_place_is_one_line_with_the_queues(at_desk, held):
    answer = in_place(at_desk, held, action="reject", reason="attack", note="Again.")
    assert answer.status_code == 200
    assert "is rejected (personal attack)" in answer.text
    assert ">Undo" in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    assert "<html" not in answer.text
    decision = held.decisions.get()
    assert (decision.reason, decision.note, decision.after) == ("attack", "Again.", "rejected")


def test_line_reverses_the_decision(at_desk, held):
    in_place(at_desk, held, action="spam")
    held.refresh_from_db()
    answer = in_place(at_desk, held, action="approve")
    assert "is approved" in answer.text
    assert [step.after for step in held.decisions.all()] == ["spam", "approved"]


def test_rejection_without_a_reason_is_refused_and_keeps_what_was_typed(at_desk, held):
    answer = in_place(at_desk, held, action="reject", message="Please be <kind>.")
    assert answer.status_code == 409
    assert "needs a reason" in answer.text
    assert "Please be &lt;kind&gt;." in answer.text
    held.refresh_from_db()
    assert held.is_pending


@pytest.mark.parametrize("is_in_place", [True, False])
def test_second_of_two_moderators_is_told_what_the_first_did(at_desk, held, make_user, is_in_place):
    seen = held.version
    first = make_user("firstly", role="moderator")
    Comment.objects.get(pk=held.pk).reject(by=first, reason="attack", version=seen)
    answer = (in_place if is_in_place else decide)(at_desk, held, version=seen)
    assert answer.status_code == 409
    assert "firstly set this comment to “rejected”" in answer.text
    # The card as it stands now, with the version that a decision names from here on.
    assert f'name="version" value="{seen + 1}"' in answer.text
    held.refresh_from_db()
    assert held.status == Comment.Status.REJECTED
    assert held.decisions.count() == 1


def test_equal_decision_twice_is_one_decision(at_desk, held):
    assert in_place(at_desk, held).status_code == 200
    assert in_place(at_desk, held).status_code == 409
    held.refresh_from_db()
    assert in_place(at_desk, held).status_code == 409
    assert held.decisions.count() == 1


def test_nobody_decides_on_their_own_comment(at_desk, make_comment, moderator):
    own = make_comment(author=moderator, status=Comment.Status.PENDING)
    assert "another moderator decides" in at_desk.get(DESK).text
    for fields in ({}, {"action": "spam"}, {"action": "reject", "reason": "attack"}):
        answer = in_place(at_desk, own, **fields)
        assert answer.status_code == 409
        assert "Nobody decides on their own comment" in answer.text
    with pytest.raises(InvalidMove):
        own.approve(by=moderator)
    own.remove(by=moderator)
    assert own.status == Comment.Status.REMOVED


def test_reported_comment_may_stay(at_desk, make_comment, make_user):
    comment = make_comment()
    complaint = report(comment, make_user())
    answer = in_place(at_desk, comment)
    assert "stays; its reports are answered" in answer.text
    complaint.refresh_from_db()
    assert complaint.decision.after == "approved"
    comment.refresh_from_db()
    assert (comment.number, comment.article.comment_count) == (1, 1)
    assert in_place(at_desk, comment).status_code == 409


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "promote"},
        {"action": ""},
        {"version": ""},
        {"version": "x"},
        {"version": "9" * 40},
        {"note": "n" * 501},
    ],
)
def test_form_that_is_not_whole_decides_nothing(at_desk, held, fields):
    for send in (in_place, decide):
        assert send(at_desk, held, **fields).status_code == 400
    held.refresh_from_db()
    assert held.is_pending


def test_extra_fields_change_nothing_else(at_desk, held, make_user):
    decide(at_desk, held, author=make_user().pk, number=77, body="Changed.", pick_reason="x")
    fresh = Comment.objects.get(pk=held.pk)
    assert (fresh.author, fresh.body, fresh.number, fresh.pick_reason) == (
        held.author, held.body, 1, "",
    )  # fmt: skip


def test_unknown_comment_is_not_found_and_reading_decides_nothing(at_desk, held):
    assert at_desk.post("/admin/comments/comment/987654/decide/").status_code == 404
    assert at_desk.post(f"/admin/comments/comment/{'9' * 30}/decide/").status_code == 404
    url = reverse("admin:comments_comment_decide", args=[held.pk])
    assert at_desk.get(f"{url}?action=approve&version=1").status_code == 405
    assert at_desk.post(DESK).status_code == 405
    held.refresh_from_db()
    assert held.is_pending


def test_decision_without_the_forms_token_is_refused(held, moderator):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(moderator)
    assert in_place(client, held).status_code == 403
    page = client.get(DESK)
    token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert in_place(client, held, csrfmiddlewaretoken=token).status_code == 200


def test_desk_has_no_inline_script_or_style(at_desk, held):
    page = at_desk.get(DESK).text
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert all(" src=" in tag.split(">")[0] for tag in page.split("<script")[1:])


# The bell


def test_bell_tells_moderators_how_much_waits_and_how_long(at_desk, make_comment):
    assert "Nobody waits" in at_desk.get("/admin/").text
    for hours in (1, 3):
        make_comment(
            status=Comment.Status.PENDING,
            created_at=timezone.now() - datetime.timedelta(hours=hours, minutes=5),
        )
    page = at_desk.get("/admin/").text
    assert "2 comments wait" in page
    assert "the oldest for 3 h" in page


def test_bell_is_silent_for_those_who_do_not_moderate(client, editor, held):
    client.force_login(editor)
    page = client.get("/admin/")
    assert page.status_code == 200
    assert "Moderation desk" not in page.text


def test_finding_of_a_new_check_needs_nothing_at_the_desk(at_desk, held):
    Finding.objects.create(comment=held, check_name="brand-new", reason="a new reason")
    assert "a new reason" in at_desk.get(DESK).text
    assert at_desk.get(f"{DESK}?check=brand-new").context["cards"][0].comment == held
