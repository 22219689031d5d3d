"""Up to when all is told: who asks again from this moment on misses nothing, not even what was committed late."""

from datetime import datetime

from django.db import connection

# A transaction has a start a moment before it is listed, and the wait for a processor can lie between the two.
_MARGIN = "1 second"
# A backup takes hours and writes nothing.
_READERS = ["pg_dump", "pg_basebackup"]
_ASKED = """
    SELECT MIN(xact_start) - %s::interval FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> ALL(%s)
"""


def settled() -> datetime:
    """The moment before which every transaction of this database has ended: nothing will appear any more that bears an
    earlier date.

    `updated_at` is written as the start of its statement, `created_at` and the events of history as the start of the
    statement or of the transaction, so that none is before `pg_stat_activity.xact_start`. To be asked *before* the rows are
    read, in READ COMMITTED (PostgreSQL's default); then `>= settled()` is where the next reading has to begin. The caller's
    own transaction counts among the others. A transaction left open holds the moment back: what changed since is told again
    each time, never left out.

    All that write do so by one database role, or the one that asks has the right `pg_read_all_stats`: PostgreSQL hides the
    transactions of other roles. Prepared (two-phase) transactions are not looked at; Parvis makes none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [_MARGIN, _READERS])
        return cursor.fetchone()[0]
