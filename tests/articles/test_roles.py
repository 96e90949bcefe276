"""Who may do what with articles: each role, each verb, each state."""

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Author, Byline, Image
from tests.articles.conftest import change_url, post_data

STATES = ["draft", "scheduled", "published", "withdrawn"]
LIST = "/admin/articles/article/"

# What a change by each role does, by whose the story is and where it stands.
# 302: saved. 403: seen, not changed. 404 and the like (None): not even seen.
CHANGES = {
    ("reporter", "own"): {"draft": 302, "scheduled": 403, "published": 403, "withdrawn": 403},
    ("reporter", "other"): dict.fromkeys(STATES),
    ("moderator", "other"): dict.fromkeys(STATES, 403),
    ("editor", "other"): dict.fromkeys(STATES, 302),
    ("administrator", "other"): dict.fromkeys(STATES, 302),
}


def story(make_article, state, owner):
    date = timezone.now() + timezone.timedelta(days=1 if state == "scheduled" else -1)
    fields = {} if state == "draft" else {"published_at": date}
    return make_article(status=state, created_by=owner, **fields)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("role", "whose"), CHANGES)
def test_change_by_role_and_state(client, make_user, make_article, role, whose, state):
    user, somebody = make_user(role=role), make_user(role="reporter")
    article = story(make_article, state, user if whose == "own" else somebody)
    before = article.headline
    expected = CHANGES[role, whose][state]
    # A form as an editor gets it, sent by somebody who may not even see it.
    client.force_login(make_user(role="editor"))
    data = post_data(client.get(change_url(article)), headline="Changed")
    client.force_login(user)
    response = client.post(change_url(article), data)
    article.refresh_from_db()
    if expected == 302:
        assert response.status_code == 302
        assert article.headline == "Changed"
    else:
        assert article.headline == before
        assert response.status_code == (expected or 302)
        if expected is None:
            assert response.headers["Location"] == "/admin/"  # "does not exist"
    page = client.get(change_url(article))
    assert page.status_code == (302 if expected is None else 200)


@pytest.mark.parametrize("button", ["_publish", "_schedule", "_unschedule", "_withdraw"])
@pytest.mark.parametrize("role", ["reporter", "moderator"])
@pytest.mark.parametrize("state", STATES)
def test_no_step_without_the_permission(client, make_user, make_article, role, button, state):
    user = make_user(role=role)
    article = story(make_article, state, user)
    client.force_login(make_user(role="editor"))
    data = post_data(client.get(change_url(article)), headline="Changed")
    client.force_login(user)
    data |= {button: "1", "publish_at": "2999-01-01T06:00", "withdrawal_notice": "x"}
    assert client.post(change_url(article), data).status_code == 403
    article.refresh_from_db()
    assert article.status == state
    assert article.headline != "Changed"
    assert not article.steps.exists()


@pytest.mark.parametrize("action", ["publish_selected", "withdraw_selected", "close_comments"])
@pytest.mark.parametrize("role", ["reporter", "moderator"])
def test_no_action_without_the_permission(client, make_user, make_article, role, action):
    user = make_user(role=role)
    draft, live = (make_article(status=s, created_by=user) for s in ("draft", "published"))
    client.force_login(user)
    form = {
        "action": action, "_selected_action": [draft.pk, live.pk],
        "confirmed": "1", "withdrawal_notice": "x",
    }  # fmt: skip
    client.post(LIST, form)
    for article, state in ((draft, "draft"), (live, "published")):
        article.refresh_from_db()
        assert article.status == state
        assert article.comment_policy == Article.CommentPolicy.OPEN


def test_reporter_finds_own_and_bylined_stories_only(client, reporter, editor, make_article):
    author = Author.objects.create(name="Rita", slug="rita", user=reporter)
    own = make_article(headline="Begun by me", status="draft", created_by=reporter)
    named = make_article(headline="Named with others", status="draft", created_by=editor)
    Byline.objects.create(article=named, author=author)
    Byline.objects.create(article=own, author=author)
    make_article(headline="Somebody else’s", status="draft", created_by=editor)
    client.force_login(reporter)
    page = client.get(LIST).text
    assert "Begun by me" in page
    assert "Named with others" in page
    assert "Somebody else’s" not in page
    for article in (own, named):
        assert client.get(change_url(article)).status_code == 200


def test_forged_fields_change_nothing(client, reporter, make_article, make_user):
    article = make_article(status="draft", created_by=reporter)
    client.force_login(reporter)
    forged = {
        "status": "published", "published_at": "2020-01-01", "published_on": "2020-01-01",
        "is_featured": "on", "comment_policy": "hidden", "kind": "page", "created_by": "",
        "body_html": "<script>", "comment_count": "99", "import_key": "x", "page_version": "99",
        "version": "99", "withdrawal_notice": "x", "updated_at": "2020-01-01",
    }  # fmt: skip
    before = Article.objects.filter(pk=article.pk).values(*forged).get()
    data = post_data(client.get(change_url(article))) | forged
    assert client.post(change_url(article), data).status_code == 302
    after = Article.objects.filter(pk=article.pk).values(*forged).get()
    for moved in ("version", "page_version"):
        assert after.pop(moved) == before.pop(moved) + 1
    assert after == before


def test_reporter_adds_no_correction_and_no_byline_to_a_published_story(
    client, reporter, make_article
):
    article = make_article(created_by=reporter)
    client.force_login(reporter)
    page = client.get(change_url(article))
    assert 'name="_save"' not in page.text
    assert 'name="headline"' not in page.text
    assert article.body in page.text
    forged = {
        "corrections-TOTAL_FORMS": 1, "corrections-INITIAL_FORMS": 0,
        "corrections-0-kind": "correction", "corrections-0-text": "x",
        "bylines-TOTAL_FORMS": 0, "bylines-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert client.post(change_url(article), forged).status_code == 403
    assert not article.corrections.exists()


@pytest.mark.parametrize("role", ["reporter", "moderator"])
def test_only_editors_delete(client, make_user, make_article, role):
    user = make_user(role=role)
    article = make_article(status="draft", created_by=user)
    client.force_login(user)
    url = reverse("admin:articles_article_delete", args=[article.pk])
    assert client.post(url, {"post": "yes"}).status_code in {302, 403}
    assert Article.objects.filter(pk=article.pk).exists()


@pytest.mark.parametrize(
    ("role", "statuses"),
    [("reporter", 403), ("moderator", 403), ("editor", 200), ("administrator", 200)],
)
def test_who_adds_sections(client, make_user, role, statuses):
    client.force_login(make_user(role=role))
    assert client.get("/admin/articles/section/add/").status_code == statuses


def test_reporter_changes_own_pictures_until_readers_see_them(client, reporter, make_article):
    own = Image.objects.create(title="Mine", uploaded_by=reporter)
    other = Image.objects.create(title="Theirs", alt="A quay")
    client.force_login(reporter)
    url = {image: reverse("admin:articles_image_change", args=[image.pk]) for image in (own, other)}
    assert 'name="alt"' in client.get(url[own]).text
    assert 'name="alt"' not in client.get(url[other]).text
    assert client.post(url[other], {"alt": "forged"}).status_code == 403
    make_article(lead_image=own)
    assert client.post(url[own], {"alt": "forged"}).status_code == 403
    own.refresh_from_db()
    assert own.alt == ""


def test_anonymous_and_readers_reach_no_desk_page(client, make_user, article):
    urls = [LIST, change_url(article), "/admin/articles/image/picker/"]
    for user in (None, make_user()):
        if user:
            client.force_login(user)
        for url in urls:
            for answer in (client.get(url), client.post(url, {"_publish": "1"})):
                assert answer.status_code in {302, 403}
                assert article.headline not in answer.text
