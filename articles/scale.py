"""Stories for a newsroom that is measured: invented, alike in shape, as many as are asked for."""

import datetime
import itertools
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from articles import body, wording
from articles.models import Article, Author, Byline, Section, Topic
from newsroom import bulk

TABLES = (Author, Article, Byline, Article.topics.through)
YEARS = 3  # over which the stories are spread
NEWEST = datetime.timedelta(hours=2)  # the age of the last one
PARAGRAPHS = (10, 16)  # of a story; some 600 words
STOCK = 1500  # paragraphs that the stories are put together from
Status = Article.Status

SECTIONS = ("Town", "Harbour", "County", "Business", "Schools", "Culture", "Sport", "Opinion")
TOPICS = (
    "Sea wall", "Ferry", "Library", "Market hall", "School buses", "Flood fund", "Night trains",
    "Bandstand", "Allotments", "Lighthouse", "Swimming baths", "Tram line", "Old mill",
    "Youth orchestra", "Fish quota", "Street lamps", "Town budget", "Cycle path", "Beach huts",
    "Clock tower",
)  # fmt: skip
# What stands in braces is chosen from the words of that name.
WORDS = {
    "thing": (
        "sea wall", "ferry", "market hall", "library roof", "tram line", "old mill", "bandstand",
        "clock tower", "swimming baths", "school bus", "footbridge", "lighthouse", "cycle path",
        "night train", "fish quota", "flood fund", "boathouse", "weather station",
    ),
    "place": (
        "the quay", "Mill Lane", "the lower town", "Station Road", "the old harbour", "Chapel Hill",
        "the estuary", "Rope Walk", "the east pier", "Saltmarsh Road", "the upper gate", "Pinfold",
    ),
    "who": (
        "the council", "the harbour office", "the school board", "the county", "the ferry company",
        "the neighbours", "the residents’ group", "the engineers", "the shopkeepers", "the rowers",
        "the allotment holders", "the volunteers",
    ),
    "when": (
        "last winter", "in the spring", "before the summer", "two years ago", "this morning",
        "on Thursday", "after the storm", "in October", "by the end of the year", "at Easter",
    ),
    "how": (
        "slowly", "with care", "in the open", "without a vote", "with patience", "in good time",
        "at a fair price", "in small steps", "for once", "properly",
    ),
    "number": ("two", "three", "seven", "eleven", "fourteen", "forty", "ninety", "two hundred"),
    "name": (
        "Ruth Amberley", "Tobias Quarry", "Ines Fernsby", "Otto Marlow", "Greta Linden",
        "Samuel Thornby", "Mabel Oakley", "Jory Penhale", "Vera Sedgwick", "Hano Reedham",
    ),
}  # fmt: skip
HEADLINES = (
    "The {thing} at {place} opens again, {number} days late",
    "Why {who} want the {thing} moved from {place}",
    "A plan for the {thing}, and {number} questions about it",
    "{who} and {who} agree on the {thing} at last",
    "What the {thing} costs, and who pays for it",
    "At {place} the {thing} divides {who}",
    "{number} ideas for the {thing} from people at {place}",
)
SENTENCES = (
    "The {thing} by {place} has been closed since the work began {when}, and {who} say it will "
    "stay so for {number} weeks.",
    "“We have waited for this {how},” said {name}, who speaks for {who} and lives near {place}.",
    "A report that {who} ordered {when} found {number} faults in the {thing}, none of them urgent.",
    "Nobody at the meeting doubted that the {thing} is needed, but {who} asked what it would cost.",
    "{name} has kept a diary of the {thing} for {number} years and brought it to the hearing.",
    "The money comes from the county and from {number} smaller funds that were opened {when}.",
    "At {place} the water stood {number} inches high {when}, and the {thing} was the first to go.",
    "For {who} the matter is simple: the {thing} should be mended {how} and by people from here.",
    "The vote was put off until {name} and {who} have seen the figures for the {thing}.",
    "“It is not about the {thing} alone,” {name} said. “It is about how {place} is asked.”",
    "In a letter to this paper {who} wrote that the {thing} had been promised {when}.",
    "From {place} one can see what is left of the {thing}, and {number} people come to look each "
    "day.",
)


@dataclass(frozen=True)
class Writer:
    """An author with an account, by the ids of both."""

    author: int
    account: int


@dataclass(frozen=True)
class Story:
    """A story to come: what its conversation must know of it."""

    pk: int
    status: Status
    published_at: datetime.datetime | None
    writers: tuple[Writer, ...]


@dataclass(frozen=True)
class Counted:
    """What the conversation under a story counts."""

    comments: int = 0
    threads: int = 0
    last_number: int = 0


def sentences(patterns: Sequence[str], count: int, chance: random.Random) -> list[str]:
    """Return ``count`` sentences made of the patterns and ``WORDS``; few of them are alike."""

    def word(slot: re.Match[str]) -> str:
        return chance.choice(WORDS[slot[1]])

    made = (re.sub(r"\{(\w+)\}", word, chance.choice(patterns)) for _ in range(count))
    return [one[0].upper() + one[1:] for one in made]


def writers_of(reporters: Sequence[int]) -> list[Writer]:
    """Make an author for each reporter's account."""
    writers = [Writer(pk, one) for pk, one in enumerate(reporters, bulk.next_id(Author))]
    named = zip(writers, itertools.cycle(WORDS["name"]), strict=False)
    bulk.Table(Author, "id", "name", "slug", "user_id").write(
        (one.author, name, f"{name.lower().replace(' ', '-')}-{one.author}", one.account)
        for one, name in named
    )
    return writers


def plan(
    count: int, writers: Sequence[Writer], now: datetime.datetime, chance: random.Random
) -> list[Story]:
    """Return so many stories, oldest first, without their texts.

    Nearly all are published. Of a hundred one is a draft, one is scheduled, one withdrawn.
    """
    start = bulk.next_id(Article)
    step, newest = datetime.timedelta(days=365 * YEARS) / count, now - NEWEST
    stories = []
    for place in range(count):
        status = Status.PUBLISHED
        at: datetime.datetime | None = newest - step * (count - 1 - place)
        match place % 100:
            case 41:
                status = Status.WITHDRAWN
            case 42:
                status, at = Status.SCHEDULED, now + datetime.timedelta(days=30, minutes=place)
            case 43:
                status, at = Status.DRAFT, None
        named = tuple(chance.sample(writers, 2 if place % 5 == 0 else 1))
        stories.append(Story(start + place, status, at, named))
    return stories


def write(
    stories: Sequence[Story],
    counted: dict[int, Counted],
    now: datetime.datetime,
    chance: random.Random,
    said: Callable[[int], None],
) -> None:
    """Write the stories with their texts, bylines and topics, and what was ``counted`` of each.

    ``said`` is told how many are done.
    """
    sections, topics = _sections(), _topics()
    paragraphs = _paragraphs(chance)
    none = Counted()

    def row(place: int, story: Story) -> tuple[Any, ...]:
        said(place + 1)
        [headline] = sentences(HEADLINES, 1, chance)
        parts = chance.sample(paragraphs, chance.randint(*PARAGRAPHS))
        text = "".join(part for part, _ in parts)
        [standfirst] = sentences(SENTENCES, 1, chance)
        count = counted.get(story.pk, none)
        at = bulk.moment(story.published_at) if story.published_at else None
        written = at if at and story.status != Status.SCHEDULED else bulk.moment(now)
        return (
            story.pk, headline, _slug(story, headline), standfirst, sections[place % len(sections)],
            text, text, sum(words for _, words in parts), story.status, at, _day(story),
            "This story was withdrawn because it mixed up two meetings."
            if story.status == Status.WITHDRAWN else "",
            count.comments, count.threads, count.last_number, written, written,
        )  # fmt: skip

    # The words are indexed once all are there: it is faster by far than one after the other.
    with wording.held():
        bulk.Table(
            Article, "id", "headline", "slug", "standfirst", "section_id", "body", "body_html",
            "word_count", "status", "published_at", "published_on", "withdrawal_notice",
            "comment_count", "thread_count", "last_number", "created_at", "saved_at",
        ).write(itertools.starmap(row, enumerate(stories)))  # fmt: skip
        bulk.Table(Byline, "article_id", "author_id", "position").write(
            (story.pk, one.author, position)
            for story in stories
            for position, one in enumerate(story.writers)
        )
        bulk.Table(Article.topics.through, "article_id", "topic_id").write(
            (story.pk, topic)
            for story in stories
            for topic in chance.sample(topics, 1 + story.pk % 3)
        )


def _slug(story: Story, headline: str) -> str:
    # With its id, so that two stories of one day never share an address.
    return f"{Article.slug_for(headline)}-{story.pk}"


def _day(story: Story) -> str | None:
    return str(timezone.localdate(story.published_at)) if story.published_at else None


def _paragraphs(chance: random.Random) -> list[tuple[str, int]]:
    """Return paragraphs of HTML, as ``Article.set_body`` would keep and render them, and words."""
    stock = iter(sentences(SENTENCES, 3 * STOCK, chance))
    made: Iterator[Iterable[str]] = zip(stock, stock, stock, strict=True)
    html = [body.clean(f"<p>{' '.join(three)}</p>") for three in made]
    return [(str(body.render(one, lambda *_: None)), body.words(one)) for one in html]


def _sections() -> list[int]:
    return [
        Section.objects.get_or_create(
            slug=Article.slug_for(name), defaults={"name": name, "position": position}
        )[0].pk
        for position, name in enumerate(SECTIONS)
    ]


def _topics() -> list[int]:
    return [
        Topic.objects.get_or_create(slug=Article.slug_for(name), defaults={"name": name})[0].pk
        for name in TOPICS
    ]
