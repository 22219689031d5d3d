from django.urls import path

from cooperation import views

app_name = "cooperation"
urlpatterns = [
    path("projects/", views.projects, name="projects"),
    path("projects/<str:reference>/", views.project, name="project"),
    path("calls/", views.calls, name="calls"),
    path("calls/<int:pk>/", views.call, name="call"),
    path("culture/", views.culture, name="culture"),
    path("exchanges/", views.exchanges, name="exchanges"),
    path("practices/", views.practices, name="practices"),
]
