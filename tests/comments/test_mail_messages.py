"""What a mail says and how: words, headers, threads."""

import re

import html5lib
import pytest
from django.core import mail

from articles.models import Article
from comments import letters, mailing
from comments.models import Comment, MailChoice
from tests.comments.mailed import notice, part, sent

HOST = "news.example"


@pytest.fixture(autouse=True)
def _address_of_the_site(settings):
    settings.SITE_URL = f"https://{HOST}"
    settings.SITE_NAME = "The Pellworth Courier"
    settings.DEFAULT_FROM_EMAIL = "The Pellworth Courier <desk@news.example>"


@pytest.fixture
def ada(make_user):
    return make_user("ada", display_name="Ada L.")


@pytest.fixture
def answer(make_comment, ada, make_user):
    """Bo's reply to a comment of Ada's."""
    first = make_comment(author=ada, body="The wall was *too* low.")
    bo = make_user("bo", display_name="Bo")
    return make_comment(author=bo, parent=first, body="It was high enough.\n\nFor a pond.")


def one():
    assert mailing.deliver_due() == 1
    (message,) = sent()
    return message


def test_a_reply_is_told_with_what_it_answers_and_one_way_to_it(ada, answer):
    notice(ada, comment=answer)
    message = one()
    plain, html = part(message, "plain"), part(message, "html")
    place = f"https://{HOST}/comments/{answer.pk}/#comment-{answer.pk}"
    assert message["To"] == "ada@example.org"
    assert message["Subject"] == f"Re: {answer.article.headline}"
    assert message["From"] == "The Pellworth Courier <desk@news.example>"
    for words in ("Bo", "answered you", "The wall was too low.", "For a pond."):
        assert words in plain
        assert words in html
    assert "> The wall was too low." in plain
    assert place in plain
    assert html.count(f'href="{place}"') == 1
    assert "\n\n\n" not in plain


def test_a_mail_is_sound_html_without_pictures_scripts_or_other_peoples_servers(ada, answer):
    notice(ada, comment=answer)
    html = part(one(), "html")
    html5lib.HTMLParser(strict=True).parse(html)
    assert not re.search(r"<(img|script|link|table|iframe|form)\b", html)
    hosts = set(re.findall(r"https?://([^/\"<\s]+)", html))
    assert hosts == {HOST}
    assert 'name="color-scheme" content="light dark"' in html


def test_a_mail_carries_the_headers_of_its_stream(ada, answer):
    notice(ada, comment=answer)
    message = one()
    token = MailChoice.objects.get(person=ada, kind="reply").token
    assert message["List-Id"] == f"<reply.{HOST}>"
    assert message["List-Unsubscribe"] == f"<https://{HOST}/mail/stop/{token}/>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Help"] == f"<https://{HOST}/account/notifications/mail/>"
    assert message["List-Archive"] == f"<https://{HOST}/account/notifications/>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] is None
    assert message["Message-ID"].startswith(f"<comment-{answer.pk}.")
    assert message["Message-ID"].endswith(f"@{HOST}>")
    assert len(token) >= 32


def test_the_same_stream_keeps_its_token_and_another_has_its_own(ada, answer):
    notice(ada, comment=answer)
    notice(ada, comment=answer)
    notice(ada, "staff-reply", comment=answer)
    mailing.deliver_due()
    tokens = {message["List-Unsubscribe"] for message in sent()}
    assert len(sent()) == 3
    assert len(tokens) == 2


def test_three_mails_of_a_story_make_one_thread(ada, answer, make_comment, make_user):
    cy = make_user("cy")
    deeper = make_comment(author=cy, parent=answer, body="A pond of a river.")
    fresh = make_comment(article=answer.article, author=cy, body="Whose wall is it?")
    for kind, comment in (("reply", answer), ("thread", deeper), ("story", fresh)):
        MailChoice.choose(ada, {kind: "now"})
        notice(ada, kind, comment=comment)
    mailing.deliver_due()
    first, second, third = sent()
    story = f"<story-{answer.article_id}@{HOST}>"
    own = first["In-Reply-To"]
    assert own.startswith(f"<comment-{answer.parent_id}.")
    assert first["References"].split() == [story, own]
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"].split() == [story, own, first["Message-ID"]]
    assert third["References"] == third["In-Reply-To"] == story
    assert len({m["Subject"] for m in sent()}) == 1
    assert len({m["Message-ID"] for m in sent()}) == 3


def test_nobody_else_gets_the_same_message_id(ada, answer, make_user):
    eve = make_user("eve")
    notice(ada, comment=answer)
    notice(eve, "thread", comment=answer)
    MailChoice.choose(eve, {"thread": "now"})
    mailing.deliver_due()
    first, second = sent()
    assert first["Message-ID"] != second["Message-ID"]
    assert first["Message-ID"].split(".")[0] == second["Message-ID"].split(".")[0]


def test_of_a_deep_thread_the_root_and_the_nearest_are_named(ada, make_comment):
    comment = make_comment(author=ada)
    for _ in range(24):
        comment = make_comment(parent=comment)
    notice(ada, comment=comment)
    message = one()
    references = message["References"].split()
    assert len(references) == letters.MOST_REFERENCES
    assert references[0] == f"<story-{comment.article_id}@{HOST}>"
    assert references[-1].startswith(f"<comment-{comment.parent_id}.")
    assert all(len(line) < 998 for line in message.as_bytes().splitlines())


def test_hostile_words_stay_words(ada, answer, make_user):
    answer.author.display_name = 'Bo</b><script src="//evil.example"></script>\r\nBcc: x@y.z'
    answer.author.save()
    answer.set_body('<b onclick="x">& [click](https://evil.example/)\n\n-- \nmake it so')
    answer.save()
    Article.objects.filter(pk=answer.article_id).update(
        headline="The <i>river</i>\r\nBcc: victim@example.org\u2028rose"
    )
    notice(ada, comment=answer)
    message = one()
    assert message["Bcc"] is None
    assert message["Subject"] == "Re: The <i>river</i> Bcc: victim@example.org rose"
    html, plain = part(message, "html"), part(message, "plain")
    html5lib.HTMLParser(strict=True).parse(html)
    assert "<script" not in html
    assert "<i>" not in html
    assert "evil.example/" not in html
    # What looks like the end of a mail's text stands inside, with every line of theirs set off.
    assert "\n  -- \n" in plain.replace("--\n", "-- \n")
    assert plain.count("\n-- \n") == 1


def test_long_words_are_cut_and_the_rest_is_on_the_site(ada, answer):
    answer.set_body("wall " * 900)
    answer.save()
    notice(ada, comment=answer)
    plain = part(one(), "plain")
    assert plain.count("wall") < 320
    assert "…" in plain


def test_a_statement_of_reasons_says_what_why_who_and_what_can_be_done(
    ada, make_comment, moderator, settings
):
    comment = make_comment(author=ada, status=Comment.Status.PENDING, body="You are all fools.")
    decision = comment.reject(
        by=moderator, reason="attack", message="Please argue\nwith the *council*."
    )
    notice(ada, "rejected", comment=comment, decision=decision)
    message = one()
    for words in (part(message, "plain"), part(message, "html")):
        assert "You are all fools." in words
        assert "Personal attack" in words
        assert "Argue with what was said" in words
        assert "with the *council*." in words
        assert "A moderator decided this" in words
        assert "moderately" not in words
        assert settings.SITE_CONTACT in words
        assert f"https://{HOST}/account/comments/" in words
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None
    assert message["List-Id"] == f"<rejected.{HOST}>"
    assert "/mail/stop/" not in part(message, "html")


def test_what_a_rule_did_is_said_to_be_a_rules(ada, make_comment):
    comment = make_comment(author=ada)
    decision = comment.hold_back("three readers reported it", [])
    notice(ada, "rejected", comment=comment, decision=decision)
    plain = part(one(), "plain")
    assert "hidden until a moderator has looked at it" in plain
    assert "A rule of this site did this, without a person" in plain


def test_an_edit_that_was_refused_is_quoted_and_not_the_text_that_stays(
    ada, make_comment, moderator
):
    comment = make_comment(author=ada, body="The wall was too low.")
    revision = comment.revisions.create(body="You fools.", body_html="<p>You fools.</p>")
    decision = revision.reject(by=moderator, reason="attack")
    notice(ada, "rejected", comment=comment, decision=decision)
    plain = part(one(), "plain")
    assert "You fools." in plain
    assert "The wall was too low." not in plain


def test_each_kind_of_notice_is_a_mail_that_reads(ada, answer, make_comment, moderator, editor):
    own = make_comment(author=ada, body="My own view of the wall.")
    own.pick(by=editor, reason="It says who pays.")
    held = make_comment(author=ada, status=Comment.Status.PENDING, body="Waiting words.")
    approved = held.approve(by=moderator)
    correction = answer.article.correct(None, "correction", "The wall is 2 m high, not 3 m.")
    reported = make_comment()
    taken_down = reported.reject(by=moderator, reason="attack")
    MailChoice.choose(ada, {"report": "now"})
    notice(ada, "picked", comment=own)
    notice(ada, "approved", comment=held, decision=approved)
    notice(ada, "corrected", article=answer.article, correction=correction)
    notice(ada, "report", comment=reported, decision=taken_down)
    notice(ada, "staff-reply", comment=answer)
    assert mailing.deliver_due() == 5
    picked, published, corrected, report, _ = [part(message, "plain") for message in sent()]
    assert "Why we picked it: It says who pays." in picked
    assert "Waiting words." in published
    assert "The wall is 2 m high" in corrected
    assert reported.body not in report
    assert "was taken down" in report
    for message in sent():
        html5lib.HTMLParser(strict=True).parse(part(message, "html"))
        assert message["List-Unsubscribe"]


def test_mail_goes_to_the_confirmed_primary_address(ada, answer):
    ada.emailaddress_set.update(primary=False)
    ada.emailaddress_set.create(email="new@example.org", verified=True, primary=True)
    notice(ada, comment=answer)
    assert one()["To"] == "new@example.org"
    assert [recipient for message in mail.outbox for recipient in message.cc + message.bcc] == []
