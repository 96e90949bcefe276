"""The index of words: in step with every article, by whatever way it changes."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from articles import wording
from articles.models import Article, Author, Byline, Wording
from tests.articles.conftest import change_url, post_data

pytestmark = pytest.mark.django_db


def test_new_article_and_its_byline_are_in_step(make_article):
    make_article(body="<p>One&nbsp;&amp; two</p><ul><li>three</li><li><b>f</b>our</li></ul>")
    assert wording.out_of_step() == []
    assert Wording.objects.count() == 1


@pytest.mark.parametrize("change", [
    {"headline": "Another"},
    {"standfirst": "Another"},
    {"body": "<p>Another</p>"},
    {"section": None},
    {"published_at": "2020-01-01T00:00Z"},
])  # fmt: skip
def test_change_of_one_column_by_whoever_is_in_step(article, change):
    Article.objects.update(**change)
    assert wording.out_of_step() == []


def test_save_at_the_desk_is_in_step(desk, make_article):
    draft = make_article(status=Article.Status.DRAFT)
    address = change_url(draft)
    desk.post(address, post_data(desk.get(address), headline="Another"))
    draft.refresh_from_db()
    assert draft.headline == "Another"
    assert wording.out_of_step() == []


def test_byline_that_comes_moves_or_goes_is_in_step(article, make_article):
    other = make_article(author_name="Jo Lowry")
    second = Author.objects.create(name="Vera Sedgwick", slug="vera")
    byline = Byline.objects.create(article=article, author=second, position=3)
    assert wording.out_of_step() == []
    Byline.objects.filter(pk=byline.pk).update(position=0)
    assert wording.out_of_step() == []
    Byline.objects.filter(pk=byline.pk).update(article=other)
    assert wording.out_of_step() == []
    byline.delete()
    assert wording.out_of_step() == []


def test_new_name_of_an_author_is_in_step_everywhere(make_article):
    make_article()
    make_article()
    Author.objects.update(name="Ruth Marlow")
    assert wording.out_of_step() == []


def test_deleted_article_leaves_nothing(article):
    Article.objects.filter(pk=article.pk).delete()
    assert wording.out_of_step() == []
    assert not Wording.objects.exists()


def test_what_is_undone_is_undone_in_the_index(article):
    with transaction.atomic():
        Article.objects.update(headline="Another")
        transaction.set_rollback(True)
    assert wording.out_of_step() == []


def test_synthetic_newsroom_is_in_step():
    call_command("seed_scale", articles=30, comments=300, stdout=StringIO())
    assert Wording.objects.count() >= 30
    assert wording.out_of_step() == []
    Article.objects.filter(pk=Article.objects.first().pk).update(headline="Another")
    assert wording.out_of_step() == []


def test_index_that_lost_something_is_told_of_and_mended(make_article):
    lost, kept = make_article(), make_article()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM articles_wording WHERE article_id = %s", [lost.pk])
    with pytest.raises(CommandError, match=f"1 articles: {lost.pk}"):
        call_command("check_search")
    call_command("check_search", fix=True, stdout=StringIO())
    assert wording.out_of_step() == []
    assert set(Wording.objects.values_list("pk", flat=True)) == {lost.pk, kept.pk}
    Article.objects.update(headline="Another")
    assert wording.out_of_step() == []


def test_index_goes_by_the_language_of_the_paper(make_article, settings):
    make_article()
    settings.LANGUAGE_CODE = "nb"
    wording.rebuild()
    assert wording.out_of_step() == []


def test_deep_and_long_texts_are_indexed_quickly(make_article):
    html = "<ul>" + "".join(f"<li>word{n} <b>a</b></li>" for n in range(9000)) + "</ul>"
    make_article(body=html)
    assert wording.out_of_step() == []
