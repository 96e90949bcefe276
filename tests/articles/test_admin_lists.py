"""The list of stories: its columns and filters, what is said after a save, what it costs."""

import datetime

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from articles.models import Article, ErrorReport, Image, Section, Step
from comments.models import Comment
from tests.articles.conftest import change_url, post_data

LIST = "/admin/articles/article/"
Status, Verb = Article.Status, Article.Verb
DAY = datetime.timedelta(days=1)


@pytest.fixture
def found(desk):
    """Gives the headlines that the list shows when it is asked so."""

    def ask(client=desk, **query):
        answer = client.get(LIST, query)
        assert answer.status_code == 200, answer
        return {story.headline for story in answer.context["cl"].result_list}

    return ask


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_states_are_as_readers_and_the_clock_have_them(found, make_article):
    now = timezone.now()
    make_article(headline="out by the clock", status=Status.SCHEDULED, published_at=now - DAY)
    make_article(headline="to come", status=Status.SCHEDULED, published_at=now + DAY)
    make_article(headline="out", published_at=now - DAY)
    make_article(headline="over", published_at=now - 2 * DAY, expires_at=now - DAY)
    make_article(headline="gone", status=Status.WITHDRAWN, withdrawal_notice="Gone.")
    make_article(headline="begun", status=Status.DRAFT)
    make_article(headline="handed in", status=Status.REVIEW)
    asked = {
        "published": {"out", "out by the clock"},
        "scheduled": {"to come"},
        "ended": {"over"},
        "withdrawn": {"gone"},
        "draft": {"begun"},
        "review": {"handed in"},
        "ready": set(),
    }
    assert {state: found(status__exact=state) for state in asked} == asked


def test_a_killed_story_is_in_the_list_of_those_who_may_kill_and_of_no_others(
    client, make_user, make_article, found
):
    make_article(headline="killed", status=Status.KILLED)
    assert found(status__exact="killed") == {"killed"}
    client.force_login(make_user(role="moderator"))
    assert found(client) == set()
    assert client.get(LIST, {"status__exact": "killed"}).status_code == 302


def test_filters_are_combined(found, make_article):
    sport = Section.objects.create(name="Sport", slug="sport")
    make_article(headline="both", section=sport, label="opinion")
    make_article(headline="sport alone", section=sport)
    make_article(headline="opinion alone", label="opinion")
    assert found(section__id__exact=sport.pk, label__exact="opinion") == {"both"}
    assert found(section__id__exact="", label__exact="") == {
        "both", "sport alone", "opinion alone",
    }  # fmt: skip


def test_standing_pages_are_a_type(found, make_article):
    make_article(headline="About us", kind="page")
    make_article(headline="A story")
    assert found(label__exact="page") == {"About us"}


def test_stories_are_found_by_a_part_of_an_authors_name(found, make_article):
    make_article(headline="hers", author_name="Ruth Hallam")
    make_article(headline="his", author_name="Jo Lowry")
    assert found(author="hall") == {"hers"}
    assert found(author="lowry jo") == {"his"}
    assert found(author="nobody") == set()


def test_stories_are_found_by_when_they_came_out(found, make_article):
    zone = timezone.get_current_timezone()
    for year, month, day in [(2024, 2, 29), (2024, 3, 1), (2025, 1, 1)]:
        at = datetime.datetime(year, month, day, tzinfo=zone)
        make_article(headline=f"{year}-{month}", published_at=at)
    make_article(headline="now", published_at=timezone.now())
    assert found(published="2024") == {"2024-2", "2024-3"}
    assert found(published="2024-02") == {"2024-2"}
    assert found(published="7") == {"now"}
    assert found(published="today") == {"now"}


@pytest.mark.parametrize(
    "query",
    [{"published": "2024-13"}, {"published": "0000"}, {"published": "soon"},
     {"status__exact": "lost"}, {"desk": "theirs"}, {"section__id__exact": "x"},
     {"label__exact": "rumour"}],
)  # fmt: skip
def test_a_filter_takes_only_what_it_offers(desk, query):
    assert desk.get(LIST, query).status_code == 302


def test_mine_is_what_i_began_or_am_named_in(found, make_article, editor, make_user):
    make_article(headline="begun", created_by=editor)
    make_article(headline="theirs", created_by=make_user())
    named = make_article(headline="named", author_name="Ed Itor")
    named.bylines.get().author.__class__.objects.filter(name="Ed Itor").update(user=editor)
    assert found(desk="mine") == {"begun", "named"}


def test_what_waits_for_whom(client, found, make_article, reporter, editor, make_user):
    fields = {"published_at": None, "published_on": None, "created_by": reporter}
    make_article(headline="new", status=Status.DRAFT, **fields)
    returned = make_article(headline="returned", status=Status.DRAFT, **fields)
    returned.submit(reporter)
    returned.return_to_draft(editor, "Shorter, please.")
    make_article(headline="handed in", status=Status.REVIEW, **fields)
    make_article(headline="ready", status=Status.READY, **fields)
    make_article(headline="out")
    assert found(desk="waiting") == {"handed in", "ready"}
    client.force_login(reporter)
    assert found(client, desk="waiting") == {"returned"}
    assert found(client) == {"new", "returned", "handed in", "ready"}
    client.force_login(make_user(role="moderator"))
    assert found(client, desk="waiting") == set()


def test_words_are_found_in_the_text_and_in_stories_nobody_has_read(found, make_article):
    make_article(headline="The weir", status=Status.DRAFT, body="<p>An otter at the sluice.</p>")
    make_article(headline="The quay")
    assert found(q="otter") == {"The weir"}
    assert found(q="slui") == {"The weir"}
    assert found(q="otter", status__exact="review") == set()


def test_reporters_search_their_own_stories_alone(client, found, make_article, reporter, editor):
    for user, headline in ((reporter, "Mine"), (editor, "Theirs")):
        make_article(headline=headline, status=Status.DRAFT, body="<p>Otter.</p>", created_by=user)
    client.force_login(reporter)
    assert found(client, q="otter") == {"Mine"}


def test_a_row_tells_length_picture_and_what_waits(desk, make_article, make_comment):
    image = Image.objects.create(title="Weir", digest="x", widths=[480])
    story = make_article(headline="The weir", label="opinion", lead_image=image)
    make_comment(article=story)
    for _ in range(2):
        make_comment(article=story, status=Comment.Status.PENDING)
    page = desk.get(LIST).text
    assert "The weir <small>Opinion</small>" in page
    assert '<td class="field-length">5</td>' in page
    assert "picture incomplete" in page
    assert '1, <b class="held">2 waiting</b>' in page


def test_columns_that_no_index_has_in_order_cannot_be_sorted_by(desk, article):
    page = desk.get(LIST)
    sorted_by = [one for one in ("when", "saved") if f"sortable column-{one}" in page.text]
    assert sorted_by == ["when", "saved"]
    assert page.text.count('class="sortable') + page.text.count("class=' sortable") <= 2
    assert desk.get(LIST, {"o": "1"}).status_code == 200


def test_an_empty_list_says_what_to_do_next(desk, article):
    assert "Show all stories" in desk.get(LIST, {"author": "nobody"}).text
    Step.objects.all().delete()
    ErrorReport.objects.all().delete()
    Article.objects.all().delete()
    assert "Write the first" in desk.get(LIST).text


@pytest.mark.parametrize("query", ["", "desk=mine", "desk=waiting", "status__exact=draft",
                                   "author=author", "q=river", "published=30"])  # fmt: skip
def test_the_list_costs_the_same_with_many_stories(
    desk, editor, make_article, make_comment, query, django_assert_num_queries,
    django_assert_max_num_queries,
):  # fmt: skip
    def more(times):
        for number in range(times):
            for status in (Status.DRAFT, Status.REVIEW, Status.PUBLISHED):
                story = make_article(
                    status=status, created_by=editor, author_name=f"Author {number}"
                )
            make_comment(article=story, status=Comment.Status.PENDING)

    more(2)
    with django_assert_max_num_queries(13) as few:
        assert desk.get(f"{LIST}?{query}").context["cl"].result_list
    more(14)
    with django_assert_num_queries(len(few)) as many:
        desk.get(f"{LIST}?{query}")
    counts = [one["sql"] for one in many.captured_queries if "COUNT(" in one["sql"]]
    assert all("LIMIT 5000" in sql for sql in counts)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({}, "Saved. Readers see it now."),
        ({"status": Status.DRAFT}, "Saved. Readers do not see it yet."),
        (
            {"status": Status.WITHDRAWN, "withdrawal_notice": "Gone."},
            "Saved. Readers still find the notice in its place.",
        ),
        (
            {
                "status": Status.SCHEDULED,
                "published_at": timezone.make_aware(datetime.datetime(2999, 3, 1, 6)),
            },
            "Saved. Readers see it from 1 March, 06:00 on.",
        ),
    ],
)
def test_after_a_save_an_editor_is_told_who_sees_it(desk, make_article, state, words):
    story = make_article(**state)
    form = desk.get(change_url(story))
    answer = desk.post(change_url(story), post_data(form, _continue="1"))
    assert told(answer) == [words]


def test_other_rows_are_said_to_be_saved_in_a_word(desk, section):
    url = f"/admin/articles/section/{section.pk}/change/"
    answer = desk.post(url, post_data(desk.get(url), _save="1"))
    assert told(answer) == [f'Saved: <a href="{url}">Town</a>.']
    add = "/admin/articles/section/add/"
    data = post_data(desk.get(add), name="<b>Sea", slug="sea", _save="1")
    [words] = told(desk.post(add, data))
    assert words.startswith("Added: <a href=")
    assert "&lt;b&gt;Sea" in words
