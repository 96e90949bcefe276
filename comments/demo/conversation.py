"""The demo newsroom's conversation: read from the files beside, and lived through in order.

Every comment goes through the real checks and every decision through the real verbs, at the time
it is given here, so that numbers, counters, findings and the record are what a real newsroom's
would be. Two checks are left out, which look at the clock: how fast somebody writes, and whether
they said the same within a day.
"""

import datetime
import heapq
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import User
from articles.models import Article
from comments import checks, text
from comments.demo import desk, readers, told
from comments.models import Comment, Report, Respect, Revision, WordRule

FOLDER = Path(__file__).parent
HEADER = re.compile(r"^(?P<depth>@+) (?P<author>\S+) \| \+(?P<minutes>\d+)(?P<keys>(?: \| .*)?)$")
# What follows is a later text of the same comment: approved, or held for a moderator.
EDIT = re.compile(r"^~ \+(?P<minutes>\d+) \| (?P<state>approved|held)$")
# Who wrote where no account was asked for; the header has the name and perhaps the address.
GUEST = "guest"
MINUTE = datetime.timedelta(minutes=1)
# What waits for a moderator has waited at least so long, and at most.
SHORTEST_WAIT = 12 * MINUTE
LONGEST_WAIT = datetime.timedelta(days=3)
HOLDING_CHECKS: tuple[checks.Check, ...] = (
    checks.word_list,
    checks.story_premoderated,
    checks.first_comment,
    checks.links,
    checks.private_data,
)
HOLD, BLOCK = WordRule.Action.HOLD, WordRule.Action.BLOCK
PROMPT = WordRule.Action.PROMPT
WORD, PATTERN = WordRule.Kind.WORD, WordRule.Kind.PATTERN
# Kind, pattern, action, why, and how many days before the fill the desk made it.
WORD_RULES = (
    (WORD, "corrupt", HOLD, "An accusation: it needs a fact, or the word goes.", 900),
    (WORD, "liar", HOLD, "As for “corrupt”.", 900),
    (WORD, "crook*", HOLD, "As for “corrupt”. Shepherds are let through.", 640),
    (WORD, "brainless", HOLD, "Since the week of the bin rota.", 410),
    (PATTERN, "wake up,? (people|sheep)", HOLD, "What follows is seldom news.", 260),
    (WORD, "casino bonus", BLOCK, "Under the allotments, and then under the bakery.", 10),
    (WORD, "cheap pills", BLOCK, "It comes with the other one.", 10),
    (
        WORD,
        "do your research",
        PROMPT,
        "Said of a source it is help; said alone it ends talk.",
        150,
    ),
    (WORD, "typical townie*", PROMPT, "Low Ferring asked for this one, politely.", 90),
)


@dataclass(eq=False)
class Edit:
    """A later text of a comment."""

    minutes: int  # after the story, as a comment's
    state: str
    text: str = ""


@dataclass(eq=False)
class Remark:
    """One comment of a file, with what became of it there and here."""

    slug: str
    author: str
    minutes: int
    parent: "Remark | None"
    text: str = ""
    guest: str = ""
    email: str = ""
    respect: int = 0
    pick: str = ""
    # The passage it speaks of: of what it answers if that says so, else of the story.
    quote: str = ""
    state: str = "approved"
    reason: str = ""
    message: str = ""
    note: str = ""
    reports: str = ""
    edits: list[Edit] = field(default_factory=list)
    replies: list["Remark"] = field(default_factory=list)
    at: datetime.datetime = datetime.datetime.min
    comment: Comment | None = None

    @property
    def is_held(self) -> bool:
        return self.state == "held"

    def reported(self) -> list[list[str]]:
        """Return the reports: who, the reason, and a note."""
        return [report.split(":", 2) for report in self.reports.split(";") if report]


def read_thread(path: Path) -> list[Remark]:
    """Return the comments of a file in its order. Raises ``ValueError`` for what is no header."""
    remarks: list[Remark] = []
    branch: list[Remark] = []  # the comments above the one being read
    for line in path.read_text(encoding="utf-8").splitlines():
        if edit := EDIT.match(line):
            remarks[-1].edits.append(Edit(int(edit["minutes"]), edit["state"]))
            continue
        if not line.startswith("@"):
            written = remarks[-1].edits[-1] if remarks[-1].edits else remarks[-1]
            written.text += line + "\n"
            continue
        header = HEADER.match(line)
        if header is None or len(header["depth"]) > len(branch) + 1:
            raise ValueError(f"{path.name}: {line}")
        del branch[len(header["depth"]) - 1 :]
        parent = branch[-1] if branch else None
        keys: dict[str, Any] = dict(key.split("=", 1) for key in header["keys"].split(" | ")[1:])
        respect = int(keys.pop("respect", 0))
        remark = Remark(
            path.stem, header["author"], int(header["minutes"]), parent, respect=respect, **keys
        )
        if parent is not None:
            parent.replies.append(remark)
        branch.append(remark)
        remarks.append(remark)
    return remarks


def remarks() -> list[Remark]:
    """Return every comment of every file."""
    paths = sorted((FOLDER / "threads").glob("*.txt"))
    return list(itertools.chain.from_iterable(map(read_thread, paths)))


class Conversation:
    """What was said and decided, happening one thing after the other."""

    def __init__(
        self, articles: dict[str, Article], people: dict[str, User], now: datetime.datetime
    ) -> None:
        self.articles = articles
        self.people = people
        self.now = now
        self.moderator = people["moderator"]
        self.remarks = remarks()
        self.to_come: list[tuple[datetime.datetime, int, Callable[[], object]]] = []
        self.order = itertools.count()
        self.written = 0

    def happen(self, progress: Callable[[int, int], None]) -> None:
        """Let everything happen, in the order of time.

        ``progress`` is called with how many of how many comments are written.
        """
        for kind, pattern, action, note, days in WORD_RULES:
            rule = WordRule(kind=kind, pattern=pattern, action=action, note=note)
            rule.owner = self.moderator
            rule.created_at = self.now - datetime.timedelta(days=days)
            self._then(rule.created_at, rule.save)
        articles = self.articles.values()
        published_at = {row.slug: row.published_at for row in articles if row.published_at}
        held_before = itertools.count()
        for remark in self.remarks:
            remark.at = published_at[remark.slug] + remark.minutes * MINUTE
            for edit in remark.edits:
                at = published_at[remark.slug] + edit.minutes * MINUTE
                self._then(at, partial(self._edit, remark, edit, at))
            if remark.is_held:
                remark.at = self._waiting_since(remark, next(held_before))
            self._then(remark.at, partial(self._post, remark))
        self._join_in_time()
        while self.to_come:
            _, _, event = heapq.heappop(self.to_come)
            event()
            progress(self.written, len(self.remarks))
        self._respect()

    def _then(self, at: datetime.datetime, event: Callable[[], object]) -> None:
        heapq.heappush(self.to_come, (at, next(self.order), event))

    def _waiting_since(self, remark: Remark, place: int) -> datetime.datetime:
        """Return when a held comment came: as its file has it, under the newest stories."""
        published_at = remark.at - remark.minutes * MINUTE
        longest_ago = self.now - LONGEST_WAIT
        earliest = max(
            longest_ago,
            self.people[remark.author].date_joined + 20 * MINUTE,
            remark.parent.at + 5 * MINUTE if remark.parent else published_at,
        )
        latest = self.now - SHORTEST_WAIT
        if published_at > longest_ago and earliest <= remark.at <= latest:
            return remark.at
        # An old story's spread over what the queue's ages allow, by steps that do not repeat.
        return earliest + (latest - earliest) * (place * 0.618 % 1)

    def _join_in_time(self) -> None:
        """Have whoever spoke about a story of fixed date be here by then."""
        for remark in self.remarks:
            person = self.people.get(remark.author)
            if person is not None and person.date_joined > remark.at:
                person.date_joined = remark.at - datetime.timedelta(days=40)
                person.save(update_fields=["date_joined"])

    # What happens

    def _post(self, remark: Remark) -> None:
        comment = Comment(
            article=self.articles[remark.slug],
            author=self.people.get(remark.author),
            guest_name=remark.guest,
            guest_email=remark.email,
            created_at=remark.at,
        )
        comment.answer_to(remark.parent.comment if remark.parent else None)
        comment.set_body(remark.text)
        self._quote(remark, comment)
        # What guests said was moderated where it comes from.
        tried = () if remark.author == GUEST else HOLDING_CHECKS
        findings = [finding for check in tried for finding in checks.spoken(check, comment)]
        for finding in findings:
            finding.at = remark.at
        comment.show_or_hold(findings, at=remark.at)
        remark.comment = comment
        self.written += 1
        if remark.is_held:
            if not findings:
                raise ValueError(f"{remark.slug}: no check holds {remark.author}’s comment")
        elif not findings:
            self._end_later(remark, comment, remark.at)
        elif remark.state == "spam" and not remark.reports:
            at = remark.at + 35 * MINUTE
            self._then(at, partial(comment.mark_spam, self.moderator, at=at))
        elif remark.state == "rejected" and not remark.reports and not remark.replies:
            at = remark.at + self._wait(remark)
            self._then(at, partial(self._end, remark, comment, at))
        else:
            at = remark.at + self._wait(remark)
            self._then(at, partial(self._approve, remark, comment, at))

    def _wait(self, remark: Remark) -> datetime.timedelta:
        """Return how long the desk took, which is less than until the first reply."""
        wait = (11 + 7 * remark.minutes % 43) * MINUTE
        gaps = [reply.at - remark.at for reply in remark.replies]
        return min([wait, *(gap / 2 for gap in gaps)])

    def _approve(self, remark: Remark, comment: Comment, at: datetime.datetime) -> None:
        comment.approve(self.moderator, at=at)
        self._end_later(remark, comment, at)

    def _end_later(self, remark: Remark, comment: Comment, shown: datetime.datetime) -> None:
        """Have readers report the visible comment, and see to its end if it has one.

        What an editor finds good was up for a while before it was found.
        """
        if remark.pick:
            at = shown + (40 + remark.minutes % 80) * MINUTE
            self._then(at, partial(self._pick, remark, comment, at))
        # It was there to be answered, so it went after the last answer.
        end = max([shown + 25 * MINUTE, *(reply.at + 4 * MINUTE for reply in remark.replies)])
        reports = remark.reported()
        for place, report in enumerate(reports, start=1):
            at = shown + (end - shown) * place / (len(reports) + 1)
            if remark.state == "approved":
                # Nobody has decided yet, so it was not long ago.
                at = max(at, self.now - (100 + 431 * (remark.minutes + place) % 2500) * MINUTE)
            self._then(at, partial(self._report, comment, at, *report))
        if remark.state != "approved":
            self._then(end, partial(self._end, remark, comment, end))

    def _report(
        self, comment: Comment, at: datetime.datetime, reader: str, reason: str, note: str
    ) -> None:
        Report.objects.create(
            comment=comment, reporter=self.people[reader], reason=reason, note=note, at=at
        )

    def _end(self, remark: Remark, comment: Comment, at: datetime.datetime) -> None:
        if remark.state == "rejected":
            comment.reject(
                self.moderator, remark.reason, note=remark.note, message=remark.message, at=at
            )
        elif remark.state == "spam":
            comment.mark_spam(self.moderator, note=remark.note, at=at)
        else:
            comment.remove(self.people[remark.author], at=at)

    # Picks and edits are set as their verbs set them, which take their time from the clock and
    # would send mail about what happened long ago.

    def _quote(self, remark: Remark, comment: Comment) -> None:
        """Have the comment name its passage, as it stood when it was written."""
        if not remark.quote:
            return
        parent = comment.parent
        comment.quote = remark.quote
        if parent is not None and remark.quote in text.plain(parent.body_html):
            comment.quote_source = Comment.QuoteSource.COMMENT
            comment.quote_version = parent.version
        else:
            corrected_since = comment.article.corrections.filter(at__gt=remark.at).count()
            comment.quote_source = Comment.QuoteSource.STORY
            comment.quote_version = comment.article.version - corrected_since

    def _pick(self, remark: Remark, comment: Comment, at: datetime.datetime) -> None:
        by = self.people["editor" if remark.author == "marsh" else "marsh"]
        Comment.objects.filter(pk=comment.pk).update(
            pick_reason=remark.pick, picked_by=by, picked_at=at
        )
        Comment.objects.filter(pk=comment.root_id or comment.pk).update(
            thread_picks=F("thread_picks") + 1
        )

    def _edit(self, remark: Remark, edit: Edit, at: datetime.datetime) -> None:
        """Have the author send another text, which waits for a moderator."""
        comment = Comment.objects.get(pk=remark.comment.pk) if remark.comment else None
        if comment is None or not comment.is_visible:
            raise ValueError(f"{remark.slug}: {remark.author} edits what readers do not see")
        seen = Revision.of(comment, status=Revision.Status.APPROVED, at=comment.created_at)
        seen.keep_if_first()
        comment.set_body(edit.text)
        revision = Revision.of(comment, at=at)
        finding = checks.late_edit(comment)
        if finding:
            finding.at = at
        revision.propose([finding] if finding else [])
        if edit.state == "approved":
            decided = at + 26 * MINUTE
            self._then(decided, partial(self._approve_edit, revision, decided))

    def _approve_edit(self, revision: Revision, at: datetime.datetime) -> None:
        revision.status = Revision.Status.APPROVED
        revision.save(update_fields=["status"])
        comment = Comment.objects.get(pk=revision.comment_id)
        comment.set_body(revision.body)
        comment.edited_at = revision.at
        comment.version += 1
        comment.save()
        comment.decisions.create(
            by=self.moderator,
            revision=revision,
            before=Comment.Status.PENDING,
            after=Comment.Status.APPROVED,
            comment_version=comment.version,
            at=at,
        )

    def _respect(self) -> None:
        """Give every comment the respect its file has, by readers who are here."""
        newcomers = {remark.author for remark in self.remarks} - {
            remark.author for remark in self.remarks if not remark.is_held
        }
        regulars = [user for name, user in sorted(self.people.items()) if name not in newcomers]
        nods: list[Respect] = []
        for remark in self.remarks:
            comment = remark.comment
            if comment is None or comment.visible_at is None:
                continue
            random = Random(f"{remark.slug} {remark.minutes}")
            others = [user for user in regulars if user.pk != comment.author_id]
            readers = random.sample(others, min(remark.respect, len(others)))
            for place, reader in enumerate(readers, start=1):
                since = max(comment.visible_at, reader.date_joined)
                at = since + (self.now - since) * (place / 60) ** 3
                nods.append(Respect(comment=comment, reader=reader, at=at))
            Comment.objects.filter(pk=comment.pk).update(respect_count=len(readers))
        Respect.objects.bulk_create(nods, batch_size=1000)


@transaction.atomic
def load(
    articles: dict[str, Article],
    people: dict[str, User],
    now: datetime.datetime,
    progress: Callable[[int, int], None],
) -> None:
    """Let the whole conversation happen under these articles."""
    Conversation(articles, people, now).happen(progress)
    readers.take_part(articles, people, now)
    desk.fill(people, now)
    told.Told(now).write(people["reader"])
