"""Lists of stories cut into pages, and the front page's choice of them."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from articles.models import Article, Correction, Section

PER_PAGE = 20
# Deep pages make the database count through everything before them; the archive goes further.
LAST_PAGE = 50

SECOND_RANK = 3
LATEST = 7
IN_A_BLOCK = 4
# A block needs stories that do not stand above it, and at most the lead and the rank do.
PER_SECTION = IN_A_BLOCK + 1 + SECOND_RANK
IN_THE_RAIL = 4
DISCUSSED_WITHIN = datetime.timedelta(weeks=4)


@dataclass
class Page:
    """One page of a list, and whether there are others around it."""

    items: Sequence[Any]
    number: int
    has_next: bool

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
    if not re.fullmatch(r"[1-9][0-9]{0,2}", number or "1") or int(number or 1) > LAST_PAGE:
        raise Http404("No such page.")
    wanted = int(number or 1)
    start = (wanted - 1) * PER_PAGE
    items = list(found[start : start + PER_PAGE + 1])
    if not items and (wanted > 1 or not may_be_empty):
        raise Http404("No such page.")
    return Page(items[:PER_PAGE], wanted, len(items) > PER_PAGE)


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


def front_page() -> FrontPage:
    """Choose the front page's stories. Nine queries however much was published.

    The choice is made by id, so that every story is loaded once with what its card shows.
    """
    listed = Article.objects.listed()
    # In the order of the index alone, so that a section is not sought among all stories.
    in_section = listed.filter(section=OuterRef("pk")).order_by("-published_at").values("pk")
    sections = list(
        Section.objects.filter(in_masthead=True).annotate(
            **{f"story_{n}": Subquery(in_section[n : n + 1]) for n in range(PER_SECTION)}
        )
    )
    newest = _ids(listed[: 1 + SECOND_RANK + LATEST])
    if not newest:
        return FrontPage(sections)
    with_picture = _ids(listed.exclude(lead_image=None).exclude(lead_image__digest="")[:1])
    lead = (with_picture or newest)[0]
    rank = [pk for pk in newest if pk != lead][:SECOND_RANK]
    above = {lead, *rank}
    latest = [pk for pk in newest if pk not in above][:LATEST]
    featured = _ids(listed.filter(is_featured=True)[: IN_THE_RAIL + len(above)])
    featured = [pk for pk in featured if pk not in above][:IN_THE_RAIL]
    discussed = _ids(
        listed.filter(published_at__gte=timezone.now() - DISCUSSED_WITHIN, comment_count__gt=0)
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
