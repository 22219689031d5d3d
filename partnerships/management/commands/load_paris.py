"""Brings the database in line with the reference data of Paris, all or nothing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.loading import Unloadable, load


class Command(BaseCommand):
    help = "Load the reference data of Paris (every app's own), all or nothing; a second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="read and try everything, write nothing")

    def handle(self, *, check: bool, **options: Any) -> None:
        try:
            tallies = load("load_paris", check=check)
        except Unloadable as refusal:
            faults = "\n".join(str(fault) for fault in refusal)
            raise CommandError(_("Nothing was loaded.") + "\n" + faults) from None
        for model, tally in sorted(tallies.items(), key=lambda item: item[0]._meta.label):
            counts = {"model": model._meta.label, **vars(tally)}
            self.stdout.write(
                _(
                    "%(model)s: %(created)d created, %(changed)d changed, %(unchanged)d unchanged, "
                    "%(kept)d kept as a person left them, %(removed)d removed"
                )
                % counts
            )
        if check:
            self.stdout.write(_("The data are right; nothing was written."))
