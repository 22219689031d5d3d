"""Seals every sealed text anew with the first key, so that an older one can go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext

from core.sealing import LostKey, rotate_keys


class Command(BaseCommand):
    help = (
        "Seal every sealed text (people under threat, secrets of webhooks, answers kept) anew with the first key of PARVIS_SEALING_KEYS: all, or none where a key is lost. "
        "After it, the keys behind the first one open nothing any more."
    )

    def handle(self, **options: Any) -> None:
        try:
            number = rotate_keys()
        except LostKey as lost:
            raise CommandError(str(lost)) from None
        self.stdout.write(
            ngettext("%(number)s text was sealed anew.", "%(number)s texts were sealed anew.", number)
            % {"number": number}
        )
