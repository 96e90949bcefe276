"""Every save is a revision: any two compare, any comes back, and readers' versions are counted."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from articles import differences, revisions
from articles.forms import ArticleForm
from articles.models import (
    Article,
    Author,
    Byline,
    InvalidMove,
    NotReady,
    Revision,
    Section,
    StaleSave,
    Topic,
)
from tests.articles.conftest import change_url, post_data

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def draft(make_article):
    return make_article(status=Article.Status.DRAFT)


def save(client, article, **changes):
    """Save the story's form with these changes; return the newest revision."""
    data = post_data(client.get(change_url(article)), **changes)
    response = client.post(change_url(article), data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    article.refresh_from_db()
    return article.revisions.order_by("-number").first()


def list_url(article):
    return reverse("admin:articles_article_revisions", args=[article.pk])


def compare_url(article, old, new):
    url = reverse("admin:articles_article_comparison", args=[article.pk])
    return f"{url}?old={old}&new={new}"


def restore_url(article, number):
    return reverse("admin:articles_article_restore", args=[article.pk, number])


# Taking one


def test_a_save_is_a_revision_and_the_first_holds_what_was_before(desk, draft, editor):
    newest = save(desk, draft, headline="The river fell", standfirst="At last.")
    first = draft.revisions.get(number=1)
    assert first.content["headline"].startswith("The river rose")
    assert (newest.number, newest.kind, newest.by) == (2, "save", editor)
    assert newest.content["headline"] == "The river fell"
    assert newest.version == draft.version
    assert newest.public_number is None


def test_a_new_story_has_its_first_revision_with_bylines_and_topics(desk, section, editor):
    author = Author.objects.create(name="Rita Penn", slug="rita-penn")
    topic = Topic.objects.create(name="Floods", slug="floods")
    data = post_data(
        desk.get("/admin/articles/article/add/"),
        headline="New", section=section.pk, body="<p>Words.</p>", topics=[topic.pk],
        **{"bylines-0-author": author.pk, "bylines-0-role": "photos", "bylines-0-position": 1},
    )  # fmt: skip
    assert desk.post("/admin/articles/article/add/", data).status_code == 302
    revision = Revision.objects.get()
    assert revision.by == editor
    assert revision.content["bylines"] == [
        {"pk": author.pk, "name": "Rita Penn", "role": "photos", "outlet": ""}
    ]
    assert [one["name"] for one in revision.content["topics"]] == ["Floods"]


def test_every_field_of_the_form_is_held_by_a_revision():
    asides = {"seen_version", "change", "lock_reason"}
    assert set(ArticleForm.base_fields) - asides <= set(revisions.FIELDS)


def test_a_save_that_changed_nothing_makes_no_revision(desk, draft):
    save(desk, draft, headline="Once")
    save(desk, draft, headline="Once")
    assert draft.revisions.count() == 2


def test_a_refused_save_makes_no_revision(desk, draft):
    data = post_data(desk.get(change_url(draft)), headline="")
    assert desk.post(change_url(draft), data).status_code == 200
    assert not draft.revisions.exists()


def test_what_was_changed_past_the_form_is_a_revision_of_nobody(desk, draft):
    save(desk, draft, headline="By hand")
    Article.objects.filter(pk=draft.pk).update(comment_policy="closed")
    save(desk, draft, standfirst="Again by hand.")
    past = draft.revisions.get(number=3)
    assert past.by is None
    assert past.content["comment_policy"] == "closed"
    assert past.content["standfirst"] == ""


def test_an_import_says_that_it_is_one(desk, make_article):
    article = make_article(import_key="wp-1")
    save(desk, article, headline="Mended")
    assert article.revisions.get(number=1).kind == Revision.Kind.IMPORT


def test_one_word_of_a_long_story_is_kept_as_a_paragraph(draft):
    text = [f"<p>Paragraph {number} of this long story, {'word ' * 90}</p>" for number in range(60)]
    draft.set_body("".join(text))
    draft.save_edit(None)
    whole = revisions.take(draft, None)
    text[30] = text[30].replace("word", "ward", 1)
    draft.set_body("".join(text))
    draft.save()
    after = revisions.take(draft, None)
    after = Revision.objects.whole().get(pk=after.pk)
    assert after.base == whole
    assert after.content["body"] == draft.body
    assert len(str(after.stored)) < len(str(whole.stored)) / 20
    assert (after.words_added, after.words_removed) == (1, 1)
    draft.set_body("".join(text).replace("word", "sentence"))
    draft.save()
    third = revisions.take(draft, None)
    assert third.base is None
    assert third.content["body"] == draft.body


def test_content_comes_back_as_it_was_however_it_is_kept(draft):
    for step in range(12):
        draft.headline = f"Headline {step}"
        parts = [f"<p>Part {one} {'x ' * 40}</p>" for one in range(step, step + 20)]
        draft.set_body("".join(parts))
        draft.save()
        taken = revisions.take(draft, None)
        kept = Revision.objects.whole().get(pk=taken.pk)
        assert kept.content == revisions.content_of(draft)


# Versions for readers


def test_the_first_publication_is_version_one(desk, draft, editor):
    save(desk, draft, headline="As published")
    draft.publish(by=editor)
    version = draft.versions().get()
    assert (version.public_number, version.content["headline"]) == (1, "As published")


def test_only_a_change_that_matters_makes_another_version(desk, article):
    save(desk, article, standfirst="A comma.", change="minor")
    assert [one.public_number for one in article.versions()] == [1]
    assert article.versions()[0].number == 1
    newest = save(desk, article, standfirst="It was five.", change="substantive")
    assert newest.is_substantive
    assert [one.public_number for one in article.versions()] == [1, 2]
    assert article.versions()[1] == newest


def test_of_a_scheduled_story_readers_see_the_newest_first(desk, draft, editor):
    draft.schedule(by=editor, at=timezone.now() + HOUR)
    newest = save(desk, draft, headline="Changed before its hour")
    assert not draft.versions().exists()  # nobody can read it yet
    with time_machine.travel(timezone.now() + 2 * HOUR):
        draft.refresh_from_db()
        assert draft.versions().get() == newest
        save(desk, draft, standfirst="A comma.", change="minor")
        assert draft.versions().get() == newest


def test_a_story_taken_off_the_schedule_and_changed_is_published_as_it_is_then(desk, draft, editor):
    draft.schedule(by=editor, at=timezone.now() + HOUR)
    draft.unschedule(by=editor)
    newest = save(desk, draft, headline="Written anew")
    draft.publish(by=editor)
    assert draft.versions().get() == newest


def test_what_was_changed_while_withdrawn_comes_back_as_another_version(desk, article, editor):
    save(desk, article, standfirst="A comma.", change="minor")
    article.withdraw(by=editor, notice="We are checking.")
    assert not article.versions().exists()
    newest = save(desk, article, headline="What was right")
    assert newest.public_number is None
    article.publish(by=editor)
    assert article.versions().last() == newest
    assert [one.public_number for one in article.versions()] == [1, 2]


def test_coming_back_unchanged_is_no_new_version(desk, article, editor):
    save(desk, article, standfirst="A comma.", change="minor")
    article.withdraw(by=editor, notice="We are checking.")
    article.publish(by=editor)
    assert [one.public_number for one in article.versions()] == [1]


# Comparing


def test_two_revisions_compare_by_field_and_by_word(desk, draft):
    save(desk, draft, headline="The river rose at four", body="<p>One two three.</p><p>Same.</p>")
    save(desk, draft, headline="The river rose at five", body="<p>One 2 three.</p><p>Same.</p>")
    page = desk.get(compare_url(draft, 2, 3)).text
    assert "four<span" in page.split("<del>")[2]
    assert "five<span" in page.split("<ins>")[2]
    assert "[taken out: " in page
    changes = revisions.compare(draft.revisions.get(number=2), draft.revisions.get(number=3))
    assert [change.name for change in changes] == ["headline", "body"]
    assert [change.words for change in changes] == [(1, 1), (1, 1)]


def test_two_revisions_compare_in_their_order_however_they_are_asked(desk, draft):
    save(desk, draft, headline="Newer")
    assert desk.get(compare_url(draft, 2, 1)).context["old"]["revision"].number == 1


def test_a_comparison_names_what_is_gone_since(desk, draft):
    section = Section.objects.create(name="Gone soon", slug="gone")
    save(desk, draft, section=section.pk)
    save(desk, draft, section=Section.objects.get(slug="town").pk)
    section.delete()
    assert "Gone soon" in desk.get(compare_url(draft, 2, 3)).text


def test_typed_markup_is_shown_and_never_taken_for_ours(desk, draft):
    save(desk, draft, headline="<script>alert(1)</script> & co")
    page = desk.get(compare_url(draft, 1, 2)).text
    assert "<script>alert" not in page
    assert "alert" in page


@pytest.mark.parametrize("asked", ["99", "0", "x", "-1", "9" * 30, "unsaved"])
def test_a_revision_that_is_not_there_is_not_found(desk, draft, asked):
    save(desk, draft, headline="Once")
    assert desk.get(compare_url(draft, 1, asked)).status_code == 404


def test_changed_markup_is_a_change_too():
    (line,) = differences.lines("<p>So it <b>was</b>.</p>", "<p>So it was.</p>")
    assert "[bold]" in line.both
    (line,) = differences.lines("<p>Then</p>", "<h2>Then</h2>")
    assert line.is_changed
    assert "Heading" in line.both


def test_a_text_is_whole_again_from_its_paragraphs():
    html = (
        "Loose <b>words</b>.<p>One</p>\n<ul><li>a</li><li><p>b</p></li></ul><hr>"
        '<figure><img src="/media/images/1/x.jpeg" alt="a"><figcaption>C</figcaption></figure>'
        "<blockquote><p>Q</p><footer>Who</footer></blockquote>tail"
    )
    cut = differences.paragraphs(html)
    assert "".join(cut) == html
    assert "<p>One</p>\n" in cut or "<p>One</p>" in cut


def test_a_text_as_long_as_a_book_is_compared_in_bounded_time():
    words = [f"w{number % 3000}" for number in range(100_000)]
    old = "".join(f"<p>{' '.join(words[at : at + 60])}</p>" for at in range(0, 100_000, 60))
    lines = differences.lines(old, old.replace("w17 ", "x17 "))
    assert differences.count(lines) == (34, 34)
    same = "<p>" + "a b c d e f g " * 700 + "</p>"
    other = "<p>" + "g f e d c b a " * 700 + "</p>"
    assert differences.lines(same * 10, other * 10)


# The list


def test_the_list_is_for_those_who_may_read_the_story(client, draft, make_user, reporter):
    client.force_login(make_user())
    assert client.get(list_url(draft), follow=True).status_code == 403
    client.force_login(reporter)
    assert client.get(list_url(draft)).status_code == 404
    assert client.get(compare_url(draft, 1, "stored")).status_code == 404


def test_the_list_costs_the_same_with_many_revisions(
    desk, draft, django_assert_num_queries, django_assert_max_num_queries, make_user
):
    save(desk, draft, headline="One")
    with django_assert_max_num_queries(12) as few:
        desk.get(list_url(draft))
    for number in range(8):
        draft.headline = f"Number {number}"
        draft.save()
        revisions.take(draft, make_user())
    with django_assert_num_queries(len(few)):
        page = desk.get(list_url(draft))
    assert len(page.context["revisions"]) == 10


def test_the_list_goes_on_with_older_ones(desk, draft):
    Revision.objects.bulk_create(
        Revision(article=draft, number=number, stored={}) for number in range(1, 131)
    )
    page = desk.get(list_url(draft))
    assert len(page.context["revisions"]) == 100
    older = desk.get(f"{list_url(draft)}?before={page.context['more_before']}")
    assert [one.number for one in older.context["revisions"]] == list(range(30, 0, -1))


# Bringing one back


def test_a_revision_comes_back_as_a_new_one(desk, draft, editor):
    author = Author.objects.create(name="Rita Penn", slug="rita-penn")
    topic = Topic.objects.create(name="Floods", slug="floods")
    first = draft.headline
    save(desk, draft, headline="Worse", body="<p>Worse.</p>", topics=[topic.pk], **{
        "bylines-1-author": author.pk, "bylines-1-position": 1,
    })  # fmt: skip
    assert draft.bylines.count() == 2
    answer = desk.post(restore_url(draft, 1), {"seen_version": draft.version}, follow=True)
    assert "Revision 1 is restored" in answer.text
    draft.refresh_from_db()
    assert (draft.headline, draft.body_html) == (first, "<p>The river rose at four.</p>")
    assert [byline.author.name for byline in draft.bylines.all()] == ["Ruth Hallam"]
    assert not draft.topics.exists()
    newest = draft.revisions.get(number=3)
    assert (newest.kind, newest.by, newest.note) == ("restore", editor, "Revision 1")
    assert draft.steps.get().verb == Article.Verb.RESTORE


def test_a_restore_over_somebody_elses_save_is_refused(desk, draft, editor):
    save(desk, draft, headline="Second")
    seen = draft.version
    save(desk, draft, headline="Third")
    answer = desk.post(restore_url(draft, 1), {"seen_version": seen}, follow=True)
    assert "Somebody saved this story meanwhile" in answer.text
    desk.post(restore_url(draft, 1), {})
    draft.refresh_from_db()
    assert draft.headline == "Third"
    with pytest.raises(StaleSave):
        revisions.restore(draft.revisions.get(number=1), editor, None)


def test_a_restore_says_what_could_not_come_back_and_keeps_what_is_there(desk, draft, editor):
    gone = Section.objects.create(name="Old section", slug="old")
    author = Author.objects.create(name="Gone Author", slug="gone")
    topic = Topic.objects.create(name="Gone topic", slug="gone")
    save(desk, draft, section=gone.pk, topics=[topic.pk], headline="Then")
    Byline.objects.create(article=draft, author=author, position=5)
    save(desk, draft, standfirst="Then too.")
    town = Section.objects.get(slug="town")
    data = post_data(desk.get(change_url(draft)), section=town.pk, headline="Now")
    data |= {"bylines-1-DELETE": "on"}
    data.pop("topics")
    assert desk.post(change_url(draft), data).status_code == 302
    for row in (gone, author, topic):
        row.delete()
    draft.refresh_from_db()
    number = draft.revisions.count() - 1
    answer = desk.post(restore_url(draft, number), {"seen_version": draft.version}, follow=True)
    for words in ("section “Old section”", "topic “Gone topic”", "byline of Gone Author"):
        assert words in answer.text
    draft.refresh_from_db()
    assert (draft.headline, draft.section) == ("Then", town)


def test_the_stories_beside_it_come_back_too(desk, draft, make_article, editor):
    one, two = make_article(), make_article()
    draft.related_stories.create(related=one, position=1)
    save(desk, draft, headline="With one beside it")
    draft.related_stories.all().delete()
    draft.related_stories.create(related=two, position=1)
    revisions.restore(draft.revisions.last(), editor, draft.version)
    assert [row.related for row in draft.related_stories.all()] == [one]
    assert draft.revisions.last().kind == "restore"


def test_an_old_text_brings_back_no_old_embargo_and_no_open_comments(desk, draft, editor):
    save(desk, draft, headline="Without an embargo")
    embargo = timezone.now().replace(second=0, microsecond=0) + HOUR
    Article.objects.filter(pk=draft.pk).update(embargo_until=embargo, comment_policy="closed")
    save(desk, draft, headline="With one")
    revisions.restore(draft.revisions.get(number=2), editor, draft.version)
    draft.refresh_from_db()
    assert draft.headline == "Without an embargo"
    assert (draft.embargo_until, draft.comment_policy) == (embargo, "closed")


def test_a_locked_text_comes_back_only_with_a_reason(desk, draft, editor):
    save(desk, draft, body="<p>Another text.</p>")
    Article.objects.filter(pk=draft.pk).update(is_text_locked=True)
    url, sent = restore_url(draft, 1), {"seen_version": draft.version}
    assert "allows no changes" in desk.post(url, sent, follow=True).text
    desk.post(url, sent | {"reason": "Its author asked."})
    draft.refresh_from_db()
    assert draft.body == "<p>The river rose at four.</p>"
    assert draft.revisions.last().note == "Revision 1: Its author asked."


def test_restoring_what_the_story_says_already_is_refused(desk, draft, editor):
    save(desk, draft, headline="Once")
    with pytest.raises(InvalidMove, match="nothing to bring back"):
        revisions.restore(draft.revisions.get(number=2), editor, draft.version)
    assert draft.revisions.count() == 2


def test_a_published_story_does_not_come_back_without_its_byline(desk, article, editor):
    article.bylines.all().delete()
    save(desk, article, headline="Nobody wrote this")
    Byline.objects.create(article=article, author=Author.objects.get(), position=1)
    save(desk, article, headline="Somebody did")
    article.refresh_from_db()
    with pytest.raises(NotReady):
        revisions.restore(article.revisions.get(number=1), editor, article.version)
    article.refresh_from_db()
    assert article.headline == "Somebody did"


def test_a_restored_live_story_is_another_version_and_its_pages_are_new(desk, article, editor):
    save(desk, article, headline="Worse", change="substantive")
    before = article.page_version
    revisions.restore(article.revisions.get(number=1), editor, article.version)
    article.refresh_from_db()
    assert [one.public_number for one in article.versions()] == [1, 2, 3]
    assert article.page_version > before


def test_who_may_not_change_a_story_may_not_restore_it(client, desk, article, reporter, moderator):
    save(desk, article, headline="Second")
    Byline.objects.filter(article=article).update(
        author=Author.objects.create(name="R", slug="r", user=reporter)
    )
    for person, status in ((reporter, 403), (moderator, 403)):
        client.force_login(person)
        assert client.get(list_url(article)).status_code == 200
        sent = {"seen_version": article.version}
        assert client.post(restore_url(article, 1), sent).status_code == status
    article.refresh_from_db()
    assert article.headline == "Second"
    with pytest.raises(InvalidMove):
        revisions.restore(article.revisions.get(number=1), reporter, article.version)
