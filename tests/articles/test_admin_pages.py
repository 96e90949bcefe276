"""The desk's pages open for those they are for, at a constant cost."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from PIL import Image as Pixels

from articles.models import Article, Author, Byline, Image, MovedAddress, Section, Topic
from comments.models import Comment
from tests.articles.conftest import change_url, post_data

LIST = "/admin/articles/article/"


@pytest.mark.parametrize("name", ["article", "image", "section", "topic", "author", "movedaddress"])
def test_lists_and_forms_open_for_an_editor(desk, name):
    assert desk.get(f"/admin/articles/{name}/").status_code == 200
    assert desk.get(f"/admin/articles/{name}/?q=river").status_code == 200
    assert desk.get(f"/admin/articles/{name}/add/").status_code == 200


def test_change_forms_open_for_an_editor(desk, article, editor):
    topic = Topic.objects.create(name="Harbour", slug="harbour")
    image = Image.objects.create(title="Quay")
    moved = MovedAddress.objects.create(path="/old/", article=article)
    objects = [topic, image, moved, article, article.section, Author.objects.first()]
    for row in objects:
        url = reverse(f"admin:articles_{row._meta.model_name}_change", args=[row.pk])
        assert desk.get(url).status_code == 200, url


def test_a_visitor_and_a_reader_are_sent_away(client, article, make_user):
    assert client.get(change_url(article)).status_code == 302
    client.force_login(make_user())
    assert client.get(change_url(article), follow=True).status_code == 403
    assert client.get(reverse("admin:articles_image_picker"), follow=True).status_code == 403


def test_the_list_costs_the_same_with_many_articles_and_counts_no_table(
    desk, make_article, django_assert_num_queries, django_assert_max_num_queries
):
    for number in range(2):
        make_article(author_name=f"Author {number}")
    with django_assert_max_num_queries(12) as few:
        desk.get(LIST)
    for number in range(28):
        make_article(author_name=f"Author {number}")
    with django_assert_num_queries(len(few)) as many:
        desk.get(LIST)
    counts = [q["sql"] for q in many.captured_queries if "COUNT(*)" in q["sql"]]
    assert all("LIMIT 5000" in sql for sql in counts)


def test_the_form_costs_the_same_with_many_comments_and_authors(
    desk, article, make_comment, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(32) as first:
        desk.get(change_url(article))
    for number in range(12):
        make_comment(article=article, status=Comment.Status.PENDING)
        Author.objects.create(name=f"Name {number}", slug=f"name-{number}")
    with django_assert_num_queries(len(first)):
        desk.get(change_url(article))


def test_the_form_tells_every_step_at_the_cost_of_one(
    desk, make_article, make_user, django_assert_num_queries, django_assert_max_num_queries
):
    article = make_article(status=Article.Status.DRAFT)
    article.steps.create(before="draft", after="draft", by=make_user("firstly"))
    with django_assert_max_num_queries(40) as first:
        desk.get(change_url(article))
    for _ in range(4):
        article.steps.create(before="draft", after="draft", by=make_user())
    with django_assert_num_queries(len(first)):
        page = desk.get(change_url(article)).text
    assert page.count("<b>draft</b>") == 5
    assert "firstly" in page


def test_the_form_needs_no_inline_script_and_no_nonce(desk, article):
    response = desk.get(change_url(article))
    assert "nonce" not in response.headers["Content-Security-Policy"]
    assert "importmap" not in response.text
    assert " style=" not in response.text
    assert 'data-editor="/static/django_prose_editor/editor.js"' in response.text


def test_the_form_links_to_the_preview_and_to_the_page_once_it_is_live(desk, make_article):
    draft, live = make_article(status=Article.Status.DRAFT), make_article()
    page = desk.get(change_url(draft)).text
    assert draft.preview_url in page
    assert "View on site" not in page
    assert (
        f'href="{live.get_absolute_url()}" class="viewsitelink"' in desk.get(change_url(live)).text
    )


def test_search_finds_by_headline_and_filters_hold(desk, make_article):
    make_article(headline="Otters are back")
    make_article(headline="A quiet draft", status=Article.Status.DRAFT)
    assert "Otters are back" in desk.get(f"{LIST}?q=otters").text
    drafts = desk.get(f"{LIST}?status__exact=draft").text
    assert "A quiet draft" in drafts
    assert "Otters are back" not in drafts


def test_a_new_article_is_saved_with_its_maker_and_a_slug_from_the_headline(
    client, make_user, section
):
    reporter = make_user(role="reporter")
    author = Author.objects.create(name="Rita Penn", slug="rita-penn", user=reporter)
    client.force_login(reporter)
    form = client.get("/admin/articles/article/add/")
    assert form.context["inline_admin_formsets"][0].formset.forms[0].initial["author"] == author.pk
    data = post_data(
        form, headline="Ärger am Kai: the crane stands still", section=section.pk, slug="",
        body="<h1>Big</h1><p onclick=x()>The crane stands still.</p>",
    )  # fmt: skip
    response = client.post("/admin/articles/article/add/", data)
    assert response.status_code == 302, response.context["errors"]
    article = Article.objects.get()
    assert article.created_by == reporter
    assert article.slug == "ärger-am-kai-the-crane-stands-still"
    assert article.status == Article.Status.DRAFT
    assert article.body == "<h2>Big</h2><p>The crane stands still.</p>"
    assert article.body_html == article.body
    assert [byline.author for byline in article.bylines.all()] == [author]


def test_bylines_keep_the_order_that_was_typed(desk, article):
    one = article.bylines.get()
    names = [Author.objects.create(name=n, slug=n.lower()) for n in ("Ada", "Ben")]
    page = desk.get(change_url(article))
    data = post_data(page) | {
        "bylines-TOTAL_FORMS": 3,
        "bylines-0-position": 3,
        "bylines-1-author": names[0].pk, "bylines-1-position": "",
        "bylines-2-author": names[1].pk, "bylines-2-position": 1,
    }  # fmt: skip
    response = desk.post(change_url(article), data)
    assert response.status_code == 302, response.context["errors"]
    order = list(article.bylines.values_list("author__name", "position"))
    assert order == [("Ben", 1), (one.author.name, 2), ("Ada", 3)]


def test_the_same_author_twice_is_a_form_error(desk, article):
    data = post_data(desk.get(change_url(article)))
    data |= {"bylines-1-author": article.bylines.get().author_id, "bylines-1-position": 2}
    response = desk.post(change_url(article), data)
    assert response.status_code == 200
    assert article.bylines.count() == 1


def test_a_stale_save_is_refused_with_both_texts_and_can_be_taken_over(
    desk, client, article, editor, make_user
):
    mine = post_data(desk.get(change_url(article)), headline="My words", body="<p>Mine.</p>")
    other = make_user("otherhand", role="editor")
    theirs = post_data(desk.get(change_url(article)), headline="Their words", body="<p>Theirs.</p>")
    client.force_login(other)
    assert client.post(change_url(article), theirs).status_code == 302
    client.force_login(editor)

    refused = client.post(change_url(article), mine)
    assert refused.status_code == 200
    article.refresh_from_db()
    assert article.headline == "Their words"
    assert "otherhand saved this story at" in refused.text
    assert "Their words" in refused.text
    assert "<p>Theirs.</p>" in refused.text
    assert 'value="My words"' in refused.text
    assert "&lt;p&gt;Mine.&lt;/p&gt;" in refused.text

    assert client.post(change_url(article), mine).status_code == 200  # still refused
    over = client.post(change_url(article), mine | {"replace_version": article.version})
    assert over.status_code == 302
    article.refresh_from_db()
    assert (article.headline, article.body) == ("My words", "<p>Mine.</p>")
    assert LogEntry.objects.count() == 2


def test_a_save_without_the_version_it_saw_is_refused(desk, article):
    data = post_data(desk.get(change_url(article)), headline="Blind")
    del data["seen_version"]
    assert desk.post(change_url(article), data).status_code == 200
    article.refresh_from_db()
    assert article.headline != "Blind"


def test_a_save_moves_the_versions_and_leaves_the_counters(desk, article, make_comment):
    data = post_data(desk.get(change_url(article)), standfirst="New.")
    make_comment(article=article)
    article.refresh_from_db()
    before = article.page_version
    response = desk.post(change_url(article), data)
    assert response.status_code == 302, response.context["errors"]
    article.refresh_from_db()
    assert article.comment_count == 1
    assert article.page_version > before


def test_an_original_younger_than_our_story_is_refused(desk, article):
    data = post_data(desk.get(change_url(article)), originally_published="2999-01-01")
    response = desk.post(change_url(article), data)
    assert "cannot be younger than our own story" in response.text


def test_a_correction_is_added_and_never_changed_or_taken_back(desk, article, editor):
    data = post_data(desk.get(change_url(article)))
    before = article.page_version
    data |= {"corrections-0-kind": "correction", "corrections-0-text": "It rose at five."}
    response = desk.post(change_url(article), data)
    assert response.status_code == 302, response.context["errors"]
    correction = article.corrections.get()
    article.refresh_from_db()
    assert correction.by == editor
    assert article.updated_at == correction.at
    assert article.page_version > before

    page = desk.get(change_url(article))
    assert "It rose at five." in page.text
    data = post_data(page) | {
        "corrections-0-text": "Nothing happened.", "corrections-0-DELETE": "on",
    }  # fmt: skip
    desk.post(change_url(article), data)
    assert [c.text for c in article.corrections.all()] == ["It rose at five."]


def test_a_draft_has_no_corrections(desk, make_article):
    article = make_article(status=Article.Status.DRAFT)
    assert "corrections-0-text" not in desk.get(change_url(article)).text


def test_only_what_readers_never_saw_can_be_deleted(desk, make_article):
    draft, live = make_article(status=Article.Status.DRAFT), make_article()
    for article, status in ((live, 403), (draft, 302)):
        url = reverse("admin:articles_article_delete", args=[article.pk])
        assert desk.post(url, {"post": "yes"}).status_code == status
    assert list(Article.objects.all()) == [live]
    forged = {"action": "delete_selected", "_selected_action": [live.pk], "post": "yes"}
    desk.post(LIST, forged)
    assert Article.objects.filter(pk=live.pk).exists()


def test_the_picker_searches_and_pages(desk, tmp_path):
    for number in range(26):
        image = Image.objects.create(title=f"Quay {number}", alt="A quay", credit="A. B.")
        image.digest, image.widths = "abc", [480]
        image.save()
    Image.objects.create(title="Only a record")
    url = reverse("admin:articles_image_picker")
    page = desk.get(url, {"cards": ""})
    assert page.text.count('class="picture-card"') == 24
    assert "Only a record" not in page.text
    last = page.context["older"]
    assert desk.get(url, {"before": last}).text.count('class="picture-card"') == 2
    assert desk.get(url, {"q": "Quay 13"}).text.count('class="picture-card"') == 1
    for odd in ("%", "a" * 500):
        assert desk.get(url, {"q": odd, "before": "x", "pk": "9" * 40}).status_code == 200


def test_a_change_of_a_picture_reaches_the_stories_that_show_it(desk, make_article, tmp_path):
    file = tmp_path / "quay.png"
    Pixels.new("RGB", (600, 400), "teal").save(file)
    image = Image(title="Quay", alt="A quay", credit="Nobody", caption="Old words")
    with file.open("rb") as upload:
        image.take(upload)
    inside = make_article(body=f'<figure><img src="{image.largest_url}" alt=""></figure><p>x</p>')
    assert "Old words" in inside.body_html
    url = reverse("admin:articles_image_change", args=[image.pk])
    page = desk.get(url)
    assert inside.headline in page.text
    data = post_data(page, caption="New words")
    data.pop("upload", None)
    assert desk.post(url, data).status_code == 302
    before = inside.page_version
    inside.refresh_from_db()
    assert "New words" in inside.body_html
    assert inside.page_version > before
    delete = reverse("admin:articles_image_delete", args=[image.pk])
    assert desk.post(delete, {"post": "yes"}).status_code == 403


def test_a_section_cannot_be_deleted_under_its_stories(client, make_user, article):
    client.force_login(make_user(role="administrator"))
    url = reverse("admin:articles_section_delete", args=[article.section_id])
    assert client.post(url, {"post": "yes"}).status_code in {200, 403}
    assert Section.objects.filter(pk=article.section_id).exists()
    assert Byline.objects.count() == 1
