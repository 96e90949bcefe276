"""Rights: each role, each step, each state of a story; and what a step leaves on record."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from articles.models import Article, InvalidMove, NotAllowed, NotReady, ReviewStep
from tests.articles.conftest import change_url, post_data

Status, Verb = Article.Status, Article.Verb
HOUR = datetime.timedelta(hours=1)

# Where each step may be taken from.
SENSE = {
    Verb.SUBMIT: {"draft"},
    Verb.RETURN: {"review", "ready"},
    Verb.READY: {"draft", "review"},
    Verb.SCHEDULE: {"draft", "review", "ready", "scheduled"},
    Verb.UNSCHEDULE: {"scheduled"},
    Verb.LIFT_EMBARGO: {"embargoed"},
    Verb.PUBLISH: {"draft", "review", "ready", "scheduled", "withdrawn", "ended"},
    Verb.WITHDRAW: {"published"},
    Verb.KILL: {"published", "withdrawn", "ended"},
    Verb.LIFT_KILL: {"killed"},
}
STATES = [
    "draft", "review", "ready", "scheduled", "published", "withdrawn", "killed", "ended",
    "embargoed",
]  # fmt: skip
# Who may take it, in anybody's story and in their own.
EDITORS = {"editor", "publisher", "administrator"}
MAY = {
    Verb.SUBMIT: (EDITORS, {"reporter"}),
    Verb.RETURN: (EDITORS, set()),
    Verb.READY: (EDITORS, set()),
    Verb.SCHEDULE: (EDITORS, set()),
    Verb.UNSCHEDULE: (EDITORS, set()),
    Verb.LIFT_EMBARGO: ({"publisher", "administrator"}, set()),
    Verb.PUBLISH: (EDITORS, set()),
    Verb.WITHDRAW: (EDITORS | {"legal"}, set()),
    Verb.KILL: (EDITORS | {"legal"}, set()),
    Verb.LIFT_KILL: (EDITORS | {"legal"}, set()),
}
ROLES = ["reporter", "editor", "publisher", "legal", "moderator", "administrator"]


@pytest.fixture
def story_in(make_article):
    """Gives a story that stands in a state."""

    def make(state, **fields):
        now = timezone.now()
        if state == "ended":
            fields |= {"status": "published", "published_at": now - 9 * HOUR, "expires_at": now}
        elif state == "embargoed":
            fields |= {"status": "draft", "embargo_until": now + HOUR}
        else:
            fields |= {"status": state}
        if state == "scheduled":
            fields["published_at"] = now + HOUR
        if state == "withdrawn":
            fields["withdrawal_notice"] = "We are checking it."
        if fields["status"] in Article.UNPUBLISHED:
            fields |= {"published_at": None, "published_on": None}
        return make_article(**fields)

    return make


def take(article, verb, by):
    """Take a step with all that it asks for."""
    {
        Verb.SUBMIT: lambda: article.submit(by),
        Verb.RETURN: lambda: article.return_to_draft(by, "Ask the mayor too."),
        Verb.READY: lambda: article.call_ready(by),
        Verb.SCHEDULE: lambda: article.schedule(by, timezone.now() + 2 * HOUR),
        Verb.UNSCHEDULE: lambda: article.unschedule(by),
        Verb.LIFT_EMBARGO: lambda: article.lift_embargo(by, "The council published it."),
        Verb.PUBLISH: lambda: article.publish(by),
        Verb.WITHDRAW: lambda: article.withdraw(by, "It was wrong."),
        Verb.KILL: lambda: article.kill(by, "A court order."),
        Verb.LIFT_KILL: lambda: article.lift_kill(by, "The order was lifted.", "We checked it."),
    }[verb]()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", list(MAY))
def test_a_step_is_taken_by_whom_it_is_given_from_where_it_makes_sense(
    story_in, make_user, verb, state
):
    anybodys, own = MAY[verb]
    sense = state in SENSE[verb]
    if state == "embargoed" and "draft" in SENSE[verb]:
        sense = verb != Verb.PUBLISH  # it is a draft, but one that cannot be out yet
    if state == "ended" and verb == Verb.PUBLISH:
        sense = False  # its end has passed: that is moved first
    for role in ROLES:
        for is_own in (False, True):
            user = make_user(role=role)
            article = story_in(state, created_by=user if is_own else None)
            allowed = role in anybodys or (is_own and role in own)
            if verb == Verb.RETURN and is_own and role == "reporter":
                allowed = state == "review"  # whoever handed it in takes it back
            steps, before = article.steps.count(), article.status
            case = f"{role} {'own' if is_own else 'other'}"
            if allowed and sense:
                take(article, verb, user)
                newest = article.steps.order_by("-pk")[0]
                assert (newest.verb, newest.by) == (verb, user), case
                assert newest.after == article.status, case
            else:
                with pytest.raises(InvalidMove):
                    take(article, verb, user)
                taken = set(article.steps.values_list("verb", flat=True)[steps:])
                assert taken <= {Verb.END}, case
                assert Article.objects.get(pk=article.pk).status == before or taken, case


def test_who_may_not_is_told_so_before_what_is_missing(make_article, reporter):
    bare = make_article(status="draft", created_by=reporter, body="")
    with pytest.raises(NotAllowed, match="not yours"):
        bare.publish(reporter)


def test_the_way_of_a_story_is_on_record_with_who_when_and_why(make_article, reporter, editor):
    story = make_article(status="draft", created_by=reporter)
    story.submit(reporter, "The council’s answer is in.")
    story.return_to_draft(editor, "Name the bridge.")
    story.submit(reporter)
    story.call_ready(editor)
    story.publish(editor)
    told = [(s.verb, s.before, s.after, s.by, s.note) for s in story.steps.all()]
    assert told == [
        ("submit", "draft", "review", reporter, "The council’s answer is in."),
        ("return", "review", "draft", editor, "Name the bridge."),
        ("submit", "draft", "review", reporter, ""),
        ("ready", "review", "ready", editor, ""),
        ("publish", "ready", "published", editor, ""),
    ]
    assert all(step.at <= timezone.now() for step in story.steps.all())


def test_a_story_that_lacks_something_is_not_called_ready(make_article, editor):
    story = make_article(status="review", body="", published_at=None, published_on=None)
    with pytest.raises(NotReady, match="text"):
        story.call_ready(editor)
    assert story.status == "review"


def test_a_return_and_a_kill_need_a_word(make_article, article, editor):
    handed_in = make_article(status="review", published_at=None, published_on=None)
    with pytest.raises(InvalidMove, match="Say what is to be done"):
        handed_in.return_to_draft(editor, "  ")
    with pytest.raises(InvalidMove, match="Say why"):
        article.kill(editor, "")
    assert article.is_live


# At the desk


def press(client, article, button, **data):
    page = client.get(change_url(article))
    form = post_data(page) if page.context["may_change"] else {}
    response = client.post(change_url(article), form | {button: "1"} | data, follow=True)
    article.refresh_from_db()
    return " ".join(str(message) for message in response.context["messages"])


def test_a_reporter_hands_in_and_takes_back_and_an_editor_returns(
    client, make_article, reporter, editor
):
    story = make_article(status="draft", created_by=reporter)
    client.force_login(reporter)
    page = client.get(change_url(story)).text
    assert 'name="_submit"' in page
    assert 'name="_publish"' not in page
    assert "Handed in" in press(client, story, "_submit")
    assert story.status == "review"
    assert 'name="_return"' in client.get(change_url(story)).text
    assert "draft again" in press(client, story, "_return", return_note="One more question.")
    assert story.status == "draft"
    press(client, story, "_submit")
    client.force_login(editor)
    assert "Say what is to be done" in press(client, story, "_return")
    assert "with your note" in press(client, story, "_return", return_note="Who paid?")
    client.force_login(reporter)
    assert "Who paid?" in client.get(change_url(story)).text


def test_a_lawyer_kills_without_changing_a_word(client, article, make_user):
    client.force_login(make_user(role="legal"))
    headline = article.headline
    page = client.get(change_url(article))
    assert 'name="_kill"' in page.text
    assert 'name="_save"' not in page.text
    told = press(client, article, "_kill", kill_reason="A court order.", headline="Mine now")
    assert "Killed" in told
    assert (article.status, article.headline) == ("killed", headline)


def test_of_a_killed_story_only_those_who_may_kill_see_anything(
    client, article, make_user, reporter, moderator, editor
):
    Article.objects.filter(pk=article.pk).update(created_by=reporter)
    article.kill(editor, "A court order.")
    for user in (reporter, moderator):
        client.force_login(user)
        assert client.get(change_url(article)).status_code == 302
        assert client.get(article.preview_url).status_code == 404
        assert article.headline not in client.get("/admin/articles/article/").text
    client.force_login(editor)
    page = client.get(change_url(article))
    assert page.status_code == 200
    assert 'name="_save"' not in page.text
    assert 'name="_lift_kill"' in page.text


# Readings


@pytest.fixture
def lawyers(db):
    return ReviewStep.objects.create(name="Legal", group=Group.objects.get(name="legal"))


def test_nothing_is_published_before_whom_it_asks_for_has_signed_it_off(
    make_article, make_user, editor, lawyers
):
    story = make_article(status="review", published_at=None, published_on=None)
    story.review_steps.add(lawyers)
    with pytest.raises(NotReady, match="the word of Legal"):
        story.publish(editor)
    with pytest.raises(NotAllowed, match="Only legal signs off"):
        story.sign_off(editor, lawyers)
    lawyer = make_user(role="legal")
    story.sign_off(lawyer, lawyers, "Fine, with the quote in it.")
    with pytest.raises(InvalidMove, match="signed it off already"):
        story.sign_off(lawyer, lawyers)
    story.publish(editor)
    assert story.is_live
    step = story.steps.get(verb="sign-off")
    assert (step.by, step.note) == (lawyer, "Legal: Fine, with the quote in it.")


def test_a_changed_text_needs_a_new_signature_and_a_changed_caption_none(
    make_article, make_user, editor, lawyers
):
    lawyers.is_for_every_story = True
    lawyers.save()
    story = make_article(status="draft")
    story.sign_off(make_user(role="legal"), lawyers)
    story.lead_caption = "The quay at four."
    story.save_edit(story.version)
    assert story.missing() == []
    story.set_body("<p>The river rose at five.</p>")
    story.save_edit(story.version)
    assert story.missing() == ["the word of Legal, who must sign it off"]


def test_a_lawyer_signs_off_at_the_desk(client, make_article, make_user, editor, lawyers):
    story = make_article(status="review", published_at=None, published_on=None)
    story.review_steps.add(lawyers)
    client.force_login(editor)
    assert "Sign off: Legal" not in client.get(change_url(story)).text
    assert client.post(change_url(story), {"_sign_off": str(lawyers.pk)}).status_code == 403
    client.force_login(make_user(role="legal"))
    told = press(client, story, "_sign_off", _sign_off=str(lawyers.pk), sign_off_note="Read.")
    assert "Signed off: Legal" in told
    assert not story.missing()
