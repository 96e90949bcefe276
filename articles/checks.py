"""What a story lacks to be published, and what an editor is told without being stopped.

A check is a function of the story and of what stands around it; ``BLOCKING`` and ``ADVISORY`` are
the two lists. Source of the rules: acceptance E08, and Google's length of a headline (110).
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import timezone

from articles import body

if TYPE_CHECKING:
    from articles.models import Article, Image, ReviewStep

LONG_HEADLINE = 110  # characters
SAME_HEADLINE_WITHIN = datetime.timedelta(days=7)
LINKS_FOLLOWED = 20  # of a text's links to our own pages


@dataclass(frozen=True)
class Lack:
    """Something that a story lacks, in an editor's words, and the form's field to mend it in."""

    words: str
    field: str = ""

    def __str__(self) -> str:
        return self.words


class Around:
    """What the checks look at besides the stories' own rows, read once for all of them.

    Five queries however many stories there are.
    """

    def __init__(self, articles: Iterable["Article"]) -> None:
        from articles.models import Byline, Image, ReviewStep, SignOff

        stories = list(articles)
        ids = [article.pk for article in stories if article.pk]
        shown = {article.pk: body.picture_ids(article.body) for article in stories}
        leads = {article.lead_image_id for article in stories if article.lead_image_id}
        self._images = Image.objects.by_ids(leads.union(*shown.values()))
        self._shown = shown
        self.named = set(
            Byline.objects.filter(article__in=ids).order_by().values_list("article", flat=True)
        )
        every = ReviewStep.objects.all()
        self._for_all = [step for step in every if step.is_for_every_story]
        by_id = {step.pk: step for step in every}
        self._asked: dict[int, list[ReviewStep]] = defaultdict(list)
        through = stories[0].review_steps.through if by_id and ids else None
        if through is not None:
            pairs = through._default_manager.filter(article__in=ids)
            for article_id, step_id in pairs.values_list("article", "reviewstep"):
                self._asked[article_id].append(by_id[step_id])
        self._signed: set[tuple[int, int]] = set()
        if by_id:
            signed = SignOff.objects.filter(article__in=ids, is_void=False)
            self._signed = set(signed.order_by().values_list("article", "step"))

    def images(self, article: "Article") -> Iterator["Image"]:
        """Yield the pictures that a story shows, its lead first."""
        found = [article.lead_image_id, *sorted(self._shown.get(article.pk, ()))]
        yield from (self._images[pk] for pk in dict.fromkeys(found) if pk in self._images)

    def outstanding(self, article: "Article") -> list["ReviewStep"]:
        """Return the review steps that nobody has signed off, in their order."""
        steps = {step.pk: step for step in [*self._for_all, *self._asked[article.pk]]}
        waiting = [step for pk, step in steps.items() if (article.pk, pk) not in self._signed]
        return sorted(waiting, key=lambda step: (step.position, step.name))


Check = Callable[["Article", Around], Iterator[Lack]]


def missing(article: "Article", around: Around | None = None) -> list[Lack]:
    """Return what stops the story from being published; nothing for one that may be."""
    return _run(BLOCKING, article, around)


def advice(article: "Article", around: Around | None = None) -> list[Lack]:
    """Return what an editor may want to look at before the story is published."""
    return _run(ADVISORY, article, around)


def _run(checks: Iterable[Check], article: "Article", around: Around | None) -> list[Lack]:
    around = around or Around([article])
    return [lack for check in checks for lack in check(article, around)]


# Blocking ----------------------------------------------------------------------------------------


def headline(article: "Article", around: Around) -> Iterator[Lack]:
    if not article.headline.strip():
        yield Lack("headline", "headline")


def place(article: "Article", around: Around) -> Iterator[Lack]:
    if article.kind == article.Kind.STORY and article.section_id is None:
        yield Lack("section", "section")


def byline(article: "Article", around: Around) -> Iterator[Lack]:
    if article.kind == article.Kind.STORY and article.pk not in around.named:
        yield Lack("byline", "bylines-group")


def text(article: "Article", around: Around) -> Iterator[Lack]:
    if not body.plain_text(article.body):
        yield Lack("text", "body")


def source(article: "Article", around: Around) -> Iterator[Lack]:
    if article.source_outlet and not article.source_url:
        yield Lack("address of the original story", "source_url")
    if article.source_url and not article.source_outlet:
        yield Lack("outlet that published the original story", "source_outlet")
    if article.indexing == article.Indexing.ELSEWHERE and not article.source_url:
        yield Lack("address of the original that search engines shall find instead", "indexing")


def original_date(article: "Article", around: Around) -> Iterator[Lack]:
    ours = article.published_on or timezone.localdate()
    if article.originally_published and article.originally_published > ours:
        yield Lack("an original date that is not in the future", "originally_published")


def photos(article: "Article", around: Around) -> Iterator[Lack]:
    for image in around.images(article):
        for words in image.missing():
            yield Lack(words, "lead_image" if image.pk == article.lead_image_id else "body")


def readings(article: "Article", around: Around) -> Iterator[Lack]:
    for step in around.outstanding(article):
        yield Lack(f"the word of {step.name}, who must sign it off", "review_steps")


def end(article: "Article", around: Around) -> Iterator[Lack]:
    if article.expires_at and article.expires_at <= timezone.now():
        yield Lack("an end that lies ahead", "expires_at")


BLOCKING: tuple[Check, ...] = (
    headline, place, byline, text, source, photos, original_date, readings, end,
)  # fmt: skip


# Advisory ----------------------------------------------------------------------------------------


def summary(article: "Article", around: Around) -> Iterator[Lack]:
    if not article.standfirst.strip():
        yield Lack("It has no standfirst: cards, feeds and search show its first words.",
                   "standfirst")  # fmt: skip


def long_headline(article: "Article", around: Around) -> Iterator[Lack]:
    if len(article.headline) > LONG_HEADLINE:
        length = len(article.headline)
        yield Lack(
            f"The headline has {length} characters; search engines cut it at {LONG_HEADLINE}.",
            "headline",
        )


def same_headline(article: "Article", around: Around) -> Iterator[Lack]:
    since = (article.published_at or timezone.now()) - SAME_HEADLINE_WITHIN
    others = type(article).objects.filter(
        headline=article.headline, published_at__gte=since, kind=article.kind
    )
    other = others.exclude(pk=article.pk).only("headline", "published_at").first()
    if article.headline and other is not None and other.published_at is not None:
        day = timezone.localtime(other.published_at)
        yield Lack(f"A story of {day:%-d %B} has the same headline.", "headline")


def dead_links(article: "Article", around: Around) -> Iterator[Lack]:
    dead = [address for address in own_links(article.body) if not _leads_somewhere(address)]
    if dead:
        yield Lack(f"Links to pages of ours that are not there: {', '.join(dead)}.", "body")


ADVISORY: tuple[Check, ...] = (summary, long_headline, same_headline, dead_links)


def own_links(html: str) -> list[str]:
    """Return the paths on our own site that a text links to, each once."""
    here = urlsplit(settings.SITE_URL).netloc
    paths = []
    for address in re.findall(r'<a[^>]*\bhref="([^"]+)"', html):
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        if parts.path.startswith("/") and parts.netloc in {"", here}:
            paths.append(parts.path)
    return list(dict.fromkeys(paths))[:LINKS_FOLLOWED]


def _leads_somewhere(path: str) -> bool:
    """Tell whether readers find a page at ``path``, or did once and are led on."""
    from articles import models

    try:
        match = resolve(path)
    except Resolver404:
        return _moved(path)
    terms = {
        "section": models.Section, "topic": models.Topic, "author": models.Author,
        "series": models.Series,
    }  # fmt: skip
    if match.view_name == "articles:article":
        there = models.Article.objects.published().at_address(**match.kwargs).exists()
    elif match.view_name == "articles:page":
        there = models.Article.objects.published().page_at(match.kwargs["slug"]).exists()
    elif match.app_name == "articles" and match.url_name in terms:
        there = terms[match.url_name]._default_manager.filter(**match.kwargs).exists()
    else:
        return True
    return there or _moved(path)


def _moved(path: str) -> bool:
    from articles.models import MovedAddress

    row = MovedAddress.objects.filter(path=path).first()
    return row is not None and row.target is not None
