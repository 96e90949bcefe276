"""Addresses of the paper. Readers keep links to them, so they stay as they are."""

from django.urls import path, re_path

from articles import error_reports, feeds, pages, policies, previews, sitemaps, versions, views

app_name = "articles"

DAY = r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/"
# Where the feeds of each kind stand: beside the page with the same stories.
FEEDS = {
    "section": "sections/<str:slug>/",
    "topic": "topics/<str:slug>/",
    "author": "authors/<str:slug>/",
    "series": "series/<str:slug>/",
    "corrections": "corrections/",
}

urlpatterns = [
    path("", views.home, name="home"),
    path("sections/<str:slug>/", views.section, name="section"),
    path("topics/<str:slug>/", views.topic, name="topic"),
    path("series/<str:slug>/", views.series, name="series"),
    path("authors/<str:slug>/", views.author, name="author"),
    path("pages/<str:slug>/", pages.page, name="page"),
    path("corrections/", views.corrections, name="corrections"),
    path("about/", policies.about, name="about"),
    path("about/<str:kind>/", policies.policy, name="policy"),
    path("search/", views.search, name="search"),
    path("articles/<int:pk>/preview/", pages.preview, name="preview"),
    path("preview/<str:signed>/", previews.shared, name="shared-preview"),
    path("feed/", feeds.rss, name="feed"),
    path("feed/atom/", feeds.atom, name="feed-atom"),
    path("feed.json", feeds.json_feed, name="feed-json"),
    *[
        route
        for kind, place in FEEDS.items()
        for route in (
            path(f"{place}feed/", feeds.rss, {"kind": kind}, name=f"{kind}-feed"),
            path(f"{place}feed/atom/", feeds.atom, {"kind": kind}, name=f"{kind}-feed-atom"),
            path(f"{place}feed.json", feeds.json_feed, {"kind": kind}, name=f"{kind}-feed-json"),
        )
    ],
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<str:name>.xml", sitemaps.part, name="sitemap-part"),
    path("news-sitemap.xml", sitemaps.news, name="news-sitemap"),
    path("robots.txt", views.robots, name="robots"),
    re_path(DAY + r"(?P<slug>[^/]+)/$", pages.article, name="article"),
    re_path(DAY + r"(?P<slug>[^/]+)/versions/$", versions.versions, name="versions"),
    re_path(
        DAY + r"(?P<slug>[^/]+)/versions/(?P<number>[1-9][0-9]{0,5})/$",
        versions.version,
        name="version",
    ),
    re_path(DAY + r"(?P<slug>[^/]+)/report-an-error/$", error_reports.report, name="report-error"),
    path("pages/<str:slug>/report-an-error/", error_reports.report_page, name="report-page-error"),
    path("errors/<str:reference>/", error_reports.status, name="error-status"),
    re_path(DAY + r"$", views.archive, name="archive-day"),
    re_path(r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/$", views.archive, name="archive-month"),
    re_path(r"^(?P<year>[0-9]{4})/$", views.archive, name="archive-year"),
]
