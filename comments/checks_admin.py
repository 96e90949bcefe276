"""The checks in the admin: the pipeline as a table, the desk's words, and their rehearsal."""

import datetime
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from comments import pipeline, rehearsal, wordlist
from comments.cards import shortened
from comments.models import CheckRule, Comment, Decision, Finding, WordRule
from newsroom import cached
from newsroom.admin import GuardedAdmin
from newsroom.rows import number_or_404
from newsroom.templatetags.newsroom import counted

LATELY = datetime.timedelta(days=30)
COUNTED = 1000  # findings of one check that are looked at: the latest
FIGURES, KEPT_FOR = "checks-figures", 10 * 60  # seconds
# A save looks no longer than this for a rule that would hold everything.
SECONDS_AT_SAVE = 1.0


class WordRuleForm(forms.ModelForm):
    """A rule of the word list, with a box to try it on."""

    sample = forms.CharField(
        label="Try it on",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Not kept. After saving you are told what the rule finds in this text.",
    )
    finds_much = forms.BooleanField(
        label="I know that it finds much",
        required=False,
        help_text="Only needed for a rule that finds more than half of all comments.",
    )

    class Meta:
        model = WordRule
        fields = ["kind", "pattern", "action", "is_severe", "is_enabled", "expires_at", "note"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.errors or said.get("finds_much") or not said.get("is_enabled"):
            return said
        rule = WordRule(kind=said["kind"], pattern=said["pattern"])
        try:
            wordlist.compile_rule(rule)
        except ValueError:
            return said  # the model says what is wrong
        found = rehearsal.of_words(rule, SECONDS_AT_SAVE)
        if found.finds_too_much:
            raise ValidationError(
                f"This rule finds {found.found} of the last {found.looked_at} comments. Narrow it, "
                "or tick below that you mean it."
            )
        return said


@admin.register(WordRule)
class WordRuleAdmin(GuardedAdmin):
    """The desk's own words."""

    form = WordRuleForm
    list_display = [
        "pattern", "kind", "action", "is_enabled", "expires_at", "hits", "stood", "owner", "note",
    ]  # fmt: skip
    list_filter = ["action", "kind", "is_enabled"]
    list_select_related = ["owner"]
    search_fields = ["pattern", "note"]
    change_form_template = "admin/comments/wordrule/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "<int:pk>/rehearsal/",
                self.admin_site.admin_view(self.rehearse),
                name="comments_wordrule_rehearsal",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WordRule]:
        judged = Decision.objects.filter(
            comment=OuterRef("comment"), by__isnull=False, revision__isnull=True
        )
        own = Finding.objects.filter(Exists(judged), word_rule=OuterRef("pk")).order_by()
        counted = own.values("word_rule").annotate(count=Count("pk")).values("count")
        let_stand = own.filter(comment__status=Comment.Status.APPROVED)
        stood = let_stand.values("word_rule").annotate(count=Count("pk")).values("count")
        return (
            super()
            .get_queryset(request)
            .annotate(
                decided_hits=Subquery(counted, output_field=IntegerField()),
                stood_hits=Subquery(stood, output_field=IntegerField()),
            )
        )

    @admin.display(description="of those decided on, published", empty_value="–")
    def stood(self, rule: WordRule) -> str | None:
        """How much of what it held people let stand."""
        decided = getattr(rule, "decided_hits", None)
        if not decided:
            return None
        stood = getattr(rule, "stood_hits", None) or 0
        return f"{100 * stood / decided:.0f} % of {decided}"

    def rehearse(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a rule, on or off, finds in the last 30 days beside what people decided."""
        rule = get_object_or_404(WordRule, pk=number_or_404(str(pk)))
        if not self.has_view_permission(request, rule):
            raise PermissionDenied
        back = reverse("admin:comments_wordrule_change", args=[rule.pk])
        return show(request, f"Rehearsal of “{rule}”", rehearsal.of_words(rule), back)

    def save_model(
        self, request: HttpRequest, obj: WordRule, form: WordRuleForm, change: bool
    ) -> None:
        if obj.owner is None:
            obj.owner = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
        if sample := form.cleaned_data.get("sample"):
            self.message_user(request, _tried(obj, sample), messages.INFO)


def show(request: HttpRequest, title: str, found: rehearsal.Rehearsal, back: str) -> HttpResponse:
    """Show what a rule would have done."""
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": Comment._meta,
        "rehearsal": found,
        "hits": [(hit, shortened(hit.comment)) for hit in found.hits],
        "back": back,
    }
    return render(request, "admin/comments/comment/rehearsal.html", context)


def _tried(rule: WordRule, sample: str) -> str:
    """Say what ``rule`` finds in ``sample``."""
    try:
        found = wordlist.matches(rule, wordlist.readings(sample))
    except TimeoutError:
        return "On your text the pattern took too long. Please write a simpler one."
    if not found:
        return "In your text the rule finds nothing."
    return "In your text the rule finds: " + ", ".join(f"“{words}”" for words in found[:20]) + "."


def _meanings(name: str) -> SafeString:
    """Return what a number is for each check that has it, with its default."""
    numbers = [(stage.title, getattr(stage, name)) for stage in pipeline.STAGES]
    rows = [(title, number.means, number.default) for title, number in numbers if number]
    return format_html(
        "Empty for the one in brackets. What it is depends on the check:<ul>{}</ul>",
        format_html_join("", "<li>{}: {} ({})</li>", rows),
    )


class CheckRuleForm(forms.ModelForm):
    """How one check is set, and where."""

    check_name = forms.ChoiceField(label="Check", choices=pipeline.names)

    class Meta:
        model = CheckRule
        fields = [
            "check_name", "section", "article", "is_on", "action", "threshold", "sample", "note",
        ]  # fmt: skip
        help_texts = {"threshold": _meanings("threshold"), "sample": _meanings("sample")}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        stage = pipeline.STAGE.get(said.get("check_name", ""))
        if said.get("section") and said.get("article"):
            self.add_error("article", "For a section or for a story, not for both.")
        if stage is not None and (why := stage.senseless.get(said.get("action", ""))):
            self.add_error("action", why)
        for name in ("threshold", "sample"):
            value, number = said.get(name), getattr(stage, name, None)
            if value is None or stage is None:
                continue
            if number is None:
                self.add_error(name, "This check has no such number. Leave it empty.")
            elif not number.least <= value <= number.most:
                self.add_error(name, f"From {number.least} to {number.most}: {number.means}.")
        return said


@admin.register(CheckRule)
class CheckRuleAdmin(GuardedAdmin):
    """How the checks are set. Above the list stands the whole pipeline, set or not."""

    form = CheckRuleForm
    list_display = ["title", "place", "is_on", "action", "threshold", "sample", "by", "changed_at"]
    list_filter = ["is_on", "action"]
    list_select_related = ["section", "article", "by"]
    raw_id_fields = ["article"]
    change_list_template = "admin/comments/checkrule/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "rehearsal/",
                self.admin_site.admin_view(self.rehearse),
                name="comments_checkrule_rehearsal",
            ),
            *super().get_urls(),
        ]

    @admin.display(description="check")
    def title(self, rule: CheckRule) -> str:
        stage = pipeline.STAGE.get(rule.check_name)
        return stage.title if stage else rule.check_name

    @admin.display(description="where")
    def place(self, rule: CheckRule) -> str:
        if rule.article:
            return rule.article.headline
        return str(rule.section) if rule.section else "the whole site"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = figures()
        context = {"stages": stages(found), "counted_at": found.at}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def rehearse(self, request: HttpRequest) -> HttpResponse:
        """Show what a check would have found with another number."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        back = reverse("admin:comments_checkrule_changelist")
        if request.GET.get("check") == "links":
            threshold = min(100, max(1, number_or_404(request.GET.get("threshold", "2"))))
            found = rehearsal.of_links(threshold)
            title = f"Rehearsal: {counted(threshold, 'link,links')} or more"
            return show(request, title, found, back)
        return show(request, "Rehearsal: private data", rehearsal.of_private_data(), back)

    def save_model(self, request: HttpRequest, obj: CheckRule, form: Any, change: bool) -> None:
        obj.by = request.user  # type: ignore[assignment]
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)


@dataclass(frozen=True)
class Figure:
    """What one check found lately, and what became of it."""

    hits: str  # as one says it: "41", or "1000+"
    decided: int = 0  # of the latest, how many people decided on
    stood: int | None = None  # the share of those that they published, in percent


@dataclass(frozen=True)
class Figures:
    """What the checks found lately, by their names, and when that was counted."""

    at: datetime.datetime
    of: dict[str, Figure]


def figures() -> Figures:
    """Return what each check found in 30 days, and how much of that people let stand.

    Counted once in ten minutes, of each check the latest ``COUNTED`` findings and no more. A
    cache that is down costs the counting and nothing else.
    """
    if (known := cached.get(FIGURES)) is not None:
        return known
    now = timezone.now()
    names = [stage.name for stage in pipeline.STAGES]
    found = Figures(now, {name: _figure(name, now - LATELY) for name in names})
    cached.put(FIGURES, found, KEPT_FOR)
    return found


def _figure(name: str, since: datetime.datetime) -> Figure:
    """Count what one check found. One query, read along its index."""
    judged = Decision.objects.filter(
        comment=OuterRef("comment"), by__isnull=False, revision__isnull=True
    )
    latest = (
        Finding.objects.filter(check_name=name, at__gt=since, revision__isnull=True)
        .order_by("-at")
        .annotate(is_judged=Exists(judged))
        .values_list("is_judged", "comment__status")[: COUNTED + 1]
    )
    rows = list(latest)
    decided = [status for is_judged, status in rows[:COUNTED] if is_judged]
    stood = decided.count(Comment.Status.APPROVED)
    return Figure(
        hits=f"{COUNTED}+" if len(rows) > COUNTED else str(len(rows)),
        decided=len(decided),
        stood=round(100 * stood / len(decided)) if decided else None,
    )


def stages(found: Figures) -> list[dict[str, Any]]:
    """Return the pipeline, each stage as it is set for the whole site and with its figures."""
    rules = {
        rule.check_name: rule
        for rule in CheckRule.objects.filter(section__isnull=True, article__isnull=True)
    }
    return [
        {
            "stage": stage,
            "rule": (rule := rules.get(stage.name)),
            "numbers": stage.words(rule) if rule is None or rule.is_on else "",
            "figure": found.of.get(stage.name),
        }
        for stage in pipeline.STAGES
    ]
