"""What the editors put where: slots of the front pages, and stories that belong beside a story."""

import datetime
import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from articles.models.article import Article
from articles.models.paper import Section
from newsroom.models import Edition

if TYPE_CHECKING:
    from accounts.models import User


class StaleOrder(Exception):
    """An order of a front that somebody else changed since it was opened."""


class SlotQuerySet(models.QuerySet["Slot"]):
    def of(self, section: Section | None) -> Self:
        """The slots of a section's front, or with ``None`` of the front page, in their order."""
        return self.filter(section=section).order_by("position", "pk")

    def standing(self, at: datetime.datetime) -> Self:
        """Those that hold at a moment: their time is not over, and readers may see the story."""
        # Asked for each slot, of which there are few, not of all stories.
        is_listed = Exists(Article.objects.listed(at).order_by().filter(pk=OuterRef("article")))
        return self.filter(is_listed, Q(until__isnull=True) | Q(until__gt=at))

    def mark(self) -> str:
        """Return a short word for this order; another after any change of it."""
        rows = list(self.values_list("pk", "position", "article", "until"))
        return hashlib.blake2s(repr(rows).encode(), digest_size=8).hexdigest()


class Slot(models.Model):
    """A story's place on the front page, or on a section's, which it keeps for a while."""

    PLACES: ClassVar[int] = 7

    section = models.ForeignKey(
        Section, models.CASCADE, null=True, blank=True, related_name="slots"
    )  # None: the front page
    position = models.PositiveSmallIntegerField()
    article = models.ForeignKey(Article, models.CASCADE, related_name="slots")
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ["section", "position"]
        verbose_name = "place on a front page"
        verbose_name_plural = "front pages"
        constraints = [
            models.UniqueConstraint(
                fields=["section", "article"],
                condition=Q(section__isnull=False),
                name="articles_section_slot_once",
            ),
            models.UniqueConstraint(
                fields=["article"],
                condition=Q(section__isnull=True),
                name="articles_front_slot_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.article_id}"

    @classmethod
    @transaction.atomic
    def arrange(
        cls, section: Section | None, pins: Iterable["Slot"], seen: str, by: "User"
    ) -> None:
        """Have exactly these stories pinned on a front, each at its position until its time.

        ``seen`` is the mark of the order that the editor saw. Raises ``StaleOrder`` if it is
        another by now.
        """
        # First, since whoever arranges another order at this moment waits here until this is done.
        Edition.move()
        slots = cls.objects.of(section)
        if slots.mark() != seen:
            raise StaleOrder("Somebody else arranged this page since you opened it.")
        present = {slot.article_id: slot for slot in slots}
        wanted = {pin.article_id: pin for pin in pins}
        slots.exclude(article__in=wanted).delete()
        for article, pin in wanted.items():
            old = present.get(article)
            if old and (old.position, old.until) == (pin.position, pin.until):
                continue
            cls.objects.update_or_create(
                section=section,
                article_id=article,
                defaults={"position": pin.position, "until": pin.until, "by": by},
            )


class RelatedStory(models.Model):
    """A story that an editor put beside another."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="related_stories")
    related = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "related stories"
        constraints = [
            models.UniqueConstraint(fields=["article", "related"], name="articles_related_once")
        ]

    def __str__(self) -> str:
        return f"{self.article_id} – {self.related_id}"
