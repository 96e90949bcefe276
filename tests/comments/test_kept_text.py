"""Whatever goes wrong, what was typed is on the next page and can be sent again."""

import re
import time

import pytest
from django.test import Client

from articles.models import Article
from comments import text
from comments.models import Comment, Draft
from tests.conftest import PASSWORD

HTMX = {"HX-Request": "true"}
WORDS = "An hour’s worth of thought."
IN_FIELD = f"{WORDS}</textarea>"


@pytest.fixture
def address(article):
    return f"{article.get_absolute_url()}comments/"


@pytest.fixture
def member(client, reader):
    client.force_login(reader)
    return client


def token_in(answer):
    return re.search(r'csrfmiddlewaretoken" value="(\w+)"', answer.text)[1]


# The session


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "in place"])
def test_session_that_ended_while_typing_offers_log_in_and_then_posts(
    article, address, reader, headers
):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(reader)
    token = token_in(browser.get(article.get_absolute_url()))
    browser.cookies.pop("sessionid")
    sent = {"body": WORDS, "csrfmiddlewaretoken": token, "from": "article"}
    answer = browser.post(address, sent, headers=headers)
    assert answer.status_code == 200
    assert IN_FIELD in answer.text
    assert ("<html" in answer.text) == (not headers)
    assert "Log in and post it" in answer.text
    sent = {"body": WORDS, "csrfmiddlewaretoken": token_in(answer), "then": "login"}
    login = browser.post(address, sent)["Location"]
    page = browser.get(login)
    browser.post(
        login,
        {"login": reader.email, "password": PASSWORD, "csrfmiddlewaretoken": token_in(page)},
    )
    assert article.comments.get().body == WORDS


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "in place"])
@pytest.mark.parametrize("is_reply", [False, True], ids=["comment", "reply"])
def test_form_with_an_old_token_comes_again_with_a_new_one(
    article, address, reader, make_comment, headers, is_reply
):
    parent = make_comment(article=article)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(reader)
    where = f"/comments/{parent.pk}/reply/" if is_reply else address
    answer = browser.post(where, {"body": WORDS, "csrfmiddlewaretoken": "x" * 64}, headers=headers)
    assert answer.status_code == 403
    assert answer["X-Form"] == "again"
    assert IN_FIELD in answer.text
    assert "Send it again" in answer.text
    assert article.comments.count() == 1
    again = browser.post(where, {"body": WORDS, "csrfmiddlewaretoken": token_in(answer)})
    assert again.status_code == 303
    assert article.comments.filter(body=WORDS).exists()


def test_visitor_with_an_old_token_keeps_the_text_and_stores_nothing(address):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(address, {"body": WORDS, "then": "login"})
    assert answer.status_code == 403
    assert IN_FIELD in answer.text
    assert not Draft.objects.exists()
    sent = {"body": WORDS, "then": "login", "csrfmiddlewaretoken": token_in(answer)}
    assert browser.post(address, sent).status_code == 303


def test_other_forms_with_an_old_token_show_what_was_typed(reader, make_comment):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(reader)
    answer = browser.post(f"/comments/{make_comment().pk}/report/", {"note": WORDS})
    assert answer.status_code == 403
    assert IN_FIELD in answer.text


# The story and the comment answered


def test_story_closed_while_the_form_was_open_keeps_the_text(member, article, address):
    Article.objects.filter(pk=article.pk).update(comment_policy="closed")
    for headers in ({}, HTMX):
        answer = member.post(address, {"body": WORDS, "from": "article"}, headers=headers)
        assert answer.status_code == 422
        assert IN_FIELD in answer.text
        assert "The conversation under this story is closed" in answer.text
        assert "Copy the text" in answer.text


@pytest.mark.parametrize("change", [{"comment_policy": "hidden"}, {"status": "withdrawn"}])
def test_conversation_hidden_while_the_form_was_open_keeps_the_text(
    member, article, address, change
):
    Article.objects.filter(pk=article.pk).update(**change)
    answer = member.post(address, {"body": WORDS})
    assert answer.status_code == 404
    assert IN_FIELD in answer.text


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "in place"])
def test_reply_to_a_comment_rejected_a_second_ago_keeps_the_text(
    member, article, address, make_comment, moderator, headers
):
    parent = make_comment(article=article, body="Something unkind.")
    parent.reject(by=moderator, reason="attack")
    for where, sent in (
        (f"/comments/{parent.pk}/reply/", {"body": WORDS}),
        (address, {"body": WORDS, "parent": parent.pk}),
    ):
        answer = member.post(where, sent, headers=headers)
        assert answer.status_code == 422
        assert IN_FIELD in answer.text
        assert "is not shown any more" in answer.text
        assert "Something unkind." not in answer.text
        assert parent.author_name not in answer.text
    assert not article.comments.filter(body=WORDS).exists()


@pytest.mark.parametrize("parent", ["other", "999999", "x", "9" * 30, "-1"])
def test_parent_of_another_story_or_none_at_all_is_refused_with_the_text_kept(
    member, article, address, make_comment, make_article, parent
):
    if parent == "other":
        parent = str(make_comment(article=make_article()).pk)
    answer = member.post(address, {"body": WORDS, "parent": parent})
    assert answer.status_code == 422
    assert IN_FIELD in answer.text
    assert not article.comments.exists()
    again = member.post(address, {"body": WORDS})
    assert again.status_code == 303
    assert article.comments.get().parent is None


# The text itself


@pytest.mark.parametrize("size", [5001, 60_000, 300_000])
def test_text_far_too_long_is_kept_whole_with_how_many_are_too_many(member, address, size):
    body = "wall " * (size // 5) + "x" * (size % 5)
    answer = member.post(address, {"body": body})
    assert answer.status_code == 422
    assert body in answer.text
    assert "too many" in answer.text
    assert 'href="#body-new"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_hostile_marks_are_cut_quickly_and_letters_stay():
    begun = time.monotonic()
    cleaned = text.clean("a" + "\u0301\u0323" * 30_000 + "b")
    assert time.monotonic() - begun < 1
    assert len(cleaned) <= 10
    for word in ("Việt", "שָׁלוֹם", "ཧྐྵྨླྺྼྻྂ", "नमस्ते", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"):
        assert len(text.clean(word)) == len(__import__("unicodedata").normalize("NFC", word))


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("x" * 5000, "x" * 5000),
        ("safe \u202etxt.exe\u202c end", "safe txt.exe end"),
        ("\u2067rtl\u2069", "rtl"),
        ("> " * 500 + "deep", "deep"),
        ("- " * 500 + "deep", "deep"),
        ("*" * 500 + "deep" + "*" * 500, "deep"),
        ("[" * 500 + "deep" + "](x)" * 500, "deep"),
    ],
)
def test_hostile_texts_are_posted_quickly_and_shown_as_text(member, article, address, body, shown):
    begun = time.monotonic()
    assert member.post(address, {"body": body}).status_code == 303
    page = member.get(article.get_absolute_url()).text
    assert time.monotonic() - begun < 3
    assert shown in page
    assert not set("\u202e\u202c\u2067\u2069") & set(page)


@pytest.mark.parametrize("body", ["\u200b" * 50, "\u202e\u202c", "\ufeff", "\u2800 \u3164"])
def test_text_of_nothing_is_refused(member, article, address, body):
    answer = member.post(address, {"body": body})
    assert answer.status_code == 422
    assert "nothing to read" in answer.text
    assert not article.comments.exists()


# Said already


def test_same_words_again_lead_to_where_they_stand(member, article, address):
    member.post(address, {"body": WORDS})
    answer = member.post(address, {"body": WORDS})
    assert answer.status_code == 422
    comment = article.comments.get()
    assert f'href="{article.get_absolute_url()}#comment-{comment.pk}">Here it is</a>' in answer.text


def test_same_form_again_says_that_it_is_there_already(member, article, address):
    key = "01890a5d-ac96-774b-bcce-b302099a8057"
    member.post(address, {"body": WORDS, "key": key}, follow=True)
    answer = member.post(address, {"body": WORDS, "key": key}, follow=True)
    assert "This was sent twice. It is there already" in answer.text
    assert 'id="status"' in answer.text
    assert article.comments.count() == 1


@pytest.mark.parametrize("key", ["nonsense", "", "0" * 400])
def test_key_that_is_none_keeps_nobody_from_posting(member, article, address, key):
    assert member.post(address, {"body": WORDS, "key": key}).status_code == 303
    assert article.comments.count() == 1


# The form


def test_anonymous_pages_carry_no_token_and_no_key(client, article, make_comment):
    parent = make_comment(article=article)
    for path in (article.get_absolute_url(), f"{article.get_absolute_url()}comments/",
                 f"/comments/{parent.pk}/", f"/comments/{parent.pk}/reply/"):  # fmt: skip
        answer = client.get(path)
        assert "csrfmiddlewaretoken" not in answer.text, path
        assert not re.search(r'name="key" value="\w', answer.text), path
        assert not answer.cookies, path


def test_form_says_the_limit_that_holds(client, article):
    page = client.get(article.get_absolute_url()).text
    assert f'data-limit="{text.MAX_LENGTH}"' in page
    assert f"At most {text.MAX_LENGTH:,} characters" in page


def test_rules_stand_beside_the_form_where_the_story_shows_them(client, article):
    page = client.get(article.get_absolute_url()).text
    assert "Nothing to sell." in page
    assert "moderators read what these hold" in page
    Article.objects.filter(pk=article.pk).update(shows_rules=False)
    page = client.get(article.get_absolute_url()).text
    assert "Nothing to sell." not in page
    assert "/comments/rules/" in page


def test_error_is_summed_up_with_links_to_its_fields(member, address):
    page = member.post(address, {"body": " ", "quote": "never said"}).text
    summary = page[page.index("error-summary") : page.index("</div>", page.index("error-summary"))]
    assert 'href="#body-new"' in summary
    assert 'href="#quote-new"' in summary
    for name in ("body", "quote"):
        assert f'id="{name}-new"' in page
    assert 'aria-describedby="error-new help-new draft-new"' in page
    assert 'aria-describedby="quote-error-new quote-help-new"' in page


def test_writing_costs_the_same_whatever_the_conversation(
    member, make_conversation, django_assert_num_queries
):
    member.get(f"/comments/{make_conversation(1).comments.first().pk}/reply/", headers=HTMX)
    # What holds of the reader and which rules hold is looked up once a minute.
    for size in (3, 90):
        parent = make_conversation(size).comments.first()
        with django_assert_num_queries(3):
            member.get(f"/comments/{parent.pk}/reply/", headers=HTMX)


def test_comment_of_nobody_is_never_made(client, article, address):
    client.post(address, {"body": WORDS})
    assert not Comment.objects.exists()
