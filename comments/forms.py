"""Forms of the conversation."""

import uuid

from django import forms

from comments import text
from comments.models import Report


class CommentForm(forms.Form):
    """A comment's text, and the key that makes a second send of this form the same comment."""

    body = forms.CharField(
        label="Your comment",
        # The text is cleaned by its model; the form only bounds it, and counts as it counts.
        max_length=text.MAX_LENGTH + 200,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "spellcheck": "true"}),
        error_messages={"required": "There is nothing to read in this comment yet."},
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    @classmethod
    def fresh(cls, body: str = "") -> "CommentForm":
        """Return an unsent form with a key of its own."""
        return cls(initial={"body": body, "key": uuid.uuid4()})

    def clean_body(self) -> str:
        body = text.clean(self.cleaned_data["body"])
        if len(body) > text.MAX_LENGTH:
            raise forms.ValidationError(
                f"A comment has at most {text.MAX_LENGTH:,} characters; this one has {len(body):,}."
            )
        if text.is_blank(text.render(body)):
            raise forms.ValidationError("There is nothing to read in this comment yet.")
        return body


class ReportForm(forms.ModelForm):
    """What is wrong with a comment, in a reader's words."""

    # Named here, since a model's choices come with an empty one that would be chosen.
    reason = forms.ChoiceField(
        label="What is wrong with it?", choices=Report.Kind.choices, widget=forms.RadioSelect
    )

    class Meta:
        model = Report
        fields = ["reason", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        labels = {"note": "Anything the desk should know?"}
