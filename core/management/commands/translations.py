from django.core.management.base import BaseCommand, CommandError

from core import catalogue


class Command(BaseCommand):
    help = "Collects the texts to translate into the French catalogue; --check only says what is missing there."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing; fail where a text has no French")

    def handle(self, *, check: bool, **options):
        if not check:
            catalogue.write(catalogue.updated())
        missing = catalogue.unfinished()
        for line in missing:
            self.stdout.write(line)
        if missing and check:
            raise CommandError(f"{len(missing)} texts have no French: `make messages`, then translate them.")
        self.stdout.write(f"{len(missing)} texts to translate.")
