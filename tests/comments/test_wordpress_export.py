"""``manage.py export_wordpress``: the file, what is in it, and what never is."""

import datetime
import os
import signal
import stat
import threading
import xml.etree.ElementTree as ET

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Author, Image, MovedAddress, Section, Series, Topic
from articles.wordpress import departures, wxr
from comments import counters, wordpress
from comments.models import Comment
from comments.wordpress import transcript
from tests.comments import wordpress_paper as kept

pytestmark = pytest.mark.django_db
WP = "{http://wordpress.org/export/1.2/}"
NAMES = {
    "wp": "http://wordpress.org/export/1.2/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
}
# What WordPress's own export writes in every item and comment, and its importer looks for.
# Source: wp-admin/includes/export.php and the importer's WXR_Parser_SimpleXML.
ITEM = [
    "title", "link", "pubDate", "dc:creator", "guid", "description", "content:encoded",
    "excerpt:encoded", "wp:post_id", "wp:post_date", "wp:post_date_gmt", "wp:post_modified",
    "wp:post_modified_gmt", "wp:comment_status", "wp:ping_status", "wp:post_name", "wp:status",
    "wp:post_parent", "wp:menu_order", "wp:post_type", "wp:post_password", "wp:is_sticky",
]  # fmt: skip
COMMENT = [
    "id", "author", "author_email", "author_url", "author_IP", "date", "date_gmt", "content",
    "approved", "type", "parent", "user_id",
]  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.xml"


def channel(path):
    return ET.parse(path).getroot().find("channel")  # noqa: S314 - our own file


def words(path):
    """Every text in the file, decoded."""
    return "\n".join(text for one in channel(path).iter() for text in [one.text] if text)


@pytest.fixture
def small(make_article, make_comment, make_user):
    """A paper with one of each."""
    article = make_article(headline="Tide & time ]]> <b>", standfirst="Short & <i>sweet</i>")
    article.topics.add(Topic.objects.create(name="Rain & wind", slug="rain"))
    article.lead_image = Image.objects.create(title="Wall", alt="A wall", caption="The wall",
                                              source_url="https://a.example/wall.jpg")  # fmt: skip
    article.series = Series.objects.create(name="Flood", slug="flood")
    article.save()
    root = make_comment(article, author=make_user("ada", display_name="Ada L."), body="I **say**")
    make_comment(parent=root, body="An answer", ip_address="192.0.2.77")
    make_comment(article, status="pending", body="I wait")
    make_comment(article, status="rejected", body="I was refused")
    return article


# What WordPress finds in it


def test_file_is_a_wordpress_export_of_version_1_2(small, path):
    wordpress.export_file(path)
    found = channel(path)
    assert found.findtext("wp:wxr_version", namespaces=NAMES) == "1.2"
    assert found.findtext("wp:base_blog_url", namespaces=NAMES).startswith("http")
    items = found.findall("item")
    assert [one.findtext(f"{WP}post_type") for one in items] == ["attachment", "post"]
    for one in items:
        assert [name for name in ITEM if one.find(name, NAMES) is None] == []
    story = items[1]
    assert story.findtext("title") == "Tide &amp; time ]]&gt; &lt;b&gt;"
    assert story.findtext("content:encoded", namespaces=NAMES) == small.body
    assert story.findtext("excerpt:encoded", namespaces=NAMES) == (
        "Short &amp; &lt;i&gt;sweet&lt;/i&gt;"
    )
    assert story.findtext("dc:creator", namespaces=NAMES) == "ruth-hallam"
    assert [(one.get("domain"), one.get("nicename")) for one in story.findall("category")] == [
        ("category", "town"), ("post_tag", "rain"), ("series", "flood"),
    ]  # fmt: skip
    metas = {one.findtext(f"{WP}meta_key"): one.findtext(f"{WP}meta_value")
             for one in story.findall(f"{WP}postmeta")}  # fmt: skip
    assert metas["_thumbnail_id"] == items[0].findtext(f"{WP}post_id")
    assert items[0].findtext(f"{WP}attachment_url") == "https://a.example/wall.jpg"
    said = story.findall(f"{WP}comment")
    for one in said:
        assert [name for name in COMMENT if one.find(f"{WP}comment_{name}") is None] == []
    by_text = {one.findtext(f"{WP}comment_content"): one for one in said}
    root, answer = by_text["<p>I <strong>say</strong></p>"], by_text["<p>An answer</p>"]
    assert root.findtext(f"{WP}comment_author") == "Ada L."
    assert answer.findtext(f"{WP}comment_parent") == root.findtext(f"{WP}comment_id")
    assert by_text["<p>I wait</p>"].findtext(f"{WP}comment_approved") == "0"
    assert by_text["<p>I was refused</p>"].findtext(f"{WP}comment_approved") == "trash"
    numbers = [one.findtext(f"{WP}post_id") for one in items]
    assert len(set(numbers)) == len(numbers)


def test_wordpress_gets_no_html_that_a_reader_typed(make_comment, path):
    make_comment(body="<script>alert(1)</script> <img src=x onerror=alert(1)>")
    guest = make_comment(body="x")
    Comment.objects.filter(pk=guest.pk).update(
        body="<script>alert(2)</script>kept", body_html="<p>kept</p>", renderer=0, author=None
    )
    wordpress.export_file(path)
    contents = [one.findtext(f"{WP}comment_content") for one in channel(path).iter(f"{WP}comment")]
    assert len(contents) == 2
    assert all("<script" not in one and "<img" not in one for one in contents)


@pytest.mark.parametrize(
    ("status", "days", "ends", "wanted"),
    [
        ("draft", None, None, "draft"),
        ("review", None, None, "pending"),
        ("ready", None, None, "draft"),
        ("scheduled", 2, None, "future"),
        ("scheduled", -2, None, "publish"),
        ("published", -2, None, "publish"),
        ("published", -2, 1, "publish"),
        ("published", -2, -1, "private"),
        ("withdrawn", -2, None, "private"),
        ("killed", -2, None, "trash"),
    ],
)
def test_story_is_public_on_wordpress_only_where_it_is_here(
    make_article, path, status, days, ends, wanted
):
    now = timezone.now()
    fields = {} if ends is None else {"expires_at": now + datetime.timedelta(days=ends)}
    if days is None:
        fields |= {"published_at": None, "published_on": None}
    else:
        fields |= {"published_at": now + datetime.timedelta(days=days)}
    article = make_article(status=status, **fields)
    wordpress.export_file(path)
    assert channel(path).findtext(f"item/{WP}status") == wanted
    assert (wanted == "publish") == Article.objects.live().filter(pk=article.pk).exists()


# What is never in it


def test_no_account_leaves_with_the_file(small, path, make_comment, editor):
    make_comment(small, author=editor, body="From the desk")
    editor.is_superuser = True
    editor.save()
    wordpress.export_file(path)
    text = path.read_text()
    for secret in ("ada@", "192.0.2.77", "editorial@", editor.password, "form_key"):
        assert secret not in text, secret
    assert "Ada L." in text


def test_guest_keeps_the_address_they_gave_and_an_account_has_none(make_comment, path):
    guest, claimed = make_comment(body="a"), make_comment(body="b")
    Comment.objects.filter(pk=guest.pk).update(
        author=None, guest_name="G", guest_email="g@a.example", guest_url="https://g.example/"
    )
    Comment.objects.filter(pk=claimed.pk).update(guest_name="C", guest_email="c@a.example")
    wordpress.export_file(path)
    assert "g@a.example" in path.read_text()
    assert "c@a.example" not in path.read_text()


def test_published_holds_what_readers_see_and_nothing_else(
    make_article, make_comment, path, section
):
    now = timezone.now()
    seen = make_article(
        headline="Seen", source_permission="internal note", embargo_note="internal embargo"
    )
    Section.objects.create(name="Secret section", slug="secret-section", in_masthead=False)
    hidden = [
        make_article(headline=f"Hidden {status}", status=status, author_name=f"Secret {status}",
                     withdrawal_notice="x")
        for status in ("withdrawn", "killed")
    ]  # fmt: skip
    hidden += [
        make_article(headline=f"Hidden {status}", status=status, published_at=None,
                     published_on=None, author_name=f"Secret {status}")
        for status in ("draft", "review", "ready")
    ]  # fmt: skip
    hidden.append(make_article(headline="Hidden later", status="scheduled",
                               published_at=now + datetime.timedelta(days=1)))  # fmt: skip
    hidden.append(make_article(headline="Hidden ended", expires_at=now,
                               author_name="Secret ended"))  # fmt: skip
    quiet = make_article(headline="Seen, its comments hidden", comment_policy="hidden")
    shown = Image.objects.create(title="For finding", alt="Shown picture", permission="internal")
    Image.objects.create(title="x", alt="Secret picture")
    for article in hidden:
        article.topics.add(Topic.objects.get_or_create(slug="secret", name="Secret topic")[0])
        make_comment(article, body="Secret, under what is hidden")
    seen.lead_image = shown
    seen.save()
    for status in ("pending", "rejected", "spam", "removed"):
        make_comment(make_comment(seen, body="Seen").article, status=status, body="Secret word")
    make_comment(quiet, body="Secret, its conversation is hidden")
    guest = make_comment(seen, body="Seen, a guest's")
    Comment.objects.filter(pk=guest.pk).update(
        author=None, guest_name="Guest", guest_email="secret@a.example"
    )
    MovedAddress.objects.create(path="/2020/01/02/secret-and-gone/")
    report = wordpress.export_file(path, for_readers=True)
    text = path.read_text()
    for secret in ("Hidden", "Secret", "secret", "internal", "For finding"):
        assert secret not in text, secret
    assert report.rows["Posts: publish"].new == 2
    assert report.rows["Comments: approved"].new == 5
    assert report.rows["Pictures (attachments)"].new == 1
    assert set(report.rows) & {"Comments: pending", "Comments: trash", "Posts: draft"} == set()
    wordpress.import_file(path)


# The file


def test_command_reports_what_it_wrote(small, path, capsys):
    call_command("export_wordpress", path)
    out = capsys.readouterr().out
    assert "Posts: publish" in out
    assert "Comments: pending" in out
    assert "Keep it as you keep the database." in out
    assert f"Written: {path}, " in out
    call_command("export_wordpress", path, "--published", "--force")
    assert "It holds what readers see, and nothing else." in capsys.readouterr().out


def test_file_is_nobody_elses_to_read(small, path):
    wordpress.export_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_file_that_is_there_stays_unless_told(small, path):
    path.write_text("mine")
    with pytest.raises(CommandError, match=r"is there already\. .* say --force"):
        call_command("export_wordpress", path)
    assert path.read_text() == "mine"
    call_command("export_wordpress", path, "--force")
    assert "<rss" in path.read_text()


def test_file_that_came_meanwhile_stays(small, path, monkeypatch):
    real = departures.Departures.file

    def file(*args):
        path.write_text("theirs")
        yield from real(*args)

    monkeypatch.setattr(departures.Departures, "file", file)
    with pytest.raises(CommandError, match="is there already"):
        call_command("export_wordpress", path)
    assert path.read_text() == "theirs"
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "Stopped. Nothing was written."),
        (lambda: os.kill(os.getpid(), signal.SIGINT), "Stopped. Nothing was written."),
        (lambda: raises(OSError(28, "No space left on device")), "cannot be written: No space"),
        (lambda: raises(DatabaseError("gone")), "Nothing was written. The database says: gone"),
    ],
)
def test_what_is_stopped_half_way_leaves_no_file(small, path, monkeypatch, stop, said):
    def of(self, article_ids):
        yield small.pk, "<wp:comment>"
        stop()
        yield small.pk, "never"

    monkeypatch.setattr(transcript.Transcript, "of", of)
    with pytest.raises(CommandError, match=said):
        call_command("export_wordpress", path)
    assert os.listdir(path.parent) == []


def raises(error):
    raise error


def test_folder_that_is_not_there_is_said(small, tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("export_wordpress", tmp_path / "none" / "out.xml")


def test_signs_that_xml_forbids_do_not_spoil_the_file(make_article, path):
    make_article(headline="A\x0bB\ufffeC\x01", standfirst="\x08x\uffff")
    wordpress.export_file(path)
    assert channel(path).findtext("item/title") == "ABC"


# However much there is


def test_cost_does_not_grow_with_articles_and_comments(
    make_article, make_comment, path, monkeypatch
):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            wordpress.export_file(path, overwrite=True)
        return len(queries)

    monkeypatch.setattr(departures, "BATCH", 50)
    first = make_article()
    first.topics.add(Topic.objects.create(name="T", slug="t"))
    first.corrections.create(text="x")
    make_comment(first)
    before = cost()
    for number in range(5):
        more = make_article(author_name=f"Author {number}")
        more.topics.set(Topic.objects.all())
        more.corrections.create(text="x")
        for _ in range(3):
            make_comment(parent=make_comment(more))
    assert cost() == before


def test_rows_are_read_batch_by_batch(make_article, make_comment, path, monkeypatch):
    """No table is read whole: what is held is a batch, whatever the paper's size."""
    monkeypatch.setattr(departures, "BATCH", 2)
    monkeypatch.setattr(departures, "ROWS", 2)
    monkeypatch.setattr(transcript, "CHUNK", 2)
    for number in range(5):
        article = make_article(author_name=f"Author {number}")
        for _ in range(3):
            make_comment(article)
    held: list[int] = []
    real = departures.batches

    def batches(rows, size):
        for batch in real(rows, size):
            held.append(len(batch))
            yield batch

    monkeypatch.setattr(departures, "batches", batches)
    done = []
    wordpress.export_file(path, progress=lambda what, part: done.append((what, part)))
    assert max(held) == 2
    assert done == [("2 articles", 0.4), ("4 articles", 0.8), ("5 articles", 1.0)]
    items = [one for one in wxr.read(path) if isinstance(one, wxr.Item)]
    assert [len(one.comments) for one in items] == [3] * 5
    assert Author.objects.count() == 5


def test_comments_of_one_article_are_not_read_at_once(make_conversation, path, monkeypatch):
    monkeypatch.setattr(transcript, "CHUNK", 10)
    article = make_conversation(100)
    alive, most = 0, 0
    real = Comment.from_db.__func__

    def from_db(cls, db, names, values):
        nonlocal alive, most
        alive += 1
        most = max(most, alive)
        return real(cls, db, names, values)

    def comment(self, row):
        nonlocal alive
        alive -= 2 if row.parent else 1
        return ""

    monkeypatch.setattr(Comment, "from_db", classmethod(from_db))
    monkeypatch.setattr(transcript.Transcript, "_comment", comment)
    pieces = list(transcript.Transcript(wordpress.ExportReport(path, False)).of([article.pk]))
    assert len(pieces) == 100
    assert most <= 20  # with those they answer


def test_article_of_very_many_comments_takes_several_items_and_comes_back_whole(
    make_article, make_comment, path, monkeypatch
):
    monkeypatch.setattr(departures, "MAX_COMMENTS", 3)
    with transaction.atomic():
        article = make_article()
        root = make_comment(article, body="root")
        held = make_comment(article, status="pending", body="held")
        for number in range(4):
            make_comment(parent=root, body=f"answer {number}")
        late = make_comment(parent=held, body="under what waits")
        make_comment(parent=late, body="and below")
        counters.recount(article)
        before = kept.paper()
        report = wordpress.export_file(path)
        assert report.notes["article with so many comments that it takes several items"] == 1
        assert wordpress.import_file(path)[0].is_unchanged
        transaction.set_rollback(True)
    items = [one for one in wxr.read(path) if isinstance(one, wxr.Item)]
    assert [len(one.comments) for one in items] == [3, 3, 2]
    report, _ = wordpress.import_file(path)
    assert report.failures == []
    assert "\n".join(kept.differences(before, kept.paper())) == ""
    assert wordpress.import_file(path)[0].is_unchanged


@pytest.mark.django_db(transaction=True)
def test_file_shows_one_moment_and_nobody_waits_for_it(make_article, path, monkeypatch):
    monkeypatch.setattr(departures, "BATCH", 1)
    make_article(headline="First")
    make_article(headline="Second, as it was")

    def change():
        Article.objects.filter(headline__startswith="Second").update(headline="Changed")
        connection.close()

    def meanwhile(what, part):
        # SQLite's database of the tests is in memory, where threads share one lock.
        if connection.vendor == "postgresql" and part < 1:
            other = threading.Thread(target=change)
            other.start()
            other.join(10)
            assert not other.is_alive(), "who writes waits for the export"

    wordpress.export_file(path, progress=meanwhile)
    titles = [one.findtext("title") for one in channel(path).iter("item")]
    assert titles == ["First", "Second, as it was"]
    with transaction.atomic():
        Article.objects.update(headline="Written after it")


@pytest.mark.django_db(transaction=True)
def test_export_that_fails_leaves_the_connection_as_it_was(make_article, path):
    make_article()

    def fail(what, part):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        wordpress.export_file(path, progress=fail)
    assert os.listdir(path.parent) == []
    with transaction.atomic():
        Article.objects.update(headline="Written after it")


# Once more, after something changed


def test_later_export_brings_only_what_is_new(make_article, make_comment, path):
    """Two papers of which one follows the other: what readers said there since keeps its place."""
    with transaction.atomic():
        article = make_article(headline="As it was")
        make_comment(article, body="first")
        wordpress.export_file(path)
        make_comment(article, body="second")
        Article.objects.update(headline="Changed there since")
        later = path.with_name("later.xml")
        wordpress.export_file(later)
        transaction.set_rollback(True)
    wordpress.import_file(path)
    here = Article.objects.get()
    make_comment(here, body="Said here meanwhile")
    report, _ = wordpress.import_file(later)
    assert report.rows["Comments: approved"].new == 1
    here.refresh_from_db()
    assert here.headline == "As it was"
    numbers = dict(here.comments.values_list("body", "number"))
    assert numbers == {"first": 1, "Said here meanwhile": 2, "second": 3}
