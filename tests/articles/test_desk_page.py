"""The desk's first page and its calendar: what each role finds there, and at what cost."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from articles.admin import desk as article_desk
from articles.models import Article, Autosave, ErrorReport, Image, ReviewStep, Step
from comments.models import Comment
from tests.articles.conftest import change_url

INDEX = "/admin/"
CALENDAR = "/admin/articles/article/calendar/"
Status, Verb = Article.Status, Article.Verb
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def draft_of(make_article):
    """Gives a story of somebody's on its way."""

    def make(user, status=Status.DRAFT, **fields):
        fields |= {"published_at": None, "published_on": None}
        return make_article(status=status, created_by=user, **fields)

    return make


def newsdesk(user):
    return article_desk.newsdesk(
        type(user).objects.get(pk=user.pk)
    )  # as of now: permissions are kept


def headlines(few):
    return [line.story.headline for line in few.lines]


def test_a_reporter_finds_her_own_stories_and_no_colleagues(client, reporter, draft_of, editor):
    mine, other = draft_of(reporter, headline="My mill"), draft_of(editor, headline="Their mill")
    client.force_login(reporter)
    page = client.get(INDEX).text
    assert mine.headline in page
    assert change_url(mine) in page
    assert other.headline not in page
    assert "In review" not in page


def test_a_returned_story_stands_first_with_who_returned_it_and_why(
    client, reporter, editor, draft_of
):
    story = draft_of(reporter, headline="The figures")
    story.submit(reporter)
    story.return_to_draft(editor, "Ask the harbour office again.")
    draft_of(reporter, headline="Saved later")
    assert headlines(newsdesk(reporter).mine) == ["The figures", "Saved later"]
    client.force_login(reporter)
    page = client.get(INDEX).text
    assert f"Returned by {editor.name}" in page
    assert "Ask the harbour office again." in page


def test_what_waits_to_be_read_stands_oldest_first_with_who_handed_it_in(
    desk, reporter, draft_of, editor
):
    for headline, hours in [("Young", 1), ("Old", 70), ("Middling", 9)]:
        story = draft_of(reporter, headline=headline)
        story.submit(reporter)
        Step.objects.filter(article=story).update(at=timezone.now() - hours * HOUR)
    draft_of(reporter, headline="Not handed in")
    waiting = newsdesk(editor).in_review
    assert headlines(waiting) == ["Old", "Middling", "Young"]
    assert [line.age for line in waiting.lines] == ["days", "hours", "fresh"]
    assert f"handed in by {reporter.name}" in desk.get(INDEX).text


def test_a_lawyer_finds_what_waits_for_her_word_until_she_has_given_it(
    client, make_user, editor, reporter, draft_of
):
    lawyer = make_user("lawyerly", role="legal")
    step = ReviewStep.objects.create(name="Legal", group=Group.objects.get(name="legal"))
    asked, other = draft_of(reporter, headline="Asked"), draft_of(reporter, headline="Other")
    asked.review_steps.add(step)
    for story in (asked, other):
        story.submit(reporter)
    assert headlines(newsdesk(lawyer).to_sign) == ["Asked"]
    assert newsdesk(editor).to_sign is None
    client.force_login(lawyer)
    assert "Waiting for your word" in client.get(INDEX).text
    asked.sign_off(lawyer, step)
    assert headlines(newsdesk(lawyer).to_sign) == []


def test_what_is_missing_links_to_the_field_it_is_mended_in(desk, reporter, draft_of):
    story = draft_of(reporter, section=None, body="")
    story.submit(reporter)
    page = desk.get(INDEX).text
    assert f'<a href="{change_url(story)}#id_section">section</a>' in page
    assert f'<a href="{change_url(story)}#id_body">text</a>' in page


def test_a_story_that_lacks_nothing_is_not_listed_as_lacking(desk, reporter, draft_of):
    story = draft_of(reporter)
    story.submit(reporter)
    page = desk.get(INDEX)
    assert page.context["newsdesk"].lacking == []
    assert "has all it needs to be published" in page.text


def test_words_typed_and_not_saved_are_offered_to_whoever_typed_them(
    client, reporter, draft_of, make_user
):
    story = draft_of(reporter, headline="The weir")
    Autosave.objects.create(article=story, by=reporter, fields={"headline": "The weir, again"})
    client.force_login(reporter)
    assert "The weir, again" in client.get(INDEX).text
    client.force_login(make_user(role="reporter"))
    assert "The weir, again" not in client.get(INDEX).text


def test_what_just_came_out_says_what_waits_under_it(desk, article, make_comment):
    for number in range(3):
        make_comment(article=article, status=Comment.Status.PENDING)
        if number:
            ErrorReport.objects.create(reference=f"E-{number}", article=article, text="It was May.")
    make_comment(article=article)
    page = desk.get(INDEX).text
    assert "3 waiting" in page
    assert "2 reported errors" in page
    assert "1 comment<" in page or "1 comment " in page


def test_killed_and_withdrawn_stories_did_not_just_come_out(editor, make_article):
    shown = make_article()
    make_article(status=Status.WITHDRAWN, withdrawal_notice="Gone.")
    make_article(status=Status.KILLED)
    make_article(expires_at=timezone.now())
    assert headlines(newsdesk(editor).out) == [shown.headline]


def test_a_long_list_shows_ten_and_leads_to_the_rest(desk, reporter, draft_of, editor):
    for _ in range(12):
        draft_of(reporter, status=Status.READY)
    few = newsdesk(editor).ready
    assert (len(few.lines), few.said) == (10, "12")
    assert '<a href="/admin/articles/article/?status__exact=ready">All 12</a>' in desk.get(
        INDEX
    ).text.replace("\n", "")
    assert desk.get(few.url).context["cl"].result_count == 12


def test_an_empty_paper_says_what_to_do_next(desk, client, reporter):
    page = desk.get(INDEX).text
    for words in ("Nothing waits to be read", "No story is ready", "Write one</a>", "is out yet"):
        assert words in page
    client.force_login(reporter)
    page = client.get(INDEX).text
    assert "a headline is enough to begin" in page


def test_moderators_keep_their_way_and_get_no_article_desk(client, moderator, reader):
    client.force_login(moderator)
    page = client.get(INDEX)
    assert "newsdesk" not in page.context or page.context["newsdesk"] is None
    assert "Moderation desk" in page.text
    assert "Write a story" not in page.text
    client.force_login(reader)
    assert client.get(INDEX, follow=True).status_code == 403


@pytest.mark.parametrize("role", ["editor", "reporter", "legal", "publisher", "administrator"])
def test_the_desk_costs_the_same_with_many_stories(
    client,
    make_user,
    draft_of,
    make_article,
    make_comment,
    role,
    django_assert_num_queries,
    django_assert_max_num_queries,
):
    user = make_user(role=role)
    client.force_login(user)
    legal = ReviewStep.objects.create(name="Legal", group=Group.objects.get(name="legal"))
    image = Image.objects.create(title="Weir")

    def more(times):
        for number in range(times):
            for status in (Status.DRAFT, Status.REVIEW, Status.READY):
                story = draft_of(user, status=status, author_name=f"Author {number} {status}")
                story.review_steps.add(legal)
                Step.objects.create(
                    article=story, verb=Verb.SUBMIT, before="draft", after="review", by=make_user()
                )
                Article.objects.filter(pk=story.pk).update(
                    body=f'<p><img src="/media/images/{image.pk}/x-1.jpeg"></p>', lead_image=image
                )
            at = timezone.now() + (number + 1) * HOUR
            make_article(status=Status.SCHEDULED, published_at=at, created_by=user)
            out = make_article(created_by=user, expires_at=at)
            make_comment(article=out, status=Comment.Status.PENDING)
            Autosave.objects.create(article=story, by=user, fields={})

    more(2)
    with django_assert_max_num_queries(34) as few:
        client.get(INDEX)
    more(11)
    with django_assert_num_queries(len(few)):
        client.get(INDEX)


# The calendar


def test_the_calendar_tells_what_the_clock_does_by_day(client, editor, make_article, draft_of):
    client.force_login(editor)
    first = timezone.localdate() + datetime.timedelta(days=10)

    def at(days, hour):
        day = first + datetime.timedelta(days=days)
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour)))

    make_article(headline="Comes", status=Status.SCHEDULED, published_at=at(1, 6))
    make_article(headline="Comes too late", status=Status.SCHEDULED, published_at=at(7, 0))
    make_article(headline="Ends", expires_at=at(1, 7))
    draft_of(editor, headline="Held", embargo_until=at(2, 9))
    page = client.get(CALENDAR, {"from": str(first)})
    days = page.context["calendar"].days
    assert [[(e.what, e.story.headline) for e in day.entries] for day in days[:4]] == [
        [], [("appears", "Comes"), ("ends", "Ends")], [("embargo", "Held")], [],
    ]  # fmt: skip
    assert len(days) == 7
    assert "Comes too late" not in page.text
    assert page.text.count("Nothing yet") == 5


def test_the_calendar_tells_owner_state_length_and_picture(client, editor, make_article, section):
    client.force_login(editor)
    at = timezone.now() + HOUR
    make_article(
        headline="Comes", status=Status.SCHEDULED, published_at=at, author_name="Ruth Hallam"
    )
    row = client.get(CALENDAR).text.partition('<tr class="entry-appears">')[2].partition("</tr>")[0]
    for words in ("Ruth Hallam", "Scheduled", ">5<", "no picture", section.name):
        assert words in row


def test_the_calendar_is_narrowed_to_a_section(client, editor, make_article, section):
    client.force_login(editor)
    at = timezone.now() + HOUR
    make_article(headline="In town", status=Status.SCHEDULED, published_at=at)
    make_article(headline="Nowhere", status=Status.SCHEDULED, published_at=at, section=None)
    page = client.get(CALENDAR, {"section": section.pk}).text
    assert "In town" in page
    assert "Nowhere" not in page


def test_a_killed_story_is_in_no_calendar_but_of_those_who_may_kill(
    client, reporter, make_user, make_article
):
    at = timezone.now() - HOUR
    make_article(headline="Killed", status=Status.KILLED, published_at=at, created_by=reporter)
    for user in (reporter, make_user(role="moderator"), make_user(role="legal")):
        client.force_login(user)
        page = client.get(CALENDAR, {"from": str(timezone.localdate(at))})
        assert "Killed" not in page.text


def test_reporters_see_their_own_stories_in_the_calendar_and_no_others(
    client, reporter, editor, make_article, draft_of
):
    client.force_login(reporter)
    at = timezone.now() + HOUR
    make_article(headline="Mine", status=Status.SCHEDULED, published_at=at, created_by=reporter)
    make_article(headline="Theirs", status=Status.SCHEDULED, published_at=at, created_by=editor)
    draft_of(editor, headline="Their draft")
    page = client.get(CALENDAR).text
    assert "Mine" in page
    assert "Theirs" not in page
    assert "Their draft" not in page


@pytest.mark.parametrize(
    "query",
    ["from=0001-01-01", "from=9999-12-31", "from=2026-02-31", "from=soon", "section=x",
     "section=99999999999999999999", "section=77"],
)  # fmt: skip
def test_no_question_to_the_calendar_is_too_much(desk, query):
    assert desk.get(f"{CALENDAR}?{query}").status_code == 404


def test_the_calendar_costs_the_same_with_many_stories(
    client, editor, make_article, draft_of, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(editor)

    def more(times):
        for number in range(times):
            at = timezone.now() + number * HOUR + HOUR
            make_article(status=Status.SCHEDULED, published_at=at, author_name=f"A {number}")
            draft_of(editor, embargo_until=at)
            draft_of(editor)

    more(2)
    with django_assert_max_num_queries(14) as few:
        client.get(CALENDAR)
    more(9)
    with django_assert_num_queries(len(few)):
        client.get(CALENDAR)


def test_today_is_shown_hour_by_hour_with_a_line_at_now():
    now = timezone.make_aware(datetime.datetime(2026, 3, 4, 10, 30))

    def entry(hour, minute, headline):
        at = timezone.make_aware(datetime.datetime(2026, 3, 4, hour, minute))
        return article_desk.Entry(at, "appears", Article(headline=headline))

    entries = [entry(4, 0, "Early"), entry(10, 15, "Before"), entry(10, 45, "After")]
    today = article_desk.Day(now.date(), entries)
    hours = article_desk.Calendar(now.date(), [today], now).hours
    assert [one.hour for one in hours] == [*range(4, 22)]
    here = next(one for one in hours if one.now)
    assert here.hour == 10
    assert [one.story.headline for one in here.past] == ["Before"]
    assert [one.story.headline for one in here.ahead] == ["After"]


def test_the_calendar_is_linked_from_the_list_and_the_desk(desk):
    address = reverse("admin:articles_article_calendar")
    assert f'href="{address}"' in desk.get(INDEX).text
    assert f'href="{address}"' in desk.get("/admin/articles/article/").text
