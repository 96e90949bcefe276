"""What a reader asks of the search page: words, and what narrows them down."""

import datetime
import re
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone

from articles import search
from articles.models import Article, Author, Section

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ORDERS = ((search.RELEVANCE, "Best match"), (search.NEWEST, "Newest"), (search.OLDEST, "Oldest"))


class DayField(forms.CharField):
    """A day as browsers send it, of the years in which papers are."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            day = datetime.date.fromisoformat(text) if DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None or not 1600 <= day.year <= 2999:
            raise forms.ValidationError(
                f"“{text[:40]}” is no day. Write it as year, month and day: 2024-01-31."
            )
        return day


class SearchForm(forms.Form):
    """The search of stories. What is wrong in it is said, and left out; the rest holds."""

    q = forms.CharField(required=False, max_length=search.MAX_LENGTH)
    section = forms.CharField(required=False)
    author = forms.CharField(required=False)
    sort = forms.ChoiceField(required=False, choices=ORDERS)

    def __init__(self, data: Any, sections: list[Section]) -> None:
        """Take what came in the address, and the paper's sections to choose from."""
        asked = {name: search.UNTAKEN.sub(" ", value).strip() for name, value in data.items()}
        super().__init__(asked | {"q": search.tidy(data.get("q", ""))})
        self.sections = sections
        # By hand, since the names in the address are words of Python's own.
        for name, label in (("from", "From"), ("to", "Until")):
            self.fields[name] = DayField(required=False, label=label)
        self.is_valid()

    def clean_section(self) -> Section | None:
        slug = self.cleaned_data["section"]
        found = next((one for one in self.sections if slug == one.slug), None)
        if slug and found is None:
            raise forms.ValidationError(f"There is no section “{slug[:40]}”.")
        return found

    def clean_author(self) -> list[Author]:
        asked = self.cleaned_data["author"]
        if not asked:
            return []
        # Of those who are nobody to readers, nothing is told.
        wrote = Article.objects.listed().order_by().filter(authors=OuterRef("pk"))
        writers = Author.objects.filter(Exists(wrote))
        found = list(writers.filter(slug=asked)[:1] or writers.filter(name__iexact=asked)[:5])
        if not found:
            raise forms.ValidationError(f"No author here is called “{asked[:60]}”.")
        return found

    def clean(self) -> None:
        since, until = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if since and until and until < since:
            self.add_error("to", "The last day lies before the first.")

    @property
    def narrowed(self) -> search.Narrowed:
        """What is asked beside the words, as far as it makes sense."""
        given = self.cleaned_data
        section, until = given.get("section"), given.get("to")
        return search.Narrowed(
            section=section.pk if section else None,
            authors=tuple(author.pk for author in given.get("author") or ()),
            since=_midnight(given.get("from")),
            until=_midnight(until + datetime.timedelta(days=1) if until else None),
            order=given.get("sort") or search.RELEVANCE,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is asked but words: an order alone too, so that it is not folded."""
        return bool(self.narrowed) or self.narrowed.order != search.RELEVANCE

    @property
    def author_name(self) -> str:
        """What stands in the author's field: the name, where the address has it otherwise."""
        authors = self.cleaned_data.get("author")
        return authors[0].name if authors else self.data.get("author", "")

    @property
    def days(self) -> list[forms.BoundField]:
        return [self["from"], self["to"]]

    @property
    def address(self) -> dict[str, str]:
        """What stands in the address of this search: all that is not empty, as it was asked."""
        named = ((name, self.data.get(name, "")) for name in self.fields)
        return {name: value for name, value in named if value}


def _midnight(day: datetime.date | None) -> datetime.datetime | None:
    """Return when ``day`` begins at the paper."""
    if day is None:
        return None
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
