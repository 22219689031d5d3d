"""Who asks: a signed-in person or another system. Both answer `has_perm`, so that every rule asks one question."""

from dataclasses import dataclass

from core import clock
from core.enums import Audience
from core.roles import STAFF_ROLES, Role


@dataclass(frozen=True)
class ApiClient:
    """Another system, by its OAuth2 token. `<app>:read` lets it view the app's models, `<app>:write` add, change and delete."""

    client_id: str
    name: str
    scopes: frozenset[str]

    pk = None
    is_authenticated = True
    is_active = True
    is_anonymous = False
    is_staff = False
    is_superuser = False
    role_names: frozenset[str] = frozenset()

    def has_perm(self, permission: str, obj=None) -> bool:
        app, _, codename = permission.partition(".")
        if app == "core" and permission.endswith(("_user", "_clientaccess")):
            return False  # accounts, and what systems may do, are for administrators who sign in, never for a system
        verb = "read" if codename.startswith("view_") else "write"
        return f"{app}:{verb}" in self.scopes

    def has_perms(self, permissions, obj=None) -> bool:
        return all(self.has_perm(permission) for permission in permissions)

    def __str__(self) -> str:
        return self.name


def may(reader, verb: str, model) -> bool:
    """Whether the reader may `view`, `add`, `change` or `delete` records of this model at all. Nobody anonymous may anything,
    and nobody changes the past."""
    if reader is None or not reader.is_authenticated or not reader.is_active:
        return False
    if verb != "view" and clock.past_day():
        return False
    return reader.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}")


def works_in_admin(reader) -> bool:
    """Whoever holds a role of the staff: read from the roles, because a flag could drift from them."""
    return (
        reader.is_active and reader.is_authenticated and (reader.is_superuser or bool(reader.role_names & STAFF_ROLES))
    )


def audiences(reader) -> list[str]:
    """The audiences that the reader belongs to, for texts that say who they are written for."""
    if reader.is_superuser or reader.role_names & {
        Role.ADMINISTRATOR,
        Role.OFFICER,
        Role.SOLIDARITY_OFFICER,
        Role.PROTECTION_OFFICER,
    }:
        return list(Audience.values)
    if reader.role_names & {Role.DEPUTY, Role.MAYORS_OFFICE}:
        return [Audience.DEPUTIES, Audience.CITY]
    return [Audience.CITY]


@dataclass(frozen=True)
class Parvis:
    """Parvis itself, when a rule of the calendar acts and nobody asks: only tasks use it, never a request."""

    name: str = "Parvis"

    pk = None
    is_authenticated = True
    is_active = True
    is_anonymous = False
    is_staff = False
    is_superuser = True
    role_names: frozenset[str] = frozenset()

    def has_perm(self, permission: str, obj=None) -> bool:
        return True

    def has_perms(self, permissions, obj=None) -> bool:
        return True

    def __str__(self) -> str:
        return self.name
