"""What is typed and not saved: kept for its editor alone, found again, and gone with the save."""

import pytest
from django.urls import reverse

from articles.models import Article, Author, Autosave
from articles.models.editing import LARGEST_AUTOSAVE
from tests.articles.conftest import change_url, post_data

ADD = "/admin/articles/article/add/"


@pytest.fixture
def draft(make_article):
    return make_article(status=Article.Status.DRAFT)


def url(article=None, name="autosave"):
    if article is None:
        return reverse(f"admin:articles_article_{name}_new")
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


def type_in(client, article, **changes):
    """Send the form as its script does while somebody types."""
    data = post_data(client.get(change_url(article) if article else ADD), **changes)
    answer = client.post(url(article), data)
    assert answer.status_code == 200
    return answer.json()


def test_typed_text_is_kept_and_the_story_stays(desk, draft, editor):
    before = draft.headline
    assert len(type_in(desk, draft, headline="Half a thou")["at"]) == len("14:02:11")
    type_in(desk, draft, headline="Half a thought", body="<p>Mine</p>")
    kept = Autosave.objects.get()
    assert (kept.by, kept.seen_version) == (editor, draft.version)
    assert kept.fields["headline"] == ["Half a thought"]
    assert "csrfmiddlewaretoken" not in kept.fields
    draft.refresh_from_db()
    assert draft.headline == before
    assert not draft.revisions.exists()


def test_it_is_offered_at_the_next_opening_and_fills_the_form(desk, draft):
    author = Author.objects.create(name="Rita Penn", slug="rita-penn")
    type_in(desk, draft, headline="Half a thought", body="<p>Mine &amp; only mine</p>", **{
        "bylines-1-author": author.pk, "bylines-1-position": 1,
    })  # fmt: skip
    page = desk.get(change_url(draft))
    assert "data-unsaved" in page.text
    assert "Half a thought · Mine &amp; only mine" in page.text
    assert page.context["adminform"].form["headline"].value() == draft.headline

    page = desk.get(f"{change_url(draft)}?autosave=1")
    form = page.context["adminform"].form
    assert form["headline"].value() == "Half a thought"
    assert form["body"].value() == "<p>Mine &amp; only mine</p>"
    assert "This is what you typed" in page.text
    assert "errornote" not in page.text
    rows = page.context["inline_admin_formsets"][0].formset.forms
    assert [row["author"].value() for row in rows][:2] == [
        str(draft.bylines.get().author_id),
        str(author.pk),
    ]
    answer = desk.post(change_url(draft), post_data(page))
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.headline == "Half a thought"
    assert [byline.author.name for byline in draft.bylines.all()] == ["Ruth Hallam", "Rita Penn"]
    assert not Autosave.objects.exists()
    assert "data-unsaved" not in desk.get(change_url(draft)).text


def test_looking_at_it_saves_nothing_and_moves_nothing(desk, draft):
    type_in(desk, draft, headline="Half a thought")
    for _ in range(2):
        assert desk.get(f"{change_url(draft)}?autosave=1").status_code == 200
    draft.refresh_from_db()
    assert draft.headline != "Half a thought"
    assert draft.version == 1
    assert Autosave.objects.count() == 1
    assert not draft.steps.exists()


def test_no_button_is_pressed_by_what_was_kept(desk, draft):
    type_in(desk, draft, headline="Half a thought", _publish="1", _save="1")
    desk.get(f"{change_url(draft)}?autosave=1")
    draft.refresh_from_db()
    assert draft.status == Article.Status.DRAFT


def test_a_story_that_was_never_saved_is_kept_too(desk, section):
    type_in(desk, None, headline="Brand new", body="<p>First words.</p>", section=section.pk)
    assert "Brand new · First words." in desk.get(ADD).text
    page = desk.get(f"{ADD}?autosave=1")
    assert page.context["adminform"].form["headline"].value() == "Brand new"
    assert not Article.objects.exists()
    assert desk.post(ADD, post_data(page)).status_code == 302
    assert Article.objects.get().headline == "Brand new"
    assert not Autosave.objects.exists()


def test_discarding_it_leaves_the_story_as_saved(desk, draft):
    type_in(desk, draft, headline="Half a thought")
    answer = desk.post(url(draft, "autosave_discard"), follow=True)
    assert "Discarded" in answer.text
    assert not Autosave.objects.exists()
    type_in(desk, None, headline="Brand new")
    desk.post(url(None, "autosave_discard"))
    assert not Autosave.objects.exists()


def test_nobody_else_sees_it(desk, client, draft, make_user):
    type_in(desk, draft, headline="Half a thought")
    client.force_login(make_user("bo", role="editor"))
    assert "Half a thought" not in client.get(change_url(draft)).text
    assert "Half a thought" not in client.get(f"{change_url(draft)}?autosave=1").text
    history = reverse("admin:articles_article_revisions", args=[draft.pk])
    assert "editorial has been typing since" in client.get(history).text
    compare = reverse("admin:articles_article_comparison", args=[draft.pk])
    assert client.get(f"{compare}?old=stored&new=unsaved").status_code == 404
    client.post(url(draft, "autosave_discard"))
    assert Autosave.objects.count() == 1


def test_its_editor_compares_it_with_what_is_stored(desk, draft):
    type_in(desk, draft, headline="Half a thought")
    compare = reverse("admin:articles_article_comparison", args=[draft.pk])
    page = desk.get(f"{compare}?old=stored&new=unsaved")
    assert [change.name for change in page.context["changes"]] == ["headline"]
    assert page.context["changes"][0].new == "Half a thought"


def test_found_again_after_somebody_elses_save_it_is_held_against_that(
    desk, client, draft, editor, make_user
):
    type_in(desk, draft, headline="Half a thought")
    client.force_login(make_user("bo", role="editor"))
    theirs = post_data(client.get(change_url(draft)), standfirst="By Bo.")
    assert client.post(change_url(draft), theirs).status_code == 302
    client.force_login(editor)
    assert "The story was saved or moved since" in client.get(change_url(draft)).text
    page = client.get(f"{change_url(draft)}?autosave=1")
    assert "bo saved this story at" in page.text
    assert client.post(change_url(draft), post_data(page)).status_code == 200
    draft.refresh_from_db()
    assert draft.standfirst == "By Bo."


def test_a_refused_save_is_kept_without_any_script(desk, draft):
    data = post_data(desk.get(change_url(draft)), headline="Mine")
    Article.objects.filter(pk=draft.pk).update(version=9)
    assert desk.post(change_url(draft), data).status_code == 200
    assert Autosave.objects.get().fields["headline"] == ["Mine"]


def test_text_longer_than_any_story_is_refused(desk, draft):
    answer = desk.post(url(draft), {"body": "x" * (LARGEST_AUTOSAVE + 1)})
    assert answer.status_code == 413
    assert "as long as a book" in answer.json()["error"]
    assert not Autosave.objects.exists()


def test_characters_that_no_database_takes_are_left_out(desk, draft):
    assert desk.post(url(draft), {"headline": "a\x00b\x01c"}).status_code == 200
    assert Autosave.objects.get().fields["headline"] == ["abc"]


def test_who_may_not_change_the_story_keeps_nothing(
    client, draft, reporter, moderator, make_user, article
):
    for person, status in ((reporter, 404), (moderator, 403)):
        client.force_login(person)
        assert client.post(url(draft), {"headline": "x"}).status_code == status
    client.force_login(moderator)
    assert client.post(url(), {"headline": "x"}).status_code == 403
    client.force_login(make_user())
    assert client.post(url(draft), {"headline": "x"}).status_code == 302
    client.logout()
    assert client.post(url(draft), {"headline": "x"}).status_code == 302
    assert not Autosave.objects.exists()


def test_a_form_that_lost_its_token_gets_another(desk, draft):
    assert desk.get(url(draft)).json()["token"]
    assert desk.get(url()).json()["token"]


def test_the_page_names_the_copies_whose_words_are_saved(desk, draft):
    data = post_data(desk.get(change_url(draft)), headline="Mine", local_copy="1700000-abc")
    assert desk.post(change_url(draft), data).status_code == 302
    assert 'data-saved-copies="1700000-abc"' in desk.get(change_url(draft)).text
