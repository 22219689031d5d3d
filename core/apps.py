from importlib import import_module

from django.apps import AppConfig, apps
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.core import checks
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _


def discover(*rooms: str) -> None:
    """Imports the named room of every app that has it: registrations happen there."""
    for config in apps.get_app_configs():
        for room in rooms:
            if config.path and module_has_submodule(config.module, room):
                import_module(f"{config.name}.{room}")


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Administration")

    def ready(self):
        from core import connections, demo, roles
        from core.as_of import schema
        from core.reminders import metrics

        discover("rules", "services", "deadlines", "figures", "panels", "navigation", "searched")
        checks.register(demo.absent_from_production, checks.Tags.database, checks.Tags.security)
        metrics.register()
        connection_created.connect(connections.read_times, dispatch_uid="core.connections.read_times")
        post_migrate.connect(roles.sync, sender=self, dispatch_uid="core.roles.sync")
        pre_migrate.connect(schema.drop, sender=self, dispatch_uid="core.as_of.drop")
        post_migrate.connect(schema.make, sender=self, dispatch_uid="core.as_of.make")


class ParvisAdminConfig(SimpleAdminConfig):
    """The admin site, with Parvis's sign-in and start page."""

    default = False
    default_site = "core.admin.site.ParvisAdminSite"

    def ready(self):
        super().ready()
        # First, because the site itself stands in this package: found through another app's registration, it would be
        # made twice.
        import_module("core.admin")
        autodiscover()
