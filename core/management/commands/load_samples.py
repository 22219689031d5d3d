"""Brings the database in line with the samples invented for the demonstration, all or nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from core.loading.command import LoadCommand


class Command(LoadCommand):
    help = (
        "Load the invented samples of the demonstration (every app's own), after the reference data. Not in production."
    )
    reason = "load_samples"
    samples = True

    def handle(self, **options: Any) -> None:
        if settings.MODE not in ("demo", "test"):
            raise CommandError("The samples are invented: they exist in the demo and in tests only.")
        super().handle(**options)
