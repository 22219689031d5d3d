"""References count up within the year, however many there are, and nobody waits for another's."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from core import references
from core.references import next_reference
from partnerships.models import Agreement
from solidarity.models import Grant
from tests import factories as make


def drawn() -> str:
    return next_reference(Agreement, "AGR")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("there", "following"),
    [
        ([], "AGR-2015-0001"),
        (["AGR-2015-0041"], "AGR-2015-0042"),
        (["AGR-2015-9999", "AGR-2015-0041"], "AGR-2015-10000"),
        (["AGR-2015-9999", "AGR-2015-10000"], "AGR-2015-10001"),
        (["AGR-2015-7", "AGR-2015-0003"], "AGR-2015-0008"),
        # Of another year, of another kind, and what no number is.
        (["AGR-2014-0041", "PRJ-2015-0041", "AGR-2015-41-B", "AGR-2015-4X"], "AGR-2015-0001"),
        (["AGR-2015-12345678", "AGR-2015-123456789"], "AGR-2015-12345679"),
        (["AGR-2015-99999999", "AGR-2015-100000000"], "AGR-2015-100000001"),
    ],
)
@pytest.mark.parametrize("many", [False, True])
def test_the_next_is_one_more_than_the_highest(there, following, many):
    for reference in there:
        make.AgreementFactory(reference=reference)
    if many:
        with references.many():
            assert drawn() == following
    else:
        assert drawn() == following


@pytest.mark.django_db
def test_a_reference_that_nobody_took_is_drawn_again():
    with transaction.atomic():
        first = drawn()
        transaction.set_rollback(True)
    assert drawn() == first


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Agreement, Grant])
def test_the_highest_is_found_by_an_index_whatever_the_year_holds(model):
    plans: list[str] = []
    with connection.cursor() as cursor:
        connection.connection.add_notice_handler(lambda notice: plans.append(notice.message_primary))
        cursor.execute("LOAD 'auto_explain'")
        cursor.execute("SET LOCAL auto_explain.log_min_duration = 0; SET LOCAL auto_explain.log_nested_statements = on")
        cursor.execute("SET LOCAL auto_explain.log_level = notice; SET LOCAL client_min_messages = notice")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SELECT parvis_highest_number(%s::text::regclass, 'AGR-2015-')", [model._meta.db_table])
    (plan,) = [plan for plan in plans if "generate_series" in plan]
    assert f"using {model._meta.model_name}_number" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


@pytest.fixture
def beside():
    """Does something in a transaction of its own that ends with `end(commit)`."""
    ready, go, told = threading.Event(), threading.Event(), {}

    def run(act):
        try:
            with transaction.atomic():
                told["drawn"] = act()
                ready.set()
                go.wait(10)
                transaction.set_rollback(not told["commit"])
        finally:
            ready.set()
            connection.close()

    def begin(act) -> str:
        told["thread"] = threading.Thread(target=run, args=[act])
        told["thread"].start()
        assert ready.wait(10)
        return told["drawn"]

    def end(*, commit: bool) -> None:
        told["commit"] = commit
        go.set()
        told["thread"].join(10)

    yield begin, end
    if not go.is_set():
        end(commit=False)


def add() -> str:
    return Agreement.objects.create(title_fr="Un essai", kind="cooperation").reference


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("commit", "following"), [(True, "AGR-2015-0003"), (False, "AGR-2015-0003")])
def test_two_at_once_do_not_wait_and_do_not_collide(beside, commit, following):
    begin, end = beside
    assert begin(add) == "AGR-2015-0001"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        assert add() == "AGR-2015-0002"
    end(commit=commit)
    assert add() == following
    assert Agreement.objects.count() == 2 + commit


@pytest.mark.django_db
def test_a_number_that_was_committed_since_the_highest_was_read_is_passed_over():
    """As if another had committed between the two: the highest is read as it stood before, and then as it stands."""
    make.AgreementFactory(reference="AGR-2015-0001")
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION parvis_highest_number(regclass, text) RENAME TO as_it_stands")
        cursor.execute("CREATE TEMPORARY SEQUENCE times")
        cursor.execute(
            "CREATE FUNCTION parvis_highest_number(numbered regclass, start text) RETURNS integer LANGUAGE sql AS "
            "$$ SELECT CASE WHEN nextval('times') = 1 THEN 0 ELSE as_it_stands(numbered, start) END $$"
        )
        assert drawn() == "AGR-2015-0002"
        cursor.execute("SELECT last_value FROM times")
        assert cursor.fetchone() == (2,)


@pytest.mark.django_db(transaction=True)
def test_who_draws_many_waits_until_the_others_have_ended(beside):
    begin, end = beside
    begin(add)
    with transaction.atomic(), references.many(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50ms'")
        with pytest.raises(OperationalError):
            drawn()
        transaction.set_rollback(True)
    end(commit=True)
    with transaction.atomic(), references.many():
        assert [add(), add()] == ["AGR-2015-0002", "AGR-2015-0003"]
