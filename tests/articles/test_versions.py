"""The versions of a story that readers may open: which there are, what they say, what changed."""

import datetime
import re
from html import unescape

import pytest
from django.db import transaction
from django.utils import timezone

from articles import revisions
from articles.models import Article, Image

THREE = "<p>The river rose at four.</p><p>Nobody was hurt.</p><p>The wall held.</p>"


@pytest.fixture
def save(editor):
    """Gives a save as the desk's form makes it."""

    def change(article, substantive=True, **fields):
        with transaction.atomic():
            html = fields.pop("body", None)
            for name, value in fields.items():
                setattr(article, name, value)
            if html is not None:
                article.set_body(html)
            article.save_edit(article.version, is_substantive=substantive)
            revisions.take(article, editor, is_substantive=substantive)
            article.refresh_from_db()

    return change


@pytest.fixture
def story(make_article, save):
    """Published, with a small edit, a change that matters, and another small edit."""
    article = make_article(body=THREE, headline="The river rose", standfirst="It came at night.")
    save(article, substantive=False, standfirst="It came by night.")
    save(article, body=THREE.replace("at four", "at five in the morning"))
    save(article, substantive=False, body=article.body.replace("wall", "weir"))
    return article


def page(client, article, path="", **asked):
    answer = client.get(f"{article.get_absolute_url()}versions/{path}", asked)
    assert answer.status_code == 200
    return answer.text


def words(html):
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).split())


def test_list_has_every_version_newest_first_with_its_words(client, story):
    html = page(client, story)
    text = words(html)
    assert html.index("Version 2</a>") < html.index("Version 1</a>")
    assert "Version 3" not in text
    assert "5 words added , 2 words taken out" in text
    assert "As first published" in text
    assert text.count("and 1 small edit since") == 2
    assert re.search(r'<time datetime="[^"]+[+-]\d\d:\d\d"', html)
    assert timezone.localtime().tzname() in text


def test_who_saved_it_is_not_told(client, story, editor):
    for path in ("", "1/", "2/"):
        html = page(client, story, path)
        assert "editorial" not in html
        assert str(editor) not in html


def test_version_shows_what_readers_read_then_whole(client, story):
    first, second = page(client, story, "1/"), page(client, story, "2/")
    assert "It came at night." in first
    assert "The river rose at four." in first
    assert "at five in the morning" not in first
    assert "It came by night." in second
    assert "The river rose at five in the morning." in second
    # A later small edit is in no version yet.
    assert "weir" not in second
    assert "The story has changed since" in first
    assert "The newest" in second


def test_version_says_what_changed_since_the_one_before_small_edits_included(client, story):
    changes = page(client, story, "2/").partition("version-whole")[0]
    assert re.search(r"<del>.*?four.*?</del>", changes)
    assert re.search(r"<ins>.*?five in the morning.*?</ins>", changes)
    assert "Standfirst" in changes
    assert "taken out" in changes  # for those who do not see the strokes
    assert "version-changes" not in page(client, story, "1/")


def test_any_two_versions_are_compared(client, story, save):
    save(story, headline="The river fell")
    assert re.search(r"<del>.*?four", page(client, story, "3/", compare=1))
    assert not re.search(r"<del>.*?four", page(client, story, "3/"))
    back = page(client, story, "1/", compare=3)
    assert re.search(r"<ins>.*?four", back)


NONE = ["3/", "0/", "01/", "999999/", "x/", "1/?compare=1", "2/?compare=9", "2/?compare=x",
        "2/?compare=", "?page=9"]  # fmt: skip


@pytest.mark.parametrize("path", NONE)
def test_version_that_is_none_is_not_found(client, story, path):
    assert client.get(f"{story.get_absolute_url()}versions/{path}").status_code == 404


def test_versions_are_found_by_no_search_engine_and_name_the_story(client, story):
    address = f"http://testserver{story.get_absolute_url()}"
    for path in ("", "1/", "2/"):
        answer = client.get(f"{story.get_absolute_url()}versions/{path}")
        assert answer["X-Robots-Tag"] == "noindex"
        assert f'<link rel="canonical" href="{address}">' in answer.text


def test_only_what_readers_read_now_has_versions(client, story, editor, make_article, save):
    paths = [f"{story.get_absolute_url()}versions/{path}" for path in ("", "1/")]
    hour = datetime.timedelta(hours=1)

    def statuses():
        return {client.get(path).status_code for path in paths}

    def become(**fields):
        Article.objects.filter(pk=story.pk).update(**fields)
        story.renew_pages()

    assert statuses() == {200}
    become(status=Article.Status.WITHDRAWN)
    assert statuses() == {404}
    become(status=Article.Status.KILLED)
    assert statuses() == {client.get(story.get_absolute_url()).status_code} == {410}
    become(status=Article.Status.PUBLISHED, expires_at=timezone.now() - hour / 2,
           published_at=timezone.now() - hour)  # fmt: skip
    assert statuses() == {404}
    become(status=Article.Status.SCHEDULED, expires_at=None, published_at=timezone.now() + hour)
    assert statuses() == {404}


def test_scheduled_storys_first_version_is_of_its_hour_not_of_its_saving(
    client, make_article, editor, save, time_machine
):
    now = timezone.now()
    draft = make_article(status=Article.Status.DRAFT, body=THREE)
    save(draft, body=THREE.replace("four", "three"))
    draft.schedule(by=editor, at=now + datetime.timedelta(hours=5))
    save(draft, body=THREE.replace("four", "two"))
    time_machine.move_to(now + datetime.timedelta(hours=6))
    html = page(client, draft)
    assert (
        f'datetime="{timezone.localtime(draft.published_at).isoformat(timespec="seconds")}"' in html
    )
    assert "Version 2" not in html
    assert "at two" in page(client, draft, "1/")


def test_story_that_never_changed_has_its_page_all_the_same(client, article):
    assert "There is one version of this story" in page(client, article)
    assert client.get(f"{article.get_absolute_url()}versions/1/").status_code == 404


def test_story_leads_to_its_versions_once_it_was_updated(client, make_article, save):
    article = make_article(body=THREE)
    link = f'href="{article.get_absolute_url()}versions/"'
    assert link not in client.get(article.get_absolute_url()).text
    save(article, substantive=False, body=THREE.replace("wall", "weir"))
    assert link not in client.get(article.get_absolute_url()).text
    save(article, body=THREE.replace("four", "five"))
    html = client.get(article.get_absolute_url()).text
    assert link in html
    assert "See what changed" in html


def test_correction_stands_beside_the_version_it_came_with(client, story, save, editor):
    story.correct(editor, "correction", "It rose at five, not at four.", is_from_reader=True)
    save(story, headline="The river fell", substantive=True)
    Article.objects.get(pk=story.pk).revisions.filter(public_number=3).update(
        at=timezone.now() + datetime.timedelta(hours=1)
    )
    story.renew_pages()
    html = page(client, story)
    place = html.index("It rose at five, not at four.")
    assert html.index("Version 2</a>") < place < html.index("Version 1</a>")
    assert "Reported by a reader." in html


def test_page_is_made_anew_after_a_change_and_kept_until_then(client, story, save):
    address = f"{story.get_absolute_url()}versions/"
    first = client.get(address)
    known = {"If-None-Match": first["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    assert "s-maxage" in first["Cache-Control"]
    assert not first.cookies
    save(story, headline="The river fell")
    after = client.get(address, headers=known)
    assert after.status_code == 200
    assert "Version 3" in after.text


def test_hostile_text_of_the_past_is_sanitised_again(client, story):
    first = story.revisions.get(public_number=1)
    hostile = '<p onclick="x()">One<script>alert(1)</script></p><img src=x onerror=alert(2)>'
    first.content = first.content | {
        "body": hostile,
        "headline": "<script>alert(3)</script>",
        "dateline": "<b>DOVER</b>",
        "bylines": [{"pk": 1, "name": "<i>Ruth</i>", "role": "", "outlet": ""}],
    }
    first.save()
    for path, asked in (("1/", {}), ("2/", {}), ("", {}), ("1/", {"compare": 2})):
        html = page(client, story, path, **asked)
        for bad in ("onclick=", "<script>alert", "onerror=", "<b>DOVER", "<i>Ruth"):
            assert bad not in html.replace("&lt;p onclick=", ""), (path, bad)


def test_pictures_of_old_versions_show_only_while_there_are_such(client, make_article, save):
    image = Image.objects.create(title="The weir", alt="A weir")
    shown = f'<p>See:</p><figure><img src="/media/images/{image.pk}/" alt="A weir"></figure>'
    article = make_article(body=shown)
    save(article, body="<p>See nothing.</p>")
    # A record without its file.
    html = page(client, article, "1/").partition("version-whole")[2]
    assert "<img" not in html


@pytest.mark.parametrize("many", [2, 12])
def test_pages_cost_the_same_queries_at_any_number(
    client, make_article, save, editor, many, django_assert_max_num_queries
):
    article = make_article(body=THREE)
    for number in range(many):
        save(article, body=THREE.replace("four", f"{number}"))
        save(article, substantive=False, body=article.body.replace("wall", f"wall {number}"))
        article.correct(editor, "correction", f"It was {number}.")
    with django_assert_max_num_queries(7):
        page(client, article)
    with django_assert_max_num_queries(5):
        page(client, article, "2/")


def test_long_list_has_pages(client, make_article, save):
    article = make_article(body=THREE)
    for number in range(22):
        save(article, body=THREE.replace("four", f"{number}"))
    first, second = page(client, article), page(client, article, page=2)
    assert "Version 23</a>" in first
    assert "Version 4</a>" in first
    assert "Version 3</a>" not in first
    assert "Version 3</a>" in second
    # The last of a page is compared with the first of the next.
    assert first.count("1 word added") == 20
    assert second.count("1 word added") == 2
    assert "the newest" in first
    assert "the newest" not in second


def test_long_story_is_compared_in_bounded_time(client, make_article, save):
    sentences = [
        f"<p>Sentence {n} of the river and its wall, told at length.</p>" for n in range(2000)
    ]
    article = make_article(body="".join(sentences))
    save(article, body="".join(sentences[::-1]))
    begun = datetime.datetime.now()
    page(client, article, "2/")
    page(client, article)
    assert datetime.datetime.now() - begun < datetime.timedelta(seconds=10)
