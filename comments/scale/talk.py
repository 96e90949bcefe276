"""The conversations of a newsroom that is measured, written story by story."""

import datetime
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence

from accounts.scale import People
from articles.models import Article
from articles.scale import Counted, Story
from comments.models import Comment, Finding, Respect
from comments.scale import record
from comments.scale.plan import REFERENCE, SMALLEST, Plan
from comments.scale.record import Record
from comments.scale.shape import Shape, Status
from comments.scale.words import Said, Voices
from newsroom import bulk

WRITE_AT = 20_000  # comments written together
WAITING_TOGETHER = 50  # comments that wait under one story, where there are stories enough
WAITING_SINCE = datetime.timedelta(days=3)
HOUR = datetime.timedelta(hours=1)
PICKED_STORIES, PICKS = 0.02, 3
PICK_REASONS = ("Knows the place and says what it is like.", "Asks what the story left open.")
EDITED = 0.02  # of the comments that are shown
EDITED_AFTER = datetime.timedelta(minutes=3)
OWN = {0, 5}  # places at which the reader who can log in speaks under the smallest story
REPORTER = {41, 107}  # places at which a story's author does, under the other measured ones


class Talk:
    """Makes the conversations of a plan and writes them, with all that hangs on them."""

    def __init__(
        self,
        plan: Plan,
        stories: Sequence[Story],
        people: People,
        now: datetime.datetime,
        chance: random.Random,
    ) -> None:
        self.plan, self.people, self.now, self.chance = plan, people, now, chance
        self.stories = [one for one in stories if one.status == Article.Status.PUBLISHED]
        # Some weeks old, so that nothing makes a difference which is asked of new stories.
        start = max(0, int(0.96 * len(self.stories)) - len(plan.measured))
        chosen = self.stories[start : start + len(plan.measured)]
        self.measured = {one.pk: size for one, size in zip(chosen, plan.measured, strict=True)}
        others = [one.pk for one in self.stories if one.pk not in self.measured]
        sizes = plan.sizes(len(others))
        self.sizes = dict(zip(chance.sample(others, len(others)), sizes, strict=True))
        self.waiting = _spread(plan.waiting, others[::-1])
        self.counted: dict[int, Counted] = {}
        self.voices = Voices(chance)
        self.opening = [self.voices.say() for _ in range(REFERENCE)]
        self.record = Record(people.moderators, chance)
        self.next_id = bulk.next_id(Comment)
        self.new_respects: list[bulk.Row] = []
        self.new_findings: list[bulk.Row] = []

    def write(self, say: bulk.Say) -> None:
        """Write all of it. ``say`` is told how far it has come."""
        comments = bulk.Table(
            Comment, "id", "article_id", "author_id", "parent_id", "root_id", "depth", "number",
            "status", "is_placed", "visible_replies", "respect_count", "version", "body",
            "body_html", "fingerprint", "pick_reason", "picked_by_id", "picked_at",
            "thread_picks", "created_at", "visible_at", "edited_at", "risk", "reason", "language",
        )  # fmt: skip
        respects = bulk.Table(Respect, "comment_id", "reader_id", "at")
        findings = bulk.Table(Finding, "comment_id", "check_name", "reason", "matches", "at")
        done = 0
        for rows in _chunks(self._rows(), WRITE_AT):
            comments.write(rows)
            respects.write(self.new_respects)
            findings.write(self.new_findings)
            self.new_respects.clear()
            self.new_findings.clear()
            done += len(rows)
            say("comments", done, self.plan.comments)
        self.record.seal()

    def _rows(self) -> Iterator[bulk.Row]:
        for story in self.stories:
            yield from self._conversation(story)

    def _shape(self, story: Story) -> Shape:
        shape, size = Shape(), self.measured.get(story.pk)
        if size is None:
            shape.grow(self.sizes[story.pk], self.chance)
            shape.wait(self.waiting.get(story.pk, 0))
        else:
            if size >= REFERENCE:
                shape.open()
            shape.grow(size, self.chance, is_calm=True)
        return shape

    def _conversation(self, story: Story) -> Iterator[bulk.Row]:
        """Yield the rows of a story's comments, and note what hangs on each and what it counts."""
        shape = self._shape(story)
        count, below = len(shape.parents), shape.visible_below()
        first, self.next_id = self.next_id, self.next_id + count
        picks = self._picks(story, shape)
        picked = Counter(shape.roots[place] for place in picks)
        times = self._times(story, count, self.waiting.get(story.pk, 0))
        numbers = visible = threads = 0
        # Each name is looked up ten million times.
        draw, decide, moment = self.chance.random, self.record.decide, bulk.moment
        readers, editor = self.people.readers, self.people.editors[0]
        approved, pending = Status.APPROVED, Status.PENDING
        fates, parents, roots, depths = shape.fates, shape.parents, shape.roots, shape.depths
        for place, written in enumerate(times):
            pk, fate, parent = first + place, fates[place], parents[place]
            status, is_visible = fate.status, fate.status is approved
            author, said = self._speech(story, place)
            at = shown_at = moment(written)
            number = edited_at = None
            respects, version, risk, reason = 0, 2, 0, ""
            is_placed = is_visible or below[place] > 0
            if fate.was_seen:
                numbers += 1
                number = numbers
                threads += is_placed and parent < 0
            if is_visible:
                visible += 1
                # Most have none, a few have several.
                respects = int(8 * draw() ** 24)
                for step in range(respects):
                    reader = readers[(author + 1 + step * 7) % len(readers)]
                    self.new_respects.append((pk, reader, at))
                if fate.before is None and draw() < EDITED:
                    edited_at, version = moment(written + EDITED_AFTER), 3
            elif status is pending:
                version, risk = 1, record.risk_of(pk)
                name, why, matches = record.hold(pk)
                self.new_findings.append((pk, name, why, json.dumps(matches), at))
            if fate.before is not None:
                version = 3 if fate.before is approved else 2
                reason = record.reason_of(fate, pk)
                decided = decide(pk, author, fate, written, version)
                if is_visible:
                    shown_at = moment(decided)
            is_pick = place in picks
            yield (
                pk, story.pk, author,
                None if parent < 0 else first + parent,
                None if parent < 0 else first + roots[place],
                depths[place], number, status.value, is_placed, below[place], respects, version,
                said.source, said.html, said.folded,
                PICK_REASONS[place % 2] if is_pick else "",
                editor if is_pick else None,
                at if is_pick else None,
                picked[place], at, shown_at if number else None, edited_at, risk, reason, "en",
            )  # fmt: skip
        self.counted[story.pk] = Counted(visible, threads, numbers)

    def _speech(self, story: Story, place: int) -> tuple[int, Said]:
        """Return who speaks at a place, and what they say."""
        size = self.measured.get(story.pk, 0)
        if size == SMALLEST and place in OWN:
            return self.people.reader, self.voices.say()
        is_opening = size >= REFERENCE > place
        if is_opening and place in REPORTER:
            return story.writers[0].account, self.opening[place]
        readers = self.people.readers
        # Some speak a good deal more than others.
        author = readers[int(len(readers) * self.chance.random() ** 1.5)]
        return author, self.opening[place] if is_opening else self.voices.say()

    def _picks(self, story: Story, shape: Shape) -> set[int]:
        if story.pk in self.measured or self.chance.random() > PICKED_STORIES:
            return set()
        shown = [place for place, fate in enumerate(shape.fates) if fate.status is Status.APPROVED]
        return set(self.chance.sample(shown, min(PICKS, len(shown))))

    def _times(self, story: Story, count: int, waiting: int) -> Iterator[datetime.datetime]:
        """Yield when each comment was written: many soon, then ever fewer; at last what waits."""
        settled, start, end = count - waiting, story.published_at or self.now, self.now - HOUR
        span = min(end - start, 6 * HOUR * max(1, settled) ** 0.5)
        for place in range(settled):
            yield start + span * ((place + 1) / settled) ** 2
        start = max(start, self.now - WAITING_SINCE)
        for place in range(waiting):
            yield start + (end - start) * ((place + 1) / waiting)


def _spread(count: int, stories: Sequence[int]) -> dict[int, int]:
    """Return how many of ``count`` comments wait under each story, the first ones first."""
    together = max(WAITING_TOGETHER, -(-count // len(stories)))
    spread = {}
    for story in stories:
        spread[story] = min(together, count)
        count -= spread[story]
        if not count:
            break
    return spread


def _chunks(rows: Iterator[bulk.Row], size: int) -> Iterator[list[bulk.Row]]:
    chunk: list[bulk.Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
