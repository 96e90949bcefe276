"""Errors that readers report, and what the desk answered."""

import datetime
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from articles import passages
from articles.models.article import Article, InvalidMove
from articles.models.record import Correction
from articles.models.revision import Revision

if TYPE_CHECKING:
    from accounts.models import User

# Without those that are taken for one another: 0 and O, 1, I and L, U and V.
LETTERS = "23456789ABCDEFGHJKMNPQRSTWXYZ"


class AnsweredAlready(InvalidMove):
    """An answer to a report that somebody else has answered meanwhile."""


class ErrorReportQuerySet(models.QuerySet["ErrorReport"]):
    def open(self) -> Self:
        """Reports that wait for an answer, longest wait first."""
        return self.filter(status=ErrorReport.Status.OPEN).order_by("at", "pk")

    def seen_by(self, user: "User") -> Self:
        """Reports this member of staff may read: editors all, reporters those of their own."""
        if not user.has_perm("articles.view_errorreport"):
            return self.none()
        return self.filter(article__in=Article.objects.readable_at_desk(user))

    def to_tell(self) -> Self:
        """Answered reports whose sender has not been written to yet."""
        return self.filter(mail_due=True).order_by("pk")

    def forget(self) -> int:
        """Forget who sent the reports that are long answered. Returns how many there were."""
        long_answered = self.filter(answered_at__lte=timezone.now() - ErrorReport.KEPT)
        known = ~Q(name="") | ~Q(email="") | Q(reader__isnull=False)
        return long_answered.filter(known).update(name="", email="", reader=None, mail_due=False)


class ErrorReport(models.Model):
    """What a reader says is wrong in a story, on which passage, and what became of it."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"

    class Outcome(models.TextChoices):
        CORRECTED = "corrected", "Corrected"
        CLARIFIED = "clarified", "Made clearer"
        UNCHANGED = "unchanged", "Looked into, and left as it is"
        KNOWN = "known", "Known already"

    # How many one address, and one reader, makes in a time.
    PACE = (10, datetime.timedelta(hours=1))
    # The same again within this time is the same report, sent twice.
    TWICE_WITHIN = datetime.timedelta(days=1)
    # How long name and address of who reported are kept after the answer.
    KEPT = datetime.timedelta(days=90)
    # Of what readers could open, how far back a passage is looked for.
    VERSIONS_SEARCHED = 5
    # Outcomes that are a change to the story, and may come with a correction.
    OF_CHANGE: ClassVar = {Outcome.CORRECTED, Outcome.CLARIFIED}

    reference = models.CharField(max_length=12, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="error_reports")
    # What readers saw then. None of a story that had never changed: its first is taken later.
    revision = models.ForeignKey(Revision, models.SET_NULL, null=True, related_name="+")
    quote = models.CharField(max_length=1000, blank=True)
    text = models.TextField()
    name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    answer = models.TextField(blank=True)
    correction = models.ForeignKey(Correction, models.SET_NULL, null=True, related_name="+")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    # The answer is to be written to its sender, and has not been handed to the outbox.
    mail_due = models.BooleanField(default=False)

    objects = ErrorReportQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["status", "at"], name="articles_errors_waiting"),
            models.Index(fields=["id"], condition=Q(mail_due=True), name="articles_errors_to_tell"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        """Where whoever knows the reference reads what became of it."""
        return reverse("articles:error-status", args=[self.reference])

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @classmethod
    @transaction.atomic
    def make(
        cls,
        article: Article,
        text: str,
        quote: str = "",
        name: str = "",
        email: str = "",
        reader: "User | None" = None,
    ) -> "ErrorReport":
        """Tell the desk what is wrong in ``article``; of the same sent twice, once.

        Raises ``InvalidMove`` for a story that readers do not see.
        """
        if not article.is_live:
            raise InvalidMove("Readers do not see this story any more. Nothing is left to correct.")
        # The story's row, so that of two of the same at once the second finds the first.
        Article.objects.select_for_update(no_key=True).only("pk").get(pk=article.pk)
        said = {"article": article, "text": text, "quote": quote, "name": name, "email": email}
        since = timezone.now() - cls.TWICE_WITHIN
        if same := cls.objects.open().filter(**said, reader=reader, at__gt=since).first():
            return same
        return cls.objects.create(
            reference=_reference(), revision=_seen(article, quote), reader=reader, **said
        )

    @transaction.atomic
    def answer_with(
        self,
        by: "User",
        outcome: str,
        words: str,
        correction_kind: str = "",
        correction_text: str = "",
        names_a_reader: bool = True,
        also: "Iterable[ErrorReport]" = (),
    ) -> None:
        """Close the report with ``words`` for whoever sent it; ``also`` others, with the same.

        With ``correction_text`` the story gets a correction in the same step, which says that a
        reader reported it if it ``names_a_reader``. Raises ``AnsweredAlready`` with what was
        answered where somebody was quicker, and ``InvalidMove`` for an answer that says nothing
        or a correction where nothing was changed.
        """
        if outcome not in self.Outcome.values:
            raise InvalidMove("Say what became of the report.")
        if not words.strip():
            raise InvalidMove("Write a word to the reader: they took the trouble to tell us.")
        if correction_text.strip() and outcome not in self.OF_CHANGE:
            raise InvalidMove(
                "A correction says that something was changed. Choose “Corrected” or “Made "
                "clearer” as the outcome, or leave the correction out."
            )
        now = timezone.now()
        answered = {
            "status": self.Status.ANSWERED,
            "outcome": outcome,
            "answer": words.strip(),
            "answered_by": by,
            "answered_at": now,
        }
        # The UPDATE is the guard: of two answers at once, the second finds no open row.
        if not ErrorReport.objects.open().filter(pk=self.pk).order_by().update(**answered):
            self.refresh_from_db()
            raise AnsweredAlready(
                f"{self.answered_by or 'Somebody'} has answered this report meanwhile: "
                f"{self.get_outcome_display().lower()}. “{self.answer}”"
            )
        ids = [self.pk]
        for other in also:
            mine = ErrorReport.objects.open().filter(pk=other.pk, article=self.article_id)
            if mine.order_by().update(**answered):
                ids.append(other.pk)
        together = ErrorReport.objects.filter(pk__in=ids)
        together.exclude(email="").update(mail_due=True)
        if correction_text.strip():
            correction = self.article.correct(
                by, correction_kind, correction_text.strip(), is_from_reader=names_a_reader
            )
            together.update(correction=correction)
        self.refresh_from_db()

    # Where it stands in the story

    @property
    def seen_text(self) -> str:
        """What its reader could quote of the story then, as HTML."""
        first = self.article.revisions.select_related("base").order_by("number").first()
        revision = self.revision or first
        # Of a story that never changed there may be no revision.
        return _quotable(revision) if revision else self.present_text

    @property
    def present_text(self) -> str:
        """What a reader can quote of the story now, as HTML."""
        of = self.article
        return passages.whole(of.headline, of.standfirst, of.dateline, of.body)

    @property
    def has_text_changed(self) -> bool:
        """Whether the story reads otherwise now than when this was reported."""
        return passages.words_of(self.seen_text) != passages.words_of(self.present_text)

    def same_passage(self) -> list["ErrorReport"]:
        """Other reports on a part of the same passage, the open ones first; without one, none."""
        if not self.quote:
            return []
        others = self.article.error_reports.exclude(pk=self.pk).exclude(quote="")[:200]
        words = passages.words_of(self.present_text)
        here = passages.place(words, self.quote)
        found = [
            other
            for other in others
            if passages.is_same(other.quote, self.quote)
            or passages.overlap(here, passages.place(words, other.quote))
        ]
        return sorted(found, key=lambda other: (not other.is_open, other.at))


def _reference() -> str:
    """Return a reference that nobody guesses: one of 500,000,000,000."""
    return "E-" + "".join(secrets.choice(LETTERS) for _ in range(8))


def _seen(article: Article, quote: str) -> Revision | None:
    """Return the version in which a reader read ``quote``: the newest that has it, or the newest.

    Somebody may have had the story open while it changed.
    """
    versions = article.revisions.filter(public_number__isnull=False).select_related("base")
    newest = list(
        versions.order_by("-public_number")[: ErrorReport.VERSIONS_SEARCHED if quote else 1]
    )
    for version in newest:
        if quote and passages.place(passages.words_of(_quotable(version)), quote):
            return version
    return newest[0] if newest else None


def _quotable(revision: Revision) -> str:
    said = revision.content
    parts = (str(said.get(name) or "") for name in ("headline", "standfirst", "dateline", "body"))
    return passages.whole(*parts)
