"""Addresses of the conversation. Readers keep links to them, so they stay as they are."""

from django.urls import path, re_path

from articles.urls import DAY
from comments import feeds
from comments.views import (
    appeals,
    legal,
    mail,
    notices,
    own,
    reading,
    standing,
    taking_part,
    transparency,
    writing,
)

app_name = "comments"

urlpatterns = [
    re_path(DAY + r"(?P<slug>[^/]+)/comments/$", reading.thread, name="thread"),
    re_path(DAY + r"(?P<slug>[^/]+)/comments/latest/$", reading.latest, name="latest"),
    re_path(DAY + r"(?P<slug>[^/]+)/feed/$", feeds.rss, name="article-feed"),
    re_path(DAY + r"(?P<slug>[^/]+)/feed/atom/$", feeds.atom, name="article-feed-atom"),
    re_path(DAY + r"(?P<slug>[^/]+)/feed\.json$", feeds.json_feed, name="article-feed-json"),
    path("pages/<str:slug>/comments/", reading.page_thread, name="page-thread"),
    path("pages/<str:slug>/comments/latest/", reading.page_latest, name="page-latest"),
    path("comments/feed/", feeds.rss, name="feed"),
    path("comments/feed/atom/", feeds.atom, name="feed-atom"),
    path("comments/feed.json", feeds.json_feed, name="feed-json"),
    path("comments/drafts/<uuid:key>/", writing.draft, name="draft"),
    path("comments/<int:pk>/", reading.comment, name="comment"),
    path("comments/<int:pk>/replies/", reading.replies, name="replies"),
    path("comments/<int:pk>/reply/", writing.reply, name="reply"),
    path("comments/<int:pk>/edit/", writing.edit, name="edit"),
    path("comments/<int:pk>/history/", writing.history, name="history"),
    path("comments/<int:pk>/delete/", writing.delete, name="delete"),
    path("comments/<int:pk>/respect/", taking_part.respect, name="respect"),
    path("comments/<int:pk>/report/", taking_part.report, name="report"),
    path("comments/<int:pk>/follow/", taking_part.follow, name="follow"),
    path("comments/<int:pk>/pick/", taking_part.pick, name="pick"),
    re_path(
        DAY + r"(?P<slug>[^/]+)/comments/follow/$", taking_part.follow_story, name="follow-story"
    ),
    path("pages/<str:slug>/comments/follow/", taking_part.follow_page, name="follow-page"),
    path("people/<str:username>/mute/", taking_part.mute, name="mute"),
    path("account/followed/", taking_part.followed, name="followed"),
    path("account/muted/", taking_part.muted, name="muted"),
    path("comments/rules/", reading.rules, name="rules"),
    path("account/comments/", own.own_comments, name="own"),
    path("account/standing/", standing.standing, name="standing"),
    path("account/decisions/<uuid:ref>/", appeals.decision, name="decision"),
    path("account/sanctions/<uuid:ref>/", appeals.sanction, name="sanction"),
    path("decisions/<str:token>/", appeals.statement, name="statement"),
    path("terms/", transparency.terms, name="terms"),
    path("terms/<int:number>/", transparency.terms_version, name="terms-version"),
    path("terms.json", transparency.terms_json, name="terms-json"),
    path("transparency/", transparency.page, name="transparency"),
    path("transparency.csv", transparency.table, name="transparency-csv"),
    path("notices/new/", legal.new, name="legal-notice"),
    path("notices/<str:token>/", legal.status, name="legal-status"),
    path("mail/stop/<str:token>/", mail.stop, name="mail-stop"),
    path("mail/bounces/", mail.take_bounces, name="mail-bounces"),
    path("account/notifications/", notices.notices, name="notices"),
    path("account/notifications/<int:pk>/", notices.notice, name="notice"),
    path("account/notifications/mail/", notices.mail_choices, name="mail-choices"),
    path("account/comments/claim/", own.claim, name="claim"),
    path("account/comments/<int:pk>/take-back/", own.take_back, name="take-back"),
]
