"""Writing a comment: with and without an account, in place and page by page."""

import re

import pytest
from django.urls import reverse

from articles.models import Article
from comments import threads
from comments.models import Comment, Draft
from tests.conftest import PASSWORD

HTMX = {"HX-Request": "true"}


@pytest.fixture
def address(article):
    return article.get_absolute_url() + "comments/"


def test_trusted_reader_sees_the_comment_at_once(client, article, address, reader):
    client.force_login(reader)
    response = client.post(address, {"body": "The *wall* was too low."})
    comment = article.comments.get()
    assert response.status_code == 303
    assert response["Location"] == f"{article.get_absolute_url()}#comment-{comment.pk}"
    assert comment.number == 1
    client.logout()
    assert "The <em>wall</em> was too low." in client.get(article.get_absolute_url()).text


def test_first_comment_of_a_newcomer_waits(client, article, address, newcomer):
    client.force_login(newcomer)
    response = client.post(address, {"body": "The wall was too low."}, follow=True)
    assert "Your comment is safe and waits for a moderator" in response.text
    assert article.comments.get().status == Comment.Status.PENDING
    assert "0 Comments" in response.text


def test_reply_stands_under_what_it_answers(client, article, address, reader, make_comment):
    parent = make_comment(article=article)
    client.force_login(reader)
    client.post(address, {"body": "Indeed it was.", "parent": parent.pk})
    client.post(f"/comments/{parent.pk}/reply/", {"body": "And it still is."})
    assert [reply.root_id for reply in parent.replies.all()] == [parent.pk] * 2


def test_first_comment_in_place_comes_with_the_whole_conversation(client, article, address, reader):
    client.force_login(reader)
    response = client.post(
        address, {"body": "The wall was too low.", "from": "article"}, headers=HTMX
    )
    assert response.status_code == 200
    assert response["HX-Retarget"] == "#conversation"
    assert "1 comment in 1 thread" in response.text
    assert 'hx-swap-oob="true">1 Comment<' in response.text
    assert 'id="status"' in response.text


def test_later_comment_in_place_comes_alone_with_a_fresh_form(
    client, article, address, reader, make_comment
):
    make_comment(article=article, body="The first of all.")
    client.force_login(reader)
    here = {**HTMX, "HX-Current-URL": f"http://testserver{article.get_absolute_url()}"}
    response = client.post(address, {"body": "The wall was low.", "from": "article"}, headers=here)
    assert "HX-Retarget" not in response
    assert "The first of all." not in response.text
    assert response.text.count("<form class=") == response.text.count("<li class=") == 1
    assert 'id="status"' in response.text
    assert 'hx-swap-oob="true">2 comments in 2 threads<' in response.text


def test_reply_in_place_takes_the_place_of_its_form_and_moves_the_counts(
    client, article, reader, make_comment
):
    parent = make_comment(article=article)
    client.force_login(reader)
    here = {**HTMX, "HX-Current-URL": f"http://testserver{article.get_absolute_url()}?order=newest"}
    sent = {"body": "It was too low for years.", "from": "article"}
    response = client.post(f"/comments/{parent.pk}/reply/", sent, headers=here)
    assert response.status_code == 200
    assert "HX-Retarget" not in response
    assert response["HX-Trigger"] == "comment-sent"
    assert response.text.count("<li class=") == 1
    assert 'id="status"' in response.text
    assert "in reply to" not in response.text
    assert 'hx-swap-oob="true">2 comments in 1 thread<' in response.text
    assert 'hx-swap-oob="true">2 Comments<' in response.text


def test_reply_in_place_elsewhere_than_under_the_story_brings_no_counts(
    client, article, reader, make_comment
):
    parent = make_comment(article=article)
    client.force_login(reader)
    here = {**HTMX, "HX-Current-URL": f"http://testserver/comments/{parent.pk}/"}
    sent = {"body": "It was too low for years.", "from": "article"}
    response = client.post(f"/comments/{parent.pk}/reply/", sent, headers=here)
    assert 'id="status"' in response.text
    assert "hx-swap-oob" not in response.text


def test_held_reply_in_place_is_shown_to_its_author_and_counts_nothing(
    client, article, newcomer, make_comment
):
    parent = make_comment(article=article)
    client.force_login(newcomer)
    here = {**HTMX, "HX-Current-URL": f"http://testserver{article.get_absolute_url()}"}
    sent = {"body": "My first words here.", "from": "article"}
    response = client.post(f"/comments/{parent.pk}/reply/", sent, headers=here)
    assert "waits for a moderator" in response.text
    assert "HX-Trigger" not in response
    assert "hx-swap-oob" not in response.text


def test_refused_text_is_kept_with_the_reason(client, article, address, reader):
    client.force_login(reader)
    client.post(address, {"body": "The wall was too low."})
    response = client.post(address, {"body": "The wall was too low!"})
    assert response.status_code == 422
    assert "You have said this under this story already" in response.text
    assert "The wall was too low!" in response.text
    assert article.comments.count() == 1


@pytest.mark.parametrize("body", ["", "   ", "\u200b\u200b", "&nbsp;&#8203;", "x" * 5001])
def test_empty_and_endless_texts_are_refused_with_a_sentence(client, address, reader, body):
    client.force_login(reader)
    response = client.post(address, {"body": body})
    assert response.status_code == 422
    assert "invalid-feedback" in response.text


def test_too_many_in_a_row_name_the_wait(client, address, reader):
    client.force_login(reader)
    answers = [client.post(address, {"body": f"Thought number {n}."}) for n in range(6)]
    assert [answer.status_code for answer in answers[:4]] == [303] * 4
    last = answers[-1]
    assert last.status_code == 429
    assert int(last["Retry-After"]) > 0
    assert "Please wait" in last.text
    assert "Thought number 5." in last.text


def test_second_send_of_the_same_form_is_the_same_comment(client, article, address, reader):
    client.force_login(reader)
    html = client.get(article.get_absolute_url()).text
    key = re.search(r'name="key" value="([0-9a-f-]{36})"', html)[1]
    first = client.post(address, {"body": "Once.", "key": key})
    second = client.post(address, {"body": "Once.", "key": key})
    assert first["Location"] == second["Location"]
    assert article.comments.count() == 1


def test_closed_conversation_takes_nothing_and_keeps_the_text(client, article, address, reader):
    Article.objects.filter(pk=article.pk).update(comment_policy="closed")
    client.force_login(reader)
    response = client.post(address, {"body": "One more thing."})
    assert response.status_code == 422
    assert "One more thing." in response.text
    assert article.comments.count() == 0


def test_premoderated_story_holds_even_trusted_readers(client, article, address, reader):
    Article.objects.filter(pk=article.pk).update(comment_policy="premoderated")
    client.force_login(reader)
    client.post(address, {"body": "One more thing."})
    assert article.comments.get().is_pending


def test_preview_shows_the_text_and_saves_nothing(client, article, address, reader):
    client.force_login(reader)
    response = client.post(address, {"body": "So *loud*", "preview": "1"})
    assert "So <em>loud</em>" in response.text
    assert article.comments.count() == 0


def test_post_without_a_token_is_refused_for_whoever_is_logged_in(article, address, reader):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(reader)
    assert client.post(address, {"body": "Forged."}).status_code == 403
    assert article.comments.count() == 0


def test_visitor_is_asked_to_log_in_and_nothing_is_stored(article, address):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    response = client.post(address, {"body": "I was there."})
    assert response.status_code == 200
    assert "I was there." in response.text
    assert "Log in and post it" in response.text
    assert Draft.objects.count() == 0
    # What keeps a text needs the form's token, which only the page just shown carries.
    forged = client.post(address, {"body": "I was there.", "then": "login"})
    assert forged.status_code == 403
    assert Draft.objects.count() == 0


def test_text_written_before_log_in_is_posted_after_it(client, article, address, reader):
    response = client.post(address, {"body": "I was there.", "then": "login"})
    assert response.status_code == 303
    login = response["Location"]
    assert login.startswith(reverse("account_login"))
    response = client.post(login, {"login": reader.email, "password": PASSWORD}, follow=True)
    assert article.comments.get().body == "I was there."
    assert "published as #1" in response.text


def test_text_written_before_sign_up_is_posted_once_the_address_is_confirmed_elsewhere(
    client, article, address, mailoutbox
):
    from django.test import Client

    response = client.post(address, {"body": "I was there.", "then": "signup"})
    client.post(
        response["Location"],
        {"email": "carla@example.org", "username": "carla_v", "password1": PASSWORD},
    )
    assert article.comments.count() == 0
    link = re.search(r"https?://\S*?(/accounts/confirm-email/\S+)", mailoutbox[0].body)[1]
    Client().post(link)
    comment = article.comments.get()
    assert comment.author.username == "carla_v"
    assert comment.is_pending
    client.post(reverse("account_login"), {"login": "carla_v", "password": PASSWORD})
    assert article.comments.count() == 1
    draft = Draft.objects.get()
    assert client.get(draft.get_absolute_url())["Location"].endswith(f"#comment-{comment.pk}")


def test_somebody_elses_draft_is_not_found(client, article, address, reader, newcomer):
    draft = Draft.objects.create(article=article, body="Mine.", author=newcomer)
    client.force_login(reader)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.post(draft.get_absolute_url()).status_code == 404


def test_reply_to_what_readers_cannot_see_is_not_found(client, reader, make_comment):
    held = make_comment(status=Comment.Status.PENDING)
    client.force_login(reader)
    assert client.get(f"/comments/{held.pk}/reply/").status_code == 404
    assert client.post(f"/comments/{held.pk}/reply/", {"body": "Hm."}).status_code == 404


def test_own_comment_can_be_edited_and_removed_but_not_somebody_elses(
    client, article, reader, newcomer, make_comment
):
    own = make_comment(article=article, author=reader, body="I think the wall is low.")
    other = make_comment(article=article, author=newcomer)
    client.force_login(reader)
    assert client.post(f"/comments/{own.pk}/edit/", {"body": "High."}).status_code == 303
    assert "High." in client.get(article.get_absolute_url()).text
    assert client.post(f"/comments/{own.pk}/delete/").status_code == 303
    own.refresh_from_db()
    assert own.status == Comment.Status.REMOVED
    for verb in ("edit", "delete"):
        assert client.get(f"/comments/{other.pk}/{verb}/").status_code == 404
        assert client.post(f"/comments/{other.pk}/{verb}/", {"body": "x"}).status_code == 404


def test_respect_is_given_once_and_taken_back_and_never_to_oneself(
    client, article, reader, make_comment
):
    other, own = make_comment(article=article), make_comment(article=article, author=reader)
    client.force_login(reader)
    client.post(f"/comments/{other.pk}/respect/")
    other.refresh_from_db()
    assert other.respect_count == 1
    client.post(f"/comments/{other.pk}/respect/")
    other.refresh_from_db()
    assert other.respect_count == 0
    assert client.post(f"/comments/{own.pk}/respect/").status_code == 409


def test_report_reaches_the_desk_once_per_reader(client, reader, make_comment):
    comment = make_comment()
    client.force_login(reader)
    for _ in range(2):
        client.post(f"/comments/{comment.pk}/report/", {"reason": "attack", "note": "Rude."})
    assert comment.reports.count() == 1
    client.logout()
    assert client.post(f"/comments/{comment.pk}/report/").status_code == 302


def test_permalink_shows_ancestors_and_replies(client, make_comment):
    root = make_comment(body="The first word.")
    middle = make_comment(parent=root, body="The second word.")
    last = make_comment(parent=middle, body="The third word.")
    html = client.get(middle.get_absolute_url()).text
    places = [html.index(f"The {word} word.") for word in ("first", "second", "third")]
    assert places == sorted(places)
    assert f'id="comment-{last.pk}"' in html


def test_hidden_comments_have_no_permalink(client, make_comment):
    for status in (Comment.Status.PENDING, Comment.Status.REJECTED, Comment.Status.SPAM):
        comment = make_comment(status=status)
        assert client.get(comment.get_absolute_url()).status_code == 404


def test_stub_shows_no_text_and_who_ended_it(client, make_comment, moderator):
    root = make_comment(body="Something unkind.")
    make_comment(parent=root, body="Why so?")
    root.reject(by=moderator, reason="attack")
    html = client.get(root.article.get_absolute_url()).text
    assert "Something unkind." not in html
    assert "Removed by a moderator" in html
    assert "Why so?" in html


def test_own_comments_page_tells_status_and_reason(client, reader, make_comment, moderator):
    comment = make_comment(author=reader, body="Something unkind.")
    comment.reject(by=moderator, reason="attack", message="Please leave the mayor’s hat alone.")
    client.force_login(reader)
    html = client.get("/account/comments/").text
    assert "Personal attack" in html
    assert "Please leave the mayor’s hat alone." in html
    client.logout()
    assert client.get("/account/comments/").status_code == 302


def test_reply_beyond_those_shown_of_its_thread_is_not_lost_from_sight(
    client, article, reader, make_comment
):
    root = make_comment(article=article)
    for _ in range(threads.REPLIES_PER_THREAD):
        make_comment(parent=root)
    client.force_login(reader)
    plain = client.post(f"/comments/{root.pk}/reply/", {"body": "The eleventh."}, follow=True)
    assert "The eleventh." in plain.text
    assert "published as #12" in plain.text
    in_place = client.post(
        f"/comments/{root.pk}/reply/", {"body": "The twelfth.", "from": "article"}, headers=HTMX
    )
    assert "The twelfth." in in_place.text
    assert "published as #13" in in_place.text
