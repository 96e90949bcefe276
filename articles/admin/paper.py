"""The parts of the paper: sections, topics, series, authors, addresses that moved."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from articles import moved
from articles.admin.lists import DeskAdmin
from articles.admin.order import number_in, wanted
from articles.models import Article, Author, MovedAddress, Section, Series, Topic
from articles.models.paper import StaleParts
from newsroom.admin import OnManyPages

OFFERED = 500  # names of terms that a field suggests
FOUND = 8  # stories that a search for a part offers


class LeadOnForm(forms.Form):
    """Where the address of a term leads once the term is gone: to another, or nowhere."""

    leads_to = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput({"list": "other-terms", "class": "vTextField"}),
    )

    def __init__(self, term: Any, data: Any = None) -> None:
        super().__init__(data)
        self.others: QuerySet[Any] = type(term)._default_manager.exclude(pk=term.pk)
        self.fields["leads_to"].label = "Its address leads to"
        self.fields["leads_to"].help_text = (
            f"The name of another {term._meta.verbose_name}, or the last part of its address. "
            "Left empty, whoever follows a link to it is told that it is gone."
        )

    def clean_leads_to(self) -> Any:
        named = self.cleaned_data["leads_to"]
        if not named:
            return None
        found = self.others.filter(Q(slug=named) | Q(name__iexact=named)).first()
        if found is None:
            raise forms.ValidationError(f"There is no “{named}” to lead to.")
        return found

    def offered(self) -> list[str]:
        return list(self.others.values_list("name", flat=True)[:OFFERED])


class TermAdmin(OnManyPages, DeskAdmin):
    """A part of the paper with an address of its own, to which readers keep links."""

    delete_confirmation_template = "admin/articles/delete_term.html"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = None
        if change and "slug" in form.changed_data:
            before = self.model._default_manager.get(pk=obj.pk).get_absolute_url()
        super().save_model(request, obj, form, change)
        if before:
            moved.note(before, obj)
        elif not change:
            moved.free(obj.get_absolute_url())

    def get_actions(self, request: HttpRequest) -> Any:
        # One at a time: of each is asked where its address leads.
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        term = self.get_object(request, unquote(object_id))
        if term is not None and self.has_delete_permission(request, term):
            form = LeadOnForm(term, request.POST or None)
            extra_context = {**(extra_context or {}), "lead_on": form}
            if request.method == "POST" and not form.is_valid():
                # Not confirmed: the page asks once more.
                request.POST = QueryDict()
            elif request.method == "POST":
                request.leads_to = form.cleaned_data["leads_to"]  # type: ignore[attr-defined]
        return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        other: Model | None = getattr(request, "leads_to", None)
        address = obj.get_absolute_url()
        if other is not None:
            moved.lead_on(obj, other)
        super().delete_model(request, obj)
        moved.note(address, other)


@admin.register(Section)
class SectionAdmin(TermAdmin):
    list_display = ["name", "slug", "position", "in_masthead"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "description", ("position", "in_masthead")]


@admin.register(Topic)
class TopicAdmin(TermAdmin):
    list_display = ["name", "slug", "description"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "description"]


@admin.register(Series)
class SeriesAdmin(TermAdmin):
    """A series with its parts in their order, below what it is called."""

    list_display = ["name", "slug", "description"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "description"]
    change_form_template = "admin/articles/series/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.arrange))
        return [
            path("<int:pk>/parts/", view, name="articles_series_parts"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {})}
        series = self.get_object(request, unquote(object_id))
        if series is not None and request.method == "GET":
            query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
            may_arrange = self.has_change_permission(request, series)
            parts = self._parts(request, series, may_arrange)
            context |= {
                "parts": parts,
                "seen": ",".join(str(part.pk) for part in parts),
                "query": query,
                "found": self._search(request, query, series) if query else [],
                "may_arrange": may_arrange,
            }
        return super().change_view(request, object_id, form_url, context)

    def _parts(self, request: HttpRequest, series: Series, may_arrange: bool) -> list[Article]:
        """Return the parts this person may know of: all, or what is out and what is theirs."""
        parts = series.parts().select_related("section").defer("body", "body_html")
        if may_arrange:
            return list(parts)
        own = Article.objects.readable_at_desk(request.user).order_by().values("pk")  # type: ignore[arg-type]
        out = Article.objects.listed().order_by().values("pk")
        return list(parts.filter(Q(pk__in=own) | Q(pk__in=out)))

    def _search(self, request: HttpRequest, query: str, series: Series) -> list[Article]:
        stories = Article.objects.filter(kind=Article.Kind.STORY).exclude(series=series)
        stories = stories.readable_at_desk(request.user)  # type: ignore[arg-type]
        for word in query.split()[:6]:
            stories = stories.filter(headline__icontains=word)
        found = stories.select_related("section", "series").defer("body", "body_html")
        return list(found.order_by("-saved_at")[:FOUND])

    def arrange(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take another order of the parts; a story that comes in, and one that leaves."""
        series = get_object_or_404(Series, pk=pk)
        if not self.has_change_permission(request, series):
            raise PermissionDenied
        seen = [int(one) for one in request.POST.get("seen", "").split(",") if one.isdecimal()]
        order, _ = wanted(seen, request.POST)
        if leaving := number_in(request.POST, "leave"):
            order = [one for one in order if one != leaving]
        if added := number_in(request.POST, "add"):
            mine = Article.objects.filter(kind=Article.Kind.STORY, pk=added)
            if mine.readable_at_desk(request.user).exists() and added not in order:  # type: ignore[arg-type]
                order.append(added)
        try:
            series.arrange(order, seen)
        except StaleParts as error:
            words = f"{error} It is shown as it stands now, and nothing of yours was saved."
            self.message_user(request, words, messages.WARNING)
        else:
            self.message_user(request, "Saved. The parts are numbered anew.", messages.SUCCESS)
        address = reverse("admin:articles_series_change", args=[series.pk])
        return HttpResponseRedirect(f"{address}#parts")


@admin.register(Author)
class AuthorAdmin(TermAdmin):
    list_display = ["name", "outlet", "beat", "user"]
    list_select_related = ["user"]
    search_fields = ["name", "outlet"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["portrait"]
    raw_id_fields = ["user"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "outlet", "beat"]}),
        ("For readers", {"fields": ["bio", "contact", "portrait"]}),
        ("Account", {"fields": ["user"]}),
    ]


@admin.register(MovedAddress)
class MovedAddressAdmin(DeskAdmin):
    list_display = ["path", "leads_to"]
    list_select_related = MovedAddress.TARGETS
    search_fields = ["path"]
    autocomplete_fields = ["article", "topic", "author", "series"]
    fields = ["path", *MovedAddress.TARGETS]

    @admin.display(description="Leads to")
    def leads_to(self, row: MovedAddress) -> str:
        return str(row.target or "nowhere: it is gone")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MovedAddress]:
        return super().get_queryset(request).defer("article__body", "article__body_html")
