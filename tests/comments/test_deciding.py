"""What stands beside deciding: previews, templates, the last decisions, replies that go along."""

import datetime

import pytest
from django.utils import timezone

from comments import standing
from comments.models import (
    Batch,
    Comment,
    Decision,
    LegalNotice,
    MessageTemplate,
    Notice,
    Report,
    Sanction,
)

pytestmark = pytest.mark.django_db
COMMENTS = "/admin/comments/comment/"
HTMX = {"HX-Request": "true"}
LONG_AGO = timezone.now() - datetime.timedelta(days=100)
SLUICE = "The sluice was opened by the mayor himself on purpose that night."


@pytest.fixture
def waiting(make_comment, reader):
    return make_comment(status=Comment.Status.PENDING, author=reader)


def words(html):
    return " ".join(html.split())


def test_preview_shows_what_the_author_will_read(at_desk, waiting):
    sent = {"reason": "attack", "message": "Kindly, please."}
    page = at_desk.post(f"{COMMENTS}{waiting.pk}/preview/", sent, headers=HTMX).text
    assert "Kindly, please." in page
    assert "Argue with what was said, not with who said it." in page
    assert not waiting.decisions.filter(by__isnull=False).exists()
    waiting.refresh_from_db()
    assert waiting.is_pending


def test_what_was_previewed_is_what_the_account_shows(client, at_desk, waiting, reader):
    sent = {"reason": "attack", "message": "Kindly, please."}
    preview = at_desk.post(f"{COMMENTS}{waiting.pk}/preview/", sent, headers=HTMX)
    lines = preview.context["statement"].lines
    at_desk.post(
        f"{COMMENTS}{waiting.pk}/decide/", {**sent, "action": "reject", "version": waiting.version}
    )
    client.force_login(reader)
    page = words(client.get(f"/account/decisions/{waiting.decisions.last().ref}/").text)
    for heading, said in lines:
        if heading != "When":
            assert words(str(said).replace("'", "&#x27;")).split("\n")[0] in page, heading


def test_template_is_filled_with_what_it_is_about(at_desk, waiting):
    template = MessageTemplate.objects.create(
        name="Kind", text="{name}, about “{story}”: {rule}", reason="attack"
    )
    sent = {"reason": "attack", "template": template.pk}
    page = at_desk.post(f"{COMMENTS}{waiting.pk}/preview/", sent, headers=HTMX)
    assert page.context["message"] == (
        f"{waiting.author_name}, about “{waiting.article.headline}”: "
        "Argue with what was said, not with who said it."
    )


def test_template_that_asks_for_something_else_is_refused(at_desk):
    answer = at_desk.post(
        "/admin/comments/messagetemplate/add/", {"name": "Odd", "text": "{email}", "reason": ""}
    )
    assert "Nothing fills in {email}" in answer.text
    assert not MessageTemplate.objects.exists()


def test_name_in_a_template_is_no_template(make_user, make_comment):
    comment = make_comment(author=make_user(display_name="{rule}"))
    template = MessageTemplate(name="x", text="{name}!")
    assert template.filled(comment, "attack") == "{rule}!"


def test_around_shows_what_it_answers_and_what_answers_it(at_desk, make_comment):
    root = make_comment(body="The very first word.")
    middle = make_comment(parent=root, body="In between.")
    comment = make_comment(parent=middle, status=Comment.Status.PENDING)
    make_comment(parent=comment, status=Comment.Status.PENDING, body="An answer to it.")
    page = at_desk.get(f"{COMMENTS}{comment.pk}/around/", headers=HTMX).text
    assert page.index("The very first word.") < page.index("In between.")
    assert "An answer to it." in page


def test_last_decisions_are_one_s_own_with_their_way_back(
    at_desk, make_comment, make_user, moderator
):
    mine, theirs = make_comment(body="Mine."), make_comment(body="Theirs.")
    mine.reject(moderator, "attack")
    theirs.reject(make_user(role="moderator"), "attack")
    page = at_desk.get(f"{COMMENTS}desk/last/").text
    decision = mine.latest_decision
    assert f'value="{decision.pk}"' in page
    assert f'value="{theirs.latest_decision.pk}"' not in page
    at_desk.post(f"{COMMENTS}{mine.pk}/undo/", {"decision": decision.pk})
    mine.refresh_from_db()
    assert mine.is_visible


def test_last_decisions_cost_the_same_at_any_number(
    at_desk, make_comment, moderator, django_assert_num_queries
):
    make_comment().reject(moderator, "attack")
    at_desk.get(f"{COMMENTS}desk/last/")
    with django_assert_num_queries(4):
        at_desk.get(f"{COMMENTS}desk/last/")
    for _ in range(20):
        make_comment().reject(moderator, "attack")
    with django_assert_num_queries(4):
        at_desk.get(f"{COMMENTS}desk/last/")


# A comment with its replies -----------------------------------------------------------------------


@pytest.fixture
def branch(make_comment):
    """A comment with two replies, one of which repeats it, and one beside."""
    root = make_comment(body=SLUICE)
    quoting = make_comment(
        parent=root,
        body=f"> {SLUICE}\n\nYes!",
    )
    other = make_comment(parent=quoting, body="And who says that?")
    beside = make_comment(article=root.article, body="The soup was good.")
    return root, quoting, other, beside


def test_comment_goes_with_its_replies_after_a_look_at_what_goes(
    at_desk, branch, make_comment, django_capture_on_commit_callbacks
):
    root, quoting, other, _ = branch
    page = at_desk.get(f"{COMMENTS}{root.pk}/with-replies/")
    assert "And who says that?" in page.text
    assert "The soup was good." not in page.text
    assert Batch.objects.count() == 0
    seen = page.context["seen"]
    late = make_comment(parent=root)
    with django_capture_on_commit_callbacks(execute=True):
        at_desk.post(
            f"{COMMENTS}{root.pk}/with-replies/",
            {"reason": "defamation", "which": "all", "seen": seen},
        )
    gone = Comment.objects.filter(status=Comment.Status.REJECTED)
    assert set(gone) == {root, quoting, other}
    late.refresh_from_db()
    assert late.is_visible  # nobody had seen it
    assert Decision.objects.filter(reason="defamation").count() == 3


def test_only_the_replies_that_repeat_it_go_along(
    at_desk, branch, django_capture_on_commit_callbacks
):
    root, quoting, other, _ = branch
    seen = at_desk.get(f"{COMMENTS}{root.pk}/with-replies/").context["seen"]
    with django_capture_on_commit_callbacks(execute=True):
        at_desk.post(
            f"{COMMENTS}{root.pk}/with-replies/",
            {"reason": "defamation", "which": "quoting", "seen": seen},
        )
    assert set(Comment.objects.filter(status="rejected")) == {root, quoting}
    other.refresh_from_db()
    assert other.is_visible


def test_going_along_needs_a_reason(at_desk, branch):
    answer = at_desk.post(f"{COMMENTS}{branch[0].pk}/with-replies/", {"which": "all"})
    assert answer.status_code == 200
    assert "This field is required" in answer.text
    assert not Batch.objects.exists()


# No shadow hiding ---------------------------------------------------------------------------------


def rejected(comment, moderator, make_user):
    comment.reject(moderator, "attack")


def spam(comment, moderator, make_user):
    comment.mark_spam(moderator)


def in_bulk(comment, moderator, make_user):
    Batch.of(moderator, "reject", [(comment.pk, comment.version)], reason="attack").run()


def reported(comment, moderator, make_user):
    for _ in range(3):
        Report.make(comment, make_user(date_joined=LONG_AGO), "attack")


def hidden_for_a_notice(comment, moderator, make_user):
    LegalNotice.objects.create(
        url="x", comment=comment, category="hate", why="It is.", name="A", email="a@b.example"
    ).hide(moderator)


@pytest.mark.parametrize("way", [rejected, spam, in_bulk, reported, hidden_for_a_notice])
def test_author_of_what_others_no_longer_see_is_told(
    client, make_comment, moderator, make_user, reader, way
):
    comment = make_comment(author=reader, body="Words that went away.")
    way(comment, moderator, make_user)
    address = comment.article.get_absolute_url()
    assert "Words that went away." not in client.get(address).text
    client.force_login(reader)
    own = client.get("/account/comments/").text
    entry = own[: own.index("Words that went away.")]
    assert "is-approved" not in entry[entry.rindex("<li") :]
    comment.refresh_from_db()
    if comment.status in {Comment.Status.REJECTED, Comment.Status.SPAM}:
        assert Notice.objects.filter(person=reader, comment=comment, kind="rejected").exists()


def test_what_holds_of_somebody_stands_above_their_form(client, reader, article, moderator):
    sanction = Sanction.impose(reader, "premoderate", by=moderator, reason="attack")
    client.force_login(reader)
    note = "A moderator reads each of your comments before readers do"
    assert note in client.get(article.get_absolute_url()).text
    with_callbacks = sanction.lift(moderator)
    standing.forget_note(with_callbacks.person_id)
    assert note not in client.get(article.get_absolute_url()).text
