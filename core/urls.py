from django.urls import path

from core import views

urlpatterns = [
    path("language/", views.language, name="language"),
    path("preferences/", views.preferences, name="preferences"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("documents/<uuid:uuid>/", views.document, name="document"),
    path("health/", views.health, name="health"),
]
