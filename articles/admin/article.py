"""Stories on the desk: the form an editor thinks in, the list, and the steps of a story's life."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.forms import BaseModelFormSet, Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from articles.admin.lists import DeskAdmin
from articles.admin.picture import thumbnail
from articles.forms import ArticleForm, BylineForm, ScheduleForm, WithdrawForm
from articles.models import Article, Byline, Correction, InvalidMove, NotReady
from newsroom.templatetags.newsroom import clock

STEPS = {"_publish", "_schedule", "_unschedule", "_withdraw"}


class BylineInline(admin.TabularInline):
    model = Byline
    form = BylineForm
    extra = 1
    fields = ["position", "author", "role", "outlet"]
    autocomplete_fields = ["author"]
    verbose_name_plural = "bylines, in their order"

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        _plain(formset.form, "author")
        return formset


class CorrectionInline(admin.TabularInline):
    """Corrections are added and never taken back."""

    model = Correction
    extra = 1
    fields = ["kind", "text", "noted"]
    readonly_fields = ["noted"]

    @admin.display(description="Noted")
    def noted(self, correction: Correction) -> SafeString | str:
        if correction.pk is None:
            return ""
        return format_html("{}<br>{}", clock(correction.at), correction.by or "")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        return super().get_queryset(request).select_related("by")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Article)
class ArticleAdmin(DeskAdmin):
    form = ArticleForm
    inlines = [BylineInline, CorrectionInline]
    autocomplete_fields = ["topics", "lead_image"]
    list_display = ["headline", "state", "section", "names", "when", "comment_count"]
    list_filter = ["status", "section", "kind"]
    search_fields = ["headline"]
    search_help_text = "Words of the headline"
    # What has no date yet comes first: it is what the desk works on.
    ordering = [F("published_at").desc(nulls_first=True), "-pk"]
    actions = ["publish_selected", "withdraw_selected", "close_comments"]
    readonly_fields = ["lead_preview", "history", "text"]
    save_on_top = False

    # Who may do what

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("articles.publish_article")

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        return Article.objects.editable_by(request.user).filter(pk=obj.pk).exists()  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Only what readers never saw may be deleted, and one at a time; the rest is withdrawn."""
        return (
            obj is not None
            and super().has_delete_permission(request, obj)
            and obj.status == Article.Status.DRAFT
            and not obj.comment_count
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        found = super().get_queryset(request).readable_at_desk(request.user)  # type: ignore[attr-defined]
        match = request.resolver_match
        if match and match.url_name in {"articles_article_changelist", "autocomplete"}:
            return found.for_cards()
        return found

    # The form

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        changes = obj is None or self.has_change_permission(request, obj)
        source = ["source_outlet", "source_outlet_url", "source_url", "originally_published",
                  "source_licence", "source_permission"]  # fmt: skip
        republished = obj is not None and any(getattr(obj, name) for name in source)
        fieldsets = [
            (None, {"fields": ["headline", "slug", "standfirst"], "classes": ["wide-fields"]}),
            ("Text", {"fields": ["body" if changes else "text"], "classes": ["text-field"]}),
            ("In the paper", {"fields": ["label", "section", "topics", "dateline"],
                              "classes": ["aside"]}),
            ("Lead picture", {"fields": ["lead_preview", "lead_image", "lead_caption"],
                              "classes": ["aside"]}),
            ("Source, if republished",
             {"fields": source, "classes": ["aside"] if republished else ["aside", "collapse"]}),
        ]  # fmt: skip
        if self.has_publish_permission(request):
            # Not the reporter's: what the front page keeps, and who may comment.
            fields = ["comment_policy", "slow_mode", "shows_rules", "is_featured"]
            fieldsets.insert(3, ("Readers", {"fields": fields, "classes": ["aside"]}))
        if obj is not None:
            fieldsets.append(("So far", {"fields": ["history"], "classes": ["aside"]}))
        return fieldsets

    def get_form(
        self, request: HttpRequest, obj: Article | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        _plain(form, "section", "topics", "lead_image")
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> Any:
        fixed = obj is not None and (obj.is_live or obj.is_withdrawn)
        return [*self.readonly_fields, "slug"] if fixed else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Article | None = None) -> Any:
        fixed = "slug" in self.get_readonly_fields(request, obj)
        if fixed or (obj is not None and not self.has_change_permission(request, obj)):
            return {}
        return {"slug": ["headline"]}

    def get_inlines(self, request: HttpRequest, obj: Article | None = None) -> Any:
        read = obj is not None and (obj.is_live or obj.is_withdrawn)
        return [BylineInline, CorrectionInline] if read else [BylineInline]

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Article, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        own = getattr(request.user, "byline", None)
        if isinstance(inline, BylineInline) and own and not obj.pk and request.method == "GET":
            kwargs["initial"] = [{"author": own.pk, "position": 1}]
        return kwargs

    def view_on_site(self, obj: Article) -> str | None:
        return obj.get_absolute_url() if obj.is_live or obj.is_withdrawn else None

    @admin.display(description="Picture")
    def lead_preview(self, article: Article) -> SafeString:
        return thumbnail(article.lead_image if article.pk else None, "lead-preview")

    @admin.display(description="Text")
    def text(self, article: Article) -> SafeString:
        # Safe: sanitised and rendered when it was saved.
        return format_html('<div class="story-text">{}</div>', mark_safe(article.body_html))

    @admin.display(description="")
    def history(self, article: Article) -> SafeString:
        """Who took it which step, newest first."""
        by = article.created_by.name if article.created_by else "an import"
        rows = [(clock(article.created_at), "begun", by, "")]
        for step in article.steps.select_related("by"):
            done = Article.Status(step.after).label.lower()
            if step.after == Article.Status.SCHEDULED and step.published_from:
                when = timezone.localtime(step.published_from)
                done = f"scheduled for {when:%-d %B %Y, %H:%M}"
            rows.append((clock(step.at), done, step.by.name if step.by else "", step.note))
        items = format_html_join("", "<li>{}<br><b>{}</b> {} <i>{}</i></li>", reversed(rows))
        return format_html('<ol class="steps">{}</ol>', items)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Article | None = None,
    ) -> HttpResponse:
        may_change = obj is None or self.has_change_permission(request, obj)
        context |= {
            "may_publish": self.has_publish_permission(request),
            "may_change": may_change,
            "missing": obj.missing() if obj and may_change and not obj.is_live else [],
            "now": timezone.localtime(),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Saving

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if STEPS & set(request.POST) and not self.has_publish_permission(request):
            raise PermissionDenied
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        obj.save_edit(form.seen if change else None)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool
    ) -> None:
        article: Article = form.instance
        if formset.model is Correction:
            formset.save(commit=False)
            for correction in formset.new_objects:
                article.correct(request.user, correction.kind, correction.text)  # type: ignore[arg-type]
            return
        super().save_formset(request, form, formset, change)
        for place, byline in enumerate(article.bylines.order_by("position", "pk"), start=1):
            article.bylines.filter(pk=byline.pk).update(position=place)

    def response_add(
        self, request: HttpRequest, obj: Article, post_url_continue: str | None = None
    ) -> HttpResponse:
        if STEPS & set(request.POST) and IS_POPUP_VAR not in request.POST:
            return self._take_step(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        if STEPS & set(request.POST):
            return self._take_step(request, obj)
        return super().response_change(request, obj)

    # Steps of its life

    def _take_step(self, request: HttpRequest, article: Article) -> HttpResponse:
        """Take the step whose button saved the form, and say how it went."""
        try:
            done = self._step(request, article)
        except NotReady as error:
            self.message_user(
                request, not_ready("Saved, but not published: something is missing.", error),
                messages.WARNING,
            )  # fmt: skip
        except InvalidMove as error:
            self.message_user(request, f"Saved. {error}", messages.WARNING)
        else:
            self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    def _step(self, request: HttpRequest, article: Article) -> str:
        by: Any = request.user
        if "_publish" in request.POST:
            article.publish(by=by)
            return format_html(
                'Published: <a href="{}">{}</a>', article.get_absolute_url(), article.headline
            )
        if "_schedule" in request.POST:
            at = _valid(ScheduleForm(request.POST))["publish_at"]
            article.schedule(by=by, at=at)
            return f"Scheduled for {timezone.localtime(at):%-d %B %Y, %H:%M}."
        if "_unschedule" in request.POST:
            article.unschedule(by=by)
            return "It is a draft again and will not appear."
        article.withdraw(by=by, notice=_valid(WithdrawForm(request.POST))["withdrawal_notice"])
        return "Withdrawn: readers see the notice in its place."

    # The list

    @admin.display(description="Status", ordering="status")
    def state(self, article: Article) -> SafeString:
        live = article.status == Article.Status.SCHEDULED and article.is_live
        status = Article.Status.PUBLISHED if live else Article.Status(article.status)
        return format_html('<span class="state state-{}">{}</span>', status.value, status.label)

    @admin.display(description="By")
    def names(self, article: Article) -> str:
        return ", ".join(byline.author.name for byline in article.bylines.all())

    @admin.display(description="Published", ordering="published_at")
    def when(self, article: Article) -> SafeString:
        return clock(article.published_at, "j M Y, H:i")

    @admin.action(description="Publish now", permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        self._each(request, queryset, lambda article: article.publish(by=request.user), "Published")

    @admin.action(description="Withdraw, with a notice for readers", permissions=["publish"])
    def withdraw_selected(
        self, request: HttpRequest, queryset: QuerySet[Article]
    ) -> HttpResponse | None:
        form = WithdrawForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "title": "Withdraw stories",
                "opts": self.opts,
                "articles": queryset,
                "form": form,
                "media": self.media,
            }
            return render(request, "admin/articles/article/withdraw_selected.html", context)
        notice = form.cleaned_data["withdrawal_notice"]
        self._each(
            request, queryset, lambda article: article.withdraw(request.user, notice), "Withdrawn"
        )
        return None

    @admin.action(description="Close the comments", permissions=["publish"])
    def close_comments(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        # Through the primary keys: the list's queryset carries joins that an UPDATE cannot.
        Article.objects.filter(pk__in=[article.pk for article in queryset]).update(
            comment_policy=Article.CommentPolicy.CLOSED,
            page_version=F("page_version") + 1,
            version=F("version") + 1,
        )
        self.message_user(request, "Closed: the comments are shown, and no new ones taken.")

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Article], step: Any, done: str
    ) -> None:
        """Take a step with each article, and name every one it was refused for, with the reason."""
        taken = 0
        for article in Article.objects.filter(pk__in=[row.pk for row in queryset]):
            try:
                step(article)
            except NotReady as error:
                text = not_ready(f"“{article}” is not ready:", error)
                self.message_user(request, text, messages.WARNING)
            except InvalidMove as error:
                self.message_user(request, f"“{article}”: {error}", messages.WARNING)
            else:
                taken += 1
        if taken:
            self.message_user(request, f"{done}: {taken}.", messages.SUCCESS)


def _plain(form: Any, *names: str) -> None:
    """Leave fields their "add" link alone: the others lead away from the story."""
    for name in names:
        if name in form.base_fields:
            widget = form.base_fields[name].widget
            widget.can_change_related = widget.can_view_related = False
            widget.can_delete_related = False


def not_ready(opening: str, error: NotReady) -> SafeString:
    """Return the message that lists what a story lacks."""
    lacks = format_html_join("", "<li>{}</li>", ((lack,) for lack in error.missing))
    return format_html("{}<ul>{}</ul>", opening, lacks)


def _valid(form: Form) -> dict[str, Any]:
    """Return the form's data. Raises ``InvalidMove`` with its first complaint."""
    if not form.is_valid():
        raise InvalidMove(next(iter(form.errors.values()))[0])
    return form.cleaned_data
