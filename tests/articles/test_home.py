"""The front page: what stands on it, who sees what, and what it costs."""

import datetime

from django.utils import timezone

from articles.lists import front_page
from articles.models import Article, Correction, Image, Section
from comments.models import Comment
from newsroom.memory import fragments


def make_image(**fields):
    """A library picture that says it has a file; no test here opens it."""
    defaults = {"alt": "A wall", "digest": "abc", "width": 1600, "height": 1067, "widths": [480]}
    return Image.objects.create(**defaults | fields)


def hours_ago(hours):
    return timezone.now() - datetime.timedelta(hours=hours)


def test_lead_is_the_newest_story_with_a_picture(client, make_article):
    make_article(headline="Newest, without a picture", published_at=hours_ago(1))
    make_article(
        headline="Lead", lead_image=make_image(), standfirst="It rose.", published_at=hours_ago(2)
    )
    make_article(headline="Older", lead_image=make_image(), published_at=hours_ago(3))
    assert front_page().lead.headline == "Lead"
    page = client.get("/").text
    assert page.index("Lead") < page.index("Newest, without a picture")
    assert "It rose." in page
    assert 'fetchpriority="high"' in page


def test_record_without_a_file_is_not_a_picture(client, make_article):
    make_article(headline="No file", lead_image=make_image(digest=""), published_at=hours_ago(1))
    make_article(headline="File", lead_image=make_image(), published_at=hours_ago(2))
    assert front_page().lead.headline == "File"


def test_without_any_picture_the_newest_story_leads(make_article):
    make_article(headline="Older", published_at=hours_ago(2))
    make_article(headline="Newest", published_at=hours_ago(1))
    assert front_page().lead.headline == "Newest"


def test_no_story_stands_twice_among_lead_rank_and_blocks(make_article):
    other = Section.objects.create(name="Sport", slug="sport", position=2)
    for number in range(12):
        make_article(published_at=hours_ago(number + 1))
        make_article(published_at=hours_ago(number + 1), section=other)
    front = front_page()
    shown = [front.lead, *front.second_rank]
    for block in front.blocks:
        shown += [block.first, *block.rest]
    assert len(shown) == 1 + 3 + 4 + 4
    assert len({article.pk for article in shown}) == len(shown)
    assert [block.section.slug for block in front.blocks] == ["town", "sport"]


def test_every_lazy_picture_but_the_lead(client, make_article):
    for number in range(5):
        make_article(lead_image=make_image(), published_at=hours_ago(number + 1))
    page = client.get("/").text
    assert page.count("<img") == 5
    assert page.count('loading="lazy"') == 4


def test_hidden_articles_are_not_on_the_front_page(client, make_article):
    make_article(headline="Everyone reads this")
    for headline, fields in HIDDEN.items():
        make_article(headline=headline, is_featured=True, comment_count=9, **fields())
    page = client.get("/").text
    assert "Everyone reads this" in page
    for headline in HIDDEN:
        assert headline not in page


HIDDEN = {
    "Draft nobody sees": lambda: {"status": Article.Status.DRAFT},
    "Scheduled for later": lambda: {
        "status": Article.Status.SCHEDULED,
        "published_at": timezone.now() + datetime.timedelta(hours=1),
    },
    "Withdrawn since": lambda: {"status": Article.Status.WITHDRAWN, "withdrawal_notice": "Gone."},
    "A standing page": lambda: {"kind": Article.Kind.PAGE},
}


def test_scheduled_article_appears_at_its_instant(client, make_article, time_machine):
    at = timezone.now() + datetime.timedelta(hours=1)
    make_article(headline="Soon", status=Article.Status.SCHEDULED, published_at=at)
    assert "Soon" not in client.get("/").text
    time_machine.move_to(at + datetime.timedelta(seconds=1))
    assert "Soon" in client.get("/").text


def test_most_discussed_counts_in_words_and_leaves_hidden_conversations_out(client, make_article):
    loud = make_article(headline="Loud", comment_count=24)
    make_article(headline="Quiet", comment_count=1)
    make_article(headline="Silenced", comment_count=90, comment_policy="hidden")
    old = timezone.now() - datetime.timedelta(weeks=5)
    make_article(headline="Old", comment_count=80, published_at=old)
    assert [one.headline for one in front_page().discussed] == ["Loud", "Quiet"]
    page = client.get("/").text
    assert f'href="{loud.get_absolute_url()}#comments">24 comments</a>' in page
    assert ">1 comment</a>" in page
    assert "90 comments" not in page


def test_picked_comment_is_quoted_as_long_as_readers_see_it(
    client, article, make_comment, moderator
):
    picked = make_comment(
        article=article, body="My *own* cellar & stairs flooded.", pick_reason="Was there"
    )
    make_comment(article=article, body="A comment nobody picked.")
    page = client.get("/").text
    assert "My own cellar &amp; stairs flooded." in page
    assert "A comment nobody picked." not in page
    picked.reject(by=moderator, reason="attack")
    assert "cellar" not in client.get("/").text


def test_pending_pick_is_not_quoted(client, article, make_comment):
    make_comment(article=article)
    make_comment(
        article=article, status=Comment.Status.PENDING, body="Held words.", pick_reason="By error"
    )
    assert "Held words." not in client.get("/").text


def test_rail_shows_corrections_and_editors_choice(client, make_article):
    for number in range(4):
        make_article(published_at=hours_ago(number + 1))
    chosen = make_article(headline="Chosen", is_featured=True, published_at=hours_ago(90))
    Correction.objects.create(article=chosen, text="It is 340 metres.")
    front = front_page()
    assert [one.headline for one in front.featured] == ["Chosen"]
    assert "It is 340 metres." in client.get("/").text


def test_empty_site_tells_staff_what_to_do_and_readers_to_return(client, editor, db):
    page = client.get("/")
    assert page.status_code == 200
    assert "Nothing has been published here yet" in page.text
    assert "/admin/" not in page.text
    client.force_login(editor)
    assert "/admin/" in client.get("/").text


def test_front_page_costs_the_same_for_few_and_many(
    client, make_article, make_comment, django_assert_num_queries
):
    def publish(count):
        for number in range(count):
            article = make_article(
                lead_image=make_image(), is_featured=True, published_at=hours_ago(number + 1)
            )
            Correction.objects.create(article=article, text="Put right.")
            make_comment(article=article, pick_reason="Good")

    publish(2)
    with django_assert_num_queries(11):
        client.get("/")
    for slug in ("sport", "economy", "culture"):
        Section.objects.create(name=slug, slug=slug)
    publish(30)
    fragments.clear()
    with django_assert_num_queries(11):
        client.get("/")
