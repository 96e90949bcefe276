"""People in the admin: administrators keep them, moderators look them up."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.forms import InvitationForm, PersonForm
from accounts.models import SourceRule, User
from newsroom.admin import GuardedAdmin, OnManyPages

RIGHTS = ["is_active", "is_staff", "groups"]


@admin.register(User)
class UserAdmin(OnManyPages, GuardedAdmin):
    """No passwords and no superusers are made here, and nobody changes their own rights."""

    list_filter = ["is_active", "is_staff", "groups"]
    filter_horizontal = ["groups"]
    ordering = ["-date_joined"]
    date_hierarchy = None
    list_per_page = 50
    actions = ["send_password_link", "deactivate", "activate"]

    # Who may what

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Whoever could change a superuser could become one.
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # An account is deactivated; what it said and decided stays on record.
        return False

    def _keeps_people(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    # What is shown: addresses only to those who keep the people

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = ["username", "display_name", "email", "is_active", "is_staff", "date_joined"]
        return shown if self._keeps_people(request) else [n for n in shown if n != "email"]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        # A search that finds by address tells whose it is, even where it is not shown.
        fields = ["username", "display_name"]
        return [*fields, "email"] if self._keeps_people(request) else fields

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return InvitationForm.Meta.fields
        fields = ["username", "email", "display_name", "bio", "expertise", *RIGHTS]
        fields += ["date_joined", "last_login"]
        if self._keeps_people(request):
            return fields
        return [name for name in fields if name not in {"email", "last_login"}]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj is None:
            return []
        fixed = ["username", "email", "date_joined", "last_login"]
        return [*fixed, *RIGHTS] if obj.pk == request.user.pk else fixed

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm]:
        kwargs["form"] = PersonForm if change else InvitationForm
        return super().get_form(request, obj, change, **kwargs)

    # What happens

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save a person and claim their names; a new one is invited by mail."""
        with transaction.atomic():
            if not change:
                obj.set_unusable_password()
            super().save_model(request, obj, form, change)
            obj.claim_names()
            if change:
                return
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True)
        transaction.on_commit(lambda: self._send_link(request, obj))

    def _send_link(self, request: HttpRequest, person: User) -> bool:
        form = ResetPasswordForm({"email": person.email})
        if not form.is_valid():
            return False
        form.save(request)
        return True

    @admin.action(description="Send a link to choose a password", permissions=["change"])
    def send_password_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = queryset.filter(is_active=True)[:100]
        sent = sum(self._send_link(request, person) for person in people)
        self.message_user(request, f"Links sent: {sent}.", messages.SUCCESS)

    @admin.action(description="Deactivate: log out now and keep out", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, False)

    @admin.action(description="Activate again", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, True)

    def _set_active(self, request: HttpRequest, queryset: QuerySet[User], active: bool) -> None:
        changed, left = 0, []
        for person in queryset:
            if person.pk == request.user.pk or not self.has_change_permission(request, person):
                left.append(person.username)
            elif person.is_active != active:
                person.is_active = active
                person.save(update_fields=["is_active"])
                self.log_change(request, person, "Activated." if active else "Deactivated.")
                changed += 1
        word = "activated" if active else "deactivated"
        self.message_user(request, f"People {word}: {changed}.", messages.SUCCESS)
        if left:
            self.message_user(request, f"Not yours to change: {', '.join(left)}.", messages.WARNING)


@admin.register(SourceRule)
class SourceRuleAdmin(GuardedAdmin):
    """Where accounts or comments come from that the desk refuses or reads first."""

    list_display = ["value", "kind", "action", "is_enabled", "expires_at", "hits", "owner", "note"]
    list_filter = ["kind", "action", "is_enabled"]
    list_select_related = ["owner"]
    search_fields = ["value", "note"]
    fields = ["kind", "value", "action", "is_enabled", "expires_at", "note", "hits", "last_hit_at"]
    readonly_fields = ["hits", "last_hit_at"]

    def save_model(self, request: HttpRequest, obj: SourceRule, form: Any, change: bool) -> None:
        if obj.owner is None:
            obj.owner = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
