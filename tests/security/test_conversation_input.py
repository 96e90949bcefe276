"""What comes to the conversation's own addresses: broken input is a 4xx, never a 5xx."""

import pytest

from comments.models import Draft, MailStop

ODD = ["9" * 19, "9" * 30, "9" * 5000, "-1", "0", "x" * 10_000, "é" * 300, "%ff", "%ED%A0%80",
       "%0d%0aX: y", "%00", "1.1", "%D9%A3"]  # fmt: skip


@pytest.mark.parametrize("role", ["anonymous", "reader", "editor"])
@pytest.mark.parametrize("odd", ODD)
def test_no_part_of_an_address_is_too_odd_for_the_conversation(browser, paper, odd, role):
    visitor, story, pk = browser(role), paper.story.get_absolute_url(), paper.comment.pk
    for path in (
        *(f"/comments/{odd}/{way}/" for way in ("replies", "edit", "history", "delete", "respect",
                                                "report", "follow", "pick")),
        f"/comments/drafts/{odd}/", f"/people/{odd}/mute/", f"/mail/stop/{odd}/",
        f"/account/notifications/{odd}/", f"/account/comments/{odd}/take-back/",
        f"/pages/{odd}/comments/latest/", f"/pages/{odd}/comments/follow/",
        f"/2024/01/05/{odd}/comments/latest/", f"/2024/01/05/{odd}/comments/follow/",
    ):  # fmt: skip
        for answer in (visitor.get(path), visitor.post(path, {"wanted": odd, "reason": "x"})):
            assert answer.status_code < 500, path
            assert "X: y" not in str(answer.headers)
    for path in (
        f"{story}comments/?since={odd}", f"/comments/{pk}/replies/?after={odd}&from={odd}",
        f"/comments/{pk}/?order=respected&from={odd}", f"{story}?order=picks&after={odd}",
        f"/account/notifications/?before={odd}", f"/account/comments/?before={odd}",
        f"/account/comments/?show={odd}", f"/account/followed/?page={odd}",
        f"/account/muted/?page={odd}", f"/people/some-reader/mute/?from={odd}",
        f"/people/some-reader/?before={odd}",
    ):  # fmt: skip
        for headers in ({}, {"HX-Request": "true"}):
            assert visitor.get(path, headers=headers).status_code < 500, path


@pytest.mark.parametrize("odd", ["9" * 19, "9" * 5000, "-1", "\x00", "\u202e", "٣", "a:b:c", "é"])
@pytest.mark.parametrize("role", ["anonymous", "reader", "editor"])
def test_no_field_of_a_form_is_too_odd_for_the_conversation(browser, paper, odd, role):
    visitor, story, pk = browser(role), paper.story.get_absolute_url(), paper.comment.pk
    forms = {
        f"{story}comments/": ["body", "parent", "key", "quote", "asked", "website", "from", "then"],
        f"/comments/{pk}/reply/": ["body", "quote", "key", "asked", "cancel"],
        f"/comments/{pk}/edit/": ["body"],
        f"/comments/{pk}/respect/": ["wanted"],
        f"/comments/{pk}/report/": ["reason", "note"],
        f"/comments/{pk}/follow/": ["wanted", "from"],
        f"/comments/{pk}/pick/": ["wanted", "reason"],
        "/people/some-reporter/mute/": ["wanted", "from"],
        "/account/notifications/": ["until"],
        "/account/notifications/mail/": ["again", "none", "time_zone", "reply"],
        "/account/comments/claim/": ["which", "comment"],
    }
    for path, names in forms.items():
        for filled in (names, *([name] for name in names)):
            answer = visitor.post(path, {"body": "Words."} | dict.fromkeys(filled, odd))
            assert answer.status_code < 500, (path, filled)
        raw = b"\xff\xfe=\xff&" + "&".join(names).encode() + b"=%ff%00%ED%A0%80"
        answer = visitor.post(path, raw, content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500, path
        assert visitor.post(path, "{}", content_type="application/json").status_code < 500, path


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"null", b"[[]]", b"[" * 100_000, b"1" * 5000, b'"a"', b'[{"kind": []}]',
     b'[{"address": "a@b.example", "kind": "hard", "detail": "\\u0000"}]',
     b'[{"address": "a@b.example", "kind": "hard", "detail": "\\ud800"}]',
     b'[{"address": "a@\\ud800.example", "kind": "hard"}]',
     b'[{"address": "a\\u0000@b.example", "kind": "hard"}]',
     b'[{"address": "' + b"a" * 60 + b"@" + b"a.b" * 80 + b'.example", "kind": "soft"}]',
     b'[{"address": {}, "kind": "hard", "detail": {}}]',
     b'[{"address": "a@b.example", "kind": "hard", "detail": "' + b"x" * 5000 + b'"}]'],
)  # fmt: skip
def test_a_list_of_bounces_in_any_shape_is_taken_or_refused(browser, settings, body):
    settings.MAIL_WEBHOOK_SECRET = "a-secret"
    for kind in ("application/json", "multipart/form-data", "text/plain"):
        answer = browser("anonymous").post(
            "/mail/bounces/", body, content_type=kind, headers={"Authorization": "Bearer a-secret"}
        )
        assert answer.status_code in {200, 400}
        assert answer.status_code == 200 or not MailStop.objects.exists()


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer a-secre", "Bearer a-secret x", "é", "a"])
def test_without_the_secret_no_bounce_is_taken(browser, settings, given):
    settings.MAIL_WEBHOOK_SECRET = "a-secret"
    body = '[{"address": "a@b.example", "kind": "hard"}]'
    send = browser("anonymous").post
    answer = send(
        "/mail/bounces/", body, content_type="text/plain", headers={"Authorization": given}
    )
    assert answer.status_code == 403
    assert not MailStop.objects.exists()


@pytest.mark.parametrize("line", ["> a\n", ">\n", "> > a\n", ">  \n"])
def test_a_text_of_quotations_kept_before_log_in_is_read_in_no_time(paper, line):
    # Each line could once be read in two ways, all of them together in two to the power of them.
    draft = Draft(article=paper.story, body=line * 1200 + "x")
    assert draft.parts() == (None, draft.body)


def test_a_reason_for_a_pick_that_grows_when_it_is_cleaned_is_refused(browser, paper):
    # Of these one letter becomes three in the form that texts are kept in.
    answer = browser("editor").post(
        f"/comments/{paper.comment.pk}/pick/", {"wanted": "yes", "reason": "\U0001d160" * 150}
    )
    assert answer.status_code == 422


def test_a_note_to_the_desk_that_grows_when_it_is_cleaned_is_refused(browser, paper):
    answer = browser("reader").post(
        f"/comments/{paper.comment.pk}/report/", {"reason": "spam", "note": "\U0001d160" * 400}
    )
    assert answer.status_code == 422
