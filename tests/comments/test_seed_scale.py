"""``manage.py seed_scale``: a synthetic newsroom that is exact, whole, and only where it may be."""

import io
import json
import random
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.models import Max

from accounts.models import User
from articles import scale as article_scale
from articles.models import Article
from comments import chain, counters, scale
from comments.models import Comment, Decision, Finding, Respect
from comments.scale.meter import Meter
from comments.scale.plan import MOST, Impossible, Plan
from comments.scale.shape import Shape, Status

SIZE = {"articles": 30, "comments": 1500, "biggest": 320, "pending": 25}


def seed(**options):
    out = io.StringIO()
    call_command("seed_scale", **(SIZE | {"json": True} | options), stdout=out)
    return json.loads(out.getvalue())


def drift():
    return [
        line for _, found in counters.suspects() for one in found for line in counters.drift(one)
    ]


@pytest.fixture
def guide(db):
    return seed()


def slug_of(address):
    return address.strip("/").split("/")[-1]


def shown(page):
    """Return how many comments a page shows."""
    return len(re.findall(r'id="comment-\d+"', page))


def log_in(client, username):
    answer = client.post(
        "/accounts/login/", {"login": username, "password": "newsroom-bench"}, follow=True
    )
    assert answer.wsgi_request.user.username == username


def test_it_writes_as_many_of_each_as_is_asked_for(guide):
    assert Article.objects.count() == 30
    assert Comment.objects.count() == 1500
    assert Comment.objects.pending().count() == 25
    assert Finding.objects.count() == 25
    assert User.objects.filter(is_staff=False).count() >= 200


def test_every_kind_of_end_is_among_the_comments(guide):
    assert set(Comment.objects.values_list("status", flat=True)) == set(Status.values)
    assert Comment.objects.filter(edited_at__isnull=False).exists()
    assert Respect.objects.exists()
    stubs = Comment.objects.placed().exclude(status=Status.APPROVED)
    assert stubs.exists()
    assert Comment.objects.aggregate(deepest=Max("depth"))["deepest"] > 3


def test_counters_do_not_drift(guide):
    assert drift() == []


def test_every_decision_is_sealed_and_the_chain_holds(guide):
    assert Decision.objects.exists()
    assert not chain.unsealed(chain.Kind.DECISION).exists()
    assert [step for step in chain.verify() if not isinstance(step, int)] == []


def test_texts_are_what_saving_them_would_make(guide):
    for comment in Comment.objects.order_by("pk")[::40]:
        kept = comment.body, comment.body_html, comment.fingerprint
        comment.set_body(comment.body)
        assert (comment.body, comment.body_html, comment.fingerprint) == kept
    for article in Article.objects.order_by("pk")[::10]:
        written = article.body, article.body_html, article.word_count
        article.set_body(article.body)
        assert (article.body, article.body_html, article.word_count) == written


def test_the_reference_page_shows_all_its_two_hundred_comments(guide, client):
    page = client.get(guide["reference"]).text
    assert shown(page) == 200
    assert "after=" not in page


def test_a_story_of_any_measured_size_begins_with_the_same_comments(guide, client):
    story = Article.objects.get(slug=slug_of(guide["biggest"]))
    assert (story.comment_count, story.comments.count()) == (320, 320)
    page = client.get(guide["biggest"]).text
    assert shown(page) == 200
    texts = [
        list(
            Comment.objects.filter(
                article__slug=slug_of(address), number__lte=200
            ).order_by("number").values_list("body", flat=True)
        )
        for address in (guide["reference"], guide["biggest"])
    ]  # fmt: skip
    assert texts[0] == texts[1]
    assert client.get(f"{guide['biggest']}?after=191").status_code == 200


def test_the_reader_logs_in_and_is_trusted(guide, client):
    log_in(client, "bench-reader")
    answer = client.post(f"{guide['reference']}comments/", {"body": "A word of my own on this."})
    assert answer.status_code == 303
    assert Comment.objects.latest("pk").is_visible
    assert drift() == []


def test_the_moderator_logs_in_and_decides(guide, client):
    log_in(client, "bench-moderator")
    desk = client.get("/admin/comments/comment/desk/")
    assert desk.status_code == 200
    waiting = Comment.objects.pending().first()
    assert waiting.body.partition("\n")[0].replace("*", "")[:40] in desk.text.replace("<em>", "")
    client.post(
        f"/admin/comments/comment/{waiting.pk}/decide/",
        {"action": "approve", "version": waiting.version},
    )
    waiting.refresh_from_db()
    assert waiting.is_visible
    assert drift() == []


def test_search_finds_what_was_seeded(guide, client):
    said = Comment.objects.get(article__slug=slug_of(guide["reference"]), number=1)
    word = max(said.fingerprint.split(), key=len)
    found = client.get("/search/", {"q": word, "tab": "comments"}).text
    assert re.search(r"/comments/\d+/", found)
    headline = Article.objects.listed().first().headline
    page = client.get("/search/", {"q": headline.split()[-1], "sort": "newest"}).text
    assert headline in re.sub("</?mark>", "", page)


def test_indexes_and_constraints_are_there_again(db):
    def there():
        with connection.cursor() as cursor:
            return {
                model._meta.db_table: connection.introspection.get_constraints(
                    cursor, model._meta.db_table
                )
                for model in scale.TABLES
            }

    before = there()
    seed()
    assert there() == before


def test_a_database_with_articles_is_left_alone(article):
    with pytest.raises(CommandError, match="holds 1 articles already"):
        seed()
    assert Article.objects.count() == 1


def test_with_add_it_stands_beside_what_is_there(guide):
    again = seed(add=True)
    assert again["reference"] != guide["reference"]
    assert Comment.objects.count() == 3000
    assert drift() == []
    assert [step for step in chain.verify() if not isinstance(step, int)] == []


def test_in_production_it_asks_for_a_yes(db, settings):
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match="everybody knows the password"):
        seed()
    seed(yes=True)
    assert Article.objects.exists()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"comments": 300}, "at least 10 articles"),
        ({"articles": 3}, "at least 10 articles"),
        ({"biggest": 200}, "has 201 to"),
        ({"articles": 12, "comments": 10_000_000, "biggest": 0}, "ask for more articles"),
    ],
)
def test_what_does_not_come_out_is_refused_and_nothing_written(db, options, why):
    with pytest.raises(CommandError, match=why):
        seed(**options)
    assert not User.objects.exists()


def test_stopped_half_way_it_leaves_nothing(db, monkeypatch):
    def fail(*args):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(article_scale, "write", fail)
    with pytest.raises(CommandError, match="Nothing was written"):
        seed()
    assert not Comment.objects.exists()
    assert not User.objects.exists()


def test_most_stories_have_few_comments_and_some_the_most():
    plan = Plan(articles=2000, comments=1_000_000)
    sizes = plan.sizes(1990)
    assert sum(sizes) + plan.waiting + sum(plan.measured) == 1_000_000
    assert sizes[0] == MOST
    assert sizes[9] > 5 * sizes[99]
    assert sizes[len(sizes) // 2] < sum(sizes) / len(sizes)


def test_no_story_can_be_larger_than_the_largest():
    with pytest.raises(Impossible):
        Plan(articles=2000, comments=5_000_000, biggest=1_000_001).sizes(1990)


def test_a_reply_answers_only_what_readers_saw():
    shape = Shape()
    shape.grow(5000, random.Random(1))  # noqa: S311
    answered = {parent for parent in shape.parents if parent >= 0}
    assert answered
    assert all(shape.fates[parent].was_seen for parent in answered)
    assert all(parent < place for place, parent in enumerate(shape.parents))


def test_a_meter_on_no_terminal_writes_plain_lines():
    out = io.StringIO()
    meter = Meter(out)
    for done in (0, 500, 1000):
        meter("comments", done, 1000)
    assert out.getvalue() == "comments           1,000 of 1,000, 0 s\n"
