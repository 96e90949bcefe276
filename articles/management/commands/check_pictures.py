"""``manage.py check_pictures [--fix]``: hold the pictures' files against the library."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from articles import body, photo_metadata, pictures
from articles.models import Article, Image

FOLDERS = ("images", "masters")
SHOWN = 100  # lines


class Command(BaseCommand):
    help = "Report files without a picture and pictures without their files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fix", action="store_true", help="delete the former, make the latter again"
        )
        parser.add_argument(
            "--older-than",
            type=int,
            default=0,
            metavar="MINUTES",
            help="leave files alone that are younger: another process may be about to save them",
        )

    def handle(self, *args: Any, fix: bool, older_than: int, **options: Any) -> None:
        self.fix = fix
        self.before = timezone.now() - datetime.timedelta(minutes=older_than)
        self.found = self.lost = 0
        for check in (self._pictures, self._files, self._texts):
            for line in check():
                self.found += 1
                if self.found <= SHOWN:
                    self.stdout.write(line)
        if self.found > SHOWN:
            self.stdout.write(f"… and {self.found - SHOWN} more.")
        if self.lost:
            raise CommandError(
                f"{self.lost} pictures have lost their files: they cannot be made again."
            )
        if self.found and not fix:
            raise CommandError(f"{self.found} things are off. --fix sets them right.")
        done = f"{self.found} set right" if self.found else "all is right"
        self.stdout.write(f"Pictures and their files: {done}.")

    def _pictures(self) -> Iterator[str]:
        """Pictures without some of their files, or whose files carry other words than they have."""
        for image in Image.objects.with_file().order_by("pk").iterator():
            missing = sorted(name for name in image.names() if not default_storage.exists(name))
            carried = image.digest.partition("-")[2]
            is_old = carried != photo_metadata.words_digest(image)
            if not missing and not is_old:
                continue
            for name in missing:
                yield f"picture {image.pk} lacks {name}"
            if is_old:
                yield f"picture {image.pk}: its files carry other words than it has now"
            if self.fix and not self._renew(image.pk):
                self.lost += 1
                yield f"picture {image.pk} cannot be made again: upload it anew"

    @transaction.atomic
    def _renew(self, pk: int) -> bool:
        image = Image.objects.select_for_update().filter(pk=pk).first()
        if image is None:
            return True
        try:
            image.make_files_again()
        except FileNotFoundError:
            return False
        image.refresh_articles()
        return True

    def _files(self) -> Iterator[str]:
        """Files that no picture knows."""
        for folder in FOLDERS:
            for number in _listed(folder)[0]:
                place = f"{folder}/{number}"
                image = Image.objects.filter(pk=number).first() if number.isdecimal() else None
                known = image.names() if image else frozenset()
                for file in _listed(place)[1]:
                    name = f"{place}/{file}"
                    if name not in known and self._is_old(name):
                        yield f"no picture knows {name}"
                        if self.fix:
                            pictures.delete(name)
                if self.fix and not known:
                    pictures.delete(place)  # if it is empty

    def _is_old(self, name: str) -> bool:
        try:
            return default_storage.get_modified_time(name) <= self.before
        except FileNotFoundError:
            return False  # gone in the meantime

    def _texts(self) -> Iterator[str]:
        """Stories whose pictures are noted otherwise than their text shows them."""
        noted = Article.text_pictures.through.objects.values("article")
        stories = Article.objects.filter(
            Q(body__contains='src="/media/images/') | Q(pk__in=noted)
        ).order_by("pk")
        for story in stories.only("pk", "body").iterator():
            shown = Image.objects.filter(pk__in=body.picture_ids(story.body))
            now = set(story.text_pictures.values_list("pk", flat=True))
            if set(shown.values_list("pk", flat=True)) != now:
                yield f"the pictures of article {story.pk} are noted wrongly"
                if self.fix:
                    story.note_pictures()


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Return the folders and the files in a folder of the storage; none if it is not there."""
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
