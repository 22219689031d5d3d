"""Every resource of the router with the factory of its records, so that a new one is covered or named as missing."""

from config.api_urls import router
from core.api.resources import Resource
from tests import factories

RESOURCES = {prefix: view for prefix, view, _name in router.registry if issubclass(view, Resource)}


def factory_of(view):
    return getattr(factories, f"{view.model.__name__}Factory")


def written(view, row: dict) -> dict:
    """What of a record that was read is sent to write it."""
    fields = (view.detail_class or view.serializer_class)(context={}).fields
    return {name: row[name] for name, field in fields.items() if not field.read_only}
