"""Notices of illegal content: from anybody, with a receipt, a clock, a decision and an answer."""

import datetime

import pytest
import time_machine
from django.conf import settings

from comments import mailing
from comments.models import Comment, Decision, InvalidMove, LegalNotice, Notice

pytestmark = pytest.mark.django_db
NEW = "/notices/new/"


def words(comment, **changes):
    return {
        "url": f"{settings.SITE_URL}/comments/{comment.pk}/", "category": "defamation",
        "why": "It says that I took money. I did not.", "law": "", "name": "Ines Ward",
        "email": "ines@example.org", "good_faith": "on", **changes,
    }  # fmt: skip


@pytest.fixture
def notice(make_comment):
    comment = make_comment()
    return LegalNotice.objects.create(
        url=comment.get_absolute_url(), comment=comment, article=comment.article,
        category="defamation", why="It is untrue.", name="Ines Ward", email="ines@example.org",
    )  # fmt: skip


def test_anybody_sends_a_notice_and_gets_a_receipt(client, make_comment, mailoutbox):
    comment = make_comment()
    answer = client.post(NEW, words(comment))
    notice = LegalNotice.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/notices/{notice.token}/")
    assert notice.comment == comment
    assert notice.ref in client.get(answer["Location"]).text
    mailing.dispatch_due()
    mailing.dispatch_due()
    assert [mail.to for mail in mailoutbox] == [["ines@example.org"]]
    assert notice.ref in mailoutbox[0].subject


@pytest.mark.parametrize(
    "changes",
    [{"why": ""}, {"good_faith": ""}, {"url": "https://elsewhere.example/comments/1/"},
     {"url": "nonsense"}, {"url": "http://[bad"}, {"name": ""}, {"email": ""}, {"category": "x"}],
)  # fmt: skip
def test_notice_that_is_not_whole_is_refused_and_the_text_kept(client, make_comment, changes):
    answer = client.post(NEW, words(make_comment(), **changes))
    assert answer.status_code == 422
    assert not LegalNotice.objects.exists()
    if "why" not in changes:
        assert "It says that I took money." in answer.text


def test_notice_about_the_abuse_of_children_needs_no_name(client, make_comment):
    said = words(make_comment(), category="child-abuse", name="", email="")
    assert client.post(NEW, said).status_code == 303
    assert LegalNotice.objects.get().name == ""


def test_comment_is_named_by_its_anchor_as_well(client, make_comment):
    comment = make_comment()
    url = f"{comment.article.get_absolute_url()}#comment-{comment.pk}"
    client.post(NEW, words(comment, url=url))
    assert LegalNotice.objects.get().comment == comment


def test_notice_about_a_story_is_taken(client, make_comment):
    comment = make_comment()
    client.post(NEW, words(comment, url=comment.article.get_absolute_url()))
    notice = LegalNotice.objects.get()
    assert (notice.comment, notice.article) == (None, comment.article)


def test_what_a_machine_filled_in_is_not_kept(client, make_comment):
    client.post(NEW, words(make_comment(), website="https://spam.example"))
    assert not LegalNotice.objects.exists()


def test_many_notices_from_one_address_wait(client, make_comment):
    comment = make_comment()
    answers = [client.post(NEW, words(comment)) for _ in range(11)]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
    assert LegalNotice.objects.count() == 10


def test_hidden_while_reviewed_and_shown_again(notice, moderator):
    notice.hide(moderator)
    notice.comment.refresh_from_db()
    assert notice.comment.is_pending
    assert notice.hidden_at
    notice.keep(moderator, "It is an opinion, and the law allows it.")
    notice.comment.refresh_from_db()
    assert notice.comment.is_visible
    assert notice.comment.latest_decision.source == Decision.Source.NOTICE


def test_removed_for_the_law_and_both_sides_are_told_why(notice, moderator, mailoutbox):
    notice.remove(
        moderator, "defamation", "It claims what is not so.", Decision.Ground.ILLEGAL, "§ 186 StGB"
    )
    comment = Comment.objects.get(pk=notice.comment_id)
    assert comment.status == Comment.Status.REJECTED
    assert (notice.outcome, notice.decision.law) == ("removed", "§ 186 StGB")
    mailing.dispatch_due()
    mailing.deliver_due()
    to = {mail.to[0]: mail.body for mail in mailoutbox}
    assert "It claims what is not so." in to["ines@example.org"]
    author = to[comment.author.email]
    assert "§ 186 StGB" in author
    assert "Ines" not in author
    assert Notice.objects.filter(person=comment.author, kind="rejected").exists()


def test_law_is_named_where_it_is_the_ground(notice, moderator):
    with pytest.raises(InvalidMove, match="law"):
        notice.remove(moderator, "defamation", "It is.", Decision.Ground.ILLEGAL)


def test_notice_is_answered_once_and_with_a_reason(notice, moderator, make_user):
    with pytest.raises(InvalidMove, match="reason"):
        notice.keep(moderator, " ")
    notice.keep(moderator, "It is an opinion.")
    with pytest.raises(InvalidMove, match="quicker"):
        notice.keep(make_user(role="moderator"), "So say I.")


def test_comment_that_stays_stays_visible_with_a_decision_on_record(notice, moderator):
    notice.keep(moderator, "It is an opinion.")
    decision = notice.comment.latest_decision
    assert (decision.before, decision.after, decision.source) == ("approved", "approved", "notice")


def test_objection_is_for_somebody_else(client, notice, moderator, make_user):
    notice.keep(moderator, "It is an opinion.")
    page = f"/notices/{notice.token}/"
    assert client.post(page, {"text": "It is a claim."}).status_code == 303
    notice.refresh_from_db()
    assert notice.is_open
    with pytest.raises(InvalidMove, match="first answer"):
        notice.keep(moderator, "Still.")
    notice.keep(make_user(role="moderator"), "I think so too.")
    assert client.post(page, {"text": "Again."}).status_code == 422


def test_who_sent_it_is_forgotten_when_it_is_over(notice, moderator):
    notice.keep(moderator, "It is an opinion.")
    LegalNotice.objects.forget()
    notice.refresh_from_db()
    assert notice.name
    with time_machine.travel(notice.answered_at + datetime.timedelta(days=185), tick=False):
        LegalNotice.objects.forget()
    notice.refresh_from_db()
    assert (notice.name, notice.email) == ("", "")


def test_link_to_a_notice_is_at_every_comment_and_in_the_footer(client, make_comment):
    comment = make_comment()
    html = client.get(comment.article.get_absolute_url()).text
    assert f"/notices/new/?comment={comment.pk}" in html
    assert 'href="/notices/new/"' in html
