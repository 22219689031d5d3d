from django.urls import path

from mandate import views
from mandate.atlas.views import world
from mandate.decisions.views import decide, decisions
from mandate.dormancy.views import dormant, partnership
from mandate.reports import views as reports

app_name = "mandate"
urlpatterns = [
    path("map/", world, name="map"),
    path("decisions/", decisions, name="decisions"),
    path("decisions/<slug:kind>/<int:pk>/<slug:verb>/", decide, name="decide"),
    path("report/", reports.reports, name="reports"),
    path("report/of/", reports.period, name="report-of"),
    path("report/<slug:slug>/", reports.report, name="report"),
    path("dormant/", dormant, name="dormant"),
    path("dormant/<slug:slug>/", partnership, name="partnership"),
    path("mandate/", views.current, name="current"),
    path("mandate/<slug:slug>/", views.mandate, name="mandate"),
    path("mandate/<slug:slug>/<str:reference>/", views.objective, name="objective"),
]
