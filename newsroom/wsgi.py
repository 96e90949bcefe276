"""The WSGI application that the server runs."""

import os

import django

from newsroom.requests import Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

django.setup(set_prefix=False)
application = Application()
