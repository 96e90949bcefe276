"""The readings that stories need besides the editor's."""

from django.contrib import admin

from articles.admin.lists import DeskAdmin
from articles.models import ReviewStep


@admin.register(ReviewStep)
class ReviewStepAdmin(DeskAdmin):
    list_display = ["name", "group", "is_for_every_story"]
    list_select_related = ["group"]
    search_fields = ["name"]
    fields = ["name", "group", "is_for_every_story", "position"]
