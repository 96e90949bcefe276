"""What the paper says of itself, written at the desk. Readers see a change at once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from articles import body
from articles.admin.lists import DeskAdmin
from articles.forms import BodyEditor
from articles.models import Policy
from newsroom.admin import OnManyPages
from newsroom.templatetags.newsroom import clock

# What each is to tell, in the words of those who look for it: schema.org and The Trust Project.
ASKS = {
    Policy.Kind.PRINCIPLES: "What the paper stands for, and by which rules it works.",
    Policy.Kind.CORRECTIONS: "What is corrected, how readers are told, and how they report errors.",
    Policy.Kind.ETHICS: "Conflicts of interest, gifts, pictures of people, suicide, children.",
    Policy.Kind.OWNERSHIP: "Who owns the paper, who pays for it, and what they may not decide.",
    Policy.Kind.MASTHEAD: "Who edits and who writes, and how each can be reached.",
    Policy.Kind.FEEDBACK: "How readers ask, complain and take part, and what becomes of it.",
    Policy.Kind.UNNAMED_SOURCES: "When a source is not named, and who decides that.",
    Policy.Kind.FACT_CHECKING: "What is checked before a story is published, and by whom.",
    Policy.Kind.DIVERSITY: "Whom the paper hears, hires and writes for, and what it does for that.",
}


class PolicyForm(forms.ModelForm):
    """One policy. A save over somebody else's is refused, with both texts."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Policy
        fields = ["kind", "body"]
        widgets = {"body": BodyEditor}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen: int | None = None
        if "kind" in self.fields:
            written = set(Policy.objects.values_list("kind", flat=True))
            left = [(kind.value, kind.label) for kind in Policy.Kind if kind not in written]
            self.fields["kind"].choices = [("", "Choose one"), *left]  # type: ignore[attr-defined]
            self.fields["kind"].help_text = "Of each there is one. It cannot be changed later."
        if "body" in self.fields:
            asks = ASKS.get(Policy.Kind(self.instance.kind)) if self.instance.pk else None
            self.fields["body"].label = "Text"
            self.fields["body"].help_text = asks or "Headings, lists and links; no pictures."
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version

    def clean_body(self) -> str:
        html = self.cleaned_data["body"]
        if len(html) > body.MAX_LENGTH:
            raise ValidationError("This text is as long as a book. Make it shorter.")
        cleaned = body.clean(html)
        if not body.plain_text(cleaned):
            raise ValidationError("Readers would find an empty page: write something, or none.")
        return cleaned

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk:
            self._check_version(data.get("seen_version"))
        return data

    def _check_version(self, seen: int | None) -> None:
        """Refuse a stale save, showing what is stored; what was typed stays in the form.

        The row stays locked until the save, so that nobody can come in between. The form then
        carries the version that was shown, so that a second save is meant.
        """
        row = Policy.objects.select_for_update().get(pk=self.instance.pk)
        self.seen = row.version
        if seen == row.version:
            return
        data: Any = self.data
        self.data = data.copy()
        self.data[self.add_prefix("seen_version")] = str(row.version)  # type: ignore[index]
        who = row.by.name if row.by else "Somebody"
        when = f"{timezone.localtime(row.updated_at):%-d %B, %H:%M:%S}"
        raise ValidationError(
            [
                ValidationError(
                    f"{who} saved this text at {when}, after you opened it. Nothing of yours is "
                    "saved yet. Yours is below, and the stored one is: "
                    f"“{body.plain_text(row.body)}”",
                    "stale",
                ),
                ValidationError("Save again to put yours in its place.", "stale"),
            ]
        )


@admin.register(Policy)
class PolicyAdmin(OnManyPages, DeskAdmin):
    form = PolicyForm
    list_display = ["name", "beginning", "changed", "by"]
    list_select_related = ["by"]
    ordering = ["pk"]

    @admin.display(description="Policy")
    def name(self, policy: Policy) -> str:
        return str(policy)

    @admin.display(description="Text")
    def beginning(self, policy: Policy) -> str:
        return Truncator(policy.description).words(25)

    @admin.display(description="Changed", ordering="updated_at")
    def changed(self, policy: Policy) -> SafeString:
        return clock(policy.updated_at)

    def get_fields(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        may_change = obj is None or self.has_change_permission(request, obj)
        return ["kind", "body", *(["seen_version"] if may_change else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        return ["kind"] if obj else []

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        obj.save_edit(request.user, form.seen if change else None)  # type: ignore[arg-type]
