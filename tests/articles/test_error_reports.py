"""A reader reports an error, the desk answers once, and the reader hears of it."""

import datetime
import threading

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from articles import error_letters, passages
from articles.models import Article, Correction, ErrorReport, InvalidMove
from articles.models.error_report import AnsweredAlready
from comments import mailing
from comments.models import Dispatch

BODY = (
    "<p>The river rose at <em>four</em> in the morning.</p>"
    "<p>Nobody’s cellar stayed dry &amp; the pumps – both – failed.</p>"
    "<h2>What comes next</h2><p>The council meets on Tuesday.</p>"
)


@pytest.fixture
def story(make_article):
    return make_article(body=BODY, headline="The river & the floor", dateline="PELLWORTH")


def form_of(article):
    return f"{article.get_absolute_url()}report-an-error/"


def send(client, article, **said):
    said = {"text": "It rose at five.", "quote": "The river rose at four"} | said
    return client.post(form_of(article), said)


def desk_page(report):
    return reverse("admin:articles_errorreport_change", args=[report.pk])


@pytest.fixture
def report(story):
    return ErrorReport.make(
        story, "It rose at five.", quote="rose at four", name="Ada", email="ada@example.org"
    )


# Reporting


def test_anybody_reports_an_error_and_gets_a_reference(client, story):
    answer = send(client, story, email="ada@example.org", name="Ada")
    report = ErrorReport.objects.get()
    assert answer.status_code == 303
    assert answer.url == f"/errors/{report.reference}/"
    assert (report.quote, report.text) == ("The river rose at four", "It rose at five.")
    assert report.is_open
    page = client.get(answer.url)
    assert report.reference in page.text
    assert "with the desk" in page.text
    assert page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"]


def test_story_leads_to_the_form_and_the_form_takes_the_passage_from_the_address(client, story):
    assert f'href="{form_of(story)}"' in client.get(story.get_absolute_url()).text
    page = client.get(form_of(story), {"quote": "  The river\n\nrose at four "})
    assert ">\nThe river rose at four</textarea>" in page.text
    assert "csrfmiddlewaretoken" in page.text
    long = client.get(form_of(story), {"quote": "x" * 5000})
    assert "x" * 1000 in long.text
    assert "x" * 1001 not in long.text


def test_standing_page_has_its_form_too(client, make_article):
    page = make_article(kind="page", slug="about")
    assert send(client, page, quote="").status_code == 303
    assert ErrorReport.objects.get().article == page


def test_nobody_reports_errors_in_what_readers_do_not_see(client, make_article, editor):
    hour = datetime.timedelta(hours=1)
    ahead = make_article(status=Article.Status.SCHEDULED, published_at=timezone.now() + hour)
    gone = make_article()
    gone.withdraw(by=editor, notice="It was wrong.")
    ended = make_article(published_at=timezone.now() - 2 * hour, expires_at=timezone.now() - hour)
    for article in (ahead, gone, ended):
        assert client.get(form_of(article)).status_code == 404
        assert send(client, article).status_code == 404
        with pytest.raises(InvalidMove):
            ErrorReport.make(article, "It is wrong.")
    assert not ErrorReport.objects.exists()


def test_report_without_words_or_with_a_wrong_address_keeps_what_was_typed(client, story):
    answer = send(client, story, text="", email="nowhere", name="Ada L.")
    assert answer.status_code == 422
    assert "Say what is wrong." in answer.text
    assert "Ada L." in answer.text
    assert "The river rose at four" in answer.text
    answer = send(client, story, text="y" * 4001)
    assert answer.status_code == 422
    assert "4,001 characters" in answer.text
    assert not ErrorReport.objects.exists()


def test_field_that_people_do_not_see_holds_up_machines_and_loses_nobody_a_word(client, story):
    answer = send(client, story, website="http://spam.example")
    assert answer.status_code == 422
    assert "please send the report once more" in answer.text
    assert "It rose at five." in answer.text
    assert "spam.example" not in answer.text
    assert not ErrorReport.objects.exists()


def test_report_sent_twice_is_one(client, story):
    assert send(client, story).url == send(client, story).url
    assert send(client, story, text="It rose at six.").url != send(client, story).url
    assert ErrorReport.objects.count() == 2


def test_eleventh_report_of_an_hour_waits_and_keeps_its_words(client, story):
    for number in range(ErrorReport.PACE[0]):
        assert send(client, story, text=f"Wrong, {number}.").status_code == 303
    answer = send(client, story, text="Wrong once more.")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert "Wrong once more." in answer.text
    assert ErrorReport.objects.count() == ErrorReport.PACE[0]
    elsewhere = client.post(form_of(story), {"text": "I too."}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 303


def test_one_reader_with_many_addresses_is_still_one(client, story, newcomer):
    client.force_login(newcomer)
    for number in range(ErrorReport.PACE[0]):
        sent = {"text": f"Wrong, {number}."}
        address = f"192.0.2.{number}"
        assert client.post(form_of(story), sent, REMOTE_ADDR=address).status_code == 303
    answer = client.post(form_of(story), {"text": "More."}, REMOTE_ADDR="192.0.2.99")
    assert answer.status_code == 429


def test_reports_wait_where_nobody_can_count_them(client, story, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(cache, "add", away)
    assert send(client, story).status_code == 429


def test_form_is_never_kept_and_the_story_carries_no_token(client, story):
    assert "no-store" in client.get(form_of(story))["Cache-Control"]
    assert "csrfmiddlewaretoken" not in client.get(story.get_absolute_url()).text


# What became of it


def test_status_page_tells_nothing_of_who_sent_it(client, report, editor):
    report.answer_with(editor, "unchanged", "The log of the gauge says four.")
    page = client.get(f"/errors/{report.reference.lower()}/").text
    assert "The log of the gauge says four." in page
    assert "Looked into, and left as it is" in page
    assert "rose at four" in page
    for secret in ("Ada", "ada@example.org", "It rose at five.", "editorial"):
        assert secret not in page


def test_status_page_repeats_no_words_that_are_not_the_storys(client, story):
    report = ErrorReport.make(story, "See there.", quote="Buy at spam.example")
    assert "spam.example" not in client.get(report.get_absolute_url()).text


@pytest.mark.parametrize("reference", ["E-AAAAAAAA", "E-", "x", "E-2345%00", "E-" + "A" * 300])
def test_reference_that_is_none_is_not_found(client, report, reference):
    assert client.get(f"/errors/{reference}/").status_code in {400, 404}


def test_of_a_killed_story_the_status_page_says_nothing(client, report, make_user):
    Article.objects.filter(pk=report.article_id).update(status=Article.Status.KILLED)
    page = client.get(report.get_absolute_url()).text
    assert report.article.headline not in page
    assert "rose at four" not in page


def test_answer_goes_out_once_and_without_the_readers_own_words(report, editor):
    assert error_letters.write_due(Dispatch.send) == 0
    report.answer_with(editor, "corrected", "You are right: it was five.")
    assert error_letters.write_due(Dispatch.send) == 1
    assert error_letters.write_due(Dispatch.send) == 0
    assert mailing.dispatch_due() == 1
    (letter,) = mail.outbox
    assert letter.to == ["ada@example.org"]
    assert report.reference in letter.subject
    assert "You are right: it was five." in letter.body
    assert f"/errors/{report.reference}/" in letter.body
    assert "The river & the floor" in letter.body
    # Whoever typed another's address here has not sent them a word.
    assert "It rose at five." not in letter.body


def test_nobody_is_written_to_who_left_no_address(story, editor):
    report = ErrorReport.make(story, "It rose at five.")
    report.answer_with(editor, "known", "We know.")
    assert error_letters.write_due(Dispatch.send) == 0
    assert not Dispatch.objects.exists()


def test_who_reported_is_forgotten_three_months_after_the_answer(report, editor, time_machine):
    ErrorReport.objects.filter(pk=report.pk).update(reader=editor)
    report.answer_with(editor, "known", "We know.")
    answered = report.answered_at
    time_machine.move_to(answered + datetime.timedelta(days=89))
    assert ErrorReport.objects.forget() == 0
    time_machine.move_to(answered + datetime.timedelta(days=91))
    assert ErrorReport.objects.forget() == 1
    assert ErrorReport.objects.forget() == 0
    report.refresh_from_db()
    assert (report.name, report.email, report.reader) == ("", "", None)
    assert report.answer == "We know."


def test_open_report_is_forgotten_by_nobody(report, time_machine):
    time_machine.move_to(timezone.now() + datetime.timedelta(days=400))
    assert ErrorReport.objects.forget() == 0


# Answering


def test_correction_comes_with_the_answer_in_one_step(client, report, editor):
    before = report.article.page_version
    report.answer_with(
        editor, "corrected", "You are right.", "correction", "It rose at five, not at four."
    )
    correction = Correction.objects.get()
    assert report.correction == correction
    assert correction.is_from_reader
    assert Article.objects.get(pk=report.article_id).page_version > before
    story = client.get(report.article.get_absolute_url()).text
    assert "It rose at five, not at four." in story
    assert "Reported by a reader" in story
    assert f"#correction-{correction.pk}" in client.get(report.get_absolute_url()).text


def test_correction_need_not_say_that_a_reader_found_it(report, editor):
    report.answer_with(
        editor, "clarified", "Thanks.", "clarification", "It rose twice.", names_a_reader=False
    )
    assert not Correction.objects.get().is_from_reader


@pytest.mark.parametrize(
    ("outcome", "words", "correction"),
    [("", "Thanks.", ""), ("nonsense", "Thanks.", ""), ("known", " ", ""), ("known", "Ta.", "x")],
)
def test_answer_that_says_nothing_is_refused(report, editor, outcome, words, correction):
    with pytest.raises(InvalidMove):
        report.answer_with(editor, outcome, words, "correction", correction)
    report.refresh_from_db()
    assert report.is_open
    assert not Correction.objects.exists()


def test_second_answer_is_refused_with_the_first(report, editor, make_user):
    other = make_user("bo", role="editor")
    mine, theirs = ErrorReport.objects.get(), ErrorReport.objects.get()
    theirs.answer_with(other, "known", "We know that one.")
    with pytest.raises(AnsweredAlready, match="We know that one"):
        mine.answer_with(editor, "corrected", "Right.", "correction", "It was five.")
    assert ErrorReport.objects.get().answered_by == other
    assert not Correction.objects.exists()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite locks the whole file")
@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts(make_article, make_user):
    report = ErrorReport.make(make_article(), "It is wrong.")
    people = [make_user(f"editor{n}", role="editor") for n in range(2)]
    refused = []

    def answer(by):
        try:
            ErrorReport.objects.get().answer_with(by, "corrected", "Yes.", "correction", "So.")
        except AnsweredAlready:
            refused.append(by)
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[by]) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Correction.objects.count() == 1
    report.refresh_from_db()
    assert report.answered_by not in refused


# At the desk


def test_editor_reads_the_passage_marked_and_answers(desk, report):
    page = desk.get(desk_page(report))
    assert page.status_code == 200
    assert '<mark id="passage">rose at </mark><em><mark>four</mark></em>' in page.text
    assert "It rose at five." in page.text
    assert "ada@example.org" not in page.text
    said = {
        "outcome": "corrected",
        "answer": "You are right.",
        "correction_kind": "correction",
        "correction_text": "It rose at five.",
        "names_a_reader": "on",
    }
    answer = desk.post(desk_page(report), said, follow=True)
    assert "The reader gets your words by mail." in answer.text
    report.refresh_from_db()
    assert report.outcome == "corrected"
    assert report.correction.text == "It rose at five."
    assert "You are right." in desk.get(desk_page(report)).text


def test_late_answer_at_the_desk_shows_both(desk, report, make_user):
    report.answer_with(make_user("bo", role="editor"), "known", "We know that one.")
    answer = desk.post(desk_page(report), {"outcome": "corrected", "answer": "Mine, typed long."})
    assert answer.status_code == 409
    assert "We know that one." in answer.text
    assert "Mine, typed long." in answer.text


def test_refused_answer_keeps_what_was_typed(desk, report):
    answer = desk.post(desk_page(report), {"answer": "Typed long."})
    assert answer.status_code == 422
    assert "Typed long." in answer.text
    said = {"outcome": "known", "answer": "Typed long.", "correction_text": "Something."}
    answer = desk.post(desk_page(report), said)
    assert answer.status_code == 422
    assert "A correction says that something was changed." in answer.text
    assert "Something." in answer.text
    assert ErrorReport.objects.get().is_open


def test_other_reports_on_the_passage_stand_beside_it_and_get_the_same_answer(desk, report):
    story = report.article
    near = ErrorReport.make(story, "Four? Five!", quote="at four in the morning", email="b@x.org")
    far = ErrorReport.make(story, "Wednesday.", quote="The council meets on Tuesday.")
    page = desk.get(desk_page(report)).text
    assert near.reference in page
    assert far.reference not in page
    said = {"outcome": "known", "answer": "We know.", "also": [near.pk]}
    assert desk.post(desk_page(report), said).status_code == 302
    near.refresh_from_db()
    far.refresh_from_db()
    assert near.answer == "We know."
    assert near.mail_due
    assert far.is_open


def test_no_answer_is_forced_on_a_report_elsewhere(desk, report, make_article):
    other = ErrorReport.make(make_article(), "It is wrong.", quote="rose at four")
    said = {"outcome": "known", "answer": "We know.", "also": [other.pk]}
    assert desk.post(desk_page(report), said).status_code == 422 or other.is_open
    other.refresh_from_db()
    assert other.is_open


def test_reporter_reads_reports_on_the_own_story_alone_and_answers_none(
    client, reporter, report, make_article
):
    own = make_article(created_by=reporter)
    mine = ErrorReport.make(own, "It is wrong there.")
    client.force_login(reporter)
    listed = client.get(reverse("admin:articles_errorreport_changelist")).text
    assert mine.reference in listed
    assert report.reference not in listed
    page = client.get(desk_page(mine))
    assert page.status_code == 200
    assert "It waits for an editor." in page.text
    assert client.get(desk_page(report)).status_code == 302
    said = {"outcome": "known", "answer": "We know."}
    assert client.post(desk_page(mine), said).status_code == 403
    assert client.post(desk_page(report), said).status_code == 302
    assert not ErrorReport.objects.exclude(status="open").exists()


@pytest.mark.parametrize("role", ["", "moderator"])
def test_others_read_no_reports(client, report, make_user, role):
    client.force_login(make_user("somebody", role=role))
    history = reverse("admin:articles_errorreport_history", args=[report.pk])
    expected = 403 if role else 302  # to the log-in
    assert client.get(desk_page(report)).status_code == expected
    assert client.get(history).status_code == expected
    assert client.get(reverse("admin:articles_errorreport_changelist")).status_code == expected


def test_storys_form_says_how_many_wait(desk, report):
    change = reverse("admin:articles_article_change", args=[report.article_id])
    assert "1 error report waits" in desk.get(change).text
    ErrorReport.make(report.article, "And there.")
    assert "2 error reports wait" in desk.get(change).text
    ErrorReport.objects.update(status="answered")
    assert "error report" not in desk.get(change).text.replace("error-report", "")


def test_list_has_the_open_ones_first_and_filters_by_story_and_section(
    desk, report, make_article, editor
):
    other = ErrorReport.make(make_article(), "It is wrong there.")
    report.answer_with(editor, "known", "We know.")
    listed = reverse("admin:articles_errorreport_changelist")
    page = desk.get(listed).text
    assert page.index(other.reference) < page.index(report.reference)
    page = desk.get(f"{listed}?story={report.article_id}").text
    assert report.reference in page
    assert other.reference not in page
    assert other.reference in desk.get(f"{listed}?section=town&status__exact=open").text
    for nonsense in ("story=x", "story=99999999999999999999", "section=none"):
        assert desk.get(f"{listed}?{nonsense}").status_code == 200


def test_list_and_page_cost_the_same_queries_at_any_number(
    desk, report, make_article, django_assert_max_num_queries
):
    listed = reverse("admin:articles_errorreport_changelist")

    def costs():
        with django_assert_max_num_queries(30) as at_list:
            desk.get(listed)
        with django_assert_max_num_queries(30) as at_page:
            desk.get(desk_page(report))
        return len(at_list), len(at_page)

    ErrorReport.make(report.article, "Me too.", quote="rose at four")
    ErrorReport.make(make_article(), "And here.")
    before = costs()
    for number in range(10):
        ErrorReport.make(report.article, f"So say I, {number}.", quote="rose at four")
        ErrorReport.make(make_article(), "Here.")
    assert costs() == before


def test_every_role_that_answers_may_see(db):
    for group in Group.objects.all():
        names = set(group.permissions.values_list("codename", flat=True))
        if "change_errorreport" in names:
            assert {"view_errorreport", "add_correction"} <= names


# The passage


@pytest.mark.parametrize(
    "quote",
    [
        "The river rose at four in the morning.",
        "PELLWORTH – The river rose",
        "in the morning.\n\nNobody’s cellar",
        "Nobody's cellar stayed   dry & the pumps - both - failed.",
        "What comes next\nThe council",
        "The river & the floor",
    ],
)
def test_passage_is_found_however_it_was_copied(story, quote):
    html = passages.whole(story.headline, story.standfirst, story.dateline, story.body_html)
    near = passages.around(passages.marked(html, quote), 0)
    text = passages.words_of("".join(block.html for block in near if block.is_marked))
    assert passages.said(quote) in text
    marks = "".join(block.html for block in near)
    assert marks.count('id="passage"') == 1


@pytest.mark.parametrize("quote", ["", " ", "The river rose at five", "<em>four</em>", "x" * 900])
def test_passage_that_does_not_stand_there_marks_nothing(story, quote):
    assert passages.around(passages.marked(story.body, quote)) == []
    assert "".join(block.html for block in passages.marked(story.body, quote)) == story.body


def test_marking_makes_no_markup_of_words(make_article):
    article = make_article(body="<p>Type &lt;script&gt;alert(1)&lt;/script&gt; there.</p>")
    (block,) = passages.marked(article.body, "<script>alert(1)</script>")
    assert block.is_marked
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</mark>" in block.html
