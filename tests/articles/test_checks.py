"""Publish checks: what stops a story, what is only said, and where it is mended."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from articles import checks
from articles.models import Image, ReviewStep, Section
from tests.articles.conftest import change_url


def words(lacks):
    return [lack.words for lack in lacks]


@pytest.mark.parametrize(
    ("fields", "lack", "field"),
    [
        ({"body": ""}, "text", "body"),
        ({"section": None}, "section", "section"),
        ({"source_outlet": "The Courier"}, "address of the original story", "source_url"),
        (
            {"source_url": "https://courier.example/x"},
            "outlet that published the original story",
            "source_outlet",
        ),
        ({"indexing": "elsewhere"}, "address of the original that search engines shall find "
         "instead", "indexing"),
        (
            {"originally_published": timezone.localdate() + datetime.timedelta(days=3)},
            "an original date that is not in the future",
            "originally_published",
        ),
    ],
)  # fmt: skip
def test_each_lack_stops_it_and_says_where_it_is_mended(desk, make_article, fields, lack, field):
    draft = make_article(status="draft", **fields)
    found = checks.missing(draft)
    assert [(one.words, one.field) for one in found] == [(lack, field)]
    assert f'<a href="#id_{field}">{lack}</a>' in desk.get(change_url(draft)).text


def test_a_complete_story_lacks_nothing_and_is_advised_of_nothing(make_article):
    draft = make_article(status="draft", standfirst="It rose at four.")
    assert checks.missing(draft) == checks.advice(draft) == []


def test_photos_of_the_text_are_looked_at_as_the_lead_is(make_article):
    lead, inside = (
        Image.objects.create(title=title, digest="x", widths=[480]) for title in ("Quay", "Wall")
    )
    draft = make_article(
        status="draft", lead_image=lead,
        body=f'<p>It rose.</p><figure><img src="/media/images/{inside.pk}/x-480.jpeg"></figure>',
    )  # fmt: skip
    found = checks.missing(draft)
    assert [(one.words, one.field) for one in found] == [
        ("alternative text of the picture “Quay”", "lead_image"),
        ("credit of the picture “Quay”", "lead_image"),
        ("alternative text of the picture “Wall”", "body"),
        ("credit of the picture “Wall”", "body"),
    ]


def test_advice_stops_nothing(make_article, editor):
    make_article(headline="The same again")
    draft = make_article(
        status="draft", headline="The same again",
        body='<p>See <a href="/2020/01/01/gone/">this</a> and <a href="/sections/town/">that</a>, '
        'or <a href="https://elsewhere.example/">there</a>.</p>',
    )  # fmt: skip
    told = words(checks.advice(draft))
    assert told[0].startswith("It has no standfirst")
    assert told[1].endswith("has the same headline.")
    assert told[2].startswith("Links to pages of ours")
    assert "/2020/01/01/gone/" in told[2]
    assert "/sections/town/" not in told[2]
    draft.publish(editor)
    assert draft.is_live


def test_a_long_headline_is_said_with_its_length(make_article):
    draft = make_article(status="draft", headline="x" * 111, standfirst="It rose.")
    assert words(checks.advice(draft)) == [
        "The headline has 111 characters; search engines cut it at 110."
    ]


def test_a_headline_of_last_month_may_come_again(make_article):
    make_article(headline="Tide times", published_at=timezone.now() - datetime.timedelta(days=30))
    draft = make_article(status="draft", headline="Tide times", standfirst="This week’s.")
    assert checks.advice(draft) == []


def test_many_stories_are_checked_at_the_cost_of_one(make_article, django_assert_num_queries):
    step = ReviewStep.objects.create(name="Legal", group=Group.objects.get(name="legal"))
    image = Image.objects.create(title="Quay", digest="x", widths=[480], alt="It", credit="A. B.")

    def drafts(count):
        made = [make_article(status="draft", lead_image=image) for _ in range(count)]
        for draft in made:
            draft.review_steps.add(step)
        return made

    for made in (drafts(1), drafts(6)):
        with django_assert_num_queries(5):
            around = checks.Around(made)
            told = [words(checks.missing(draft, around)) for draft in made]
        assert told == [["the word of Legal, who must sign it off"]] * len(made)


def test_links_are_followed_to_where_they_lead_by_now(make_article, section):
    live, gone = make_article(), make_article()
    gone.kill(None, "A court order.")
    Section.objects.create(name="Coast", slug="coast")
    body = "".join(
        f'<p><a href="{address}">x</a></p>'
        for address in [
            live.get_absolute_url(), gone.get_absolute_url(), "/sections/coast/",
            "/sections/none/", "/topics/none/", "/nowhere", "//elsewhere.example/x", "#part",
        ]
    )  # fmt: skip
    draft = make_article(status="draft", standfirst="It rose.", body=body)
    told = words(checks.advice(draft))[0]
    assert live.get_absolute_url() not in told
    assert "/sections/coast/" not in told
    assert "elsewhere" not in told
    for dead in (gone.get_absolute_url(), "/sections/none/", "/topics/none/", "/nowhere"):
        assert dead in told
