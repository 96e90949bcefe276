"""What editors pin on the front page and on those of sections: where it stands, and how long."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from articles import lists
from articles.models import Article, Image, Section, Slot
from articles.models.front import StaleOrder
from newsroom.memory import fragments
from newsroom.models import Edition

FRONT = "/admin/articles/slot/front/"
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def stories(make_article):
    """Ten stories, the newest first; each named by its place in time."""
    now = timezone.now()
    return [
        make_article(headline=f"Story {number}", published_at=now - (number + 1) * HOUR)
        for number in range(10)
    ]


@pytest.fixture
def pin(editor):
    def make(article, position, section=None, until=None):
        mark = Slot.objects.of(section).mark()
        old = [slot for slot in Slot.objects.of(section) if slot.article_id != article.pk]
        new = Slot(article_id=article.pk, position=position, until=until)
        Slot.arrange(section, [*old, new], mark, editor)

    return make


def top(at=None):
    front = lists.front_page(at)
    return [story.headline for story in [front.lead, *front.second_rank]]


def names(section=None):
    return [place.article.headline for place in lists.places(section, timezone.now())]


def test_pinned_story_keeps_its_place_and_the_newest_stand_around_it(stories, pin):
    assert top() == ["Story 0", "Story 1", "Story 2", "Story 3"]
    pin(stories[7], 2)
    assert top() == ["Story 0", "Story 7", "Story 1", "Story 2"]


def test_pinned_lead_stands_before_a_newer_one_with_a_picture(stories, pin):
    picture = Image.objects.create(alt="A", digest="a", width=9, height=6, widths=[9])
    Article.objects.filter(pk=stories[3].pk).update(lead_image=picture)
    assert top()[0] == "Story 3"
    pin(stories[8], 1)
    assert top()[0] == "Story 8"


def test_story_stands_once_wherever_it_is_pinned(stories, pin):
    for place, story in ((1, stories[5]), (3, stories[0]), (4, stories[9])):
        pin(story, place)
    front = lists.front_page()
    shown = [front.lead, *front.second_rank, *front.latest]
    shown += [one for block in front.blocks for one in [block.first, *block.rest]]
    in_blocks_and_above = shown[: -len(front.latest)] if front.latest else shown
    above = [front.lead.pk, *(one.pk for one in front.second_rank)]
    assert len(set(above)) == 4
    assert not set(above) & {one.pk for one in front.latest}
    blocks = {one.pk for block in front.blocks for one in [block.first, *block.rest]}
    assert not set(above) & blocks
    assert in_blocks_and_above


def test_second_row_stands_only_while_something_is_pinned_in_it(stories, pin):
    assert len(top()) == 4
    pin(stories[9], 6)
    assert top() == [*(f"Story {number}" for number in range(5)), "Story 9", "Story 5"]


def test_two_in_one_place_stand_after_each_other(stories, editor):
    for story in (stories[8], stories[9]):
        Slot.objects.create(article=story, position=2, by=editor)
    assert top() == ["Story 0", "Story 8", "Story 9", "Story 1"]


def test_pin_beyond_the_last_story_moves_up(make_article, pin):
    make_article(headline="One")
    pin(make_article(headline="Two"), 4)
    assert top() == ["One", "Two"]


def test_pin_ends_at_its_moment_and_the_page_with_it(stories, pin, client, time_machine):
    until = timezone.now() + HOUR
    pin(stories[9], 1, until=until)
    assert lists.front_page().until == until
    stamp = client.get("/").page_stamp
    assert stamp.until <= until.timestamp()
    time_machine.move_to(until + datetime.timedelta(seconds=1))
    assert top()[0] == "Story 0"


@pytest.mark.parametrize("section_too", [False, True])
def test_withdrawn_story_falls_out_by_itself(stories, pin, editor, section, section_too):
    pin(stories[4], 1, section if section_too else None)
    assert names(section if section_too else None)[0] == "Story 4"
    stories[4].withdraw(editor, "It was wrong.")
    assert names(section if section_too else None)[0] == "Story 0"


def test_scheduled_story_takes_its_place_once_it_is_out(make_article, stories, pin, time_machine):
    at = timezone.now() + HOUR
    soon = make_article(headline="Soon", status=Article.Status.SCHEDULED, published_at=at)
    pin(soon, 3)
    assert "Soon" not in top()
    time_machine.move_to(at + datetime.timedelta(seconds=1))
    assert top()[2] == "Soon"


def test_section_has_an_order_of_its_own_and_pages_on_without_gap_or_double(
    client, make_article, section, pin
):
    sport = Section.objects.create(name="Sport", slug="sport")
    now = timezone.now()
    here = [make_article(headline=f"Here {n:02}.", published_at=now - n * HOUR) for n in range(45)]
    guest = make_article(headline="A guest.", section=sport, published_at=now - 99 * HOUR)
    pin(here[30], 1, section)
    pin(guest, 3, section)
    pages = [client.get(f"/sections/town/?page={number}").context["page"] for number in (1, 2, 3)]
    shown = [story.headline for page in pages for story in page.items]
    assert shown[:4] == ["Here 30.", "Here 00.", "A guest.", "Here 01."]
    assert sorted(shown) == sorted([*(one.headline for one in here), "A guest."])
    assert [len(page.items) for page in pages] == [20, 20, 6]
    assert [page.has_next for page in pages] == [True, True, False]
    # On the sport's own front nothing is pinned, nor on the front page.
    assert names(sport) == ["A guest."]
    assert "Here 30." not in top()


def test_guest_on_a_section_front_says_where_it_is_from(client, make_article, section, pin):
    make_article()
    sport = Section.objects.create(name="Sport pages", slug="sport")
    pin(make_article(section=sport), 1, section)
    assert (
        'class="label"><a href="/sections/sport/">Sport pages' in client.get("/sections/town/").text
    )


def test_every_new_order_has_the_pages_made_anew(stories, pin):
    before = Edition.objects.get().number
    pin(stories[2], 1)
    assert Edition.objects.get().number > before


def test_order_that_somebody_changed_meanwhile_is_refused(stories, editor):
    seen = Slot.objects.of(None).mark()
    Slot.arrange(None, [Slot(article_id=stories[5].pk, position=1)], seen, editor)
    with pytest.raises(StaleOrder):
        Slot.arrange(None, [Slot(article_id=stories[6].pk, position=1)], seen, editor)
    assert [slot.article_id for slot in Slot.objects.of(None)] == [stories[5].pk]


@pytest.mark.parametrize("pins", [0, 5])
def test_fronts_cost_the_same_for_few_and_many_stories(
    client, make_article, section, pin, django_assert_num_queries, pins
):
    now = timezone.now()
    made = [make_article(published_at=now - n * HOUR) for n in range(8)]
    for place in range(1, pins + 1):
        pin(made[-place], place)
        pin(made[-place], place, section)
    for more in (0, 30):
        for n in range(more):
            make_article(published_at=now - n * HOUR)
        for address, count in (("/", 10), ("/sections/town/", 7), ("/sections/town/?page=2", 6)):
            if "page" in address and not more:
                continue
            fragments.clear()
            with django_assert_num_queries(count):
                client.get(address)


# The desk


def ask(client, address=FRONT, **data):
    """Send what a browser would from the page, with a change."""
    context = client.get(address).context
    sent = {"seen": context["seen"]}
    for row in context["rows"]:
        sent[f"place-{row.place.article.pk}"] = row.place.number
        sent[f"until-{row.place.article.pk}"] = row.until
    return client.post(address, sent | data)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def test_desk_shows_the_places_in_order_and_what_is_pinned(desk, stories, pin):
    pin(stories[9], 2)
    page = desk.get(FRONT).text
    assert page.index("Story 0") < page.index("Story 9") < page.index("Story 1")
    assert "Pinned</span> by" in page


def test_buttons_move_a_story_and_pin_it_there(desk, stories):
    ask(desk, move=f"{stories[2].pk}:up")
    assert names()[:4] == ["Story 0", "Story 2", "Story 1", "Story 3"]
    assert [(slot.position, slot.article_id) for slot in Slot.objects.all()] == [(2, stories[2].pk)]
    ask(desk, move=f"{stories[2].pk}:down")
    assert names()[:3] == ["Story 0", "Story 1", "Story 2"]


def test_typed_numbers_make_exactly_that_order(desk, stories, pin):
    pin(stories[4], 1)
    ask(desk, **{f"place-{stories[3].pk}": 1})
    assert names()[:3] == ["Story 3", "Story 4", "Story 0"]
    ask(desk, **{f"place-{stories[3].pk}": 7})
    assert names()[6] == "Story 3"
    assert names()[0] == "Story 4"


def test_pin_and_unpin(desk, stories):
    ask(desk, pin=stories[1].pk)
    slot = Slot.objects.get()
    assert (slot.position, slot.article, slot.by.username) == (2, stories[1], "editorial")
    ask(desk, unpin=stories[1].pk)
    assert not Slot.objects.exists()


def test_pin_until_is_in_the_papers_time_and_lies_ahead(desk, stories, settings):
    settings.TIME_ZONE = "UTC"
    until = (timezone.now() + 30 * HOUR).replace(second=0, microsecond=0)
    ask(desk, pin=stories[0].pk)
    assert f'name="until-{stories[0].pk}"' in desk.get(FRONT).text
    ask(desk, **{f"until-{stories[0].pk}": f"{until:%Y-%m-%dT%H:%M}"})
    assert Slot.objects.get().until == until
    for wrong in ("2020-01-01T00:00", "soon"):
        answer = ask(desk, **{f"until-{stories[0].pk}": wrong})
        assert "errornote-small" in answer.text
        assert wrong in answer.text
    assert Slot.objects.get().until == until


def test_save_that_changes_nothing_keeps_every_time(desk, stories, pin):
    until = timezone.now() + 30 * HOUR
    pin(stories[3], 1, until=until)
    ask(desk, save=1)
    assert Slot.objects.get().until == until


def test_story_is_found_by_its_headline_and_added_at_a_place(desk, stories, make_article):
    make_article(headline="A draft about tides", status=Article.Status.DRAFT)
    old = make_article(headline="The old tides", published_at=timezone.now() - 900 * HOUR)
    found = desk.get(FRONT, {"q": "tides"})
    assert [one.headline for one in found.context["found"]] == ["The old tides"]
    assert "The old tides" in desk.get(FRONT, {"q": "OLD", "results": 1}).text
    answer = ask(desk, add=old.pk, at=3)
    assert answer["Location"].endswith(f"#place-{old.pk}")
    assert names()[2] == "The old tides"


def test_draft_cannot_be_pinned(desk, stories, make_article):
    draft = make_article(status=Article.Status.DRAFT)
    ask(desk, add=draft.pk, at=1)
    assert not Slot.objects.exists()


def test_scheduled_story_waits_beside_the_order(desk, stories, make_article):
    at = timezone.now() + HOUR
    soon = make_article(headline="Soon", status=Article.Status.SCHEDULED, published_at=at)
    assert "once it is published" in desk.get(ask(desk, add=soon.pk, at=2)["Location"]).text
    page = desk.get(FRONT)
    assert [slot.article for slot in page.context["waiting"]] == [soon]
    assert "Soon" not in names()
    ask(desk, move=f"{stories[1].pk}:up")
    assert Slot.objects.get(article=soon).position == 2
    ask(desk, unpin=soon.pk)
    assert not Slot.objects.filter(article=soon).exists()


def test_eighth_pin_pushes_the_last_one_out(desk, stories):
    for number, story in enumerate(stories[:7], start=1):
        ask(desk, add=story.pk, at=number)
        ask(desk, pin=story.pk)
    answer = desk.get(ask(desk, add=stories[9].pk, at=1)["Location"])
    assert "has left it" in answer.text
    assert names()[0] == "Story 9"
    assert Slot.objects.count() == 7


def test_stale_order_is_refused_and_the_present_one_shown(desk, stories, pin):
    seen = desk.get(FRONT).context["seen"]
    pin(stories[8], 1)
    answer = desk.post(FRONT, {"seen": seen, "pin": stories[2].pk})
    assert answer.status_code == 409
    assert "Somebody else arranged this page" in answer.text
    assert answer.context["rows"][0].place.article == stories[8]
    assert [slot.article for slot in Slot.objects.all()] == [stories[8]]


@pytest.mark.parametrize(
    "data",
    [
        {"move": "x"}, {"move": "99:up"}, {"move": "1:sideways"}, {"unpin": "-1"}, {"pin": "٣"},
        {"add": "9" * 30, "at": "0"}, {"seen": "nonsense"}, {"place-1": "1e3", "until-99": "soon"},
    ],
)  # fmt: skip
def test_nonsense_changes_nothing_and_breaks_nothing(desk, stories, data):
    before = names()
    assert ask(desk, **data).status_code in {302, 409}
    assert names() == before


@pytest.mark.parametrize("role", ["reporter", "moderator"])
def test_others_than_editors_arrange_nothing(client, make_user, stories, role):
    client.force_login(make_user(role=role))
    for address in (FRONT, f"{FRONT}town/", "/admin/articles/slot/preview/"):
        assert client.get(address).status_code == 403
    assert client.post(FRONT, {"pin": stories[0].pk}).status_code == 403
    assert not Slot.objects.exists()


def test_readers_are_sent_to_log_in(client, stories):
    assert client.get(FRONT).status_code == 302
    assert client.get("/admin/articles/slot/preview/").status_code == 302


def test_section_that_is_none_is_not_found(desk, stories):
    assert desk.get(f"{FRONT}nowhere/").status_code == 404
    assert desk.get("/admin/articles/slot/preview/nowhere/").status_code == 404


def test_desk_costs_the_same_for_few_and_many(desk, make_article, pin, django_assert_num_queries):
    made = [make_article() for _ in range(8)]
    pin(made[0], 1)
    with django_assert_num_queries(12):
        desk.get(FRONT)
    for story in made[1:7]:
        pin(story, 2)
    for _ in range(20):
        make_article()
    with django_assert_num_queries(12):
        desk.get(FRONT)


# As of a moment


def test_preview_shows_the_front_as_of_a_moment(desk, make_article, stories, pin, section):
    now = timezone.now()
    soon = make_article(
        headline="Soon", status=Article.Status.SCHEDULED, published_at=now + 2 * HOUR
    )
    Article.objects.filter(pk=stories[1].pk).update(expires_at=now + HOUR)
    pin(stories[9], 1, until=now + HOUR)
    pin(soon, 2)
    assert top() == ["Story 9", "Story 0", "Story 1", "Story 2"]
    at = timezone.localtime(now + 3 * HOUR)
    answer = desk.get("/admin/articles/slot/preview/", {"at": f"{at:%Y-%m-%dT%H:%M}"})
    front = answer.context["front"]
    shown = [story.headline for story in [front.lead, *front.second_rank]]
    assert shown == ["Story 0", "Soon", "Story 2", "Story 3"]
    assert f'href="{reverse("articles:preview", args=[soon.pk])}"' in answer.text
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in answer.text
    assert 'rel="canonical"' not in answer.text
    of_section = desk.get(
        "/admin/articles/slot/preview/town/", {"at": f"{at:%Y-%m-%dT%H:%M}"}
    ).context["page"]
    assert [one.headline for one in of_section.items][:2] == ["Soon", "Story 0"]
    assert "Story 1" not in [one.headline for one in of_section.items]
    assert "Soon" not in desk.get("/").text


@pytest.mark.parametrize("at", ["2020-01-01T00:00", "nonsense", "9999-12-31T23:59", "\x00"])
def test_preview_of_no_moment_ahead_says_so_and_shows_now(desk, stories, at):
    answer = desk.get("/admin/articles/slot/preview/", {"at": at})
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert answer.context["preview_error"]
        assert answer.context["front"].lead == stories[0]


def test_desk_names_the_moments_at_which_the_page_changes(desk, stories, pin, make_article):
    now = timezone.now()
    make_article(headline="Soon", status=Article.Status.SCHEDULED, published_at=now + 2 * HOUR)
    pin(stories[3], 2, until=now + HOUR)
    said = [what for _, _, what in desk.get(FRONT).context["coming"]]
    assert said == ["“Story 3” loses its place", "“Soon” is published"]
