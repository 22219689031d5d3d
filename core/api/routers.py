from typing import Any

from django.urls import URLResolver, include, path
from django.urls.resolvers import RoutePattern
from rest_framework.permissions import IsAuthenticated
from rest_framework.routers import APIRootView, DefaultRouter, SimpleRouter

from core.api.throttling import CountedFirst


class Root(CountedFirst, APIRootView):
    """The resources of the API, each with its address."""

    permission_classes = [IsAuthenticated]
    schema = None


class Router(DefaultRouter):
    """Plural, kebab-case resources; a resource's addresses are named by its prefix: `api:cities-list`."""

    APIRootView = Root
    include_format_suffixes = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.groups: list[Any] = []

    def extend(self, other: "Router") -> None:
        """Takes in the resources of another router."""
        self.registry.extend(other.registry)
        self.groups.append(other.registry)

    def get_urls(self):
        """Under each prefix its own addresses, in groups: one is found among a hundred resources without trying all."""
        root = super().get_urls()[-1]
        return [root, *(_group(registry) for registry in self.groups or [self.registry])]

    def register(self, prefix, viewset, basename=None):
        super().register(prefix, viewset, basename or prefix)


class OneOf(RoutePattern):
    """Passes an address on whole, if it begins with one of these names."""

    def __init__(self, names):
        super().__init__("")
        self.names = frozenset(names)

    def match(self, path):
        return super().match(path) if path.partition("/")[0] in self.names else None


def _group(registry) -> URLResolver:
    addresses = [path(f"{prefix}/", include(_addresses(viewset, basename))) for prefix, viewset, basename in registry]
    return URLResolver(OneOf(prefix for prefix, _viewset, _basename in registry), addresses)


def _addresses(viewset, basename: str) -> list:
    alone = SimpleRouter()
    alone.register("", viewset, basename)
    return alone.urls
