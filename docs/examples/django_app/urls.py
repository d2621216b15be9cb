"""The addresses of the app."""

from django.urls import path

from . import views

urlpatterns = [
    path("customers", views.sign_up),
    path("customers/<uuid:key>", views.status),
    path("webhooks", views.receive),
]
