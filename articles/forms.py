"""The desk's forms: a story, its bylines, a picture, and the steps that ask for something."""

import datetime
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.widgets import Script
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from articles import body, pictures, stale
from articles.models import Article, Byline, Image
from articles.moments import MomentField, zone

LAST = 10_000
MINOR, SUBSTANTIVE = "minor", "substantive"


class BodyEditor(forms.Textarea):
    """The text's field: HTML in a textarea, which the script turns into a rich editor."""

    def __init__(self) -> None:
        super().__init__({"class": "article-body", "rows": 24, "spellcheck": "true"})

    @property
    def media(self) -> forms.Media:
        return forms.Media(
            css={"all": ["django_prose_editor/editor.css", "css/article-history.css"]},
            js=[
                Script("js/article-editor.js", type="module"),  # type: ignore[list-item]
                Script("js/article-desk.js", type="module"),  # type: ignore[list-item]
                Script("js/article-form.js", type="module"),  # type: ignore[list-item]
                Script("js/article-autosave.js", type="module"),  # type: ignore[list-item]
            ],
        )

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        # The editor is imported by its address: an import map would need an inline script.
        attrs = {
            **(attrs or {}),
            "data-editor": static("django_prose_editor/editor.js"),
            "data-picker": reverse("admin:articles_image_picker"),
        }
        return super().get_context(name, value, attrs)


def form_field(field: models.Field, **options: Any) -> forms.Field | None:
    """Return a model field's form field; an address typed without its scheme is https."""
    if isinstance(field, models.URLField):
        options["assume_scheme"] = "https"
    return field.formfield(**options)


class ArticleForm(forms.ModelForm):
    """A story as its editor sees it. A save over somebody else's is refused, with both texts."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    change = forms.ChoiceField(
        label="This change",
        choices=[
            (MINOR, "is small: spelling, layout"),
            (SUBSTANTIVE, "matters to readers: they see when it was made, and what it was"),
        ],
        initial=MINOR,
        required=False,
        widget=forms.RadioSelect,
    )
    lock_reason = forms.CharField(
        label="Why the text differs from the original",
        max_length=300,
        required=False,
        help_text="Its licence allows no changes. Say who allowed this one.",
    )

    class Meta:
        model = Article
        formfield_callback = form_field
        fields = [
            "label", "headline", "slug", "standfirst", "section", "topics", "dateline", "body",
            "series", "series_position", "lead_image", "lead_caption", "source_outlet",
            "source_outlet_url", "source_url", "originally_published", "source_licence",
            "source_permission", "is_text_locked", "indexing", "embargo_until", "embargo_note",
            "expires_at", "review_steps", "comment_policy", "slow_mode", "shows_rules",
            "is_featured",
        ]  # fmt: skip
        widgets = {
            "review_steps": forms.CheckboxSelectMultiple,
            "body": BodyEditor,
            "headline": forms.TextInput({"class": "vTextField", "autocomplete": "off"}),
            "standfirst": forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored: Article | None = None
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = (
                "The last part of the address, made from the headline if left empty. "
                "Once the story is published, its old address leads to the new one."
            )
        if "body" in self.fields:
            self.fields["body"].help_text = format_html(
                "Two kinds of heading, quotations with their speaker, lists, boxes, links and "
                'pictures. Pictures and their HTML are in the <a href="{}">picture library</a>.',
                reverse("admin:articles_image_picker"),
            )
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version
        if not self.instance.is_live:
            del self.fields["change"]
        if not self.instance.is_text_locked:
            self.fields.pop("lock_reason", None)

    def clean_body(self) -> str:
        # Measured once it is clean: a word processor wraps a page of text in megabytes of markup.
        html = body.clean(self.cleaned_data["body"])
        if len(html) > body.MAX_LENGTH:
            raise ValidationError("This text is as long as a book. Make it several stories.")
        return html

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "slug" in self.fields and "headline" in data and not data.get("slug"):
            data["slug"] = Article.slug_for(data["headline"])
        self._check_address(data.get("slug"))
        original = data.get("originally_published")
        ours = self.instance.published_on or timezone.localdate()
        if original and original > ours:
            self.add_error(
                "originally_published",
                f"The original cannot be younger than our own story ({ours:%-d %B %Y}).",
            )
        self._check_moments(data)
        self._check_lock(data)
        if self.instance.pk:
            self._check_version(data.get("seen_version"))
        if stale.HELD in self.data:
            # Put together or found again, and to be read through first.
            self.add_error(None, ValidationError("Nothing of this is saved yet.", "held"))
        return data

    def _check_moments(self, data: dict[str, Any]) -> None:
        """Refuse an embargo on what is out, and an end before the beginning."""
        embargo, end = data.get("embargo_until"), data.get("expires_at")
        story = self.instance
        at = story.published_at
        if embargo and embargo != story.embargo_until and at and embargo > at:
            local = timezone.localtime(at)
            self.add_error(
                "embargo_until",
                f"Readers have had this story since {local:%-d %B, %H:%M}. Withdraw it instead."
                if story.was_read
                else f"It is scheduled for {local:%-d %B, %H:%M}, before the embargo would end. "
                "Choose another time for it first.",
            )
        if end and end != story.expires_at:
            if at and end <= at:
                self.add_error("expires_at", "It would end before it began.")
            elif end <= timezone.now():
                self.add_error(
                    "expires_at", "That moment has passed. Withdraw the story to end it now."
                )
        if data.get("series_position") and not data.get("series"):
            self.add_error("series", "Of which series is it a part?")
        if data.get("series") and "series_position" not in self.errors:
            self._number_part(data)

    def _number_part(self, data: dict[str, Any]) -> None:
        """Give a part of a series the next number, or refuse one that another part has."""
        series, number = data["series"], data.get("series_position")
        free = series.next_number(besides=self.instance)
        others = series.parts().exclude(pk=self.instance.pk)
        if number is None:
            data["series_position"] = free
        elif others.filter(series_position=number).exists():
            # Without its headline: it may be a story that this person is not to know of.
            self.add_error(
                "series_position",
                f"Another story is part {number} already; {free} is free. "
                "The series’ own page puts parts in another order.",
            )

    def _check_lock(self, data: dict[str, Any]) -> None:
        """Refuse a change to a text that may not be changed, unless somebody says why."""
        if not self.instance.is_text_locked or not data.get("is_text_locked"):
            return
        stored = Article.objects.filter(pk=self.instance.pk).values_list("body", flat=True).first()
        if data.get("body", stored) != stored and not data.get("lock_reason"):
            self.add_error(
                "lock_reason" if "lock_reason" in self.fields else None,
                "The licence of this text allows no changes. Say who allowed this one.",
            )

    def _check_address(self, slug: str | None) -> None:
        """Refuse an address that another story of the day has, or another page."""
        same = Article.objects.filter(slug=slug, kind=self.instance.kind).exclude(
            pk=self.instance.pk
        )
        if self.instance.kind == Article.Kind.STORY:
            same = same.filter(published_on=self.instance.published_on, published_on__isnull=False)
        if slug and "slug" in self.fields and same.exists():
            self.add_error("slug", "Another story of that day has this address.")

    def _check_version(self, seen: int | None) -> None:
        """Refuse a stale save, keeping what is stored beside what was typed.

        The row stays locked until the save, so that nobody can come in between.
        """
        row = Article.objects.select_for_update().get(pk=self.instance.pk)
        replaced = self.data.get("replace_version", "")
        if replaced.isdecimal() and len(replaced) < 10:
            seen = int(replaced)
        self.seen = seen
        if seen == row.version:
            return
        self.stored = row
        who, when = last_saved(row)
        at = f"{timezone.localtime(when):%-d %B, %H:%M:%S}" if when else "in the meantime"
        self.stale_by = who or "Somebody"
        saved = f"{who} saved this story" if who else "This story was saved"
        self.stale_words = f"{saved} at {at}, after you opened it. Nothing of yours is saved yet."
        self.add_error(None, ValidationError(self.stale_words, "stale"))

    def clashes(self) -> list[stale.Clash]:
        """Return the fields that are stored otherwise, of a save that came too late."""
        if self.stored is None:
            return []
        return stale.clashes(self.stored, self.data, self.fields)  # type: ignore[arg-type]


def last_saved(article: Article) -> tuple[str, datetime.datetime | None]:
    """Return who saved or moved the article last, as far as it is on record, and when."""
    entry = (
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Article), object_id=str(article.pk)
        )
        .select_related("user")
        .order_by("-action_time", "-pk")
        .first()
    )
    step = article.steps.select_related("by").order_by("-at", "-pk").first()
    if step and step.by and (entry is None or step.at > entry.action_time):
        return step.by.name, step.at
    return (entry.user.name, entry.action_time) if entry else ("", article.saved_at)


class BylineForm(forms.ModelForm):
    """A name and its place; a row without a place goes last."""

    position = forms.IntegerField(
        required=False, min_value=0, max_value=99, label="Place", widget=forms.NumberInput
    )

    class Meta:
        model = Byline
        fields = ["position", "author", "role", "outlet"]

    def clean_position(self) -> int:
        place = self.cleaned_data["position"]
        return LAST if place is None else place


PICTURE_FILES = "image/jpeg,image/png,image/webp,image/avif,image/gif"


class ImageForm(forms.ModelForm):
    """A picture of the library. The file is checked before anything is saved."""

    upload = forms.FileField(
        label="File",
        required=False,
        help_text="JPEG, PNG, WebP, AVIF or GIF, up to 30 MB. What the file says of its maker, its "
        "subject and its rights fills the fields you leave empty. Where and with what it was taken "
        "is left out.",
        widget=forms.FileInput({"accept": PICTURE_FILES}),
    )

    class Meta:
        model = Image
        formfield_callback = form_field
        fields = [
            "title", "alt", "is_decorative", "caption", "credit", "creator", "agency",
            "copyright_notice", "licence_url", "acquire_licence_url", "is_from_source",
            "permission", "focal_x", "focal_y",
        ]  # fmt: skip
        widgets = {
            "alt": forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
            "caption": forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
            "focal_x": forms.NumberInput({"min": "0", "max": "1", "step": "0.001"}),
            "focal_y": forms.NumberInput({"min": "0", "max": "1", "step": "0.001"}),
        }
        labels = {"focal_x": "Focal point from the left", "focal_y": "and from the top"}

    # What kept the files from being written, when the form is shown again for it.
    failure = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.photo: pictures.Photo | None = None
        if "upload" in self.fields and self.instance.has_file:
            self.fields["upload"].label = "Another file in its place"

    def clean_upload(self) -> Any:
        if self.failure:
            raise ValidationError(self.failure, "not-stored")
        upload = self.cleaned_data["upload"]
        if upload:
            self.photo = pictures.read(upload)
        elif not self.instance.has_file and not self.instance.source_url:
            raise ValidationError("Choose a picture's file.", "required")
        return upload

    def clean_focal_x(self) -> float:
        return round(self.cleaned_data["focal_x"], 3)

    def clean_focal_y(self) -> float:
        return round(self.cleaned_data["focal_y"], 3)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._keep_what_readers_need(data)
        return data

    def _keep_what_readers_need(self, data: dict[str, Any]) -> None:
        """Refuse to take from a picture in print what it could not be printed without."""
        if not self.changed_data or not self.instance.pk:
            return
        stored = Image.objects.get(pk=self.instance.pk)
        words = self.photo.words if self.photo else {}
        typed = {name: value for name, value in data.items() if name != "upload"}
        new = Image(**typed, digest=stored.digest)
        new.fill(words)
        lost = [gap for gap in new.gaps if gap not in stored.gaps]
        if lost and stored.uses().live().exists():
            fields = {"alternative text": "alt", "credit": "credit", "permission": "permission"}
            for gap in lost:
                self.add_error(
                    fields[gap], f"Readers see this picture: it cannot be without its {gap}."
                )


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class ManyImagesForm(forms.ModelForm):
    """What several pictures that are uploaded together have in common. Their files come beside."""

    class Meta:
        model = Image
        fields = ["credit", "creator", "agency", "copyright_notice", "is_from_source", "permission"]


class ScheduleForm(forms.Form):
    """When readers shall see a story: a date and a time on the paper's clock or another."""

    publish_zone = forms.CharField(required=False, max_length=60)
    publish_at = forms.CharField(error_messages={"required": "Say when: a date and a time."})

    def clean_publish_at(self) -> datetime.datetime:
        typed = self.cleaned_data["publish_at"].strip()
        name = self.cleaned_data.get("publish_zone") or timezone.get_current_timezone_name()
        field = MomentField(
            error_messages={
                "invalid": "That is no date and time we can read. Write 2026-03-01 06:00."
            }
        )
        with timezone.override(zone(name)):
            return field.clean(typed)


class WithdrawForm(forms.Form):
    """What readers are told in a story's place."""

    withdrawal_notice = forms.CharField(
        max_length=2000,
        widget=forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
        label="Notice for readers",
        help_text="It stands at the story's address. Say why the story is gone.",
        error_messages={"required": "Readers need a notice that says why the story is gone."},
    )
