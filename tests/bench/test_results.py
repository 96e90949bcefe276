"""What the benchmark writes down says what was measured."""

import json
from xml.etree import ElementTree

from bench import chart, report
from bench.figures import Figures
from bench.targets import TARGETS, Target

MEASURED = {
    "cold": Figures(
        "Cold render", 300, cpu_ms=3.2, statements=5, p50=4.0, per_second=250, bare=5000
    ),
    "cold-10000": Figures("Cold render, 10,000 comments", cpu_ms=3.6, statements=5),
    "unseen": Figures("A story <not> seen", skipped="there is none"),
    "workers": Figures("Memory", memory=180.4),
}
KNOWN = {
    "at": "2026-11-30T10:00:00+00:00", "commit": "abc", "machine": "some machine",
    "versions": {"python": "3.11"}, "sizes": {"articles": 2000, "comments": 200000},
}  # fmt: skip


def test_a_bound_is_met_up_to_itself():
    assert Target("cold", "cpu_ms", 3.2).verdict(MEASURED)
    assert not Target("cold", "cpu_ms", 3.19).verdict(MEASURED)


def test_at_least_turns_the_bound():
    assert Target("cold", "of_bare", 0.05, at_least=True).verdict(MEASURED)
    assert not Target("cold", "of_bare", 0.06, at_least=True).verdict(MEASURED)


def test_a_bound_may_be_another_case_s_figure():
    assert Target("cold-10000", "statements", 1, of="cold").verdict(MEASURED)
    assert not Target("cold-10000", "cpu_ms", 1.1, of="cold").verdict(MEASURED)


def test_a_statement_now_and_then_is_no_statement_of_each_request():
    measured = {"cold": Figures("Cold render", statements=6.3)}
    assert Target("cold", "statements", 6).verdict(measured)
    assert not Target("cold", "statements", 5).verdict(measured)


def test_nothing_is_said_of_what_was_not_measured():
    assert Target("post", "cpu_ms", 6).verdict(MEASURED) is None
    assert Target("unseen", "cpu_ms", 6).verdict(MEASURED) is None
    assert Target("cold", "cpu_ms", 1.1, of="post").verdict(MEASURED) is None


def test_the_table_has_a_line_for_each_case_and_says_what_was_missed():
    lines = report.table(MEASURED).splitlines()
    assert len(lines) == 1 + len(MEASURED)
    assert "met: CPU ≤ 4 ms" in lines[1]
    assert "MISSED: CPU ≤ 1.1 × cold" in lines[2]
    assert "not measured: there is none" in lines[3]
    assert "180 MB" in lines[4]


def test_markdown_has_as_many_cells_in_each_row():
    rows = [line for line in report.markdown(MEASURED, KNOWN).splitlines() if line[:1] == "|"]
    assert len(rows) == 2 + len(MEASURED)
    assert {row.count("|") for row in rows} == {len(report.COLUMNS) + 1}


def test_the_chart_is_svg_that_says_each_bar():
    drawn = ElementTree.fromstring(chart.draw(MEASURED, "some & machine"))  # noqa: S314 - ours
    titles = [title.text for title in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == 1 + 2
    assert titles[1].startswith("Cold render: 3.20 ms")


def test_a_full_run_does_not_replace_a_small_one(tmp_path):
    small = report.write(tmp_path, MEASURED, KNOWN)
    full = report.write(tmp_path, MEASURED, KNOWN | {"sizes": {"comments": 10_000_000}})
    assert {file.name for file in small}.isdisjoint(file.name for file in full)
    cases = json.loads(small[0].read_text())["cases"]
    assert cases["cold"]["cpu_ms"] == 3.2
    assert cases["cold"]["of_bare"] == 0.05


def test_every_target_names_a_figure_that_is_measured():
    names = {*vars(Figures("")), "of_bare", "of_nginx"}
    assert {target.figure for target in TARGETS} <= names
