"""A save that came too late: what each of two editors changed, and how it is put together.

What the second one typed is held against the story as it was opened and as it is stored now. The
result goes back into the form to be read through: nothing of it is saved before that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from articles import body, differences, revisions
from articles.models import Article, Author, Revision
from articles.models.revision import Content
from articles.moments import FORMAT, MomentField

# In a form's data: what is shown is not to be saved before it was read through.
HELD = "held"
THEIRS, MINE, BOTH = "theirs", "mine", "both"
# Those whose two wordings can stand side by side until the editor has made one of them.
JOINED = ("headline", "standfirst", "lead_caption", "dateline", "body")


@dataclass(frozen=True)
class Rows:
    """Rows of their own beside the story: whom they name, and what they say of them."""

    key: str
    named: type[models.Model]
    said: tuple[str, ...] = ()


ROWS = {
    "bylines": Rows("author", Author, ("role", "outlet")),
    "related_stories": Rows("related", Article),
}


@dataclass
class Clash:
    """A field that is stored otherwise than it was typed."""

    name: str
    whose: str  # who changed it since the story was opened
    theirs: Any  # values as a revision holds them
    mine: Any
    merge: differences.Merge | None = None  # of the text, where both changed it

    @property
    def label(self) -> str:
        return revisions.label(self.name)

    @property
    def change(self) -> revisions.FieldChange:
        """From what is stored to what was typed."""
        return revisions.change(self.name, self.theirs, self.mine)

    @property
    def may_join(self) -> bool:
        return self.name in JOINED and bool(self.theirs) and bool(self.mine)

    @property
    def choice(self) -> str:
        """What is chosen unless the editor chooses otherwise: what loses nothing."""
        if self.whose != BOTH:
            return self.whose
        return BOTH if self.may_join else THEIRS

    def chosen(self, choice: str) -> Any:
        """Return the value of a choice."""
        if choice == BOTH and self.may_join:
            if self.merge is not None:
                return self.merge.html
            between = "" if self.name == "body" else " "
            return f"{self.theirs}{between}{self.mine}"
        return self.mine if choice == MINE else self.theirs


def clashes(article: Article, data: QueryDict, names: Mapping[str, Any]) -> list[Clash]:
    """Return the fields of a form's ``data`` that are stored otherwise.

    ``article`` is as it is stored, and ``names`` are the fields that the form has.
    """
    theirs = revisions.content_of(article)
    mine = typed(data, names)
    base = opened(article, data.get("seen_version", ""))
    found = []
    for name in revisions.FIELDS:
        if name not in mine or _key(name, theirs[name]) == _key(name, mine[name]):
            continue
        whose = BOTH
        if base is not None and name in base:
            if _key(name, base[name]) == _key(name, mine[name]):
                whose = THEIRS
            elif _key(name, base[name]) == _key(name, theirs[name]):
                whose = MINE
        clash = Clash(name, whose, theirs[name], mine[name])
        if name == "body" and whose == BOTH and base is not None:
            clash.merge = differences.merge(base[name], theirs[name], mine[name])
        found.append(clash)
    return found


def opened(article: Article, seen_version: str) -> Content | None:
    """Return what the article said when it was opened, as far as that is known."""
    if not seen_version.isdecimal() or len(seen_version) > 9:
        return None
    kept = Revision.objects.filter(article=article).whole()
    revision = kept.filter(version__lte=int(seen_version)).order_by("-number").first()
    # Nothing was saved before the first revision, which is what there was then.
    revision = revision or kept.order_by("number").first()
    return revision.content if revision else revisions.content_of(article)


def typed(data: QueryDict, names: Mapping[str, Any]) -> Content:
    """Return what a form was sent with, as a revision would hold it."""
    content: Content = {}
    for name in revisions.FIELDS:
        if name in ROWS:
            if f"{name}-TOTAL_FORMS" in data:
                content[name] = _rows(name, data)
        elif name in names:
            content[name] = _value(name, [value for value in data.getlist(name) if value])
    return content


def is_typed_in(article: Article, data: QueryDict) -> bool:
    """Tell whether a form was sent with anything else than the story has."""
    stored = revisions.content_of(article)
    names = {name: None for name in revisions.FIELDS if name in data}
    return any(
        _key(name, stored[name]) != _key(name, value) for name, value in typed(data, names).items()
    )


def _value(name: str, sent: list[str]) -> Any:
    field: Any = Article._meta.get_field(name)
    if name in revisions.SEVERAL or name in revisions.LINKED:
        ids = [int(pk) for pk in sent if pk.isdecimal() and len(pk) < 19]
        rows = field.related_model.objects.filter(pk__in=ids).order_by("pk")
        found = [{"pk": row.pk, "name": str(row)} for row in rows] if ids else []
        return found if name in revisions.SEVERAL else next(iter(found), None)
    if isinstance(field, models.BooleanField):
        return bool(sent)
    said = sent[0].replace("\r\n", "\n").strip() if sent else ""
    if name == "body":
        return body.clean(said)
    try:
        if isinstance(field, models.DateTimeField):
            return revisions.as_json(MomentField(required=False).clean(said))
        return revisions.as_json(field.to_python(said)) if said or not field.null else None
    except ValidationError:
        # What cannot be read is shown beside its field; here it counts as nothing.
        return None


def _rows(name: str, data: QueryDict) -> list[dict[str, Any]]:
    """Return the rows of a form in the order that was typed in, without those taken out."""
    kind = ROWS[name]
    total = data.get(f"{name}-TOTAL_FORMS", "")
    count = min(int(total), 200) if total.isdecimal() else 0
    rows = []
    for number in range(count):
        row = {
            key: data.get(f"{name}-{number}-{key}", "").strip()
            for key in (kind.key, "position", "DELETE", *kind.said)
        }
        pk = row[kind.key]
        if pk.isdecimal() and len(pk) < 19 and row["DELETE"] in {"", "False", "false"}:
            place = int(row["position"]) if row["position"].isdecimal() else 10_000
            rows.append((place, int(pk), row))
    known = kind.named._default_manager.filter(pk__in=[pk for _, pk, _ in rows])
    names = {one.pk: str(one) for one in known} if rows else {}
    return [
        {"pk": pk, "name": names[pk], **{key: row[key] for key in kind.said}}
        for _, pk, row in sorted(rows, key=lambda one: one[0])
        if pk in names
    ]


def _key(name: str, value: Any) -> Any:
    """Return what makes two values of a field the same."""
    if name in ROWS:
        return [(one["pk"], *(one[key] for key in ROWS[name].said)) for one in value or []]
    if name in revisions.SEVERAL:
        return sorted(one["pk"] for one in value or [])
    if name in revisions.LINKED:
        return value and value["pk"]
    if isinstance(value, str) and isinstance(Article._meta.get_field(name), models.DateTimeField):
        # As the form has it, which knows no seconds.
        moment = parse_datetime(value)
        return moment and moment.replace(second=0, microsecond=0)
    return value or None


# Back into the form


def as_data(fields: Mapping[str, list[str]]) -> QueryDict:
    """Return the values of a form, by name, as if it had been sent."""
    data = QueryDict(mutable=True)
    for name, values in fields.items():
        data.setlist(name, values)
    return data


def fitted(article: Article, data: QueryDict) -> QueryDict:
    """Return a late form's data with its rows fitted to those that are stored by now."""
    fit = data.copy()
    for name in ROWS:
        if f"{name}-TOTAL_FORMS" in data:
            _put_rows(name, article, fit, _rows(name, data))
    return fit


def put_together(article: Article, data: QueryDict, names: Mapping[str, Any]) -> QueryDict:
    """Return the form's data with each clash as its editor chose, to be read through and saved."""
    joined = fitted(article, data)
    for clash in clashes(article, data, names):
        choice = data.get(f"merge-{clash.name}", clash.choice)
        value = clash.chosen(choice if choice in {THEIRS, MINE, BOTH} else clash.choice)
        if clash.name in ROWS:
            _put_rows(clash.name, article, joined, value)
        else:
            joined.setlist(clash.name, _sent(clash.name, value))
    joined["seen_version"] = str(article.version)
    return joined


def _sent(name: str, value: Any) -> list[str]:
    """Return a value as the form sends it."""
    if value is None or value is False or value == "":
        return []
    if value is True:
        return ["on"]
    if name in revisions.SEVERAL:
        return [str(one["pk"]) for one in value]
    if name in revisions.LINKED:
        return [str(value["pk"])]
    if isinstance(Article._meta.get_field(name), models.DateTimeField):
        moment = parse_datetime(value)
        return [timezone.localtime(moment).strftime(FORMAT)] if moment else []
    return [str(value)]


def _put_rows(name: str, article: Article, data: QueryDict, rows: list[dict[str, Any]]) -> None:
    """Write rows into a form's data: those stored with their ids, the others as new ones."""
    kind = ROWS[name]
    for key in [key for key in data if key.startswith(f"{name}-")]:
        del data[key]
    places = {row["pk"]: place for place, row in enumerate(rows, start=1)}
    wanted = {row["pk"]: row for row in rows}
    stored = list(getattr(article, name).order_by("position", "pk"))
    lines: list[dict[str, Any]] = []
    for kept in stored:
        pk = getattr(kept, f"{kind.key}_id")
        row = wanted.pop(pk, None)
        said = {key: row[key] if row else getattr(kept, key) for key in kind.said}
        gone = {} if row else {"DELETE": "on"}
        place = places.get(pk, kept.position)
        lines.append({"id": kept.pk, kind.key: pk, "position": place, **said, **gone})
    for pk, row in wanted.items():
        said = {key: row[key] for key in kind.said}
        lines.append({kind.key: pk, "position": places[pk], **said})
    for number, line in enumerate(lines):
        for key, value in {"article": article.pk, **line}.items():
            data[f"{name}-{number}-{key}"] = str(value)
    data[f"{name}-TOTAL_FORMS"] = str(len(lines))
    data[f"{name}-INITIAL_FORMS"] = str(len(stored))
    data[f"{name}-MIN_NUM_FORMS"], data[f"{name}-MAX_NUM_FORMS"] = "0", "1000"
