from django.contrib import admin
from django.http import Http404
from django.urls import include, path

from config.api_urls import token_patterns
from mandate import views as mandate


def closed(request):
    """Addresses of accounts are the administrator's business: allauth's page to add or remove one's own is not there."""
    raise Http404


handler500 = "core.views.fault"

urlpatterns = [
    # First, since systems ask most.
    path("api/v1/", include("config.api_urls")),
    # The home page is the mandate's, which sees every floor.
    path("", mandate.home, name="home"),
    path("", include("core.urls")),
    path("", include("partnerships.urls")),
    path("", include("cooperation.urls")),
    path("", include("solidarity.urls")),
    path("", include("events.urls")),
    path("", include("mandate.urls")),
    path("admin/", admin.site.urls),
    path("accounts/email/", closed),
    path("accounts/", include("allauth.urls")),
    path("o/", include(token_patterns)),
]
