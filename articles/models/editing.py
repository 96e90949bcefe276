"""What goes on while a story is being written: typed text, who is at it, who may look."""

import datetime
import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from articles import body
from articles.models.article import Article

if TYPE_CHECKING:
    from accounts.models import User

# Whoever was not heard of for so long is not at it any more.
IDLE = datetime.timedelta(minutes=10)
# A text as long as a story may be, and all the other fields.
LARGEST_AUTOSAVE = body.MAX_LENGTH + 50_000  # characters


class TooLong(Exception):
    """Typed text that is longer than any story."""


class Autosave(models.Model):
    """What one editor has typed into a story's form and not saved yet.

    One row for each editor and story, written over while they type; gone with their save.
    """

    # None for a story that has not been saved at all.
    article = models.ForeignKey(Article, models.CASCADE, null=True, related_name="autosaves")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    fields = models.JSONField()  # the form's values by name, as typed
    seen_version = models.PositiveIntegerField(null=True)
    begun_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "by"],
                condition=Q(article__isnull=False),
                name="articles_autosave_once",
            ),
            models.UniqueConstraint(
                fields=["by"],
                condition=Q(article__isnull=True),
                name="articles_autosave_new_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Unsaved: {self.article_id}"

    @property
    def beginning(self) -> str:
        """Its first words, to know it by."""
        said = [*self.fields.get("headline", []), *self.fields.get("body", [])]
        words = " · ".join(filter(None, (body.plain_text(one).strip() for one in said)))
        return f"{words[:160]}…" if len(words) > 160 else words

    @classmethod
    def of(cls, article: Article | None, by: "User") -> "Autosave | None":
        """Return what this editor typed and did not save, if anything. Nobody else sees it."""
        return cls.objects.filter(article=article, by=by).first()

    @classmethod
    def keep(
        cls, article: Article | None, by: "User", fields: dict[str, list[str]], seen: int | None
    ) -> "Autosave":
        """Keep what is in the form, in place of what was kept before.

        ``fields`` are its values by name; ``seen`` is the version that was opened. Raises
        ``TooLong``.
        """
        if sum(len(value) for values in fields.values() for value in values) > LARGEST_AUTOSAVE:
            raise TooLong("This text is as long as a book. Make it several stories.")
        clean = {
            name: [body.CONTROL_CHARACTERS.sub("", value) for value in values]
            for name, values in fields.items()
        }
        kept, _ = cls.objects.update_or_create(
            article=article,
            by=by,
            defaults={"fields": clean, "seen_version": seen, "at": timezone.now()},
        )
        return kept


class PresenceQuerySet(models.QuerySet["Presence"]):
    def awake(self) -> Self:
        """Those heard of lately whose story nobody took over."""
        return self.filter(seen_at__gt=timezone.now() - IDLE, taken_over_by=None)


class Presence(models.Model):
    """That an editor has a story open."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="presences")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    # The last time that the form was opened, of those in which they stayed.
    opened_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    # Whoever took the story over, until this editor has been told.
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    taken_over_at = models.DateTimeField(null=True)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "by"], name="articles_presence_once")
        ]

    def __str__(self) -> str:
        return f"{self.by_id} at {self.article_id}"

    @property
    def is_awake(self) -> bool:
        return self.taken_over_by_id is None and self.seen_at > timezone.now() - IDLE

    @classmethod
    def open(cls, article: Article, by: "User") -> tuple["Presence", list["Presence"]]:
        """Note that ``by`` opens the story's form. Returns their presence, and those of others.

        What is returned still says who took it over from them, which the page tells now. Two
        queries.
        """
        now = timezone.now()
        rows = list(article.presences.select_related("by", "taken_over_by").order_by("since"))
        before = next((row for row in rows if row.by_id == by.pk), None)
        own = cls(article=article, by=by, since=now, opened_at=now, seen_at=now)
        if before is not None and before.is_awake:
            own.since = before.since
        _write(own)
        if before is not None:
            own.taken_over_by, own.taken_over_at = before.taken_over_by, before.taken_over_at
        return own, [row for row in rows if row.is_awake and row.by_id != by.pk]

    @classmethod
    def beat(cls, article: Article, by: "User") -> tuple["Presence", list["Presence"]]:
        """Note that ``by`` still has the form open. Returns as ``open`` does."""
        now = timezone.now()
        if not cls.objects.filter(article=article, by=by).update(seen_at=now):
            _write(cls(article=article, by=by, since=now, opened_at=now, seen_at=now))
        rows = list(article.presences.select_related("by", "taken_over_by").order_by("since"))
        own = next(row for row in rows if row.by_id == by.pk)
        return own, [row for row in rows if row.is_awake and row.by_id != by.pk]

    @classmethod
    def leave(cls, article: Article, by: "User", opened_at: datetime.datetime) -> None:
        """Note that ``by`` closed the form that was opened then.

        If they have opened it anew, as after a save, they stay.
        """
        cls.objects.filter(article=article, by=by, opened_at__lte=opened_at).delete()

    @classmethod
    @transaction.atomic
    def take_over(cls, article: Article, by: "User") -> list["Presence"]:
        """Put on record that ``by`` goes on with a story that others have open.

        Returns whose it was; nothing is put on record where nobody was at it. They are told, and
        what they typed stays theirs.
        """
        others = list(article.presences.awake().exclude(by=by).select_related("by"))
        now = timezone.now()
        held = cls.objects.filter(pk__in=[row.pk for row in others], taken_over_by=None)
        if not others or not held.update(taken_over_by=by, taken_over_at=now):
            return []
        names = ", ".join(row.by.name for row in others)
        article.steps.create(
            verb=Article.Verb.TAKE_OVER,
            before=article.status,
            after=article.status,
            by=by,
            note=f"From {names}"[:1000],
            at=now,
        )
        return others


def _write(own: Presence) -> None:
    """Write a presence down, in place of an earlier one of the same editor."""
    Presence.objects.bulk_create(
        [own],
        update_conflicts=True,
        unique_fields=["article", "by"],
        update_fields=["since", "opened_at", "seen_at", "taken_over_by", "taken_over_at"],
    )


class PreviewLinkEnded(Exception):
    """A preview link that leads nowhere any more."""


class PreviewLink(models.Model):
    """A link by which somebody outside may read a story before readers do, for a while."""

    DAYS = (1, 3, 7, 30)  # how long one may be good for
    SALT = "articles.preview"

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="preview_links")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField("for whom", max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.note or f"Preview of {self.article_id}"

    def get_absolute_url(self) -> str:
        return reverse("articles:shared-preview", args=[self.signed])

    @property
    def signed(self) -> str:
        """What its address ends with: the key, and that it is from us."""
        return signing.Signer(salt=self.SALT).sign(self.key.hex)

    @classmethod
    def at(cls, signed: str) -> "PreviewLink":
        """Return the link of that address. Raises ``DoesNotExist`` for an address not from us."""
        try:
            key = signing.Signer(salt=cls.SALT).unsign(signed)
        except signing.BadSignature as error:
            raise cls.DoesNotExist("No such link.") from error
        return cls.objects.select_related("article__section", "article__lead_image").get(
            key=uuid.UUID(key)
        )

    @property
    def has_ended(self) -> bool:
        """Whether its time is over, or somebody ended it."""
        return self.revoked_at is not None or self.expires_at <= timezone.now()

    def open(self, is_counted: bool = True) -> Article:
        """Return the story, and count that it was opened. Raises ``PreviewLinkEnded``.

        It shows a story on its way alone: one that was withdrawn, killed or has ended is nobody's
        to read, and one that readers have they read at its own address.
        """
        story = self.article
        is_coming = story.status in {*Article.UNPUBLISHED, Article.Status.SCHEDULED}
        if self.has_ended or not (story.is_live or (is_coming and not story.is_out)):
            raise PreviewLinkEnded
        if is_counted and not story.is_live:
            PreviewLink.objects.filter(pk=self.pk).update(
                opened=F("opened") + 1, opened_at=timezone.now()
            )
        return story

    def revoke(self) -> None:
        """End it now."""
        PreviewLink.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())
