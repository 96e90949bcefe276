"""Comments in the admin: the desk, the list with its actions, the record, and the word list."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from comments import (  # noqa: F401  # they register theirs
    appeals,
    batches,
    checks_admin,
    deciding,
    desk,
    desk_admin,
    desk_statistics,
    exports,
    legal,
    people,
    secondlook,
    wordlist,
)
from comments.cards import shortened
from comments.marks import marked
from comments.models import (
    Comment,
    Decision,
    Finding,
    InvalidMove,
    PromptCount,
    Reason,
    Report,
    Revision,
)
from newsroom.admin import GuardedAdmin

# The pages of the desk, under the comments' own address.
PAGES = (
    ("desk/", desk.desk, "comment_desk"),
    ("desk/pulse/", desk.pulse, "desk_pulse"),
    ("desk/filters/", desk.save_filter, "desk_filters"),
    ("desk/last/", deciding.last, "desk_last"),
    ("desk/surge/<int:pk>/", desk.end_surge, "end_surge"),
    ("<int:pk>/decide/", deciding.decide, "comment_decide"),
    ("<int:pk>/preview/", deciding.preview, "comment_preview"),
    ("<int:pk>/around/", deciding.around, "comment_around"),
    ("<int:pk>/undo/", deciding.undo, "comment_undo"),
    ("<int:pk>/thread/", deciding.thread, "comment_thread"),
    ("<int:pk>/with-replies/", deciding.with_replies, "comment_with_replies"),
    ("batches/new/", batches.new, "batch_new"),
    ("batches/", batches.batches, "batches"),
    ("batches/<int:pk>/", batches.batch, "batch"),
    ("people/<int:pk>/", people.person_page, "person"),
    ("people/<int:pk>/sanction/", people.impose, "sanction"),
    ("people/reporters/", people.reporters, "reporters"),
    ("notes/", people.note, "notes"),
    ("appeals/<int:pk>/", appeals.answer, "appeal"),
    ("legal/<int:pk>/", legal.answer, "legal"),
    ("second-look/", secondlook.page, "second_look"),
    ("statistics/", desk_statistics.page, "statistics"),
    ("statistics.csv", desk_statistics.table, "statistics_csv"),
    ("export/statements.csv", exports.statements, "statements"),
    ("export/log.csv", exports.log, "log"),
)

AT_ONCE = 200  # how many comments one action decides on
NAMED = 10  # how many of those that could not be decided on are named
SAMPLE = 5
NUMBER = re.compile(r"[0-9]{1,18}").fullmatch  # what either database can look up


class RecordAdmin(GuardedAdmin):
    """Rows that the admin shows and nobody changes there, whoever they are."""

    sortable_by = ()
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class RecordInline(admin.TabularInline):
    """The same for what hangs on a row."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class FindingInline(RecordInline):
    model = Finding
    fields = ("reason", "words", "about", "at")
    readonly_fields = fields

    @admin.display(description="about")
    def about(self, finding: Finding) -> str:
        return f"edit {finding.revision_id}" if finding.revision_id else "the comment"

    @admin.display(description="words")
    def words(self, finding: Finding) -> str:
        return ", ".join(finding.matches) or "–"


class RevisionInline(RecordInline):
    """The texts that a comment had, has, or is to have."""

    model = Revision
    fields = ("number", "at", "status", "typed")
    readonly_fields = fields
    verbose_name_plural = "texts"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Who reads the comment here, reads what it said before.
        return request.user.has_perm("comments.view_comment")

    @admin.display(description="edit")
    def number(self, revision: Revision) -> int:
        return revision.pk

    @admin.display(description="text")
    def typed(self, revision: Revision) -> SafeString:
        return format_html('<div class="said">{}</div>', revision.html)


class ReportInline(RecordInline):
    model = Report
    fields = ("reason", "note", "reporter", "at", "answer")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return super().get_queryset(request).select_related("reporter", "decision")

    @admin.display(description="answer")
    def answer(self, report: Report) -> str:
        return str(report.decision) if report.decision else "open"


class DecisionInline(RecordInline):
    model = Decision
    fk_name = "comment"
    fields = ("at", "who", "about", "before", "after", "reason", "note", "message")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return super().get_queryset(request).select_related("by")

    @admin.display(description="about")
    def about(self, decision: Decision) -> str:
        return f"edit {decision.revision_id}" if decision.revision_id else "the comment"

    @admin.display(description="who")
    def who(self, decision: Decision) -> str:
        return decision.by.name if decision.by else f"a rule: {decision.rule}"


class RejectForm(forms.Form):
    """Why several comments are rejected, and what their authors are told."""

    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *((item.value, item.label) for item in desk.REASONS)]
    )
    note = forms.CharField(max_length=500, required=False, label="Note for the desk")
    message = forms.CharField(
        max_length=2000,
        required=False,
        label="Message to the authors",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@admin.register(Comment)
class CommentAdmin(RecordAdmin):
    """Shows comments; only a decision moves one, so that every move is on record."""

    list_display = ["excerpt", "author_name", "story", "status", "number", "created_at"]
    list_filter = ["status"]
    search_fields = ["body", "^author__username", "^author__display_name", "^guest_name"]
    list_per_page = 50
    list_max_show_all = 200
    actions = ["approve", "reject", "spam", "decide"]
    inlines = [FindingInline, RevisionInline, ReportInline, DecisionInline]
    # Neither addresses nor mail addresses: who decides on a text needs neither.
    fields = (
        "text", "speaks_of", "status", "article", "author_name", "number", "answers", "created_at",
        "visible_at", "edited_at", "respect_count", "visible_replies", "pick_reason", "version",
    )  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        return [
            *(
                path(address, self.admin_site.admin_view(view), name=f"comments_{name}")
                for address, view, name in PAGES
            ),
            *super().get_urls(),
        ]

    def view_on_site(self, comment: Comment) -> str | None:
        """Readers find a comment at its address while it is visible, and nothing otherwise."""
        return comment.get_absolute_url() if comment.is_visible else None

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.moderate_comment")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        rows = super().get_queryset(request)
        return rows.select_related("author", "article", "parent__author").defer(
            "article__body", "article__body_html"
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        can_moderate = self.has_moderate_permission(request)
        return super().changelist_view(
            request, {**(extra_context or {}), "can_moderate": can_moderate}
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        can_moderate = self.has_moderate_permission(request)
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "can_moderate": can_moderate}
        )

    @admin.display(description="comment")
    def excerpt(self, comment: Comment) -> str:
        return shortened(comment, 90) or "(nothing to read)"

    @admin.display(description="story")
    def story(self, comment: Comment) -> str:
        return comment.article.headline

    @admin.display(description="author")
    def author_name(self, comment: Comment) -> str:
        return comment.author_name

    @admin.display(description="answers")
    def answers(self, comment: Comment) -> str:
        if comment.parent is None:
            return "–"
        return f"{comment.parent.author_name}: {shortened(comment.parent)}"

    @admin.display(description="quotes", empty_value="–")
    def speaks_of(self, comment: Comment) -> str | None:
        """The passage it quotes, and from where."""
        if not comment.quote:
            return None
        return f"{comment.get_quote_source_display()}: “{comment.quote}”"

    @admin.display(description="text")
    def text(self, comment: Comment) -> SafeString:
        findings = comment.findings.filter(revision__isnull=True)
        matches = [match for finding in findings for match in finding.matches]
        return format_html('<div class="said">{}</div>', marked(comment.body_html, matches))

    def action_checkbox(self, obj: Comment) -> SafeString:
        """The row's box, and the version that whoever ticks it has seen."""
        return format_html(
            '{}<input type="hidden" name="seen" value="{}:{}">',
            super().action_checkbox(obj),
            obj.pk,
            obj.version,
        )

    @admin.action(description="Approve selected comments", permissions=["moderate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        def approve(comment: Comment, version: int | None) -> None:
            comment.approve(desk.person(request), version=version)

        self._decide(request, queryset, "approved", approve)

    @admin.action(description="Mark selected comments as spam", permissions=["moderate"])
    def spam(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        def mark_spam(comment: Comment, version: int | None) -> None:
            comment.mark_spam(desk.person(request), version=version)

        self._decide(request, queryset, "marked as spam", mark_spam)

    @admin.action(description="Reject selected comments…", permissions=["moderate"])
    def reject(self, request: HttpRequest, queryset: QuerySet[Comment]) -> TemplateResponse | None:
        """Ask for the reason on a page of its own, then reject what that page showed."""
        form = RejectForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            said = form.cleaned_data

            def reject(comment: Comment, version: int | None) -> None:
                comment.reject(
                    desk.person(request),
                    said["reason"],
                    version=version,
                    note=said["note"],
                    message=said["message"],
                )

            self._decide(request, queryset, "rejected", reject)
            return None
        chosen = self._chosen(request, queryset)
        if len(chosen) > AT_ONCE:
            self._too_many(request)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Reject several comments",
            "opts": self.opts,
            "form": form,
            "chosen": chosen,
            "sample": [(comment, shortened(comment)) for comment in chosen[:SAMPLE]],
            "further": max(0, len(chosen) - SAMPLE),
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/comments/comment/reject_selected.html", context)

    def _chosen(self, request: HttpRequest, queryset: QuerySet[Comment]) -> list[Comment]:
        """Return what was ticked, and one more than ``AT_ONCE`` if there is more.

        A filter in the list's address must not hide what somebody else decided on meanwhile.
        """
        if request.POST.get("select_across") != "1":
            ticked = [pk for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if NUMBER(pk)]
            queryset = self.get_queryset(request).filter(pk__in=ticked)
        # As the queue has them, so that numbers are given in the order of writing.
        return list(queryset.order_by("created_at", "pk")[: AT_ONCE + 1])

    def _too_many(self, request: HttpRequest) -> None:
        self.message_user(
            request,
            f"Nothing was done: at most {AT_ONCE} comments are decided on at once.",
            messages.ERROR,
        )

    def _decide(
        self,
        request: HttpRequest,
        queryset: QuerySet[Comment],
        done: str,
        verb: Callable[[Comment, int | None], None],
    ) -> None:
        """Decide on each of these by itself, and say what was done and what could not be."""
        chosen = self._chosen(request, queryset)
        seen = dict(batches.seen_pairs(request.POST.getlist("seen")))
        if len(chosen) > AT_ONCE:
            self._too_many(request)
            return
        refused: list[str] = []
        for comment in chosen:
            try:
                verb(comment, seen.get(comment.pk))
            except InvalidMove as problem:
                refused.append(f"{comment.pk} by {comment.author_name} ({problem})")
        count = len(chosen) - len(refused)
        if count:
            nouns = "comment" if count == 1 else "comments"
            self.message_user(request, f"{count} {nouns} {done}.", messages.SUCCESS)
        if refused:
            self.message_user(request, _not_done(refused), messages.WARNING)

    @admin.action(description="Decide on selected comments…", permissions=["moderate"])
    def decide(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        """Show what was ticked, with what it would come to, on a page of its own."""
        return batches.new(request)


def _not_done(refused: list[str]) -> str:
    named = "; ".join(refused[:NAMED])
    more = f"; and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    return f"Not done, {len(refused)} of them: {named}{more}."


@admin.register(Decision)
class DecisionAdmin(RecordAdmin):
    """The record of the desk, newest first."""

    list_display = ["at", "comment", "about", "before", "after", "reason_given", "who", "note"]
    list_filter = ["after", "reason"]
    fields = (
        "at", "comment", "about", "new_text", "who", "before", "after", "reason_given", "note",
        "message", "comment_version",
    )  # fmt: skip
    readonly_fields = fields
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return super().get_queryset(request).select_related("by", "comment__author", "revision")

    @admin.display(description="about")
    def about(self, decision: Decision) -> str:
        return f"edit {decision.revision_id}" if decision.revision_id else "the comment"

    @admin.display(description="new text", empty_value="–")
    def new_text(self, decision: Decision) -> SafeString | None:
        """The text of the edit that was decided on."""
        if decision.revision is None:
            return None
        return format_html('<div class="said">{}</div>', decision.revision.html)

    @admin.display(description="who")
    def who(self, decision: Decision) -> str:
        return decision.by.name if decision.by else f"a rule: {decision.rule}"

    @admin.display(description="reason", empty_value="–")
    def reason_given(self, decision: Decision) -> str | None:
        return Reason(decision.reason).label if decision.reason else None


@admin.register(PromptCount)
class PromptCountAdmin(RecordAdmin):
    """What came of asking authors to think again, by day and rule; nothing of what they wrote."""

    list_display = ["day", "rule", "outcome", "count", "share"]
    list_filter = ["rule", "outcome"]
    ordering = ["-day", "rule", "outcome"]
    fields = ("day", "rule", "outcome", "count", "share")
    readonly_fields = fields
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[PromptCount]:
        shown = PromptCount.objects.filter(
            day=OuterRef("day"), rule=OuterRef("rule"), outcome=PromptCount.Outcome.SHOWN
        )
        return super().get_queryset(request).annotate(asked=Subquery(shown.values("count")[:1]))

    @admin.display(description="of those asked that day", empty_value="–")
    def share(self, row: PromptCount) -> str | None:
        asked = getattr(row, "asked", None)
        return f"{100 * row.count / asked:.0f} %" if asked else None
