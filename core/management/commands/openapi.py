"""`manage.py openapi`: the description of the API, as it is served, into a file."""

from drf_spectacular.management.commands.spectacular import Command as Spectacular

from core.api.description import Yaml


class Command(Spectacular):
    def get_renderer(self, format):
        return Yaml() if format == "openapi" else super().get_renderer(format)
