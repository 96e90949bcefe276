"""A small paper with one of everything, and somebody in every role."""

from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import SourceRule
from articles import revisions
from articles.models import ErrorReport, Image, MovedAddress, Policy, ReviewStep, Series, Topic
from comments import chain
from comments.models import (
    Appeal,
    Batch,
    CheckRule,
    Comment,
    DeskSettings,
    Dispatch,
    Draft,
    DutyHours,
    LegalNotice,
    Link,
    MailChoice,
    MessageTemplate,
    PromptCount,
    Sanction,
    Terms,
    WordRule,
)

ROLES = ("anonymous", "reader", "reporter", "editor", "moderator", "administrator")


@pytest.fixture
def people(make_user):
    """Somebody in every role but the first, by role."""
    return {role: make_user(f"some-{role}", role=role.replace("reader", "")) for role in ROLES[1:]}


@pytest.fixture
def browser(people):
    """Gives a browser in which somebody of that role is logged in."""

    def open_as(role: str, **options) -> Client:
        client = Client(raise_request_exception=False, **options)
        if role != "anonymous":
            client.force_login(people[role])
        return client

    return open_as


@pytest.fixture
def paper(people, make_article, make_comment):
    """One of everything. The comment is the reporter's, the draft of one the reader's."""
    series = Series.objects.create(name="A year of rain", slug="rain")
    story = make_article(slug="story", series=series, series_position=1)
    page = make_article(kind="page", slug="about")
    policy = Policy(kind=Policy.Kind.ETHICS, body="<p>We take no gifts.</p>")
    policy.save_edit(people["editor"], None)
    revisions.catch_up(story)  # its first version
    topic = Topic.objects.create(name="Floods", slug="floods")
    story.topics.add(topic)
    comment = make_comment(article=story, author=people["reporter"], status=Comment.Status.APPROVED)
    sanction = Sanction.objects.create(
        person=people["reader"], kind="warn", by=people["moderator"], reason="attack"
    )
    decision = comment.decisions.first()
    rules = Terms(text="Be kind.")
    rules.publish()
    chain.seal_due()
    return SimpleNamespace(
        people=people,
        sanction=sanction,
        decision=decision,
        appeal=Appeal.objects.create(
            sanction=sanction, person=people["reader"], text="It was not I."
        ),
        notice=LegalNotice.objects.create(
            comment=comment, url="http://testserver/", category="other", why="It is so."
        ),
        batch=Batch.objects.create(by=people["moderator"], action="approve", total=0),
        kept=[
            sanction,
            rules,
            Link.objects.first(),
            CheckRule.objects.create(check_name="links", threshold=3),
            MessageTemplate.objects.create(name="Kindly", text="Please."),
            Dispatch.objects.create(key="one", address="a@b.example", subject="One", text="One."),
            DutyHours.objects.create(weekday=0, opens="08:00", closes="20:00"),
            DeskSettings.objects.create(),
        ],
        source=SourceRule.objects.create(kind="mail", value="spam.example", action="hold"),
        story=story,
        page=page,
        topic=topic,
        policy=policy,
        reading=ReviewStep.objects.create(
            name="Legal", group=Group.objects.get(name="legal"), position=1
        ),
        error_report=ErrorReport.make(story, "It is not so.", reader=people["reader"]),
        comment=comment,
        author=story.bylines.get().author,
        image=Image.objects.create(title="The weir"),
        moved=MovedAddress.objects.create(path="/old/", article=story),
        prompted=PromptCount.objects.create(
            day=timezone.localdate(), rule="insult", outcome="shown", count=1
        ),
        rule=WordRule.objects.create(pattern="zebra"),
        draft=Draft.objects.create(article=story, body="Unsent.", author=people["reader"]),
        group=Group.objects.get(name="reporter"),
        choice=MailChoice.objects.create(person=people["reader"], kind="reply", pace="now"),
        task=DBTaskResult.objects.create(
            args_kwargs={"args": [], "kwargs": {}},
            task_path="comments.tasks.deliver",
            backend_name="default",
        ),
        key=Authenticator.objects.create(user=people["editor"], type="totp", data={"secret": "x"}),
    )
