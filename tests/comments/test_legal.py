"""Notices of illegal content: from anybody, with a receipt, a clock, a decision and an answer."""

import csv
import datetime
import io
import re

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import chain, export, mailing, tasks
from comments.models import (
    Comment,
    Decision,
    Dispatch,
    InvalidMove,
    LegalNotice,
    Link,
    Notice,
    Report,
    StaleDecision,
)

pytestmark = pytest.mark.django_db
NEW = "/notices/new/"
DAY = datetime.timedelta(days=1)
ANSWER = "/admin/comments/comment/legal/{}/"
QUEUE = "/admin/comments/comment/desk/?queue=legal"


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


def test_form_with_the_trap_filled_in_is_refused_with_all_that_was_written(client, make_comment):
    answer = client.post(NEW, words(make_comment(), website="https://spam.example"))
    assert answer.status_code == 422
    assert not LegalNotice.objects.exists()
    assert "It says that I took money." in answer.text
    assert "a field that people do not see, as machines do" in answer.text
    assert "spam.example" not in answer.text
    client.post(NEW, words(make_comment(), website=""))
    assert LegalNotice.objects.count() == 1


def test_trap_is_out_of_sight_and_out_of_the_way(client, db):
    html = client.get(NEW).text
    trap = html[html.index('class="honeypot"') :]
    field = trap[trap.index("<input") : trap.index(">", trap.index("<input"))]
    assert 'tabindex="-1"' in field
    assert 'autocomplete="off"' in field
    assert 'class="trap"' not in html


def test_form_begins_with_a_choice_to_make_and_says_where_to_report(client, db):
    html = client.get(NEW).text
    assert "---------" not in html
    assert '<option value="" selected>Choose</option>' in html
    assert "“Report” under the comment" in html


def test_notice_is_about_the_story_at_that_address(client, make_article):
    older = make_article(slug="flood", published_at=timezone.now() - 9 * DAY)
    make_article(slug="flood", published_at=timezone.now() - 2 * DAY)
    page = make_article(slug="flood", kind="page")
    about = {}
    for one in (older, page):
        for url in (one.get_absolute_url(), f"{one.get_absolute_url()}comments/"):
            fields = words(Comment(pk=1), url=f"{settings.SITE_URL}{url}")
            assert client.post(NEW, fields).status_code == 303
            about.setdefault(one, set()).add(LegalNotice.objects.latest("pk").article)
    assert about == {older: {older}, page: {page}}


def test_story_whose_address_is_written_with_percents_is_found(client, make_article):
    story = make_article(slug="überschwemmung")
    client.post(NEW, words(Comment(pk=1), url=f"{settings.SITE_URL}{story.get_absolute_url()}"))
    assert LegalNotice.objects.get().article == story


def test_page_of_a_notice_leads_to_what_it_is_about(client, notice, moderator):
    page = f"/notices/{notice.token}/"
    assert f'href="{notice.comment.get_absolute_url()}"' in client.get(page).text
    notice.remove(moderator, "attack", "It is.", Decision.Ground.TERMS)
    html = client.get(page).text
    assert f'href="{notice.comment.get_absolute_url()}"' not in html
    assert f'href="{notice.article.get_absolute_url()}"' in html


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


def test_who_hides_it_while_they_look_is_on_record(notice, moderator):
    notice.hide(moderator)
    decision = notice.comment.latest_decision
    assert (decision.by, decision.source, decision.rule) == (moderator, "notice", "")
    now = timezone.now()
    (row,) = export.statements(now - DAY, now + DAY)
    said = dict(zip(export.STATEMENT, row, strict=True))
    assert said["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"
    assert said["source_type"] == "SOURCE_ARTICLE_16"


def test_author_of_what_is_hidden_reads_of_the_notice_but_not_whose(
    client, notice, moderator, mailoutbox
):
    notice.hide(moderator)
    client.force_login(notice.comment.author)
    listed = client.get("/account/notifications/").text
    own = client.get("/account/comments/").text
    mailing.deliver_due()
    (mail,) = mailoutbox
    for text in (listed, own, mail.body):
        assert "gave notice that" in text
        assert "against the law" in text
        assert "moderator" in text
        assert "eaders reported it" not in text
        assert "Ines" not in text


def test_hiding_it_answers_no_report(notice, moderator, make_user):
    report = Report.make(notice.comment, make_user(), "attack")
    notice.hide(moderator)
    report.refresh_from_db()
    assert report.decision is None
    assert not Notice.objects.filter(kind="report").exists()
    notice.keep(moderator, "It is an opinion.")
    report.refresh_from_db()
    assert report.decision.after == Comment.Status.APPROVED


def test_what_a_colleague_answered_meanwhile_is_not_hidden(notice, moderator, make_user):
    seen = LegalNotice.objects.select_related("comment").get(pk=notice.pk)
    notice.keep(make_user(role="moderator"), "It is an opinion.")
    with pytest.raises(InvalidMove, match="quicker"):
        seen.hide(moderator)
    assert Comment.objects.get(pk=notice.comment_id).is_visible


def test_what_is_rejected_already_is_not_said_to_stay(notice, moderator, make_user, mailoutbox):
    Comment.objects.get(pk=notice.comment_id).reject(make_user(role="moderator"), "attack")
    with pytest.raises(InvalidMove, match="rejected"):
        notice.keep(moderator, "It is an opinion.")
    notice.refresh_from_db()
    assert notice.is_open
    notice.remove(moderator, "", "It was an attack.", Decision.Ground.TERMS)
    assert notice.outcome == LegalNotice.Outcome.REMOVED


@pytest.mark.parametrize("verb", ["remove", "keep"])
def test_comment_that_was_edited_since_is_not_decided_on_unseen(at_desk, notice, verb):
    html = at_desk.get(QUEUE).text
    assert f'name="version" value="{notice.comment.version}"' in html
    fields = {"do": verb, "answer": "So it is.", "reason": "attack"}
    fields["version"] = notice.comment.version
    notice.comment.edit("What I meant is something else.")
    answer = at_desk.post(ANSWER.format(notice.pk), fields)
    assert answer.status_code == 409
    assert "The comment was edited since you opened it." in answer.text
    assert "So it is." in answer.text
    notice.refresh_from_db()
    assert notice.is_open
    del fields["version"]
    assert at_desk.post(ANSWER.format(notice.pk), fields).status_code == 409
    fields["version"] = Comment.objects.get(pk=notice.comment_id).version
    assert at_desk.post(ANSWER.format(notice.pk), fields).status_code == 302


def test_model_refuses_a_version_that_is_not_the_last(notice, moderator):
    with pytest.raises(StaleDecision):
        notice.keep(moderator, "It is an opinion.", version=notice.comment.version - 1)


def test_reason_is_chosen_by_the_moderator_or_nothing_happens(at_desk, notice):
    html = at_desk.get(QUEUE).text
    select = html[html.index('<select name="reason"') :]
    assert select.index('<option value="">Choose</option>') < select.index('value="attack"')
    fields = {"do": "remove", "answer": "It goes.", "reason": "", "law": "§ 186"}
    answer = at_desk.post(ANSWER.format(notice.pk), {**fields, "version": notice.comment.version})
    assert answer.status_code == 409
    assert "needs a reason" in answer.text
    assert ">It goes.</textarea>" in answer.text
    assert 'value="§ 186"' in answer.text
    notice.refresh_from_db()
    assert notice.is_open


def test_desk_knows_of_a_notice_from_when_it_was_shown(at_desk, notice, moderator, client):
    page = at_desk.get(QUEUE).text
    notice.refresh_from_db()
    assert (notice.seen_by, notice.seen_at is not None) == (moderator, True)
    assert "first read" in page
    before = notice.seen_at
    with time_machine.travel(timezone.now() + DAY):
        at_desk.get(QUEUE)
    notice.refresh_from_db()
    assert notice.seen_at == before


def test_that_it_was_shown_is_noted_at_the_same_cost_for_any_number(
    at_desk, notice, django_assert_num_queries
):
    def copy(count):
        for _ in range(count):
            LegalNotice.objects.create(
                url="/", article=notice.article, category="hate", why="It is.", email="a@b.example"
            )

    at_desk.get(QUEUE)
    copy(1)
    with CaptureQueriesContext(connection) as few:
        at_desk.get(QUEUE)
    copy(10)
    with django_assert_num_queries(len(few)):
        at_desk.get(QUEUE)
    assert not LegalNotice.objects.filter(seen_at__isnull=True).exists()


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


def damages():
    return [step for step in chain.verify() if isinstance(step, chain.Damage)]


def test_objection_to_a_sealed_answer_leaves_the_chain_whole(notice, moderator, make_user):
    notice.keep(moderator, "It is an opinion.")
    chain.seal_due()
    notice.object_to("It is a claim.")
    assert damages() == []
    chain.seal_due()
    assert damages() == []
    notice.remove(make_user(role="moderator"), "defamation", "It is.", Decision.Ground.TERMS)
    assert chain.seal_due() == 2  # the decision, and the second answer
    assert damages() == []
    lines = export.lines(export.LOG, export.log())
    rows = list(csv.DictReader(io.StringIO("".join(lines))))
    assert [step for step in chain.verify_file(rows) if isinstance(step, chain.Damage)] == []
    answers = [(row["kind"], row["what"]) for row in rows if row["ref"] == notice.ref]
    assert answers == [("legal", "kept"), ("objection", "removed")]


def test_both_answers_are_sealed_when_the_worker_was_away(notice, moderator, make_user):
    notice.keep(moderator, "It is an opinion.")
    notice.object_to("It is a claim.")
    notice.keep(make_user(role="moderator"), "I think so too.")
    chain.seal_due()
    assert Link.objects.filter(row=notice.pk, kind__in=["legal", "objection"]).count() == 2
    assert damages() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("first_answer", "x"), ("first_outcome", "removed"), ("objection", "x"), ("answer", "x"),
     ("outcome", "removed"), ("first_answered_by", None), ("objected_at", "now")],
)  # fmt: skip
def test_changed_answer_or_objection_is_found(notice, moderator, make_user, column, value):
    notice.keep(moderator, "It is an opinion.")
    notice.object_to("It is a claim.")
    notice.keep(make_user(role="moderator"), "I think so too.")
    chain.seal_due()
    value = timezone.now() if value == "now" else value
    LegalNotice.objects.filter(pk=notice.pk).update(**{column: value})
    (damage,) = damages()
    assert "was changed" in damage.what


def test_notice_that_was_objected_to_waits_and_is_counted_once_it_is_answered(
    notice, moderator, make_user
):
    notice.keep(moderator, "It is an opinion.")
    first = notice.decision
    notice.object_to("It is a claim.")
    assert list(LegalNotice.objects.open()) == [notice]
    assert (notice.first_outcome, notice.first_decision, notice.decision) == ("kept", first, None)
    notice.remove(make_user(role="moderator"), "defamation", "It is.", Decision.Ground.TERMS)
    assert list(LegalNotice.objects.open()) == []
    assert notice.decision.after == Comment.Status.REJECTED
    assert (notice.first_answer, notice.answer) == ("It is an opinion.", "It is.")


def test_mails_to_a_sender_are_forgotten_after_a_month(client, make_comment, moderator):
    client.post(NEW, words(make_comment()))
    LegalNotice.objects.get().keep(moderator, "It is an opinion.")
    mailing.dispatch_due()
    assert Dispatch.objects.filter(address="ines@example.org", status="sent").count() == 2
    with time_machine.travel(timezone.now() + 29 * DAY):
        tasks.tidy()
    assert Dispatch.objects.filter(address="ines@example.org").count() == 2
    with time_machine.travel(timezone.now() + 31 * DAY):
        tasks.tidy()
    assert not Dispatch.objects.filter(address="ines@example.org").exists()


def test_who_sent_it_is_forgotten_when_it_is_over(notice, moderator, make_user):
    LegalNotice.objects.filter(pk=notice.pk).update(reporter=make_user())
    notice.refresh_from_db()
    notice.keep(moderator, "It is an opinion.")
    LegalNotice.objects.forget()
    notice.refresh_from_db()
    assert notice.name
    assert notice.reporter
    with time_machine.travel(notice.answered_at + datetime.timedelta(days=185), tick=False):
        LegalNotice.objects.forget()
    notice.refresh_from_db()
    assert (notice.name, notice.email, notice.reporter) == ("", "", None)


# Who sends what is baseless -----------------------------------------------------------------------


def answered(article, outcome, count, at=None, **sender):
    for _ in range(count):
        LegalNotice.objects.create(
            url="/", article=article, category="hate", why="It is.", outcome=outcome,
            answered_at=at or timezone.now(), **sender,
        )  # fmt: skip


def test_senders_whose_notices_were_mostly_baseless_are_listed_with_their_numbers(
    at_desk, article, make_user
):
    often, seldom = make_user(display_name="Often Wrong"), make_user(display_name="Twice Wrong")
    answered(article, "kept", 6, reporter=often, email="often@example.org")
    answered(article, "removed", 1, reporter=often, email="other@example.org")
    answered(article, "kept", 2, reporter=seldom, email="twice@example.org")
    answered(article, "kept", 3, email="Nobody@Example.org")
    answered(article, "kept", 2, email="nobody@example.org")
    answered(article, "kept", 4, email="right@example.org")
    answered(article, "removed", 1, email="right@example.org")
    answered(article, "passed-on", 5, email="story@example.org")
    answered(article, "kept", 5, timezone.now() - 366 * DAY, email="longago@example.org")
    page = at_desk.get("/admin/comments/comment/people/reporters/").text
    part = page[page.index("Who sends notices of illegal content") :]
    rows = re.findall(r"<tr><td>(.*?)</td><td[^>]*>(\d+)</td><td[^>]*>(\d+)</td>", part)
    found = [(re.sub("<.*?>", "", who), up, all_) for who, up, all_ in rows]
    assert found == [("Often Wrong", "1", "7"), ("nobody@example.org", "0", "5")]


def test_addresses_of_senders_are_for_those_who_answer_notices(client, article, make_user):
    answered(article, "kept", 5, email="nobody@example.org")
    who = make_user()
    who.is_staff = True
    who.save()
    who.user_permissions.add(Permission.objects.get(codename="moderate_comment"))
    client.force_login(who)
    page = client.get("/admin/comments/comment/people/reporters/")
    assert page.status_code == 200
    assert "nobody@example.org" not in page.text


def test_reports_of_long_ago_are_not_held_against_anybody(
    at_desk, make_comment, make_user, moderator
):
    who = make_user(display_name="Once Wrong")
    for _ in range(5):
        comment = make_comment()
        decision = Decision.objects.create(
            comment=comment, by=moderator, before="approved", after="approved", comment_version=1,
            at=timezone.now() - 366 * DAY,
        )  # fmt: skip
        Report.objects.create(comment=comment, reporter=who, reason="attack", decision=decision)
    assert "Once Wrong" not in at_desk.get("/admin/comments/comment/people/reporters/").text


def test_link_to_a_notice_is_at_every_comment_and_in_the_footer(client, make_comment):
    comment = make_comment()
    html = client.get(comment.article.get_absolute_url()).text
    assert f"/notices/new/?comment={comment.pk}" in html
    assert 'href="/notices/new/"' in html
