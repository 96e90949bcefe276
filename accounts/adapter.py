"""How allauth's accounts become ours."""

from types import SimpleNamespace
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse

from accounts import sources
from accounts.models import HeldName, NameTaken, SourceRule, User
from newsroom.addresses import client_address

# One sentence for an unknown name and for a wrong password: which of them it was is not told.
NO_MATCH = "This name and password do not belong together. Check both and try again."


class AccountAdapter(DefaultAccountAdapter):
    """Keeps names unique to the eye, claims them at sign-up, and writes mail as the paper."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This account is closed.",
        "duplicate_email": "This is your address already.",
        "email_password_mismatch": NO_MATCH,
        "username_password_mismatch": NO_MATCH,
        "enter_current_password": "This is not your present password.",
        "incorrect_password": "This is not your password.",
        "incorrect_code": "This code is not right, or no longer valid.",
        "too_many_login_attempts": "Too many attempts. Please wait five minutes, then try again.",
        "rate_limited": "Too many attempts. Please wait a minute, then try again.",
        "username_taken": NameTaken().message,
        "username_blacklisted": "This name is reserved. Please choose another.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that limits are counted by, the same here as in the conversation."""
        return client_address(request) or "unknown"

    def clean_username(self, username: str, shallow: bool = False) -> str:
        username = super().clean_username(username, shallow)
        if not shallow and not HeldName.is_free(username):
            raise forms.ValidationError(NameTaken().messages)
        return username

    def clean_email(self, email: str) -> str:
        """Refuse addresses, and visitors, from where the desk takes nobody."""
        email = super().clean_email(email)
        request = context.request
        rule = sources.rule_for(email, client_address(request) if request else None)
        if rule is not None and rule.action == SourceRule.Action.BLOCK:
            sources.count(rule)
            raise forms.ValidationError(
                "The paper takes no accounts from there at the moment. Use another address, or "
                f"write to {settings.SITE_CONTACT}."
            )
        return email

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save a newcomer and claim the name.

        Raises ``NameTaken`` for the second of two who ask at once, and ``IntegrityError`` where
        it was the address that both gave.
        """
        try:
            with transaction.atomic():
                user = super().save_user(request, user, form, commit)
                if commit:
                    user.claim_names()
        except IntegrityError as error:
            if User.objects.filter(username__iexact=user.username).exists():
                raise NameTaken from error
            raise
        return user

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Mark the address as confirmed, unless another account holds it by now."""
        try:
            with transaction.atomic():
                return super().confirm_email(request, email_address)
        except IntegrityError:
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail that names the paper, where allauth would name the host."""
        paper = {
            "site_name": settings.SITE_NAME,
            "site_contact": settings.SITE_CONTACT,
            "reset_url": self.request.build_absolute_uri(reverse("account_reset_password")),
            "current_site": SimpleNamespace(
                name=settings.SITE_NAME, domain=self.request.get_host()
            ),
        }
        super().send_mail(template_prefix, email, {**paper, **context})

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Send the link under which a password is chosen: a new one, or an invited person's first.

        It goes to the address we hold, never to the one that was typed.
        """
        held = EmailAddress.objects.filter(user=user, email__iexact=email).first()
        to = held.email if held else user.email
        if user.has_usable_password():
            self.send_mail("account/email/password_reset_key", to, context)
        else:
            self.send_mail("account/email/invitation", to, context)
