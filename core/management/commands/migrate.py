"""`migrate`, one at a time: replicas that start together wait for each other instead of colliding."""

from contextlib import closing
from typing import Any

import psycopg
from django.core.management.commands import migrate
from django.db import connections

LOCK = 7_271_747  # any number, the same in every replica


class Command(migrate.Command):
    help = f"{migrate.Command.help} Replicas that start together take turns."

    def handle(self, *args: Any, **options: Any) -> None:
        # A connection of its own: the lock must outlast every transaction and reconnection of the migrations.
        parameters = connections[options["database"]].get_connection_params()
        with closing(psycopg.connect(**parameters, autocommit=True)) as guard:
            if guard.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() == (False,):
                self.stdout.write("Another replica is migrating; waiting for it.")
                guard.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            super().handle(*args, **options)
