"""The token server (RFC 6749, client credentials): two secrets while one is replaced, and no end of guesses for nobody."""

import base64
import json
from collections.abc import Iterator
from functools import wraps
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import JsonResponse
from django.utils.translation import gettext as _
from oauth2_provider import views
from oauth2_provider.models import get_application_model
from oauth2_provider.oauth2_validators import OAuth2Validator

from core import clock
from core.api.scopes import AppScopes
from core.models import ClientAccess
from core.throttling import Limit, address_of, count, name_of, spent


class Validator(OAuth2Validator):
    """A client shows its secret, or the one before it while that still works (`core.clients.rotate_secret`)."""

    def _check_secret(self, provided_secret, stored_secret):
        if super()._check_secret(provided_secret, stored_secret):
            return True
        # The library says what is stored, not whose it is; a salted hash is one client's alone.
        lasting = ClientAccess.objects.filter(client__client_secret=stored_secret, old_until__gt=clock.real())
        old = lasting.values_list("old_secret", flat=True).first()
        # Without an old one the same work is done: the time that a refusal takes does not tell whether there is one.
        matches = super()._check_secret(provided_secret, old or stored_secret)
        return old is not None and matches

    def validate_scopes(self, client_id, scopes, client, request, *args, **kwargs):
        """A token that opens nothing is refused (invalid_scope) rather than given out."""
        return bool(scopes) and super().validate_scopes(client_id, scopes, client, request, *args, **kwargs)


class Introspect(views.IntrospectTokenView):
    """Introspection (RFC 7662) that tells what a token opens now, not what it opened when it was given out."""

    @staticmethod
    def get_token_response(token_value=None):
        answer = views.IntrospectTokenView.get_token_response(token_value)
        told = json.loads(answer.content)
        if "scope" not in told:
            return answer
        client = get_application_model()._default_manager.select_related("access").filter(client_id=told["client_id"])
        open_now = AppScopes().get_available_scopes(client.first())
        return JsonResponse(told | {"scope": " ".join(name for name in told["scope"].split() if name in open_now)})


def limited(view):
    """Counts who shows a secret, right or wrong, and answers 429 to whoever does so too often: for views that take one.

    A client from one address has API_TOKENS_PER_MINUTE tries, an address three times as many for all clients that it
    names, a client fifteen times as many from all addresses: one stranger who knows its id cannot shut it out.
    """

    @wraps(view)
    def counted(request, *args, **kwargs):
        request.quotas = count(list(_limits(request)))
        if not spent(request.quotas):
            return view(request, *args, **kwargs)
        # The code of RFC 6749 (4.1.2.1) for a server that has no time now; the status says that the caller is why.
        sentence = _("Too many attempts to sign in: wait a moment.")
        body = {"error": "temporarily_unavailable", "error_description": sentence}
        return JsonResponse(body, status=429, headers={"Cache-Control": "no-store"})

    return counted


def _limits(request) -> Iterator[Limit]:
    most = settings.API_TOKENS_PER_MINUTE
    address = name_of(address_of(request))
    yield Limit("address", f"tokens-from:{address}", 3 * most)
    for client_id in sorted(_clients_named(request)):
        client = name_of(client_id)
        yield Limit("client", f"tokens-of:{client}:{address}", most)
        yield Limit("client-everywhere", f"tokens-of:{client}", 15 * most)


def _clients_named(request) -> set[str]:
    """The ids in the header and in the form: the library tries the one, then the other."""
    named = {request.POST.get("client_id", "")}
    scheme, _space, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        try:
            pair = base64.b64decode(encoded).decode(errors="replace")
        except ValueError:
            pair = ""
        named.add(unquote_plus(pair.partition(":")[0]))
    return named - {""}
