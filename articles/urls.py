"""Addresses of the paper. Readers keep links to them, so they stay as they are."""

from django.urls import path, re_path

from articles import feeds, pages, sitemaps, views

app_name = "articles"

DAY = r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/"

urlpatterns = [
    path("", views.home, name="home"),
    path("sections/<str:slug>/", views.section, name="section"),
    path("topics/<str:slug>/", views.topic, name="topic"),
    path("authors/<str:slug>/", views.author, name="author"),
    path("pages/<str:slug>/", pages.page, name="page"),
    path("corrections/", views.corrections, name="corrections"),
    path("search/", views.search, name="search"),
    path("articles/<int:pk>/preview/", pages.preview, name="preview"),
    path("feed/", feeds.rss, name="feed"),
    path("feed/atom/", feeds.atom, name="feed-atom"),
    path("feed.json", feeds.json_feed, name="feed-json"),
    path("corrections/feed/", feeds.rss, {"kind": "corrections"}, name="corrections-feed"),
    *[
        route
        for kind in ("section", "topic", "author")
        for route in (
            path(f"{kind}s/<str:slug>/feed/", feeds.rss, {"kind": kind}, name=f"{kind}-feed"),
            path(
                f"{kind}s/<str:slug>/feed/atom/",
                feeds.atom,
                {"kind": kind},
                name=f"{kind}-feed-atom",
            ),
            path(
                f"{kind}s/<str:slug>/feed.json",
                feeds.json_feed,
                {"kind": kind},
                name=f"{kind}-feed-json",
            ),
        )
    ],
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<str:name>.xml", sitemaps.part, name="sitemap-part"),
    path("news-sitemap.xml", sitemaps.news, name="news-sitemap"),
    path("robots.txt", views.robots, name="robots"),
    re_path(DAY + r"(?P<slug>[^/]+)/$", pages.article, name="article"),
    re_path(DAY + r"$", views.archive, name="archive-day"),
    re_path(r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/$", views.archive, name="archive-month"),
    re_path(r"^(?P<year>[0-9]{4})/$", views.archive, name="archive-year"),
]
