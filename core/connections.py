"""How times come out of the database: every record has two of them, so that reading them is much of reading a list."""

from datetime import UTC, datetime

from psycopg.types.datetime import TimestamptzLoader


class UtcLoader(TimestamptzLoader):
    """Reads what PostgreSQL writes in UTC (`2015-06-01 10:00:00.5+00`) by Python's own ISO reader, which takes a fifth of the
    time of the expression that Django's loader goes by. What that reader does not know is read, or refused, as before."""

    # Django asks each loader for its time zone, and replaces one of another zone than the connection's.
    timezone = UTC

    def load(self, data):
        try:
            return datetime.fromisoformat(bytes(data).decode())
        except ValueError:
            return super().load(data)


def read_times(connection, **_kwargs) -> None:
    """For `connection_created`: of a connection that speaks UTC, as those of Django do."""
    if connection.vendor == "postgresql" and connection.timezone == UTC:
        connection.connection.adapters.register_loader("timestamptz", UtcLoader)
