"""What the commands that load files have in common: reference data and samples."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import clock
from core.loading import Tally, Unloadable, load


class LoadCommand(BaseCommand):
    """Loads all reference data, or all samples; `reason` is what history keeps of it."""

    reason: str
    samples = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="read and try everything, write nothing")

    def handle(self, *, check: bool, verbosity: int, **options: Any) -> None:
        try:
            with clock.not_before(settings.DATA_DAY):
                tallies = load(self.reason, check=check, samples=self.samples)
        except Unloadable as refusal:
            faults = "\n".join(str(fault) for fault in refusal)
            raise CommandError(_("Nothing was loaded.") + "\n" + faults) from None
        if not verbosity:
            return
        for model, tally in sorted(tallies.items(), key=lambda item: item[0]._meta.label):
            self.stdout.write(
                _("%(label)s: %(value)s") % {"label": model._meta.verbose_name_plural, "value": said(tally)}
            )
        if check:
            self.stdout.write(_("The data are right; nothing was written."))


def said(tally: Tally) -> str:
    """What happened to the rows of a model, without what did not happen."""
    counts = {
        pgettext("rows", "created"): tally.created,
        pgettext("rows", "changed"): tally.changed,
        pgettext("rows", "unchanged"): tally.unchanged,
        pgettext("rows", "kept as a person left them"): tally.kept,
        pgettext("rows", "removed"): tally.removed,
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or _("nothing to do")
