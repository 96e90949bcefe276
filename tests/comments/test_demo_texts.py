"""The demo newsroom's texts: every file has the form that the loader reads."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from accounts import names
from accounts.demo import people
from articles import body
from articles.demo import newsroom
from articles.demo.pictures import SCENES
from articles.models import Article, Correction
from comments import text
from comments.demo import conversation
from comments.models import Reason, Report

STORIES = newsroom.stories()
REMARKS = conversation.remarks()
PEOPLE = list(people.people())
AUTHORS = {author["key"] for author in newsroom.authors()}
INVENTED_HOST = re.compile(r"https?://(?!(?:[\w-]+\.)*example\.(?:org|com)\b)")


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_story_has_the_form_the_loader_reads(story):
    assert 10 < len(story.headline) <= 90
    assert story.standfirst
    assert story.section in newsroom.SECTIONS
    assert story.label in Article.Label.values
    assert story.comments in Article.CommentPolicy.values
    assert story.topics
    assert set(story.topics) <= set(newsroom.TOPICS)
    assert set(story.authors) <= AUTHORS
    assert set(story.related) <= {other.slug for other in STORIES} - {story.slug}
    for note in story.corrections:
        assert note["kind"] in Correction.Kind.values
        assert note["text"]
    figures = story.figures()
    for picture in [{"scene": story.scene, "alt": story.alt, "credit": story.credit}, *figures]:
        assert picture["scene"] in SCENES
        assert picture["alt"]
        assert picture["credit"]
    without_figures = newsroom.FIGURE.sub("", story.body)
    # The sanitiser leaves nothing out, its ``rel`` on links apart.
    assert body.plain_text(body.clean(without_figures)) == body.plain_text(without_figures)
    assert "<figure" not in without_figures
    assert not INVENTED_HOST.search(story.body)
    if story.state == "published":
        assert 350 <= body.words(story.body) <= 950


def test_only_the_expected_stories_are_not_simply_published():
    states = Counter(story.state for story in STORIES)
    assert states == {"published": 31, "withdrawn": 1, "draft": 1, "scheduled": 1}


def test_no_two_stories_lead_with_one_picture_and_a_shared_one_has_one_credit():
    leads = Counter(story.scene for story in STORIES)
    assert max(leads.values()) == 1
    credits = defaultdict(set)
    for story in STORIES:
        credits[story.scene].add(story.credit)
        for figure in story.figures():
            credits[figure["scene"]].add(figure["credit"])
    assert [scene for scene, lines in credits.items() if len(lines) > 1] == []


def test_every_author_with_an_account_is_on_the_staff():
    staff = {person.username: person for person in PEOPLE if person.role and not person.login}
    assert set(staff) == AUTHORS - {"castell"}
    for author in newsroom.authors():
        if author["key"] in staff:
            assert staff[author["key"]].name == author["name"]


def test_no_two_people_have_names_that_look_alike():
    held = defaultdict(set)
    for person in PEOPLE:
        for name in filter(None, [person.username, person.name]):
            held[names.skeleton(name)].add(person.username)
    assert [users for users in held.values() if len(users) > 1] == []


def test_readers_names_could_have_been_chosen_at_sign_up():
    for person in PEOPLE:
        if not person.login:
            for validate in names.username_validators:
                validate(person.username)
            assert len(person.name) <= 60
            assert len(person.bio) <= 500


@pytest.mark.parametrize(
    "path", sorted((conversation.FOLDER / "threads").glob("*.txt")), ids=lambda path: path.stem
)
def test_thread_has_the_form_the_loader_reads(path: Path):
    story = next(story for story in STORIES if story.slug == path.stem)
    assert story.state == "published"
    assert story.comments != Article.CommentPolicy.CLOSED
    known = {person.username for person in PEOPLE}
    for remark in conversation.read_thread(path):
        if remark.author == conversation.GUEST:
            assert remark.guest
            assert remark.state == "approved"
        else:
            assert remark.author in known
            assert not remark.guest + remark.email
        for edit in remark.edits:
            assert remark.state == "approved"
            assert remark.minutes < edit.minutes
            assert not text.is_blank(text.render(edit.text))
        assert remark.state in {"approved", "rejected", "removed", "held", "spam"}
        assert (remark.reason in Reason.values) == (remark.state == "rejected")
        assert bool(remark.message) == (remark.state == "rejected")
        assert 2 <= len(remark.text.split()) <= 190
        assert not text.is_blank(text.render(remark.text))
        assert not INVENTED_HOST.search(remark.text)
        assert 0 <= remark.respect <= 60
        if remark.parent is not None:
            assert remark.minutes > remark.parent.minutes
            # What waits, or never came, cannot have been answered.
            assert not remark.parent.is_held
            assert remark.parent.state != "spam"
        for reader, reason, _ in remark.reported():
            assert reader in known - {remark.author}
            assert reason in Report.Kind.values
            assert not remark.is_held


def test_a_header_that_skips_a_depth_is_refused(tmp_path):
    file = tmp_path / "story.txt"
    file.write_text("@ ada_finch | +10\nFirst.\n\n@@@ OldRope | +20\nTo nobody.\n")
    with pytest.raises(ValueError, match="OldRope"):
        conversation.read_thread(file)


def test_a_new_reader_has_no_comment_that_readers_see():
    new = {person.username for person in PEOPLE if person.new}
    seen = {remark.author for remark in REMARKS if remark.state == "approved"}
    assert new & seen == set()


def test_staff_s_own_words_are_neither_held_nor_ended():
    staff = {person.username for person in PEOPLE if person.role}
    assert {remark.state for remark in REMARKS if remark.author in staff} == {"approved"}
