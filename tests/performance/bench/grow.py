"""Twenty times the records, by SQL: each row again with its keys shifted, while no trigger looks."""

from django.db import connection, models, transaction

from cooperation import models as cooperation
from cooperation.models import balances
from solidarity import models as solidarity
from solidarity.models import triggers
from tests.performance.base import analyse

GROWN: list[type[models.Model]] = [
    cooperation.Project,
    cooperation.ProjectCity,
    cooperation.ProjectTheme,
    cooperation.ProjectOrganisation,
    cooperation.ProjectStep,
    cooperation.FundingLine,
    cooperation.Movement,
    cooperation.Forecast,
    solidarity.Grant,
    solidarity.GrantPlace,
    solidarity.Allocation,
    solidarity.Payment,
    solidarity.FinancialReport,
]


def grow(times: int) -> int:
    """Answers how many grants there are then."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in GROWN:
            _multiply(cursor, model, times)
        for kept in (balances.KEPT, triggers.KEPT):
            cursor.execute(kept.filled)
    analyse(vacuum=True)
    return solidarity.Grant._base_manager.count()


def _multiply(cursor, model: type[models.Model], times: int) -> None:
    table = model._meta.db_table
    columns, values = [], []
    for field in model._meta.concrete_fields:
        if isinstance(field, models.GeneratedField):
            continue
        columns.append(f'"{field.column}"')
        values.append(_value(cursor, model, field))
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {table} t CROSS JOIN generate_series(1, {times - 1}) AS n"
    )
    cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _value(cursor, model: type[models.Model], field) -> str:
    column = f't."{field.column}"'
    if field.primary_key:
        return f"t.id + n * {_shift(cursor, model)}"
    if field.is_relation and field.related_model in GROWN:
        return f"{column} + n * {_shift(cursor, field.related_model)}"
    if getattr(field, "unique", False) and isinstance(field, models.CharField):
        return f"n || '-' || {column}"  # no reference that Parvis would count on from
    return column


_shifts: dict[type[models.Model], int] = {}


def _shift(cursor, model: type[models.Model]) -> int:
    """How far the keys of a model are moved for each copy: the same for the rows and for those that point to them."""
    if model not in _shifts:
        cursor.execute(f"SELECT max(id) FROM {model._meta.db_table}")
        _shifts[model] = cursor.fetchone()[0]
    return _shifts[model]
