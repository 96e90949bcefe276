"""How allauth's accounts become ours."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.http import HttpRequest

from accounts.models import HeldName, NameTaken, User


class AccountAdapter(DefaultAccountAdapter):
    """Keeps names unique to the eye, and claims them when an account is made."""

    def clean_username(self, username: str, shallow: bool = False) -> str:
        username = super().clean_username(username, shallow)
        if not shallow and not HeldName.is_free(username):
            raise forms.ValidationError(NameTaken().messages)
        return username

    def save_user(
        self, request: HttpRequest, user: User, form: Any, commit: bool = True
    ) -> User:
        user = super().save_user(request, user, form, commit)
        if commit:
            user.claim_names()
        return user
