"""People for a newsroom that is measured: many readers, some staff, and two who can log in."""

import datetime
import random
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts import names
from accounts.models import HeldName, User
from newsroom import bulk

PASSWORD = "newsroom-bench"  # noqa: S105 - printed for everybody who fills a database with it
READER, MODERATOR = "bench-reader", "bench-moderator"
MAIL_HOST = "bench.example"
TABLES = (User, HeldName, EmailAddress)
# How many of the staff there are of each role.
STAFF = {"moderator": 6, "editor": 4}
FIRST = (
    "ada", "bela", "cato", "dora", "edda", "fenn", "gwen", "hano", "ines", "jory", "kees", "lotte",
    "mabel", "nell", "otto", "petra", "quill", "runa", "sven", "tilda", "una", "vera", "wren",
    "yorick",
)  # fmt: skip
LAST = (
    "amber", "bracken", "clover", "dale", "elder", "fern", "grove", "heath", "ivory", "juniper",
    "kelp", "linden", "marsh", "nettle", "oakley", "pine", "quarry", "reed", "sedge", "thorn",
    "vale", "willow", "yarrow",
)  # fmt: skip


@dataclass(frozen=True)
class People:
    """Who is there, by the ids of their accounts."""

    reader: int
    moderator: int
    readers: range
    # Of them, those whose names stand in bylines.
    reporters: range
    moderators: range
    editors: range


def load(readers: int, reporters: int, now: datetime.datetime, chance: random.Random) -> People:
    """Make the accounts, with names claimed and addresses verified. The two may be here already."""
    # First, since their ids are the database's to give.
    reader, moderator = _login(READER, "", now), _login(MODERATOR, "moderator", now)
    start, roles = bulk.next_id(User), {}
    for role, count in {"": readers, "reporter": reporters, **STAFF}.items():
        roles[role] = range(start, start + count)
        start += count
    _copy([(pk, role) for role, members in roles.items() for pk in members], now, chance)
    some_readers = roles.pop("")
    for role, members in roles.items():
        group = Group.objects.get(name=role)
        group.user_set.add(*members)
    return People(
        reader, moderator, some_readers, roles["reporter"], roles["moderator"], roles["editor"]
    )


def _copy(people: list[tuple[int, str]], now: datetime.datetime, chance: random.Random) -> None:
    """Write the rows of everybody, given by id and role; nobody of them can log in."""
    nobody, claimed = make_password(None), bulk.moment(now)
    called = {}
    for pk, _ in people:
        first, last = FIRST[int(chance.random() * len(FIRST))], LAST[pk % len(LAST)]
        called[pk] = f"{first}_{last}_{pk:06}"

    def account(pk: int, role: str) -> tuple[Any, ...]:
        # Nobody joined today: that is what the checks call new.
        joined = now - datetime.timedelta(days=2 + 1200 * chance.random())
        address = f"{called[pk]}@{MAIL_HOST}"
        return pk, called[pk], address, nobody, bool(role), bulk.moment(joined)

    bulk.Table(
        User, "id", "username", "email", "password", "is_staff", "date_joined"
    ).write(account(pk, role) for pk, role in people)  # fmt: skip
    bulk.Table(HeldName, "key", "holder_id", "since").write(
        (names.skeleton(name), pk, claimed) for pk, name in called.items()
    )
    bulk.Table(EmailAddress, "user_id", "email", "verified", "primary").write(
        (pk, f"{name}@{MAIL_HOST}", True, True) for pk, name in called.items()
    )


def _login(username: str, role: str, now: datetime.datetime) -> int:
    """Make the account of somebody who can log in, unless it is there. Returns its id."""
    if there := User.objects.filter(username=username).first():
        return there.pk
    user = User.objects.create_user(
        username, f"{username}@{MAIL_HOST}", PASSWORD, is_staff=bool(role),
        date_joined=now - datetime.timedelta(days=800),
    )  # fmt: skip
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user.pk
