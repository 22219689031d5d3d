from django.urls import path

from partnerships import views

app_name = "partnerships"
urlpatterns = [
    path("cities/", views.cities, name="cities"),
    path("cities/<slug:slug>/", views.city, name="city"),
    path("agreements/", views.agreements, name="agreements"),
    path("agreements/<str:reference>/", views.agreement, name="agreement"),
    path("networks/", views.networks, name="networks"),
    path("networks/<slug:slug>/", views.network, name="network"),
]
