"""Fixtures that give one valid object each, with only what matters spelled out by the test."""

import datetime
import importlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from pytest_django.plugin import blocking_manager_key

from accounts.models import User
from articles import corrections_kept
from articles.models import Article, Author, Byline, Section
from comments.append_only import SEALED, seal, unseal
from comments.counters import recount
from comments.models import Comment, RuleVersion
from newsroom.memory import fragments
from newsroom.models import Edition

PASSWORD = "a-long-enough-password"


@pytest.fixture(autouse=True)
def _plain_settings(settings: Any, tmp_path: Any) -> None:
    """Tests write nothing into the project's own folders and hash passwords quickly."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # Nothing runs in the background: a test that wants mail delivers it.
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    cache.clear()
    fragments.clear()


UNSEALED = pytest.StashKey[bool]()


def has_own_transactions(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked or (marker and marker.kwargs.get("transaction")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Bring back what migrations wrote, once a test with transactions of its own is cleared up.

    After the last test there is no database left to bring it back to.
    """
    yield
    if nextitem is not None and has_own_transactions(item):
        migration = importlib.import_module("comments.migrations.0002_roles_and_seal")
        with item.config.stash[blocking_manager_key].unblock():
            if item.stash.get(UNSEALED, False):
                with connection.schema_editor() as editor:
                    for table in SEALED:
                        seal(table, editor)
                    corrections_kept.seal(editor)
            ContentType.objects.clear_cache()
            migration.make_roles(apps, None)
            Edition.objects.get_or_create(pk=Edition.THE_ONE)
            RuleVersion.objects.get_or_create(pk=1, defaults={"word": "as migrated"})


@pytest.fixture(autouse=True)
def sealed_rows_may_go(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests with transactions of their own are cleared up after, the sealed record included."""
    if not has_own_transactions(request.node):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    # For the clearing that comes with the database, which the seal would refuse. It is put back
    # once that is done.
    with connection.schema_editor() as editor:
        for table in SEALED:
            unseal(table, editor)
        corrections_kept.unseal(editor)
    request.node.stash[UNSEALED] = True


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    numbers = itertools.count(1)

    def make(username: str = "", role: str = "", **fields: Any) -> User:
        username = username or f"person{next(numbers)}x"
        fields.setdefault("email", f"{username}@example.org")
        user = User.objects.create_user(username, password=PASSWORD, is_staff=bool(role), **fields)
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
        if role:
            user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def reader(make_user: Callable[..., User], make_comment: Callable[..., Comment]) -> User:
    """A reader of whom a comment was approved, so that the next is shown at once."""
    user = make_user("ada")
    make_comment(author=user, status=Comment.Status.APPROVED, body="An earlier word of mine.")
    return user


@pytest.fixture
def newcomer(make_user: Callable[..., User]) -> User:
    """A reader without an approved comment: the first is held."""
    return make_user("bruno")


@pytest.fixture
def reporter(make_user: Callable[..., User]) -> User:
    return make_user("reporterly", role="reporter")


@pytest.fixture
def editor(make_user: Callable[..., User]) -> User:
    return make_user("editorial", role="editor")


@pytest.fixture
def moderator(make_user: Callable[..., User]) -> User:
    return make_user("moderately", role="moderator")


@pytest.fixture
def section(db: None) -> Section:
    return Section.objects.get_or_create(slug="town", defaults={"name": "Town"})[0]


@pytest.fixture
def make_article(section: Section) -> Callable[..., Article]:
    numbers = itertools.count(1)

    def make(**fields: Any) -> Article:
        number = next(numbers)
        author_name = fields.pop("author_name", "Ruth Hallam")
        html = fields.pop("body", "<p>The river rose at four.</p>")
        fields.setdefault("headline", f"The river rose, part {number}")
        fields.setdefault("slug", f"the-river-rose-{number}")
        fields.setdefault("section", section)
        fields.setdefault("status", Article.Status.PUBLISHED)
        if fields["status"] != Article.Status.DRAFT:
            fields.setdefault(
                "published_at", timezone.now() - datetime.timedelta(days=1, minutes=-number)
            )
            fields.setdefault("published_on", timezone.localdate(fields["published_at"]))
        article = Article(**fields)
        article.set_body(html)
        article.save()
        article.note_pictures()
        author, _ = Author.objects.get_or_create(
            slug=author_name.lower().replace(" ", "-"), defaults={"name": author_name}
        )
        Byline.objects.create(article=article, author=author)
        return article

    return make


@pytest.fixture
def article(make_article: Callable[..., Article]) -> Article:
    return make_article()


@pytest.fixture
def make_comment(
    make_article: Callable[..., Article], make_user: Callable[..., User]
) -> Callable[..., Comment]:
    """Gives a comment in any status, with its number, counters and decision as in real life.

    It goes past the checks: a test of those calls ``submit`` itself.
    """
    numbers = itertools.count(1)
    shared: dict[str, Article] = {}

    def make(
        article: Article | None = None,
        author: User | None = None,
        parent: Comment | None = None,
        status: str = Comment.Status.APPROVED,
        body: str = "",
        **fields: Any,
    ) -> Comment:
        if parent is not None:
            article = parent.article
        if article is None:
            article = shared.get("article") or shared.setdefault("article", make_article())
        comment = Comment(article=article, author=author or make_user(), **fields)
        comment.answer_to(parent)
        comment.set_body(body or f"The wall was too low, I say for the {next(numbers)}. time.")
        comment.save()
        if status != Comment.Status.PENDING:
            if status != Comment.Status.SPAM:
                comment._become(Comment.Status.APPROVED, rule="fixture")
            if status != Comment.Status.APPROVED:
                comment._become(Comment.Status(status), rule="fixture")
        comment.refresh_from_db()
        return comment

    return make


@pytest.fixture
def make_conversation(
    make_article: Callable[..., Article], make_user: Callable[..., User]
) -> Callable[[int], Article]:
    """Gives an article with so many visible comments, three to a thread, made in bulk."""

    def make(size: int) -> Article:
        article, people = make_article(), [make_user() for _ in range(3)]
        now = timezone.now()

        def comment(number: int, **fields: object) -> Comment:
            return Comment(
                article=article,
                author=people[number % 3],
                number=number,
                status=Comment.Status.APPROVED,
                is_placed=True,
                visible_at=now,
                body="x",
                body_html="<p>x</p>",
                **fields,
            )

        roots = [
            comment(number, visible_replies=min(2, size - number))
            for number in range(1, size + 1, 3)
        ]
        Comment.objects.bulk_create(roots, batch_size=500)
        replies = [
            comment(root.number + place, parent=root, root=root, depth=1)
            for root in roots
            for place in (1, 2)
            if root.number + place <= size
        ]
        Comment.objects.bulk_create(replies, batch_size=500)
        Article.objects.filter(pk=article.pk).update(
            comment_count=size, thread_count=len(roots), last_number=size
        )
        assert recount(article) == []
        return article

    return make
