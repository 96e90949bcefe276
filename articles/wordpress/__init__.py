"""Moving in from WordPress: authors, sections, topics, pictures, articles and pages.

``wxr`` reads the file, ``prose`` turns WordPress's text into HTML, ``files`` fetches pictures,
``Arrivals`` here makes rows of it all. What an earlier import brought is left as it is: editors
may have changed it since. Comments are the business of ``comments.wordpress``.

The way out is ``departures``; ``own`` is what it writes beside what WordPress has a place for, and
what it writes comes back equal.
"""

import datetime
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.utils.text import slugify

from articles import body
from articles.models import (
    Article,
    Author,
    Byline,
    Correction,
    Image,
    MovedAddress,
    Original,
    RelatedStory,
    ReviewStep,
    Section,
    Series,
    Topic,
)
from articles.wordpress import own as beside
from articles.wordpress import prose, wxr
from articles.wordpress.own import Own
from articles.wordpress.tally import Tally

KINDS = {"post": Article.Kind.STORY, "page": Article.Kind.PAGE}
LABELS = {"post": "Posts", "page": "Pages"}
# Never public on the old site, and thrown away or not yet begun there.
LEFT_BEHIND = {"trash": "in the bin", "auto-draft": "never saved", "inherit": "a revision"}
PUBLISHED = {"publish", "future"}
TERMS: dict[str, tuple[type["Term"], str]] = {
    "category": (Section, "Sections (categories)"),
    "tag": (Topic, "Topics (tags)"),
    "post_tag": (Topic, "Topics (tags)"),
    "series": (Series, "Series"),
}
SLUG_LENGTH = 190  # leaves room for a suffix
NO_SLUG = re.compile(r"[^-\w]")

Term = Section | Topic | Series

_web_address = URLValidator(schemes=["http", "https"])


class Arrivals:
    """Takes the records of one export, in the file's order, and counts what became of them."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.site = wxr.Site("", "")
        self.article_ids: set[int] = set()  # of all in the file, new or known
        self._authors: dict[str, Author] = {}
        self.new_ids: set[int] = set()  # of those that were not here before
        self._terms: dict[tuple[type[Term], str], Term] = {}
        self._term_names: dict[tuple[type[Term], str], str] = {}
        self._claimed: set[tuple[type[Term], str]] = set()
        self._keys: set[str] = set()
        self._pictures: dict[str, int] = {}  # by their id on the old site
        self._leads: list[tuple[int, str]] = []  # new articles and their pictures' ids there
        self._portraits: list[tuple[int, str]] = []  # new authors and theirs
        self._related: list[tuple[int, list[str]]] = []  # new articles and the keys of others

    def take(self, record: wxr.Record) -> Article | None:
        """Make rows of a record; return the article, new or known, if it is one.

        Each row is kept by itself: when an article cannot be, its author, whom others share, can.
        """
        match record:
            case wxr.Site():
                self.site = record
            case wxr.Author():
                self.author(record.login, record.name, Own.read(record.own))
            case wxr.Term():
                self.term(record)
            case wxr.Gone():
                self._lead_here([record.path], None)
            case wxr.Item(type="attachment"):
                self._take_picture(record)
            case wxr.Item() if record.type in KINDS:
                return self._take_article(record)
            case wxr.Item():
                label = f"Other items: {record.type[:60] or '(none)'}"
                self.tally.skip(label, "no article" if record.type else "no type given")
        return None

    def finish(self) -> None:
        """Do what needed the whole file: pictures and stories may come after what names them."""
        for article_id, there in self._leads:
            if there in self._pictures:
                lead = self._pictures[there]
                Article.objects.filter(pk=article_id).update(lead_image_id=lead)
            else:
                self.tally.note("lead picture that is not in the file")
        for author_id, there in self._portraits:
            Author.objects.filter(pk=author_id).update(portrait_id=self._pictures.get(there))
        for article_id, keys in self._related:
            found = (beside.find(Article, key) for key in dict.fromkeys(keys))
            others = [one for one in found if one is not None and one.pk != article_id]
            self.tally.note("related story that is not in the file", len(set(keys)) - len(others))
            RelatedStory.objects.bulk_create(
                RelatedStory(article_id=article_id, related=one, position=position)
                for position, one in enumerate(others)
            )

    def picture_ids(self) -> list[int]:
        """Return the ids of the file's pictures, new or known."""
        return sorted(self._pictures.values())

    def key(self, item: wxr.Item) -> str:
        """Return what names this item in every export of its site."""
        if ours := Own.read(item.own).key:
            return ours
        place = self.site.host + self.site.base_path or wxr.host_of(item.get("link"))
        named = item.get("wp:post_id") or item.get("link") or item.get("guid")
        when = item.get("wp:post_date") or item.get("pubDate")
        if not named:
            named = f"{item.get('title')}/{when}"
        elif "." not in place:
            # Every developer's site is called localhost, and has a first post.
            named = f"{named}/{when}"
        return import_key(place, "item", named)

    # Authors and terms

    def author(self, login: str, name: str = "", own: Own | None = None) -> Author | None:
        """Return the byline of a login. It is nobody's account, whatever its name."""
        own = own or Own(None)
        if not login:
            return None
        if login in self._authors:
            return self._authors[login]
        key = own.key or import_key(self.site.host + self.site.base_path, "author", login)
        if own.key:
            author = beside.find_author(own)
        else:
            author = Author.objects.filter(import_key=key).first()
        if author:
            self.tally.known("Authors")
        else:
            name = cut(own.text("name", prose.words(name)) or prose.words(login) or login, 120)
            slug = clean_slug(name) or clean_slug(login) or "author"
            if own.key:
                slug = as_it_is(login) or slug
            author = Author(name=name, import_key=key)
            own.fill(author, beside.AUTHOR)
            with transaction.atomic():
                author.slug = free_slug(slug, login, Author.objects.all())
                author.save()
            if "portrait" in own:
                self._portraits.append((author.pk, str(own.number("portrait"))))
            self.tally.new("Authors")
        self._lead_here(own.words("addresses"), author)
        self._authors[login] = author
        return author

    def term(self, term: wxr.Term) -> Term | None:
        """Return the section of a category, the topic of a tag, the series of one, else ``None``.

        One that is in the paper already, under the same slug, is that one.
        """
        if term.domain not in TERMS:
            return None
        model, label = TERMS[term.domain]
        own = Own.read(term.own)
        name = own.text("name", prose.words(term.name))
        source = unquote(term.slug) or self._term_names.get((model, name), name)
        if not source:
            return None
        if (model, source) in self._terms:
            return self._terms[model, source]
        base = clean_slug(source) or clean_slug(name) or str(model._meta.model_name)
        if own.key:
            base = as_it_is(source) or base
        slug = next(one for one in _slugs(base, source) if (model, one) not in self._claimed)
        found = model._default_manager.filter(slug=slug).first()
        if found:
            self.tally.known(label)
        else:
            found = model(
                name=cut(name or source, length_of(model, "name")),
                slug=slug,
                description=cut(
                    own.text("description", prose.words(term.description)),
                    length_of(model, "description"),
                ),
            )
            if isinstance(found, Section):
                found.in_masthead = bool(own.key)
                own.fill(found, beside.SECTION)
            with transaction.atomic():
                found.save()
            self.tally.new(label)
        self._lead_here(own.words("addresses"), found)
        self._claimed.add((model, slug))
        self._terms[model, source] = found
        self._term_names.setdefault((model, name), source)
        return found

    def _terms_of(self, item: wxr.Item) -> tuple[Section | None, list[Topic], Series | None]:
        sections, topics, series = {}, {}, {}
        for term in item.terms:
            found = self.term(term)
            if isinstance(found, Section):
                sections[found.pk] = found
            elif isinstance(found, Topic):
                topics[found.pk] = found
            elif isinstance(found, Series):
                series[found.pk] = found
            else:
                self.tally.skip(
                    f"Other terms: {term.domain[:60] or '(none)'}", "no category or tag"
                )
        # "Uncategorized" is WordPress's word for none.
        ranked = sorted(sections.values(), key=lambda one: one.slug == "uncategorized")
        self.tally.note(
            "article with further categories; the first is its section", len(ranked) > 1
        )
        self.tally.note("article in further series; it stands in the first", len(series) > 1)
        first = ranked[0] if ranked else None
        return first, list(topics.values()), next(iter(series.values()), None)

    # Pictures

    def _take_picture(self, item: wxr.Item) -> None:
        label, key = "Pictures (attachments)", self.key(item)
        if self._is_second(label, key):
            return
        if here := beside.find(Image, key):
            self._pictures[item.get("wp:post_id")] = here.pk
            self.tally.known(label)
            return
        own = Own.read(item.own)
        alts = item.meta.get("_wp_attachment_image_alt", [])
        address = item.get("wp:attachment_url") or ("" if own.key else item.get("guid"))
        image = Image(
            title=cut(own.text("title", prose.words(item.get("title"))), 200),
            alt=cut(own.text("alt", prose.words(alts[0]) if alts else ""), 400),
            caption=cut(own.text("caption", prose.words(item.get("excerpt:encoded"))), 600),
            source_url=web_address(address),
            import_key=key,
            created_at=own.moment("created_at") or item.date or timezone.now(),
        )
        own.fill(image, beside.IMAGE)
        with transaction.atomic():
            image.save()
        self._pictures[item.get("wp:post_id")] = image.pk
        self.tally.new(label)
        if address and not prose.PICTURE_FILE.search(prose.path_of(address)):
            self.tally.note("attachment that is no picture by its file's name; its record is kept")

    # Articles

    def _take_article(self, item: wxr.Item) -> Article | None:
        label = f"{LABELS[item.type]}: {item.status[:60] or '(none)'}"
        own = Own.read(item.own)
        if item.status in LEFT_BEHIND and not beside.may_stand_as(own, item.status):
            self.tally.skip(label, LEFT_BEHIND[item.status])
            return None
        key = self.key(item)
        if own.number("part") and key in self._keys:
            return beside.find(Article, key)  # more of its comments
        if self._is_second(label, key):
            return None
        sticky = item.get("wp:is_sticky") == "1" and not own.key
        self.tally.note("sticky article: an editors’ choice here", sticky)
        # Before the article's own savepoint: what it shares with others must outlive it.
        bylines = self._bylines(item, own)
        section, topics, series = self._terms_of(item)
        with transaction.atomic():
            article = beside.find(Article, key)
            is_new = article is None
            if article is None:
                article = self._new_article(item, key, section, series)
                article.topics.set(topics)
                for byline in bylines:
                    byline.article = article
                    byline.save()
                self._keep_record(own, article)
                article.steps.create(
                    verb=Article.Verb.IMPORT,
                    before=Article.Status.DRAFT,
                    after=article.status,
                    published_from=article.published_at,
                    note="Came with an import from WordPress",
                )
                self._lead(item, article)
            self._keep_addresses(item, own, article)
        self.article_ids.add(article.pk)
        if is_new:
            self.new_ids.add(article.pk)
            self.tally.new(label)
        else:
            self.tally.known(label)
        return article

    def _bylines(self, item: wxr.Item, own: Own) -> list[Byline]:
        """Return the names over an item, in their order, each once."""
        bylines: dict[int, Byline] = {}
        parts = own.parts("bylines") or [Own({"login": item.creator})]
        for part in parts:
            author = self.author(part.text("login"))
            if author is not None and author.pk not in bylines:
                bylines[author.pk] = Byline(
                    author=author,
                    position=len(bylines),
                    role=part.value(Byline, "role") or "",
                    outlet=part.value(Byline, "outlet") or "",
                )
        return list(bylines.values())

    def _new_article(
        self, item: wxr.Item, key: str, section: Section | None, series: Series | None
    ) -> Article:
        own = Own.read(item.own)
        article = Article(
            kind=KINDS[item.type],
            headline=cut(prose.words(item.get("title")) or "Untitled", 200),
            standfirst=cut(_plain(item.get("excerpt:encoded")), 2000),
            section=section if item.type == "post" or own.key else None,
            series=series,
            is_featured=item.type == "post" and item.get("wp:is_sticky") == "1",
            created_at=item.date or timezone.now(),
            import_key=key,
        )
        if item.get("wp:comment_status") == "closed":
            article.comment_policy = Article.CommentPolicy.CLOSED
        if own.key:
            self._set_own(item, own, article)
        else:
            self._set_dates(item, article)
        self._set_slug(item, own, article)
        if own.key:
            article.set_body(item.get("content:encoded"))
        else:
            text = prose.convert(item.get("content:encoded"))
            article.set_body(text.html)
            for name, count in text.left_out.items():
                self.tally.note(f"shortcode [{name[:40]}], left out; what it enclosed stays", count)
        for name in item.cut:
            self.tally.note(f"field {name} longer than we take, cut")
        article.save()
        article.note_pictures()
        return article

    def _set_own(self, item: wxr.Item, own: Own, article: Article) -> None:
        """Take what an export of ours says of an article.

        It refines what WordPress's fields say and never goes beyond: what is no public item there
        is none here.
        """
        own.fill(article, beside.ARTICLE)
        article.headline = cut(own.text("headline", article.headline), 200)
        article.standfirst = own.text("standfirst", article.standfirst)
        article.is_featured = item.get("wp:is_sticky") == "1"
        article.created_at = own.moment("created_at") or article.created_at
        policy = own.text("comment_policy")
        if policy in beside.POLICIES.get(article.comment_policy, ()):
            article.comment_policy = policy
        if item.get("wp:post_password") or not beside.may_stand_as(own, item.status):
            article.published_at = article.expires_at = article.embargo_until = None
            self._set_dates(item, article)
            return
        article.status = own.text("status")
        if article.status not in Article.UNPUBLISHED:
            article.published_at = article.published_at or item.date or timezone.now()
            day = own.value(Article, "published_on")
            article.published_on = (
                day or item.local_date or timezone.localdate(article.published_at)
            )

    def _keep_record(self, own: Own, article: Article) -> None:
        """Keep what an export of ours says stands beside a new article."""
        Correction.objects.bulk_create(
            Correction(
                article=article,
                kind=part.value(Correction, "kind") or Correction.Kind.CORRECTION,
                text=part.value(Correction, "text") or "",
                is_from_reader=bool(part.value(Correction, "is_from_reader")),
                at=part.moment("at") or article.updated_at or timezone.now(),
            )
            for part in own.parts("corrections")
        )
        if original := own.text("original"):
            Original.objects.create(
                article=article,
                body=body.clean(original),
                at=own.moment("original_at") or timezone.now(),
            )
        if related := own.words("related"):
            self._related.append((article.pk, related))
        if names := own.words("review_steps"):
            steps = ReviewStep.objects.filter(name__in=names)
            article.review_steps.set(steps)
            self.tally.note(
                "reading that a story asks for and this paper does not know",
                len(set(names) - {step.name for step in steps}),
            )

    def _set_dates(self, item: wxr.Item, article: Article) -> None:
        """Publish what was public, by its date; all else is a draft, so that it stays private."""
        if item.get("wp:post_password"):
            self.tally.note("article with a password: kept as a draft, so that it stays private")
            return
        if item.status == "private":
            self.tally.note("private article: kept as a draft, so that it stays private")
        if item.status not in PUBLISHED:
            return
        now = timezone.now()
        if item.date is None:
            self.tally.note("published article without a date: dated today")
        elif item.status == "future" and item.date <= now:
            self.tally.note("scheduled article whose time has come since: published by its date")
        article.published_at = item.date or now
        article.status = (
            Article.Status.PUBLISHED if article.published_at <= now else Article.Status.SCHEDULED
        )
        # The old address has the day on the old site's clock; keeping it keeps the address.
        day = timezone.localdate(article.published_at)
        local = item.local_date or day
        article.published_on = local if abs(local - day) <= datetime.timedelta(days=1) else day

    def _set_slug(self, item: wxr.Item, own: Own, article: Article) -> None:
        named = clean_slug(item.get("wp:post_name"))
        base = (named or Article.slug_for(article.headline))[:SLUG_LENGTH]
        if own.key and (ours := as_it_is(item.get("wp:post_name"))):
            named = base = ours
        same = Article.objects.filter(kind=article.kind)
        if article.kind == Article.Kind.STORY:
            same = same.filter(published_on=article.published_on)
        if article.kind == Article.Kind.STORY and article.published_on is None:
            article.slug = base
        else:
            article.slug = free_slug(base, self.key(item), same)
        is_other = bool(named) and article.slug != base
        self.tally.note("slug in use, changed by a number", is_other)

    def _lead(self, item: wxr.Item, article: Article) -> None:
        if thumbnails := item.meta.get("_thumbnail_id"):
            self._leads.append((article.pk, thumbnails[0]))

    def _keep_addresses(self, item: wxr.Item, own: Own, article: Article) -> None:
        """Have the addresses the article had lead to it."""
        here = article.get_absolute_url() if article.published_on or item.type == "page" else ""
        paths = self._old_paths(item)
        if own.key:
            was_public = item.status in {"publish", "private"}
            paths = own.words("addresses") + self._path_of_link(item) * was_public
        self._lead_here([path for path in paths if path.rstrip("/") != here.rstrip("/")], article)

    def _lead_here(self, paths: list[str], target: models.Model | None) -> None:
        """Have these addresses lead to a row, or be gone. One that leads elsewhere stays."""
        label = "Old addresses"
        paths = [path for path in paths if path.startswith("/") and len(path) <= 500]
        if not paths:
            return
        name = target._meta.model_name if target else ""
        rows = {row.path: row for row in MovedAddress.objects.filter(path__in=paths)}
        for path in dict.fromkeys(paths):
            leads_to = {
                kind: there
                for kind in MovedAddress.TARGETS
                if path in rows and (there := getattr(rows[path], f"{kind}_id"))
            }
            if path not in rows:
                MovedAddress.objects.create(path=path, **({name: target} if name else {}))
                self.tally.new(label)
            elif leads_to == ({name: target.pk} if target else {}):
                self.tally.known(label)
            else:
                self.tally.skip(label, "leads elsewhere already")

    def _path_of_link(self, item: wxr.Item) -> list[str]:
        """Return under which path readers found it, in an export of ours."""
        url = item.get("link")
        is_there = wxr.host_of(url) == self.site.host
        return _as_requested([urlsplit(url).path]) if is_there else []

    def _old_paths(self, item: wxr.Item) -> list[str]:
        paths = []
        if post_id := item.get("wp:post_id"):
            for name in ("p", "page_id") if item.type == "page" else ("p",):
                paths.append(f"{self.site.base_path}/?{name}={post_id}")
        for url in (item.get("link"), item.get("guid")):
            host = wxr.host_of(url)
            if not host or host != (self.site.host or host):
                continue
            parts = urlsplit(url)
            paths.append(parts.path + (f"?{parts.query}" if parts.query else ""))
            if url == item.get("link") and not parts.query:
                paths.append("/" + parts.path.lstrip("/"))
                above = parts.path.rstrip("/").rpartition("/")[0]
                paths += [f"{above}/{slug}/" for slug in item.meta.get("_wp_old_slug", []) if slug]
        return _as_requested(paths)

    def _is_second(self, label: str, key: str) -> bool:
        if key in self._keys:
            self.tally.skip(label, "the same id a second time")
            return True
        self._keys.add(key)
        return False


def import_key(*parts: str) -> str:
    """Return one key of these parts, stable, and no longer than its column."""
    key = "wordpress:" + ":".join(parts)
    if len(key) <= 300:
        return key
    return "wordpress:" + hashlib.sha256(key.encode()).hexdigest()


def clean_slug(source: str) -> str:
    """Return a slug as WordPress has it, if it is one here too, else what is left of it."""
    slug = unquote(source[: 9 * SLUG_LENGTH])[:SLUG_LENGTH]
    if NO_SLUG.search(slug):
        slug = slugify(slug, allow_unicode=True)
    return slug.strip("-_")


def as_it_is(slug: str) -> str:
    """Return a slug that is one here too, unchanged; nothing for any other."""
    return slug if 0 < len(slug) <= 200 and not NO_SLUG.search(slug) else ""


def length_of(model: type[models.Model], name: str) -> int:
    return getattr(model._meta.get_field(name), "max_length", None) or 60


def free_slug(base: str, owner: str, others: models.QuerySet) -> str:
    """Return ``base``, with a suffix where one of the ``others`` has it. ``owner`` is its own."""
    return next(slug for slug in _slugs(base, owner) if not others.filter(slug=slug).exists())


def _slugs(base: str, owner: str) -> Iterator[str]:
    """Yield slugs to try. The last resort depends on the owner, so that trying has an end."""
    yield base
    for number in range(2, 10):
        yield f"{base}-{number}"
    for number in itertools.count():
        yield f"{base}-{hashlib.sha256(f'{owner}{number}'.encode()).hexdigest()[:8]}"


def cut(text: str, length: int) -> str:
    """Return ``text``, no longer than its column, with an ellipsis where it was."""
    return text if len(text) <= length else text[: length - 1] + "…"


def web_address(url: str) -> str:
    """Return ``url`` if it is a web address that fits its column, else nothing.

    Rows made in bulk pass no form, and what stands here becomes a link (CVE-2026-15920).
    """
    url = url.strip()
    try:
        _web_address(url)
    except ValidationError:
        return ""
    return url if len(url) <= 500 else ""


def _plain(html: str) -> str:
    return " ".join(body.plain_text(body.clean(prose.shallow(html))).split())


def _as_requested(paths: Iterable[str]) -> list[str]:
    """Return paths as a request for them gives them, once each, without those that say nothing."""
    asked: dict[str, None] = {}
    for path in paths:
        way, mark, query = path.partition("?")
        way = escape_uri_path(unquote(way)) or "/"
        whole = way + (f"?{iri_to_uri(query)}" if mark else "")
        if whole != "/" and len(whole) <= 500 and whole.startswith("/"):
            asked[whole] = None
    return list(asked)
