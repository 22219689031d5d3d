"""What is done with the clients of the API: one is opened, given scopes, its secret is replaced, its tokens are withdrawn."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

import pghistory
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from oauth2_provider.models import get_access_token_model, get_application_model
from oauth2_provider.settings import oauth2_settings

from core import clock
from core.access import may
from core.exceptions import Reason, Refused
from core.models import ClientAccess
from core.workflow import check_version

# How long a secret that was replaced goes on working, so that the client's operator can change over.
OVERLAP = timedelta(days=7)
# Last use is known to this grain: a write for each request would cost more than the request.
USE_NOTED_EVERY = timedelta(minutes=5)


@transaction.atomic
def open_client(*, actor, name: str, scopes: Iterable[str], requests_per_minute: int | None = None):
    """A client (OAuth2 application, client credentials) with these scopes and no others, and its secret, shown this once.

    Refuses an unknown scope, and whoever does not administer the clients.
    """
    _check(actor)
    applications = get_application_model()
    secret = secrets.token_urlsafe(32)
    client = applications(
        name=_named(name),
        client_type=applications.CLIENT_CONFIDENTIAL,
        authorization_grant_type=applications.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    client.save()
    ClientAccess(client=client, scopes=list(scopes), requests_per_minute=requests_per_minute).save()
    return client, secret


@transaction.atomic
def change_client(
    access: ClientAccess,
    *,
    actor,
    name: str,
    scopes: Iterable[str],
    requests_per_minute: int | None,
    reason: str = "",
    version: int | None = None,
) -> ClientAccess:
    """Other scopes hold at once, for tokens given out before too: a token never opens more than its client has now."""
    held = _held(access, actor, version)
    held.client.name = _named(name)
    held.client.save(update_fields=["name", "updated"])
    held.scopes, held.requests_per_minute = list(scopes), requests_per_minute
    return _saved(held, "change", reason)


@transaction.atomic
def rotate_secret(access: ClientAccess, *, actor, reason: str = "", version: int | None = None) -> str:
    """A new secret, shown this once; the old one goes on working for OVERLAP (7 days).

    Refuses while the one before still works: two rotations in a row would shut out a client that has not changed over yet.
    """
    secret = secrets.token_urlsafe(32)
    # Slow by design, so before the row is held.
    hashed = make_password(secret, hasher=oauth2_settings.CLIENT_SECRET_HASHER)
    held = _held(access, actor, version)
    if old_secret_works(held):
        until = date_format(timezone.localtime(held.old_until), "DATETIME_FORMAT")
        sentence = _("The secret before this one works until %(until)s: withdraw it first.")
        raise Refused([Reason(sentence % {"until": until})])
    held.old_secret, held.old_until = held.client.client_secret, clock.real() + OVERLAP
    held.secret_drawn_at = clock.real()
    held.client.client_secret = hashed
    held.client.save(update_fields=["client_secret", "updated"])
    _saved(held, "rotate_secret", reason)
    return secret


@transaction.atomic
def withdraw_old_secret(access: ClientAccess, *, actor, reason: str = "", version: int | None = None) -> ClientAccess:
    """The old secret opens nothing any more; refuses where none works. Tokens that it opened last until they are withdrawn."""
    held = _held(access, actor, version)
    if not old_secret_works(held):
        raise Refused([_("There is no old secret that still works.")])
    held.old_secret, held.old_until = "", None
    return _saved(held, "withdraw_old_secret", reason)


@transaction.atomic
def withdraw_tokens(access: ClientAccess, *, actor, reason: str = "", version: int | None = None) -> int:
    """How many tokens there were: none of them opens anything from the next request on. Its secret asks for new ones."""
    held = _held(access, actor, version)
    count, _by_model = get_access_token_model()._default_manager.filter(application=held.client).delete()
    held.tokens_withdrawn_at = clock.real()
    _saved(held, "withdraw_tokens", reason)
    return count


def old_secret_works(access: ClientAccess) -> bool:
    return access.old_until is not None and access.old_until > clock.real()


def tokens_of(client) -> QuerySet:
    """The tokens of the client that open something now."""
    return get_access_token_model()._default_manager.filter(application=client, expires__gt=clock.real())


def note_use(access: int, last_used: float | None) -> None:
    """Keeps that the client of this `ClientAccess`, last used then (seconds since 1970), called just now: one write in
    USE_NOTED_EVERY (5 minutes), however many requests there are."""
    now = clock.real()
    before = now - USE_NOTED_EVERY
    if last_used is not None and last_used >= before.timestamp():
        return
    late = Q(last_used_at__isnull=True) | Q(last_used_at__lt=before)
    ClientAccess.objects.filter(late, pk=access).update(last_used_at=now)


def _held(access: ClientAccess, actor, version: int | None) -> ClientAccess:
    _check(actor)
    # The client is read after the row is held: joined, it would be as it stood before another's change.
    held = ClientAccess.objects.select_for_update(of=("self",)).get(pk=access.pk)
    check_version(held, version)
    return held


def _saved(held: ClientAccess, verb: str, reason: str) -> ClientAccess:
    with pghistory.context(reason=reason, verb=verb):
        held.save()
    return held


def _named(name: str) -> str:
    if not name.strip():
        raise Refused([Reason(_("Name the system that calls."), "name")])
    return name.strip()


def _check(actor) -> None:
    if not may(actor, "change", ClientAccess):
        raise Refused([_("Only who administers the clients of the API may do this.")])
