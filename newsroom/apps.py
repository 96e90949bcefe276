from django.apps import AppConfig
from django.contrib.admin import apps as admin


class NewsroomConfig(AppConfig):
    default = True
    name = "newsroom"


class NewsroomAdminConfig(admin.AdminConfig):
    """Django's admin, entered through the same log-in as the rest of the site."""

    default = False
    default_site = "newsroom.admin.NewsroomAdminSite"
