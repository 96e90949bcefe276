"""The parts of the paper: sections, topics, authors, addresses that moved."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from articles.admin.lists import DeskAdmin
from articles.models import Author, MovedAddress, Section, Topic
from newsroom.admin import OnManyPages


@admin.register(Section)
class SectionAdmin(OnManyPages, DeskAdmin):
    list_display = ["name", "slug", "position", "in_masthead"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "description", ("position", "in_masthead")]


@admin.register(Topic)
class TopicAdmin(OnManyPages, DeskAdmin):
    list_display = ["name", "slug", "description"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "description"]


@admin.register(Author)
class AuthorAdmin(OnManyPages, DeskAdmin):
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
    list_display = ["path", "article"]
    list_select_related = ["article"]
    search_fields = ["path"]
    autocomplete_fields = ["article"]
    fields = ["path", "article"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[MovedAddress]:
        return super().get_queryset(request).defer("article__body", "article__body_html")
