"""What a reader wants to hear of, whom not to, and how far they have read."""

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from comments.models.comment import Comment, InvalidMove, Refused
from newsroom import pace

# How many people, stories and threads somebody mutes and follows in a time.
PACE = (60, datetime.timedelta(minutes=1))


class NotToBeMuted(InvalidMove):
    """A mute of somebody whom everybody has to be able to hear, or of oneself."""


class FollowQuerySet(models.QuerySet["Follow"]):
    def of_comment(self, comment: Comment) -> Self:
        """Follows that ``comment`` is news for: of its story, or of its thread."""
        return self.filter(
            Q(article=comment.article_id, thread__isnull=True)
            | Q(thread=comment.root_id or comment.pk)
        )

    def readable(self) -> Self:
        """Follows of what readers can open now, with the time of the last comment there."""
        said = Comment.objects.visible().order_by("-number")
        in_story = said.filter(article=OuterRef("article"))
        # By place first: that is what the index of a thread's replies holds.
        in_thread = said.filter(is_placed=True, root=OuterRef("thread"))
        return (
            self.filter(article__in=Article.objects.published())
            .exclude(article__comment_policy=Article.CommentPolicy.HIDDEN)
            .select_related("article__section", "thread__author__byline")
            .defer("article__body", "article__body_html")
            .annotate(
                last_said=models.Case(
                    models.When(
                        thread__isnull=True, then=Subquery(in_story.values("visible_at")[:1])
                    ),
                    default=Coalesce(
                        Subquery(in_thread.values("visible_at")[:1]), F("thread__visible_at")
                    ),
                    output_field=models.DateTimeField(),
                )
            )
        )


class Follow(models.Model):
    """A reader's wish to hear of new comments under a story, or in one of its threads."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    article = models.ForeignKey(Article, models.CASCADE, related_name="followers")
    # The thread's first comment; empty for the whole story.
    thread = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="followers")
    at = models.DateTimeField(default=timezone.now)

    objects = FollowQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "article"],
                condition=Q(thread__isnull=True),
                name="comments_follow_story_once",
            ),
            models.UniqueConstraint(
                fields=["reader", "thread"],
                condition=Q(thread__isnull=False),
                name="comments_follow_thread_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader} follows {self.thread or self.article}"

    @classmethod
    def turn(
        cls,
        reader: User,
        article: Article,
        thread: Comment | None = None,
        wanted: bool | None = None,
    ) -> bool:
        """Have ``reader`` follow a story, or one of its threads, or stop.

        With ``wanted`` it ends up followed or not, however often that is asked; without, it
        turns. Returns whether it is followed now. Raises ``Refused`` for more than ``PACE``.
        """
        own = cls.objects.filter(reader=reader, article=article, thread=thread)
        is_followed = own.exists()
        if wanted is None:
            wanted = not is_followed
        if not wanted:
            own.delete()
        elif not is_followed:
            _keep_pace(cls.objects.filter(reader=reader))
            # Of two at once the second finds it done.
            new = Follow(reader=reader, article=article, thread=thread)
            Follow.objects.bulk_create([new], ignore_conflicts=True)
        return wanted


class Mute(models.Model):
    """A reader's wish not to read somebody: their comments and the replies to them fold."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="muted_by")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["reader", "muted"], name="comments_mute_once"),
            models.CheckConstraint(
                condition=~Q(reader=F("muted")), name="comments_mute_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader} mutes {self.muted}"

    @classmethod
    def turn(cls, reader: User, person: User, wanted: bool | None = None) -> bool:
        """Have ``reader`` mute ``person``, or hear them again.

        With ``wanted`` they end up muted or not, however often that is asked; without, it turns.
        Returns whether they are muted now. Raises ``NotToBeMuted`` for oneself and for staff,
        and ``Refused`` for more than ``PACE``.
        """
        own = cls.objects.filter(reader=reader, muted=person)
        is_muted = own.exists()
        if wanted is None:
            wanted = not is_muted
        if not wanted:
            own.delete()
        elif not is_muted:
            cls.refuse(reader, person)
            _keep_pace(cls.objects.filter(reader=reader))
            Mute.objects.bulk_create([Mute(reader=reader, muted=person)], ignore_conflicts=True)
        return wanted

    @staticmethod
    def refuse(reader: User, person: User) -> None:
        """Raise ``NotToBeMuted`` if ``reader`` cannot mute ``person``."""
        if reader.pk == person.pk:
            raise NotToBeMuted("That is you. Nobody mutes themselves.")
        if person.is_staff:
            raise NotToBeMuted(
                f"{person.name} works for the paper. What the newsroom says about a story or a "
                "decision has to reach everybody, so it cannot be muted."
            )


class Visit(models.Model):
    """How far a reader has read the conversation under a story.

    Loads of the page within ``ONE_SITTING`` of each other are one visit, so that a reload does
    not take the marks of what is new away.
    """

    ONE_SITTING = datetime.timedelta(minutes=30)

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="visits")
    article = models.ForeignKey(Article, models.CASCADE, related_name="visits")
    # The story's last number when the visit before this one ended: later numbers are new.
    seen = models.PositiveIntegerField(default=0)
    # The story's last number at the latest load of the page.
    latest = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "article"], name="comments_visit_once")
        ]

    def __str__(self) -> str:
        return f"{self.reader} read {self.article} to #{self.latest}"

    @classmethod
    def record(cls, reader: User, article: Article) -> int | None:
        """Note that ``reader`` reads ``article`` now.

        Returns the number after which comments are new to them, or ``None`` on a first visit,
        when nothing is new because everything is. One query, and a write only where something
        is to be noted. Reading is what this records: nobody else sees any of it.
        """
        now = timezone.now()
        visit = cls.objects.filter(reader=reader, article=article).first()
        if visit is None:
            if article.last_number:
                Visit.objects.bulk_create(
                    [Visit(reader=reader, article=article, latest=article.last_number, at=now)],
                    ignore_conflicts=True,
                )
            return None
        is_same = now - visit.at < cls.ONE_SITTING
        # A first visit goes on: all of it was unread when it began.
        seen = visit.seen if is_same else visit.latest
        if not is_same or visit.latest != article.last_number:
            cls.objects.filter(pk=visit.pk).update(seen=seen, latest=article.last_number, at=now)
        return seen or None


def _keep_pace(rows: "models.QuerySet[Follow] | models.QuerySet[Mute]") -> None:
    if wait := pace.wait(rows, *PACE):
        raise Refused(
            f"That was a lot in a minute. Please wait {pace.in_words(wait)}, then try again.", wait
        )
