"""What the demo's people were told of what happened, in their lists of notices; by mail nothing.

The rows are those that ``comments.notices`` would have written at the time, under the same keys,
so that nobody is told again.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from accounts.models import User
from articles.models import Correction
from comments.models import Appeal, Comment, Decision, Follow, Mute, Notice, Report, Sanction

# Of so many kinds the demo reader's newest notice is unread; everybody else has read all.
UNREAD = 5
READ_AFTER = datetime.timedelta(hours=3)


class Told:
    """Gathers the notices, each with the time of its cause."""

    def __init__(self, now: datetime.datetime) -> None:
        self.now = now
        self.muted = set(Mute.objects.values_list("reader", "muted"))
        self.by_story = defaultdict(list)
        self.by_thread = defaultdict(list)
        for follow in Follow.objects.all():
            if follow.thread_id:
                self.by_thread[follow.thread_id].append(follow)
            else:
                self.by_story[follow.article_id].append(follow)
        # By key: of several reasons to tell somebody of one comment, the first stands.
        self.notices: dict[str, Notice] = {}

    def write(self, reader: User) -> None:
        """Save all that people were told until now; some of it ``reader`` has not read."""
        said = Comment.objects.filter(visible_at__isnull=False)
        for comment in said.select_related("author", "parent").order_by("visible_at"):
            self._said(comment)
        for comment in said.picked():
            self._tell(
                comment.author_id, f"pick:{comment.pk}", Notice.Kind.PICKED, comment.picked_at,
                comment=comment,
            )  # fmt: skip
        for decision in Decision.objects.filter(by__isnull=False).select_related("comment"):
            self._decided(decision)
            for report in Report.objects.filter(decision=decision):
                self._tell(
                    report.reporter_id, f"report:{decision.pk}", Notice.Kind.REPORT, decision.at,
                    comment=decision.comment, decision=decision,
                )  # fmt: skip
        for sanction in Sanction.objects.all():
            self._tell(
                sanction.person_id, f"sanction:{sanction.pk}", Notice.Kind.SANCTION, sanction.at,
                sanction=sanction,
            )  # fmt: skip
        for appeal in Appeal.objects.exclude(answered_at=None).select_related("decision__comment"):
            about: dict[str, Any] = {"appeal": appeal}
            if appeal.decision is not None:
                about["comment"] = appeal.decision.comment
            self._tell(
                appeal.person_id, f"appeal:{appeal.pk}", Notice.Kind.APPEAL, appeal.answered_at,
                **about,
            )  # fmt: skip
        for correction in Correction.objects.all():
            for follow in self.by_story[correction.article_id]:
                if follow.at <= correction.at:
                    self._tell(
                        follow.reader_id, f"correction:{correction.pk}", Notice.Kind.CORRECTED,
                        correction.at, article_id=correction.article_id, correction=correction,
                    )  # fmt: skip
        rows = sorted(self.notices.values(), key=lambda notice: notice.at)
        unread: dict[str, Notice] = {}
        for notice in reversed(rows):
            if notice.person_id == reader.pk and len(unread) < UNREAD:
                unread.setdefault(notice.kind, notice)
        for notice in rows:
            if unread.get(notice.kind) is not notice:
                notice.read_at = min(notice.at + READ_AFTER, self.now)
        Notice.objects.bulk_create(rows, batch_size=500)

    def _said(self, comment: Comment) -> None:
        parent = comment.parent
        if parent is not None:
            kind = Notice.Kind.STAFF_REPLY if comment.is_by_staff else Notice.Kind.REPLY
            self._tell_of(comment, parent.author_id, kind)
        for event, follow in self._followers(comment):
            if follow.at <= comment.created_at:
                self._tell_of(comment, follow.reader_id, event)

    def _followers(self, comment: Comment) -> Iterator[tuple[str, Follow]]:
        for follow in self.by_thread[comment.root_id or comment.pk]:
            yield Notice.Kind.THREAD, follow
        for follow in self.by_story[comment.article_id]:
            yield Notice.Kind.STORY, follow

    def _tell_of(self, comment: Comment, person: int | None, kind: str) -> None:
        if person != comment.author_id and (person, comment.author_id) not in self.muted:
            self._tell(person, f"comment:{comment.pk}", kind, comment.visible_at, comment=comment)

    def _decided(self, decision: Decision) -> None:
        is_shown = decision.after == Comment.Status.APPROVED
        if decision.after == Comment.Status.REMOVED or decision.act == Decision.Act.UPHOLD:
            return
        if is_shown and decision.before == Comment.Status.APPROVED:
            return
        self._tell(
            decision.comment.author_id, f"decision:{decision.pk}",
            Notice.Kind.APPROVED if is_shown else Notice.Kind.REJECTED, decision.at,
            comment=decision.comment, decision=decision,
        )  # fmt: skip

    def _tell(
        self,
        person: int | None,
        event: str,
        kind: str,
        at: datetime.datetime | None,
        **about: Any,
    ) -> None:
        if person is None or at is None:
            return
        if comment := about.get("comment"):
            about["article_id"] = comment.article_id
        key = f"{event}:{person}"
        notice = Notice(person_id=person, kind=kind, key=key, at=at, **about)
        self.notices.setdefault(key, notice)
