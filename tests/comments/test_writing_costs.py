"""What it costs to write: statements of whole requests, in small conversations and in long ones.

All statements count that the database is sent, but for the ``BEGIN`` and ``COMMIT`` of each.
"""

import itertools
import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments import formkeys, tasks
from comments.counters import recount
from comments.models import CheckRule, Comment

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"headers": {"hx-request": "true"}}
WORDS = itertools.count(1)


@pytest.fixture(params=[2, 600])
def story(request, make_conversation, settings):
    """A story with few comments, or with many, and a delivery that waits for its worker."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.LIMITS = False
    # Of the many in one moment, which are a surge, this is not about.
    CheckRule.objects.create(check_name="surge", is_on=False)
    tasks.wake()
    return make_conversation(request.param)


@pytest.fixture
def browser():
    def open_for(person):
        client = Client()
        client.force_login(person)
        return client

    return open_for


@pytest.fixture
def known(make_user, make_comment):
    """A reader of whom one comment was approved."""
    person = make_user()
    make_comment(author=person)
    return person


@pytest.fixture
def at_the_desk(browser, make_user):
    """A moderator's browser; roles are gone once a test like these was cleared up after."""
    person = make_user()
    person.is_staff = True
    person.save()
    person.user_permissions.add(Permission.objects.get(codename="moderate_comment"))
    return browser(person)


def form(**fields):
    body = " ".join(f"word{number}" for number in itertools.islice(WORDS, 40))
    return {"body": body, "key": str(formkeys.fresh()), "from": "article", **fields}


def statements(act, status):
    """Return how many statements the second of two requests takes; the first reads what is kept."""
    assert act().status_code == status
    with CaptureQueriesContext(connection) as taken:
        answer = act()
    assert answer.status_code == status, answer.text[:2000]
    frames = re.compile(r"(BEGIN|COMMIT)\b")
    return len([one for one in taken.captured_queries if not frames.match(one["sql"])])


def test_a_comment_that_is_shown_at_once(story, browser, known):
    reader, address = browser(known), f"{story.get_absolute_url()}comments/"
    assert statements(lambda: reader.post(address, form()), 303) <= 11
    assert statements(lambda: reader.post(address, form(), **HTMX), 200) <= 14
    story.refresh_from_db()
    assert recount(story) == []


def test_a_comment_that_is_held(story, browser, make_user):
    newcomer, address = browser(make_user()), f"{story.get_absolute_url()}comments/"
    assert statements(lambda: newcomer.post(address, form()), 303) <= 10


def test_an_answer_which_somebody_is_told_of(story, browser, known):
    reader, address = browser(known), f"{story.get_absolute_url()}comments/"
    root = story.comments.filter(root__isnull=True).earliest("number")
    assert statements(lambda: reader.post(address, form(parent=root.pk)), 303) <= 16
    alone = f"/comments/{root.pk}/reply/"
    assert statements(lambda: reader.post(alone, form()), 303) <= 15
    story.refresh_from_db()
    assert recount(story) == []


@pytest.mark.parametrize(("action", "most"), [("approve", 12), ("reject", 11), ("spam", 10)])
def test_a_decision_at_the_desk(story, at_the_desk, make_comment, action, most):
    held = iter([make_comment(article=story, status=Comment.Status.PENDING) for _ in range(2)])

    def decide():
        comment = next(held)
        address = f"/admin/comments/comment/{comment.pk}/decide/"
        said = {"action": action, "reason": "hate", "version": comment.version}
        return at_the_desk.post(address, said, **HTMX)

    assert statements(decide, 200) <= most
    story.refresh_from_db()
    assert recount(story) == []


def test_a_nod(story, browser, known):
    reader = browser(known)
    shown = iter(story.comments.order_by("number")[:2])

    def nod():
        return reader.post(f"/comments/{next(shown).pk}/respect/", {"wanted": "yes"}, **HTMX)

    assert statements(nod, 200) <= 8
