from django.urls import include, path
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

    def get_urls(self):
        """Under each prefix its own addresses, so that one is found among a hundred resources without trying all."""
        root = super().get_urls()[-1]
        return [
            root,
            *(
                path(f"{prefix}/", include(_addresses(viewset, basename)))
                for prefix, viewset, basename in self.registry
            ),
        ]

    def register(self, prefix, viewset, basename=None):
        super().register(prefix, viewset, basename or prefix)


def _addresses(viewset, basename: str) -> list:
    alone = SimpleRouter()
    alone.register("", viewset, basename)
    return alone.urls
