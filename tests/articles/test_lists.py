"""Sections, topics, authors, archives and corrections: what they list, for whom, at what cost."""

import datetime

import pytest
from django.utils import timezone

from articles.lists import LAST_PAGE, PER_PAGE
from articles.models import Article, Author, Byline, Correction, Image, Topic
from newsroom.memory import fragments

NOON = datetime.datetime(2024, 1, 5, 12, tzinfo=datetime.UTC)


@pytest.fixture
def flood(db):
    return Topic.objects.create(name="Flood", slug="flood")


@pytest.fixture
def publish(make_article, flood):
    def make(**fields):
        article = make_article(**{"published_at": NOON} | fields)
        article.topics.add(flood)
        return article

    return make


LISTS = [
    "/",
    "/sections/town/",
    "/topics/flood/",
    "/authors/ruth-hallam/",
    "/2024/",
    "/2024/01/",
    "/2024/01/05/",
    "/corrections/",
    "/search/?q=river",
]


@pytest.mark.parametrize("address", LISTS)
def test_lists_answer_and_set_no_cookie_and_carry_no_token(client, publish, address):
    Correction.objects.create(article=publish(), text="Put right.")
    answer = client.get(address)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "csrfmiddlewaretoken" not in answer.text
    assert "public" in answer["Cache-Control"]
    assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize("address", LISTS)
def test_lists_are_private_for_who_is_known(client, publish, newcomer, address):
    publish()
    client.force_login(newcomer)
    assert "private" in client.get(address)["Cache-Control"]


@pytest.mark.parametrize("address", LISTS)
def test_lists_refuse_a_post(client, publish, address):
    publish()
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", LISTS)
def test_hidden_articles_are_in_no_list(client, publish, address):
    publish(headline="The river is read")
    for headline, fields in {
        "The river drafted": {"status": Article.Status.DRAFT, "published_at": None},
        "The river scheduled": {
            "status": Article.Status.SCHEDULED,
            "published_at": timezone.now() + datetime.timedelta(days=1),
            "published_on": NOON.date(),  # as if by mistake: the instant decides
        },
        "The river withdrawn": {
            "status": Article.Status.WITHDRAWN, "withdrawal_notice": "The river was not read."
        },
    }.items():  # fmt: skip
        Correction.objects.create(
            article=publish(headline=headline, **fields), text=f"{headline}, put right"
        )
    page = client.get(address).text
    for word in ("drafted", "scheduled", "withdrawn", "not read"):
        assert f"river {word}" not in page


def test_year_counts_only_what_is_listed(client, publish):
    publish()
    publish(published_at=NOON + datetime.timedelta(days=40))
    publish(status=Article.Status.WITHDRAWN, withdrawal_notice="Gone.")
    page = client.get("/2024/").text
    assert page.count("1 story") == 2
    assert 'href="/2024/02/"' in page


@pytest.mark.parametrize(
    "address", ["/2023/", "/2024/02/", "/2024/01/06/", "/2024/13/", "/2024/02/30/", "/0000/"]
)
def test_empty_and_impossible_dates_are_not_found(client, publish, address):
    publish()
    assert client.get(address).status_code == 404


def test_topic_and_author_of_nothing_published_are_not_found(client, make_article, flood):
    article = make_article(status=Article.Status.DRAFT, author_name="Nobody Yet")
    article.topics.add(flood)
    assert client.get("/topics/flood/").status_code == 404
    assert client.get("/authors/nobody-yet/").status_code == 404
    article.publish(by=None)
    assert client.get("/topics/flood/").status_code == 200
    assert client.get("/authors/nobody-yet/").status_code == 200


def test_empty_section_says_so(client, section):
    assert "Nothing has been published in this section yet" in client.get("/sections/town/").text


def test_author_page_introduces_the_author(client, publish):
    portrait = Image.objects.create(
        alt="Ruth", digest="abc", width=800, height=800, widths=[480, 800]
    )
    publish()
    Author.objects.filter(slug="ruth-hallam").update(
        bio="Twenty years on the quay.", beat="Harbour", contact="ruth@example.org",
        portrait=portrait,
    )  # fmt: skip
    page = client.get("/authors/ruth-hallam/").text
    for shown in ("Twenty years on the quay.", "Harbour", "mailto:ruth@example.org"):
        assert shown in page
    assert "/authors/ruth-hallam/feed/" in page
    assert f"/media/images/{portrait.pk}/" in page


def test_list_is_newest_first_and_paged(client, publish):
    for number in range(PER_PAGE + 2):
        publish(
            headline=f"Story {number:03}", published_at=NOON + datetime.timedelta(minutes=number)
        )
    first = client.get("/sections/town/").text
    assert first.index("Story 021") < first.index("Story 020")
    assert "Story 001" not in first
    assert 'href="?page=2"' in first
    second = client.get("/sections/town/?page=2").text
    assert "Story 001" in second
    assert "Story 021" not in second
    assert 'rel="prev" href="?"' in second
    assert 'rel="next"' not in second


@pytest.mark.parametrize(
    "number", ["0", "-1", "abc", "2", "1.5", "٣", "99999999999999999999", "1e9", "%F0%9F", "+1"]
)
def test_garbage_page_numbers_are_not_found(client, publish, number):
    publish()
    for address in ("/sections/town/", "/search/?q=river", "/corrections/"):
        join = "&" if "?" in address else "?"
        assert client.get(f"{address}{join}page={number}").status_code == 404


def test_pages_beyond_the_last_are_refused_without_asking_the_database_to_count(
    client, publish, django_assert_max_num_queries
):
    publish()
    with django_assert_max_num_queries(5):  # the section, and the 404's own
        assert client.get(f"/sections/town/?page={LAST_PAGE + 1}").status_code == 404


def test_card_shows_type_names_count_and_time(client, publish):
    article = publish(headline="Let them ring", label="opinion", comment_count=24)
    jo = Author.objects.create(name="Jo Lowry", slug="jo-lowry")
    Byline.objects.create(article=article, author=jo, position=1)
    page = client.get("/topics/flood/").text
    assert "By Ruth Hallam and Jo Lowry" in page
    assert "Opinion" in page
    assert 'href="/sections/town/"' in page
    assert f'href="{article.get_absolute_url()}#comments">24 comments' in page
    assert '<time datetime="2024-01-05T12:00:00+00:00"' in page


def test_card_is_silent_about_a_hidden_conversation(client, publish):
    publish(comment_count=24, comment_policy="hidden")
    assert "24 comments" not in client.get("/sections/town/").text


@pytest.mark.parametrize("address", LISTS[1:-1])  # search has a test of its own
def test_list_costs_the_same_for_few_and_many(
    client, publish, make_article, django_assert_num_queries, address
):
    def more(count):
        for _ in range(count):
            article = publish(
                lead_image=Image.objects.create(digest="a", width=9, height=6, widths=[9])
            )
            Byline.objects.create(
                article=article, author=Author.objects.get_or_create(name="Jo", slug="jo")[0]
            )
            Correction.objects.create(article=article, text="Put right.")

    expected = {
        "/sections/town/": 7,
        "/2024/": 5,
        "/2024/01/": 7,
        "/2024/01/05/": 6,
        "/corrections/": 2,
    }.get(address, 5)
    more(2)
    with django_assert_num_queries(expected):
        client.get(address)
    more(25)
    fragments.clear()
    with django_assert_num_queries(expected):
        client.get(address)


def test_list_answers_304_to_who_has_it(client, publish):
    publish()
    answer = client.get("/sections/town/")
    again = client.get("/sections/town/", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_headlines_are_text(client, publish):
    publish(headline="<script>alert(1)</script>", standfirst='"><img src=x>')
    for address in ("/", "/sections/town/", "/2024/01/", "/search/?q=script"):
        page = client.get(address).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_archive_leads_on_to_what_is_before_and_after(client, publish):
    for day in (5, 5, 9):
        publish(published_at=NOON.replace(day=day))
    publish(published_at=NOON.replace(year=2022, month=11, day=30))
    publish(published_at=NOON.replace(year=2025, month=3, day=1))
    publish(published_at=NOON.replace(day=7), status=Article.Status.WITHDRAWN)
    for address, before, after in (
        ("/2024/01/05/", "/2022/11/30/", "/2024/01/09/"),
        ("/2024/01/09/", "/2024/01/05/", "/2025/03/01/"),
        ("/2024/01/", "/2022/11/", "/2025/03/"),
        ("/2024/", "/2022/", "/2025/"),
    ):
        page = client.get(address).text
        assert f'rel="prev" href="{before}"' in page
        assert f'rel="next" href="{after}"' in page
    assert "Nothing older." in client.get("/2022/").text
    assert "Nothing newer." in client.get("/2025/03/01/").text


def test_month_counts_its_days(client, publish):
    for day in (5, 5, 9):
        publish(published_at=NOON.replace(day=day))
    days = client.get("/2024/01/").context["days"]
    assert [(day["start"].day, day["stories"]) for day in days] == [(5, 2), (9, 1)]
    assert 'href="/2024/01/09/"' in client.get("/2024/01/").text


@pytest.mark.parametrize("address", ["/0001/", "/0001/01/01/", "/9999/", "/9999/12/31/"])
def test_first_and_last_of_all_years_break_nothing(client, publish, address):
    publish()
    assert client.get(address).status_code == 404
