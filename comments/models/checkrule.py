"""How the checks are set: for the site, a section, or one story."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.models import Article, Section


class CheckRule(models.Model):
    """One check's setting. A story's goes before its section's, and that before the site's."""

    class Action(models.TextChoices):
        HOLD = "hold", "Hold for a moderator"
        BLOCK = "block", "Refuse, and say why"
        FLAG = "flag", "Publish, and mark it for a look"

    check_name = models.CharField("check", max_length=40)
    section = models.ForeignKey(
        Section, models.CASCADE, null=True, blank=True, related_name="check_rules"
    )
    article = models.ForeignKey(
        Article, models.CASCADE, null=True, blank=True, related_name="check_rules"
    )
    is_on = models.BooleanField("on", default=True)
    action = models.CharField(max_length=6, choices=Action, default=Action.HOLD)
    # What they mean is the check's to say; empty for its default.
    threshold = models.PositiveIntegerField("number", null=True, blank=True)
    sample = models.PositiveIntegerField("second number", null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, help_text="Why it is set so.")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "check"
        ordering = ["check_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_name"],
                condition=Q(section__isnull=True, article__isnull=True),
                name="comments_check_of_site_once",
            ),
            models.UniqueConstraint(
                fields=["check_name", "section"],
                condition=Q(section__isnull=False),
                name="comments_check_of_section_once",
            ),
            models.UniqueConstraint(
                fields=["check_name", "article"],
                condition=Q(article__isnull=False),
                name="comments_check_of_story_once",
            ),
            models.CheckConstraint(
                condition=Q(section__isnull=True) | Q(article__isnull=True),
                name="comments_check_of_one_place",
            ),
        ]

    def __str__(self) -> str:
        return self.check_name


class TextMark(models.Model):
    """A piece of what a comment says, as a number: equal numbers show who says the same.

    A comment of some length has a few; see ``comments.likeness``.
    """

    KEPT = datetime.timedelta(days=30)

    comment = models.ForeignKey("comments.Comment", models.CASCADE, related_name="text_marks")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )
    mark = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["mark", "at"], name="comments_marks")]

    def __str__(self) -> str:
        return f"{self.mark} in comment {self.comment_id}"
