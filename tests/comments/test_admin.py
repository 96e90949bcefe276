"""Comments in the admin: read only, several decided on at once, the word list."""

import pytest
from django.urls import reverse

from comments.models import Comment, Decision, Report, WordRule

LIST = "/admin/comments/comment/"


@pytest.fixture
def administrator(make_user):
    return make_user("ministry", role="administrator", is_superuser=True)


def act(client, action, comments, url=LIST, **fields):
    seen = [f"{comment.pk}:{comment.version}" for comment in comments]
    chosen = [comment.pk for comment in comments]
    fields = {"action": action, "_selected_action": chosen, "seen": seen} | fields
    return client.post(url, fields, follow=True)


def told(answer):
    return " ".join(str(message) for message in answer.context["messages"])


def test_several_are_approved_in_the_order_of_writing(at_desk, make_comment):
    held = [make_comment(status=Comment.Status.PENDING) for _ in range(3)]
    assert told(act(at_desk, "approve", held[::-1])) == "3 comments approved."
    numbers = [Comment.objects.get(pk=comment.pk).number for comment in held]
    assert numbers == [1, 2, 3]
    assert Decision.objects.count() == 3


def test_what_could_not_be_done_is_named_with_why(at_desk, make_comment, moderator, make_user):
    held = make_comment(status=Comment.Status.PENDING)
    done = make_comment(author=make_user("vera"))
    own = make_comment(author=moderator, status=Comment.Status.PENDING)
    words = told(act(at_desk, "approve", [held, done, own]))
    assert "1 comment approved." in words
    assert f"Not done, 2 of them: {done.pk} by vera (The comment is approved" in words
    assert f"{own.pk} by moderately (Nobody decides on their own comment" in words


def test_comment_that_changed_since_the_list_was_shown_is_left_alone(
    at_desk, make_comment, make_user
):
    held = make_comment(status=Comment.Status.PENDING)
    other = make_user("firstly", role="moderator")
    Comment.objects.get(pk=held.pk).reject(by=other, reason="attack")
    # The list's filter would hide it now; it is named all the same.
    words = told(act(at_desk, "approve", [held], url=f"{LIST}?status__exact=pending"))
    assert "firstly set this comment to “rejected”" in words
    held.refresh_from_db()
    assert held.status == Comment.Status.REJECTED


def test_rejecting_several_asks_for_the_reason_with_a_sample(at_desk, make_comment):
    held = [make_comment(status=Comment.Status.PENDING) for _ in range(7)]
    page = act(at_desk, "reject", held)
    assert "7 comments will be rejected" in page.text
    assert "and 2 more" in page.text
    assert held[0].body in page.text
    assert Comment.objects.pending().count() == 7
    # Without a reason it asks again.
    page = act(at_desk, "reject", held, confirmed="yes", reason="", note="Mine.")
    assert "This field is required" in page.text
    assert "Mine." in page.text
    words = told(
        act(at_desk, "reject", held, confirmed="yes", reason="advert", message="No adverts.")
    )
    assert words == "7 comments rejected."
    assert set(Decision.objects.values_list("after", "reason", "message")) == {
        ("rejected", "advert", "No adverts.")
    }


def test_several_are_marked_as_spam(at_desk, make_comment):
    held = [make_comment(status=Comment.Status.PENDING) for _ in range(2)]
    assert told(act(at_desk, "spam", held)) == "2 comments marked as spam."


def test_too_many_at_once_are_refused_whole(at_desk, make_comment, make_user, monkeypatch):
    monkeypatch.setattr("comments.admin.AT_ONCE", 3)
    author = make_user()
    held = [make_comment(author=author, status=Comment.Status.PENDING) for _ in range(4)]
    for action in ("approve", "reject"):
        words = told(act(at_desk, action, held[:1], select_across="1"))
        assert words == "Nothing was done: at most 3 comments are decided on at once."
    assert Comment.objects.pending().count() == 4


def test_actions_are_closed_to_those_who_only_look(client, editor, make_comment):
    client.force_login(editor)
    held = make_comment(status=Comment.Status.PENDING)
    assert client.get(LIST).status_code == 200
    for action in ("approve", "spam", "reject", "delete_selected"):
        act(client, action, [held], confirmed="yes", reason="attack", post="yes")
    held.refresh_from_db()
    assert held.is_pending


def test_comments_are_changed_added_and_deleted_by_nobody(client, administrator, make_comment):
    client.force_login(administrator)
    held = make_comment(status=Comment.Status.PENDING)
    forged = {"status": "approved", "body": "Forged.", "number": 5, "_save": "Save"}
    change = reverse("admin:comments_comment_change", args=[held.pk])
    assert client.post(change, forged).status_code == 403
    assert client.post(f"{LIST}add/", forged).status_code == 403
    assert client.post(f"{LIST}{held.pk}/delete/", {"post": "yes"}).status_code == 403
    formset = {
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": held.pk,
        "form-0-status": "approved", "_save": "Save",
    }  # fmt: skip
    client.post(LIST, formset)
    act(client, "delete_selected", [held], post="yes")
    fresh = Comment.objects.get(pk=held.pk)
    assert (fresh.status, fresh.body, fresh.version) == ("pending", held.body, held.version)


def test_decisions_are_shown_and_changed_by_nobody(client, administrator, make_comment):
    client.force_login(administrator)
    comment = make_comment()
    decision = comment.reject(by=administrator, reason="attack", note="Seen twice.")
    where = "/admin/comments/decision/"
    assert "Seen twice." in client.get(where).text
    assert "Seen twice." in client.get(f"{where}{decision.pk}/change/").text
    assert client.post(f"{where}{decision.pk}/change/", {"note": "x"}).status_code == 403
    assert client.post(f"{where}add/", {}).status_code == 403
    assert client.post(f"{where}{decision.pk}/delete/", {"post": "yes"}).status_code == 403


def test_record_of_a_comment_shows_findings_reports_and_decisions(
    at_desk, make_comment, make_user, moderator
):
    bad = "<img src=x onerror=y>"
    comment = make_comment(body=f"The wall {bad}", ip_address="203.0.113.9")
    comment.findings.create(check_name="x", reason="because", matches=[bad, "wall"])
    Report.objects.create(comment=comment, reporter=make_user("vera"), reason="hate", note=bad)
    comment.reject(by=moderator, reason="attack", note=bad)
    page = at_desk.get(reverse("admin:comments_comment_change", args=[comment.pk])).text
    assert "The <mark>wall</mark> <mark>&lt;img" in page
    assert "<img" not in page.replace('<img src="/static/', "")
    assert "It is hateful" in page
    assert "Personal attack" in page
    assert f"?comment={comment.pk}" in page
    # Who decides on a text sees no address.
    assert "203.0.113.9" not in page
    card = at_desk.get(f"/admin/comments/comment/desk/?comment={comment.pk}").context["first"]
    assert card.comment == comment


def test_list_finds_by_words_and_by_the_beginning_of_a_name(at_desk, make_comment, make_user):
    make_comment(body="About the lighthouse.", author=make_user("wilma"))
    make_comment(body="About the tram.", author=make_user("betty"))
    for query, found in [("lighthouse", 1), ("wil", 1), ("ilma", 0), ("about", 2)]:
        assert at_desk.get(LIST, {"q": query}).context["cl"].result_count == found
    assert at_desk.get(LIST, {"status__exact": "pending"}).context["cl"].result_count == 0


def test_list_costs_the_same_at_any_size_and_counts_no_table(
    at_desk, make_comment, django_assert_num_queries, django_assert_max_num_queries
):
    for _ in range(3):
        make_comment(parent=make_comment())
    with django_assert_num_queries(5):
        at_desk.get(LIST)
    for _ in range(20):
        make_comment(parent=make_comment())
    with django_assert_num_queries(5) as queries:
        at_desk.get(LIST)
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert all("LIMIT 5000" in sql for sql in counts)


# The word list


def rule(**fields):
    return {"kind": "word", "pattern": "liar", "action": "hold", "is_enabled": "on"} | fields


def test_word_rule_belongs_to_who_made_it(at_desk, moderator, administrator, client):
    at_desk.post("/admin/comments/wordrule/add/", rule(owner=administrator.pk))
    made = WordRule.objects.get()
    assert made.owner == moderator
    client.force_login(administrator)
    client.post(f"/admin/comments/wordrule/{made.pk}/change/", rule(note="Changed."))
    made.refresh_from_db()
    assert (made.owner, made.note) == (moderator, "Changed.")


def test_pattern_that_is_none_is_refused_with_a_sentence(at_desk):
    for pattern in ("(", "[a", "*" * 3):
        page = at_desk.post("/admin/comments/wordrule/add/", rule(kind="pattern", pattern=pattern))
        assert "This is not a regular expression" in page.text
    assert not WordRule.objects.exists()


def test_rule_can_be_tried_on_a_text(at_desk):
    page = at_desk.post(
        "/admin/comments/wordrule/add/", rule(sample="What a L1AR <b>."), follow=True
    )
    assert "In your text the rule finds: “L1AR”." in page.text
    page = at_desk.post(
        "/admin/comments/wordrule/add/", rule(pattern="crook", sample="Fine."), follow=True
    )
    assert "In your text the rule finds nothing." in page.text


@pytest.mark.parametrize("role", ["reporter", "editor"])
def test_word_list_and_record_are_closed_to_others(client, make_user, role):
    client.force_login(make_user(role=role))
    assert client.get("/admin/comments/wordrule/").status_code == 403
    assert client.get("/admin/comments/decision/").status_code == 403
