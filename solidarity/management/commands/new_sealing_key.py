"""Prints a new key for the texts that Parvis seals."""

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "Print a new sealing key, which is kept nowhere: put it in front of PARVIS_SEALING_KEYS and with the backups, "
        "start Parvis again, then run “rotate_keys”."
    )
    requires_system_checks: list[str] = []  # it is asked for before anything is set up

    def handle(self, **options: Any) -> None:
        self.stdout.write(Fernet.generate_key().decode())
