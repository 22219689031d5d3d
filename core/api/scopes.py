"""The scopes of the API: `<app>:read` and `<app>:write` for every app that has an `api` package with urls."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module

from django.apps import AppConfig, apps
from django.core.exceptions import ObjectDoesNotExist
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _
from oauth2_provider.scopes import BaseScopes


@cache
def api_apps() -> tuple[AppConfig, ...]:
    """The apps that take part: those with a router in `api/urls.py`. Looked for once: every request asks for them."""
    return tuple(
        config
        for config in apps.get_app_configs()
        if config.module and module_has_submodule(config.module, "api")
        if module_has_submodule(import_module(f"{config.name}.api"), "urls")
    )


def protected() -> dict[str, object]:
    """Scopes that an app declares as `PROTECTED_SCOPES` in its `api` package: no client gets them by asking for all it may."""
    found: dict[str, object] = {}
    for config in api_apps():
        found |= getattr(import_module(f"{config.name}.api"), "PROTECTED_SCOPES", {})
    return found


def unprotected() -> list[str]:
    """The names of all scopes but the protected ones, in order."""
    return sorted(f"{config.label}:{verb}" for config in api_apps() for verb in ("read", "write"))


def names() -> set[str]:
    """The names of all scopes, as `declared` has them: without the words, for the way that every request takes."""
    return {*unprotected(), *protected()}


def declared() -> dict[str, object]:
    """Every scope, with what it allows."""
    found: dict[str, object] = {}
    for config in api_apps():
        found[f"{config.label}:read"] = _("Read: %(app)s") % {"app": config.verbose_name}
        found[f"{config.label}:write"] = _("Add, change and delete: %(app)s") % {"app": config.verbose_name}
    return found | protected()


def existing(given: Iterable[str]) -> list[str]:
    """Those of the given scopes that there are."""
    known = names()
    return [name for name in given if name in known]


class AppScopes(BaseScopes):
    """A client may ask for what an administrator gave it, and for nothing without that. One that names no scope gets all
    of it but the protected ones, which have to be named (RFC 6749, 3.3)."""

    def get_all_scopes(self):
        return declared()

    def get_available_scopes(self, application=None, request=None, *args, **kwargs):
        try:
            given = application.access.scopes if application is not None else ()
        except ObjectDoesNotExist:
            return []
        return existing(given)

    def get_default_scopes(self, application=None, request=None, *args, **kwargs):
        hidden = protected()
        return [name for name in self.get_available_scopes(application, request) if name not in hidden]
