"""``manage.py demo``: a whole newsroom to look at, the same on every machine."""

import os
from collections.abc import Callable
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
from newsroom.models import Edition

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
            try:
                self.fill()
            except KeyboardInterrupt as stop:
                raise CommandError("Stopped. The next run goes on with the pictures.") from stop
        self.say_where(f"http://127.0.0.1:{options['port']}")

    def fill(self) -> None:
        """Fill the database. All of it, pictures apart, is one transaction."""
        now = timezone.now()
        self.stdout.write("Filling the demo newsroom. This is done once and takes a moment.")
        library = newsroom.load_pictures(self.counting("Pictures"))
        try:
            with transaction.atomic():
                accounts = people.load(now)
                self.stdout.write(f"People   {len(accounts)}")
                articles = newsroom.load_stories(now, library, accounts)
                self.stdout.write(f"Stories  {len(articles)}")
                conversation.load(articles, accounts, now, self.counting("Comments"))
                Edition.move()
        except (NameTaken, IntegrityError) as error:
            raise CommandError(
                "This database has people or pages of its own that bear the demo's names. "
                "Name an empty one with VAR_DIR or DATABASE_URL."
            ) from error
        visible, held = Comment.objects.visible().count(), Comment.objects.pending().count()
        self.stdout.write(f"         {visible} are visible, {held} wait for a moderator.")

    def counting(self, what: str) -> Callable[[int, int], None]:
        """Return what shows how far ``what`` is: in one line, or for a log in every tenth."""
        shown = -1

        def say(done: int, total: int) -> None:
            nonlocal shown
            step = done if self.stdout.isatty() else done * 10 // total
            if step != shown:
                shown = step
                ending = "\r" if self.stdout.isatty() and done < total else "\n"
                self.stdout.write(f"{what:<8} {done}/{total}", ending=ending)
                self.stdout.flush()

        return say

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
            *(f"    {person.username:<12}{person.role or 'reader'}" for person in logins),
            "",
        ]
        self.stdout.write("\n".join(lines))
