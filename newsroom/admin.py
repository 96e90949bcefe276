"""The admin site: Django's own, with the paper's name and the accounts' log-in."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver

from newsroom.models import Edition

COUNTED = 5000
LONGEST_SEARCH = 100  # of longer ones the beginning; SQLite refuses what has a thousand words


class BoundedPaginator(Paginator):
    """Counts no further than anybody pages; the rest is found by search and filters."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return self.object_list[:COUNTED].count()


class GuardedAdmin(admin.ModelAdmin):
    """A list that opens quickly however long it is, and answers only what it offers to be asked."""

    paginator = BoundedPaginator
    # An address typed without its scheme is https.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # ``?guest_email__startswith=a`` would tell letter by letter what no page here shows, as
        # ``?groups__user__password__startswith=`` would by way of a filter; ``__regex`` takes time.
        # No database takes an id of twenty digits.
        # A filter that is a class of ours looks at what it is given itself.
        if lookup in {getattr(one, "parameter_name", None) for one in self.list_filter}:
            return True
        name, _, way = lookup.partition("__")
        ways = {"", "exact", "id__exact", "isnull"}
        return name in self.list_filter and way in ways and len(value) < 19

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term[:LONGEST_SEARCH])

    def view_on_site(self, obj: Any) -> str | None:
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None


class OnManyPages(admin.ModelAdmin):
    """What stands on many pages: a change, or its end, has them all made anew."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        Edition.move()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        Edition.move()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        Edition.move()


class NewsroomAdminSite(admin.AdminSite):
    site_url = "/"
    index_template = "admin/newsroom_index.html"
    enable_nav_sidebar = False

    @property
    def site_header(self) -> str:  # type: ignore[override]
        return settings.SITE_NAME

    @property
    def site_title(self) -> str:  # type: ignore[override]
        return settings.SITE_NAME

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send visitors to the accounts' log-in, whose limits and second factor hold here too."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.get_full_path()))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        # Django's detour to any row's own page asks nobody whether they may see that row: it
        # would tell a reporter the address of a colleague's story before it is out.
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
