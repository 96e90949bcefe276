"""Forms of the conversation."""

import functools
import uuid
import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import escape

from accounts.forms import LinesField
from accounts.models import User
from articles.models import Article
from comments import formkeys, quoting, text
from comments.models import Comment, MailChoice, Notice, Report

NOTHING = "There is nothing to read in this comment yet."
# What is longer is counted as it came: cleaning it first would only take time.
LONGEST_CLEANED = 40 * text.MAX_LENGTH


class TextForm(forms.Form):
    """A comment's text. However long it is, and whatever is wrong with it, it is kept as typed."""

    # The text is cleaned by its model; the form only bounds it, and counts as it counts.
    body = forms.CharField(strip=False, error_messages={"required": NOTHING})

    def clean_body(self) -> str:
        typed = self.cleaned_data["body"]
        body = text.clean(typed) if len(typed) <= LONGEST_CLEANED else typed
        if len(body) > text.MAX_LENGTH:
            raise forms.ValidationError(text.too_long(len(body)))
        if text.is_blank(text.render(body)):
            raise forms.ValidationError(NOTHING)
        return body


class CommentForm(TextForm):
    """A comment's text, the passage it speaks of, and what comes along with a filled-in form."""

    # Makes a second send of this form the same comment.
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    quote = forms.CharField(required=False)
    # A trap: people do not see it.
    website = forms.CharField(required=False)
    # That its author was asked to think again, as ``civility.note`` writes it.
    asked = forms.CharField(required=False)

    def __init__(
        self, *args: Any, article: Article | None = None, parent: Comment | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.article, self.parent = article, parent

    @classmethod
    def fresh(cls, article: Article, parent: Comment | None = None) -> "CommentForm":
        """Return an unsent form with a key of its own."""
        return cls(initial={"key": formkeys.fresh()}, article=article, parent=parent)

    @property
    def end(self) -> str:
        """The end of the ids of its fields; several forms may stand on one page."""
        return f"-{self.parent.pk}" if self.parent else "-new"

    def clean_key(self) -> uuid.UUID | None:
        try:
            return uuid.UUID(self.cleaned_data["key"])
        except ValueError:
            return None

    def clean_quote(self) -> quoting.Passage | None:
        if self.article is None:
            return None
        try:
            return quoting.find(self.cleaned_data["quote"], self.article, self.parent)
        except quoting.NotThere as problem:
            raise forms.ValidationError(str(problem)) from problem


class ReportForm(forms.ModelForm):
    """What is wrong with a comment, in a reader's words."""

    # Named here, since a model's choices come with an empty one that would be chosen.
    reason = forms.ChoiceField(
        label="What is wrong with it?", choices=Report.Kind.choices, widget=forms.RadioSelect
    )

    class Meta:
        model = Report
        fields = ["reason", "note"]
        field_classes = {"note": LinesField}
        widgets = {"note": forms.Textarea(attrs={"rows": 3, "dir": "auto"})}
        labels = {"note": "Anything the desk should know? (optional)"}

    def clean_note(self) -> str:
        return text.clean(self.cleaned_data["note"])


class PickForm(forms.Form):
    """Why a comment is an editors' pick, for readers."""

    LONGEST = 200
    reason = forms.CharField(
        label="Why this comment?",
        max_length=LONGEST,
        help_text="One sentence that readers see under the comment. At most 200 characters.",
        error_messages={"required": "A pick needs a reason, for readers to know."},
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )

    def clean_reason(self) -> str:
        reason = " ".join(text.clean(self.cleaned_data["reason"]).split())
        if text.is_blank(escape(reason)):
            raise forms.ValidationError("A pick needs a reason, for readers to know.")
        if len(reason) > self.LONGEST:
            # One letter may become several when it is cleaned.
            raise forms.ValidationError(f"At most {self.LONGEST} characters, please.")
        return reason


@functools.cache
def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """The world's time zones by region, as a select shows them."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(zoneinfo.available_timezones()):
        region, _, place = name.partition("/")
        # The others are old names of these, and offsets without a place.
        if place and region not in {"Etc", "SystemV", "US", "Brazil", "Canada", "Chile", "Mexico"}:
            place = place.replace("_", " ").replace("/", ", ")
            regions.setdefault(region, []).append((name, place))
    return list(regions.items())


class MailChoicesForm(forms.Form):
    """How fast each kind of notice reaches somebody by mail, and on whose clock."""

    # A statement of reasons always goes out.
    KINDS = [kind for kind in Notice.Kind if kind not in Notice.STATEMENTS]
    PACES = [
        (MailChoice.Pace.NOW.value, "At once"),
        (MailChoice.Pace.HOURLY.value, "Hourly"),
        (MailChoice.Pace.DAILY.value, "Daily"),
        (MailChoice.Pace.OFF.value, "Never"),
    ]

    time_zone = forms.ChoiceField(
        label="Your time zone",
        required=False,
        help_text="Daily mail comes at seven in the morning there.",
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        self.person = person
        chosen = dict(person.mail_choices.values_list("kind", "pace"))
        super().__init__(
            data,
            initial={kind.value: chosen.get(kind, MailChoice.DEFAULTS[kind]) for kind in self.KINDS}
            | {"time_zone": person.time_zone},
        )
        for kind in self.KINDS:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, choices=self.PACES, widget=forms.RadioSelect
            )
        zones: list[Any] = [("", f"The paper’s ({settings.TIME_ZONE})"), *time_zones()]
        if person.time_zone and person.time_zone not in zoneinfo.available_timezones():
            zones.insert(1, (person.time_zone, person.time_zone))
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]

    @property
    def paces(self) -> list[forms.BoundField]:
        return [self[kind.value] for kind in self.KINDS]

    def save(self) -> None:
        MailChoice.choose(self.person, {kind: self.cleaned_data[kind] for kind in self.KINDS})
        self.person.time_zone = self.cleaned_data["time_zone"]
        self.person.save(update_fields=["time_zone"])
