"""Roles are declared in code and written to the database after each migration, as groups.

Each app says in `rules.py` what a role may do with its models (`PERMISSIONS`): the database holds only the copy.
An API client holds no role: its scopes say what it may do (`core.access.ApiClient`).
"""

from enum import StrEnum
from functools import cache
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"
READ = frozenset({VIEW})
EDIT = frozenset({VIEW, ADD, CHANGE})
ALL = frozenset({VIEW, ADD, CHANGE, DELETE})


class Role(StrEnum):
    """A person's role; the value is the name of the group."""

    ADMINISTRATOR = "administrator"
    OFFICER = "officer"
    SOLIDARITY_OFFICER = "solidarity-officer"
    PROTECTION_OFFICER = "protection-officer"
    DEPUTY = "deputy"
    MAYORS_OFFICE = "mayors-office"
    AUDITOR = "auditor"

    @property
    def label(self):
        return LABELS[self]


LABELS = {
    Role.ADMINISTRATOR: _("Administrator"),
    Role.OFFICER: _("International-relations officer"),
    Role.SOLIDARITY_OFFICER: _("Solidarity officer"),
    Role.PROTECTION_OFFICER: _("Protection officer"),
    Role.DEPUTY: _("Deputy"),
    Role.MAYORS_OFFICE: _("Mayor’s office"),
    Role.AUDITOR: _("Auditor"),
}
ROLES = tuple(Role)
# Those who work in the admin; deputies read the pages, auditors read everything and change nothing.
STAFF_ROLES = frozenset(
    {Role.ADMINISTRATOR, Role.OFFICER, Role.SOLIDARITY_OFFICER, Role.PROTECTION_OFFICER, Role.AUDITOR}
)


def role_name(group: str) -> str:
    """How the role of this group reads in the active language; a group that is no role keeps its own name."""
    return str(Role(group).label) if group in ROLES else group


Permissions = dict[Role, dict[str, frozenset[str]]]


@cache
def declared() -> dict[Role, set[tuple[str, str, str]]]:
    """What each role may do, as (app, model, verb), read from every app's rules.py."""
    granted: dict[Role, set[tuple[str, str, str]]] = {role: set() for role in Role}
    for config in apps.get_app_configs():
        if not module_has_submodule(config.module, "rules"):
            continue
        permissions: Permissions = getattr(import_module(f"{config.name}.rules"), "PERMISSIONS", {})
        for role, models in permissions.items():
            granted[role] |= {(config.label, model, verb) for model, verbs in models.items() for verb in verbs}
    # The mayor's office reads what the deputies read.
    granted[Role.MAYORS_OFFICE] = granted[Role.DEPUTY]
    return granted


def sync(**kwargs) -> None:
    """Writes the declared roles to the database: groups and their permissions, nothing more and nothing less."""
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    # Django makes an app's permissions when it comes to that app; the apps above this one come later.
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0)
    known = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.select_related("content_type")
    }
    for role, triples in declared().items():
        group, _created = Group.objects.get_or_create(name=role.value)
        group.permissions.set(known[app, f"{verb}_{model}"] for app, model, verb in triples)
