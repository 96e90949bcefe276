"""What everybody reads of the desk's work: counted from the record, with nobody's name in it."""

import csv
import datetime
import io
import re
from html import unescape

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from comments import chain, export, transparency
from comments.models import Appeal, Comment, Decision, LegalNotice, Revision, Sanction, Terms
from comments.views.transparency import PACE
from newsroom.shared_pages import FOR_EVERYONE

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 6, 20, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _midday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def work(make_comment, make_user, moderator):
    """Two rejections (one by law and marked before), an approval, spam, and an undone one."""
    author = make_user()
    held = Comment.Status.PENDING
    marked = make_comment(author=author, status=held)
    marked.findings.create(check_name="links", reason="two links")
    marked.reject(moderator, "defamation", ground=Decision.Ground.ILLEGAL, law="Section 1")
    make_comment(author=author).reject(moderator, "attack")
    let = make_comment(status=held)
    let.findings.create(check_name="links", reason="two links")
    let.approve(moderator)
    make_comment(status=held).mark_spam(moderator)
    oops = make_comment(status=held)
    oops.undo(oops.reject(moderator, "advert"), moderator)
    return author


def period():
    return transparency.of(NOW - datetime.timedelta(days=1), NOW + datetime.timedelta(days=1))


def test_figures_are_those_of_the_record(work):
    found = period()
    assert (found.decided, found.approved, found.removed, found.on_law) == (4, 1, 3, 1)
    assert {label: count for label, count, _ in found.by_reason} == {
        "Unproven claim about a person": 1, "Personal attack": 1, "Spam": 1,
    }  # fmt: skip
    assert (found.detected, found.detected_kept, found.error_share) == (2, 1, 50)
    assert found.moderators == 1


def test_figures_can_be_counted_again_from_the_exported_log(work):
    chain.seal_due()
    log = "".join(export.lines(export.LOG, export.log()))
    rows = list(csv.DictReader(io.StringIO(log)))
    undone = {row["undoes"] for row in rows if row["undoes"]}
    judged = [
        row for row in rows
        if row["kind"] == "decision" and row["is_by_person"] == "yes"
        and row["what"] in {"decide", "reverse"} and row["ref"] not in undone
        and row["after"] != "removed"
    ]  # fmt: skip
    found = period()
    assert len(judged) == found.decided
    gone = [row for row in judged if row["after"] in {"rejected", "spam"}]
    assert len(gone) == found.removed
    assert sum(row["ground"] == "illegal" for row in gone) == found.on_law
    assert sum(row["is_detected_by_rule"] == "yes" for row in judged) == found.detected


def test_hiding_for_a_look_is_no_verdict_yet(make_comment, moderator):
    comment = make_comment()
    comment.hold_back(findings=[], by=moderator, source=Decision.Source.NOTICE)
    assert period().decided == 0
    comment.approve(moderator)
    assert (period().decided, period().approved) == (1, 1)


def test_page_tells_a_period_and_the_table_has_the_same(client, work):
    page = client.get("/transparency/?from=2026-06-01&to=2026-06-21")
    assert "1 published or kept, 3 not published" in " ".join(page.text.split())
    assert "4:" in page.text
    table = client.get("/transparency.csv?from=2026-06-01&to=2026-06-21")
    rows = list(csv.reader(io.StringIO(table.getvalue().decode())))
    assert ["decisions by people", "all", "4"] in rows
    assert "Nothing was decided" in client.get("/transparency/?from=2025-01-01&to=2025-12-31").text


@pytest.mark.parametrize(
    "query", ["from=yesterday", "from=2026-13-01", "from=2026-06-02&to=2026-06-01",
              "from=2020-01-01&to=2026-01-01", "to=0000-00-00",
              "from=9999-01-01&to=9999-12-31", "to=9999-12-31", "to=0001-01-01",
              "from=0001-01-01&to=0001-01-02", "from=1989-12-31&to=1990-01-05", "to=2026-06-22"],
)  # fmt: skip
def test_period_that_is_none_is_not_found(client, at_desk, query):
    assert client.get(f"/transparency/?{query}").status_code == 404
    assert client.get(f"/transparency.csv?{query}").status_code == 404
    for path in ("statistics/", "statistics.csv", "export/statements.csv"):
        assert at_desk.get(f"/admin/comments/comment/{path}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["to=1990-01-01", "to=2026-06-21", "from=2026-06-21"])
def test_period_at_the_edge_is_found(client, query):
    expected = 404 if query == "from=2026-06-21" else 200  # it would end before it begins
    assert client.get(f"/transparency/?{query}").status_code == expected


def test_page_costs_the_same_however_much_was_decided(
    client, work, make_comment, moderator, django_assert_num_queries
):
    with django_assert_num_queries(11):
        client.get("/transparency/")
    for _ in range(20):
        make_comment().reject(moderator, "attack")
    cache.clear()
    with django_assert_num_queries(11):
        client.get("/transparency/")


def test_period_is_counted_once_in_ten_minutes_and_one_that_is_over_once_in_a_day(
    client, work, make_comment, moderator, django_assert_num_queries
):
    this_year, may = "/transparency/", "/transparency/?from=2026-05-01&to=2026-05-31"
    for path in (this_year, may):
        client.get(path)
    make_comment().reject(moderator, "attack")
    with django_assert_num_queries(2):  # the head of the log, and the foot of the page
        assert "4: 1 published" in client.get(this_year).text
    with time_machine.travel(NOW + datetime.timedelta(minutes=11), tick=False):
        assert "5: 1 published" in client.get(this_year).text
        with django_assert_num_queries(2):
            client.get(may)
    tomorrow = time_machine.travel(NOW + datetime.timedelta(days=1, minutes=1), tick=False)
    with tomorrow, django_assert_num_queries(11):
        client.get(may)


def test_table_is_told_from_what_the_page_had_counted(client, work, django_assert_num_queries):
    client.get("/transparency/")
    with django_assert_num_queries(0):
        client.get("/transparency.csv")


@pytest.mark.parametrize("path", ["/transparency/", "/transparency.csv"])
def test_whoever_chooses_period_after_period_has_to_wait(client, settings, path):
    settings.LIMITS = True
    days = [NOW.date() - datetime.timedelta(days=back) for back in range(1, PACE[0] + 2)]
    *allowed, last = [f"{path}?from={day}&to={day}" for day in days]
    assert {client.get(one).status_code for one in allowed} == {200}
    refused = client.get(last)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 600
    assert "A moment, please" in refused.text
    assert "public" not in refused["Cache-Control"]
    # Not what is known already, nor what the page offers, nor anybody else.
    assert client.get(allowed[0]).status_code == 200
    assert client.get(path).status_code == 200
    assert client.get(f"{path}?from=2025-01-01&to=2025-12-31").status_code == 200
    assert client.get(last, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_every_year_that_the_page_offers_can_be_opened(client):
    page = client.get("/transparency/").text
    offered = re.findall(r'href="(\?from=[^"]+)"', page)
    assert len(offered) == 4
    for query in offered:
        assert client.get(f"/transparency/{unescape(query)}").status_code == 200


def test_cache_that_is_down_costs_the_counting_and_no_page(client, work, settings, monkeypatch):
    settings.LIMITS = True

    def down(*args, **kwargs):
        raise ConnectionError("no cache")

    for name in ("get", "set", "add"):
        monkeypatch.setattr(type(cache._connections["default"]), name, down)
    assert "4: 1 published" in client.get("/transparency/").text
    # Nobody can count how many others were chosen.
    assert client.get("/transparency/?from=2026-06-01&to=2026-06-02").status_code == 429


@pytest.mark.parametrize("path", ["/transparency/", "/transparency.csv"])
def test_a_cache_in_front_may_keep_it(client, path):
    answer = client.get(path)
    assert answer["Cache-Control"] == FOR_EVERYONE
    assert "Cookie" in answer["Vary"]


def test_removals_are_told_by_source_and_own_ones_by_reason_and_detection(
    client, make_comment, moderator, reader
):
    marked = make_comment(status=Comment.Status.PENDING)
    marked.findings.create(check_name="links", reason="two links")
    marked.reject(moderator, "attack")
    make_comment().reject(moderator, "attack")
    make_comment().reject(moderator, "attack", source="report")
    make_comment().reject(moderator, "hate", source="notice")
    make_comment().mark_spam(moderator, source="report")
    found = period()
    assert found.by_reason == [("Personal attack", 3, 1), ("Hate or discrimination", 1, 0),
                               ("Spam", 1, 0)]  # fmt: skip
    assert found.by_source == [
        ("Readers' reports", 2, 0), ("The desk's own initiative", 2, 1),
        ("A notice of illegal content", 1, 0),
    ]  # fmt: skip
    assert found.own_by_reason == [("Personal attack", 2, 1)]
    text = client.get("/transparency.csv").getvalue().decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert ["removals by source", "Readers' reports", "2"] in rows
    assert ["own-initiative removals by reason", "Personal attack", "2"] in rows
    assert [
        "own-initiative removals by reason, marked by a check before", "Personal attack", "1",
    ] in rows  # fmt: skip
    page = client.get("/transparency/").text
    assert "<td>Readers&#x27; reports</td><td>2</td><td>0</td>" in page
    assert "On the desk’s own initiative" in page


def test_what_rules_did_alone_is_told_by_rule(client, write, make_comment):
    make_comment().hold_back(rule="reported by several readers", findings=[])
    write().show_or_hold([])
    found = period()
    told = [rule for rule in found.rules if rule[0] != "fixture"]
    assert told == [("no check had a finding", 1, 0), ("reported by several readers", 0, 1)]
    assert found.by_rule == sum(shown + hidden for _, shown, hidden in found.rules)
    rows = list(csv.reader(io.StringIO(client.get("/transparency.csv").getvalue().decode())))
    assert ["automation by rule", "no check had a finding: published", "1"] in rows
    assert (
        "<td>Reported by several readers</td><td>0</td><td>1</td>"
        in client.get("/transparency/").text
    )


def test_whole_hours_are_told_whole(client, make_comment, moderator):
    LegalNotice.objects.create(
        url="x", comment=make_comment(), category="copied", why="Mine.", name="A",
        email="a@b.example", at=NOW - datetime.timedelta(hours=3),
    ).keep(moderator, "A quotation.")  # fmt: skip
    assert "answered within 3 hours." in client.get("/transparency/").text


def test_appeals_notices_and_sanctions_are_counted(work, make_user, make_comment, moderator):
    other = make_user(role="moderator")
    decision = Decision.objects.get(reason="attack")
    Appeal.file(decision, "No.").grant(other, "Right, it can stand.")
    comment = make_comment()
    notice = LegalNotice.objects.create(
        url="x", comment=comment, category="copied", why="Mine.", name="A", email="a@b.example"
    )
    notice.keep(moderator, "A quotation.")
    Sanction.impose(work, "warn", by=moderator, reason="attack")
    found = period()
    assert (found.appeals, found.granted_share) == (1, 100)
    assert found.notices == [("Copyright", 0, 1, 0)]
    assert found.sanctions == [("Warning", 1)]


def statements():
    rows = list(export.statements(NOW - datetime.timedelta(days=1), NOW + datetime.timedelta(1)))
    return [dict(zip(export.STATEMENT, row, strict=True)) for row in rows], rows


def test_statements_of_reasons_have_the_shape_of_the_database_and_no_name(
    work, moderator, settings
):
    settings.TERRITORIAL_SCOPE = ["IE", "FR"]
    found, rows = statements()
    assert len(found) == 2  # what was undone happened to nobody; spam needs none
    by_reason = {row["incompatible_content_ground"]: row for row in found}
    law = by_reason[""]
    assert law["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert law["illegal_content_legal_ground"] == "Section 1"
    assert law["automated_detection"] == "Yes"
    assert law["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"
    assert law["decision_ground_reference_url"] == law["incompatible_content_illegal"] == ""
    rude = by_reason["Personal attack"]
    assert rude["decision_visibility"] == '["DECISION_VISIBILITY_CONTENT_REMOVED"]'
    assert rude["category"] == "STATEMENT_CATEGORY_CYBER_VIOLENCE"
    assert rude["content_type"] == '["CONTENT_TYPE_TEXT"]'
    assert rude["territorial_scope"] == '["IE", "FR"]'
    assert rude["decision_ground_reference_url"].endswith("/terms/#attack")
    text = "".join(export.lines(export.STATEMENT, rows))
    for private in (moderator.username, work.username, "@example.org"):
        assert private not in text


def test_hiding_and_closing_have_statements_of_their_own(make_comment, moderator):
    make_comment().hold_back(rule="reported by several readers", findings=[])
    make_comment().close_thread(moderator, "off-topic")
    (hidden, closed), _ = statements()
    assert hidden["decision_visibility"] == '["DECISION_VISIBILITY_CONTENT_DISABLED"]'
    assert hidden["automated_decision"] == "AUTOMATED_DECISION_FULLY"
    assert closed["decision_visibility"] == '["DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED"]'


def test_closed_thread_says_why(make_comment, moderator):
    make_comment().close_thread(moderator, "attack")
    (closed,), _ = statements()
    assert closed["category"] == "STATEMENT_CATEGORY_CYBER_VIOLENCE"
    assert closed["incompatible_content_ground"] == "Personal attack"
    assert "takes no more answers" in closed["decision_facts"]


def test_refused_edit_is_no_removal(make_comment, moderator):
    comment = make_comment()
    edit = Revision.of(comment)
    edit.propose([])
    edit.reject(moderator, "hate")
    (row,), _ = statements()
    assert row["decision_visibility"] == '["DECISION_VISIBILITY_OTHER"]'
    assert "new text of a visible comment was not shown" in row["decision_visibility_other"]
    assert row["category"] == "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
    assert "the text as it was stays" in row["decision_facts"]


def test_other_statements_name_no_other_visibility(make_comment, moderator):
    make_comment().reject(moderator, "hate")
    (row,), _ = statements()
    assert row["decision_visibility_other"] == ""


@pytest.mark.parametrize(
    ("kind", "days", "field", "value"),
    [
        ("suspend", 7, "decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION"),
        ("stop-reports", 7, "decision_provision", "DECISION_PROVISION_PARTIAL_SUSPENSION"),
        ("ban", 0, "decision_provision", "DECISION_PROVISION_PARTIAL_TERMINATION"),
        ("premoderate", 0, "decision_visibility", '["DECISION_VISIBILITY_OTHER"]'),
    ],
)
def test_what_is_decided_about_people_has_a_statement_with_its_end(
    make_user, moderator, kind, days, field, value
):
    until = NOW + datetime.timedelta(days=days) if days else None
    Sanction.impose(make_user(), kind, by=moderator, reason="scam", until=until)
    (row,), _ = statements()
    assert row[field] == value
    assert row["end_date_service_restriction"] == ("2026-06-27" if days else "")
    assert row["category"] == "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"


def test_warning_takes_nothing_away_and_has_no_statement(make_user, moderator):
    Sanction.impose(make_user(), "warn", by=moderator, reason="attack")
    assert statements() == ([], [])


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_cell_is_no_formula(cell):
    assert export.safe(cell) == f"'{cell}"
    assert export.safe(f"a{cell}") == f"a{cell}"


def test_export_is_for_the_desk(client, reader, at_desk, make_user):
    assert at_desk.get("/admin/comments/comment/export/statements.csv").status_code == 200
    assert at_desk.get("/admin/comments/comment/export/log.csv").status_code == 403
    client.force_login(make_user(role="administrator"))
    assert client.get("/admin/comments/comment/export/log.csv").status_code == 200


# The rules ----------------------------------------------------------------------------------------


def publish(text, changes="", at=NOW):
    rules = Terms(text=text, changes=changes, in_force_at=at)
    rules.publish()
    return rules


def test_rules_that_hold_are_shown_and_earlier_ones_stay(client):
    publish("Be kind.", at=NOW - datetime.timedelta(days=90))
    publish("Be kind. *Always.*", "One word more.")
    publish("Be quiet.", at=NOW + datetime.timedelta(days=1))
    page = client.get("/terms/").text
    assert "<em>Always.</em>" in page
    assert "Be quiet" not in page
    assert client.get("/terms/1/").status_code == 200
    assert "<ins> *Always.*</ins>" in client.get("/terms/2/").text
    assert client.get("/terms/3/").status_code == 404
    assert client.get("/terms.json").json()["version"] == 2


def test_only_earlier_rules_stand_under_earlier_versions(client):
    publish("Be kind.", at=NOW - datetime.timedelta(days=90))
    assert "Earlier versions" not in client.get("/terms/").text
    publish("Be kinder.")
    page = client.get("/terms/").text
    assert '<a href="/terms/1/">' in page
    assert '<a href="/terms/2/">' not in page


def test_lines_of_a_paragraph_of_the_rules_run_on(client):
    publish("You know\nthat you will meet again.\n\nBe kind.")
    for path in ("/terms/", "/terms/1/"):
        page = " ".join(client.get(path).text.split())
        assert "<p>You know that you will meet again.</p> <p>Be kind.</p>" in page


def test_rules_do_not_deny_that_words_are_refused_at_once(client):
    page = client.get("/terms/").text
    assert "none rejects" not in page
    assert "refused at once" in page


def test_text_of_the_rules_is_cleaned(client):
    publish("<script>alert(1)</script> **Yes**")
    page = client.get("/terms/").text
    assert "<script>alert" not in page
    assert "<strong>Yes</strong>" in page


def test_changed_rules_are_told_above_the_form_for_a_month(client, reader, article):
    publish("Be kind.", "a line about machines.")
    client.force_login(reader)
    assert "a line about machines." in client.get(article.get_absolute_url()).text
    with time_machine.travel(NOW + datetime.timedelta(days=31), tick=False):
        client.force_login(reader)
        assert "a line about machines." not in client.get(article.get_absolute_url()).text


def test_comment_remembers_under_which_rules_it_was_written(write):
    assert write().submit().terms_version is None
    publish("Be kind.")
    # Looked up once a minute.
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=2), tick=False):
        assert write("Something else.").submit().terms_version == 1
