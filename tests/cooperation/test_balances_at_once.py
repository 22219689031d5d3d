"""Several at once on the money of one project, each in a transaction of its own: everything counts, nobody waits for ever."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from functools import partial

import pytest
from django.db import InternalError, connection, transaction

from cooperation.models import FundingLine, Movement, Project
from tests import factories as make
from tests.cooperation.test_balances import differences, kept
from tests.solidarity.test_overspending import AT_ONCE, answers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lines():
    """One line of each of two parts; their whole has the higher number, so that the order of numbers is not that of wholes."""
    found = make.FundingLineFactory.create_batch(2)
    Project.objects.filter(funding_lines__in=found).update(parent=make.ProjectFactory())
    return list(FundingLine.objects.select_related("project__parent").order_by("pk"))


def add(line, amount=10):
    Movement.objects.bulk_create(
        [make.MovementFactory.build(line_id=line.pk, line=line, amount=amount, currency="EUR")]
    )


def add_to_the_first(lines):
    add(lines[0])


def add_to_the_second(lines):
    add(lines[1])


def take_back(lines):
    Movement.objects.filter(line=lines[0]).order_by("pk").last().delete()


def move_the_part(lines):
    whole = make.ProjectFactory.build()
    Project.objects.bulk_create([whole])
    Project.objects.filter(pk=lines[0].project_id).update(parent=whole)


def free_the_part(lines):
    Project.objects.filter(pk=lines[0].project_id).update(parent=None)


def move_the_line(lines):
    FundingLine.objects.filter(pk=lines[0].pk).update(project=lines[1].project, label="Autre ligne")


def in_turn(lines, first, second, then=None):
    """`first` happens and is not committed yet, `second` waits on a connection of its own; then both get through."""

    def alone():
        try:
            second(lines)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first(lines)
            waiting = pool.submit(alone)
            with pytest.raises(StillWaiting):
                waiting.result(timeout=0.2)
            if then:
                then(lines)
        waiting.result(timeout=30)
    assert not differences()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (add_to_the_first, add_to_the_first),
        (add_to_the_first, add_to_the_second),
        (add_to_the_first, move_the_part),
        (move_the_part, add_to_the_first),
        (add_to_the_first, free_the_part),
        (free_the_part, add_to_the_first),
        (free_the_part, take_back),
        (take_back, move_the_part),
        (add_to_the_first, move_the_line),
        (move_the_line, add_to_the_first),
        (move_the_line, take_back),
        (move_the_line, free_the_part),
        (take_back, add_to_the_first),
    ],
    ids=lambda act: act.__name__,
)
def test_the_second_waits_and_sees_what_the_first_has_done(lines, first, second):
    add(lines[0], 100)
    add(lines[1], 1000)
    in_turn(lines, first, second)


@pytest.mark.parametrize("second", [move_the_part, free_the_part, add_to_the_first])
def test_who_waits_for_a_whole_does_not_hold_its_part(lines, second):
    in_turn(lines, add_to_the_second, second, then=add_to_the_first)
    assert kept(lines[1].project)[0] == 1


def test_crossed_parts_do_not_hold_each_other_for_ever(lines):
    """Each writes to both parts in one transaction, every second one the other way round."""

    def write(order):
        with transaction.atomic():
            for line in order:
                add(line)

    acts = [partial(write, lines[:: 1 if number % 2 else -1]) for number in range(2 * AT_ONCE)]
    assert set(answers(acts)) == {""}
    assert not differences()
    assert kept(lines[0].project.parent)[:3] == (4 * AT_ONCE, 0, 40 * AT_ONCE)


@pytest.mark.parametrize("move", [add_to_the_first, free_the_part, move_the_line])
def test_money_is_not_moved_where_the_others_cannot_be_seen(lines, move):
    add(lines[0])

    def act():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            move(lines)

    with pytest.raises(InternalError, match="read committed"):
        act()
    assert not differences()
