"""A small paper with one of everything, and somebody in every role."""

from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.models import Image, MovedAddress, Topic
from comments.models import Comment, Draft, MailChoice, PromptCount, WordRule

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
    story, page = make_article(slug="story"), make_article(kind="page", slug="about")
    topic = Topic.objects.create(name="Floods", slug="floods")
    story.topics.add(topic)
    comment = make_comment(article=story, author=people["reporter"], status=Comment.Status.APPROVED)
    return SimpleNamespace(
        story=story,
        page=page,
        topic=topic,
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
