"""Out and back: what ``export_wordpress`` writes, ``import_wordpress`` reads back equal."""

import datetime
import io

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from articles.demo import newsroom
from articles.models import (
    Article,
    Author,
    Byline,
    Image,
    MovedAddress,
    Original,
    RelatedStory,
    Section,
    Series,
    Topic,
)
from articles.wordpress import own, wxr
from comments import counters, wordpress
from comments.models import Comment
from comments.models import Revision as Edit
from comments.wordpress.transcript import COMMENT
from tests.comments import wordpress_paper as kept
from tests.comments.conftest import undrawn
from tests.comments.test_wordpress_fixtures import CASES, FOLDER, SOUND
from tests.comments.wordpress_export import cdata, comment, export, item

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_trip(tmp_path):
    """Make a paper, export it, import that into an empty database; return both and the file."""

    def go(make):
        path = tmp_path / "out.xml"
        with transaction.atomic():
            make()
            before = kept.paper()
            wordpress.export_file(path)
            report, _ = wordpress.import_file(path)
            new = {label: row.new for label, row in report.rows.items() if row.new}
            assert new == {}, "importing it where it came from doubles something"
            assert kept.paper() == before
            transaction.set_rollback(True)
        assert not Article.objects.exists()
        report, _ = wordpress.import_file(path)
        assert report.failures == []
        return before, kept.paper(), path

    return go


def assert_equal(before, after):
    assert list(kept.differences(before, after)) == []


@pytest.mark.skipif(not CASES, reason=f"no real exports in {FOLDER}")
@pytest.mark.parametrize("name", SOUND)
def test_each_real_export_comes_back_equal(name, round_trip, tmp_path):
    before, after, path = round_trip(lambda: wordpress.import_file(FOLDER / name))
    assert_equal(before, after)
    # And the same once more, from there to a third paper.
    again = tmp_path / "again.xml"
    wordpress.export_file(again)
    assert kept.paper() == after
    report, _ = wordpress.import_file(again)
    assert report.is_unchanged
    for known in (path, FOLDER / name):
        report, _ = wordpress.import_file(known)
        assert report.is_unchanged, "its copy and the original are not known as one"
    assert kept.paper() == after
    for article in Article.objects.all():
        assert counters.drift(article) == []


def test_demo_newsroom_comes_back_equal(round_trip, settings, monkeypatch):
    settings.DEVELOPMENT = True
    monkeypatch.setattr(newsroom, "drawn", undrawn)
    before, after, _ = round_trip(lambda: call_command("demo", stdout=io.StringIO()))
    assert len(before["articles"]) > 10
    assert len(before["comments"]) > 100
    assert_equal(before, after)


HOSTILE = [
    "Words ]]> and ]]]]><![CDATA[> and <![CDATA[ again",
    "Ampersands & &amp; &lt;b&gt; &#38; <b>not bold</b> <script>alert(1)</script>",
    "العربية \u200fمع علامات\u200e and back, עברית, \U0001f468\u200d\U0001f467 and e\u0301 \u0308",
    "[gallery ids=1] [caption]not one[/caption] <!-- wp:paragraph --> http://alone.example/",
    "Tab\there, two  spaces, a no-break\u00a0one, \u2028 line sign, \\ slashes \\' and \"quotes\"",
]  # fmt: skip


def hostile_paper(make_user, moderator):
    """Each text field of each kind of row with what files and parsers stumble over."""
    now = timezone.now()
    lead = Image.objects.create(
        title=f"  two  spaces {HOSTILE[1]}"[:200],
        alt=HOSTILE[0],
        caption=f"Line one\nline two {HOSTILE[2]}",
        credit="A & B ]]>",
        agency="<Agency>",
        source_url="https://a.example/x.jpg?a=1&b=2",
        focal_x=0.25,
        focal_y=0,
        is_decorative=True,
    )
    section = Section.objects.create(name="A <b> & ]]>", slug="-a_", description=HOSTILE[1][:200])
    Section.objects.create(name="Hidden", slug="дом", in_masthead=False, position=7)
    topics = [
        Topic.objects.create(name=text[:100], slug=f"t{n}-é") for n, text in enumerate(HOSTILE)
    ]
    series = Series.objects.create(name="Parts & <parts>", slug="parts", description="x ]]> y")
    first, second = (
        Author.objects.create(name=name, slug=slug, bio=HOSTILE[3], portrait=lead, contact=contact)
        for name, slug, contact in (
            ("Ruth  <Hallam> & Co", "ruth", "ruth@paper.example"),
            ("Ὀδυσσεύς ]]>", "ὀδυσσεύς", ""),
        )
    )
    states = [
        ("draft", None, {}),
        ("review", None, {}),
        ("ready", None, {"embargo_until": now + datetime.timedelta(days=2), "embargo_note": "x"}),
        ("scheduled", now + datetime.timedelta(days=3), {}),
        ("scheduled", now - datetime.timedelta(days=3, microseconds=7), {}),
        ("published", now - datetime.timedelta(days=4), {"expires_at": now}),
        ("published", now - datetime.timedelta(days=5), {"comment_policy": "hidden"}),
        ("withdrawn", now - datetime.timedelta(days=6), {"withdrawal_notice": HOSTILE[0]}),
        ("killed", now - datetime.timedelta(days=7), {"withdrawal_notice": "\r\nGone"}),
        ("published", now - datetime.timedelta(days=8), {"kind": "page"}),
    ]
    articles = []
    for number, (status, at, more) in enumerate(states):
        article = Article(
            headline=f"{number} {HOSTILE[number % 5]}"[:200],
            slug=f"_{number}-ñ-" + "x" * 190 * (number == 6),
            standfirst=f"First line\r\n\n{HOSTILE[(number + 1) % 5]}\x0b ",
            section=section,
            series=series,
            series_position=number,
            status=status,
            published_at=at,
            # A day that the paper's clock would not give.
            published_on=at.date() - datetime.timedelta(days=9) if at else None,
            label="opinion",
            dateline="A & <B>",
            source_outlet="Outlet ]]>",
            source_url="https://o.example/?a=1&b=2",
            originally_published=datetime.date(2001, 2, 3),
            source_permission="By letter",
            indexing="noindex-news",
            is_featured=number % 2 == 0,
            is_text_locked=True,
            slow_mode=60,
            shows_rules=False,
            lead_image=lead,
            lead_caption="A caption ]]> \r\n of two lines",
            last_number=40,
            **{"comment_policy": "premoderated"} | more,
        )
        image = f'<img src="/media/images/{lead.pk}/none-800.jpeg" alt="a">'
        lost = '<figure><img src="/media/images/99999/abc-800.jpeg" alt=""></figure>'
        article.set_body(
            "".join(f"<p>{one}</p>\n\n<h2>{one}</h2>" for one in HOSTILE)
            + f"<pre>  line\n\n\n  line&#13;end </pre>{image}{lost}"
        )
        article.save()
        article.topics.set(topics[: number % 5])
        for place, (author, role, outlet) in enumerate(
            [(second, "Photo <x>", ""), (first, "", "Other & Sons")][: number % 3]
        ):
            Byline.objects.create(
                article=article, author=author, position=3 * place, role=role, outlet=outlet
            )
        articles.append(article)
    for article in articles[5:8]:
        article.corrections.create(kind="retraction", text=f"{HOSTILE[0]}\r\n\n x", by=moderator)
        article.corrections.create(kind="update", text="Later", is_from_reader=True)
    Original.objects.create(article=articles[4], body=articles[4].body)
    for place, other in enumerate((articles[7], articles[2])):
        RelatedStory.objects.create(article=articles[5], related=other, position=place)
    for number, target in enumerate(
        [{"article": articles[4]}, {"section": section}, {"topic": topics[0]},
         {"author": first}, {"series": series}, {}]
    ):  # fmt: skip
        MovedAddress.objects.create(path=f"/old/%C3%A9/{number}/?p=1&q=]]>", **target)
    return articles


def test_hostile_paper_comes_back_equal(round_trip, make_user, moderator):
    before, after, _ = round_trip(lambda: hostile_paper(make_user, moderator))
    assert len(before["articles"]) == 10
    assert_equal(before, after)


def test_conversation_comes_back_equal(
    round_trip, make_article, make_comment, make_user, moderator
):
    """Every state, threads with holes, numbers with gaps, picks, edits that wait, guests."""

    def make():
        article = make_article(comment_policy="premoderated")
        root = make_comment(article, body="The **root** & <i>text</i> ]]> [a](https://b.example)")
        for status in ("approved", "rejected", "removed", "spam", "pending"):
            parent = make_comment(parent=root, status=status, body=f"{HOSTILE[2]}\n\n> {status}")
            make_comment(parent=parent, body=f"under {status}")
        # A number that nobody has any more.
        last = make_comment(article, body="short-lived")
        Comment.objects.filter(pk=last.pk).update(number=99)
        Article.objects.filter(pk=article.pk).update(last_number=120)
        held = make_comment(article, body="Seen once, held again")
        held._become(Comment.Status.PENDING, rule="fixture")
        root.pick(by=moderator, reason="It says & more")
        named = make_user("ada_lovelace", display_name="Ada & <Lovelace>")
        edited = make_comment(article, author=named, body="First words")
        Edit.objects.create(comment=edited, status="approved", body="Older",
                            body_html="<p>Older</p>")  # fmt: skip
        Edit.objects.create(comment=edited, body="Waits **here**",
                            body_html="<p>Waits <strong>here</strong></p>")  # fmt: skip
        guest = make_comment(article, body="A guest's")
        Comment.objects.filter(pk=guest.pk).update(
            author=None, guest_name="Guest & Co", guest_email="g@a.example",
            guest_url="https://g.example/?a=1&b=2",
        )  # fmt: skip
        gone = make_comment(article, body="Of somebody who left")
        Comment.objects.filter(pk=gone.pk).update(author=None, closed_at=timezone.now())
        wrong = make_comment(article, status="rejected", body="Not so")
        Comment.objects.filter(pk=wrong.pk).update(
            reason="attack", quote="a\r\nquote", quote_source="story", quote_version=3
        )
        for row in Comment.objects.filter(article=article):
            counters.recount(row.article)

    before, after, path = round_trip(make)
    assert len(before["comments"]) > 15
    assert {one["status"] for one in before["comments"].values()} == set(Comment.Status)
    assert_equal(before, after)
    assert not Comment.objects.exclude(author=None).exists()
    article = Article.objects.get()
    assert counters.drift(article) == []
    assert article.last_number > 120
    # What waits or was refused is so to WordPress too.
    states = {one.content: one.approved for record in wxr.read(path)
              if isinstance(record, wxr.Item) for one in record.comments}  # fmt: skip
    by_status = {one["body_html"]: one["status"] for one in before["comments"].values()}
    for content, approved in states.items():
        status = by_status.get(content, "")
        assert (approved == "1") == (status == "approved"), content


def test_file_changed_on_its_way_shows_nothing_that_waited(tmp_path, make_comment):
    """A state beside WordPress's own refines it and never goes beyond."""
    make_comment(status="pending", body="I wait.")
    path = tmp_path / "out.xml"
    with transaction.atomic():
        Article.objects.update(status="review", published_at=None, published_on=None)
        wordpress.export_file(path)
        transaction.set_rollback(True)
    text = path.read_text()
    assert '"status":"review"' in text
    assert '"status":"pending"' in text
    text = text.replace('"status":"review"', '"status":"published"')
    text = text.replace('"status":"pending"', '"status":"approved"').replace("newsroom:", "x:")
    path.write_text(text.replace("xmlns:x:", "xmlns:newsroom:").replace("<x:", "<newsroom:")
                    .replace("</x:", "</newsroom:").replace("urn:x:", "urn:newsroom:"))  # fmt: skip
    wordpress.import_file(path)
    article = Article.objects.get(import_key__startswith="x:")
    assert article.status == "draft"
    assert article.comments.get().status == "pending"


NONSENSE = [
    "{", "[]", "null", '"x"', "{}", '{"key": 5}', '{"key": "a b"}', "[" * 100_000,
    '{"key": "k", "status": "published", "published_at": "2020-01-01", "bylines": 5,'
    ' "corrections": [1, {"kind": [], "text": {}, "at": 7}], "related": [{}, "x", null],'
    ' "embargo_until": "never", "slow_mode": 7, "shows_rules": "no", "series_position": -1,'
    ' "last_number": 1e400, "source_url": "javascript:alert(1)", "label": "no", "headline": null,'
    ' "created_at": "0001-01-01T00:00:00Z", "addresses": ["//x", "x", 5, "/ok/"],'
    ' "indexing": {}, "originally_published": "2020-99-99", "published_on": 5}',
    '{"key": "k", "status": "killed", "headline": "\\u0000\\ud800x", "part": 7}',
    '{"key": "k", "number": 99999999999999999999, "status": "spam", "renderer": true,'
    ' "edits": [{"status": "pending"}, {"status": "no", "body": 7}, 5], "pick_reason": 7,'
    ' "reason": "no such", "quote_source": "sky", "visible_at": [], "name": [], "body": 5}',
]  # fmt: skip


@pytest.mark.parametrize("said", NONSENSE)
def test_nonsense_beside_an_item_counts_as_not_given(tmp_path, said):
    def meta(kind):
        return (
            f"<wp:{kind}><wp:meta_key>_newsroom</wp:meta_key>"
            f"<wp:meta_value>{cdata(said)}</wp:meta_value></wp:{kind}>"
        )

    talk = comment(1, "Said.").replace("</wp:comment>", meta("commentmeta") + "</wp:comment>")
    tag = f"<wp:tag><wp:tag_slug>tide</wp:tag_slug>{meta('termmeta')}</wp:tag>"
    author = (
        "<wp:author><wp:author_login>r</wp:author_login>"
        f"<newsroom:own>{cdata(said)}</newsroom:own></wp:author>"
    )
    path = export(tmp_path, tag, author, item(1, talk, meta("postmeta"), title="A title"))
    path.write_text(
        path.read_text().replace("<rss ", '<rss xmlns:newsroom="urn:newsroom:export:1" ')
    )
    report, _ = wordpress.import_file(path)
    assert report.failures == []
    article = Article.objects.get()
    assert article.headline in {"A title", "x"}
    assert article.source_url == ""
    assert article.slow_mode == 0
    assert article.comments.get().body_html == "<p>Said.</p>"
    assert wordpress.import_file(path)[0].is_unchanged


def test_author_is_ours_only_by_our_seal(tmp_path, make_article, settings):
    """A stranger's file cannot put a story under a name of ours."""
    make_article()
    ours = Author.objects.get()
    wordpress.export_file(tmp_path / "out.xml")
    text = (tmp_path / "out.xml").read_text().replace("newsroom:article:", "stranger:article:")
    (tmp_path / "sealed.xml").write_text(text)
    wordpress.import_file(tmp_path / "sealed.xml")
    assert Author.objects.count() == 1
    assert ours.bylines.count() == 2
    forged = text.replace("stranger:", "other:").replace(own.seal(ours), "x" * 43)
    (tmp_path / "forged.xml").write_text(forged)
    wordpress.import_file(tmp_path / "forged.xml")
    assert ours.bylines.count() == 2
    assert Author.objects.count() == 2


@pytest.mark.parametrize(
    ("model", "named", "otherwise", "left"),
    [
        (Article, own.ARTICLE, kept.ARTICLE_OTHERWISE, kept.ARTICLE_NOT),
        (Image, own.IMAGE, kept.IMAGE_OTHERWISE, kept.IMAGE_NOT),
        (Author, own.AUTHOR, kept.AUTHOR_OTHERWISE, kept.AUTHOR_NOT),
        (Comment, COMMENT, kept.COMMENT_OTHERWISE, kept.COMMENT_NOT),
    ],
)
def test_every_column_is_carried_or_left_for_a_reason(model, named, otherwise, left):
    """A new column of a story, a picture, an author or a comment goes out too, or is left here."""
    names = {field.name for field in [*model._meta.concrete_fields, *model._meta.many_to_many]}
    unnamed = names - set(named) - set(otherwise) - set(left)
    assert not unnamed, f"does an export carry {sorted(unnamed)} of a {model.__name__.lower()}?"
    assert sorted([*named, *otherwise, *left]) == sorted(names)
