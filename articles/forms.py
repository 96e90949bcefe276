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

from articles import body, pictures
from articles.models import Article, Byline, Image

LAST = 10_000


class BodyEditor(forms.Textarea):
    """The text's field: HTML in a textarea, which the script turns into a rich editor."""

    def __init__(self) -> None:
        super().__init__({"class": "article-body", "rows": 24, "spellcheck": "true"})

    @property
    def media(self) -> forms.Media:
        return forms.Media(
            css={"all": ["django_prose_editor/editor.css"]},
            js=[
                Script("js/article-editor.js", type="module"),  # type: ignore[list-item]
                Script("js/article-desk.js", type="module"),  # type: ignore[list-item]
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

    class Meta:
        model = Article
        formfield_callback = form_field
        fields = [
            "label", "headline", "slug", "standfirst", "section", "topics", "dateline", "body",
            "lead_image", "lead_caption", "source_outlet", "source_outlet_url", "source_url",
            "originally_published", "source_licence", "source_permission", "comment_policy",
            "slow_mode", "shows_rules", "is_featured",
        ]  # fmt: skip
        widgets = {
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
                "It stays once the story is published."
            )
        if "body" in self.fields:
            self.fields["body"].help_text = format_html(
                "Two kinds of heading, quotations with their speaker, lists, links and pictures. "
                'Pictures and their HTML are in the <a href="{}">picture library</a>.',
                reverse("admin:articles_image_picker"),
            )
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version

    def clean_body(self) -> str:
        html = self.cleaned_data["body"]
        if len(html) > body.MAX_LENGTH:
            raise ValidationError("This text is as long as a book. Make it several stories.")
        return body.clean(html)

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
        if self.instance.pk:
            self._check_version(data.get("seen_version"))
        return data

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
        whom = f"{who} saved this story" if who else "This story was saved"
        at = f"{timezone.localtime(when):%-d %B, %H:%M:%S}" if when else "in the meantime"
        self.add_error(
            None,
            ValidationError(
                f"{whom} at {at}, after you opened it. Nothing of yours is saved yet: "
                "compare the stored text below with your own.",
                "stale",
            ),
        )

    def differences(self) -> list[tuple[str, str]]:
        """Return the label and the stored text of every field that is stored differently."""
        if self.stored is None:
            return []
        found = []
        for name in ["headline", "standfirst", "dateline", "slug", "lead_caption"]:
            if name in self.fields and self.data.get(name, "") != getattr(self.stored, name):
                label = Article._meta.get_field(name).verbose_name  # type: ignore[union-attr]
                found.append((str(label).capitalize(), getattr(self.stored, name) or "(empty)"))
        return found


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


class ImageForm(forms.ModelForm):
    """A picture of the library. The file is checked before anything is saved."""

    upload = forms.FileField(
        label="File",
        required=False,
        help_text="JPEG, PNG, WebP, AVIF or GIF, up to 30 MB. What the camera noted in it "
        "(place, time, device) is taken out.",
        widget=forms.ClearableFileInput({"accept": "image/jpeg,image/png,image/webp,image/avif"}),
    )

    class Meta:
        model = Image
        formfield_callback = form_field
        fields = [
            "title", "alt", "is_decorative", "caption", "credit", "agency", "copyright_notice",
            "licence_url", "acquire_licence_url", "focal_x", "focal_y",
        ]  # fmt: skip

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload:
            pictures.decode(upload)
        elif not self.instance.has_file and not self.instance.source_url:
            raise ValidationError("Choose a picture's file.", "required")
        return upload


class ScheduleForm(forms.Form):
    """When readers shall see a story, in the paper's time."""

    publish_at = forms.DateTimeField(
        error_messages={
            "required": "Say when: a date and a time.",
            "invalid": "That is no date and time we can read. Write 2026-03-01 06:00.",
        }
    )


class WithdrawForm(forms.Form):
    """What readers are told in a story's place."""

    withdrawal_notice = forms.CharField(
        max_length=2000,
        widget=forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
        label="Notice for readers",
        help_text="It stands at the story's address. Say why the story is gone.",
        error_messages={"required": "Readers need a notice that says why the story is gone."},
    )
