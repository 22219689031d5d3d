from django.urls import path

from mandate import views
from mandate.atlas.views import world

app_name = "mandate"
urlpatterns = [
    path("map/", world, name="map"),
    path("mandate/", views.current, name="current"),
    path("mandate/<slug:slug>/", views.mandate, name="mandate"),
    path("mandate/<slug:slug>/<str:reference>/", views.objective, name="objective"),
]
