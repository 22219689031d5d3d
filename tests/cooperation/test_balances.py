"""The balances of projects are the sums that they stand for, however movements, lines and projects were written."""

import random
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from cooperation.models import Balance, FundingLine, Movement, Project
from cooperation.models.balances import KEPT
from cooperation.selectors import money
from core import clock
from core.access import Parvis
from tests import factories as make
from tests.past import ago
from tests.performance.base import asleep

pytestmark = pytest.mark.django_db

SUMS = ("requested", "committed", "disbursed", "own_cash", "external_cash")


def sql(statement: str, *values) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def differences() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(KEPT.differences)
        return cursor.fetchall()


def kept(project) -> tuple[int, ...]:
    """How many movements, and the sums."""
    balance = Balance.objects.get(project=project)
    return balance.movements, *(getattr(balance, name) for name in SUMS)


NOTHING = (0, 0, 0, 0, 0, 0)


@pytest.fixture
def whole():
    return make.ProjectFactory()


@pytest.fixture
def part(whole):
    return make.ProjectFactory(parent=whole)


@pytest.fixture
def line(part):
    return make.FundingLineFactory(project=part)


class TestEachWrite:
    def test_a_balance_begins_and_ends_with_its_project(self, whole):
        assert kept(whole) == NOTHING
        sql("DELETE FROM cooperation_project WHERE id = %s", whole.pk)
        assert not Balance.objects.exists()

    def test_a_record_deletes_its_balance_and_no_page_is_told_of_it(self, whole):
        assert whole.delete()[1] == {"cooperation.Project": 1}
        assert not Balance.objects.exists()

    def test_movements_of_a_part_count_in_it_and_in_the_whole(self, whole, part, line):
        make.MovementFactory(line=line, kind="requested", amount=700)
        make.MovementFactory(line=line, amount=500)
        paid = make.MovementFactory(line=line, kind="disbursed", amount=200, on=date(2015, 3, 2))
        assert kept(part) == kept(whole) == (3, 700, 500, 200, 500, 0)
        paid.amount = 300
        paid.save()
        assert kept(part) == kept(whole) == (3, 700, 500, 300, 500, 0)
        paid.delete()
        assert kept(part) == kept(whole) == (2, 700, 500, 0, 500, 0)

    def test_another_currency_counts_in_euros(self, line):
        dollars = make.FundingLineFactory(project=line.project, currency="USD")
        move = make.MovementFactory(line=dollars, amount=100, rate=2, rate_on=date(2015, 2, 2))
        assert kept(line.project)[2] == 50
        sql("UPDATE cooperation_movement SET rate = 4 WHERE id = %s", move.pk)
        assert kept(line.project)[2] == 25

    def test_what_a_line_is_and_whose_moves_what_it_brings(self, whole, part, line):
        make.MovementFactory(line=line, amount=500)
        funder = make.OrganisationFactory(kind="foundation")
        FundingLine.objects.filter(pk=line.pk).update(kind="foundation", organisation=funder)
        assert kept(part) == kept(whole) == (1, 0, 500, 0, 0, 500)
        FundingLine.objects.filter(pk=line.pk).update(nature="in-kind")
        assert kept(part) == kept(whole) == (1, 0, 500, 0, 0, 0)
        other = make.ProjectFactory()
        FundingLine.objects.filter(pk=line.pk).update(project=other)
        assert kept(part) == kept(whole) == NOTHING
        assert kept(other) == (1, 0, 500, 0, 0, 0)
        culture = make.CulturalProjectFactory()
        FundingLine.objects.filter(pk=line.pk).update(project=None, cultural_project=culture)
        assert kept(other) == NOTHING
        FundingLine.objects.filter(pk=line.pk).update(project=part, cultural_project=None)
        assert kept(part) == kept(whole) == (1, 0, 500, 0, 0, 0)

    def test_a_part_takes_its_money_to_another_whole_and_out(self, whole, part, line):
        make.MovementFactory(line=line, amount=500)
        other = make.ProjectFactory()
        Project.objects.filter(pk=part.pk).update(parent=other)
        assert (kept(whole), kept(other)[2], kept(part)[2]) == (NOTHING, 500, 500)
        Project.objects.filter(pk=part.pk).update(parent=None)
        assert (kept(whole), kept(other), kept(part)[2]) == (NOTHING, NOTHING, 500)
        Project.objects.filter(pk=part.pk).update(parent=whole)
        assert kept(whole)[2] == kept(part)[2] == 500

    def test_nothing_is_left_when_movements_are_emptied_away(self, whole, part, line):
        make.MovementFactory(line=line)
        with transaction.atomic():
            sql("SET CONSTRAINTS ALL IMMEDIATE")
            sql("TRUNCATE cooperation_movement CASCADE")
        assert kept(part) == kept(whole) == NOTHING

    def test_in_whatever_order_one_transaction_takes_them_away_and_brings_them_back(self, whole, part, line):
        """The database asks for what a row points to at the end only."""
        make.MovementFactory(line=line)
        keys = {"cooperation_fundingline": line.pk, "cooperation_project": part.pk}
        with transaction.atomic():
            for table, key in reversed(keys.items()):
                sql(f"CREATE TEMPORARY TABLE kept_{table} ON COMMIT DROP AS SELECT * FROM {table} WHERE id = %s", key)
                sql(f"DELETE FROM {table} WHERE id = %s", key)
                assert not differences()
                assert kept(whole) == NOTHING
            for table in keys:
                sql(
                    f"INSERT INTO {table} SELECT k.* FROM kept_{table} k"
                    if table == "cooperation_fundingline"
                    else f"INSERT INTO {table} ({columns(Project)}) SELECT {columns(Project)} FROM kept_{table}"
                )
                assert not differences()
            assert kept(whole)[0] == kept(part)[0] == 1

    def test_balances_are_filled_in_one_statement_where_triggers_slept(self, part, line):
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        with asleep(Project, FundingLine, Movement):
            Project.objects.bulk_create([make.ProjectFactory.build(parent=part.parent)])
            Movement.objects.bulk_create([make.MovementFactory.build(line=line, currency="EUR")])
        assert len(differences()) == 3
        sql(KEPT.filled)
        assert not differences()


def columns(model) -> str:
    return ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if not field.generated)


class TestWhatIsSaid:
    def rows(self, reader) -> dict[int, tuple]:
        names = ("pk", "has_money", *SUMS)
        return {row[0]: row[1:] for row in money.with_money(Project.objects.order_by("pk"), reader).values_list(*names)}

    def test_no_movement_is_not_zero(self, part, line):
        assert self.rows(Parvis())[part.pk] == (False, 0, 0, 0, 0, 0)
        for amount in (100, -100):
            make.MovementFactory(line=line, kind="requested", amount=amount)
        assert self.rows(Parvis())[part.pk] == self.rows(Parvis())[part.parent_id] == (True, 0, 0, 0, 0, 0)

    def test_it_is_what_the_sums_are(self, monkeypatch, line):
        make.MovementFactory(line=line, amount=500)
        make.MovementFactory(line=make.FundingLineFactory(project=line.project, external=True), amount=900)
        make.FundingLineFactory(external=True)
        from_balances = self.rows(Parvis())
        monkeypatch.setattr(money, "may", lambda *asked: False)
        assert from_balances == self.rows(Parvis())
        assert from_balances[line.project_id] == (True, 0, 1400, 0, 500, 900)

    def test_it_is_read_from_balances_alone(self):
        read = str(money.with_money(Project.objects.all(), Parvis()).query)
        assert "cooperation_balance" in read
        assert "cooperation_movement" not in read

    def test_a_past_day_has_none_and_is_added_up(self):
        with clock.as_of(ago(3)):
            read = str(money.with_money(Project.objects.all(), Parvis()).query)
        assert "cooperation_balance" not in read
        assert "cooperation_movement" in read

    def test_who_may_not_see_movements_is_told_of_none(self, monkeypatch, part, line):
        make.MovementFactory(line=line)
        blind = Parvis()
        monkeypatch.setattr("core.access.Parvis.has_perm", lambda *asked: asked[1] != "cooperation.view_movement")
        assert self.rows(blind)[part.pk] == (False, 0, 0, 0, 0, 0)


# --- whatever is written, in whatever way ---


class Writes:
    """Random writes by the ORM, in bulk and by SQL; some are refused by a rule of money, and then move nothing."""

    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        wholes = make.ProjectFactory.create_batch(2)
        parts = [make.ProjectFactory(parent=whole) for whole in wholes for _each in range(2)]
        self.lines = [
            make.FundingLineFactory(project=project, label=f"Ligne {number}", **values)
            for number, project in enumerate([*parts, *make.ProjectFactory.create_batch(2)])
            for values in ({}, {"external": True}, {"nature": "in-kind"}, {"currency": "USD"})
        ]
        self.funder = make.OrganisationFactory(kind="foundation").pk

    def line(self) -> int:
        return self.chance.choice(self.lines).pk

    def moved(self) -> Movement:
        line = self.chance.choice(self.lines)
        line.refresh_from_db()
        rated = {} if line.currency == "EUR" else {"rate": self.chance.choice([2, 3]), "rate_on": date(2015, 2, 2)}
        kind = self.chance.choice(["requested", "committed", "committed", "disbursed"])
        return make.MovementFactory.build(
            line=line, kind=kind, amount=self.chance.choice([900, 7, 3, -2]), currency=line.currency, **rated
        )

    def add(self):
        return len(Movement.objects.bulk_create([self.moved() for _each in range(self.chance.randint(1, 3))]))

    def change(self):
        key = self._movement()
        statement = self.chance.choice(
            [
                "UPDATE cooperation_movement SET amount = amount + 1 WHERE id = %s",
                "UPDATE cooperation_movement SET amount = amount + 1 WHERE id <> %s",
                "UPDATE cooperation_movement SET kind = 'requested' WHERE id = %s",
                "UPDATE cooperation_movement SET rate = rate + 1 WHERE id = %s",
                "UPDATE cooperation_movement SET reference = 'inventée' WHERE id = %s",
                "DELETE FROM cooperation_movement WHERE id = %s",
            ]
        )
        return sql(statement, key)

    def to_another_line(self):
        return sql("UPDATE cooperation_movement SET line_id = %s WHERE id = %s", self.line(), self._movement())

    def change_line(self):
        statement = self.chance.choice(
            [
                "UPDATE cooperation_fundingline SET kind = 'own', organisation_id = NULL WHERE id = %s",
                f"UPDATE cooperation_fundingline SET kind = 'other', organisation_id = {self.funder} WHERE id = %s",
                "UPDATE cooperation_fundingline SET nature = 'in-kind' WHERE id = %s",
                "UPDATE cooperation_fundingline SET nature = 'cash' WHERE id <> %s",
            ]
        )
        return sql(statement, self.line())

    def to_another_project(self):
        return sql("UPDATE cooperation_fundingline SET project_id = %s WHERE id = %s", self._project(), self.line())

    def to_another_whole(self):
        parent = self._project() if self.chance.random() < 0.7 else None
        return sql("UPDATE cooperation_project SET parent_id = %s WHERE id = %s", parent, self._project())

    def take_away(self):
        """A part with all its money, from its end or from its beginning: the keys are asked for at the end."""
        project, gone = self._project(), 0
        mine = "(SELECT id FROM cooperation_fundingline WHERE project_id = %s)"
        ways = [
            ("DELETE FROM cooperation_movement WHERE line_id IN " + mine, project),
            ("DELETE FROM cooperation_fundingline WHERE project_id = %s", project),
            ("DELETE FROM cooperation_project WHERE id = %s", project),
        ]
        for statement, key in ways:
            gone += sql(statement, key)
            assert not differences()
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)  # so that there is something left to move
        return gone

    def begin(self):
        return len(Project.objects.bulk_create([make.ProjectFactory.build(parent_id=self._project())]))

    def _movement(self) -> int:
        return self.chance.choice([*Movement.objects.values_list("pk", flat=True), 0])

    def _project(self) -> int:
        return self.chance.choice(list(Project.objects.values_list("pk", flat=True)))


@pytest.mark.parametrize("seed", [1, 2])
def test_after_random_writes_every_balance_is_its_sum(seed):
    writes = Writes(seed)
    ways = [
        writes.add,
        writes.add,
        writes.change,
        writes.change,
        writes.to_another_line,
        writes.change_line,
        writes.to_another_project,
        writes.to_another_whole,
        writes.take_away,
        writes.begin,
    ]
    done = dict.fromkeys((way.__name__ for way in ways), 0)
    for _each in range(150):
        way = writes.chance.choice(ways)
        try:
            with transaction.atomic():
                done[way.__name__] += way()
        except IntegrityError:
            continue  # a rule refused it, and the balance with it
        assert not differences(), way.__name__
    assert all(done.values()), done
    assert Balance.objects.filter(movements__gt=0).count() > 4
