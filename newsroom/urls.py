"""Every address of the site. Readers keep links to them, so they stay as they are."""

from django.conf import settings
from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from newsroom import health, media

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    # Lazily: the hashed name is known once the static files are collected.
    path(
        "favicon.ico", RedirectView.as_view(url=lazy(static, str)("img/icon.svg"), permanent=True)
    ),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("media/images/<path:path>", media.picture),
    path("", include("accounts.urls")),
    path("", include("comments.urls")),
    path("", include("articles.urls")),
]

if settings.DEBUG:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()

handler400 = "newsroom.errors.bad_request"
handler403 = "newsroom.errors.forbidden"
handler404 = "newsroom.errors.not_found"
handler429 = "newsroom.errors.too_many"  # asked for by allauth
handler500 = "newsroom.errors.server_error"
