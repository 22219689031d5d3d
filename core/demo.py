"""The accounts and the API client of the demo: public, so none of them can be created in production."""

import os

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group
from django.core.checks import CheckMessage, Critical
from django.db import connections, transaction
from oauth2_provider.models import get_application_model

from core.api.scopes import unprotected
from core.exceptions import Refused
from core.models import ClientAccess, User
from core.roles import Role

# Each account: the part of its address before @demo.test, which is also its invented name, and its role. Nobody gives herself
# access to a protected file, nor clears what she asked to publish: that takes two protection officers.
ACCOUNTS = (
    ("administrator", Role.ADMINISTRATOR),
    ("officer", Role.OFFICER),
    ("solidarity", Role.SOLIDARITY_OFFICER),
    ("protection", Role.PROTECTION_OFFICER),
    ("protection-2", Role.PROTECTION_OFFICER),
    ("deputy", Role.DEPUTY),
    ("mayors-office", Role.MAYORS_OFFICE),
    ("auditor", Role.AUDITOR),
)
DOMAIN = "demo.test"
CLIENT_ID = "demo"
DEFAULT_PASSWORD = "parvis-demo-2015"


def password() -> str:
    """DEMO_PASSWORD, which every demo account and the secret of the demo's API client share."""
    return os.environ.get("DEMO_PASSWORD") or DEFAULT_PASSWORD


@transaction.atomic
def create_demo_accounts() -> list[User]:
    """One account per role (two protection officers) and the OAuth2 client `demo`, all with today's DEMO_PASSWORD; a second call
    changes nothing.

    Raises `Refused` in production.
    """
    if settings.MODE not in ("demo", "test"):
        raise Refused(["The demo's accounts have a public password: they exist in the demo and in tests only."])
    hashed = _hash(password())
    users = [_account(f"{name}@{DOMAIN}", role, hashed) for name, role in ACCOUNTS]
    _client(password())
    return users


def absent_from_production(app_configs=None, databases=None, **kwargs) -> list[CheckMessage]:
    """System check of every `migrate` in production: what has a public password lets everybody in."""
    if settings.MODE != "production":
        return []
    applications = get_application_model()
    left = [
        what
        for alias in databases or ()
        for table in [set(connections[alias].introspection.table_names())]  # the first `migrate` finds none
        for what, found in (
            (f"accounts @{DOMAIN}", User.objects.using(alias).filter(email__iendswith=f"@{DOMAIN}")),
            (f"the API client “{CLIENT_ID}”", applications.objects.using(alias).filter(client_id=CLIENT_ID)),
        )
        if found.model._meta.db_table in table and found.exists()
    ]
    sentence = "The database holds {} of the demo, whose passwords are public."
    return [
        Critical(sentence.format(what), hint="Delete them, or use another database.", id="parvis.C001") for what in left
    ]


def _hash(secret: str) -> str:
    """One hash for all accounts, kept while it fits: hashing is slow by design, and the demo must start
    quickly.
    """
    kept = User.objects.filter(email=f"{ACCOUNTS[0][0]}@{DOMAIN}").values_list("password", flat=True).first()
    return kept if kept and check_password(secret, kept) else make_password(secret)


def _account(email: str, role: Role, hashed: str) -> User:
    wanted = {"password": hashed, "is_active": True}
    user = User.objects.filter(email=email).first() or User(
        email=email, first_name="Demo", last_name=email.partition("@")[0]
    )
    if user.pk is None or any(getattr(user, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(user, field, value)
        user.save()
    user.groups.set([Group.objects.get(name=role.value)])
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def _client(secret: str) -> None:
    applications = get_application_model()
    client = applications.objects.filter(client_id=CLIENT_ID).first()
    if not client or not check_password(secret, client.client_secret):
        client = client or applications(client_id=CLIENT_ID)
        client.name = "Demo"
        client.client_type = applications.CLIENT_CONFIDENTIAL
        client.authorization_grant_type = applications.GRANT_CLIENT_CREDENTIALS
        client.client_secret = secret
        client.save()
    if not ClientAccess.objects.filter(client=client).exists():
        ClientAccess(client=client, scopes=unprotected()).save()
