"""The schema `as_of`: in the place of every record's table a view of the same name and columns, with the rows as they stood.

A row is the last event that history keeps of its record from before the moment `parvis.as_of`; a record deleted by then has
none. The views are made anew after each migration, and dropped before it, because no table can be altered under a view.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from core.enums import Audience

SCHEMA = "as_of"
# The setting of a transaction: the rows are told as they stood just before it.
MOMENT = "parvis.as_of"
# The view that tells since when history is kept: its name can be no table's, which all begin with their app's.
BEGINNING = "beginning_of_history"
# Who may do what, and how Parvis works, is always told of today.
OF_TODAY = frozenset(
    {"core.user", "core.userrole", "core.reminderrule", "core.clientaccess", "core.webhooksubscription"}
)

_MOMENT = f"current_setting('{MOMENT}')::timestamptz"
_COLUMNS = """
    SELECT table_.relname, space.nspname, attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
           CASE WHEN attribute.attgenerated <> '' THEN pg_get_expr(value.adbin, value.adrelid) END
      FROM pg_attribute AS attribute
      JOIN pg_class AS table_ ON table_.oid = attribute.attrelid
      JOIN pg_namespace AS space ON space.oid = table_.relnamespace
      LEFT JOIN pg_attrdef AS value ON value.adrelid = attribute.attrelid AND value.adnum = attribute.attnum
     WHERE table_.oid IN (SELECT to_regclass(quote_ident(name)) FROM unnest(%s::text[]) AS name)
       AND attribute.attnum > 0 AND NOT attribute.attisdropped
     ORDER BY table_.relname, attribute.attnum
"""


@dataclass(frozen=True)
class Column:
    """A column as the database has it; `formula` is a generated one's, else None."""

    name: str
    type: str
    formula: str | None

    @property
    def quoted(self) -> str:
        return f'"{self.name}"'


@dataclass(frozen=True)
class Table:
    name: str  # with its schema, quoted
    columns: list[Column]


def told() -> Iterator[type[models.Model]]:
    """The models whose past is told: those that history tracks, and those that say themselves when a row was written."""
    for model in apps.get_models():
        is_history = hasattr(model, "own_history")
        if model._meta.label_lower not in OF_TODAY and (is_history or hasattr(model, "pgh_event_model")):
            yield model


def is_withheld(model: type[models.Model]) -> bool:
    """Whether nothing of its past is shown: history keeps only part of its columns, or the model forbids it."""
    return bool(getattr(model, "untracked", ())) or not getattr(model, "told_as_of", True)


# --- the views ---


def views(using: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
    """The query of each view, by its name; empty while the tables are not there."""
    chosen = list(told())
    names = [name for model in chosen for name in (model._meta.db_table, _events_of(model)) if name]
    tables = _tables(names, using)
    found = {
        model._meta.db_table: _query(model, tables)
        for model in chosen
        if model._meta.db_table in tables and _events_of(model) in (None, *tables)
    }
    events = [tables[name].name for model in chosen if (name := _events_of(model)) in tables]
    return found | {BEGINNING: _beginning(events)} if events else {}


def _events_of(model: type[models.Model]) -> str | None:
    """The table of the model's events; None where the model is a history itself."""
    event = getattr(model, "pgh_event_model", None)
    return event._meta.db_table if event else None


def _tables(names: list[str], using: str) -> dict[str, Table]:
    found: dict[str, Table] = {}
    with connections[using].cursor() as cursor:
        cursor.execute(_COLUMNS, [names])
        for table, schema, *column in cursor.fetchall():
            known = found.setdefault(table, Table(f'"{schema}"."{table}"', []))
            known.columns.append(Column(*column))
    return found


def _query(model: type[models.Model], tables: dict[str, Table]) -> str:
    table = tables[model._meta.db_table]
    events = _events_of(model)
    if is_withheld(model):
        return f"SELECT * FROM {table.name} WHERE false"
    if events is None:
        return f'SELECT * FROM {table.name} WHERE "{model.own_history}" < {_MOMENT}'  # type: ignore[attr-defined]  # told() says so
    return _last_events(model, table, tables[events])


def _last_events(model: type[models.Model], table: Table, events: Table) -> str:
    """Of each record the last event before the moment, unless that is its deletion; generated columns are computed again."""
    kept = {column.name for column in events.columns}
    key = str(model._meta.pk.column)
    audiences = {str(field.column) for field in model._meta.concrete_fields if _is_audience(field)}
    values = [_value(column, kept, audiences, key) for column in table.columns if not column.formula]
    computed = ", ".join(_shown(column) for column in table.columns)
    now = f' LEFT JOIN {table.name} AS now ON now."{key}" = event.pgh_obj_id' if audiences else ""
    return f"""SELECT {computed} FROM (
        SELECT {", ".join(values)} FROM {events.name} AS event{now}
         WHERE event.pgh_created_at < {_MOMENT} AND event.pgh_label <> 'delete' AND NOT EXISTS (
               SELECT FROM {events.name} AS later
                WHERE later.pgh_obj_id = event.pgh_obj_id AND later.pgh_id > event.pgh_id
                  AND later.pgh_created_at < {_MOMENT})
    ) AS past"""


def _value(column: Column, kept: set[str], audiences: set[str], key: str) -> str:
    if column.name == key:
        value = "event.pgh_obj_id"
    elif column.name in audiences:
        value = _narrowest(column.quoted)
    else:
        value = f"event.{column.quoted}" if column.name in kept else "NULL"
    return f"{value}::{column.type} AS {column.quoted}"


def _shown(column: Column) -> str:
    if column.formula is None:
        return f"past.{column.quoted}"
    # Nobody searches in the past: a vector for each row that is read would cost more than the row.
    formula = "NULL" if column.type == "tsvector" else f"({column.formula})"
    return f"{formula}::{column.type} AS {column.quoted}"


def _is_audience(field: models.Field) -> bool:
    values = {value for value, _label in field.flatchoices}
    return bool(values) and values <= set(Audience.values)


def _narrowest(column: str) -> str:
    """The narrower of the audiences of then and now: what was open once and is not any more stays closed, and so does what
    was opened since in the words of then."""
    cases = " ".join(f"WHEN '{value}' IN (event.{column}, now.{column}) THEN '{value}'" for value in Audience.values)
    return f"(CASE {cases} END)"


def _beginning(events: list[str]) -> str:
    firsts = " UNION ALL ".join(f"(SELECT pgh_created_at FROM {name} ORDER BY pgh_id LIMIT 1)" for name in events)
    return f"SELECT min(pgh_created_at) AS moment FROM ({firsts}) AS first"


# --- made and dropped ---


def drop(using: str = DEFAULT_DB_ALIAS, plan=(), **kwargs) -> None:
    """Takes the views away before migrations run; where none has to run, they stay."""
    if plan:
        with connections[using].cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def make(using: str = DEFAULT_DB_ALIAS, **kwargs) -> None:
    """Makes the views, where they are not there already just so. Each reads with the rights of whoever asks it."""
    wanted = views(using)
    statements = [f'CREATE VIEW {SCHEMA}."{name}" WITH (security_invoker) AS {query}' for name, query in wanted.items()]
    known = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", [SCHEMA])
        if cursor.fetchone() == (known,):
            return
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        if statements:
            cursor.execute(f"CREATE SCHEMA {SCHEMA}")
            for statement in statements:
                cursor.execute(statement)
            cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{known}'")
