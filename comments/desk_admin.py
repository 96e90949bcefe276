"""What the desk keeps, in the admin: templates, hours, settings, records of people and of law."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from comments.models import (
    DeskSettings,
    Dispatch,
    DutyHours,
    Link,
    MessageTemplate,
    Sanction,
    Terms,
)
from newsroom.admin import GuardedAdmin


class KeptAdmin(GuardedAdmin):
    """Rows that the admin shows and nobody changes there, whoever they are."""

    sortable_by = ()
    ordering = ["-pk"]
    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(MessageTemplate)
class MessageTemplateAdmin(GuardedAdmin):
    """Words to authors that the desk uses again."""

    list_display = ["name", "reason", "text"]
    list_filter = ["reason"]
    search_fields = ["name", "text"]


@admin.register(Sanction)
class SanctionAdmin(KeptAdmin):
    """What was decided about people, newest first; it is decided at the person's page."""

    list_display = ["at", "person", "kind", "reason", "until", "by"]
    list_filter = ["kind", "reason"]
    list_select_related = ["person", "by"]
    fields = (
        "at", "person", "kind", "reason", "until", "by", "rule", "note", "message", "comment",
        "ends",
    )  # fmt: skip
    readonly_fields = fields


@admin.register(Dispatch)
class DispatchAdmin(KeptAdmin):
    """Single mails to those who need no account: receipts, answers, alarms."""

    list_display = ["at", "subject", "status", "tries", "sent_at", "error"]
    list_filter = ["status"]
    fields = ("at", "subject", "status", "due_at", "tries", "sent_at", "error", "text")
    readonly_fields = fields


@admin.register(Link)
class LinkAdmin(KeptAdmin):
    """The chain over the record."""

    list_display = ["position", "kind", "row", "digest", "at"]
    list_filter = ["kind"]
    ordering = ["-position"]
    fields = ("position", "kind", "row", "previous", "digest", "at")
    readonly_fields = fields


@admin.register(DutyHours)
class DutyHoursAdmin(GuardedAdmin):
    """When somebody is at the desk."""

    list_display = ["weekday", "opens", "closes"]


@admin.register(DeskSettings)
class DeskSettingsAdmin(GuardedAdmin):
    """How the desk is run: one row, made when somebody first changes it."""

    fields = ["alarm_after", "second_look_share", "pause_after", "outside_hours"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and not DeskSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_change_permission(request):
            row = DeskSettings.objects.first()
            if row is None:
                return redirect("admin:comments_desksettings_add")
            return redirect("admin:comments_desksettings_change", row.pk)
        return super().changelist_view(request, extra_context)


@admin.register(Terms)
class TermsAdmin(GuardedAdmin):
    """The rules of the conversation: a new version is a new row, and none is changed."""

    list_display = ["number", "in_force_at", "changes", "by"]
    fields = ["text", "changes", "in_force_at"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Terms]:
        return super().get_queryset(request).select_related("by")

    def save_model(self, request: HttpRequest, obj: Terms, form: Any, change: bool) -> None:
        obj.by = request.user  # type: ignore[assignment]
        obj.publish()
