"""A copy that follows while several write at once, and some commit late, ends equal to what the API tells."""

from datetime import datetime

import pytest
from django.db import connection

from tests.api.conftest import bearer
from tests.api.mirror import COPIED, Copy, LateWriter, Writers, world

pytestmark = pytest.mark.django_db(transaction=True)

SEED = 2015


@pytest.fixture(autouse=True)
def unhurried(settings, tmp_path):
    """A copy asks as often as it likes; documents go nowhere that stays."""
    settings.API_REQUESTS_PER_MINUTE = 10**6
    storages = {name: dict(options) for name, options in settings.STORAGES.items()}
    storages["default"]["OPTIONS"] = {"location": tmp_path / "stored"}
    settings.STORAGES = storages


def follow_until_quiet(copies: list[Copy], rows: int) -> Writers:
    """Follows some twenty times while rows are written, each time past a writer that commits late; then once more."""
    writers = Writers(rows, SEED)
    for thread in writers.threads:
        thread.start()
    rounds = 0
    while writers.are_writing:
        rounds += 1
        writers.wait_for(rounds * rows // 20)
        late = LateWriter(SEED * 1000 + rounds)
        late.start()
        late.written.wait()
        for copy in copies:
            copy.follow()
        late.may_end.set()
        late.join()
    assert writers.failures == []
    for copy in copies:
        copy.follow()
    return writers


def converge(rows: int) -> None:
    world()
    api = bearer()
    copies = [Copy(api, resource) for resource in COPIED]
    for copy in copies:
        copy.follow()
    done = follow_until_quiet(copies, rows).done()
    assert done.total() >= rows - 3
    assert len(done) > 20, done
    for copy in copies:
        fresh = Copy(api, copy.resource)
        fresh.follow()
        wrong = {key for key in copy.rows.keys() | fresh.rows.keys() if copy.rows.get(key) != fresh.rows.get(key)}
        assert not wrong, (copy.resource, {key: (copy.rows.get(key), fresh.rows.get(key)) for key in sorted(wrong)[:3]})


def test_a_copy_ends_equal_after_hundreds_of_random_changes():
    converge(400)


@pytest.mark.walk
def test_a_copy_ends_equal_after_ten_thousand_random_changes():
    converge(10_000)


def test_what_is_committed_late_is_told_to_who_asks_since_settled_at():
    """The change bears a moment before that of the first reading, which did not see it."""
    world()
    copy = Copy(bearer(), "cities")
    late = LateWriter(1)
    late.start()
    late.written.wait()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        asked = cursor.fetchone()[0]
    copy.follow()
    late.may_end.set()
    late.join()
    assert late.writer.done["city_added"] == 1
    fresh = Copy(copy.api, "cities")
    fresh.follow()
    (added,) = fresh.rows.keys() - copy.rows.keys()
    assert datetime.fromisoformat(fresh.rows[added]["updated_at"]) < asked
    copy.follow()
    assert copy.rows == fresh.rows
