"""Lists of stories cut into pages, and what stands on the front page and on those of sections."""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from articles.models import Article, Correction, Section, Slot

PER_PAGE = 20
# Deep pages make the database count through everything before them; the archive goes further.
LAST_PAGE = 50

SECOND_RANK = 3
LATEST = 7
# Of so many of the newest one is the lead: the first that has a picture.
LEAD_AMONG = 7
IN_A_BLOCK = 4
# A block needs stories that do not stand above it, and mostly the lead and the rank do. Where a
# second row is pinned and all of it is of one section, that section's block is shorter.
PER_SECTION = IN_A_BLOCK + 1 + SECOND_RANK
IN_THE_RAIL = 4
DISCUSSED_WITHIN = datetime.timedelta(weeks=4)


@dataclass
class Page:
    """One page of a list, and whether there are others around it."""

    items: Sequence[Any]
    number: int
    has_next: bool
    # When a pinned story loses its place.
    until: datetime.datetime | None = None

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_last_of_all(self) -> bool:
        """Whether the list goes on but is not followed any further."""
        return self.number == LAST_PAGE

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.has_next and self.number < LAST_PAGE else None


def page_of(found: QuerySet[Any], number: str, may_be_empty: bool = True) -> Page:
    """Return a page of ``found``, by its ``number`` as it came in the address.

    Raises ``Http404`` for what is no number, for a page beyond the end or the last that is
    served, and for an empty list that may not be one. Never counts the list.
    """
    wanted = page_number(number)
    start = (wanted - 1) * PER_PAGE
    items = list(found[start : start + PER_PAGE + 1])
    if not items and (wanted > 1 or not may_be_empty):
        raise Http404("No such page.")
    return Page(items[:PER_PAGE], wanted, len(items) > PER_PAGE)


def page_number(number: str) -> int:
    """Return the number of a page as it came in the address; ``Http404`` for one not served."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}", number or "1") or int(number or 1) > LAST_PAGE:
        raise Http404("No such page.")
    return int(number or 1)


# What the editors pinned, and the newest stories around it


def pinned(section: Section | None, at: datetime.datetime) -> list[Slot]:
    """Return the slots that hold at that moment on a section's front, or on the front page."""
    return list(Slot.objects.of(section).standing(at))


def arranged(slots: Iterable[Slot], newest: Iterable[int], count: int) -> list[int]:
    """Return ``count`` stories by id: the pinned ones at their places, the newest between them.

    No story comes twice, and no place stays empty while there is a story: what is pinned further
    down moves up.
    """
    places: dict[int, int] = {}
    for slot in slots:
        place = slot.position
        while place in places:
            place += 1
        places[place] = slot.article_id
    others = iter([pk for pk in dict.fromkeys(newest) if pk not in places.values()])
    order = [
        places.get(place) or next(others, None) for place in range(1, max([count, *places]) + 1)
    ]
    return [pk for pk in order if pk is not None][:count]


def _newest(
    stories: QuerySet[Article], slots: Sequence[Slot], count: int
) -> tuple[list[int], list[int]]:
    """Return the newest ``count`` stories by id, and the same with the one to lead in front.

    One query. A pinned lead leaves them as they are.
    """
    rows = list(stories.values_list("pk", "lead_image__digest")[:count])
    newest = [pk for pk, _ in rows]
    fixed = {slot.article_id for slot in slots}
    free = [(pk, digest) for pk, digest in rows if pk not in fixed][:LEAD_AMONG]
    lead = next((pk for pk, digest in free if digest), None)
    if lead is None or any(slot.position == 1 for slot in slots):
        return newest, newest
    return newest, list(dict.fromkeys([lead, *newest]))


def _ends(slots: Iterable[Slot]) -> datetime.datetime | None:
    return min((slot.until for slot in slots if slot.until is not None), default=None)


@dataclass
class Place:
    """A numbered place on a front, as the desk sees it."""

    number: int
    article: Article
    slot: Slot | None


def places(section: Section | None, at: datetime.datetime) -> list[Place]:
    """Return what stands in the places of a front that can be pinned. Four queries."""
    listed = Article.objects.listed(at)
    stories = listed if section is None else listed.filter(section=section)
    slots = pinned(section, at)
    _, lead_first = _newest(stories, slots, Slot.PLACES + len(slots))
    order = arranged(slots, lead_first, Slot.PLACES)
    cards = listed.for_cards().in_bulk(order)
    by_story = {slot.article_id: slot for slot in slots}
    return [
        Place(number, cards[pk], by_story.get(pk))
        for number, pk in enumerate((pk for pk in order if pk in cards), start=1)
    ]


def section_page(section: Section, number: str, at: datetime.datetime | None = None) -> Page:
    """Return a page of a section's stories, of which the first begins with what is pinned.

    A pinned story stands nowhere else. Raises ``Http404`` as ``page_of`` does.
    """
    at = at or timezone.now()
    wanted = page_number(number)
    listed = Article.objects.listed(at)
    slots = pinned(section, at)
    fixed = [slot.article_id for slot in slots]
    stories = listed.filter(section=section).exclude(pk__in=fixed)
    if wanted == 1:
        newest, lead_first = _newest(stories, slots, PER_PAGE - len(slots) + 1)
        has_next = len(newest) > PER_PAGE - len(slots)
        lead_first = [pk for pk in lead_first if pk not in newest[PER_PAGE - len(slots) :]]
        order = arranged(slots, lead_first, PER_PAGE)
        cards = listed.for_cards().in_bulk(order)
        items = [cards[pk] for pk in order if pk in cards]
        return Page(items, wanted, has_next, _ends(slots))
    start = (wanted - 1) * PER_PAGE - len(slots)
    items = list(stories.for_cards()[start : start + PER_PAGE + 1])
    if not items:
        raise Http404("No such page.")
    return Page(items[:PER_PAGE], wanted, len(items) > PER_PAGE, _ends(slots))


# The front page


@dataclass
class Block:
    """A section's place on the front page."""

    section: Section
    first: Article
    rest: list[Article]


@dataclass
class FrontPage:
    """What stands on the front page. Everything but the rail's lists appears once."""

    sections: list[Section]
    lead: Article | None = None
    second_rank: list[Article] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    latest: list[Article] = field(default_factory=list)
    discussed: list[Article] = field(default_factory=list)
    featured: list[Article] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    voice: Any = None

    # Every story that stands on it.
    stories: list[Article] = field(default_factory=list)
    # When a pinned story loses its place.
    until: datetime.datetime | None = None


def front_page(at: datetime.datetime | None = None) -> FrontPage:
    """Choose the front page's stories, as of now or of the moment ``at``.

    Nine queries however much was published. The choice is made by id, so that every story is
    loaded once with what its card shows.
    """
    at = at or timezone.now()
    listed = Article.objects.listed(at)
    # In the order of the index alone, so that a section is not sought among all stories.
    in_section = listed.filter(section=OuterRef("pk")).order_by("-published_at").values("pk")
    sections = list(
        Section.objects.filter(in_masthead=True).annotate(
            **{f"story_{n}": Subquery(in_section[n : n + 1]) for n in range(PER_SECTION)}
        )
    )
    slots = pinned(None, at)
    newest, lead_first = _newest(listed, slots, Slot.PLACES + LATEST)
    if not newest:
        return FrontPage(sections)
    # A second row stands only where something is pinned in it.
    has_second_row = max([len(slots), *(slot.position for slot in slots)]) > 1 + SECOND_RANK
    top = arranged(slots, lead_first, Slot.PLACES if has_second_row else 1 + SECOND_RANK)
    lead, rank = top[0], top[1:]
    above = set(top)
    latest = [pk for pk in newest if pk not in above][:LATEST]
    featured = _ids(listed.filter(is_featured=True)[: IN_THE_RAIL + len(above)])
    featured = [pk for pk in featured if pk not in above][:IN_THE_RAIL]
    discussed = _ids(
        listed.filter(published_at__gte=at - DISCUSSED_WITHIN, comment_count__gt=0)
        .exclude(comment_policy=Article.CommentPolicy.HIDDEN)
        .order_by("-comment_count", "-published_at", "-pk")[:IN_THE_RAIL]
    )
    chosen = {}
    for section in sections:
        ids = [getattr(section, f"story_{n}") for n in range(PER_SECTION)]
        once = dict.fromkeys(pk for pk in ids if pk and pk not in above)
        chosen[section.pk] = list(once)[:IN_A_BLOCK]

    wanted = {
        *above,
        *latest,
        *featured,
        *discussed,
        *(pk for ids in chosen.values() for pk in ids),
    }
    cards = listed.for_cards().in_bulk(wanted)

    def shown(ids: list[int]) -> list[Article]:
        # A story withdrawn between the two questions is not among the cards.
        return [cards[pk] for pk in ids if pk in cards]

    return FrontPage(
        sections,
        lead=cards.get(lead),
        second_rank=shown(rank),
        blocks=[
            _block(section, stories)
            for section in sections
            if (stories := shown(chosen[section.pk]))
        ],
        latest=shown(latest),
        discussed=shown(discussed),
        featured=shown(featured),
        corrections=list(corrections()[:2]),
        voice=_voice(shown(discussed)),
        stories=list(cards.values()),
        until=_ends(slots),
    )


def corrections() -> QuerySet[Correction]:
    """Return what was put right in stories that readers can open, newest first."""
    return (
        # Asked for each correction, of which there are few, not of all stories.
        Correction.objects.filter(
            Exists(Article.objects.listed().order_by().filter(pk=OuterRef("article")))
        )
        .select_related("article")
        .defer("article__body", "article__body_html")
        .order_by("-at", "-pk")
    )


def _ids(found: QuerySet[Article]) -> list[int]:
    return list(found.values_list("pk", flat=True))


def _block(section: Section, stories: list[Article]) -> Block:
    """Put a story with a picture first where the section has one; the rest keep their order."""
    first = next((one for one in stories if one.lead_image and one.lead_image.has_file), stories[0])
    return Block(section, first, [one for one in stories if one is not first])


def _voice(discussed: list[Article]) -> Any:
    """Return the newest comment under these stories that an editor picked, or ``None``."""
    if not discussed:
        return None
    by_id = {article.pk: article for article in discussed}
    # By the relation: comments know of articles, and not the other way round.
    comments = discussed[0].comments.model.objects
    picked = (
        comments.visible()  # under stories chosen because their conversation is shown
        .filter(article__in=by_id)
        .exclude(pick_reason="")
        .with_people()
        .order_by("-visible_at", "-pk")
        .first()
    )
    if picked is not None:
        picked.article = by_id[picked.article_id]
    return picked
