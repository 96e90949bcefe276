"""What the desk knows of its own work: figures that are right, for whom they are."""

import csv
import datetime
import io
import re

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from articles.models import Section
from comments import charts, desk_statistics, statistics
from comments.models import Appeal, Comment, Decision, SecondLook

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 6, 17, 12, tzinfo=datetime.UTC)  # a Wednesday
TODAY = NOW.date()
PAGE, TABLE = "/admin/comments/comment/statistics/", "/admin/comments/comment/statistics.csv"
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _midday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def waited(make_comment, moderator):
    """Comments that waited so many minutes and were decided on now."""

    def make(*minutes, by=moderator, verdict="approve", **fields):
        for wait in minutes:
            comment = make_comment(
                status=Comment.Status.PENDING, created_at=NOW - wait * MINUTE, **fields
            )
            if verdict == "approve":
                comment.approve(by)
            else:
                comment.reject(by, verdict)

    return make


def figures(**changes):
    asked = {"start": TODAY, "end": TODAY, "section": None, "moderator": None, **changes}
    return statistics.of(**asked)


def test_waits_are_told_by_median_and_ninetieth_percentile(waited):
    waited(*range(1, 11))
    found = figures()
    assert found.median == 5 * 60
    assert found.late == 9 * 60


def test_share_of_values_is_the_nearest_rank():
    assert statistics.share_of([], 0.5) is None
    assert statistics.share_of([7], 0.9) == 7
    assert statistics.share_of([4, 1, 3, 2], 0.5) == 2
    assert statistics.share_of(list(range(1, 101)), 0.9) == 90


def test_decisions_are_counted_without_what_was_undone_or_taken_back(
    waited, make_comment, moderator, reader
):
    waited(5, 5)
    waited(5, verdict="attack")
    undone = make_comment(status=Comment.Status.PENDING)
    undone.undo(undone.mark_spam(moderator), moderator)
    make_comment(author=reader).remove(reader)
    found = figures()
    assert (found.decided, found.approved_share) == (3, 67)
    assert found.reasons == [("Personal attack", 1)]


def test_section_counts_its_own_alone(waited, make_article):
    waited(5)
    sport = Section.objects.create(name="Sport", slug="sport-2")
    waited(7, 9, article=make_article(section=sport))
    assert figures(section=sport.pk).decided == 2
    assert figures(section=sport.pk).arrived == 2


def test_day_is_the_paper_s_own(waited, make_comment, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    with timezone.override("Asia/Tokyo"):
        make_comment(created_at=datetime.datetime(2026, 6, 16, 16, tzinfo=datetime.UTC))
        found = figures()
    assert found.arrived == 1
    assert dict(found.hours)["Wed"][1] == 1


def test_long_ranges_are_told_by_week(waited):
    waited(5)
    found = figures(start=TODAY - datetime.timedelta(days=364))
    assert found.is_by_week
    assert len(found.steps) == 53
    assert sum(step.decided for step in found.steps) == found.decided == 1


def test_check_is_told_with_what_people_let_stand(waited, make_comment, moderator):
    for verdict in ("approve", "approve", "attack", None):
        comment = make_comment(status=Comment.Status.PENDING)
        comment.findings.create(check_name="links", reason="two links")
        if verdict == "approve":
            comment.approve(moderator)
        elif verdict:
            comment.reject(moderator, verdict)
    (links,) = figures().checks
    assert (links.found, links.decided, links.stood, links.overturned) == (4, 3, 2, 67)


def test_comment_that_a_check_marked_twice_is_one(make_comment, moderator):
    comment = make_comment(status=Comment.Status.PENDING)
    for word in ("corrupt", "liar"):
        comment.findings.create(check_name="word-list", reason=word)
    comment.reject(moderator, "attack")
    (words,) = figures().checks
    assert (words.found, words.decided, words.stood) == (1, 1, 0)


def test_decision_before_the_range_is_not_about_what_a_check_found_in_it(make_comment, moderator):
    yesterday = NOW - datetime.timedelta(days=1)
    with time_machine.travel(yesterday, tick=False):
        comment = make_comment(status=Comment.Status.PENDING, created_at=yesterday)
        comment.approve(moderator)
    comment.findings.create(check_name="reported", reason="3 readers reported it")
    (reported,) = figures().checks
    assert (reported.found, reported.decided, reported.overturned) == (1, 0, None)


def test_what_came_from_another_system_counts_nowhere(make_comment, moderator):
    old = make_comment(status=Comment.Status.PENDING, import_key="old:1")
    old.findings.create(check_name="links", reason="two links")
    old.reject(moderator, "attack")
    found = figures()
    assert found.is_empty
    assert found.checks == found.reasons == found.moderators == []


def test_step_has_the_waits_of_its_own_day(make_comment, moderator):
    for minutes, at in ((10, NOW - datetime.timedelta(days=1)), (30, NOW)):
        with time_machine.travel(at, tick=False):
            make_comment(
                status=Comment.Status.PENDING, created_at=at - minutes * MINUTE
            ).approve(moderator)  # fmt: skip
    found = figures(start=TODAY - datetime.timedelta(days=2))
    assert [(step.waited, step.median) for step in found.steps] == [(0, None), (1, 600), (1, 1800)]
    assert (found.waited, found.late) == (2, 1800)


def test_moderators_are_told_with_what_became_of_appeals(waited, make_user, moderator, reader):
    waited(5, 5)
    waited(5, verdict="attack", author=reader)
    other = make_user(role="moderator")
    decision = Decision.objects.get(reason="attack")
    Appeal.file(decision, "No.").grant(other, "Right.")
    row = next(row for row in figures().moderators if row.who == moderator)
    assert (row.decided, row.appealed, row.reversed) == (3, 1, 1)


def test_one_sees_oneself_and_administrators_see_everybody(client, waited, make_user, moderator):
    other = make_user("othermod", role="moderator", display_name="Otto Brand")
    waited(5)
    waited(5, by=other)
    client.force_login(moderator)
    assert "Otto Brand" not in client.get(PAGE).text
    assert "Otto Brand" not in client.get(TABLE).getvalue().decode()
    client.force_login(make_user(role="administrator"))
    assert "Otto Brand" in client.get(PAGE).text
    assert "Otto Brand" in client.get(TABLE).getvalue().decode()


def test_page_draws_what_the_table_says_and_names_every_picture(at_desk, waited):
    waited(5, 50)
    page = at_desk.get(PAGE).text
    named = re.findall(r'<svg class="chart"[^>]*aria-label="[^"]+', page)
    assert len(named) == page.count('class="chart"') >= 4
    assert "style=" not in "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    rows = list(csv.reader(io.StringIO(at_desk.get(TABLE).getvalue().decode())))
    assert ["total", "decided", "2"] in rows
    assert ["arrivals", "2026-06-17", "2", "2"] in rows


def test_empty_desk_says_so(at_desk):
    page = at_desk.get(PAGE).text
    assert "Nothing had to wait" in page
    assert "nothing waits" in page


def test_page_costs_the_same_at_any_size(at_desk, waited, make_user, django_assert_num_queries):
    waited(5)
    with django_assert_num_queries(13):
        at_desk.get(PAGE)
    waited(*range(1, 30), verdict="attack")
    with django_assert_num_queries(13):
        at_desk.get(PAGE)


LONG_AGO = f"from={TODAY - datetime.timedelta(days=90)}&to={TODAY}"


def test_long_range_is_kept_says_since_when_and_can_be_counted_anew(
    at_desk, waited, django_assert_max_num_queries
):
    waited(5)
    at_desk.get(f"{PAGE}?{LONG_AGO}")
    waited(5)
    with time_machine.travel(NOW + 9 * MINUTE, tick=False):
        with django_assert_max_num_queries(7):
            page = at_desk.get(f"{PAGE}?{LONG_AGO}").text
        assert "<dt>Decided</dt><dd>1</dd>" in page
        assert "Counted at" in page
        assert 'datetime="2026-06-17T12:00:00' in page
        (anew,) = re.findall(r'href="(\?[^"]+fresh=1)"', page)
        page = at_desk.get(f"{PAGE}{anew}".replace("&amp;", "&")).text
        assert "<dt>Decided</dt><dd>2</dd>" in page
        # The link to the table does not ask for a new count each time.
        assert "fresh" not in re.search(r'statistics\.csv\?([^"]*)', page)[1]
        assert "<dt>Decided</dt><dd>2</dd>" in at_desk.get(f"{PAGE}?{LONG_AGO}").text
    waited(5)
    with time_machine.travel(NOW + 20 * MINUTE, tick=False):
        assert "<dt>Decided</dt><dd>3</dd>" in at_desk.get(f"{PAGE}?{LONG_AGO}").text


def test_short_range_is_counted_each_time(at_desk, waited):
    waited(5)
    assert "Counted at" not in at_desk.get(PAGE).text
    waited(5)
    assert "<dt>Decided</dt><dd>2</dd>" in at_desk.get(PAGE).text


def test_what_waits_now_is_never_old(at_desk, make_comment):
    assert "nothing waits" in at_desk.get(f"{PAGE}?{LONG_AGO}").text
    make_comment(status=Comment.Status.PENDING)
    assert "nothing waits" not in at_desk.get(f"{PAGE}?{LONG_AGO}").text


def test_what_is_kept_shows_nobody_another_s_row(client, waited, make_user, moderator):
    other = make_user("othermod", role="moderator", display_name="Otto Brand")
    waited(5, by=other)
    client.force_login(make_user(role="administrator"))
    assert "Otto Brand" in client.get(f"{PAGE}?{LONG_AGO}").text
    client.force_login(moderator)
    assert "Otto Brand" not in client.get(f"{PAGE}?{LONG_AGO}").text
    client.force_login(other)
    assert "Otto Brand" in client.get(f"{PAGE}?{LONG_AGO}").text


def test_cache_that_is_down_costs_the_counting_and_no_page(at_desk, waited, monkeypatch):
    waited(5)

    def down(*args, **kwargs):
        raise ConnectionError("no cache")

    for name in ("get", "set"):
        monkeypatch.setattr(type(cache._connections["default"]), name, down)
    assert "<dt>Decided</dt><dd>1</dd>" in at_desk.get(f"{PAGE}?{LONG_AGO}").text


@pytest.mark.parametrize(
    "query",
    ["from=x", "section=x&from=2026-02-30", "from=2000-01-01", "from=9999-01-01&to=9999-12-31",
     "to=0001-01-01"],
)  # fmt: skip
def test_range_that_is_none_is_not_found(at_desk, query):
    assert at_desk.get(f"{PAGE}?{query}").status_code == 404
    assert at_desk.get(f"{TABLE}?{query}").status_code == 404


# Charts -------------------------------------------------------------------------------------------


def test_names_in_a_chart_are_text():
    drawn = charts.across("<b>&", [("<script>", 3, "<i>")])
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_line_leaves_out_what_is_not_known():
    drawn = charts.lines("Waits", ["a", "b", "c"], [charts.Series("x", [1, None, 2])])
    (path,) = re.findall(r' d="([^"]+)"', drawn)
    assert path.count(",") == 2


def test_line_breaks_where_nothing_is_known_and_a_lone_number_is_a_dot():
    drawn = charts.lines("x", list("abcde"), [charts.Series("x", [1, 2, None, 2, None])])
    (path,) = re.findall(r' d="([^"]+)"', drawn)
    assert path.count("M") == 2
    assert path.count("L") == 1
    assert drawn.count("<circle") == 1  # which is the end of the line too
    drawn = charts.lines("x", list("abcde"), [charts.Series("x", [1, None, 2, 2, 3])])
    assert drawn.count("<circle") == 2


def test_words_of_an_axis_have_room_before_it():
    drawn = charts.lines("x", ["a", "b"], [charts.Series("x", [9_000_000, 1])], " min")
    words = re.findall(r'<text class="tick" x="([\d.]+)"[^>]*text-anchor="end">([^<]+)', drawn)
    assert ("10,000,000 min") in [word for _, word in words]
    for end, word in words:
        assert float(end) >= 7 * len(word)


def test_longest_bar_and_what_is_written_at_it_are_inside_the_drawing():
    note = "1,234,567, 100 % stood"
    drawn = charts.across("x", [("a", 1, "1"), ("b", 9, note)])
    ends = re.findall(r'<text class="tick" x="([\d.]+)" y="[\d.]+">1,234', drawn)
    assert float(ends[0]) + 7 * len(note) <= charts.WIDTH


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(40, "Minutes until"), (40 * 60, "Hours until"), (20 * 24 * 60, "Days until")],
)
def test_axis_of_waits_is_told_in_what_the_longest_asks_for(waited, minutes, said):
    waited(3, minutes)
    (chart,) = [one for one in desk_statistics.drawn(figures()) if one.key == "waits"]
    assert said in chart.picture


def test_chart_of_nothing_is_drawn():
    assert charts.lines("Nothing", ["a"], [charts.Series("x", [None])])
    assert charts.across("Nothing", [])
    assert charts.squares("Nothing", [("Mon", [0] * 24)], [str(hour) for hour in range(24)])


def test_ends_of_lines_have_their_names_above_each_other():
    drawn = charts.lines(
        "x", ["a", "b"], [charts.Series("one", [1, 5]), charts.Series("two", [2, 5])]
    )
    heights = [float(y) for y in re.findall(r'class="name \w+" x="[\d.]+" y="([\d.]+)"', drawn)]
    assert abs(heights[0] - heights[1]) >= 13


# Second looks -------------------------------------------------------------------------------------


def look_at(decision, by, verdict, reason=""):
    SecondLook.objects.create(decision=decision, by=by, verdict=verdict, reason=reason, at=NOW)


def test_agreement_is_told_per_reason(make_comment, moderator, make_user):
    other = make_user(role="moderator")
    for verdict, reason in (("rejected", "attack"), ("rejected", "hate"), ("approved", "")):
        look_at(make_comment().reject(moderator, "attack"), other, verdict, reason)
    (row,) = figures().agreement
    assert row.label == "Personal attack"
    assert (row.looked, row.same_verdict, row.same_reason) == (3, 2, 1)
