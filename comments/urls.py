"""Addresses of the conversation. Readers keep links to them, so they stay as they are."""

from django.urls import path, re_path

from articles.urls import DAY
from comments import feeds
from comments.views import own, reading, taking_part, writing

app_name = "comments"

urlpatterns = [
    re_path(DAY + r"(?P<slug>[^/]+)/comments/$", reading.thread, name="thread"),
    re_path(DAY + r"(?P<slug>[^/]+)/feed/$", feeds.under_story, name="article-feed"),
    path("pages/<str:slug>/comments/", reading.page_thread, name="page-thread"),
    path("comments/feed/", feeds.latest, name="feed"),
    path("comments/drafts/<uuid:key>/", writing.draft, name="draft"),
    path("comments/<int:pk>/", reading.comment, name="comment"),
    path("comments/<int:pk>/reply/", writing.reply, name="reply"),
    path("comments/<int:pk>/edit/", writing.edit, name="edit"),
    path("comments/<int:pk>/delete/", writing.delete, name="delete"),
    path("comments/<int:pk>/respect/", taking_part.respect, name="respect"),
    path("comments/<int:pk>/report/", taking_part.report, name="report"),
    path("comments/rules/", reading.rules, name="rules"),
    path("account/comments/", own.own_comments, name="own"),
]
