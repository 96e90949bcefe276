"""Edits at the desk: what changes and why it waits, and a decision on that alone."""

import datetime

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from comments import queues
from comments.cards import records
from comments.models import Comment, Finding, Report, Revision

DESK = "/admin/comments/comment/desk/"
EDITS = f"{DESK}?queue=edits"
OLD = datetime.timedelta(days=2)


@pytest.fixture
def edited(reader, make_comment):
    """A comment that readers see, with a later text that waits."""
    comment = make_comment(
        author=reader, body="The wall was too low.", created_at=timezone.now() - OLD
    )
    comment.edit("The wall was *far* too low.")
    comment.refresh_from_db()
    return comment


def waiting(comment):
    return comment.revisions.get(status="pending")


def decide(client, comment, edit=None, **fields):
    headers = fields.pop("headers", None)
    edit = edit or waiting(comment)
    fields = {"action": "approve", "version": comment.version, "revision": edit.pk} | fields
    url = reverse("admin:comments_comment_decide", args=[comment.pk])
    return client.post(f"{url}?queue=edits", fields, headers=headers)


def in_place(client, comment, edit=None, **fields):
    return decide(client, comment, edit, headers={"HX-Request": "true"}, **fields)


# What it shows


def test_card_of_an_edit_shows_why_it_waits_what_changes_and_both_texts(at_desk, edited):
    page = at_desk.get(EDITS).text
    assert "changed after its first five minutes" in page
    assert "The wall was <ins><span" in page
    assert "*far* </ins>too low." in page
    assert "<p>The wall was too low.</p>" in page
    assert "<p>The wall was <em>far</em> too low.</p>" in page
    assert f'name="revision" value="{waiting(edited).pk}"' in page
    assert "Show the new text" in page
    # An edit is no spam; its comment may be, at its own card.
    assert 'value="spam"' not in page


def test_words_that_a_check_found_in_the_new_text_are_marked_there_alone(
    at_desk, reader, make_comment
):
    comment = make_comment(author=reader, body="Low, they say.", created_at=timezone.now() - OLD)
    comment.edit("Low, they say: call 020 7946 0958.")
    page = at_desk.get(EDITS).text
    assert "shows a telephone number" in page
    assert "call <mark>020 7946 0958</mark>." in page
    card = at_desk.get(f"{DESK}?queue=approved&comment={comment.pk}").context["first"]
    assert card.findings == []


def test_edits_wait_oldest_first_and_only_while_readers_see_the_comment(
    at_desk, edited, reader, make_comment, moderator
):
    older = make_comment(author=reader, created_at=timezone.now() - OLD)
    older.edit("An earlier edit of mine.")
    Revision.objects.filter(comment=older, status="pending").update(at=timezone.now() - OLD)
    gone = make_comment(author=reader, created_at=timezone.now() - OLD)
    gone.edit("An edit of what is gone.")
    gone.reject(by=moderator, reason="attack")
    page = at_desk.get(EDITS)
    assert [card.comment for card in page.context["cards"]] == [older, edited]
    assert 'Edits <span class="count">2</span>' in page.text
    assert "waits 2 days" in page.text


def test_only_the_last_edit_waits(at_desk, edited):
    edited.edit("The wall was much too low.")
    (card,) = at_desk.get(EDITS).context["cards"]
    assert card.edit.body == "The wall was much too low."


def test_approved_card_says_that_an_edit_waits(at_desk, edited):
    page = at_desk.get(f"{DESK}?queue=approved").text
    assert "Its author sent a new text, which waits." in page
    assert f"?queue=edits&amp;comment={edited.pk}" in page
    first = at_desk.get(f"{EDITS}&comment={edited.pk}").context["first"]
    assert first.edit == waiting(edited)


def test_edits_can_be_narrowed_by_what_was_found_in_them(at_desk, edited, make_comment, reader):
    other = make_comment(author=reader, created_at=timezone.now() - OLD, body="A link.")
    other.findings.create(check_name="links", reason="2 links")
    other.edit("No link.")
    assert len(at_desk.get(f"{EDITS}&check=late-edit").context["cards"]) == 2
    # What was found in the comment is nothing about its edit, and the other way round.
    assert at_desk.get(f"{EDITS}&check=links").context["cards"] == []
    approved = at_desk.get(f"{DESK}?queue=approved&check=late-edit").context["cards"]
    assert approved == []
    assert len(at_desk.get(f"{EDITS}&author={reader.pk}").context["cards"]) == 2


def test_pages_of_edits_follow_each_other(at_desk, reader, make_comment, settings):
    settings.LIMITS = False
    made = []
    for number in range(23):
        comment = make_comment(author=reader, created_at=timezone.now() - OLD)
        comment.edit(f"What I meant is the number {number}.")
        made.append(comment.pk)
    Revision.objects.update(at=timezone.now())
    seen, url = [], EDITS
    while url:
        context = at_desk.get(url).context
        seen += [card.comment.pk for card in context["cards"]]
        url = context["further"] and context["further"].url
    assert seen == made


def test_desk_of_edits_costs_the_same_at_any_size(
    at_desk, reader, make_comment, make_user, moderator, settings, django_assert_num_queries
):
    settings.LIMITS = False

    def add(count):
        for number in range(count):
            root = make_comment()
            comment = make_comment(author=reader, parent=root, created_at=timezone.now() - OLD)
            comment.edit(f"What I meant is {number} of {count}.")
            waiting(comment).reject(by=moderator, reason="copied")
            comment.edit(f"What I really meant is {number} of {count}.")
            Report.objects.create(comment=comment, reporter=make_user(), reason="hate")

    add(3)
    with django_assert_num_queries(23):
        assert len(at_desk.get(EDITS).context["cards"]) == 3
    add(20)
    cache.clear()
    with django_assert_num_queries(23):
        assert len(at_desk.get(EDITS).context["cards"]) == 20


def test_nothing_of_an_edit_is_markup_on_the_desk(at_desk, edited):
    bad = "<script>x</script><img src=y onerror=z>"
    edited.edit(f"The wall {bad} was low.")
    for page in (at_desk.get(EDITS), in_place(at_desk, edited, version=99)):
        assert "<script>x" not in page.text
        assert "<img" not in page.text
        assert "&lt;script&gt;x" in page.text


# Deciding


@pytest.mark.parametrize("role", ["", "reporter", "editor"])
def test_edits_are_closed_to_others(client, make_user, edited, role):
    client.force_login(make_user(role=role))
    assert client.get(EDITS, follow=True).status_code == 403
    assert decide(client, edited).status_code in {302, 403}
    assert waiting(edited).is_pending


def test_taken_edit_is_what_readers_see(at_desk, client, edited):
    edit = waiting(edited)
    answer = in_place(at_desk, edited)
    assert answer.status_code == 200
    assert "The new text by ada is what readers see now." in answer.text
    assert 'Edits <span class="count">0</span>' in answer.text
    edited.refresh_from_db()
    assert edited.body == "The wall was *far* too low."
    decision = edited.decisions.last()
    assert (decision.revision, decision.before, decision.after) == (edit, "pending", "approved")


def test_refused_edit_leaves_the_text_and_keeps_what_was_said(at_desk, edited):
    answer = in_place(at_desk, edited, action="reject", reason="copied", message="From where?")
    assert "is refused (copied text); the old one stays" in answer.text
    # Whether the comment itself stays is another question.
    assert "Approve after all" not in answer.text
    edited.refresh_from_db()
    assert (edited.body, edited.status) == ("The wall was too low.", "approved")
    assert edited.decisions.last().message == "From where?"
    page = at_desk.get(f"{DESK}?queue=approved").text
    assert "Edit refused: copied text" in page


def test_edit_is_not_refused_without_a_reason(at_desk, edited):
    answer = in_place(at_desk, edited, action="reject", message="Please be <kind>.")
    assert answer.status_code == 409
    assert "needs a reason" in answer.text
    assert "Please be &lt;kind&gt;." in answer.text
    assert f'name="revision" value="{waiting(edited).pk}"' in answer.text


def test_plain_decision_on_an_edit_leads_back_with_what_happened(at_desk, edited):
    edit = waiting(edited)
    answer = decide(at_desk, edited)
    assert answer.url == f"{EDITS}&done={edited.pk}&edit={edit.pk}"
    page = at_desk.get(answer.url).text
    assert page.count("The new text by ada is what readers see now.") == 1
    assert at_desk.get(f"{EDITS}&done={edited.pk}&edit=999").status_code == 200


def test_spam_is_no_decision_on_an_edit(at_desk, edited):
    answer = in_place(at_desk, edited, action="spam")
    assert answer.status_code == 409
    edited.refresh_from_db()
    assert edited.is_visible
    assert waiting(edited).is_pending


def test_edit_that_was_replaced_meanwhile_is_not_decided_on(at_desk, edited):
    edit, seen = waiting(edited), edited.version
    Comment.objects.get(pk=edited.pk).edit("The wall was much too low.")
    answer = in_place(at_desk, edited, edit, version=seen)
    assert answer.status_code == 409
    # The card as it stands now: the later edit, with the version that a decision names from here.
    assert f'name="version" value="{seen + 1}"' in answer.text
    assert f'name="revision" value="{waiting(edited).pk}"' in answer.text
    edited.refresh_from_db()
    assert edited.body == "The wall was too low."


@pytest.mark.parametrize("first", ["approve", "reject"])
def test_second_of_two_moderators_changes_nothing(at_desk, edited, make_user, first):
    edit, seen = waiting(edited), edited.version
    other = make_user("firstly", role="moderator")
    if first == "approve":
        Revision.objects.get(pk=edit.pk).approve(by=other, version=seen)
    else:
        Revision.objects.get(pk=edit.pk).reject(by=other, reason="hate", version=seen)
    decided = edited.decisions.count()
    assert in_place(at_desk, edited, edit, version=seen).status_code == 409
    edited.refresh_from_db()
    answer = in_place(at_desk, edited, edit)
    assert answer.status_code == 409
    assert "does not wait for a decision any more" in answer.text
    assert edited.decisions.count() == decided


def test_edit_of_another_comment_or_of_none_is_refused(at_desk, edited, make_comment):
    other = make_comment(created_at=timezone.now() - OLD)
    for revision in (waiting(edited).pk, 987654, "9" * 18):
        answer = in_place(at_desk, other, waiting(edited), revision=revision)
        assert answer.status_code == 409
        assert "not one of this comment" in answer.text
    for revision in ("x", "-1", "9" * 40):
        assert in_place(at_desk, other, waiting(edited), revision=revision).status_code == 400
    assert waiting(edited).is_pending


def test_nobody_decides_on_their_own_edit(at_desk, make_comment, moderator):
    own = make_comment(author=moderator, created_at=timezone.now() - OLD)
    Finding.objects.all().delete()
    Revision.objects.create(comment=own, body="Mine.", body_html="<p>Mine.</p>")
    assert "another moderator decides" in at_desk.get(EDITS).text
    answer = in_place(at_desk, own)
    assert answer.status_code == 409
    assert waiting(own).is_pending


# What the rest of the desk makes of decisions on edits


def test_a_refused_edit_is_named_as_one_in_the_record_of_its_author(edited, reader, moderator):
    waiting(edited).reject(by=moderator, reason="copied")
    record = records({reader.pk})[reader.pk]
    assert (record.approved, record.rejected) == (2, 0)
    assert record.against == [("Copied text (an edit)", 1)]


def test_undo_of_a_comment_is_not_that_of_its_edit(at_desk, edited, moderator):
    waiting(edited).reject(by=moderator, reason="copied")
    page = at_desk.get(f"{DESK}?queue=approved&done={edited.pk}").text
    assert "is refused" not in page
    assert "is approved and is number" in page


def test_bell_tells_of_edits(at_desk, edited):
    page = at_desk.get("/admin/").text
    assert "1 edit waits" in page
    assert "All quiet" not in page


def test_admin_names_the_edit_that_was_decided_on(at_desk, edited, moderator):
    edit = waiting(edited)
    decision = edit.approve(by=moderator)
    page = at_desk.get("/admin/comments/decision/").text
    assert f"edit {edit.pk}" in page
    assert "the comment" in page
    page = at_desk.get(f"/admin/comments/decision/{decision.pk}/change/").text
    assert "<em>far</em> too low." in page


def test_admin_shows_a_comments_texts_and_quote_and_nobody_changes_them(at_desk, edited, moderator):
    Comment.objects.filter(pk=edited.pk).update(
        quote="It rose at <b>four</b>.", quote_source="story"
    )
    url = f"/admin/comments/comment/{edited.pk}/change/"
    page = at_desk.get(url).text
    assert "The story: “It rose at &lt;b&gt;four&lt;/b&gt;.”" in page
    assert "<em>far</em> too low." in page
    assert at_desk.post(url, {"revisions-0-body": "Changed."}).status_code == 403
    assert waiting(edited).body == "The wall was *far* too low."


# Reports and picks on cards


def test_comment_that_reports_hid_waits_with_that_reason_and_stands_in_both_queues(
    at_desk, make_comment, make_user
):
    comment = make_comment()
    Report.objects.create(comment=comment, reporter=make_user(), reason="hate")
    comment.hold_back("reports", [Finding(check_name="reported", reason="hidden by 3 reports")])
    for query in ("", "?check=reported", "?queue=reported"):
        page = at_desk.get(DESK + query)
        assert [card.comment for card in page.context["cards"]] == [comment], query
        assert "hidden by 3 reports" in page.text
    assert queues.CHECK_NAMES["reported"] in page.text


def test_report_says_how_often_its_reporter_was_right(at_desk, make_comment, make_user, moderator):
    vera, new = make_user("vera"), make_user("newly")
    for is_right in (True, True, False):
        comment = make_comment()
        Report.objects.create(comment=comment, reporter=vera, reason="hate")
        if is_right:
            comment.reject(by=moderator, reason="hate")
        else:
            comment.approve(by=moderator)
    comment = make_comment()
    for reporter in (vera, new):
        Report.objects.create(comment=comment, reporter=reporter, reason="hate")
    page = at_desk.get(f"{DESK}?queue=reported").text
    assert page.count("right in") == 1
    assert "right in 2 of 3" in page


def test_approved_card_leads_to_the_pick_for_those_who_may(at_desk, make_comment, moderator):
    comment = make_comment()
    held = make_comment(status=Comment.Status.PENDING)
    assert f"/comments/{comment.pk}/pick/" in at_desk.get(f"{DESK}?queue=approved").text
    assert f"/comments/{held.pk}/pick/" not in at_desk.get(DESK).text
    for group in moderator.groups.all():
        group.permissions.remove(*group.permissions.filter(codename="pick_comment"))
    assert "/pick/" not in at_desk.get(f"{DESK}?queue=approved").text
