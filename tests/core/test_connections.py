"""Times are read from the database as they stand there, and in UTC."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, connection
from psycopg.pq import Format

from core.connections import UtcLoader

pytestmark = pytest.mark.django_db


def read(text: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        (found,) = cursor.fetchone()
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2015-06-01 10:00:00+00", datetime(2015, 6, 1, 10, tzinfo=UTC)),
        ("2015-06-01 10:00:00.5+00", datetime(2015, 6, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("2015-06-01 10:00:00.000001+00", datetime(2015, 6, 1, 10, 0, 0, 1, tzinfo=UTC)),
        ("2015-06-01 10:00:00+02", datetime(2015, 6, 1, 8, tzinfo=UTC)),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_to_the_microsecond(text, found):
    assert read(text) == found
    assert read(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["infinity", "12000-01-01 00:00:00+00", "0044-03-15 00:00:00+00 BC"])
def test_what_python_has_no_time_for_is_refused_as_before(text):
    with pytest.raises(DataError):
        read(text)


def test_the_loader_is_the_one_that_is_used():
    connection.ensure_connection()
    oid = connection.connection.adapters.types["timestamptz"].oid
    assert issubclass(connection.connection.adapters.get_loader(oid, Format.TEXT), UtcLoader)
