"""The addresses at which records are read over the API."""

from functools import cache
from importlib import import_module

from django.db.models import QuerySet
from django.urls import reverse

from core.api.scopes import api_apps


@cache
def resources() -> dict[type, str]:
    """The name of the resource that holds the records of each model."""
    found: dict[type, str] = {}
    for app in api_apps():
        for _prefix, view, name in import_module(f"{app.name}.api.urls").router.registry:
            if getattr(view, "model", None) is not None:
                found.setdefault(view.model, name)
    return found


def addresses_of(records: QuerySet, request) -> list[str]:
    """The address of every record, in their order; none for records that no resource holds."""
    name = resources().get(records.model)
    if name is None:
        return []
    place = f"{request.resolver_match.namespace}:{name}-detail"
    keys = dict.fromkeys(records.values_list("pk", flat=True))
    return [request.build_absolute_uri(reverse(place, args=[key])) for key in keys]
