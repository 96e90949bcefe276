"""One's own comments: where each stands, why, what comes next, and nobody else's."""

import datetime

import pytest
from django.utils import timezone

from comments import queues, reasons, waits
from comments.models import Comment, Finding, InvalidMove, Reason, Report, Respect, Revision

OWN = "/account/comments/"
OLD = datetime.timedelta(days=2)


@pytest.fixture
def at_home(client, reader):
    client.force_login(reader)
    return client


@pytest.fixture
def edited(reader, make_comment):
    """A comment that readers see, with a later text that waits."""
    comment = make_comment(
        author=reader, body="The wall was too low.", created_at=timezone.now() - OLD
    )
    comment.edit("The wall was *much* too low.")
    return comment


def shown(client, query=""):
    """Return what the page shows, by the comment's id."""
    return {one.comment.pk: one for one in client.get(OWN + query).context["standings"]}


def item(client, comment):
    """Return the page's words about one comment."""
    return client.get(OWN).text.split(f'id="own-{comment.pk}"')[1].split("</li>\n")[0]


# What it says


def test_what_waits_tells_why_in_an_authors_words_and_how_long(
    at_home, reader, make_comment, monkeypatch
):
    monkeypatch.setattr(waits, "usual_wait", lambda: datetime.timedelta(minutes=38))
    held = make_comment(author=reader, status=Comment.Status.PENDING)
    held.findings.create(check_name="first-comment", reason="first comment of this reader")
    held.findings.create(check_name="links", reason="2 links", matches=["https://a.example"])
    held.findings.create(check_name="word-list", reason="words on the list", matches=["liar"])
    page = item(at_home, held)
    assert "Waiting for a moderator" in page
    assert "It is your first comment here." in page
    assert "It carries several links: “https://a.example”." in page
    # Which words are on the list stays at the desk.
    assert "liar" not in page
    assert "Usually it takes 40 minutes." in page
    assert f'href="/comments/{held.pk}/edit/"' in page
    assert f'href="/comments/{held.pk}/delete/"' in page


def test_nothing_is_said_of_a_usual_wait_that_nobody_knows(at_home, reader, make_comment):
    held = make_comment(author=reader, status=Comment.Status.PENDING)
    assert "Usually" not in item(at_home, held)
    assert "Only you can see it until then." in item(at_home, held)


def test_check_that_is_not_named_speaks_for_itself(at_home, reader, make_comment):
    held = make_comment(author=reader, status=Comment.Status.PENDING)
    held.findings.create(check_name="brand-new", reason="a new reason")
    assert "A new reason." in item(at_home, held)


def test_published_one_has_its_number_respect_replies_and_pick(
    at_home, reader, make_comment, make_user, editor
):
    comment = make_comment(author=reader)
    make_comment(parent=comment)
    for _ in range(2):
        Respect.turn(make_user(), comment)
    comment.pick(by=editor, reason="It brings a number.")
    page = item(at_home, comment)
    assert f'Published as <a href="/comments/{comment.pk}/">#{comment.number}</a>' in page
    assert "2 readers respect it" in page
    assert "1 reply" in page
    assert "It brings a number." in page


def test_edit_that_waits_stands_below_the_text_that_readers_see(at_home, edited):
    page = item(at_home, edited)
    assert page.index("The wall was too low.") < page.index("<em>much</em> too low.")
    assert "an edit waits" in page
    assert "Readers have seen the text as it was" in page
    # What was found in the edit is no word about the comment itself.
    assert Finding.objects.get().revision_id is not None
    assert shown(at_home)[edited.pk].found == []


def test_refused_edit_tells_reason_rule_and_message(at_home, edited, moderator):
    edit = edited.revisions.get(status="pending")
    edit.reject(by=moderator, reason="copied", message="Whose words\nare these?")
    page = item(at_home, edited)
    assert "Published as" in page
    assert "an edit was not taken" in page
    assert "Copied text" in page
    assert reasons.RULES["copied"] in page
    assert "Whose words<br>are these?" in page
    assert "A moderator decided this" in page
    # Another edit takes its place, one that is taken ends it.
    edited.edit("The wall was far too low, I think.")
    assert "an edit was not taken" not in item(at_home, edited)
    edited.revisions.get(status="pending").approve(by=moderator)
    page = item(at_home, edited)
    assert "an edit" not in page
    assert "far too low, I think." in page


def test_refused_edit_is_no_word_about_a_comment_that_is_rejected_later(at_home, edited, moderator):
    edit = edited.revisions.get(status="pending")
    edit.reject(by=moderator, reason="copied", message="Not of the edit.")
    edited.reject(by=moderator, reason="attack")
    page = item(at_home, edited)
    assert "Personal attack" in page
    assert "Copied text" not in page
    assert "Not of the edit." not in page


def test_one_that_readers_reported_is_hidden_for_now(at_home, reader, make_comment):
    comment = make_comment(author=reader)
    comment.hold_back(
        "several readers reported it", [Finding(check_name="reported", reason="3 reports")]
    )
    page = item(at_home, comment)
    assert "Hidden for now" in page
    assert f"It was published as #{comment.number}" in page
    # What it held for before it was published is over.
    assert "Waiting for a moderator" not in page


def test_rejected_one_tells_reason_rule_message_and_who(at_home, reader, make_comment, moderator):
    comment = make_comment(author=reader, body="You *fool*.")
    comment.reject(by=moderator, reason="attack", note="Again him.", message="Not <b>him</b>.")
    page = item(at_home, comment)
    assert "Personal attack" in page
    assert reasons.RULES["attack"] in page
    assert "Not &lt;b&gt;him&lt;/b&gt;." in page
    assert "A moderator decided this" in page
    assert moderator.username not in page
    assert "Again him." not in page


def test_rejected_by_a_rule_says_that_no_person_did(at_home, reader, make_comment):
    comment = make_comment(author=reader, status=Comment.Status.REJECTED)
    assert "A rule decided this, no person: fixture" in item(at_home, comment)


def test_writing_it_again_leads_to_the_storys_form_with_the_text_in_it(
    at_home, reader, make_comment, moderator
):
    body = 'You "fool".\n\nYou *fool*.'
    comment = make_comment(author=reader, body=body)
    comment.reject(by=moderator, reason="attack")
    standing = shown(at_home)[comment.pk]
    assert standing.again == f"{comment.article.get_absolute_url()}comments/"
    assert "&quot;fool&quot;" in item(at_home, comment)
    sent = {"body": standing.typed, "key": str(standing.again_key), "preview": "preview"}
    answer = at_home.post(standing.again, sent)
    assert answer.status_code == 200
    assert "You &quot;fool&quot;." in answer.text
    assert "<textarea" in answer.text
    assert Comment.objects.count() == 2


def test_reply_is_written_again_as_a_reply_if_what_it_answers_is_there(
    at_home, reader, make_comment, moderator
):
    parent = make_comment()
    reply = make_comment(author=reader, parent=parent)
    reply.reject(by=moderator, reason="attack")
    assert shown(at_home)[reply.pk].again == f"/comments/{parent.pk}/reply/"
    parent.reject(by=moderator, reason="attack")
    assert shown(at_home)[reply.pk].again.endswith("/comments/")
    assert parent.author_name not in item(at_home, reply)


def test_closed_conversation_takes_no_second_try(at_home, reader, make_comment, moderator):
    comment = make_comment(author=reader)
    comment.reject(by=moderator, reason="attack")
    comment.article.comment_policy = "closed"
    comment.article.save()
    page = item(at_home, comment)
    assert "Write it again" not in page
    assert "The conversation under this story is closed" in page


@pytest.mark.parametrize(
    ("status", "words"), [("spam", "taken for spam"), ("removed", "Removed by you")]
)
def test_spam_and_removed_ones_are_there_with_their_text(
    at_home, reader, make_comment, status, words
):
    comment = make_comment(author=reader, status=status, body="Words of mine.")
    page = item(at_home, comment)
    assert words in page
    assert "Words of mine." in page
    assert "/edit/" not in page
    assert "/delete/" not in page


def test_every_reason_has_its_rule():
    assert set(reasons.RULES) == set(Reason)
    assert all(rule.endswith(".") for rule in reasons.RULES.values())


def test_every_filter_of_the_desk_has_words_for_authors():
    assert set(queues.CHECK_NAMES) <= set(reasons.FOUND)


# Taking an edit back


def test_edit_can_be_taken_back(at_home, edited):
    answer = at_home.post(f"{OWN}{edited.pk}/take-back/", follow=True)
    assert "Your edit is taken back" in answer.text
    assert "an edit waits" not in item(at_home, edited)
    assert not Revision.objects.pending().exists()
    edited.refresh_from_db()
    assert edited.body == "The wall was too low."
    again = at_home.post(f"{OWN}{edited.pk}/take-back/", follow=True)
    assert "does not wait any more" in again.text


def test_edit_that_was_decided_on_is_not_taken_back(edited, reader, moderator):
    edited.revisions.get(status="pending").approve(by=moderator)
    with pytest.raises(InvalidMove):
        edited.take_edit_back(by=reader)
    assert edited.revisions.last().status == "approved"


def test_nobody_takes_somebody_elses_edit_back(client, edited, make_user, moderator):
    for person in (make_user(), moderator):
        client.force_login(person)
        assert client.post(f"{OWN}{edited.pk}/take-back/").status_code == 404
        with pytest.raises(InvalidMove):
            edited.take_edit_back(by=person)
    client.logout()
    assert client.post(f"{OWN}{edited.pk}/take-back/").status_code == 302
    assert Revision.objects.pending().count() == 1


def test_moderator_who_decides_on_an_edit_taken_back_is_told(edited, reader, moderator):
    edit = edited.revisions.get(status="pending")
    edited.take_edit_back(by=reader)
    with pytest.raises(InvalidMove, match="does not wait"):
        edit.approve(by=moderator)


# Lists


def test_each_shelf_holds_its_own_with_counts(at_home, reader, make_comment, edited):
    made = {
        status: make_comment(author=reader, status=status)
        for status in ("pending", "rejected", "spam", "removed")
    }
    for query, expected in {
        "?show=waiting": {made["pending"].pk},
        "?show=edits": {edited.pk},
        "?show=refused": {made["rejected"].pk, made["spam"].pk},
        "?show=removed": {made["removed"].pk},
    }.items():
        assert set(shown(at_home, query)) == expected, query
    page = at_home.get(OWN)
    counts = {shelf.key: count for shelf, count in page.context["shelves"]}
    assert counts == {
        "": 6, "waiting": 1, "edits": 1, "published": 2, "refused": 2, "removed": 1,
    }  # fmt: skip
    assert 'Not published <span class="count">2</span>' in page.text
    assert at_home.get(f"{OWN}?show=nonsense").status_code == 404


def test_list_of_edits_is_offered_only_where_one_waits(at_home, make_comment):
    assert "Edits that wait" not in at_home.get(OWN).text
    assert "No edit of yours waits" in at_home.get(f"{OWN}?show=edits").text


@pytest.mark.parametrize("query", ["", "&show=published"])
def test_pages_follow_each_other_without_gap_or_repeat(at_home, reader, make_comment, query):
    same_moment = timezone.now()
    made = [make_comment(author=reader, created_at=same_moment).pk for _ in range(45)]
    seen, url = [], f"{OWN}?{query}"
    while url:
        page = at_home.get(url)
        seen += [one.comment.pk for one in page.context["standings"]]
        further = page.context["further"]
        url = further and f"{OWN}?before={further}{query}"
    assert seen[:45] == made[::-1]
    assert len(seen) == len(set(seen)) == 46


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "987654", "1 or 1=1"])
def test_place_that_is_none_is_not_found(at_home, before):
    assert at_home.get(OWN, {"before": before}).status_code == 404


def test_somebody_elses_comment_is_neither_shown_nor_a_place(at_home, make_comment):
    other = make_comment(status=Comment.Status.PENDING, body="Not yours.")
    assert "Not yours." not in at_home.get(OWN).text
    assert at_home.get(f"{OWN}?before={other.pk}").status_code == 404


def test_who_said_nothing_is_told_where_to_begin(client, make_user):
    client.force_login(make_user())
    page = client.get(OWN)
    assert "You have not said anything yet." in page.text
    assert 'href="/"' in page.text
    assert "no-store" in page["Cache-Control"]


def test_visitors_are_sent_to_log_in(client, db):
    assert client.get(OWN).url == f"/accounts/login/?next={OWN}"


@pytest.mark.parametrize("query", ["", "?show=published"])
def test_page_costs_the_same_at_any_size(
    at_home, reader, make_comment, moderator, make_user, settings, django_assert_num_queries, query
):
    settings.LIMITS = False

    def add(count):
        for number in range(count):
            root = make_comment(created_at=timezone.now() - OLD)
            make_comment(author=reader, parent=root, status=Comment.Status.PENDING)
            rejected = make_comment(author=reader, parent=root)
            rejected.reject(by=moderator, reason="attack")
            mine = make_comment(
                author=reader, created_at=timezone.now() - OLD, body=f"Said {number} {count}."
            )
            mine.edit(f"Said otherwise {number} {count}.")
            Report.objects.create(comment=mine, reporter=make_user(), reason="hate")

    add(2)
    at_home.get(OWN)  # the usual wait is known from here on
    with django_assert_num_queries(13):
        assert len(shown(at_home, query)) in {3, 7}
    add(20)
    with django_assert_num_queries(13):
        assert len(shown(at_home, query)) == 20
