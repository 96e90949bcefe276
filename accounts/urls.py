"""Addresses of people, beside those of django-allauth under ``/accounts/``."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("people/<str:username>/", views.person, name="person"),
    path("account/", views.account, name="account"),
]
