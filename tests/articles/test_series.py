"""Series: their page, the way from part to part, and how the desk puts them in order."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Series
from articles.models.paper import StaleParts
from articles.reading_on import ReadingOn
from newsroom.memory import fragments
from newsroom.models import Edition
from tests.articles.conftest import change_url, post_data

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def series(db):
    return Series.objects.create(name="The long tunnel", slug="long-tunnel")


@pytest.fixture
def parts(make_article, series):
    """Three parts, published in another order than theirs."""
    now = timezone.now()
    return [
        make_article(
            headline=f"Tunnel {number}",
            series=series,
            series_position=number,
            published_at=now - hours * HOUR,
        )
        for number, hours in ((1, 5), (2, 9), (3, 1))
    ]


def part(article):
    found = ReadingOn(Article.objects.get(pk=article.pk)).part
    return found and (found.number, found.count, found.previous, found.next)


def test_series_page_lists_the_parts_in_their_order(client, parts, series):
    page = client.get("/series/long-tunnel/").text
    assert page.index("Tunnel 1") < page.index("Tunnel 2") < page.index("Tunnel 3")
    assert "Part 2</p>" in page


def test_series_of_which_nothing_is_out_is_not_there(client, series, make_article):
    assert client.get("/series/long-tunnel/").status_code == 404
    draft = make_article(series=series, series_position=1, status=Article.Status.DRAFT)
    assert client.get("/series/long-tunnel/").status_code == 404
    draft.publish(by=None)
    assert client.get("/series/long-tunnel/").status_code == 200


def test_part_leads_to_the_one_before_and_the_one_after(client, parts):
    assert part(parts[0]) == (1, 3, None, parts[1])
    assert part(parts[1]) == (2, 3, parts[0], parts[2])
    assert part(parts[2]) == (3, 3, parts[1], None)
    page = client.get(parts[1].get_absolute_url()).text
    assert "Part 2 of 3</span> of the series" in page
    assert f'rel="prev" href="{parts[0].get_absolute_url()}"' in page
    assert f'rel="next" href="{parts[2].get_absolute_url()}"' in page


@pytest.mark.parametrize("status", ["draft", "scheduled", "withdrawn", "killed"])
def test_part_that_readers_do_not_see_is_stepped_over(client, parts, status):
    at = timezone.now() + HOUR if status == "scheduled" else parts[1].published_at
    Article.objects.filter(pk=parts[1].pk).update(status=status, published_at=at)
    Edition.move()
    assert part(parts[0]) == (1, 3, None, parts[2])
    for address in (parts[0].get_absolute_url(), "/series/long-tunnel/"):
        assert "Tunnel 2" not in client.get(address).text


def test_highest_number_that_readers_see_is_the_count(parts):
    Article.objects.filter(pk=parts[2].pk).update(status="draft")
    assert part(parts[0]) == (1, 2, None, parts[1])


def test_scheduled_part_comes_in_at_its_instant(client, parts, time_machine):
    at = timezone.now() + HOUR
    Article.objects.filter(pk=parts[2].pk).update(status="scheduled", published_at=at)
    Edition.move()
    assert "Tunnel 3" not in client.get(parts[1].get_absolute_url()).text
    time_machine.move_to(at + datetime.timedelta(seconds=1))
    assert "Tunnel 3" in client.get(parts[1].get_absolute_url()).text


def test_story_alone_in_its_series_says_nothing_of_it(client, make_article, series):
    alone = make_article(series=series, series_position=1)
    assert "of the series" not in client.get(alone.get_absolute_url()).text


def test_story_without_a_number_stands_at_the_end(make_article, parts, series):
    late = make_article(series=series)
    assert part(parts[2])[3] == late
    assert part(late) == (None, 4, parts[2], None)


def test_part_costs_the_same_in_a_long_series(
    client, parts, make_article, series, django_assert_num_queries
):
    # One query for the series, and none for the section: there is enough to read on.
    for more in (4, 20):
        for number in range(more):
            make_article(series=series, series_position=10 + number)
        fragments.clear()
        with django_assert_num_queries(7):  # enough to read on from, so the section is not asked
            client.get(parts[1].get_absolute_url())


# The desk


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def address(series):
    return reverse("admin:articles_series_change", args=[series.pk])


def arrange(client, series, **data):
    seen = client.get(address(series)).context["seen"]
    sent = {f"place-{pk}": n for n, pk in enumerate(seen.split(","), start=1)}
    url = reverse("admin:articles_series_parts", args=[series.pk])
    return client.post(url, {"seen": seen} | sent | data)


def order(series):
    return [(one.headline, one.series_position) for one in series.parts()]


def test_desk_moves_parts_by_button_and_by_number(desk, parts, series):
    arrange(desk, series, move=f"{parts[2].pk}:up")
    assert order(series) == [("Tunnel 1", 1), ("Tunnel 3", 2), ("Tunnel 2", 3)]
    arrange(desk, series, **{f"place-{parts[1].pk}": 1})
    assert order(series) == [("Tunnel 2", 1), ("Tunnel 1", 2), ("Tunnel 3", 3)]


def test_desk_takes_a_story_out_and_another_in(desk, parts, series, make_article):
    arrange(desk, series, leave=parts[0].pk)
    assert order(series) == [("Tunnel 2", 1), ("Tunnel 3", 2)]
    draft = make_article(headline="The epilogue", status=Article.Status.DRAFT)
    found = desk.get(address(series), {"q": "epilogue"}).context["found"]
    assert found == [draft]
    arrange(desk, series, add=draft.pk)
    assert order(series)[-1] == ("The epilogue", 3)


def test_equal_numbers_become_an_order_with_the_next_save(desk, parts, series):
    Article.objects.filter(series=series).update(series_position=2)
    arrange(desk, series, save=1)
    assert sorted(number for _, number in order(series)) == [1, 2, 3]


def test_stale_order_of_parts_is_refused(desk, parts, series):
    seen = [one.pk for one in parts]
    series.arrange(list(reversed(seen)), seen)
    with pytest.raises(StaleParts):
        series.arrange(seen, seen)
    url = reverse("admin:articles_series_parts", args=[series.pk])
    sent = {"seen": ",".join(map(str, seen)), "leave": parts[0].pk}
    answer = desk.post(url, sent, follow=True)
    assert "Somebody else changed this series" in answer.text
    assert order(series)[0] == ("Tunnel 3", 1)


def test_new_order_renews_the_pages_of_its_parts(parts, series):
    before = Edition.objects.get().number
    seen = [one.pk for one in parts]
    series.arrange([seen[1], seen[0], seen[2]], seen)
    assert Edition.objects.get().number > before
    for one, moved in zip(parts, [True, True, False], strict=True):
        assert (Article.objects.get(pk=one.pk).page_version > one.page_version) is moved


def test_reporter_sees_of_a_series_what_is_out_and_what_is_theirs(
    client, reporter, parts, series, make_article
):
    make_article(headline="A secret part", series=series, status=Article.Status.DRAFT)
    client.force_login(reporter)
    page = client.get(address(series)).text
    assert "Tunnel 1" in page
    assert "A secret part" not in page
    url = reverse("admin:articles_series_parts", args=[series.pk])
    assert client.post(url, {"seen": ""}).status_code == 403
    assert order(series)[0] == ("Tunnel 1", 1)


def test_deleted_series_leaves_its_stories(desk, parts, series):
    url = reverse("admin:articles_series_delete", args=[series.pk])
    desk.post(url, {"post": "yes", "leads_to": ""})
    assert not Series.objects.exists()
    assert Article.objects.filter(series=None).count() == 3
    assert desk.get("/series/long-tunnel/").status_code == 410


def test_story_gets_the_next_number_of_its_series_and_none_that_is_taken(
    desk, parts, series, make_article
):
    draft = make_article(headline="The epilogue", status=Article.Status.DRAFT)
    form = desk.get(change_url(draft))
    answer = desk.post(change_url(draft), post_data(form, series=series.pk, series_position="2"))
    assert "Another story is part 2 already; 4 is free." in answer.text
    desk.post(change_url(draft), post_data(form, series=series.pk, series_position=""))
    assert order(series)[-1] == ("The epilogue", 4)
    # Saved once more, it keeps its number.
    desk.post(change_url(draft), post_data(desk.get(change_url(draft))))
    assert order(series)[-1] == ("The epilogue", 4)
