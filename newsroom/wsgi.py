"""The WSGI application that the server runs."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

django.setup(set_prefix=False)

from newsroom.page_cache import PageCache  # noqa: E402 - they read the settings
from newsroom.requests import Application  # noqa: E402

application = PageCache(Application())
