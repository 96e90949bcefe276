"""Moving out: the paper as WXR, as WordPress writes it and reads it.

``Departures`` gives the file piece by piece, each row read and written once, so that what it holds
in memory is one batch of them. What WordPress has no place for stands in JSON beside its item; see
``articles.wordpress.own``. Comments are the business of ``comments.wordpress``, which hands them
over by their articles.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator
from email.utils import format_datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.html import escape

from articles import body
from articles.models import (
    Article,
    Author,
    Byline,
    Image,
    MovedAddress,
    RelatedStory,
    Section,
    Series,
    Topic,
)
from articles.wordpress import _plain, own, prose, wxr
from articles.wordpress.tally import Tally

BATCH = 100  # articles read at once
ROWS = 500  # of anything shorter
# Comments, and letters, in one item: well below what an import takes of one. Those beyond stand in
# further items of the same article.
MAX_COMMENTS, MAX_LETTERS = 20_000, 10_000_000
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LIBRARY_SOURCE = re.compile(r'(<img\b[^<>]*?\bsrc=")(/media/images/(\d+)/[^"<>]*)(")')
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"
 xmlns:newsroom="urn:newsroom:export:1">
<channel>
"""
TAIL = "</channel>\n</rss>\n"
TYPES = {Article.Kind.STORY: "post", Article.Kind.PAGE: "page"}

# The comments of these articles, each with its article's id, in the order of those.
Talk = Callable[[list[int]], Iterable[tuple[int, str]]]
Row = TypeVar("Row", bound=Model)


class Departures:
    """Gives the paper as WXR and counts what it gave."""

    def __init__(self, tally: Tally, for_readers: bool = False) -> None:
        """``for_readers``: nothing but what readers see."""
        self.tally = tally
        self.for_readers = for_readers
        self.articles: QuerySet[Article] = Article.objects.all()
        if for_readers:
            self.articles = Article.objects.live()
        self.now = timezone.now()

    def file(
        self, talk: Talk, progress: Callable[[int], None] = lambda done: None
    ) -> Iterator[str]:
        """Yield the file. ``progress`` is told how many articles were given."""
        yield HEAD
        yield from self._channel()
        yield from self._authors()
        yield from self._terms()
        if not self.for_readers:
            # The address of a killed story tells what it was about.
            yield from self._gone()
        yield from self._pictures()
        yield from self._articles(talk, progress)
        yield TAIL

    def _channel(self) -> Iterator[str]:
        yield element("title", settings.SITE_NAME)
        yield f"<link>{escape(settings.SITE_URL)}</link>\n"
        yield element("description", settings.SITE_TAGLINE)
        yield f"<pubDate>{format_datetime(self.now)}</pubDate>\n<language>en</language>\n"
        yield "<wp:wxr_version>1.2</wp:wxr_version>\n"
        for name in ("base_site_url", "base_blog_url"):
            yield f"<wp:{name}>{escape(settings.SITE_URL)}</wp:{name}>\n"

    # People and terms

    def _authors(self) -> Iterator[str]:
        rows = Author.objects.prefetch_related("moved_addresses")
        if self.for_readers:
            rows = rows.filter(Exists(self._readable(bylines__author=OuterRef("pk"))))
        for author in by_batches(rows, ROWS):
            read = prose.words(escape_words(author.name))
            values = given(
                key=own.author_key(author),
                pk=author.pk,
                seal="" if author.import_key else own.seal(author),
                portrait=picture_id(author.portrait_id) if author.portrait_id else None,
                addresses=addresses(author),
            )
            values |= own.differing(name=(author.name, read))
            values |= own.carried(author, own.AUTHOR)
            yield "<wp:author>\n"
            yield f"<wp:author_id>{author.pk}</wp:author_id>\n"
            yield element("wp:author_login", author.slug)
            yield element("wp:author_email", author.contact)
            yield element("wp:author_display_name", escape_words(author.name))
            yield element("wp:author_first_name", "") + element("wp:author_last_name", "")
            yield element("newsroom:own", own.written(values)) + "</wp:author>\n"
            self.tally.new("Authors")

    def _terms(self) -> Iterator[str]:
        kinds: tuple[tuple[type[Any], str, str], ...] = (
            (Section, "section", "Sections (categories)"),
            (Topic, "topics", "Topics (tags)"),
            (Series, "series", "Series"),
        )
        for place, (model, relation, label) in enumerate(kinds):
            rows = model.objects.prefetch_related("moved_addresses")
            if self.for_readers:
                # Readers can open every section; of the others, those under a story.
                shown = Q(Exists(self._readable(**{relation: OuterRef("pk")})))
                rows = rows.filter(shown | Q(in_masthead=True) if model is Section else shown)
            for term in by_batches(rows, ROWS):
                yield self._term(term, 3 * term.pk + place)
                self.tally.new(label)

    def _term(self, term: Section | Topic | Series, number: int) -> str:
        name, description = escape_words(term.name), escape_words(term.description)
        values = given(
            key=f"newsroom:{term._meta.model_name}:{term.slug}", addresses=addresses(term)
        )
        values |= own.differing(
            name=(term.name, prose.words(name)),
            description=(term.description, prose.words(description)),
        )
        if isinstance(term, Section):
            values |= own.carried(term, own.SECTION)
        meta = meta_element("termmeta", own_meta(values))
        if isinstance(term, Section):
            return (
                f"<wp:category>\n<wp:term_id>{number}</wp:term_id>\n"
                + element("wp:category_nicename", term.slug)
                + element("wp:category_parent", "")
                + element("wp:cat_name", name)
                + element("wp:category_description", description)
                + f"{meta}</wp:category>\n"
            )
        if isinstance(term, Topic):
            return (
                f"<wp:tag>\n<wp:term_id>{number}</wp:term_id>\n"
                + element("wp:tag_slug", term.slug)
                + element("wp:tag_name", name)
                + element("wp:tag_description", description)
                + f"{meta}</wp:tag>\n"
            )
        return (
            f"<wp:term>\n<wp:term_id>{number}</wp:term_id>\n"
            + element("wp:term_taxonomy", "series")
            + element("wp:term_slug", term.slug)
            + element("wp:term_parent", "")
            + element("wp:term_name", name)
            + element("wp:term_description", description)
            + f"{meta}</wp:term>\n"
        )

    def _gone(self) -> Iterator[str]:
        rows = MovedAddress.objects.filter(
            **{f"{name}__isnull": True for name in MovedAddress.TARGETS}
        )
        for row in by_batches(rows, ROWS):
            yield element("newsroom:gone", row.path)
            self.tally.new("Addresses that are gone")

    # Pictures

    def _pictures(self) -> Iterator[str]:
        if not self.for_readers:
            for image in by_batches(Image.objects.all(), ROWS):
                yield self._picture(image)
            return
        shown = sorted(self._shown_pictures())
        for start in range(0, len(shown), ROWS):
            for image in Image.objects.filter(pk__in=shown[start : start + ROWS]).order_by("pk"):
                yield self._picture(image)

    def _shown_pictures(self) -> set[int]:
        """Return the ids of the pictures that readers see: of 100,000 stories a few megabytes."""
        rows = self.articles.order_by("pk").values_list("body", "lead_image")
        shown: set[int] = set()
        for html, lead in rows.iterator(chunk_size=ROWS):
            shown |= body.picture_ids(html) | ({lead} if lead else set())
        portraits = Author.objects.filter(Exists(self._readable(bylines__author=OuterRef("pk"))))
        shown.update(portraits.exclude(portrait=None).values_list("portrait", flat=True).iterator())
        return shown

    def _picture(self, image: Image) -> str:
        title, alt, caption = (escape_words(one) for one in (image.title, image.alt, image.caption))
        if self.for_readers:
            title = ""  # for finding it at the desk
        values = {"key": own.key_of(image), "created_at": image.created_at.isoformat()}
        values |= own.differing(
            title=(image.title * (not self.for_readers), prose.words(title)),
            alt=(image.alt, prose.words(alt)),
            caption=(image.caption, prose.words(caption)),
        )
        values |= own.carried(image, own.IMAGE, self.for_readers)
        self.tally.new("Pictures (attachments)")
        self.tally.note("picture of which only the record is here, no file", not image.has_file)
        address = picture_address(image)
        return (
            "<item>\n"
            + element("title", title)
            + f"<link>{escape(address)}</link>\n"
            + f"<pubDate>{format_datetime(image.created_at)}</pubDate>\n"
            + element("dc:creator", "")
            + f'<guid isPermaLink="false">{escape(own.key_of(image))}</guid>\n'
            + "<description></description>\n"
            + element("content:encoded", "")
            + element("excerpt:encoded", caption)
            + f"<wp:post_id>{picture_id(image.pk)}</wp:post_id>\n"
            + dates(image.created_at, image.created_at)
            + element("wp:comment_status", "closed")
            + element("wp:ping_status", "closed")
            + element("wp:post_name", f"picture-{image.pk}")
            + element("wp:status", "inherit")
            + "<wp:post_parent>0</wp:post_parent>\n<wp:menu_order>0</wp:menu_order>\n"
            + element("wp:post_type", "attachment")
            + element("wp:post_password", "")
            + "<wp:is_sticky>0</wp:is_sticky>\n"
            + element("wp:attachment_url", address)
            + meta_element("postmeta", {"_wp_attachment_image_alt": alt, **own_meta(values)})
            + "</item>\n"
        )

    # Articles

    def _articles(self, talk: Talk, progress: Callable[[int], None]) -> Iterator[str]:
        rows = self.articles.select_related("section", "series", "original").prefetch_related(
            Prefetch("bylines", Byline.objects.select_related("author")),
            "topics",
            "corrections",
            "moved_addresses",
            "review_steps",
            Prefetch("related_stories", self._related()),
        )
        done = 0
        for batch in batches(rows, BATCH):
            texts = [article.body for article in batch] + [
                article.original.body for article in batch if hasattr(article, "original")
            ]
            images = Image.objects.by_ids(set().union(*map(body.picture_ids, texts)))
            said = groupby(talk([article.pk for article in batch]), key=itemgetter(0))
            whose, comments = next(said, (0, iter(())))
            for article in batch:
                mine: Iterable[tuple[int, str]] = ()
                if article.pk == whose:
                    mine = comments
                yield from self._article(article, images, (text for _, text in mine))
                if article.pk == whose:
                    whose, comments = next(said, (0, iter(())))
            done += len(batch)
            progress(done)

    def _related(self) -> QuerySet[RelatedStory]:
        rows = RelatedStory.objects.select_related("related").only(
            "article", "position", "related", "related__import_key", "related__created_at"
        )
        return rows.filter(related__in=self.articles) if self.for_readers else rows

    def _article(
        self, article: Article, images: dict[int, Image], comments: Iterable[str]
    ) -> Iterator[str]:
        yield self._item(article, images, 0)
        count = letters = part = 0
        for comment in comments:
            if count >= MAX_COMMENTS or letters > MAX_LETTERS:
                part += 1
                count = letters = 0
                yield "</item>\n" + self._item(article, images, part)
            count, letters = count + 1, letters + len(comment)
            yield comment
        yield "</item>\n"
        label = "Posts" if article.kind == Article.Kind.STORY else "Pages"
        self.tally.new(f"{label}: {self._status(article)}")
        self.tally.note("article with so many comments that it takes several items", part > 0)

    def _item(self, article: Article, images: dict[int, Image], part: int) -> str:
        """Return an article's item without its end; ``part`` counts those for more comments."""
        title, standfirst = escape_words(article.headline), escape_words(article.standfirst)
        bylines = list(article.bylines.all())
        at = article.published_at or article.created_at
        is_open = article.comment_policy in own.POLICIES["open"]
        values = given(key=own.key_of(article), part=part)
        terms = metas = ""
        if not part:
            values |= self._values(article, bylines, title, standfirst)
            if not self.for_readers and hasattr(article, "original"):
                values["original"] = with_addresses(article.original.body, images)
                values["original_at"] = article.original.at.isoformat()
            terms = "".join(map(category, self._terms_of(article)))
            if article.lead_image_id:
                metas = meta_element(
                    "postmeta", {"_thumbnail_id": str(picture_id(article.lead_image_id))}
                )
        html = "" if part else with_addresses(article.body, images)
        return (
            "<item>\n"
            + element("title", title)
            + f"<link>{escape(settings.SITE_URL + article.get_absolute_url())}</link>\n"
            + f"<pubDate>{format_datetime(at)}</pubDate>\n"
            + element("dc:creator", bylines[0].author.slug if bylines else "")
            + f'<guid isPermaLink="false">{escape(own.key_of(article))}</guid>\n'
            + "<description></description>\n"
            + element("content:encoded", html)
            + element("excerpt:encoded", standfirst)
            + f"<wp:post_id>{2 * article.pk}</wp:post_id>\n"
            + dates(at, article.saved_at)
            + element("wp:comment_status", "open" if is_open else "closed")
            + element("wp:ping_status", "closed")
            + element("wp:post_name", article.slug)
            + element("wp:status", self._status(article))
            + "<wp:post_parent>0</wp:post_parent>\n<wp:menu_order>0</wp:menu_order>\n"
            + element("wp:post_type", TYPES[Article.Kind(article.kind)])
            + element("wp:post_password", "")
            + f"<wp:is_sticky>{int(article.is_featured)}</wp:is_sticky>\n"
            + terms
            + metas
            + meta_element("postmeta", own_meta(values))
        )

    def _values(
        self, article: Article, bylines: list[Byline], title: str, standfirst: str
    ) -> dict[str, Any]:
        """Return what WordPress has no field for, or gives back otherwise."""
        values = given(
            status=article.status,
            comment_policy=article.comment_policy,
            created_at=article.created_at.isoformat(),
            addresses=addresses(article),
            related=[own.key_of(row.related) for row in article.related_stories.all()],
            corrections=[
                {"kind": one.kind, "text": one.text, "at": one.at.isoformat()}
                | given(is_from_reader=one.is_from_reader)
                for one in article.corrections.all()
            ],
        )
        values |= own.differing(
            headline=(article.headline, prose.words(title) or "Untitled"),
            standfirst=(article.standfirst, _plain(standfirst)),
        )
        values |= own.carried(article, own.ARTICLE, self.for_readers)
        at, day = article.published_at, article.published_on
        if at and day and day != timezone.localdate(at):
            values["published_on"] = day.isoformat()
        if len(bylines) > 1 or any(one.role or one.outlet for one in bylines):
            values["bylines"] = [
                given(login=one.author.slug, role=one.role, outlet=one.outlet) for one in bylines
            ]
        if not self.for_readers:
            values |= given(review_steps=[step.name for step in article.review_steps.all()])
        return values

    @staticmethod
    def _terms_of(article: Article) -> Iterator[tuple[str, Section | Topic | Series]]:
        if article.section:
            yield "category", article.section
        yield from (("post_tag", topic) for topic in article.topics.all())
        if article.series:
            yield "series", article.series

    def _status(self, article: Article) -> str:
        """Return what an article is on WordPress: public only where readers can read it here."""
        match article.status:
            case Article.Status.KILLED:
                return "trash"
            case Article.Status.WITHDRAWN:
                return "private"
            case Article.Status.REVIEW:
                return "pending"
            case Article.Status.PUBLISHED | Article.Status.SCHEDULED if article.published_at:
                if article.expires_at is not None and article.expires_at <= self.now:
                    return "private"
                return "publish" if article.published_at <= self.now else "future"
        return "draft"

    def _readable(self, **where: Any) -> QuerySet[Article]:
        return self.articles.filter(**where).order_by()


# Reading in batches


def batches(rows: QuerySet[Row], size: int) -> Iterator[list[Row]]:
    """Yield rows by their ids, so many at a time, each batch found by the last one's end."""
    last = 0
    rows = rows.order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:size]):
        last = batch[-1].pk
        yield batch


def by_batches(rows: QuerySet[Row], size: int) -> Iterator[Row]:
    for batch in batches(rows, size):
        yield from batch


# Pieces of the file


def cdata(text: str) -> str:
    """Return ``text`` for XML as WordPress has it, whatever stands in it.

    Signs that XML forbids go. A carriage return stands outside, where a parser leaves it alone.
    """
    inside = FORBIDDEN.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return "<![CDATA[" + inside.replace("\r", "]]>&#13;<![CDATA[") + "]]>"


def element(name: str, text: str) -> str:
    return f"<{name}>{cdata(text)}</{name}>\n"


def meta_element(kind: str, metas: dict[str, str]) -> str:
    """Return what stands beside an item, a term or a comment (``postmeta`` and so on)."""
    return "".join(
        f"<wp:{kind}>\n{element('wp:meta_key', key)}{element('wp:meta_value', value)}</wp:{kind}>\n"
        for key, value in metas.items()
    )


def own_meta(values: dict[str, Any]) -> dict[str, str]:
    return {wxr.OWN: own.written(values)}


def given(**values: Any) -> dict[str, Any]:
    """Return those of the values that say something."""
    return {name: value for name, value in values.items() if value}


def category(term: tuple[str, Section | Topic | Series]) -> str:
    domain, row = term
    return (
        f'<category domain="{domain}" nicename="{escape(row.slug)}">'
        f"{cdata(escape_words(row.name))}</category>\n"
    )


def escape_words(text: str) -> str:
    """Return plain words as HTML, the way WordPress keeps a title or a name."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def dates(at: datetime.datetime, changed: datetime.datetime) -> str:
    """Return an item's dates, on the paper's own clock and on Greenwich's."""
    out = ""
    for name, moment in (("date", at), ("modified", changed)):
        out += element(f"wp:post_{name}", clock(timezone.localtime(moment)))
        out += element(f"wp:post_{name}_gmt", clock(moment.astimezone(datetime.UTC)))
    return out


def clock(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def addresses(row: Any) -> list[str]:
    return [address.path for address in row.moved_addresses.all()]


def picture_id(pk: int) -> int:
    """Return a picture's number among the items: odd, where articles' are even."""
    return 2 * pk + 1


def picture_address(image: Image) -> str:
    """Return where its file is to be had; for one without, where an import found it."""
    if image.has_file:
        return urljoin(settings.SITE_URL + "/", image.largest_url)
    return image.source_url


def with_addresses(html: str, images: dict[int, Image]) -> str:
    """Return a body whose pictures stand at whole addresses, those of their items."""

    def whole(match: re.Match[str]) -> str:
        image = images.get(int(match[3]))
        known = image is not None and image.has_file
        address = picture_address(image) if image and known else settings.SITE_URL + match[2]
        return f"{match[1]}{escape(address)}{match[4]}"

    # As a sign of HTML: whoever reads HTML takes a bare carriage return for a line's end.
    return LIBRARY_SOURCE.sub(whole, html).replace("\r", "&#13;")
