"""Moving in from WordPress: authors, sections, topics, pictures, articles and pages.

``wxr`` reads the file, ``prose`` turns WordPress's text into HTML, ``files`` fetches pictures,
``Arrivals`` here makes rows of it all. What an earlier import brought is left as it is: editors
may have changed it since. Comments are the business of ``comments.wordpress``.
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
from articles.models import Article, Author, Byline, Image, MovedAddress, Section, Topic
from articles.wordpress import prose, wxr
from articles.wordpress.tally import Tally

KINDS = {"post": Article.Kind.STORY, "page": Article.Kind.PAGE}
LABELS = {"post": "Posts", "page": "Pages"}
# Never public on the old site, and thrown away or not yet begun there.
LEFT_BEHIND = {"trash": "in the bin", "auto-draft": "never saved", "inherit": "a revision"}
PUBLISHED = {"publish", "future"}
TAGS = {"tag", "post_tag"}
SLUG_LENGTH = 190  # leaves room for a suffix
NO_SLUG = re.compile(r"[^-\w]")

_web_address = URLValidator(schemes=["http", "https"])


class Arrivals:
    """Takes the records of one export, in the file's order, and counts what became of them."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.site = wxr.Site("", "")
        self.article_ids: set[int] = set()  # of all in the file, new or known
        self._authors: dict[str, Author] = {}
        self._terms: dict[tuple[type[Section | Topic], str], Section | Topic] = {}
        self._term_names: dict[tuple[type[Section | Topic], str], str] = {}
        self._claimed: set[tuple[type[Section | Topic], str]] = set()
        self._keys: set[str] = set()
        self._pictures: dict[str, int] = {}  # by their id on the old site
        self._leads: list[tuple[int, str]] = []  # new articles and their pictures' ids there

    def take(self, record: wxr.Record) -> Article | None:
        """Make rows of a record; return the article, new or known, if it is one.

        Each row is kept by itself: when an article cannot be, its author, whom others share, can.
        """
        match record:
            case wxr.Site():
                self.site = record
            case wxr.Author():
                self.author(record.login, record.name)
            case wxr.Term():
                self.term(record)
            case wxr.Item(type="attachment"):
                self._take_picture(record)
            case wxr.Item() if record.type in KINDS:
                return self._take_article(record)
            case wxr.Item():
                label = f"Other items: {record.type[:60] or '(none)'}"
                self.tally.skip(label, "no article" if record.type else "no type given")
        return None

    def finish(self) -> None:
        """Do what needed the whole file: the articles' lead pictures, which may come after them."""
        for article_id, there in self._leads:
            if there in self._pictures:
                lead = self._pictures[there]
                Article.objects.filter(pk=article_id).update(lead_image_id=lead)
            else:
                self.tally.note("lead picture that is not in the file")

    def picture_ids(self) -> list[int]:
        """Return the ids of the file's pictures, new or known."""
        return sorted(self._pictures.values())

    def key(self, item: wxr.Item) -> str:
        """Return what names this item in every export of its site."""
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

    def author(self, login: str, name: str = "") -> Author | None:
        """Return the byline of a login. It is nobody's account, whatever its name."""
        if not login:
            return None
        if login in self._authors:
            return self._authors[login]
        key = import_key(self.site.host + self.site.base_path, "author", login)
        author = Author.objects.filter(import_key=key).first()
        if author:
            self.tally.known("Authors")
        else:
            name = cut(prose.words(name) or prose.words(login) or login, 120)
            slug = clean_slug(name) or clean_slug(login) or "author"
            with transaction.atomic():
                author = Author.objects.create(
                    name=name,
                    slug=free_slug(slug, login, Author.objects.all()),
                    import_key=key,
                )
            self.tally.new("Authors")
        self._authors[login] = author
        return author

    def term(self, term: wxr.Term) -> Section | Topic | None:
        """Return the section of a category, the topic of a tag, ``None`` for any other term.

        One that is in the paper already, under the same slug, is that one.
        """
        if term.domain != "category" and term.domain not in TAGS:
            return None
        model: type[Section | Topic] = Section if term.domain == "category" else Topic
        label = "Sections (categories)" if model is Section else "Topics (tags)"
        name = prose.words(term.name)
        source = unquote(term.slug) or self._term_names.get((model, name), name)
        if not source:
            return None
        if (model, source) in self._terms:
            return self._terms[model, source]
        base = clean_slug(source) or clean_slug(name) or str(model._meta.model_name)
        slug = next(one for one in _slugs(base, source) if (model, one) not in self._claimed)
        found = model._default_manager.filter(slug=slug).first()
        if found:
            self.tally.known(label)
        else:
            length = model._meta.get_field("name").max_length or 60
            found = model(name=cut(name or source, length), slug=slug)
            if isinstance(found, Section):
                found.in_masthead = False
            with transaction.atomic():
                found.save()
            self.tally.new(label)
        self._claimed.add((model, slug))
        self._terms[model, source] = found
        self._term_names.setdefault((model, name), source)
        return found

    def _terms_of(self, item: wxr.Item) -> tuple[Section | None, list[Topic]]:
        sections, topics = {}, {}
        for term in item.terms:
            found = self.term(term)
            if isinstance(found, Section):
                sections[found.pk] = found
            elif isinstance(found, Topic):
                topics[found.pk] = found
            else:
                self.tally.skip(
                    f"Other terms: {term.domain[:60] or '(none)'}", "no category or tag"
                )
        # "Uncategorized" is WordPress's word for none.
        ranked = sorted(sections.values(), key=lambda one: one.slug == "uncategorized")
        self.tally.note(
            "article with further categories; the first is its section", len(ranked) > 1
        )
        return ranked[0] if ranked else None, list(topics.values())

    # Pictures

    def _take_picture(self, item: wxr.Item) -> None:
        label, key = "Pictures (attachments)", self.key(item)
        if self._is_second(label, key):
            return
        if here := Image.objects.filter(import_key=key).values_list("pk", flat=True).first():
            self._pictures[item.get("wp:post_id")] = here
            self.tally.known(label)
            return
        alts = item.meta.get("_wp_attachment_image_alt", [])
        address = item.get("wp:attachment_url") or item.get("guid")
        image = Image(
            title=cut(prose.words(item.get("title")), 200),
            alt=cut(prose.words(alts[0]) if alts else "", 400),
            caption=cut(prose.words(item.get("excerpt:encoded")), 600),
            source_url=web_address(address),
            import_key=key,
            created_at=item.date or timezone.now(),
        )
        with transaction.atomic():
            image.save()
        self._pictures[item.get("wp:post_id")] = image.pk
        self.tally.new(label)
        if not prose.PICTURE_FILE.search(prose.path_of(address)):
            self.tally.note("attachment that is no picture by its file's name; its record is kept")

    # Articles

    def _take_article(self, item: wxr.Item) -> Article | None:
        label = f"{LABELS[item.type]}: {item.status[:60] or '(none)'}"
        if item.status in LEFT_BEHIND:
            self.tally.skip(label, LEFT_BEHIND[item.status])
            return None
        key = self.key(item)
        if self._is_second(label, key):
            return None
        self.tally.note("sticky article: an editors’ choice here", item.get("wp:is_sticky") == "1")
        # Before the article's own savepoint: what it shares with others must outlive it.
        author = self.author(item.creator)
        section, topics = self._terms_of(item)
        with transaction.atomic():
            article = Article.objects.filter(import_key=key).first()
            is_new = article is None
            if article is None:
                article = self._new_article(item, key, section)
                article.topics.set(topics)
                if author:
                    Byline.objects.create(article=article, author=author)
                article.steps.create(
                    before=Article.Status.DRAFT,
                    after=article.status,
                    published_from=article.published_at,
                    note="Came with an import from WordPress",
                )
                self._lead(item, article)
            self._keep_addresses(item, article)
        self.article_ids.add(article.pk)
        if is_new:
            self.tally.new(label)
        else:
            self.tally.known(label)
        return article

    def _new_article(self, item: wxr.Item, key: str, section: Section | None) -> Article:
        article = Article(
            kind=KINDS[item.type],
            headline=cut(prose.words(item.get("title")) or "Untitled", 200),
            standfirst=cut(_plain(item.get("excerpt:encoded")), 2000),
            section=section if item.type == "post" else None,
            is_featured=item.type == "post" and item.get("wp:is_sticky") == "1",
            created_at=item.date or timezone.now(),
            import_key=key,
        )
        if item.get("wp:comment_status") == "closed":
            article.comment_policy = Article.CommentPolicy.CLOSED
        self._set_dates(item, article)
        self._set_slug(item, article)
        text = prose.convert(item.get("content:encoded"))
        article.set_body(text.html)
        for name, count in text.left_out.items():
            self.tally.note(f"shortcode [{name[:40]}], left out; what it enclosed stays", count)
        for name in item.cut:
            self.tally.note(f"field {name} longer than we take, cut")
        article.save()
        return article

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

    def _set_slug(self, item: wxr.Item, article: Article) -> None:
        named = clean_slug(item.get("wp:post_name"))
        base = (named or Article.slug_for(article.headline))[:SLUG_LENGTH]
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

    def _keep_addresses(self, item: wxr.Item, article: Article) -> None:
        """Have the addresses the article had lead to it. One that leads elsewhere stays."""
        label = "Old addresses"
        own = article.get_absolute_url() if article.published_on or item.type == "page" else ""
        paths = [path for path in self._old_paths(item) if path.rstrip("/") != own.rstrip("/")]
        known = dict(MovedAddress.objects.filter(path__in=paths).values_list("path", "article_id"))
        for path in paths:
            if path not in known:
                MovedAddress.objects.create(path=path, article=article)
                self.tally.new(label)
            elif known[path] == article.pk:
                self.tally.known(label)
            else:
                self.tally.skip(label, "leads to another article already")

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
