"""What a system can be told of: what happens to the records of every resource of the API, and a deadline that falls due."""

from functools import cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

REMINDER_DUE = "reminders.due"
# Sent because somebody asked for it, to see whether a receiver works: nobody subscribes to it.
TEST = "webhooks.test"
CREATED, UPDATED, DELETED = "created", "updated", "deleted"
# What happens to a record, as its reader sees it.
HAPPENINGS: dict[str, str | Promise] = {
    CREATED: pgettext_lazy("event", "added"),
    UPDATED: pgettext_lazy("event", "changed"),
    DELETED: pgettext_lazy("event", "gone"),
}
_OTHERS: dict[str, str | Promise] = {REMINDER_DUE: gettext_lazy("Deadlines of which a reminder rule tells systems")}
# A subscription is the business of its two sides.
_UNTOLD = "core.webhooksubscription"


@cache
def resources() -> dict[str, Any]:
    """The model of each resource of the API whose records keep their history, by the resource's name. What is no resource is
    told to nobody."""
    from core.api.scopes import api_apps

    found: dict[str, Any] = {}
    for app in api_apps():
        for prefix, view, _name in import_module(f"{app.name}.api.urls").router.registry:
            model: Any = getattr(view, "model", None)
            if hasattr(model, "pgh_event_model") and model._meta.label_lower != _UNTOLD:
                found[prefix] = model
    return found


def names_of(resource: str) -> list[str]:
    """The events of a resource: `<resource>.created`, `.updated` and `.deleted`."""
    return [f"{resource}.{happening}" for happening in HAPPENINGS]


def known() -> set[str]:
    """The names of all events that one can subscribe to: `<resource>.<what happened>`."""
    return {*_OTHERS, *(name for resource in resources() for name in names_of(resource))}


def choices() -> list[tuple[str, str]]:
    """Each event with what it says, for a form."""
    found = [(name, str(title)) for name, title in _OTHERS.items()]
    for resource, model in resources().items():
        title = capfirst(str(model._meta.verbose_name_plural))
        happenings = zip(names_of(resource), HAPPENINGS.values(), strict=True)
        found += [
            (name, _("%(records)s: %(happening)s") % {"records": title, "happening": happening})
            for name, happening in happenings
        ]
    return found


def by_app() -> dict[str, list[str]]:
    """The resources of each app, by the app's name as people read it, in the order of the API."""
    found: dict[str, list[str]] = {}
    for resource, model in resources().items():
        found.setdefault(str(apps.get_app_config(model._meta.app_label).verbose_name), []).append(resource)
    return found
