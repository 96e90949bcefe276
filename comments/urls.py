"""Addresses of the conversation. Readers keep links to them, so they stay as they are."""

from django.urls import path, re_path

from articles.urls import DAY
from comments import feeds, views

app_name = "comments"

urlpatterns = [
    re_path(DAY + r"(?P<slug>[^/]+)/comments/$", views.thread, name="thread"),
    re_path(DAY + r"(?P<slug>[^/]+)/feed/$", feeds.under_story, name="article-feed"),
    path("pages/<str:slug>/comments/", views.page_thread, name="page-thread"),
    path("comments/feed/", feeds.latest, name="feed"),
    path("comments/drafts/<uuid:key>/", views.draft, name="draft"),
    path("comments/<int:pk>/", views.comment, name="comment"),
    path("comments/<int:pk>/reply/", views.reply, name="reply"),
    path("comments/<int:pk>/edit/", views.edit, name="edit"),
    path("comments/<int:pk>/delete/", views.delete, name="delete"),
    path("comments/<int:pk>/respect/", views.respect, name="respect"),
    path("comments/<int:pk>/report/", views.report, name="report"),
    path("comments/rules/", views.rules, name="rules"),
    path("account/comments/", views.own_comments, name="own"),
]
