"""What a revision holds, and how one is taken, compared and brought back.

A revision is taken after each save, in its transaction, when bylines and topics are saved too. A
story that has none yet (an import, say) gets its first from what is stored, before the change.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.safestring import SafeString

from articles import differences
from articles.models import (
    Article,
    Byline,
    Image,
    InvalidMove,
    NotReady,
    RelatedStory,
    Revision,
    Section,
    Series,
)
from articles.models.article import NotAllowed
from articles.models.revision import Content

if TYPE_CHECKING:
    from accounts.models import User

# What readers find in a story.
READ = (
    "label", "headline", "standfirst", "bylines", "dateline", "body", "lead_image",
    "lead_caption", "section", "topics", "series", "series_position", "source_outlet",
    "source_outlet_url", "source_url", "originally_published", "source_licence",
)  # fmt: skip
# What is brought back with an old revision.
RESTORED = (*READ, "related_stories", "slug", "source_permission")
# What holds of a story whatever it says: an old text must not bring back an old embargo.
RULES = (
    "embargo_until", "embargo_note", "expires_at", "review_steps", "is_text_locked", "indexing",
    "comment_policy", "slow_mode", "shows_rules", "is_featured",
)  # fmt: skip
FIELDS = (*RESTORED, *RULES)
LINKED = ("section", "series", "lead_image")
SEVERAL = ("topics", "review_steps")
LABELS = {"bylines": "Bylines", "body": "Text", "related_stories": "Read on"}
# Those in which a word may stand for another; of the rest the value changes as a whole.
WORDED = ("headline", "standfirst", "lead_caption", "dateline", "embargo_note", "source_permission")


@dataclass(frozen=True)
class FieldChange:
    """A field that says something else in the newer of two revisions."""

    name: str
    label: str
    old: str  # in words, as an editor reads it; of the text, its HTML
    new: str
    lines: list[differences.Line]

    @property
    def html(self) -> SafeString:
        """What went and what came, marked."""
        if self.name == "body":
            return differences.shown(self.lines)
        return self.lines[0].both

    @property
    def words(self) -> tuple[int, int]:
        """How many words came, and how many went."""
        return differences.count(self.lines)


words = differences.words


def compare(
    old: Revision | Content, new: Revision | Content, fields: Iterable[str] = FIELDS
) -> list[FieldChange]:
    """Return the fields of which the newer says something else, in the order of ``fields``.

    What readers are shown is of ``READ`` alone: the others are the desk's.
    """
    before = old.content if isinstance(old, Revision) else old
    after = new.content if isinstance(new, Revision) else new
    return [
        change(name, before.get(name), after.get(name))
        for name in fields
        if _said(name, before.get(name)) != _said(name, after.get(name))
    ]


def change(name: str, old: Any, new: Any) -> FieldChange:
    """Compare one field's values."""
    left, right = _said(name, old), _said(name, new)
    if name == "body":
        lines = differences.lines(left, right)
    elif name in WORDED:
        lines = [differences.line(left, right)]
    else:
        parts = [part for part in (("-", left), ("+", right)) if part[1]]
        lines = [differences.Line("", "", parts)]
    return FieldChange(name, label(name), left, right, lines)


def label(name: str) -> str:
    """Return what an editor calls the field."""
    if name in LABELS:
        return LABELS[name]
    named = str(Article._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return named[:1].upper() + named[1:]


def _said(name: str, value: Any) -> str:
    """Return a field's value in an editor's words."""
    if value in (None, "", []):
        return ""
    if name == "bylines":
        return "; ".join(_byline(byline) for byline in value)
    if name in SEVERAL or name == "related_stories":
        return ", ".join(one["name"] for one in value)
    if name in LINKED:
        return value["name"]
    field: Any = Article._meta.get_field(name)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, models.DateTimeField):
        moment = timezone.localtime(datetime.datetime.fromisoformat(value))
        return f"{moment:%-d %B %Y, %H:%M %Z}"
    if isinstance(field, models.DateField):
        return f"{datetime.date.fromisoformat(value):%-d %B %Y}"
    return str(value)


def _byline(byline: dict[str, Any]) -> str:
    said = [byline["name"], byline["outlet"]]
    named = ", ".join(part for part in said if part)
    return f"{named} ({byline['role']})" if byline["role"] else named


# Taking one


def content_of(article: Article) -> Content:
    """Return what the article says now, with the names of what it leads to. Up to six queries."""
    content: Content = {}
    for name in FIELDS:
        if name == "bylines":
            rows = Byline.objects.filter(article=article).select_related("author")
            content[name] = [
                {"pk": row.author_id, "name": row.author.name, "role": row.role,
                 "outlet": row.outlet}
                for row in rows.order_by("position", "pk")
            ]  # fmt: skip
        elif name == "related_stories":
            beside = RelatedStory.objects.filter(article=article).order_by("position", "pk")
            named = beside.values_list("related", "related__headline")
            content[name] = [{"pk": pk, "name": headline} for pk, headline in named]
        elif name in SEVERAL:
            chosen = getattr(article, name).order_by("pk")
            content[name] = [{"pk": one.pk, "name": str(one)} for one in chosen]
        elif name in LINKED:
            row = getattr(article, name)
            content[name] = {"pk": row.pk, "name": str(row)} if row else None
        else:
            content[name] = as_json(getattr(article, name))
    return content


def as_json(value: Any) -> Any:
    """Return a value of a row as JSON has it."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else value


@transaction.atomic
def take(
    article: Article,
    by: "User | None",
    kind: Revision.Kind = Revision.Kind.SAVE,
    note: str = "",
    is_substantive: bool = False,
) -> Revision | None:
    """Keep the article as it is now, after a save. Returns None if it says what it said before.

    ``is_substantive`` says that the change matters to those who read it already: it makes another
    version that they may open. The caller holds the article's row.
    """
    last = _newest(article)
    content = content_of(article)
    if last is not None and last.content == content:
        return None
    revision = Revision(
        article=article,
        number=last.number + 1 if last else 1,
        kind=kind,
        version=article.version,
        by=by,
        note=note[:300],
        is_substantive=is_substantive and article.is_live,
    )
    revision.put(content, (last.base or last) if last else None)
    if last is not None:
        changed = [one.words for one in compare(last, content)]
        revision.words_added = sum(came for came, _ in changed)
        revision.words_removed = sum(went for _, went in changed)
    else:
        revision.words_added = article.word_count
    _number(article, revision)
    revision.save()
    return revision


def _number(article: Article, revision: Revision) -> None:
    """Say which version for readers the new revision is, if any."""
    if article.was_read:
        if revision.is_substantive:
            revision.public_number = _last_version(article) + 1
        return
    # Nobody has seen it. Of a scheduled story readers will see the newest first.
    article.revisions.versions().update(public_number=None)
    if article.status == Article.Status.SCHEDULED:
        revision.public_number = 1


def _last_version(article: Article) -> int:
    last = article.revisions.aggregate(last=models.Max("public_number"))["last"]
    return last or 0


def _newest(article: Article) -> Revision | None:
    return article.revisions.whole().order_by("-number").first()


@transaction.atomic
def catch_up(article: Article) -> None:
    """Keep what is stored, before it is changed, where no revision says it yet.

    So it is with a story that came with an import, and after a change that was not made in the
    form. ``article`` is as it is stored, its row held.
    """
    last = _newest(article)
    if last is None:
        imported = article.import_key is not None
        first = take(
            article,
            None if imported else article.created_by,
            Revision.Kind.IMPORT if imported else Revision.Kind.SAVE,
        )
        assert first is not None  # noqa: S101 - there was none
        Revision.objects.filter(pk=first.pk).update(at=article.saved_at)
        last = first
    elif last.content != content_of(article):
        last = take(article, None, note="Changed elsewhere than in its form") or last
    if article.was_read and not _last_version(article):
        Revision.objects.filter(pk=last.pk).update(public_number=1)


@transaction.atomic
def publish(article: Article) -> None:
    """Have what readers are about to see be a version that they may open.

    To be called where a story is published or scheduled, in that transaction. A withdrawn story
    that was changed meanwhile comes back as its next version.
    """
    catch_up(article)
    newest = _newest(article)
    if newest is None or newest.public_number is not None:
        return
    number = _last_version(article)
    away = [Article.Status.WITHDRAWN, Article.Status.KILLED]
    left = article.steps.filter(after__in=away).exclude(before__in=away).last()
    if not number or (left is not None and newest.at >= left.at):
        Revision.objects.filter(pk=newest.pk).update(public_number=number + 1)


# Bringing one back


@transaction.atomic
def restore(
    revision: Revision, by: "User", seen_version: int | None, reason: str = ""
) -> list[str]:
    """Save the article as it was in ``revision``. Returns what could not come back, in words.

    Raises what a save would: ``StaleSave`` if somebody saved since ``seen_version``, and
    ``InvalidMove`` for whoever may not change it, for a text that its licence locks (without a
    reason), or if the article says all that already; ``NotReady`` if readers have it and would
    find less than a story needs.
    """
    article = Article.objects.select_for_update().get(pk=revision.article_id)
    if not Article.objects.editable_by(by).filter(pk=article.pk).exists():
        raise NotAllowed("This story is not yours to change now.")
    content = revision.content
    if article.is_text_locked and content["body"] != article.body and not reason.strip():
        raise InvalidMove(
            "The licence of this text allows no changes: say why it is changed all the same."
        )
    lacked = set(article.missing()) if article.is_live else set()
    lost = _put_back(article, content)
    article.save_edit(-1 if seen_version is None else seen_version, is_substantive=True)
    lost += _put_back_lists(article, content)
    if article.is_live and (missing := [one for one in article.missing() if one not in lacked]):
        raise NotReady(missing)
    said = f"Revision {revision.number}"
    taken = take(
        article, by, Revision.Kind.RESTORE, f"{said}: {reason}" if reason.strip() else said,
        is_substantive=True,
    )  # fmt: skip
    if taken is None:
        raise InvalidMove("There is nothing to bring back: the story says that already.")
    article.steps.create(
        verb=Article.Verb.RESTORE, before=article.status, after=article.status, by=by,
        note=taken.note,
    )  # fmt: skip
    return lost


def _put_back(article: Article, content: Content) -> list[str]:
    """Set the article's own fields. Returns what is not there any more."""
    lost = []
    among: dict[str, type[models.Model]] = {
        "section": Section, "series": Series, "lead_image": Image,
    }  # fmt: skip
    for name in RESTORED:
        value = content.get(name)
        if name in {"bylines", "related_stories", *SEVERAL} or name not in content:
            continue
        if name == "slug":
            if not article.was_read and not _address_is_taken(article, str(value)):
                article.slug = str(value)
        elif name in among:
            if value is None or among[name]._default_manager.filter(pk=value["pk"]).exists():
                setattr(article, f"{name}_id", value and value["pk"])
            else:
                lost.append(f"the {label(name).lower()} “{value['name']}”")
        else:
            field: Any = Article._meta.get_field(name)
            setattr(article, name, field.to_python(value))
    return lost


def _address_is_taken(article: Article, slug: str) -> bool:
    same = Article.objects.filter(slug=slug, kind=article.kind).exclude(pk=article.pk)
    if article.kind == Article.Kind.STORY:
        if article.published_on is None:
            return False
        same = same.filter(published_on=article.published_on)
    return same.exists()


def _put_back_lists(article: Article, content: Content) -> list[str]:
    """Set topics and bylines, of those that there still are. Returns the others."""
    lost = []
    topics = {one["pk"]: one["name"] for one in content.get("topics", [])}
    article.topics.set(found := list(article.topics.model.objects.filter(pk__in=topics)))
    left = set(topics) - {topic.pk for topic in found}
    lost += [f"the topic “{name}”" for pk, name in topics.items() if pk in left]
    named = content.get("bylines", [])
    authors = article.authors.model.objects.in_bulk([one["pk"] for one in named])
    lost += [f"the byline of {one['name']}" for one in named if one["pk"] not in authors]
    kept = [one for one in named if one["pk"] in authors]
    article.bylines.exclude(author__in=[one["pk"] for one in kept]).delete()
    for place, one in enumerate(kept, start=1):
        Byline.objects.update_or_create(
            article=article,
            author=authors[one["pk"]],
            defaults={"position": place, "role": one["role"], "outlet": one["outlet"]},
        )
    beside = content.get("related_stories", [])
    there = Article.objects.in_bulk([one["pk"] for one in beside])
    lost += [f"the story “{one['name']}” beside it" for one in beside if one["pk"] not in there]
    article.related_stories.exclude(related__in=there).delete()
    for place, one in enumerate(beside, start=1):
        if one["pk"] in there:
            RelatedStory.objects.update_or_create(
                article=article, related=there[one["pk"]], defaults={"position": place}
            )
    return lost


def not_back(lost: list[str]) -> str:
    """Say what a restore could not bring back."""
    return f"Not brought back, since it is gone: {'; '.join(lost)}. What stood in its place stays."
