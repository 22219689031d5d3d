"""The root of the API: every app's router under /api/v1/, its description, and the token endpoint of OAuth2."""

from importlib import import_module

from django.http import Http404
from django.urls import path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView
from oauth2_provider import views as oauth
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from core.api.description import Description
from core.api.routers import Router
from core.api.scopes import api_apps
from core.oauth import Introspect, limited

app_name = "api"

router = Router()
for app in api_apps():
    router.extend(import_module(f"{app.name}.api.urls").router)


class Nowhere(APIView):
    """An address that does not exist is a problem like any other, not a page."""

    permission_classes = [AllowAny]
    schema = None

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        raise Http404


urlpatterns = [
    path("schema/", Description.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html"),
        name="docs",
    ),
    *router.urls,
    re_path(r"^[\s\S]*$", Nowhere.as_view()),
]

# Client credentials only: no authorisation page and no management of applications outside the admin.
token_patterns = (
    [
        path("token/", limited(oauth.TokenView.as_view()), name="token"),
        path("revoke_token/", limited(oauth.RevokeTokenView.as_view()), name="revoke-token"),
        path("introspect/", limited(Introspect.as_view()), name="introspect"),
    ],
    "oauth2_provider",
)
