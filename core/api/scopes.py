"""The scopes of the API: `<app>:read` and `<app>:write` for every app that has an `api` package with urls."""

from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _
from oauth2_provider.scopes import BaseScopes


def api_apps() -> list:
    """The apps that take part: those with a router in `api/urls.py`."""
    return [
        config
        for config in apps.get_app_configs()
        if config.module and module_has_submodule(config.module, "api")
        if module_has_submodule(import_module(f"{config.name}.api"), "urls")
    ]


def protected() -> dict[str, object]:
    """Scopes that an app declares as `PROTECTED_SCOPES` in its `api` package: no client gets them by asking."""
    found: dict[str, object] = {}
    for config in api_apps():
        found |= getattr(import_module(f"{config.name}.api"), "PROTECTED_SCOPES", {})
    return found


def declared() -> dict[str, object]:
    """Every scope, with what it allows."""
    found: dict[str, object] = {}
    for config in api_apps():
        found[f"{config.label}:read"] = _("Read: %(app)s") % {"app": config.verbose_name}
        found[f"{config.label}:write"] = _("Add, change and delete: %(app)s") % {"app": config.verbose_name}
    return found | protected()


class AppScopes(BaseScopes):
    """A client that names no scope gets every one but the protected ones."""

    def get_all_scopes(self):
        return declared()

    def get_available_scopes(self, application=None, request=None, *args, **kwargs):
        return sorted(declared().keys() - protected().keys())

    def get_default_scopes(self, application=None, request=None, *args, **kwargs):
        return self.get_available_scopes(application, request)
