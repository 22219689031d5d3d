from django.urls import include, path

from solidarity import views

app_name = "solidarity"
urlpatterns = [
    path("solidarity/", views.funds, name="funds"),
    path("solidarity/emergencies/", views.emergencies, name="emergencies"),
    path("solidarity/health/", views.health, name="health"),
    path("solidarity/funds/<slug:slug>/", views.fund, name="fund"),
    path("solidarity/funds/<slug:slug>/<int:year>/", views.envelope, name="envelope"),
    path("honours/", views.honours, name="honours"),
    path("protection/", include("solidarity.protection.urls")),
    path("grants/", views.grants, name="grants"),
    path("grants/<str:reference>/", views.grant, name="grant"),
]
