"""Who has a story open, who took it over, and what a save that came too late is told."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Author, Byline, Presence, Topic
from tests.articles.conftest import change_url, post_data

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def draft(make_article):
    return make_article(
        status=Article.Status.DRAFT,
        headline="The river rose",
        body="<p>One.</p><p>Two.</p><p>Three.</p>",
    )


@pytest.fixture
def two(client, editor, make_user):
    """Two editors at their own browsers."""
    from django.test import Client

    bo = Client()
    bo.force_login(make_user("bo", role="editor"))
    client.force_login(editor)
    return client, bo


def to(article, name):
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


# Presence


def test_the_second_editor_is_told_who_is_there_and_since_when(two, draft):
    ada, bo = two
    with time_machine.travel(timezone.now() - 5 * MINUTE, tick=False):
        ada.get(change_url(draft))
        since = timezone.localtime().strftime("%H:%M")
    page = bo.get(change_url(draft)).text
    assert "<strong>editorial</strong> has this open since <time" in page
    assert since in page
    assert "has this open since" not in ada.get(change_url(draft)).text.split("bo</strong>")[0]


def test_whoever_reopens_the_form_stays_since_they_came(two, draft):
    ada, _ = two
    start = timezone.now()
    for minutes in (0, 4, 8):
        with time_machine.travel(start + minutes * MINUTE, tick=False):
            ada.get(change_url(draft))
    presence = Presence.objects.get()
    assert presence.since == start
    assert presence.opened_at == start + 8 * MINUTE


def test_ten_minutes_without_a_sign_end_it(two, draft):
    ada, bo = two
    with time_machine.travel(timezone.now() - 11 * MINUTE):
        ada.get(change_url(draft))
    assert "has this open" not in bo.get(change_url(draft)).text


def test_a_sign_keeps_it(two, draft):
    ada, bo = two
    with time_machine.travel(timezone.now() - 11 * MINUTE):
        ada.get(change_url(draft))
    assert ada.post(to(draft, "presence")).json()["others"] == []
    assert "has this open" in bo.get(change_url(draft)).text


def test_leaving_ends_it_but_not_for_a_form_opened_since(two, draft):
    ada, bo = two
    ada.get(change_url(draft))
    first = Presence.objects.get().opened_at.isoformat()
    ada.get(change_url(draft))  # as after a save: the old page's farewell comes late
    ada.post(to(draft, "presence"), {"closed": first})
    assert "has this open" in bo.get(change_url(draft)).text
    Presence.objects.filter(by__username="bo").delete()
    last = Presence.objects.get().opened_at.isoformat()
    assert ada.post(to(draft, "presence"), {"closed": last}).status_code == 204
    assert not Presence.objects.exists()


@pytest.mark.parametrize(
    "closed", ["yesterday", "2026-13-45T00:00:00+00:00", "2026-01-01T00:00:00"]
)
def test_a_farewell_without_a_moment_is_nothing(two, draft, closed):
    ada, _ = two
    ada.get(change_url(draft))
    assert ada.post(to(draft, "presence"), {"closed": closed}).status_code == 204
    assert Presence.objects.exists()


def test_taking_over_is_on_record_and_the_first_editor_is_told(two, draft):
    ada, bo = two
    ada.get(change_url(draft))
    bo.get(change_url(draft))
    answer = bo.post(to(draft, "take_over"), follow=True)
    assert "You took it over from editorial" in answer.text
    step = draft.steps.get()
    assert (step.verb, step.by.username, step.note) == ("take-over", "bo", "From editorial")
    assert (step.before, step.after) == ("draft", "draft")
    told = ada.post(to(draft, "presence")).json()
    assert told["taken"].startswith("bo took this over at")
    assert "has this open" not in bo.get(change_url(draft)).text
    assert "took this over from you at" in ada.get(change_url(draft)).text
    assert "took this over from you at" not in ada.get(change_url(draft)).text


def test_taking_over_what_nobody_has_is_no_step(two, draft):
    _, bo = two
    bo.get(change_url(draft))
    assert "Nobody else is here" in bo.post(to(draft, "take_over"), follow=True).text
    assert not draft.steps.exists()


def test_what_was_typed_comes_along_when_taking_over_without_a_script(two, draft):
    ada, bo = two
    ada.get(change_url(draft))
    typed = post_data(bo.get(change_url(draft)), headline="Typed by Bo")
    page = bo.post(to(draft, "take_over"), typed, follow=True)
    assert page.context["adminform"].form["headline"].value() == "Typed by Bo"
    draft.refresh_from_db()
    assert draft.headline == "The river rose"


def test_saving_while_somebody_is_there_takes_over_and_is_never_stopped(two, draft):
    ada, bo = two
    ada.get(change_url(draft))
    data = post_data(bo.get(change_url(draft)), headline="By Bo")
    assert bo.post(change_url(draft), data).status_code == 302
    assert draft.steps.get().verb == "take-over"
    assert "bo took this over" in ada.post(to(draft, "presence")).json()["taken"]


def test_who_may_only_read_is_not_noted_and_asks_in_vain(client, article, moderator, draft):
    client.force_login(moderator)
    assert client.get(change_url(article)).status_code == 200
    assert client.post(to(article, "presence")).status_code == 403
    assert client.post(to(article, "take_over")).status_code == 403
    client.logout()
    assert client.post(to(article, "presence")).status_code == 302
    assert not Presence.objects.exists()


def test_the_form_costs_the_same_however_many_have_it_open(
    two, draft, make_user, django_assert_num_queries
):
    ada, bo = two
    bo.get(change_url(draft))
    ada.get(change_url(draft))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        ada.get(change_url(draft))
    for _ in range(5):
        Presence.objects.create(article=draft, by=make_user())
    with django_assert_num_queries(len(one)):
        page = ada.get(change_url(draft))
    assert page.text.count("data-here") == 6


# A save that came too late


def stale(two, article, mine, theirs):
    """Open the form twice, save the one, send the other; return the answer to it."""
    ada, bo = two
    first = post_data(ada.get(change_url(article)))
    second = post_data(bo.get(change_url(article)))
    for name in [name for name, value in theirs.items() if value is None]:
        second.pop(name, None)
    saved = bo.post(
        change_url(article), second | {k: v for k, v in theirs.items() if v is not None}
    )
    assert saved.status_code == 302, saved.context["errors"]
    sent = first | mine
    refused = ada.post(change_url(article), sent)
    assert refused.status_code == 200
    return refused, sent


def put_together(two, article, sent, **choices):
    """Have both put together and shown; return the page."""
    page = two[0].post(change_url(article), sent | {"_merge": "1"} | choices)
    assert page.status_code == 200
    assert "Put together, and not saved yet" in page.text
    return page


def save(two, article, page):
    answer = two[0].post(change_url(article), post_data(page))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    article.refresh_from_db()


def test_both_texts_are_shown_side_by_side_with_what_differs_marked(two, draft):
    refused, _ = stale(
        two, draft, {"body": "<p>One.</p><p>Two, mine.</p><p>Three.</p>"},
        {"body": "<p>One.</p><p>Two, theirs.</p><p>Three.</p>"},
    )  # fmt: skip
    assert "bo saved this story at" in refused.text
    (clash,) = refused.context["adminform"].form.clashes()
    assert (clash.name, clash.whose, clash.choice) == ("body", "both", "both")
    (line,) = [line for line in clash.change.lines if line.is_changed]
    assert "theirs" in line.old
    assert "<mark>" in line.old
    assert "mine" in line.new
    assert "<mark>" in line.new
    draft.refresh_from_db()
    assert "theirs" in draft.body


def test_changes_of_different_fields_fit_together(two, draft):
    refused, sent = stale(two, draft, {"headline": "By Ada"}, {"standfirst": "By Bo."})
    whose = {clash.name: clash.whose for clash in refused.context["adminform"].form.clashes()}
    assert whose == {"headline": "mine", "standfirst": "theirs"}
    page = put_together(two, draft, sent)
    draft.refresh_from_db()
    assert draft.headline == "The river rose"  # shown, and not saved yet
    assert [change.name for change in page.context["changes"]] == ["headline"]
    save(two, draft, page)
    assert (draft.headline, draft.standfirst) == ("By Ada", "By Bo.")


def test_changes_of_different_paragraphs_fit_together(two, draft):
    _, sent = stale(
        two, draft, {"body": "<p>One, by Ada.</p><p>Two.</p><p>Three.</p>"},
        {"body": "<p>One.</p><p>Two.</p><p>Three, by Bo.</p><p>Four.</p>"},
    )  # fmt: skip
    save(two, draft, put_together(two, draft, sent))
    assert draft.body == "<p>One, by Ada.</p><p>Two.</p><p>Three, by Bo.</p><p>Four.</p>"


def test_of_one_paragraph_changed_by_both_nothing_is_lost(two, draft):
    refused, sent = stale(
        two, draft, {"body": "<p>One.</p><p>Two, by Ada.</p><p>Three.</p>"},
        {"body": "<p>One.</p><p>Two, by Bo.</p><p>Three.</p>"},
    )  # fmt: skip
    assert "In 1 place you both changed the same paragraph" in refused.text
    page = put_together(two, draft, sent)
    assert page.context["adminform"].form["body"].value() == (
        "<p>One.</p><p>Two, by Bo.</p><p>Two, by Ada.</p><p>Three.</p>"
    )


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("theirs", "By Bo"), ("mine", "By Ada"), ("both", "By Bo By Ada"), ("odd", "By Bo By Ada")],
)
def test_a_field_changed_by_both_is_as_its_editor_chose(two, draft, choice, expected):
    _, sent = stale(two, draft, {"headline": "By Ada"}, {"headline": "By Bo"})
    page = put_together(two, draft, sent, **{"merge-headline": choice})
    assert page.context["adminform"].form["headline"].value() == expected


def test_values_are_chosen_and_never_joined(two, draft, section):
    _, sent = stale(two, draft, {"label": "opinion"}, {"label": "analysis"})
    page = put_together(two, draft, sent, **{"merge-label": "both"})
    assert page.context["adminform"].form["label"].value() == "analysis"
    page = put_together(two, draft, sent, **{"merge-label": "mine"})
    save(two, draft, page)
    assert draft.label == "opinion"


def test_topics_moments_and_marks_come_from_whoever_changed_them(two, draft):
    topic = Topic.objects.create(name="Floods", slug="floods")
    other = Topic.objects.create(name="Harbour", slug="harbour")
    draft.topics.add(other)
    _, sent = stale(
        two, draft, {"headline": "By Ada"},
        {"topics": [topic.pk], "embargo_until": "2030-05-05T06:00", "is_featured": "on",
         "originally_published": "2020-01-02", "shows_rules": None},
    )  # fmt: skip
    save(two, draft, put_together(two, draft, sent))
    assert draft.headline == "By Ada"
    assert list(draft.topics.all()) == [topic]
    assert draft.is_featured
    assert not draft.shows_rules
    assert timezone.localtime(draft.embargo_until).isoformat()[:16] == "2030-05-05T06:00"
    assert str(draft.originally_published) == "2020-01-02"


def test_bylines_changed_by_one_or_the_other_fit_the_rows_there_are_now(two, draft):
    rita, sam = (Author.objects.create(name=name, slug=name.lower()) for name in ("Rita", "Sam"))
    ruth = draft.bylines.get().author
    refused, sent = stale(
        two, draft, {"headline": "By Ada"},
        {"bylines-0-DELETE": "on", "bylines-1-author": rita.pk, "bylines-1-position": 1},
    )  # fmt: skip
    assert "changed by bo alone" in refused.text
    save(two, draft, put_together(two, draft, sent))
    assert [byline.author for byline in draft.bylines.all()] == [rita]

    _, sent = stale(
        two, draft, {"bylines-1-author": sam.pk, "bylines-1-role": "photos"},
        {"bylines-0-DELETE": "on", "bylines-1-author": ruth.pk},
    )  # fmt: skip
    save(two, draft, put_together(two, draft, sent, bylines="", **{"merge-bylines": "mine"}))
    named = list(Byline.objects.filter(article=draft).values_list("author__name", "role"))
    assert named == [("Rita", ""), ("Sam", "photos")]


def test_mine_in_its_place_is_one_button_still(two, draft):
    _, sent = stale(two, draft, {"headline": "By Ada"}, {"headline": "By Bo", "standfirst": "Bo."})
    draft.refresh_from_db()
    answer = two[0].post(change_url(draft), sent | {"replace_version": draft.version})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.headline, draft.standfirst) == ("By Ada", "")
    said = [one.content["headline"] for one in draft.revisions.all()]
    assert said == ["The river rose", "By Bo", "By Ada"]


def test_put_together_over_a_third_save_is_refused_again(two, draft):
    _, sent = stale(two, draft, {"headline": "By Ada"}, {"standfirst": "By Bo."})
    page = put_together(two, draft, sent)
    bo = two[1]
    bo.post(change_url(draft), post_data(bo.get(change_url(draft)), dateline="Pellworth"))
    answer = two[0].post(change_url(draft), post_data(page))
    assert answer.status_code == 200
    whose = {clash.name: clash.whose for clash in answer.context["adminform"].form.clashes()}
    assert whose == {"headline": "mine", "dateline": "theirs"}


def test_a_step_taken_meanwhile_is_no_clash_of_words(two, draft, editor):
    ada, _ = two
    sent = post_data(ada.get(change_url(draft)), headline="By Ada")
    draft.submit(by=editor)
    refused = ada.post(change_url(draft), sent)
    assert refused.status_code == 200
    save(two, draft, put_together(two, draft, sent))
    assert (draft.headline, draft.status) == ("By Ada", "review")
