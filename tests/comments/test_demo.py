"""`manage.py demo`: the newsroom it fills, and what it leaves alone."""

import datetime
import io
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import models, transaction
from django.test import override_settings
from django.utils import timezone

from accounts.demo import people
from accounts.models import User
from articles.demo import newsroom
from articles.models import Article, Author, Image, Section
from comments import counters, notices, text, waits
from comments.models import (
    Comment,
    Decision,
    Finding,
    Follow,
    Mute,
    Notice,
    PromptCount,
    Report,
    Respect,
    Revision,
    Visit,
    WordRule,
)
from tests.comments.conftest import undrawn

REFERENCE = "the-night-the-river-came-through-the-floorboards"


def run() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def output(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Fill the demo newsroom once for this file's tests, and take it away after them."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(newsroom, "drawn", undrawn)
        with transaction.atomic(), override_settings(DEVELOPMENT=True):
            yield run()
            transaction.set_rollback(True)


@pytest.fixture
def demo(output: str, db: None) -> str:
    """The filled newsroom; gives what the command said."""
    return output


@pytest.fixture
def reference(demo: str) -> Article:
    return Article.objects.for_page().get(slug=REFERENCE)


def test_it_says_where_everything_is_and_who_may_log_in(demo):
    assert "http://127.0.0.1:8000/2024/01/05/" + REFERENCE in demo
    for word in ["reader", "reporter", "editor", "moderator", "admin", "newsroom-demo"]:
        assert word in demo


def test_a_port_moves_the_addresses(demo):
    out = io.StringIO()
    call_command("demo", port="8080", stdout=out)
    assert "http://127.0.0.1:8080/2024/01/05/" in out.getvalue()


def test_a_second_run_changes_nothing(demo, django_assert_max_num_queries):
    tables: list[type[models.Model]] = [
        User, EmailAddress, Section, Author, Image, Article, Comment, Decision, Finding, Report,
        Respect, WordRule, Revision, Follow, Mute, Visit, Notice, PromptCount,
    ]  # fmt: skip

    def everything():
        return [list(table._default_manager.order_by("pk").values_list()) for table in tables]

    before = everything()
    with django_assert_max_num_queries(3):
        assert "nothing was changed" in run()
    assert everything() == before


# The reference page


def test_reference_story_keeps_its_own_date_and_ours_a_day_later(reference):
    assert reference.originally_published.isoformat() == "2024-01-04"
    assert timezone.localtime(reference.published_at).isoformat()[:16] == "2024-01-05T09:12"
    assert reference.get_absolute_url() == f"/2024/01/05/{REFERENCE}/"


def test_reference_story_names_its_source_and_reporter(reference):
    assert reference.source_outlet == "The Lantern"
    assert reference.source_url.startswith("https://lantern.example.org/2024/01/04/")
    (byline,) = reference.bylines.all()
    assert (byline.author.name, byline.author.outlet) == ("Nora Castell", "The Lantern")
    assert byline.author.user is None


def test_reference_story_has_fourteen_paragraphs_a_quotation_a_picture_and_a_correction(reference):
    assert reference.body.count("<p>") == 14
    assert "<footer>" in reference.body
    assert reference.lead_image.credit_line == "Jonas Falk / Estuary Press Agency"
    assert reference.lead_image.alt
    assert reference.lead_image.caption
    assert reference.corrections.count() == 1
    assert reference.dateline == "PELLWORTH"


def test_reference_story_has_two_comments_in_one_thread_soon_after(reference):
    assert (reference.comment_count, reference.thread_count) == (2, 1)
    first, second = reference.comments.order_by("number")
    assert (first.number, second.number) == (1, 2)
    assert second.parent == first
    assert (second.created_at - reference.published_at).days == 0


def test_reference_story_is_the_editors_choice(reference):
    assert [*Article.objects.filter(is_featured=True)] == [reference]


# The paper around it


def test_about_thirty_stories_stand_in_five_sections_by_six_authors_of_the_paper(demo):
    listed = Article.objects.listed()
    assert 30 <= listed.count() <= 36
    assert [section.slug for section in Section.objects.all()] == list(newsroom.SECTIONS)
    assert all(section.articles.exists() for section in Section.objects.all())
    own = Author.objects.filter(outlet="").exclude(user__username="reporter")  # who begins
    assert own.count() == 6
    for author in own:
        assert author.beat
        assert author.bio
        assert author.portrait.has_file
        assert author.user.is_staff
        assert author.articles.exists()
    assert listed.annotate(names=models.Count("authors")).filter(names=2).exists()


def test_every_published_story_lacks_nothing(demo):
    for article in Article.objects.exclude(status=Article.Status.DRAFT):
        assert article.missing() == []
        assert article.lead_image.has_file
        assert article.topics.exists()


def test_newest_story_is_out_and_the_others_follow_at_different_hours(demo):
    times = Article.objects.listed().values_list("published_at", flat=True)
    assert timezone.now() - times[0] < datetime.timedelta(hours=36)
    assert times[0] < timezone.now()
    assert len({timezone.localtime(time).time() for time in times}) > 7


def test_one_story_is_withdrawn_with_the_steps_that_led_there(demo):
    article = Article.objects.get(status=Article.Status.WITHDRAWN)
    assert "Joan Marsh" in article.withdrawal_notice
    published, withdrawn = article.steps.all()
    assert (published.after, withdrawn.after) == ("published", "withdrawn")
    assert published.at == article.published_at < withdrawn.at < timezone.now()


def test_one_story_is_a_draft_that_the_demo_reporter_can_work_on(demo):
    reporter = User.objects.get(username="reporter")
    article = Article.objects.get(status=Article.Status.DRAFT)
    assert article in Article.objects.editable_by(reporter)
    assert article.published_at is None


def test_one_story_is_scheduled_and_not_out(demo):
    article = Article.objects.get(status=Article.Status.SCHEDULED)
    assert 7 <= (article.published_at - timezone.now()).days <= 9
    assert article not in Article.objects.published()


def test_pictures_in_the_text_are_the_library_s(demo):
    pictured = Article.objects.filter(body__contains="<figure>")
    assert pictured.count() >= 6
    for article in pictured:
        assert "data-scene" not in article.body
        assert "<picture>" in article.body_html


# People


@pytest.mark.parametrize("role", ["", "reporter", "editor", "moderator", "administrator"])
def test_one_person_of_each_role_can_log_in(demo, role):
    (person,) = [one for one in people.people() if one.login and one.role == role]
    user = User.objects.get(username=person.username)
    assert user.email == f"{person.username}@pellworth.example"
    assert user.emailaddress_set.get().verified
    assert user.emailaddress_set.get().primary
    assert [group.name for group in user.groups.all()] == ([role] if role else [])
    assert user.is_staff == bool(role)
    assert user.is_superuser == (role == "administrator")


def test_the_password_is_the_one_that_is_printed(demo, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    assert User.objects.get(username="moderator").check_password("newsroom-demo")


def test_nobody_else_can_log_in(demo):
    logins = [one.username for one in people.people() if one.login]
    others = User.objects.exclude(username__in=logins)
    assert others.count() > 60
    assert not any(user.has_usable_password() for user in others)


def test_the_demo_reader_s_comments_are_shown_at_once_and_one_waits(demo):
    reader = User.objects.get(username="reader")
    assert Comment.objects.visible().filter(author=reader).exists()
    assert Comment.objects.held_for(reader).count() == 1


# The conversation


def test_about_four_hundred_comments_stand_in_threads_of_very_different_shapes(demo):
    assert 380 <= Comment.objects.visible().count() <= 460
    counts = Article.objects.listed().values_list("comment_count", flat=True)
    assert min(counts) == 0
    assert 2 in counts
    assert max(counts) > 100
    assert Comment.objects.aggregate(deepest=models.Max("depth"))["deepest"] >= 10
    stubs = Comment.objects.placed().exclude(status=Comment.Status.APPROVED)
    assert stubs.count() >= 8
    assert {stub.status for stub in stubs} >= {"rejected", "removed"}


def test_counters_say_what_the_rows_do(demo):
    assert [line for article in Article.objects.all() for line in counters.drift(article)] == []


def test_numbers_run_without_a_gap_in_the_order_in_which_comments_became_visible(demo):
    for article in Article.objects.filter(last_number__gt=0):
        numbered = article.comments.exclude(number=None).order_by("number")
        assert [row.number for row in numbered] == list(range(1, article.last_number + 1))
        times = [row.visible_at for row in numbered]
        assert times == sorted(times)


def test_replies_come_after_what_they_answer_was_visible_and_nothing_comes_from_the_future(demo):
    early = Comment.objects.filter(created_at__lte=models.F("parent__visible_at"))
    assert not early.exists()
    assert not Comment.objects.filter(parent__number=None, parent__isnull=False).exists()
    now = timezone.now()
    for rows in [Comment.objects.filter(created_at__gt=now), Decision.objects.filter(at__gt=now)]:
        assert not rows.exists()
    assert not Report.objects.filter(at__gt=now).exists()
    assert not Comment.objects.filter(created_at__lt=models.F("author__date_joined")).exists()


def test_every_status_was_reached_by_decisions(demo):
    decisions = Decision.objects.filter(revision=None).order_by("comment", "pk")
    last = {}
    for comment_id, steps in itertools.groupby(decisions, key=lambda row: row.comment_id):
        path = list(steps)
        assert path[0].before == Comment.Status.PENDING
        assert [step.at for step in path] == sorted(step.at for step in path)
        last[comment_id] = path[-1].after
    for comment in Comment.objects.exclude(status=Comment.Status.PENDING):
        assert last[comment.pk] == comment.status
    assert not Comment.objects.filter(announce_due=True).exists()


def test_every_rejection_tells_its_author_why(demo):
    rejections = Decision.objects.filter(after=Comment.Status.REJECTED, act=Decision.Act.DECIDE)
    assert rejections.count() == 11
    for decision in rejections:
        assert decision.by.username == "moderator"
        assert decision.reason
        assert decision.message


def test_about_forty_comments_wait_for_at_least_six_kinds_of_reasons(demo):
    waiting = Comment.objects.pending()
    assert 38 <= waiting.count() <= 48
    reasons = Finding.objects.filter(comment__in=waiting).values_list("reason", flat=True)
    assert len(set(reasons)) >= 6
    assert Finding.objects.filter(comment__in=waiting, check_name="word-list").exclude(matches=[])
    for comment in waiting:
        assert comment.findings.exists()
        age = timezone.now() - comment.created_at
        assert datetime.timedelta(minutes=12) <= age <= datetime.timedelta(days=3, minutes=5)


def test_about_eight_visible_comments_are_reported_and_undecided(demo):
    reported = Comment.objects.visible().filter(reports__in=Report.objects.open()).distinct()
    assert reported.count() == 8
    assert Report.objects.count() > Report.objects.open().count()


def test_word_rules_are_those_of_the_desk(demo):
    assert WordRule.objects.filter(action=WordRule.Action.BLOCK).count() == 2
    assert WordRule.objects.filter(kind=WordRule.Kind.PATTERN).count() == 1
    assert WordRule.objects.filter(action=WordRule.Action.PROMPT).count() == 2
    for rule in WordRule.objects.all():
        rule.clean()


def test_respect_is_given_by_others_and_once(demo):
    assert Respect.objects.count() > 5000
    assert not Respect.objects.filter(reader=models.F("comment__author")).exists()


# Taking part


def test_picks_have_a_reason_an_editor_and_a_time_and_some_threads_have_them(demo):
    picks = Comment.objects.picked()
    assert picks.count() >= 14
    for pick in picks:
        assert pick.picked_by.has_perm("comments.pick_comment")
        assert pick.picked_by != pick.author
        assert pick.visible_at < pick.picked_at <= timezone.now()
    per_story = picks.order_by().values("article").annotate(count=models.Count("pk"))
    assert max(row["count"] for row in per_story) <= Comment.MAX_PICKS
    threads = Comment.objects.filter(root=None, thread_picks__gt=0)
    assert sum(thread.thread_picks for thread in threads) == picks.count()


def test_experts_staff_and_the_story_s_author_answer(demo):
    answers = Comment.objects.visible().filter(parent__isnull=False)
    assert answers.exclude(author__expertise="").count() >= 5
    assert answers.filter(author__is_staff=True).count() >= 10
    assert answers.filter(author__byline__articles=models.F("article")).count() >= 10


def test_quotes_stand_where_they_say_save_one_from_a_story_that_was_corrected_since(demo):
    quoting = Comment.objects.exclude(quote="")
    assert {one.quote_source for one in quoting} == {"story", "comment"}
    gone = []
    for one in quoting:
        html = one.parent.body_html if one.quote_source == "comment" else one.article.body_html
        assert one.quote_version
        if one.quote not in text.plain(html):
            gone.append(one)
    assert [one.article.slug for one in gone] == ["bakery-on-mill-lane-pays-everyone-the-same"]
    assert gone[0].article.corrections.exists()


def test_one_comment_has_a_history_and_one_edit_waits_at_the_desk(demo):
    edited = Comment.objects.annotate(texts=models.Count("revisions")).get(texts=3)
    texts = [revision.body for revision in edited.revisions.readable()]
    assert len(texts) == 3
    assert texts[-1] == edited.body
    assert edited.edited_at == edited.revisions.last().at
    assert edited.decisions.filter(revision__isnull=False).count() == 2
    (waiting,) = Revision.objects.pending()
    assert waiting.body != waiting.comment.body
    assert waiting.findings.get().check_name == "late-edit"
    assert waiting.comment.created_at + Comment.EDIT_WINDOW < waiting.at < timezone.now()


def test_one_story_has_more_threads_than_a_page_and_one_thread_more_replies(demo):
    story = Article.objects.listed()[0]
    assert story.thread_count > 20
    assert story.comments.filter(root=None).order_by("-visible_replies")[0].visible_replies > 12


def test_one_story_is_slow_one_moderated_first_and_one_shows_no_rules(demo):
    assert Article.objects.get(slow_mode__gt=0).comment_count > 30
    assert Article.objects.get(comment_policy="premoderated").comments.pending().exists()
    assert Article.objects.filter(shows_rules=False).count() == 1


def test_the_demo_reader_may_claim_what_they_said_as_a_guest(demo):
    reader = User.objects.get(username="reader")
    claimable = Comment.objects.claimable_by(reader)
    assert claimable.count() == 3
    assert claimable.values("article").distinct().count() == 2
    others = Comment.objects.filter(author=None).exclude(pk__in=claimable)
    assert others.count() >= 2
    assert all(comment.guest_name for comment in [*claimable, *others])


def test_the_demo_reader_finds_something_new_where_they_were_before(demo):
    reader = User.objects.get(username="reader")
    new = {}
    for visit in Visit.objects.filter(reader=reader):
        assert timezone.now() - visit.at > Visit.ONE_SITTING
        new[visit.article.slug] = visit.article.last_number - visit.latest
    assert new["tram-line-2-will-open-eleven-months-late"] > 20
    assert min(new.values()) == 0


def test_the_demo_reader_follows_a_story_and_a_thread_and_mutes_somebody(demo):
    reader = User.objects.get(username="reader")
    mine = Follow.objects.filter(reader=reader)
    assert mine.filter(thread=None).count() == 2
    assert mine.filter(thread__isnull=False).count() == 2
    assert Mute.objects.filter(reader=reader).count() == 1
    for follow in Follow.objects.filter(thread__isnull=False):
        assert follow.thread.root is None
        assert follow.thread.article == follow.article
        assert follow.thread.is_visible


def test_the_demo_reader_s_reports_are_settled_and_open(demo):
    mine = Report.objects.filter(reporter__username="reader")
    assert mine.open().count() == 1
    assert mine.filter(decision__after="rejected").count() == 1


def test_the_usual_wait_comes_from_enough_decisions(demo):
    wait = waits.usual_wait()
    assert wait is not None
    assert datetime.timedelta(minutes=10) < wait < datetime.timedelta(hours=1)


def test_the_demo_reader_has_notices_of_many_kinds_some_unread_and_none_goes_out(demo):
    mine = Notice.objects.filter(person__username="reader").standing()
    kinds = set(mine.values_list("kind", flat=True))
    # Nothing was decided about them, and no thread of theirs was closed.
    assert kinds == set(Notice.Kind) - {Notice.Kind.SANCTION, Notice.Kind.CLOSED}
    assert 3 <= mine.unread().count() <= 8
    assert mine.exclude(read_at=None).count() > 10
    assert not Notice.objects.exclude(mail="", mail_due_at=None).exists()
    assert not Notice.objects.filter(at__gt=timezone.now()).exists()


def test_nobody_is_told_again_of_what_the_demo_told(demo):
    before = Notice.objects.count()
    followed = Article.objects.annotate(last=models.Max("followers__at")).exclude(last=None)
    later = [
        comment
        for article in followed
        for comment in article.comments.visible().filter(created_at__gte=article.last)
    ]
    assert sum(notices.announce(comment) for comment in later) > 5
    notices.announce_corrections()
    assert notices.announce_due() == 0
    assert Notice.objects.count() == before


def test_what_came_of_asking_to_think_again_adds_up(demo):
    for row in PromptCount.objects.filter(outcome=PromptCount.Outcome.SHOWN):
        ends = PromptCount.objects.filter(rule=row.rule, day=row.day).exclude(pk=row.pk)
        assert sum(end.count for end in ends) == row.count
        assert row.day < timezone.localdate()
    assert PromptCount.objects.exists()
