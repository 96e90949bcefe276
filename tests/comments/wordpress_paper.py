"""The paper as plain values, to tell whether one that went out and came back is the same."""

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Model

from articles.models import Article, Author, Image, MovedAddress, Section, Series, Topic
from articles.wordpress import departures, own
from comments.models import Comment
from comments.wordpress.transcript import COMMENT

LIBRARY = re.compile(r"(?<=src=\")/media/images/(\d+)/[^\"<>]*")

# How each column goes out and comes back, or why it does not. A column that is new belongs in one
# of these: into ``own``'s tuples, or the transcript's, if it is carried by its name, else here.
ARTICLE_OTHERWISE = {
    "kind": "the item's type", "headline": "the title", "slug": "the name in the address",
    "standfirst": "the excerpt", "section": "a category", "topics": "tags", "series": "a term",
    "authors": "by their logins", "body": "the content", "lead_image": "_thumbnail_id",
    "status": "the item's, refined", "comment_policy": "the item's, refined",
    "published_on": "the item's date", "is_featured": "is_sticky", "created_at": "exactly",
    "import_key": "the row's key", "review_steps": "by name, where the paper has that step",
}  # fmt: skip
ARTICLE_NOT = {
    "id": "another there", "body_html": "made of the body", "word_count": "counted",
    "comment_count": "counted", "thread_count": "counted", "page_version": "of kept copies",
    "version": "of saves here", "saved_at": "the moment it came", "created_by": "an account",
    "surge_until": "passes within the hour", "text_pictures": "made of the body",
}  # fmt: skip
IMAGE_OTHERWISE = {
    "title": "the title", "alt": "_wp_attachment_image_alt", "caption": "the excerpt",
    "created_at": "exactly", "import_key": "the row's key", "source_url": "the file's address",
}  # fmt: skip
IMAGE_NOT = {
    "id": "another there", "width": "of the file", "height": "of the file",
    "widths": "of the file", "digest": "of the file", "uploaded_by": "an account",
    "has_stale_words": "the desk's own reminder",
}  # fmt: skip
AUTHOR_OTHERWISE = {
    "name": "the display name", "slug": "the login", "portrait": "by its item",
    "import_key": "the row's key",
}  # fmt: skip
AUTHOR_NOT = {"id": "another there", "user": "an account"}
COMMENT_OTHERWISE = {
    "article": "its item", "author": "the name readers see, as a guest's",
    "guest_name": "the name", "guest_email": "a guest's own", "guest_url": "a guest's own",
    "parent": "its number", "root": "by the parent", "depth": "by the parent",
    "status": "refined", "is_placed": "by replies", "body": "the content",
    "body_html": "made of the body", "renderer": "ours or another's",
    "fingerprint": "made of the body", "created_at": "exactly", "import_key": "the row's key",
    "visible_replies": "counted", "thread_picks": "counted", "waits_since": "made of others",
}  # fmt: skip
COMMENT_NOT = {
    "id": "another there", "respect_count": "of accounts", "version": "of this desk",
    "picked_by": "an account", "form_key": "of one browser", "ip_address": "never leaves",
    "risk": "by this paper's rules", "terms_version": "of this paper's rules",
    "claimed_at": "by an account", "announce_due": "for this paper's followers",
}  # fmt: skip


def paper() -> dict[str, Any]:
    """Return everything of the paper that two papers must share to be equal, by lasting names.

    Equal are: sections, topics and series by slug, authors by their key, all with their words;
    pictures by key, with words and rights, by the address of their file; articles by key, with
    every carried column, their names in order, terms, corrections, related stories, original,
    lead picture, texts as HTML; old addresses and where they lead, those that are gone too;
    comments by key, with parent, number, place, state, reason, pick, texts and times to the
    microsecond, later texts, and the name readers see.

    A picture in a text counts by its file's address, since an import knows no file until it is
    fetched. Not looked at is what ``…_NOT`` above names with its reason. A comment of an account
    comes back as a guest's of the same name, so that its account, address and site are not
    compared; a guest's are.
    """
    return {
        "terms": {
            (model.__name__, term.slug): columns(term, names)
            for model, names in (
                (Section, ("name", "description", *own.SECTION)),
                (Topic, ("name", "description")),
                (Series, ("name", "description")),
            )
            for term in model.objects.all()
        },
        "authors": {own.author_key(author): _author(author) for author in Author.objects.all()},
        "pictures": {own.key_of(image): _picture(image) for image in Image.objects.all()},
        "articles": {own.key_of(article): _article(article) for article in _articles()},
        "addresses": {row.path: _name(row.target) for row in MovedAddress.objects.all()},
        "comments": {own.key_of(comment): _comment(comment) for comment in _comments()},
    }


def columns(row: Model, names: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _name(row: Any) -> str:
    if row is None:
        return ""
    if isinstance(row, Author):
        return own.author_key(row)
    return own.key_of(row) if hasattr(row, "import_key") else f"{type(row).__name__} {row.slug}"


def _author(author: Author) -> dict[str, Any]:
    return columns(author, ("name", "slug", *own.AUTHOR)) | {"portrait": _name(author.portrait)}


def _picture(image: Image) -> dict[str, Any]:
    return columns(image, ("title", "alt", "caption", "created_at", *own.IMAGE)) | {
        "address": departures.picture_address(image)
    }


def _articles() -> Any:
    return Article.objects.select_related("section", "series", "lead_image")


def _article(article: Article) -> dict[str, Any]:
    names = ("kind", "headline", "slug", "standfirst", "status", "comment_policy", "published_on",
             "is_featured", "created_at", *own.ARTICLE)  # fmt: skip
    original = getattr(article, "original", None)
    return columns(article, names) | {
        "section": _name(article.section),
        "series": _name(article.series),
        "topics": sorted(topic.slug for topic in article.topics.all()),
        "bylines": [
            (own.author_key(byline.author), byline.role, byline.outlet)
            for byline in article.bylines.all()
        ],
        "body": LIBRARY.sub(_address, article.body),
        "lead_image": _name(article.lead_image),
        "corrections": list(
            article.corrections.values_list("kind", "text", "at", "is_from_reader")
        ),
        "related": [own.key_of(row.related) for row in article.related_stories.all()],
        "review_steps": sorted(step.name for step in article.review_steps.all()),
        "original": original and (LIBRARY.sub(_address, original.body), original.at),
        "counts": (article.comment_count, article.thread_count),
    }


def _address(match: re.Match[str]) -> str:
    image = Image.objects.filter(pk=match[1]).first()
    if image is None or not image.has_file:
        return settings.SITE_URL + match[0]
    return departures.picture_address(image)


def _comments() -> Any:
    return Comment.objects.select_related("article", "author", "parent", "root")


def _comment(comment: Comment) -> dict[str, Any]:
    names = ("status", "depth", "is_placed", "body", "body_html", "renderer", "fingerprint",
             "created_at", "visible_replies", "thread_picks", "waits_since", *COMMENT)  # fmt: skip
    is_guest = comment.author is None
    return columns(comment, names) | {
        "article": own.key_of(comment.article),
        "parent": _name(comment.parent),
        "root": _name(comment.root),
        "name": comment.author_name,
        "email": comment.guest_email if is_guest else "",
        "site": comment.guest_url if is_guest else "",
        "edits": list(comment.revisions.values_list("status", "body", "body_html", "at")),
    }


def differences(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Yield where two papers differ, a line each, for a test to say."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys(), key=str):
            yield from differences(before.get(key), after.get(key), f"{where}/{key}")
    elif before != after:
        if isinstance(before, str) and isinstance(after, str):
            pairs = enumerate(zip(before, after, strict=False))
            start = max(0, next((n for n, (a, b) in pairs if a != b), 0) - 20)
            before, after = before[start : start + 100], after[start : start + 100]
        yield f"{where}: {before!r} came back as {after!r}"
