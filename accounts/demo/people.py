"""The demo newsroom's people: the paper's staff, its readers, and the five who can log in."""

import datetime
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import User

FOLDER = Path(__file__).parent
PASSWORD = "newsroom-demo"  # noqa: S105 - printed for everybody who starts the demo
MAIL_HOST = "pellworth.example"


@dataclass(frozen=True)
class Person:
    """One entry of the files beside this one."""

    username: str
    name: str
    joined_days_ago: int
    bio: str = ""
    # What the newsroom has checked that they know about.
    expertise: str = ""
    hides_comments: bool = False
    role: str = ""
    # Can log in with the demo password.
    login: bool = False
    # Of whom no comment was approved yet.
    new: bool = False


def people() -> Iterator[Person]:
    """Yield everybody, staff first."""
    for path in [FOLDER / "staff.toml", *sorted(FOLDER.glob("people-*.toml"))]:
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["people"]:
            yield Person(**entry)


@transaction.atomic
def load(today: datetime.datetime) -> dict[str, User]:
    """Make everybody's account, with names claimed and address verified. Returns it by username.

    Raises ``NameTaken`` or ``IntegrityError`` where somebody here has such a name already.
    """
    password = make_password(PASSWORD)  # once: a good hash takes its time
    groups = {group.name: group for group in Group.objects.all()}
    made = {}
    for place, person in enumerate(people()):
        user = User.objects.create_user(
            person.username,
            f"{person.username}@{MAIL_HOST}",
            display_name=person.name,
            bio=person.bio,
            expertise=person.expertise,
            hides_comments=person.hides_comments,
            is_staff=bool(person.role),
            is_superuser=person.role == "administrator",
            # Some minutes apart, since nobody joins at the same moment as everybody else.
            date_joined=today
            - datetime.timedelta(person.joined_days_ago, minutes=37 * place % 600),
        )
        if person.login:
            user.password = password
            user.save(update_fields=["password"])
        if person.role:
            user.groups.add(groups[person.role])
        made[user.username] = user
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in made.values()
    )
    return made
