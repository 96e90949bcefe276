"""Real exports, and the counts that a right import of each must give.

They are other people's, and so not kept here: ``WORDPRESS_EXPORTS`` names a folder with them and
an ``EXPECTED.json`` that says by each file's name what must come of it; else they are looked for
in ``shared/data/imports`` beside the project.
"""

import json
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Count

from accounts.models import User
from articles.models import Article, Author, Byline, Image, MovedAddress, Section, Topic
from comments import counters, wordpress
from comments.models import Comment, Decision

BESIDE = settings.BASE_DIR.parent / "shared" / "data" / "imports"
FOLDER = Path(os.environ.get("WORDPRESS_EXPORTS") or BESIDE)
EXPECTED = FOLDER / "EXPECTED.json"
CASES = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
SOUND = [
    name
    for name, case in CASES.items()
    if name.startswith("wxr/") and isinstance(case["import_must_produce"], dict)
]
BROKEN = [name for name in CASES if name.startswith("wxr/") and name not in SOUND]

pytestmark = pytest.mark.skipif(not CASES, reason=f"no real exports in {FOLDER}")
TABLES = (Article, Author, Byline, Image, MovedAddress, Section, Topic, Comment, Decision, User)


def counts():
    return {model.__name__: model.objects.count() for model in TABLES}


def read_by(report, start):
    """Rows of the report whose label begins so, by the rest of the label."""
    return {
        label.removeprefix(start): row.read
        for label, row in report.rows.items()
        if label.startswith(start)
    }


@pytest.mark.django_db
@pytest.mark.parametrize("name", SOUND)
def test_export_gives_exactly_the_expected_counts(name):
    want = CASES[name]["import_must_produce"]
    report, _ = wordpress.import_file(FOLDER / name)
    assert report.failures == []
    assert read_by(report, "Posts: ") == want["posts_by_status"]
    assert read_by(report, "Pages: ") == want["pages_by_status"]
    assert read_by(report, "Other items: ") == want["items_to_skip"]
    assert Article.objects.filter(kind="story").count() == want["posts"]
    assert Article.objects.filter(kind="page").count() == want["pages"]
    assert Image.objects.count() == want["attachments"]
    assert Author.objects.count() == want["authors_expected_union_without_stray_angle_brackets"]
    assert Section.objects.count() == want["categories_union_by_slug"]
    assert Topic.objects.count() == want["tags_union_by_slug"]
    assert Article.objects.filter(is_featured=True).count() == want["sticky"]
    password = "article with a password: kept as a draft, so that it stays private"
    assert report.notes[password] == want["password_protected"]

    states = read_by(report, "Comments: ")
    assert sum(states.values()) == want["comments_total"]
    for state in ("approved", "pending", "spam", "trash"):
        assert states.get(state, 0) == want[f"comments_{state}"], state
    types = report.comment_types
    assert types["readers’"] == want["reader_comments"]
    assert types["pingbacks"] == want["pingbacks"]
    assert types["trackbacks"] == want["trackbacks"]
    assert report.deepest == want["max_thread_depth_root_is_1"]
    skipped = sum(
        row.skipped.total() for label, row in report.rows.items() if label.startswith("Comments")
    )
    assert Comment.objects.count() == want["comments_total"] - skipped
    assert skipped == want["pingbacks"] + want["trackbacks"] + (name == "wxr/isso-wordpress.xml")


@pytest.mark.django_db
@pytest.mark.parametrize("name", SOUND)
def test_second_run_changes_nothing_and_says_so(name, capsys):
    call_command("import_wordpress", FOLDER / name)
    capsys.readouterr()
    before = counts(), list(Article.objects.order_by("pk").values())
    comments = list(Comment.objects.order_by("pk").values())
    call_command("import_wordpress", FOLDER / name)
    assert "Nothing changed: everything in this file was here already." in capsys.readouterr().out
    assert (counts(), list(Article.objects.order_by("pk").values())) == before
    assert list(Comment.objects.order_by("pk").values()) == comments


@pytest.mark.django_db
@pytest.mark.parametrize("name", SOUND)
def test_dry_run_changes_nothing_and_reports_the_same(name):
    before = counts()
    dry, _ = wordpress.import_file(FOLDER / name, is_dry_run=True)
    assert counts() == before
    wet, _ = wordpress.import_file(FOLDER / name)
    assert dry.rows == wet.rows
    assert dry.notes == wet.notes


@pytest.mark.django_db
@pytest.mark.parametrize("name", BROKEN)
def test_broken_export_is_refused_with_its_line_and_changes_nothing(name):
    before = counts()
    with pytest.raises(CommandError, match=r"was not imported\. .*: line \d+, column \d+\.$"):
        call_command("import_wordpress", FOLDER / name)
    assert counts() == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", SOUND)
def test_every_imported_page_answers_and_shows_its_threads(name, client):
    wordpress.import_file(FOLDER / name)
    for article in Article.objects.published():
        answer = client.get(article.get_absolute_url())
        assert answer.status_code == 200, article.get_absolute_url()
        text = answer.content.decode()
        for comment in article.comments.all():
            assert (f'id="{comment.anchor}"' in text) == comment.is_placed
    for article in Article.objects.filter(status__in=["draft", "scheduled"]):
        assert client.get(article.get_absolute_url()).status_code in {302, 403, 404}
    for comment in Comment.objects.filter(status="pending"):
        assert comment.body not in client.get(comment.article.get_absolute_url()).text


@pytest.mark.django_db
@pytest.mark.parametrize("name", SOUND)
def test_every_old_address_leads_to_a_page_or_nowhere(name, client):
    wordpress.import_file(FOLDER / name)
    moved = MovedAddress.objects.filter(article__in=Article.objects.published())
    for address in moved.select_related("article"):
        # The client takes what follows two slashes for a host; a server does not.
        answer = client.get(address.path.replace("//", "/%2F", 1))
        assert answer.status_code == 301, address.path
        assert answer["Location"] == address.article.get_absolute_url()
    for address in MovedAddress.objects.filter(article__status="draft"):
        assert client.get(address.path).status_code in {200, 404}


@pytest.mark.django_db
@pytest.mark.parametrize("name", SOUND)
def test_imported_counters_and_record_are_right(name):
    wordpress.import_file(FOLDER / name)
    for article in Article.objects.all():
        assert counters.drift(article) == []
        numbers = list(article.comments.filter(is_placed=True).values_list("number", flat=True))
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    for comment in Comment.objects.filter(parent__is_placed=True, is_placed=True):
        assert comment.parent.number < comment.number
    decided = Comment.objects.exclude(status="pending").annotate(count=Count("decisions"))
    assert all(comment.count == 1 for comment in decided)
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_slashes_and_quotes_survive():
    wordpress.import_file(FOLDER / "wxr/slashes.xml")
    article = Article.objects.get()
    assert article.body == r"<p>Slashes aren\'t \"cool\"</p>"
    assert article.section.name == r"a \"great\" category"
    assert Topic.objects.get().name == r"foo\'bar"
    comment = Comment.objects.get()
    assert comment.body == r"\o/ ¯\_(ツ)_/¯"
    assert comment.body_html == r"<p>\o/ ¯\_(ツ)_/¯</p>"


@pytest.mark.django_db
def test_every_script_and_sign_survives():
    """Emoji, right-to-left, combining and invisible signs, as they stand in the file."""
    path = FOLDER / "wxr/wxr-utf-8-challenges.xml"
    wordpress.import_file(path)
    article = Article.objects.get()
    content = path.read_text().partition("<content:encoded>")[2].partition("</content:encoded>")[0]
    plain = [line for line in content.splitlines() if line and not set("<&]") & set(line)]
    assert len(plain) > 6
    for line in plain:
        assert line in article.body
    assert f"<title><![CDATA[{article.headline}]]></title>" in path.read_text()


@pytest.mark.django_db
def test_depth_ten_thread_keeps_its_shape():
    wordpress.import_file(FOLDER / "wxr/themeunittestdata.wordpress.xml")
    deepest = Comment.objects.order_by("-depth").first()
    assert deepest.depth == 9
    assert deepest.root.depth == 0
    assert deepest.root.visible_replies >= 9
