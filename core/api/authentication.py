"""Other systems come with a bearer token of the client-credentials grant; people with their session."""

import hashlib
from dataclasses import dataclass, fields, replace
from functools import cache

import pghistory
from django.db.models import F, FloatField, Func
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model, get_application_model
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from core import clock
from core.access import ApiClient
from core.api.scopes import existing
from core.clients import note_use
from core.database import Prepared

MARK = "token"


@dataclass(frozen=True)
class Admission:
    """A token as it is found, with its client and what that one may have now. Moments are seconds since 1970: each request
    reads two, and to make dates of them takes longer than to find them."""

    expires: float
    scope: str
    user: int | None
    grant: str
    client: int
    client_id: str
    name: str
    access: int | None
    scopes: list[str]
    requests_per_minute: int | None
    last_used: float | None

    @property
    def is_good(self) -> bool:
        """Not expired, given to a client for itself, and one that an administrator gave access to."""
        credentials = get_application_model().GRANT_CLIENT_CREDENTIALS
        known = self.access is not None and self.user is None and self.grant == credentials
        return known and self.expires > clock.real().timestamp()

    def is_as(self, other: "Admission") -> bool:
        """Whether it admits to the same, whenever the client last called."""
        return replace(self, last_used=other.last_used) == other


COLUMNS = len(fields(Admission))


class BearerAuthentication(BaseAuthentication):
    """The token in the `Authorization` header only: one in an address or a form would end up in logs.

    Refuses a token that is unknown, expired or revoked, of another grant, or of a client that nobody gave access to. It
    opens what its client may have now, in one query. What the client changes is recorded in history under its name.
    """

    def authenticate(self, request):
        secret = token_of(request.META)
        if secret is None:
            return None
        request._request.bearer_given = True
        found = _found(checksum(secret))
        if found is None or found.access is None or not found.is_good:
            raise AuthenticationFailed(_("The access token is unknown, expired or revoked."))
        name = found.name or found.client_id
        client = ApiClient(found.client_id, name, frozenset(found.scope.split()) & frozenset(existing(found.scopes)))
        pghistory.context(client=client.name)
        note_use(found.access, found.last_used)
        return client, found

    def authenticate_header(self, request):
        refused = getattr(request._request, "bearer_given", False)
        return 'Bearer realm="parvis"' + (', error="invalid_token"' if refused else "")


def token_of(environ) -> str | None:
    """The token that the request shows; nothing where it shows none."""
    scheme, _space, secret = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def checksum(secret: str) -> str:
    """What of a token is kept."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _found(checksum: str) -> Admission | None:
    row = _admitted().row([checksum])
    return Admission(*row) if row else None


@cache
def _admitted() -> Prepared:
    return Prepared(admitted())


@cache
def admitted() -> str:
    """The statement of the columns of `Admission`, which takes a checksum. Written once in a process: every request asks it."""
    columns = (
        *(_seconds("expires"), "scope", "user", "application__authorization_grant_type"),
        *("application", "application__client_id", "application__name", "application__access"),
        *("application__access__scopes", "application__access__requests_per_minute"),
        _seconds("application__access__last_used_at"),
    )
    tokens = get_access_token_model().objects.filter(token_checksum=MARK).exclude(application=None)
    statement, _values = tokens.order_by().values_list(*columns).query.sql_with_params()
    return statement


def _seconds(column: str) -> Func:
    return Func(F(column), template="EXTRACT(EPOCH FROM %(expressions)s)::float8", output_field=FloatField())
