"""Forms of the accounts' pages."""

import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from accounts import names
from accounts.models import HeldName, NameTaken, RenamedRecently, User

NEW_PASSWORD = (
    "At least 10 characters. A few words that have nothing to do with each other are good."  # noqa: S105
)
EMAIL_LENGTH = 254


class Worded:
    """Gives allauth's fields our words, and takes placeholders away.

    A placeholder that repeats the label vanishes when it is needed.
    """

    labels: ClassVar[dict[str, str]] = {}
    help_texts: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, field.help_text)
            if isinstance(field, forms.EmailField):
                # What the column holds; allauth's field would let longer ones through to it.
                field.widget.attrs["maxlength"] = EMAIL_LENGTH
                field.validators.append(MaxLengthValidator(EMAIL_LENGTH))


class SignupForm(Worded, account.SignupForm):
    """Sign-up: an address for us, a name for readers, a password."""

    labels = {"email": "E-mail address", "username": "Name", "website": ""}
    help_texts = {
        "email": "Never shown. We send one message to check that it works.",
        "username": "What readers see beside your comments. It need not be your real name.",
        "password1": NEW_PASSWORD,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A trap for machines that fill in every field; the stylesheet keeps it from people.
        self.fields["website"].widget.attrs = {
            "class": "honeypot",
            "tabindex": "-1",
            "autocomplete": "off",
            "aria-hidden": "true",
        }

    def try_save(self, request: HttpRequest) -> tuple[AbstractBaseUser | None, HttpResponse | None]:
        """Make the account, or none at all.

        Of two people who ask for one name at once the second gets the form again, text kept. Of
        two who give one address the second is answered as anybody who gives a known address.
        """
        try:
            with transaction.atomic():
                return super().try_save(request)
        except NameTaken as taken:
            self.add_error("username", taken)
            return None, self._page(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)

    def _page(self, request: HttpRequest) -> HttpResponse:
        from allauth.account.views import SignupView

        view = SignupView()
        view.setup(request)
        return view.form_invalid(self)


class LoginForm(Worded, account.LoginForm):
    """Log-in by name or address."""

    labels = {
        "login": "Name or e-mail address",
        "remember": "Stay logged in on this device",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["login"].validators.append(MaxLengthValidator(EMAIL_LENGTH))


class EmailForm(Worded, account.AddEmailForm):
    """A new address, which counts once it is confirmed."""

    labels = {"email": "New address"}


class PasswordForm(Worded, account.ChangePasswordForm):
    """A new password for somebody who knows the old one. It is typed once, and can be shown."""

    password2 = None
    labels = {"oldpassword": "Present password", "password1": "New password"}
    help_texts = {"password1": NEW_PASSWORD}


class FirstPasswordForm(Worded, account.SetPasswordForm):
    """A password for an account that has none."""

    password2 = None
    labels = {"password1": "Password"}
    help_texts = {"password1": NEW_PASSWORD}


class ResetForm(Worded, account.ResetPasswordForm):
    """Asks for the address to which the link goes."""

    labels = {"email": "E-mail address"}


class NewPasswordForm(Worded, account.ResetPasswordKeyForm):
    """A new password for somebody who followed the link in our mail."""

    password2 = None
    labels = {"password1": "New password"}
    help_texts = {"password1": NEW_PASSWORD}


class PasswordAgainForm(Worded, account.ReauthenticateForm):
    """The password once more, before something that matters."""


class CodeForm(Worded, mfa.AuthenticateForm):
    """The second step of a log-in."""

    labels = {"code": "Code from your app, or a recovery code"}


class CodeAgainForm(Worded, mfa.ReauthenticateForm):
    """The second step once more, before something that matters."""

    labels = {"code": "Code from your app, or a recovery code"}


class AppForm(Worded, totp.ActivateTOTPForm):
    """The first code of a new authenticator app."""

    labels = {"code": "Code that the app shows"}


class ShallowJSON(json.JSONDecoder):
    """Refuses what is nested too deep as it refuses what is no JSON."""

    def decode(self, s: str, *args: Any) -> Any:
        try:
            return super().decode(s, *args)
        except RecursionError as error:
            raise json.JSONDecodeError("Too deep", s, 0) from error


@contextmanager
def nonsense_is_a_wrong_code() -> Iterator[None]:
    """The libraries read a key's answer as browsers write it, and fail on anything else."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise get_mfa_adapter().validation_error("incorrect_code") from error


class WithKey:
    """A form that carries what a security key or passkey answered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].decoder = ShallowJSON  # type: ignore[attr-defined]


class KeyAnswerForm(WithKey, webauthn.AuthenticateWebAuthnForm):
    """The second step of a log-in, with a key."""

    def clean_credential(self) -> Any:
        with nonsense_is_a_wrong_code():
            return super().clean_credential()


class KeyLoginForm(KeyAnswerForm, webauthn.LoginWebAuthnForm):
    """A log-in by a key alone."""


class KeyAgainForm(KeyAnswerForm, webauthn.ReauthenticateWebAuthnForm):
    """The key once more, before something that matters."""


class KeyForm(Worded, WithKey, webauthn.AddWebAuthnForm):
    """A new security key or passkey."""

    labels = {"name": "Name for this key", "passwordless": "Use it as a passkey"}
    help_texts = {
        "passwordless": (
            "A passkey logs you in on its own, without a password. "
            "The device then asks for your finger, face or PIN."
        )
    }

    def clean(self) -> dict[str, Any]:
        with nonsense_is_a_wrong_code():
            return super().clean()


class LinesField(forms.CharField):
    """Text of several lines, each end of line counted as one character, as browsers count it."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class ProfileForm(forms.ModelForm):
    """What readers see of a person: the name beside comments, and what their page shows."""

    class Meta:
        model = User
        fields = ["display_name", "bio", "hides_comments"]
        labels = {
            "display_name": "Display name (optional)",
            "bio": "About you (optional)",
            "hides_comments": "Keep my comments off my public page",
        }
        field_classes = {"bio": LinesField}
        help_texts = {
            "display_name": (
                "Readers see it instead of your name. You can change it every two weeks; "
                "names you had stay yours."
            ),
            "bio": "Up to 500 characters, on your public page.",
            "hides_comments": "They stay under their stories; this page does not gather them.",
        }
        widgets = {
            "display_name": forms.TextInput(attrs={"autocomplete": "nickname"}),
            "bio": forms.Textarea(attrs={"rows": 4}),
        }

    def clean_display_name(self) -> str:
        name = " ".join(self.cleaned_data["display_name"].split())
        if name and name != self.instance.display_name:
            check_display_name(name, self.instance)
        return name

    def clean_bio(self) -> str:
        # Feeds and XML break on control characters, and nobody means them.
        return "".join(
            character
            for character in self.cleaned_data["bio"]
            if character == "\n" or unicodedata.category(character) not in {"Cc", "Cs"}
        ).strip()

    def save(self, commit: bool = True) -> User:
        """Keep what was typed. Raises ``NameTaken`` and ``RenamedRecently``."""
        with transaction.atomic():
            person = User.objects.get(pk=self.instance.pk)
            if self.cleaned_data["display_name"] != person.display_name:
                person.rename(self.cleaned_data["display_name"])
            person.bio = self.cleaned_data["bio"]
            person.hides_comments = self.cleaned_data["hides_comments"]
            person.save(update_fields=["bio", "hides_comments"])
        return person

    def try_save(self) -> bool:
        """Save, or say beside the name why it cannot be had."""
        try:
            self.save()
        except (NameTaken, RenamedRecently) as refusal:
            self.add_error("display_name", refusal)
        return self.is_valid()


def check_display_name(name: str, person: User | None = None) -> None:
    """Raise ``ValidationError`` for a display name that ``person`` cannot have."""
    MinLengthValidator(2)(name)
    names.refuse_strange_letters(name)
    names.refuse_reserved(name)
    if not any(character.isalpha() for character in name):
        raise ValidationError("A name needs a letter.", "letters")
    if "@" in name or "//" in name:
        raise ValidationError("A name, please: no address.", "address")
    if not HeldName.is_free(name, person):
        raise NameTaken


class InvitationForm(forms.ModelForm):
    """A new person, made in the admin. They choose their password by a link in our mail."""

    class Meta:
        model = User
        fields = ["username", "email", "is_staff", "groups"]

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        # Staff may have a reserved name: an administrator gives it. Look-alikes nobody has.
        for check in names.username_validators:
            if callable(check) and check is not names.refuse_reserved:
                check(username)
        if not HeldName.is_free(username):
            raise NameTaken
        return username

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError("Somebody here has this address.", "unique")
        return get_adapter().clean_email(email)


class PersonForm(forms.ModelForm):
    """What an administrator may change of a person."""

    class Meta:
        model = User
        fields = ["display_name", "bio", "expertise", "is_active", "is_staff", "groups"]

    def clean_display_name(self) -> str:
        name = " ".join(self.cleaned_data["display_name"].split())
        if name and name != self.instance.display_name:
            check_display_name(name, self.instance)
        return name

    def clean_expertise(self) -> str:
        return " ".join(self.cleaned_data["expertise"].split())
