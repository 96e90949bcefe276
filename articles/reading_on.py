"""Where to read on from a story: the other parts of its series, and what else belongs beside it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef

from articles.models import Article, ArticleQuerySet, RelatedStory, Series

MOST = 5
# Parts of one series that are looked at. Longer ones have their page, which goes on.
MOST_PARTS = 200
# Of the stories with the same topics only so many are asked whether readers may see them, so that
# a topic of a hundred thousand stories costs no more than one of ten.
LOOKED_AT = 100


@dataclass
class Part:
    """A story's place among the parts of its series that readers may see."""

    series: Series
    number: int | None  # as the desk counts; None where it did not
    count: int  # of parts, or the highest number among them
    previous: Article | None
    next: Article | None


class ReadingOn:
    """What stands around one story. Nothing is asked before it is shown."""

    def __init__(self, article: Article) -> None:
        self.article = article

    @cached_property
    def parts(self) -> list[Article]:
        """The parts of its series that readers may see, in order. One query, or none."""
        if self.article.series_id is None:
            return []
        listed = Article.objects.listed().filter(series=self.article.series_id)
        return list(Series.in_order(_lines(listed.select_related("series")))[:MOST_PARTS])

    @cached_property
    def part(self) -> Part | None:
        """Its place in its series; ``None`` where it is in none, or stands there alone."""
        if len(self.parts) < 2:
            return None
        place = self._place
        if place is None:
            return None
        numbers = [part.series_position or 0 for part in self.parts]
        return Part(
            self.parts[place].series,  # type: ignore[arg-type]  # they are of one
            self.parts[place].series_position,
            max([len(self.parts), *numbers]),
            self.parts[place - 1] if place else None,
            self.parts[place + 1] if place + 1 < len(self.parts) else None,
        )

    @property
    def _place(self) -> int | None:
        found = (at for at, part in enumerate(self.parts) if part.pk == self.article.pk)
        return next(found, None)

    @cached_property
    def related(self) -> list[Article]:
        """At most ``MOST`` stories: those that editors put there, then parts, topics, section.

        Of the same kind the newest first, and of a series the nearest. Four queries at most.
        """
        found: dict[int, Article] = {}
        for more in (self._picked, self._nearest_parts, self._same_topics, self._same_section):
            if len(found) >= MOST:
                break
            for story in more():
                if story.pk != self.article.pk:
                    found.setdefault(story.pk, story)
        return list(found.values())[:MOST]

    def _picked(self) -> list[Article]:
        if not self.article.has_related_stories:
            return []
        is_listed = Exists(Article.objects.listed().order_by().filter(pk=OuterRef("related")))
        picked = (
            RelatedStory.objects.filter(is_listed, article=self.article)
            .select_related("related__section")
            .defer("related__body", "related__body_html")
        )
        return [row.related for row in picked[:MOST]]

    def _nearest_parts(self) -> list[Article]:
        place = self._place
        if place is None:
            return self.parts[:MOST]
        # The next part before the one before it, and so on outwards.
        distance = {part.pk: (abs(at - place), at < place) for at, part in enumerate(self.parts)}
        return sorted(self.parts, key=lambda part: distance[part.pk])

    def _same_topics(self) -> list[Article]:
        # Where the page has read its topics already, and there are none, nothing is asked.
        known = getattr(self.article, "_prefetched_objects_cache", {}).get("topics")
        if known is not None and not known:
            return []
        filed: Any = Article.topics.through._default_manager
        topics = filed.filter(article=self.article).values("topic")
        newest = filed.filter(topic__in=topics).order_by("-article").values("article")
        among = newest.distinct()[:LOOKED_AT]
        return list(_lines(Article.objects.listed().filter(pk__in=among))[: 2 * MOST + 1])

    def _same_section(self) -> list[Article]:
        if self.article.section_id is None:
            return []
        # Some of them are there already, by another way.
        return list(_lines(Article.objects.related_to(self.article))[: 2 * MOST])


def _lines(stories: ArticleQuerySet) -> ArticleQuerySet:
    """With what one line in a list shows."""
    return stories.select_related("section").defer("body", "body_html")
