"""A comment and its life."""

import datetime
import logging
from typing import TYPE_CHECKING, Any, ClassVar, Self

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from articles.models import Article
from comments import language, risk, text
from comments.models.reason import Reason
from comments.tree import ancestor_ids
from newsroom import prepared

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from comments.circumstances import Circumstances
    from comments.glance import Glance
    from comments.models.record import Decision, Finding
    from comments.models.revision import Revision
    from comments.pipeline import Setting
    from comments.rulebook import Rulebook
    from comments.threads import Threads


# What a decision changes or looks at in the row of a story, and what it need not read of one.
STORY_STANDS = (
    "kind", "section_id", "status", "published_at", "comment_policy", "slow_mode", "surge_until",
    "comment_count", "thread_count", "last_number", "page_version", "version",
)  # fmt: skip
STORY_TEXTS = ("article__body", "article__body_html", "article__withdrawal_notice")


class InvalidMove(Exception):
    """A decision that makes no sense from where the comment stands."""


class StaleDecision(InvalidMove):
    """A decision on a comment that changed since it was looked at."""


class Refused(Exception):
    """A comment that was not taken, with what to tell its author."""

    def __init__(self, message: str, retry_after: int | None = None, rule: Any = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds
        # The row of the desk's that refused it (a word rule, a source rule), to be counted.
        self.rule = rule


class LookFailed(Exception):
    """A new comment of which the database could not say what its checks ask."""


class ClosedToEdits(Exception):
    """An edit of a comment that its author cannot change, where it stands now."""


# What a decision changes in a comment's own row.
MOVED = (
    "pick_reason", "picked_at", "status", "version", "number", "visible_at", "is_placed",
    "announce_due", "held_at", "flagged_at", "reason",
)  # fmt: skip


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible(self) -> Self:
        """Comments any reader may see."""
        return self.filter(status=Comment.Status.APPROVED)

    def placed(self) -> Self:
        """Visible comments, and the places of hidden ones that visible replies hang on."""
        return self.filter(is_placed=True)

    def pending(self) -> Self:
        """The moderation queue, longest wait first."""
        return self.filter(status=Comment.Status.PENDING).order_by("waits_since", "pk")

    def standing(self, status: str) -> Self:
        """Comments that stand at ``status``, newest first."""
        return self.filter(status=status).order_by("-created_at", "-pk")

    def flagged(self) -> Self:
        """Visible comments that a check let through with a mark, longest unseen first."""
        marked = self.filter(status=Comment.Status.APPROVED, flagged_at__isnull=False)
        return marked.order_by("flagged_at", "pk")

    def held_for(self, user: "User") -> Self:
        """This person's comments that wait for a moderator."""
        return self.filter(author=user, status=Comment.Status.PENDING).order_by("created_at", "pk")

    def readable(self) -> Self:
        """Visible comments under articles that readers can open with their conversation."""
        # EXISTS, a look-up per comment: an IN would list all the paper's articles first.
        stories = Article.objects.showing_comments().filter(pk=OuterRef("article"))
        return self.visible().filter(Exists(stories))

    def saying(self, query: str) -> Self:
        """Comments that hold every word of ``query``; see ``comments.search``. One query."""
        from comments import search

        return self.filter(search.condition(query))

    def in_threads(
        self,
        article: Article,
        order: str = "oldest",
        after: str = "",
        reader: "User | None" = None,
    ) -> "Threads":
        """Return a page of the article's conversation; see ``comments.threads.load``.

        It stands here so that an article reaches its threads through ``article.comments``.
        """
        from comments import threads

        return threads.load(article, order, after, reader)

    def picked(self) -> Self:
        """Visible comments that an editor picked, in the order of their numbers."""
        return self.visible().exclude(pick_reason="").order_by("number")

    def claimable_by(self, person: "User") -> Self:
        """Comments that a guest left under an address which ``person`` has since confirmed."""
        addresses = EmailAddress.objects.filter(user=person, verified=True).values_list(
            "email", flat=True
        )
        # Guests' addresses are kept in small letters, as accounts' are.
        return self.filter(
            author__isnull=True, guest_email__in=[address.lower() for address in addresses]
        ).exclude(guest_email="")

    def with_people(self) -> Self:
        """With the author's account and byline, which every comment's line shows."""
        return self.select_related("author", "author__byline")


class Comment(models.Model):
    """A reader's remark on an article, or a reply to another comment."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting for a moderator"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        SPAM = "spam", "Spam"
        REMOVED = "removed", "Removed by its author"

    class QuoteSource(models.TextChoices):
        STORY = "story", "The story"
        COMMENT = "comment", "The comment it answers"

    # What each status may follow. A decision is reversed, not forgotten. Only a rule returns a
    # comment to PENDING: one that several readers reported is hidden until a moderator looks.
    FOLLOWS: ClassVar = {
        Status.PENDING: {Status.APPROVED},
        Status.APPROVED: {Status.PENDING, Status.REJECTED, Status.SPAM},
        Status.REJECTED: {Status.PENDING, Status.APPROVED, Status.SPAM},
        Status.SPAM: {Status.PENDING, Status.APPROVED, Status.REJECTED},
        Status.REMOVED: {Status.PENDING, Status.APPROVED},
    }
    EDIT_WINDOW = datetime.timedelta(minutes=5)
    UNDO_FOR = datetime.timedelta(hours=24)
    MAX_PICKS = 5  # under one story

    article = models.ForeignKey(Article, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="comments"
    )
    # Who wrote a comment that came from another system, as given there.
    guest_name = models.CharField(max_length=245, blank=True)
    guest_email = models.CharField(max_length=254, blank=True)
    guest_url = models.CharField(max_length=500, blank=True)

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replies"
    )
    # The first comment of the thread; empty for that comment itself.
    root = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="thread_replies"
    )
    depth = models.PositiveSmallIntegerField(default=0)

    # Given when the comment first takes a place in the thread; never reused, never shifted.
    number = models.PositiveIntegerField(null=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    is_placed = models.BooleanField(default=False)
    visible_replies = models.PositiveIntegerField(default=0, help_text="At any depth below.")
    respect_count = models.PositiveIntegerField(default=0)
    # Moves with every change; a decision names the version it saw.
    version = models.PositiveIntegerField(default=1)

    body = models.TextField()
    body_html = models.TextField(editable=False)
    renderer = models.PositiveSmallIntegerField(default=text.RENDERER_VERSION, editable=False)
    # What it says, folded; equal for two comments that say the same.
    fingerprint = models.TextField(editable=False)
    # The passage it speaks of, as it stood in that version of the story or the comment answered.
    quote = models.TextField(blank=True)
    quote_source = models.CharField(max_length=8, choices=QuoteSource, blank=True)
    quote_version = models.PositiveIntegerField(null=True)

    pick_reason = models.CharField("editors’ pick because", max_length=200, blank=True)
    picked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    picked_at = models.DateTimeField(null=True)
    # On a thread's first comment: how many visible picks the thread has, itself included.
    thread_picks = models.PositiveSmallIntegerField(default=0)

    created_at = models.DateTimeField(default=timezone.now)
    visible_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    # Names one filling of the form, so that a second send of it is the same comment.
    form_key = models.UUIDField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    # When it was last held, if that was after it was written.
    held_at = models.DateTimeField(null=True)
    # Since when it waits, if it does. The database keeps it, whoever writes the row.
    waits_since = models.GeneratedField(
        expression=Coalesce("held_at", "created_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )
    # Published with a finding: somebody should look.
    flagged_at = models.DateTimeField(null=True)
    # On a thread's first comment: since when nobody can answer in it.
    closed_at = models.DateTimeField(null=True)
    # How much it needs a look, from 0 to 100; see ``comments.risk``.
    risk = models.PositiveSmallIntegerField(default=0)
    # What it was last rejected for.
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    # What it is written in, as ISO 639-1; empty where nobody can tell. See ``comments.language``.
    language = models.CharField(max_length=3, blank=True)
    # The version of the rules that was in force when it was sent.
    terms_version = models.PositiveIntegerField(null=True)
    import_key = models.CharField(max_length=300, unique=True, null=True, editable=False)
    # When a guest's comment became its author's.
    claimed_at = models.DateTimeField(null=True)
    # Became visible, and those who follow its story or thread are still to hear of it.
    announce_due = models.BooleanField(default=False)

    # For the checks, never kept: what came in the form's field that people do not see; what the
    # desk has set, and of that what holds here; what there is to look at, of one that is sent.
    trap: str = ""
    rulebook: "Rulebook | None" = None
    check_settings: "dict[str, Setting] | None" = None
    glance: "Glance | None" = None

    objects = CommentQuerySet.as_manager()

    class Meta:
        permissions = [
            ("moderate_comment", "Can approve and reject comments"),
            ("pick_comment", "Can make comments editors’ picks"),
        ]
        indexes = [
            # The threads of an article by number, and by respect.
            models.Index(
                fields=["article", "number"],
                condition=Q(root__isnull=True, is_placed=True),
                name="comments_roots",
            ),
            models.Index(
                fields=["article", "-respect_count", "number"],
                condition=Q(root__isnull=True, is_placed=True),
                name="comments_respected_roots",
            ),
            models.Index(
                fields=["article", "-thread_picks", "number"],
                condition=Q(root__isnull=True, is_placed=True),
                name="comments_picked_roots",
            ),
            models.Index(
                fields=["article", "number"], condition=~Q(pick_reason=""), name="comments_picks"
            ),
            # The replies of a thread.
            models.Index(
                fields=["root", "number"], condition=Q(is_placed=True), name="comments_replies"
            ),
            # What waits, by the wait and by risk; and the other queues, each by its own order.
            # The status is in them too, for SQLite to take them rather than sort.
            models.Index(
                fields=["status", "waits_since", "id"],
                condition=Q(status="pending"),
                name="comments_waiting",
            ),
            models.Index(
                fields=["status", "-risk", "waits_since", "id"],
                condition=Q(status="pending"),
                name="comments_by_risk",
            ),
            models.Index(
                fields=["article", "status", "waits_since", "id"],
                condition=Q(status="pending"),
                name="comments_story_waiting",
            ),
            models.Index(
                fields=["status", "language", "waits_since", "id"],
                condition=Q(status="pending"),
                name="comments_language_waiting",
            ),
            models.Index(fields=["status", "created_at", "id"], name="comments_queue"),
            models.Index(
                fields=["article", "status", "created_at", "id"], name="comments_story_queue"
            ),
            models.Index(
                fields=["flagged_at", "id"],
                condition=Q(flagged_at__isnull=False),
                name="comments_flagged",
            ),
            # A person's own, and the checks on them.
            models.Index(fields=["author", "status", "created_at"], name="comments_by_author"),
            models.Index(
                fields=["-visible_at"], condition=Q(status="approved"), name="comments_newest"
            ),
            # How fast one address posts.
            models.Index(
                fields=["ip_address", "created_at"],
                condition=Q(ip_address__isnull=False),
                name="comments_by_address",
            ),
            models.Index(
                fields=["guest_email"],
                condition=Q(author__isnull=True) & ~Q(guest_email=""),
                name="comments_claimable",
            ),
            models.Index(
                fields=["id"], condition=Q(announce_due=True), name="comments_to_announce"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="comments_number_unique"),
            models.UniqueConstraint(fields=["author", "form_key"], name="comments_form_once"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "approved", "rejected", "spam", "removed"]),
                name="comments_known_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(number__isnull=False, is_placed=True),
                name="comments_visible_has_number",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, root__isnull=True)
                | Q(parent__isnull=False, root__isnull=False),
                name="comments_reply_has_root",
            ),
        ]

    def __str__(self) -> str:
        return f"Comment {self.pk} by {self.author_name}"

    def get_absolute_url(self) -> str:
        """The permalink: this comment with its conversation."""
        return reverse("comments:comment", args=[self.pk])

    @property
    def anchor(self) -> str:
        return f"comment-{self.pk}"

    @property
    def author_name(self) -> str:
        if self.author is not None:
            return self.author.name
        return self.guest_name or "Former reader"

    @property
    def is_visible(self) -> bool:
        return self.status == self.Status.APPROVED

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING

    @property
    def stub_words(self) -> str:
        """What stands in the place of a comment that readers cannot see."""
        return {
            self.Status.REMOVED: "Removed by its author.",
            self.Status.REJECTED: "Removed by a moderator.",
            self.Status.SPAM: "Removed by a moderator.",
            self.Status.PENDING: "Hidden until a moderator has looked at it.",
        }.get(self.Status(self.status), "Not shown.")

    @property
    def own_status(self) -> str:
        """Where it stands, in words for its author."""
        return {
            self.Status.APPROVED: f"Published as #{self.number}",
            self.Status.REMOVED: "Removed by you",
            self.Status.SPAM: "Not published: taken for spam",
            self.Status.REJECTED: "Not published",
        }.get(self.Status(self.status), str(self.get_status_display()))

    @property
    def was_held_back(self) -> bool:
        """Whether readers saw it once, and it is hidden until a moderator has looked again."""
        return self.is_pending and self.visible_at is not None

    @property
    def may_be_edited(self) -> bool:
        """Whether its author may send another text, now or for a moderator to look at."""
        return self.is_visible or (self.is_pending and self.visible_at is None)

    @property
    def html(self) -> SafeString:
        # Safe: made by comments.text, whose sanitiser has the last word.
        return mark_safe(self.body_html)

    @property
    def is_by_staff(self) -> bool:
        return self.author is not None and self.author.is_staff

    @cached_property
    def latest_decision(self) -> "Decision | None":
        from comments.models.record import Decision

        # Whether answers are taken is not about where the comment stands.
        about_it = Decision.objects.about_visibility().filter(comment=self, revision__isnull=True)
        return about_it.order_by("-pk").first()

    def standing_decision(self, but: "Decision | None" = None) -> "Decision | None":
        """Return the decision by which it stands as it does: what was undone is passed over.

        With ``but``, the one by which it would stand without that. One query.
        """
        from comments.models.record import Decision

        about_it = Decision.objects.about_visibility().filter(comment=self, revision__isnull=True)
        stands = about_it.filter(undone_by__isnull=True).exclude(act=Decision.Act.UNDO)
        if but is not None:
            stands = stands.exclude(pk=but.pk)
        return stands.order_by("-pk").first()

    def locked(self) -> "Comment":
        """Return the comment as it stands, kept from all others until the transaction ends.

        Its article's row comes first, always: two who change comments under one article wait for
        each other in the same order, and its counters move with what they count.
        """
        row: Comment | None = LOCKED.first(pk=self.pk)
        if row is None:
            raise Comment.DoesNotExist(f"Comment {self.pk} is gone.")
        return row

    def _lock_article(self) -> None:
        """Keep the article from all others until the transaction ends, as it stands now.

        Its texts stay as they were read before: nothing here depends on them.
        """
        row = LOCKED_STORY.first(pk=self.article_id)
        if row is None:
            raise Article.DoesNotExist(f"Article {self.article_id} is gone.")
        for name, value in zip(STORY_STANDS, row, strict=True):
            setattr(self.article, name, value)

    def _stand_as(self, row: "Comment") -> None:
        """Take over what was just saved of this comment, as reading it anew would show it."""
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(row, field.attname))
        self.article = row.article
        self._state.adding = False
        self.__dict__.pop("latest_decision", None)
        self.__dict__.pop("_prefetched_objects_cache", None)

    # Writing and editing

    def set_body(self, body: str) -> None:
        """Take ``body`` as the text: cleaned, rendered, folded. The caller saves."""
        self.body = text.clean(body)
        self.body_html = text.render(self.body)
        self.renderer = text.RENDERER_VERSION
        plain = text.plain(self.body_html)
        self.fingerprint = text.fingerprint(plain)
        self.language = language.of(plain)

    def answer_to(self, parent: "Comment | None") -> None:
        """Place this new comment under ``parent``."""
        self.parent = parent
        self.root = (parent.root or parent) if parent else None
        self.depth = parent.depth + 1 if parent else 0

    def submit(self) -> "Comment":
        """Take a new comment: run the checks, then show it or hold it for a moderator.

        Returns the comment that now stands, which is an earlier one when the same form came
        twice. Raises ``Refused`` with what to tell the author when it is not taken at all.
        """
        from comments import checks

        # Before anything is locked: others take seconds to answer.
        asked = checks.ask_outside(self)
        try:
            try:
                return self._take(asked)
            except LookFailed:
                # Now each check asks by itself, and the one that cannot find out holds it.
                log.warning("A comment could not be looked at as a whole", exc_info=True)
                self.glance = None
                return self._take(asked, at_a_glance=False)
        except Refused as refused:
            # After the rollback, so that it stays counted.
            checks.count_refusal(refused)
            raise

    @transaction.atomic
    def _take(self, asked: "list[Finding]", at_a_glance: bool = True) -> "Comment":
        from comments import glance, rulebook
        from comments.checks import examine

        if self.author is None:
            raise ValueError("Only a reader with an account submits a comment.")
        # One person's posts come one after the other, so that ten equal ones at once are one.
        LOCKED_PERSON.first(pk=self.author.pk)
        self._lock_article()
        if at_a_glance:
            try:
                self.glance = glance.take(self)
            except DatabaseError as error:
                raise LookFailed from error
        if self.form_key and (self.glance is None or self.glance.sent_before):
            earlier = Comment.objects.filter(author=self.author, form_key=self.form_key).first()
            if earlier is not None:
                self._refuse_another_text(earlier)
                return earlier
        if self.parent_id and (self.glance is None or not self.glance.parent_stands):
            # It was hidden since the form was opened, or while we waited.
            self.parent = Comment.objects.filter(pk=self.parent_id).first() or self.parent
        findings = examine(self) + asked
        self.terms_version = rulebook.of(self).terms_number()
        self._save_new(findings)
        return self

    def _refuse_another_text(self, earlier: "Comment") -> None:
        """Raise ``Refused`` if the same form brought something else before."""
        names = ("body", "quote", "article_id", "parent_id")
        if any(getattr(earlier, name) != getattr(self, name) for name in names):
            raise Refused("This form was sent already, with another text.")

    @transaction.atomic(savepoint=False)
    def show_or_hold(self, findings: "list[Finding]", at: datetime.datetime | None = None) -> None:
        """Save a new comment with what the checks found: shown if that is nothing, else held.

        ``at`` is the time of a comment that was written before it came here; else it is now.
        """
        self._lock_article()
        self._save_new(findings, at)

    def _save_new(self, findings: "list[Finding]", at: datetime.datetime | None = None) -> None:
        """Do what ``show_or_hold`` says, under the article's lock."""
        from comments import checks

        self.risk = risk.of(findings)
        is_held = any(finding.holds for finding in findings)
        if findings and not is_held:
            self.flagged_at = self.created_at
        if is_held:
            self.save(force_insert=True)
        else:
            rule = "only marked for a look" if findings else "no check had a finding"
            self._move(self.Status.APPROVED, rule=rule, at=at)
        self._keep(findings)
        checks.remember(self)

    def _keep(self, findings: "list[Finding]") -> None:
        if not findings:
            return
        for finding in findings:
            finding.comment = self
        self.findings.bulk_create(findings)

    def edit_open_until(self) -> datetime.datetime | None:
        """Return until when readers see a change of the text at once, or ``None`` if no more."""
        until = self.created_at + self.EDIT_WINDOW
        if timezone.now() >= until or not self.may_be_edited:
            return None
        answered = self.replies.exclude(status=self.Status.REMOVED).exists()
        decided = self.decisions.filter(by__isnull=False).exists()
        return None if answered or decided else until

    def edit(self, body: str) -> "Revision | None":
        """Change the text; the checks look at it again.

        What waits for a moderator changes in place. What readers see changes at once while the
        window is open and no check has a finding; else the new text waits, and readers see the
        approved one meanwhile. Returns the ``Revision`` that waits, or ``None`` if the text
        changed. Raises ``ClosedToEdits``, and ``Refused`` with what to tell the author.
        """
        from comments import checks

        changed = Comment(pk=self.pk, article=self.article, author=self.author)
        changed.ip_address, changed.parent_id = self.ip_address, self.parent_id
        changed.set_body(body)
        asked = checks.ask_outside(changed) if changed.body != self.body else []
        try:
            return self._take_edit(body, asked)
        except Refused as refused:
            checks.count_refusal(refused)
            raise

    @transaction.atomic
    def _take_edit(self, body: str, asked: "list[Finding]") -> "Revision | None":
        from comments.checks import examine, late_edit
        from comments.models.revision import Revision

        row = self.locked()
        if not row.may_be_edited:
            raise ClosedToEdits
        seen = Revision.of(row, status=Revision.Status.APPROVED, at=row.edited_at or row.created_at)
        changes_at_once = row.is_pending or row.edit_open_until() is not None
        row.set_body(body)
        if row.body == seen.body:
            # Back to what readers see: there is nothing to wait for.
            row.revisions.undecided().replace()
            return None
        findings = [*examine(row), *asked]
        if row.is_visible and not changes_at_once and (late := late_edit(row)):
            findings.append(late)
        if row.is_visible and any(finding.holds for finding in findings):
            seen.keep_if_first()
            revision = Revision.of(row)
            revision.propose(findings)
            self.refresh_from_db()
            revision.comment = self
            return revision
        if row.is_visible and not changes_at_once:
            seen.keep_if_first()
            Revision.of(row, status=Revision.Status.APPROVED).save()
        row.revisions.undecided().replace()
        row.edited_at = timezone.now()
        row.version += 1
        row.risk = risk.of(findings)
        if row.is_visible and findings:
            row.flagged_at = row.edited_at
        row.save()
        row.findings.all().delete()
        row._keep(findings)
        row.article.renew_pages()
        self.refresh_from_db()
        return None

    @transaction.atomic
    def take_edit_back(self, by: "User") -> None:
        """End the wait of an edit: readers go on seeing the text they see.

        Raises ``InvalidMove`` if somebody else wrote it, or if no edit of it waits any more.
        """
        row = self.locked()
        if row.author_id != by.pk:
            raise InvalidMove("Only its author takes an edit back; a moderator refuses it.")
        if not row.revisions.undecided().replace():
            raise InvalidMove("This edit does not wait any more: it was decided on, or taken back.")

    # Picking

    @transaction.atomic
    def pick(self, by: "User", reason: str) -> None:
        """Make this an editors' pick, because of ``reason``, which readers see.

        Raises ``InvalidMove`` without a reason, for what readers do not see, for one's own
        comment, and when the story has ``MAX_PICKS`` already.
        """
        from comments import notices

        row = self.locked()
        if not reason.strip():
            raise InvalidMove("A pick needs a reason, for readers to know.")
        if not row.is_visible:
            raise InvalidMove("Only a comment that readers see can be picked.")
        if by.pk == row.author_id:
            raise InvalidMove("Nobody picks their own comment.")
        is_new = not row.pick_reason
        if is_new and row.article.comments.picked().count() >= self.MAX_PICKS:
            raise InvalidMove(
                f"This story has {self.MAX_PICKS} picks already. Take one back to pick another."
            )
        row.pick_reason, row.picked_by, row.picked_at = reason.strip(), by, timezone.now()
        row.save(update_fields=["pick_reason", "picked_by", "picked_at"])
        row._count_pick(1 if is_new else 0)
        if is_new:
            notices.of_pick(row)
        self.refresh_from_db()

    @transaction.atomic
    def unpick(self, by: "User") -> None:
        """Take the pick back. Raises ``InvalidMove`` if it is none."""
        row = self.locked()
        if not row.pick_reason:
            raise InvalidMove("This comment is no pick.")
        row.pick_reason, row.picked_by, row.picked_at = "", by, None
        row.save(update_fields=["pick_reason", "picked_by", "picked_at"])
        row._count_pick(-1 if row.is_visible else 0)
        self.refresh_from_db()

    def _count_pick(self, delta: int) -> None:
        Comment.objects.filter(pk=self.root_id or self.pk).update(
            thread_picks=F("thread_picks") + delta
        )
        self.article.renew_pages()

    # Deciding

    def approve(
        self,
        by: "User",
        version: int | None = None,
        note: str = "",
        at: datetime.datetime | None = None,
        **record: Any,
    ) -> "Decision":
        """Show the comment to readers; of one that was reported, say that it stays.

        Raises ``InvalidMove`` if they see it already and nobody reported it, ``StaleDecision``
        if it is no longer the ``version`` the moderator saw. Nobody approves, rejects or marks
        as spam what they wrote themselves: that raises ``InvalidMove`` too. ``at`` is the time of
        a decision that was taken before it came here; else it is now.
        """
        return self._become(
            self.Status.APPROVED, by=by, version=version, note=note, at=at, **record
        )

    def reject(
        self,
        by: "User",
        reason: str,
        version: int | None = None,
        note: str = "",
        message: str = "",
        at: datetime.datetime | None = None,
        **record: Any,
    ) -> "Decision":
        """Hide the comment; ``reason`` and ``message`` are for its author, ``note`` for the desk.

        Raises ``InvalidMove`` without a reason or if it is rejected, ``StaleDecision`` if it is
        no longer the ``version`` the moderator saw. ``record`` is further fields of the
        ``Decision``: ``ground``, ``law``, ``source``, ``batch``, ``act``.
        """
        if reason not in Reason.values:
            raise InvalidMove("A rejection needs a reason, for the author to know.")
        return self._become(
            self.Status.REJECTED,
            by=by,
            version=version,
            reason=reason,
            note=note,
            message=message,
            at=at,
            **record,
        )

    def mark_spam(
        self,
        by: "User",
        version: int | None = None,
        note: str = "",
        at: datetime.datetime | None = None,
        **record: Any,
    ) -> "Decision":
        """Hide the comment as spam. Raises as ``reject`` does."""
        return self._become(self.Status.SPAM, by=by, version=version, note=note, at=at, **record)

    @transaction.atomic
    def undo(self, decision: "Decision", by: "User", **record: Any) -> "Decision":
        """Take a decision of ``by``'s back: the comment stands where it stood before.

        Its number stays given. Reports that the decision answered are open again. Raises
        ``InvalidMove`` for somebody else's decision, one that something followed, one older than
        ``UNDO_FOR``, one that its author appealed against, and one that answers an appeal or a
        notice, whose sender was told.
        """
        from comments import notices
        from comments.models.appeal import Appeal
        from comments.models.record import Decision

        row = self.locked()
        latest = row.latest_decision
        if decision.by_id != by.pk or decision.act != Decision.Act.DECIDE or decision.revision_id:
            raise InvalidMove("Only one’s own decisions on comments can be undone.")
        if latest is None or latest.pk != decision.pk:
            raise InvalidMove(f"Something else came after it. {row.account_of_change()}")
        if timezone.now() - decision.at > self.UNDO_FOR:
            raise InvalidMove("It is more than a day old. Decide anew at the comment’s card.")
        if decision.source in {Decision.Source.NOTICE, Decision.Source.APPEAL}:
            raise InvalidMove("It answered a notice or an appeal, whose sender has been told.")
        if Appeal.objects.filter(decision=decision).exists():
            raise InvalidMove("Its author has appealed against it, and somebody else answers that.")
        earlier = row.standing_decision(but=decision)
        is_against = decision.before in {self.Status.REJECTED, self.Status.SPAM}
        if earlier is not None and is_against:
            record = {"ground": earlier.ground, "law": earlier.law} | record
        undone = row._move(
            self.Status(decision.before),
            by=by,
            reason=earlier.reason if earlier is not None and is_against else "",
            act=Decision.Act.UNDO,
            undoes=decision,
            **record,
        )
        if earlier is None or earlier.by_id is None:
            row._mark_again()
        decision.reports.update(decision=None)
        notices.of_undo(row, undone, decision)
        self._stand_as(row)
        return undone

    def _mark_again(self) -> None:
        """Flag it for a look as before, if that is what it was and nobody else had looked."""
        marked = self.findings.filter(revision__isnull=True, holds=False)
        if self.is_visible and marked.exists():
            self.flagged_at = self.edited_at or self.created_at
            self.save(update_fields=["flagged_at"])

    @transaction.atomic
    def close_thread(
        self, by: "User", reason: str, note: str = "", message: str = ""
    ) -> "Decision":
        """Take no more answers in the thread that this comment begins, and tell who began it.

        Raises ``InvalidMove`` if it begins none, without a reason, or if the thread is closed.
        """
        from comments.models.record import Decision

        if self.root_id is not None:
            raise InvalidMove("A thread is closed at its first comment.")
        if reason not in Reason.values:
            raise InvalidMove("Closing a thread needs a reason, for who began it to know.")
        row = self.locked()
        if row.closed_at is not None:
            raise InvalidMove("This thread is closed already.")
        row.closed_at = timezone.now()
        return self._mark_thread(
            row, act=Decision.Act.CLOSE, by=by, reason=reason, note=note, message=message
        )

    @transaction.atomic
    def reopen_thread(self, by: "User", **record: Any) -> "Decision":
        """Take answers again. Raises ``InvalidMove`` if the thread is open."""
        from comments.models.record import Decision

        row = self.locked()
        if row.closed_at is None:
            raise InvalidMove("This thread is open.")
        row.closed_at = None
        return self._mark_thread(row, act=Decision.Act.REOPEN, by=by, **record)

    def _mark_thread(self, row: "Comment", **record: Any) -> "Decision":
        from comments import notices

        row.save(update_fields=["closed_at"])
        row.article.renew_pages()
        self.refresh_from_db()
        decision = row.decisions.create(
            before=row.status, after=row.status, comment_version=row.version, **record
        )
        notices.of_thread(row, decision)
        return decision

    def hold_back(
        self,
        rule: str = "",
        findings: "list[Finding] | None" = None,
        by: "User | None" = None,
        **record: Any,
    ) -> "Decision":
        """Hide a visible comment until a moderator has looked at it, because of ``rule``.

        It is ``by``'s decision where a person hides it; ``record`` is further fields of the
        ``Decision``. Raises ``InvalidMove`` if readers do not see it.
        """
        with transaction.atomic():
            row = self.locked()
            decision = row._move(self.Status.PENDING, by=by, rule=rule, **record)
            row._keep(findings or [])
        self._stand_as(row)
        return decision

    def remove(self, by: "User", at: datetime.datetime | None = None) -> "Decision":
        """Take back one's own comment. Raises ``InvalidMove`` if it is not there any more."""
        if self.author_id != by.pk:
            raise InvalidMove("Only its author removes a comment; a moderator rejects it.")
        return self._become(self.Status.REMOVED, by=by, at=at)

    def _become(self, status: "Comment.Status", **said: Any) -> "Decision":
        """Move the comment to ``status`` under its locks; ``said`` is what ``_move`` takes."""
        with transaction.atomic():
            row = self.locked()
            decision = row._move(status, **said)
        self._stand_as(row)
        return decision

    def _move(
        self,
        status: "Comment.Status",
        by: "User | None" = None,
        rule: str = "",
        version: int | None = None,
        reason: str = "",
        note: str = "",
        message: str = "",
        at: datetime.datetime | None = None,
        **record: Any,
    ) -> "Decision":
        """Move this locked row to ``status``, with all that follows from it.

        A new comment, of which the article alone is locked, is saved as what it becomes.
        """
        from comments import circumstances, notices

        happens_now = at is None
        at = at or timezone.now()
        article = self.article
        is_judged = by is not None and status != self.Status.REMOVED
        known: Circumstances | None = None
        if by is not None and is_judged:
            self.refuse_decision(by, version)
            known = circumstances.of(self)
            record = self._account_for(known, at) | record
        undone: Decision | None = record.get("undoes")
        is_undo = undone is not None
        # The answer to a report, a notice or an appeal may be that the comment stays as it is.
        is_asked = record.get("source", "own") != "own" or self.flagged_at is not None
        stays = status == self.status and (
            is_undo or (is_asked and (status == self.Status.APPROVED or "act" in record))
        )
        if self.status not in self.FOLLOWS[status] and not stays and not is_undo:
            raise InvalidMove(
                f"The comment is {self.get_status_display().lower()} "
                f"and cannot become {status.label.lower()}."
            )
        before, self.status = self.status, status
        was_placed = self.is_placed
        self.version += 1
        if status == self.Status.PENDING and not is_undo:
            self.held_at = self.waits_since = at
        if is_judged:
            self.flagged_at = None
        if status != before:
            self.reason = reason
        if status == self.Status.APPROVED and self.number is None:
            article.last_number += 1
            self.number = article.last_number
        is_news = status == self.Status.APPROVED and self.visible_at is None
        if is_news:
            self.visible_at = at
            # Who follows from now on waits for the article's lock, so a glance tells for good.
            is_followed = self.glance is None or self.glance.is_followed
            self.announce_due = happens_now and is_followed
        elif undone is not None and not self.is_visible:
            # What nobody was told yet, nobody is told.
            self.announce_due = False
            if self.visible_at == undone.at:
                # Shown by what is undone, and never before.
                self.visible_at = None
        self.is_placed = self.is_visible or self.visible_replies > 0
        if self.is_visible and self.pick_reason:
            others = article.comments.picked().exclude(pk=self.pk)
            if others.count() >= self.MAX_PICKS:
                # Its place among the picks was given away while readers did not see it.
                self.pick_reason, self.picked_at = "", None
        if self._state.adding:
            self.save(force_insert=True)
        else:
            moved = {name: getattr(self, name) for name in MOVED}
            Comment.objects.filter(pk=self.pk).update(**moved)
        if was_placed or self.is_placed:
            # What was in no reader's page, and is in none, makes no page old.
            self._move_counters(article, before)
        decision = self.decisions.create(
            by=by,
            rule=rule,
            before=before,
            after=status,
            reason=reason,
            note=note,
            message=message,
            comment_version=self.version,
            at=at,
            **record,
        )
        if happens_now and not is_undo:
            # Before the reports are settled: who made them hears of it too.
            notices.of_decision(self, decision, is_news=is_news, known=known)
        if known is not None and known.is_reported and not is_undo and not self.is_pending:
            self.reports.open().settle(decision)
        return decision

    def _account_for(self, known: "Circumstances", at: datetime.datetime) -> dict[str, Any]:
        """Return what the record of a person's decision says of how it came about."""
        waited = None
        if self.is_pending:
            waited = max(0, int((at - self.waits_since).total_seconds()))
        return {
            "source": "report" if known.is_reported else "own",
            "is_detected_by_rule": known.is_detected,
            "waited": waited,
        }

    def refuse_decision(self, by: "User", version: int | None) -> None:
        """Raise why ``by`` cannot decide on this, or on an edit of it, as it stands.

        That is ``StaleDecision`` if it is no longer the ``version`` the moderator saw, and
        ``InvalidMove`` if they wrote it themselves.
        """
        if version is not None and self.version != version:
            raise StaleDecision(self.account_of_change())
        if by.pk == self.author_id:
            raise InvalidMove("Nobody decides on their own comment; another moderator will.")

    def _move_counters(self, article: Article, before: str) -> None:
        """Bring the article's and the ancestors' counters in step with this row's new status."""
        delta = self.is_visible - (before == self.Status.APPROVED)
        article.page_version += 1
        if delta and self.pick_reason:
            Comment.objects.filter(pk=self.root_id or self.pk).update(
                thread_picks=F("thread_picks") + delta
            )
        if delta:
            was_placed = self._thread_was_placed(before)
            if above := ancestor_ids(self):
                Comment.objects.filter(pk__in=above).update(
                    visible_replies=F("visible_replies") + delta,
                    is_placed=Case(
                        When(status=self.Status.APPROVED, then=Value(True)),
                        When(visible_replies__gt=-delta, then=Value(True)),
                        default=Value(False),
                    ),
                )
            article.comment_count += delta
            article.thread_count += self._thread_is_placed(was_placed, delta) - was_placed
        moved = ("comment_count", "thread_count", "last_number", "page_version")
        # Under its lock, so that what was read of it is what it is.
        Article.objects.filter(pk=article.pk).update(
            **{name: getattr(article, name) for name in moved}
        )

    def _thread_was_placed(self, before: str) -> bool:
        """Tell whether the thread stood among the article's, before this comment moved."""
        if self.root_id is None:
            return before == self.Status.APPROVED or self.visible_replies > 0
        if self.glance is not None:
            return self.glance.is_thread_placed
        return Comment.objects.placed().filter(pk=self.root_id).exists()

    def _thread_is_placed(self, was_placed: bool, delta: int) -> bool:
        """Tell whether it stands there now; ``delta`` is how this comment's being visible moved."""
        if self.root_id is None:
            return self.is_placed
        if delta > 0 or not was_placed:
            return delta > 0  # one visible comment is enough
        return Comment.objects.placed().filter(pk=self.root_id).exists()

    def account_of_change(self) -> str:
        """Say what last happened to this comment, for a moderator whose view of it is old."""
        decision = self.latest_decision
        if decision is None or decision.comment_version != self.version:
            return "The comment was edited since you opened it."
        who = decision.by.name if decision.by else "a rule"
        when = timezone.localtime(decision.at)
        return (
            f"Somebody was quicker: {who} set this comment to "
            f"“{decision.get_after_display().lower()}” at {when:%H:%M}."
        )


# One statement each. Of two rows the locks are taken in the order named.
PK = prepared.number("pk")
LOCKED = prepared.Query(
    lambda: (
        Comment.objects.filter(pk=PK)
        .select_for_update(of=("article", "self"))
        .select_related("article")
        .defer(*STORY_TEXTS)
    )
)
LOCKED_STORY = prepared.Query(
    lambda: Article.objects.filter(pk=PK).select_for_update().values_list(*STORY_STANDS)
)
# Without the key: who only refers to a person, as a decision of theirs does, need not wait, and
# so cannot lock up with who waits for that.
LOCKED_PERSON = prepared.Query(
    lambda: User.objects.filter(pk=PK).select_for_update(no_key=True).values_list("pk")
)
