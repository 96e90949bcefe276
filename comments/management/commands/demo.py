"""``manage.py demo``: a whole newsroom to look at, the same on every machine."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.demo import people
from accounts.models import NameTaken
from articles.demo import newsroom
from articles.models import Article
from comments.demo import conversation
from comments.models import Comment

REFERENCE = "the-night-the-river-came-through-the-floorboards"


class Command(BaseCommand):
    help = "Fill the database with the demo newsroom. Run again, it changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", default=os.environ.get("PORT") or "8000", help="For the addresses it prints."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError(
                "The demo newsroom is for development only: everybody knows its passwords."
            )
        if newsroom.is_loaded():
            self.stdout.write("The demo newsroom is here already; nothing was changed.")
        else:
            self.fill()
        self.say_where(f"http://127.0.0.1:{options['port']}")

    def fill(self) -> None:
        """Fill the database. All of it, pictures apart, is one transaction."""
        now = timezone.now()
        self.stdout.write("Filling the demo newsroom, once. It takes half a minute or so.")
        library = newsroom.load_pictures(self.say_pictures)
        try:
            with transaction.atomic():
                accounts = people.load(now)
                self.stdout.write(f"People   {len(accounts)}")
                articles = newsroom.load_stories(now, library, accounts)
                self.stdout.write(f"Stories  {len(articles)}")
                self.stdout.write("Comments …", ending="\r")
                self.stdout.flush()
                conversation.load(articles, accounts, now)
        except (NameTaken, IntegrityError) as error:
            raise CommandError(
                "This database has people or pages of its own by the demo's names. "
                "Name an empty one with VAR_DIR or DATABASE_URL."
            ) from error
        visible, held = Comment.objects.visible().count(), Comment.objects.pending().count()
        self.stdout.write(f"Comments {visible} visible, {held} waiting for a moderator")

    def say_pictures(self, done: int, total: int) -> None:
        last = done == total
        if self.stdout.isatty():
            self.stdout.write(f"Pictures {done}/{total}", ending="\n" if last else "\r")
            self.stdout.flush()
        elif last or done % 10 == 0:
            self.stdout.write(f"Pictures {done}/{total}")
            self.stdout.flush()

    def say_where(self, site: str) -> None:
        article = Article.objects.get(import_key=newsroom.KEY + REFERENCE)
        logins = [person for person in people.people() if person.login]
        lines = [
            "",
            f"  Front page      {site}/",
            f"  Reference page  {site}{article.get_absolute_url()}",
            f"  Log in          {site}/accounts/login/",
            f"  Newsroom desk   {site}/admin/",
            f"  Moderation      {site}/admin/comments/comment/desk/",
            "",
            f"  Password for each of these: {people.PASSWORD}",
            *(f"    {person.username:<12}{person.role or 'reads and comments'}" for person in logins),
            "",
        ]
        self.stdout.write("\n".join(lines))
