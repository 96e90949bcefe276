"""One's own comments: where each stands, why, and what its author can do next."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import User
from comments import reasons, text
from comments.models import Appeal, Comment, Decision, Revision
from newsroom.rows import beyond

PER_PAGE = 20
Status = Comment.Status


@dataclass(frozen=True)
class Shelf:
    """Some of one's comments: those that stand alike."""

    key: str
    name: str
    statuses: tuple[str, ...] = ()
    nothing: str = ""

    def of(self, person: User) -> QuerySet[Comment]:
        rows = Comment.objects.filter(author=person)
        if self.key == "edits":
            return rows.filter(Exists(_waiting_edits()), status=Status.APPROVED)
        return rows.filter(status__in=self.statuses) if self.statuses else rows


SHELVES = (
    Shelf("", "All"),
    Shelf(
        "waiting",
        "Waiting",
        (Status.PENDING,),
        "Nothing of yours waits. What does, because a check spoke or readers reported it, stands "
        "here with the reason.",
    ),
    Shelf(
        "edits",
        "Edits that wait",
        (Status.APPROVED,),
        "No edit of yours waits for a moderator. To change a published comment, choose Edit below "
        "it.",
    ),
    Shelf(
        "published",
        "Published",
        (Status.APPROVED,),
        "Nothing of yours is published yet.",
    ),
    Shelf(
        "refused",
        "Not published",
        (Status.REJECTED, Status.SPAM),
        "Nothing of yours was turned down.",
    ),
    Shelf("removed", "Removed by you", (Status.REMOVED,), "You have taken nothing back."),
)
SHELF = {shelf.key: shelf for shelf in SHELVES}


def counts(person: User) -> dict[str, int]:
    """Return how many comments stand on each shelf, by its key; two queries."""
    by_status = dict(
        Comment.objects.filter(author=person)
        .order_by()
        .values_list("status")
        .annotate(count=Count("pk"))
    )
    found = {
        shelf.key: sum(
            count
            for status, count in by_status.items()
            if not shelf.statuses or status in shelf.statuses
        )
        for shelf in SHELVES
    }
    return found | {"edits": SHELF["edits"].of(person).count() if found["published"] else 0}


def _waiting_edits() -> QuerySet[Revision]:
    return Revision.objects.undecided().filter(comment=OuterRef("pk"))


@dataclass
class Standing:
    """One's own comment with what is on record about it."""

    comment: Comment
    decision: Decision | None  # the last one on the comment itself
    edit: Revision | None  # the last one, whatever became of it
    edit_decision: Decision | None

    @property
    def kind(self) -> str:
        """Where it stands: its status, or ``hidden`` if readers' reports hid it."""
        return "hidden" if self.comment.was_held_back else self.comment.status

    @cached_property
    def found(self) -> list[str]:
        """Why it waits, as sentences."""
        return _sentences(self.comment, None)

    @property
    def reason(self) -> str:
        """The reason that a moderator gave, as a label."""
        if self.decision is None or not self.decision.reason:
            return ""
        return self.decision.get_reason_display()

    @property
    def rule(self) -> str:
        return reasons.rule(self.decision.reason) if self.decision else ""

    @property
    def told(self) -> Decision | None:
        """The decision whose page tells all: the one appealed against, or else the last."""
        answered = getattr(self.decision, "answers_appeal", None)
        return answered.decision if answered is not None else self.decision

    @property
    def told_words(self) -> str:
        """What there is to read and do on that page."""
        if self.told is None or getattr(self.told, "appeal", None) is None:
            is_open = self.told is not None and timezone.now() <= Appeal.open_until(self.told)
            return "The whole decision, and how to appeal" if is_open else "The whole decision"
        is_open = self.told.appeal.is_open
        return f"The whole decision, and your appeal{'' if is_open else ' with its answer'}"

    @property
    def waiting_edit(self) -> Revision | None:
        """The edit that waits. Once readers no longer see the comment, none does."""
        edit = self.edit
        return edit if edit and edit.is_pending and self.comment.is_visible else None

    @cached_property
    def edit_found(self) -> list[str]:
        return _sentences(self.comment, self.edit)

    @property
    def refused_edit(self) -> Revision | None:
        """The edit that was turned down, until its author sends another."""
        edit = self.edit
        is_refused = edit is not None and edit.status == Revision.Status.REJECTED
        return edit if is_refused and self.comment.is_visible else None

    @property
    def edit_rule(self) -> str:
        return reasons.rule(self.edit_decision.reason) if self.edit_decision else ""

    @property
    def can_edit(self) -> bool:
        return self.comment.may_be_edited and self.comment.article.takes_comments

    @property
    def can_remove(self) -> bool:
        article = self.comment.article
        return self.comment.status in Comment.FOLLOWS[Status.REMOVED] and (
            article.is_live or article.is_withdrawn
        )

    @property
    def again(self) -> str:
        """The address that shows a form with a new version; empty where there can be none.

        An answer to what readers no longer see begins a thread.
        """
        comment, article = self.comment, self.comment.article
        if not article.takes_comments:
            return ""
        if comment.parent and comment.parent.is_visible:
            return reverse("comments:reply", args=[comment.parent_id])
        return f"{article.get_absolute_url()}comments/"

    @cached_property
    def again_key(self) -> uuid.UUID:
        return uuid.uuid4()

    @property
    def typed(self) -> str:
        """The text as its author would write it here; what came from elsewhere is HTML."""
        comment = self.comment
        return comment.body if comment.renderer else text.plain(comment.body_html)


def _sentences(comment: Comment, edit: Revision | None) -> list[str]:
    about = edit.pk if edit else None
    findings = [one for one in comment.findings.all() if one.revision_id == about]
    return list(dict.fromkeys(map(reasons.found, findings)))


def standings(comments: Iterable[Comment]) -> list[Standing]:
    """Return where each of these comments stands."""
    found = []
    for comment in comments:
        decisions = list(comment.decisions.all())
        undone = {one.undoes_id for one in decisions}
        aside = {Decision.Act.UNDO, Decision.Act.CLOSE, Decision.Act.REOPEN}
        standing = [
            one
            for one in decisions
            if one.revision_id is None and one.pk not in undone and one.act not in aside
        ]
        edit = next(iter(comment.last_edits), None)  # type: ignore[attr-defined]
        found.append(
            Standing(
                comment,
                standing[-1] if standing else None,
                edit,
                next((one for one in decisions if edit and one.revision_id == edit.pk), None),
            )
        )
    return found


def page(person: User, shelf: Shelf, before: Comment | None) -> tuple[list[Standing], int | None]:
    """Return a page of a shelf, newest first, and the id after which the next begins.

    The same few queries however many comments there are.
    """
    later = Revision.objects.filter(comment=OuterRef("comment"), pk__gt=OuterRef("pk"))
    rows = shelf.of(person)
    if before is not None:
        rows = rows.filter(beyond("created_at", before.created_at, before.pk))
    comments = list(
        rows.select_related("article", "parent__author")
        .defer("article__body", "article__body_html", "article__withdrawal_notice")
        .prefetch_related(
            "findings",
            Prefetch(
                "decisions",
                Decision.objects.select_related("appeal", "answers_appeal__decision"),
            ),
            Prefetch("revisions", Revision.objects.filter(~Exists(later)), to_attr="last_edits"),
        )
        .order_by("-created_at", "-pk")[: PER_PAGE + 1]
    )
    further = comments[PER_PAGE - 1].pk if len(comments) > PER_PAGE else None
    return standings(comments[:PER_PAGE]), further
