"""Brings the database in line with the reference data of Paris, all or nothing."""

from core.loading.command import LoadCommand


class Command(LoadCommand):
    help = "Load the reference data of Paris (every app's own), all or nothing; a second run changes nothing."
    reason = "load_paris"
