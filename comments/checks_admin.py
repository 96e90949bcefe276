"""The checks in the admin: the pipeline as a table, the desk's words, and their rehearsal."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from comments import pipeline, rehearsal, wordlist
from comments.cards import shortened
from comments.models import CheckRule, Comment, Decision, Finding, WordRule
from newsroom.admin import GuardedAdmin
from newsroom.rows import number_or_404

LATELY = datetime.timedelta(days=30)
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


class CheckRuleForm(forms.ModelForm):
    """How one check is set, and where."""

    check_name = forms.ChoiceField(label="check", choices=pipeline.names)

    class Meta:
        model = CheckRule
        fields = [
            "check_name", "section", "article", "is_on", "action", "threshold", "sample", "note",
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        stage = pipeline.STAGE.get(said.get("check_name", ""))
        if said.get("section") and said.get("article"):
            self.add_error("article", "For a section or for a story, not for both.")
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
        return super().changelist_view(request, {**(extra_context or {}), "stages": stages()})

    def rehearse(self, request: HttpRequest) -> HttpResponse:
        """Show what a check would have found with another number."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        back = reverse("admin:comments_checkrule_changelist")
        if request.GET.get("check") == "links":
            threshold = min(100, max(1, number_or_404(request.GET.get("threshold", "2"))))
            found = rehearsal.of_links(threshold)
            return show(request, f"Rehearsal: {threshold} links or more", found, back)
        return show(request, "Rehearsal: private data", rehearsal.of_private_data(), back)

    def save_model(self, request: HttpRequest, obj: CheckRule, form: Any, change: bool) -> None:
        obj.by = request.user  # type: ignore[assignment]
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)


def stages() -> list[dict[str, Any]]:
    """Return the pipeline with what it found in 30 days, and how much of that stood. 3 queries."""
    rules = {
        rule.check_name: rule
        for rule in CheckRule.objects.filter(section__isnull=True, article__isnull=True)
    }
    lately = Finding.objects.filter(at__gt=timezone.now() - LATELY, revision__isnull=True)
    hits = dict(lately.order_by().values_list("check_name").annotate(count=Count("pk")))
    judged = Decision.objects.filter(
        comment=OuterRef("comment"), by__isnull=False, revision__isnull=True
    )
    stands = Q(comment__status=Comment.Status.APPROVED)
    counted = {
        name: (decided, stood)
        for name, decided, stood in lately.filter(Exists(judged))
        .order_by()
        .values("check_name")
        .annotate(decided=Count("pk"), stood=Count("pk", filter=stands))
        .values_list("check_name", "decided", "stood")
    }
    found = []
    for stage in pipeline.STAGES:
        decided, stood = counted.get(stage.name, (0, 0))
        found.append(
            {
                "stage": stage,
                "rule": rules.get(stage.name),
                "hits": hits.get(stage.name, 0),
                "stood": round(100 * stood / decided) if decided else None,
                "decided": decided,
            }
        )
    return found
