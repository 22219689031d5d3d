"""Other systems come with a bearer token of the client-credentials grant; people with their session."""

import hashlib

import pghistory
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model, get_application_model
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from core.access import ApiClient
from core.api.scopes import AppScopes
from core.clients import note_use


class BearerAuthentication(BaseAuthentication):
    """The token in the `Authorization` header only: one in an address or a form would end up in logs.

    Refuses a token that is unknown, expired or revoked, of another grant, or of a client that nobody gave access to. It
    opens what its client may have now, in one query. What the client changes is recorded in history under its name.
    """

    def authenticate(self, request):
        scheme, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        request._request.bearer_given = True
        token = self._find(secret.strip())
        if token is None:
            raise AuthenticationFailed(_("The access token is unknown, expired or revoked."))
        available = AppScopes().get_available_scopes(token.application)
        client = ApiClient(
            client_id=token.application.client_id,
            name=token.application.name or token.application.client_id,
            scopes=frozenset(token.scope.split()) & frozenset(available),
        )
        pghistory.context(client=client.name)
        note_use(token.application.access)
        return client, token

    def _find(self, secret: str):
        checksum = hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
        tokens = get_access_token_model().objects.select_related("application__access")
        token = tokens.filter(token_checksum=checksum).first()
        if token is None or token.application is None or not token.is_valid():
            return None
        if not hasattr(token.application, "access"):
            return None
        credentials = get_application_model().GRANT_CLIENT_CREDENTIALS
        return token if token.application.authorization_grant_type == credentials and token.user_id is None else None

    def authenticate_header(self, request):
        refused = getattr(request._request, "bearer_given", False)
        return 'Bearer realm="parvis"' + (', error="invalid_token"' if refused else "")
