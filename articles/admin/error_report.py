"""Errors that readers report, at the desk: what they say, on which passage, and the answer."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from articles import passages
from articles.admin.lists import DeskAdmin
from articles.models import Article, Correction, ErrorReport, InvalidMove, Section
from articles.models.error_report import AnsweredAlready
from newsroom.rows import number
from newsroom.templatetags.newsroom import clock


class SectionFilter(admin.SimpleListFilter):
    title = "section"
    parameter_name = "section"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(section.slug, section.name) for section in Section.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ErrorReport]) -> Any:
        return queryset.filter(article__section__slug=self.value()) if self.value() else queryset


class StoryFilter(admin.SimpleListFilter):
    """Reports on one story, which its form links to. Others are too many to choose from."""

    title = "story"
    parameter_name = "story"

    def has_output(self) -> bool:
        return self.value() is not None

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = number(request.GET.get("story", ""))
        if chosen is None:
            return []
        found = Article.objects.readable_at_desk(request.user).filter(pk=chosen)  # type: ignore[arg-type]
        return [(str(pk), headline) for pk, headline in found.values_list("pk", "headline")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ErrorReport]) -> Any:
        chosen = number(self.value() or "")
        if self.value() is None:
            return queryset
        return queryset.none() if chosen is None else queryset.filter(article=chosen)


class AnswerForm(forms.Form):
    """What became of a report, and the word that its reader gets."""

    outcome = forms.ChoiceField(
        label="What became of it",
        choices=ErrorReport.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what became of the report."},
    )
    answer = forms.CharField(
        label="Your answer, which the reader gets",
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={
            "required": "Write a word to the reader: they took the trouble to tell us."
        },
    )
    correction_kind = forms.ChoiceField(
        label="Carried as",
        choices=[
            (kind.value, kind.label) for kind in Correction.Kind if kind != Correction.Kind.UPDATE
        ],
        initial=Correction.Kind.CORRECTION,
        required=False,
        help_text="A factual error is always a correction.",
    )
    correction_text = forms.CharField(
        label="For all readers, under the story and among the corrections",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="What was wrong, and what is right. Empty: the story carries nothing.",
    )
    names_a_reader = forms.BooleanField(
        label="Say that a reader reported it, without a name", initial=True, required=False
    )
    also = forms.ModelMultipleChoiceField(
        label="Give the same answer to the other reports on this passage",
        queryset=ErrorReport.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, others: list[ErrorReport], may_correct: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        waiting = [other.pk for other in others if other.is_open]
        if waiting:
            also: Any = self.fields["also"]
            also.queryset = ErrorReport.objects.open().filter(pk__in=waiting)
            also.label_from_instance = lambda other: Truncator(
                f"{other.reference}: {other.text}"
            ).chars(120)
            also.initial = waiting
        else:
            del self.fields["also"]
        if not may_correct:
            for name in ("correction_kind", "correction_text", "names_a_reader"):
                del self.fields[name]


@admin.register(ErrorReport)
class ErrorReportAdmin(DeskAdmin):
    list_display = ["reference", "story", "passage", "state", "came"]
    list_display_links = ["reference"]
    list_filter = ["status", "outcome", SectionFilter, StoryFilter]
    search_fields = ["reference"]
    search_help_text = "A report's reference"
    # The open ones first, the oldest of them on top.
    ordering = ["-status", "at", "pk"]

    class Media:
        css = {"all": ["css/error-report.css"]}

    # Who may do what

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in {"section", "story"} or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ErrorReport]:
        found = ErrorReport.objects.seen_by(request.user)  # type: ignore[arg-type]
        return (
            found.select_related("article__section", "correction", "answered_by")
            .defer("article__body", "article__body_html")
            .order_by(*self.ordering)
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    # One report

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a report on its passage; a POST answers it, once."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).defer(None).select_related("revision__base")
        pk = number(object_id)
        found = rows.filter(pk=pk).first() if pk is not None else None
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        others = found.same_passage()
        may_answer = self.has_change_permission(request)
        form = AnswerForm(
            request.POST or None,
            others=others,
            may_correct=request.user.has_perm("articles.add_correction"),
        )
        problem, status = "", 200
        if request.method == "POST":
            if not may_answer:
                raise PermissionDenied
            if form.is_valid():
                try:
                    self._answer(request, found, form.cleaned_data)
                except InvalidMove as refusal:
                    problem = str(refusal)
                    status = 409 if isinstance(refusal, AnsweredAlready) else 422
                else:
                    return HttpResponseRedirect(
                        reverse("admin:articles_errorreport_changelist") + "?status__exact=open"
                    )
            else:
                status = 422
        context = {
            **self.admin_site.each_context(request),
            "title": f"Error report {found.reference}",
            "opts": self.opts,
            "media": self.media,
            "report": found,
            "article": found.article,
            "form": form,
            "others": others,
            "may_answer": may_answer,
            "problem": problem,
            **_passage(found),
        }
        template = "admin/articles/error_report/report.html"
        return render(request, template, context, status=status)

    def _answer(self, request: HttpRequest, found: ErrorReport, said: dict[str, Any]) -> None:
        also = list(said.get("also") or [])
        found.answer_with(
            request.user,  # type: ignore[arg-type]
            said["outcome"],
            said["answer"],
            correction_kind=said.get("correction_kind") or Correction.Kind.CORRECTION,
            correction_text=said.get("correction_text", ""),
            names_a_reader=said.get("names_a_reader", False),
            also=also,
        )
        done = "Answered."
        if found.mail_due:
            done = "Answered. The reader gets your words by mail."
        if found.correction:
            done += f" The story carries your {found.correction.get_kind_display().lower()}."
        if also:
            done += f" The same went to {len(also)} more."
        self.message_user(request, done, messages.SUCCESS)

    # The list

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": "Errors that readers report"})

    @admin.display(description="Story", ordering="article")
    def story(self, report: ErrorReport) -> str:
        return report.article.headline

    @admin.display(description="Passage")
    def passage(self, report: ErrorReport) -> str:
        return Truncator(report.quote or report.text).chars(90)

    @admin.display(description="State", ordering="status")
    def state(self, report: ErrorReport) -> SafeString:
        if report.is_open:
            return SafeString('<span class="state state-scheduled">Open</span>')
        return format_html('<span class="state">{}</span>', report.get_outcome_display())

    @admin.display(description="Came", ordering="at")
    def came(self, report: ErrorReport) -> SafeString:
        return clock(report.at, "j M Y, H:i")


def _passage(report: ErrorReport) -> dict[str, Any]:
    """Return the story's text with the passage marked, and whether the text has changed."""
    of = report.article
    # As readers have it, pictures and all.
    text = passages.whole(of.headline, of.standfirst, of.dateline, of.body_html)
    blocks = passages.marked(text, report.quote)
    near = passages.around(blocks)
    return {
        "blocks": blocks,
        "near": near,
        "has_changed": report.has_text_changed,
        "is_gone": bool(report.quote) and not near,
    }
