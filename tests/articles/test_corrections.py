"""Corrections: where they stand, what they are called, and that none is taken back."""

import json
import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from articles.models import Correction

KINDS = [
    ("correction", "Correction, "),
    ("clarification", "Clarification, "),
    ("editors-note", "Editor’s note, "),
    ("update", "Update, "),
    ("retraction", "Retraction, "),
]


@pytest.fixture
def wrong(article, editor):
    """Gives a correction of the article, as an editor adds it."""

    def add(kind="correction", text="The river is the Ard.", **more):
        return article.correct(editor, kind, text, **more)

    return add


@pytest.mark.parametrize(("kind", "word"), KINDS)
def test_each_kind_carries_its_word_on_the_story(client, article, wrong, kind, word):
    wrong(kind)
    html = client.get(article.get_absolute_url()).text
    assert f"<strong>{word}" in html
    assert re.search(r"<strong>.*?<time datetime=\"[^\"]+[+-]\d\d:\d\d\"", html)


@pytest.mark.parametrize(("kind", "word"), KINDS)
def test_what_changes_how_all_is_read_stands_on_top_and_the_rest_below(
    client, article, wrong, kind, word
):
    wrong(kind)
    html = client.get(article.get_absolute_url()).text
    is_on_top = html.index(word) < html.index('class="body"')
    assert is_on_top == (kind in {"editors-note", "retraction"})
    assert (html.count('aria-label="Corrections"') == 1) != is_on_top


def test_several_stand_in_their_order(client, article, wrong):
    for number in range(3):
        wrong(text=f"It was {number}.")
    html = client.get(article.get_absolute_url()).text
    assert html.index("It was 0.") < html.index("It was 1.") < html.index("It was 2.")
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', html, re.DOTALL)[1])
    assert [one["text"] for one in data["correction"]] == ["It was 0.", "It was 1.", "It was 2."]


def test_page_of_corrections_is_typed_filtered_and_leads_to_the_place(client, article, wrong):
    fix, note = wrong(), wrong("editors-note", "We know more now.", is_from_reader=True)
    page = client.get("/corrections/").text
    assert f"#correction-{fix.pk}" in page
    assert f"#correction-{note.pk}" in page
    assert "Reported by a reader" in page
    assert page.index("We know more now.") < page.index("The river is the Ard.")
    only = client.get("/corrections/?kind=correction").text
    assert "The river is the Ard." in only
    assert "We know more now." not in only
    assert "There is none of this kind." in client.get("/corrections/?kind=update").text
    assert client.get("/corrections/?kind=lie").status_code == 404


def test_pages_of_one_kind_lead_to_pages_of_that_kind(client, article, wrong):
    for number in range(21):
        wrong(text=f"It was {number}.")
    first = client.get("/corrections/?kind=correction").text
    assert 'href="?kind=correction&amp;page=2"' in first
    assert "It was 0." in client.get("/corrections/?kind=correction&page=2").text


def test_feed_has_them_all(client, article, wrong):
    for kind, _ in KINDS:
        wrong(kind, f"About a {kind}.")
    feed = client.get(reverse("articles:corrections-feed")).text
    for kind, _ in KINDS:
        assert f"About a {kind}." in feed


def test_corrections_of_what_readers_cannot_read_are_listed_nowhere(client, article, wrong, editor):
    wrong()
    article.refresh_from_db()
    article.withdraw(by=editor, notice="All of it was wrong.")
    assert "The river is the Ard." not in client.get("/corrections/").text
    assert "The river is the Ard." not in client.get(reverse("articles:corrections-feed")).text


# Never taken back


def at_its_end(change):
    """Make a change in a transaction, up to what is asked at the end of one."""
    with transaction.atomic():
        change()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(change):
    with pytest.raises(DatabaseError, match="only added to"):
        at_its_end(change)


def test_database_refuses_to_change_a_correction_or_take_it_back(article, wrong):
    fix = wrong()
    mine = Correction.objects.filter(pk=fix.pk)
    refused(lambda: mine.update(text="The river is not the Ard."))
    refused(lambda: mine.update(kind="update"))
    refused(lambda: mine.update(is_from_reader=True))
    refused(mine.delete)
    assert Correction.objects.get().text == "The river is the Ard."


def test_nobody_else_is_said_to_have_written_it(wrong, moderator):
    fix = wrong()
    refused(lambda: Correction.objects.filter(pk=fix.pk).update(by=moderator))


def test_correction_stays_when_whoever_wrote_it_is_deleted(wrong, editor):
    wrong()
    editor.delete()
    assert Correction.objects.get().by is None


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite asks of no other row later")
def test_correction_goes_with_its_story(article, wrong):
    wrong()
    at_its_end(article.delete)
    assert not Correction.objects.exists()
