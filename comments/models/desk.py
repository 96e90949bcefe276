"""What moderators keep at the desk for themselves and each other."""

import datetime
import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from articles.models import Article
from comments.models.comment import Comment
from comments.models.reason import Reason
from comments.models.record import Decision

PLACE = re.compile(r"\{(\w*)\}")


class Claim(models.Model):
    """Somebody is at this item of the desk, for two minutes from when they last said so.

    ``subject`` names the item: ``comment:5``, ``edit:7``, ``appeal:2``, ``legal:3``.
    """

    subject = models.CharField(max_length=40, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="claims")
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.subject}: {self.by}"


class SavedFilter(models.Model):
    """A place on the desk that a moderator comes back to."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    is_shared = models.BooleanField("for everybody at the desk", default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="comments_filter_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class StaffNote(models.Model):
    """What moderators tell each other about a person or a story. Readers never see it."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="staff_notes"
    )
    article = models.ForeignKey(
        Article, models.CASCADE, null=True, blank=True, related_name="staff_notes"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    text = models.CharField(max_length=1000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, article__isnull=False)
                | Q(person__isnull=False, article__isnull=True),
                name="comments_note_on_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.text


class MessageTemplate(models.Model):
    """Words to an author that the desk uses again, with ``{name}``, ``{story}`` and ``{rule}``."""

    name = models.CharField(max_length=60)
    reason = models.CharField(
        max_length=20, choices=Reason, blank=True, help_text="Empty: offered with every reason."
    )
    text = models.TextField(
        max_length=2000,
        help_text="{name}, {story} and {rule} stand for the author, the headline and the rule.",
    )

    PLACES = ("name", "story", "rule")

    class Meta:
        verbose_name = "message template"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        others = [place for place in PLACE.findall(self.text) if place not in self.PLACES]
        if others:
            raise ValidationError(
                {"text": f"Nothing fills in {{{others[0]}}}. Use {{name}}, {{story}} or {{rule}}."}
            )

    def filled(self, comment: Comment, reason: str = "") -> str:
        """Return the words for the author of ``comment``, rejected for ``reason``."""
        from comments import reasons

        values = {
            "name": comment.author_name,
            "story": comment.article.headline,
            "rule": reasons.rule(reason or self.reason),
        }
        # Not ``format``, which would look into what a name happens to be written like.
        return PLACE.sub(lambda place: values.get(place[1], place[0]), self.text)[:2000]


class SecondLook(models.Model):
    """A decision shown to a second moderator without its verdict, to see how far two agree."""

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="second_look")
    chosen_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="second_looks"
    )
    verdict = models.CharField(max_length=10, choices=Comment.Status, blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(at__isnull=True), name="comments_looks_open")
        ]

    def __str__(self) -> str:
        return f"Second look at decision {self.decision_id}"


class DeskSettings(models.Model):
    """How the desk is run: one row, changed in the admin."""

    class OutsideHours(models.TextChoices):
        NOTHING = "", "Nothing changes"
        HOLD = "hold", "Every comment waits until somebody is on duty"
        CLOSE = "close", "Nobody can write"

    alarm_after = models.PositiveIntegerField(
        "mail the moderators when a comment waits longer than",
        default=240,
        help_text="Minutes; 0 for never.",
    )
    second_look_share = models.PositiveSmallIntegerField(
        "share of decisions looked at twice", default=2, help_text="Percent."
    )
    pause_after = models.PositiveSmallIntegerField(
        "hint at a pause after", default=90, help_text="Minutes without one; 0 for never."
    )
    outside_hours = models.CharField(
        "when nobody is on duty", max_length=8, choices=OutsideHours, blank=True
    )

    class Meta:
        verbose_name = verbose_name_plural = "desk settings"

    def __str__(self) -> str:
        return "Desk settings"

    @classmethod
    def current(cls) -> "DeskSettings":
        """The settings in force; the defaults where nobody changed any. One query."""
        return cls.objects.first() or cls()


class DutyHours(models.Model):
    """Hours of a weekday at which somebody is at the desk, on the paper's clock."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField(help_text="Later than it opens; 00:00 for midnight.")

    class Meta:
        verbose_name = verbose_name_plural = "hours of duty"
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")) | Q(closes=datetime.time.min),
                name="comments_duty_closes_later",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M} to {self.closes:%H:%M}"

    def clean(self) -> None:
        if self.opens is None or self.closes is None:
            return  # the form says so
        if self.closes <= self.opens and self.closes != datetime.time.min:
            raise ValidationError(
                {
                    "closes": "It must be later than it opens. For a night, enter two rows: one "
                    "until 00:00, and one from 00:00 on the next day."
                }
            )
