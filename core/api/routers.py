from rest_framework.permissions import IsAuthenticated
from rest_framework.routers import APIRootView, DefaultRouter

from core.api.throttling import CountedFirst


class Root(CountedFirst, APIRootView):
    """The resources of the API, each with its address."""

    permission_classes = [IsAuthenticated]
    schema = None


class Router(DefaultRouter):
    """Plural, kebab-case resources; a resource's addresses are named by its prefix: `api:cities-list`."""

    APIRootView = Root
    include_format_suffixes = False

    def register(self, prefix, viewset, basename=None):
        super().register(prefix, viewset, basename or prefix)
