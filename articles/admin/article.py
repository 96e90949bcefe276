"""Stories on the desk: the form an editor thinks in, the list, and the steps of a story's life."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F, QuerySet
from django.forms import BaseModelFormSet, Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from articles import checks, differences, search
from articles.admin import desk, editing, history
from articles.admin.front import RelatedInline
from articles.admin.lists import FILTERS, DeskAdmin, StoryList
from articles.admin.picture import thumbnail
from articles.forms import SUBSTANTIVE, ArticleForm, BylineForm, ScheduleForm, WithdrawForm
from articles.models import Article, Byline, Correction, InvalidMove, NotReady, Original, ReviewStep
from articles.moments import MomentField, MomentInput
from newsroom.admin import LONGEST_SEARCH
from newsroom.templatetags.newsroom import ago, clock

Verb = Article.Verb
# The form's buttons, and the steps that they take once it is saved.
STEPS: dict[str, Article.Verb] = {
    f"_{verb.value.replace('-', '_')}": verb for verb in [*Article.NEEDS, Verb.SIGN_OFF]
}


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
    list_display = ["story", "state", "section", "names", "length", "picture", "when", "saved",
                    "talk"]  # fmt: skip
    list_display_links = ["story"]
    empty_value_display = ""
    list_filter = FILTERS
    search_fields = ["headline"]
    search_help_text = "Words of the headline, the text or a name; the last may be a beginning"
    # By what an index has in order; others would sort the whole table.
    sortable_by = ["when", "saved"]
    # What has no date yet comes first: it is what the desk works on.
    ordering = [F("published_at").desc(nulls_first=True), "-pk"]
    actions = ["publish_selected", "withdraw_selected", "close_comments"]
    readonly_fields = ["lead_preview", "history", "text"]
    save_on_top = False
    formfield_overrides = {
        **DeskAdmin.formfield_overrides,
        models.DateTimeField: {"form_class": MomentField, "widget": MomentInput},
    }

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
        source += ["is_text_locked", "indexing"]
        if obj is not None and obj.is_text_locked and changes:
            source.insert(-1, "lock_reason")
        moments = ["embargo_until", "embargo_note", "expires_at"]
        timed = obj is not None and any(getattr(obj, name) for name in moments)
        fieldsets = [
            (None, {"fields": ["headline", "slug", "standfirst"], "classes": ["wide-fields"]}),
            ("Text", {"fields": ["body" if changes else "text"], "classes": ["text-field"]}),
            ("In the paper", {"fields": ["label", "section", "topics",
                                         ("series", "series_position"), "dateline"],
                              "classes": ["aside"]}),
            ("Lead picture", {"fields": ["lead_preview", "lead_image", "lead_caption"],
                              "classes": ["aside"]}),
            ("Source, if republished",
             {"fields": source, "classes": ["aside"] if republished else ["aside", "collapse"]}),
            ("Embargo and end",
             {"fields": moments, "classes": ["aside"] if timed else ["aside", "collapse"]}),
        ]  # fmt: skip
        if ReviewStep.objects.filter(is_for_every_story=False).exists():
            readings = {"fields": ["review_steps"], "classes": ["aside"]}
            fieldsets.append(("Readings", readings))
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
        _plain(form, "section", "topics", "series", "lead_image")
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> Any:
        # A page's address is its own: nothing leads from an old one to it.
        fixed = obj is not None and obj.was_read and obj.kind == Article.Kind.PAGE
        return [*self.readonly_fields, "slug"] if fixed else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Article | None = None) -> Any:
        fixed = obj is not None and obj.was_read
        if fixed or (obj is not None and not self.has_change_permission(request, obj)):
            return {}
        return {"slug": ["headline"]}

    def get_inlines(self, request: HttpRequest, obj: Article | None = None) -> Any:
        read = obj is not None and obj.was_read
        inlines = [BylineInline, CorrectionInline] if read else [BylineInline]
        return [*inlines, RelatedInline]

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
            done: str = Verb(step.verb).label if step.verb else step.after
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
            "steps": self._steps(request, obj),
            "readings": self._readings(request, obj),
            "now": timezone.localtime(),
            "zones": self._zones(),
            # Sent in parts, since percent signs would make a long text three times as long.
            "has_file_field": True,
        }
        if (
            obj
            and obj.is_text_locked
            and (original := Original.objects.filter(article=obj).first())
        ):
            changed = differences.lines(original.body, obj.body)
            if any(line.is_changed for line in changed):
                context["original_changes"] = differences.shown(changed)
        if obj and not obj.is_live and not obj.is_killed:
            around = checks.Around([obj])
            context["missing"] = checks.missing(obj, around)
            context["advice"] = checks.advice(obj, around) if may_change else []
        context |= editing.around(request, obj, context["adminform"].form, may_change)
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Saving

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        editing.prepare(self, request, object_id)
        if verb := _pressed(request):
            story = self.get_object(request, object_id) if object_id else None
            if object_id and story is None:
                return super().changeform_view(request, object_id, form_url, extra_context)
            if not self._may(request, story, verb):
                raise PermissionDenied
            if story is not None and not self.has_change_permission(request, story):
                # Whoever reads it only, a lawyer say, takes the step and saves nothing.
                return self._take_step(request, story)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = request.user  # type: ignore[assignment]
        obj.save_edit(
            form.seen if change else None,
            is_substantive=form.cleaned_data.get("change") == SUBSTANTIVE,
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        editing.saved(request, form, is_new=not change)

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
        if _pressed(request) and IS_POPUP_VAR not in request.POST:
            return self._take_step(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        if _pressed(request):
            return self._take_step(request, obj)
        return super().response_change(request, obj)

    # Steps of its life

    def _take_step(self, request: HttpRequest, article: Article) -> HttpResponse:
        """Take the step whose button saved the form, and say how it went."""
        try:
            done = self._step(request, article)
        except NotReady as error:
            step = _pressed(request) or Verb.PUBLISH
            self.message_user(
                request,
                not_ready(f"Saved, but not {step.label}: something is missing.", error),
                messages.WARNING,
            )
        except InvalidMove as error:
            saved = "Saved. " if self.has_change_permission(request, article) else ""
            self.message_user(request, f"{saved}{error}", messages.WARNING)
        else:
            self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    def _may(self, request: HttpRequest, article: Article | None, verb: Article.Verb) -> bool:
        """Tell whether this person may ever press that button, on a story that is not saved too."""
        user: Any = request.user
        if verb == Verb.SIGN_OFF:
            return article is not None and bool(self._readings(request, article))
        if article is None:
            return user.has_perm(Article.NEEDS[verb])
        return article.may(user, verb)

    def _steps(self, request: HttpRequest, article: Article | None) -> set[str]:
        """Return the steps whose buttons the form shows, by the names of the buttons."""
        story = article or Article()
        return {
            name
            for name, verb in STEPS.items()
            if verb != Verb.SIGN_OFF and story.makes_sense(verb)
            and self._may(request, article, verb)
        }  # fmt: skip

    def _readings(self, request: HttpRequest, article: Article | None) -> list[ReviewStep]:
        """Return the review steps that wait for this person's word."""
        if article is None or article.was_read:
            return []
        user: Any = request.user
        mine = set(user.groups.values_list("pk", flat=True))
        waiting = checks.Around([article]).outstanding(article)
        return [step for step in waiting if user.is_superuser or step.group_id in mine]

    @staticmethod
    def _zones() -> list[str]:
        """Return the clocks by which an editor may say when, the paper's first."""
        return list(dict.fromkeys([timezone.get_current_timezone_name(), "UTC"]))

    def _step(self, request: HttpRequest, article: Article) -> str:
        """Take the step that the pressed button names; return what to tell the desk."""
        by: Any = request.user
        note = request.POST.get("step_note", "").strip()
        match _pressed(request):
            case Verb.SUBMIT:
                article.submit(by, note)
                return "Handed in. An editor reads it next; you can take it back until then."
            case Verb.RETURN:
                article.return_to_draft(by, note or request.POST.get("return_note", "").strip())
                return "Returned: it is a draft again, with your note."
            case Verb.READY:
                article.call_ready(by, note)
                return "Ready: it can be published or scheduled."
            case Verb.SIGN_OFF:
                asked = request.POST.get("_sign_off", "")
                steps = {str(step.pk): step for step in self._readings(request, article)}
                if asked not in steps:
                    raise InvalidMove("Nothing of yours is left to sign off.")
                article.sign_off(by, steps[asked], request.POST.get("sign_off_note", "").strip())
                return f"Signed off: {steps[asked]}."
            case Verb.PUBLISH:
                article.publish(by, note)
                return format_html(
                    'Published: <a href="{}">{}</a>. Readers see it now.',
                    article.get_absolute_url(),
                    article.headline,
                )
            case Verb.SCHEDULE:
                at = _valid(ScheduleForm(request.POST))["publish_at"]
                article.schedule(by, at, note)
                return f"Scheduled for {timezone.localtime(at):%-d %B %Y, %H:%M %Z}."
            case Verb.UNSCHEDULE:
                article.unschedule(by, note)
                return "It is a draft again and will not appear."
            case Verb.LIFT_EMBARGO:
                article.lift_embargo(by, request.POST.get("embargo_reason", ""))
                return "The embargo is lifted, and your reason on record. It can be published now."
            case Verb.KILL:
                article.kill(by, request.POST.get("kill_reason", ""))
                return "Killed: it is gone from every page. The desk is told by mail."
            case Verb.LIFT_KILL:
                notice = _valid(WithdrawForm(request.POST))["withdrawal_notice"]
                article.lift_kill(by, request.POST.get("lift_reason", ""), notice)
                return "The kill is lifted: readers see the notice in its place."
        notice = _valid(WithdrawForm(request.POST))["withdrawal_notice"]
        article.withdraw(by, notice, note)
        return "Withdrawn: readers see the notice in its place."

    # The list

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[StoryList]:
        return StoryList

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(desk.calendar)
        return [
            path("calendar/", view, name="articles_article_calendar"),
            *editing.urls(self),
            *history.urls(self),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Article], search_term: str
    ) -> tuple[QuerySet[Article], bool]:
        text = search.tidy(search_term[:LONGEST_SEARCH])
        return (search.matching(queryset, text) if text else queryset), False

    def words_after_saving(self, request: HttpRequest, obj: Article, is_new: bool) -> str:
        return desk.words_after_saving(obj, is_new)

    @admin.display(description="Story")
    def story(self, article: Article) -> SafeString:
        label = "Page" if article.kind == Article.Kind.PAGE else article.get_label_display()
        return format_html("{} <small>{}</small>", article.headline, label)

    @admin.display(description="Words")
    def length(self, article: Article) -> str:
        return f"{article.word_count:,}"

    @admin.display(description="Picture")
    def picture(self, article: Article) -> SafeString:
        said = desk.picture_state(article)
        return format_html(
            '<span class="{}">{}</span>', "quiet" if said == "picture" else "stop", said
        )

    @admin.display(description="Saved", ordering="saved_at")
    def saved(self, article: Article) -> str:
        return f"{ago(article.saved_at)} ago"

    @admin.display(description="Comments")
    def talk(self, article: Article) -> SafeString:
        """Comments that readers see, and those that wait."""
        waiting = getattr(article, "waiting", "")
        held = format_html(', <b class="held">{} waiting</b>', waiting) if waiting else ""
        return format_html("{}{}", f"{article.comment_count:,}", held)

    @admin.display(description="State")
    def state(self, article: Article) -> SafeString:
        return format_html('<span class="state state-{}">{}</span>', *desk.state(article))

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


def _pressed(request: HttpRequest) -> Article.Verb | None:
    """Return the step whose button sent the form."""
    return next((verb for name, verb in STEPS.items() if name in request.POST), None)


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
